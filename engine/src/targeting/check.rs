//! What must hold of the rows, whatever was done with them: for tests and fuzzers.

use super::bits::{ASLEEP, FREE, LIVE, PLAIN, WORD_ROWS};
use super::index::{TargetingIndex, row_at};
use super::row::{Aside, Brief};
use crate::ids::VerticalId;
use crate::units::Timestamp;

/// A row as it must be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given {
    pub(crate) id: u32,
    pub(crate) vertical: VerticalId,
    pub(crate) key: u128,
    pub(crate) brief: Brief,
    pub(crate) aside: Aside,
    pub(crate) is_free: bool,
    pub(crate) is_awake: bool,
}

impl TargetingIndex {
    /// Every row given is there, is looked at if it must be, and lies under bounds.
    pub(crate) fn check(&self, given: impl Iterator<Item = Given>, at: Timestamp) -> Result<(), &'static str> {
        let mut rows = 0;
        for Given { id, vertical, key, brief, aside, is_free, is_awake } in given {
            rows += 1;
            let partition = &self.partitions[usize::from(vertical.0)];
            let Some(row) = self.row_in(vertical, id).filter(|row| *row < partition.rows) else {
                return Err("targeting: every profile has a row in its vertical");
            };
            let (block, place) = partition.place(row);
            let held = &self.rows[row_at(block, place)];
            if (held.id, held.brief, held.aside, held.key) != (id, brief, aside, key) {
                return Err("targeting: a row has its profile's key and says what its record says");
            }
            #[cfg(feature = "measure")]
            if self.profiles[row_at(block, place)] != brief.profile {
                return Err("targeting: whose row it is is what it says");
            }
            if self.buyers[row_at(block, place)] != brief.buyer
                || self.bits.line(block, PLAIN).has(place) != brief.is_plain(self.numbers)
            {
                return Err("targeting: what is counted of a row is what it says");
            }
            if !self.spreads[block as usize][place / WORD_ROWS].has(key) {
                return Err("targeting: no row's rank is outside of its word's spread");
            }
            if self.bits.line(block, FREE).has(place) && !is_free {
                return Err("targeting: a free row's record keeps it from nothing");
            }
            if held.tier() > partition.tier_last {
                return Err("targeting: no row is in a later tier than the last");
            }
            if self.bounds[block as usize].suffix_best[place / WORD_ROWS] > key {
                return Err("targeting: no row is better than its bounds");
            }
            let is_due = self.bounds[block as usize].wake_at <= at.micros();
            let is_looked_at =
                self.bits.line(block, LIVE).has(place) || is_due && self.bits.line(block, ASLEEP).has(place);
            if is_awake && !is_looked_at {
                return Err("targeting: nobody oversleeps");
            }
        }
        for partition in &self.partitions {
            let bounds = partition.blocks_in_use().iter().flat_map(|block| self.bounds[*block as usize].suffix_best);
            if !bounds.is_sorted() {
                return Err("targeting: a word's bound is one for all words that follow");
            }
        }
        let in_partitions: u32 = self.partitions.iter().map(|partition| partition.rows).sum();
        if rows == in_partitions { Ok(()) } else { Err("targeting: every row has a profile") }
    }
}
