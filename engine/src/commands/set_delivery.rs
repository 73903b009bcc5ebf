//! A seller says what becomes of a call that comes back.

use super::create_listing::DAY;
use super::create_profile::RING_MAX;
use crate::delivery::ListingDelivery;
use crate::event::{Destination, Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, ListingId};
use crate::limits::RECOVERIES_MAX;
use crate::reject::Reject;
use crate::terms::DialTarget;
use crate::units::{Millis, Seconds};

/// Sets, all of it anew, what a listing does with calls that come back: whether an answered call that the buyer's side ends
/// early is sold again, and where a call is dialled that nobody buys. It holds at once, for calls under way too.
///
/// # Refused
///
/// `ValueOutOfRange` (a bound above a day; more than [`RECOVERIES_MAX`] recoveries; a bound without recoveries, or
/// recoveries without a bound; a ring time-out outside 1..=300,000 ms), `TextOutOfRange` (an empty fallback),
/// `AccountUnknown`, `ListingUnknown`, `ListingDelisted`.
///
/// # Events
///
/// `DeliverySet`; a repeat when it is so already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetDelivery {
    /// The seller.
    pub seller: AccountId,
    /// Its listing.
    pub listing: ListingId,
    /// An answered call that the buyer's side ends before it has lasted so long, and before its revenue is earned, is sold
    /// again. 0 is never.
    pub recover_below: Seconds,
    /// How often, for one call.
    pub recoveries_max: u8,
    /// Where a call is dialled that nobody buys.
    pub fallback: Option<DialTarget>,
}

impl SetDelivery {
    /// `listing` of `seller`: nothing is sold again, and a call that nobody buys is unsold.
    #[must_use]
    pub const fn new(seller: AccountId, listing: ListingId) -> Self {
        Self { seller, listing, recover_below: Seconds(0), recoveries_max: 0, fallback: None }
    }

    /// A call that the buyer's side ends before it has lasted so long is sold again, so often at most.
    #[must_use]
    pub const fn recover(mut self, below: Seconds, times_max: u8) -> Self {
        self.recover_below = below;
        self.recoveries_max = times_max;
        self
    }

    /// A call that nobody buys is dialled here. Anything but 1 to 64 bytes is refused when applied.
    #[must_use]
    pub fn fallback(mut self, destination: &[u8], ring: Millis) -> Self {
        self.fallback = Some(DialTarget { destination: Destination::new(destination).unwrap_or_default(), ring });
        self
    }
}

impl Exchange {
    pub(crate) fn set_delivery(
        &mut self,
        step: Step,
        command: &SetDelivery,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        judge_delivery(command)?;
        let &SetDelivery { seller, listing, recover_below, recoveries_max, fallback } = command;
        let owner = self.accounts.find(seller)?;
        let slot = self.listings.find_listed(owner, listing)?;
        events.push(Event::DeliverySet { seller, listing });
        let known = *self.delivery.of_listing(slot);
        let terms = ListingDelivery { recover_below, recoveries_max, fallback, sequence: step.sequence };
        if terms == (ListingDelivery { sequence: step.sequence, ..known }) {
            return Ok(Done::Repeated(known.sequence));
        }
        self.delivery.set_listing(slot, terms);
        Ok(Done::Accepted)
    }
}

fn judge_delivery(command: &SetDelivery) -> Result<(), Reject> {
    let recovers = command.recover_below > Seconds(0);
    let rings = command.fallback.is_none_or(|target| (Millis(1)..=RING_MAX).contains(&target.ring));
    let recoveries_can_be = command.recoveries_max <= RECOVERIES_MAX && recovers == (command.recoveries_max > 0);
    if command.recover_below > DAY || !recoveries_can_be || !rings {
        return Err(Reject::ValueOutOfRange);
    }
    match command.fallback {
        Some(target) if target.destination.as_bytes().is_empty() => Err(Reject::TextOutOfRange),
        _ => Ok(()),
    }
}
