//! Reading: single rows, pages by time, party and whatever else is wanted, and what was told about a decision.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dce_engine::ids::{AccountId, ProfileId, Sequence};
use dce_engine::reason::Reason;
use dce_engine::units::{Money, Timestamp};
use dce_persistence::tables::{Order, Tables};

use crate::HistoryError;
use crate::bundles;
use crate::keys;
use crate::layout;
use crate::lots::{Bid, BidKey, BidState, CallKey};
use crate::pending::{read_balance, read_bid, read_bid_at, read_call, read_call_at};
use crate::rows::{CallRow, Line};

/// Rows looked at for one page. A page that finds little in them ends early, with a place to go on.
pub const LOOKED_AT_MAX: usize = 4_096;

/// Reads the history, also while it is written. Cheap to clone.
#[derive(Clone, Debug)]
pub struct History(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    tables: Arc<Tables>,
    shown: AtomicU64,
    kept_since: AtomicU64,
}

/// From a moment on, up to but without another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first moment.
    pub from: Timestamp,
    /// The first one after it.
    pub to: Timestamp,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T, C> {
    /// In the order of time.
    pub items: Vec<T>,
    /// After what to go on, if there may be more.
    pub next: Option<C>,
}

/// The place of a call among those of a period: when it became known, and its name.
pub type CallCursor = (Timestamp, CallKey);
/// The place of a bid: when it was placed, and its name.
pub type BidCursor = (Timestamp, BidKey);
/// The place of a line: when, which command, which of its events.
pub type LineCursor = (Timestamp, Sequence, u16);

/// Why a candidate without a live bid lost, as it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The rule.
    pub reason: Reason,
    /// The least amount with which it would have won, where the listing tells it.
    pub price_to_win: Option<Money>,
}

/// A candidate of a decision, as far as the decision's own events tell of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub buyer: AccountId,
    /// With which profile.
    pub profile: ProfileId,
    /// What it bid live, or what the winner pays.
    pub amount: Option<Money>,
    /// Why it lost; nothing of the winner.
    pub lost: Option<Reason>,
}

impl Period {
    /// Of all time.
    pub const ALL: Self = Self { from: Timestamp::from_micros(0), to: Timestamp::from_micros(u64::MAX) };
}

impl History {
    pub(crate) fn new(tables: Arc<Tables>, shown: Sequence) -> Result<Self, HistoryError> {
        let kept_since = tables.get(keys::META, keys::KEPT_SINCE_KEY)?;
        let kept_since = kept_since.as_deref().and_then(|bytes| keys::time_of(bytes, 0)).unwrap_or_default();
        let (shown, kept_since) = (AtomicU64::new(shown.0), AtomicU64::new(kept_since.micros()));
        Ok(Self(Arc::new(Inner { tables, shown, kept_since })))
    }

    pub(crate) fn tables(&self) -> &Tables {
        &self.0.tables
    }

    pub(crate) fn show(&self, sequence: Sequence) {
        self.0.shown.store(sequence.0, Ordering::Release);
    }

    pub(crate) fn keep_since(&self, at: Timestamp) {
        self.0.kept_since.fetch_max(at.micros(), Ordering::AcqRel);
    }

    pub(crate) fn forget(&self) {
        self.0.shown.store(0, Ordering::Release);
        self.0.kept_since.store(0, Ordering::Release);
    }

    /// The last command of the log that it shows.
    #[must_use]
    pub fn shown(&self) -> Sequence {
        Sequence(self.0.shown.load(Ordering::Acquire))
    }

    /// What happened before this moment was let go of.
    #[must_use]
    pub fn kept_since(&self) -> Timestamp {
        Timestamp::from_micros(self.0.kept_since.load(Ordering::Acquire))
    }

    /// A call.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn call(&self, key: CallKey) -> Result<Option<CallRow>, HistoryError> {
        read_call(self.tables(), key)
    }

    /// A bid.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn bid(&self, key: BidKey) -> Result<Option<Bid>, HistoryError> {
        read_bid(self.tables(), key)
    }

    /// The profiles with which a buyer bid live on a call.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn profiles_on(&self, on: CallKey, buyer: AccountId) -> Result<Vec<ProfileId>, HistoryError> {
        let prefix = [keys::call(on), buyer.0.to_be_bytes().to_vec()].concat();
        let mut found = Vec::new();
        bundles::range(
            self.tables(),
            keys::BIDS,
            (&prefix, &keys::after_all(&prefix)),
            Order::Forwards,
            &mut |key, _| {
                found.extend(keys::bid_of(key).map(|(.., profile)| profile));
                ControlFlow::Continue(())
            },
        )?;
        Ok(found)
    }

    /// What an account has.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn balance(&self, account: AccountId) -> Result<Option<Money>, HistoryError> {
        read_balance(self.tables(), account)
    }

    /// The wanted calls of a period, those that became known first before the others: those of an account, sold or ever
    /// bought, or all.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn calls(
        &self,
        (party, period): (Option<AccountId>, Period),
        after: Option<CallCursor>,
        limit: usize,
        mut wanted: impl FnMut(&CallRow) -> bool,
    ) -> Result<Found<CallRow, CallCursor>, HistoryError> {
        let (table, prefix) = match party {
            Some(account) => (keys::CALLS_OF, account.0.to_be_bytes().to_vec()),
            None => (keys::CALLS_BY_TIME, Vec::new()),
        };
        let after = after.map(|(at, key)| keys::timed(at, &keys::call(key)));
        let damaged = || HistoryError::Damaged { table: "calls" };
        let page = self.page(table, &prefix, period, after, limit, |key, row| {
            let (name, at) = keys::call_of(key).zip(keys::time_of(key, prefix.len())).ok_or_else(damaged)?;
            let row = match party {
                Some(_) => Some(layout::read_call(name, row).ok_or_else(damaged)?),
                None => read_call_at(self.tables(), name, at)?,
            };
            Ok(row.filter(&mut wanted))
        })?;
        let cursor = |key: Vec<u8>| Some((keys::time_of(&key, prefix.len())?, keys::call_of(&key)?));
        Ok(Found { items: page.items, next: page.next.and_then(cursor) })
    }

    /// The wanted live bids of a period, by when they were placed or raised: those of a buyer, or all.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn bids(
        &self,
        (buyer, period): (Option<AccountId>, Period),
        after: Option<BidCursor>,
        limit: usize,
        mut wanted: impl FnMut(&Bid) -> bool,
    ) -> Result<Found<(BidKey, Bid), BidCursor>, HistoryError> {
        let (table, prefix) = match buyer {
            Some(account) => (keys::BIDS_OF, account.0.to_be_bytes().to_vec()),
            None => (keys::BIDS_BY_TIME, Vec::new()),
        };
        let after = after.map(|(at, key)| keys::timed(at, &keys::bid(key)));
        let damaged = || HistoryError::Damaged { table: "bids" };
        let page = self.page(table, &prefix, period, after, limit, |key, row| {
            let (name, at) = keys::bid_of(key).zip(keys::time_of(key, prefix.len())).ok_or_else(damaged)?;
            let bid = match buyer {
                Some(_) => Some(layout::read_bid(row).ok_or_else(damaged)?),
                // Raised since the page came to it: it comes again at its new place.
                None => read_bid_at(self.tables(), name, at)?,
            };
            Ok(bid.filter(&mut wanted).map(|bid| (name, bid)))
        })?;
        let cursor = |key: Vec<u8>| Some((keys::time_of(&key, prefix.len())?, keys::bid_of(&key)?));
        Ok(Found { items: page.items, next: page.next.and_then(cursor) })
    }

    /// The wanted lines of an account's money in a period, in the order of the log, up to what is shown now.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn lines(
        &self,
        (account, period): (AccountId, Period),
        after: Option<LineCursor>,
        limit: usize,
        mut wanted: impl FnMut(&Line) -> bool,
    ) -> Result<Found<Line, LineCursor>, HistoryError> {
        let (prefix, shown) = (account.0.to_be_bytes(), self.shown());
        let after = after.map(|(at, sequence, index)| keys::timed(at, &keys::line_name(sequence, index)));
        let page = self.page(keys::LINES, &prefix, period, after, limit, |key, bytes| {
            let line = layout::read_line(key, bytes).ok_or(HistoryError::Damaged { table: "lines" })?;
            Ok(Some(line).filter(|line| line.sequence <= shown && wanted(line)))
        })?;
        let cursor = |key: Vec<u8>| {
            let (sequence, index) = keys::line_of(&key)?;
            Some((keys::time_of(&key, prefix.len())?, sequence, index))
        };
        Ok(Found { items: page.items, next: page.next.and_then(cursor) })
    }

    /// What was told about the last decision of a call: why each live bid and each candidate that was told lost, and who won.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn candidates(&self, row: &CallRow) -> Result<Vec<Candidate>, HistoryError> {
        let prefix = keys::call((row.seller, row.call));
        let (mut found, mut damaged) = (Vec::new(), false);
        let end = keys::after_all(&prefix);
        let view = row.story.view();
        let winner = view.buyer.zip(view.profile);
        let mut names = Vec::new();
        bundles::range(self.tables(), keys::BIDS, (&prefix, &end), Order::Forwards, &mut |key, _| {
            match keys::bid_of(key) {
                Some(name) => names.push(name),
                None => damaged = true,
            }
            ControlFlow::Continue(())
        })?;
        for name in names {
            let Some(bid) = self.bid(name)? else { continue };
            let (buyer, _, _, profile) = name;
            let lost = bid.reason.filter(|_| bid.state != BidState::Won);
            if bid.state == BidState::Won || lost.is_some() {
                found.push(Candidate { buyer, profile, amount: Some(bid.amount), lost });
            }
        }
        bundles::range(
            self.tables(),
            keys::CALLS,
            (&keys::behind(&prefix), &end),
            Order::Forwards,
            &mut |key, bytes| {
                match (keys::bid_of(key), layout::read_told(bytes)) {
                    (Some((buyer, _, _, profile)), Some(told)) => {
                        found.push(Candidate { buyer, profile, amount: None, lost: Some(told.reason) });
                    }
                    _ => damaged = true,
                }
                ControlFlow::Continue(())
            },
        )?;
        if let Some((buyer, profile)) = winner
            && !found.iter().any(|known| (known.buyer, known.profile) == (buyer, profile))
        {
            found.push(Candidate { buyer, profile, amount: Some(view.price), lost: None });
        }
        found.sort_unstable_by_key(|candidate| (candidate.buyer, candidate.profile));
        if damaged { Err(HistoryError::Damaged { table: "bids" }) } else { Ok(found) }
    }

    /// Every row, table by table, as if each stood alone: for tools and tests that compare two histories.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn rows(&self, mut each: impl FnMut(&'static str, &[u8], &[u8])) -> Result<(), HistoryError> {
        for table in keys::TABLES {
            bundles::range(self.tables(), table, (&[], &keys::after_all(&[])), Order::Forwards, &mut |key, value| {
                each(table, key, value);
                ControlFlow::Continue(())
            })?;
        }
        Ok(())
    }

    /// The nearest line of an account before a moment, or from it on.
    pub(crate) fn line_beside(
        &self,
        account: AccountId,
        at: Timestamp,
        order: Order,
    ) -> Result<Option<Line>, HistoryError> {
        let (all, shown) = (account.0.to_be_bytes(), self.shown());
        let here = keys::of(account, at, &[]);
        let range = match order {
            Order::Forwards => (here, keys::after_all(&all)),
            Order::Backwards => (all.to_vec(), here),
        };
        let mut found = None;
        bundles::range(self.tables(), keys::LINES, (&range.0, &range.1), order, &mut |key, bytes| {
            let line = layout::read_line(key, bytes);
            if line.is_some_and(|line| line.sequence > shown) {
                return ControlFlow::Continue(());
            }
            found = Some(line.ok_or(HistoryError::Damaged { table: "lines" }));
            ControlFlow::Break(())
        })?;
        found.transpose()
    }

    fn page<T>(
        &self,
        table: &'static str,
        prefix: &[u8],
        period: Period,
        after: Option<Vec<u8>>,
        limit: usize,
        mut item: impl FnMut(&[u8], &[u8]) -> Result<Option<T>, HistoryError>,
    ) -> Result<Found<T, Vec<u8>>, HistoryError> {
        let start = keys::timed(period.from, &[]);
        let after = after.map(|after| [after, vec![0]].concat());
        let start = after.filter(|after| *after > start).unwrap_or(start);
        let (from, to) = ([prefix, &start].concat(), [prefix, &keys::timed(period.to, &[])].concat());
        let (mut items, mut last, mut looked_at, mut more, mut fault) = (Vec::new(), Vec::new(), 0, false, None);
        bundles::range(self.tables(), table, (&from, &to), Order::Forwards, &mut |key, value| {
            if items.len() >= limit || looked_at >= LOOKED_AT_MAX {
                more = true;
                return ControlFlow::Break(());
            }
            looked_at += 1;
            last.clear();
            last.extend_from_slice(key);
            match item(key, value) {
                Ok(found) => items.extend(found),
                Err(error) => {
                    fault = Some(error);
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        })?;
        match fault {
            Some(error) => Err(error),
            None => Ok(Found { items, next: more.then_some(last) }),
        }
    }
}
