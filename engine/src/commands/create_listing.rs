//! A seller lists what it sells.

use super::body::Body;
use crate::delivery::ListingDelivery;
use crate::event::{Event, Events, Role};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CalendarId, ListingId, Sequence, VerticalId};
use crate::listings::{Listing, WindowRule};
use crate::reject::Reject;
use crate::terms::{PayTerm, Payout, PricingRule};
use crate::units::{BasisPoints, Money, Seconds};

/// Creates a listing. Defaults: vertical 0, first price, no reserve, the whole price to the seller on connect, calls of
/// at most an hour, sealed and binding bids, always open.
///
/// # Refused
///
/// `AmountOutOfRange` (reserve, increment, margin or a fixed payout negative or too large), `ValueOutOfRange` (a share
/// above the whole, a term beyond a day, `duration_max` zero or above a day, the vertical), `TermsImpossible` (the whole
/// as share and a margin above zero), `AccountUnknown`, `AccountRoleMismatch`, `IdConflict`, `AccountClosed`, `CalendarUnknown`,
/// `ListingsFull`.
///
/// # Events
///
/// `ListingCreated`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreateListing {
    /// The seller.
    pub seller: AccountId,
    /// Its id.
    pub listing: ListingId,
    /// Which profiles may compete.
    pub vertical: VerticalId,
    /// What the winner pays.
    pub pricing: PricingRule,
    /// The least price.
    pub reserve: Money,
    /// What a second price adds to the runner-up's amount.
    pub increment: Money,
    /// What the seller gets.
    pub payout: Payout,
    /// When the seller has earned it.
    pub payout_term: PayTerm,
    /// The least that must remain of the price after the payout.
    pub margin_min: Money,
    /// The longest a call may last from its answer, and the longest a registered one waits to be offered.
    pub duration_max: Seconds,
    /// Whether a bidder is told if its bid leads.
    pub open: bool,
    /// Whether bids may be lowered and withdrawn while the window is open.
    pub withdrawable: bool,
    /// The seller's calendar by which calls are for sale; without one they always are.
    pub hours: Option<CalendarId>,
}

impl CreateListing {
    /// A listing of `seller` with the defaults.
    #[must_use]
    pub const fn of(seller: AccountId, listing: ListingId) -> Self {
        Self {
            seller,
            listing,
            vertical: VerticalId(0),
            pricing: PricingRule::FirstPrice,
            reserve: Money::ZERO,
            increment: Money::ZERO,
            payout: Payout::Share(BasisPoints::WHOLE),
            payout_term: PayTerm::OnConnect,
            margin_min: Money::ZERO,
            duration_max: Seconds(3_600),
            open: false,
            withdrawable: false,
            hours: None,
        }
    }

    /// In `vertical`.
    #[must_use]
    pub const fn vertical(mut self, vertical: VerticalId) -> Self {
        self.vertical = vertical;
        self
    }

    /// Sold at second price, plus `increment`.
    #[must_use]
    pub const fn second_price(mut self, increment: Money) -> Self {
        self.pricing = PricingRule::SecondPrice;
        self.increment = increment;
        self
    }

    /// For no less than `reserve`.
    #[must_use]
    pub const fn reserve(mut self, reserve: Money) -> Self {
        self.reserve = reserve;
        self
    }

    /// The seller gets `payout` once `term` is met.
    #[must_use]
    pub const fn pays_out(mut self, payout: Payout, term: PayTerm) -> Self {
        self.payout = payout;
        self.payout_term = term;
        self
    }

    /// The platform keeps at least `margin`.
    #[must_use]
    pub const fn margin_min(mut self, margin: Money) -> Self {
        self.margin_min = margin;
        self
    }

    /// Calls last at most this long.
    #[must_use]
    pub const fn duration_max(mut self, duration: Seconds) -> Self {
        self.duration_max = duration;
        self
    }

    /// Bidders are told whether they lead.
    #[must_use]
    pub const fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// Bids may be lowered and withdrawn while the window is open.
    #[must_use]
    pub const fn withdrawable(mut self) -> Self {
        self.withdrawable = true;
        self
    }

    /// Calls are for sale by this calendar of the seller's.
    #[must_use]
    pub const fn hours(mut self, calendar: CalendarId) -> Self {
        self.hours = Some(calendar);
        self
    }
}

/// The longest a term or a call may be.
pub(super) const DAY: Seconds = Seconds(86_400);

/// Whether a term's seconds are within a day.
pub(super) fn term_is_possible(term: PayTerm) -> bool {
    match term {
        PayTerm::OnConnect => true,
        PayTerm::After { seconds, .. } => seconds <= DAY,
    }
}

impl Exchange {
    pub(crate) fn create_listing(
        &mut self,
        step: Step,
        command: &CreateListing,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        self.judge_terms(command)?;
        let seller = self.accounts.find_as(command.seller, Role::Seller)?;
        let fingerprint = self.listing_body(command);
        let event = Event::ListingCreated { seller: command.seller, listing: command.listing };
        if let Some(slot) = self.listings.find(seller, command.listing) {
            let known = self.listings.get(slot);
            if known.fingerprint != fingerprint {
                return Err(Reject::IdConflict);
            }
            events.push(event);
            return Ok(Done::Repeated(known.sequence));
        }
        self.accounts.judge_open(seller)?;
        let hours = self.find_hours(seller, command.hours)?;
        if self.listings.is_full() {
            return Err(Reject::ListingsFull);
        }
        let slot = self.listings.create(Listing {
            seller,
            id: command.listing,
            vertical: command.vertical,
            pricing: command.pricing,
            reserve: command.reserve,
            increment: command.increment,
            payout: command.payout,
            payout_term: command.payout_term,
            margin_min: command.margin_min,
            margin_floor: command.payout.price_min(command.margin_min),
            duration_max: command.duration_max,
            open: command.open,
            withdrawable: command.withdrawable,
            hours,
            tells_price_to_win: false,
            disclosed: step.sequence,
            fingerprint,
            sequence: step.sequence,
            window: WindowRule::usual(step.sequence),
            private: false,
            private_set: step.sequence,
            deals: 0,
            deals_changed: step.sequence,
            calls: 0,
            delisted: Sequence(0),
        });
        self.delivery.set_listing(slot, ListingDelivery::new(step.sequence));
        events.push(event);
        Ok(Done::Accepted)
    }

    fn judge_terms(&self, command: &CreateListing) -> Result<(), Reject> {
        let fixed = match command.payout {
            Payout::Fixed(amount) => amount,
            Payout::Share(_) => Money::ZERO,
        };
        let amounts = [command.reserve, command.increment, command.margin_min, fixed];
        if !amounts.iter().all(|amount| amount.is_amount_or_zero()) {
            return Err(Reject::AmountOutOfRange);
        }
        let share_is_possible = match command.payout {
            Payout::Fixed(_) => true,
            Payout::Share(share) => share <= BasisPoints::WHOLE,
        };
        let in_range = share_is_possible
            && term_is_possible(command.payout_term)
            && (Seconds(1)..=DAY).contains(&command.duration_max)
            && command.vertical.0 < self.genesis.limits.verticals_max;
        if !in_range {
            return Err(Reject::ValueOutOfRange);
        }
        if command.payout == Payout::Share(BasisPoints::WHOLE) && command.margin_min > Money::ZERO {
            return Err(Reject::TermsImpossible);
        }
        Ok(())
    }

    fn listing_body(&self, command: &CreateListing) -> u64 {
        let body = Body::new(self.genesis.seed, 4)
            .word(command.vertical.0)
            .word(command.pricing as u64)
            .money(command.reserve)
            .money(command.increment);
        let body = match command.payout {
            Payout::Fixed(amount) => body.word(0_u64).money(amount),
            Payout::Share(share) => body.word(1_u64).word(share.0),
        };
        body.term(command.payout_term)
            .money(command.margin_min)
            .word(command.duration_max.0)
            .word(u64::from(command.open) << 1 | u64::from(command.withdrawable))
            .optional_wide(command.hours.map(|calendar| calendar.0))
            .finish()
    }
}
