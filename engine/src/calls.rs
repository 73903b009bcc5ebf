//! The calls: what each is, how far it has come, and when something about it falls due.
//!
//! A call has a record from the moment it is known until it is sealed, and a live part while it can still be decided,
//! delivered or settled. Invariant: exactly the calls that are not closed have a live part and a deadline; exactly the
//! closed ones wait to be sealed, in the order they closed, those that ended as quotes in a queue of their own: nobody
//! disputes a quote, so they wait for less long.

mod lifecycle;
mod live;
mod record;
mod together;

pub use lifecycle::CallState;
pub(crate) use live::{Hold, HoldState, LiveCall, Quote, Tried};
pub(crate) use record::{CallRecord, Marks};
pub(crate) use together::{ALONE, Attempt};

use crate::collections::{Deadlines, Fifo, FixedIndex, Key, Slab};
use crate::ids::CallId;
use crate::limits::{ID_AHEAD_MAX, Limits, QUOTE_KEPT_FOR};
use crate::reason::Reason;
use crate::reject::Reject;
use crate::units::{Seconds, Timestamp};

/// A closed call waiting for its end.
#[derive(Clone, Copy, Debug)]
struct Seal {
    at: Timestamp,
    number: u64,
    record: u32,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// A live call's deadline: its live slot.
    Deadline(u32),
    /// A closed call is to be sealed: its record slot.
    Seal(u32),
}

#[derive(Clone, Debug)]
pub(crate) struct Calls {
    records: Slab<CallRecord>,
    live: Slab<LiveCall>,
    together: Slab<together::Besides>,
    index: FixedIndex,
    deadlines: Deadlines,
    seals: Fifo<Seal>,
    /// The same of calls that ended as quotes.
    quote_seals: Fifo<Seal>,
    /// Counts every setting of a deadline and every seal, so that what falls due at one moment has an order.
    number: u64,
    retention: Seconds,
}

impl Calls {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        Self {
            records: Slab::new(limits.calls_max),
            live: Slab::new(limits.calls_live_max),
            together: Slab::new(limits.together_max),
            index: FixedIndex::new(limits.calls_max, seed),
            deadlines: Deadlines::new(limits.calls_live_max),
            seals: Fifo::new(limits.calls_max),
            quote_seals: Fifo::new(limits.calls_max),
            number: 0,
            retention: limits.retention,
        }
    }

    #[inline]
    pub(crate) fn find(&self, seller: u32, id: CallId) -> Option<u32> {
        self.index.get(Key { owner: seller, id: id.0 })
    }

    /// Where in memory the search for a call begins, and where its record will be if it is new.
    #[inline]
    pub(crate) fn near(&self, seller: u32, id: CallId) -> (&impl Sized, Option<&impl Sized>) {
        (self.index.near(Key { owner: seller, id: id.0 }), self.records.next_free())
    }

    #[inline]
    pub(crate) fn record(&self, record: u32) -> &CallRecord {
        &self.records[record]
    }

    #[inline]
    pub(crate) fn record_mut(&mut self, record: u32) -> &mut CallRecord {
        &mut self.records[record]
    }

    /// The live part.
    #[inline]
    pub(crate) fn live(&self, live: u32) -> &LiveCall {
        &self.live[live]
    }

    #[inline]
    pub(crate) fn live_mut(&mut self, live: u32) -> &mut LiveCall {
        &mut self.live[live]
    }

    /// Whether one more call can be known and live.
    pub(crate) fn judge_room(&self) -> Result<(), Reject> {
        if self.records.is_full() {
            Err(Reject::CallsFull)
        } else if self.live.is_full() {
            Err(Reject::LiveCallsFull)
        } else {
            Ok(())
        }
    }

    /// A call is known. Returns its record's and its live part's slot.
    #[inline(always)]
    pub(crate) fn open(&mut self, record: CallRecord, make_live: impl FnOnce(u32) -> LiveCall) -> (u32, u32) {
        let key = Key { owner: record.seller, id: record.id().0 };
        let record = self.records.insert(record).expect("Invariant: judged to have room");
        self.index.insert(key, record).expect("Invariant: as many as records");
        let live = self.live.insert_made(|| make_live(record)).expect("Invariant: judged to have room");
        self.records[record].set_live(live);
        (record, live)
    }

    /// Something about a live call falls due at `at`, instead of what was due before.
    pub(crate) fn set_deadline(&mut self, live: u32, at: Timestamp) {
        self.number += 1;
        self.deadlines.set(live, at.micros(), self.number);
    }

    /// When that is.
    pub(crate) fn deadline(&self, live: u32) -> Timestamp {
        let (at, _) = self.deadlines.get(live).expect("Invariant: every live call has a deadline");
        Timestamp::from_micros(at)
    }

    /// A call is closed: its live part is gone, its record waits to be sealed.
    pub(crate) fn close(&mut self, live: u32, at: Timestamp, reason: Reason) {
        let LiveCall { record, clocks, together, .. } = self.live[live];
        assert!(together == ALONE, "Invariant: nobody rings for a call that is over");
        self.records[record].close(reason, clocks.since_connect);
        self.deadlines.clear(live);
        self.live.discard(live);
        self.number += 1;
        let kept_until = at + self.retention + ID_AHEAD_MAX;
        let briefly = self.records[record].is_kept_briefly();
        let at = if briefly { kept_until.min(at + QUOTE_KEPT_FOR) } else { kept_until };
        let seal = Seal { at, number: self.number, record };
        self.queue_of(record).push(seal).expect("Invariant: as many as records");
    }

    /// Where a closed call waits to be sealed.
    fn queue_of(&mut self, record: u32) -> &mut Fifo<Seal> {
        if self.records[record].is_kept_briefly() { &mut self.quote_seals } else { &mut self.seals }
    }

    /// The record is gone for good.
    pub(crate) fn seal(&mut self, record: u32) {
        let sealed = self.queue_of(record).pop().expect("Invariant: a sealed call waited");
        assert!(sealed.record == record, "Invariant: calls are sealed in the order they closed");
        let call = self.records.remove(record).expect("Invariant: a closed call has a record");
        self.index.remove(Key { owner: call.seller, id: call.id().0 });
    }

    /// How often a deadline or a seal was set so far: no two decisions see the same number.
    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    /// When the next thing falls due.
    #[inline]
    pub(crate) fn next_due(&self) -> Option<(Timestamp, Due)> {
        let deadline = self.deadlines.first().map(|(at, number, live)| (at, number, Due::Deadline(live)));
        let [seal, quote_seal] = [&self.seals, &self.quote_seals]
            .map(|seals| seals.front().map(|seal| (seal.at.micros(), seal.number, Due::Seal(seal.record))));
        let first = earlier(deadline, earlier(seal, quote_seal));
        first.map(|(at, _, due)| (Timestamp::from_micros(at), due))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &CallRecord)> {
        self.records.iter()
    }

    /// For the digest: records, live parts, deadlines and seals.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let records = self.records.iter().flat_map(|(slot, record)| record.words(slot));
        let live = self.live.iter().flat_map(|(slot, live)| {
            let (at, number) = self.deadlines.get(slot).unwrap_or_default();
            live.words().chain([u64::from(slot), at, number]).chain(self.words_beside(slot))
        });
        let seals = self
            .seals
            .iter()
            .chain(self.quote_seals.iter())
            .flat_map(|seal| [seal.at.micros(), seal.number, u64::from(seal.record)]);
        [self.number].into_iter().chain(records).chain(live).chain(seals)
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.records.check()?;
        self.live.check()?;
        self.index.check()?;
        self.deadlines.check()?;
        self.seals.check()?;
        self.quote_seals.check()?;
        for (slot, record) in self.records.iter() {
            if self.find(record.seller, record.id()) != Some(slot) {
                return Err("calls: every call is found by its id");
            }
            if record.live().is_some_and(|live| self.live.get(live).is_none_or(|live| live.record != slot)) {
                return Err("calls: exactly the calls that are not closed have a live part");
            }
        }
        for (slot, live) in self.live.iter() {
            if self.records.get(live.record).and_then(CallRecord::live) != Some(slot) {
                return Err("calls: a live part and its record know each other");
            }
            if self.deadlines.get(slot).is_none() {
                return Err("calls: every live call has a deadline");
            }
        }
        let waiting = self.seals.len() + self.quote_seals.len();
        if self.deadlines.len() != self.live.len() || waiting + self.live.len() != self.records.len() {
            return Err("calls: a call is live or waits to be sealed");
        }
        for (seals, of_quotes) in [(&self.seals, false), (&self.quote_seals, true)] {
            if !seals.iter().is_sorted_by_key(|seal| (seal.at, seal.number)) {
                return Err("calls: seals fall due in the order calls closed");
            }
            if !seals.iter().all(|seal| self.records[seal.record].is_kept_briefly() == of_quotes) {
                return Err("calls: what ended as a quote waits with its like");
            }
        }
        self.check_together()
    }
}

/// What falls due: when, its number, and what it is.
type Coming = (u64, u64, Due);

/// The one that falls due first.
fn earlier(one: Option<Coming>, other: Option<Coming>) -> Option<Coming> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if (one.0, one.1) < (other.0, other.1) { one } else { other }),
        (one, other) => one.or(other),
    }
}
