//! From the route to the phone: destinations in order, failures, the undoing of holds, the closing of a call.

use super::Decision;
use crate::accounts::PLATFORM;
use crate::calls::{CallState, Hold, HoldState};
use crate::event::{Event, Events};
use crate::exchange::{Exchange, Step};
use crate::ids::AccountId;
use crate::ledger::Sides;
use crate::quotas::GivenBack;
use crate::reason::Reason;
use crate::terms::Clocks;

impl Exchange {
    /// Dials one destination of the present winner; its ring time-out is the call's deadline, unless another attempt's is
    /// due before.
    pub(crate) fn dial(&mut self, live: u32, step: Step, destination_index: u8, events: &mut Events) {
        let (seller, call) = self.names(live);
        let call_live = self.calls.live_mut(live);
        let hold = call_live.hold.as_ref().expect("Invariant: a call is dialled for a winner");
        let target = self.wants.dial_target(hold.profile, destination_index).expect("Invariant: within the plan");
        call_live.clocks = Clocks { since_incoming: call_live.clocks.since_incoming, ..Clocks::default() };
        let record_slot = call_live.record;
        let record = self.calls.record_mut(record_slot);
        record.become_state(CallState::Dialed);
        (record.destination_index, record.changed) = (destination_index, step.sequence);
        let attempt = record.attempt;
        let ring_until = step.at + target.ring;
        self.calls.set_ringing(live, ring_until);
        events.push(Event::CallDialed {
            seller,
            call,
            attempt,
            destination_index,
            ring_until,
            destination: target.destination,
        });
    }

    /// A leg of the present attempt came to nothing: the next destination, or the end of the attempt; and then, if no other
    /// rings, a new decision. After the fallback's leg there is nothing.
    pub(crate) fn fail_leg(&mut self, live: u32, step: Step, failure: Reason, events: &mut Events) {
        let call_live = self.calls.live(live);
        let Some(hold) = call_live.hold else {
            let reason = call_live.fallback.expect("Invariant: a leg is dialled for a winner, or is the fallback's");
            return self.close_unsold(live, step, reason, events);
        };
        let next = self.calls.record(call_live.record).destination_index + 1;
        if self.wants.dial_target(hold.profile, next).is_some() {
            self.dial(live, step, next, events);
            return self.show_lowest(live);
        }
        self.undo_hold(live, step, events);
        self.count_outcome(&hold, false);
        self.tell_failed(live, (&hold, failure), events);
        self.count_unanswered(hold.profile, step, events);
        if !self.goes_on_ringing(live) {
            self.decide_again(live, step, failure, events);
        }
    }

    /// The attempt came to nothing after an answer: a new decision.
    pub(super) fn fail_attempt(&mut self, live: u32, step: Step, failed: (&Hold, Reason), events: &mut Events) {
        self.count_outcome(failed.0, false);
        self.tell_failed(live, failed, events);
        self.decide_again(live, step, failed.1, events);
    }

    /// Says that the present attempt, which held this, came to nothing.
    pub(super) fn tell_failed(&self, live: u32, (hold, reason): (&Hold, Reason), events: &mut Events) {
        let (seller, call) = self.names(live);
        let attempt = self.calls.record(self.calls.live(live).record).attempt;
        let profile = self.profiles.get(hold.profile).id;
        let buyer = self.accounts.get(hold.buyer).id;
        events.push(Event::AttemptFailed { seller, call, buyer, profile, attempt, reason });
    }

    /// A sale came to its end, by which its price was earned or not: what an expected value is made of.
    pub(crate) fn count_outcome(&mut self, hold: &Hold, met: bool) {
        if let Some(segment) = hold.segment {
            self.policies.count_outcome(segment, self.profiles.get(hold.profile).created, met);
        }
    }

    /// Frees what the present attempt held, unanswered: places under caps, the price, the payout.
    pub(crate) fn undo_hold(&mut self, live: u32, step: Step, events: &mut Events) {
        let Some(hold) = self.calls.live(live).hold else {
            return;
        };
        self.profiles.get_mut(hold.profile).caps.give_back(&hold.taken);
        self.give_back_quotas(live, &hold, GivenBack::Unanswered);
        self.free_line(live, &hold);
        self.refresh(hold.profile, step.at);
        self.lift_hold(live, &hold, events);
    }

    /// The price, and the payout if it is held, are free again; the call has no winner.
    pub(super) fn lift_hold(&mut self, live: u32, hold: &Hold, events: &mut Events) {
        self.void_revenue(live, hold, events);
        if hold.payout_state == HoldState::Held {
            self.void_payout(live, hold, events);
        }
        self.forget_awaited(live, false);
        let call_live = self.calls.live_mut(live);
        call_live.hold = None;
        // Nobody talked to whoever pays nothing: so says the record, should this be the end.
        call_live.clocks = Clocks { since_incoming: call_live.clocks.since_incoming, ..Clocks::default() };
    }

    pub(crate) fn void_revenue(&mut self, live: u32, hold: &Hold, events: &mut Events) {
        self.ledger.void(Sides { debit: hold.buyer, credit: PLATFORM }, hold.price);
        events.push(Event::MoneyVoided {
            posting: self.revenue_posting(live),
            debit: self.accounts.get(hold.buyer).id,
            credit: AccountId::PLATFORM,
            amount: hold.price,
        });
    }

    pub(crate) fn void_payout(&mut self, live: u32, hold: &Hold, events: &mut Events) {
        let seller = self.calls.record(self.calls.live(live).record).seller;
        self.ledger.void(Sides { debit: PLATFORM, credit: seller }, hold.payout);
        events.push(Event::MoneyVoided {
            posting: self.payout_posting(live),
            debit: AccountId::PLATFORM,
            credit: self.accounts.get(seller).id,
            amount: hold.payout,
        });
    }

    /// The call is over: its live bids are forgotten, its record waits to be sealed.
    pub(crate) fn close_call(&mut self, live: u32, step: Step, reason: Reason) {
        let call_live = self.calls.live(live);
        let record = call_live.record;
        if call_live.has_auction() {
            let auction = call_live.auction;
            while let Some(profile) = self.auctions.pop(auction) {
                self.profiles.get_mut(profile).bids -= 1;
            }
            self.auctions.forget(auction);
        }
        self.forget_awaited(live, true);
        self.calls.record_mut(record).changed = step.sequence;
        self.calls.close(live, step.at, reason);
        let listing = self.calls.record(record).listing;
        self.listings.get_mut(listing).calls -= 1;
        self.clear_if_over(listing, step.sequence);
    }

    /// No more live bids are taken; the call is decided.
    pub(crate) fn close_window(&mut self, live: u32, step: Step, events: &mut Events) {
        self.announce_close(live, events);
        self.decide(live, step, Decision::First, events);
    }

    /// Says that the auction is closed, and remembers with how many bidders.
    pub(crate) fn announce_close(&mut self, live: u32, events: &mut Events) {
        let (seller, call) = self.names(live);
        let call_live = self.calls.live(live);
        let bids = self.auctions.bids_count(call_live.auction);
        let record = call_live.record;
        self.calls.record_mut(record).bids = u16::try_from(bids).unwrap_or(u16::MAX);
        events.push(Event::AuctionClosed { seller, call, bids });
    }
}
