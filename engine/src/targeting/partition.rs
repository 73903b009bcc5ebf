//! The rows of one vertical: which blocks they are in, what is asked of a call there, and how good the rows can be.

use alloc::boxed::Box;

use super::bits::BLOCK_WORDS;
use crate::ids::AttributeId;
use crate::limits::{ATTRIBUTES_MAX, BLOCK_ROWS};
use crate::terms::Clause;

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

/// An attribute that some row of a partition asks about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) attribute: AttributeId,
    /// Some row wants certain values; some row excludes certain values.
    pub(crate) wants: bool,
    pub(crate) excludes: bool,
}

/// One vertical's rows, in blocks.
#[derive(Clone, Debug)]
pub(crate) struct Partition {
    pub(crate) blocks: Box<[u32]>,
    pub(crate) rows: u32,
    /// How many of them are of further conjunctions, not a profile's own.
    pub(crate) further: u32,
    /// How many wanting and excluding clauses there are on each attribute.
    clauses: [[u32; 2]; ATTRIBUTES_MAX],
    /// The attributes that have any, most clauses first: what a query reads, in the order in which it pays.
    order: [Asked; ATTRIBUTES_MAX],
    order_count: usize,
    /// Rows changed their rank or their place since the last plan was begun: `maintain` has to look at them.
    pub(crate) dirty: bool,
}

impl Partition {
    pub(crate) fn new(blocks_max: u32) -> Self {
        Self {
            blocks: alloc::vec![u32::MAX; blocks_max as usize].into_boxed_slice(),
            rows: 0,
            further: 0,
            clauses: [[0; 2]; ATTRIBUTES_MAX],
            order: [Asked::default(); ATTRIBUTES_MAX],
            order_count: 0,
            dirty: false,
        }
    }

    /// The attributes that some row has a clause on. The others' lines need no reading.
    #[inline]
    pub(crate) fn asked(&self) -> &[Asked] {
        &self.order[..self.order_count]
    }

    /// A row has these clauses.
    pub(crate) fn constrain(&mut self, clauses: &[Clause]) {
        for clause in clauses {
            self.clauses[usize::from(clause.attribute.0)][usize::from(clause.test.is_excluding())] += 1;
        }
        self.reorder();
    }

    /// A row that had these clauses is gone.
    pub(crate) fn release(&mut self, clauses: &[Clause]) {
        for clause in clauses {
            self.clauses[usize::from(clause.attribute.0)][usize::from(clause.test.is_excluding())] -= 1;
        }
        self.reorder();
    }

    fn reorder(&mut self) {
        let mut count = 0;
        for ([wants, excludes], id) in self.clauses.iter().zip(0..) {
            if wants + excludes > 0 {
                self.order[count] = Asked { attribute: AttributeId(id), wants: *wants > 0, excludes: *excludes > 0 };
                count += 1;
            }
        }
        self.order_count = count;
        let clauses = |id: AttributeId| self.clauses[usize::from(id.0)].iter().sum::<u32>();
        self.order[..count]
            .sort_unstable_by_key(|asked| (core::cmp::Reverse(clauses(asked.attribute)), asked.attribute));
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
