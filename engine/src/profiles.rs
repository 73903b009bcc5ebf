//! What buyers want: targeting, bid, caps, destinations.
//!
//! Invariant: targeting only grows, by further conjunctions; bid, pause and counts change. The record here is the law: the index may say that a
//! profile could win, only the record says that it can.

use alloc::boxed::Box;

use crate::caps::Caps;
use crate::collections::{FixedIndex, Key, Slab};
use crate::ids::{AccountId, ProfileId, Sequence, ValueCode, VerticalId, ZoneId};
use crate::limits::{DESTINATIONS_MAX, Limits};
pub(crate) use crate::terms::Ruled;
use crate::terms::{Clause, DialTarget, PayTerm};
use crate::units::Money;

/// What a decision reads comes first, within two cache lines; what is read once a day comes last.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Profile {
    pub(crate) caps: Caps,
    /// The standing bid; zero is none.
    pub(crate) bid: Money,
    /// The place in time of the standing bid.
    pub(crate) bid_sequence: Sequence,
    pub(crate) created: Sequence,
    pub(crate) buyer: u32,
    /// The attributes, a bit each, for which the index is only a superset, so that its clauses must be looked at.
    pub(crate) inexact: u32,
    pub(crate) vertical: VerticalId,
    pub(crate) zone: ZoneId,
    pub(crate) tier: u8,
    pub(crate) live_mode: bool,
    pub(crate) paused: bool,
    pub(crate) clauses_count: u8,
    /// The calendar's slot, or `calendars::NONE`: always open.
    pub(crate) hours: u32,
    pub(crate) pay_term: PayTerm,
    pub(crate) destinations_count: u8,
    /// Which rules it has that most profiles do not: where there is none, a decision asks no further.
    pub(crate) ruled: Ruled,
    /// Bids and passes on calls that are not closed.
    pub(crate) bids: u32,
    pub(crate) id: ProfileId,
    /// The buyer by name, so that telling a loser needs no look at the account.
    pub(crate) buyer_id: AccountId,
    pub(crate) fingerprint: u64,
    /// The profiles before and after this one in its calendar's list.
    pub(crate) by_calendar: [u32; 2],
    /// The last pause or resumption, or the creation.
    pub(crate) switched: Sequence,
    /// The clauses the index cannot decide, if they are few and list no values: a candidate that the index let pass is
    /// then judged without a look at its lists.
    pub(crate) checks: Checks,
}

/// See [`Profile::checks`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Checks {
    clauses: [Clause; CHECKS_MAX],
    count: u8,
}

const CHECKS_MAX: usize = 2;
/// There are more than that, or they list values.
const CHECKS_ELSEWHERE: u8 = u8::MAX;

// A decision reads up to `clauses_count`.
const _: () = assert!(core::mem::offset_of!(Profile, pay_term) <= 128);
const _: () = assert!(size_of::<Profile>() <= 256);

impl Profile {
    /// The least its standing bid can come to on any call: modified, it may come to as little as there is.
    #[inline]
    pub(crate) fn bid_least(&self) -> Money {
        if self.ruled.has(Ruled::MODIFIERS) { Money::from_micros(1) } else { self.bid }
    }

    /// Keeps the clauses on the attributes in `inexact` at hand.
    pub(crate) fn keep_checks(&mut self, inexact: u32, clauses: &[Clause]) {
        self.inexact = inexact;
        self.checks = Checks::default();
        for clause in clauses.iter().filter(|clause| inexact >> clause.attribute.0 & 1 == 1) {
            match self.checks.clauses.get_mut(usize::from(self.checks.count)) {
                Some(place) if clause.test.listed() == 0 => *place = *clause,
                _ => {
                    self.checks.count = CHECKS_ELSEWHERE;
                    return;
                }
            }
            self.checks.count += 1;
        }
    }

    /// The clauses the index cannot decide, unless they are kept with the others.
    #[inline]
    pub(crate) fn checks(&self) -> Option<&[Clause]> {
        self.checks.clauses.get(..usize::from(self.checks.count))
    }

    /// The clause the index cannot decide, if it is one and all that has to be looked at.
    pub(crate) fn only_check(&self) -> Option<Clause> {
        match self.checks() {
            Some([check]) if !self.ruled.has(Ruled::CONJUNCTIONS) => Some(*check),
            _ => None,
        }
    }
}

/// Where a call may be dialled: kept apart from what a decision reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DialPlan {
    pub(crate) targets: [DialTarget; DESTINATIONS_MAX],
}

#[derive(Clone, Debug)]
pub(crate) struct Profiles {
    profiles: Slab<Profile>,
    index: FixedIndex,
    clauses: Box<[Clause]>,
    values: Box<[ValueCode]>,
    dial_plans: Box<[DialPlan]>,
    clauses_max: usize,
    values_max: usize,
}

impl Profiles {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        let profiles_max = limits.profiles_max as usize;
        let clauses_max = usize::from(limits.clauses_max);
        let values_max = usize::from(limits.clause_values_max);
        let plan = DialPlan { targets: [DialTarget::default(); DESTINATIONS_MAX] };
        Self {
            profiles: Slab::new(limits.profiles_max),
            index: FixedIndex::new(limits.profiles_max, seed),
            clauses: alloc::vec![Clause::default(); profiles_max * clauses_max].into_boxed_slice(),
            values: alloc::vec![ValueCode::UNKNOWN; profiles_max * values_max].into_boxed_slice(),
            dial_plans: alloc::vec![plan; profiles_max].into_boxed_slice(),
            clauses_max,
            values_max,
        }
    }

    #[inline]
    pub(crate) fn find(&self, buyer: u32, id: ProfileId) -> Option<u32> {
        self.index.get(Key { owner: buyer, id: id.0 })
    }

    #[inline]
    pub(crate) fn get(&self, slot: u32) -> &Profile {
        &self.profiles[slot]
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, slot: u32) -> &mut Profile {
        &mut self.profiles[slot]
    }

    /// The profile in this slot, if it is still the one created then.
    pub(crate) fn get_created(&self, slot: u32, created: Sequence) -> Option<&Profile> {
        self.profiles.get(slot).filter(|profile| profile.created == created)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.profiles.is_full()
    }

    pub(crate) fn len(&self) -> u32 {
        self.profiles.len()
    }

    pub(crate) const fn room(&self) -> (usize, usize) {
        (self.clauses_max, self.values_max)
    }

    pub(crate) fn create(
        &mut self,
        profile: Profile,
        clauses: &[Clause],
        values: &[ValueCode],
        targets: &[DialTarget],
    ) -> u32 {
        let key = Key { owner: profile.buyer, id: profile.id.0 };
        let slot = self.profiles.insert(profile).expect("Invariant: judged not full");
        self.index.insert(key, slot).expect("Invariant: as many as profiles");
        let place = slot as usize;
        self.clauses[place * self.clauses_max..][..clauses.len()].copy_from_slice(clauses);
        self.values[place * self.values_max..][..values.len()].copy_from_slice(values);
        self.dial_plans[place].targets[..targets.len()].copy_from_slice(targets);
        slot
    }

    pub(crate) fn close(&mut self, slot: u32) {
        if let Some(profile) = self.profiles.remove(slot) {
            self.index.remove(Key { owner: profile.buyer, id: profile.id.0 });
        }
    }

    #[inline]
    pub(crate) fn clauses(&self, slot: u32) -> &[Clause] {
        let count = usize::from(self.profiles[slot].clauses_count);
        &self.clauses[slot as usize * self.clauses_max..][..count]
    }

    /// All the values the profile has room for; its clauses say how many are theirs.
    #[inline]
    pub(crate) fn values(&self, slot: u32) -> &[ValueCode] {
        &self.values[slot as usize * self.values_max..][..self.values_max]
    }

    pub(crate) fn dial_target(&self, slot: u32, destination_index: u8) -> Option<&DialTarget> {
        if destination_index >= self.profiles[slot].destinations_count {
            return None;
        }
        self.dial_plans[slot as usize].targets.get(usize::from(destination_index))
    }

    /// Where in memory a profile's record is, and its first destination.
    #[inline]
    pub(crate) fn near(&self, slot: u32) -> (&impl Sized, &impl Sized) {
        (self.profiles.near(slot), &self.dial_plans[slot as usize].targets[0])
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Profile)> {
        self.profiles.iter()
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.profiles.check()?;
        self.index.check()?;
        for (slot, profile) in self.iter() {
            if self.find(profile.buyer, profile.id) != Some(slot) {
                return Err("profiles: every profile is found by its id");
            }
            profile.caps.check()?;
        }
        Ok(())
    }
}
