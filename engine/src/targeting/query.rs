//! A call's facts as lines to read.

use crate::ids::AttributeId;
use crate::limits::{ATTRIBUTES_MAX, SET_FACTS_MAX};
use crate::schema::Schema;
use crate::terms::{FactSheet, Known, Lines};

use super::bits::SCHEMA_LINES;

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
    /// The lines of those attributes that some row of the partition constrains, in the order given.
    pub(crate) fn of(facts: &FactSheet, schema: &Schema, constrained: &[AttributeId]) -> Self {
        let mut query = Self { single: Few::new(), any: Few::new(), any_ends: Few::new(), none: Few::new() };
        for attribute in constrained {
            if let Some(declared) = schema.attribute(*attribute) {
                query.add(*attribute, &declared.lines, facts);
            }
        }
        query
    }

    fn add(&mut self, attribute: AttributeId, lines: &Lines, facts: &FactSheet) {
        let bucket = match facts.known(attribute) {
            Known::Absent => return self.single.push(SCHEMA_LINES + lines.absent()),
            Known::Code(code) => lines.bucket_of_code(code),
            Known::Number(number) => lines.bucket_of_number(number),
            Known::Flag(flag) => Lines::bucket_of_flag(flag),
            Known::Place(place) => Lines::bucket_of_place(place),
            Known::Elements(codes) => {
                for code in codes {
                    let bucket = lines.bucket_of_code(*code);
                    self.any.push(SCHEMA_LINES + lines.accepting(bucket));
                    if lines.is_exact() {
                        self.none.push(SCHEMA_LINES + lines.excluding(bucket));
                    }
                }
                return self.any_ends.push(self.any.count as u32);
            }
        };
        self.single.push(SCHEMA_LINES + lines.accepting(bucket));
    }
}
