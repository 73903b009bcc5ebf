//! A buyer takes a profile away.

use crate::calendars::NONE;
use crate::callers::{DuplicateRule, Owner};
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ProfileId};
use crate::reject::Reject;

/// Closes a profile for good. Its id may be used again; its closed calls keep their record.
///
/// # Refused
///
/// `AccountUnknown`, `ProfileUnknown` (never created, or closed), `ProfileInUse`.
///
/// # Events
///
/// `ProfileClosed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseProfile {
    /// The buyer.
    pub buyer: AccountId,
    /// Its profile.
    pub profile: ProfileId,
}

impl CloseProfile {
    /// `profile` of `buyer`.
    #[must_use]
    pub const fn new(buyer: AccountId, profile: ProfileId) -> Self {
        Self { buyer, profile }
    }
}

impl Exchange {
    pub(crate) fn close_profile(
        &mut self,
        step: Step,
        command: &CloseProfile,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &CloseProfile { buyer, profile } = command;
        let slot = self.find_profile(buyer, profile)?;
        let record = self.profiles.get(slot);
        if record.caps.live() > 0 || record.bids > 0 {
            return Err(Reject::ProfileInUse);
        }
        self.targeting.remove(slot, self.profiles.clauses(slot));
        while let Some(further) = self.conjunctions.first(slot) {
            self.targeting.remove(self.targeting.further_row(further), self.conjunctions.clauses(further));
            self.conjunctions.remove_first(slot);
        }
        self.modifiers.remove(slot, step.sequence);
        self.leave_calendar(slot);
        self.callers.duplicates.set(Owner::Profile(slot), DuplicateRule::default());
        self.quotas.forget(slot);
        self.ledger.drop_profile(self.profiles.get(slot).buyer);
        self.profiles.close(slot);
        events.push(Event::ProfileClosed { buyer, profile });
        Ok(Done::Accepted)
    }

    /// Takes the profile out of the list of those that go by its calendar.
    fn leave_calendar(&mut self, slot: u32) {
        let profile = self.profiles.get(slot);
        let (calendar, [before, after]) = (profile.hours, profile.by_calendar);
        if calendar == NONE {
            return;
        }
        if before == NONE {
            self.calendars.get_mut(calendar).first_profile = after;
        } else {
            self.profiles.get_mut(before).by_calendar[1] = after;
        }
        if after != NONE {
            self.profiles.get_mut(after).by_calendar[0] = before;
        }
    }
}
