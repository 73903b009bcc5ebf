//! Whom an event concerns.

use crate::codes::PostingKind;
use crate::event::{
    AccountClosed, AccountOpened, AnsweringSet, AttemptFailed, AuctionClosed, AuctionOpened, BidDeclined, BidLost,
    BidPlaced, BidSet, BidWithdrawn, BidderInvited, CalendarSet, CallAnswered, CallCanceled, CallDialed, CallEnded,
    CallFellBack, CallOffered, CallQuoted, CallRegistered, CallReserved, CallRinging, CallSealed, CallSold, CallUnsold,
    ConjunctionAdded, DealSet, DeliverySet, DisclosureSet, DuplicatesSet, Event, FrequencySet, GroupSet, HomeSet,
    ListingCreated, ListingDelisted, ModifiersSet, MoneyDeposited, MoneyHeld, MoneyPosted, MoneyVoided, MoneyWithdrawn,
    PolicySet, PrivateSet, ProfileAutoPaused, ProfileClosed, ProfileCreated, ProfilePaused, ProfileRanked,
    ProfileResumed, QuotaSet, QuoteDeclined, QuoteLapsed, QuotingSet, ScreenSet, SessionClosed, SessionOpened,
    SkillsSet, SuppressionSet, TogetherSet, WindowSet,
};

impl Event<'_> {
    /// The accounts it concerns: who may be told of it, besides whoever asked for it. The platform's and the world's are
    /// among them where money moves.
    #[must_use]
    pub const fn parties(&self) -> [Option<u128>; 2] {
        match *self {
            Self::AttributeDeclared(_) | Self::ValueDefined(_) | Self::ValueSetLoaded(_) | Self::ZoneSet(_) => {
                [None, None]
            }
            Self::CalendarSet(CalendarSet { account, .. })
            | Self::DuplicatesSet(DuplicatesSet { account, .. })
            | Self::FrequencySet(FrequencySet { account, .. })
            | Self::SuppressionSet(SuppressionSet { account, .. })
            | Self::ScreenSet(ScreenSet { account, .. })
            | Self::QuotaSet(QuotaSet { account, .. })
            | Self::AccountOpened(AccountOpened { account, .. })
            | Self::HomeSet(HomeSet { account, .. })
            | Self::AccountClosed(AccountClosed { account, .. })
            | Self::MoneyDeposited(MoneyDeposited { account, .. })
            | Self::MoneyWithdrawn(MoneyWithdrawn { account, .. })
            | Self::SessionOpened(SessionOpened { account, .. })
            | Self::SessionClosed(SessionClosed { account, .. }) => [Some(account), None],
            Self::ListingCreated(ListingCreated { seller, .. })
            | Self::ListingDelisted(ListingDelisted { seller, .. })
            | Self::DisclosureSet(DisclosureSet { seller, .. })
            | Self::PolicySet(PolicySet { seller, .. })
            | Self::CallRegistered(CallRegistered { seller, .. })
            | Self::CallOffered(CallOffered { seller, .. })
            | Self::QuotingSet(QuotingSet { seller, .. })
            | Self::CallQuoted(CallQuoted { seller, .. })
            | Self::QuoteDeclined(QuoteDeclined { seller, .. })
            | Self::QuoteLapsed(QuoteLapsed { seller, .. })
            | Self::AuctionOpened(AuctionOpened { seller, .. })
            | Self::AuctionClosed(AuctionClosed { seller, .. })
            | Self::CallUnsold(CallUnsold { seller, .. })
            | Self::CallDialed(CallDialed { seller, .. })
            | Self::CallRinging(CallRinging { seller, .. })
            | Self::DeliverySet(DeliverySet { seller, .. })
            | Self::CallFellBack(CallFellBack { seller, .. })
            | Self::CallAnswered(CallAnswered { seller, .. })
            | Self::CallEnded(CallEnded { seller, .. })
            | Self::CallCanceled(CallCanceled { seller, .. })
            | Self::CallSealed(CallSealed { seller, .. })
            | Self::WindowSet(WindowSet { seller, .. })
            | Self::PrivateSet(PrivateSet { seller, .. }) => [Some(seller), None],
            Self::ProfileCreated(ProfileCreated { buyer, .. })
            | Self::ProfileRanked(ProfileRanked { buyer, .. })
            | Self::SkillsSet(SkillsSet { buyer, .. })
            | Self::GroupSet(GroupSet { buyer, .. })
            | Self::TogetherSet(TogetherSet { buyer, .. })
            | Self::BidSet(BidSet { buyer, .. })
            | Self::ProfilePaused(ProfilePaused { buyer, .. })
            | Self::AnsweringSet(AnsweringSet { buyer, .. })
            | Self::ProfileAutoPaused(ProfileAutoPaused { buyer, .. })
            | Self::ProfileResumed(ProfileResumed { buyer, .. })
            | Self::ProfileClosed(ProfileClosed { buyer, .. })
            | Self::BidderInvited(BidderInvited { buyer, .. })
            | Self::BidPlaced(BidPlaced { buyer, .. })
            | Self::BidWithdrawn(BidWithdrawn { buyer, .. })
            | Self::BidDeclined(BidDeclined { buyer, .. })
            | Self::BidLost(BidLost { buyer, .. })
            | Self::ConjunctionAdded(ConjunctionAdded { buyer, .. })
            | Self::ModifiersSet(ModifiersSet { buyer, .. }) => [Some(buyer), None],
            Self::CallSold(CallSold { seller, buyer, .. })
            | Self::CallReserved(CallReserved { seller, buyer, .. })
            | Self::DealSet(DealSet { seller, buyer, .. })
            | Self::AttemptFailed(AttemptFailed { seller, buyer, .. }) => [Some(buyer), Some(seller)],
            Self::MoneyHeld(MoneyHeld { debit, credit, .. })
            | Self::MoneyPosted(MoneyPosted { debit, credit, .. })
            | Self::MoneyVoided(MoneyVoided { debit, credit, .. }) => [Some(debit), Some(credit)],
        }
    }
}

/// Postings of revenue are the buyer's and the platform's business, postings of payout the platform's and the seller's.
const _: () = assert!(matches!(PostingKind::ALL, [PostingKind::Revenue, PostingKind::Payout]));
