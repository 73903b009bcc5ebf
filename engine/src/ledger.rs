//! Money: double entry in integers. Every movement has two sides, so all balances sum to zero at any moment.
//!
//! Invariant: Σ balance = 0 and Σ held = Σ expected. Only the world's balance is negative: nobody else spends what it
//! does not have, because a hold is granted only from what is available.

use alloc::boxed::Box;

use crate::limits::Limits;
use crate::units::Money;

/// What an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(32))]
pub(crate) struct Balance {
    /// Posted: what came in less what went out.
    pub(crate) balance: Money,
    /// Set aside for postings that may come.
    pub(crate) held: Money,
    /// Set aside by others in this account's favour.
    pub(crate) expected: Money,
    /// No profile of the account has a higher standing bid; [`NO_BIDS`] without profiles. It is not lowered with a bid: it only
    /// says when nobody has to ask.
    bids_up_to: Money,
}

/// Less than any account has.
const NO_BIDS: Money = Money::from_micros(i64::MIN);

impl Balance {
    /// What can be held or withdrawn.
    pub(crate) fn available(&self) -> Money {
        self.balance - self.held
    }

    /// Whether a standing bid of the account may be more than it has.
    #[inline]
    fn may_be_short(&self) -> bool {
        self.available() < self.bids_up_to
    }
}

/// The balances of all accounts, by the account's slot.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    balances: Box<[Balance]>,
    /// How many profiles each account has, and how many accounts may be short.
    profiles: Box<[u32]>,
    short: u32,
}

/// The two sides of a transfer, as account slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sides {
    pub(crate) debit: u32,
    pub(crate) credit: u32,
}

impl Ledger {
    pub(crate) fn new(limits: &Limits) -> Self {
        let nothing = Balance { balance: Money::ZERO, held: Money::ZERO, expected: Money::ZERO, bids_up_to: NO_BIDS };
        let accounts = limits.accounts_max as usize;
        Self {
            balances: alloc::vec![nothing; accounts].into_boxed_slice(),
            profiles: alloc::vec![0; accounts].into_boxed_slice(),
            short: 0,
        }
    }

    #[inline]
    pub(crate) fn of(&self, account: u32) -> &Balance {
        &self.balances[account as usize]
    }

    /// Whether some account may have less than one of its standing bids asks for.
    #[inline]
    pub(crate) const fn is_any_short(&self) -> bool {
        self.short > 0
    }

    /// The account has one profile more.
    pub(crate) fn add_profile(&mut self, account: u32) {
        self.profiles[account as usize] += 1;
    }

    /// Whether the account has any.
    pub(crate) fn has_profiles(&self, account: u32) -> bool {
        self.profiles[account as usize] > 0
    }

    /// The account has one profile less.
    pub(crate) fn drop_profile(&mut self, account: u32) {
        self.profiles[account as usize] -= 1;
        if self.profiles[account as usize] == 0 {
            self.change(account, |balance| balance.bids_up_to = NO_BIDS);
        }
    }

    /// A profile of the account bids this.
    pub(crate) fn bid(&mut self, account: u32, amount: Money) {
        self.change(account, |balance| balance.bids_up_to = balance.bids_up_to.max(amount));
    }

    /// Changes a balance, and counts anew whether it may be short.
    #[inline]
    fn change(&mut self, account: u32, change: impl FnOnce(&mut Balance)) {
        let balance = &mut self.balances[account as usize];
        let was_short = balance.may_be_short();
        change(balance);
        self.short = self.short + u32::from(balance.may_be_short()) - u32::from(was_short);
    }

    /// Sets money aside on the debit side, in favour of the credit side.
    pub(crate) fn hold(&mut self, sides: Sides, amount: Money) {
        let debit = &mut self.balances[sides.debit as usize];
        let available = debit.available();
        assert!(amount <= available, "Invariant: a hold is covered");
        debit.held = debit.held + amount;
        // As `change` counts, in the fewest steps: every decision comes by here.
        if available - amount < debit.bids_up_to && available >= debit.bids_up_to {
            self.short += 1;
        }
        let credit = &mut self.balances[sides.credit as usize];
        credit.expected = credit.expected + amount;
    }

    /// Lifts a hold.
    pub(crate) fn void(&mut self, sides: Sides, amount: Money) {
        self.change(sides.debit, |debit| debit.held = debit.held - amount);
        let credit = &mut self.balances[sides.credit as usize];
        credit.expected = credit.expected - amount;
    }

    /// Moves money that nothing holds.
    pub(crate) fn transfer(&mut self, sides: Sides, amount: Money) {
        self.change(sides.debit, |debit| debit.balance = debit.balance - amount);
        self.change(sides.credit, |credit| credit.balance = credit.balance + amount);
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
        if self.short as usize != self.balances.iter().filter(|balance| balance.may_be_short()).count() {
            return Err("ledger: every account that may be short is counted");
        }
        if balance != 0 {
            return Err("ledger: all balances sum to zero");
        }
        if held == expected { Ok(()) } else { Err("ledger: what is held is what is expected") }
    }

    /// For tests and fuzzers: of every profile its account and its standing bid.
    pub(crate) fn check_bids(&self, bids: impl Iterator<Item = (u32, Money)>) -> Result<(), &'static str> {
        let mut profiles = 0;
        for (account, bid) in bids {
            profiles += 1;
            if bid > self.of(account).bids_up_to {
                return Err("ledger: no standing bid is higher than its account is said to bid");
            }
        }
        if profiles == self.profiles.iter().sum::<u32>() { Ok(()) } else { Err("ledger: every profile is counted") }
    }
}
