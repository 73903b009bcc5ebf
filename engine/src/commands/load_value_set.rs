//! An operator loads a long list of values, chunk by chunk.

use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::Sequence;
use crate::ids::{AttributeId, ValueCode, ValueSetId};
use crate::limits::VALUE_SET_CHUNK_MAX;
use crate::reject::Reject;

/// Loads a chunk of a value set. The set can be referenced once `total` values are in, and never changes after.
///
/// Values rise strictly over the whole set and need not be defined. A chunk that is in already, and equal, is a repeat.
///
/// # Refused
///
/// `CommandTooLarge`, `ValueOutOfRange` (an empty chunk, or one past `total`), `AttributeUnknown`,
/// `AttributeKindMismatch`, `ValueCodeOutOfRange`, `ValueSetGap` (`offset` is not where the set ends),
/// `ValuesNotAscending`, `IdConflict` (another attribute, total or content), `SchemaFull`.
///
/// # Events
///
/// `ValueSetLoaded`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadValueSet<'a> {
    /// The set.
    pub set: ValueSetId,
    /// The category or set attribute its values belong to.
    pub attribute: AttributeId,
    /// How many values the complete set has, from 1.
    pub total: u32,
    /// How many came before this chunk.
    pub offset: u32,
    /// 1 to [`VALUE_SET_CHUNK_MAX`](crate::limits::VALUE_SET_CHUNK_MAX) values.
    pub values: &'a [ValueCode],
}

impl<'a> LoadValueSet<'a> {
    /// The chunk of `set` that starts at `offset`.
    #[must_use]
    pub const fn chunk(
        set: ValueSetId,
        attribute: AttributeId,
        total: u32,
        offset: u32,
        values: &'a [ValueCode],
    ) -> Self {
        Self { set, attribute, total, offset, values }
    }
}

impl Exchange {
    pub(crate) fn load_value_set(
        &mut self,
        step: Step,
        command: &LoadValueSet<'_>,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &LoadValueSet { set, attribute, total, offset, values } = command;
        if values.len() > VALUE_SET_CHUNK_MAX {
            return Err(Reject::CommandTooLarge);
        }
        if values.is_empty() || offset as usize + values.len() > total as usize {
            return Err(Reject::ValueOutOfRange);
        }
        for code in values {
            self.judge_code(attribute, *code)?;
        }
        if !self.schema.value_sets.judge(set, attribute, (total, offset), values)? {
            let sequence = self.schema.value_sets.get(set).map_or(Sequence(0), |set| set.sequence);
            events.push(Event::ValueSetLoaded { set, loaded: offset + values.len() as u32, total });
            return Ok(Done::Repeated(sequence));
        }
        let loaded = self.schema.value_sets.load(set, attribute, total, values, step.sequence);
        events.push(Event::ValueSetLoaded { set, loaded, total });
        Ok(Done::Accepted)
    }
}
