//! Quotes: how many firm ones each seller may have and has, and which live quote answers the same caller and facts.
//!
//! A quote itself lies with its call. Invariant: the index finds exactly the live quotes that say how they are found.

use alloc::boxed::Box;

use crate::collections::{FixedIndex, Key};
use crate::ids::Sequence;
use crate::limits::Limits;
use crate::reject::Reject;

/// How one seller may quote.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Quoting {
    /// The most firm quotes it may have at a time.
    pub(crate) firm_max: u16,
    /// How many it has.
    pub(crate) firm: u32,
    /// The command that said so; 0 while none did.
    pub(crate) set: Sequence,
}

#[derive(Clone, Debug)]
pub(crate) struct Quotes {
    /// By the account's slot.
    sellers: Box<[Quoting]>,
    /// From a listing and a likeness to the live part of the call that was quoted.
    alike: FixedIndex,
}

impl Quotes {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        Self {
            sellers: alloc::vec![Quoting::default(); limits.accounts_max as usize].into_boxed_slice(),
            alike: FixedIndex::new(limits.calls_live_max, seed),
        }
    }

    #[inline]
    pub(crate) fn of_seller(&self, seller: u32) -> &Quoting {
        &self.sellers[seller as usize]
    }

    pub(crate) fn of_seller_mut(&mut self, seller: u32) -> &mut Quoting {
        &mut self.sellers[seller as usize]
    }

    /// Whether the seller may have one more firm quote.
    pub(crate) fn judge_firm(&self, seller: u32) -> Result<(), Reject> {
        let quoting = self.of_seller(seller);
        if quoting.firm < u32::from(quoting.firm_max) { Ok(()) } else { Err(Reject::FirmQuotesFull) }
    }

    /// The live part of a call with a live quote of this likeness under the listing. Likenesses are hashes: look whether it
    /// is alike indeed.
    #[inline]
    pub(crate) fn find_alike(&self, listing: u32, likeness: u64) -> Option<u32> {
        self.alike.get(key(listing, likeness))
    }

    /// The quote is found by this likeness from now on.
    pub(crate) fn add_alike(&mut self, listing: u32, likeness: u64, live: u32) {
        self.alike.insert(key(listing, likeness), live).expect("Invariant: at most as many as live calls");
    }

    pub(crate) fn remove_alike(&mut self, listing: u32, likeness: u64) {
        self.alike.remove(key(listing, likeness));
    }

    /// How many quotes are found by their likeness.
    pub(crate) fn alike_count(&self) -> u32 {
        self.alike.len()
    }

    /// For the digest, by the slots of sellers that have a limit or firm quotes.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let known = self.sellers.iter().enumerate().filter(|(_, quoting)| quoting.set != Sequence(0));
        known.flat_map(|(slot, quoting)| {
            [slot as u64, u64::from(quoting.firm_max), u64::from(quoting.firm), quoting.set.0]
        })
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.alike.check()
    }
}

const fn key(listing: u32, likeness: u64) -> Key {
    Key { owner: listing, id: likeness as u128 }
}
