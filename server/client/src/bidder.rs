//! A buyer's side: offers come in, bids go out, results come back.

use std::fmt;
use std::sync::Arc;

use dce_protocol::{BIDS_MAX, Bid, Fact, FactValue, List, PostingKind, Up, up};

use crate::answer::{Accepted, Pending, Reply};
use crate::callers::Duplicates;
use crate::client::Client;
use crate::comeback::Answering;
use crate::error::Error;
use crate::event::{Event, Reason, What};
use crate::ids::{AccountId, CallId, GroupId, ListingId, ProfileId, SubjectId};
use crate::order::{Hours, NewProfile};
use crate::quota::Quota;
use crate::rules::{Conjunction, Modifiers};
use crate::stream::{FromEvent, Stream};
use crate::units::{Money, Timestamp};

/// How long a live bid stands when nothing else is said: a minute.
const VALID_FOR_MS: u32 = 60_000;

/// Bids for one account. Made by [`Client::bidder`] or, with an operator's key, [`Client::bidder_for`].
#[derive(Clone, Debug)]
pub struct Bidder {
    pub(crate) client: Client,
    pub(crate) buyer: AccountId,
}

/// A call that one of the account's profiles is invited to bid on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its seller.
    pub seller: AccountId,
    /// The call.
    pub call: CallId,
    /// The account invited.
    pub buyer: AccountId,
    /// The profile invited.
    pub profile: ProfileId,
    /// When the auction closes.
    pub closes_at: Timestamp,
    /// What it is sold under, where the server still knows.
    pub listing: Option<ListingId>,
    /// What is known of the call; `None` where the server no longer knows.
    pub facts: Option<Arc<[Fact]>>,
}

/// What became of a bid, and of the call it won.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are the ids and amounts their types name; variants are documented")]
pub enum BidResult {
    /// The call is this profile's, at this price, which is held.
    Won { call: CallId, seller: AccountId, profile: ProfileId, attempt: u8, price: Money },
    /// A firm quote keeps this profile's place and this price, which is held, for a call that may come until then: `Won` when it
    /// does, `Freed` when it does not.
    Reserved { call: CallId, seller: AccountId, profile: ProfileId, price: Money, expires_at: Timestamp },
    /// The call is not this profile's.
    Lost { call: CallId, seller: AccountId, profile: ProfileId, reason: Reason, price_to_win: Option<Money> },
    /// The call was this profile's, but its destinations did not answer: the price is free again.
    Failed { call: CallId, seller: AccountId, profile: ProfileId, attempt: u8, reason: Reason },
    /// The price was paid.
    Paid { call: CallId, seller: AccountId, attempt: u8, amount: Money },
    /// The price will not be paid: the call came to nothing, or ended before its term.
    Freed { call: CallId, seller: AccountId, attempt: u8, amount: Money },
}

/// What a bid is on: a call, for one of the bidder's profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lot {
    /// The profile that bids.
    pub profile: ProfileId,
    /// The seller of the call.
    pub seller: AccountId,
    /// The call.
    pub call: CallId,
}

impl Bidder {
    /// The account that bids.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.buyer
    }

    /// Invitations to bid, from now on.
    #[must_use]
    pub fn offers(&self) -> Stream<Offer> {
        self.client.stream()
    }

    /// What becomes of bids, standing and live, from now on.
    #[must_use]
    pub fn results(&self) -> Stream<BidResult> {
        self.client.stream()
    }

    /// Bids on a call, for a minute at most. A higher bid on the same call takes this one's place.
    pub fn bid(&self, lot: impl Into<Lot>, amount: Money) -> Pending {
        self.bid_for(lot, amount, VALID_FOR_MS)
    }

    /// As [`bid`](Self::bid), standing for so many milliseconds.
    pub fn bid_for(&self, lot: impl Into<Lot>, amount: Money, valid_for_ms: u32) -> Pending {
        let Lot { profile, seller, call } = lot.into();
        self.client.command(up::PlaceBid {
            buyer: self.buyer.0,
            profile: profile.0,
            seller: seller.0,
            call: call.0,
            amount: amount.micros(),
            valid_for: valid_for_ms,
        })
    }

    /// Does not want this call: the profile's standing bid does not count for it either.
    pub fn no_bid(&self, lot: impl Into<Lot>) -> Pending {
        let Lot { profile, seller, call } = lot.into();
        let buyer = self.buyer.0;
        self.client.command(up::NoBid { buyer, profile: profile.0, seller: seller.0, call: call.0 })
    }

    /// Takes a live bid back, where the listing allows it.
    pub fn withdraw_bid(&self, lot: impl Into<Lot>) -> Pending {
        let Lot { profile, seller, call } = lot.into();
        let buyer = self.buyer.0;
        self.client.command(up::WithdrawBid { buyer, profile: profile.0, seller: seller.0, call: call.0 })
    }

    /// Changes a profile's standing bid; `None` takes it away.
    pub fn set_bid(&self, profile: ProfileId, amount: Option<Money>) -> Pending {
        let amount = amount.map(Money::micros);
        self.client.command(up::SetBid { buyer: self.buyer.0, profile: profile.0, amount })
    }

    /// Changes many standing bids, in frames of 64: one answer for each, in the same order.
    #[must_use = "await the answers, or drop them to say that nobody wants to know"]
    pub fn set_bids(&self, bids: &[(ProfileId, Option<Money>)]) -> Vec<Pending> {
        let mut answers = Vec::with_capacity(bids.len());
        for chunk in bids.chunks(BIDS_MAX) {
            let chunk: Vec<Bid> =
                chunk.iter().map(|(profile, amount)| Bid::new(profile.0, amount.map(Money::micros))).collect();
            if let Ok(bids) = List::new(&chunk) {
                let batch = Up::from(up::SetBids { buyer: self.buyer.0, bids });
                answers.extend(self.client.shared().ask_batch(&batch, chunk.len(), Reply::accepted));
            }
        }
        answers
    }

    /// Makes a profile.
    pub fn create_profile(&self, profile: &NewProfile) -> Pending {
        match profile.of(self.buyer) {
            Ok(frame) => self.client.command(frame),
            Err(too_long) => Pending::failed(Error::TooLarge { reason: too_long.to_string() }),
        }
    }

    /// Says when profiles that name this calendar are open.
    pub fn set_calendar(&self, hours: &Hours) -> Pending {
        match hours.of(self.buyer) {
            Ok(frame) => self.client.command(frame),
            Err(too_long) => Pending::failed(Error::TooLarge { reason: too_long.to_string() }),
        }
    }

    /// Lets a profile take calls of one more kind.
    pub fn also_wants(&self, conjunction: &Conjunction) -> Pending {
        match conjunction.of(self.buyer) {
            Ok(frame) => self.client.command(frame),
            Err(too_long) => Pending::failed(Error::TooLarge { reason: too_long.to_string() }),
        }
    }

    /// Bids more for some calls and less for others; what was set before no longer holds.
    pub fn set_modifiers(&self, modifiers: &Modifiers) -> Pending {
        match modifiers.of(self.buyer) {
            Ok(frame) => self.client.command(frame),
            Err(too_long) => Pending::failed(Error::TooLarge { reason: too_long.to_string() }),
        }
    }

    /// Says who counts as having called before: this buyer, or one of its profiles, takes no calls from them.
    pub fn set_duplicates(&self, duplicates: &Duplicates) -> Pending {
        self.client.command(duplicates.of(self.buyer))
    }

    /// Wants no calls from a caller, before `until` or ever; a moment that is past lifts it.
    pub fn suppress(&self, caller: SubjectId, until: Option<Timestamp>) -> Pending {
        let until = until.map(Timestamp::micros);
        self.client.command(up::SetSuppression { account: self.buyer.0, subject: caller.0, until })
    }

    /// Says how a profile answers.
    pub fn set_answering(&self, answering: &Answering) -> Pending {
        self.client.command(answering.of(self.buyer))
    }

    /// Says how many calls and how much money this buyer, a profile or a group of profiles takes.
    pub fn set_quota(&self, quota: &Quota) -> Pending {
        match quota.of(self.buyer) {
            Ok(frame) => self.client.command(frame),
            Err(too_long) => Pending::failed(Error::TooLarge { reason: too_long.to_string() }),
        }
    }

    /// Puts a profile into a group, or with `None` takes it out of the one it is in.
    pub fn set_group(&self, profile: ProfileId, group: Option<GroupId>) -> Pending {
        let group = group.map(|group| group.0);
        self.client.command(up::SetGroup { buyer: self.buyer.0, profile: profile.0, group })
    }

    /// Says whether the profiles of a group are dialled together: others ring along with the one that wins, and the first
    /// that answers has the call.
    pub fn set_together(&self, group: GroupId, together: bool) -> Pending {
        self.client.command(up::SetTogether { buyer: self.buyer.0, group: group.0, together })
    }

    /// Stops a profile.
    pub fn pause_profile(&self, profile: ProfileId) -> Pending {
        self.client.command(up::PauseProfile { buyer: self.buyer.0, profile: profile.0 })
    }

    /// Lets a profile go on.
    pub fn resume_profile(&self, profile: ProfileId) -> Pending {
        self.client.command(up::ResumeProfile { buyer: self.buyer.0, profile: profile.0 })
    }

    /// Takes a profile away.
    pub fn close_profile(&self, profile: ProfileId) -> Pending<Accepted> {
        self.client.command(up::CloseProfile { buyer: self.buyer.0, profile: profile.0 })
    }
}

impl Offer {
    /// The value of a fact.
    #[must_use]
    pub fn fact(&self, attribute: u16) -> Option<FactValue> {
        self.facts.as_ref()?.iter().find(|fact| fact.attribute() == attribute).map(Fact::value)
    }

    /// A category's value.
    #[must_use]
    pub fn code(&self, attribute: u16) -> Option<u32> {
        match self.fact(attribute)? {
            FactValue::Code(code) => Some(code),
            FactValue::Number(_) | FactValue::Flag(_) | FactValue::Place { .. } => None,
        }
    }

    /// A number, its implied decimals included.
    #[must_use]
    pub fn number(&self, attribute: u16) -> Option<i64> {
        match self.fact(attribute)? {
            FactValue::Number(number) => Some(number),
            FactValue::Code(_) | FactValue::Flag(_) | FactValue::Place { .. } => None,
        }
    }
}

impl FromEvent for Offer {
    fn from_event(event: &Event) -> Option<Self> {
        let What::BidderInvited { seller, call, buyer, profile, closes_at, listing, facts_known, facts } = &event.what
        else {
            return None;
        };
        let facts = facts_known.then(|| Arc::clone(facts));
        let (seller, call, buyer, profile) = (*seller, *call, *buyer, *profile);
        Some(Self { seller, call, buyer, profile, closes_at: *closes_at, listing: *listing, facts })
    }
}

impl FromEvent for BidResult {
    fn from_event(event: &Event) -> Option<Self> {
        Some(match event.what {
            What::CallSold { seller, call, profile, attempt, price: Some(price), .. } => {
                Self::Won { call, seller, profile, attempt, price }
            }
            What::CallReserved { seller, call, profile, price: Some(price), expires_at, .. } => {
                Self::Reserved { call, seller, profile, price, expires_at }
            }
            What::BidLost { seller, call, profile, reason, price_to_win, .. } => {
                Self::Lost { call, seller, profile, reason, price_to_win }
            }
            What::AttemptFailed { seller, call, profile, attempt, reason, .. } => {
                Self::Failed { call, seller, profile, attempt, reason }
            }
            What::MoneyPosted { posting, amount, .. } if posting.kind == PostingKind::Revenue => {
                Self::Paid { call: posting.call, seller: posting.seller, attempt: posting.attempt, amount }
            }
            What::MoneyVoided { posting, amount, .. } if posting.kind == PostingKind::Revenue => {
                Self::Freed { call: posting.call, seller: posting.seller, attempt: posting.attempt, amount }
            }
            _ => return None,
        })
    }
}

/// One line for people.
impl fmt::Display for BidResult {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Won { call, price, .. } => write!(formatter, "won call {call} for {price}"),
            Self::Reserved { call, price, .. } => write!(formatter, "reserved call {call} for {price}"),
            Self::Lost { call, reason, price_to_win: Some(price), .. } => {
                write!(formatter, "lost call {call}: {reason}; {price} would have won it")
            }
            Self::Lost { call, reason, .. } => write!(formatter, "lost call {call}: {reason}"),
            Self::Failed { call, reason, .. } => write!(formatter, "call {call} was not delivered: {reason}"),
            Self::Paid { call, amount, .. } => write!(formatter, "paid {amount} for call {call}"),
            Self::Freed { call, amount, .. } => write!(formatter, "{amount} held for call {call} is free again"),
        }
    }
}

impl From<&Offer> for Lot {
    fn from(offer: &Offer) -> Self {
        Self { profile: offer.profile, seller: offer.seller, call: offer.call }
    }
}
