//! Calls registered, offered, canceled; and their facts.

use dce_engine::commands::{CancelCall, OfferCall, RegisterCall};
use dce_engine::ids::{AccountId, AttributeId, CallId, ChainNode, ListingId, SubjectId, ValueCode};
use dce_engine::terms::{Fact, FactValue};
use dce_engine::units::{GeoPoint, Millis};
use rkyv::with::InlineAsBox;
use rkyv::{Archive, Serialize};

use super::lists::{list, pack, unpack};
use super::terms::{LegV1, optional_micros, optional_money};
use super::{Body, Lists, Packed, put, whole, with_lists};

#[derive(Archive, Serialize)]
struct RegisterCallV1<'a> {
    seller: u128,
    call: u128,
    listing: u128,
    subject: u128,
    leg: LegV1,
    facts_overflowed: bool,
    #[rkyv(with = InlineAsBox)]
    facts: &'a [FactV1],
    chain_overflowed: bool,
    #[rkyv(with = InlineAsBox)]
    chain: &'a [u128],
}

impl<'a> Body<'a> for RegisterCall<'a> {
    fn write(&self, record: &mut Vec<u8>, packed: &mut Packed) {
        let Self { seller, call, listing, subject, leg, facts, chain } = self;
        let v1 = RegisterCallV1 {
            seller: seller.0,
            call: call.0,
            listing: listing.0,
            subject: subject.0,
            leg: LegV1::of(*leg),
            facts_overflowed: facts.overflowed(),
            facts: pack(facts, &mut packed.facts, FactV1::of),
            chain_overflowed: chain.overflowed(),
            chain: pack(chain, &mut packed.chain, |node| node.0),
        };
        put(&v1, record);
    }

    fn read(body: &'a [u8], lists: &'a mut Lists) -> Option<Self> {
        let v1 =
            with_lists::<ArchivedRegisterCallV1<'_>>(body, |v1| size_of_val(&*v1.facts) + size_of_val(&*v1.chain))?;
        let Lists { facts, chain, .. } = lists;
        let facts = unpack(&v1.facts, facts, ArchivedFactV1::read)?;
        let chain = unpack(&v1.chain, chain, |node| Some(ChainNode(node.to_native())))?;
        Some(Self {
            seller: AccountId(v1.seller.to_native()),
            call: CallId(v1.call.to_native()),
            listing: ListingId(v1.listing.to_native()),
            subject: SubjectId(v1.subject.to_native()),
            leg: v1.leg.read(),
            facts: list(facts, v1.facts_overflowed),
            chain: list(chain, v1.chain_overflowed),
        })
    }
}

#[derive(Archive, Serialize)]
struct OfferCallV1<'a> {
    seller: u128,
    call: u128,
    listing: u128,
    subject: u128,
    leg: LegV1,
    window_ms: Option<u32>,
    /// Micro-units.
    reserve: Option<i64>,
    facts_overflowed: bool,
    #[rkyv(with = InlineAsBox)]
    facts: &'a [FactV1],
    chain_overflowed: bool,
    #[rkyv(with = InlineAsBox)]
    chain: &'a [u128],
}

impl<'a> Body<'a> for OfferCall<'a> {
    fn write(&self, record: &mut Vec<u8>, packed: &mut Packed) {
        let Self { seller, call, listing, subject, leg, window, reserve, facts, chain } = self;
        let v1 = OfferCallV1 {
            seller: seller.0,
            call: call.0,
            listing: listing.0,
            subject: subject.0,
            leg: LegV1::of(*leg),
            window_ms: window.map(|window| window.0),
            reserve: optional_micros(*reserve),
            facts_overflowed: facts.overflowed(),
            facts: pack(facts, &mut packed.facts, FactV1::of),
            chain_overflowed: chain.overflowed(),
            chain: pack(chain, &mut packed.chain, |node| node.0),
        };
        put(&v1, record);
    }

    #[inline]
    fn read(body: &'a [u8], lists: &'a mut Lists) -> Option<Self> {
        let v1 = with_lists::<ArchivedOfferCallV1<'_>>(body, |v1| size_of_val(&*v1.facts) + size_of_val(&*v1.chain))?;
        let Lists { facts, chain, .. } = lists;
        let facts = unpack(&v1.facts, facts, ArchivedFactV1::read)?;
        let chain = unpack(&v1.chain, chain, |node| Some(ChainNode(node.to_native())))?;
        Some(Self {
            seller: AccountId(v1.seller.to_native()),
            call: CallId(v1.call.to_native()),
            listing: ListingId(v1.listing.to_native()),
            subject: SubjectId(v1.subject.to_native()),
            leg: v1.leg.read(),
            window: v1.window_ms.as_ref().map(|window| Millis(window.to_native())),
            reserve: optional_money(&v1.reserve),
            facts: list(facts, v1.facts_overflowed),
            chain: list(chain, v1.chain_overflowed),
        })
    }
}

#[derive(Archive, Serialize)]
struct CancelCallV1 {
    seller: u128,
    call: u128,
}

impl Body<'_> for CancelCall {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { seller, call } = self;
        put(&CancelCallV1 { seller: seller.0, call: call.0 }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedCancelCallV1>(body)?;
        Some(Self { seller: AccountId(v1.seller.to_native()), call: CallId(v1.call.to_native()) })
    }
}

/// A fact in eleven bytes, little endian, each of them as it lies in memory: a list of them is written in one piece and
/// needs no look at its elements before they are read.
#[derive(Archive, Serialize, Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct FactV1 {
    attribute: [u8; 2],
    /// What `value` is: 0 a code, 1 a flag, 2 a number, 3 a place (latitude, then longitude).
    kind: u8,
    value: [u8; 8],
}

const CODE: u8 = 0;
const FLAG: u8 = 1;
const NUMBER: u8 = 2;
const PLACE: u8 = 3;

impl FactV1 {
    #[inline]
    pub(super) fn of(fact: &Fact) -> Self {
        let &Fact { attribute, value } = fact;
        let (kind, value) = match value {
            FactValue::Code(code) => (CODE, u64::from(code.0)),
            FactValue::Flag(flag) => (FLAG, u64::from(flag)),
            FactValue::Number(number) => (NUMBER, number as u64),
            FactValue::Place(place) => {
                let longitude = u64::from(place.longitude_micro as u32);
                (PLACE, u64::from(place.latitude_micro as u32) | longitude << 32)
            }
        };
        Self { attribute: attribute.0.to_le_bytes(), kind, value: value.to_le_bytes() }
    }
}

impl ArchivedFactV1 {
    #[inline]
    pub(super) fn read(&self) -> Option<Fact> {
        let bits = u64::from_le_bytes(self.value);
        let (low, high) = (bits as u32, (bits >> 32) as u32);
        let value = match self.kind {
            CODE if high == 0 => FactValue::Code(ValueCode(low)),
            FLAG if bits <= 1 => FactValue::Flag(bits == 1),
            NUMBER => FactValue::Number(bits as i64),
            PLACE => FactValue::Place(GeoPoint::new(low as i32, high as i32)),
            _ => return None,
        };
        Some(Fact { attribute: AttributeId(u16::from_le_bytes(self.attribute)), value })
    }
}
