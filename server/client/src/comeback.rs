//! What becomes of calls that come back: what a listing does with them, and how a profile answers.

use dce_protocol::{DialTarget, List, TooLong, up};

use crate::ids::{AccountId, ListingId, ProfileId};

/// What a listing does with calls that come back. Said as a whole; without more than its name: nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    listing: ListingId,
    recover_below: u32,
    recoveries_max: u8,
    fallback: Result<Option<DialTarget>, TooLong>,
}

/// How a profile answers, invitations and calls. Said as a whole; without more than its name: it bids as long as it may, what
/// is answered stays answered, nothing pauses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answering {
    frame: up::SetAnswering,
}

impl Delivery {
    /// Of this listing.
    #[must_use]
    pub const fn new(listing: ListingId) -> Self {
        Self { listing, recover_below: 0, recoveries_max: 0, fallback: Ok(None) }
    }

    /// An answered call that the buyer's side ends before it has lasted so many seconds is sold again, so often at most.
    #[must_use]
    pub const fn recover(mut self, below_seconds: u32, times_max: u8) -> Self {
        (self.recover_below, self.recoveries_max) = (below_seconds, times_max);
        self
    }

    /// A call that nobody buys is dialled here, for so many milliseconds.
    #[must_use]
    pub fn fallback(mut self, destination: &[u8], ring_ms: u32) -> Self {
        self.fallback = DialTarget::new(destination, ring_ms).map(Some);
        self
    }

    pub(crate) fn of(&self, seller: AccountId) -> Result<up::SetDelivery<'_>, TooLong> {
        let fallback = match &self.fallback {
            Ok(fallback) => List::new(fallback.as_slice())?,
            Err(too_long) => return Err(*too_long),
        };
        let (recover_below, recoveries_max) = (self.recover_below, self.recoveries_max);
        Ok(up::SetDelivery { seller: seller.0, listing: self.listing.0, recover_below, recoveries_max, fallback })
    }
}

impl Answering {
    /// Of this profile.
    #[must_use]
    pub const fn new(profile: ProfileId) -> Self {
        Self {
            frame: up::SetAnswering {
                buyer: 0,
                profile: profile.0,
                bid_within: 0,
                reject_within: 0,
                unanswered: 0,
                within: 0,
                unanswered_long: 0,
                within_long: 0,
            },
        }
    }

    /// Its bidder has so many milliseconds for a first bid or a pass when it is invited, at most 60,000, or as long as the
    /// listing leaves it.
    #[must_use]
    pub const fn bid_within(mut self, millis: u32) -> Self {
        self.frame.bid_within = millis;
        self
    }

    /// An agent may give an answered call back before it has lasted so many seconds, at most 90.
    #[must_use]
    pub const fn reject_within(mut self, seconds: u32) -> Self {
        self.frame.reject_within = seconds;
        self
    }

    /// Paused after so many calls unanswered in a row within less than so many seconds.
    #[must_use]
    pub const fn pause_after(mut self, unanswered: u8, within_seconds: u32) -> Self {
        (self.frame.unanswered, self.frame.within) = (unanswered, within_seconds);
        self
    }

    /// And after so many within less than so many: more calls in a longer time.
    #[must_use]
    pub const fn or_after(mut self, unanswered: u8, within_seconds: u32) -> Self {
        (self.frame.unanswered_long, self.frame.within_long) = (unanswered, within_seconds);
        self
    }

    pub(crate) const fn of(&self, buyer: AccountId) -> up::SetAnswering {
        up::SetAnswering { buyer: buyer.0, ..self.frame }
    }
}
