//! A listing is taken off the market.

use crate::callers::{DuplicateRule, FrequencyRule, Owner, Place};
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ListingId, Sequence};
use crate::reject::Reject;

/// Takes a listing off the market for good. What is new under it, and whatever would set something of it, is refused with
/// `ListingDelisted`. Calls that are known go on to their end, by the listing's terms and by what was set of it: they are
/// offered, auctioned, sold, reported and settled. With the last of them its deals, its quota, its screen and its duplicate and
/// frequency rules are gone, and what room they took is free again. Its id is not used again.
///
/// # Refused
///
/// `AccountUnknown`, `ListingUnknown`.
///
/// # Events
///
/// `ListingDelisted`; a repeat when it is off the market already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delist {
    /// The seller.
    pub seller: AccountId,
    /// Its listing.
    pub listing: ListingId,
}

impl Delist {
    /// `listing` of `seller`.
    #[must_use]
    pub const fn new(seller: AccountId, listing: ListingId) -> Self {
        Self { seller, listing }
    }
}

impl Exchange {
    pub(crate) fn delist(&mut self, step: Step, command: &Delist, events: &mut Events) -> Result<Done, Reject> {
        let &Delist { seller, listing } = command;
        let slot = self.accounts.find(seller)?;
        let slot = self.listings.find(slot, listing).ok_or(Reject::ListingUnknown)?;
        events.push(Event::ListingDelisted { seller, listing });
        let known = self.listings.get_mut(slot);
        if known.delisted != Sequence(0) {
            return Ok(Done::Repeated(known.delisted));
        }
        known.delisted = step.sequence;
        self.clear_if_over(slot, step.sequence);
        Ok(Done::Accepted)
    }

    /// A listing that is off the market and has no more calls under way needs nothing of what was set of it.
    pub(crate) fn clear_if_over(&mut self, slot: u32, sequence: Sequence) {
        let listing = self.listings.get_mut(slot);
        if listing.delisted == Sequence(0) || listing.calls > 0 {
            return;
        }
        self.deals.remove_all(slot, core::mem::take(&mut listing.deals));
        self.quotas.forget_listing(slot);
        if self.callers.screens.get(Place::Listing(slot)).is_some() {
            self.callers.screens.set(Place::Listing(slot), None, sequence);
        }
        self.callers.duplicates.set(Owner::Listing(slot), DuplicateRule::default());
        self.callers.frequencies.set(Place::Listing(slot), FrequencyRule::default());
    }
}
