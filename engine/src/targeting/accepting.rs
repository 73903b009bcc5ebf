//! Which rows accept a call, whether or not they can win: for looking back at all candidates, not for finding the best.

use super::bits::{BLOCK_WORDS, FREE, Line, WORD_ROWS};
use super::index::{TargetingIndex, row_at};
use super::kernels::Among;
use super::query::{Query, Whole};
use super::row::{MetRow, Row, RowPlace};
use super::spread::Spread;
use crate::ids::VerticalId;
use crate::limits::BLOCK_ROWS;

impl TargetingIndex {
    /// How many profiles buy in the vertical.
    pub(crate) fn profiles_in(&self, vertical: VerticalId) -> u32 {
        let partition = &self.partitions[usize::from(vertical.0)];
        partition.rows - partition.further
    }

    /// Visits the vertical's blocks in which some rows accept the query, awake or not.
    #[inline]
    pub(crate) fn accepting<'a>(
        &'a self,
        vertical: VerticalId,
        query: &Query<'_>,
        whole: &Whole,
        mut visit: impl FnMut(&AcceptingBlock<'a>),
    ) {
        let partition = &self.partitions[usize::from(vertical.0)];
        let blocks = partition.blocks_in_use();
        for (few, first) in blocks.chunks(BLOCKS_AT_ONCE).zip((0..).step_by(BLOCKS_AT_ONCE)) {
            // All lines first: nothing that is done with what they say keeps the processor from asking for the next.
            let mut accepting = [Line::EMPTY; BLOCKS_AT_ONCE];
            for (nth, block) in few.iter().enumerate() {
                let rows = partition.rows as usize - (first + nth) * BLOCK_ROWS;
                let partly = if rows < BLOCK_ROWS { filled(rows) } else { Line::EMPTY };
                let among = Among::all(if rows < BLOCK_ROWS { &partly } else { &Line::FULL });
                self.kernel.intersect(self.bits.lines_from_1(*block), query, among, &mut accepting[nth]);
            }
            for (nth, block) in few.iter().enumerate().filter(|(nth, _)| !accepting[*nth].is_empty()) {
                let mut free_and_plain = self.decided(*block, whole);
                free_and_plain.keep(self.bits.line(*block, FREE));
                visit(&AcceptingBlock {
                    first: ((first + nth) * BLOCK_ROWS) as u32,
                    first_place: row_at(*block, 0),
                    accepting: accepting[nth],
                    free: self.bits.line(*block, FREE),
                    free_and_plain,
                    spreads: &self.spreads[*block as usize],
                    rows: self.rows_of(*block),
                    buyers: &self.buyers[row_at(*block, 0)..row_at(*block, BLOCK_ROWS)],
                });
            }
        }
    }

    /// How many rows a line has.
    #[inline]
    pub(crate) fn count(&self, rows: &Line) -> u32 {
        self.kernel.count(rows)
    }
}

/// So many blocks' lines are read before anything else is.
const BLOCKS_AT_ONCE: usize = 8;

/// A block of rows, some of which accept a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AcceptingBlock<'a> {
    /// The number of its first row in the vertical.
    pub(crate) first: u32,
    /// Where that row is among all.
    first_place: usize,
    /// The rows that accept, but for what lines cannot decide.
    pub(crate) accepting: Line,
    /// Nothing on their own record keeps them from winning.
    free: &'a Line,
    /// Nor have they rules of their own, and lines alone decide whether they accept.
    pub(crate) free_and_plain: Line,
    /// Of each word.
    pub(crate) spreads: &'a [Spread; BLOCK_WORDS],
    rows: &'a [Row; BLOCK_ROWS],
    /// Of each row.
    pub(crate) buyers: &'a [u32],
}

impl<'a> AcceptingBlock<'a> {
    /// The row at this place of the block.
    #[inline]
    pub(crate) fn met(&self, place: usize) -> MetRow<'a> {
        let at = RowPlace::new(self.first_place + place);
        MetRow { row: &self.rows[place], is_free: self.free.has(place), place: at }
    }
}

/// The places of the bits that are set.
#[inline]
pub(crate) fn places(mut bits: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let place = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (place < u64::BITS).then_some(place as usize)
    })
}

/// The first `rows` of a block, or all of it.
fn filled(rows: usize) -> Line {
    Line(core::array::from_fn(|word| match rows.saturating_sub(word * WORD_ROWS) {
        0 => 0,
        rows if rows < WORD_ROWS => (1 << rows) - 1,
        _ => u64::MAX,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targeting::bits::BLOCK_WORDS;

    #[test]
    fn a_block_is_filled_from_its_first_row() {
        assert_eq!(filled(0).0, [0; BLOCK_WORDS]);
        assert_eq!(filled(BLOCK_ROWS).0, [u64::MAX; BLOCK_WORDS]);
        assert_eq!(filled(3 * BLOCK_ROWS).0, [u64::MAX; BLOCK_WORDS]);
        for rows in [1, 63, 64, 65, 511] {
            let ones: u32 = filled(rows).0.iter().map(|word| word.count_ones()).sum();
            assert_eq!(ones as usize, rows);
            assert_eq!(filled(rows).0[(rows - 1) / WORD_ROWS] >> ((rows - 1) % WORD_ROWS) & 1, 1);
        }
    }
}
