//! Which rows accept a call, whether or not they can win: for looking back at all candidates, not for finding the best.

use super::bits::{FREE, Line, WORD_ROWS};
use super::index::TargetingIndex;
use super::query::Query;
use super::row::Row;
use crate::ids::VerticalId;
use crate::limits::BLOCK_ROWS;

impl TargetingIndex {
    /// How many profiles buy in the vertical.
    pub(crate) fn profiles_in(&self, vertical: VerticalId) -> u32 {
        let partition = &self.partitions[usize::from(vertical.0)];
        partition.rows - partition.further
    }

    /// Visits the vertical's rows that accept the query, awake or not, in no order that says anything; told beside each is
    /// whether it is free.
    #[inline]
    pub(crate) fn accepting(&self, vertical: VerticalId, query: &Query, mut visit: impl FnMut(&Row, bool)) {
        let partition = &self.partitions[usize::from(vertical.0)];
        for (nth, block) in partition.blocks[..partition.blocks_used() as usize].iter().enumerate() {
            let (rows, free) = (self.rows_of(*block), self.bits.line(*block, FREE));
            let mut accepted = filled(partition.rows as usize - nth * BLOCK_ROWS);
            self.kernel.intersect(self.bits.schema_lines(*block), query, &mut accepted);
            for (word, mut accepted) in accepted.0.into_iter().enumerate() {
                while accepted != 0 {
                    let row = word * WORD_ROWS + accepted.trailing_zeros() as usize;
                    accepted &= accepted - 1;
                    visit(&rows[row], free.has(row));
                }
            }
        }
    }
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
