//! A call's facts as lines to read.

use super::partition::Asked;
use crate::limits::{ATTRIBUTES_MAX, SET_FACTS_MAX};
use crate::schema::Schema;
use crate::terms::{FactSheet, Known};

/// The lines a call's facts choose, counted from the schema's first: all of `single`, of each group of `any` at least one,
/// none of `none`.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) single: Few<{ ATTRIBUTES_MAX }>,
    pub(crate) any: Few<{ SET_FACTS_MAX }>,
    /// Where each group of `any` ends.
    pub(crate) any_ends: Few<{ ATTRIBUTES_MAX }>,
    pub(crate) none: Few<{ SET_FACTS_MAX }>,
}

/// The lines around the numbers that a call's facts name, two for each that has a bucket with others.
#[derive(Clone, Debug)]
pub(crate) struct Whole(pub(super) Few<{ 2 * ATTRIBUTES_MAX }>);

/// A few line numbers. There are at most 2^16 lines, so a query is small enough to be moved.
#[derive(Clone, Debug)]
pub(crate) struct Few<const N: usize> {
    items: [u16; N],
    count: u16,
}

impl<const N: usize> Few<N> {
    pub(super) const fn new() -> Self {
        Self { items: [0; N], count: 0 }
    }

    #[inline]
    pub(super) fn push(&mut self, line: u32) {
        self.items[usize::from(self.count)] = line as u16;
        self.count += 1;
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u16] {
        &self.items[..usize::from(self.count)]
    }
}

impl Query {
    /// The lines of those attributes that some row of the partition asks about, in the order given.
    #[inline]
    pub(crate) fn of(facts: &FactSheet, schema: &Schema, asked: &[Asked]) -> Self {
        let mut query = Self { single: Few::new(), any: Few::new(), any_ends: Few::new(), none: Few::new() };
        for asked in asked {
            let line = facts.line(asked.attribute).or_else(|| query.add_set(asked, schema, facts));
            if let Some(line) = line {
                query.single.push(line);
            }
        }
        query
    }

    /// Adds the lines of a set's elements; where nothing is known of the attribute, answers the line for that.
    fn add_set(&mut self, asked: &Asked, schema: &Schema, facts: &FactSheet) -> Option<u32> {
        let lines = &schema.attribute(asked.attribute)?.lines;
        let Known::Elements(codes) = facts.known(asked.attribute) else { return Some(lines.absent()) };
        if asked.wants {
            for code in codes {
                self.any.push(lines.accepting(lines.bucket_of_code(*code)));
            }
            self.any_ends.push(self.any.count.into());
        }
        if asked.excludes && lines.is_exact() {
            for code in codes {
                self.none.push(lines.excluding(lines.bucket_of_code(*code)));
            }
        }
        None
    }
}

#[cfg(test)]
impl Query {
    /// A query for these lines.
    pub(super) fn of_lines(single: &[u32], any: &[&[u32]], none: &[u32]) -> Self {
        let mut query = Self { single: Few::new(), any: Few::new(), any_ends: Few::new(), none: Few::new() };
        single.iter().for_each(|line| query.single.push(*line));
        for group in any {
            group.iter().for_each(|line| query.any.push(*line));
            query.any_ends.push(query.any.count.into());
        }
        none.iter().for_each(|line| query.none.push(*line));
        query
    }
}
