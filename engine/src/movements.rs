//! Deposits and withdrawals as they are remembered, so that a retry changes nothing.
//!
//! Invariant: an entry is forgotten only once its id is too old to be accepted again.

use crate::collections::{Fifo, FixedIndex, Key};
use crate::ids::{MovementId, Sequence};
use crate::limits::{ID_AHEAD_MAX, Limits};
use crate::units::{Seconds, Timestamp};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Movement {
    pub(crate) account: u32,
    pub(crate) id: MovementId,
    pub(crate) fingerprint: u64,
    pub(crate) sequence: Sequence,
    pub(crate) entered_at: Timestamp,
}

/// Entries in the order they came, found by id through a running number.
#[derive(Clone, Debug)]
pub(crate) struct Movements {
    queue: Fifo<Movement>,
    index: FixedIndex,
    /// Fingerprints and sequences by place, where the index points; places go round.
    places: alloc::boxed::Box<[(u64, Sequence)]>,
    next_place: u32,
    retention: Seconds,
}

impl Movements {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        Self {
            queue: Fifo::new(limits.movements_max),
            index: FixedIndex::new(limits.movements_max, seed),
            places: alloc::vec![(0, Sequence(0)); limits.movements_max as usize].into_boxed_slice(),
            next_place: 0,
            retention: limits.retention,
        }
    }

    /// The fingerprint and the sequence of a movement that is remembered.
    pub(crate) fn find(&self, account: u32, id: MovementId) -> Option<(u64, Sequence)> {
        let place = self.index.get(Key { owner: account, id: id.0 })?;
        Some(self.places[place as usize])
    }

    /// Whether one more can be remembered at this time.
    pub(crate) fn has_room(&self, at: Timestamp) -> bool {
        !self.queue.is_full() || self.queue.front().is_some_and(|oldest| self.is_past(oldest, at))
    }

    /// Remembers a movement; the oldest gives its place up if it must.
    pub(crate) fn remember(&mut self, movement: Movement) {
        if self.queue.is_full() {
            let oldest = self.queue.pop().expect("Invariant: a full queue has a front");
            self.index.remove(Key { owner: oldest.account, id: oldest.id.0 });
        }
        let key = Key { owner: movement.account, id: movement.id.0 };
        let place = self.next_place;
        self.places[place as usize] = (movement.fingerprint, movement.sequence);
        self.next_place = if place + 1 == self.queue.capacity() { 0 } else { place + 1 };
        self.index.insert(key, place).expect("Invariant: as many as the queue");
        self.queue.push(movement).expect("Invariant: the oldest made room");
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Movement> {
        self.queue.iter()
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.queue.check()?;
        self.index.check()?;
        let found = |movement: &Movement| {
            self.find(movement.account, movement.id) == Some((movement.fingerprint, movement.sequence))
        };
        if self.index.len() == self.queue.len() && self.iter().all(found) {
            Ok(())
        } else {
            Err("movements: every remembered movement is found by its id")
        }
    }

    fn is_past(&self, movement: &Movement, at: Timestamp) -> bool {
        movement.entered_at + self.retention + ID_AHEAD_MAX <= at
    }
}
