//! Counts and sums by status and day, of a party and a period: what a dashboard of a buyer or a seller shows.

use axum::Json;
use axum::extract::State;
use dce_history::lots::BidState;
use dce_history::{BidCounts, CallCounts, CallStatus as Known, Day};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fronts::rest::App;
use crate::fronts::rest::amount::Amount;
use crate::fronts::rest::asker::{Asker, Side};
use crate::fronts::rest::body::Params;
use crate::fronts::rest::id::Id;
use crate::fronts::rest::moment::{self, Moment};
use crate::fronts::rest::past::period;
use crate::fronts::rest::problem::{Problem, Problems};
use crate::identity::Action;

/// Days of one answer.
const DAYS_MAX: u32 = 400;

/// Whose counts, and of which days.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct CountParams {
    /// Whose; the asker's own, or of an operator everybody's, if nothing is said.
    account_id: Option<Id>,
    /// The day of this moment is the first, in UTC; the last 400 days if nothing is said.
    from: Option<Moment>,
    /// The day before this moment ends is the last.
    to: Option<Moment>,
    /// Answer once this place of the log is shown: the `sequence` of an earlier answer.
    min_sequence: Option<u64>,
}

/// Calls, counted.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct CallCountsJson {
    /// All of them.
    calls: i64,
    pending: i64,
    queued: i64,
    ringing: i64,
    in_progress: i64,
    completed: i64,
    failed: i64,
    canceled: i64,
    no_answer: i64,
    busy: i64,
    /// How long callers and buyers talked.
    talked_ms: i64,
    /// What buyers paid; told to buyers and to operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    charged: Option<Amount>,
    /// What sellers were paid; told to sellers and to operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_out: Option<Amount>,
}

/// Bids, counted.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct BidCountsJson {
    /// All of them.
    bids: i64,
    active: i64,
    winning: i64,
    won: i64,
    lost: i64,
    expired: i64,
    canceled: i64,
    /// The amounts of all of them.
    amount: Amount,
    /// The amounts of those that won.
    won_amount: Amount,
}

/// A day's calls.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct CallDayJson {
    /// In UTC.
    #[schema(example = "2026-11-30")]
    day: String,
    #[serde(flatten)]
    counts: CallCountsJson,
}

/// A day's bids.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct BidDayJson {
    /// In UTC.
    #[schema(example = "2026-11-30")]
    day: String,
    #[serde(flatten)]
    counts: BidCountsJson,
}

/// Calls by the day on which they became known, as they stand.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct CallMetricsJson {
    total: CallCountsJson,
    /// Days with calls.
    days: Vec<CallDayJson>,
    currency: String,
    /// The place of the log this shows.
    sequence: u64,
}

/// Bids by the day on which they were placed or last raised, as they stand.
#[derive(Debug, Serialize, ToSchema)]
pub(in super::super) struct BidMetricsJson {
    total: BidCountsJson,
    /// Days with bids.
    days: Vec<BidDayJson>,
    currency: String,
    /// The place of the log this shows.
    sequence: u64,
}

/// Counts of calls by status and day: a seller's own, those a buyer bought.
#[utoipa::path(
    get, path = "/metrics/calls", tag = "metrics", params(CountParams),
    responses((status = 200, body = CallMetricsJson), Problems)
)]
pub(in super::super) async fn calls(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<CountParams>,
) -> Result<Json<CallMetricsJson>, Problem> {
    let party = asker.scope(Action::QueryCall, params.account_id)?;
    let days = days(&params)?;
    let past = app.past(params.min_sequence).await?;
    let found = past.history.call_days(party, days)?;
    let total = found.iter().fold(CallCounts::default(), |sum, day| sum.with(&day.counts));
    let side = asker.side();
    let day = |Day { day, counts }: &Day<CallCounts>| CallDayJson {
        day: moment::day(*day),
        counts: call_counts(side, counts),
    };
    let (total, days) = (call_counts(side, &total), found.iter().map(day).collect());
    Ok(Json(CallMetricsJson { total, days, currency: app.currency(), sequence: past.sequence }))
}

/// Counts of live bids by status and day: a buyer's own.
#[utoipa::path(
    get, path = "/metrics/bids", tag = "metrics", params(CountParams),
    responses((status = 200, body = BidMetricsJson), Problems)
)]
pub(in super::super) async fn bids(
    State(app): State<App>,
    asker: Asker,
    Params(params): Params<CountParams>,
) -> Result<Json<BidMetricsJson>, Problem> {
    let party = asker.scope(Action::QueryBid, params.account_id)?;
    let days = days(&params)?;
    let past = app.past(params.min_sequence).await?;
    let found = past.history.bid_days(party, days)?;
    let total = found.iter().fold(BidCounts::default(), |sum, day| sum.with(&day.counts));
    let day = |Day { day, counts }: &Day<BidCounts>| BidDayJson { day: moment::day(*day), counts: bid_counts(counts) };
    let (total, days) = (bid_counts(&total), found.iter().map(day).collect());
    Ok(Json(BidMetricsJson { total, days, currency: app.currency(), sequence: past.sequence }))
}

/// The first and the last day.
fn days(params: &CountParams) -> Result<(u32, u32), Problem> {
    let period = period(params.from, params.to)?;
    let today = moment::day_of(moment::now());
    let last = params.to.map_or(today, |_| moment::day_of_last(period.to));
    let first = params.from.map_or_else(|| last.saturating_sub(DAYS_MAX - 1), |_| moment::day_of(period.from));
    let last = last.max(first);
    if last - first >= DAYS_MAX {
        return Err(Problem::malformed("from", &format!("expected at most {DAYS_MAX} days up to `to`")));
    }
    Ok((first, last))
}

fn call_counts(side: Side, counts: &CallCounts) -> CallCountsJson {
    CallCountsJson {
        calls: counts.all(),
        pending: counts.of(Known::Pending),
        queued: counts.of(Known::Queued),
        ringing: counts.of(Known::Ringing),
        in_progress: counts.of(Known::InProgress),
        completed: counts.of(Known::Completed),
        failed: counts.of(Known::Failed),
        canceled: counts.of(Known::Canceled),
        no_answer: counts.of(Known::NoAnswer),
        busy: counts.of(Known::Busy),
        talked_ms: counts.talked_ms(),
        charged: (side != Side::Seller).then(|| Amount(counts.charged())),
        paid_out: (side != Side::Buyer).then(|| Amount(counts.paid_out())),
    }
}

fn bid_counts(counts: &BidCounts) -> BidCountsJson {
    BidCountsJson {
        bids: counts.all(),
        active: counts.of(BidState::Active),
        winning: counts.of(BidState::Winning),
        won: counts.of(BidState::Won),
        lost: counts.of(BidState::Lost),
        expired: counts.of(BidState::Expired),
        canceled: counts.of(BidState::Canceled),
        amount: Amount(counts.amount()),
        won_amount: Amount(counts.won_amount()),
    }
}
