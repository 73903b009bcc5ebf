//! From events to the picture: what each fact changes in the views.
//!
//! Invariant: after the events of a command the views show what the exchange shows after it, for every account and call.

use dce_engine::event::{Event, Posting, PostingKind};
use dce_engine::ids::{AccountId, CallId, ListingId, ZoneId};
use dce_engine::reason::Reason;
use dce_engine::units::{Millis, Money};

use crate::ringing::Ringing;
use crate::views::{AccountView, CallState, CallView, Model, RingView};

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
        match *event {
            Event::AccountOpened { account, role } => {
                let zero = Money::ZERO;
                let (zone, closed) = (aside.zone, false);
                let view = AccountView { role, zone, balance: zero, held: zero, expected: zero, closed };
                self.accounts.insert(account, view);
            }
            Event::AccountClosed { account } => self.change_account(account, |view| view.closed = true),
            Event::MoneyDeposited { account, amount, .. } => self.transfer(AccountId::WORLD, account, amount),
            Event::MoneyWithdrawn { account, amount, .. } => self.transfer(account, AccountId::WORLD, amount),
            Event::MoneyHeld { posting, debit, credit, amount } => {
                self.hold(debit, credit, amount);
                if posting.kind == PostingKind::Payout {
                    self.hold_payout(&posting, true);
                }
            }
            Event::MoneyVoided { posting, debit, credit, amount } => {
                self.hold(debit, credit, -amount);
                if posting.kind == PostingKind::Payout {
                    self.hold_payout(&posting, false);
                }
                self.change_ringing(posting.seller, posting.call, |ringing, key, view| {
                    ringing.voided(key, (posting.kind, posting.attempt), view);
                });
            }
            Event::MoneyPosted { posting, debit, credit, amount } => {
                let mut was_held = true;
                self.change_call(posting.seller, posting.call, |view| match posting.kind {
                    PostingKind::Revenue => view.revenue_posted = true,
                    PostingKind::Payout => {
                        was_held = std::mem::take(&mut view.payout_held);
                        view.payout_posted = true;
                    }
                });
                if was_held {
                    self.hold(debit, credit, -amount);
                }
                self.transfer(debit, credit, amount);
                let counters = &mut self.counters;
                match posting.kind {
                    PostingKind::Revenue => counters.revenue = counters.revenue + amount,
                    PostingKind::Payout => counters.payout = counters.payout + amount,
                }
            }
            _ => self.fold_call(event),
        }
    }

    /// What happens to a call itself.
    fn fold_call(&mut self, event: &Event) {
        match *event {
            Event::CallRegistered { seller, call, listing } => {
                self.calls.insert((seller, call), CallView::registered(listing))
            }
            Event::CallOffered { seller, call, listing } => {
                self.counters.offered += 1;
                if !self.calls.contains(&(seller, call)) {
                    self.calls.insert((seller, call), CallView::registered(listing));
                }
            }
            Event::CallQuoted { seller, call, listing, .. } => {
                self.counters.quoted += 1;
                self.quote(seller, call, listing);
            }
            Event::CallReserved { seller, call, listing, buyer, profile, attempt, price, payout, .. } => {
                self.counters.reserved += 1;
                self.quote(seller, call, listing);
                self.change_call(seller, call, |view| {
                    (view.buyer, view.profile, view.attempt) = (Some(buyer), Some(profile), attempt);
                    (view.price, view.payout) = (price, payout);
                });
            }
            Event::QuoteDeclined { seller, call, listing, reason } => {
                self.counters.quotes_declined += 1;
                self.quote(seller, call, listing);
                self.close(seller, call, reason, Millis(0));
            }
            Event::QuoteLapsed { seller, call } => {
                self.counters.quotes_lapsed += 1;
                self.close(seller, call, Reason::QuoteLapsed, Millis(0));
            }
            Event::AuctionOpened { seller, call, .. } => {
                self.change_call(seller, call, |view| view.state = CallState::Auction);
            }
            Event::AuctionClosed { seller, call, bids } => {
                self.change_call(seller, call, |view| view.bids = bids.min(u32::from(u16::MAX)));
            }
            Event::BidPlaced { .. } => self.counters.bids += 1,
            Event::CallSold { seller, call, buyer, profile, attempt, price, payout } => {
                self.counters.sold += u64::from(attempt == 1);
                let (state, destination_index, payout_held) = (CallState::Dialed, 0, false);
                let sold = RingView { attempt, destination_index, state, buyer, profile, price, payout_held };
                self.change_ringing(seller, call, |ringing, key, view| {
                    if !ringing.sold(key, view, sold) {
                        (view.buyer, view.profile, view.attempt) = (Some(buyer), Some(profile), attempt);
                        (view.price, view.payout) = (price, payout);
                    }
                });
            }
            Event::CallDialed { seller, call, attempt, destination_index, .. } => {
                self.ring(seller, call, attempt, (CallState::Dialed, destination_index));
            }
            Event::CallFellBack { seller, call, destination_index, .. } => {
                self.counters.fell_back += 1;
                self.change_call(seller, call, |view| {
                    (view.state, view.destination_index) = (CallState::Dialed, destination_index);
                    view.fell_back = true;
                });
            }
            Event::CallRinging { seller, call, attempt, destination_index } => {
                self.ring(seller, call, attempt, (CallState::Ringing, destination_index));
            }
            Event::CallAnswered { seller, call, attempt, .. } => {
                self.counters.answered += 1;
                self.change_ringing(seller, call, |ringing, key, view| {
                    ringing.answered(key, attempt, view);
                    view.state = CallState::Answered;
                });
            }
            Event::AttemptFailed { seller, call, attempt, .. } => {
                self.counters.attempts_failed += 1;
                self.change_ringing(seller, call, |ringing, key, view| ringing.failed(key, attempt, view));
            }
            Event::CallUnsold { seller, call, reason } => {
                self.counters.unsold += 1;
                self.close(seller, call, reason, Millis(0));
            }
            Event::CallEnded { seller, call, reason, connected, flagged } => {
                self.counters.ended += 1;
                self.close(seller, call, reason, connected);
                self.change_call(seller, call, |view| view.flagged = flagged);
            }
            Event::CallCanceled { seller, call } => {
                self.counters.canceled += 1;
                self.close(seller, call, Reason::SellerCanceled, Millis(0));
            }
            Event::CallSealed { seller, call } => self.calls.remove(&(seller, call)),
            _ => {}
        }
    }

    /// A call is quoted: known by that, or quoted before and confirmed now.
    fn quote(&mut self, seller: AccountId, call: CallId, listing: ListingId) {
        let quoted = CallView { state: CallState::Quoted, ..CallView::registered(listing) };
        self.calls.insert((seller, call), quoted);
    }

    fn close(&mut self, seller: AccountId, call: CallId, reason: Reason, connected: Millis) {
        self.change_call(seller, call, |view| {
            (view.state, view.reason, view.connected) = (CallState::Closed, Some(reason), connected);
        });
    }

    /// How far an attempt has come that rings, shown or not.
    fn ring(&mut self, seller: AccountId, call: CallId, attempt: u8, reached: (CallState, u8)) {
        self.change_ringing(seller, call, |ringing, key, view| {
            let (state, destination_index) = match ringing.find(key, attempt) {
                Some(ring) => (&mut ring.state, &mut ring.destination_index),
                None => (&mut view.state, &mut view.destination_index),
            };
            (*state, *destination_index) = reached;
        });
    }

    /// What the seller is promised is set aside for an attempt, or no longer.
    fn hold_payout(&mut self, posting: &Posting, held: bool) {
        self.change_ringing(posting.seller, posting.call, |ringing, key, view| {
            match ringing.find(key, posting.attempt) {
                Some(ring) => ring.payout_held = held,
                None if posting.attempt == view.attempt => view.payout_held = held,
                None => {}
            }
        });
    }

    fn change_ringing(
        &mut self,
        seller: AccountId,
        call: CallId,
        change: impl FnOnce(&mut Ringing, (AccountId, CallId), &mut CallView),
    ) {
        let mut ringing = std::mem::take(&mut self.ringing);
        self.change_call(seller, call, |view| change(&mut ringing, (seller, call), view));
        self.ringing = ringing;
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

    fn transfer(&mut self, debit: AccountId, credit: AccountId, amount: Money) {
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
