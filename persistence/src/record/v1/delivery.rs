//! What becomes of calls that come back: a listing's terms, and how a profile answers.

use dce_engine::commands::{SetAnswering, SetDelivery};
use dce_engine::ids::{AccountId, ListingId, ProfileId};
use dce_engine::terms::PauseRule;
use dce_engine::units::{Millis, Seconds};
use rkyv::{Archive, Serialize};

use super::profiles::DialTargetV1;
use super::{Body, Lists, Packed, put, whole};

#[derive(Archive, Serialize)]
struct SetDeliveryV1 {
    seller: u128,
    listing: u128,
    recover_below_seconds: u32,
    recoveries_max: u8,
    fallback: Option<DialTargetV1>,
}

#[derive(Archive, Serialize)]
struct SetAnsweringV1 {
    buyer: u128,
    profile: u128,
    bid_within_millis: u32,
    reject_within_seconds: u32,
    pause_after: [PauseRuleV1; 2],
}

#[derive(Archive, Serialize)]
struct PauseRuleV1 {
    unanswered: u8,
    within_seconds: u32,
}

impl Body<'_> for SetDelivery {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let Self { seller, listing, recover_below, recoveries_max, fallback } = self;
        let v1 = SetDeliveryV1 {
            seller: seller.0,
            listing: listing.0,
            recover_below_seconds: recover_below.0,
            recoveries_max: *recoveries_max,
            fallback: fallback.as_ref().map(DialTargetV1::of),
        };
        put(&v1, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedSetDeliveryV1>(body)?;
        let fallback = match v1.fallback.as_ref() {
            Some(target) => Some(target.read()?),
            None => None,
        };
        Some(Self {
            seller: AccountId(v1.seller.to_native()),
            listing: ListingId(v1.listing.to_native()),
            recover_below: Seconds(v1.recover_below_seconds.to_native()),
            recoveries_max: v1.recoveries_max,
            fallback,
        })
    }
}

impl Body<'_> for SetAnswering {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { buyer, profile, bid_within, reject_within, pause_after } = self;
        let v1 = SetAnsweringV1 {
            buyer: buyer.0,
            profile: profile.0,
            bid_within_millis: bid_within.0,
            reject_within_seconds: reject_within.0,
            pause_after: pause_after
                .map(|PauseRule { unanswered, within }| PauseRuleV1 { unanswered, within_seconds: within.0 }),
        };
        put(&v1, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedSetAnsweringV1>(body)?;
        let rule =
            |place: &ArchivedPauseRuleV1| PauseRule::new(place.unanswered, Seconds(place.within_seconds.to_native()));
        Some(Self {
            buyer: AccountId(v1.buyer.to_native()),
            profile: ProfileId(v1.profile.to_native()),
            bid_within: Millis(v1.bid_within_millis.to_native()),
            reject_within: Seconds(v1.reject_within_seconds.to_native()),
            pause_after: [rule(&v1.pause_after[0]), rule(&v1.pause_after[1])],
        })
    }
}
