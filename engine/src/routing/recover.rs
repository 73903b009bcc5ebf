//! An answered call that its winner does not keep: it is sold again, with the promise to the seller kept.
//!
//! What the clocks have earned by then is paid first. A payout that was paid stays with the seller and is never paid again,
//! so whoever buys the call next buys it without one.

use crate::calls::HoldState;
use crate::event::{Event, Events};
use crate::exchange::{Exchange, Step};
use crate::quotas::GivenBack;
use crate::reason::Reason;
use crate::settlement::Settling;

impl Exchange {
    /// Whether an answered call that the buyer's side left is sold again: its listing wants it, the price is not earned,
    /// and it was not sold again as often as it may be.
    pub(crate) fn recovers(&self, live: u32) -> bool {
        let call = self.calls.live(live);
        let terms = self.delivery.of_listing(self.calls.record(call.record).listing);
        let is_short = u64::from(call.clocks.since_connect.0) < terms.recover_below.millis();
        is_short && call.recoveries < terms.recoveries_max && self.is_unearned(live)
    }

    /// Whether the present winner's price is still held and the clocks have not earned it.
    pub(crate) fn is_unearned(&self, live: u32) -> bool {
        let call = self.calls.live(live);
        call.hold.is_some_and(|hold| {
            let term = self.profiles.get(hold.profile).pay_term;
            hold.revenue_state == HoldState::Held && !term.is_met(&call.clocks)
        })
    }

    /// The buyer's side left a call that was too short to pay for. It was answered, so it counts as one of the profile's
    /// calls; only the money of the day is given back.
    pub(crate) fn recover(&mut self, live: u32, step: Step, events: &mut Events) {
        self.calls.live_mut(live).recoveries += 1;
        self.settle(live, step, Settling::Underway, events);
        let hold = self.calls.live(live).hold.expect("Invariant: an unearned call has a winner");
        let caps = &mut self.profiles.get_mut(hold.profile).caps;
        caps.hang_up();
        caps.give_back_money(&hold.taken);
        self.give_back_quotas(live, &hold, GivenBack::Unearned);
        self.free_line(live, &hold);
        self.refresh(hold.profile, step.at);
        self.lift_hold(live, &hold, events);
        self.fail_attempt(live, step, (&hold, Reason::ShortCall), events);
    }

    /// The agent gave the call back: as if nobody had answered.
    pub(crate) fn give_back(&mut self, live: u32, step: Step, events: &mut Events) {
        self.settle(live, step, Settling::Underway, events);
        let hold = self.calls.live(live).hold.expect("Invariant: a call is given back by its winner");
        self.undo_hold(live, step, events);
        self.fail_attempt(live, step, (&hold, Reason::AgentRejected), events);
    }

    /// A profile did not answer a call. After as many as one of its rules says it is paused, until it is resumed.
    pub(crate) fn count_unanswered(&mut self, slot: u32, step: Step, events: &mut Events) {
        let profile = self.profiles.get(slot);
        if profile.paused {
            return;
        }
        let (buyer, id) = (self.accounts.get(profile.buyer).id, profile.id);
        if let Some(unanswered) = self.delivery.miss(self.settings.of(slot), step.at) {
            self.profiles.get_mut(slot).paused = true;
            self.profiles.filed_mut(slot).switched = step.sequence;
            self.refresh(slot, step.at);
            events.push(Event::ProfileAutoPaused { buyer, profile: id, unanswered });
        }
    }
}
