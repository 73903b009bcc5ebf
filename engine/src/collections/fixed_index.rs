//! From an id chosen by its owner to the slot we keep it in.
//!
//! An open-addressing table with linear probing, never more than half full, that deletes by shifting the
//! entries behind the hole back instead of leaving a tombstone. So a table that churns at its limit for a
//! year probes as few entries as on its first day, and never stops to clean up. The hash is keyed by a secret
//! seed: whoever chooses ids cannot choose where they land.
//!
//! There is no way to walk over the entries, on purpose: their order follows the seed, and hash order must
//! decide nothing. Whoever needs all records walks the slab they live in.
//!
//! Invariant: between the place a key hashes to and the place it is in, no place is vacant.

use super::mixer::hash;
use alloc::boxed::Box;
use alloc::vec;
use core::fmt;

/// An id together with whoever chose it: two owners may choose the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    /// Who chose the id.
    pub(crate) owner: u32,
    /// The id as chosen.
    pub(crate) id: u128,
}

/// The index holds as many keys as it has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// A map of at most `capacity` keys to slots.
#[derive(Clone)]
pub(crate) struct FixedIndex {
    places: Box<[Place]>,
    seed: u128,
    capacity: u32,
    len: u32,
}

/// The value of a vacant place. Values are slots, and no slot has this number.
const VACANT: u32 = u32::MAX;

/// The id lies here in halves because a `u128` would be aligned to 16 bytes and make this 32 bytes instead of
/// 24.
#[derive(Clone, Copy)]
struct Place {
    id_high: u64,
    id_low: u64,
    owner: u32,
    value: u32,
}

impl Place {
    const EMPTY: Self = Self { id_high: 0, id_low: 0, owner: 0, value: VACANT };

    fn new(key: Key, value: u32) -> Self {
        Self { id_high: (key.id >> 64) as u64, id_low: key.id as u64, owner: key.owner, value }
    }

    fn has_key_of(&self, other: &Self) -> bool {
        self.id_low == other.id_low && self.id_high == other.id_high && self.owner == other.owner
    }

    fn is_vacant(&self) -> bool {
        self.value == VACANT
    }
}

impl FixedIndex {
    /// Claims memory for `capacity` keys, placed by `seed`.
    pub(crate) fn new(capacity: u32, seed: u128) -> Self {
        // At half load a search meets less than three places on average, found or not, and there is always a
        // vacant place to end it.
        let size = (capacity as usize * 2).next_power_of_two().max(8);
        Self { places: vec![Place::EMPTY; size].into_boxed_slice(), seed, capacity, len: 0 }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: Key) -> Option<u32> {
        self.find(&Place::new(key, VACANT)).map(|at| self.places[at].value)
    }

    /// The place in memory where the search for a key begins, to be asked for before it is searched.
    #[inline]
    pub(crate) fn near(&self, key: Key) -> &impl Sized {
        &self.places[self.home(&Place::new(key, VACANT))]
    }

    /// Adds a key that is not there yet.
    ///
    /// # Panics
    ///
    /// When `value` is `u32::MAX`, which marks vacant places; and in debug builds when the key is there
    /// already.
    pub(crate) fn insert(&mut self, key: Key, value: u32) -> Result<(), Full> {
        assert!(value != VACANT, "Invariant: a value is a slot, and u32::MAX is none");
        debug_assert!(self.get(key).is_none(), "Invariant: a key is inserted once");
        if self.len == self.capacity {
            return Err(Full);
        }
        let place = Place::new(key, value);
        let mut at = self.home(&place);
        while !self.places[at].is_vacant() {
            at = self.after(at);
        }
        self.places[at] = place;
        self.len += 1;
        Ok(())
    }

    /// Takes a key out and answers the value it had.
    pub(crate) fn remove(&mut self, key: Key) -> Option<u32> {
        let found = self.find(&Place::new(key, VACANT))?;
        let value = self.places[found].value;
        let mut hole = found;
        let mut at = found;
        loop {
            at = self.after(at);
            let place = self.places[at];
            if place.is_vacant() {
                break;
            }
            // An entry may fill the hole unless its home lies behind the hole, where a search for it would
            // begin.
            if self.distance(self.home(&place), at) >= self.distance(hole, at) {
                self.places[hole] = place;
                hole = at;
            }
        }
        self.places[hole] = Place::EMPTY;
        self.len -= 1;
        Some(value)
    }

    /// How many keys are in.
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// How many keys there is room for.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Verifies the invariant of this table.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.len > self.capacity || self.capacity as usize * 2 > self.places.len() {
            return Err("fixed index: more than half full");
        }
        let mut count = 0;
        for (at, place) in self.places.iter().enumerate() {
            if place.is_vacant() {
                continue;
            }
            count += 1;
            // This also finds a key that is in twice: the search for the second ends at the first.
            if self.find(place) != Some(at) {
                return Err("fixed index: a search for a key does not end where the key is");
            }
        }
        if count == self.len { Ok(()) } else { Err("fixed index: len is not the number of keys") }
    }

    fn find(&self, wanted: &Place) -> Option<usize> {
        let mut at = self.home(wanted);
        loop {
            let place = &self.places[at];
            if place.is_vacant() {
                return None;
            }
            if place.has_key_of(wanted) {
                return Some(at);
            }
            at = self.after(at);
        }
    }

    fn home(&self, place: &Place) -> usize {
        hash(self.seed, [place.id_high, place.id_low, u64::from(place.owner)]) as usize & self.mask()
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

impl fmt::Debug for FixedIndex {
    /// Leaves out the seed, which is secret, and the entries, whose order would betray it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FixedIndex").field("len", &self.len).field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::vec::Vec;

    const SEED: u128 = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210;

    fn key(owner: u32, id: u128) -> Key {
        Key { owner, id }
    }

    #[test]
    fn same_id_of_two_owners_is_two_keys() {
        let mut index = FixedIndex::new(2, SEED);
        assert_eq!(index.insert(key(1, 7), 10), Ok(()));
        assert_eq!(index.insert(key(2, 7), 20), Ok(()));
        assert_eq!(index.insert(key(3, 7), 30), Err(Full));
        assert_eq!((index.get(key(1, 7)), index.get(key(2, 7)), index.get(key(3, 7))), (Some(10), Some(20), None));
        assert_eq!(index.remove(key(1, 7)), Some(10));
        assert_eq!(index.remove(key(1, 7)), None);
        assert_eq!((index.len(), index.capacity()), (1, 2));
        assert_eq!(FixedIndex::new(0, SEED).insert(key(1, 1), 1), Err(Full));
    }

    #[test]
    fn debug_output_keeps_the_seed() {
        assert_eq!(std::format!("{:?}", FixedIndex::new(2, SEED)), "FixedIndex { len: 0, capacity: 2, .. }");
    }

    #[test]
    fn churn_when_full_stays_exact_and_short() {
        // Miri is slow, and finds its faults in small tables too.
        const CAPACITY: u32 = if cfg!(miri) { 64 } else { 4_096 };
        let mut index = FixedIndex::new(CAPACITY, SEED);
        // Ids as they come in practice: a time in the high half, a counter in the low one.
        let id = |n: u32| (u128::from(n / 16) << 80) | u128::from(n);
        let mut model = BTreeMap::new();
        for n in 0..CAPACITY {
            assert_eq!(index.insert(key(n % 3, id(n)), n), Ok(()));
            model.insert(n, n);
        }
        for n in CAPACITY..21 * CAPACITY {
            assert_eq!(index.insert(key(0, u128::MAX), 0), Err(Full));
            // Takes out an old one, but not in the order they went in.
            let out = *model.range((n * 617) % n..).next().or_else(|| model.iter().next()).expect("full").0;
            assert_eq!(index.remove(key(out % 3, id(out))), model.remove(&out));
            assert_eq!(index.insert(key(n % 3, id(n)), n), Ok(()));
            model.insert(n, n);
        }
        assert_eq!(index.check(), Ok(()));
        assert!(model.iter().all(|(n, value)| index.get(key(n % 3, id(*n))) == Some(*value)));
        let places = index.places.iter().enumerate().filter(|(_, place)| !place.is_vacant());
        let steps: Vec<usize> = places.map(|(at, place)| index.distance(index.home(place), at)).collect();
        assert!(steps.iter().sum::<usize>() < CAPACITY as usize, "less than one step each on average");
        assert!(steps.iter().all(|steps| *steps < 64));
    }

    proptest! {
        #[test]
        fn agrees_with_a_map(
            seed in any::<u128>(),
            steps in prop::collection::vec((any::<bool>(), 0..3u32, 0..12u128), 0..400),
        ) {
            // Eight keys in sixteen places out of 36 that may come: full often, and the probes run round the
            // end.
            let mut index = FixedIndex::new(8, seed);
            let mut model = BTreeMap::new();
            for (number, (inserts, owner, id)) in (0u32..).zip(steps) {
                let at = key(owner, id << 60);
                if !inserts {
                    prop_assert_eq!(index.remove(at), model.remove(&(owner, id)));
                } else if index.get(at).is_none() {
                    let expected = if model.len() == 8 { Err(Full) } else { Ok(()) };
                    prop_assert_eq!(index.insert(at, number), expected);
                    if expected.is_ok() {
                        model.insert((owner, id), number);
                    }
                }
                prop_assert_eq!(index.get(at), model.get(&(owner, id)).copied());
                prop_assert_eq!(index.len() as usize, model.len());
                prop_assert_eq!(index.check(), Ok(()));
            }
            for ((owner, id), value) in model {
                prop_assert_eq!(index.clone().get(key(owner, id << 60)), Some(value));
            }
        }
    }
}
