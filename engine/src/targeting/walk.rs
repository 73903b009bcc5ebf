//! The walk: the rows of a vertical that accept a call, best first, until nothing that follows is of any use.

use super::bits::{ASLEEP, FREE, LIVE, LIVE_MODE, Line, WORD_ROWS};
use super::index::{TargetingIndex, row_at};
use super::kernels::{Among, will_read};
use super::partition::NO_KEY;
use super::query::Query;
use super::row::{MetRow, Row, RowPlace};
use crate::ids::VerticalId;
use crate::limits::{ATTRIBUTES_MAX, BLOCK_ROWS};
use crate::terms::FactSheet;
use crate::units::Timestamp;

/// How many accepted rows of a block are asked for besides those a walk is for: some turn out not to stand.
const ASKED_BESIDES: usize = 3;
/// The memory answers no more at a time.
const ASKED_AT_ONCE: usize = 12;

/// Which rows a walk is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walked {
    /// All that may win: the best so many, as a rule.
    Best(usize),
    /// Those in live mode, for invitations: so many.
    LiveMode(usize),
}

impl TargetingIndex {
    /// Tells the processor that the vertical will be asked for rows that accept these facts.
    #[inline]
    pub(crate) fn will_ask(&self, facts: &FactSheet, vertical: VerticalId) {
        let partition = &self.partitions[usize::from(vertical.0)];
        let Some(first) = partition.blocks_in_use().first() else { return };
        will_read(&self.bounds[*first as usize]);
        [LIVE, FREE].iter().for_each(|line| will_read(self.bits.line(*first, *line)));
        let lines = self.bits.lines_from_1(*first);
        for attribute in partition.asks().singles() {
            will_read(&lines[usize::from(facts.lines()[usize::from(*attribute) % ATTRIBUTES_MAX])]);
        }
    }

    /// Visits the vertical's rows that accept the query, best first but for rows that `maintain` has yet to move.
    ///
    /// `visit` gets each row as it is met, and answers with the key that a row must beat to be of any use still, or
    /// [`NO_KEY`](super::NO_KEY); the walk ends when no row that follows can.
    #[inline]
    pub(crate) fn walk(
        &self,
        vertical: VerticalId,
        query: &Query<'_>,
        walked: Walked,
        at: Timestamp,
        mut visit: impl FnMut(MetRow<'_>) -> u128,
    ) {
        let partition = &self.partitions[usize::from(vertical.0)];
        let (Walked::Best(wanted) | Walked::LiveMode(wanted)) = walked;
        let mut to_beat = NO_KEY;
        for block in partition.blocks_in_use() {
            let bounds = &self.bounds[*block as usize];
            if bounds.suffix_best[0] > to_beat {
                return;
            }
            let (among, mut accepted) = (self.candidates(*block, walked, at), Line::EMPTY);
            self.kernel.intersect(self.bits.lines_from_1(*block), query, among, &mut accepted);
            let (rows, free) = (self.rows_of(*block), self.bits.line(*block, FREE));
            ask_for(rows, &accepted, wanted.saturating_add(ASKED_BESIDES).min(ASKED_AT_ONCE));
            for (word, mut left) in accepted.0.into_iter().enumerate() {
                if left != 0 && bounds.suffix_best[word] > to_beat {
                    return;
                }
                while left != 0 {
                    let row = word * WORD_ROWS + left.trailing_zeros() as usize;
                    left &= left - 1;
                    if rows[row].key <= to_beat {
                        let place = RowPlace::new(row_at(*block, row));
                        to_beat = visit(MetRow { row: &rows[row], is_free: free.has(row), place });
                    }
                }
            }
        }
    }

    /// The rows of a block that may win: awake, or asleep past their hour.
    #[inline]
    pub(super) fn candidates(&self, block: u32, walked: Walked, at: Timestamp) -> Among<'_> {
        let is_due = at.micros() >= self.bounds[block as usize].wake_at;
        let live_mode = matches!(walked, Walked::LiveMode(_));
        Among {
            awake: self.bits.line(block, LIVE),
            due: is_due.then(|| self.bits.line(block, ASLEEP)),
            only: live_mode.then(|| self.bits.line(block, LIVE_MODE)),
        }
    }

    #[inline]
    pub(super) fn rows_of(&self, block: u32) -> &[Row; BLOCK_ROWS] {
        let rows = &self.rows[block as usize * BLOCK_ROWS..][..BLOCK_ROWS];
        rows.try_into().expect("Invariant: a block has so many rows")
    }
}

/// Asks for the first few accepted rows before the first of them is looked at, so that the memory's answers overlap.
#[inline]
fn ask_for(rows: &[Row; BLOCK_ROWS], accepted: &Line, at_most: usize) {
    let mut asked = 0;
    for (word, mut left) in accepted.0.into_iter().enumerate() {
        while left != 0 {
            if asked == at_most {
                return;
            }
            let row = &rows[word * WORD_ROWS + left.trailing_zeros() as usize];
            left &= left - 1;
            asked += 1;
            will_read(row);
        }
    }
}
