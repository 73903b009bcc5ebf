//! A group that dials together: with the winner its other members ring along, and the first that answers has the call.
//!
//! Nothing is shared between the attempts and nothing promised twice: each is judged after all holds before it, and takes
//! its own. So whichever answers, what it needs is there; what the others took is free again in that step.

use super::rank::Candidate;
use crate::collections::Top;
use crate::event::Events;
use crate::exchange::{Exchange, Step};
use crate::limits::{ATTEMPTS_MAX, MEMBERS_LOOKED_MAX};
use crate::quotas::NONE;
use crate::reason::Reason;
use crate::terms::Chosen;
use crate::units::Timestamp;

/// Members of a group in row order.
type Members = Top<Candidate, MEMBERS_LOOKED_MAX>;

impl Exchange {
    /// Dials further members of the winner's group, if it dials together: in row order, those that are eligible by now.
    #[inline]
    pub(super) fn ring_along(&mut self, live: u32, step: Step, events: &mut Events) {
        // Whoever is in a group is counted.
        let counted = self.calls.live(live).hold.as_ref().filter(|hold| hold.counted);
        if let Some(chosen) = counted.map(|hold| hold.chosen) {
            self.ring_group(live, step, chosen, events);
        }
    }

    #[inline(never)]
    fn ring_group(&mut self, live: u32, step: Step, chosen: Chosen, events: &mut Events) {
        let group = self.quotas.taking(live).group;
        if group == NONE || !self.quotas.group(group).together {
            return;
        }
        let members = self.bidding_members(live, group, step.at);
        for member in members.as_slice() {
            if usize::from(self.calls.live(live).attempts) == ATTEMPTS_MAX || !self.calls.has_room_beside(live) {
                break;
            }
            let question = self.question(live, step.at);
            let Ok(standing) = self.standing(&question, member.profile) else { continue };
            let candidate = Candidate::new(member.profile, member.tier(), standing);
            let sale = self.sale(&question, candidate, None, (chosen, false));
            self.put_aside(live);
            self.sell(live, step, &sale, events);
        }
        self.show_lowest(live);
    }

    /// The members that bid on the call, whatever else the rules say of them. Holds change no amount, so this order stays.
    fn bidding_members(&self, live: u32, group: u32, at: Timestamp) -> Members {
        let question = self.question(live, at);
        let mut members = Members::new();
        for slot in self.quotas.members(group) {
            let profile = self.profiles.get(slot);
            if let Ok(standing) = self.amount(&question, slot, profile) {
                let member = Candidate::new(slot, profile.tier, standing);
                members.offer(member);
            }
        }
        members
    }

    /// The present attempt rings on, put aside.
    fn put_aside(&mut self, live: u32) {
        let place = self.calls.set_aside(live);
        self.quotas.change_places(live, self.calls.live(live).together, place);
    }

    /// The attempt put aside here becomes the present one, and the present one is put aside in its place.
    pub(crate) fn show_leg(&mut self, live: u32, place: usize) {
        self.calls.change_places(live, place);
        self.quotas.change_places(live, self.calls.live(live).together, place);
    }

    /// Of the attempts that ring, the present one is that with the lowest number.
    pub(crate) fn show_lowest(&mut self, live: u32) {
        let Some(place) = self.calls.lowest_beside(live) else { return };
        let lowest = self.calls.beside(live)[place].as_ref().map(|leg| leg.attempt);
        let present = self.calls.record(self.calls.live(live).record).attempt;
        if lowest.is_some_and(|lowest| lowest < present) {
            self.show_leg(live, place);
        }
    }

    /// The attempt whose ring time-out has come becomes the present one.
    pub(crate) fn show_due(&mut self, live: u32) {
        if let Some(place) = self.calls.due_beside(live) {
            self.show_leg(live, place);
        }
    }

    /// The present attempt is over: the one put aside here takes its place. Returns until when it rings.
    fn take_back(&mut self, live: u32, place: usize) -> Timestamp {
        self.quotas.change_places(live, self.calls.live(live).together, place);
        self.calls.take_back(live, place)
    }

    /// The present attempt is over: whether the call rings on with another.
    pub(super) fn goes_on_ringing(&mut self, live: u32) -> bool {
        let Some(place) = self.calls.lowest_beside(live) else { return false };
        let ring_until = self.take_back(live, place);
        self.calls.renew_deadline(live, ring_until);
        true
    }

    /// The present attempt is answered: the others come to nothing, through no fault of theirs.
    pub(crate) fn stop_others(&mut self, live: u32, step: Step, events: &mut Events) {
        while let Some(place) = self.calls.lowest_beside(live) {
            self.show_leg(live, place);
            let hold = self.calls.live(live).hold.expect("Invariant: an attempt that rings holds something");
            self.undo_hold(live, step, events);
            self.tell_failed(live, (&hold, Reason::AnsweredElsewhere), events);
            self.take_back(live, place);
        }
    }

    /// Nobody answers any more: every attempt is undone, the lowest first. Whether each counts as a sale that came to
    /// nothing.
    pub(crate) fn undo_all(&mut self, live: u32, step: Step, is_outcome: bool, events: &mut Events) {
        self.show_lowest(live);
        loop {
            let Some(hold) = self.calls.live(live).hold else { return };
            self.undo_hold(live, step, events);
            if is_outcome {
                self.count_outcome(&hold, false);
            }
            match self.calls.lowest_beside(live) {
                None => return,
                Some(place) => {
                    self.take_back(live, place);
                }
            }
        }
    }
}
