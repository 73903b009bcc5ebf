//! Money comes in.

use super::body::Body;
use crate::accounts::WORLD;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, MovementId};
use crate::ledger::Sides;
use crate::limits::ID_AHEAD_MAX;
use crate::movements::Movement;
use crate::reject::Reject;
use crate::units::Money;
use crate::units::Timestamp;

/// Puts money into an account, from the world's.
///
/// Idempotent by movement id within the retention window; after it the id is too old.
///
/// # Refused
///
/// `AmountOutOfRange`, `AccountReserved` (the world's), `IdNotUuid7`, `IdTooOld`, `IdTooNew`, `AccountUnknown`,
/// `IdConflict`, `AccountClosed`, `MovementsFull`, `MoneyFull`.
///
/// # Events
///
/// `MoneyDeposited`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// The account; the platform's own too.
    pub account: AccountId,
    /// The movement.
    pub movement: MovementId,
    /// How much.
    pub amount: Money,
}

impl Deposit {
    /// `amount` into `account`.
    #[must_use]
    pub const fn new(account: AccountId, movement: MovementId, amount: Money) -> Self {
        Self { account, movement, amount }
    }
}

impl Exchange {
    pub(crate) fn deposit(&mut self, step: Step, command: &Deposit, events: &mut Events) -> Result<Done, Reject> {
        let &Deposit { account, movement, amount } = command;
        let slot = self.judge_movement(step, (account, movement, amount))?;
        let fingerprint = Body::new(self.genesis.seed, 2).money(amount).finish();
        let event = Event::MoneyDeposited { account, movement, amount };
        if let Some((known, sequence)) = self.movements.find(slot, movement) {
            if known != fingerprint {
                return Err(Reject::IdConflict);
            }
            events.push(event);
            return Ok(Done::Repeated(sequence));
        }
        self.accounts.judge_open(slot)?;
        if !self.movements.has_room(step.at) {
            return Err(Reject::MovementsFull);
        }
        if !self.world_can_give(amount) {
            return Err(Reject::MoneyFull);
        }
        self.ledger.transfer(Sides { debit: WORLD, credit: slot }, amount);
        self.movements.remember(Movement {
            account: slot,
            id: movement,
            fingerprint,
            sequence: step.sequence,
            entered_at: step.at,
        });
        events.push(event);
        Ok(Done::Accepted)
    }

    /// The movement's own fields, whichever way the money goes.
    pub(super) fn judge_movement(
        &self,
        step: Step,
        (account, movement, amount): (AccountId, MovementId, Money),
    ) -> Result<u32, Reject> {
        if !amount.is_amount() {
            return Err(Reject::AmountOutOfRange);
        }
        if account == AccountId::WORLD {
            return Err(Reject::AccountReserved);
        }
        self.judge_id_time(step, movement.time())?;
        self.accounts.find(account)
    }

    /// An id that is made known must be of about now: within the retention window, and hardly ahead.
    pub(super) fn judge_id_time(&self, step: Step, id_time: Option<Timestamp>) -> Result<(), Reject> {
        let id_time = id_time.ok_or(Reject::IdNotUuid7)?;
        if id_time + self.genesis.limits.retention <= step.at {
            Err(Reject::IdTooOld)
        } else if id_time > step.at + ID_AHEAD_MAX {
            Err(Reject::IdTooNew)
        } else {
            Ok(())
        }
    }
}
