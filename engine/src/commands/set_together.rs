//! A buyer's group is dialled together, or one after the other.

use crate::event::{Event, Events, Role};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, GroupId};
use crate::reject::Reject;

/// Says whether the profiles of a group are dialled together: when one of them wins a call, others ring along, each with a
/// hold of its own, and the first that answers has the call. Holds for every decision from then on; what rings already rings
/// on. A group comes to be when it is first named, and until this is said its profiles are not dialled together.
///
/// # Refused
///
/// `AccountUnknown`, `AccountRoleMismatch` (no buyer), `GroupsFull`.
///
/// # Events
///
/// `TogetherSet`; a repeat when it is so already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetTogether {
    /// The buyer.
    pub buyer: AccountId,
    /// Its group.
    pub group: GroupId,
    /// Whether its profiles are dialled together.
    pub together: bool,
}

impl SetTogether {
    /// The profiles of `group` of `buyer` are dialled together, or not.
    #[must_use]
    pub const fn new(buyer: AccountId, group: GroupId, together: bool) -> Self {
        Self { buyer, group, together }
    }
}

impl Exchange {
    pub(crate) fn set_together(
        &mut self,
        step: Step,
        command: &SetTogether,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &SetTogether { buyer, group, together } = command;
        let buyer_slot = self.accounts.find_as(buyer, Role::Buyer)?;
        let event = Event::TogetherSet { buyer, group, together };
        let slot = match self.quotas.find_group(buyer_slot, group) {
            Some(slot) => {
                let known = self.quotas.group(slot);
                if known.together == together {
                    events.push(event);
                    return Ok(Done::Repeated(known.sequence));
                }
                slot
            }
            None if self.quotas.groups_are_full() => return Err(Reject::GroupsFull),
            None => self.quotas.create_group(buyer_slot, group, step.sequence),
        };
        self.quotas.set_together(slot, together, step.sequence);
        events.push(event);
        Ok(Done::Accepted)
    }
}
