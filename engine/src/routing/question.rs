//! One call as its candidates are judged: everything about the call and its listing that a candidate must meet.

use core::cell::Cell;

use crate::calls::{Hold, Tried};
use crate::exchange::Exchange;
use crate::ids::{VerticalId, ZoneId};
use crate::policies::ListingPolicy;
use crate::schedule::Zones;
use crate::terms::{FactSheet, LocalPeriods, PayTerm, Payout, PricingRule};
use crate::units::{Money, Timestamp};

/// See the [module](self). Built once for a decision.
#[derive(Clone, Debug)]
pub(crate) struct Question<'a> {
    pub(crate) at: Timestamp,
    pub(crate) facts: &'a FactSheet,
    /// The listing's slot.
    pub(crate) listing: u32,
    /// How the listing chooses, and what it requires.
    pub(crate) policy: &'a ListingPolicy,
    pub(crate) vertical: VerticalId,
    pub(crate) reserve: Money,
    /// The least amount that meets the reserve, a fixed price included, and leaves the margin; `None` when no amount does.
    pub(crate) floor: Option<Money>,
    /// What the seller gets: the promise, once one was made.
    pub(crate) payout: Payout,
    pub(crate) payout_term: PayTerm,
    pub(crate) pricing: PricingRule,
    pub(crate) increment: Money,
    /// The auction's slot, if there is one.
    pub(crate) auction: Option<u32>,
    /// Profiles the call came back from.
    pub(crate) tried: &'a [Tried],
    /// The zone asked for last and its hour and day: most candidates share one.
    pub(crate) last_zone: Cell<Option<(ZoneId, LocalPeriods)>>,
    /// The call's own hold, to be thought away: for looking back at a decision.
    pub(crate) undone: Option<&'a Hold>,
}

impl Exchange {
    /// The question a live call asks at this time.
    pub(crate) fn question(&self, live: u32, at: Timestamp) -> Question<'_> {
        let call = self.calls.live(live);
        let record = self.calls.record(call.record);
        let mut question = self.question_of(record.listing, call.reserve, &call.facts, at);
        question.auction = call.has_auction().then_some(call.auction);
        question.tried = &call.tried[..usize::from(record.attempt)];
        if record.marks.has(crate::calls::Marks::SOLD) {
            question.promise(Payout::Fixed(record.payout), self.listings.get(record.listing).margin_min);
        }
        question
    }

    /// The question any call asks under this listing.
    pub(crate) fn question_of<'a>(
        &'a self,
        listing: u32,
        reserve: Money,
        facts: &'a FactSheet,
        at: Timestamp,
    ) -> Question<'a> {
        let policy = self.policies.of_listing(listing);
        let (slot, listing) = (listing, self.listings.get(listing));
        let mut question = Question {
            at,
            facts,
            listing: slot,
            policy,
            vertical: listing.vertical,
            reserve: reserve.max(policy.price),
            floor: None,
            payout: listing.payout,
            payout_term: listing.payout_term,
            pricing: listing.pricing,
            increment: listing.increment,
            auction: None,
            tried: &[],
            last_zone: Cell::new(None),
            undone: None,
        };
        question.promise(listing.payout, listing.margin_min);
        question
    }

    /// The same, as it was before the present winner was chosen.
    pub(crate) fn question_undone(&self, live: u32, at: Timestamp) -> Question<'_> {
        let call = self.calls.live(live);
        let record = self.calls.record(call.record);
        let mut question = self.question(live, at);
        let Some(hold) = &call.hold else { return question };
        question.undone = Some(hold);
        question.tried = &call.tried[..usize::from(record.attempt) - 1];
        if record.attempt == 1 {
            let listing = self.listings.get(record.listing);
            question.promise(listing.payout, listing.margin_min);
        }
        question
    }
}

impl Question<'_> {
    /// The seller gets this, and the platform keeps at least the margin.
    fn promise(&mut self, payout: Payout, margin_min: Money) {
        self.payout = payout;
        self.floor = payout.price_min(margin_min).map(|least| least.max(self.reserve));
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
        !self.payout_term.implies(pay_term)
    }

    /// What a profile that bids this pays if nobody else's bid matters: the fixed price, or the floor where that is higher;
    /// without a fixed price what it bids.
    #[inline]
    pub(crate) fn pays(&self, amount: Money) -> Money {
        match self.floor {
            Some(floor) if self.policy.price > Money::ZERO => floor.min(amount),
            _ => amount,
        }
    }

    /// The winner's price, with `runner_up` the best other amount of its tier.
    pub(crate) fn price(&self, amount: Money, runner_up: Option<Money>) -> Money {
        match self.pricing {
            PricingRule::FirstPrice => self.pays(amount),
            PricingRule::SecondPrice => {
                let floor = self.floor.unwrap_or(amount);
                let next = runner_up.map_or(floor, |runner_up| floor.max(runner_up + self.increment));
                next.min(amount)
            }
        }
    }
}
