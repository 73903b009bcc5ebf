//! Who is paid when: the price by the buyer, the payout to the seller, each on its own term, each at most once.
//!
//! Invariant: an amount moves only on the word of a report: the price out of its hold, the payout out of its hold or out
//! of the revenue just posted. From the moment the revenue is in, the payout it owes is set aside, so that nothing else
//! can spend it.

use crate::accounts::PLATFORM;
use crate::calls::{HoldState, Marks};
use crate::event::{Event, Events, Posting, PostingKind};
use crate::exchange::{Exchange, Step};
use crate::ids::AccountId;
use crate::ledger::Sides;
use crate::quotas::GivenBack;
use crate::reason::Reason;
use crate::terms::DuplicateOn;

/// Whether more reports may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settling {
    /// The call goes on.
    Underway,
    /// The call is over: what was not earned by now is not earned.
    Final,
}

impl Exchange {
    /// Posts what the answered call's clocks have earned; at the end, lifts what they have not.
    pub(crate) fn settle(&mut self, live: u32, step: Step, settling: Settling, events: &mut Events) {
        self.settle_revenue(live, step, settling, events);
        self.settle_payout(live, settling, events);
    }

    /// The end of an answered call.
    pub(crate) fn hang_up(&mut self, live: u32, step: Step, reason: Reason, events: &mut Events) {
        // A call that fell back has no winner, and nobody pays for it.
        if let Some(hold) = self.calls.live(live).hold {
            self.settle(live, step, Settling::Final, events);
            let met = self.calls.live(live).hold.is_some_and(|hold| hold.revenue_state == HoldState::Posted);
            self.count_outcome(&hold, met);
            self.profiles.get_mut(hold.profile).caps.hang_up();
            self.free_line(live, &hold);
            self.refresh(hold.profile, step.at);
        }
        let connected = self.calls.live(live).clocks.since_connect;
        let (seller, id) = self.names(live);
        let flagged = self.calls.record(self.calls.live(live).record).marks.has(Marks::FLAGGED);
        events.push(Event::CallEnded { seller, call: id, reason, connected, flagged });
        self.close_call(live, step, reason);
    }

    fn settle_revenue(&mut self, live: u32, step: Step, settling: Settling, events: &mut Events) {
        let call = self.calls.live(live);
        let record_slot = call.record;
        let mut hold = call.hold.expect("Invariant: an answered call has a winner");
        if hold.revenue_state != HoldState::Held {
            return;
        }
        if self.profiles.get(hold.profile).pay_term.is_met(&call.clocks) {
            self.ledger.post(Sides { debit: hold.buyer, credit: PLATFORM }, hold.price);
            hold.revenue_state = HoldState::Posted;
            self.remember_progress(live, &hold, DuplicateOn::Convert, step.at);
            self.calls.record_mut(record_slot).marks.add(Marks::REVENUE_POSTED);
            events.push(Event::MoneyPosted {
                posting: self.revenue_posting(live),
                debit: self.accounts.get(hold.buyer).id,
                credit: AccountId::PLATFORM,
                amount: hold.price,
            });
        } else if settling == Settling::Final {
            self.void_revenue(live, &hold, events);
            hold.revenue_state = HoldState::Voided;
            self.profiles.get_mut(hold.profile).caps.give_back_money(&hold.taken);
            self.give_back_quotas(live, &hold, GivenBack::Unearned);
            self.refresh(hold.profile, step.at);
        }
        self.calls.live_mut(live).hold = Some(hold);
    }

    fn settle_payout(&mut self, live: u32, settling: Settling, events: &mut Events) {
        let call = self.calls.live(live);
        let record_slot = call.record;
        let mut hold = call.hold.expect("Invariant: an answered call has a winner");
        let record = self.calls.record(record_slot);
        let is_met = self.listings.get(record.listing).payout_term.is_met(&call.clocks);
        let sides = Sides { debit: PLATFORM, credit: record.seller };
        let (debit, credit) = (AccountId::PLATFORM, self.accounts.get(record.seller).id);
        let posting = self.payout_posting(live);
        let amount = hold.payout;
        match hold.payout_state {
            HoldState::Held if is_met => {
                self.ledger.post(sides, amount);
                hold.payout_state = HoldState::Posted;
            }
            HoldState::Held if settling == Settling::Final => {
                self.void_payout(live, &hold, events);
                hold.payout_state = HoldState::Voided;
            }
            HoldState::None if hold.revenue_state == HoldState::Posted && is_met => {
                self.ledger.transfer(sides, amount);
                hold.payout_state = HoldState::Posted;
            }
            HoldState::None if hold.revenue_state == HoldState::Posted && settling == Settling::Underway => {
                self.ledger.hold(sides, amount);
                hold.payout_state = HoldState::Held;
                events.push(Event::MoneyHeld { posting, debit, credit, amount });
            }
            HoldState::None | HoldState::Held | HoldState::Posted | HoldState::Before | HoldState::Voided => return,
        }
        if hold.payout_state == HoldState::Posted {
            self.calls.record_mut(record_slot).marks.add(Marks::PAYOUT_POSTED);
            events.push(Event::MoneyPosted { posting, debit, credit, amount });
        }
        self.calls.live_mut(live).hold = Some(hold);
    }

    pub(crate) fn revenue_posting(&self, live: u32) -> Posting {
        self.posting(live, PostingKind::Revenue)
    }

    pub(crate) fn payout_posting(&self, live: u32) -> Posting {
        self.posting(live, PostingKind::Payout)
    }

    fn posting(&self, live: u32, kind: PostingKind) -> Posting {
        let record = self.calls.record(self.calls.live(live).record);
        Posting {
            seller: self.accounts.get(record.seller).id,
            call: record.id(),
            attempt: record.attempt,
            kind,
            revision: 0,
        }
    }
}
