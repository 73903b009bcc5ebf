//! What sellers and buyers have agreed besides: one deal at most between a listing and a buyer.

use crate::collections::{FixedIndex, Key, Slab};
use crate::ids::Sequence;
use crate::limits::Limits;
use crate::terms::DealPrice;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Deal {
    pub(crate) listing: u32,
    pub(crate) buyer: u32,
    pub(crate) price: DealPrice,
    pub(crate) sequence: Sequence,
}

#[derive(Clone, Debug)]
pub(crate) struct Deals {
    deals: Slab<Deal>,
    index: FixedIndex,
}

impl Deals {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        Self { deals: Slab::new(limits.deals_max), index: FixedIndex::new(limits.deals_max, seed) }
    }

    pub(crate) fn find(&self, listing: u32, buyer: u32) -> Option<&Deal> {
        self.deals.get(self.index.get(key(listing, buyer))?)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.deals.is_full()
    }

    /// Makes the deal, or changes it. Returns whether it is new.
    pub(crate) fn set(&mut self, deal: Deal) -> bool {
        let key = key(deal.listing, deal.buyer);
        if let Some(slot) = self.index.get(key) {
            self.deals[slot] = deal;
            return false;
        }
        let slot = self.deals.insert(deal).expect("Invariant: judged not full");
        self.index.insert(key, slot).expect("Invariant: as many as deals");
        true
    }

    pub(crate) fn remove(&mut self, listing: u32, buyer: u32) {
        if let Some(slot) = self.index.remove(key(listing, buyer)) {
            self.deals.remove(slot);
        }
    }

    /// Takes away all deals on a listing that has so many.
    pub(crate) fn remove_all(&mut self, listing: u32, mut count: u32) {
        let mut slots = 0..;
        while count > 0 {
            let slot = slots.next().expect("Invariant: a listing counts the deals on it");
            if let Some(&Deal { buyer, .. }) = self.deals.get(slot).filter(|deal| deal.listing == listing) {
                self.remove(listing, buyer);
                count -= 1;
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Deal)> {
        self.deals.iter()
    }

    /// For the digest.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        self.iter().flat_map(|(slot, deal)| {
            let (kind, amount) = match deal.price {
                DealPrice::Reserve => (0, 0),
                DealPrice::Floor(amount) => (1, amount.micros()),
                DealPrice::Fixed(amount) => (2, amount.micros()),
            };
            [slot, deal.listing, deal.buyer, kind].map(u64::from).into_iter().chain([amount as u64, deal.sequence.0])
        })
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.deals.check()?;
        self.index.check()?;
        let is_found = |(slot, deal): (u32, &Deal)| self.index.get(key(deal.listing, deal.buyer)) == Some(slot);
        if self.iter().all(is_found) && self.index.len() == self.deals.len() {
            Ok(())
        } else {
            Err("deals: every deal is found by its listing and its buyer")
        }
    }
}

fn key(listing: u32, buyer: u32) -> Key {
    Key { owner: listing, id: u128::from(buyer) }
}
