//! Auctions and the live bids on them, as events tell them: the one fold of both, for the history and for read models in
//! memory.

use dce_engine::event::Event;
use dce_engine::ids::{AccountId, CallId, ProfileId};
use dce_engine::reason::Reason;
use dce_engine::units::{Money, Timestamp};

/// A call, by its seller and its id.
pub type CallKey = (AccountId, CallId);

/// A bid by its buyer, its call, the call's seller, and its profile.
pub type BidKey = (AccountId, CallId, AccountId, ProfileId);

/// The auction of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lot {
    /// How far it has come.
    pub state: LotState,
    /// When it began to take bids.
    pub opened_at: Timestamp,
    /// Until when it takes them, or took them.
    pub closes_at: Timestamp,
    /// Profiles that have bid, once it is over.
    pub bids: u32,
    /// Who won.
    pub winner: Option<(AccountId, ProfileId)>,
}

/// How far an auction has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LotState {
    /// It takes bids.
    Active,
    /// Somebody won.
    Completed,
    /// The seller took the call back.
    Canceled,
    /// Nobody won.
    Expired,
}

/// A live bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bid {
    /// How much.
    pub amount: Money,
    /// What became of it.
    pub state: BidState,
    /// Why it lost, where its buyer was told.
    pub reason: Option<Reason>,
    /// The least amount with which it would have won, where the listing tells it.
    pub price_to_win: Option<Money>,
    /// When it was placed, or raised.
    pub placed_at: Timestamp,
    /// Until when it stands.
    pub expires_at: Timestamp,
}

/// What became of a bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BidState {
    /// It stands.
    Active,
    /// It stands and leads; told on open listings only.
    Winning,
    /// The call is its.
    Won,
    /// The call is another's, or nobody's.
    Lost,
    /// It ran out before the auction closed.
    Expired,
    /// It was taken back.
    Canceled,
}

impl Lot {
    /// Whether it takes no more bids.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state != LotState::Active
    }
}

impl BidState {
    /// Every state.
    pub const ALL: [Self; 6] = [Self::Active, Self::Winning, Self::Won, Self::Lost, Self::Expired, Self::Canceled];

    /// Whether the bid may still win.
    #[must_use]
    pub const fn stands(self) -> bool {
        matches!(self, Self::Active | Self::Winning)
    }
}

/// Where lots and bids are kept. What is not there is not changed.
pub trait LotRows {
    /// Keeps a new lot.
    fn open_lot(&mut self, on: CallKey, lot: Lot);
    /// Changes a lot.
    fn change_lot(&mut self, on: CallKey, change: &mut dyn FnMut(&mut Lot));
    /// Keeps a bid, in place of the one it raises.
    fn put_bid(&mut self, key: BidKey, bid: Bid);
    /// Changes a bid. Answers whether it is there.
    fn change_bid(&mut self, key: BidKey, change: &mut dyn FnMut(&mut Bid)) -> bool;
    /// Changes every bid on a call.
    fn change_bids(&mut self, on: CallKey, change: &mut dyn FnMut(&mut Bid));
}

/// What an event changes in the rows of lots and bids.
pub fn tell(rows: &mut impl LotRows, at: Timestamp, event: &Event) {
    match *event {
        Event::AuctionOpened { seller, call, closes_at } => {
            let lot = Lot { state: LotState::Active, opened_at: at, closes_at, bids: 0, winner: None };
            rows.open_lot((seller, call), lot);
        }
        Event::BidPlaced { seller, call, buyer, profile, amount, expires_at, leading } => {
            let leads = leading == Some(true);
            if leads {
                rows.change_bids((seller, call), &mut |bid| {
                    if bid.state == BidState::Winning {
                        bid.state = BidState::Active;
                    }
                });
            }
            let state = if leads { BidState::Winning } else { BidState::Active };
            let bid = Bid { amount, state, reason: None, price_to_win: None, placed_at: at, expires_at };
            rows.put_bid((buyer, call, seller, profile), bid);
        }
        Event::BidWithdrawn { seller, call, buyer, profile } => {
            settle(rows, (buyer, call, seller, profile), BidState::Canceled, None);
        }
        Event::AuctionClosed { seller, call, bids } => {
            // Until the decision says otherwise, in the same command: nobody.
            rows.change_lot((seller, call), &mut |lot| {
                (lot.bids, lot.state, lot.closes_at) = (bids, LotState::Expired, at);
            });
        }
        Event::CallSold { seller, call, buyer, profile, .. } => sell(rows, (seller, call), (buyer, profile)),
        Event::BidLost { seller, call, buyer, profile, reason, price_to_win } => {
            let state = if reason == Reason::BidExpired { BidState::Expired } else { BidState::Lost };
            rows.change_bid((buyer, call, seller, profile), &mut |bid| {
                (bid.state, bid.reason, bid.price_to_win) = (state, Some(reason), price_to_win);
            });
        }
        // The call came back: it is sold again, or to nobody.
        Event::AttemptFailed { seller, call, buyer, profile, reason, .. } => {
            settle(rows, (buyer, call, seller, profile), BidState::Lost, Some(reason));
        }
        Event::CallUnsold { seller, call, .. } | Event::CallFellBack { seller, call, .. } => {
            lose_others(rows, (seller, call));
        }
        Event::CallCanceled { seller, call } => {
            rows.change_lot((seller, call), &mut |lot| {
                if lot.winner.is_none() {
                    lot.state = LotState::Canceled;
                }
            });
            lose_others(rows, (seller, call));
        }
        _ => {}
    }
}

fn settle(rows: &mut impl LotRows, key: BidKey, state: BidState, reason: Option<Reason>) {
    rows.change_bid(key, &mut |bid| (bid.state, bid.reason) = (state, reason));
}

fn sell(rows: &mut impl LotRows, on: CallKey, winner: (AccountId, ProfileId)) {
    let mut was_open = false;
    rows.change_lot(on, &mut |lot| {
        was_open = lot.winner.is_none();
        (lot.winner, lot.state) = (Some(winner), LotState::Completed);
    });
    settle(rows, (winner.0, on.1, on.0, winner.1), BidState::Won, None);
    if was_open {
        lose_others(rows, on);
    }
}

/// Every bid that still stands has lost; those that are told why hear it in their own event.
fn lose_others(rows: &mut impl LotRows, on: CallKey) {
    rows.change_bids(on, &mut |bid| {
        if bid.state.stands() {
            bid.state = BidState::Lost;
        }
    });
}
