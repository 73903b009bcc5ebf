//! The lines of bits, one 64-byte line of 512 rows for each value, block after block.

use alloc::boxed::Box;

use crate::limits::BLOCK_ROWS;

pub(crate) const WORD_ROWS: usize = 64;
pub(crate) const BLOCK_WORDS: usize = BLOCK_ROWS / WORD_ROWS;

/// One line of a block: the bits of 512 rows.
pub(crate) type LineWords = [u64; BLOCK_WORDS];

/// Lines every block has besides the schema's: rows that may win, rows asleep until the block's next wake-up, and rows
/// in live mode.
pub(crate) const LIVE: u32 = 0;
pub(crate) const ASLEEP: u32 = 1;
pub(crate) const LIVE_MODE: u32 = 2;
/// Where the schema's lines start.
pub(crate) const SCHEMA_LINES: u32 = 3;

/// All blocks' lines in one allocation; a block's lines lie together, so a call touches one stretch of memory a block.
#[derive(Clone, Debug)]
pub(crate) struct Bits {
    lines: Box<[LineWords]>,
    stride: u32,
}

impl Bits {
    pub(crate) fn new(blocks: u32, schema_lines_max: u32) -> Self {
        let stride = SCHEMA_LINES + schema_lines_max;
        let lines = alloc::vec![[0; BLOCK_WORDS]; blocks as usize * stride as usize];
        Self { lines: lines.into_boxed_slice(), stride }
    }

    #[inline]
    pub(crate) fn line(&self, block: u32, line: u32) -> &LineWords {
        &self.lines[block as usize * self.stride as usize + line as usize]
    }

    #[inline]
    pub(crate) fn line_mut(&mut self, block: u32, line: u32) -> &mut LineWords {
        &mut self.lines[block as usize * self.stride as usize + line as usize]
    }

    #[inline]
    pub(crate) fn get(&self, block: u32, line: u32, row: usize) -> bool {
        self.line(block, line)[row / WORD_ROWS] >> (row % WORD_ROWS) & 1 == 1
    }

    #[inline]
    pub(crate) fn set(&mut self, block: u32, line: u32, row: usize, bit: bool) {
        let word = &mut self.line_mut(block, line)[row / WORD_ROWS];
        let mask = 1 << (row % WORD_ROWS);
        if bit {
            *word |= mask;
        } else {
            *word &= !mask;
        }
    }
}
