//! Who trades: buyers, sellers, the platform and the world.
//!
//! Invariant: an account, once opened, stays, closed or not; the platform is slot 0 and the world slot 1.

use crate::collections::{FixedIndex, Key, Slab};
use crate::event::Role;
use crate::ids::{AccountId, Sequence, ZoneId};
use crate::limits::Limits;
use crate::reject::Reject;

/// The platform's slot.
pub(crate) const PLATFORM: u32 = 0;
/// The world's slot.
pub(crate) const WORLD: u32 = 1;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) role: Role,
    pub(crate) zone: ZoneId,
    /// The last command that moved it to another zone; 0 before.
    pub(crate) moved: Sequence,
    pub(crate) fingerprint: u64,
    pub(crate) sequence: Sequence,
    /// The command that closed it.
    pub(crate) closed: Option<Sequence>,
    /// The highest session ever opened, and the last command that opened or closed one.
    pub(crate) session_last: u64,
    pub(crate) session_sequence: Sequence,
}

impl Account {
    /// The command that made its zone its home.
    pub(crate) const fn homed(&self) -> Sequence {
        if self.moved.0 == 0 { self.sequence } else { self.moved }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Accounts {
    accounts: Slab<Account>,
    index: FixedIndex,
}

impl Accounts {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        let mut accounts =
            Self { accounts: Slab::new(limits.accounts_max), index: FixedIndex::new(limits.accounts_max, seed) };
        for (id, role) in [(AccountId::PLATFORM, Role::Platform), (AccountId::WORLD, Role::World)] {
            accounts.open(Account {
                id,
                role,
                zone: ZoneId(0),
                moved: Sequence(0),
                fingerprint: 0,
                sequence: Sequence(0),
                closed: None,
                session_last: 0,
                session_sequence: Sequence(0),
            });
        }
        accounts
    }

    /// The account's slot.
    #[inline]
    pub(crate) fn find(&self, id: AccountId) -> Result<u32, Reject> {
        self.index.get(key(id)).ok_or(Reject::AccountUnknown)
    }

    /// The slot of an account that must have this role.
    #[inline]
    pub(crate) fn find_as(&self, id: AccountId, role: Role) -> Result<u32, Reject> {
        let slot = self.find(id)?;
        if self.accounts[slot].role == role { Ok(slot) } else { Err(Reject::AccountRoleMismatch) }
    }

    /// Whether something may begin in the account's name.
    #[inline]
    pub(crate) fn judge_open(&self, slot: u32) -> Result<(), Reject> {
        if self.accounts[slot].closed.is_none() { Ok(()) } else { Err(Reject::AccountClosed) }
    }

    #[inline]
    pub(crate) fn get(&self, slot: u32) -> &Account {
        &self.accounts[slot]
    }

    pub(crate) fn get_mut(&mut self, slot: u32) -> &mut Account {
        &mut self.accounts[slot]
    }

    pub(crate) fn is_full(&self) -> bool {
        self.accounts.is_full()
    }

    pub(crate) fn open(&mut self, account: Account) -> u32 {
        let slot = self.accounts.insert(account).expect("Invariant: judged not full");
        self.index.insert(key(account.id), slot).expect("Invariant: as many as accounts");
        slot
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Account)> {
        self.accounts.iter()
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.accounts.check()?;
        self.index.check()?;
        if self.iter().all(|(slot, account)| self.index.get(key(account.id)) == Some(slot)) {
            Ok(())
        } else {
            Err("accounts: every account is found by its id")
        }
    }
}

const fn key(id: AccountId) -> Key {
    Key { owner: 0, id: id.0 }
}
