//! An operator declares what callers can be told apart by.

use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::AttributeId;
use crate::reject::Reject;
use crate::schema::{Attribute, CODE_MAX, Declaration};
use crate::terms::Kind;
use crate::terms::Name;

/// Declares an attribute. It can be used in facts and targeting from then on, and never changes.
///
/// Idempotent: the same declaration again changes nothing; another one under the same id is `IdConflict`.
/// Lines of the index it takes: category `values_max + 1`, set `2 × values_max + 1`, boolean 3, integer and point 64;
/// a category or set of more than 512 values shares lines between values and is verified exactly.
///
/// # Refused
///
/// `TextOutOfRange`, `ValueOutOfRange` (the kind's own fields), `AttributeOutOfRange`, `IdConflict`, `SchemaFull` (no
/// lines left).
///
/// # Events
///
/// `AttributeDeclared`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclareAttribute<'a> {
    /// Its place in the schema.
    pub attribute: AttributeId,
    /// What values it takes.
    pub kind: Kind,
    /// Its name, 1 to [`NAME_BYTES_MAX`](crate::limits::NAME_BYTES_MAX) bytes, for people and edges.
    pub name: &'a str,
}

impl<'a> DeclareAttribute<'a> {
    /// One of `values_max` values, such as a state.
    #[must_use]
    pub const fn category(attribute: AttributeId, name: &'a str, values_max: u32) -> Self {
        Self { attribute, kind: Kind::Category { values_max }, name }
    }

    /// Any of `values_max` values at once, such as tags.
    #[must_use]
    pub const fn set(attribute: AttributeId, name: &'a str, values_max: u32) -> Self {
        Self { attribute, kind: Kind::Set { values_max }, name }
    }

    /// A number with `decimals` (0–9) implied. `low..high` is where most values lie: it places the index's buckets and
    /// refuses nothing.
    #[must_use]
    pub const fn integer(attribute: AttributeId, name: &'a str, decimals: u8, low: i64, high: i64) -> Self {
        Self { attribute, kind: Kind::Integer { decimals, low, high }, name }
    }

    /// Yes or no.
    #[must_use]
    pub const fn boolean(attribute: AttributeId, name: &'a str) -> Self {
        Self { attribute, kind: Kind::Boolean, name }
    }

    /// A place.
    #[must_use]
    pub const fn point(attribute: AttributeId, name: &'a str) -> Self {
        Self { attribute, kind: Kind::Point, name }
    }
}

impl Exchange {
    pub(crate) fn declare_attribute(
        &mut self,
        step: Step,
        command: &DeclareAttribute<'_>,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &DeclareAttribute { attribute, kind, name } = command;
        let kind_is_possible = match kind {
            Kind::Category { values_max } | Kind::Set { values_max } => (1..=CODE_MAX).contains(&values_max),
            Kind::Integer { decimals, low, high } => decimals <= 9 && low < high,
            Kind::Boolean | Kind::Point => true,
        };
        if !kind_is_possible {
            return Err(Reject::ValueOutOfRange);
        }
        let name = Name::new(name).ok_or(Reject::TextOutOfRange)?;
        let Some(lines) = self.schema.judge(attribute, kind, &name)? else {
            events.push(Event::AttributeDeclared { attribute });
            let known = self.schema.declaration(attribute).ok_or(Reject::AttributeUnknown)?;
            return Ok(Done::Repeated(known.sequence));
        };
        self.targeting.declare(attribute, &lines);
        let declaration = Declaration { name, sequence: step.sequence };
        self.schema.declare(attribute, Attribute { kind, lines }, declaration);
        events.push(Event::AttributeDeclared { attribute });
        Ok(Done::Accepted)
    }
}
