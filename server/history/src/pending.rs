//! The rows of the next batch: read through to the database, changed here, and written together.

use std::collections::BTreeMap;
use std::sync::Arc;

use dce_engine::ids::AccountId;
use dce_engine::units::{Money, Timestamp};
use dce_persistence::tables::{Change, Order, Tables};

use crate::HistoryError;
use crate::bundles::{self, Writes};
use crate::bytes::{Reader, Writer};
use crate::counts::{Counted, bid_shares, call_shares};
use crate::keys;
use crate::layout;
use crate::lots::{Bid, BidKey, CallKey};
use crate::read::Told;
use crate::rows::{CallRow, Line};

/// A row as the database has it, and as it is to be.
#[derive(Debug)]
struct Touched<T> {
    before: Option<T>,
    now: Option<T>,
}

/// What was folded and is not written yet.
#[derive(Debug)]
pub(crate) struct Pending {
    tables: Arc<Tables>,
    calls: BTreeMap<CallKey, Touched<CallRow>>,
    bids: BTreeMap<BidKey, Touched<Bid>>,
    told: BTreeMap<BidKey, Told>,
    balances: BTreeMap<AccountId, Money>,
    lines: Vec<(AccountId, Line)>,
}

impl Pending {
    pub(crate) fn new(tables: Arc<Tables>) -> Self {
        let (calls, bids, told) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { tables, calls, bids, told, balances: BTreeMap::new(), lines: Vec::new() }
    }

    /// About how many rows wait.
    pub(crate) fn rows(&self) -> usize {
        self.calls.len() + self.bids.len() + self.told.len() + self.lines.len()
    }

    /// A call, to be changed; nothing where it is not known, or no longer.
    pub(crate) fn call(&mut self, key: CallKey) -> Result<&mut Option<CallRow>, HistoryError> {
        use std::collections::btree_map::Entry;
        let touched = match self.calls.entry(key) {
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(free) => {
                let before = read_call(&self.tables, key)?;
                free.insert(Touched { now: before.clone(), before })
            }
        };
        Ok(&mut touched.now)
    }

    /// Whether anybody may have bid live on a call: who has no auction is not bid on, and nothing is looked for then. Of a call
    /// that was let go of bids may be left.
    fn takes_bids(&mut self, on: CallKey) -> Result<bool, HistoryError> {
        Ok(self.call(on)?.as_ref().is_none_or(|row| row.lot.is_some()))
    }

    /// A bid, to be changed, where there is one.
    pub(crate) fn known_bid(&mut self, key: BidKey) -> Result<Option<&mut Bid>, HistoryError> {
        let (_, call, seller, _) = key;
        if self.takes_bids((seller, call))? { Ok(self.bid(key)?.as_mut()) } else { Ok(None) }
    }

    /// A bid, to be changed or put there.
    pub(crate) fn bid(&mut self, key: BidKey) -> Result<&mut Option<Bid>, HistoryError> {
        use std::collections::btree_map::Entry;
        let touched = match self.bids.entry(key) {
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(free) => {
                let before = read_bid(&self.tables, key)?;
                free.insert(Touched { now: before, before })
            }
        };
        Ok(&mut touched.now)
    }

    /// Every bid on a call.
    pub(crate) fn bids_on(&mut self, on: CallKey) -> Result<Vec<BidKey>, HistoryError> {
        let mut found = Vec::new();
        if !self.takes_bids(on)? {
            return Ok(found);
        }
        let prefix = keys::call(on);
        self.tables.range(keys::BIDS, (&prefix, &keys::after_all(&prefix)), Order::Forwards, &mut |key, _| {
            found.extend(keys::bid_of(key));
            std::ops::ControlFlow::Continue(())
        })?;
        let fresh =
            self.bids.iter().filter(|((_, call, seller, _), bid)| (*seller, *call) == on && bid.before.is_none());
        found.extend(fresh.map(|(key, _)| *key));
        Ok(found)
    }

    /// A candidate without a live bid was told why it lost.
    pub(crate) fn tell(&mut self, key: BidKey, told: Told) {
        self.told.insert(key, told);
    }

    pub(crate) fn balance(&self, account: AccountId) -> Result<Money, HistoryError> {
        if let Some(known) = self.balances.get(&account) {
            return Ok(*known);
        }
        Ok(read_balance(&self.tables, account)?.unwrap_or(Money::ZERO))
    }

    pub(crate) fn set_balance(&mut self, account: AccountId, balance: Money) {
        self.balances.insert(account, balance);
    }

    pub(crate) fn line(&mut self, account: AccountId, line: Line) {
        self.lines.push((account, line));
    }

    /// Everything as changes of the database, and nothing waits any more.
    pub(crate) fn take(&mut self) -> Result<Vec<Change>, HistoryError> {
        let mut changes = Writes::default();
        let mut counted = Counted::default();
        for (key, row) in std::mem::take(&mut self.calls) {
            if let Some(now) = &row.now {
                put_call(key, row.before.as_ref(), now, &mut changes);
                row.before.iter().for_each(|before| call_shares(before, -1, &mut counted));
                call_shares(now, 1, &mut counted);
            }
        }
        for (key, row) in std::mem::take(&mut self.bids) {
            if let Some(now) = &row.now {
                put_bid(key, row.before.as_ref(), now, &mut changes);
                row.before.iter().for_each(|before| bid_shares(key.0, before, -1, &mut counted));
                bid_shares(key.0, now, 1, &mut counted);
            }
        }
        for (key, told) in std::mem::take(&mut self.told) {
            changes.put(keys::CALLS, &keys::bid(key), layout::write_told(&told));
        }
        for (account, line) in self.lines.drain(..) {
            let place = keys::of(account, line.at, &keys::line_name(line.sequence, line.index));
            changes.put(keys::LINES, &place, layout::write_line(&line));
        }
        for (account, balance) in std::mem::take(&mut self.balances) {
            changes.put(keys::ACCOUNTS, &account.0.to_be_bytes(), layout::write_money(balance));
        }
        counted.put(&self.tables, &mut changes)?;
        changes.done(&self.tables)
    }

    /// Forgets what waits.
    pub(crate) fn forget(&mut self) {
        *self = Self::new(Arc::clone(&self.tables));
    }
}

fn put_call(key: CallKey, before: Option<&CallRow>, now: &CallRow, changes: &mut Writes) {
    let name = keys::call(key);
    if before.is_none() {
        changes.nothing_at(keys::CALLS, &name);
        changes.put(keys::CALLS, &name, write_at(now.known_at));
        changes.put(keys::CALLS_BY_TIME, &keys::timed(now.known_at, &name), Vec::new());
    }
    let row = layout::write_call(now);
    for account in now.buyers.iter().copied().chain([now.seller]) {
        changes.put(keys::CALLS_OF, &keys::of(account, now.known_at, &name), row.clone());
    }
}

fn put_bid(key: BidKey, before: Option<&Bid>, now: &Bid, changes: &mut Writes) {
    let (name, buyer) = (keys::bid(key), key.0);
    let moved = before.filter(|before| before.placed_at != now.placed_at);
    if let Some(before) = moved {
        changes.remove(keys::BIDS_BY_TIME, &keys::timed(before.placed_at, &name));
        changes.remove(keys::BIDS_OF, &keys::of(buyer, before.placed_at, &name));
    }
    if before.is_none() || moved.is_some() {
        changes.put(keys::BIDS, &name, write_at(now.placed_at));
        changes.put(keys::BIDS_BY_TIME, &keys::timed(now.placed_at, &name), Vec::new());
    }
    changes.put(keys::BIDS_OF, &keys::of(buyer, now.placed_at, &name), layout::write_bid(now));
}

pub(crate) fn read_call(tables: &Tables, key: CallKey) -> Result<Option<CallRow>, HistoryError> {
    find(tables, keys::CALLS, &keys::call(key), |at| read_call_at(tables, key, at))
}

/// A call that became known at this moment.
pub(crate) fn read_call_at(tables: &Tables, key: CallKey, at: Timestamp) -> Result<Option<CallRow>, HistoryError> {
    let bytes = bundles::get(tables, keys::CALLS_OF, &keys::of(key.0, at, &keys::call(key)))?;
    bytes.map(|bytes| layout::read_call(key, &bytes).ok_or(HistoryError::Damaged { table: "calls" })).transpose()
}

pub(crate) fn read_bid(tables: &Tables, key: BidKey) -> Result<Option<Bid>, HistoryError> {
    find(tables, keys::BIDS, &keys::bid(key), |at| read_bid_at(tables, key, at))
}

/// A bid that was placed, or raised last, at this moment.
pub(crate) fn read_bid_at(tables: &Tables, key: BidKey, at: Timestamp) -> Result<Option<Bid>, HistoryError> {
    let bytes = tables.get(keys::BIDS_OF, &keys::of(key.0, at, &keys::bid(key)))?;
    bytes.map(|bytes| layout::read_bid(&bytes).ok_or(HistoryError::Damaged { table: "bids" })).transpose()
}

/// A row, by the moment that its name leads to. Who reads while it is written may find it gone from there, because it was
/// raised or let go of: then its name leads elsewhere, or nowhere.
fn find<T>(
    tables: &Tables,
    table: &'static str,
    name: &[u8],
    read: impl Fn(Timestamp) -> Result<Option<T>, HistoryError>,
) -> Result<Option<T>, HistoryError> {
    let mut before = None;
    loop {
        let Some(bytes) = bundles::get(tables, table, name)? else { return Ok(None) };
        let at = read_at(&bytes).filter(|at| before != Some(*at)).ok_or(HistoryError::Damaged { table })?;
        if let Some(row) = read(at)? {
            return Ok(Some(row));
        }
        before = Some(at);
    }
}

fn write_at(at: Timestamp) -> Vec<u8> {
    let mut to = Writer::new();
    to.at(at);
    to.done()
}

fn read_at(bytes: &[u8]) -> Option<Timestamp> {
    let mut from = Reader::new(bytes)?;
    let at = from.at()?;
    from.end().map(|()| at)
}

pub(crate) fn read_balance(tables: &Tables, account: AccountId) -> Result<Option<Money>, HistoryError> {
    let bytes = tables.get(keys::ACCOUNTS, &account.0.to_be_bytes())?;
    bytes.map(|bytes| layout::read_money(&bytes).ok_or(HistoryError::Damaged { table: "accounts" })).transpose()
}

/// The UTC day of a moment, counted from 1970.
pub(crate) fn day_of(at: Timestamp) -> u32 {
    const MICROS_A_DAY: u64 = 86_400_000_000;
    u32::try_from(at.micros() / MICROS_A_DAY).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_moves_while_it_is_looked_for_is_found_and_one_that_is_missing_is_damage() {
        let dir = tempfile::tempdir().unwrap();
        let tables = Tables::open(dir.path()).unwrap();
        let leads_to = |micros| {
            let change = Change::put(keys::BIDS, b"name", write_at(Timestamp::from_micros(micros)));
            tables.apply(vec![change]).unwrap();
        };
        let asked = std::cell::Cell::new(0);
        let read = |at: Timestamp| {
            asked.set(asked.get() + 1);
            if asked.get() == 1 {
                leads_to(2);
            }
            Ok((asked.get() == 2).then_some(at))
        };
        assert_eq!(find(&tables, keys::BIDS, b"name", read).unwrap(), None, "there is no such name");
        leads_to(1);
        assert_eq!(find(&tables, keys::BIDS, b"name", read).unwrap(), Some(Timestamp::from_micros(2)));
        let missing = find(&tables, keys::BIDS, b"name", |_| Ok(None::<()>));
        assert!(matches!(missing, Err(HistoryError::Damaged { .. })));
    }
}
