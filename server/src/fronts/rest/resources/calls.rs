//! Calls: registered or offered by their sellers, and reported on until they are over.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use dce_engine::commands::{Command, List, OfferCall, RegisterCall};
use dce_engine::event::Role;
use dce_engine::ids::{AccountId, CallId, ListingId, SubjectId};
use dce_engine::terms::Leg;
use dce_history::CallRow;
use dce_runtime::views::CallView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::terms::{ReasonJson, address};
use crate::catalog::Call;
use crate::fronts::rest::App;
use crate::fronts::rest::amount::Amount;
use crate::fronts::rest::asker::{Asker, Side};
use crate::fronts::rest::body::{Body, MayBody, Params, RepeatKey};
use crate::fronts::rest::caller::Caller;
use crate::fronts::rest::facts::{FactsJson, facts};
use crate::fronts::rest::id::{CallRef, Id};
use crate::fronts::rest::moment::{self, Moment};
use crate::fronts::rest::past::{call_cursor, call_place, period, remembered};
use crate::fronts::rest::problem::{Fault, Problem, Problems};
use crate::fronts::rest::reads::{ListParams, Page, ReadParams, Shown};
use crate::fronts::rest::router::created;
use crate::identity::Action;

pub(in super::super) use report::*;
pub(in super::super) use status::CallStatus;

use sketch::sketch;

mod report;
mod sketch;
mod status;

/// How the caller came to be on the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum LegJson {
    /// The consumer dialled.
    #[default]
    ConsumerInbound,
    /// A call centre dialled the consumer and transfers.
    OutboundTransfer,
    /// The consumer asked to be called back.
    Callback,
}

/// A new call.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct NewCall {
    /// Its id, a UUIDv7; the `Idempotency-Key` or a new one if nothing is said.
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
    /// Sells it at once, by standing bids. Otherwise it waits for its auction, or to be routed.
    #[serde(default)]
    route: bool,
    /// The least price, in place of the listing's; for a call that is routed at once.
    reserve_price: Option<Amount>,
}

/// Who is on the line, where the call was quoted: the caller it was quoted for.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Arrival {
    /// The caller's number in E.164. It becomes a subject id, and is kept nowhere.
    #[schema(example = "+12065550100")]
    caller: Option<String>,
    /// The caller as an opaque id of the seller's own, in place of a number.
    subject_id: Option<Id>,
}

/// Which calls are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct CallParams {
    /// Whose, sold or bought, where the asker may see several: an operator names the account.
    account_id: Option<Id>,
    /// Answer once this place of the log is shown: the `sequence` of an earlier answer.
    min_sequence: Option<u64>,
    /// At most so many items; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// Where the last page ended: its `next_cursor`.
    cursor: Option<String>,
    /// Only those that have come so far.
    status: Option<CallStatus>,
    /// Those that became known from this moment on: RFC 3339, or a day. With it, or with `to`, the history is read.
    from: Option<Moment>,
    /// Those that became known before this moment.
    to: Option<Moment>,
}

/// A call, as its asker may see it.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct CallJson {
    /// As its seller named it.
    id: Id,
    seller_id: Id,
    /// `seller.call`: how anybody names it.
    reference: String,
    listing_id: Id,
    status: CallStatus,
    /// Why it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reserve_price: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer_id: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile_id: Option<Id>,
    /// What the buyer pays; told to the buyer and to operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<Amount>,
    /// What the seller gets; told to the seller and to operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    payout: Option<Amount>,
    /// Which delivery of the call this is, from 1; 0 before a sale.
    attempt: u8,
    /// Which of the buyer's destinations was dialled last, from 0.
    destination_index: u8,
    /// Where to dial; told to the seller and to operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ring_until: Option<String>,
    /// How long caller and buyer talked, once it is over.
    duration_ms: u32,
    /// A reporter's clock ran further than the log's.
    flagged: bool,
    /// The buyer paid.
    charged: bool,
    /// The seller was paid.
    paid_out: bool,
    currency: String,
    created_at: String,
    /// The place of the log this shows.
    sequence: u64,
}

/// Registers a call, or sells it at once.
#[utoipa::path(
    post, path = "/calls", tag = "calls", request_body = NewCall,
    params(("Idempotency-Key" = Option<Id>, Header, description = "A UUIDv7; it becomes the call's id")),
    responses((status = 201, body = CallJson), Problems)
)]
pub(in super::super) async fn create(
    State(app): State<App>,
    asker: Asker,
    repeat: RepeatKey,
    Body(said): Body<NewCall>,
) -> Result<impl IntoResponse, Problem> {
    let action = if said.route { Action::OfferCall } else { Action::RegisterCall };
    let seller = asker.account(action, said.seller_id)?;
    let call = CallId(repeat.name(said.id)?);
    if said.caller.is_some() || !said.facts.is_empty() {
        app.know_names().await?;
    }
    let (subject, facts) = read_offer(&app, (said.caller.as_deref(), said.subject_id), &said.facts)?;
    let (listing, leg, facts) = (ListingId(said.listing_id.0), leg(said.leg), List::borrowed(&facts));
    let chain = List::new();
    let command: Command<'_> = if said.route {
        let reserve = said.reserve_price.map(|amount| amount.0);
        OfferCall { seller, call, listing, subject, leg, window: None, reserve, facts, chain }.into()
    } else if said.reserve_price.is_some() {
        let words = "a call that waits has its reserve with its auction";
        return Err(Problem::malformed("reserve_price", words));
    } else {
        RegisterCall { seller, call, listing, subject, leg, facts, chain }.into()
    };
    let done = app.submit(&command).await?;
    let on = CallRef { seller, call };
    if done.repeated {
        // It may have come further since.
        return show(&app, &asker, on, Some(done.sequence.0)).await.map(created);
    }
    let (row, view) = sketch(on, listing, said.reserve_price.map(|amount| amount.0), &done);
    Ok(created(Json(call_json(&app, &asker, &row, &view, done.sequence.0))))
}

/// Sells a registered call at once, by standing bids. Of a call that was quoted it says that the caller has arrived: a firm
/// quote's call goes to its buyer, an indicative one's is sold now. A caller who is not anonymous is named again.
#[utoipa::path(
    post, path = "/calls/{call_id}/route", tag = "calls", request_body(content = Arrival, description = "May be left out"),
    params(("call_id" = String, Path, description = "`seller.call`, or the call's id alone for its seller"), ReadParams),
    responses((status = 200, body = CallJson), Problems)
)]
pub(in super::super) async fn route(
    State(app): State<App>,
    asker: Asker,
    Path(text): Path<String>,
    Params(params): Params<ReadParams>,
    MayBody(said): MayBody<Arrival>,
) -> Result<impl IntoResponse, Problem> {
    let on = own_call(&asker, Action::OfferCall, &text, &params)?;
    let shown = app.shown(Some(app.newest().0)).await?;
    let listing = shown.catalog().calls.get(&(on.seller, on.call)).map(|call| call.listing).ok_or(Fault::NotFound)?;
    let (subject, _) = read_caller(&app, (said.caller.as_deref(), said.subject_id))?;
    let done = app.submit(&OfferCall::new(on.seller, on.call, listing).subject(subject).into()).await?;
    show(&app, &asker, on, Some(done.sequence.0)).await
}

/// The calls the asker may see: a seller its own, a buyer those it bought, oldest first. Without a period those that the
/// exchange keeps, one seller after the other; of a period those of the history, by time.
#[utoipa::path(
    get, path = "/calls", tag = "calls", params(CallParams),
    responses((status = 200, body = Page<CallJson>), Problems)
)]
pub(in super::super) async fn list(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<CallParams>,
) -> Result<Json<Page<CallJson>>, Problem> {
    let CallParams { account_id, min_sequence, limit, cursor, status, from, to } = params;
    let params = ListParams { account_id, min_sequence, limit, cursor };
    if from.is_some() || to.is_some() {
        return list_past(&app, &asker, &params, (from, to), status).await.map(Json);
    }
    let scope = asker.scope(Action::QueryCall, params.account_id)?;
    let limit = params.limit(&app)?;
    let after = params.cursor::<2>()?.map(|[seller, call]| (AccountId(seller), CallId(call)));
    let shown = app.shown(params.min_sequence).await?;
    let catalog = shown.catalog();
    let sequence = shown.sequence(&catalog);
    let known = |(seller, call): (AccountId, CallId)| {
        let (row, view) = (catalog.calls.get(&(seller, call))?, shown.views.call(seller, call)?);
        status.is_none_or(|status| status == CallStatus::of(&view)).then_some((row, view))
    };
    let place = |(call, _): &(&Call, CallView)| [call.seller.0, call.call.0];
    let json = |(call, view): (&Call, CallView)| call_json(&app, &asker, call, &view, sequence);
    // An operator's list is of the account it names, whichever side that is on.
    let is_buyer = |account: &AccountId| shown.views.account(*account).is_some_and(|view| view.role == Role::Buyer);
    let page = match scope.filter(is_buyer) {
        Some(buyer) => {
            let bought = catalog.bought_by(buyer, after).filter_map(known);
            Page::of(bought.filter(|(_, view)| view.buyer == Some(buyer)), limit, sequence, place, json)
        }
        None => {
            let sold = catalog.calls_of(scope, after).filter_map(|(key, _)| known(*key));
            Page::of(sold, limit, sequence, place, json)
        }
    };
    Ok(Json(page))
}

/// The calls of a period, from the history.
async fn list_past(
    app: &App,
    asker: &Asker,
    params: &ListParams,
    (from, to): (Option<Moment>, Option<Moment>),
    status: Option<CallStatus>,
) -> Result<Page<CallJson>, Problem> {
    let party = asker.scope(Action::QueryCall, params.account_id)?;
    let (limit, period) = (params.limit(app)?, period(from, to)?);
    let after = params.cursor::<3>()?.map(call_cursor);
    let past = app.past(params.min_sequence).await?;
    let found = past.history.calls((party, period), after, limit, |row| {
        // A call that went to somebody else in the end is no longer a buyer's.
        let is_of = |party| row.seller == party || row.story.view().buyer == Some(party);
        let is_wanted = status.is_none_or(|status| status == row.status().into());
        is_wanted && party.is_none_or(is_of)
    })?;
    let show = |row: CallRow| call_json(app, asker, &remembered(&row), row.story.view(), past.sequence);
    Ok(Page::of_past(found, past.sequence, call_place, show))
}

/// One call, also long after the exchange sealed it.
#[utoipa::path(
    get, path = "/calls/{call_id}", tag = "calls",
    params(("call_id" = String, Path, description = "`seller.call`, or the call's id alone for its seller"), ReadParams),
    responses((status = 200, body = CallJson), Problems)
)]
pub(in super::super) async fn get(
    State(app): State<App>,
    asker: Asker,
    Path(text): Path<String>,
    Params(params): Params<ReadParams>,
) -> Result<Json<CallJson>, Problem> {
    let on = CallRef::parse(&text, asker.own_as_seller(params.account_id)).ok_or(Fault::NotFound)?;
    show(&app, &asker, on, params.min_sequence).await
}

/// A call that the asker may do something to, as its seller.
pub(in super::super) fn own_call(
    asker: &Asker,
    action: Action,
    text: &str,
    params: &ReadParams,
) -> Result<CallRef, Problem> {
    let on = CallRef::parse(text, asker.own_as_seller(params.account_id)).ok_or(Fault::NotFound)?;
    // Another seller's call is no call of this one's: whether there is one is nobody's business.
    if asker.sees(action, on.seller) { Ok(on) } else { Err(Fault::NotFound.into()) }
}

/// What a request says of the caller and the call.
pub(in super::super) fn read_offer(
    app: &App,
    who: (Option<&str>, Option<Id>),
    said: &FactsJson,
) -> Result<(SubjectId, Vec<dce_engine::terms::Fact>), Problem> {
    let (subject, caller) = read_caller(app, who)?;
    let area_code = caller.as_ref().and_then(Caller::area_code);
    let facts = facts(said, area_code, &app.hub().shelf.look().vocabulary)?;
    Ok((subject, facts))
}

/// Who calls, by number or by subject; an anonymous caller by neither.
fn read_caller(
    app: &App,
    (number, subject_id): (Option<&str>, Option<Id>),
) -> Result<(SubjectId, Option<Caller>), Problem> {
    let caller = match number {
        None => None,
        Some(_) if subject_id.is_some() => {
            return Err(Problem::malformed("subject_id", "a caller is a number or a subject, not both"));
        }
        Some(text) => Some(Caller::parse(text).ok_or_else(|| Problem::from(Fault::CallerMalformed).field("caller"))?),
    };
    let subject = caller.as_ref().map(|caller| caller.subject(&app.0.caller_key));
    let subject = subject.or_else(|| subject_id.map(|id| SubjectId(id.0))).unwrap_or_default();
    Ok((subject, caller))
}

pub(in super::super) const fn leg(said: LegJson) -> Leg {
    match said {
        LegJson::ConsumerInbound => Leg::ConsumerInbound,
        LegJson::OutboundTransfer => Leg::OutboundTransfer,
        LegJson::Callback => Leg::Callback,
    }
}

/// A call as the asker may see it: to anybody but its seller, its buyer and operators there is no such call.
pub(in super::super) async fn show(
    app: &App,
    asker: &Asker,
    on: CallRef,
    min_sequence: Option<u64>,
) -> Result<Json<CallJson>, Problem> {
    let shown = app.shown(min_sequence).await?;
    if shown.views.call(on.seller, on.call).is_some() {
        let view = look(&shown, asker, on)?;
        let catalog = shown.catalog();
        if let Some(call) = catalog.calls.get(&(on.seller, on.call)) {
            return Ok(Json(call_json(app, asker, call, &view, shown.sequence(&catalog))));
        }
    }
    let (row, sequence) = look_back(app, asker, on).await?;
    Ok(Json(call_json(app, asker, &remembered(&row), row.story.view(), sequence)))
}

/// A call of the history, if the asker may see it.
pub(in super::super) async fn look_back(app: &App, asker: &Asker, on: CallRef) -> Result<(CallRow, u64), Problem> {
    let past = app.past(None).await?;
    let row = past.history.call((on.seller, on.call))?.ok_or(Fault::NotFound)?;
    if may_see(asker, on, row.story.view()) { Ok((row, past.sequence)) } else { Err(Fault::NotFound.into()) }
}

/// The view of a call, if the asker may see it.
pub(in super::super) fn look(shown: &Shown<'_>, asker: &Asker, on: CallRef) -> Result<CallView, Problem> {
    let view = shown.views.call(on.seller, on.call).ok_or(Fault::NotFound)?;
    if may_see(asker, on, &view) { Ok(view) } else { Err(Fault::NotFound.into()) }
}

fn may_see(asker: &Asker, on: CallRef, view: &CallView) -> bool {
    match asker.side() {
        Side::House => true,
        Side::Seller => on.seller == asker.own(),
        Side::Buyer => view.buyer == Some(asker.own()),
    }
}

fn call_json(app: &App, asker: &Asker, row: &Call, view: &CallView, sequence: u64) -> CallJson {
    let is_seller = asker.side() == Side::Seller;
    let is_buyer = asker.side() == Side::Buyer;
    let is_sold = view.buyer.is_some();
    let dialed = row.dialed.filter(|_| !is_buyer && !view.state.is_closed());
    let on = CallRef { seller: row.seller, call: row.call };
    CallJson {
        id: Id(row.call.0),
        seller_id: Id(row.seller.0),
        reference: on.to_string(),
        listing_id: Id(row.listing.0),
        status: CallStatus::of(view),
        reason: view.reason.map(ReasonJson::from),
        reserve_price: row.reserve.filter(|_| !is_buyer).map(Amount),
        buyer_id: view.buyer.map(|buyer| Id(buyer.0)),
        profile_id: view.profile.map(|profile| Id(profile.0)),
        price: (is_sold && !is_seller).then_some(Amount(view.price)),
        payout: (is_sold && !is_buyer).then_some(Amount(view.payout)),
        attempt: view.attempt,
        destination_index: view.destination_index,
        destination: dialed.map(|dialed| address(&dialed.destination)),
        ring_until: dialed.map(|dialed| moment::text(dialed.ring_until)),
        duration_ms: view.connected.0,
        flagged: view.flagged,
        charged: view.revenue_posted,
        paid_out: view.payout_posted,
        currency: app.currency(),
        created_at: moment::text(row.known_at),
        sequence,
    }
}
