//! What the twin says happened: the same facts as the engine's events, written down a second time.

use dce_engine::ids::{
    AccountId, AttributeId, CalendarId, CallId, GroupId, ListingId, MovementId, ProfileId, SessionId, SubjectId,
    ValueCode, ValueSetId, ZoneId,
};
use dce_engine::units::{Millis, Money, Timestamp};

use super::action::{QuotaScope, Role, Scope};
use super::codes::Why;

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "facts and fields are documented at the engine's events of the same names")]
pub enum Outcome {
    AttributeDeclared {
        attribute: AttributeId,
    },
    ValueDefined {
        attribute: AttributeId,
        code: ValueCode,
    },
    ValueSetLoaded {
        set: ValueSetId,
        loaded: u32,
        total: u32,
    },
    ZoneSet {
        zone: ZoneId,
    },
    AccountOpened {
        account: AccountId,
        role: Role,
    },
    HomeSet {
        account: AccountId,
        zone: ZoneId,
    },
    AccountClosed {
        account: AccountId,
    },
    MoneyDeposited {
        account: AccountId,
        movement: MovementId,
        amount: Money,
    },
    MoneyWithdrawn {
        account: AccountId,
        movement: MovementId,
        amount: Money,
    },
    SessionOpened {
        account: AccountId,
        session: SessionId,
    },
    SessionClosed {
        account: AccountId,
        session: SessionId,
    },
    CalendarSet {
        account: AccountId,
        calendar: CalendarId,
    },
    DuplicatesSet {
        account: AccountId,
        scope: Scope,
    },
    FrequencySet {
        account: AccountId,
        listing: Option<ListingId>,
    },
    SuppressionSet {
        account: AccountId,
        subject: SubjectId,
        until: Option<Timestamp>,
    },
    ScreenSet {
        account: AccountId,
        listing: Option<ListingId>,
    },
    QuotaSet {
        account: AccountId,
        scope: QuotaScope,
    },
    GroupSet {
        buyer: AccountId,
        profile: ProfileId,
        group: Option<GroupId>,
    },
    TogetherSet {
        buyer: AccountId,
        group: GroupId,
        together: bool,
    },
    ListingCreated {
        seller: AccountId,
        listing: ListingId,
    },
    ListingDelisted {
        seller: AccountId,
        listing: ListingId,
    },
    DisclosureSet {
        seller: AccountId,
        listing: ListingId,
        price_to_win: bool,
    },
    WindowSet {
        seller: AccountId,
        listing: ListingId,
    },
    DealSet {
        seller: AccountId,
        listing: ListingId,
        buyer: AccountId,
    },
    PrivateSet {
        seller: AccountId,
        listing: ListingId,
        private: bool,
    },
    DeliverySet {
        seller: AccountId,
        listing: ListingId,
    },
    AnsweringSet {
        buyer: AccountId,
        profile: ProfileId,
    },
    PolicySet {
        seller: AccountId,
        listing: ListingId,
    },
    ProfileRanked {
        buyer: AccountId,
        profile: ProfileId,
    },
    SkillsSet {
        buyer: AccountId,
        profile: ProfileId,
    },
    ProfileCreated {
        buyer: AccountId,
        profile: ProfileId,
    },
    ConjunctionAdded {
        buyer: AccountId,
        profile: ProfileId,
        nth: u8,
    },
    ModifiersSet {
        buyer: AccountId,
        profile: ProfileId,
    },
    BidSet {
        buyer: AccountId,
        profile: ProfileId,
        amount: Option<Money>,
    },
    ProfilePaused {
        buyer: AccountId,
        profile: ProfileId,
    },
    ProfileAutoPaused {
        buyer: AccountId,
        profile: ProfileId,
        unanswered: u8,
    },
    ProfileResumed {
        buyer: AccountId,
        profile: ProfileId,
    },
    ProfileClosed {
        buyer: AccountId,
        profile: ProfileId,
    },
    QuotingSet {
        seller: AccountId,
        firm_max: u16,
    },
    CallQuoted {
        seller: AccountId,
        call: CallId,
        listing: ListingId,
        price: Money,
        payout: Money,
        expires_at: Timestamp,
    },
    CallReserved {
        seller: AccountId,
        call: CallId,
        listing: ListingId,
        buyer: AccountId,
        profile: ProfileId,
        attempt: u8,
        price: Money,
        payout: Money,
        expires_at: Timestamp,
    },
    QuoteDeclined {
        seller: AccountId,
        call: CallId,
        listing: ListingId,
        reason: Why,
    },
    QuoteLapsed {
        seller: AccountId,
        call: CallId,
    },
    CallRegistered {
        seller: AccountId,
        call: CallId,
        listing: ListingId,
    },
    CallOffered {
        seller: AccountId,
        call: CallId,
        listing: ListingId,
    },
    AuctionOpened {
        seller: AccountId,
        call: CallId,
        closes_at: Timestamp,
    },
    BidderInvited {
        seller: AccountId,
        call: CallId,
        buyer: AccountId,
        profile: ProfileId,
        closes_at: Timestamp,
    },
    BidPlaced {
        seller: AccountId,
        call: CallId,
        buyer: AccountId,
        profile: ProfileId,
        amount: Money,
        expires_at: Timestamp,
        leading: Option<bool>,
    },
    BidWithdrawn {
        seller: AccountId,
        call: CallId,
        buyer: AccountId,
        profile: ProfileId,
    },
    BidDeclined {
        seller: AccountId,
        call: CallId,
        buyer: AccountId,
        profile: ProfileId,
    },
    AuctionClosed {
        seller: AccountId,
        call: CallId,
        bids: u32,
    },
    CallSold {
        seller: AccountId,
        call: CallId,
        buyer: AccountId,
        profile: ProfileId,
        attempt: u8,
        price: Money,
        payout: Money,
    },
    BidLost {
        seller: AccountId,
        call: CallId,
        buyer: AccountId,
        profile: ProfileId,
        reason: Why,
        price_to_win: Option<Money>,
    },
    CallUnsold {
        seller: AccountId,
        call: CallId,
        reason: Why,
    },
    Money {
        step: Step,
        posting: Posting,
        debit: AccountId,
        credit: AccountId,
        amount: Money,
    },
    CallDialed {
        seller: AccountId,
        call: CallId,
        attempt: u8,
        destination_index: u8,
        ring_until: Timestamp,
        destination: Vec<u8>,
    },
    CallFellBack {
        seller: AccountId,
        call: CallId,
        reason: Why,
        attempt: u8,
        destination_index: u8,
        ring_until: Timestamp,
        destination: Vec<u8>,
    },
    CallRinging {
        seller: AccountId,
        call: CallId,
        attempt: u8,
        destination_index: u8,
    },
    CallAnswered {
        seller: AccountId,
        call: CallId,
        attempt: u8,
        destination_index: u8,
    },
    AttemptFailed {
        seller: AccountId,
        call: CallId,
        buyer: AccountId,
        profile: ProfileId,
        attempt: u8,
        reason: Why,
    },
    CallEnded {
        seller: AccountId,
        call: CallId,
        reason: Why,
        connected: Millis,
        flagged: bool,
    },
    CallCanceled {
        seller: AccountId,
        call: CallId,
    },
    CallSealed {
        seller: AccountId,
        call: CallId,
    },
}

/// What became of an amount: `MoneyHeld`, `MoneyPosted`, `MoneyVoided`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they say it themselves")]
pub enum Step {
    Held,
    Posted,
    Voided,
}

/// Which money moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they say it themselves")]
pub enum MoneyKind {
    Revenue,
    Payout,
}

/// The name of a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "documented at the engine's `Posting`")]
pub struct Posting {
    pub seller: AccountId,
    pub call: CallId,
    pub attempt: u8,
    pub kind: MoneyKind,
    pub revision: u8,
}
