//! Auctions opened and closed, bids, and passes.

use dce_engine::commands::{CloseAuction, NoBid, OpenAuction, PlaceBid, WithdrawBid};
use dce_engine::ids::{AccountId, CallId, ProfileId};
use dce_engine::units::{Millis, Money};
use rkyv::{Archive, Serialize};

use super::terms::{StampV1, optional_micros, optional_money};
use super::{Body, Lists, Packed, put, whole};

#[derive(Archive, Serialize)]
struct OpenAuctionV1 {
    seller: u128,
    call: u128,
    window_ms: u32,
    /// Micro-units.
    reserve: Option<i64>,
}

impl Body<'_> for OpenAuction {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { seller, call, window, reserve } = self;
        let reserve = optional_micros(reserve);
        put(&OpenAuctionV1 { seller: seller.0, call: call.0, window_ms: window.0, reserve }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedOpenAuctionV1>(body)?;
        Some(Self {
            seller: AccountId(v1.seller.to_native()),
            call: CallId(v1.call.to_native()),
            window: Millis(v1.window_ms.to_native()),
            reserve: optional_money(&v1.reserve),
        })
    }
}

#[derive(Archive, Serialize)]
struct CloseAuctionV1 {
    seller: u128,
    call: u128,
}

impl Body<'_> for CloseAuction {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { seller, call } = self;
        put(&CloseAuctionV1 { seller: seller.0, call: call.0 }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedCloseAuctionV1>(body)?;
        Some(Self { seller: AccountId(v1.seller.to_native()), call: CallId(v1.call.to_native()) })
    }
}

#[derive(Archive, Serialize)]
struct PlaceBidV1 {
    buyer: u128,
    profile: u128,
    seller: u128,
    call: u128,
    /// Micro-units.
    amount: i64,
    valid_for_ms: u32,
    stamp: StampV1,
}

impl Body<'_> for PlaceBid {
    #[inline]
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { buyer, profile, seller, call, amount, valid_for, stamp } = self;
        let v1 = PlaceBidV1 {
            buyer: buyer.0,
            profile: profile.0,
            seller: seller.0,
            call: call.0,
            amount: amount.micros(),
            valid_for_ms: valid_for.0,
            stamp: StampV1::of(stamp),
        };
        put(&v1, record);
    }

    #[inline]
    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedPlaceBidV1>(body)?;
        Some(Self {
            buyer: AccountId(v1.buyer.to_native()),
            profile: ProfileId(v1.profile.to_native()),
            seller: AccountId(v1.seller.to_native()),
            call: CallId(v1.call.to_native()),
            amount: Money::from_micros(v1.amount.to_native()),
            valid_for: Millis(v1.valid_for_ms.to_native()),
            stamp: v1.stamp.read(),
        })
    }
}

/// Of a command that says whose profile it is about and which call's auction: a bid taken back, or a pass.
#[derive(Archive, Serialize)]
struct AnswerV1 {
    buyer: u128,
    profile: u128,
    seller: u128,
    call: u128,
    stamp: StampV1,
}

macro_rules! answer_only {
    ($($name:ident),+) => {
        $(impl Body<'_> for $name {
            fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
                let &Self { buyer, profile, seller, call, stamp } = self;
                let v1 = AnswerV1 {
                    buyer: buyer.0,
                    profile: profile.0,
                    seller: seller.0,
                    call: call.0,
                    stamp: StampV1::of(stamp),
                };
                put(&v1, record);
            }

            fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
                let v1 = whole::<ArchivedAnswerV1>(body)?;
                Some(Self {
                    buyer: AccountId(v1.buyer.to_native()),
                    profile: ProfileId(v1.profile.to_native()),
                    seller: AccountId(v1.seller.to_native()),
                    call: CallId(v1.call.to_native()),
                    stamp: v1.stamp.read(),
                })
            }
        })+
    };
}

answer_only!(WithdrawBid, NoBid);
