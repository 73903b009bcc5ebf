//! Values under a key, each kept until an end: room comes back by itself as time goes on.
//!
//! Whether something more fits is a question of what has not ended, never of what lies around: the ended leave when a
//! place is needed, a few at a time. So a table that is full of ended values is empty to whoever asks, and no command
//! ever sweeps it.
//!
//! Invariant: every value is found by its key; one with an end waits in the queue of ends, one without does not.

use super::{Deadlines, FixedIndex, Key, Slab};

/// A table of `capacity` values that have not ended, and a few more for who was judged to have room for one of several.
#[derive(Debug, Clone)]
pub(crate) struct Expiring<T> {
    entries: Slab<Entry<T>>,
    index: FixedIndex,
    ends: Deadlines,
    capacity: u32,
}

#[derive(Debug, Clone, Copy)]
struct Entry<T> {
    id: [u64; 2],
    owner: u32,
    value: T,
}

impl<T> Entry<T> {
    fn key(&self) -> Key {
        Key { owner: self.owner, id: u128::from(self.id[0]) << 64 | u128::from(self.id[1]) }
    }
}

/// The end of a value that is kept until somebody takes it out.
pub(crate) const ENDLESS: u64 = u64::MAX;

impl<T> Expiring<T> {
    /// How many more than one value may be put in after one was judged to have room.
    pub(crate) const SPARE: u32 = 2;

    /// Claims memory for `capacity` values, found by keys placed by `seed`.
    pub(crate) fn new(capacity: u32, seed: u128) -> Self {
        let places = capacity + Self::SPARE;
        Self {
            entries: Slab::new(places),
            index: FixedIndex::new(places, seed),
            ends: Deadlines::new(places),
            capacity,
        }
    }

    /// Where the key's value is, ended or not.
    #[inline]
    pub(crate) fn find(&self, key: Key) -> Option<u32> {
        self.index.get(key)
    }

    #[inline]
    pub(crate) fn get(&self, slot: u32) -> &T {
        &self.entries[slot].value
    }

    pub(crate) fn get_mut(&mut self, slot: u32) -> &mut T {
        &mut self.entries[slot].value
    }

    pub(crate) fn key(&self, slot: u32) -> Key {
        self.entries[slot].key()
    }

    /// When the value ends.
    pub(crate) fn end(&self, slot: u32) -> u64 {
        self.ends.get(slot).map_or(ENDLESS, |(end, _)| end)
    }

    /// Whether fewer than `capacity` values have not ended.
    #[inline]
    pub(crate) fn has_room(&self, at: u64) -> bool {
        let len = self.entries.len();
        len < self.capacity || self.ends.due(at, Self::SPARE + 1) > len - self.capacity
    }

    /// How many values have not ended.
    pub(crate) fn len_at(&self, at: u64) -> u32 {
        self.entries.len() - self.ends.due(at, u32::MAX)
    }

    /// Whether nothing is in, not even something that has ended.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.len() == 0
    }

    /// Puts a value in under a key that is not there, and hears of each ended one that makes room. It is endless until
    /// [`Expiring::set_end`] says otherwise.
    pub(crate) fn insert(&mut self, key: Key, value: T, at: u64, mut left: impl FnMut(Key)) -> u32 {
        for _ in 0..=Self::SPARE {
            let Some((end, _, slot)) = self.ends.first() else { break };
            if end > at {
                break;
            }
            left(self.key(slot));
            self.remove(slot);
        }
        let entry = Entry { id: [(key.id >> 64) as u64, key.id as u64], owner: key.owner, value };
        let slot = self.entries.insert(entry).expect("Invariant: judged to have room");
        self.index.insert(key, slot).expect("Invariant: as many as entries");
        slot
    }

    /// The value is kept until then.
    pub(crate) fn set_end(&mut self, slot: u32, end: u64) {
        if end == ENDLESS {
            self.ends.clear(slot);
        } else {
            self.ends.set(slot, end, 0);
        }
    }

    pub(crate) fn remove(&mut self, slot: u32) {
        let key = self.key(slot);
        self.ends.clear(slot);
        self.index.remove(key);
        self.entries.remove(slot);
    }

    /// All values, ended ones included, in order of their slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, Key, &T)> {
        self.entries.iter().map(|(slot, entry)| (slot, entry.key(), &entry.value))
    }

    /// Verifies the invariant of this table.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.entries.check()?;
        self.index.check()?;
        self.ends.check()?;
        if self.index.len() != self.entries.len() || self.ends.len() > self.entries.len() {
            return Err("expiring: as many keys as values, and no more ends");
        }
        if self.iter().all(|(slot, key, _)| self.find(key) == Some(slot)) {
            Ok(())
        } else {
            Err("expiring: every value is found by its key")
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn key(id: u128) -> Key {
        Key { owner: 7, id: id << 70 | id }
    }

    #[test]
    fn ended_values_make_room_and_endless_ones_do_not() {
        let mut table = Expiring::new(2, 1);
        let one = table.insert(key(1), 'a', 0, |_| ());
        table.set_end(one, 10);
        table.insert(key(2), 'b', 0, |_| ());
        assert!(!table.has_room(9) && table.has_room(10));
        let mut left = std::vec::Vec::new();
        table.insert(key(3), 'c', 10, |key| left.push(key));
        assert_eq!((left, table.find(key(1)), table.has_room(u64::MAX - 1)), (std::vec![key(1)], None, false));
        assert_eq!(table.check(), Ok(()));
    }

    proptest! {
        /// A table of 4: what has not ended is what counts, however many are put in after one judgement.
        #[test]
        fn has_room_for_what_has_not_ended(steps in prop::collection::vec((1..4u32, 0..9u128, 0..30u64, 0..4u64), 0..300)) {
            let (mut table, mut model, mut now) = (Expiring::new(4, 3), BTreeMap::new(), 0_u64);
            for (several, id, length, pause) in steps {
                now += pause;
                let counted = model.values().filter(|end| **end > now).count();
                prop_assert_eq!(table.has_room(now), counted < 4);
                prop_assert_eq!(table.len_at(now) as usize, counted);
                if counted >= 4 {
                    continue;
                }
                for id in id..id + u128::from(several) {
                    let end = if length == 0 { ENDLESS } else { now + length };
                    let slot = table.find(key(id)).unwrap_or_else(|| table.insert(key(id), (), now, |_| ()));
                    table.set_end(slot, end);
                    model.insert(id, end);
                    prop_assert_eq!(table.end(slot), end);
                }
                if length == 1 && let Some(slot) = table.find(key(id)) {
                    table.remove(slot);
                    model.remove(&id);
                }
                prop_assert_eq!(table.check(), Ok(()));
            }
        }
    }
}
