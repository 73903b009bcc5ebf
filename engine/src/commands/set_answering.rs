//! A buyer says how a profile answers.

use crate::delivery::Answering;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ProfileId};
use crate::limits::REJECT_WITHIN_MAX;
use crate::reject::Reject;
use crate::terms::PauseRule;
use crate::units::{Millis, Seconds};

use super::offer_call::WINDOW_MAX;

/// Sets, all of it anew, how a profile answers: how soon its bidder answers an invitation, how long its agents may give an
/// answered call back, and after how many unanswered calls the exchange pauses it. Unanswered calls are counted from here on.
///
/// # Refused
///
/// `ValueOutOfRange` (an answer within more than 60 seconds; a window above [`REJECT_WITHIN_MAX`]; a rule of more than
/// [`UNANSWERED_MAX`](crate::limits::UNANSWERED_MAX) calls, or of a time that is not 1 s to a day; a time without calls),
/// `AccountUnknown`, `ProfileUnknown`, `SettingsFull`.
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
    /// How long its bidder has for a first bid or a pass when it is invited, where the listing leaves it more; 0 is as long as
    /// the listing leaves it. Invitations that are out keep theirs.
    pub bid_within: Millis,
    /// An agent may give an answered call back before it has lasted so long and before its price is earned. 0 is never.
    pub reject_within: Seconds,
    /// The profile is paused when one of these is met: a few calls within an hour, more of them within a day.
    pub pause_after: [PauseRule; 2],
}

impl SetAnswering {
    /// `profile` of `buyer`: bids as long as it may, what is answered stays answered, and nothing pauses it.
    #[must_use]
    pub const fn new(buyer: AccountId, profile: ProfileId) -> Self {
        Self { buyer, profile, bid_within: Millis(0), reject_within: Seconds(0), pause_after: [PauseRule::NONE; 2] }
    }

    /// Its bidder answers an invitation within `length`, or not at all.
    #[must_use]
    pub const fn bid_within(mut self, length: Millis) -> Self {
        self.bid_within = length;
        self
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
        let &SetAnswering { buyer, profile, bid_within, reject_within, pause_after } = command;
        let too_long = bid_within > WINDOW_MAX || reject_within > REJECT_WITHIN_MAX;
        if too_long || !pause_after.iter().all(|rule| rule.is_possible()) {
            return Err(Reject::ValueOutOfRange);
        }
        let slot = self.find_profile(buyer, profile)?;
        let event = Event::AnsweringSet { buyer, profile };
        let known = self.delivery.of_profile(self.settings.of(slot));
        if (known.bid_within, known.reject_within, known.pause_after) == (bid_within, reject_within, pause_after) {
            events.push(event);
            return Ok(Done::Repeated(known.sequence.max(self.profiles.get(slot).created)));
        }
        self.judge_settings(slot)?;
        let settings = self.give_settings(slot);
        self.delivery.set_profile(settings, Answering::of((bid_within, reject_within), pause_after, step.sequence));
        events.push(event);
        Ok(Done::Accepted)
    }
}
