//! One call as its candidates are judged: everything about the call and its listing that a candidate must meet.

use core::cell::Cell;

use super::quota::Rooms;
use super::screening::OfBuyer;
use crate::accounts::PLATFORM;
use crate::callers::Caller;
use crate::calls::{Attempt, Hold, HoldState, Marks, Tried};
use crate::exchange::Exchange;
use crate::ids::{VerticalId, ZoneId};
use crate::listings::Listing;
use crate::policies::ListingPolicy;
use crate::profiles::Ruled;
use crate::quotas::{NONE, Taking};
use crate::schedule::Zones;
use crate::terms::{DealPrice, FactSheet, LocalPeriods, PayTerm, Payout, PricingRule};
use crate::units::{Money, Timestamp};

/// See the [module](self). Built once for a decision.
#[derive(Clone, Debug)]
pub(crate) struct Question<'a> {
    pub(crate) at: Timestamp,
    pub(crate) facts: &'a FactSheet,
    /// The listing's slot.
    pub(crate) listing: u32,
    pub(crate) terms: &'a Listing,
    /// How the listing chooses, and what it requires.
    pub(crate) policy: &'a ListingPolicy,
    pub(crate) vertical: VerticalId,
    pub(crate) reserve: Money,
    /// The least amount that leaves the margin; `None` when no amount does.
    pub(crate) margin_floor: Option<Money>,
    /// The least that anybody without a deal may pay: it meets the reserve and leaves the margin. Above every amount when none
    /// does.
    pub(crate) least: Money,
    /// Some account has less than one of its standing bids asks for, so that every buyer has to be asked what it has.
    pub(crate) asks_balances: bool,
    /// What the seller gets: the promise, once one was made.
    pub(crate) payout: Payout,
    /// What the platform's float has room for.
    pub(crate) float: Money,
    /// The auction's slot, if there is one.
    pub(crate) auction: Option<u32>,
    /// The seller was paid in an earlier attempt: nothing is owed it any more.
    pub(crate) payout_paid: bool,
    /// The accounts the call came through, by their slots: none of them buys it back.
    pub(crate) sold_by: &'a [u32],
    /// Profiles the call came back from.
    pub(crate) tried: &'a [Tried],
    /// The zone asked for last and its hour and day: most candidates share one.
    pub(crate) last_zone: Cell<Option<(ZoneId, LocalPeriods)>>,
    /// Who calls; `None` when no buyer has a rule about callers.
    pub(crate) caller: Option<Caller>,
    /// Whether there was room to remember a caller when the decision was made, if it is being looked back at.
    pub(crate) had_room: Option<bool>,
    /// The buyer asked for last and what its rules say of the caller: profiles of one buyer often follow one another.
    pub(crate) last_buyer: Cell<Option<(u32, OfBuyer)>>,
    /// The call's own holds, to be thought away: for looking back at a decision.
    pub(crate) undone: Option<OwnHolds<'a>>,
    /// The rules that every candidate must be asked for, besides its own.
    pub(crate) ruled: Ruled,
    /// The quotas of the listing and of the seller.
    pub(crate) selling: [u32; 2],
    /// What the quotas asked last have room for: many candidates share one.
    pub(crate) rooms: Rooms,
    /// A buyer that was found to have no room or no money for more than this, in micros: a standing bid above it is out,
    /// whatever else the rules say of its profile.
    pub(crate) dry: Cell<(u32, i64)>,
    /// The same of a group.
    pub(crate) dry_group: Cell<(u32, i64)>,
}

/// What a call holds itself: of the present attempt, and of those that ring at the same time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnHolds<'a> {
    /// Of the present attempt.
    pub(crate) hold: &'a Hold,
    /// What it counted under quotas.
    taking: &'a Taking,
    beside: &'a [Option<Attempt>],
    takings_beside: &'a [Taking],
}

impl<'a> OwnHolds<'a> {
    /// Every hold, and what it counted under quotas if anything; the present one first.
    pub(crate) fn iter(self) -> impl Iterator<Item = (&'a Hold, Option<&'a Taking>)> {
        let beside =
            self.beside.iter().zip(self.takings_beside).filter_map(|(leg, taking)| Some((leg.as_ref()?, taking)));
        let beside = beside.map(|(leg, taking)| (&leg.hold, taking));
        let all = core::iter::once((self.hold, self.taking)).chain(beside);
        all.map(|(hold, taking)| (hold, hold.counted.then_some(taking)))
    }

    /// The hold of this profile.
    pub(crate) fn of(self, profile: u32) -> Option<&'a Hold> {
        self.iter().map(|(hold, _)| hold).find(|hold| hold.profile == profile)
    }
}

/// What a call brings along besides its facts: of one that nobody was asked about, nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Past<'a> {
    /// The accounts it came through.
    pub(crate) sold_by: &'a [u32],
    pub(crate) auction: Option<u32>,
    pub(crate) tried: &'a [Tried],
    pub(crate) payout_paid: bool,
    /// What the seller was promised.
    pub(crate) promised: Option<Payout>,
}

impl Exchange {
    /// The question a live call asks at this time.
    ///
    /// Always built where it is wanted: read soon after it was written piece by piece, a copy of it would wait for all pieces.
    #[inline(always)]
    pub(crate) fn question(&self, live: u32, at: Timestamp) -> Question<'_> {
        let call = self.calls.live(live);
        let record = self.calls.record(call.record);
        let caller = Caller { subject: call.subject, call: record.known_sequence() };
        let past = Past {
            sold_by: call.chain.accounts(),
            auction: call.has_auction().then_some(call.auction),
            tried: &call.tried[..usize::from(call.attempts)],
            payout_paid: match &call.hold {
                None => record.marks.has(Marks::PAYOUT_POSTED),
                Some(hold) => hold.payout_state == HoldState::Before,
            },
            promised: record.marks.has(Marks::SOLD).then_some(Payout::Fixed(record.payout)),
        };
        self.question_of(record.listing, call.reserve, (&call.facts, caller), at, past)
    }

    /// What the call holds.
    pub(crate) fn own_holds(&self, live: u32) -> Option<OwnHolds<'_>> {
        let call = self.calls.live(live);
        Some(OwnHolds {
            hold: call.hold.as_ref()?,
            taking: self.quotas.taking(live),
            beside: self.calls.beside(live),
            takings_beside: self.quotas.takings_beside(call.together),
        })
    }

    /// The question any call asks under this listing.
    #[inline(always)]
    pub(crate) fn question_of<'a>(
        &'a self,
        slot: u32,
        reserve: Money,
        (facts, caller): (&'a FactSheet, Caller),
        at: Timestamp,
        past: Past<'a>,
    ) -> Question<'a> {
        let policy = self.policies.of_listing(slot);
        let listing = self.listings.get(slot);
        let selling = self.selling(slot, listing.seller);
        let mut ruled = Ruled::default();
        ruled.set(Ruled::QUOTAS, selling != [NONE; 2] || self.quotas.any_account());
        let (payout, margin_floor) = match past.promised {
            None => (listing.payout, listing.margin_floor),
            Some(promised) => (promised, promised.price_min(listing.margin_min)),
        };
        let reserve = reserve.max(policy.price);
        Question {
            at,
            facts,
            listing: slot,
            terms: listing,
            policy,
            vertical: listing.vertical,
            reserve,
            margin_floor,
            least: least(margin_floor, reserve),
            asks_balances: self.ledger.is_any_short(),
            payout,
            float: self.ledger.of(PLATFORM).available(),
            auction: past.auction,
            payout_paid: past.payout_paid,
            sold_by: past.sold_by,
            tried: past.tried,
            last_zone: Cell::new(None),
            caller: self.callers.screen_candidates().then_some(caller),
            had_room: None,
            last_buyer: Cell::new(None),
            undone: None,
            ruled,
            selling,
            rooms: Rooms::default(),
            dry: Cell::new((NONE, 0)),
            dry_group: Cell::new((NONE, 0)),
        }
    }

    /// The same, as it was before the present winner was chosen, and those that ring along with it. Their own profiles are
    /// not to be judged by it: they have won.
    pub(crate) fn question_undone(&self, live: u32, at: Timestamp) -> Question<'_> {
        let call = self.calls.live(live);
        let record = self.calls.record(call.record);
        let mut question = self.question(live, at);
        let Some(hold) = &call.hold else { return question };
        question.undone = self.own_holds(live);
        question.had_room = Some(hold.had_room);
        if record.attempt == 1 {
            let listing = self.listings.get(record.listing);
            question.promise(listing.payout, listing.margin_min);
        }
        question
    }
}

fn least(margin_floor: Option<Money>, reserve: Money) -> Money {
    margin_floor.map_or(Money::from_micros(i64::MAX), |least| least.max(reserve))
}

impl Question<'_> {
    /// The seller gets this, and the platform keeps at least the margin.
    fn promise(&mut self, payout: Payout, margin_min: Money) {
        self.payout = payout;
        self.margin_floor = payout.price_min(margin_min);
        self.least = least(self.margin_floor, self.reserve);
    }

    /// Whether of a free row without rules of its own nothing is asked but money: no auction, no earlier attempt, no rule about
    /// callers, no reseller, no skill, no deal, no quota that binds all, and nothing to be thought away.
    pub(crate) fn is_settled_by_money(&self) -> bool {
        self.tried.is_empty() && self.undone.is_none() && self.is_settled_by_money_for_others()
    }

    /// The same of a profile that the call has not been at.
    pub(crate) fn is_settled_by_money_for_others(&self) -> bool {
        self.auction.is_none()
            && self.caller.is_none()
            && self.sold_by.is_empty()
            && self.policy.requires().is_empty()
            && !self.terms.private
            && self.terms.deals == 0
            && self.ruled == Ruled::NONE
    }

    /// Which hour and day it is in the zone.
    #[inline]
    pub(crate) fn periods(&self, zones: &Zones, zone: ZoneId) -> LocalPeriods {
        match self.last_zone.get() {
            Some((known, periods)) if known == zone => periods,
            _ => {
                let periods = zones.periods(zone, self.at);
                self.last_zone.set(Some((zone, periods)));
                periods
            }
        }
    }

    /// Whether a payout under this listing may fall due before a revenue on `pay_term`.
    pub(crate) fn needs_float(&self, pay_term: PayTerm) -> bool {
        !self.payout_paid && !self.terms.payout_term.implies(pay_term)
    }

    /// The least amount that meets the reserve, or what the deal asks in its place, and leaves the margin; `None` when no
    /// amount does.
    pub(crate) fn floor(&self, deal: DealPrice) -> Option<Money> {
        match deal {
            // What the seller gets and the platform keeps is settled by the price, whatever is bid.
            DealPrice::Fixed(price) => Some(price),
            _ => self.margin_floor.map(|least| least.max(deal.least().unwrap_or(self.reserve))),
        }
    }

    /// What a profile that bids this pays if nobody else's bid matters: the fixed price of its deal, or of the listing, or the
    /// floor where that is higher; without a fixed price what it bids.
    #[inline]
    pub(crate) fn pays(&self, amount: Money, deal: DealPrice) -> Money {
        match deal {
            DealPrice::Fixed(price) => price,
            _ if self.policy.price > Money::ZERO => self.floor(deal).map_or(amount, |floor| floor.min(amount)),
            _ => amount,
        }
    }

    /// The winner's price under its buyer's deal, with `runner_up` the best other amount of its tier.
    pub(crate) fn price(&self, amount: Money, deal: DealPrice, runner_up: Option<Money>) -> Money {
        if let DealPrice::Fixed(price) = deal {
            return price;
        }
        match self.terms.pricing {
            PricingRule::FirstPrice => self.pays(amount, deal),
            PricingRule::SecondPrice => {
                let floor = self.floor(deal).unwrap_or(amount);
                let next = runner_up.map_or(floor, |runner_up| floor.max(runner_up + self.terms.increment));
                next.min(amount)
            }
        }
    }
}
