//! A party opens a stream of stamped commands.

use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, SessionId};
use crate::reject::Reject;

/// Opens a session, in which bids, reports and changes of standing bids carry rising numbers.
///
/// # Refused
///
/// `AccountUnknown`, `SessionTooOld` (not above every session this account has opened, and not open), `SessionsFull`.
///
/// # Events
///
/// `SessionOpened`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenSession {
    /// Whose session.
    pub account: AccountId,
    /// Its id, above all before; from 1.
    pub session: SessionId,
}

impl OpenSession {
    /// `session` of `account`.
    #[must_use]
    pub const fn new(account: AccountId, session: SessionId) -> Self {
        Self { account, session }
    }
}

impl Exchange {
    pub(crate) fn open_session(
        &mut self,
        step: Step,
        command: &OpenSession,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &OpenSession { account, session } = command;
        let slot = self.accounts.find(account)?;
        let event = Event::SessionOpened { account, session };
        if let Some(opened) = self.sessions.opened(slot, session) {
            events.push(event);
            return Ok(Done::Repeated(opened));
        }
        if session.0 <= self.accounts.get(slot).session_last {
            return Err(Reject::SessionTooOld);
        }
        if self.sessions.is_full() {
            return Err(Reject::SessionsFull);
        }
        self.sessions.open(slot, session, step.sequence);
        let account = self.accounts.get_mut(slot);
        (account.session_last, account.session_sequence) = (session.0, step.sequence);
        events.push(event);
        Ok(Done::Accepted)
    }
}
