//! An operator gives a value of a vocabulary its code.

use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::Sequence;
use crate::ids::{AttributeId, ValueCode};
use crate::reject::Reject;
use crate::schema::Value;
use crate::terms::{Kind, Name};

/// Defines a value of a category or set attribute: text becomes a code once, by a logged command, never by a guess.
///
/// # Refused
///
/// `TextOutOfRange`, `AttributeUnknown`, `AttributeKindMismatch` (neither category nor set), `ValueCodeOutOfRange`,
/// `ValueNameTaken` (the text names another code), `IdConflict` (the code has another text), `SchemaFull`.
///
/// # Events
///
/// `ValueDefined`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefineValue<'a> {
    /// The attribute.
    pub attribute: AttributeId,
    /// The code, from 1 to the attribute's `values_max`.
    pub code: ValueCode,
    /// The text it stands for, 1 to [`NAME_BYTES_MAX`](crate::limits::NAME_BYTES_MAX) bytes.
    pub name: &'a str,
}

impl<'a> DefineValue<'a> {
    /// `code` of `attribute` is called `name`.
    #[must_use]
    pub const fn new(attribute: AttributeId, code: ValueCode, name: &'a str) -> Self {
        Self { attribute, code, name }
    }
}

impl Exchange {
    pub(crate) fn define_value(
        &mut self,
        step: Step,
        command: &DefineValue<'_>,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &DefineValue { attribute, code, name } = command;
        let name = Name::new(name).ok_or(Reject::TextOutOfRange)?;
        self.judge_code(attribute, code)?;
        let event = Event::ValueDefined { attribute, code };
        if !self.schema.vocabulary.judge(attribute, code, &name)? {
            let known = self.schema.vocabulary.by_code(attribute, code);
            events.push(event);
            return Ok(Done::Repeated(known.map_or(Sequence(0), |value| value.sequence)));
        }
        self.schema.vocabulary.define(Value { attribute, code, name, sequence: step.sequence });
        events.push(event);
        Ok(Done::Accepted)
    }

    /// The attribute has a vocabulary, and the code may be in it.
    pub(super) fn judge_code(&self, attribute: AttributeId, code: ValueCode) -> Result<(), Reject> {
        let declared = self.schema.attribute(attribute).ok_or(Reject::AttributeUnknown)?;
        match declared.kind {
            Kind::Category { values_max } | Kind::Set { values_max } if code.0 == 0 || code.0 > values_max => {
                Err(Reject::ValueCodeOutOfRange)
            }
            Kind::Category { .. } | Kind::Set { .. } => Ok(()),
            Kind::Integer { .. } | Kind::Boolean | Kind::Point => Err(Reject::AttributeKindMismatch),
        }
    }
}
