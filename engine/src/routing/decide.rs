//! The decision: winner, price, hold and route, in one step.

use super::question::Question;
use super::rank::Candidate;
use crate::accounts::PLATFORM;
use crate::auctions::Invited;
use crate::calendars::NONE;
use crate::calls::{Hold, HoldState, Marks, Tried};
use crate::chance::Lot;
use crate::event::{Event, Events};
use crate::exchange::{Exchange, Step};
use crate::ids::{AccountId, CallId};
use crate::ledger::Sides;
use crate::limits::ATTEMPTS_MAX;
use crate::profiles::Profile;
use crate::reason::Reason;
use crate::terms::{Chosen, Clocks, Segment};
use crate::units::Money;

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
struct Sale {
    winner: Candidate,
    price: Money,
    payout: Money,
    /// The payout may fall due before the revenue, so it is held at once.
    on_float: bool,
    chosen: Chosen,
    segment: Option<Segment>,
}

impl Exchange {
    /// Decides a call over the present state, holds what the winner must pay, and dials it; or closes the call unsold.
    pub(crate) fn decide(&mut self, live: u32, step: Step, decision: Decision, events: &mut Events) {
        let question = self.question(live, step.at);
        let wanted = if decision == Decision::First { super::rank::RANKED_MAX } else { 2 };
        let lot = Lot { sequence: step.sequence, index: self.calls.number() };
        let (best, met, chosen) = self.choose(&question, wanted, Some(lot));
        let ranked = best.as_slice();
        let runner_up = ranked.get(1).map(|(_, next)| *next);
        let sale = ranked.first().map(|(_, winner)| self.sale(&question, *winner, runner_up, chosen));
        let auctioned = question.auction.is_some();
        for slot in met.as_slice() {
            self.refresh(*slot, step.at);
        }
        let Some(sale) = sale else {
            let reason = match decision {
                Decision::First => Reason::NoCandidate,
                Decision::After(failure) => failure,
            };
            return self.unsold(live, step, reason, decision, events);
        };
        self.sell(live, step, &sale, events);
        if decision == Decision::First {
            if auctioned {
                self.tell_invited_losers(live, step, events);
            }
            let names = self.names(live);
            for (_, loser) in ranked.iter().skip(1) {
                self.tell_loser(live, names, loser, events);
            }
        }
    }

    fn sale(&self, question: &Question<'_>, winner: Candidate, next: Option<Candidate>, chosen: Chosen) -> Sale {
        let runner_up = next.filter(|next| next.tier == winner.tier).map(|next| next.amount);
        let price = question.price(winner.amount, runner_up);
        let on_float = question.needs_float(self.profiles.get(winner.profile).pay_term);
        let (payout, segment) = (question.payout.at(price), question.segment());
        Sale { winner, price, payout, on_float, chosen, segment }
    }

    /// Holds caps and money for the winner and dials its first destination.
    fn sell(&mut self, live: u32, step: Step, sale: &Sale, events: &mut Events) {
        let slot = sale.winner.profile;
        let profile = self.profiles.get_mut(slot);
        let now = self.zones.periods(profile.zone, step.at);
        let taken = profile.caps.take(now, sale.price);
        let (buyer, profile_id, created) = (profile.buyer, profile.id, profile.created);
        self.policies.wins(slot, step.sequence);
        self.refresh(slot, step.at);

        let record_slot = self.calls.live(live).record;
        let record = self.calls.record_mut(record_slot);
        record.attempt += 1;
        record.marks.add(Marks::SOLD);
        record.set_profile(profile_id);
        (record.buyer, record.price, record.payout, record.changed) = (buyer, sale.price, sale.payout, step.sequence);
        let (attempt, seller_slot, call) = (record.attempt, record.seller, record.id());
        if sale.chosen == Chosen::Share {
            let listing = record.listing;
            let weight = self.weight(self.policies.of_listing(listing).policy, slot);
            self.policies.take_turn(listing, sale.winner.tier, created, weight);
        }
        let seller = self.accounts.get(seller_slot).id;

        let call_live = self.calls.live_mut(live);
        call_live.tried[usize::from(attempt) - 1] = Tried { profile: slot, created };
        call_live.clocks = Clocks { since_incoming: call_live.clocks.since_incoming, ..Clocks::default() };
        let payout_state = if sale.on_float { HoldState::Held } else { HoldState::None };
        call_live.hold = Some(Hold {
            profile: slot,
            buyer,
            taken,
            amount: sale.winner.amount,
            price: sale.price,
            payout: sale.payout,
            revenue_state: HoldState::Held,
            payout_state,
            chosen: sale.chosen,
            segment: sale.segment,
        });

        events.push(Event::CallSold {
            seller,
            call,
            buyer: self.accounts.get(buyer).id,
            profile: profile_id,
            attempt,
            price: sale.price,
            payout: sale.payout,
        });
        self.ledger.hold(Sides { debit: buyer, credit: PLATFORM }, sale.price);
        let posting = self.revenue_posting(live);
        events.push(Event::MoneyHeld {
            posting,
            debit: self.accounts.get(buyer).id,
            credit: AccountId::PLATFORM,
            amount: sale.price,
        });
        if sale.on_float {
            self.ledger.hold(Sides { debit: PLATFORM, credit: seller_slot }, sale.payout);
            let posting = self.payout_posting(live);
            events.push(Event::MoneyHeld { posting, debit: AccountId::PLATFORM, credit: seller, amount: sale.payout });
        }
        self.dial(live, step, 0, events);
    }

    /// Nobody gets the call.
    fn unsold(&mut self, live: u32, step: Step, reason: Reason, decision: Decision, events: &mut Events) {
        let (seller, call) = self.names(live);
        events.push(Event::CallUnsold { seller, call, reason });
        if decision == Decision::First && self.calls.live(live).has_auction() {
            self.tell_invited_losers(live, step, events);
        }
        self.close_call(live, step, reason);
    }

    /// Whether the listing is open at this moment. Asked once, when a call is put up for sale: a caller who came in time is
    /// served to the end.
    pub(crate) fn is_for_sale(&self, live: u32, step: Step) -> bool {
        let listing = self.listings.get(self.calls.record(self.calls.live(live).record).listing);
        listing.hours == NONE || self.is_open(listing.hours, self.accounts.get(listing.seller).zone, step.at)
    }

    /// The call came outside its listing's opening hours: it is over before anybody was asked.
    pub(crate) fn decline(&mut self, live: u32, step: Step, events: &mut Events) {
        self.unsold(live, step, Reason::ListingClosed, Decision::First, events);
    }

    /// The call's attempts are used up, or it is decided again.
    pub(crate) fn decide_again(&mut self, live: u32, step: Step, failure: Reason, events: &mut Events) {
        let attempts = usize::from(self.calls.record(self.calls.live(live).record).attempt);
        if attempts == ATTEMPTS_MAX {
            return self.unsold(live, step, Reason::AttemptsExhausted, Decision::After(failure), events);
        }
        self.decide(live, step, Decision::After(failure), events);
    }

    /// Every invited profile that is still there hears why it did not win.
    fn tell_invited_losers(&self, live: u32, step: Step, events: &mut Events) {
        let question = self.question_undone(live, step.at);
        self.tell_invited(live, events, |slot, profile| match question.undone {
            Some(winner) if winner.profile == slot => None,
            winner => Some(match self.standing(&question, slot) {
                Err(loss) => loss.reason,
                Ok(standing) => {
                    winner.map_or(Reason::NoCandidate, |hold| self.lost_to(hold, profile.tier, standing.amount))
                }
            }),
        });
    }

    /// Every invited profile that is still there, in order of invitation, hears this, if anything.
    pub(crate) fn tell_invited(
        &self,
        live: u32,
        events: &mut Events,
        why_lost: impl Fn(u32, &Profile) -> Option<Reason>,
    ) {
        let (seller, call) = self.names(live);
        for (slot, profile) in self.invited(live) {
            if let Some(reason) = why_lost(slot, profile) {
                events.push(Event::BidLost { seller, call, buyer: profile.buyer_id, profile: profile.id, reason });
            }
        }
    }

    /// The invited profiles that are still there, in order of invitation; of a call without an auction, none.
    fn invited(&self, live: u32) -> impl Iterator<Item = (u32, &Profile)> {
        let call = self.calls.live(live);
        let invited = if call.has_auction() { self.auctions.invited(call.auction) } else { &[] };
        let still_there = |invited: &Invited| {
            let profile = self.profiles.get_created(invited.profile, invited.created)?;
            Some((invited.profile, profile))
        };
        invited.iter().filter_map(still_there)
    }

    /// A losing standing candidate hears why, unless it was invited and has heard.
    fn tell_loser(&self, live: u32, (seller, call): (AccountId, CallId), loser: &Candidate, events: &mut Events) {
        let profile = self.profiles.get(loser.profile);
        if !self.invited(live).any(|(slot, _)| slot == loser.profile) {
            let hold = self.calls.live(live).hold.as_ref().expect("Invariant: who lost, lost to a winner");
            let reason = self.lost_to(hold, loser.tier, loser.amount);
            events.push(Event::BidLost { seller, call, buyer: profile.buyer_id, profile: profile.id, reason });
        }
    }

    /// Why an eligible profile lost against the winner of this hold. Looking back later, a loser may by now be of a better
    /// tier or bid more: then it came too late.
    pub(crate) fn lost_to(&self, hold: &Hold, tier: u8, amount: Money) -> Reason {
        if tier > self.profiles.get(hold.profile).tier {
            return Reason::LostToBetterTier;
        }
        match hold.chosen {
            Chosen::Bid if amount < hold.amount => Reason::LostToHigherBid,
            Chosen::Bid => Reason::LostToEarlierBid,
            Chosen::Share => Reason::LostToShare,
            Chosen::Skill => Reason::LostToSkill,
            Chosen::Score => Reason::LostToScore,
            Chosen::Exploration => Reason::LostToExploration,
        }
    }

    /// The seller and the id of a live call.
    pub(crate) fn names(&self, live: u32) -> (AccountId, CallId) {
        let record = self.calls.record(self.calls.live(live).record);
        (self.accounts.get(record.seller).id, record.id())
    }
}
