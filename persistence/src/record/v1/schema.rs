//! Attributes, their values, sets of values, and zones.

use dce_engine::commands::{DeclareAttribute, DefineValue, LoadValueSet, SetZone};
use dce_engine::ids::{AttributeId, ValueCode, ValueSetId, ZoneId};
use dce_engine::terms::{Kind, Transition};
use dce_engine::units::Timestamp;
use rkyv::with::InlineAsBox;
use rkyv::{Archive, Serialize};

use super::lists::{VALUES_MAX, cut, pack, unpack};
use super::{Body, Lists, Packed, put, with_lists};

#[derive(Archive, Serialize)]
struct DeclareAttributeV1<'a> {
    attribute: u16,
    kind: KindV1,
    #[rkyv(with = InlineAsBox)]
    name: &'a str,
}

#[derive(Archive, Serialize)]
enum KindV1 {
    Category { values_max: u32 },
    Set { values_max: u32 },
    Integer { decimals: u8, low: i64, high: i64 },
    Boolean,
    Point,
}

impl<'a> Body<'a> for DeclareAttribute<'a> {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { attribute, kind, name } = self;
        let kind = match kind {
            Kind::Category { values_max } => KindV1::Category { values_max },
            Kind::Set { values_max } => KindV1::Set { values_max },
            Kind::Integer { decimals, low, high } => KindV1::Integer { decimals, low, high },
            Kind::Boolean => KindV1::Boolean,
            Kind::Point => KindV1::Point,
        };
        put(&DeclareAttributeV1 { attribute: attribute.0, kind, name: cut(name) }, record);
    }

    fn read(body: &'a [u8], _: &'a mut Lists) -> Option<Self> {
        let v1 = with_lists::<ArchivedDeclareAttributeV1<'_>>(body, |v1| v1.name.len())?;
        let kind = match &v1.kind {
            ArchivedKindV1::Category { values_max } => Kind::Category { values_max: values_max.to_native() },
            ArchivedKindV1::Set { values_max } => Kind::Set { values_max: values_max.to_native() },
            ArchivedKindV1::Integer { decimals, low, high } => {
                Kind::Integer { decimals: *decimals, low: low.to_native(), high: high.to_native() }
            }
            ArchivedKindV1::Boolean => Kind::Boolean,
            ArchivedKindV1::Point => Kind::Point,
        };
        Some(Self { attribute: AttributeId(v1.attribute.to_native()), kind, name: text(&v1.name)? })
    }
}

#[derive(Archive, Serialize)]
struct DefineValueV1<'a> {
    attribute: u16,
    code: u32,
    #[rkyv(with = InlineAsBox)]
    name: &'a str,
}

impl<'a> Body<'a> for DefineValue<'a> {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { attribute, code, name } = self;
        put(&DefineValueV1 { attribute: attribute.0, code: code.0, name: cut(name) }, record);
    }

    fn read(body: &'a [u8], _: &'a mut Lists) -> Option<Self> {
        let v1 = with_lists::<ArchivedDefineValueV1<'_>>(body, |v1| v1.name.len())?;
        Some(Self {
            attribute: AttributeId(v1.attribute.to_native()),
            code: ValueCode(v1.code.to_native()),
            name: text(&v1.name)?,
        })
    }
}

/// The longest body of a chunk.
pub(super) const VALUE_SET_BYTES_MAX: usize = size_of::<ArchivedLoadValueSetV1<'_>>() + 4 * VALUES_MAX;

#[derive(Archive, Serialize)]
struct LoadValueSetV1<'a> {
    set: u16,
    attribute: u16,
    total: u32,
    offset: u32,
    #[rkyv(with = InlineAsBox)]
    values: &'a [u32],
}

impl<'a> Body<'a> for LoadValueSet<'a> {
    fn write(&self, record: &mut Vec<u8>, packed: &mut Packed) {
        let &Self { set, attribute, total, offset, values } = self;
        let values = pack(values, &mut packed.values, |code| code.0);
        put(&LoadValueSetV1 { set: set.0, attribute: attribute.0, total, offset, values }, record);
    }

    fn read(body: &'a [u8], lists: &'a mut Lists) -> Option<Self> {
        let v1 = with_lists::<ArchivedLoadValueSetV1<'_>>(body, |v1| size_of_val(&*v1.values))?;
        Some(Self {
            set: ValueSetId(v1.set.to_native()),
            attribute: AttributeId(v1.attribute.to_native()),
            total: v1.total.to_native(),
            offset: v1.offset.to_native(),
            values: unpack(&v1.values, &mut lists.values, |code| Some(ValueCode(code.to_native())))?,
        })
    }
}

#[derive(Archive, Serialize)]
struct SetZoneV1<'a> {
    zone: u16,
    #[rkyv(with = InlineAsBox)]
    transitions: &'a [TransitionV1],
}

#[derive(Archive, Serialize, Clone, Copy, Debug, Default)]
pub(super) struct TransitionV1 {
    /// Microseconds since the epoch.
    at: u64,
    offset_seconds: i32,
}

impl<'a> Body<'a> for SetZone<'a> {
    fn write(&self, record: &mut Vec<u8>, packed: &mut Packed) {
        let &Self { zone, transitions } = self;
        let transitions = pack(transitions, &mut packed.transitions, |&Transition { at, offset_seconds }| {
            TransitionV1 { at: at.micros(), offset_seconds }
        });
        put(&SetZoneV1 { zone: zone.0, transitions }, record);
    }

    fn read(body: &'a [u8], lists: &'a mut Lists) -> Option<Self> {
        let v1 = with_lists::<ArchivedSetZoneV1<'_>>(body, |v1| size_of_val(&*v1.transitions))?;
        let transitions = unpack(&v1.transitions, &mut lists.transitions, |transition| {
            let at = Timestamp::from_micros(transition.at.to_native());
            Some(Transition { at, offset_seconds: transition.offset_seconds.to_native() })
        })?;
        Some(Self { zone: ZoneId(v1.zone.to_native()), transitions })
    }
}

/// A name no longer than one that was cut.
fn text(name: &str) -> Option<&str> {
    (cut(name).len() == name.len()).then_some(name)
}
