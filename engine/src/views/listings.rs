//! Listings: whether they are on the market, and that those that are over keep nothing.

use crate::callers::Place;
use crate::exchange::Exchange;
use crate::ids::{AccountId, ListingId};
use crate::quotas::{NONE, Owner};

impl Exchange {
    /// Whether a listing is on the market still; `None` for one that was never made.
    #[must_use]
    pub fn is_listed(&self, seller: AccountId, listing: ListingId) -> Option<bool> {
        let slot = self.listings.find(self.accounts.find(seller).ok()?, listing)?;
        Some(self.listings.judge_listed(slot).is_ok())
    }

    /// Listings count their calls, and of one that is over nothing is set.
    pub(super) fn check_listings(&self) -> Result<(), &'static str> {
        self.listings.check()?;
        for (slot, listing) in self.listings.iter() {
            let records = self.calls.iter().map(|(_, record)| record);
            let calls = records.filter(|record| record.listing == slot && record.live().is_some()).count();
            if calls != listing.calls as usize {
                return Err("listings: a listing counts its calls that are not closed");
            }
            let is_over = listing.delisted.0 != 0 && calls == 0;
            let is_screened = self.callers.screens.get(Place::Listing(slot)).is_some();
            let has_quota = self.quotas.of(Owner::Listing(slot)) != NONE;
            if is_over && (listing.deals > 0 || is_screened || has_quota) {
                return Err("listings: of one that is over nothing is set");
            }
        }
        Ok(())
    }
}
