//! What the twin remembers: plain records in plain maps and lists.

use std::collections::{BTreeMap, BTreeSet};

use dce_engine::ids::{
    AccountId, AttributeId, CalendarId, CallId, GroupId, ListingId, MovementId, ProfileId, SessionId, SubjectId,
    ValueCode,
};
use dce_engine::units::{BasisPoints, Millis, Money, Seconds, Timestamp};

use super::action::{
    Action, Anonymous, Answering, Clocks, Delivery, DuplicateOn, FactValue, Holiday, Kind, Leg, ListingTerms, Modifier,
    Per, Policy, ProfileTerms, QuotaRule, Role, Scope, Skill,
};
use super::codes::Why;
use super::policies::Segment;

/// A profile's full name: its buyer and its id.
pub type ProfileKey = (AccountId, ProfileId);
/// A listing's full name: its seller and its id.
pub type ListingKey = (AccountId, ListingId);
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
    pub settings_max: u32,
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
    pub targeting_chunks_max: u32,
    pub calls_max: u32,
    pub calls_live_max: u32,
    pub auction_bids_max: u32,
    pub bids_max: u32,
    pub conjunctions_max: u32,
    pub modified_max: u32,
    pub deals_max: u32,
    pub contacts_max: u32,
    pub frequencies_max: u32,
    pub suppressions_max: u32,
    pub screens_max: u32,
    pub quotas_max: u32,
    pub groups_max: u32,
    pub together_max: u32,
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
    /// Some clause excluded values of it.
    pub excludes: bool,
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

/// A rule about callers: what it says and its number, if it is set, and the command that set or lifted it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Set<R> {
    pub rule: Option<(R, u64)>,
    pub sequence: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DuplicateRule {
    pub on: DuplicateOn,
    pub window: Seconds,
    pub anonymous: Anonymous,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrequencyRule {
    pub calls_max: u8,
    pub window: Seconds,
    pub anonymous: Anonymous,
}

/// A caller under a duplicate rule: the last call that counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contact {
    pub rule: u64,
    pub subject: SubjectId,
    pub call: CallKey,
    pub at: Timestamp,
    pub until: Timestamp,
}

/// A live call that may yet count under a duplicate rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Await {
    pub owner: (AccountId, Scope),
    pub rule: u64,
    pub on: DuplicateOn,
}

/// A caller under a frequency rule: its last calls, the last one first.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    pub rule: u64,
    pub subject: SubjectId,
    pub moments: Vec<Timestamp>,
    pub until: Timestamp,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Suppression {
    pub until: Option<Timestamp>,
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
    /// The command that made its zone its home.
    pub homed: u64,
    /// The command that closed it.
    pub closed: Option<u64>,
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
    /// Whether losers hear with which amount they would have won, and which command said so.
    pub tells_price: (bool, u64),
    /// How its auctions end: early or not, within how long the invited answer; and the sequence that set it.
    pub window: (bool, Millis, u64),
    /// Whether only buyers with a deal compete, and the sequence that set it.
    pub private: (bool, u64),
    /// The sequence of the last accepted `SetDeal`.
    pub deals_changed: u64,
    pub delivery: Delivery,
    /// The sequence of the command that set the delivery so.
    pub delivery_set: u64,
    pub policy: Policy,
    /// The fixed price.
    pub price: Option<Money>,
    pub requires: Vec<Skill>,
    /// The sequence of the command that set these, or that created the listing.
    pub policy_set: u64,
    /// The command that took it off the market.
    pub delisted: Option<u64>,
}

/// Counts of an hour or a day.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    pub number: u64,
    pub calls: u32,
    pub money: Money,
}

/// The numbers of an hour, a day and a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Periods {
    pub hour: u64,
    pub day: u64,
    pub month: u64,
}

impl Periods {
    pub(crate) fn of(self, per: Per) -> u64 {
        match per {
            Per::Hour => self.hour,
            Per::Day => self.day,
            Per::Month => self.month,
            Per::Ever => 0,
        }
    }
}

/// What a rule counted for one win.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub win: u64,
    pub period: u64,
    pub amount: i64,
}

/// A win under a quota, and the line it set: its period, and the open time that may be left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Win {
    pub number: u64,
    pub at: Timestamp,
    pub line: Option<(u64, i128)>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Quota {
    pub rules: Vec<QuotaRule>,
    pub spacing: Option<Millis>,
    pub hours: Option<CalendarId>,
    pub sequence: u64,
    /// What each rule counted, win by win.
    pub counted: Vec<Vec<Counted>>,
    /// The numbers it last counted in.
    pub kept: Periods,
    /// Every win under it, the last one last.
    pub wins: Vec<Win>,
}

#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub birth: Birth,
    pub terms: ProfileTerms,
    /// What else it wants: its conjunctions from the second on.
    pub also: Vec<Birth>,
    /// The most its standing bid comes to and what modifies it; and the sequence that set it so.
    pub max: Option<Money>,
    pub modifiers: Vec<Modifier>,
    pub modifiers_changed: u64,
    pub bid: Option<Money>,
    pub bid_place: u64,
    pub paused: bool,
    pub pause_changed: u64,
    pub answering: Answering,
    /// The sequence of the command that set the answering so.
    pub answering_set: u64,
    /// When calls in a row came back unanswered, the latest last; counted only for a rule.
    pub unanswered: Vec<Timestamp>,
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
    pub group: Option<GroupId>,
    /// The command that said which group, or the creation.
    pub grouped: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the states of section 8")]
pub enum State {
    Registered,
    Quoted,
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
    /// Whether one more caller could be remembered when it won.
    pub had_room: bool,
    pub price: Money,
    pub payout: Money,
    pub hour_number: u64,
    pub day_number: u64,
    /// Nobody has undone it.
    pub stands: bool,
    /// Wins are numbered, so that what a quota counted can be found.
    pub number: u64,
    /// The winner's group then.
    pub group: Option<GroupId>,
    pub revenue: Due,
    pub payout_due: Due,
    /// Whether the payout was posted in an earlier attempt.
    pub paid_before: bool,
    /// What losers of its tier hear, unless that depends on what they bid.
    pub over_others: Option<Why>,
    /// Among which calls the outcome counts, if it does.
    pub segment: Option<Segment>,
}

/// What was asked when a call was quoted, and answered.
#[derive(Clone, Debug)]
pub(crate) struct Quote {
    pub birth: Birth,
    /// Whether it was asked for as firm.
    pub wanted_firm: bool,
    pub ends: Timestamp,
    /// The accounts it came through, of those that existed when it was asked, in the order it did.
    pub hands: Vec<AccountId>,
    /// The price and payout of an indicative answer.
    pub said: Option<(Money, Money)>,
}

/// A profile that was invited, by name and by the sequence that created it.
#[derive(Clone, Copy, Debug)]
pub struct Invitation {
    /// The profile.
    pub profile: ProfileKey,
    /// The sequence that created it.
    pub born: u64,
    /// From then on it is too late, if it has said nothing.
    pub answers_until: Timestamp,
}

/// An attempt that rings besides the present one.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub attempt: u8,
    pub sale: Sale,
    pub state: State,
    pub destination: usize,
    pub ring_until: Timestamp,
    pub dial: u32,
    pub connect: u32,
    /// Of the duplicate rules of its profile and buyer.
    pub awaits: Vec<Await>,
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub listing: ListingId,
    pub known_at: Timestamp,
    pub subject: SubjectId,
    pub leg: Leg,
    /// The duplicate rules that wait for what becomes of it.
    pub awaits: Vec<Await>,
    /// Whether there was room to remember a caller, when the moment that counts is over.
    pub had_room: Option<bool>,
    /// What is known; an unknown value is not here.
    pub facts: BTreeMap<AttributeId, Vec<FactValue>>,
    /// The accounts it came through, of those that existed when it became known.
    pub sold_by: Vec<AccountId>,
    /// Whether it came through this exchange, or through somebody twice.
    pub loops: bool,
    pub state: State,
    pub registered: Option<Birth>,
    /// Of a call that was first quoted.
    pub quote: Option<Quote>,
    pub offered: Option<Birth>,
    pub opened: Option<Birth>,
    /// The sequence of the last command or tick that changed the call.
    pub changed: u64,
    /// When something happens by itself, and which setting of a deadline that was.
    pub deadline: (Timestamp, u64),
    pub reserve: Option<Money>,
    /// Some once it had an auction.
    pub closes_at: Option<Timestamp>,
    /// In order.
    pub invited: Vec<Invitation>,
    /// Whether its auction closes early.
    pub early_close: bool,
    pub bids: Vec<Bid>,
    /// Who passed.
    pub passes: BTreeSet<ProfileKey>,
    /// How many bidders the auction closed with.
    pub bids_at_close: Option<u32>,
    /// Profiles it was sold to, by name and by the sequence that created them.
    pub tried: BTreeSet<(ProfileKey, u64)>,
    /// The number of the present attempt, or of the one that failed last.
    pub attempt: u8,
    /// How many there have been.
    pub attempts: u8,
    pub sale: Option<Sale>,
    /// Until when the present attempt rings.
    pub ring_until: Timestamp,
    /// The other attempts that ring, by their numbers.
    pub others: Vec<Attempt>,
    pub promise: Option<Money>,
    /// Whether the payout was posted, in this attempt or an earlier one.
    pub payout_paid: bool,
    /// How often it was recovered.
    pub recoveries: u8,
    /// What it is unsold for, once it fell back.
    pub fell_back: Option<Why>,
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

    /// Whether somebody has the call now: it is being dialled, rings, or is answered.
    pub(crate) fn is_routed(&self) -> bool {
        matches!(self.state, State::Dialed | State::Ringing | State::Answered)
    }

    /// The sale to the profile that has the call now, or has it reserved. The fallback is none.
    pub(crate) fn present_sale(&self) -> Option<Sale> {
        let is_taken = self.is_routed() || self.state == State::Quoted;
        self.sale.filter(|_| is_taken && self.fell_back.is_none())
    }

    /// Whether it ended, or will, without its caller having come.
    pub(crate) fn is_quote(&self) -> bool {
        self.quote.is_some() && self.offered.is_none()
    }
}
