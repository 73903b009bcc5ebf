//! Facts out: everything an accepted command did, in order, into a sink the caller lends.

use alloc::boxed::Box;
use core::fmt;
use core::ops::Deref;

use crate::ids::{
    AccountId, AttributeId, CalendarId, CallId, GroupId, ListingId, MovementId, ProfileId, SessionId, SubjectId,
    ValueCode, ValueSetId, ZoneId,
};
use crate::limits::{DESTINATION_BYTES_MAX, EVENTS_MAX};
use crate::reason::Reason;
use crate::terms::CallerScope;
use crate::terms::QuotaScope;
use crate::units::{Millis, Money, Timestamp};

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Buys calls: has profiles and pays revenue.
    Buyer,
    /// Sells calls: has listings and is paid payouts.
    Seller,
    /// The exchange itself: [`AccountId::PLATFORM`].
    Platform,
    /// The outside: [`AccountId::WORLD`].
    World,
}

/// Which money moves. With the call, the attempt and a revision it names a posting once and for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PostingKind {
    /// The buyer pays the platform.
    Revenue,
    /// The platform pays the seller.
    Payout,
}

/// The name of a posting: a pure function of what it is for, so a retry or a replay cannot make a second one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Posting {
    /// The seller whose call it is.
    pub seller: AccountId,
    /// The call.
    pub call: CallId,
    /// Which delivery of the call, from 1.
    pub attempt: u8,
    /// Which money.
    pub kind: PostingKind,
    /// 0 for the sale itself; corrections count up.
    pub revision: u8,
}

/// Where a leg is dialled: opaque bytes the buyer chose, a business address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Destination {
    length: u8,
    bytes: [u8; DESTINATION_BYTES_MAX],
}

impl Destination {
    /// From 1 to [`DESTINATION_BYTES_MAX`] bytes; `None` for fewer or more.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() || bytes.len() > DESTINATION_BYTES_MAX {
            return None;
        }
        let mut destination = Self { length: 0, bytes: [0; DESTINATION_BYTES_MAX] };
        destination.length = u8::try_from(bytes.len()).ok()?;
        destination.bytes[..bytes.len()].copy_from_slice(bytes);
        Some(destination)
    }

    /// Of so many bytes, four in a word, the lowest first; zeros behind the last of them.
    #[inline]
    pub(crate) fn from_words(length: u8, words: impl Iterator<Item = u32>) -> Self {
        let mut bytes = [[0; 4]; DESTINATION_BYTES_MAX / 4];
        for (place, word) in bytes[..usize::from(length).div_ceil(4)].iter_mut().zip(words) {
            *place = word.to_le_bytes();
        }
        Self { length, bytes: *bytes.as_flattened().first_chunk().expect("Invariant: four in each") }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

/// Not an address: what fills the unused places of a list.
impl Default for Destination {
    fn default() -> Self {
        Self { length: 0, bytes: [0; DESTINATION_BYTES_MAX] }
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match core::str::from_utf8(self.as_bytes()) {
            Ok(text) => write!(formatter, "{text:?}"),
            Err(_) => write!(formatter, "{:02x?}", self.as_bytes()),
        }
    }
}

/// One fact. At most 128 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are the ids and amounts their types name; variants are documented")]
pub enum Event {
    /// An attribute can be used in facts and targeting.
    AttributeDeclared { attribute: AttributeId },
    /// A value has a name.
    ValueDefined { attribute: AttributeId, code: ValueCode },
    /// A chunk of a value set arrived; at `total` the set can be referenced.
    ValueSetLoaded { set: ValueSetId, loaded: u32, total: u32 },
    /// The zone's transitions are known.
    ZoneSet { zone: ZoneId },
    /// The calendar's hours are these now.
    CalendarSet { account: AccountId, calendar: CalendarId },
    /// The quota's rules are these now.
    QuotaSet { account: AccountId, scope: QuotaScope },
    /// The profile is of this group now, or of none.
    GroupSet { buyer: AccountId, profile: ProfileId, group: Option<GroupId> },
    /// The group's profiles are dialled together from now on, or no longer.
    TogetherSet { buyer: AccountId, group: GroupId, together: bool },
    /// The account exists.
    AccountOpened { account: AccountId, role: Role },
    /// The account is at home in this zone from now on.
    HomeSet { account: AccountId, zone: ZoneId },
    /// Nothing begins in the account's name any more.
    AccountClosed { account: AccountId },
    /// Money came in from outside.
    MoneyDeposited { account: AccountId, movement: MovementId, amount: Money },
    /// Money went out.
    MoneyWithdrawn { account: AccountId, movement: MovementId, amount: Money },
    /// Stamped commands of this account may follow.
    SessionOpened { account: AccountId, session: SessionId },
    /// The session is forgotten.
    SessionClosed { account: AccountId, session: SessionId },
    /// The listing can take calls.
    ListingCreated { seller: AccountId, listing: ListingId },
    /// The listing is off the market for good.
    ListingDelisted { seller: AccountId, listing: ListingId },
    /// Losers of the listing's calls hear this much.
    DisclosureSet { seller: AccountId, listing: ListingId, price_to_win: bool },
    /// The listing's auctions end by this rule from now on.
    WindowSet { seller: AccountId, listing: ListingId },
    /// The buyer has a deal on the listing from now on, or another one, or none.
    DealSet { seller: AccountId, listing: ListingId, buyer: AccountId },
    /// Only buyers with a deal compete for the listing's calls from now on, or everybody.
    PrivateSet { seller: AccountId, listing: ListingId, private: bool },
    /// The listing's calls are given out so from now on.
    PolicySet { seller: AccountId, listing: ListingId },
    /// The profile competes from now on.
    ProfileCreated { buyer: AccountId, profile: ProfileId },
    /// The profile takes calls that its `nth` conjunction accepts, too.
    ConjunctionAdded { buyer: AccountId, profile: ProfileId, nth: u8 },
    /// The profile's standing bid changes with the call by these modifiers; it has a new place in time.
    ModifiersSet { buyer: AccountId, profile: ProfileId },
    /// The profile's weight, quality and prior are these now.
    ProfileRanked { buyer: AccountId, profile: ProfileId },
    /// The profile's skills are these now.
    SkillsSet { buyer: AccountId, profile: ProfileId },
    /// The profile's standing bid is this; a changed amount has a new place in time.
    BidSet { buyer: AccountId, profile: ProfileId, amount: Option<Money> },
    /// What the listing does with calls that come back is this now.
    DeliverySet { seller: AccountId, listing: ListingId },
    /// How the profile answers is this now.
    AnsweringSet { buyer: AccountId, profile: ProfileId },
    /// The profile competes for nothing until resumed.
    ProfilePaused { buyer: AccountId, profile: ProfileId },
    /// The profile did not answer so many calls in a row: it competes for nothing until resumed.
    ProfileAutoPaused { buyer: AccountId, profile: ProfileId, unanswered: u8 },
    /// The profile competes again.
    ProfileResumed { buyer: AccountId, profile: ProfileId },
    /// The profile is gone.
    ProfileClosed { buyer: AccountId, profile: ProfileId },
    /// Who counts as having called before is this now.
    DuplicatesSet { account: AccountId, scope: CallerScope },
    /// How often one caller may call is this now: of one listing, or of all the account's.
    FrequencySet { account: AccountId, listing: Option<ListingId> },
    /// The account wants no calls from this caller before `until`; without it, ever. A moment that is past lifts it.
    SuppressionSet { account: AccountId, subject: SubjectId, until: Option<Timestamp> },
    /// Which facts refuse a call is this now: of one listing, or of all the account's.
    ScreenSet { account: AccountId, listing: Option<ListingId> },
    /// The seller may have so many firm quotes at a time from now on.
    QuotingSet { seller: AccountId, firm_max: u16 },
    /// An indicative quote: sold now, the call would bring this. It binds nobody, and is worth nothing from `expires_at` on.
    CallQuoted {
        seller: AccountId,
        call: CallId,
        listing: ListingId,
        price: Money,
        payout: Money,
        expires_at: Timestamp,
    },
    /// A firm quote: the call, if its caller arrives before `expires_at`, goes to this profile at this price; the seller is
    /// promised this payout.
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
    /// Nobody would buy the call, or it is not for sale: it is over before its caller came.
    QuoteDeclined { seller: AccountId, call: CallId, listing: ListingId, reason: Reason },
    /// The quote's life is over and its caller did not come: the call is over, what was held for it is free again.
    QuoteLapsed { seller: AccountId, call: CallId },
    /// The call is known and may be offered.
    CallRegistered { seller: AccountId, call: CallId, listing: ListingId },
    /// The call is for sale.
    CallOffered { seller: AccountId, call: CallId, listing: ListingId },
    /// Live bids are taken until `closes_at`.
    AuctionOpened { seller: AccountId, call: CallId, closes_at: Timestamp },
    /// To a profile in live mode: bid if you want this call, or pass, before `closes_at`.
    BidderInvited { seller: AccountId, call: CallId, buyer: AccountId, profile: ProfileId, closes_at: Timestamp },
    /// A live bid stands. `leading` is told on open listings only.
    BidPlaced {
        seller: AccountId,
        call: CallId,
        buyer: AccountId,
        profile: ProfileId,
        amount: Money,
        expires_at: Timestamp,
        leading: Option<bool>,
    },
    /// A live bid was taken back.
    BidWithdrawn { seller: AccountId, call: CallId, buyer: AccountId, profile: ProfileId },
    /// The profile passed: it is out of this call's auction.
    BidDeclined { seller: AccountId, call: CallId, buyer: AccountId, profile: ProfileId },
    /// No more live bids are taken; this many profiles had bid, expired bids included.
    AuctionClosed { seller: AccountId, call: CallId, bids: u32 },
    /// The call goes to this profile at this price; the seller is promised this payout.
    CallSold {
        seller: AccountId,
        call: CallId,
        buyer: AccountId,
        profile: ProfileId,
        attempt: u8,
        price: Money,
        payout: Money,
    },
    /// To a candidate that was told unasked: you did not win, and why; where the listing tells it, the least amount with which
    /// it would have won.
    BidLost {
        seller: AccountId,
        call: CallId,
        buyer: AccountId,
        profile: ProfileId,
        reason: Reason,
        price_to_win: Option<Money>,
    },
    /// Nobody gets the call.
    CallUnsold { seller: AccountId, call: CallId, reason: Reason },
    /// Money is set aside: it cannot be spent otherwise until it is posted or voided.
    MoneyHeld { posting: Posting, debit: AccountId, credit: AccountId, amount: Money },
    /// Money moved, out of the hold where there was one.
    MoneyPosted { posting: Posting, debit: AccountId, credit: AccountId, amount: Money },
    /// The hold is lifted, nothing moved.
    MoneyVoided { posting: Posting, debit: AccountId, credit: AccountId, amount: Money },
    /// Dial this destination of the winner; it has until `ring_until` to answer.
    CallDialed {
        seller: AccountId,
        call: CallId,
        attempt: u8,
        destination_index: u8,
        ring_until: Timestamp,
        destination: Destination,
    },
    /// Nobody buys the call, for this reason: dial the listing's own destination; it has until `ring_until` to answer.
    CallFellBack {
        seller: AccountId,
        call: CallId,
        reason: Reason,
        attempt: u8,
        destination_index: u8,
        ring_until: Timestamp,
        destination: Destination,
    },
    /// The destination rings.
    CallRinging { seller: AccountId, call: CallId, attempt: u8, destination_index: u8 },
    /// The buyer's side picked up.
    CallAnswered { seller: AccountId, call: CallId, attempt: u8, destination_index: u8 },
    /// This delivery came to nothing; what was held for it is free again.
    AttemptFailed { seller: AccountId, call: CallId, buyer: AccountId, profile: ProfileId, attempt: u8, reason: Reason },
    /// The call is over. `flagged`: the reporter's clock ran further than the log's own.
    CallEnded { seller: AccountId, call: CallId, reason: Reason, connected: Millis, flagged: bool },
    /// The seller took the call back before it was answered.
    CallCanceled { seller: AccountId, call: CallId },
    /// The closed call's record is gone.
    CallSealed { seller: AccountId, call: CallId },
}

const _: () = assert!(size_of::<Event>() <= 128);

/// A sink for the events of one command, lent to [`Exchange::apply`](crate::Exchange::apply) and reused.
///
/// It claims its memory once. `apply` empties it first; after a refusal it is empty.
#[derive(Clone)]
pub struct Events {
    events: Box<[Event]>,
    length: usize,
}

impl Events {
    /// A sink for any command: [`EVENTS_MAX`] events.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(EVENTS_MAX)
    }

    /// A sink of another size. Below [`EVENTS_MAX`] every command is refused.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        let filler = Event::ZoneSet { zone: ZoneId(0) };
        Self { events: alloc::vec![filler; capacity].into_boxed_slice(), length: 0 }
    }

    /// How many events fit.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.events.len()
    }

    /// The events of the last command, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Event] {
        &self.events[..self.length]
    }

    pub(crate) fn clear(&mut self) {
        self.length = 0;
    }

    /// Always built where it goes: copied from where it was just written piece by piece, it would have to be waited for.
    #[inline(always)]
    pub(crate) fn push(&mut self, event: Event) {
        assert!(self.length < EVENTS_MAX, "Invariant: a command gives at most EVENTS_MAX events");
        self.events[self.length] = event;
        self.length += 1;
    }

    /// Whether the worst case of one more deadline still fits the limit. Judged against `EVENTS_MAX`, not against this
    /// sink's size, so that a larger sink changes nothing.
    pub(crate) fn fits_firing(&self) -> bool {
        self.length + crate::limits::FIRING_EVENTS_MAX <= EVENTS_MAX
    }
}

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for Events {
    type Target = [Event];

    fn deref(&self) -> &[Event] {
        self.as_slice()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.as_slice()).finish()
    }
}
