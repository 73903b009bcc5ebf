//! An account moves to another time zone.

use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ZoneId};
use crate::reject::Reject;

/// Moves an account's home to another zone. From now on its calendars, the caps and budgets of its profiles and its quotas
/// go by the clocks there, those of calls that are known already too; no count begins anew for it: a window that was
/// counted in ends when the clock of the new home has passed its end.
///
/// It is the operator's to say: a front end refuses it from a trader's own key.
///
/// # Refused
///
/// `AccountReserved` (the platform's or the world's), `AccountUnknown`, `ZoneUnknown`.
///
/// # Events
///
/// `HomeSet`; a repeat when it is at home there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetHome {
    /// The account.
    pub account: AccountId,
    /// Its home.
    pub zone: ZoneId,
}

impl SetHome {
    /// `account` is at home in `zone`.
    #[must_use]
    pub const fn new(account: AccountId, zone: ZoneId) -> Self {
        Self { account, zone }
    }
}

impl Exchange {
    pub(crate) fn set_home(&mut self, step: Step, command: &SetHome, events: &mut Events) -> Result<Done, Reject> {
        let &SetHome { account, zone } = command;
        if account == AccountId::PLATFORM || account == AccountId::WORLD {
            return Err(Reject::AccountReserved);
        }
        let slot = self.accounts.find(account)?;
        if !self.zones.is_known(zone) {
            return Err(Reject::ZoneUnknown);
        }
        events.push(Event::HomeSet { account, zone });
        let known = self.accounts.get_mut(slot);
        if known.zone == zone {
            return Ok(Done::Repeated(known.homed()));
        }
        (known.zone, known.moved) = (zone, step.sequence);
        if self.ledger.has_profiles(slot) {
            self.move_profiles(slot, zone, step);
        }
        Ok(Done::Accepted)
    }

    /// Profiles keep their buyer's zone beside what a decision reads, and may sleep until an hour of the old one.
    fn move_profiles(&mut self, buyer: u32, zone: ZoneId, step: Step) {
        let mut next = self.targeting.next_of(buyer, 0);
        while let Some((slot, after)) = next {
            self.profiles.get_mut(slot).zone = zone;
            self.describe_rows(slot);
            self.refresh(slot, step.at);
            next = self.targeting.next_of(buyer, after);
        }
    }
}
