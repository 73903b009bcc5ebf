//! How many firm quotes a seller may have.

use crate::event::{Event, Events, Role};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, Sequence};
use crate::reject::Reject;

/// Sets how many live firm quotes a seller may have at a time; until it is set, none. A firm quote keeps a buyer's money and
/// places from everybody else, so the exchange's operator says who may, and how many. A lower number ends no quote: there
/// is no further one until fewer live.
///
/// # Refused
///
/// `AccountUnknown`, `AccountRoleMismatch`.
///
/// # Events
///
/// `QuotingSet`; a repeat when it is so already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetQuoting {
    /// The seller.
    pub seller: AccountId,
    /// The most firm quotes it may have at a time; 0 is none.
    pub firm_max: u16,
}

impl SetQuoting {
    /// `seller` may have `firm_max` firm quotes at a time.
    #[must_use]
    pub const fn of(seller: AccountId, firm_max: u16) -> Self {
        Self { seller, firm_max }
    }
}

impl Exchange {
    pub(crate) fn set_quoting(
        &mut self,
        step: Step,
        command: &SetQuoting,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &SetQuoting { seller, firm_max } = command;
        let slot = self.accounts.find_as(seller, Role::Seller)?;
        events.push(Event::QuotingSet { seller, firm_max });
        let opened = self.accounts.get(slot).sequence;
        let quoting = self.quotes.of_seller_mut(slot);
        if quoting.firm_max == firm_max {
            return Ok(Done::Repeated(if quoting.set == Sequence(0) { opened } else { quoting.set }));
        }
        (quoting.firm_max, quoting.set) = (firm_max, step.sequence);
        Ok(Done::Accepted)
    }
}
