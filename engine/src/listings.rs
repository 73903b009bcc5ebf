//! What sellers sell, and on which terms.
//!
//! Invariant: what a listing was created with never changes, so a call needs no copy of its terms. What is set later says
//! itself from when on it holds. A listing that is off the market stays, so that its calls find it and its id is taken.

use crate::collections::{FixedIndex, Key, Slab};
use crate::ids::{ListingId, Sequence, VerticalId};
use crate::limits::Limits;
use crate::reject::Reject;
use crate::terms::{PayTerm, Payout, PricingRule};
use crate::units::{Millis, Money, Seconds};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Listing {
    pub(crate) seller: u32,
    pub(crate) id: ListingId,
    pub(crate) vertical: VerticalId,
    pub(crate) pricing: PricingRule,
    pub(crate) reserve: Money,
    pub(crate) increment: Money,
    pub(crate) payout: Payout,
    pub(crate) payout_term: PayTerm,
    pub(crate) margin_min: Money,
    /// The least amount that leaves the margin after the payout; `None` when no amount does.
    pub(crate) margin_floor: Option<Money>,
    pub(crate) duration_max: Seconds,
    pub(crate) open: bool,
    pub(crate) withdrawable: bool,
    /// The calendar's slot, or `calendars::NONE`.
    pub(crate) hours: u32,
    /// Losers hear with which amount they would have won.
    pub(crate) tells_price_to_win: bool,
    /// The command that last said so, or the creation.
    pub(crate) disclosed: Sequence,
    pub(crate) fingerprint: u64,
    pub(crate) sequence: Sequence,
    /// Copied by an auction when it opens.
    pub(crate) window: WindowRule,
    /// Only buyers with a deal compete.
    pub(crate) private: bool,
    pub(crate) private_set: Sequence,
    /// How many deals there are on it, and when one was last set or taken away.
    pub(crate) deals: u32,
    pub(crate) deals_changed: Sequence,
    /// Its calls that are not closed.
    pub(crate) calls: u32,
    /// The command that took it off the market; 0 before.
    pub(crate) delisted: Sequence,
}

/// How the windows of a listing's auctions end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WindowRule {
    /// As soon as nobody still out can win.
    pub(crate) early_close: bool,
    /// How long an invited profile has for its first answer; zero is as long as the window.
    pub(crate) answer_within: Millis,
    /// The command that set it, or the listing's creation.
    pub(crate) set: Sequence,
}

impl WindowRule {
    /// Until it is set otherwise.
    pub(crate) const fn usual(created: Sequence) -> Self {
        Self { early_close: false, answer_within: Millis(0), set: created }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Listings {
    listings: Slab<Listing>,
    index: FixedIndex,
}

impl Listings {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        Self { listings: Slab::new(limits.listings_max), index: FixedIndex::new(limits.listings_max, seed) }
    }

    #[inline]
    pub(crate) fn find(&self, seller: u32, id: ListingId) -> Option<u32> {
        self.index.get(Key { owner: seller, id: id.0 })
    }

    /// The slot of a listing under which something may begin, or be set.
    pub(crate) fn find_listed(&self, seller: u32, id: ListingId) -> Result<u32, Reject> {
        let slot = self.find(seller, id).ok_or(Reject::ListingUnknown)?;
        self.judge_listed(slot)?;
        Ok(slot)
    }

    /// Whether something may begin under it.
    #[inline]
    pub(crate) fn judge_listed(&self, slot: u32) -> Result<(), Reject> {
        if self.listings[slot].delisted.0 == 0 { Ok(()) } else { Err(Reject::ListingDelisted) }
    }

    #[inline]
    pub(crate) fn get(&self, slot: u32) -> &Listing {
        &self.listings[slot]
    }

    pub(crate) fn get_mut(&mut self, slot: u32) -> &mut Listing {
        &mut self.listings[slot]
    }

    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.listings.is_full()
    }

    pub(crate) fn create(&mut self, listing: Listing) -> u32 {
        let key = Key { owner: listing.seller, id: listing.id.0 };
        let slot = self.listings.insert(listing).expect("Invariant: judged not full");
        self.index.insert(key, slot).expect("Invariant: as many as listings");
        slot
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Listing)> {
        self.listings.iter()
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.listings.check()?;
        self.index.check()?;
        if self.iter().all(|(slot, listing)| self.find(listing.seller, listing.id) == Some(slot)) {
            Ok(())
        } else {
            Err("listings: every listing is found by its id")
        }
    }
}
