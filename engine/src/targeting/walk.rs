//! The walk: the rows of a vertical that accept a call, best first, until nothing that follows is of any use.

use super::bits::{ASLEEP, BLOCK_WORDS, FREE, LIVE, LIVE_MODE, Line, WORD_ROWS};
use super::index::{TargetingIndex, row_at};
use super::kernels::{Among, will_read};
use super::query::Query;
use super::rank_key;
use super::row::{MetRow, Row, RowPlace};
use crate::ids::{Sequence, VerticalId};
use crate::limits::{ATTRIBUTES_MAX, BLOCK_ROWS};
use crate::terms::FactSheet;
use crate::units::{Money, Timestamp};

/// How many of the next block's lines are asked for then.
const LINES_ASKED: usize = 8;
/// Two are looked for, and one or another turns out not to stand.
const FEW: usize = 4;
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
    /// Told is the key that a row must beat to be of any use, or [`NO_KEY`](super::NO_KEY). `visit` gets each row as it is met,
    /// and answers with that key as it is then; the walk ends when no row that follows can beat it.
    #[inline]
    pub(crate) fn walk(
        &self,
        vertical: VerticalId,
        query: &Query<'_>,
        (walked, mut to_beat): (Walked, u128),
        at: Timestamp,
        mut visit: impl FnMut(MetRow<'_>) -> u128,
    ) {
        let partition = &self.partitions[usize::from(vertical.0)];
        let blocks = partition.blocks_in_use();
        for (nth, block) in blocks.iter().enumerate() {
            let bounds = &self.bounds[*block as usize];
            if bounds.suffix_best[0] > to_beat {
                return;
            }
            let (among, mut accepted) = (self.candidates(*block, walked, at), Line::EMPTY);
            let mut words = self.kernel.intersect(self.bits.lines_from_1(*block), query, among, &mut accepted);
            // Where few rows of a block accept, the next block's lines are needed as soon as those are looked at.
            if is_few(words)
                && let Some(next) = blocks.get(nth + 1)
            {
                self.will_intersect(*next, query);
            }
            if words == 0 {
                continue;
            }
            let (rows, free) = (self.rows_of(*block), self.bits.line(*block, FREE));
            match walked {
                Walked::Best(..=2) => ask_for_few(rows, &accepted, words),
                _ => ask_for(rows, &accepted, words),
            }
            while words != 0 {
                let word = words.trailing_zeros() as usize % BLOCK_WORDS;
                words &= words - 1;
                if bounds.suffix_best[word] > to_beat {
                    return;
                }
                let (mut left, free) = (accepted.0[word], free.0[word]);
                while left != 0 {
                    let place = left.trailing_zeros() as usize;
                    left &= left - 1;
                    let row = &rows[word * WORD_ROWS + place];
                    if row.key <= to_beat {
                        let is_free = free >> place & 1 == 1;
                        let place = RowPlace::new(row_at(*block, word * WORD_ROWS + place));
                        to_beat = visit(MetRow { row, is_free, place });
                    }
                }
            }
        }
    }

    /// Tells the processor that the block's lines for the query will be read, of those that rule most out.
    #[inline]
    fn will_intersect(&self, block: u32, query: &Query<'_>) {
        will_read(&self.bounds[block as usize].suffix_best);
        will_read(self.bits.line(block, LIVE));
        let lines = self.bits.lines_from_1(block);
        query.single().iter().take(LINES_ASKED).for_each(|line| will_read(&lines[usize::from(*line)]));
    }

    /// The key that every row of the vertical beats that bids at least this: that of the least of them in the last tier.
    #[inline]
    pub(crate) fn bar(&self, vertical: VerticalId, least: Money) -> u128 {
        let tier = self.partitions[usize::from(vertical.0)].tier_last;
        rank_key(tier, least.min(Money::AMOUNT_MAX), Sequence(u64::MAX))
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

/// Whether no more than two words of a block have a row that accepts. Not by counting, for which not every processor has an
/// instruction.
#[inline(always)]
const fn is_few(words: u32) -> bool {
    let others = words & words.wrapping_sub(1);
    others & others.wrapping_sub(1) == 0
}

/// Asks for the first few accepted rows of the first word before the first of them is looked at, so that the memory's answers overlap.
/// How many there are differs from call to call: where there are fewer, the last is asked for again, which costs less than a
/// branch for each that is guessed wrong.
#[inline(always)]
fn ask_for_few(rows: &[Row; BLOCK_ROWS], accepted: &Line, words: u32) {
    let word = words.trailing_zeros() as usize % BLOCK_WORDS;
    let mut left = accepted.0[word];
    for _ in 0..FEW {
        // Nobody is told that it lost: names are not needed.
        will_read(&rows[word * WORD_ROWS + left.trailing_zeros() as usize % WORD_ROWS].key);
        let others = left & left.wrapping_sub(1);
        left = if others == 0 { left } else { others };
    }
}

/// Asks for the first accepted rows, whichever word they are in, with their names.
#[inline]
fn ask_for(rows: &[Row; BLOCK_ROWS], accepted: &Line, mut words: u32) {
    let mut asked = 0;
    while words != 0 {
        let word = words.trailing_zeros() as usize % BLOCK_WORDS;
        words &= words - 1;
        let mut left = accepted.0[word];
        while left != 0 {
            if asked == ASKED_AT_ONCE {
                return;
            }
            will_read(&rows[word * WORD_ROWS + left.trailing_zeros() as usize]);
            left &= left - 1;
            asked += 1;
        }
    }
}
