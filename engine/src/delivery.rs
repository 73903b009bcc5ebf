//! What becomes of a call that its winner does not keep: what its listing does with it, and how its winner answers.
//!
//! Invariant: every listing has its terms here, in its own slot, and every profile with settings, by their number; without a
//! command that sets them they ask for nothing. Only unanswered calls in a row are counted, no more than the longest rule can ask for.

use alloc::boxed::Box;

use crate::ids::Sequence;
use crate::limits::{Limits, UNANSWERED_MAX};
use crate::terms::{DialTarget, PauseRule};
use crate::units::{Millis, Seconds, Timestamp};

/// What a listing does with a call that came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ListingDelivery {
    /// A call that the buyer's side ends before it has lasted so long is sold again.
    pub(crate) recover_below: Seconds,
    /// How often, for one call.
    pub(crate) recoveries_max: u8,
    /// Where a call is dialled that nobody buys.
    pub(crate) fallback: Option<DialTarget>,
    /// The command that set it so, or the listing's creation.
    pub(crate) sequence: Sequence,
}

/// How a profile answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answering {
    /// How long its bidder has for its first answer to an invitation; zero is as long as the listing leaves it.
    pub(crate) bid_within: Millis,
    /// Its agent may give an answered call back before it has lasted so long.
    pub(crate) reject_within: Seconds,
    /// It is paused when one of these is met.
    pub(crate) pause_after: [PauseRule; 2],
    /// The command that set it so; 0 before.
    pub(crate) sequence: Sequence,
    /// When the last calls came back unanswered, the latest first.
    unanswered: [Timestamp; UNANSWERED_MAX],
    unanswered_count: u8,
}

#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    listings: Box<[ListingDelivery]>,
    /// By the numbers of profiles' settings.
    profiles: Box<[Answering]>,
}

impl Delivery {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            listings: alloc::vec![ListingDelivery::default(); limits.listings_max as usize].into_boxed_slice(),
            profiles: alloc::vec![Answering::default(); 1 + limits.settings_needed() as usize].into_boxed_slice(),
        }
    }

    pub(crate) fn of_listing(&self, slot: u32) -> &ListingDelivery {
        &self.listings[slot as usize]
    }

    pub(crate) fn set_listing(&mut self, slot: u32, terms: ListingDelivery) {
        self.listings[slot as usize] = terms;
    }

    pub(crate) fn of_profile(&self, settings: u32) -> &Answering {
        &self.profiles[settings as usize]
    }

    pub(crate) fn set_profile(&mut self, settings: u32, answering: Answering) {
        self.profiles[settings as usize] = answering;
    }

    /// The profile whose settings these were is gone.
    pub(crate) fn forget_profile(&mut self, settings: u32) {
        self.profiles[settings as usize] = Answering::default();
    }

    /// One more call of the profile came back unanswered. How many it takes to pause it, if one of its rules is met now.
    pub(crate) fn miss(&mut self, settings: u32, at: Timestamp) -> Option<u8> {
        self.profiles[settings as usize].miss(at)
    }

    /// The profile answered, or begins anew.
    pub(crate) fn forget_misses(&mut self, settings: u32) {
        self.profiles[settings as usize].unanswered_count = 0;
    }

    pub(crate) fn is_unset(&self, settings: u32) -> bool {
        *self.of_profile(settings) == Answering::default()
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let rises = |answering: &Answering| {
            let times = &answering.unanswered[..usize::from(answering.unanswered_count)];
            times.is_sorted_by(|later, earlier| later >= earlier)
        };
        let counts = |answering: &Answering| answering.unanswered_count == 0 || answering.may_pause();
        if !self.profiles.iter().all(rises) {
            return Err("delivery: unanswered calls are kept in the order they came back");
        }
        if !self.profiles.iter().all(counts) {
            return Err("delivery: unanswered calls are counted for a rule only");
        }
        Ok(())
    }
}

impl ListingDelivery {
    /// A new listing's.
    pub(crate) fn new(sequence: Sequence) -> Self {
        Self { sequence, ..Self::default() }
    }

    /// For the digest.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> {
        let fallback = self.fallback.iter().map(|target| u64::from(target.ring.0) << 8 | 1);
        [u64::from(self.recover_below.0), u64::from(self.recoveries_max), self.sequence.0].into_iter().chain(fallback)
    }
}

impl Answering {
    /// These terms; the count begins anew.
    pub(crate) fn of(
        (bid_within, reject_within): (Millis, Seconds),
        pause_after: [PauseRule; 2],
        sequence: Sequence,
    ) -> Self {
        Self { bid_within, reject_within, pause_after, sequence, ..Self::default() }
    }

    /// Whether a rule may pause the profile.
    pub(crate) fn may_pause(&self) -> bool {
        self.pause_after.iter().any(|rule| rule.is_some())
    }

    /// Unanswered calls in a row, as far as they are counted.
    pub(crate) fn unanswered(&self) -> u8 {
        self.unanswered_count
    }

    /// One more call came back unanswered. How many it takes to pause the profile, if a rule is met now.
    fn miss(&mut self, at: Timestamp) -> Option<u8> {
        if !self.may_pause() {
            return None;
        }
        self.unanswered.copy_within(..UNANSWERED_MAX - 1, 1);
        self.unanswered[0] = at;
        self.unanswered_count = (self.unanswered_count + 1).min(UNANSWERED_MAX as u8);
        let met = |rule: &&PauseRule| {
            rule.is_some()
                && rule.unanswered <= self.unanswered_count
                && self.unanswered[usize::from(rule.unanswered) - 1] + rule.within > at
        };
        self.pause_after.iter().find(met).map(|rule| rule.unanswered)
    }

    /// For the digest, of a profile of this creation.
    pub(crate) fn words(&self, created: Sequence) -> impl Iterator<Item = u64> + '_ {
        let rules = self.pause_after.iter().map(|rule| u64::from(rule.within.0) << 8 | u64::from(rule.unanswered));
        let misses = self.unanswered[..usize::from(self.unanswered_count)].iter().map(|at| at.micros());
        let head = [
            u64::from(self.bid_within.0),
            u64::from(self.reject_within.0),
            self.sequence.max(created).0,
            u64::from(self.unanswered_count),
        ];
        head.into_iter().chain(rules).chain(misses)
    }
}
