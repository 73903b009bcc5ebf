//! Live bids: who was invited to a call's auction, and who bid what.
//!
//! Invariant: a profile has at most one bid in an auction, and the auction's list and the index agree on it.

use crate::collections::{FixedIndex, Key, Slab};
use crate::ids::Sequence;
use crate::limits::{INVITED_MAX, Limits};
use crate::units::{Money, Timestamp};

/// No bid.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bid {
    pub(crate) profile: u32,
    pub(crate) amount: Money,
    pub(crate) expires_at: Timestamp,
    /// The bid's place in time.
    pub(crate) sequence: Sequence,
    next: u32,
}

/// A profile as it was invited: its slot may be another's by now, its creation tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Invited {
    pub(crate) profile: u32,
    pub(crate) created: Sequence,
}

#[derive(Clone, Copy, Debug)]
struct Auction {
    first: u32,
    bids: u32,
    invited: [Invited; INVITED_MAX],
    invited_count: u8,
}

#[derive(Clone, Debug)]
pub(crate) struct Auctions {
    auctions: Slab<Auction>,
    bids: Slab<Bid>,
    index: FixedIndex,
    auction_bids_max: u32,
}

impl Auctions {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        Self {
            auctions: Slab::new(limits.calls_live_max),
            bids: Slab::new(limits.bids_max),
            index: FixedIndex::new(limits.bids_max, seed),
            auction_bids_max: limits.auction_bids_max,
        }
    }

    pub(crate) fn open(&mut self) -> u32 {
        let auction = Auction { first: NONE, bids: 0, invited: [Invited::default(); INVITED_MAX], invited_count: 0 };
        self.auctions.insert(auction).expect("Invariant: as many as live calls")
    }

    pub(crate) fn invite(&mut self, auction: u32, invited: Invited) {
        let auction = &mut self.auctions[auction];
        auction.invited[usize::from(auction.invited_count)] = invited;
        auction.invited_count += 1;
    }

    pub(crate) fn invited(&self, auction: u32) -> &[Invited] {
        let auction = &self.auctions[auction];
        &auction.invited[..usize::from(auction.invited_count)]
    }

    pub(crate) fn bids_count(&self, auction: u32) -> u32 {
        self.auctions[auction].bids
    }

    /// The profile's bid in this auction, expired or not.
    #[inline]
    pub(crate) fn bid(&self, auction: u32, profile: u32) -> Option<&Bid> {
        self.bids.get(self.index.get(key(auction, profile))?)
    }

    /// The bids, newest bidder first.
    pub(crate) fn bids(&self, auction: u32) -> impl Iterator<Item = &Bid> {
        let mut slot = self.auctions[auction].first;
        core::iter::from_fn(move || {
            let bid = self.bids.get(slot)?;
            slot = bid.next;
            Some(bid)
        })
    }

    /// Whether a profile that has no bid here can place one.
    pub(crate) fn has_room(&self, auction: u32) -> bool {
        !self.bids.is_full() && self.auctions[auction].bids < self.auction_bids_max
    }

    /// Places a bid, or takes the place of the profile's earlier one. Returns whether the profile is a new bidder.
    pub(crate) fn place(
        &mut self,
        auction: u32,
        profile: u32,
        (amount, expires_at): (Money, Timestamp),
        sequence: Sequence,
    ) -> bool {
        if let Some(slot) = self.index.get(key(auction, profile)) {
            let bid = &mut self.bids[slot];
            *bid = Bid { amount, expires_at, sequence, ..*bid };
            return false;
        }
        let next = self.auctions[auction].first;
        let slot = self.bids.insert(Bid { profile, amount, expires_at, sequence, next });
        let slot = slot.expect("Invariant: judged to have room");
        self.index.insert(key(auction, profile), slot).expect("Invariant: as many as bids");
        self.auctions[auction].first = slot;
        self.auctions[auction].bids += 1;
        true
    }

    pub(crate) fn withdraw(&mut self, auction: u32, profile: u32) {
        let Some(slot) = self.index.remove(key(auction, profile)) else {
            return;
        };
        let next = self.bids[slot].next;
        let first = self.auctions[auction].first;
        if first == slot {
            self.auctions[auction].first = next;
        } else {
            let mut before = first;
            while self.bids[before].next != slot {
                before = self.bids[before].next;
            }
            self.bids[before].next = next;
        }
        self.bids.remove(slot);
        self.auctions[auction].bids -= 1;
    }

    /// Takes one bid away, whichever, and says whose it was: how a closed call's auction is emptied.
    pub(crate) fn pop(&mut self, auction: u32) -> Option<u32> {
        let slot = self.auctions[auction].first;
        let bid = *self.bids.get(slot)?;
        self.auctions[auction].first = bid.next;
        self.auctions[auction].bids -= 1;
        self.index.remove(key(auction, bid.profile));
        self.bids.remove(slot);
        Some(bid.profile)
    }

    /// Forgets an auction that is empty of bids.
    pub(crate) fn forget(&mut self, auction: u32) {
        self.auctions.remove(auction);
    }

    /// For the digest: each auction, its invitees, its bids.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        self.auctions.iter().flat_map(move |(slot, auction)| {
            let invited = self.invited(slot).iter().flat_map(|invited| [u64::from(invited.profile), invited.created.0]);
            let bids = self.bids(slot).flat_map(|bid| {
                [u64::from(bid.profile), bid.amount.micros() as u64, bid.expires_at.micros(), bid.sequence.0]
            });
            [u64::from(slot), u64::from(auction.bids), u64::from(auction.invited_count)]
                .into_iter()
                .chain(invited)
                .chain(bids)
        })
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.auctions.check()?;
        self.bids.check()?;
        self.index.check()?;
        let mut bids = 0;
        for (slot, auction) in self.auctions.iter() {
            bids += auction.bids;
            if self.bids(slot).count() != auction.bids as usize
                || !self.bids(slot).all(|bid| self.bid(slot, bid.profile) == Some(bid))
            {
                return Err("auctions: every bid of an auction is in its list and in the index");
            }
        }
        if bids == self.bids.len() && bids == self.index.len() {
            Ok(())
        } else {
            Err("auctions: every bid belongs to an auction")
        }
    }
}

fn key(auction: u32, profile: u32) -> Key {
    Key { owner: auction, id: u128::from(profile) }
}
