//! Calls and bids of an account, counted by day and status, with their sums: kept as they change, so that a year is read as
//! fast as a day.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use dce_engine::ids::AccountId;
use dce_engine::units::Money;
use dce_persistence::tables::{Order, Tables};

use crate::HistoryError;
use crate::bundles::Writes;
use crate::keys;
use crate::layout;
use crate::lots::{Bid, BidState};
use crate::pending::day_of;
use crate::read::History;
use crate::rows::{CallRow, CallStatus};

/// By status, then talked, charged, paid out.
const CALL_SUMS: usize = CallStatus::ALL.len() + 3;
/// By state, then the amounts of all and of those that won.
const BID_SUMS: usize = BidState::ALL.len() + 2;

/// Whose day: an account, and days since 1970.
type DayKey = (AccountId, u32);

/// A day and what was counted on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day<T> {
    /// Days since 1970, in UTC.
    pub day: u32,
    /// What was counted.
    pub counts: T,
}

/// The calls that became known on a day, as they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallCounts([i64; CALL_SUMS]);

/// The live bids that were placed on a day, as they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BidCounts([i64; BID_SUMS]);

impl CallCounts {
    /// How many have come so far.
    #[must_use]
    pub fn of(&self, status: CallStatus) -> i64 {
        CallStatus::ALL.iter().zip(&self.0).find(|(known, _)| **known == status).map_or(0, |(_, count)| *count)
    }

    /// How many there are.
    #[must_use]
    pub fn all(&self) -> i64 {
        self.0.iter().take(CallStatus::ALL.len()).sum()
    }

    /// How long callers and buyers talked, in milliseconds.
    #[must_use]
    pub const fn talked_ms(&self) -> i64 {
        self.0[CALL_SUMS - 3]
    }

    /// What buyers paid for them.
    #[must_use]
    pub const fn charged(&self) -> Money {
        Money::from_micros(self.0[CALL_SUMS - 2])
    }

    /// What sellers were paid for them.
    #[must_use]
    pub const fn paid_out(&self) -> Money {
        Money::from_micros(self.0[CALL_SUMS - 1])
    }

    /// Both together.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        add(&mut self.0, &other.0, 1);
        self
    }
}

impl BidCounts {
    /// How many came to this.
    #[must_use]
    pub fn of(&self, state: BidState) -> i64 {
        BidState::ALL.iter().zip(&self.0).find(|(known, _)| **known == state).map_or(0, |(_, count)| *count)
    }

    /// How many there are.
    #[must_use]
    pub fn all(&self) -> i64 {
        self.0.iter().take(BidState::ALL.len()).sum()
    }

    /// The amounts of all of them.
    #[must_use]
    pub const fn amount(&self) -> Money {
        Money::from_micros(self.0[BID_SUMS - 2])
    }

    /// The amounts of those that won.
    #[must_use]
    pub const fn won_amount(&self) -> Money {
        Money::from_micros(self.0[BID_SUMS - 1])
    }

    /// Both together.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        add(&mut self.0, &other.0, 1);
        self
    }
}

impl History {
    /// An account's calls on each of some days, the first and the last included; of all accounts where none is named.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn call_days(&self, party: Option<AccountId>, days: (u32, u32)) -> Result<Vec<Day<CallCounts>>, HistoryError> {
        let found = self.days(keys::CALL_DAYS, party, days)?;
        Ok(found.into_iter().map(|(day, sums)| Day { day, counts: CallCounts(sums) }).collect())
    }

    /// The same of bids.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn bid_days(&self, party: Option<AccountId>, days: (u32, u32)) -> Result<Vec<Day<BidCounts>>, HistoryError> {
        let found = self.days(keys::BID_DAYS, party, days)?;
        Ok(found.into_iter().map(|(day, sums)| Day { day, counts: BidCounts(sums) }).collect())
    }

    fn days<const N: usize>(
        &self,
        table: &'static str,
        party: Option<AccountId>,
        (first, last): (u32, u32),
    ) -> Result<Vec<(u32, [i64; N])>, HistoryError> {
        let account = party.unwrap_or(AccountId::PLATFORM);
        let range = (keys::day(account, first), keys::day(account, last.saturating_add(1)));
        let (mut found, mut damaged) = (Vec::new(), false);
        self.tables().range(table, (&range.0, &range.1), Order::Forwards, &mut |key, bytes| {
            match (keys::day_of(key), layout::read_sums(bytes)) {
                (Some(day), Some(sums)) => found.push((day, sums)),
                _ => damaged = true,
            }
            ControlFlow::Continue(())
        })?;
        if damaged { Err(HistoryError::Damaged { table: "days" }) } else { Ok(found) }
    }
}

/// What a batch changes in the counts.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    calls: BTreeMap<DayKey, [i64; CALL_SUMS]>,
    bids: BTreeMap<DayKey, [i64; BID_SUMS]>,
}

impl Counted {
    /// Adds the changed days to a batch.
    pub(crate) fn put(self, tables: &Tables, changes: &mut Writes) -> Result<(), HistoryError> {
        put_days(tables, keys::CALL_DAYS, self.calls, changes)?;
        put_days(tables, keys::BID_DAYS, self.bids, changes)
    }
}

fn put_days<const N: usize>(
    tables: &Tables,
    table: &'static str,
    days: BTreeMap<DayKey, [i64; N]>,
    changes: &mut Writes,
) -> Result<(), HistoryError> {
    for ((account, day), changed) in days {
        if changed.iter().all(|sum| *sum == 0) {
            continue;
        }
        let key = keys::day(account, day);
        let mut sums = match tables.get(table, &key)? {
            Some(bytes) => layout::read_sums(&bytes).ok_or(HistoryError::Damaged { table: "days" })?,
            None => [0; N],
        };
        add(&mut sums, &changed, 1);
        // What batches there were must not show: a day that all went away from is as one that never was.
        let is_empty = sums.iter().all(|sum| *sum == 0);
        if is_empty {
            changes.remove(table, &key);
        } else {
            changes.put(table, &key, layout::write_sums(&sums));
        }
    }
    Ok(())
}

/// What a call counts for: its seller, its buyer, and all together, which stand under the platform.
pub(crate) fn call_shares(row: &CallRow, times: i64, counted: &mut Counted) {
    let (view, status, day) = (row.story.view(), row.status(), day_of(row.known_at));
    let mut share = [0; CALL_SUMS];
    for (count, known) in share.iter_mut().zip(CallStatus::ALL) {
        *count = i64::from(known == status);
    }
    share[CALL_SUMS - 3] = i64::from(view.connected.0);
    share[CALL_SUMS - 2] = if view.revenue_posted { view.price.micros() } else { 0 };
    share[CALL_SUMS - 1] = if view.payout_posted { view.payout.micros() } else { 0 };
    for account in [Some(AccountId::PLATFORM), Some(row.seller), view.buyer].into_iter().flatten() {
        add(counted.calls.entry((account, day)).or_insert([0; CALL_SUMS]), &share, times);
    }
}

/// What a bid counts for: its buyer, and all together.
pub(crate) fn bid_shares(buyer: AccountId, bid: &Bid, times: i64, counted: &mut Counted) {
    let mut share = [0; BID_SUMS];
    for (count, known) in share.iter_mut().zip(BidState::ALL) {
        *count = i64::from(known == bid.state);
    }
    let amount = bid.amount.micros();
    share[BID_SUMS - 2] = amount;
    share[BID_SUMS - 1] = if bid.state == BidState::Won { amount } else { 0 };
    for account in [AccountId::PLATFORM, buyer] {
        add(counted.bids.entry((account, day_of(bid.placed_at))).or_insert([0; BID_SUMS]), &share, times);
    }
}

fn add<const N: usize>(sums: &mut [i64; N], share: &[i64; N], times: i64) {
    for (sum, share) in sums.iter_mut().zip(share) {
        *sum = sum.saturating_add(share.saturating_mul(times));
    }
}
