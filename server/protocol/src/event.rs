//! Events, from the server to a client: what happened, as the engine says it.

use crate::codes::Role;
use crate::element::Fact;
use crate::fault::Fault;
use crate::frames::{Frame, frames};
use crate::list::{Bytes, List};
use crate::sink::Sink;
use crate::values::{CallerScope, EventHead, Posting, QuotaScope};
use crate::{DESTINATION_BYTES_MAX, FACTS_MAX};

/// The type byte of the first event; all from here on are events.
pub(crate) const FIRST_TYPE: u8 = 0xa0;

/// An event and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventFrame<'a> {
    /// The place in the log of the command or the tick it came of: the number of the frame's header.
    pub sequence: u64,
    /// Its place among the events of that sequence, from 0, those for others counted too.
    pub index: u16,
    /// When that was applied, in microseconds since 1970.
    pub at: u64,
    /// Said again, in the answer to a repeated request: not a new position of the event stream.
    pub again: bool,
    /// What happened.
    pub event: Event<'a>,
}

frames! {
    /// What happened.
    enum Event<'a>, prefix EventHead;
    /// An attribute can be used in facts and targeting.
    AttributeDeclared = 0xa0 true {
        /// The attribute.
        attribute: u16,
    }
    /// A value has a name.
    ValueDefined = 0xa1 true {
        /// The attribute.
        attribute: u16,
        /// The value's code.
        code: u32,
    }
    /// A chunk of a value set arrived; at `total` the set can be referenced.
    ValueSetLoaded = 0xa2 true {
        /// The set.
        set: u16,
        /// Values loaded so far.
        loaded: u32,
        /// Values of the complete set.
        total: u32,
    }
    /// The zone's transitions are known.
    ZoneSet = 0xa3 true {
        /// The zone.
        zone: u16,
    }
    /// The account exists.
    AccountOpened = 0xa8 true {
        /// The account.
        account: u128,
        /// What it is for.
        role: Role,
    }
    /// Money came in from outside.
    MoneyDeposited = 0xa9 true {
        /// The account.
        account: u128,
        /// The movement.
        movement: u128,
        /// How much.
        amount: i64 ["micro-units"],
    }
    /// Money went out.
    MoneyWithdrawn = 0xaa true {
        /// The account.
        account: u128,
        /// The movement.
        movement: u128,
        /// How much.
        amount: i64 ["micro-units"],
    }
    /// Stamped commands of this account may follow.
    SessionOpened = 0xab true {
        /// The account.
        account: u128,
        /// The session.
        session: u64,
    }
    /// The session is forgotten.
    SessionClosed = 0xac true {
        /// The account.
        account: u128,
        /// The session.
        session: u64,
    }
    /// The calendar's hours are these now.
    CalendarSet = 0xad true {
        /// The account.
        account: u128,
        /// The calendar.
        calendar: u128,
    }
    /// Nothing new begins in the account's name.
    AccountClosed = 0xae true {
        /// The account.
        account: u128,
    }
    /// The account is at home in this zone from now on.
    HomeSet = 0xaf true {
        /// The account.
        account: u128,
        /// The zone.
        zone: u16,
    }
    /// The listing can take calls.
    ListingCreated = 0xb0 true {
        /// The seller.
        seller: u128,
        /// The listing.
        listing: u128,
    }
    /// The listing is off the market for good.
    ListingDelisted = 0xb1 true {
        /// The seller.
        seller: u128,
        /// The listing.
        listing: u128,
    }
    /// The profile competes from now on.
    ProfileCreated = 0xb4 true {
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
    }
    /// The profile's standing bid is this; a changed amount has a new place in time.
    BidSet = 0xb5 true {
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
        /// The amount; absent: none any more.
        amount: Option<i64> ["micro-units"],
    }
    /// The profile competes for nothing until resumed.
    ProfilePaused = 0xb6 true {
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
    }
    /// The profile competes again.
    ProfileResumed = 0xb7 true {
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
    }
    /// The profile is gone.
    ProfileClosed = 0xb8 true {
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
    }
    /// The call is known and may be offered.
    CallRegistered = 0xc0 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// The listing it is sold under.
        listing: u128,
    }
    /// The call is for sale.
    CallOffered = 0xc1 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// The listing it is sold under.
        listing: u128,
    }
    /// Live bids are taken until `closes_at`.
    AuctionOpened = 0xc2 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// When it closes, in microseconds since 1970.
        closes_at: u64,
    }
    /// To a profile in live mode: bid if you want this call, or pass, before `closes_at`.
    BidderInvited<'a> = 0xc3 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
        /// From when on its first answer is too late, in microseconds since 1970: when the auction closes, or before.
        closes_at: u64,
        /// The listing it is sold under, where the server still knows the offer.
        listing: Option<u128>,
        /// Whether `facts` are the call's; not, where the server no longer knows them.
        facts_known: bool,
        ;
        /// What is known of the call.
        facts: List[Fact, FACTS_MAX],
    }
    /// A live bid stands.
    BidPlaced = 0xc4 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
        /// How much.
        amount: i64 ["micro-units"],
        /// When it expires, in microseconds since 1970.
        expires_at: u64,
        /// Whether it leads; told on open listings only.
        leading: Option<bool>,
    }
    /// A live bid was taken back.
    BidWithdrawn = 0xc5 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
    }
    /// The profile passed: it is out of the call's auction.
    BidDeclined = 0xc6 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
    }
    /// No more live bids are taken.
    AuctionClosed = 0xc7 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// How many profiles had bid, expired bids included.
        bids: u32,
    }
    /// The call goes to this profile.
    CallSold = 0xc8 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
        /// Which delivery of the call this begins, from 1.
        attempt: u8,
        /// What the buyer owes once its term is met; told to the buyer and to operators.
        price: Option<i64> ["micro-units"],
        /// What the seller is promised; told to the seller and to operators.
        payout: Option<i64> ["micro-units"],
    }
    /// To a candidate that is told unasked: you did not win, and why.
    BidLost = 0xc9 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
        /// The reason's code.
        reason: u16,
        /// The least amount with which the profile would have won, where the listing tells it.
        price_to_win: Option<i64> ["micro-units"],
    }
    /// Nobody gets the call.
    CallUnsold = 0xca true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// The reason's code.
        reason: u16,
    }
    /// Dial this destination of the winner; it has until `ring_until` to answer.
    CallDialed<'a> = 0xcc true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// Which delivery of the call.
        attempt: u8,
        /// Which destination of the profile, from 0.
        destination_index: u8,
        /// Until when it may ring, in microseconds since 1970.
        ring_until: u64,
        ;
        /// The destination, a business number or address, as the buyer gave it.
        destination: Bytes[DESTINATION_BYTES_MAX],
    }
    /// The destination rings.
    CallRinging = 0xcd true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// Which delivery of the call.
        attempt: u8,
        /// Which destination of the profile, from 0; 255: the listing's fallback.
        destination_index: u8,
    }
    /// The buyer's side picked up.
    CallAnswered = 0xce true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// Which delivery of the call.
        attempt: u8,
        /// Which destination of the profile, from 0; 255: the listing's fallback.
        destination_index: u8,
    }
    /// This delivery came to nothing; what was held for it is free again.
    AttemptFailed = 0xcf true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
        /// Which delivery of the call.
        attempt: u8,
        /// The reason's code.
        reason: u16,
    }
    /// The call is over.
    CallEnded = 0xd0 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// The reason's code.
        reason: u16,
        /// How long caller and buyer talked.
        connected: u32 ["milliseconds"],
        /// The reporter's clock ran further than the log's own.
        flagged: bool,
    }
    /// The seller took the call back before it was answered.
    CallCanceled = 0xd1 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
    }
    /// The closed call's record is gone.
    CallSealed = 0xd2 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
    }
    /// An indicative quote: sold now, the call would bring this. It binds nobody.
    CallQuoted = 0xd3 true {
        /// The seller.
        seller: u128,
        /// The call that was quoted: for the same caller and facts, one that was asked about before.
        call: u128,
        /// Its listing.
        listing: u128,
        /// What the buyer would owe; told to operators.
        price: Option<i64> ["micro-units"],
        /// What the seller would be promised; told to the seller and to operators.
        payout: Option<i64> ["micro-units"],
        /// From then on the quote is worth nothing.
        expires_at: u64 ["microseconds since 1970"],
    }
    /// A firm quote: the call, if its caller arrives in time, goes to this profile.
    CallReserved = 0xd4 true {
        /// The seller.
        seller: u128,
        /// The call that was quoted: for the same caller and facts, one that was asked about before.
        call: u128,
        /// Its listing.
        listing: u128,
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
        /// Which delivery of the call this will begin: 1.
        attempt: u8,
        /// What the buyer owes once its term is met; told to the buyer and to operators.
        price: Option<i64> ["micro-units"],
        /// What the seller is promised; told to the seller and to operators.
        payout: Option<i64> ["micro-units"],
        /// From then on the quote is worth nothing.
        expires_at: u64 ["microseconds since 1970"],
    }
    /// Nobody would buy the call, or it is not for sale: it is over before its caller came.
    QuoteDeclined = 0xd5 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// Its listing.
        listing: u128,
        /// The reason's code.
        reason: u16,
    }
    /// The quote's life is over and its caller did not come.
    QuoteLapsed = 0xd6 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
    }
    /// The seller may have so many firm quotes at a time from now on.
    QuotingSet = 0xd7 true {
        /// The seller.
        seller: u128,
        /// So many; 0 is none.
        firm_max: u16,
    }
    /// Money is set aside: it cannot be spent otherwise until it is posted or voided.
    MoneyHeld = 0xd8 true {
        /// What it is for.
        posting: Posting,
        /// Whose money.
        debit: u128,
        /// Whose it is to be.
        credit: u128,
        /// How much.
        amount: i64 ["micro-units"],
    }
    /// Money moved, out of the hold where there was one.
    MoneyPosted = 0xd9 true {
        /// What it is for.
        posting: Posting,
        /// Whose money it was.
        debit: u128,
        /// Whose it is.
        credit: u128,
        /// How much.
        amount: i64 ["micro-units"],
    }
    /// The hold is lifted, nothing moved.
    MoneyVoided = 0xda true {
        /// What it was for.
        posting: Posting,
        /// Whose money.
        debit: u128,
        /// Whose it was to be.
        credit: u128,
        /// How much.
        amount: i64 ["micro-units"],
    }
    /// The quota's rules are these now.
    QuotaSet = 0xdb true {
        /// The account.
        account: u128,
        /// What of it is bound.
        scope: QuotaScope,
    }
    /// The profile is of this group now.
    GroupSet = 0xdc true {
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
        /// The group; absent: none.
        group: Option<u128>,
    }
    /// The listing's calls are given out so from now on.
    PolicySet = 0xdf true {
        /// The seller.
        seller: u128,
        /// The listing.
        listing: u128,
    }
    /// The profile's weight, quality and prior are these now.
    ProfileRanked = 0xe0 true {
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
    }
    /// The profile's skills are these now.
    SkillsSet = 0xe1 true {
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
    }
    /// The group's profiles are dialled together from now on, or no longer.
    TogetherSet = 0xe2 true {
        /// The buyer.
        buyer: u128,
        /// The group.
        group: u128,
        /// Whether they are dialled together.
        together: bool,
    }
    /// What the listing does with calls that come back is this now.
    DeliverySet = 0xe3 true {
        /// The seller.
        seller: u128,
        /// The listing.
        listing: u128,
    }
    /// How the profile answers is this now.
    AnsweringSet = 0xe4 true {
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
    }
    /// Nobody buys the call, for this reason: dial the listing's own destination; it has until `ring_until` to answer.
    CallFellBack<'a> = 0xe5 true {
        /// The seller.
        seller: u128,
        /// The call.
        call: u128,
        /// The reason's code.
        reason: u16,
        /// The last delivery of the call, 0 without one: reports of this leg name it.
        attempt: u8,
        /// 255: reports of this leg name it.
        destination_index: u8,
        /// Until when it may ring, in microseconds since 1970.
        ring_until: u64,
        ;
        /// The destination, a business number or address, as the seller gave it.
        destination: Bytes[DESTINATION_BYTES_MAX],
    }
    /// The profile left so many calls in a row unanswered: it competes for nothing until resumed.
    ProfileAutoPaused = 0xe6 true {
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
        /// How many.
        unanswered: u8,
    }
    /// Who counts as having called before is this now.
    DuplicatesSet = 0xe9 true {
        /// The account.
        account: u128,
        /// Whose callers.
        scope: CallerScope,
    }
    /// How often one caller may call is this now.
    FrequencySet = 0xea true {
        /// The account; 0 is the platform.
        account: u128,
        /// One of its listings; absent: all its calls.
        listing: Option<u128>,
    }
    /// The account wants no calls from this caller.
    SuppressionSet = 0xeb true {
        /// The account; 0 is the platform.
        account: u128,
        /// The caller.
        subject: u128,
        /// Until when, in microseconds since 1970; absent: for good. A moment that is past lifts it.
        until: Option<u64> ["microseconds since 1970"],
    }
    /// Which facts keep a call from being sold is this now.
    ScreenSet = 0xec true {
        /// The account; 0 is the platform.
        account: u128,
        /// One of its listings; absent: all its calls.
        listing: Option<u128>,
    }
    /// Losers of the listing's calls hear this much.
    DisclosureSet = 0xee true {
        /// The seller.
        seller: u128,
        /// The listing.
        listing: u128,
        /// Whether they hear with which amount they would have won.
        price_to_win: bool,
    }
    /// The listing's auctions end by another rule from now on.
    WindowSet = 0xf3 true {
        /// The seller.
        seller: u128,
        /// The listing.
        listing: u128,
    }
    /// The buyer has a deal on the listing from now on, or another one, or none.
    DealSet = 0xf4 true {
        /// The seller.
        seller: u128,
        /// The listing.
        listing: u128,
        /// The buyer.
        buyer: u128,
    }
    /// Only buyers with a deal compete for the listing's calls from now on, or everybody.
    PrivateSet = 0xf5 true {
        /// The seller.
        seller: u128,
        /// The listing.
        listing: u128,
        /// Whether a deal is needed.
        private: bool,
    }
    /// The profile takes calls that this conjunction accepts, too.
    ConjunctionAdded = 0xf6 true {
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
        /// Which of the profile's it is, from 2.
        nth: u8,
    }
    /// The profile's standing bid changes with the call by other modifiers from now on; it has a new place in time.
    ModifiersSet = 0xf7 true {
        /// The buyer.
        buyer: u128,
        /// The profile.
        profile: u128,
    }
}

impl EventFrame<'_> {
    /// Writes it into `sink`, and says how many bytes it took.
    #[inline]
    pub fn encode(&self, sink: &mut impl Sink) -> usize {
        let head = EventHead { again: self.again, at: self.at, index: self.index };
        self.event.write(self.sequence, head, sink)
    }
}

impl<'a> Frame<'a, ()> for EventFrame<'a> {
    #[inline]
    fn write(&self, _: u64, (): (), sink: &mut impl Sink) -> usize {
        self.encode(sink)
    }

    #[inline]
    fn read(frame: &'a [u8], (): &mut ()) -> Result<(u64, Self), Fault> {
        let mut head = EventHead::default();
        let (sequence, event) = Event::read(frame, &mut head)?;
        Ok((sequence, Self { sequence, index: head.index, at: head.at, again: head.again, event }))
    }
}
