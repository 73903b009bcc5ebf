//! A buyer changes its standing bid.

use super::Stamp;
use super::body::Body;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ProfileId};
use crate::reject::Reject;
use crate::units::Money;

/// Sets or takes away a profile's standing bid. The bid's place in time is that of this command, so among equal
/// amounts it comes after those that stood before.
///
/// Setting the amount that stands keeps its place.
///
/// # Refused
///
/// `AmountOutOfRange`, `AccountUnknown`, `SessionUnknown`, `StampReused`, `StampTooOld`, `ProfileUnknown`.
///
/// # Events
///
/// `BidSet`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetBid {
    /// The buyer.
    pub buyer: AccountId,
    /// Its profile.
    pub profile: ProfileId,
    /// The new amount, or none.
    pub amount: Option<Money>,
    /// Of the buyer's session.
    pub stamp: Stamp,
}

impl SetBid {
    /// `profile` of `buyer` bids `amount`.
    #[must_use]
    pub const fn new(buyer: AccountId, profile: ProfileId, amount: Option<Money>, stamp: Stamp) -> Self {
        Self { buyer, profile, amount, stamp }
    }
}

impl Exchange {
    pub(crate) fn set_bid(&mut self, step: Step, command: &SetBid, events: &mut Events) -> Result<Done, Reject> {
        let &SetBid { buyer, profile, amount, stamp } = command;
        if amount.is_some_and(|amount| !amount.is_amount()) {
            return Err(Reject::AmountOutOfRange);
        }
        let buyer_slot = self.accounts.find(buyer)?;
        let fingerprint = Body::new(self.genesis.seed, 6).wide(profile.0).optional_money(amount).finish();
        self.stamped(step, (buyer_slot, stamp), fingerprint, |exchange| {
            let slot = exchange.profiles.find(buyer_slot, profile).ok_or(Reject::ProfileUnknown)?;
            let record = exchange.profiles.get_mut(slot);
            let bid = amount.unwrap_or(Money::ZERO);
            if record.bid != bid {
                (record.bid, record.bid_sequence) = (bid, step.sequence);
                exchange.ledger.bid(buyer_slot, bid);
                exchange.rank_rows(slot);
                exchange.refresh(slot, step.at);
            }
            events.push(Event::BidSet { buyer, profile, amount });
            Ok(())
        })
    }
}
