//! A call's facts as lines to read.

use super::bits::SCHEMA_LINES;
use super::partition::Asked;
use crate::limits::{ATTRIBUTES_MAX, SET_FACTS_MAX};
use crate::schema::Schema;
use crate::terms::{FactSheet, Known};

/// The lines a call's facts choose: all of `single`, of each group of `any` at least one, none of `none`.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) single: Few<{ ATTRIBUTES_MAX }>,
    pub(crate) any: Few<{ SET_FACTS_MAX }>,
    /// Where each group of `any` ends.
    pub(crate) any_ends: Few<{ ATTRIBUTES_MAX }>,
    pub(crate) none: Few<{ SET_FACTS_MAX }>,
}

/// A few line numbers.
#[derive(Clone, Debug)]
pub(crate) struct Few<const N: usize> {
    items: [u32; N],
    count: usize,
}

impl<const N: usize> Few<N> {
    const fn new() -> Self {
        Self { items: [0; N], count: 0 }
    }

    #[inline]
    fn push(&mut self, item: u32) {
        self.items[self.count] = item;
        self.count += 1;
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u32] {
        &self.items[..self.count]
    }
}

impl Query {
    /// The lines of those attributes that some row of the partition asks about, in the order given.
    #[inline]
    pub(crate) fn of(facts: &FactSheet, schema: &Schema, asked: &[Asked]) -> Self {
        let mut query = Self { single: Few::new(), any: Few::new(), any_ends: Few::new(), none: Few::new() };
        // Counted here, where it stays in a register.
        let mut singles = 0;
        for asked in asked {
            let line = match facts.line(asked.attribute) {
                Some(line) => line,
                None => match query.add_set(asked, schema, facts) {
                    Some(line) => line,
                    None => continue,
                },
            };
            query.single.items[singles] = SCHEMA_LINES + line;
            singles += 1;
        }
        query.single.count = singles;
        query
    }

    /// Adds the lines of a set's elements; where nothing is known of the attribute, answers the line for that.
    fn add_set(&mut self, asked: &Asked, schema: &Schema, facts: &FactSheet) -> Option<u32> {
        let lines = &schema.attribute(asked.attribute)?.lines;
        let Known::Elements(codes) = facts.known(asked.attribute) else { return Some(lines.absent()) };
        if asked.wants {
            for code in codes {
                self.any.push(SCHEMA_LINES + lines.accepting(lines.bucket_of_code(*code)));
            }
            self.any_ends.push(self.any.count as u32);
        }
        if asked.excludes && lines.is_exact() {
            for code in codes {
                self.none.push(SCHEMA_LINES + lines.excluding(lines.bucket_of_code(*code)));
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
            query.any_ends.push(query.any.count as u32);
        }
        none.iter().for_each(|line| query.none.push(*line));
        query
    }
}
