//! Listings: what is for sale, and on which terms. What is set beside the terms changes one part at a time, because each
//! part is a command. Off the market is for good.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use dce_engine::commands::{Command, CreateListing, Delist, SetDelivery, SetDisclosure, SetPrivate, SetWindow};
use dce_engine::ids::{AccountId, CalendarId, ListingId, VerticalId};
use dce_engine::terms::{Payout, PricingRule};
use dce_engine::units::{BasisPoints, Millis, Money, Seconds};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::terms::{DestinationJson, PayTermJson};
use crate::catalog::Listing;
use crate::fronts::rest::App;
use crate::fronts::rest::amount::Amount;
use crate::fronts::rest::asker::Asker;
use crate::fronts::rest::body::{Body, Params, RepeatKey};
use crate::fronts::rest::etag::{IfMatch, etag};
use crate::fronts::rest::id::Id;
use crate::fronts::rest::moment;
use crate::fronts::rest::problem::{Fault, Problem, Problems};
use crate::fronts::rest::reads::{ListParams, Page, ReadParams};
use crate::fronts::rest::router::created;
use crate::identity::Action;

/// What the winner pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum PricingJson {
    /// Its own bid.
    #[default]
    FirstPrice,
    /// The runner-up's, and the increment.
    SecondPrice,
}

/// What the seller gets: exactly one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct PayoutJson {
    /// The same amount for each call.
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<Amount>,
    /// A share of the price, in hundredths of a per cent.
    #[serde(skip_serializing_if = "Option::is_none")]
    share_basis_points: Option<u16>,
}

/// A new listing. What is left out is as the engine has it: vertical 0, first price, no reserve, the whole price to the
/// seller on connect, calls of at most an hour, sealed and binding bids, always open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct NewListing {
    /// Its id; the `Idempotency-Key` or a new one if nothing is said.
    id: Option<Id>,
    /// The seller.
    seller_id: Id,
    vertical: Option<u16>,
    pricing: Option<PricingJson>,
    /// The least price.
    reserve_price: Option<Amount>,
    /// What a second price adds.
    increment: Option<Amount>,
    payout: Option<PayoutJson>,
    payout_term: Option<PayTermJson>,
    /// The least that must remain of the price after the payout.
    margin_min: Option<Amount>,
    /// The longest a call may last, and the longest a registered one waits to be offered.
    duration_max_seconds: Option<u32>,
    /// Bidders are told whether they lead.
    open: Option<bool>,
    /// Bids may be lowered and withdrawn while the auction is open.
    withdrawable: Option<bool>,
    /// The seller's calendar by which calls are for sale.
    hours_id: Option<Id>,
}

/// A change of a listing: exactly one part.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct ListingChange {
    /// How its auctions end.
    window: Option<WindowJson>,
    /// Whether only buyers with a deal compete.
    private: Option<bool>,
    /// Whether losers are told the least amount with which they would have won.
    tells_price_to_win: Option<bool>,
    /// What becomes of calls that come back.
    delivery: Option<DeliveryJson>,
}

/// How auctions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct WindowJson {
    /// As soon as nobody still out can win.
    early_close: bool,
    /// How long the invited have for their first answer; 0 is the whole window.
    answer_within_ms: u32,
}

/// What becomes of calls that come back, or that nobody buys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct DeliveryJson {
    /// An answered call that the buyer's side ends before so many seconds is sold again; 0 is never.
    recover_below_seconds: u32,
    /// How often, for one call.
    recoveries_max: u8,
    /// Where a call goes that nobody buys.
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback: Option<DestinationJson>,
}

/// A listing.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct ListingJson {
    id: Id,
    seller_id: Id,
    /// `active`, or `delisted`: nothing new is sold under it.
    #[schema(example = "active")]
    status: &'static str,
    vertical: u16,
    pricing: PricingJson,
    reserve_price: Amount,
    increment: Amount,
    payout: PayoutJson,
    payout_term: PayTermJson,
    margin_min: Amount,
    duration_max_seconds: u32,
    open: bool,
    withdrawable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    hours_id: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<WindowJson>,
    private: bool,
    tells_price_to_win: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<DeliveryJson>,
    currency: String,
    created_at: String,
    /// The place of the log this shows.
    sequence: u64,
}

/// Creates a listing.
#[utoipa::path(
    post, path = "/listings", tag = "listings", request_body = NewListing,
    params(("Idempotency-Key" = Option<Id>, Header, description = "A UUIDv7; it becomes the listing's id")),
    responses((status = 201, body = ListingJson), Problems)
)]
pub(in super::super) async fn create(
    State(app): State<App>,
    asker: Asker,
    repeat: RepeatKey,
    Body(said): Body<NewListing>,
) -> Result<impl IntoResponse, Problem> {
    let seller = asker.account(Action::CreateListing, Some(said.seller_id))?;
    let command = command_of(seller, ListingId(repeat.name(said.id)?), &said)?;
    let done = app.submit(&command.into()).await?;
    show(&app, (seller, command.listing), Some(done.sequence.0)).await.map(created)
}

/// The listings the asker may see.
#[utoipa::path(
    get, path = "/listings", tag = "listings", params(ListParams),
    responses((status = 200, body = Page<ListingJson>), Problems)
)]
pub(in super::super) async fn list(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<ListParams>,
) -> Result<Json<Page<ListingJson>>, Problem> {
    let scope = asker.scope(Action::QueryListing, params.account_id)?;
    let limit = params.limit(&app)?;
    let after = params.cursor::<2>()?.map(|[seller, listing]| (AccountId(seller), ListingId(listing)));
    let shown = app.shown(params.min_sequence).await?;
    let catalog = shown.catalog();
    let sequence = shown.sequence(&catalog);
    let page = Page::of(
        catalog.listings_of(scope, after),
        limit,
        sequence,
        |((seller, listing), _)| [seller.0, listing.0],
        |(_, listing)| listing_json(&app, listing, sequence),
    );
    Ok(Json(page))
}

/// One listing. Its ETag is what `If-Match` of a change is compared with.
#[utoipa::path(
    get, path = "/listings/{listing_id}", tag = "listings",
    params(("listing_id" = Id, Path), ReadParams),
    responses((status = 200, body = ListingJson), Problems)
)]
pub(in super::super) async fn get(
    State(app): State<App>,
    asker: Asker,
    Path(listing): Path<String>,
    Params(params): Params<ReadParams>,
) -> Result<impl IntoResponse, Problem> {
    let key = key_of(&asker, Action::QueryListing, &listing, params.account_id)?;
    show(&app, key, params.min_sequence).await
}

/// Changes one part of a listing.
#[utoipa::path(
    patch, path = "/listings/{listing_id}", tag = "listings", request_body = ListingChange,
    params(
        ("listing_id" = Id, Path), ReadParams,
        ("If-Match" = Option<String>, Header, description = "The ETag the change is based on"),
    ),
    responses((status = 200, body = ListingJson), Problems)
)]
pub(in super::super) async fn change(
    State(app): State<App>,
    asker: Asker,
    Path(listing): Path<String>,
    Params(params): Params<ReadParams>,
    condition: IfMatch,
    Body(said): Body<ListingChange>,
) -> Result<impl IntoResponse, Problem> {
    let key = key_of(&asker, Action::SetWindow, &listing, params.account_id)?;
    let command = change_of(key, &said)?;
    let one_at_a_time = app.one_at_a_time(key.0, condition).await;
    judge(&app, key, condition).await?;
    let done = app.submit(&command).await?;
    drop(one_at_a_time);
    show(&app, key, Some(done.sequence.0)).await
}

/// Takes a listing off the market for good: its calls go on to their end, nothing else begins under it or is set of it.
#[utoipa::path(
    delete, path = "/listings/{listing_id}", tag = "listings",
    params(
        ("listing_id" = Id, Path), ReadParams,
        ("If-Match" = Option<String>, Header, description = "The ETag the decision is based on"),
    ),
    responses((status = 204, description = "It is off the market"), Problems)
)]
pub(in super::super) async fn delist(
    State(app): State<App>,
    asker: Asker,
    Path(listing): Path<String>,
    Params(params): Params<ReadParams>,
    condition: IfMatch,
) -> Result<StatusCode, Problem> {
    let key = key_of(&asker, Action::Delist, &listing, params.account_id)?;
    let _one_at_a_time = app.one_at_a_time(key.0, condition).await;
    judge(&app, key, condition).await?;
    app.submit(&Delist::new(key.0, key.1).into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether there is the listing and it meets the condition.
async fn judge(app: &App, key: (AccountId, ListingId), condition: IfMatch) -> Result<(), Problem> {
    let shown = app.shown(Some(app.newest().0)).await?;
    let changed = shown.catalog().listings.get(&key).map(|listing| listing.changed).ok_or(Fault::NotFound)?;
    condition.judge(changed)
}

/// The listing that a path names: of the asker, or of the account an operator names.
fn key_of(asker: &Asker, action: Action, text: &str, named: Option<Id>) -> Result<(AccountId, ListingId), Problem> {
    let seller = asker.account(action, named)?;
    let listing = text.parse::<Id>().map_err(|_| Fault::NotFound)?;
    Ok((seller, ListingId(listing.0)))
}

async fn show(
    app: &App,
    key: (AccountId, ListingId),
    min_sequence: Option<u64>,
) -> Result<impl IntoResponse + use<>, Problem> {
    let shown = app.shown(min_sequence).await?;
    let catalog = shown.catalog();
    let listing = catalog.listings.get(&key).ok_or(Fault::NotFound)?;
    Ok((etag(listing.changed), Json(listing_json(app, listing, shown.sequence(&catalog)))))
}

fn command_of(seller: AccountId, listing: ListingId, said: &NewListing) -> Result<CreateListing, Problem> {
    let usual = CreateListing::of(seller, listing);
    let amount = |said: Option<Amount>, usual: Money| said.map_or(usual, |said| said.0);
    Ok(CreateListing {
        vertical: said.vertical.map_or(usual.vertical, VerticalId),
        pricing: match said.pricing.unwrap_or_default() {
            PricingJson::FirstPrice => PricingRule::FirstPrice,
            PricingJson::SecondPrice => PricingRule::SecondPrice,
        },
        reserve: amount(said.reserve_price, usual.reserve),
        increment: amount(said.increment, usual.increment),
        payout: match said.payout {
            None => usual.payout,
            Some(PayoutJson { fixed: Some(amount), share_basis_points: None }) => Payout::Fixed(amount.0),
            Some(PayoutJson { fixed: None, share_basis_points: Some(share) }) => Payout::Share(BasisPoints(share)),
            Some(_) => return Err(Problem::malformed("payout", "expected exactly one of fixed, share_basis_points")),
        },
        payout_term: said.payout_term.map_or(usual.payout_term, Into::into),
        margin_min: amount(said.margin_min, usual.margin_min),
        duration_max: said.duration_max_seconds.map_or(usual.duration_max, Seconds),
        open: said.open.unwrap_or(usual.open),
        withdrawable: said.withdrawable.unwrap_or(usual.withdrawable),
        hours: said.hours_id.map(|id| CalendarId(id.0)),
        ..usual
    })
}

fn change_of((seller, listing): (AccountId, ListingId), said: &ListingChange) -> Result<Command<'static>, Problem> {
    match said {
        ListingChange { window: Some(window), private: None, tells_price_to_win: None, delivery: None } => {
            let (early_close, answer_within) = (window.early_close, Millis(window.answer_within_ms));
            Ok(SetWindow { seller, listing, early_close, answer_within }.into())
        }
        ListingChange { window: None, private: Some(private), tells_price_to_win: None, delivery: None } => {
            Ok(SetPrivate::of(seller, listing, *private).into())
        }
        ListingChange { window: None, private: None, tells_price_to_win: Some(price_to_win), delivery: None } => {
            Ok(SetDisclosure { seller, listing, price_to_win: *price_to_win }.into())
        }
        ListingChange { window: None, private: None, tells_price_to_win: None, delivery: Some(delivery) } => {
            let fallback = delivery.fallback.as_ref().map(|fallback| fallback.target("delivery.fallback.address"));
            let (recover_below, recoveries_max) = (Seconds(delivery.recover_below_seconds), delivery.recoveries_max);
            Ok(SetDelivery { seller, listing, recover_below, recoveries_max, fallback: fallback.transpose()? }.into())
        }
        _ => Err(Problem::from(Fault::FieldMalformed)
            .because("a change is exactly one of window, private, tells_price_to_win, delivery")),
    }
}

fn listing_json(app: &App, row: &Listing, sequence: u64) -> ListingJson {
    let terms = &row.terms;
    ListingJson {
        id: Id(terms.listing.0),
        seller_id: Id(terms.seller.0),
        status: if row.is_delisted { "delisted" } else { "active" },
        vertical: terms.vertical.0,
        pricing: match terms.pricing {
            PricingRule::FirstPrice => PricingJson::FirstPrice,
            PricingRule::SecondPrice => PricingJson::SecondPrice,
        },
        reserve_price: Amount(terms.reserve),
        increment: Amount(terms.increment),
        payout: match terms.payout {
            Payout::Fixed(amount) => PayoutJson { fixed: Some(Amount(amount)), share_basis_points: None },
            Payout::Share(share) => PayoutJson { fixed: None, share_basis_points: Some(share.0) },
        },
        payout_term: terms.payout_term.into(),
        margin_min: Amount(terms.margin_min),
        duration_max_seconds: terms.duration_max.0,
        open: terms.open,
        withdrawable: terms.withdrawable,
        hours_id: terms.hours.map(|hours| Id(hours.0)),
        window: row
            .window
            .map(|window| WindowJson { early_close: window.early_close, answer_within_ms: window.answer_within.0 }),
        private: row.is_private,
        tells_price_to_win: row.tells_price_to_win,
        delivery: row.delivery.as_ref().map(|delivery| DeliveryJson {
            recover_below_seconds: delivery.recover_below.0,
            recoveries_max: delivery.recoveries_max,
            fallback: delivery.fallback.as_ref().map(DestinationJson::from),
        }),
        currency: app.currency(),
        created_at: moment::text(row.created_at),
        sequence,
    }
}
