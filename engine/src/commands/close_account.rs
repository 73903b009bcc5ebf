//! An account begins nothing any more.

use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::AccountId;
use crate::reject::Reject;

/// Closes an account for good. What begins something in its name is refused with `AccountClosed`: deposits, listings,
/// profiles, and calls that are new. What is under way goes on: known calls are sold, reported and settled, and what the
/// account has, or is still to get, can be withdrawn. Its id is not used again.
///
/// A buyer closes its profiles first: one command takes no more than one of them away.
///
/// # Refused
///
/// `AccountReserved` (the platform's or the world's), `AccountUnknown`, `AccountInUse` (it has profiles).
///
/// # Events
///
/// `AccountClosed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseAccount {
    /// The account.
    pub account: AccountId,
}

impl CloseAccount {
    /// This account.
    #[must_use]
    pub const fn new(account: AccountId) -> Self {
        Self { account }
    }
}

impl Exchange {
    pub(crate) fn close_account(
        &mut self,
        step: Step,
        command: &CloseAccount,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &CloseAccount { account } = command;
        if account == AccountId::PLATFORM || account == AccountId::WORLD {
            return Err(Reject::AccountReserved);
        }
        let slot = self.accounts.find(account)?;
        if let Some(closed) = self.accounts.get(slot).closed {
            events.push(Event::AccountClosed { account });
            return Ok(Done::Repeated(closed));
        }
        if self.ledger.has_profiles(slot) {
            return Err(Reject::AccountInUse);
        }
        self.accounts.get_mut(slot).closed = Some(step.sequence);
        events.push(Event::AccountClosed { account });
        Ok(Done::Accepted)
    }
}
