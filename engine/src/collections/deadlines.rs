//! What is due first, for a fixed number of slots with at most one deadline each.
//!
//! A heap with four children to a node, half as deep as one with two: moving an entry up, which is what
//! setting a deadline mostly costs, meets half as many cache lines. Each slot knows its place in the heap, so
//! that a deadline is moved or cleared at once and never lies around until it is due.
//!
//! Invariant: no entry is due before its parent, and each slot's place holds the entry of that slot. Entries
//! are ordered by time, then number, then slot, so which is first depends on what is in and not on how it
//! came in.

use alloc::boxed::Box;
use alloc::vec;

/// Children of a node.
const CHILDREN: usize = 4;

/// The place of a slot without a deadline.
const NONE: u32 = u32::MAX;

/// A queue of at most one deadline for each slot below `capacity`.
#[derive(Debug, Clone)]
pub(crate) struct Deadlines {
    /// Only the first `len` are in use.
    heap: Box<[Entry]>,
    /// For each slot the index of its entry in the heap, or `NONE`.
    places: Box<[u32]>,
    len: u32,
}

/// Compared field by field, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    at: u64,
    number: u64,
    slot: u32,
}

impl Deadlines {
    /// Claims memory for the deadlines of slots `0..capacity`.
    pub(crate) fn new(capacity: u32) -> Self {
        let unused = Entry { at: 0, number: 0, slot: NONE };
        Self {
            heap: vec![unused; capacity as usize].into_boxed_slice(),
            places: vec![NONE; capacity as usize].into_boxed_slice(),
            len: 0,
        }
    }

    /// Gives a slot its deadline, or moves the one it has. Among equal times the smaller number is first.
    ///
    /// # Panics
    ///
    /// When `slot` is not below capacity.
    pub(crate) fn set(&mut self, slot: u32, at: u64, number: u64) {
        assert!((slot as usize) < self.places.len(), "Invariant: slot is below capacity");
        let entry = Entry { at, number, slot };
        let place = self.places[slot as usize];
        if place == NONE {
            let last = self.len as usize;
            self.len += 1;
            self.move_up(last, entry);
        } else {
            self.settle(place as usize, entry);
        }
    }

    /// Takes a slot's deadline away; false when it had none.
    pub(crate) fn clear(&mut self, slot: u32) -> bool {
        let Some(place) = self.place_of(slot) else {
            return false;
        };
        self.places[slot as usize] = NONE;
        self.len -= 1;
        let last = self.len as usize;
        if place != last {
            self.settle(place, self.heap[last]);
        }
        true
    }

    /// Time, number and slot of the deadline due first.
    pub(crate) fn first(&self) -> Option<(u64, u64, u32)> {
        let entry = self.entries().first()?;
        Some((entry.at, entry.number, entry.slot))
    }

    /// How many are due by `at`, counted up to `most`.
    pub(crate) fn due(&self, at: u64, most: u32) -> u32 {
        self.due_below(0, at, most)
    }

    /// The same of a node and all beneath it. A node that is not due has none beneath it that is, so little more is
    /// looked at than is counted; and the heap is never deeper than sixteen.
    fn due_below(&self, place: usize, at: u64, most: u32) -> u32 {
        if most == 0 || self.entries().get(place).is_none_or(|entry| entry.at > at) {
            return 0;
        }
        let begin = place * CHILDREN + 1;
        (begin..begin + CHILDREN).fold(1, |counted, child| counted + self.due_below(child, at, most - counted))
    }

    /// Time and number of a slot's deadline.
    pub(crate) fn get(&self, slot: u32) -> Option<(u64, u64)> {
        let entry = self.heap[self.place_of(slot)?];
        Some((entry.at, entry.number))
    }

    /// How many slots have a deadline.
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// Verifies the invariant of this queue.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.len as usize > self.heap.len() {
            return Err("deadlines: more entries than capacity");
        }
        for (place, entry) in self.entries().iter().enumerate() {
            if place > 0 && *entry < self.heap[parent(place)] {
                return Err("deadlines: an entry is due before its parent");
            }
            if self.place_of(entry.slot) != Some(place) {
                return Err("deadlines: a slot does not know the place of its entry");
            }
        }
        let placed = self.places.iter().filter(|place| **place != NONE).count();
        if placed == self.len as usize { Ok(()) } else { Err("deadlines: a slot without an entry has a place") }
    }

    fn entries(&self) -> &[Entry] {
        &self.heap[..self.len as usize]
    }

    fn place_of(&self, slot: u32) -> Option<usize> {
        match self.places.get(slot as usize) {
            None | Some(&NONE) => None,
            Some(place) => Some(*place as usize),
        }
    }

    /// Puts an entry where another one was, then to where it belongs.
    fn settle(&mut self, place: usize, entry: Entry) {
        if place > 0 && entry < self.heap[parent(place)] {
            self.move_up(place, entry);
        } else {
            self.move_down(place, entry);
        }
    }

    fn move_up(&mut self, mut place: usize, entry: Entry) {
        while place > 0 && entry < self.heap[parent(place)] {
            self.put(place, self.heap[parent(place)]);
            place = parent(place);
        }
        self.put(place, entry);
    }

    fn move_down(&mut self, mut place: usize, entry: Entry) {
        while let Some(child) = self.first_child(place) {
            if entry <= self.heap[child] {
                break;
            }
            self.put(place, self.heap[child]);
            place = child;
        }
        self.put(place, entry);
    }

    /// The place of the child due first.
    fn first_child(&self, place: usize) -> Option<usize> {
        let begin = place * CHILDREN + 1;
        let end = (begin + CHILDREN).min(self.len as usize);
        (begin..end).min_by_key(|child| self.heap[*child])
    }

    fn put(&mut self, place: usize, entry: Entry) {
        self.heap[place] = entry;
        // A place is below capacity, which is a u32.
        self.places[entry.slot as usize] = place as u32;
    }
}

fn parent(place: usize) -> usize {
    (place - 1) / CHILDREN
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::vec::Vec;

    fn drain(deadlines: &mut Deadlines) -> Vec<(u64, u64, u32)> {
        let mut all = Vec::new();
        while let Some(first) = deadlines.first() {
            all.push(first);
            assert!(deadlines.clear(first.2));
            assert_eq!(deadlines.check(), Ok(()));
        }
        all
    }

    #[test]
    fn equal_times_are_due_by_number_then_slot() {
        let mut deadlines = Deadlines::new(5);
        for (slot, at, number) in [(4, 10, 3), (3, 10, 1), (2, 9, 9), (1, 10, 3), (0, 10, 2)] {
            deadlines.set(slot, at, number);
        }
        assert_eq!(drain(&mut deadlines), [(9, 9, 2), (10, 1, 3), (10, 2, 0), (10, 3, 1), (10, 3, 4)]);
    }

    #[test]
    fn setting_again_moves() {
        let mut deadlines = Deadlines::new(3);
        deadlines.set(0, 10, 0);
        deadlines.set(1, 20, 1);
        deadlines.set(0, 30, 2);
        assert_eq!((deadlines.len(), deadlines.first(), deadlines.get(0)), (2, Some((20, 1, 1)), Some((30, 2))));
        assert!(deadlines.clear(1) && !deadlines.clear(1) && !deadlines.clear(2) && !deadlines.clear(99));
        assert_eq!((deadlines.get(1), deadlines.get(99)), (None, None));
        assert_eq!(drain(&mut deadlines), [(30, 2, 0)]);
    }

    #[test]
    #[should_panic(expected = "Invariant: slot is below capacity")]
    fn slot_past_capacity_panics() {
        Deadlines::new(3).set(3, 0, 0);
    }

    #[test]
    fn churn_when_full_stays_in_order() {
        // Miri is slow, and finds its faults in small tables too.
        const CAPACITY: u32 = if cfg!(miri) { 61 } else { 1_000 };
        let mut deadlines = Deadlines::new(CAPACITY);
        let mut model = BTreeSet::new();
        for slot in 0..CAPACITY {
            let at = u64::from(slot * 617 % 97);
            deadlines.set(slot, at, u64::from(slot));
            model.insert((at, u64::from(slot), slot));
        }
        for step in 0..20 * u64::from(CAPACITY) {
            let first = deadlines.first().expect("full");
            assert_eq!(Some(&first), model.iter().next());
            model.remove(&first);
            let moved = (first.0 + step * 31 % 113, step + u64::from(CAPACITY), first.2);
            // Half are fired and set anew, half are put off.
            if step % 2 == 0 {
                assert!(deadlines.clear(first.2));
            }
            deadlines.set(moved.2, moved.0, moved.1);
            model.insert(moved);
            assert_eq!(deadlines.len(), CAPACITY);
        }
        assert_eq!(deadlines.check(), Ok(()));
        assert!(drain(&mut deadlines).into_iter().eq(model));
    }

    proptest! {
        #[test]
        fn agrees_with_a_sorted_set(
            steps in prop::collection::vec((0..3u8, 0..24u32, 0..40u64, 0..4u64), 0..400),
        ) {
            let mut deadlines = Deadlines::new(24);
            let mut model = BTreeMap::new();
            for (what, slot, at, number) in steps {
                if what == 0 {
                    prop_assert_eq!(deadlines.clear(slot), model.remove(&slot).is_some());
                } else {
                    deadlines.set(slot, at, number);
                    model.insert(slot, (at, number));
                }
                let first = model.iter().map(|(slot, (at, number))| (*at, *number, *slot)).min();
                prop_assert_eq!(deadlines.first(), first);
                prop_assert_eq!(deadlines.get(slot), model.get(&slot).copied());
                prop_assert_eq!(deadlines.len() as usize, model.len());
                prop_assert_eq!(deadlines.check(), Ok(()));
            }
            let mut sorted: Vec<_> = model.iter().map(|(slot, (at, number))| (*at, *number, *slot)).collect();
            sorted.sort_unstable();
            prop_assert_eq!(drain(&mut deadlines.clone()), sorted);
        }
    }
}
