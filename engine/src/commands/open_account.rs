//! Somebody joins the market.

use super::body::Body;
use crate::accounts::{Account, WORLD};
use crate::event::Role;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ZoneId};
use crate::ids::{MovementId, Sequence};
use crate::ledger::Sides;
use crate::reject::Reject;
use crate::units::Money;

/// Opens an account. Caps and budgets of its profiles reset in its zone.
///
/// Zone 0 is UTC until it is set otherwise.
///
/// # Refused
///
/// `AmountOutOfRange` (a deposit that is negative or too large; zero is none), `ValueOutOfRange` (a role other than
/// buyer or seller), `AccountReserved`, `ZoneUnknown`, `IdConflict`, `AccountsFull`, `MoneyFull`.
///
/// # Events
///
/// `AccountOpened`, then `MoneyDeposited` under the account's own number if there is a deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenAccount {
    /// The account.
    pub account: AccountId,
    /// Buyer or seller.
    pub role: Role,
    /// Its home.
    pub zone: ZoneId,
    /// Money it brings, or zero.
    pub deposit: Money,
}

impl OpenAccount {
    /// A buyer's account.
    #[must_use]
    pub const fn buyer(account: AccountId) -> Self {
        Self { account, role: Role::Buyer, zone: ZoneId(0), deposit: Money::ZERO }
    }

    /// A seller's account.
    #[must_use]
    pub const fn seller(account: AccountId) -> Self {
        Self { account, role: Role::Seller, zone: ZoneId(0), deposit: Money::ZERO }
    }

    /// At home in `zone`.
    #[must_use]
    pub const fn zone(mut self, zone: ZoneId) -> Self {
        self.zone = zone;
        self
    }

    /// With money from the start.
    #[must_use]
    pub const fn deposit(mut self, amount: Money) -> Self {
        self.deposit = amount;
        self
    }
}

impl Exchange {
    pub(crate) fn open_account(
        &mut self,
        step: Step,
        command: &OpenAccount,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &OpenAccount { account, role, zone, deposit } = command;
        if !deposit.is_amount_or_zero() {
            return Err(Reject::AmountOutOfRange);
        }
        if !matches!(role, Role::Buyer | Role::Seller) {
            return Err(Reject::ValueOutOfRange);
        }
        if account == AccountId::PLATFORM || account == AccountId::WORLD {
            return Err(Reject::AccountReserved);
        }
        if !self.zones.is_known(zone) {
            return Err(Reject::ZoneUnknown);
        }
        let body = Body::new(self.genesis.seed, 1).word(role as u64).word(zone.0).money(deposit);
        let fingerprint = body.finish();
        let known = self.accounts.find(account).ok().map(|slot| *self.accounts.get(slot));
        if let Some(known) = known {
            if known.fingerprint != fingerprint {
                return Err(Reject::IdConflict);
            }
        } else if self.accounts.is_full() {
            return Err(Reject::AccountsFull);
        } else if !self.world_can_give(deposit) {
            return Err(Reject::MoneyFull);
        }
        events.push(Event::AccountOpened { account, role });
        if deposit > Money::ZERO {
            events.push(Event::MoneyDeposited { account, movement: MovementId(account.0), amount: deposit });
        }
        if let Some(known) = known {
            return Ok(Done::Repeated(known.sequence));
        }
        let slot = self.accounts.open(Account {
            id: account,
            role,
            zone,
            moved: Sequence(0),
            fingerprint,
            sequence: step.sequence,
            closed: None,
            session_last: 0,
            session_sequence: Sequence(0),
        });
        self.ledger.transfer(Sides { debit: WORLD, credit: slot }, deposit);
        Ok(Done::Accepted)
    }

    /// Whether so much more money can come in and still be counted.
    pub(super) fn world_can_give(&self, amount: Money) -> bool {
        self.ledger.of(WORLD).balance - amount >= -Money::TOTAL_MAX
    }
}
