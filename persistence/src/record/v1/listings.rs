//! Listings.

use dce_engine::commands::{CreateListing, Delist, SetDisclosure};
use dce_engine::ids::{AccountId, CalendarId, ListingId, VerticalId};
use dce_engine::terms::{Payout, PricingRule};
use dce_engine::units::{BasisPoints, Money, Seconds};
use rkyv::{Archive, Serialize};

use super::terms::PayTermV1;
use super::{Body, Lists, Packed, put, whole};

/// Amounts in micro-units.
#[derive(Archive, Serialize)]
struct CreateListingV1 {
    seller: u128,
    listing: u128,
    vertical: u16,
    pricing: PricingRuleV1,
    reserve: i64,
    increment: i64,
    payout: PayoutV1,
    payout_term: PayTermV1,
    margin_min: i64,
    duration_max_seconds: u32,
    open: bool,
    withdrawable: bool,
    hours: Option<u128>,
}

#[derive(Archive, Serialize)]
enum PricingRuleV1 {
    FirstPrice,
    SecondPrice,
}

#[derive(Archive, Serialize)]
enum PayoutV1 {
    Fixed { micros: i64 },
    Share { basis_points: u16 },
}

impl Body<'_> for CreateListing {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { seller, listing, vertical, pricing, reserve, increment, payout, .. } = self;
        let &Self { payout_term, margin_min, duration_max, open, withdrawable, hours, .. } = self;
        let pricing = match pricing {
            PricingRule::FirstPrice => PricingRuleV1::FirstPrice,
            PricingRule::SecondPrice => PricingRuleV1::SecondPrice,
        };
        let payout = match payout {
            Payout::Fixed(amount) => PayoutV1::Fixed { micros: amount.micros() },
            Payout::Share(share) => PayoutV1::Share { basis_points: share.0 },
        };
        let v1 = CreateListingV1 {
            seller: seller.0,
            listing: listing.0,
            vertical: vertical.0,
            pricing,
            reserve: reserve.micros(),
            increment: increment.micros(),
            payout,
            payout_term: PayTermV1::of(payout_term),
            margin_min: margin_min.micros(),
            duration_max_seconds: duration_max.0,
            open,
            withdrawable,
            hours: hours.map(|calendar| calendar.0),
        };
        put(&v1, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedCreateListingV1>(body)?;
        let pricing = match v1.pricing {
            ArchivedPricingRuleV1::FirstPrice => PricingRule::FirstPrice,
            ArchivedPricingRuleV1::SecondPrice => PricingRule::SecondPrice,
        };
        let payout = match &v1.payout {
            ArchivedPayoutV1::Fixed { micros } => Payout::Fixed(Money::from_micros(micros.to_native())),
            ArchivedPayoutV1::Share { basis_points } => Payout::Share(BasisPoints(basis_points.to_native())),
        };
        Some(Self {
            seller: AccountId(v1.seller.to_native()),
            listing: ListingId(v1.listing.to_native()),
            vertical: VerticalId(v1.vertical.to_native()),
            pricing,
            reserve: Money::from_micros(v1.reserve.to_native()),
            increment: Money::from_micros(v1.increment.to_native()),
            payout,
            payout_term: v1.payout_term.read(),
            margin_min: Money::from_micros(v1.margin_min.to_native()),
            duration_max: Seconds(v1.duration_max_seconds.to_native()),
            open: v1.open,
            withdrawable: v1.withdrawable,
            hours: v1.hours.as_ref().map(|calendar| CalendarId(calendar.to_native())),
        })
    }
}

#[derive(Archive, Serialize)]
struct DelistV1 {
    seller: u128,
    listing: u128,
}

impl Body<'_> for Delist {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        put(&DelistV1 { seller: self.seller.0, listing: self.listing.0 }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedDelistV1>(body)?;
        Some(Self { seller: AccountId(v1.seller.to_native()), listing: ListingId(v1.listing.to_native()) })
    }
}

#[derive(Archive, Serialize)]
struct SetDisclosureV1 {
    seller: u128,
    listing: u128,
    price_to_win: bool,
}

impl Body<'_> for SetDisclosure {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { seller, listing, price_to_win } = self;
        put(&SetDisclosureV1 { seller: seller.0, listing: listing.0, price_to_win }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedSetDisclosureV1>(body)?;
        Some(Self {
            seller: AccountId(v1.seller.to_native()),
            listing: ListingId(v1.listing.to_native()),
            price_to_win: v1.price_to_win,
        })
    }
}
