//! A seller and a buyer have a deal.

use crate::deals::Deal;
use crate::event::{Event, Events, Role};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ListingId};
use crate::reject::Reject;
use crate::terms::DealPrice;

/// Sets the deal between a listing and a buyer, or takes it away. It holds for every decision from now on, of calls that
/// are known already too.
///
/// # Refused
///
/// `AmountOutOfRange` (a floor below zero, a fixed price of zero or less, either above `Money::AMOUNT_MAX`),
/// `AccountUnknown` (seller or buyer), `AccountRoleMismatch` (the buyer is none), `ListingUnknown`, `ListingDelisted`, `RulesFull`
/// (`deals_max`).
///
/// # Events
///
/// `DealSet`; a repeat when it is so already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetDeal {
    /// The seller.
    pub seller: AccountId,
    /// Its listing.
    pub listing: ListingId,
    /// The buyer, whose profiles it is for.
    pub buyer: AccountId,
    /// What it says of the price; without, there is no deal.
    pub price: Option<DealPrice>,
}

impl SetDeal {
    /// `buyer` has this deal on `listing`.
    #[must_use]
    pub const fn of(seller: AccountId, listing: ListingId, buyer: AccountId, price: DealPrice) -> Self {
        Self { seller, listing, buyer, price: Some(price) }
    }

    /// `buyer` has no deal on `listing`.
    #[must_use]
    pub const fn none(seller: AccountId, listing: ListingId, buyer: AccountId) -> Self {
        Self { seller, listing, buyer, price: None }
    }
}

impl Exchange {
    pub(crate) fn set_deal(&mut self, step: Step, command: &SetDeal, events: &mut Events) -> Result<Done, Reject> {
        let &SetDeal { seller, listing, buyer, price } = command;
        let amount_can_be = match price {
            None | Some(DealPrice::Reserve) => true,
            Some(DealPrice::Floor(floor)) => floor.is_amount_or_zero(),
            Some(DealPrice::Fixed(fixed)) => fixed.is_amount(),
        };
        if !amount_can_be {
            return Err(Reject::AmountOutOfRange);
        }
        self.accounts.find(seller)?;
        let buyer_slot = self.accounts.find_as(buyer, Role::Buyer)?;
        let slot = self.find_listing(seller, listing)?;
        let event = Event::DealSet { seller, listing, buyer };
        let known = self.deals.find(slot, buyer_slot);
        if known.map(|known| known.price) == price {
            events.push(event);
            let changed = self.listings.get(slot).deals_changed;
            return Ok(Done::Repeated(known.map_or(changed, |known| known.sequence)));
        }
        if known.is_none() && self.deals.is_full() {
            return Err(Reject::RulesFull);
        }
        let record = self.listings.get_mut(slot);
        record.deals_changed = step.sequence;
        match price {
            None => {
                self.deals.remove(slot, buyer_slot);
                record.deals -= 1;
            }
            Some(price) => {
                let deal = Deal { listing: slot, buyer: buyer_slot, price, sequence: step.sequence };
                record.deals += u32::from(self.deals.set(deal));
            }
        }
        events.push(event);
        Ok(Done::Accepted)
    }
}
