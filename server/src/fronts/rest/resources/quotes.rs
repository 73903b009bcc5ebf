//! Quotes: what a call would bring, asked before its caller is on the line. A quote has the name of its call; when the caller
//! arrives the call is routed, and to take a quote back its call is canceled.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use dce_engine::commands::{ConfirmQuote, List, QuoteCall};
use dce_engine::event::Event;
use dce_engine::ids::{CallId, ListingId};
use dce_engine::reason::Reason;
use dce_engine::units::Millis;
use dce_engine::views::CallState;
use dce_runtime::views::CallView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calls::{LegJson, leg, look, own_call, read_offer};
use super::terms::ReasonJson;
use crate::catalog::{Call, Quote};
use crate::fronts::rest::App;
use crate::fronts::rest::amount::Amount;
use crate::fronts::rest::asker::{Asker, Side};
use crate::fronts::rest::body::{Body, Params, RepeatKey};
use crate::fronts::rest::facts::FactsJson;
use crate::fronts::rest::id::{CallRef, Id};
use crate::fronts::rest::moment;
use crate::fronts::rest::problem::{Fault, Problem, Problems};
use crate::fronts::rest::reads::ReadParams;
use crate::fronts::rest::router::created;
use crate::identity::Action;

/// The longest that a quote lives.
const LIFE_SECONDS_MAX: u32 = 600;

/// A call that may come.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct NewQuote {
    /// The id of the call, a UUIDv7; the `Idempotency-Key` or a new one if nothing is said.
    id: Option<Id>,
    /// The seller; the asker's own account if nothing is said.
    seller_id: Option<Id>,
    listing_id: Id,
    /// The caller's number in E.164. It becomes a subject id and an area code, and is kept nowhere.
    #[schema(example = "+12065550100")]
    caller: Option<String>,
    /// The caller as an opaque id of the seller's own, in place of a number.
    subject_id: Option<Id>,
    #[serde(default)]
    leg: LegJson,
    /// What is known of it, by the attributes' names: names of values, numbers as decimal strings, true or false.
    #[serde(default)]
    #[schema(value_type = Object)]
    facts: FactsJson,
    /// The least price, in place of the listing's.
    reserve_price: Option<Amount>,
    /// Whether the answer binds: then the buyer's place and money are kept until the caller arrives or the quote lapses.
    #[serde(default)]
    firm: bool,
    /// How long it lives; a minute if nothing is said.
    #[serde(default = "life_seconds")]
    #[schema(minimum = 1, maximum = 600)]
    life_seconds: u32,
}

/// What became of a quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum QuoteStatus {
    /// It says what the call would bring at the moment it was asked, and binds nobody.
    Indicative,
    /// A buyer keeps its place and its money for the caller.
    Firm,
    /// Nobody would buy the call, or it is not for sale.
    Declined,
    /// Its life was over before the caller came.
    Lapsed,
    /// The seller took it back.
    Canceled,
    /// The caller came: see the call.
    Arrived,
}

/// A quote, as its asker may see it.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct QuoteJson {
    /// The id of the call.
    id: Id,
    seller_id: Id,
    /// `seller.call`: how anybody names it.
    reference: String,
    listing_id: Id,
    status: QuoteStatus,
    /// Why it was declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonJson>,
    /// For whom the call is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer_id: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile_id: Option<Id>,
    /// What the buyer would pay; told to operators, and of a firm quote to its buyer.
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<Amount>,
    /// What the seller would get; told to the seller and to operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    payout: Option<Amount>,
    /// When it lapses.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    currency: String,
    /// The place of the log this shows.
    sequence: u64,
}

const fn life_seconds() -> u32 {
    60
}

/// Asks what a call would bring. For the same caller and facts as a quote that still lives the answer is that one, whose call
/// is the one to route. A quote that nobody would give is answered as `declined`.
#[utoipa::path(
    post, path = "/quotes", tag = "quotes", request_body = NewQuote,
    params(("Idempotency-Key" = Option<Id>, Header, description = "A UUIDv7; it becomes the call's id")),
    responses((status = 201, body = QuoteJson), Problems)
)]
pub(in super::super) async fn create(
    State(app): State<App>,
    asker: Asker,
    repeat: RepeatKey,
    Body(said): Body<NewQuote>,
) -> Result<impl IntoResponse, Problem> {
    let seller = asker.account(Action::QuoteCall, said.seller_id)?;
    let call = CallId(repeat.name(said.id)?);
    if !(1..=LIFE_SECONDS_MAX).contains(&said.life_seconds) {
        return Err(Problem::malformed("life_seconds", "a quote lives 1 to 600 seconds"));
    }
    if said.caller.is_some() || !said.facts.is_empty() {
        app.know_names().await?;
    }
    let (subject, facts) = read_offer(&app, (said.caller.as_deref(), said.subject_id), &said.facts)?;
    let quoted = QuoteCall {
        seller,
        call,
        listing: ListingId(said.listing_id.0),
        subject,
        leg: leg(said.leg),
        reserve: said.reserve_price.map(|amount| amount.0),
        facts: List::borrowed(&facts),
        chain: List::new(),
        firm: said.firm,
        life: Millis(said.life_seconds * 1_000),
    };
    let done = app.submit(&quoted.into()).await?;
    let on = CallRef { seller, call: done.events.iter().find_map(named).unwrap_or(call) };
    show(&app, &asker, on, Some(done.sequence.0)).await.map(created)
}

/// What became of a quote: as long as the exchange keeps its call, an hour for one that bound nobody.
#[utoipa::path(
    get, path = "/quotes/{quote_id}", tag = "quotes",
    params(("quote_id" = String, Path, description = "`seller.call`, or the call's id alone for its seller"), ReadParams),
    responses((status = 200, body = QuoteJson), Problems)
)]
pub(in super::super) async fn get(
    State(app): State<App>,
    asker: Asker,
    Path(text): Path<String>,
    Params(params): Params<ReadParams>,
) -> Result<Json<QuoteJson>, Problem> {
    let on = CallRef::parse(&text, asker.own_as_seller(params.account_id)).ok_or(Fault::NotFound)?;
    show(&app, &asker, on, params.min_sequence).await
}

/// Makes an indicative quote bind, over the present state of the market: it may come to another price, or to nobody.
#[utoipa::path(
    post, path = "/quotes/{quote_id}/confirm", tag = "quotes",
    params(("quote_id" = String, Path, description = "`seller.call`, or the call's id alone for its seller"), ReadParams),
    responses((status = 200, body = QuoteJson), Problems)
)]
pub(in super::super) async fn confirm(
    State(app): State<App>,
    asker: Asker,
    Path(text): Path<String>,
    Params(params): Params<ReadParams>,
) -> Result<Json<QuoteJson>, Problem> {
    let on = own_call(&asker, Action::ConfirmQuote, &text, &params)?;
    let done = app.submit(&ConfirmQuote::new(on.seller, on.call).into()).await?;
    show(&app, &asker, on, Some(done.sequence.0)).await
}

/// The call that an answer to a question for a quote is about.
const fn named(event: &Event) -> Option<CallId> {
    match *event {
        Event::CallQuoted { call, .. }
        | Event::CallReserved { call, .. }
        | Event::QuoteDeclined { call, .. }
        | Event::QuoteLapsed { call, .. }
        | Event::CallCanceled { call, .. }
        | Event::CallOffered { call, .. } => Some(call),
        _ => None,
    }
}

/// A quote as the asker may see it: to anybody but its seller, its buyer and operators there is no such quote.
async fn show(app: &App, asker: &Asker, on: CallRef, min_sequence: Option<u64>) -> Result<Json<QuoteJson>, Problem> {
    let shown = app.shown(min_sequence).await?;
    let view = look(&shown, asker, on)?;
    let catalog = shown.catalog();
    let call = catalog.calls.get(&(on.seller, on.call)).ok_or(Fault::NotFound)?;
    let quote = call.quote.as_ref().ok_or(Fault::NotFound)?;
    Ok(Json(quote_json(app, asker, (call, quote, &view), shown.sequence(&catalog))))
}

fn quote_json(app: &App, asker: &Asker, (row, quote, view): (&Call, &Quote, &CallView), sequence: u64) -> QuoteJson {
    let (side, on) = (asker.side(), CallRef { seller: row.seller, call: row.call });
    let status = status_of(quote, view);
    // What became of the call after its arrival is the call's to tell.
    let is_kept = status == QuoteStatus::Firm;
    QuoteJson {
        id: Id(row.call.0),
        seller_id: Id(row.seller.0),
        reference: on.to_string(),
        listing_id: Id(row.listing.0),
        status,
        reason: view.reason.filter(|_| status == QuoteStatus::Declined).map(ReasonJson::from),
        buyer_id: view.buyer.filter(|_| is_kept).map(|buyer| Id(buyer.0)),
        profile_id: view.profile.filter(|_| is_kept).map(|profile| Id(profile.0)),
        price: quote
            .terms
            .filter(|_| side == Side::House || side == Side::Buyer && quote.is_firm)
            .map(|terms| Amount(terms.price)),
        payout: quote.terms.filter(|_| side != Side::Buyer).map(|terms| Amount(terms.payout)),
        expires_at: quote.terms.map(|terms| moment::text(terms.expires_at)),
        currency: app.currency(),
        sequence,
    }
}

fn status_of(quote: &Quote, view: &CallView) -> QuoteStatus {
    match view.reason {
        _ if quote.has_arrived => QuoteStatus::Arrived,
        _ if view.state == CallState::Quoted && quote.is_firm => QuoteStatus::Firm,
        Some(Reason::QuoteLapsed) => QuoteStatus::Lapsed,
        Some(Reason::SellerCanceled) => QuoteStatus::Canceled,
        Some(_) => QuoteStatus::Declined,
        None => QuoteStatus::Indicative,
    }
}
