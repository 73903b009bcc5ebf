//! What a profile wants besides its own clauses: further conjunctions of clauses, one of which is enough. The
//! clauses are in its [list](crate::wants).
//!
//! Invariant: a conjunction never changes and lives as long as its profile; a profile's are listed from it in the order
//! they were added.

use alloc::boxed::Box;

use crate::collections::Slab;
use crate::ids::Sequence;
use crate::limits::Limits;

/// No conjunction.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Conjunction {
    /// Whose it is.
    pub(crate) profile: u32,
    /// The profile's next one, or [`NONE`].
    next: u32,
    pub(crate) fingerprint: u64,
    pub(crate) sequence: Sequence,
}

#[derive(Clone, Debug)]
pub(crate) struct Conjunctions {
    conjunctions: Slab<Conjunction>,
    /// Each profile's first one, or [`NONE`].
    firsts: Box<[u32]>,
}

impl Conjunctions {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            conjunctions: Slab::new(limits.conjunctions_max),
            firsts: alloc::vec![NONE; limits.profiles_max as usize].into_boxed_slice(),
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.conjunctions.is_full()
    }

    /// Adds one behind the profile's last one so far. Returns its slot.
    pub(crate) fn add(&mut self, profile: u32, fingerprint: u64, sequence: Sequence) -> u32 {
        let last = self.of(profile).last().map(|(last, _)| last);
        let conjunction = Conjunction { profile, next: NONE, fingerprint, sequence };
        let slot = self.conjunctions.insert(conjunction).expect("Invariant: judged not full");
        match last {
            None => self.firsts[profile as usize] = slot,
            Some(last) => self.conjunctions[last].next = slot,
        }
        slot
    }

    /// The slot of the profile's first one, if it has any.
    pub(crate) fn first(&self, profile: u32) -> Option<u32> {
        Some(self.firsts[profile as usize]).filter(|first| *first != NONE)
    }

    /// Takes the profile's first one away, when the profile goes.
    pub(crate) fn remove_first(&mut self, profile: u32) {
        if let Some(removed) = self.conjunctions.remove(self.firsts[profile as usize]) {
            self.firsts[profile as usize] = removed.next;
        }
    }

    /// The profile's, in the order they were added.
    pub(crate) fn of(&self, profile: u32) -> impl Iterator<Item = (u32, &Conjunction)> {
        let mut next = self.firsts[profile as usize];
        core::iter::from_fn(move || {
            let slot = next;
            let conjunction = self.conjunctions.get(slot)?;
            next = conjunction.next;
            Some((slot, conjunction))
        })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Conjunction)> {
        self.conjunctions.iter()
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.conjunctions.check()
    }
}
