//! A buyer says how a profile answers.

use crate::delivery::Answering;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ProfileId};
use crate::limits::REJECT_WITHIN_MAX;
use crate::reject::Reject;
use crate::terms::PauseRule;
use crate::units::Seconds;

/// Sets, all of it anew, how a profile answers: how long its agents may give an answered call back, and after how many
/// unanswered calls the exchange pauses it. Unanswered calls are counted from here on.
///
/// # Refused
///
/// `ValueOutOfRange` (a window above [`REJECT_WITHIN_MAX`]; a rule of more than
/// [`UNANSWERED_MAX`](crate::limits::UNANSWERED_MAX) calls, or of a time that is not 1 s to a day; a time without calls),
/// `AccountUnknown`, `ProfileUnknown`.
///
/// # Events
///
/// `AnsweringSet`; a repeat when it is so already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetAnswering {
    /// The buyer.
    pub buyer: AccountId,
    /// Its profile.
    pub profile: ProfileId,
    /// An agent may give an answered call back before it has lasted so long and before its price is earned. 0 is never.
    pub reject_within: Seconds,
    /// The profile is paused when one of these is met: a few calls within an hour, more of them within a day.
    pub pause_after: [PauseRule; 2],
}

impl SetAnswering {
    /// `profile` of `buyer`: what is answered stays answered, and nothing pauses it.
    #[must_use]
    pub const fn new(buyer: AccountId, profile: ProfileId) -> Self {
        Self { buyer, profile, reject_within: Seconds(0), pause_after: [PauseRule::NONE; 2] }
    }

    /// An agent may give a call back before it has lasted so long.
    #[must_use]
    pub const fn reject_within(mut self, window: Seconds) -> Self {
        self.reject_within = window;
        self
    }

    /// Paused by these rules.
    #[must_use]
    pub const fn pause_after(mut self, rules: [PauseRule; 2]) -> Self {
        self.pause_after = rules;
        self
    }
}

impl Exchange {
    pub(crate) fn set_answering(
        &mut self,
        step: Step,
        command: &SetAnswering,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &SetAnswering { buyer, profile, reject_within, pause_after } = command;
        if reject_within > REJECT_WITHIN_MAX || !pause_after.iter().all(|rule| rule.is_possible()) {
            return Err(Reject::ValueOutOfRange);
        }
        let slot = self.find_profile(buyer, profile)?;
        events.push(Event::AnsweringSet { buyer, profile });
        let known = self.delivery.of_profile(slot);
        if (known.reject_within, known.pause_after) == (reject_within, pause_after) {
            return Ok(Done::Repeated(known.sequence));
        }
        self.delivery.set_profile(slot, Answering::of(reject_within, pause_after, step.sequence));
        Ok(Done::Accepted)
    }
}
