//! Money goes out.

use super::body::Body;
use crate::accounts::WORLD;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, MovementId};
use crate::ledger::Sides;
use crate::movements::Movement;
use crate::reject::Reject;
use crate::units::Money;

/// Takes money out of an account, to the world's. What is held cannot leave.
///
/// Idempotent as [`Deposit`](super::Deposit) is; deposits and withdrawals share their ids.
///
/// # Refused
///
/// `AmountOutOfRange`, `AccountReserved` (the world's), `IdNotUuid7`, `IdTooOld`, `IdTooNew`, `AccountUnknown`,
/// `IdConflict`, `BalanceInsufficient`, `MovementsFull`.
///
/// # Events
///
/// `MoneyWithdrawn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdraw {
    /// The account; the platform's own too.
    pub account: AccountId,
    /// The movement.
    pub movement: MovementId,
    /// How much.
    pub amount: Money,
}

impl Withdraw {
    /// `amount` out of `account`.
    #[must_use]
    pub const fn new(account: AccountId, movement: MovementId, amount: Money) -> Self {
        Self { account, movement, amount }
    }
}

impl Exchange {
    pub(crate) fn withdraw(&mut self, step: Step, command: &Withdraw, events: &mut Events) -> Result<Done, Reject> {
        let &Withdraw { account, movement, amount } = command;
        let slot = self.judge_movement(step, (account, movement, amount))?;
        let fingerprint = Body::new(self.genesis.seed, 3).money(amount).finish();
        let event = Event::MoneyWithdrawn { account, movement, amount };
        if let Some((known, sequence)) = self.movements.find(slot, movement) {
            if known != fingerprint {
                return Err(Reject::IdConflict);
            }
            events.push(event);
            return Ok(Done::Repeated(sequence));
        }
        if amount > self.ledger.of(slot).available() {
            return Err(Reject::BalanceInsufficient);
        }
        if !self.movements.has_room(step.at) {
            return Err(Reject::MovementsFull);
        }
        self.ledger.transfer(Sides { debit: slot, credit: WORLD }, amount);
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
}
