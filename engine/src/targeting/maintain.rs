//! Moving rows into order, a bounded number of steps at a time, and tightening the bounds behind them.

use super::bits::{BLOCK_WORDS, WORD_ROWS};
use super::index::TargetingIndex;
use super::partition::{NO_KEY, Sorting};
use crate::ids::VerticalId;

impl TargetingIndex {
    /// Does at most about `budget` steps, a step being one comparison and perhaps one exchange of rows. Returns whether
    /// there is more to do.
    ///
    /// It is a Shell sort (gaps halving) that can be left at any point: rows that change meanwhile are caught by the next
    /// pass, and no decision depends on how far it got.
    pub(crate) fn maintain(&mut self, budget: u32) -> bool {
        let mut left = budget;
        for vertical in 0..self.partitions.len() {
            let vertical = VerticalId(vertical as u16);
            while self.is_unsorted(vertical) {
                if left == 0 {
                    return true;
                }
                left -= 1;
                self.step(vertical);
            }
        }
        false
    }

    fn is_unsorted(&self, vertical: VerticalId) -> bool {
        let sorting = &self.partitions[usize::from(vertical.0)].sorting;
        sorting.dirty || sorting.gap > 0
    }

    fn step(&mut self, vertical: VerticalId) {
        let partition = &mut self.partitions[usize::from(vertical.0)];
        let rows = partition.rows;
        let Sorting { gap, place, hole, .. } = partition.sorting;
        if gap == 0 {
            let gap = (rows / 2).max(1);
            partition.sorting = Sorting { dirty: false, gap, place: gap, hole: gap };
            return;
        }
        if place >= rows {
            let gap = gap / 2;
            partition.sorting = Sorting { gap, place: gap, hole: gap, ..partition.sorting };
            if gap == 0 {
                self.tighten(vertical);
            }
            return;
        }
        if hole >= gap && self.key(vertical, hole) < self.key(vertical, hole - gap) {
            let dirty = self.partitions[usize::from(vertical.0)].sorting.dirty;
            self.swap(vertical, hole, hole - gap);
            // Its own exchanges are what sorting is; they are no reason for another pass.
            let sorting = &mut self.partitions[usize::from(vertical.0)].sorting;
            *sorting = Sorting { dirty, gap, place, hole: hole - gap };
        } else {
            let sorting = &mut self.partitions[usize::from(vertical.0)].sorting;
            *sorting = Sorting { place: place + 1, hole: place + 1, ..*sorting };
        }
    }

    fn key(&self, vertical: VerticalId, row: u32) -> u128 {
        let (block, place) = self.partitions[usize::from(vertical.0)].place(row);
        self.blocks[block as usize].keys[place]
    }

    /// Makes every bound as good as its rows, from the last word to the first.
    fn tighten(&mut self, vertical: VerticalId) {
        let partition = &self.partitions[usize::from(vertical.0)];
        let mut suffix = NO_KEY;
        for word in (0..partition.blocks_used() as usize * BLOCK_WORDS).rev() {
            let rows = &mut self.blocks[partition.blocks[word / BLOCK_WORDS] as usize];
            let best = rows.best_of_word(word % BLOCK_WORDS);
            rows.word_best[word % BLOCK_WORDS] = best;
            suffix = suffix.min(best);
            rows.suffix_best[word % BLOCK_WORDS] = suffix;
        }
    }
}

const _: () = assert!(WORD_ROWS == 64);
