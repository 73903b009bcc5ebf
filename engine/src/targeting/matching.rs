//! All rows that accept a call and may win, listed instead of ranked: for `measure` alone.

use super::accepting::places;
use super::bits::{Line, WORD_ROWS};
use super::index::{TargetingIndex, row_at};
use super::kernels::will_read;
use super::query::{Query, Whole};
use super::row::Row;
use super::walk::Walked;
use crate::ids::VerticalId;
use crate::limits::BLOCK_ROWS;
use crate::units::Timestamp;

impl TargetingIndex {
    /// The profiles of the vertical's rows that may win and accept the query, word by word, best first but for rows that
    /// `maintain` has yet to move. Of rows that lines alone do not decide, `wants` is asked.
    #[inline]
    pub(crate) fn matching(
        &self,
        vertical: VerticalId,
        (query, whole): (&Query<'_>, &Whole),
        at: Timestamp,
        wants: impl Fn(&Row) -> bool,
        mut each: impl FnMut(u32),
    ) {
        let partition = &self.partitions[usize::from(vertical.0)];
        for block in partition.blocks_in_use() {
            let (among, mut accepting) = (self.candidates(*block, Walked::Best(0), at), Line::EMPTY);
            self.kernel.intersect(self.bits.lines_from_1(*block), query, among, &mut accepting);
            let (plain, rows) = (self.decided(*block, whole), self.rows_of(*block));
            let profiles = &self.profiles[row_at(*block, 0)..][..BLOCK_ROWS];
            for (word, accepting) in accepting.0.into_iter().enumerate() {
                let (profiles, rows) = (&profiles[word * WORD_ROWS..], &rows[word * WORD_ROWS..]);
                let left = accepting & !plain.0[word];
                places(left).for_each(|place| will_read(&rows[place]));
                places(accepting & plain.0[word]).for_each(|place| each(profiles[place]));
                places(left).filter(|place| wants(&rows[*place])).for_each(|place| each(profiles[place]));
            }
        }
    }
}
