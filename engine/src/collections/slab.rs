//! Records in numbered slots, with room for a fixed number of them.
//!
//! A free slot holds the number of the next free one, so the free list needs no memory of its own. The slot
//! freed last is handed out first: it is the one most likely still in cache.
//!
//! Invariant: every slot handed out so far is either live or on the free list exactly once, and which slot an
//! insert gets is a pure function of the inserts and removes before it.

use alloc::vec::Vec;
use core::mem;
use core::ops::{Index, IndexMut};

/// Ends the free list. No slot has this number, because capacity stays below it.
const NONE: u32 = u32::MAX;

/// A table of at most `capacity` records, addressed by slot.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    /// Grows by push up to `capacity`, for which the memory is there from the start.
    entries: Vec<Entry<T>>,
    capacity: u32,
    len: u32,
    /// The slot freed last, or `NONE` when every entry is live.
    free: u32,
}

#[derive(Debug, Clone)]
enum Entry<T> {
    Live(T),
    Free { next: u32 },
}

impl<T> Slab<T> {
    /// Claims memory for `capacity` records.
    ///
    /// # Panics
    ///
    /// When `capacity` is `u32::MAX`, which is kept as the mark for "no slot".
    pub(crate) fn new(capacity: u32) -> Self {
        assert!(capacity < NONE, "a slab holds fewer than u32::MAX records");
        Self { entries: Vec::with_capacity(capacity as usize), capacity, len: 0, free: NONE }
    }

    /// Puts a record into the slot freed last, or else into the first one never used. `None` when full.
    #[inline]
    pub(crate) fn insert(&mut self, value: T) -> Option<u32> {
        self.insert_made(|| value)
    }

    /// The same, made where it is kept: a large record that was just written piece by piece is not copied.
    #[inline(always)]
    pub(crate) fn insert_made(&mut self, make: impl FnOnce() -> T) -> Option<u32> {
        if self.is_full() {
            return None;
        }
        self.len += 1;
        let slot = self.free;
        if slot == NONE {
            // Without a free slot every entry is live, so their number is `len` as it was before this one.
            let slot = self.len - 1;
            self.entries.push(Entry::Live(make()));
            return Some(slot);
        }
        let entry = &mut self.entries[slot as usize];
        let Entry::Free { next } = *entry else { unreachable!("Invariant: the free list holds free slots only") };
        self.free = next;
        *entry = Entry::Live(make());
        Some(slot)
    }

    /// Where in memory a slot is, to be asked for before it is looked at.
    #[inline]
    pub(crate) fn near(&self, slot: u32) -> &impl Sized {
        &self.entries[slot as usize]
    }

    /// Where in memory the next record will be, to be asked for before it is put there. Nowhere before the first was freed.
    #[inline]
    pub(crate) fn next_free(&self) -> Option<&impl Sized> {
        self.entries.get(self.free as usize)
    }

    /// Takes a record out and frees its slot. `None` when the slot is not live.
    pub(crate) fn remove(&mut self, slot: u32) -> Option<T> {
        let entry = self.entries.get_mut(slot as usize)?;
        match mem::replace(entry, Entry::Free { next: self.free }) {
            Entry::Live(value) => {
                self.free = slot;
                self.len -= 1;
                Some(value)
            }
            was_free @ Entry::Free { .. } => {
                *entry = was_free;
                None
            }
        }
    }

    /// Frees a slot whose record nobody wants any more, without moving it. False when the slot is not live.
    pub(crate) fn discard(&mut self, slot: u32) -> bool {
        let Some(entry @ Entry::Live(_)) = self.entries.get_mut(slot as usize) else { return false };
        *entry = Entry::Free { next: self.free };
        self.free = slot;
        self.len -= 1;
        true
    }

    /// The record in a slot, if the slot is live.
    pub(crate) fn get(&self, slot: u32) -> Option<&T> {
        match self.entries.get(slot as usize) {
            Some(Entry::Live(value)) => Some(value),
            Some(Entry::Free { .. }) | None => None,
        }
    }

    /// The record in a slot, to be changed, if the slot is live.
    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        match self.entries.get_mut(slot as usize) {
            Some(Entry::Live(value)) => Some(value),
            Some(Entry::Free { .. }) | None => None,
        }
    }

    /// Whether a slot is live.
    #[cfg(test)]
    pub(crate) fn contains(&self, slot: u32) -> bool {
        self.get(slot).is_some()
    }

    /// How many records are live.
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// How many records there is room for.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Whether the next insert would be refused.
    pub(crate) fn is_full(&self) -> bool {
        self.len == self.capacity
    }

    /// Whether no record is live.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The live records in slot order, which is not the order they came in.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.entries.iter().zip(0u32..).filter_map(|(entry, slot)| match entry {
            Entry::Live(value) => Some((slot, value)),
            Entry::Free { .. } => None,
        })
    }

    /// Verifies the invariant of this table.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.entries.len() > self.capacity as usize {
            return Err("slab: more entries than capacity");
        }
        if self.entries.capacity() < self.capacity as usize {
            return Err("slab: the memory for all records is not claimed");
        }
        let live_count = self.iter().count();
        if live_count != self.len as usize {
            return Err("slab: len is not the number of live slots");
        }
        // A walk that ends has met no slot twice, so meeting as many as are free means meeting all of them.
        let mut missing = self.entries.len() - live_count;
        let mut slot = self.free;
        while slot != NONE {
            let Some(Entry::Free { next }) = self.entries.get(slot as usize) else {
                return Err("slab: the free list leads to a slot that is not free");
            };
            if missing == 0 {
                return Err("slab: the free list runs in a circle");
            }
            missing -= 1;
            slot = *next;
        }
        if missing == 0 { Ok(()) } else { Err("slab: a free slot is not on the free list") }
    }
}

impl<T: Clone> Clone for Slab<T> {
    /// Written by hand because a cloned `Vec` has room only for what is in it: the copy would allocate when
    /// it grows.
    fn clone(&self) -> Self {
        let mut entries = Vec::with_capacity(self.capacity as usize);
        entries.extend_from_slice(&self.entries);
        Self { entries, capacity: self.capacity, len: self.len, free: self.free }
    }
}

impl<T> Index<u32> for Slab<T> {
    type Output = T;

    #[track_caller]
    fn index(&self, slot: u32) -> &T {
        match self.get(slot) {
            Some(value) => value,
            None => panic!("Invariant: slot is live, but {slot} is not"),
        }
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    #[track_caller]
    fn index_mut(&mut self, slot: u32) -> &mut T {
        match self.get_mut(slot) {
            Some(value) => value,
            None => panic!("Invariant: slot is live, but {slot} is not"),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn slot_freed_last_is_used_first() {
        let mut slab = Slab::new(4);
        for value in 0..4 {
            assert_eq!(slab.insert(value), Some(value));
        }
        assert!(slab.is_full());
        assert_eq!(slab.insert(9), None);
        assert_eq!(slab.remove(1), Some(1));
        assert_eq!(slab.remove(3), Some(3));
        assert_eq!(slab.remove(3), None);
        assert_eq!(slab.insert(5), Some(3));
        assert_eq!(slab.insert(6), Some(1));
        assert_eq!(slab.iter().collect::<Vec<_>>(), [(0, &0), (1, &6), (2, &2), (3, &5)]);
        assert_eq!(slab.check(), Ok(()));
    }

    #[test]
    fn slab_without_room_refuses() {
        let mut slab = Slab::new(0);
        assert_eq!(slab.insert(1), None);
        assert_eq!(slab.remove(0), None);
        assert!(slab.is_empty() && slab.is_full());
        assert_eq!(slab.check(), Ok(()));
    }

    #[test]
    #[should_panic(expected = "Invariant: slot is live, but 2 is not")]
    fn reading_a_slot_that_is_not_live_panics() {
        let mut slab = Slab::new(4);
        slab.insert(0);
        slab[2] += 1;
    }

    #[test]
    fn churn_when_full_never_grows_nor_does_a_clone() {
        // Miri is slow, and finds its faults in small tables too.
        const CAPACITY: u32 = if cfg!(miri) { 61 } else { 1_000 };
        let mut slab = Slab::new(CAPACITY);
        let claimed = slab.entries.capacity();
        slab.insert(0);
        let mut copy = slab.clone();
        assert!(copy.entries.capacity() >= CAPACITY as usize);
        for slab in [&mut slab, &mut copy] {
            let memory = slab.entries.as_ptr();
            while slab.insert(7).is_some() {}
            for step in 0..20 * CAPACITY {
                let slot = step * 617 % CAPACITY;
                assert!(slab.remove(slot).is_some());
                assert_eq!(slab.insert(step), Some(slot));
                assert!(slab.is_full());
            }
            assert_eq!(slab.entries.as_ptr(), memory);
            assert_eq!(slab.check(), Ok(()));
        }
        assert_eq!(slab.entries.capacity(), claimed);
    }

    proptest! {
        #[test]
        fn agrees_with_a_map_and_with_its_own_clone(
            steps in prop::collection::vec((any::<bool>(), 0..20u32), 0..400),
        ) {
            let mut slab = Slab::new(16);
            let mut model = BTreeMap::new();
            for (number, (inserts, slot)) in (0u32..).zip(steps) {
                let mut copy = slab.clone();
                if inserts {
                    let got = slab.insert(number);
                    prop_assert_eq!(got, copy.insert(number));
                    prop_assert_eq!(got.is_some(), model.len() < 16);
                    if let Some(slot) = got {
                        prop_assert_eq!(model.insert(slot, number), None);
                        slab[slot] += 1;
                        prop_assert_eq!(slab[slot], number + 1);
                        slab[slot] -= 1;
                    }
                } else {
                    prop_assert_eq!(slab.remove(slot), model.remove(&slot));
                }
                prop_assert!(slab.iter().eq(model.iter().map(|(slot, value)| (*slot, value))));
                prop_assert_eq!(slab.len() as usize, model.len());
                prop_assert_eq!(slab.contains(slot), model.contains_key(&slot));
                prop_assert_eq!(slab.capacity(), 16);
                prop_assert_eq!(slab.check(), Ok(()));
                prop_assert_eq!(copy.check(), Ok(()));
            }
        }
    }
}
