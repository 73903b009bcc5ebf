//! What is, as far as it may be told: a picture of accounts and calls, built from published events, that nobody waits
//! for and that waits for nobody.
//!
//! The publisher keeps the newest and lays down a copy every millisecond or so, which costs one pointer, because copies
//! share what has not changed since. Whoever looks takes the copy that lies there and keeps it as long as they like.

use dce_engine::Exchange;
use dce_engine::ids::{AccountId, CallId, Sequence};
use dce_engine::units::{Money, Timestamp};
pub use dce_engine::views::{AccountView, CallState, CallView};

use crate::table::{Picture, Table};

/// A picture of the exchange at one place of the log. Under [`Durability::Always`](crate::Durability::Always) that place
/// is durable.
#[derive(Clone, Debug)]
pub struct Views {
    pub(crate) sequence: Sequence,
    pub(crate) at: Timestamp,
    pub(crate) accounts: Picture<AccountId, AccountView>,
    pub(crate) calls: Picture<(AccountId, CallId), CallView>,
    pub(crate) counters: Counters,
}

/// What the pictures are taken of: the publisher's own.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) sequence: Sequence,
    pub(crate) at: Timestamp,
    pub(crate) accounts: Table<AccountId, AccountView>,
    pub(crate) calls: Table<(AccountId, CallId), CallView>,
    pub(crate) counters: Counters,
}

/// What has happened since the runtime started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Calls offered for sale.
    pub offered: u64,
    /// Calls sold, each counted once however often it was sold again after a failed attempt.
    pub sold: u64,
    /// Calls that nobody got.
    pub unsold: u64,
    /// Calls that were answered.
    pub answered: u64,
    /// Calls that came to their end after a sale.
    pub ended: u64,
    /// Calls the seller took back.
    pub canceled: u64,
    /// Deliveries that came to nothing.
    pub attempts_failed: u64,
    /// Live bids placed.
    pub bids: u64,
    /// What buyers have paid.
    pub revenue: Money,
    /// What sellers were paid.
    pub payout: Money,
}

impl Model {
    /// The exchange as it stands. Reads every account and call once.
    pub(crate) fn of(exchange: &Exchange) -> Self {
        let limits = &exchange.genesis().limits;
        let mut accounts = Table::with_capacity(limits.accounts_max as usize);
        for id in exchange.account_ids() {
            if let Some(view) = exchange.account(id) {
                accounts.insert(id, view);
            }
        }
        let mut calls = Table::with_capacity(limits.calls_max as usize);
        for (seller, call) in exchange.call_ids() {
            if let Some(view) = exchange.call(seller, call) {
                calls.insert((seller, call), view);
            }
        }
        let (sequence, at) = (exchange.sequence(), exchange.last_time());
        Self { sequence, at, accounts, calls, counters: Counters::default() }
    }

    /// A picture of it.
    pub(crate) fn picture(&mut self) -> Views {
        Views {
            sequence: self.sequence,
            at: self.at,
            accounts: self.accounts.picture(),
            calls: self.calls.picture(),
            counters: self.counters,
        }
    }

    /// How many pictures were taken.
    pub(crate) const fn pictures(&self) -> u64 {
        // Accounts are never gone.
        self.calls.pictures()
    }

    /// No picture taken before this many is held any more.
    pub(crate) fn forget(&mut self, pictures: u64) {
        self.calls.forget(pictures);
    }
}

impl Views {
    /// A picture of the exchange as it stands. Reads every account and call once.
    #[must_use]
    pub fn of(exchange: &Exchange) -> Self {
        Model::of(exchange).picture()
    }

    /// The last command this picture shows.
    #[must_use]
    pub const fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// When that was.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// An account and its money.
    #[must_use]
    pub fn account(&self, account: AccountId) -> Option<AccountView> {
        self.accounts.get(&account).copied()
    }

    /// Every account, in the order of opening.
    pub fn accounts(&self) -> impl Iterator<Item = (AccountId, AccountView)> + '_ {
        self.accounts.iter().copied()
    }

    /// How many accounts there are, the exchange's own two included.
    #[must_use]
    pub const fn accounts_count(&self) -> usize {
        self.accounts.len()
    }

    /// A call, until it is sealed.
    #[must_use]
    pub fn call(&self, seller: AccountId, call: CallId) -> Option<CallView> {
        self.calls.get(&(seller, call)).copied()
    }

    /// Every call kept, in no particular order: seller, call, view.
    pub fn calls(&self) -> impl Iterator<Item = (AccountId, CallId, CallView)> + '_ {
        self.calls.iter().map(|((seller, call), view)| (*seller, *call, *view))
    }

    /// How many calls are kept.
    #[must_use]
    pub const fn calls_count(&self) -> usize {
        self.calls.len()
    }

    /// What has happened since the runtime started.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }
}
