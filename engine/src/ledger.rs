//! Money: double entry in integers. Every movement has two sides, so all balances sum to zero at any moment.
//!
//! Invariant: Σ balance = 0 and Σ held = Σ expected. Only the world's balance is negative: nobody else spends what it
//! does not have, because a hold is granted only from what is available.

use alloc::boxed::Box;

use crate::limits::Limits;
use crate::units::Money;

/// What an account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Balance {
    /// Posted: what came in less what went out.
    pub(crate) balance: Money,
    /// Set aside for postings that may come.
    pub(crate) held: Money,
    /// Set aside by others in this account's favour.
    pub(crate) expected: Money,
}

impl Balance {
    /// What can be held or withdrawn.
    pub(crate) fn available(&self) -> Money {
        self.balance - self.held
    }
}

/// The balances of all accounts, by the account's slot.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    balances: Box<[Balance]>,
}

/// The two sides of a transfer, as account slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sides {
    pub(crate) debit: u32,
    pub(crate) credit: u32,
}

impl Ledger {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { balances: alloc::vec![Balance::default(); limits.accounts_max as usize].into_boxed_slice() }
    }

    #[inline]
    pub(crate) fn of(&self, account: u32) -> &Balance {
        &self.balances[account as usize]
    }

    /// Sets money aside on the debit side, in favour of the credit side.
    pub(crate) fn hold(&mut self, sides: Sides, amount: Money) {
        let debit = &mut self.balances[sides.debit as usize];
        assert!(amount <= debit.available(), "Invariant: a hold is covered");
        debit.held = debit.held + amount;
        let credit = &mut self.balances[sides.credit as usize];
        credit.expected = credit.expected + amount;
    }

    /// Lifts a hold.
    pub(crate) fn void(&mut self, sides: Sides, amount: Money) {
        let debit = &mut self.balances[sides.debit as usize];
        debit.held = debit.held - amount;
        let credit = &mut self.balances[sides.credit as usize];
        credit.expected = credit.expected - amount;
    }

    /// Moves money that nothing holds.
    pub(crate) fn transfer(&mut self, sides: Sides, amount: Money) {
        let debit = &mut self.balances[sides.debit as usize];
        debit.balance = debit.balance - amount;
        let credit = &mut self.balances[sides.credit as usize];
        credit.balance = credit.balance + amount;
    }

    /// Moves money out of its hold.
    pub(crate) fn post(&mut self, sides: Sides, amount: Money) {
        self.void(sides, amount);
        self.transfer(sides, amount);
    }

    /// For tests, fuzzers and the digest.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Balance> {
        self.balances.iter()
    }

    pub(crate) fn check(&self, world: u32) -> Result<(), &'static str> {
        let (mut balance, mut held, mut expected) = (0_i128, 0_i128, 0_i128);
        for (account, slot) in self.balances.iter().zip(0_u32..) {
            balance += i128::from(account.balance.micros());
            held += i128::from(account.held.micros());
            expected += i128::from(account.expected.micros());
            if account.held < Money::ZERO || account.expected < Money::ZERO {
                return Err("ledger: nothing is held or expected below zero");
            }
            if slot != world && account.available() < Money::ZERO {
                return Err("ledger: no account but the world's spends what it has not");
            }
        }
        if balance != 0 {
            return Err("ledger: all balances sum to zero");
        }
        if held == expected { Ok(()) } else { Err("ledger: what is held is what is expected") }
    }
}
