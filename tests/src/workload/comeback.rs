//! Terms for calls that come back: recoveries, fallbacks, windows to give a call back, rules that pause a profile.

use dce_engine::ids::{AccountId, ListingId, ProfileId};
use dce_engine::units::{Millis, Seconds};

use super::Workload;
use crate::twin::Twin;
use crate::twin::action::{Action, Answering, Delivery};

impl Workload {
    pub(super) fn set_delivery(&mut self, twin: &Twin) -> Action {
        let known = self.random.one_of(twin.listing_keys()).filter(|_| self.random.percent(95));
        let (seller, listing) = known.unwrap_or_else(|| (self.seller(), ListingId(u128::from(self.random.below(7)))));
        self.delivery(seller, listing)
    }

    pub(super) fn delivery(&mut self, seller: AccountId, listing: ListingId) -> Action {
        let mut terms = Delivery::default();
        if self.random.percent(75) {
            terms.recover_below = Seconds(self.random.one(&[1, 5, 30, 90]));
            terms.recoveries_max = self.random.one(&[1, 1, 2, 5]);
        }
        if self.random.percent(45) {
            terms.fallback = Some((b"house".to_vec(), self.ring()));
        }
        match self.random.below(30) {
            0 => terms.recover_below = Seconds(self.random.one(&[0, 86_400, 86_401])),
            1 => terms.recoveries_max = self.random.one(&[0, 5, 6]),
            2 => terms.fallback = Some((vec![b'1'; self.random.one(&[0, 1, 64, 65])], Millis(300_000))),
            3 => terms.fallback = Some((b"house".to_vec(), Millis(self.random.one(&[0, 1, 300_001])))),
            _ => {}
        }
        Action::SetDelivery { seller, listing, terms }
    }

    pub(super) fn set_answering(&mut self, twin: &Twin) -> Action {
        let (buyer, profile) = self.profile(twin);
        self.answering(buyer, profile)
    }

    pub(super) fn answering(&mut self, buyer: AccountId, profile: ProfileId) -> Action {
        let mut terms = Answering::default();
        if self.random.percent(50) {
            terms.bid_within = Millis(self.random.one(&[1, 500, 2_000, 20_000, 60_000]));
        }
        if self.random.percent(80) {
            terms.reject_within = Seconds(self.random.one(&[1, 5, 30, 90]));
        }
        if self.random.percent(40) {
            let calls = self.random.one(&[1, 2, 2, 3]);
            terms.pause_after[0] = (calls, Seconds(self.random.one(&[1, 10, 60, 3_600])));
        }
        if self.random.percent(30) {
            let calls = self.random.one(&[1, 3, 5, 8]);
            terms.pause_after[1] = (calls, Seconds(self.random.one(&[30, 3_600, 86_400])));
        }
        match self.random.below(30) {
            0 => terms.reject_within = Seconds(91),
            3 => terms.bid_within = Millis(60_001),
            1 => terms.pause_after[0] = (self.random.one(&[0, 1, 9]), Seconds(1)),
            2 => terms.pause_after[1] = (self.random.one(&[0, 3]), Seconds(self.random.one(&[0, 86_401]))),
            _ => {}
        }
        Action::SetAnswering { buyer, profile, terms }
    }
}
