//! A call that rings at several profiles at once: its attempts besides the present one, each put aside whole.
//!
//! The call's record and its live part show one attempt, the present one: of those that ring, that with the lowest number.
//! Whatever is done to another is done after it has changed places with it, by the same code as for a call with one.

use super::live::Hold;
use super::{CallState, Calls};
use crate::ids::ProfileId;
use crate::limits::RING_ALONG_MAX;
use crate::terms::{Awaited, Clocks};
use crate::units::Timestamp;

/// No other attempt rings.
pub(crate) const ALONE: u32 = u32::MAX;

/// Everything that an attempt has of its own; what quotas counted for it is put aside with them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(crate) attempt: u8,
    pub(crate) destination_index: u8,
    pub(crate) state: CallState,
    pub(crate) profile: ProfileId,
    pub(crate) hold: Hold,
    /// The clock since the call came in is the call's; here it means nothing.
    pub(crate) clocks: Clocks,
    /// The callers' places of its profile and its buyer.
    pub(crate) awaited: [Awaited; 2],
    pub(crate) ring_until: Timestamp,
}

/// The attempts of one call that ring besides the present one.
#[derive(Clone, Debug)]
pub(crate) struct Besides {
    legs: [Option<Attempt>; RING_ALONG_MAX],
    /// How long the present one rings.
    ring_until: Timestamp,
}

impl Calls {
    /// Whether one more profile of the call can ring.
    pub(crate) fn has_room_beside(&self, live: u32) -> bool {
        match self.live[live].together {
            ALONE => !self.together.is_full(),
            slot => self.together[slot].legs.iter().any(Option::is_none),
        }
    }

    /// The attempts put aside, each in its place.
    pub(crate) fn beside(&self, live: u32) -> &[Option<Attempt>] {
        match self.live[live].together {
            ALONE => &[],
            slot => &self.together[slot].legs,
        }
    }

    /// Where the attempt with the lowest number is, of those put aside.
    pub(crate) fn lowest_beside(&self, live: u32) -> Option<usize> {
        let legs = self.beside(live).iter().enumerate().filter_map(|(place, leg)| Some((leg.as_ref()?.attempt, place)));
        legs.min().map(|(_, place)| place)
    }

    /// The attempt put aside that is due first, if it is due before the present one.
    pub(crate) fn due_beside(&self, live: u32) -> Option<usize> {
        let call = &self.live[live];
        if call.together == ALONE {
            return None;
        }
        let besides = &self.together[call.together];
        let present = (besides.ring_until, self.records[call.record].attempt);
        let due =
            |(place, leg): (usize, &Option<Attempt>)| leg.as_ref().map(|leg| ((leg.ring_until, leg.attempt), place));
        let first = besides.legs.iter().enumerate().filter_map(due).min();
        first.filter(|(due, _)| *due < present).map(|(_, place)| place)
    }

    /// The present attempt is put aside, into a place that is free; another is about to take its own.
    pub(crate) fn set_aside(&mut self, live: u32) -> usize {
        if self.live[live].together == ALONE {
            let besides = Besides { legs: [None; RING_ALONG_MAX], ring_until: self.deadline(live) };
            self.live[live].together = self.together.insert(besides).expect("Invariant: judged to have room");
        }
        let leg = self.present_attempt(live);
        let legs = &mut self.together[self.live[live].together].legs;
        let place = legs.iter().position(Option::is_none).expect("Invariant: judged to have room");
        legs[place] = Some(leg);
        place
    }

    /// The present attempt and the one put aside here change places.
    pub(crate) fn change_places(&mut self, live: u32, place: usize) {
        let present = self.present_attempt(live);
        let legs = &mut self.together[self.live[live].together].legs;
        let other = legs[place].replace(present).expect("Invariant: an attempt is there");
        self.make_present(live, &other);
    }

    /// The attempt put aside here is the present one from now on, in place of one that is over. Returns until when it rings.
    pub(crate) fn take_back(&mut self, live: u32, place: usize) -> Timestamp {
        let slot = self.live[live].together;
        let legs = &mut self.together[slot].legs;
        let leg = legs[place].take().expect("Invariant: an attempt is there");
        let is_last = legs.iter().all(Option::is_none);
        self.make_present(live, &leg);
        if is_last {
            self.together.remove(slot);
            self.live[live].together = ALONE;
        }
        leg.ring_until
    }

    /// The present attempt rings until then; the call's deadline is that of the first of its attempts.
    pub(crate) fn set_ringing(&mut self, live: u32, ring_until: Timestamp) {
        let slot = self.live[live].together;
        if slot == ALONE {
            return self.set_deadline(live, ring_until);
        }
        self.together[slot].ring_until = ring_until;
        self.renew_deadline(live, ring_until);
    }

    /// An attempt is over, others ring: the deadline is the first of theirs. Told is until when the present one rings.
    pub(crate) fn renew_deadline(&mut self, live: u32, ring_until: Timestamp) {
        let first = self.beside(live).iter().flatten().map(|leg| leg.ring_until).fold(ring_until, Timestamp::min);
        self.set_deadline(live, first);
    }

    fn present_attempt(&self, live: u32) -> Attempt {
        let call = &self.live[live];
        let record = &self.records[call.record];
        Attempt {
            attempt: record.attempt,
            destination_index: record.destination_index,
            state: record.state,
            profile: record.profile(),
            hold: call.hold.expect("Invariant: an attempt is a winner's"),
            clocks: call.clocks,
            awaited: [call.awaited[1], call.awaited[2]],
            ring_until: self.together[call.together].ring_until,
        }
    }

    fn make_present(&mut self, live: u32, leg: &Attempt) {
        let call = &mut self.live[live];
        call.hold = Some(leg.hold);
        call.clocks = Clocks { since_incoming: call.clocks.since_incoming, ..leg.clocks };
        [call.awaited[1], call.awaited[2]] = leg.awaited;
        self.together[call.together].ring_until = leg.ring_until;
        let record = &mut self.records[call.record];
        (record.attempt, record.destination_index, record.state) = (leg.attempt, leg.destination_index, leg.state);
        (record.buyer, record.price) = (leg.hold.buyer, leg.hold.price);
        record.set_profile(leg.profile);
    }

    /// For the digest: the attempts put aside, after the call they belong to.
    pub(super) fn words_beside(&self, live: u32) -> impl Iterator<Item = u64> + '_ {
        let ring_until = self.together.get(self.live[live].together).map(|besides| besides.ring_until.micros());
        let legs = self.beside(live).iter().zip(0_u64..).filter_map(|(leg, place)| Some((leg.as_ref()?, place)));
        let legs = legs.flat_map(|(leg, place)| {
            let numbers = u64::from(leg.attempt) << 16 | u64::from(leg.destination_index) << 8 | leg.state as u64;
            let Clocks { since_dial, since_connect, .. } = leg.clocks;
            let head = [place, numbers, (leg.profile.0 >> 64) as u64, leg.profile.0 as u64, leg.ring_until.micros()];
            let clocks = [u64::from(since_dial.0), u64::from(since_connect.0)];
            head.into_iter().chain(clocks).chain(leg.awaited.map(Awaited::word)).chain(leg.hold.words())
        });
        ring_until.into_iter().chain(legs)
    }

    /// Attempts are put aside only of calls that ring, each another profile's; the present one has the lowest number, and
    /// the first of all is the call's deadline.
    pub(super) fn check_together(&self) -> Result<(), &'static str> {
        self.together.check()?;
        let mut listed = 0;
        for (live, call) in self.live.iter().filter(|(_, call)| call.together != ALONE) {
            let Some(besides) = self.together.get(call.together) else {
                return Err("together: a call that rings at several profiles has a place for the others");
            };
            listed += 1;
            let record = &self.records[call.record];
            let legs = || besides.legs.iter().flatten();
            if !record.state.is_delivering() || call.hold.is_none() || legs().any(|leg| !leg.state.is_delivering()) {
                return Err("together: all attempts of such a call ring");
            }
            if legs().next().is_none() || legs().any(|leg| leg.attempt <= record.attempt || leg.attempt > call.attempts)
            {
                return Err("together: the present attempt is the lowest, and not the only one");
            }
            let first = legs().map(|leg| leg.ring_until).fold(besides.ring_until, Timestamp::min);
            if self.deadlines.get(live).map(|(at, _)| at) != Some(first.micros()) {
                return Err("together: the call's deadline is that of the first of its attempts");
            }
        }
        if listed == self.together.len() { Ok(()) } else { Err("together: a place for other attempts is a call's") }
    }
}
