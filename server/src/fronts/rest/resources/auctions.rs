//! Auctions: a call and the live bids on it. An auction is named as its call is.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use dce_engine::commands::{CloseAuction, NoBid, OpenAuction};
use dce_engine::event::Event;
use dce_engine::ids::{AccountId, CallId};
use dce_engine::units::Millis;
use dce_history::lots::Lot;
use dce_history::{CallRow, Period};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};
use utoipa::ToSchema;

use super::bids::bidder;
use super::calls::own_call;
use crate::catalog::{Auction, Call, Catalog, LotState, Vocabulary};
use crate::fronts::rest::App;
use crate::fronts::rest::amount::Amount;
use crate::fronts::rest::asker::{Asker, Side};
use crate::fronts::rest::body::{Body, Params, RepeatKey};
use crate::fronts::rest::facts::{FactsJson, facts_json};
use crate::fronts::rest::id::{CallRef, Id};
use crate::fronts::rest::moment::{self, Moment};
use crate::fronts::rest::past::{bid_cursor, bid_place, call_cursor, call_place, period, remembered};
use crate::fronts::rest::problem::{Fault, Problem, Problems};
use crate::fronts::rest::reads::{ListParams, Page, ReadParams, Shown, cursor};
use crate::fronts::rest::router::created;
use crate::identity::Action;

/// A new auction.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct NewAuction {
    /// A registered call: `seller.call`, or the call's id alone for its seller.
    call_id: String,
    /// The least price, in place of the listing's.
    reserve_price: Option<Amount>,
    /// How long bids are taken, in seconds, at most 60.
    duration: Option<u32>,
    /// The same in milliseconds.
    duration_ms: Option<u32>,
}

/// How far an auction has come. `pending` is kept free: an auction is open as soon as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum AuctionStatus {
    /// Not open yet.
    Pending,
    /// It takes bids.
    Active,
    /// Somebody won.
    Completed,
    /// The seller took the call back.
    Canceled,
    /// Nobody won.
    Expired,
}

/// Which auctions are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct AuctionParams {
    /// Whose, where the asker may see several: an operator names the account.
    account_id: Option<Id>,
    /// Answer once this place of the log is shown: the `sequence` of an earlier answer.
    min_sequence: Option<u64>,
    /// At most so many items; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// Where the last page ended: its `next_cursor`.
    cursor: Option<String>,
    /// Only those that have come so far. Without a period a buyer's list holds what is open to it, which is active.
    status: Option<AuctionStatus>,
    /// Those of calls that became known from this moment on, or to a buyer those it bid in from then on: RFC 3339, or a day.
    /// With it, or with `to`, the history is read.
    from: Option<Moment>,
    /// Those from before this moment.
    to: Option<Moment>,
    /// Seconds, at most 30, for which the answer is held until there is an auction to tell of; only those that are
    /// `active` are then told.
    #[param(minimum = 0, maximum = 30)]
    wait: Option<u16>,
}

/// An auction, as its asker may see it.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct AuctionJson {
    /// `seller.call`.
    id: String,
    call_id: Id,
    seller_id: Id,
    listing_id: Id,
    status: AuctionStatus,
    /// Told to the seller and to operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    reserve_price: Option<Amount>,
    /// What is for sale, while it is; by the attributes' names.
    #[serde(skip_serializing_if = "FactsJson::is_empty")]
    #[schema(value_type = Object)]
    facts: FactsJson,
    opened_at: String,
    closes_at: String,
    /// Profiles that have bid, once it is over.
    bids: u32,
    /// Told to the seller, to operators and to itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    winner_id: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    winner_profile_id: Option<Id>,
    currency: String,
    /// The place of the log this shows.
    sequence: u64,
}

/// A profile that is out of an auction.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct NewPass {
    /// The buyer; the asker's own account if nothing is said.
    buyer_id: Option<Id>,
    /// The profile; the only one in the call's vertical if nothing is said.
    profile_id: Option<Id>,
}

/// A pass that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct PassJson {
    auction_id: String,
    buyer_id: Id,
    profile_id: Id,
    /// The place of the log.
    sequence: u64,
}

/// Opens the auction of a registered call.
#[utoipa::path(
    post, path = "/auctions", tag = "auctions", request_body = NewAuction,
    responses((status = 201, body = AuctionJson), Problems)
)]
pub(in super::super) async fn create(
    State(app): State<App>,
    asker: Asker,
    Body(said): Body<NewAuction>,
) -> Result<impl IntoResponse, Problem> {
    let on = own_call(&asker, Action::OpenAuction, &said.call_id, &ReadParams::default())
        .map_err(|problem| problem.field("call_id"))?;
    let window = match (said.duration, said.duration_ms) {
        (Some(seconds), None) => seconds.saturating_mul(1_000),
        (None, Some(millis)) => millis,
        (None, None) => return Err(Problem::missing("duration")),
        (Some(_), Some(_)) => return Err(Problem::malformed("duration", "expected it or duration_ms, not both")),
    };
    let reserve = said.reserve_price.map(|amount| amount.0);
    let command = OpenAuction { seller: on.seller, call: on.call, window: Millis(window), reserve };
    let done = app.submit(&command.into()).await?;
    // A call that is not for sale at this moment is over without an auction.
    let declined = done.events.iter().find_map(|event| match *event {
        Event::CallUnsold { reason, .. } => Some(reason),
        _ => None,
    });
    match (show(&app, &asker, on, Some(done.sequence.0)).await, declined) {
        (Err(_), Some(reason)) => Err(Problem::from(Fault::StatusUnreachable).because(reason.text())),
        (shown, _) => shown.map(created),
    }
}

/// A seller's auctions, oldest first; to a buyer those that are open to it. Of a period those of the history: to a buyer
/// those it bid in.
#[utoipa::path(
    get, path = "/auctions", tag = "auctions", params(AuctionParams),
    responses((status = 200, body = Page<AuctionJson>), Problems)
)]
pub(in super::super) async fn list(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<AuctionParams>,
) -> Result<Json<Page<AuctionJson>>, Problem> {
    let AuctionParams { account_id, min_sequence, limit, cursor, status, from, to, wait } = params;
    let params = ListParams { account_id, min_sequence, limit, cursor };
    let scope = asker.scope(Action::QueryAuction, params.account_id)?;
    if from.is_some() || to.is_some() {
        if wait.is_some() {
            return Err(Problem::malformed("wait", "nothing is waited for in a period"));
        }
        return page_past(&app, &asker, &params, (scope, status), period(from, to)?).await.map(Json);
    }
    let (limit, after) = (params.limit(&app)?, params.cursor::<2>()?);
    let wait_max = app.hub().limits.http_wait_max;
    let wait = Duration::from_secs(wait.unwrap_or(0).into());
    if wait > wait_max {
        return Err(Problem::malformed("wait", &format!("expected at most {} seconds", wait_max.as_secs())));
    }
    // An auction that is over was there before, and whoever waits has the server look again at every step of the log.
    let status = if wait.is_zero() { status } else { status.or(Some(AuctionStatus::Active)) };
    if !wait.is_zero() && status != Some(AuctionStatus::Active) {
        return Err(Problem::malformed("wait", "only auctions that are `active` are waited for"));
    }
    let until = Instant::now() + wait;
    let mut reached = app.hub().shelf.reached();
    let mut shown = app.shown(params.min_sequence).await?;
    loop {
        reached.mark_unchanged();
        let page = page(&app, &asker, &shown, (scope, status), limit, after);
        if !page.items.is_empty() || Instant::now() >= until {
            return Ok(Json(page));
        }
        tokio::select! {
            // A stop does not wait for those who wait.
            () = app.hub().draining() => return Ok(Json(page)),
            changed = timeout_at(until, reached.changed()) => {
                if !matches!(changed, Ok(Ok(()))) {
                    return Ok(Json(page));
                }
            }
        }
        shown = app.shown(None).await?;
    }
}

/// One auction.
#[utoipa::path(
    get, path = "/auctions/{auction_id}", tag = "auctions",
    params(("auction_id" = String, Path, description = "`seller.call`"), ReadParams),
    responses((status = 200, body = AuctionJson), Problems)
)]
pub(in super::super) async fn get(
    State(app): State<App>,
    asker: Asker,
    Path(text): Path<String>,
    Params(params): Params<ReadParams>,
) -> Result<Json<AuctionJson>, Problem> {
    let on = CallRef::parse(&text, asker.own_as_seller(params.account_id)).ok_or(Fault::NotFound)?;
    show(&app, &asker, on, params.min_sequence).await
}

/// Takes no more bids and decides. Closing one that is closed changes nothing.
#[utoipa::path(
    post, path = "/auctions/{auction_id}/close", tag = "auctions",
    params(("auction_id" = String, Path, description = "`seller.call`"), ReadParams),
    responses((status = 200, body = AuctionJson), Problems)
)]
pub(in super::super) async fn close(
    State(app): State<App>,
    asker: Asker,
    Path(text): Path<String>,
    Params(params): Params<ReadParams>,
) -> Result<Json<AuctionJson>, Problem> {
    let on = own_call(&asker, Action::CloseAuction, &text, &params)?;
    let done = app.submit(&CloseAuction::new(on.seller, on.call).into()).await?;
    show(&app, &asker, on, Some(done.sequence.0)).await
}

/// The same as closing it: an auction that takes no more bids is decided in the same step.
#[utoipa::path(
    post, path = "/auctions/{auction_id}/complete", tag = "auctions",
    params(("auction_id" = String, Path, description = "`seller.call`"), ReadParams),
    responses((status = 200, body = AuctionJson), Problems)
)]
pub(in super::super) async fn complete(
    state: State<App>,
    asker: Asker,
    path: Path<String>,
    params: Params<ReadParams>,
) -> Result<Json<AuctionJson>, Problem> {
    close(state, asker, path, params).await
}

/// Passes: the profile is out of this auction.
#[utoipa::path(
    post, path = "/auctions/{auction_id}/pass", tag = "auctions", request_body = NewPass,
    params(
        ("auction_id" = String, Path, description = "`seller.call`"),
        ("Idempotency-Key" = Option<Id>, Header, description = "A UUIDv7; it chooses the stamp"),
    ),
    responses((status = 200, body = PassJson), Problems)
)]
pub(in super::super) async fn pass(
    State(app): State<App>,
    asker: Asker,
    repeat: RepeatKey,
    Path(text): Path<String>,
    Body(said): Body<NewPass>,
) -> Result<Json<PassJson>, Problem> {
    let on = CallRef::parse(&text, None).ok_or(Fault::NotFound)?;
    let account = asker.account(Action::NoBid, said.buyer_id)?;
    let passed = async {
        let (buyer, profile) = bidder(&app, account, on, said.profile_id).await?;
        let CallRef { seller, call } = on;
        let make = move |stamp| NoBid::new((buyer, profile), (seller, call), stamp).into();
        Ok::<_, Problem>((buyer, profile, app.stamped(buyer, repeat, make).await?))
    }
    .await;
    let (buyer, profile, done) = unless_hidden(&app, &asker, on, passed).await?;
    let (auction_id, sequence) = (on.to_string(), done.sequence.0);
    Ok(Json(PassJson { auction_id, buyer_id: Id(buyer.0), profile_id: Id(profile.0), sequence }))
}

/// An auction as the asker may see it: to anybody but its seller, operators and buyers it is open to there is none.
async fn show(app: &App, asker: &Asker, on: CallRef, min_sequence: Option<u64>) -> Result<Json<AuctionJson>, Problem> {
    let shown = app.shown(min_sequence).await?;
    {
        // Not to be held over a wait.
        let catalog = shown.catalog();
        if let Some((call, auction)) = catalog.auction(on.seller, on.call) {
            if !may_see(asker, &catalog, call, auction) {
                return Err(Fault::NotFound.into());
            }
            let sequence = shown.sequence(&catalog);
            return Ok(Json(auction_json(app, asker, &catalog.vocabulary, (call, auction), sequence)));
        }
    }
    let past = app.past(None).await?;
    let row = past.history.call((on.seller, on.call))?.ok_or(Fault::NotFound)?;
    let may_see = match asker.side() {
        Side::House => true,
        Side::Seller => on.seller == asker.own(),
        Side::Buyer => !past.history.profiles_on((on.seller, on.call), asker.own())?.is_empty(),
    };
    let call = remembered(&row);
    let auction = call.auction.as_ref().filter(|_| may_see).ok_or(Fault::NotFound)?;
    Ok(Json(auction_json(app, asker, &Vocabulary::default(), (&call, auction), past.sequence)))
}

/// What was refused about an auction; to a buyer it is hidden from, that there is none. Looked at only once something was
/// refused, so that nobody who may bid waits for it.
pub(super) async fn unless_hidden<T>(
    app: &App,
    asker: &Asker,
    on: CallRef,
    tried: Result<T, Problem>,
) -> Result<T, Problem> {
    let problem = match tried {
        Err(problem) if asker.side() == Side::Buyer && problem.is_about_what_was_asked() => problem,
        said => return said,
    };
    let shown = app.shown(Some(app.newest().0)).await?;
    let catalog = shown.catalog();
    let auction = catalog.auction(on.seller, on.call);
    let is_seen = auction.is_some_and(|(call, auction)| may_see(asker, &catalog, call, auction));
    Err(if is_seen { problem } else { Fault::NotFound.into() })
}

fn may_see(asker: &Asker, catalog: &Catalog, call: &Call, auction: &Auction) -> bool {
    match asker.side() {
        Side::House => true,
        Side::Seller => call.seller == asker.own(),
        Side::Buyer => catalog.is_open_to(asker.own(), call, auction),
    }
}

fn page(
    app: &App,
    asker: &Asker,
    shown: &Shown<'_>,
    (scope, status): (Option<AccountId>, Option<AuctionStatus>),
    limit: usize,
    after: Option<[u128; 2]>,
) -> Page<AuctionJson> {
    let catalog = shown.catalog();
    let sequence = shown.sequence(&catalog);
    let wanted = |auction: &Auction| status.is_none_or(|status| status == AuctionStatus::from(auction.lot.state));
    let place = |(call, _): &(&Call, &Auction)| [call.seller.0, call.call.0];
    let json = |row: (&Call, &Auction)| auction_json(app, asker, &catalog.vocabulary, row, sequence);
    let is_buyer = asker.side() == Side::Buyer;
    if is_buyer || status == Some(AuctionStatus::Active) {
        let own = asker.own();
        let after = after.map(|[seller, call]| (CallId(call), AccountId(seller)));
        let open = catalog.open.iter().filter(|key| after.is_none_or(|after| **key > after));
        let found = open.filter_map(|(call, seller)| catalog.auction(*seller, *call));
        let found = found.filter(|(call, auction)| {
            let is_shown = match is_buyer {
                true => catalog.is_open_to(own, call, auction),
                false => scope.is_none_or(|own| own == call.seller),
            };
            wanted(auction) && is_shown
        });
        return Page::of(found, limit, sequence, place, json);
    }
    let after = after.map(|[seller, call]| (AccountId(seller), CallId(call)));
    let found = catalog.calls_of(scope, after).filter_map(|(_, call)| Some((call, call.auction.as_ref()?)));
    Page::of(found.filter(|(_, auction)| wanted(auction)), limit, sequence, place, json)
}

/// The auctions of a period, from the history.
async fn page_past(
    app: &App,
    asker: &Asker,
    params: &ListParams,
    (scope, status): (Option<AccountId>, Option<AuctionStatus>),
    period: Period,
) -> Result<Page<AuctionJson>, Problem> {
    let limit = params.limit(app)?;
    let is_buyer = asker.side() == Side::Buyer;
    // A buyer's are found by its bids.
    let (by_call, by_bid) = if is_buyer { (None, params.cursor::<5>()?) } else { (params.cursor::<3>()?, None) };
    let past = app.past(params.min_sequence).await?;
    let is_wanted = |lot: &Lot| status.is_none_or(|status| status == AuctionStatus::from(lot.state));
    let show = |row: &CallRow| {
        let call = remembered(row);
        call.auction
            .as_ref()
            .map(|auction| auction_json(app, asker, &Vocabulary::default(), (&call, auction), past.sequence))
    };
    if !is_buyer {
        let wanted =
            |row: &CallRow| row.lot.as_ref().is_some_and(is_wanted) && scope.is_none_or(|own| own == row.seller);
        let found = past.history.calls((scope, period), by_call.map(call_cursor), limit, wanted)?;
        let items = found.items.iter().filter_map(show).collect();
        let next_cursor = found.next.map(|next| cursor(&call_place(next)));
        return Ok(Page { items, next_cursor, sequence: past.sequence });
    }
    let own = asker.own();
    let found = past.history.bids((Some(own), period), by_bid.map(bid_cursor), limit, |_| true)?;
    let mut items = Vec::new();
    for ((_, call, seller, profile), _) in &found.items {
        // An auction is shown once, with the first of the buyer's profiles that bid in it.
        if past.history.profiles_on((*seller, *call), own)?.first() != Some(profile) {
            continue;
        }
        let row = past.history.call((*seller, *call))?.filter(|row| row.lot.as_ref().is_some_and(is_wanted));
        items.extend(row.as_ref().and_then(show));
    }
    let next_cursor = found.next.map(|next| cursor(&bid_place(next)));
    Ok(Page { items, next_cursor, sequence: past.sequence })
}

fn auction_json(
    app: &App,
    asker: &Asker,
    vocabulary: &Vocabulary,
    (call, auction): (&Call, &Auction),
    sequence: u64,
) -> AuctionJson {
    let is_buyer = asker.side() == Side::Buyer;
    let winner = auction.lot.winner.filter(|(winner, _)| !is_buyer || *winner == asker.own());
    AuctionJson {
        id: CallRef { seller: call.seller, call: call.call }.to_string(),
        call_id: Id(call.call.0),
        seller_id: Id(call.seller.0),
        listing_id: Id(call.listing.0),
        status: auction.lot.state.into(),
        reserve_price: call.reserve.filter(|_| !is_buyer).map(Amount),
        facts: facts_json(&call.facts, vocabulary),
        opened_at: moment::text(auction.lot.opened_at),
        closes_at: moment::text(auction.lot.closes_at),
        bids: auction.lot.bids,
        winner_id: winner.map(|(winner, _)| Id(winner.0)),
        winner_profile_id: winner.map(|(_, profile)| Id(profile.0)),
        currency: app.currency(),
        sequence,
    }
}

impl From<LotState> for AuctionStatus {
    fn from(state: LotState) -> Self {
        match state {
            LotState::Active => Self::Active,
            LotState::Completed => Self::Completed,
            LotState::Canceled => Self::Canceled,
            LotState::Expired => Self::Expired,
        }
    }
}
