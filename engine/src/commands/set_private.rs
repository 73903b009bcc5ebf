//! A seller chooses whom it sells to.

use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ListingId};
use crate::reject::Reject;

/// Makes a listing private, so that only buyers with a deal on it compete for its calls, or public again. It holds for
/// every decision from now on, of calls that are known already too.
///
/// # Refused
///
/// `AccountUnknown`, `ListingUnknown`, `ListingDelisted`.
///
/// # Events
///
/// `PrivateSet`; a repeat when it is so already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetPrivate {
    /// The seller.
    pub seller: AccountId,
    /// Its listing.
    pub listing: ListingId,
    /// Whether a deal is needed.
    pub private: bool,
}

impl SetPrivate {
    /// Only buyers with a deal compete for the calls of `listing`, or everybody.
    #[must_use]
    pub const fn of(seller: AccountId, listing: ListingId, private: bool) -> Self {
        Self { seller, listing, private }
    }
}

impl Exchange {
    pub(crate) fn set_private(
        &mut self,
        step: Step,
        command: &SetPrivate,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &SetPrivate { seller, listing, private } = command;
        let slot = self.find_listing(seller, listing)?;
        events.push(Event::PrivateSet { seller, listing, private });
        let record = self.listings.get_mut(slot);
        if record.private == private {
            return Ok(Done::Repeated(record.private_set));
        }
        (record.private, record.private_set) = (private, step.sequence);
        Ok(Done::Accepted)
    }
}
