//! A call's facts as lines to read.

use super::partition::{AskedSet, Asks};
use crate::ids::{AttributeId, ValueCode};
use crate::limits::ATTRIBUTES_MAX;
use crate::schema::Schema;
use crate::terms::{FactSheet, Known};

/// The lines a call's facts choose, counted from 1 as facts count them: all of `single`, and of each set that is asked about
/// and known one for each element, of which some row wants at least one, or none.
///
/// Small, and built where it is wanted: what is read soon after it was written piece by piece is better not copied.
#[derive(Clone, Debug)]
pub(crate) struct Query<'a> {
    single: [u16; ATTRIBUTES_MAX],
    single_count: usize,
    sets: &'a [AskedSet],
    facts: &'a FactSheet,
}

impl<'a> Query<'a> {
    /// Of these facts; no line is chosen yet.
    #[inline(always)]
    pub(crate) const fn of(facts: &'a FactSheet) -> Self {
        Self { single: [0; ATTRIBUTES_MAX], single_count: 0, sets: &[], facts }
    }

    /// Chooses the lines of those attributes that some row of the partition asks about, in the order given.
    #[inline(always)]
    pub(super) fn ask(&mut self, asks: &'a Asks, schema: &Schema) {
        let lines = self.facts.lines();
        let mut least = u16::MAX;
        // Every call passes here for every attribute, so without a branch: what is copied is judged behind it.
        for (place, attribute) in self.single.iter_mut().zip(asks.singles()) {
            let line = lines[usize::from(*attribute) % ATTRIBUTES_MAX];
            *place = line;
            least = least.min(line);
        }
        self.single_count = asks.singles().len();
        if least == 0 {
            self.add_declared_since(asks.singles(), schema);
        }
        self.sets = asks.sets();
        for set in self.sets {
            // Of a set of which nothing is known, the line for that.
            if self.elements(set).is_none() {
                self.single[self.single_count] = schema.absent[usize::from(set.attribute) % ATTRIBUTES_MAX];
                self.single_count += 1;
            }
        }
    }

    /// Of attributes declared since the facts were read nothing is known.
    #[cold]
    fn add_declared_since(&mut self, singles: &[u8], schema: &Schema) {
        for (place, attribute) in self.single.iter_mut().zip(singles).filter(|(place, _)| **place == 0) {
            *place = schema.absent[usize::from(*attribute) % ATTRIBUTES_MAX];
        }
    }

    #[inline]
    pub(super) fn single(&self) -> &[u16] {
        &self.single[..self.single_count]
    }

    /// The sets that some row asks about.
    #[inline(always)]
    pub(super) const fn sets(&self) -> &'a [AskedSet] {
        self.sets
    }

    /// What is known of one.
    #[inline(always)]
    pub(super) fn elements(&self, set: &AskedSet) -> Option<&'a [ValueCode]> {
        match self.facts.known(AttributeId(set.attribute.into())) {
            Known::Elements(codes) => Some(codes),
            _ => None,
        }
    }
}

/// The lines around the numbers that a call's facts name, two for each that has a bucket with others, counted from 1.
#[derive(Clone, Debug)]
pub(crate) struct Whole {
    lines: [u16; 2 * ATTRIBUTES_MAX],
    count: usize,
}

impl Whole {
    pub(super) const NONE: Self = Self { lines: [0; 2 * ATTRIBUTES_MAX], count: 0 };

    /// Adds a line, counted from 0.
    pub(super) fn push(&mut self, line: u32) {
        self.lines[self.count] = line as u16 + 1;
        self.count += 1;
    }

    #[inline]
    pub(super) fn lines(&self) -> &[u16] {
        &self.lines[..self.count]
    }
}

#[cfg(test)]
impl<'a> Query<'a> {
    /// A query for these lines, counted from 0, and for what is known of these sets.
    pub(super) fn of_lines(single: &[u16], sets: &'a [AskedSet], facts: &'a FactSheet) -> Self {
        let mut query = Self { single: [0; ATTRIBUTES_MAX], single_count: single.len(), sets, facts };
        query.single.iter_mut().zip(single).for_each(|(place, line)| *place = line + 1);
        query
    }
}
