//! The lines of bits, one 64-byte line of 512 rows for each value, block after block.

use alloc::boxed::Box;

use crate::limits::BLOCK_ROWS;

pub(crate) const WORD_ROWS: usize = 64;
pub(crate) const BLOCK_WORDS: usize = BLOCK_ROWS / WORD_ROWS;

/// One line of a block: the bits of 512 rows, in exactly one cache line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub(crate) struct Line(pub(crate) [u64; BLOCK_WORDS]);

const _: () = assert!(size_of::<Line>() == 64);

impl Line {
    pub(crate) const EMPTY: Self = Self([0; BLOCK_WORDS]);
    pub(crate) const FULL: Self = Self([u64::MAX; BLOCK_WORDS]);

    /// Keeps the rows that `other` has too.
    #[inline(always)]
    pub(crate) fn keep(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(other.0) {
            *word &= other;
        }
    }

    /// Drops the rows that `other` has.
    #[inline(always)]
    pub(crate) fn drop(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(other.0) {
            *word &= !other;
        }
    }

    /// Adds the rows of `other`.
    #[inline(always)]
    pub(crate) fn add(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(other.0) {
            *word |= other;
        }
    }

    /// A bit for each word that has a row.
    #[inline(always)]
    pub(crate) fn words_in_use(&self) -> u32 {
        self.0.iter().zip(0..).fold(0, |words, (word, nth)| words | u32::from(*word != 0) << nth)
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().fold(0, |all, word| all | word) == 0
    }

    /// The row's bit, as the lowest of a word.
    #[inline]
    pub(crate) const fn bit(&self, row: usize) -> u64 {
        self.0[row / WORD_ROWS] >> (row % WORD_ROWS) & 1
    }

    /// Turns the row's bit over if `by` is 1, leaves it if 0.
    #[inline]
    pub(crate) const fn flip(&mut self, row: usize, by: u64) {
        self.0[row / WORD_ROWS] ^= by << (row % WORD_ROWS);
    }

    #[inline]
    pub(crate) const fn has(&self, row: usize) -> bool {
        self.bit(row) == 1
    }
}

/// Lines every block has besides the schema's: rows that may win, rows asleep until the block's next wake-up, rows in
/// live mode, rows that nothing on their own record keeps from winning, whatever the time, and rows that lines alone
/// decide, but for numbers at the ends of their ranges, and that have no rules of their own.
pub(crate) const LIVE: u32 = 0;
pub(crate) const ASLEEP: u32 = 1;
pub(crate) const LIVE_MODE: u32 = 2;
pub(crate) const FREE: u32 = 3;
pub(crate) const PLAIN: u32 = 4;
/// Where the schema's lines start.
pub(crate) const SCHEMA_LINES: u32 = 5;

/// All blocks' lines in one allocation; a block's lines lie together, so a call touches one stretch of memory a block.
#[derive(Clone, Debug)]
pub(crate) struct Bits {
    lines: Box<[Line]>,
    stride: u32,
}

impl Bits {
    pub(crate) fn new(blocks: u32, schema_lines_max: u32) -> Self {
        let stride = SCHEMA_LINES + schema_lines_max;
        let lines = alloc::vec![Line::EMPTY; blocks as usize * stride as usize];
        Self { lines: lines.into_boxed_slice(), stride }
    }

    /// All lines of a block.
    #[inline]
    pub(crate) fn block(&self, block: u32) -> &[Line] {
        &self.lines[block as usize * self.stride as usize..][..self.stride as usize]
    }

    /// Those of the schema's values, counted from 1 as a query counts them.
    #[inline]
    pub(crate) fn lines_from_1(&self, block: u32) -> &[Line] {
        &self.block(block)[SCHEMA_LINES as usize - 1..]
    }

    pub(crate) fn block_mut(&mut self, block: u32) -> &mut [Line] {
        &mut self.lines[block as usize * self.stride as usize..][..self.stride as usize]
    }

    /// All lines of two different blocks.
    pub(crate) fn two_blocks_mut(&mut self, left: u32, right: u32) -> (&mut [Line], &mut [Line]) {
        let stride = self.stride as usize;
        let (before, after) = self.lines.split_at_mut(left.max(right) as usize * stride);
        let (low, high) = (&mut before[left.min(right) as usize * stride..][..stride], &mut after[..stride]);
        if left < right { (low, high) } else { (high, low) }
    }

    #[inline]
    pub(crate) fn line(&self, block: u32, line: u32) -> &Line {
        &self.lines[block as usize * self.stride as usize + line as usize]
    }

    #[inline]
    pub(crate) fn line_mut(&mut self, block: u32, line: u32) -> &mut Line {
        &mut self.lines[block as usize * self.stride as usize + line as usize]
    }

    #[inline]
    pub(crate) fn set(&mut self, block: u32, line: u32, row: usize, bit: bool) {
        let word = &mut self.line_mut(block, line).0[row / WORD_ROWS];
        let mask = 1 << (row % WORD_ROWS);
        *word = *word & !mask | u64::from(bit) << (row % WORD_ROWS);
    }
}
