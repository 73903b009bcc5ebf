//! Quotes asked for and confirmed, and how many of them may bind.

use dce_engine::commands::{ConfirmQuote, QuoteCall, SetQuoting};
use dce_engine::ids::{AccountId, CallId, ChainNode, ListingId, SubjectId};
use dce_engine::units::Millis;
use rkyv::with::InlineAsBox;
use rkyv::{Archive, Serialize};

use super::calls::{ArchivedFactV1, FactV1};
use super::lists::{list, pack, unpack};
use super::terms::{LegV1, optional_micros, optional_money};
use super::{Body, Lists, Packed, put, whole, with_lists};

#[derive(Archive, Serialize)]
struct SetQuotingV1 {
    seller: u128,
    firm_max: u16,
}

impl Body<'_> for SetQuoting {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { seller, firm_max } = self;
        put(&SetQuotingV1 { seller: seller.0, firm_max }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedSetQuotingV1>(body)?;
        Some(Self { seller: AccountId(v1.seller.to_native()), firm_max: v1.firm_max.to_native() })
    }
}

#[derive(Archive, Serialize)]
struct QuoteCallV1<'a> {
    seller: u128,
    call: u128,
    listing: u128,
    subject: u128,
    leg: LegV1,
    /// Micro-units.
    reserve: Option<i64>,
    firm: bool,
    life_ms: u32,
    facts_overflowed: bool,
    #[rkyv(with = InlineAsBox)]
    facts: &'a [FactV1],
    chain_overflowed: bool,
    #[rkyv(with = InlineAsBox)]
    chain: &'a [u128],
}

impl<'a> Body<'a> for QuoteCall<'a> {
    fn write(&self, record: &mut Vec<u8>, packed: &mut Packed) {
        let Self { seller, call, listing, subject, leg, reserve, facts, chain, firm, life } = self;
        let v1 = QuoteCallV1 {
            seller: seller.0,
            call: call.0,
            listing: listing.0,
            subject: subject.0,
            leg: LegV1::of(*leg),
            reserve: optional_micros(*reserve),
            firm: *firm,
            life_ms: life.0,
            facts_overflowed: facts.overflowed(),
            facts: pack(facts, &mut packed.facts, FactV1::of),
            chain_overflowed: chain.overflowed(),
            chain: pack(chain, &mut packed.chain, |node| node.0),
        };
        put(&v1, record);
    }

    #[inline]
    fn read(body: &'a [u8], lists: &'a mut Lists) -> Option<Self> {
        let v1 = with_lists::<ArchivedQuoteCallV1<'_>>(body, |v1| size_of_val(&*v1.facts) + size_of_val(&*v1.chain))?;
        let Lists { facts, chain, .. } = lists;
        let facts = unpack(&v1.facts, facts, ArchivedFactV1::read)?;
        let chain = unpack(&v1.chain, chain, |node| Some(ChainNode(node.to_native())))?;
        Some(Self {
            seller: AccountId(v1.seller.to_native()),
            call: CallId(v1.call.to_native()),
            listing: ListingId(v1.listing.to_native()),
            subject: SubjectId(v1.subject.to_native()),
            leg: v1.leg.read(),
            reserve: optional_money(&v1.reserve),
            facts: list(facts, v1.facts_overflowed),
            chain: list(chain, v1.chain_overflowed),
            firm: v1.firm,
            life: Millis(v1.life_ms.to_native()),
        })
    }
}

#[derive(Archive, Serialize)]
struct ConfirmQuoteV1 {
    seller: u128,
    call: u128,
}

impl Body<'_> for ConfirmQuote {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { seller, call } = self;
        put(&ConfirmQuoteV1 { seller: seller.0, call: call.0 }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedConfirmQuoteV1>(body)?;
        Some(Self { seller: AccountId(v1.seller.to_native()), call: CallId(v1.call.to_native()) })
    }
}
