//! A call and its money as its events tell them: the one fold of both, for the views, and for whoever keeps rows of its own.

use dce_engine::event::{Event, PostingKind};
use dce_engine::ids::{AccountId, CallId};
use dce_engine::reason::Reason;
use dce_engine::units::{Millis, Money};

use crate::ringing::Ringing;
use crate::views::{CallState, CallView, RingView};

/// A call, by its seller and its id.
type Key = (AccountId, CallId);

/// One call as its events tell it: what views show of it, and what is needed to go on.
#[derive(Clone, Debug)]
pub struct CallStory {
    key: Key,
    view: CallView,
    ringing: Ringing,
}

/// Money that changed hands: what an event took from one account and gave to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Who has less.
    pub debit: AccountId,
    /// Who has more.
    pub credit: AccountId,
    /// How much.
    pub amount: Money,
}

impl CallStory {
    /// The call that an event makes known, if it makes one known.
    #[must_use]
    pub fn begun_by(event: &Event) -> Option<Self> {
        let (key, view) = begun_by(event, |_| false)?;
        let mut story = Self::of(key, view, &[]);
        story.tell(event);
        Some(story)
    }

    /// A call that was told so far: its view, and the attempts that ring besides the one it shows.
    #[must_use]
    pub fn of(key: (AccountId, CallId), view: CallView, beside: &[RingView]) -> Self {
        Self { key, view, ringing: Ringing::beside_one(key, beside) }
    }

    /// What an event changes, if it is about this call.
    pub fn tell(&mut self, event: &Event) {
        if subject_of(event) != Some(self.key) {
            return;
        }
        // A quote that comes back begins anew; an offer of a known call does not.
        if let Some((_, view)) = begun_by(event, |_| true) {
            self.view = view;
        }
        tell(event, self.key, &mut self.view, &mut self.ringing);
    }

    /// What views show of it.
    #[must_use]
    pub const fn view(&self) -> &CallView {
        &self.view
    }

    /// The attempts that ring besides the one shown, by number.
    #[must_use]
    pub fn beside(&self) -> &[RingView] {
        self.ringing.of_call(self.key)
    }
}

impl Transfer {
    /// What an event moves, if it moves money.
    #[must_use]
    pub const fn of(event: &Event) -> Option<Self> {
        let (debit, credit, amount) = match *event {
            Event::MoneyDeposited { account, amount, .. } => (AccountId::WORLD, account, amount),
            Event::MoneyWithdrawn { account, amount, .. } => (account, AccountId::WORLD, amount),
            Event::MoneyPosted { debit, credit, amount, .. } => (debit, credit, amount),
            _ => return None,
        };
        Some(Self { debit, credit, amount })
    }
}

/// The call an event is about.
#[must_use]
pub const fn subject_of(event: &Event) -> Option<(AccountId, CallId)> {
    match *event {
        Event::CallQuoted { seller, call, .. }
        | Event::CallReserved { seller, call, .. }
        | Event::QuoteDeclined { seller, call, .. }
        | Event::QuoteLapsed { seller, call }
        | Event::CallRegistered { seller, call, .. }
        | Event::CallOffered { seller, call, .. }
        | Event::AuctionOpened { seller, call, .. }
        | Event::AuctionClosed { seller, call, .. }
        | Event::CallSold { seller, call, .. }
        | Event::CallUnsold { seller, call, .. }
        | Event::CallDialed { seller, call, .. }
        | Event::CallFellBack { seller, call, .. }
        | Event::CallRinging { seller, call, .. }
        | Event::CallAnswered { seller, call, .. }
        | Event::AttemptFailed { seller, call, .. }
        | Event::CallEnded { seller, call, .. }
        | Event::CallCanceled { seller, call } => Some((seller, call)),
        Event::MoneyHeld { posting, .. } | Event::MoneyPosted { posting, .. } | Event::MoneyVoided { posting, .. } => {
            Some((posting.seller, posting.call))
        }
        _ => None,
    }
}

/// The call an event makes known, as it is before the event is told: a quoted one also where it was known.
pub(crate) fn begun_by(event: &Event, mut is_known: impl FnMut(&Key) -> bool) -> Option<(Key, CallView)> {
    match *event {
        Event::CallRegistered { seller, call, listing } => Some(((seller, call), CallView::registered(listing))),
        Event::CallOffered { seller, call, listing } if !is_known(&(seller, call)) => {
            Some(((seller, call), CallView::registered(listing)))
        }
        Event::CallQuoted { seller, call, listing, .. }
        | Event::CallReserved { seller, call, listing, .. }
        | Event::QuoteDeclined { seller, call, listing, .. } => {
            let view = CallView { state: CallState::Quoted, ..CallView::registered(listing) };
            Some(((seller, call), view))
        }
        _ => None,
    }
}

/// What an event changes in what is shown of its call.
pub(crate) fn tell(event: &Event, key: Key, view: &mut CallView, ringing: &mut Ringing) {
    match *event {
        Event::MoneyHeld { posting, .. } if posting.kind == PostingKind::Payout => {
            hold_payout(posting.attempt, true, key, view, ringing);
        }
        Event::MoneyVoided { posting, .. } => {
            if posting.kind == PostingKind::Payout {
                hold_payout(posting.attempt, false, key, view, ringing);
            }
            ringing.voided(key, (posting.kind, posting.attempt), view);
        }
        Event::MoneyPosted { posting, .. } => match posting.kind {
            PostingKind::Revenue => view.revenue_posted = true,
            PostingKind::Payout => (view.payout_held, view.payout_posted) = (false, true),
        },
        Event::CallReserved { buyer, profile, attempt, price, payout, .. } => {
            (view.buyer, view.profile, view.attempt) = (Some(buyer), Some(profile), attempt);
            (view.price, view.payout) = (price, payout);
        }
        Event::QuoteDeclined { reason, .. } | Event::CallUnsold { reason, .. } => close(view, reason, Millis(0)),
        Event::QuoteLapsed { .. } => close(view, Reason::QuoteLapsed, Millis(0)),
        Event::CallCanceled { .. } => close(view, Reason::SellerCanceled, Millis(0)),
        Event::AuctionOpened { .. } => view.state = CallState::Auction,
        Event::AuctionClosed { bids, .. } => view.bids = bids.min(u32::from(u16::MAX)),
        Event::CallSold { buyer, profile, attempt, price, payout, .. } => {
            let (state, destination_index, payout_held) = (CallState::Dialed, 0, false);
            let sold = RingView { attempt, destination_index, state, buyer, profile, price, payout_held };
            if !ringing.sold(key, view, sold) {
                (view.buyer, view.profile, view.attempt) = (Some(buyer), Some(profile), attempt);
                (view.price, view.payout) = (price, payout);
            }
        }
        Event::CallDialed { attempt, destination_index, .. } => {
            ring(attempt, (CallState::Dialed, destination_index), key, view, ringing);
        }
        Event::CallRinging { attempt, destination_index, .. } => {
            ring(attempt, (CallState::Ringing, destination_index), key, view, ringing);
        }
        Event::CallFellBack { destination_index, .. } => {
            (view.state, view.destination_index) = (CallState::Dialed, destination_index);
            view.fell_back = true;
        }
        Event::CallAnswered { attempt, .. } => {
            ringing.answered(key, attempt, view);
            view.state = CallState::Answered;
        }
        Event::AttemptFailed { attempt, .. } => ringing.failed(key, attempt, view),
        Event::CallEnded { reason, connected, flagged, .. } => {
            close(view, reason, connected);
            view.flagged = flagged;
        }
        _ => {}
    }
}

const fn close(view: &mut CallView, reason: Reason, connected: Millis) {
    (view.state, view.reason, view.connected) = (CallState::Closed, Some(reason), connected);
}

/// How far an attempt has come that rings, shown or not.
fn ring(attempt: u8, reached: (CallState, u8), key: Key, view: &mut CallView, ringing: &mut Ringing) {
    let (state, destination_index) = match ringing.find(key, attempt) {
        Some(ring) => (&mut ring.state, &mut ring.destination_index),
        None => (&mut view.state, &mut view.destination_index),
    };
    (*state, *destination_index) = reached;
}

/// What the seller is promised is set aside for an attempt, or no longer.
fn hold_payout(attempt: u8, held: bool, key: Key, view: &mut CallView, ringing: &mut Ringing) {
    match ringing.find(key, attempt) {
        Some(ring) => ring.payout_held = held,
        None if attempt == view.attempt => view.payout_held = held,
        None => {}
    }
}
