//! What is, as far as it may be told: a picture of accounts and calls, built from published events, that nobody waits
//! for and that waits for nobody.
//!
//! The publisher keeps the newest and lays down a copy every millisecond or so, which costs one pointer, because copies
//! share what has not changed since. Whoever looks takes the copy that lies there and keeps it as long as they like.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};

use dce_engine::Exchange;
use dce_engine::ids::{AccountId, CallId, Sequence};
use dce_engine::units::{Money, Timestamp};
pub use dce_engine::views::{AccountView, CallState, CallView, RingView};

use crate::ringing::Ringing;
use crate::table::{Picture, Table};

/// A picture of the exchange at one place of the log. Under [`Durability::Always`](crate::Durability::Always) that place
/// is durable. Shared by its [`Arc`], and kept for as long as somebody likes.
#[derive(Debug)]
pub struct Views {
    pub(crate) sequence: Sequence,
    pub(crate) at: Timestamp,
    pub(crate) accounts: Picture<AccountId, AccountView>,
    pub(crate) calls: Picture<(AccountId, CallId), CallView>,
    pub(crate) counters: Counters,
    #[expect(dead_code, reason = "held and not read: the model sees by it that this picture is still there")]
    claim: Arc<()>,
}

/// What the pictures are taken of: the publisher's own.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) sequence: Sequence,
    pub(crate) at: Timestamp,
    pub(crate) accounts: Table<AccountId, AccountView>,
    pub(crate) calls: Table<(AccountId, CallId), CallView>,
    pub(crate) ringing: Ringing,
    pub(crate) counters: Counters,
    /// Pictures that may still be held, the oldest first, each with its number. The claim is the picture's own, so that it
    /// counts as held wherever it is moved to.
    held: VecDeque<(u64, Weak<()>)>,
}

/// What has happened since the runtime started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Indicative quotes given.
    pub quoted: u64,
    /// Firm quotes given, confirmed ones too.
    pub reserved: u64,
    /// Quotes declined.
    pub quotes_declined: u64,
    /// Quotes whose caller did not come in time.
    pub quotes_lapsed: u64,
    /// Calls offered for sale.
    pub offered: u64,
    /// Calls sold, each counted once however often it was sold again after a failed attempt.
    pub sold: u64,
    /// Calls that nobody got.
    pub unsold: u64,
    /// Calls that nobody bought and that their listing's fallback got.
    pub fell_back: u64,
    /// Answers: by a buyer's side, or a fallback.
    pub answered: u64,
    /// Calls that came to their end after a sale, or at a fallback.
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
        let (ringing, counters) = (Ringing::of(exchange), Counters::default());
        Self { sequence, at, accounts, calls, ringing, counters, held: VecDeque::new() }
    }

    /// A picture of it.
    pub(crate) fn picture(&mut self) -> Views {
        let claim = Arc::new(());
        let (accounts, calls) = (self.accounts.picture(), self.calls.picture());
        self.held.push_back((self.calls.pictures(), Arc::downgrade(&claim)));
        Views { sequence: self.sequence, at: self.at, accounts, calls, counters: self.counters, claim }
    }

    /// Forgets pictures that nobody holds any more, and what only the oldest of them knew.
    pub(crate) fn forget_unheld(&mut self) {
        // All of them, not only the first: one that is held for long must not keep the place of all that came after it.
        self.held.retain(|(_, claim)| claim.strong_count() > 0);
        let forgotten = self.held.front().map_or_else(|| self.calls.pictures(), |(oldest, _)| oldest - 1);
        // Accounts are never gone.
        self.calls.forget(forgotten);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::Aside;
    use crate::panics::exchange;
    use dce_engine::event::Event;
    use dce_engine::ids::ListingId;

    const SELLER: AccountId = AccountId(1);

    fn model() -> Model {
        Model::of(&exchange())
    }

    fn call(number: u128) -> (AccountId, CallId) {
        (SELLER, CallId(number))
    }

    fn register(model: &mut Model, number: u128) {
        let (seller, call) = call(number);
        let listing = ListingId(1);
        model.fold([Event::CallRegistered { seller, call, listing }].iter(), Aside::default());
    }

    fn seal(model: &mut Model, number: u128) {
        let (seller, call) = call(number);
        model.fold([Event::CallSealed { seller, call }].iter(), Aside::default());
    }

    #[test]
    fn one_picture_held_for_long_keeps_neither_a_queue_nor_an_index_growing() {
        let mut model = model();
        (0..4).for_each(|number| register(&mut model, number));
        let held = model.picture();
        let cells = model.calls.index_cells();
        for picture in 1..=10_000 {
            (4 * picture..4 * (picture + 1)).for_each(|number| register(&mut model, number));
            (4 * (picture - 1)..4 * picture).for_each(|number| seal(&mut model, number));
            let newest = model.picture();
            model.forget_unheld();
            assert!(model.held.len() == 2 && newest.calls_count() == 4);
            assert!(model.calls.gone_count() <= 16_384 && model.calls.index_cells() <= cells);
        }
        assert!(held.calls_count() == 4 && held.call(SELLER, CallId(0)).is_some());
        drop(held);
        model.forget_unheld();
        assert_eq!((model.held.len(), model.calls.gone_count()), (0, 0));
    }

    #[test]
    fn a_picture_is_held_wherever_it_is_moved_to() {
        let mut model = model();
        register(&mut model, 1);
        let shared = Arc::new(model.picture());
        let alone = Arc::into_inner(shared).expect("nobody else has it");
        seal(&mut model, 1);
        for _ in 0..3 {
            drop(model.picture());
            model.forget_unheld();
        }
        assert!(alone.call(SELLER, CallId(1)).is_some() && model.picture().call(SELLER, CallId(1)).is_none());
    }
}
