//! Which rows accept a call, whether or not they can win: for looking back at all candidates, not for finding the best.

use super::bits::{BLOCK_WORDS, LineWords, WORD_ROWS};
use super::index::TargetingIndex;
use super::query::Query;
use crate::ids::VerticalId;
use crate::limits::BLOCK_ROWS;

/// How many rows are handed over together, so that the answers of the memory overlap.
const VISITED_AT_ONCE: usize = 16;

/// A row that lets a call pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Accepting {
    /// The row's id: a profile may have several rows.
    pub(crate) row: u32,
    pub(crate) profile: u32,
}

impl TargetingIndex {
    /// How many profiles buy in the vertical.
    pub(crate) fn profiles_in(&self, vertical: VerticalId) -> u32 {
        let partition = &self.partitions[usize::from(vertical.0)];
        partition.rows - partition.further
    }

    /// Visits the vertical's rows that accept the query, awake or not, in no order that says anything.
    #[inline]
    pub(crate) fn accepting(&self, vertical: VerticalId, query: &Query, mut visit: impl FnMut(&[Accepting])) {
        let partition = &self.partitions[usize::from(vertical.0)];
        let mut few = [Accepting::default(); VISITED_AT_ONCE];
        let mut count = 0;
        for (nth, block) in partition.blocks[..partition.blocks_used() as usize].iter().enumerate() {
            let block_rows = &self.blocks[*block as usize];
            let mut accepted = filled(partition.rows as usize - nth * BLOCK_ROWS);
            self.intersect(*block, query, &mut accepted);
            for (word, mut accepted) in accepted.into_iter().enumerate() {
                while accepted != 0 {
                    let row = word * WORD_ROWS + accepted.trailing_zeros() as usize;
                    accepted &= accepted - 1;
                    few[count] = Accepting { row: block_rows.ids[row], profile: block_rows.profiles[row] };
                    count += 1;
                    if count == VISITED_AT_ONCE {
                        visit(&few);
                        count = 0;
                    }
                }
            }
        }
        visit(&few[..count]);
    }
}

/// The first `rows` of a block, or all of it.
fn filled(rows: usize) -> LineWords {
    core::array::from_fn::<u64, BLOCK_WORDS, _>(|word| match rows.saturating_sub(word * WORD_ROWS) {
        0 => 0,
        rows if rows < WORD_ROWS => (1 << rows) - 1,
        _ => u64::MAX,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_filled_from_its_first_row() {
        assert_eq!(filled(0), [0; BLOCK_WORDS]);
        assert_eq!(filled(BLOCK_ROWS), [u64::MAX; BLOCK_WORDS]);
        assert_eq!(filled(3 * BLOCK_ROWS), [u64::MAX; BLOCK_WORDS]);
        for rows in [1, 63, 64, 65, 511] {
            let ones: u32 = filled(rows).iter().map(|word| word.count_ones()).sum();
            assert_eq!(ones as usize, rows);
            assert_eq!(filled(rows)[(rows - 1) / WORD_ROWS] >> ((rows - 1) % WORD_ROWS) & 1, 1);
        }
    }
}
