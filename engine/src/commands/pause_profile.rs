//! A buyer stops a profile.

use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ProfileId};
use crate::reject::Reject;

/// Pauses a profile: it wins nothing until resumed. Calls it has go on. Pausing a paused one is a repeat, also of one that
/// the exchange paused.
///
/// # Refused
///
/// `AccountUnknown`, `ProfileUnknown`.
///
/// # Events
///
/// `ProfilePaused`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PauseProfile {
    /// The buyer.
    pub buyer: AccountId,
    /// Its profile.
    pub profile: ProfileId,
}

impl PauseProfile {
    /// `profile` of `buyer`.
    #[must_use]
    pub const fn new(buyer: AccountId, profile: ProfileId) -> Self {
        Self { buyer, profile }
    }
}

impl Exchange {
    pub(crate) fn pause_profile(
        &mut self,
        step: Step,
        command: &PauseProfile,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &PauseProfile { buyer, profile } = command;
        let slot = self.find_profile(buyer, profile)?;
        let done = self.switch_profile(step, slot, true);
        events.push(Event::ProfilePaused { buyer, profile });
        Ok(done)
    }

    /// The slot of a buyer's profile.
    pub(super) fn find_profile(&self, buyer: AccountId, profile: ProfileId) -> Result<u32, Reject> {
        let buyer = self.accounts.find(buyer)?;
        self.profiles.find(buyer, profile).ok_or(Reject::ProfileUnknown)
    }

    /// Pauses or resumes.
    pub(super) fn switch_profile(&mut self, step: Step, slot: u32, paused: bool) -> Done {
        let profile = self.profiles.get_mut(slot);
        if profile.paused == paused {
            return Done::Repeated(self.profiles.filed(slot).switched);
        }
        profile.paused = paused;
        self.profiles.filed_mut(slot).switched = step.sequence;
        self.refresh(slot, step.at);
        Done::Accepted
    }
}
