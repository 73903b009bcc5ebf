//! What is kept: a call, a line of an account's money.

use dce_engine::event::Posting;
use dce_engine::ids::{AccountId, CallId, ListingId, MovementId, Sequence};
use dce_engine::reason::Reason;
use dce_engine::units::{Money, Timestamp};
use dce_runtime::story::CallStory;
use dce_runtime::views::{CallState, CallView};

use crate::lots::Lot;

/// A call, from when it became known until it is let go of: long after the exchange sealed it.
#[derive(Clone, Debug)]
pub struct CallRow {
    /// Whose it is.
    pub seller: AccountId,
    /// As its seller named it.
    pub call: CallId,
    /// What it was sold under.
    pub listing: ListingId,
    /// The least price, where it is not the listing's.
    pub reserve: Option<Money>,
    /// When it became known.
    pub known_at: Timestamp,
    /// The command that last changed it.
    pub changed: Sequence,
    /// The last command that decided whose it is, or that nobody's.
    pub decided: Option<Sequence>,
    /// Its auction, if it had one.
    pub lot: Option<Lot>,
    /// Everybody it was ever sold to.
    pub buyers: Vec<AccountId>,
    /// How it went.
    pub story: CallStory,
}

/// The status of a call in the words of those who use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallStatus {
    /// Known, not for sale yet.
    Pending,
    /// In auction, or sold and being dialled.
    Queued,
    /// The destination rings.
    Ringing,
    /// Caller and buyer talk.
    InProgress,
    /// It was talked to its end.
    Completed,
    /// Nobody bought it or nobody kept it.
    Failed,
    /// The caller or the seller gave it up before an answer.
    Canceled,
    /// Nobody picked up.
    NoAnswer,
    /// Every destination was busy.
    Busy,
}

/// One line of an account's money, from its own side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The place of the log; several lines may share one.
    pub sequence: Sequence,
    /// The event's place among those of its command.
    pub index: u16,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub kind: LineKind,
    /// Of how much, without a sign.
    pub amount: Money,
    /// What it made of the balance: less than nothing where money went, nothing where it was set aside.
    pub change: Money,
    /// The balance after it.
    pub balance: Money,
    /// What it is about.
    pub of: LineOf,
}

/// What happened to an account's money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Money came in from outside.
    Deposit,
    /// Money went out.
    Withdrawal,
    /// A price or a payout was set aside.
    Held,
    /// What was set aside is free again.
    Released,
    /// A price was paid.
    Charge,
    /// A payout was paid.
    Payout,
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineOf {
    /// Money that came in or went out.
    Movement(MovementId),
    /// A call's money.
    Posting(Posting),
}

impl CallStatus {
    /// Every status, in the order in which a call may come to them.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::Queued,
        Self::Ringing,
        Self::InProgress,
        Self::Completed,
        Self::Failed,
        Self::Canceled,
        Self::NoAnswer,
        Self::Busy,
    ];

    /// Of a call as views show it.
    #[must_use]
    pub fn of(view: &CallView) -> Self {
        match view.state {
            CallState::Registered | CallState::Quoted => Self::Pending,
            CallState::Auction | CallState::Dialed => Self::Queued,
            CallState::Ringing => Self::Ringing,
            CallState::Answered => Self::InProgress,
            CallState::Closed => view.reason.map_or(Self::Failed, Self::of_closed),
        }
    }

    const fn of_closed(reason: Reason) -> Self {
        match reason {
            Reason::Completed | Reason::DurationMaxReached => Self::Completed,
            Reason::CallerHungUp | Reason::SellerCanceled => Self::Canceled,
            Reason::NoAnswer => Self::NoAnswer,
            Reason::Busy => Self::Busy,
            _ => Self::Failed,
        }
    }
}

impl CallRow {
    /// How far it has come.
    #[must_use]
    pub fn status(&self) -> CallStatus {
        CallStatus::of(self.story.view())
    }
}

impl Line {
    /// Whether it changed the balance.
    #[must_use]
    pub fn is_transfer(&self) -> bool {
        self.change != Money::ZERO
    }

    /// The balance before it.
    #[must_use]
    pub fn opening(&self) -> Money {
        self.balance - self.change
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_ends_a_call_in_a_status_of_the_end() {
        use CallStatus::{Busy, Canceled, Completed, Failed, NoAnswer};
        for reason in Reason::ALL {
            let status = CallStatus::of_closed(*reason);
            assert!([Busy, Canceled, Completed, Failed, NoAnswer].contains(&status), "{reason:?}");
            assert!(status != Completed || !reason.is_unsold(), "{reason:?}");
        }
    }
}
