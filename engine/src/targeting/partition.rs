//! The rows of one vertical: which block they are in, whose they are, and how good they can be.

use alloc::boxed::Box;

use super::bits::{BLOCK_WORDS, WORD_ROWS};
use crate::ids::AttributeId;
use crate::limits::{ATTRIBUTES_MAX, BLOCK_ROWS};

/// Worse than any candidate.
pub(crate) const NO_KEY: u128 = u128::MAX;

/// What is known of a block's rows besides their bits.
#[derive(Clone, Debug)]
pub(crate) struct BlockRows {
    /// Each row's rank key, and whose row it is.
    pub(crate) keys: [u128; BLOCK_ROWS],
    pub(crate) profiles: [u32; BLOCK_ROWS],
    /// Each row's id: a profile may have several rows.
    pub(crate) ids: [u32; BLOCK_ROWS],
    /// A bound for each word of 64 rows: no row of it has a smaller key.
    pub(crate) word_best: [u128; BLOCK_WORDS],
    /// The same for the word and all that follow in the partition: when the walk may stop.
    pub(crate) suffix_best: [u128; BLOCK_WORDS],
    /// When the first of the sleeping rows must be looked at again.
    pub(crate) wake_at: u64,
}

impl BlockRows {
    pub(crate) const fn new() -> Self {
        Self {
            keys: [NO_KEY; BLOCK_ROWS],
            profiles: [u32::MAX; BLOCK_ROWS],
            ids: [u32::MAX; BLOCK_ROWS],
            word_best: [NO_KEY; BLOCK_WORDS],
            suffix_best: [NO_KEY; BLOCK_WORDS],
            wake_at: u64::MAX,
        }
    }

    /// The best key among a word's rows.
    pub(crate) fn best_of_word(&self, word: usize) -> u128 {
        self.keys[word * WORD_ROWS..][..WORD_ROWS].iter().copied().min().unwrap_or(NO_KEY)
    }
}

/// One vertical's rows, in blocks.
#[derive(Clone, Debug)]
pub(crate) struct Partition {
    pub(crate) blocks: Box<[u32]>,
    pub(crate) rows: u32,
    /// How many of them are of further conjunctions, not a profile's own.
    pub(crate) further: u32,
    /// How many clauses there are on each attribute.
    clauses: [u32; ATTRIBUTES_MAX],
    /// The attributes that have any, most clauses first: what a query reads, in the order in which it pays.
    order: [AttributeId; ATTRIBUTES_MAX],
    order_count: usize,
    /// Where `maintain` has got to.
    pub(crate) sorting: Sorting,
}

/// A Shell sort that can be left and taken up again: rows `place` and `place - gap` are compared next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sorting {
    /// Rows changed since the last pass began; nothing to do while there are none.
    pub(crate) dirty: bool,
    pub(crate) gap: u32,
    pub(crate) place: u32,
    pub(crate) hole: u32,
}

impl Partition {
    pub(crate) fn new(blocks_max: u32) -> Self {
        Self {
            blocks: alloc::vec![u32::MAX; blocks_max as usize].into_boxed_slice(),
            rows: 0,
            further: 0,
            clauses: [0; ATTRIBUTES_MAX],
            order: [AttributeId(0); ATTRIBUTES_MAX],
            order_count: 0,
            sorting: Sorting { dirty: false, gap: 0, place: 0, hole: 0 },
        }
    }

    /// The attributes that some row has a clause on. The others' lines need no reading.
    #[inline]
    pub(crate) fn constrained(&self) -> &[AttributeId] {
        &self.order[..self.order_count]
    }

    /// A row has a clause on this attribute.
    pub(crate) fn constrain(&mut self, attribute: AttributeId) {
        self.clauses[usize::from(attribute.0)] += 1;
        self.reorder();
    }

    /// A row that had a clause on this attribute is gone.
    pub(crate) fn release(&mut self, attribute: AttributeId) {
        self.clauses[usize::from(attribute.0)] -= 1;
        self.reorder();
    }

    fn reorder(&mut self) {
        let mut count = 0;
        for (clauses, id) in self.clauses.iter().zip(0..) {
            if *clauses > 0 {
                self.order[count] = AttributeId(id);
                count += 1;
            }
        }
        self.order_count = count;
        self.order[..count].sort_unstable_by_key(|id| (core::cmp::Reverse(self.clauses[usize::from(id.0)]), *id));
    }

    pub(crate) const fn blocks_used(&self) -> u32 {
        self.rows.div_ceil(BLOCK_ROWS as u32)
    }

    /// The block of a row, and the row's place in it.
    #[inline]
    pub(crate) fn place(&self, row: u32) -> (u32, usize) {
        (self.blocks[row as usize / BLOCK_ROWS], row as usize % BLOCK_ROWS)
    }
}
