//! A party ends a stream of stamped commands.

use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, SessionId};
use crate::reject::Reject;

/// Closes a session. Its id is never used again.
///
/// # Refused
///
/// `AccountUnknown`, `SessionUnknown` (never opened). Closing a closed session is a repeat.
///
/// # Events
///
/// `SessionClosed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseSession {
    /// Whose session.
    pub account: AccountId,
    /// Its id.
    pub session: SessionId,
}

impl CloseSession {
    /// `session` of `account`.
    #[must_use]
    pub const fn new(account: AccountId, session: SessionId) -> Self {
        Self { account, session }
    }
}

impl Exchange {
    pub(crate) fn close_session(
        &mut self,
        step: Step,
        command: &CloseSession,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &CloseSession { account, session } = command;
        let slot = self.accounts.find(account)?;
        let known = self.accounts.get_mut(slot);
        if session.0 == 0 || session.0 > known.session_last {
            return Err(Reject::SessionUnknown);
        }
        events.push(Event::SessionClosed { account, session });
        if self.sessions.opened(slot, session).is_none() {
            return Ok(Done::Repeated(known.session_sequence));
        }
        known.session_sequence = step.sequence;
        self.sessions.close(slot, session);
        Ok(Done::Accepted)
    }
}
