//! Bids: live, on open auctions. A raise takes the place of the bid it raises, and has its name.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use dce_engine::commands::{PlaceBid, WithdrawBid};
use dce_engine::ids::{AccountId, CallId, ProfileId};
use dce_engine::units::Millis;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts::default_profile;
use super::auctions::unless_hidden;
use super::terms::ReasonJson;
use crate::catalog::{Bid, BidKey, BidState};
use crate::fronts::rest::App;
use crate::fronts::rest::amount::Amount;
use crate::fronts::rest::asker::Asker;
use crate::fronts::rest::body::{Body, Params, RepeatKey};
use crate::fronts::rest::id::{BidRef, CallRef, Id};
use crate::fronts::rest::moment::{self, Moment};
use crate::fronts::rest::past::{bid_cursor, bid_place, period};
use crate::fronts::rest::problem::{Fault, Problem, Problems};
use crate::fronts::rest::reads::{ListParams, Page, ReadParams};
use crate::fronts::rest::router::created;
use crate::identity::Action;

/// How long a bid stands when nobody says, in seconds: as long as the longest auction.
const VALID_SECONDS: u32 = 60;

/// A new bid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct NewBid {
    /// `seller.call`.
    auction_id: String,
    amount: Amount,
    /// The profile; without one the account's only profile in the call's vertical, or its default open one.
    profile_id: Option<Id>,
    /// The buyer; the asker's own account if nothing is said.
    buyer_id: Option<Id>,
    /// How long it stands; a minute if nothing is said.
    valid_seconds: Option<u32>,
}

/// Another amount for a bid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct BidChange {
    /// Higher; lower only where the listing lets bidders lower.
    amount: Amount,
    /// How long it stands; a minute if nothing is said.
    valid_seconds: Option<u32>,
}

/// What became of a bid. `pending` is kept free: a bid that was accepted stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum BidStatus {
    /// Not judged yet.
    Pending,
    /// It stands.
    Active,
    /// It stands and leads; told on open listings only.
    Winning,
    /// The call is its.
    Won,
    /// The call is another's, or nobody's.
    Lost,
    /// It ran out before the auction closed.
    Expired,
    /// It was taken back.
    Canceled,
}

/// Which bids are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct BidParams {
    /// Whose, where the asker may see several: an operator names the account.
    account_id: Option<Id>,
    /// Answer once this place of the log is shown: the `sequence` of an earlier answer.
    min_sequence: Option<u64>,
    /// At most so many items; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// Where the last page ended: its `next_cursor`.
    cursor: Option<String>,
    /// Only those that came to this.
    status: Option<BidStatus>,
    /// Those that were placed or last raised from this moment on: RFC 3339, or a day. With it, or with `to`, the history is
    /// read.
    from: Option<Moment>,
    /// Those that were placed or last raised before this moment.
    to: Option<Moment>,
}

/// A bid, to its buyer and to operators.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct BidJson {
    /// `seller.call.buyer.profile`.
    id: String,
    auction_id: String,
    buyer_id: Id,
    profile_id: Id,
    amount: Amount,
    currency: String,
    status: BidStatus,
    /// Why it lost, where its buyer was told; else `explain` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonJson>,
    /// The least amount with which it would have won, where the listing tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    price_to_win: Option<Amount>,
    placed_at: String,
    expires_at: String,
    /// The place of the log this shows.
    sequence: u64,
}

/// Places a bid, or raises the one that stands.
#[utoipa::path(
    post, path = "/bids", tag = "bids", request_body = NewBid,
    params(("Idempotency-Key" = Option<Id>, Header, description = "A UUIDv7; it chooses the bid's stamp")),
    responses((status = 201, body = BidJson), Problems)
)]
pub(in super::super) async fn create(
    State(app): State<App>,
    asker: Asker,
    repeat: RepeatKey,
    Body(said): Body<NewBid>,
) -> Result<impl IntoResponse, Problem> {
    let malformed = || Problem::malformed("auction_id", "an auction is named seller.call");
    let on = CallRef::parse(&said.auction_id, None).ok_or_else(malformed)?;
    let account = asker.account(Action::PlaceBid, said.buyer_id)?;
    let placed = async {
        let (buyer, profile) = bidder(&app, account, on, said.profile_id).await?;
        place(&app, repeat, BidRef { on, buyer, profile }, said.amount, said.valid_seconds).await
    }
    .await;
    unless_hidden(&app, &asker, on, placed).await.map(|shown| created(Json(shown)))
}

/// The bids the asker may see: without a period those that the exchange keeps, oldest call first; of a period those of the
/// history, by time.
#[utoipa::path(
    get, path = "/bids", tag = "bids", params(BidParams),
    responses((status = 200, body = Page<BidJson>), Problems)
)]
pub(in super::super) async fn list(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<BidParams>,
) -> Result<Json<Page<BidJson>>, Problem> {
    let BidParams { account_id, min_sequence, limit, cursor, status, from, to } = params;
    let params = ListParams { account_id, min_sequence, limit, cursor };
    let scope = asker.scope(Action::QueryBid, params.account_id)?;
    let limit = params.limit(&app)?;
    let is_wanted = |bid: &Bid| status.is_none_or(|status| status == BidStatus::from(bid.state));
    if from.is_some() || to.is_some() {
        let (period, after) = (period(from, to)?, params.cursor::<5>()?.map(bid_cursor));
        let past = app.past(params.min_sequence).await?;
        let found = past.history.bids((scope, period), after, limit, is_wanted)?;
        let show = |(key, bid): (BidKey, Bid)| bid_json(&app, key, &bid, past.sequence);
        return Ok(Json(Page::of_past(found, past.sequence, bid_place, show)));
    }
    let after = params.cursor::<4>()?;
    let after = after
        .map(|[buyer, call, seller, profile]| (AccountId(buyer), CallId(call), AccountId(seller), ProfileId(profile)));
    let shown = app.shown(params.min_sequence).await?;
    let catalog = shown.catalog();
    let sequence = shown.sequence(&catalog);
    let page = Page::of(
        catalog.bids_of(scope, after).filter(|(_, bid)| is_wanted(bid)),
        limit,
        sequence,
        |((buyer, call, seller, profile), _)| [buyer.0, call.0, seller.0, profile.0],
        |(key, bid)| bid_json(&app, *key, bid, sequence),
    );
    Ok(Json(page))
}

/// One bid.
#[utoipa::path(
    get, path = "/bids/{bid_id}", tag = "bids",
    params(("bid_id" = String, Path, description = "`seller.call.buyer.profile`"), ReadParams),
    responses((status = 200, body = BidJson), Problems)
)]
pub(in super::super) async fn get(
    State(app): State<App>,
    asker: Asker,
    Path(text): Path<String>,
    Params(params): Params<ReadParams>,
) -> Result<Json<BidJson>, Problem> {
    let bid = own_bid(&asker, Action::QueryBid, &text)?;
    show(&app, bid, params.min_sequence).await.map(Json)
}

/// Raises a bid; lowers it where the listing lets bidders lower.
#[utoipa::path(
    patch, path = "/bids/{bid_id}", tag = "bids", request_body = BidChange,
    params(
        ("bid_id" = String, Path, description = "`seller.call.buyer.profile`"),
        ("Idempotency-Key" = Option<Id>, Header, description = "A UUIDv7; it chooses the bid's stamp"),
    ),
    responses((status = 200, body = BidJson), Problems)
)]
pub(in super::super) async fn change(
    State(app): State<App>,
    asker: Asker,
    repeat: RepeatKey,
    Path(text): Path<String>,
    Body(said): Body<BidChange>,
) -> Result<Json<BidJson>, Problem> {
    let bid = own_bid(&asker, Action::PlaceBid, &text)?;
    show(&app, bid, None).await?;
    place(&app, repeat, bid, said.amount, said.valid_seconds).await.map(Json)
}

/// Takes a bid back, where the listing lets bidders.
#[utoipa::path(
    delete, path = "/bids/{bid_id}", tag = "bids",
    params(
        ("bid_id" = String, Path, description = "`seller.call.buyer.profile`"),
        ("Idempotency-Key" = Option<Id>, Header, description = "A UUIDv7; it chooses the stamp"),
    ),
    responses((status = 204, description = "It is taken back"), Problems)
)]
pub(in super::super) async fn cancel(
    State(app): State<App>,
    asker: Asker,
    repeat: RepeatKey,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    let BidRef { on: CallRef { seller, call }, buyer, profile } = own_bid(&asker, Action::WithdrawBid, &text)?;
    let make = move |stamp| WithdrawBid { buyer, profile, seller, call, stamp }.into();
    let withdrawn = app.stamped(buyer, repeat, make).await;
    unless_hidden(&app, &asker, CallRef { seller, call }, withdrawn).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A bid of the asker's; another's is none.
fn own_bid(asker: &Asker, action: Action, text: &str) -> Result<BidRef, Problem> {
    let bid = BidRef::parse(text).ok_or(Fault::NotFound)?;
    if asker.sees(action, bid.buyer) { Ok(bid) } else { Err(Fault::NotFound.into()) }
}

/// Who bids on a call: the named profile, else the buyer's only one in the call's vertical, else its default one there.
pub(in super::super) async fn bidder(
    app: &App,
    buyer: AccountId,
    on: CallRef,
    profile: Option<Id>,
) -> Result<(AccountId, ProfileId), Problem> {
    if let Some(profile) = profile {
        return Ok((buyer, ProfileId(profile.0)));
    }
    let shown = app.shown(Some(app.newest().0)).await?;
    let catalog = shown.catalog();
    let call = catalog.calls.get(&(on.seller, on.call)).ok_or(Fault::NotFound)?;
    let listing = catalog.listings.get(&(on.seller, call.listing)).ok_or(Fault::NotFound)?;
    let vertical = listing.terms.vertical;
    let mut fitting = catalog.profiles_of(Some(buyer), None).filter(|(_, profile)| profile.vertical == vertical);
    let default = (buyer, default_profile(vertical));
    match (fitting.next(), fitting.next()) {
        (Some((only, _)), None) => Ok(*only),
        (Some(_), Some(_)) if catalog.profiles.contains_key(&default) => Ok(default),
        _ => Err(Problem::from(Fault::ProfileNeeded).field("profile_id")),
    }
}

async fn place(
    app: &App,
    repeat: RepeatKey,
    bid: BidRef,
    amount: Amount,
    valid_seconds: Option<u32>,
) -> Result<BidJson, Problem> {
    let BidRef { on: CallRef { seller, call }, buyer, profile } = bid;
    let valid_for = Millis(valid_seconds.unwrap_or(VALID_SECONDS).saturating_mul(1_000));
    let make = move |stamp| {
        let placed = PlaceBid::new((buyer, profile), (seller, call), amount.0, stamp);
        placed.valid_for(valid_for).into()
    };
    let done = app.stamped(buyer, repeat, make).await?;
    show(app, bid, Some(done.sequence.0)).await
}

async fn show(app: &App, bid: BidRef, min_sequence: Option<u64>) -> Result<BidJson, Problem> {
    let key = (bid.buyer, bid.on.call, bid.on.seller, bid.profile);
    let shown = app.shown(min_sequence).await?;
    {
        // Not to be held over a wait.
        let catalog = shown.catalog();
        if let Some(row) = catalog.bids.get(&key) {
            return Ok(bid_json(app, key, row, shown.sequence(&catalog)));
        }
    }
    let past = app.past(None).await?;
    let row = past.history.bid(key)?.ok_or(Fault::NotFound)?;
    Ok(bid_json(app, key, &row, past.sequence))
}

fn bid_json(app: &App, (buyer, call, seller, profile): BidKey, row: &Bid, sequence: u64) -> BidJson {
    let on = CallRef { seller, call };
    BidJson {
        id: BidRef { on, buyer, profile }.to_string(),
        auction_id: on.to_string(),
        buyer_id: Id(buyer.0),
        profile_id: Id(profile.0),
        amount: Amount(row.amount),
        currency: app.currency(),
        status: row.state.into(),
        reason: row.reason.map(ReasonJson::from),
        price_to_win: row.price_to_win.map(Amount),
        placed_at: moment::text(row.placed_at),
        expires_at: moment::text(row.expires_at),
        sequence,
    }
}

impl From<BidState> for BidStatus {
    fn from(state: BidState) -> Self {
        match state {
            BidState::Active => Self::Active,
            BidState::Winning => Self::Winning,
            BidState::Won => Self::Won,
            BidState::Lost => Self::Lost,
            BidState::Expired => Self::Expired,
            BidState::Canceled => Self::Canceled,
        }
    }
}
