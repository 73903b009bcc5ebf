//! From an id chosen by its owner to the slot of the record that has it, without a copy of the id: a [`FixedIndex`] a
//! third as large, for records that are looked at anyway once they are found.
//!
//! A place has 32 bits of the key's hash, which say where its search begins, and nearly always whether it is the one
//! that is looked for; only if they agree is the record asked. Otherwise it is the same table: linear probing, at most
//! half full, deletion without tombstones, a secret seed, and no way to walk over the entries.
//!
//! Invariant: between the place a key hashes to and the place it is in, no place is vacant.
//!
//! [`FixedIndex`]: super::FixedIndex

use super::Key;
use super::mixer::hash;
use alloc::boxed::Box;
use core::fmt;

/// The slot of a vacant place. No record has this number.
const VACANT: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Place {
    tag: u32,
    slot: u32,
}

impl Place {
    const EMPTY: Self = Self { tag: 0, slot: VACANT };

    const fn is_vacant(self) -> bool {
        self.slot == VACANT
    }
}

/// A map of at most `capacity` keys to the slots of their records.
#[derive(Clone)]
pub(crate) struct TaggedIndex {
    places: Box<[Place]>,
    seed: u128,
    capacity: u32,
    len: u32,
}

impl TaggedIndex {
    /// Claims memory for `capacity` keys, placed by `seed`.
    pub(crate) fn new(capacity: u32, seed: u128) -> Self {
        let size = (capacity as usize * 2).next_power_of_two().max(8);
        Self { places: alloc::vec![Place::EMPTY; size].into_boxed_slice(), seed, capacity, len: 0 }
    }

    /// The slot of a key, where `has_it` says of a slot whether its record has this key.
    pub(crate) fn get(&self, key: Key, has_it: impl Fn(u32) -> bool) -> Option<u32> {
        let tag = self.tag(key);
        let mut at = self.home(tag);
        loop {
            let place = self.places[at];
            if place.is_vacant() {
                return None;
            }
            if place.tag == tag && has_it(place.slot) {
                return Some(place.slot);
            }
            at = self.after(at);
        }
    }

    /// Adds a key that is not there yet, with its record's slot.
    ///
    /// # Panics
    ///
    /// When there are `capacity` keys.
    pub(crate) fn insert(&mut self, key: Key, slot: u32) {
        assert!(self.len < self.capacity && slot != VACANT, "Invariant: as many keys as records");
        let tag = self.tag(key);
        let mut at = self.home(tag);
        while !self.places[at].is_vacant() {
            at = self.after(at);
        }
        self.places[at] = Place { tag, slot };
        self.len += 1;
    }

    /// Takes out the key of the record in this slot. False when it is not there.
    pub(crate) fn remove(&mut self, key: Key, slot: u32) -> bool {
        let Some(mut hole) = self.place_of(key, slot) else { return false };
        let mut at = hole;
        loop {
            at = self.after(at);
            let place = self.places[at];
            if place.is_vacant() {
                break;
            }
            // An entry may fill the hole unless its home lies behind the hole, where a search for it would begin.
            if self.distance(self.home(place.tag), at) >= self.distance(hole, at) {
                self.places[hole] = place;
                hole = at;
            }
        }
        self.places[hole] = Place::EMPTY;
        self.len -= 1;
        true
    }

    /// Verifies the invariant of this table, where `key_of` gives a record's key.
    pub(crate) fn check(&self, key_of: impl Fn(u32) -> Option<Key>) -> Result<(), &'static str> {
        if self.len > self.capacity || self.capacity as usize * 2 > self.places.len() {
            return Err("tagged index: more than half full");
        }
        let mut count = 0;
        for (at, place) in self.places.iter().enumerate().filter(|(_, place)| !place.is_vacant()) {
            count += 1;
            if key_of(place.slot).and_then(|key| self.place_of(key, place.slot)) != Some(at) {
                return Err("tagged index: a search for a record's key does not end where its slot is");
            }
        }
        if count == self.len { Ok(()) } else { Err("tagged index: len is not the number of keys") }
    }

    fn place_of(&self, key: Key, slot: u32) -> Option<usize> {
        let tag = self.tag(key);
        let mut at = self.home(tag);
        while !self.places[at].is_vacant() {
            if self.places[at].slot == slot {
                return Some(at);
            }
            at = self.after(at);
        }
        None
    }

    fn tag(&self, key: Key) -> u32 {
        (hash(self.seed, [(key.id >> 64) as u64, key.id as u64, u64::from(key.owner)]) >> 32) as u32
    }

    fn home(&self, tag: u32) -> usize {
        tag as usize & self.mask()
    }

    fn after(&self, at: usize) -> usize {
        (at + 1) & self.mask()
    }

    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & self.mask()
    }

    fn mask(&self) -> usize {
        self.places.len() - 1
    }
}

impl fmt::Debug for TaggedIndex {
    /// Leaves out the seed, which is secret, and the entries, whose order would betray it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaggedIndex").field("len", &self.len).field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn debug_output_keeps_the_seed() {
        assert_eq!(std::format!("{:?}", TaggedIndex::new(2, 7)), "TaggedIndex { len: 0, capacity: 2, .. }");
    }

    #[test]
    #[should_panic(expected = "Invariant: as many keys as records")]
    fn a_key_too_many_panics() {
        TaggedIndex::new(0, 7).insert(Key { owner: 1, id: 1 }, 0);
    }

    /// Two keys with one tag are told apart by their records.
    #[test]
    fn equal_tags_are_told_apart() {
        let keys = [1, 2].map(|id| Key { owner: 1, id });
        let mut index = TaggedIndex::new(2, 7);
        index.insert(keys[0], 0);
        let tag = index.tag(keys[0]);
        // As if the second had hashed to the same.
        let behind = index.after(index.home(tag));
        index.places[behind] = Place { tag, slot: 1 };
        assert_eq!(index.get(keys[0], |slot| slot == 0), Some(0));
        assert_eq!(index.get(keys[0], |slot| slot == 1), Some(1));
        assert_eq!(index.get(keys[0], |_| false), None);
    }

    proptest! {
        #[test]
        fn agrees_with_a_table_of_keys(
            seed in any::<u128>(),
            steps in prop::collection::vec((any::<bool>(), 0..3_u32, 0..12_u128), 0..400),
        ) {
            // Eight keys in sixteen places out of 36 that may come: full often, and the probes run round the end.
            let mut index = TaggedIndex::new(8, seed);
            let mut model: [Option<Key>; 8] = [None; 8];
            for (inserts, owner, id) in steps {
                let key = Key { owner, id: id << 60 };
                let known = model.iter().position(|held| *held == Some(key));
                match (inserts, known, model.iter().position(Option::is_none)) {
                    (false, Some(slot), _) => {
                        prop_assert!(index.remove(key, slot as u32));
                        model[slot] = None;
                    }
                    (false, None, _) => prop_assert!(!index.remove(key, 8)),
                    (true, None, Some(slot)) => {
                        index.insert(key, slot as u32);
                        model[slot] = Some(key);
                    }
                    (true, _, _) => {}
                }
                for owner in 0..3 {
                    for id in 0..12 {
                        let key = Key { owner, id: id << 60 };
                        let slot = model.iter().position(|held| *held == Some(key)).map(|slot| slot as u32);
                        prop_assert_eq!(index.get(key, |slot| model[slot as usize] == Some(key)), slot);
                    }
                }
                prop_assert_eq!(index.check(|slot| model[slot as usize]), Ok(()));
            }
        }
    }
}
