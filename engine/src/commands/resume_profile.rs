//! A buyer lets a profile go on.

use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ProfileId};
use crate::reject::Reject;

/// Resumes a paused profile, whoever paused it; its unanswered calls are forgotten. Resuming one that is not paused is a
/// repeat.
///
/// # Refused
///
/// `AccountUnknown`, `ProfileUnknown`.
///
/// # Events
///
/// `ProfileResumed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResumeProfile {
    /// The buyer.
    pub buyer: AccountId,
    /// Its profile.
    pub profile: ProfileId,
}

impl ResumeProfile {
    /// `profile` of `buyer`.
    #[must_use]
    pub const fn new(buyer: AccountId, profile: ProfileId) -> Self {
        Self { buyer, profile }
    }
}

impl Exchange {
    pub(crate) fn resume_profile(
        &mut self,
        step: Step,
        command: &ResumeProfile,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &ResumeProfile { buyer, profile } = command;
        let slot = self.find_profile(buyer, profile)?;
        let done = self.switch_profile(step, slot, false);
        if done == Done::Accepted {
            self.delivery.forget_misses(self.settings.of(slot));
        }
        events.push(Event::ProfileResumed { buyer, profile });
        Ok(done)
    }
}
