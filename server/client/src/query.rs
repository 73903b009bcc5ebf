//! Answers to questions: what an account has, how far a call has come, and why it went to whom it went.

use dce_protocol::{CallState, FALLBACK_INDEX, Measure, Role, Standing, down};

use crate::event::Reason;
use crate::ids::{AccountId, CallId, ListingId, ProfileId, Sequence};
use crate::units::{Money, Timestamp};

/// What an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// The state's place in the log.
    pub sequence: Sequence,
    /// The account.
    pub account: AccountId,
    /// What it is for.
    pub role: Role,
    /// Its home.
    pub zone: u16,
    /// What came in less what went out.
    pub balance: Money,
    /// Set aside for postings that may come.
    pub held: Money,
    /// Set aside by others in its favour.
    pub expected: Money,
}

impl AccountView {
    /// What can be spent: the balance less what is held.
    #[must_use]
    pub fn available(&self) -> Money {
        self.balance - self.held
    }
}

impl From<&down::Balance> for AccountView {
    fn from(frame: &down::Balance) -> Self {
        Self {
            sequence: Sequence(frame.sequence),
            account: AccountId(frame.account),
            role: frame.role,
            zone: frame.zone,
            balance: Money::from_micros(frame.balance),
            held: Money::from_micros(frame.held),
            expected: Money::from_micros(frame.expected),
        }
    }
}

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallView {
    /// The state's place in the log.
    pub sequence: Sequence,
    /// The seller.
    pub seller: AccountId,
    /// The call.
    pub call: CallId,
    /// What it was sold under.
    pub listing: ListingId,
    /// How far it has come.
    pub state: CallState,
    /// The present attempt: of several that ring the lowest, else the one that failed last; 0 before a sale.
    pub attempt: u8,
    /// Which destination was dialled last, from 0; 255 is the fallback.
    pub destination_index: u8,
    /// Who bought it last.
    pub buyer: Option<AccountId>,
    /// With which profile.
    pub profile: Option<ProfileId>,
    /// At what price; told to the buyer and to an operator.
    pub price: Option<Money>,
    /// What the seller is promised; told to the seller and to an operator.
    pub payout: Option<Money>,
    /// Profiles that had bid live when its auction closed.
    pub bids: u32,
    /// How long caller and buyer talked, in milliseconds.
    pub connected_ms: u32,
    /// Why it closed; `None` while it lives.
    pub reason: Option<Reason>,
    /// A reporter's clock ran further than the log's.
    pub flagged: bool,
    /// The buyer paid.
    pub revenue_posted: bool,
    /// The seller was paid.
    pub payout_posted: bool,
}

impl CallView {
    /// Whether nobody bought it, and its listing's fallback has or had it.
    #[must_use]
    pub const fn fell_back(&self) -> bool {
        self.destination_index == FALLBACK_INDEX
    }
}

impl From<&down::Call> for CallView {
    fn from(frame: &down::Call) -> Self {
        Self {
            sequence: Sequence(frame.sequence),
            seller: AccountId(frame.seller),
            call: CallId(frame.call),
            listing: ListingId(frame.listing),
            state: frame.state,
            attempt: frame.attempt,
            destination_index: frame.destination_index,
            buyer: frame.buyer.map(AccountId),
            profile: frame.profile.map(ProfileId),
            price: frame.price.map(Money::from_micros),
            payout: frame.payout.map(Money::from_micros),
            bids: frame.bids,
            connected_ms: frame.connected,
            reason: frame.reason.map(Reason),
            flagged: frame.flagged,
            revenue_posted: frame.revenue_posted,
            payout_posted: frame.payout_posted,
        }
    }
}

/// Why a call went to whom it went, or to nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The place in the log of the decision explained.
    pub sequence: Sequence,
    /// What the rules say of each candidate the key may see.
    pub verdicts: Vec<Verdict>,
}

/// What the rules say of one candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The buyer.
    pub buyer: AccountId,
    /// Its profile.
    pub profile: ProfileId,
    /// Won, eligible or lost.
    pub standing: Standing,
    /// The rule that stopped it.
    pub reason: Option<Reason>,
    /// The attribute whose clause did not accept.
    pub attribute: Option<u16>,
    /// How far it was from passing, where that is a number and yours to know.
    pub distance: Option<Distance>,
}

/// How far a candidate was from passing the rule that stopped it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// So much money was missing.
    Money(Money),
    /// The call's number lies so far below (negative) or above what is wanted, in the attribute's scaled units.
    Number(i64),
    /// The radius would have to be so many metres longer.
    Metres(u64),
    /// So many calls are taken of so many there may be.
    Calls {
        /// Taken.
        taken: u64,
        /// The most there may be.
        most: u64,
    },
    /// It passes by itself from this moment on.
    Until(Timestamp),
    /// The winner is so many tiers better.
    Tiers(u64),
    /// This skill is so many levels short.
    Levels {
        /// The skill.
        skill: u16,
        /// The levels.
        short: u8,
    },
}

impl Explanation {
    pub(crate) const fn begin(part: &down::Explained<'_>) -> Self {
        Self { sequence: Sequence(part.sequence), verdicts: Vec::new() }
    }

    pub(crate) fn extend(&mut self, part: &down::Explained<'_>) {
        self.verdicts.extend(part.verdicts.as_slice().iter().map(Verdict::from));
    }
}

impl From<&dce_protocol::Verdict> for Verdict {
    fn from(verdict: &dce_protocol::Verdict) -> Self {
        Self {
            buyer: AccountId(verdict.buyer()),
            profile: ProfileId(verdict.profile()),
            standing: verdict.standing(),
            reason: Some(verdict.reason()).filter(|reason| *reason != 0).map(Reason),
            attribute: verdict.attribute(),
            distance: distance(verdict.distance()),
        }
    }
}

fn distance(wire: dce_protocol::Distance) -> Option<Distance> {
    // No server sends a count below zero.
    let count = wire.distance.unsigned_abs();
    match wire.measure {
        Measure::None => None,
        Measure::Money => Some(Distance::Money(Money::from_micros(wire.distance))),
        Measure::Number => Some(Distance::Number(wire.distance)),
        Measure::Metres => Some(Distance::Metres(count)),
        Measure::Calls => Some(Distance::Calls { taken: count, most: wire.most }),
        Measure::Until => Some(Distance::Until(Timestamp::from_micros(count))),
        Measure::Tiers => Some(Distance::Tiers(count)),
        Measure::Levels => Some(Distance::Levels {
            skill: u16::try_from(wire.most).unwrap_or(u16::MAX),
            short: u8::try_from(count).unwrap_or(u8::MAX),
        }),
    }
}

/// How far the log has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The log's durable sequence.
    pub sequence: Sequence,
    /// Its time.
    pub at: Timestamp,
}

impl From<&down::Position> for Position {
    fn from(frame: &down::Position) -> Self {
        Self { sequence: Sequence(frame.sequence), at: Timestamp::from_micros(frame.at) }
    }
}
