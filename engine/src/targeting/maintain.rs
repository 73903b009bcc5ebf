//! Putting the rows of a partition back into order, a bounded number of steps at a time, and tightening the bounds behind
//! them.
//!
//! Moving a row moves a bit in many lines, so rows are moved as seldom as can be: first the ranks are sorted apart from the
//! rows, then each row that is not in the word of 64 where it belongs changes places with one that is not either. Within a
//! word no order is needed. Commands may come between any two steps and make the plan a little wrong; that costs the next
//! plan a few moves, and no decision depends on any of it.

use alloc::boxed::Box;

use super::bits::{BLOCK_WORDS, WORD_ROWS};
use super::index::{TargetingIndex, row_at};
use super::partition::NO_KEY;
use super::spread::Spread;
use crate::ids::VerticalId;
use crate::limits::BLOCK_ROWS;

/// What a step costs, in units of a tenth of a microsecond or less.
const LOOKING: u32 = 1;
const SIFTING: u32 = 3;
const MOVING: u32 = 40;
const TIGHTENING: u32 = 10;

/// What is being done, and how far it is: in all but the first and the last, how many places of the list are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    /// Every row's rank is noted down.
    Noting(u32),
    /// The list becomes a heap, the worst rank on top.
    Heaping(u32),
    /// The worst of the heap goes to its end, and the heap is one smaller.
    Sorting(u32),
    /// Every row is told the word in which it belongs.
    Telling(u32),
    /// Rows that are elsewhere go there.
    Moving(u32),
    /// Bounds become as good as their rows: how many words are left, the last of them first.
    Tightening(u32),
}

/// A row's rank, and its id. Of the place in time its lower half: between rows that are alike and four thousand million commands apart the
/// plan may be wrong, which costs a look at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ranked {
    /// Once all are sorted the first of these is something else: of the row whose id is this entry's place, the word in which it belongs.
    key: [u32; 3],
    id: u32,
}

impl Ranked {
    const fn new(key: u128, id: u32) -> Self {
        Self { key: [(key >> 96) as u32, (key >> 64) as u32, key as u32], id }
    }
}

/// How a partition's rows are to stand.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    phase: Phase,
    vertical: VerticalId,
    /// The rows of the partition as they were noted: the first `count`.
    ranked: Box<[Ranked]>,
    count: u32,
    /// From here on a word is searched for a row that belongs elsewhere.
    searched: u32,
}

impl Plan {
    pub(super) fn new(rows_max: u32) -> Self {
        let nobody = Ranked::new(NO_KEY, u32::MAX);
        Self {
            phase: Phase::Idle,
            vertical: VerticalId(0),
            ranked: alloc::vec![nobody; rows_max as usize].into_boxed_slice(),
            count: 0,
            searched: 0,
        }
    }

    /// Lets the entry at `place` sink until no entry below it, before `end`, is worse.
    fn sift(&mut self, mut place: usize, end: usize) {
        let entry = self.ranked[place];
        loop {
            let left = 2 * place + 1;
            let right = left + 1;
            if left >= end {
                break;
            }
            let worse = if right < end && self.ranked[right] > self.ranked[left] { right } else { left };
            if self.ranked[worse] <= entry {
                break;
            }
            self.ranked[place] = self.ranked[worse];
            place = worse;
        }
        self.ranked[place] = entry;
    }
}

impl TargetingIndex {
    /// Does small steps that take about a tenth of a microsecond for each of `budget`, and the last one perhaps a few more.
    /// Returns whether there is more to do.
    pub(crate) fn maintain(&mut self, budget: u32) -> bool {
        let mut left = budget;
        loop {
            if self.plan.phase == Phase::Idle && !self.begin() {
                return false;
            }
            if left == 0 {
                return true;
            }
            left = left.saturating_sub(self.step());
        }
    }

    /// Takes up the next partition whose rows are out of order, in turn, so that one that always is keeps no other waiting.
    fn begin(&mut self) -> bool {
        let count = self.partitions.len();
        let after = usize::from(self.plan.vertical.0) + 1;
        let Some(next) = (after..after + count).map(|vertical| vertical % count).find(|it| self.partitions[*it].dirty)
        else {
            return false;
        };
        let partition = &mut self.partitions[next];
        partition.dirty = false;
        self.plan.vertical = VerticalId(next as u16);
        self.plan.count = partition.rows;
        self.plan.phase = Phase::Noting(0);
        true
    }

    /// One step. Returns what it cost.
    fn step(&mut self) -> u32 {
        let count = self.plan.count;
        let (next, cost) = match self.plan.phase {
            Phase::Idle => (Phase::Idle, LOOKING),
            Phase::Noting(done) if done < count => (Phase::Noting(done + 1), self.note(done)),
            Phase::Noting(_) => (Phase::Heaping(0), LOOKING),
            Phase::Heaping(done) if done < count / 2 => {
                self.plan.sift((count / 2 - 1 - done) as usize, count as usize);
                (Phase::Heaping(done + 1), SIFTING)
            }
            Phase::Heaping(_) => (Phase::Sorting(0), LOOKING),
            Phase::Sorting(done) if done < count => {
                let last = (count - 1 - done) as usize;
                self.plan.ranked.swap(0, last);
                self.plan.sift(0, last);
                (Phase::Sorting(done + 1), SIFTING)
            }
            Phase::Sorting(_) => (Phase::Telling(0), LOOKING),
            Phase::Telling(done) if done < count => {
                let id = self.plan.ranked[done as usize].id;
                if let Some(entry) = self.plan.ranked.get_mut(id as usize) {
                    entry.key[0] = done / WORD_ROWS as u32;
                }
                (Phase::Telling(done + 1), LOOKING)
            }
            Phase::Telling(_) => {
                self.plan.searched = 0;
                (Phase::Moving(0), LOOKING)
            }
            Phase::Moving(done) if done < count => (Phase::Moving(done + 1), self.put(done)),
            Phase::Moving(_) => (Phase::Tightening(self.words_used()), LOOKING),
            Phase::Tightening(left) if left > 0 => (Phase::Tightening(left - 1), self.tighten(left - 1)),
            Phase::Tightening(_) => (Phase::Idle, LOOKING),
        };
        self.plan.phase = next;
        cost
    }

    /// Notes down a row's rank. Where there is no row any more, nobody's is.
    fn note(&mut self, row: u32) -> u32 {
        let partition = &self.partitions[usize::from(self.plan.vertical.0)];
        let (key, id) = if row < partition.rows {
            let (block, place) = partition.place(row);
            let row = &self.rows[row_at(block, place)];
            (row.key, row.id)
        } else {
            (NO_KEY, u32::MAX)
        };
        self.plan.ranked[row as usize] = Ranked::new(key, id);
        LOOKING
    }

    /// Puts the row of this rank into its word, unless it is there.
    fn put(&mut self, rank: u32) -> u32 {
        let (vertical, word) = (self.plan.vertical, rank / WORD_ROWS as u32);
        let Some(row) = self.row_in(vertical, self.plan.ranked[rank as usize].id) else { return LOOKING };
        if row / WORD_ROWS as u32 == word {
            return LOOKING;
        }
        let partition = &self.partitions[usize::from(vertical.0)];
        let end = ((word + 1) * WORD_ROWS as u32).min(partition.rows);
        self.plan.searched = self.plan.searched.max(word * WORD_ROWS as u32);
        while self.plan.searched < end {
            let stranger = self.plan.searched;
            self.plan.searched += 1;
            let (block, place) = partition.place(stranger);
            if self.plan.ranked[self.rows[row_at(block, place)].id as usize].key[0] != word {
                let dirty = partition.dirty;
                self.swap(vertical, stranger, row);
                // Its own exchanges are what sorting is; they are no reason for another plan.
                self.partitions[usize::from(vertical.0)].dirty = dirty;
                return MOVING;
            }
        }
        LOOKING
    }

    /// Makes a word's bound as good as its rows and the bound that follows.
    fn tighten(&mut self, word: u32) -> u32 {
        if word >= self.words_used() {
            return LOOKING;
        }
        let partition = &self.partitions[usize::from(self.plan.vertical.0)];
        let of = |word: u32| (partition.blocks[word as usize / BLOCK_WORDS] as usize, word as usize % BLOCK_WORDS);
        let behind = if word + 1 < self.words_used() {
            let (block, word) = of(word + 1);
            self.bounds[block].suffix_best[word]
        } else {
            NO_KEY
        };
        let (block, word) = of(word);
        let rows = &self.rows[block * BLOCK_ROWS + word * WORD_ROWS..][..WORD_ROWS];
        self.bounds[block].suffix_best[word] = rows.iter().fold(behind, |best, row| best.min(row.key));
        self.spreads[block][word] = Spread::of(rows.iter().map(|row| row.key).filter(|key| *key != NO_KEY));
        TIGHTENING
    }

    fn words_used(&self) -> u32 {
        self.partitions[usize::from(self.plan.vertical.0)].blocks_used() * BLOCK_WORDS as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sifting_sorts(keys in prop::collection::vec(0..50_u64, 1..200)) {
            let mut plan = Plan::new(keys.len() as u32);
            for (place, key) in keys.iter().enumerate() {
                plan.ranked[place] = Ranked::new(u128::from(*key) << 64, place as u32);
            }
            for place in (0..keys.len() / 2).rev() {
                plan.sift(place, keys.len());
            }
            for last in (0..keys.len()).rev() {
                plan.ranked.swap(0, last);
                plan.sift(0, last);
            }
            prop_assert!(plan.ranked.is_sorted());
        }
    }
}
