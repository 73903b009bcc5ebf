//! From events to the picture: what each fact changes in the views.
//!
//! Invariant: after the events of a command the views show what the exchange shows after it, for every account and call.

use dce_engine::event::{Event, PostingKind};
use dce_engine::ids::{AccountId, CallId, ZoneId};
use dce_engine::units::Money;

use crate::story::{Transfer, begun_by, subject_of, tell};
use crate::views::{AccountView, CallView, Counters, Model};

/// What the views show and the events of its command do not say.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Aside {
    /// The home of the account that was opened.
    pub(crate) zone: ZoneId,
    /// The call was marked, now or before: a reporter's clock runs further than the log's.
    pub(crate) flagged: bool,
}

impl Model {
    /// Takes in the events of one accepted command. Repeats tell again what was told before: leave them out.
    pub(crate) fn fold<'e>(&mut self, events: impl Iterator<Item = &'e Event>, aside: Aside) {
        let mut reported = aside.flagged;
        for event in events {
            if reported && let Some((seller, call)) = call_of(event) {
                self.change_call(seller, call, |view| view.flagged = true);
                reported = false;
            }
            self.fold_one(event, aside);
        }
    }

    fn fold_one(&mut self, event: &Event, aside: Aside) {
        // Most events tell bidders something, and change nothing here.
        let Some(key) = subject_of(event) else { return self.fold_other(event, aside) };
        self.counters.count(event);
        if let Some((key, view)) = begun_by(event, |key| self.calls.contains(key)) {
            self.calls.insert(key, view);
        }
        let mut payout_was_held = false;
        let view = self.calls.get_mut(&key);
        debug_assert!(view.is_some(), "Invariant: events speak of calls that are known");
        if let Some(view) = view {
            payout_was_held = view.payout_held;
            tell(event, key, view, &mut self.ringing);
        }
        match *event {
            Event::MoneyHeld { debit, credit, amount, .. } => self.hold(debit, credit, amount),
            Event::MoneyVoided { debit, credit, amount, .. } => self.hold(debit, credit, -amount),
            Event::MoneyPosted { posting, debit, credit, amount } => {
                if posting.kind == PostingKind::Revenue || payout_was_held {
                    self.hold(debit, credit, -amount);
                }
                self.transfer(Transfer { debit, credit, amount });
            }
            _ => {}
        }
    }

    /// What is about no call that is known, or about one that is gone.
    fn fold_other(&mut self, event: &Event, aside: Aside) {
        match *event {
            Event::AccountOpened { account, role } => {
                let zero = Money::ZERO;
                let (zone, closed) = (aside.zone, false);
                let view = AccountView { role, zone, balance: zero, held: zero, expected: zero, closed };
                self.accounts.insert(account, view);
            }
            Event::HomeSet { account, zone } => self.change_account(account, |view| view.zone = zone),
            Event::AccountClosed { account } => self.change_account(account, |view| view.closed = true),
            Event::MoneyDeposited { .. } | Event::MoneyWithdrawn { .. } => {
                if let Some(transfer) = Transfer::of(event) {
                    self.transfer(transfer);
                }
            }
            Event::BidPlaced { .. } => self.counters.bids += 1,
            Event::CallSealed { seller, call } => self.calls.remove(&(seller, call)),
            _ => {}
        }
    }

    fn change_call(&mut self, seller: AccountId, call: CallId, change: impl FnOnce(&mut CallView)) {
        let view = self.calls.get_mut(&(seller, call));
        debug_assert!(view.is_some(), "Invariant: events speak of calls that are known");
        if let Some(view) = view {
            change(view);
        }
    }

    /// Sets money aside; a negative amount frees it.
    fn hold(&mut self, debit: AccountId, credit: AccountId, amount: Money) {
        self.change_account(debit, |view| view.held = view.held + amount);
        self.change_account(credit, |view| view.expected = view.expected + amount);
    }

    fn transfer(&mut self, Transfer { debit, credit, amount }: Transfer) {
        self.change_account(debit, |view| view.balance = view.balance - amount);
        self.change_account(credit, |view| view.balance = view.balance + amount);
    }

    fn change_account(&mut self, account: AccountId, change: impl FnOnce(&mut AccountView)) {
        let view = self.accounts.get_mut(&account);
        debug_assert!(view.is_some(), "Invariant: events speak of accounts that are known");
        if let Some(view) = view {
            change(view);
        }
    }
}

impl Counters {
    fn count(&mut self, event: &Event) {
        let counter = match *event {
            Event::CallOffered { .. } => &mut self.offered,
            Event::CallQuoted { .. } => &mut self.quoted,
            Event::CallReserved { .. } => &mut self.reserved,
            Event::QuoteDeclined { .. } => &mut self.quotes_declined,
            Event::QuoteLapsed { .. } => &mut self.quotes_lapsed,
            Event::CallSold { attempt: 1, .. } => &mut self.sold,
            Event::CallFellBack { .. } => &mut self.fell_back,
            Event::CallAnswered { .. } => &mut self.answered,
            Event::AttemptFailed { .. } => &mut self.attempts_failed,
            Event::CallUnsold { .. } => &mut self.unsold,
            Event::CallEnded { .. } => &mut self.ended,
            Event::CallCanceled { .. } => &mut self.canceled,
            Event::MoneyPosted { posting, amount, .. } => {
                match posting.kind {
                    PostingKind::Revenue => self.revenue = self.revenue + amount,
                    PostingKind::Payout => self.payout = self.payout + amount,
                }
                return;
            }
            _ => return,
        };
        *counter += 1;
    }
}

/// The call an accepted report is about, in whichever event it leads to first.
const fn call_of(event: &Event) -> Option<(AccountId, CallId)> {
    match *event {
        Event::CallRinging { seller, call, .. }
        | Event::CallAnswered { seller, call, .. }
        | Event::CallDialed { seller, call, .. }
        | Event::CallFellBack { seller, call, .. }
        | Event::AttemptFailed { seller, call, .. }
        | Event::CallUnsold { seller, call, .. }
        | Event::CallEnded { seller, call, .. } => Some((seller, call)),
        Event::MoneyHeld { posting, .. } | Event::MoneyPosted { posting, .. } | Event::MoneyVoided { posting, .. } => {
            Some((posting.seller, posting.call))
        }
        _ => None,
    }
}
