//! What is for sale and who bids on it, as far as views do not show it: terms of listings and profiles, auctions, bids,
//! and the vocabulary by which people name values. A read model, folded from the log; it decides nothing.
//!
//! Invariant: it shows every command of the log up to its `sequence`, each once, and nothing of any later one. It holds
//! what the exchange holds (a sealed call is gone here too), so the exchange's limits bound it.

mod fold;
mod keep;
mod rows;
mod rules;
mod vocabulary;

pub(crate) use dce_history::lots::{Bid, BidKey, BidState, LotState};
pub(crate) use keep::CatalogKeeper;
pub(crate) use rows::{Auction, Call, Dialed, Listing, Profile, Quote};
pub(crate) use rules::Spot;
pub(crate) use vocabulary::{Attribute, Vocabulary};

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::time::Duration;

use dce_engine::ids::{AccountId, CallId, ListingId, ProfileId, Sequence};
use dce_engine::units::Timestamp;
use parking_lot::{RwLock, RwLockReadGuard};
use tokio::sync::watch;

/// The read model itself.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    pub(crate) sequence: Sequence,
    pub(crate) at: Timestamp,
    pub(crate) vocabulary: Vocabulary,
    /// Where each account was opened, moved or closed last.
    pub(crate) accounts: BTreeMap<AccountId, Sequence>,
    pub(crate) listings: BTreeMap<(AccountId, ListingId), Listing>,
    pub(crate) rules: rules::Rules,
    pub(crate) profiles: BTreeMap<(AccountId, ProfileId), Profile>,
    pub(crate) calls: BTreeMap<(AccountId, CallId), Call>,
    /// Buyer, call, seller: who bought what.
    pub(crate) bought: BTreeSet<(AccountId, CallId, AccountId)>,
    /// Calls first, so that a buyer's bids stand in the order of time.
    pub(crate) bids: BTreeMap<BidKey, Bid>,
    /// Auctions that take bids: call, seller.
    pub(crate) open: BTreeSet<(CallId, AccountId)>,
}

/// The catalog as fronts share it.
#[derive(Debug)]
pub(crate) struct Shelf {
    catalog: RwLock<Catalog>,
    reached: watch::Sender<Sequence>,
}

impl Shelf {
    /// A catalog that was folded up to the end of an opened log.
    pub(crate) fn new(catalog: Catalog) -> Self {
        let reached = watch::Sender::new(catalog.sequence);
        Self { catalog: RwLock::new(catalog), reached }
    }

    /// The newest picture. Held for a look, never over a wait.
    pub(crate) fn look(&self) -> RwLockReadGuard<'_, Catalog> {
        self.catalog.read()
    }

    /// How far it is, to be told of every step.
    pub(crate) fn reached(&self) -> watch::Receiver<Sequence> {
        self.reached.subscribe()
    }

    /// Waits until this place is shown, at most so long. Returns whether it is.
    pub(crate) async fn reach(&self, sequence: Sequence, wait_max: Duration) -> bool {
        if *self.reached.borrow() >= sequence {
            return true;
        }
        let mut reached = self.reached();
        let shown = reached.wait_for(|reached| *reached >= sequence);
        tokio::time::timeout(wait_max, shown).await.is_ok_and(|shown| shown.is_ok())
    }

    /// Changes it, and tells who waits.
    fn change(&self, change: impl FnOnce(&mut Catalog)) {
        let mut catalog = self.catalog.write();
        change(&mut catalog);
        let sequence = catalog.sequence;
        drop(catalog);
        self.reached.send_replace(sequence);
    }
}

impl Catalog {
    /// An account's listings after one of them, in order.
    pub(crate) fn listings_of(
        &self,
        account: Option<AccountId>,
        after: Option<(AccountId, ListingId)>,
    ) -> impl Iterator<Item = (&(AccountId, ListingId), &Listing)> {
        range(&self.listings, account.map(|account| (account, ListingId(0))), after)
            .take_while(move |((owner, _), _)| account.is_none_or(|account| account == *owner))
    }

    /// An account's profiles after one of them, in order.
    pub(crate) fn profiles_of(
        &self,
        account: Option<AccountId>,
        after: Option<(AccountId, ProfileId)>,
    ) -> impl Iterator<Item = (&(AccountId, ProfileId), &Profile)> {
        range(&self.profiles, account.map(|account| (account, ProfileId(0))), after)
            .take_while(move |((owner, _), _)| account.is_none_or(|account| account == *owner))
    }

    /// A seller's calls after one of them, oldest first; of all sellers, one seller after the other.
    pub(crate) fn calls_of(
        &self,
        seller: Option<AccountId>,
        after: Option<(AccountId, CallId)>,
    ) -> impl Iterator<Item = (&(AccountId, CallId), &Call)> {
        range(&self.calls, seller.map(|seller| (seller, CallId(0))), after)
            .take_while(move |((owner, _), _)| seller.is_none_or(|seller| seller == *owner))
    }

    /// The calls a buyer bought, after one of them, oldest first.
    pub(crate) fn bought_by(
        &self,
        buyer: AccountId,
        after: Option<(AccountId, CallId)>,
    ) -> impl Iterator<Item = (AccountId, CallId)> {
        let start = match after {
            Some((seller, call)) => Bound::Excluded((buyer, call, seller)),
            None => Bound::Included((buyer, CallId(0), AccountId(0))),
        };
        let bought = self.bought.range((start, Bound::Unbounded));
        bought.take_while(move |(by, ..)| *by == buyer).map(|(_, call, seller)| (*seller, *call))
    }

    /// A buyer's bids after one of them, oldest call first.
    pub(crate) fn bids_of(
        &self,
        buyer: Option<AccountId>,
        after: Option<BidKey>,
    ) -> impl Iterator<Item = (&BidKey, &Bid)> {
        let least = buyer.map(|buyer| (buyer, CallId(0), AccountId(0), ProfileId(0)));
        range(&self.bids, least, after).take_while(move |((by, ..), _)| buyer.is_none_or(|buyer| buyer == *by))
    }

    /// A call and its auction, if it ever had one.
    pub(crate) fn auction(&self, seller: AccountId, call: CallId) -> Option<(&Call, &Auction)> {
        let call = self.calls.get(&(seller, call))?;
        Some((call, call.auction.as_ref()?))
    }

    /// Whether a buyer may see an auction: it was invited, or bid; and one that has no profile at all and so is never
    /// invited, where anybody may bid.
    pub(crate) fn is_open_to(&self, buyer: AccountId, call: &Call, auction: &Auction) -> bool {
        let is_party = auction.invited.contains(&buyer) || auction.bidders.iter().any(|(by, _)| *by == buyer);
        let has_profile = self.profiles_of(Some(buyer), None).next().is_some();
        let listing = self.listings.get(&(call.seller, call.listing));
        is_party || (!has_profile && listing.is_some_and(|listing| !listing.is_private))
    }
}

/// From the least key, or after one that was seen.
fn range<K: Ord + Copy, V>(map: &BTreeMap<K, V>, least: Option<K>, after: Option<K>) -> impl Iterator<Item = (&K, &V)> {
    let start = match (after, least) {
        (Some(after), _) => Bound::Excluded(after),
        (None, Some(least)) => Bound::Included(least),
        (None, None) => Bound::Unbounded,
    };
    map.range((start, Bound::Unbounded))
}
