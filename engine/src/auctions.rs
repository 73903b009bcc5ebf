//! Live bids: who was invited to a call's auction, who bid what, and who passed.
//!
//! Invariant: a profile has at most one answer in an auction, a bid or a pass, and the auction's list and the index
//! agree on it.

use crate::collections::{FixedIndex, Key, Slab};
use crate::ids::Sequence;
use crate::limits::{INVITED_MAX, Limits};
use crate::units::{Money, Timestamp};

/// No bid.
const NONE: u32 = u32::MAX;

/// A bid, or a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bid {
    pub(crate) profile: u32,
    /// Zero is a pass, which never expires.
    pub(crate) amount: Money,
    pub(crate) expires_at: Timestamp,
    /// The bid's place in time.
    pub(crate) sequence: Sequence,
    next: u32,
}

/// What a profile has said in an auction, as it counts at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer<'a> {
    /// Nothing.
    None,
    /// A bid that stands.
    Live(&'a Bid),
    /// A bid that stands no more.
    Expired,
    /// A pass: whatever else it bids does not compete here.
    Passed,
}

/// A profile as it was invited: its slot may be another's by now, its creation tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Invited {
    pub(crate) profile: u32,
    pub(crate) created: Sequence,
    /// From this moment on it is too late if it has said nothing.
    pub(crate) answers_until: Timestamp,
}

#[derive(Clone, Copy, Debug)]
struct Auction {
    /// Whether it closes as soon as nobody still out can win: its listing's rule as it was at the opening.
    early_close: bool,
    first: u32,
    bids: u32,
    passes: u32,
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

    pub(crate) fn open(&mut self, early_close: bool) -> u32 {
        let invited = [Invited::default(); INVITED_MAX];
        let auction = Auction { early_close, first: NONE, bids: 0, passes: 0, invited, invited_count: 0 };
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

    #[inline]
    pub(crate) fn closes_early(&self, auction: u32) -> bool {
        self.auctions[auction].early_close
    }

    pub(crate) fn bids_count(&self, auction: u32) -> u32 {
        self.auctions[auction].bids
    }

    /// Bids and passes over all auctions.
    pub(crate) fn answers(&self) -> u32 {
        self.bids.len()
    }

    /// The profile's answer in this auction, as it counts at `at`.
    #[inline]
    pub(crate) fn answer(&self, auction: u32, profile: u32, at: Timestamp) -> Answer<'_> {
        match self.entry(auction, profile) {
            None => Answer::None,
            Some(bid) if bid.is_pass() => Answer::Passed,
            Some(bid) if bid.expires_at > at => Answer::Live(bid),
            Some(_) => Answer::Expired,
        }
    }

    /// The bids that stand at `at`, newest bidder first.
    pub(crate) fn live_bids(&self, auction: u32, at: Timestamp) -> impl Iterator<Item = &Bid> {
        self.entries(auction).filter(move |bid| !bid.is_pass() && bid.expires_at > at)
    }

    #[inline]
    fn entry(&self, auction: u32, profile: u32) -> Option<&Bid> {
        self.bids.get(self.index.get(key(auction, profile))?)
    }

    /// Bids and passes, the profile that answered last first.
    fn entries(&self, auction: u32) -> impl Iterator<Item = &Bid> {
        let mut slot = self.auctions[auction].first;
        core::iter::from_fn(move || {
            let bid = self.bids.get(slot)?;
            slot = bid.next;
            Some(bid)
        })
    }

    /// Whether a profile that has said nothing here can bid or pass.
    pub(crate) fn has_room(&self, auction: u32) -> bool {
        let Auction { bids, passes, .. } = self.auctions[auction];
        !self.bids.is_full() && bids + passes < self.auction_bids_max
    }

    /// Places a bid, or takes the place of the profile's earlier one. Returns whether the profile is new here.
    pub(crate) fn place(
        &mut self,
        auction: u32,
        profile: u32,
        (amount, expires_at): (Money, Timestamp),
        sequence: Sequence,
    ) -> bool {
        self.put(auction, Bid { profile, amount, expires_at, sequence, next: NONE })
    }

    /// The profile passes; an expired bid of its is forgotten. Returns whether the profile is new here.
    pub(crate) fn decline(&mut self, auction: u32, profile: u32, sequence: Sequence) -> bool {
        let pass = Bid { profile, amount: Money::ZERO, expires_at: Timestamp::default(), sequence, next: NONE };
        self.put(auction, pass)
    }

    fn put(&mut self, auction: u32, bid: Bid) -> bool {
        *self.auctions[auction].count(&bid) += 1;
        let key = key(auction, bid.profile);
        if let Some(slot) = self.index.get(key) {
            let earlier = self.bids[slot];
            *self.auctions[auction].count(&earlier) -= 1;
            self.bids[slot] = Bid { next: earlier.next, ..bid };
            return false;
        }
        let next = self.auctions[auction].first;
        let slot = self.bids.insert(Bid { next, ..bid }).expect("Invariant: judged to have room");
        self.index.insert(key, slot).expect("Invariant: as many as bids");
        self.auctions[auction].first = slot;
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
        let bid = self.bids.remove(slot).expect("Invariant: the index knows its place");
        *self.auctions[auction].count(&bid) -= 1;
    }

    /// Takes one bid or pass away, whichever, and says whose it was: how a closed call's auction is emptied.
    pub(crate) fn pop(&mut self, auction: u32) -> Option<u32> {
        let slot = self.auctions[auction].first;
        let bid = *self.bids.get(slot)?;
        self.auctions[auction].first = bid.next;
        *self.auctions[auction].count(&bid) -= 1;
        self.index.remove(key(auction, bid.profile));
        self.bids.remove(slot);
        Some(bid.profile)
    }

    /// Forgets an auction that is empty of bids and passes.
    pub(crate) fn forget(&mut self, auction: u32) {
        self.auctions.remove(auction);
    }

    /// For the digest: each auction, its invitees, its bids and passes.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        self.auctions.iter().flat_map(move |(slot, auction)| {
            let invited = self
                .invited(slot)
                .iter()
                .flat_map(|invited| [u64::from(invited.profile), invited.created.0, invited.answers_until.micros()]);
            let bids = self.entries(slot).flat_map(|bid| {
                [u64::from(bid.profile), bid.amount.micros() as u64, bid.expires_at.micros(), bid.sequence.0]
            });
            let invited_count = u32::from(auction.invited_count);
            let counts = [slot, auction.bids, auction.passes, invited_count, u32::from(auction.early_close)];
            counts.into_iter().map(u64::from).chain(invited).chain(bids)
        })
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.auctions.check()?;
        self.bids.check()?;
        self.index.check()?;
        let mut entries = 0;
        for (slot, auction) in self.auctions.iter() {
            entries += auction.bids + auction.passes;
            let passes = self.entries(slot).filter(|bid| bid.is_pass()).count();
            let bids = self.entries(slot).count() - passes;
            if (bids, passes) != (auction.bids as usize, auction.passes as usize)
                || !self.entries(slot).all(|bid| self.entry(slot, bid.profile) == Some(bid))
            {
                return Err("auctions: every bid and pass of an auction is counted, in its list and in the index");
            }
        }
        if entries == self.bids.len() && entries == self.index.len() {
            Ok(())
        } else {
            Err("auctions: every bid and pass belongs to an auction")
        }
    }
}

impl Bid {
    #[inline]
    const fn is_pass(&self) -> bool {
        self.amount.micros() == 0
    }
}

impl Auction {
    /// The count of such bids or passes.
    fn count(&mut self, bid: &Bid) -> &mut u32 {
        if bid.is_pass() { &mut self.passes } else { &mut self.bids }
    }
}

fn key(auction: u32, profile: u32) -> Key {
    Key { owner: auction, id: u128::from(profile) }
}
