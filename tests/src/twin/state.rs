//! What the twin remembers: plain records in plain maps and lists.

use std::collections::{BTreeMap, BTreeSet};

use dce_engine::ids::{AccountId, AttributeId, CallId, ListingId, MovementId, ProfileId, SessionId, ValueCode};
use dce_engine::units::{BasisPoints, Money, Timestamp};

use super::action::{Action, Clocks, FactValue, Holiday, Kind, ListingTerms, Policy, ProfileTerms, Role, Skill};
use super::codes::Why;
use super::policies::Segment;

/// A profile's full name: its buyer and its id.
pub type ProfileKey = (AccountId, ProfileId);
/// A call's full name: its seller and its id.
pub type CallKey = (AccountId, CallId);

/// How much fits. The same numbers as the engine's `Limits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `Limits`")]
pub struct Capacities {
    pub accounts_max: u32,
    pub sessions_max: u32,
    pub movements_max: u32,
    pub listings_max: u32,
    pub profiles_max: u32,
    pub verticals_max: u16,
    pub attributes_max: u16,
    pub lines_max: u32,
    pub values_max: u32,
    pub value_sets_max: u16,
    pub value_set_values_max: u32,
    pub zones_max: u16,
    pub calendars_max: u32,
    pub clauses_max: u16,
    pub clause_values_max: u16,
    pub calls_max: u32,
    pub calls_live_max: u32,
    pub auction_bids_max: u32,
    pub bids_max: u32,
    pub shares_max: u32,
    pub outcomes_max: u32,
    pub retention_seconds: u32,
}

/// A command that created something: its whole body, and its place in the log.
#[derive(Clone, Debug)]
pub(crate) struct Birth {
    pub body: Action,
    pub sequence: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    pub birth: Birth,
    pub kind: Kind,
    pub values: BTreeMap<ValueCode, (String, u64)>,
}

#[derive(Clone, Debug)]
pub(crate) struct ValueSet {
    pub attribute: AttributeId,
    pub total: u32,
    pub values: Vec<ValueCode>,
    /// The sequence of the last accepted chunk.
    pub chunk_last: u64,
}

impl ValueSet {
    pub(crate) fn is_complete(&self) -> bool {
        self.values.len() == self.total as usize
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Zone {
    pub transitions: Vec<(Timestamp, i32)>,
    pub sequence: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    pub spans: Vec<(u16, u16)>,
    pub holidays: Vec<Holiday>,
    pub sequence: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// None for the platform and the world, which are opened at genesis.
    pub birth: Option<Birth>,
    pub role: Role,
    pub zone: dce_engine::ids::ZoneId,
    pub balance: Money,
    pub held: Money,
    pub expected: Money,
    pub sessions: BTreeMap<SessionId, Session>,
    pub session_highest: u64,
    /// The sequence of the last accepted `OpenSession` or `CloseSession`.
    pub session_changed: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub opened: u64,
    pub number_highest: u64,
    /// The last sixteen accepted commands, with their numbers and sequences, the oldest first.
    pub recent: Vec<(u64, Action, u64)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Movement {
    pub account: AccountId,
    pub movement: MovementId,
    pub birth: Birth,
    pub entered: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct Listing {
    pub birth: Birth,
    pub terms: ListingTerms,
    pub policy: Policy,
    /// The fixed price.
    pub price: Option<Money>,
    pub requires: Vec<Skill>,
    /// The sequence of the command that set these, or that created the listing.
    pub policy_set: u64,
}

/// Counts of an hour or a day.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    pub number: u64,
    pub calls: u32,
    pub money: Money,
}

#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub birth: Birth,
    pub terms: ProfileTerms,
    pub bid: Option<Money>,
    pub bid_place: u64,
    pub paused: bool,
    pub pause_changed: u64,
    pub weight: u16,
    pub quality: BasisPoints,
    /// Met, of so many.
    pub prior: (u16, u16),
    /// The sequence of the command that set these, or that created the profile.
    pub ranked: u64,
    pub skills: Vec<Skill>,
    /// The same for the skills.
    pub skills_set: u64,
    /// The sequence of the command in which it last won a call, or 0.
    pub last_win: u64,
    pub calls_live: u32,
    pub hour: Window,
    pub day: Window,
    pub calls_total: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the states of section 8")]
pub enum State {
    Registered,
    Auction,
    Dialed,
    Ringing,
    Answered,
    Closed,
}

/// A live bid in one auction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bid {
    pub bidder: ProfileKey,
    pub amount: Money,
    pub expires_at: Timestamp,
    pub place: u64,
}

/// What became of a price or a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing is set aside, but it may still be earned.
    Open,
    Held,
    Posted,
    /// It will never be paid.
    Over,
}

/// A win: who, for how much, and in which windows it was counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sale {
    pub winner: ProfileKey,
    /// What the winner bid: its price is at most that.
    pub amount: Money,
    pub price: Money,
    pub payout: Money,
    pub hour_number: u64,
    pub day_number: u64,
    pub revenue: Due,
    pub payout_due: Due,
    /// What losers of its tier hear, unless that depends on what they bid.
    pub over_others: Option<Why>,
    /// Among which calls the outcome counts, if it does.
    pub segment: Option<Segment>,
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub listing: ListingId,
    pub known_at: Timestamp,
    /// What is known; an unknown value is not here.
    pub facts: BTreeMap<AttributeId, Vec<FactValue>>,
    pub state: State,
    pub registered: Option<Birth>,
    pub offered: Option<Birth>,
    pub opened: Option<Birth>,
    /// The sequence of the last command or tick that changed the call.
    pub changed: u64,
    /// When something happens by itself, and which setting of a deadline that was.
    pub deadline: (Timestamp, u64),
    pub reserve: Option<Money>,
    /// Some once it had an auction.
    pub closes_at: Option<Timestamp>,
    /// Invited profiles, by name and by the sequence that created them.
    pub invited: Vec<(ProfileKey, u64)>,
    pub bids: Vec<Bid>,
    /// Who passed.
    pub passes: BTreeSet<ProfileKey>,
    /// How many bidders the auction closed with.
    pub bids_at_close: Option<u32>,
    /// Profiles tried in earlier attempts, by name and by the sequence that created them.
    pub tried: BTreeSet<(ProfileKey, u64)>,
    pub attempt: u8,
    pub sale: Option<Sale>,
    pub promise: Option<Money>,
    pub destination: usize,
    pub clocks: Clocks,
    pub flagged: bool,
    /// How it ended, once it has.
    pub ended: Option<Why>,
    pub unsold: bool,
    pub canceled: bool,
}

impl Call {
    pub(crate) fn bidders(&self) -> u32 {
        self.bids_at_close.unwrap_or(self.bids.len() as u32)
    }

    /// Whether the winner has the call now: it is being dialled, rings, or is answered.
    pub(crate) fn is_routed(&self) -> bool {
        matches!(self.state, State::Dialed | State::Ringing | State::Answered)
    }
}
