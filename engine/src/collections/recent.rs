//! What was last said under each of many keys, the ones spoken of most recently.
//!
//! A map that never refuses: when it is full, a new key takes the place of the one that was written longest ago.
//!
//! Invariant: the list runs through every entry once, from the one written longest ago to the one written last, and the
//! index finds each.

use super::{FixedIndex, Key, Slab};

/// No entry.
const NONE: u32 = u32::MAX;

/// The at most `capacity` keys written last, with their values.
#[derive(Clone, Debug)]
pub(crate) struct Recent<V> {
    entries: Slab<Entry<V>>,
    index: FixedIndex,
    oldest: u32,
    newest: u32,
}

#[derive(Clone, Copy, Debug)]
struct Entry<V> {
    key: Key,
    value: V,
    before: u32,
    after: u32,
}

impl<V: Copy> Recent<V> {
    /// Claims memory for `capacity` keys, at least one, placed by `seed`.
    pub(crate) fn new(capacity: u32, seed: u128) -> Self {
        let capacity = capacity.max(1);
        Self { entries: Slab::new(capacity), index: FixedIndex::new(capacity, seed), oldest: NONE, newest: NONE }
    }

    /// The value of a key, unless it was never written or has made room.
    pub(crate) fn get(&self, key: Key) -> Option<V> {
        self.index.get(key).map(|slot| self.entries[slot].value)
    }

    /// Writes a key's value: it is the newest now.
    pub(crate) fn put(&mut self, key: Key, value: V) {
        let known = self.index.get(key);
        if let Some(slot) = known {
            self.unlink(slot);
        } else if self.entries.is_full() {
            let oldest = self.oldest;
            self.unlink(oldest);
            let forgotten = self.entries.remove(oldest).expect("Invariant: the list runs through entries");
            self.index.remove(forgotten.key);
        }
        let entry = Entry { key, value, before: self.newest, after: NONE };
        let slot = if let Some(slot) = known {
            self.entries[slot] = entry;
            slot
        } else {
            let slot = self.entries.insert(entry).expect("Invariant: room was made");
            self.index.insert(key, slot).expect("Invariant: as many as entries");
            slot
        };
        match self.newest {
            NONE => self.oldest = slot,
            newest => self.entries[newest].after = slot,
        }
        self.newest = slot;
    }

    /// Takes an entry out of the list, not out of the table.
    fn unlink(&mut self, slot: u32) {
        let Entry { before, after, .. } = self.entries[slot];
        match before {
            NONE => self.oldest = after,
            before => self.entries[before].after = after,
        }
        match after {
            NONE => self.newest = before,
            after => self.entries[after].before = before,
        }
    }

    /// Keys and values, the one written longest ago first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, V)> + '_ {
        let mut slot = self.oldest;
        core::iter::from_fn(move || {
            let entry = self.entries.get(slot)?;
            slot = entry.after;
            Some((entry.key, entry.value))
        })
    }

    /// Verifies the invariant of this table.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.entries.check()?;
        self.index.check()?;
        let (mut slot, mut before, mut count) = (self.oldest, NONE, 0);
        while let Some(entry) = self.entries.get(slot) {
            if count == self.entries.len() || entry.before != before || self.index.get(entry.key) != Some(slot) {
                return Err("recent: the list runs through every entry once, and the index finds each");
            }
            (before, slot) = (slot, entry.after);
            count += 1;
        }
        let all = count == self.entries.len() && count == self.index.len() && before == self.newest;
        if all { Ok(()) } else { Err("recent: every entry is in the list") }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn key(id: u8) -> Key {
        Key { owner: u32::from(id % 3), id: u128::from(id) }
    }

    #[test]
    fn a_full_table_forgets_what_was_written_longest_ago() {
        let mut recent = Recent::new(2, 7);
        recent.put(key(1), 'a');
        recent.put(key(2), 'b');
        recent.put(key(1), 'c');
        recent.put(key(3), 'd');
        assert_eq!((recent.get(key(1)), recent.get(key(2)), recent.get(key(3))), (Some('c'), None, Some('d')));
        assert_eq!(recent.check(), Ok(()));
    }

    proptest! {
        #[test]
        fn agrees_with_a_list(capacity in 1..6u32, writes in prop::collection::vec((0..9u8, any::<u16>()), 0..60)) {
            let mut recent = Recent::new(capacity, 7);
            let mut model: Vec<(Key, u16)> = Vec::new();
            for (id, value) in writes {
                recent.put(key(id), value);
                model.retain(|(known, _)| *known != key(id));
                if model.len() == capacity as usize {
                    model.remove(0);
                }
                model.push((key(id), value));
                prop_assert_eq!(recent.iter().collect::<Vec<_>>(), &model[..]);
                prop_assert_eq!(recent.check(), Ok(()));
            }
        }
    }
}
