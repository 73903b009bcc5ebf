//! A buyer or a seller says who counts as having called before.

use crate::callers::{DuplicateRule, Owner};
use crate::event::{Event, Events, Role};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, Sequence};
use crate::limits::CALLER_WINDOW_MAX;
use crate::profiles::Ruled;
use crate::reject::Reject;
use crate::terms::{AnonymousCallers, CallerScope, DuplicateOn};
use crate::units::Seconds;

/// Sets the duplicate rule of a profile, of all of a buyer's profiles together, or of a listing. A caller who has come so
/// far within the window is a duplicate: the profile is no candidate, the listing's call is unsold.
///
/// A rule that is set anew keeps what it remembers; what was remembered ends with the shorter of the two windows. A
/// window of 0 lifts the rule, and what it remembers is forgotten.
///
/// # Refused
///
/// `ValueOutOfRange` (a window above 400 days), `AccountReserved`, `AccountUnknown`, `AccountRoleMismatch` (a listing is a
/// seller's; anything else a buyer's), `ListingUnknown`, `ListingDelisted`, `ProfileUnknown`, `ContactsFull` (2³² − 1 rules were set),
/// `SettingsFull`.
///
/// # Events
///
/// `DuplicatesSet`; a repeat when the rule is just so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetDuplicates {
    /// The buyer or seller.
    pub account: AccountId,
    /// Whose callers.
    pub scope: CallerScope,
    /// What counts.
    pub on: DuplicateOn,
    /// For how long it counts. 0 lifts the rule.
    pub window: Seconds,
    /// What becomes of callers without an identity.
    pub anonymous: AnonymousCallers,
}

impl SetDuplicates {
    /// `scope` of `account` takes nobody who came in within `window`.
    #[must_use]
    pub const fn new(account: AccountId, scope: CallerScope, window: Seconds) -> Self {
        Self { account, scope, on: DuplicateOn::Incoming, window, anonymous: AnonymousCallers::OneCaller }
    }

    /// What counts instead.
    #[must_use]
    pub const fn on(mut self, on: DuplicateOn) -> Self {
        self.on = on;
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
    pub(crate) fn set_duplicates(
        &mut self,
        step: Step,
        command: &SetDuplicates,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &SetDuplicates { account, scope, on, window, anonymous } = command;
        if window > CALLER_WINDOW_MAX {
            return Err(Reject::ValueOutOfRange);
        }
        if account == AccountId::PLATFORM || account == AccountId::WORLD {
            return Err(Reject::AccountReserved);
        }
        let (owner, created, profile) = match scope {
            CallerScope::Account => {
                let slot = self.accounts.find_as(account, Role::Buyer)?;
                (Owner::Buyer(slot), self.accounts.get(slot).sequence, None)
            }
            CallerScope::Profile(profile) => {
                let buyer = self.accounts.find_as(account, Role::Buyer)?;
                let slot = self.profiles.find(buyer, profile).ok_or(Reject::ProfileUnknown)?;
                (Owner::Profile(self.settings.of(slot)), self.profiles.get(slot).created, Some(slot))
            }
            CallerScope::Listing(listing) => {
                let seller = self.accounts.find_as(account, Role::Seller)?;
                let slot = self.listings.find_listed(seller, listing)?;
                (Owner::Listing(slot), self.listings.get(slot).sequence, None)
            }
        };
        let event = Event::DuplicatesSet { account, scope };
        let known = *self.callers.duplicates.rule(owner);
        let is_so = match window.0 {
            0 => !known.is_set(),
            _ => known.is_set() && (known.window, known.on, known.anonymous) == (window, on, anonymous),
        };
        if is_so {
            events.push(event);
            return Ok(Done::Repeated(if known.sequence == Sequence(0) { created } else { known.sequence }));
        }
        if self.callers.duplicates.is_worn_out() {
            return Err(Reject::ContactsFull);
        }
        let owner = match profile {
            Some(slot) => {
                self.judge_settings(slot)?;
                Owner::Profile(self.give_settings(slot))
            }
            None => owner,
        };
        let rule = DuplicateRule { window, on, anonymous, sequence: step.sequence, ..DuplicateRule::default() };
        self.callers.duplicates.set(owner, rule);
        if let Some(slot) = profile {
            self.profiles.get_mut(slot).ruled.set(Ruled::CALLERS, window.0 > 0);
            self.describe_rows(slot);
        }
        events.push(event);
        Ok(Done::Accepted)
    }
}
