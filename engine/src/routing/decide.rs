//! The decision: winner, price, hold and route, in one step.

use super::choose::Choice;
use super::question::Question;
use super::rank::{Candidate, Met, RANKED_MAX};
use crate::accounts::PLATFORM;
use crate::calls::{Hold, HoldState, Marks, Tried};
use crate::chance::Lot;
use crate::event::{Event, Events, Posting, PostingKind};
use crate::exchange::{Exchange, Step};
use crate::ids::{AccountId, CallId};
use crate::ledger::Sides;
use crate::limits::ATTEMPTS_MAX;
use crate::reason::Reason;
use crate::terms::{Chosen, Clocks, Segment};
use crate::units::{Money, Timestamp};

/// Which decision of a call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The first: losers are told.
    First,
    /// After an attempt that ended so.
    After(Reason),
}

/// What a decision came to, before anything is changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sale {
    winner: Candidate,
    price: Money,
    payout: Money,
    /// The payout may fall due before the revenue, so it is held at once.
    on_float: bool,
    chosen: Chosen,
    /// The listing's policy chose it: it was its turn, if turns are taken.
    by_policy: bool,
    segment: Option<Segment>,
}

impl Exchange {
    /// Decides a call over the present state, holds what the winner must pay, and dials it; or closes the call unsold. A call
    /// that is a quote is kept for its winner instead of dialled, or declined.
    pub(crate) fn decide(&mut self, live: u32, step: Step, decision: Decision, events: &mut Events) {
        match decision {
            Decision::First => self.decide_among::<RANKED_MAX>(live, step, decision, events),
            // The runner-up says what a second price is.
            Decision::After(_) => self.decide_among::<2>(live, step, decision, events),
        }
    }

    fn decide_among<const RANKED: usize>(&mut self, live: u32, step: Step, decision: Decision, events: &mut Events) {
        let question = self.question(live, step.at);
        if let Some(reason) = self.sale_barred(&question) {
            return self.unsold(live, step, reason, decision, events);
        }
        let lot = Lot { sequence: step.sequence, index: self.calls.number() };
        let mut choice = Choice::<RANKED>::new();
        self.choose(&question, Some(lot), &mut choice);
        let ranked = choice.ranked.as_slice();
        let Some(winner) = ranked.first() else {
            self.refresh_met(&choice.met, step.at);
            let reason = match decision {
                Decision::First => Reason::NoCandidate,
                Decision::After(failure) => failure,
            };
            return self.unsold(live, step, reason, decision, events);
        };
        let sale = self.sale(&question, *winner, ranked.get(1).copied(), (choice.chosen, true));
        let auctioned = question.auction.is_some();
        self.refresh_met(&choice.met, step.at);
        self.sell(live, step, &sale, events);
        // Nobody rings for a caller who is yet to come.
        if self.calls.live(live).quote.is_none() {
            self.ring_along(live, step, events);
        }
        if decision == Decision::First {
            let losers = &ranked[1..];
            self.tell_losers(live, step, auctioned, losers, events);
        }
    }

    /// What a decision over the present state, without luck, would come to: the price and the payout; or why to nothing.
    pub(super) fn would_sell(&mut self, live: u32, at: Timestamp) -> Result<(Money, Money), Reason> {
        let question = self.question(live, at);
        if let Some(reason) = self.sale_barred(&question) {
            return Err(reason);
        }
        let mut choice = Choice::<2>::new();
        self.choose(&question, None, &mut choice);
        let ranked = choice.ranked.as_slice();
        let runner_up = ranked.get(1).copied();
        let sale = ranked.first().map(|winner| self.sale(&question, *winner, runner_up, (choice.chosen, true)));
        self.refresh_met(&choice.met, at);
        sale.map(|sale| (sale.price, sale.payout)).ok_or(Reason::NoCandidate)
    }

    /// Rows of profiles that were met and could not win are put to sleep.
    #[inline]
    fn refresh_met(&mut self, met: &Met, at: Timestamp) {
        for slot in met.as_slice() {
            self.refresh(*slot, at);
        }
    }

    #[inline(always)]
    pub(super) fn sale(
        &self,
        question: &Question<'_>,
        winner: Candidate,
        next: Option<Candidate>,
        (chosen, by_policy): (Chosen, bool),
    ) -> Sale {
        let runner_up = next.filter(|next| next.tier() == winner.tier()).map(|next| next.amount());
        let profile = self.profiles.get(winner.profile);
        let deal = self.deal_price(question, profile.buyer);
        let price = question.price(winner.amount(), deal, runner_up);
        let on_float = question.needs_float(profile.pay_term);
        let (payout, segment) = (question.payout.at(price), question.segment());
        Sale { winner, price, payout, on_float, chosen, by_policy, segment }
    }

    /// Holds caps and money for the winner and dials its first destination, unless the caller is yet to come.
    pub(super) fn sell(&mut self, live: u32, step: Step, sale: &Sale, events: &mut Events) {
        let slot = sale.winner.profile;
        let profile = self.profiles.get_mut(slot);
        let now = self.zones.periods(profile.zone, step.at);
        let taken = profile.caps.take(now, sale.price);
        let (buyer, profile_id, created) = (profile.buyer, profile.id, profile.created);
        let buyer_id = match sale.winner.row {
            Some(place) => self.targeting.row_at(place).aside.buyer_id,
            None => self.accounts.get(buyer).id,
        };
        self.policies.wins(slot, step.sequence);

        let call_live = self.calls.live_mut(live);
        call_live.attempts += 1;
        let (attempt, record_slot) = (call_live.attempts, call_live.record);
        let record = self.calls.record_mut(record_slot);
        record.attempt = attempt;
        record.marks.add(Marks::SOLD);
        record.set_profile(profile_id);
        (record.buyer, record.price, record.payout, record.changed) = (buyer, sale.price, sale.payout, step.sequence);
        let (seller_slot, listing, call) = (record.seller, record.listing, record.id());
        let payout_paid = record.marks.has(Marks::PAYOUT_POSTED);
        if sale.by_policy && sale.chosen == Chosen::Share {
            let weight = self.weight(self.policies.of_listing(listing).policy, slot);
            self.policies.take_turn(listing, sale.winner.tier(), created, weight);
        }
        let seller = self.accounts.get(seller_slot).id;
        let counted = self.take_quotas(live, step.at, [slot, buyer, seller_slot, listing], sale.price);
        // All that was counted: who has no room left sleeps from now on.
        self.refresh(slot, step.at);

        let had_room = self.callers.duplicates.has_room(step.at);
        self.remember_win(live, (slot, buyer), step.at);
        let call_live = self.calls.live_mut(live);
        call_live.tried[usize::from(attempt) - 1] = Tried { profile: slot, created };
        call_live.clocks = Clocks { since_incoming: call_live.clocks.since_incoming, ..Clocks::default() };
        let payout_state = match sale.on_float {
            _ if payout_paid => HoldState::Before,
            true => HoldState::Held,
            false => HoldState::None,
        };
        call_live.hold = Some(Hold {
            profile: slot,
            buyer,
            taken,
            had_room,
            amount: sale.winner.amount(),
            placed: sale.winner.placed(),
            price: sale.price,
            payout: sale.payout,
            revenue_state: HoldState::Held,
            payout_state,
            counted,
            chosen: sale.chosen,
            segment: sale.segment,
        });

        let is_quote = self.calls.live(live).quote.is_some();
        if is_quote {
            self.tell_quote(record_slot, events);
        } else {
            events.push(Event::CallSold {
                seller,
                call,
                buyer: buyer_id,
                profile: profile_id,
                attempt,
                price: sale.price,
                payout: sale.payout,
            });
        }
        self.ledger.hold(Sides { debit: buyer, credit: PLATFORM }, sale.price);
        let posting = Posting { seller, call, attempt, kind: PostingKind::Revenue, revision: 0 };
        events.push(Event::MoneyHeld { posting, debit: buyer_id, credit: AccountId::PLATFORM, amount: sale.price });
        if sale.on_float {
            self.ledger.hold(Sides { debit: PLATFORM, credit: seller_slot }, sale.payout);
            let posting = Posting { kind: PostingKind::Payout, ..posting };
            events.push(Event::MoneyHeld { posting, debit: AccountId::PLATFORM, credit: seller, amount: sale.payout });
        }
        if !is_quote {
            self.dial(live, step, 0, events);
        }
    }

    /// Nobody buys the call: its listing's fallback has it, or it is over.
    fn unsold(&mut self, live: u32, step: Step, reason: Reason, decision: Decision, events: &mut Events) {
        if self.calls.live(live).quote.is_some() {
            return self.decline_quote(live, step, reason, events);
        }
        // A call in a loop would come round again; a caller nobody is to hear is not dialled elsewhere.
        let fell_back = !reason.is_unwanted() && self.fall_back(live, step, reason, events);
        let (seller, call) = self.names(live);
        if !fell_back {
            events.push(Event::CallUnsold { seller, call, reason });
        }
        if decision == Decision::First && self.calls.live(live).has_auction() {
            self.tell_invited_losers(&self.telling(live, step.at), events);
        }
        if !fell_back {
            self.close_call(live, step, reason);
        }
    }

    /// Nobody got the call, and its fallback did not take it either.
    pub(super) fn close_unsold(&mut self, live: u32, step: Step, reason: Reason, events: &mut Events) {
        let (seller, call) = self.names(live);
        events.push(Event::CallUnsold { seller, call, reason });
        self.close_call(live, step, reason);
    }

    /// The call is over before anybody was asked. Whether it is was judged once, when it was put up for sale: a caller who
    /// came in time is served to the end.
    pub(crate) fn decline(&mut self, live: u32, step: Step, reason: Reason, events: &mut Events) {
        self.unsold(live, step, reason, Decision::First, events);
    }

    /// The call's attempts are used up, or it is decided again.
    pub(crate) fn decide_again(&mut self, live: u32, step: Step, failure: Reason, events: &mut Events) {
        if usize::from(self.calls.live(live).attempts) == ATTEMPTS_MAX {
            return self.unsold(live, step, Reason::AttemptsExhausted, Decision::After(failure), events);
        }
        self.decide(live, step, Decision::After(failure), events);
    }

    /// The seller and the id of a live call.
    pub(crate) fn names(&self, live: u32) -> (AccountId, CallId) {
        let record = self.calls.record(self.calls.live(live).record);
        (self.accounts.get(record.seller).id, record.id())
    }
}
