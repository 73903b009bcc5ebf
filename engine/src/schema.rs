//! What callers can be told apart by: declared attributes, their vocabularies, and long lists of values.
//!
//! Invariant: the schema only grows. What was declared never changes, so a clause or a fact that was valid stays so; a set gets lines for
//! excluding with the first clause that does.

mod value_sets;
mod vocabulary;

use alloc::boxed::Box;

use crate::ids::{AttributeId, Sequence};
use crate::limits::{ATTRIBUTES_MAX, Limits};
use crate::reject::Reject;
use crate::terms::{Clause, Kind, Lines, Name};
use value_sets::ValueSets;
use vocabulary::Vocabulary;
pub(crate) use vocabulary::{CODE_MAX, Value};

/// What the path of a call reads of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) kind: Kind,
    pub(crate) lines: Lines,
}

/// The rest of its declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Declaration {
    pub(crate) name: Name,
    pub(crate) sequence: Sequence,
}

#[derive(Clone, Debug)]
pub(crate) struct Schema {
    attributes: Box<[Option<Attribute>]>,
    declarations: Box<[Option<Declaration>]>,
    /// Each attribute's line of rows that accept a call without it, counted from 1; 0 before it is declared.
    pub(crate) absent: [u16; ATTRIBUTES_MAX],
    lines_used: u32,
    lines_max: u32,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) value_sets: ValueSets,
}

impl Schema {
    pub(crate) fn new(limits: &Limits, seed: u128) -> Self {
        Self {
            attributes: alloc::vec![None; usize::from(limits.attributes_max)].into_boxed_slice(),
            declarations: alloc::vec![None; usize::from(limits.attributes_max)].into_boxed_slice(),
            absent: [0; ATTRIBUTES_MAX],
            lines_used: 0,
            lines_max: limits.lines_max,
            vocabulary: Vocabulary::new(limits, seed),
            value_sets: ValueSets::new(limits),
        }
    }

    #[inline]
    pub(crate) fn attribute(&self, attribute: AttributeId) -> Option<&Attribute> {
        self.attributes.get(usize::from(attribute.0))?.as_ref()
    }

    pub(crate) fn declaration(&self, attribute: AttributeId) -> Option<&Declaration> {
        self.declarations.get(usize::from(attribute.0))?.as_ref()
    }

    pub(crate) fn attributes(&self) -> impl Iterator<Item = (AttributeId, &Attribute)> {
        self.attributes.iter().zip(0..).filter_map(|(attribute, id)| Some((AttributeId(id), attribute.as_ref()?)))
    }

    /// Whether the attribute can be declared: its lines, or why not. `Ok(None)` when it is declared just so.
    pub(crate) fn judge(&self, attribute: AttributeId, kind: Kind, name: &Name) -> Result<Option<Lines>, Reject> {
        let place = self.attributes.get(usize::from(attribute.0)).ok_or(Reject::AttributeOutOfRange)?;
        match place {
            Some(known)
                if known.kind == kind && self.declaration(attribute).is_some_and(|known| known.name == *name) =>
            {
                Ok(None)
            }
            Some(_) => Err(Reject::IdConflict),
            None => {
                let lines = Lines::of(kind, self.lines_used);
                if lines.end() > self.lines_max { Err(Reject::SchemaFull) } else { Ok(Some(lines)) }
            }
        }
    }

    pub(crate) fn declare(&mut self, id: AttributeId, attribute: Attribute, declaration: Declaration) {
        self.lines_used += attribute.lines.count();
        self.absent[usize::from(id.0)] = attribute.lines.absent() as u16 + 1;
        self.declarations[usize::from(id.0)] = Some(declaration);
        self.attributes[usize::from(id.0)] = Some(attribute);
    }

    /// Whether there are the lines that these clauses take, as the first ones that exclude values of their sets.
    pub(crate) fn judge_excluding(&self, clauses: &[Clause]) -> Result<(), Reject> {
        let excluding = clauses.iter().filter(|clause| clause.test.is_excluding());
        let attributes = excluding.filter_map(|clause| self.attribute(clause.attribute));
        let missing: u32 = attributes.map(|attribute| attribute.lines.excluding_missing()).sum();
        if missing <= self.lines_max - self.lines_used { Ok(()) } else { Err(Reject::SchemaFull) }
    }

    /// Somebody excludes values of this attribute: its lines, if it has some from now on that it had not.
    pub(crate) fn exclude(&mut self, attribute: AttributeId) -> Option<Lines> {
        let lines = &mut self.attributes.get_mut(usize::from(attribute.0))?.as_mut()?.lines;
        let missing = lines.excluding_missing();
        if missing == 0 {
            return None;
        }
        lines.exclude_from(self.lines_used);
        self.lines_used += missing;
        Some(*lines)
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let counted: u32 = self.attributes().map(|(_, attribute)| attribute.lines.count()).sum();
        if counted != self.lines_used || counted > self.lines_max {
            return Err("schema: the lines of all attributes are counted");
        }
        self.vocabulary.check()?;
        self.value_sets.check()
    }
}
