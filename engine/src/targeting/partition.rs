//! The rows of one vertical: which blocks they are in, what is asked of a call there, and how good the rows can be.

use alloc::boxed::Box;

use super::bits::BLOCK_WORDS;
use crate::ids::ValueCode;
use crate::limits::{ATTRIBUTES_MAX, BLOCK_ROWS};
use crate::terms::{Clause, Lines};

/// Worse than any candidate.
pub(crate) const NO_KEY: u128 = u128::MAX;

/// What is known of a block's rows together.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Bounds {
    /// A bound for each word of 64 rows and all rows that follow in the partition: none of them has a smaller key. When
    /// the walk may stop.
    pub(crate) suffix_best: [u128; BLOCK_WORDS],
    /// When the first of the sleeping rows must be looked at again.
    pub(crate) wake_at: u64,
}

impl Bounds {
    pub(crate) const NONE: Self = Self { suffix_best: [NO_KEY; BLOCK_WORDS], wake_at: u64::MAX };
}

/// A set attribute that some row of a partition asks about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AskedSet {
    pub(crate) attribute: u8,
    /// Some row wants certain values.
    pub(crate) wants: bool,
    /// Some row excludes certain values, and lines say which.
    pub(crate) excludes: bool,
    lines: SetLines,
}

/// Where a set attribute's lines are: for each bucket of values one that accepts, and, where somebody excludes values, one that
/// excludes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SetLines {
    /// The first, counted from 1.
    first: u32,
    buckets: u32,
    /// How far behind the line that accepts a value the one is that excludes it; 0 where there are none.
    apart: u32,
}

impl SetLines {
    /// `None` for an attribute that is no set.
    pub(crate) fn of(lines: &Lines) -> Option<Self> {
        let (first, buckets) = (lines.accepting(0) + 1, lines.buckets());
        let apart = if lines.excludes() { lines.excluding(0) - lines.accepting(0) } else { 0 };
        lines.is_set().then_some(Self { first, buckets, apart })
    }
}

impl AskedSet {
    /// The line of the rows that accept this element, counted from 1.
    #[inline(always)]
    pub(super) const fn accepting(&self, code: ValueCode) -> usize {
        // Codes start at 1.
        let place = code.0.saturating_sub(1);
        let bucket = if place < self.lines.buckets { place } else { place % self.lines.buckets };
        (self.lines.first + bucket) as usize
    }

    /// One with so many buckets, whose lines start at `first`, counted from 0.
    #[cfg(test)]
    pub(super) const fn of(attribute: u8, (wants, excludes): (bool, bool), first: u32, buckets: u32) -> Self {
        Self { attribute, wants, excludes, lines: SetLines { first: first + 1, buckets, apart: buckets } }
    }

    /// The line of the rows that exclude it, counted from 1.
    #[inline(always)]
    pub(super) const fn excluding(&self, code: ValueCode) -> usize {
        self.accepting(code) + self.lines.apart as usize
    }
}

/// The attributes that some row of a partition has a clause on, most clauses first: what a query reads, in the order in which
/// it pays. Sets apart, as they have a line for each element.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asks {
    singles: [u8; ATTRIBUTES_MAX],
    singles_count: u8,
    sets_count: u8,
    sets: [AskedSet; ATTRIBUTES_MAX],
}

impl Asks {
    #[inline]
    pub(crate) fn singles(&self) -> &[u8] {
        &self.singles[..usize::from(self.singles_count)]
    }

    #[inline]
    pub(crate) fn sets(&self) -> &[AskedSet] {
        &self.sets[..usize::from(self.sets_count)]
    }
}

/// One vertical's rows, in blocks.
#[derive(Clone, Debug)]
pub(crate) struct Partition {
    pub(crate) blocks: Box<[u32]>,
    pub(crate) rows: u32,
    /// No row is in a later tier than this. A row that goes leaves it as it is: too late a tier only costs time.
    pub(crate) tier_last: u8,
    /// How many of them are of further conjunctions, not a profile's own.
    pub(crate) further: u32,
    /// How many wanting and excluding clauses there are on each attribute.
    clauses: [[u32; 2]; ATTRIBUTES_MAX],
    asks: Asks,
    /// Rows changed their rank or their place since the last plan was begun: `maintain` has to look at them.
    pub(crate) dirty: bool,
}

impl Partition {
    pub(crate) fn new(blocks_max: u32) -> Self {
        Self {
            blocks: alloc::vec![u32::MAX; blocks_max as usize].into_boxed_slice(),
            rows: 0,
            tier_last: 0,
            further: 0,
            clauses: [[0; 2]; ATTRIBUTES_MAX],
            asks: Asks::default(),
            dirty: false,
        }
    }

    /// The attributes whose lines need reading.
    #[inline]
    pub(crate) const fn asks(&self) -> &Asks {
        &self.asks
    }

    /// A row has these clauses. `sets` says where the lines of attributes are that are sets.
    pub(crate) fn constrain(&mut self, clauses: &[Clause], sets: &[Option<SetLines>; ATTRIBUTES_MAX]) {
        for clause in clauses {
            self.clauses[usize::from(clause.attribute.0)][usize::from(clause.test.is_excluding())] += 1;
        }
        self.reorder(sets);
    }

    /// A row that had these clauses is gone.
    pub(crate) fn release(&mut self, clauses: impl Iterator<Item = Clause>, sets: &[Option<SetLines>; ATTRIBUTES_MAX]) {
        for clause in clauses {
            self.clauses[usize::from(clause.attribute.0)][usize::from(clause.test.is_excluding())] -= 1;
        }
        self.reorder(sets);
    }

    fn reorder(&mut self, sets: &[Option<SetLines>; ATTRIBUTES_MAX]) {
        let (mut singles, mut asked_sets) = (0, 0);
        for ([wants, excludes], attribute) in self.clauses.iter().zip(0_u8..) {
            if wants + excludes == 0 {
                continue;
            }
            if let Some(lines) = sets[usize::from(attribute)] {
                let (wants, excludes) = (*wants > 0, *excludes > 0 && lines.apart > 0);
                self.asks.sets[asked_sets] = AskedSet { attribute, wants, excludes, lines };
                asked_sets += 1;
            } else {
                self.asks.singles[singles] = attribute;
                singles += 1;
            }
        }
        let order = |attribute: u8| {
            let clauses = self.clauses[usize::from(attribute)].iter().sum::<u32>();
            (core::cmp::Reverse(clauses), attribute)
        };
        self.asks.singles[..singles].sort_unstable_by_key(|attribute| order(*attribute));
        self.asks.sets[..asked_sets].sort_unstable_by_key(|set| order(set.attribute));
        (self.asks.singles_count, self.asks.sets_count) = (singles as u8, asked_sets as u8);
    }

    pub(crate) const fn blocks_used(&self) -> u32 {
        self.rows.div_ceil(BLOCK_ROWS as u32)
    }

    /// The blocks that have rows.
    #[inline]
    pub(crate) fn blocks_in_use(&self) -> &[u32] {
        &self.blocks[..self.blocks_used() as usize]
    }

    /// The block of a row, and the row's place in it.
    #[inline]
    pub(crate) fn place(&self, row: u32) -> (u32, usize) {
        (self.blocks[row as usize / BLOCK_ROWS], row as usize % BLOCK_ROWS)
    }
}
