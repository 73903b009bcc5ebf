//! A buyer, a seller or the platform wants no calls from somebody.

use crate::collections::ENDLESS;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, Sequence, SubjectId};
use crate::reject::Reject;
use crate::units::Timestamp;

/// Suppresses a caller: a buyer's profiles are no candidates for the caller's calls; a seller's calls from the caller are
/// unsold, and if the platform says it, everybody's.
///
/// # Refused
///
/// `ValueOutOfRange` (the caller is anonymous, or `until` lies beyond `Timestamp::MAX`), `AccountReserved` (the world's),
/// `AccountUnknown`, `SuppressionsFull`.
///
/// # Events
///
/// `SuppressionSet`; a repeat when it is so already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetSuppression {
    /// Who wants no calls.
    pub account: AccountId,
    /// From whom.
    pub subject: SubjectId,
    /// From this moment on the caller is welcome again: one that is not ahead lifts the suppression. `None` is for good.
    pub until: Option<Timestamp>,
}

impl SetSuppression {
    /// `account` wants no calls from `subject`.
    #[must_use]
    pub const fn new(account: AccountId, subject: SubjectId) -> Self {
        Self { account, subject, until: None }
    }

    /// Before then.
    #[must_use]
    pub const fn until(mut self, until: Timestamp) -> Self {
        self.until = Some(until);
        self
    }

    /// Any more: the caller is welcome again.
    #[must_use]
    pub const fn lift(account: AccountId, subject: SubjectId) -> Self {
        Self { account, subject, until: Some(Timestamp::from_micros(0)) }
    }
}

impl Exchange {
    pub(crate) fn set_suppression(
        &mut self,
        step: Step,
        command: &SetSuppression,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &SetSuppression { account, subject, until } = command;
        if subject == SubjectId(0) || until.is_some_and(|until| until > Timestamp::MAX) {
            return Err(Reject::ValueOutOfRange);
        }
        if account == AccountId::WORLD {
            return Err(Reject::AccountReserved);
        }
        let owner = self.accounts.find(account)?;
        let event = Event::SuppressionSet { account, subject, until };
        let wanted = until.map_or(Some(ENDLESS), |until| (until > step.at).then_some(until.micros()));
        let suppressions = &self.callers.suppressions;
        let known = suppressions.find(owner, subject, step.at);
        if known == wanted {
            let last = suppressions.sequence(owner, subject, step.at);
            events.push(event);
            return Ok(Done::Repeated(if last == Sequence(0) { self.accounts.get(owner).sequence } else { last }));
        }
        if known.is_none() && !suppressions.has_room(step.at) {
            return Err(Reject::SuppressionsFull);
        }
        self.callers.suppressions.set((owner, subject), wanted, step.at, step.sequence);
        events.push(event);
        Ok(Done::Accepted)
    }
}
