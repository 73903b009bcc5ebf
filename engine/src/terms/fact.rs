//! What is known of a call, as commands carry it.

use crate::ids::{AttributeId, ValueCode};
use crate::units::GeoPoint;

/// How the caller came to be on the line; which law applies depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leg {
    /// The consumer dialled.
    #[default]
    ConsumerInbound,
    /// A call centre dialled the consumer and transfers.
    OutboundTransfer,
    /// The consumer asked to be called back.
    Callback,
}

/// A value of one attribute. A set is given as one fact for each element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    /// Which attribute.
    pub attribute: AttributeId,
    /// Its value.
    pub value: FactValue,
}

/// The value of a fact, as the attribute's kind has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactValue {
    /// Of a category, or one element of a set. A code that is not defined counts as absent.
    Code(ValueCode),
    /// Of an integer, its implied decimals included.
    Number(i64),
    /// Of a boolean.
    Flag(bool),
    /// Of a point.
    Place(GeoPoint),
}

impl Default for FactValue {
    fn default() -> Self {
        Self::Code(ValueCode::UNKNOWN)
    }
}

impl Fact {
    /// A category's value, or one element of a set.
    #[must_use]
    pub const fn value(attribute: AttributeId, value: ValueCode) -> Self {
        Self { attribute, value: FactValue::Code(value) }
    }

    /// A number.
    #[must_use]
    pub const fn number(attribute: AttributeId, value: i64) -> Self {
        Self { attribute, value: FactValue::Number(value) }
    }

    /// A yes or no.
    #[must_use]
    pub const fn flag(attribute: AttributeId, value: bool) -> Self {
        Self { attribute, value: FactValue::Flag(value) }
    }

    /// A place.
    #[must_use]
    pub const fn place(attribute: AttributeId, value: GeoPoint) -> Self {
        Self { attribute, value: FactValue::Place(value) }
    }
}
