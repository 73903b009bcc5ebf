//! What is agreed and set besides: how windows end, private deals, further conjunctions, modifiers.

use dce_engine::commands::{AlsoWants, SetDeal, SetModifiers, SetPrivate, SetWindow};
use dce_engine::ids::{AccountId, AttributeId, ListingId, ProfileId, ValueCode};
use dce_engine::limits::CLAUSE_VALUES_MAX;
use dce_engine::terms::{Change, DealPrice, Modifier, ModifierValue};
use dce_engine::units::{Millis, Money};
use rkyv::with::InlineAsBox;
use rkyv::{Archive, Serialize};

use super::lists::{list, pack, unpack};
use super::profiles::ClauseV1;
use super::terms::{optional_micros, optional_money};
use super::{Body, Lists, Packed, put, whole, with_lists};

#[derive(Archive, Serialize)]
struct SetWindowV1 {
    seller: u128,
    listing: u128,
    early_close: bool,
    answer_within_ms: u32,
}

impl Body<'_> for SetWindow {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { seller, listing, early_close, answer_within } = self;
        let answer_within_ms = answer_within.0;
        put(&SetWindowV1 { seller: seller.0, listing: listing.0, early_close, answer_within_ms }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedSetWindowV1>(body)?;
        Some(Self {
            seller: AccountId(v1.seller.to_native()),
            listing: ListingId(v1.listing.to_native()),
            early_close: v1.early_close,
            answer_within: Millis(v1.answer_within_ms.to_native()),
        })
    }
}

#[derive(Archive, Serialize)]
struct SetDealV1 {
    seller: u128,
    listing: u128,
    buyer: u128,
    price: DealPriceV1,
}

/// Amounts in micro-units.
#[derive(Archive, Serialize)]
enum DealPriceV1 {
    NoDeal,
    Reserve,
    Floor(i64),
    Fixed(i64),
}

impl Body<'_> for SetDeal {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { seller, listing, buyer, price } = self;
        let price = match price {
            None => DealPriceV1::NoDeal,
            Some(DealPrice::Reserve) => DealPriceV1::Reserve,
            Some(DealPrice::Floor(amount)) => DealPriceV1::Floor(amount.micros()),
            Some(DealPrice::Fixed(amount)) => DealPriceV1::Fixed(amount.micros()),
        };
        put(&SetDealV1 { seller: seller.0, listing: listing.0, buyer: buyer.0, price }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedSetDealV1>(body)?;
        let price = match &v1.price {
            ArchivedDealPriceV1::NoDeal => None,
            ArchivedDealPriceV1::Reserve => Some(DealPrice::Reserve),
            ArchivedDealPriceV1::Floor(micros) => Some(DealPrice::Floor(Money::from_micros(micros.to_native()))),
            ArchivedDealPriceV1::Fixed(micros) => Some(DealPrice::Fixed(Money::from_micros(micros.to_native()))),
        };
        Some(Self {
            seller: AccountId(v1.seller.to_native()),
            listing: ListingId(v1.listing.to_native()),
            buyer: AccountId(v1.buyer.to_native()),
            price,
        })
    }
}

#[derive(Archive, Serialize)]
struct SetPrivateV1 {
    seller: u128,
    listing: u128,
    private: bool,
}

impl Body<'_> for SetPrivate {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { seller, listing, private } = self;
        put(&SetPrivateV1 { seller: seller.0, listing: listing.0, private }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedSetPrivateV1>(body)?;
        let (seller, listing) = (AccountId(v1.seller.to_native()), ListingId(v1.listing.to_native()));
        Some(Self { seller, listing, private: v1.private })
    }
}

#[derive(Archive, Serialize)]
struct AlsoWantsV1<'a> {
    buyer: u128,
    profile: u128,
    nth: u8,
    /// Whether something was left out of the clauses, the values.
    overflowed: [bool; 2],
    #[rkyv(with = InlineAsBox)]
    clauses: &'a [ClauseV1],
    #[rkyv(with = InlineAsBox)]
    values: &'a [u32],
}

impl<'a> Body<'a> for AlsoWants<'a> {
    fn write(&self, record: &mut Vec<u8>, packed: &mut Packed) {
        let Self { buyer, profile, nth, clauses, values } = self;
        let v1 = AlsoWantsV1 {
            buyer: buyer.0,
            profile: profile.0,
            nth: *nth,
            overflowed: [clauses.overflowed(), values.overflowed()],
            clauses: pack(clauses, &mut packed.clauses, ClauseV1::of),
            values: pack(values, &mut packed.values, |code| code.0),
        };
        put(&v1, record);
    }

    fn read(body: &'a [u8], lists: &'a mut Lists) -> Option<Self> {
        let v1 =
            with_lists::<ArchivedAlsoWantsV1<'_>>(body, |v1| size_of_val(&*v1.clauses) + size_of_val(&*v1.values))?;
        let Lists { clauses, values, .. } = lists;
        let values = values.get_mut(..CLAUSE_VALUES_MAX)?;
        let [clauses_overflowed, values_overflowed] = v1.overflowed;
        let clauses = unpack(&v1.clauses, clauses, |clause| Some(clause.read()))?;
        let values = unpack(&v1.values, values, |code| Some(ValueCode(code.to_native())))?;
        Some(Self {
            buyer: AccountId(v1.buyer.to_native()),
            profile: ProfileId(v1.profile.to_native()),
            nth: v1.nth,
            clauses: list(clauses, clauses_overflowed),
            values: list(values, values_overflowed),
        })
    }
}

#[derive(Archive, Serialize)]
struct SetModifiersV1<'a> {
    buyer: u128,
    profile: u128,
    /// Micro-units.
    max: Option<i64>,
    /// Whether something was left out of the modifiers.
    overflowed: bool,
    #[rkyv(with = InlineAsBox)]
    modifiers: &'a [ModifierV1],
}

#[derive(Archive, Serialize, Clone, Copy, Debug)]
pub(super) struct ModifierV1 {
    attribute: u16,
    value: ModifierValueV1,
    change: ChangeV1,
}

#[derive(Archive, Serialize, Clone, Copy, Debug)]
enum ModifierValueV1 {
    Code(u32),
    Flag(bool),
    Range { low: i64, high: i64 },
}

/// Ten-thousandths, and micro-units.
#[derive(Archive, Serialize, Clone, Copy, Debug)]
enum ChangeV1 {
    Multiply(u32),
    Add(i64),
}

impl<'a> Body<'a> for SetModifiers<'a> {
    fn write(&self, record: &mut Vec<u8>, packed: &mut Packed) {
        let Self { buyer, profile, max, modifiers } = self;
        let v1 = SetModifiersV1 {
            buyer: buyer.0,
            profile: profile.0,
            max: optional_micros(*max),
            overflowed: modifiers.overflowed(),
            modifiers: pack(modifiers, &mut packed.modifiers, ModifierV1::of),
        };
        put(&v1, record);
    }

    fn read(body: &'a [u8], lists: &'a mut Lists) -> Option<Self> {
        let v1 = with_lists::<ArchivedSetModifiersV1<'_>>(body, |v1| size_of_val(&*v1.modifiers))?;
        let modifiers = unpack(&v1.modifiers, &mut lists.modifiers, |modifier| Some(modifier.read()))?;
        Some(Self {
            buyer: AccountId(v1.buyer.to_native()),
            profile: ProfileId(v1.profile.to_native()),
            max: optional_money(&v1.max),
            modifiers: list(modifiers, v1.overflowed),
        })
    }
}

impl ModifierV1 {
    fn of(modifier: &Modifier) -> Self {
        let value = match modifier.value {
            ModifierValue::Code(code) => ModifierValueV1::Code(code.0),
            ModifierValue::Flag(flag) => ModifierValueV1::Flag(flag),
            ModifierValue::Range { low, high } => ModifierValueV1::Range { low, high },
        };
        let change = match modifier.change {
            Change::Multiply(times) => ChangeV1::Multiply(times),
            Change::Add(amount) => ChangeV1::Add(amount.micros()),
        };
        Self { attribute: modifier.attribute.0, value, change }
    }
}

impl Default for ModifierV1 {
    fn default() -> Self {
        Self::of(&Modifier::default())
    }
}

impl ArchivedModifierV1 {
    fn read(&self) -> Modifier {
        let value = match &self.value {
            ArchivedModifierValueV1::Code(code) => ModifierValue::Code(ValueCode(code.to_native())),
            ArchivedModifierValueV1::Flag(flag) => ModifierValue::Flag(*flag),
            ArchivedModifierValueV1::Range { low, high } => {
                ModifierValue::Range { low: low.to_native(), high: high.to_native() }
            }
        };
        let change = match &self.change {
            ArchivedChangeV1::Multiply(times) => Change::Multiply(times.to_native()),
            ArchivedChangeV1::Add(micros) => Change::Add(Money::from_micros(micros.to_native())),
        };
        Modifier { attribute: AttributeId(self.attribute.to_native()), value, change }
    }
}
