//! A buyer takes a profile away.

use crate::calendars::NONE;
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
        _: Step,
        command: &CloseProfile,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &CloseProfile { buyer, profile } = command;
        let slot = self.find_profile(buyer, profile)?;
        let record = self.profiles.get(slot);
        if record.caps.live() > 0 || record.bids > 0 {
            return Err(Reject::ProfileInUse);
        }
        self.remove_row(slot);
        while let Some(further) = self.conjunctions.first(slot) {
            self.remove_row(self.targeting.further_row(further));
            self.conjunctions.remove_first(slot);
        }
        self.leave_calendar(slot);
        self.forget_settings(slot);
        self.ledger.drop_profile(self.profiles.get(slot).buyer);
        self.profiles.close(slot);
        events.push(Event::ProfileClosed { buyer, profile });
        Ok(Done::Accepted)
    }

    /// A row goes, and its list of what is wanted with it.
    fn remove_row(&mut self, row: u32) {
        self.targeting.remove(row, self.wants.clauses(row).map(|(clause, _)| clause));
        self.wants.remove(row);
    }

    /// Takes the profile out of the list of those that go by its calendar.
    fn leave_calendar(&mut self, slot: u32) {
        let (calendar, [before, after]) = (self.profiles.get(slot).hours, self.profiles.filed(slot).by_calendar);
        if calendar == NONE {
            return;
        }
        if before == NONE {
            self.calendars.get_mut(calendar).first_profile = after;
        } else {
            self.profiles.filed_mut(before).by_calendar[1] = after;
        }
        if after != NONE {
            self.profiles.filed_mut(after).by_calendar[0] = before;
        }
    }
}
