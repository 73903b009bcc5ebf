//! A seller, or the platform, says how often one caller may call.

use crate::callers::{FrequencyRule, Place};
use crate::event::{Event, Events, Role};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ListingId, Sequence};
use crate::limits::{CALLER_WINDOW_MAX, FREQUENCY_CALLS_MAX};
use crate::reject::Reject;
use crate::terms::AnonymousCallers;
use crate::units::Seconds;

/// Sets how often one caller may be put up for sale under a listing, under all of a seller's, or, said by the platform,
/// under all there are: the call that would be one more than `calls_max` in any window of that length is unsold. Every call
/// counts that no earlier step declined, this rule's own refusals among them.
///
/// A rule that is set anew keeps what it remembers: each caller until the window that held at its last call is over. A
/// window of 0 lifts the rule, and what it remembers is forgotten.
///
/// # Refused
///
/// `ValueOutOfRange` (a window above 400 days; with a window, no calls or above 15), `AccountReserved` (the world's),
/// `AccountUnknown`, `AccountRoleMismatch` (a buyer), `ListingUnknown`, `ListingDelisted`, `ContactsFull` (2³² − 1 rules were set).
///
/// # Events
///
/// `FrequencySet`; a repeat when the rule is just so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetFrequency {
    /// The seller, or the platform.
    pub account: AccountId,
    /// One listing of the account; `None` is all its calls, said by the platform all calls.
    pub listing: Option<ListingId>,
    /// The most calls of one caller.
    pub calls_max: u8,
    /// In any time of this length. 0 lifts the rule.
    pub window: Seconds,
    /// What becomes of callers without an identity.
    pub anonymous: AnonymousCallers,
}

impl SetFrequency {
    /// Nobody calls `account` more than `calls_max` times in `window`.
    #[must_use]
    pub const fn new(account: AccountId, calls_max: u8, window: Seconds) -> Self {
        Self { account, listing: None, calls_max, window, anonymous: AnonymousCallers::OneCaller }
    }

    /// Under this listing.
    #[must_use]
    pub const fn listing(mut self, listing: ListingId) -> Self {
        self.listing = Some(listing);
        self
    }

    /// What becomes of callers without an identity instead.
    #[must_use]
    pub const fn anonymous(mut self, anonymous: AnonymousCallers) -> Self {
        self.anonymous = anonymous;
        self
    }
}

impl Exchange {
    pub(crate) fn set_frequency(
        &mut self,
        step: Step,
        command: &SetFrequency,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &SetFrequency { account, listing, calls_max, window, anonymous } = command;
        let counts = (1..=FREQUENCY_CALLS_MAX).contains(&calls_max);
        if window > CALLER_WINDOW_MAX || (window.0 > 0 && !counts) {
            return Err(Reject::ValueOutOfRange);
        }
        let (place, created) = self.find_place(account, listing)?;
        let event = Event::FrequencySet { account, listing };
        let known = *self.callers.frequencies.rule(place);
        let is_so = match window.0 {
            0 => !known.is_set(),
            _ => known.is_set() && (known.window, known.calls_max, known.anonymous) == (window, calls_max, anonymous),
        };
        if is_so {
            events.push(event);
            return Ok(Done::Repeated(if known.sequence == Sequence(0) { created } else { known.sequence }));
        }
        if self.callers.frequencies.is_worn_out() {
            return Err(Reject::ContactsFull);
        }
        let rule = FrequencyRule { window, calls_max, anonymous, sequence: step.sequence, ..FrequencyRule::default() };
        self.callers.frequencies.set(place, rule);
        events.push(event);
        Ok(Done::Accepted)
    }

    /// A listing of this account, or all its listings: of a seller, or of the platform. With the command that made it.
    pub(super) fn find_place(
        &self,
        account: AccountId,
        listing: Option<ListingId>,
    ) -> Result<(Place, Sequence), Reject> {
        if account == AccountId::WORLD {
            return Err(Reject::AccountReserved);
        }
        let slot = self.accounts.find(account)?;
        let known = self.accounts.get(slot);
        if known.role == Role::Buyer {
            return Err(Reject::AccountRoleMismatch);
        }
        let Some(listing) = listing else { return Ok((Place::Account(slot), known.sequence)) };
        let listing = self.listings.find_listed(slot, listing)?;
        Ok((Place::Listing(listing), self.listings.get(listing).sequence))
    }
}
