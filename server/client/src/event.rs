//! What happened, as the exchange says it: one list of facts, owned, with typed ids and amounts.

use std::fmt;
use std::sync::Arc;

use dce_protocol::{EventFrame, Fact, PostingKind, QuotaScope, Role, event, name_of};

use crate::callers::CallerScope;
use crate::ids::{AccountId, CalendarId, CallId, GroupId, ListingId, MovementId, ProfileId, Sequence, SubjectId};
use crate::units::{Money, Timestamp};

/// One fact and its place. Of all events a client sees, (`sequence`, `index`) rise strictly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The place in the log of the command, or the tick, it came of.
    pub sequence: Sequence,
    /// Its place among that command's events, those for others counted too.
    pub index: u16,
    /// When, by the log's clock.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// Why a call or a bid came to what it came to: a stable code, with a name and a sentence for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reason(pub u16);

impl Reason {
    /// The name in the documentation; empty when this client is older than the code.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_of(self.0).map_or("", |code| code.name)
    }
}

/// The sentence, or the bare code when this client is older than it.
impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match name_of(self.0) {
            Some(code) => formatter.write_str(code.text),
            None => write!(formatter, "reason {}", self.0),
        }
    }
}

/// The name of a posting: what it is for, once and for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// A field as the wire has it, made into what it is.
trait Wire<T> {
    fn read(self) -> T;
}

macro_rules! read_as {
    ($($wire:ty => $($name:ty = $make:expr),+;)+) => {
        $($(impl Wire<$name> for $wire {
            fn read(self) -> $name {
                $make(self)
            }
        })+)+
    };
}

read_as! {
    u128 => AccountId = AccountId, CalendarId = CalendarId, CallId = CallId, GroupId = GroupId, ListingId = ListingId, MovementId = MovementId, ProfileId = ProfileId, SubjectId = SubjectId;
    u64 => Timestamp = Timestamp::from_micros, u64 = std::convert::identity;
    i64 => Money = Money::from_micros;
    u32 => u32 = std::convert::identity;
    u16 => Reason = Reason, u16 = std::convert::identity;
    u8 => u8 = std::convert::identity;
    bool => bool = std::convert::identity;
    Role => Role = std::convert::identity;
    dce_protocol::CallerScope => CallerScope = CallerScope::from;
    QuotaScope => QuotaScope = std::convert::identity;
    dce_protocol::List<'_, Fact, { dce_protocol::FACTS_MAX }> => Arc<[Fact]> = |facts: Self| facts.as_slice().into();
    dce_protocol::Bytes<'_, { dce_protocol::DESTINATION_BYTES_MAX }> => Box<[u8]> = |bytes: Self| bytes.as_slice().into();
    dce_protocol::Posting => Posting = |posting: Self| Posting {
        seller: AccountId(posting.seller),
        call: CallId(posting.call),
        attempt: posting.attempt,
        kind: posting.kind,
        revision: posting.revision,
    };
}

impl<W: Wire<T>, T> Wire<Option<T>> for Option<W> {
    fn read(self) -> Option<T> {
        self.map(Wire::read)
    }
}

macro_rules! whats {
    ($($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)+ })+) => {
        /// What happened.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        #[expect(missing_docs, reason = "the fields are the ids and amounts their types name; variants are documented")]
        pub enum What {
            $($(#[doc = $doc])* $name { $($(#[doc = $field_doc])* $field: $type,)+ },)+
            /// Something this client is too old to know.
            Unknown,
        }

        impl From<&EventFrame<'_>> for Event {
            fn from(frame: &EventFrame<'_>) -> Self {
                let what = match frame.event {
                    $(dce_protocol::Event::$name(event::$name { $($field,)+ }) => What::$name { $($field: $field.read(),)+ },)+
                    _ => What::Unknown,
                };
                Self {
                    sequence: Sequence(frame.sequence),
                    index: frame.index,
                    at: Timestamp::from_micros(frame.at),
                    what,
                }
            }
        }
    };
}

whats! {
    /// An attribute can be used in facts and targeting.
    AttributeDeclared { attribute: u16, }
    /// A value has a name.
    ValueDefined { attribute: u16, code: u32, }
    /// A chunk of a value set arrived; at `total` the set can be referenced.
    ValueSetLoaded { set: u16, loaded: u32, total: u32, }
    /// The zone's transitions are known.
    ZoneSet { zone: u16, }
    /// The account exists.
    AccountOpened { account: AccountId, role: Role, }
    /// The calendar's hours are these now.
    CalendarSet { account: AccountId, calendar: CalendarId, }
    /// Who counts as having called before is this now.
    DuplicatesSet { account: AccountId, scope: CallerScope, }
    /// How often one caller may call is this now: of one listing, or of all the account's.
    FrequencySet { account: AccountId, listing: Option<ListingId>, }
    /// The account wants no calls from this caller before `until`; without it, ever. A moment that is past lifts it.
    SuppressionSet { account: AccountId, subject: SubjectId, until: Option<Timestamp>, }
    /// Which facts refuse a call is this now: of one listing, or of all the account's.
    ScreenSet { account: AccountId, listing: Option<ListingId>, }
    /// The quota's rules are these now.
    QuotaSet { account: AccountId, scope: QuotaScope, }
    /// The profile is of this group now, or of none.
    GroupSet { buyer: AccountId, profile: ProfileId, group: Option<GroupId>, }
    /// The group's profiles are dialled together from now on, or no longer.
    TogetherSet { buyer: AccountId, group: GroupId, together: bool, }
    /// Money came in from outside.
    MoneyDeposited { account: AccountId, movement: MovementId, amount: Money, }
    /// Money went out.
    MoneyWithdrawn { account: AccountId, movement: MovementId, amount: Money, }
    /// Nothing new begins in the account's name.
    AccountClosed { account: AccountId, }
    /// The account is at home in this zone from now on.
    HomeSet { account: AccountId, zone: u16, }
    /// Stamped requests of this account may follow.
    SessionOpened { account: AccountId, session: u64, }
    /// The session is forgotten.
    SessionClosed { account: AccountId, session: u64, }
    /// The listing can take calls.
    ListingCreated { seller: AccountId, listing: ListingId, }
    /// The listing is off the market for good.
    ListingDelisted { seller: AccountId, listing: ListingId, }
    /// Losers of the listing's calls hear this much.
    DisclosureSet { seller: AccountId, listing: ListingId, price_to_win: bool, }
    /// The listing's auctions end by another rule from now on.
    WindowSet { seller: AccountId, listing: ListingId, }
    /// The buyer has a deal on the listing from now on, or another one, or none.
    DealSet { seller: AccountId, listing: ListingId, buyer: AccountId, }
    /// Only buyers with a deal compete for the listing's calls from now on, or everybody.
    PrivateSet { seller: AccountId, listing: ListingId, private: bool, }
    /// The listing's calls are given out so from now on.
    PolicySet { seller: AccountId, listing: ListingId, }
    /// The profile's weight, quality and prior are these now.
    ProfileRanked { buyer: AccountId, profile: ProfileId, }
    /// The profile's skills are these now.
    SkillsSet { buyer: AccountId, profile: ProfileId, }
    /// The profile competes from now on.
    ProfileCreated { buyer: AccountId, profile: ProfileId, }
    /// The profile takes calls that its `nth` conjunction accepts, too.
    ConjunctionAdded { buyer: AccountId, profile: ProfileId, nth: u8, }
    /// The profile's standing bid changes with the call by other modifiers; it has a new place in time.
    ModifiersSet { buyer: AccountId, profile: ProfileId, }
    /// The profile's standing bid is this; a changed amount has a new place in time.
    BidSet { buyer: AccountId, profile: ProfileId, amount: Option<Money>, }
    /// The profile competes for nothing until resumed.
    ProfilePaused { buyer: AccountId, profile: ProfileId, }
    /// The profile left so many calls in a row unanswered: it competes for nothing until resumed.
    ProfileAutoPaused { buyer: AccountId, profile: ProfileId, unanswered: u8, }
    /// How the profile answers is this now.
    AnsweringSet { buyer: AccountId, profile: ProfileId, }
    /// What the listing does with calls that come back is this now.
    DeliverySet { seller: AccountId, listing: ListingId, }
    /// The profile competes again.
    ProfileResumed { buyer: AccountId, profile: ProfileId, }
    /// The profile is gone.
    ProfileClosed { buyer: AccountId, profile: ProfileId, }
    /// The call is known and may be offered.
    CallRegistered { seller: AccountId, call: CallId, listing: ListingId, }
    /// The call is for sale.
    CallOffered { seller: AccountId, call: CallId, listing: ListingId, }
    /// The seller may have so many firm quotes at a time from now on.
    QuotingSet { seller: AccountId, firm_max: u16, }
    /// An indicative quote: sold now, the call would bring this. The payout is told to the seller, both to an operator.
    CallQuoted {
        seller: AccountId,
        call: CallId,
        listing: ListingId,
        price: Option<Money>,
        payout: Option<Money>,
        expires_at: Timestamp,
    }
    /// A firm quote: the call, if its caller arrives in time, goes to this profile. The price is told to the buyer, the payout
    /// to the seller, both to an operator.
    CallReserved {
        seller: AccountId,
        call: CallId,
        listing: ListingId,
        buyer: AccountId,
        profile: ProfileId,
        attempt: u8,
        price: Option<Money>,
        payout: Option<Money>,
        expires_at: Timestamp,
    }
    /// Nobody would buy the call, or it is not for sale: it is over before its caller came.
    QuoteDeclined { seller: AccountId, call: CallId, listing: ListingId, reason: Reason, }
    /// The quote's life is over and its caller did not come.
    QuoteLapsed { seller: AccountId, call: CallId, }
    /// Live bids are taken until `closes_at`.
    AuctionOpened { seller: AccountId, call: CallId, closes_at: Timestamp, }
    /// To a profile in live mode: bid if you want this call, or pass, before `closes_at`. The facts are the call's if `facts_known`.
    BidderInvited {
        seller: AccountId,
        call: CallId,
        buyer: AccountId,
        profile: ProfileId,
        closes_at: Timestamp,
        listing: Option<ListingId>,
        facts_known: bool,
        facts: Arc<[Fact]>,
    }
    /// A live bid stands. `leading` is told on open listings only.
    BidPlaced {
        seller: AccountId,
        call: CallId,
        buyer: AccountId,
        profile: ProfileId,
        amount: Money,
        expires_at: Timestamp,
        leading: Option<bool>,
    }
    /// A live bid was taken back.
    BidWithdrawn { seller: AccountId, call: CallId, buyer: AccountId, profile: ProfileId, }
    /// The profile passed: it is out of the call's auction.
    BidDeclined { seller: AccountId, call: CallId, buyer: AccountId, profile: ProfileId, }
    /// No more live bids are taken; this many profiles had bid, expired bids included.
    AuctionClosed { seller: AccountId, call: CallId, bids: u32, }
    /// The call goes to this profile. The price is told to the buyer, the payout to the seller, both to an operator.
    CallSold {
        seller: AccountId,
        call: CallId,
        buyer: AccountId,
        profile: ProfileId,
        attempt: u8,
        price: Option<Money>,
        payout: Option<Money>,
    }
    /// To a candidate that is told unasked: you did not win, and why; where the listing tells it, the least amount with
    /// which you would have won.
    BidLost {
        seller: AccountId,
        call: CallId,
        buyer: AccountId,
        profile: ProfileId,
        reason: Reason,
        price_to_win: Option<Money>,
    }
    /// Nobody gets the call.
    CallUnsold { seller: AccountId, call: CallId, reason: Reason, }
    /// Dial this destination of the winner; it has until `ring_until` to answer.
    CallDialed {
        seller: AccountId,
        call: CallId,
        attempt: u8,
        destination_index: u8,
        ring_until: Timestamp,
        destination: Box<[u8]>,
    }
    /// Nobody buys the call, for this reason: dial the listing's own destination; it has until `ring_until` to answer.
    CallFellBack {
        seller: AccountId,
        call: CallId,
        reason: Reason,
        attempt: u8,
        destination_index: u8,
        ring_until: Timestamp,
        destination: Box<[u8]>,
    }
    /// The destination rings.
    CallRinging { seller: AccountId, call: CallId, attempt: u8, destination_index: u8, }
    /// The buyer's side picked up.
    CallAnswered { seller: AccountId, call: CallId, attempt: u8, destination_index: u8, }
    /// This delivery came to nothing; what was held for it is free again.
    AttemptFailed {
        seller: AccountId,
        call: CallId,
        buyer: AccountId,
        profile: ProfileId,
        attempt: u8,
        reason: Reason,
    }
    /// The call is over; caller and buyer talked for `connected` milliseconds. `flagged`: the reporter's clock ran further
    /// than the log's own.
    CallEnded { seller: AccountId, call: CallId, reason: Reason, connected: u32, flagged: bool, }
    /// The seller took the call back before it was answered.
    CallCanceled { seller: AccountId, call: CallId, }
    /// The closed call's record is gone.
    CallSealed { seller: AccountId, call: CallId, }
    /// Money is set aside: it cannot be spent otherwise until it is posted or voided.
    MoneyHeld { posting: Posting, debit: AccountId, credit: AccountId, amount: Money, }
    /// Money moved, out of the hold where there was one.
    MoneyPosted { posting: Posting, debit: AccountId, credit: AccountId, amount: Money, }
    /// The hold is lifted, nothing moved.
    MoneyVoided { posting: Posting, debit: AccountId, credit: AccountId, amount: Money, }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dce_protocol::{FactValue, List};

    #[test]
    fn an_event_is_owned_and_typed() {
        let facts = [Fact::new(3, FactValue::Number(-7))];
        let invited = event::BidderInvited {
            seller: 1,
            call: 2,
            buyer: 3,
            profile: 4,
            closes_at: 5,
            listing: Some(6),
            facts_known: true,
            facts: List::new(&facts).expect("one fact"),
        };
        let frame = EventFrame { sequence: 9, index: 1, at: 8, again: false, event: invited.into() };
        let event = Event::from(&frame);
        assert_eq!((event.sequence, event.index, event.at), (Sequence(9), 1, Timestamp::from_micros(8)));
        let What::BidderInvited { call, listing, facts, .. } = event.what else { panic!("an invitation") };
        assert_eq!((call, listing, facts[0].value()), (CallId(2), Some(ListingId(6)), FactValue::Number(-7)));
        assert!(size_of::<Event>() <= 192);
    }
}
