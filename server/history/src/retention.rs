//! What is let go of: calls, bids, lines and days from before a moment, a few at a time.

use std::ops::ControlFlow;

use dce_engine::ids::AccountId;
use dce_engine::units::Timestamp;
use dce_persistence::tables::Order;

use crate::HistoryError;
use crate::bundles::{self, Writes};
use crate::keys;
use crate::pending::{day_of, read_bid, read_call};
use crate::recorder::Recorder;

impl Recorder {
    /// Lets go of what happened before a moment: of each kind at most about so many rows. Answers whether there is more.
    /// Balances stay: statements of later days begin with them.
    ///
    /// # Errors
    ///
    /// When the database cannot be read or written.
    pub fn let_go(&mut self, before: Timestamp, most: usize) -> Result<bool, HistoryError> {
        // What waits is of rows that may go.
        self.commit()?;
        let mut changes = Writes::default();
        if before > self.history().kept_since() {
            changes.put(keys::META, keys::KEPT_SINCE_KEY, before.micros().to_be_bytes().to_vec());
        }
        let calls = self.calls_before(before, most, &mut changes)?;
        let bids = self.bids_before(before, most, &mut changes)?;
        let lines = self.lines_before(before, most, &mut changes)?;
        // Who reads meanwhile is told that it is gone before it is.
        self.history().keep_since(before);
        let changes = changes.done(self.history().tables())?;
        self.apply(changes)?;
        Ok(calls || bids || lines)
    }

    fn calls_before(&self, before: Timestamp, most: usize, changes: &mut Writes) -> Result<bool, HistoryError> {
        let tables = self.history().tables();
        let found = self.first_keys(keys::CALLS_BY_TIME, &keys::timed(before, &[]), most)?;
        let is_more = found.len() >= most;
        for key in found {
            changes.remove(keys::CALLS_BY_TIME, &key);
            let Some(on) = keys::call_of(&key) else { continue };
            let Some(row) = read_call(tables, on)? else { continue };
            let name = keys::call(on);
            for account in row.buyers.iter().copied().chain([row.seller]) {
                changes.remove(keys::CALLS_OF, &keys::of(account, row.known_at, &name));
            }
            bundles::range(tables, keys::CALLS, (&name, &keys::after_all(&name)), Order::Forwards, &mut |key, _| {
                changes.remove(keys::CALLS, key);
                ControlFlow::Continue(())
            })?;
        }
        Ok(is_more)
    }

    fn bids_before(&self, before: Timestamp, most: usize, changes: &mut Writes) -> Result<bool, HistoryError> {
        let found = self.first_keys(keys::BIDS_BY_TIME, &keys::timed(before, &[]), most)?;
        let is_more = found.len() >= most;
        for key in found {
            changes.remove(keys::BIDS_BY_TIME, &key);
            let Some(name) = keys::bid_of(&key) else { continue };
            if let Some(bid) = read_bid(self.history().tables(), name)? {
                let (name, buyer) = (keys::bid(name), name.0);
                changes.remove(keys::BIDS, &name);
                changes.remove(keys::BIDS_OF, &keys::of(buyer, bid.placed_at, &name));
            }
        }
        Ok(is_more)
    }

    /// Lines and days, account by account.
    fn lines_before(&self, before: Timestamp, most: usize, changes: &mut Writes) -> Result<bool, HistoryError> {
        let tables = self.history().tables();
        let mut accounts: Vec<AccountId> = Vec::new();
        bundles::range(tables, keys::ACCOUNTS, (&[], &keys::after_all(&[])), Order::Forwards, &mut |key, _| {
            accounts.extend(keys::account_of(key));
            ControlFlow::Continue(())
        })?;
        let already = changes.rows();
        for account in accounts {
            for (table, from, to) in [
                (keys::LINES, keys::of(account, Timestamp::default(), &[]), keys::of(account, before, &[])),
                (keys::CALL_DAYS, keys::day(account, 0), keys::day(account, day_of(before))),
                (keys::BID_DAYS, keys::day(account, 0), keys::day(account, day_of(before))),
            ] {
                bundles::range(tables, table, (&from, &to), Order::Forwards, &mut |key, _| {
                    changes.remove(table, key);
                    if changes.rows() - already < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                })?;
            }
            if changes.rows() - already >= most {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn first_keys(&self, table: &'static str, end: &[u8], most: usize) -> Result<Vec<Vec<u8>>, HistoryError> {
        let mut found = Vec::new();
        bundles::range(self.history().tables(), table, (&[], end), Order::Forwards, &mut |key, _| {
            found.push(key.to_vec());
            if found.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(found)
    }
}
