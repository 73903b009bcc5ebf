//! What one may ask of the twin: the same verbs and fields as the engine's commands, written down a second time with
//! plain vectors and strings.

mod callers;
mod quotas;
mod terms;

use dce_engine::ids::{
    AccountId, AttributeId, CalendarId, CallId, ChainNode, GroupId, ListingId, MovementId, ProfileId, SessionId,
    SubjectId, ValueCode, ValueSetId, ZoneId,
};
use dce_engine::units::{BasisPoints, GeoPoint, Millis, Money, Seconds, Timestamp};

use super::codes::Why;

pub use callers::{Anonymous, DuplicateOn, Scope, ScreenRule};
pub use quotas::{Counts, Pace, Per, QuotaRule, QuotaScope};
pub use terms::{Answering, Caps, Clause, Delivery, ListingTerms, Policy, ProfileTerms, Skill, Test};

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "verbs and fields are documented at the engine's commands of the same names")]
pub enum Action {
    DeclareAttribute {
        attribute: AttributeId,
        kind: Kind,
        name: String,
    },
    DefineValue {
        attribute: AttributeId,
        code: ValueCode,
        name: String,
    },
    LoadValueSet {
        set: ValueSetId,
        attribute: AttributeId,
        total: u32,
        offset: u32,
        values: Vec<ValueCode>,
    },
    SetZone {
        zone: ZoneId,
        transitions: Vec<(Timestamp, i32)>,
    },
    OpenAccount {
        account: AccountId,
        role: Role,
        zone: ZoneId,
        deposit: Money,
    },
    SetHome {
        account: AccountId,
        zone: ZoneId,
    },
    CloseAccount {
        account: AccountId,
    },
    Deposit {
        account: AccountId,
        movement: MovementId,
        amount: Money,
    },
    Withdraw {
        account: AccountId,
        movement: MovementId,
        amount: Money,
    },
    OpenSession {
        account: AccountId,
        session: SessionId,
    },
    CloseSession {
        account: AccountId,
        session: SessionId,
    },
    SetCalendar {
        account: AccountId,
        calendar: CalendarId,
        spans: Vec<(u16, u16)>,
        holidays: Vec<Holiday>,
    },
    SetDuplicates {
        account: AccountId,
        scope: Scope,
        on: DuplicateOn,
        window: Seconds,
        anonymous: Anonymous,
    },
    SetFrequency {
        account: AccountId,
        listing: Option<ListingId>,
        calls_max: u8,
        window: Seconds,
        anonymous: Anonymous,
    },
    SetSuppression {
        account: AccountId,
        subject: SubjectId,
        until: Option<Timestamp>,
    },
    SetScreen {
        account: AccountId,
        listing: Option<ListingId>,
        rules: Vec<ScreenRule>,
        values: Vec<ValueCode>,
    },
    CreateListing {
        seller: AccountId,
        listing: ListingId,
        terms: ListingTerms,
    },
    Delist {
        seller: AccountId,
        listing: ListingId,
    },
    SetDisclosure {
        seller: AccountId,
        listing: ListingId,
        price_to_win: bool,
    },
    SetWindow {
        seller: AccountId,
        listing: ListingId,
        early_close: bool,
        answer_within: Millis,
    },
    SetDeal {
        seller: AccountId,
        listing: ListingId,
        buyer: AccountId,
        price: Option<DealPrice>,
    },
    SetPrivate {
        seller: AccountId,
        listing: ListingId,
        private: bool,
    },
    SetDelivery {
        seller: AccountId,
        listing: ListingId,
        terms: Delivery,
    },
    SetPolicy {
        seller: AccountId,
        listing: ListingId,
        policy: Policy,
        price: Option<Money>,
        requires: Vec<Skill>,
    },
    RankProfile {
        buyer: AccountId,
        profile: ProfileId,
        weight: u16,
        quality: BasisPoints,
        /// Met, of so many.
        prior: (u16, u16),
    },
    SetSkills {
        buyer: AccountId,
        profile: ProfileId,
        skills: Vec<Skill>,
    },
    CreateProfile {
        buyer: AccountId,
        profile: ProfileId,
        terms: ProfileTerms,
    },
    AlsoWants {
        buyer: AccountId,
        profile: ProfileId,
        nth: u8,
        clauses: Vec<Clause>,
        values: Vec<ValueCode>,
    },
    SetModifiers {
        buyer: AccountId,
        profile: ProfileId,
        max: Option<Money>,
        modifiers: Vec<Modifier>,
    },
    SetAnswering {
        buyer: AccountId,
        profile: ProfileId,
        terms: Answering,
    },
    SetBid {
        buyer: AccountId,
        profile: ProfileId,
        amount: Option<Money>,
        stamp: Stamp,
    },
    PauseProfile {
        buyer: AccountId,
        profile: ProfileId,
    },
    ResumeProfile {
        buyer: AccountId,
        profile: ProfileId,
    },
    CloseProfile {
        buyer: AccountId,
        profile: ProfileId,
    },
    SetQuota {
        account: AccountId,
        scope: QuotaScope,
        rules: Vec<QuotaRule>,
        spacing: Option<Millis>,
        hours: Option<CalendarId>,
    },
    SetGroup {
        buyer: AccountId,
        profile: ProfileId,
        group: Option<GroupId>,
    },
    SetQuoting {
        seller: AccountId,
        firm_max: u16,
    },
    QuoteCall {
        seller: AccountId,
        call: CallId,
        listing: ListingId,
        subject: SubjectId,
        leg: Leg,
        reserve: Option<Money>,
        facts: Vec<Fact>,
        chain: Vec<ChainNode>,
        firm: bool,
        life: Millis,
    },
    ConfirmQuote {
        seller: AccountId,
        call: CallId,
    },
    SetTogether {
        buyer: AccountId,
        group: GroupId,
        together: bool,
    },
    RegisterCall {
        seller: AccountId,
        call: CallId,
        listing: ListingId,
        subject: SubjectId,
        leg: Leg,
        facts: Vec<Fact>,
        chain: Vec<ChainNode>,
    },
    OfferCall {
        seller: AccountId,
        call: CallId,
        listing: ListingId,
        subject: SubjectId,
        leg: Leg,
        window: Option<Millis>,
        reserve: Option<Money>,
        facts: Vec<Fact>,
        chain: Vec<ChainNode>,
    },
    CancelCall {
        seller: AccountId,
        call: CallId,
    },
    OpenAuction {
        seller: AccountId,
        call: CallId,
        window: Millis,
        reserve: Option<Money>,
    },
    PlaceBid {
        buyer: AccountId,
        profile: ProfileId,
        seller: AccountId,
        call: CallId,
        amount: Money,
        valid_for: Millis,
        stamp: Stamp,
    },
    WithdrawBid {
        buyer: AccountId,
        profile: ProfileId,
        seller: AccountId,
        call: CallId,
        stamp: Stamp,
    },
    NoBid {
        buyer: AccountId,
        profile: ProfileId,
        seller: AccountId,
        call: CallId,
        stamp: Stamp,
    },
    CloseAuction {
        seller: AccountId,
        call: CallId,
    },
    Report {
        seller: AccountId,
        call: CallId,
        what: Report,
        attempt: u8,
        destination: u8,
        clocks: Clocks,
        stamp: Stamp,
    },
    Tick,
}

/// What a switch reports of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// It rings.
    Ringing,
    /// It was picked up.
    Answered,
    /// It came to nothing, and why.
    Failed(Why),
    /// It is over.
    Ended,
    /// The buyer's side hung up.
    Dropped,
    /// The buyer's agent gave it back.
    Rejected,
}

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they say it themselves")]
pub enum Role {
    Buyer,
    Seller,
    Platform,
    World,
}

/// Days on which the spans of a calendar do not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `Holiday`")]
pub struct Holiday {
    pub first: u32,
    pub last: u32,
    pub from: u16,
    pub to: u16,
}

/// What a deal says of the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `DealPrice`")]
pub enum DealPrice {
    Reserve,
    Floor(Money),
    Fixed(Money),
}

/// A change of a standing bid for calls with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `Modifier`")]
pub struct Modifier {
    pub attribute: AttributeId,
    pub value: ModifierValue,
    pub change: Change,
}

/// Which values a modifier is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `ModifierValue`")]
pub enum ModifierValue {
    Code(ValueCode),
    Flag(bool),
    Range { low: i64, high: i64 },
}

/// What a modifier does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `Change`")]
pub enum Change {
    Multiply(u32),
    Add(Money),
}

/// What values an attribute takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `Kind`")]
pub enum Kind {
    Category { values_max: u32 },
    Set { values_max: u32 },
    Integer { decimals: u8, low: i64, high: i64 },
    Boolean,
    Point,
}

/// A value of one attribute of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `Fact`")]
pub struct Fact {
    pub attribute: AttributeId,
    pub value: FactValue,
}

/// The value of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `FactValue`")]
pub enum FactValue {
    Code(ValueCode),
    Number(i64),
    Flag(bool),
    Place(GeoPoint),
}

/// How the caller came to be on the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `Leg`")]
pub enum Leg {
    #[default]
    ConsumerInbound,
    OutboundTransfer,
    Callback,
}

/// The session and the number of a stamped command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `Stamp`")]
pub struct Stamp {
    pub session: SessionId,
    pub number: u64,
}

/// What a clock of a call counts from, the earliest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they say it themselves")]
pub enum ClockStart {
    Incoming,
    Dial,
    Connect,
}

/// When money is earned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `PayTerm`")]
pub enum Term {
    OnConnect,
    After { seconds: Seconds, from: ClockStart },
}

/// What the reporter's clocks say, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "they say it themselves")]
pub struct Clocks {
    pub incoming: u32,
    pub dial: u32,
    pub connect: u32,
}

/// What the seller gets for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented at the engine's `Payout`")]
pub enum Payout {
    Fixed(Money),
    Share(BasisPoints),
}
