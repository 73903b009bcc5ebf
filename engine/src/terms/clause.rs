//! One condition of a profile's targeting.

use crate::ids::{AttributeId, ValueSetId};
use crate::units::{GeoPoint, Metres};

/// A condition on one attribute. An attribute without a clause is a wildcard. A call that lacks the attribute passes
/// excluding clauses (`NoneOf`, `NotInSet`) and no others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clause {
    /// Which attribute.
    pub attribute: AttributeId,
    /// What it must be.
    pub test: Test,
}

/// What a clause asks. The values of any-of and none-of follow one another in the profile's own list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// One of the next `count` listed values; of a set attribute, at least one.
    AnyOf {
        /// How many of the listed values are this clause's.
        count: u16,
    },
    /// None of the next `count` listed values.
    NoneOf {
        /// How many of the listed values are this clause's.
        count: u16,
    },
    /// A value of the set; of a set attribute, at least one.
    InSet {
        /// The value set.
        set: ValueSetId,
    },
    /// No value of the set.
    NotInSet {
        /// The value set.
        set: ValueSetId,
    },
    /// A number in `low..high`.
    Range {
        /// The least number accepted.
        low: i64,
        /// The least number no longer accepted.
        high: i64,
    },
    /// This answer.
    Is {
        /// The answer wanted.
        value: bool,
    },
    /// A place within `radius` of `centre`.
    Near {
        /// The middle.
        centre: GeoPoint,
        /// How far around it.
        radius: Metres,
    },
}

impl Default for Test {
    fn default() -> Self {
        Self::AnyOf { count: 0 }
    }
}

impl Test {
    /// Whether it excludes instead of accepting.
    #[must_use]
    pub const fn is_excluding(&self) -> bool {
        matches!(self, Self::NoneOf { .. } | Self::NotInSet { .. })
    }

    /// Whether its range is not empty, and its place and its radius can be.
    pub(crate) fn is_possible(&self) -> bool {
        match *self {
            Self::Range { low, high } => low < high,
            Self::Near { centre, radius } => centre.is_valid() && (Metres(1)..=Metres::RADIUS_MAX).contains(&radius),
            Self::AnyOf { .. } | Self::NoneOf { .. } | Self::InSet { .. } | Self::NotInSet { .. } | Self::Is { .. } => {
                true
            }
        }
    }

    /// How many of the listed values are this clause's.
    #[must_use]
    pub const fn listed(&self) -> usize {
        match *self {
            Self::AnyOf { count } | Self::NoneOf { count } => count as usize,
            Self::InSet { .. } | Self::NotInSet { .. } | Self::Range { .. } | Self::Is { .. } | Self::Near { .. } => 0,
        }
    }
}
