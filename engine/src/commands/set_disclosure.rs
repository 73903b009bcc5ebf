//! A seller says what losers may know of its calls.

use crate::event::{Event, Events, Role};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ListingId};
use crate::reject::Reject;

/// Sets whether those who are told that they lost a call of this listing are told with which amount they would have won.
/// A listing tells nothing until this is set.
///
/// # Refused
///
/// `AccountUnknown`, `AccountRoleMismatch`, `ListingUnknown`, `ListingDelisted`.
///
/// # Events
///
/// `DisclosureSet`; a repeat when it is so already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetDisclosure {
    /// The seller.
    pub seller: AccountId,
    /// Its listing.
    pub listing: ListingId,
    /// Whether `BidLost` carries the price that would have won.
    pub price_to_win: bool,
}

impl SetDisclosure {
    /// `listing` of `seller` tells losers nothing but why.
    #[must_use]
    pub const fn nothing(seller: AccountId, listing: ListingId) -> Self {
        Self { seller, listing, price_to_win: false }
    }

    /// `listing` of `seller` tells losers with which amount they would have won.
    #[must_use]
    pub const fn price_to_win(seller: AccountId, listing: ListingId) -> Self {
        Self { seller, listing, price_to_win: true }
    }
}

impl Exchange {
    pub(crate) fn set_disclosure(
        &mut self,
        step: Step,
        command: &SetDisclosure,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &SetDisclosure { seller, listing, price_to_win } = command;
        let seller_slot = self.accounts.find_as(seller, Role::Seller)?;
        let slot = self.listings.find_listed(seller_slot, listing)?;
        events.push(Event::DisclosureSet { seller, listing, price_to_win });
        let known = self.listings.get_mut(slot);
        if known.tells_price_to_win == price_to_win {
            return Ok(Done::Repeated(known.disclosed));
        }
        (known.tells_price_to_win, known.disclosed) = (price_to_win, step.sequence);
        Ok(Done::Accepted)
    }
}
