//! A seller says how its auctions end.

use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ListingId};
use crate::listings::WindowRule;
use crate::reject::Reject;
use crate::units::Millis;

use super::offer_call::WINDOW_MAX;

/// Sets how the windows of a listing's auctions end, of those that open from now on: whether they close as soon as nobody
/// still out can win, and how soon an invited profile must answer.
///
/// # Refused
///
/// `ValueOutOfRange` (answers within more than 60 seconds), `AccountUnknown`, `ListingUnknown`, `ListingDelisted`.
///
/// # Events
///
/// `WindowSet`; a repeat when it is so already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetWindow {
    /// The seller.
    pub seller: AccountId,
    /// Its listing.
    pub listing: ListingId,
    /// Whether an auction closes at once when no invited profile that has not answered could still win.
    pub early_close: bool,
    /// How long after the opening an invited profile may first answer; 0 is as long as the window.
    pub answer_within: Millis,
}

impl SetWindow {
    /// Auctions of `listing` last as long as their windows, for everybody: what holds until it is set otherwise.
    #[must_use]
    pub const fn of(seller: AccountId, listing: ListingId) -> Self {
        Self { seller, listing, early_close: false, answer_within: Millis(0) }
    }

    /// They close as soon as nobody still out can win.
    #[must_use]
    pub const fn early_close(mut self) -> Self {
        self.early_close = true;
        self
    }

    /// Invited profiles answer within `length`, or not at all.
    #[must_use]
    pub const fn answer_within(mut self, length: Millis) -> Self {
        self.answer_within = length;
        self
    }
}

impl Exchange {
    pub(crate) fn set_window(&mut self, step: Step, command: &SetWindow, events: &mut Events) -> Result<Done, Reject> {
        let &SetWindow { seller, listing, early_close, answer_within } = command;
        if answer_within > WINDOW_MAX {
            return Err(Reject::ValueOutOfRange);
        }
        let slot = self.find_listing(seller, listing)?;
        events.push(Event::WindowSet { seller, listing });
        let known = &mut self.listings.get_mut(slot).window;
        if (known.early_close, known.answer_within) == (early_close, answer_within) {
            return Ok(Done::Repeated(known.set));
        }
        *known = WindowRule { early_close, answer_within, set: step.sequence };
        Ok(Done::Accepted)
    }

    /// The slot of a seller's listing, of which something is to be set.
    pub(super) fn find_listing(&self, seller: AccountId, listing: ListingId) -> Result<u32, Reject> {
        let seller = self.accounts.find(seller)?;
        self.listings.find_listed(seller, listing)
    }
}
