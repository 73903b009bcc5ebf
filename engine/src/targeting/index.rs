//! The index itself: rows in, rows out, and the walk.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::bits::{ASLEEP, BLOCK_WORDS, Bits, LIVE, LIVE_MODE, LineWords, SCHEMA_LINES, WORD_ROWS};
use super::partition::{BlockRows, NO_KEY, Partition};
use super::query::Query;
use crate::ids::{AttributeId, ValueCode, VerticalId};
use crate::limits::{BLOCK_ROWS, Limits};
use crate::schema::Schema;
use crate::terms::{Clause, Lines, Test};
use crate::units::{GeoPoint, Timestamp};

/// How many accepted rows a walk hands over together.
const VISITED_AT_ONCE: usize = 8;

/// How many lines are read before it is worth a look whether any row is left.
const SINGLES_BETWEEN_LOOKS: usize = 4;

/// Whether a profile could win anything at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowState {
    /// It may.
    Awake,
    /// Not before this moment, whatever happens to it.
    Asleep(Timestamp),
    /// Not until its record changes.
    Off,
}

/// Where a profile's row is.
#[derive(Clone, Copy, Debug)]
struct Place {
    vertical: VerticalId,
    row: u32,
}

/// See the [room](super).
#[derive(Clone, Debug)]
pub(crate) struct TargetingIndex {
    pub(super) partitions: Box<[Partition]>,
    pub(super) bits: Bits,
    pub(super) blocks: Box<[BlockRows]>,
    free_blocks: Box<[u32]>,
    free_count: usize,
    /// Of each row by its id: a profile's own row has the profile's slot, those of further conjunctions follow after.
    places: Box<[Place]>,
    profiles_max: u32,
    /// Lines in use: what moving a row has to carry.
    pub(super) lines_used: u32,
}

impl TargetingIndex {
    pub(crate) fn new(limits: &Limits) -> Self {
        let rows_max = limits.profiles_max + limits.conjunctions_max;
        let partition_blocks = rows_max.div_ceil(BLOCK_ROWS as u32);
        let blocks = partition_blocks + u32::from(limits.verticals_max);
        let partitions = (0..limits.verticals_max).map(|_| Partition::new(partition_blocks)).collect();
        let block_rows: Vec<BlockRows> = alloc::vec![BlockRows::new(); blocks as usize];
        Self {
            partitions,
            bits: Bits::new(blocks, limits.lines_max),
            blocks: block_rows.into_boxed_slice(),
            free_blocks: (0..blocks).rev().collect(),
            free_count: blocks as usize,
            places: alloc::vec![Place { vertical: VerticalId(0), row: u32::MAX }; rows_max as usize].into_boxed_slice(),
            profiles_max: limits.profiles_max,
            lines_used: SCHEMA_LINES,
        }
    }

    /// The lines that a call's facts choose in this vertical.
    #[inline]
    pub(crate) fn query(&self, facts: &crate::terms::FactSheet, schema: &Schema, vertical: VerticalId) -> Query {
        Query::of(facts, schema, self.partitions[usize::from(vertical.0)].constrained())
    }

    /// The schema grew: rows that exist accept every value of the new attribute, known or absent.
    pub(crate) fn declare(&mut self, lines: &Lines) {
        self.lines_used = SCHEMA_LINES + lines.end();
        for vertical in 0..self.partitions.len() {
            for row in 0..self.partitions[vertical].rows {
                let (block, place) = self.partitions[vertical].place(row);
                for line in lines.absent()..=lines.absent() + lines.buckets() {
                    self.bits.set(block, SCHEMA_LINES + line, place, true);
                }
            }
        }
    }

    /// The id of a further conjunction's row.
    pub(crate) const fn further_row(&self, conjunction: u32) -> u32 {
        self.profiles_max + conjunction
    }

    /// Adds a row at the end of its partition, by its id and for a profile. Returns, a bit for each attribute, which of its
    /// clauses must be looked at again on a match.
    pub(crate) fn insert(
        &mut self,
        (id, profile): (u32, u32),
        (vertical, key): (VerticalId, u128),
        (clauses, values): (&[Clause], &[ValueCode]),
        live_mode: bool,
        schema: &Schema,
    ) -> u32 {
        let partition = &mut self.partitions[usize::from(vertical.0)];
        let row = partition.rows;
        if row as usize % BLOCK_ROWS == 0 {
            self.free_count -= 1;
            partition.blocks[row as usize / BLOCK_ROWS] = self.free_blocks[self.free_count];
        }
        partition.rows += 1;
        partition.further += u32::from(id >= self.profiles_max);
        for clause in clauses {
            partition.constrain(clause.attribute);
        }
        let (block, place) = partition.place(row);
        self.blocks[block as usize].profiles[place] = profile;
        self.blocks[block as usize].ids[place] = id;
        self.places[id as usize] = Place { vertical, row };
        self.bits.set(block, LIVE_MODE, place, live_mode);
        let inexact = self.write_lines(block, place, clauses, values, schema);
        self.set_key(vertical, row, key);
        inexact
    }

    /// Takes a row out; the last row of the partition takes its place.
    pub(crate) fn remove(&mut self, id: u32, clauses: &[Clause]) {
        let Place { vertical, row } = self.places[id as usize];
        let last = self.partitions[usize::from(vertical.0)].rows - 1;
        if row != last {
            self.swap(vertical, row, last);
        }
        let (block, place) = self.partitions[usize::from(vertical.0)].place(last);
        for line in 0..self.lines_used {
            self.bits.set(block, line, place, false);
        }
        let rows = &mut self.blocks[block as usize];
        rows.keys[place] = NO_KEY;
        rows.profiles[place] = u32::MAX;
        rows.ids[place] = u32::MAX;
        self.places[id as usize].row = u32::MAX;
        let partition = &mut self.partitions[usize::from(vertical.0)];
        partition.rows = last;
        partition.further -= u32::from(id >= self.profiles_max);
        partition.sorting.dirty = true;
        for clause in clauses {
            partition.release(clause.attribute);
        }
        if last as usize % BLOCK_ROWS == 0 {
            self.blocks[block as usize] = BlockRows::new();
            self.free_blocks[self.free_count] = block;
            self.free_count += 1;
        }
    }

    /// The rank of the row's profile changed.
    pub(crate) fn rank(&mut self, id: u32, key: u128) {
        let Place { vertical, row } = self.places[id as usize];
        self.set_key(vertical, row, key);
    }

    /// What the profile's record says of its chances.
    #[inline]
    pub(crate) fn set_state(&mut self, id: u32, state: RowState, at: Timestamp) {
        let Place { vertical, row } = self.places[id as usize];
        let (block, place) = self.partitions[usize::from(vertical.0)].place(row);
        self.wake_block(block, at);
        self.bits.set(block, LIVE, place, state == RowState::Awake);
        self.bits.set(block, ASLEEP, place, matches!(state, RowState::Asleep(_)));
        if let RowState::Asleep(until) = state {
            let rows = &mut self.blocks[block as usize];
            rows.wake_at = rows.wake_at.min(until.micros());
        }
    }

    /// A zone's clocks changed: what was known of when to wake is void.
    pub(crate) fn wake_all(&mut self) {
        for partition in &self.partitions {
            for block in &partition.blocks[..partition.blocks_used() as usize] {
                self.blocks[*block as usize].wake_at = 0;
            }
        }
    }

    /// Visits the vertical's rows that accept the query, best first but for rows that `maintain` has yet to move.
    ///
    /// `visit` gets the slots of a few profiles at a time, so that it can ask for all their records before it waits for the
    /// first, and answers with the key that a row must beat to be of any use still, if there is one; the walk ends when no
    /// row that follows can.
    #[inline]
    pub(crate) fn walk(
        &self,
        vertical: VerticalId,
        query: &Query,
        rows: Walked,
        at: Timestamp,
        mut visit: impl FnMut(&[u32]) -> Option<u128>,
    ) {
        let partition = &self.partitions[usize::from(vertical.0)];
        let mut to_beat = None;
        for block in &partition.blocks[..partition.blocks_used() as usize] {
            let block_rows = &self.blocks[*block as usize];
            if to_beat.is_some_and(|key| block_rows.suffix_best[0] > key) {
                return;
            }
            let mut accepted = self.candidates(*block, rows, at);
            self.intersect(*block, query, &mut accepted);
            for (word, accepted) in accepted.iter_mut().enumerate() {
                if to_beat.is_some_and(|key| block_rows.suffix_best[word] > key) {
                    return;
                }
                while *accepted != 0 {
                    let mut few = [0; VISITED_AT_ONCE];
                    let mut count = 0;
                    while *accepted != 0 && count < VISITED_AT_ONCE {
                        let row = word * WORD_ROWS + accepted.trailing_zeros() as usize;
                        *accepted &= *accepted - 1;
                        if to_beat.is_none_or(|key| block_rows.keys[row] <= key) {
                            few[count] = block_rows.profiles[row];
                            count += 1;
                        }
                    }
                    if count > 0 {
                        to_beat = visit(&few[..count]);
                    }
                }
            }
        }
    }

    /// The rows of a block that may win: awake, or asleep past their hour.
    #[inline]
    fn candidates(&self, block: u32, rows: Walked, at: Timestamp) -> LineWords {
        let mut words = *self.bits.line(block, LIVE);
        if at.micros() >= self.blocks[block as usize].wake_at {
            let asleep = self.bits.line(block, ASLEEP);
            for (word, sleeping) in words.iter_mut().zip(asleep) {
                *word |= sleeping;
            }
        }
        if rows == Walked::LiveMode {
            for (word, live_mode) in words.iter_mut().zip(self.bits.line(block, LIVE_MODE)) {
                *word &= live_mode;
            }
        }
        words
    }

    /// Leaves of the words what accepts the query. Lines that rule most out come first, so a block where nobody is left
    /// is soon known.
    #[inline]
    pub(super) fn intersect(&self, block: u32, query: &Query, words: &mut LineWords) {
        for lines in query.single.as_slice().chunks(SINGLES_BETWEEN_LOOKS) {
            for line in lines {
                for (word, accepting) in words.iter_mut().zip(self.bits.line(block, *line)) {
                    *word &= accepting;
                }
            }
            if words.iter().all(|word| *word == 0) {
                return;
            }
        }
        let mut start = 0;
        for end in query.any_ends.as_slice() {
            let mut any: LineWords = [0; BLOCK_WORDS];
            for line in &query.any.as_slice()[start..*end as usize] {
                for (word, accepting) in any.iter_mut().zip(self.bits.line(block, *line)) {
                    *word |= accepting;
                }
            }
            for (word, any) in words.iter_mut().zip(any) {
                *word &= any;
            }
            start = *end as usize;
        }
        for line in query.none.as_slice() {
            for (word, excluding) in words.iter_mut().zip(self.bits.line(block, *line)) {
                *word &= !excluding;
            }
        }
    }

    /// Sleepers of a block whose hour has come are awake; which of them really are is seen on the next look.
    fn wake_block(&mut self, block: u32, at: Timestamp) {
        if at.micros() < self.blocks[block as usize].wake_at {
            return;
        }
        let sleeping = core::mem::take(self.bits.line_mut(block, ASLEEP));
        for (word, sleeping) in self.bits.line_mut(block, LIVE).iter_mut().zip(sleeping) {
            *word |= sleeping;
        }
        self.blocks[block as usize].wake_at = u64::MAX;
    }

    /// Gives a row its key and raises the bounds it lies under. A bound that is too good now is left: it only costs time.
    pub(super) fn set_key(&mut self, vertical: VerticalId, row: u32, key: u128) {
        let partition = &mut self.partitions[usize::from(vertical.0)];
        partition.sorting.dirty = true;
        let (block, place) = partition.place(row);
        let rows = &mut self.blocks[block as usize];
        rows.keys[place] = key;
        let word = place / WORD_ROWS;
        rows.word_best[word] = rows.word_best[word].min(key);
        let words_before = row as usize / WORD_ROWS + 1;
        for word in (0..words_before).rev() {
            let block = partition.blocks[word / BLOCK_WORDS];
            let suffix = &mut self.blocks[block as usize].suffix_best[word % BLOCK_WORDS];
            if *suffix <= key {
                break;
            }
            *suffix = key;
        }
    }

    /// Lets two rows of a partition change places, bits and all.
    pub(super) fn swap(&mut self, vertical: VerticalId, left: u32, right: u32) {
        let partition = &self.partitions[usize::from(vertical.0)];
        let (left_block, left_place) = partition.place(left);
        let (right_block, right_place) = partition.place(right);
        for line in 0..self.lines_used {
            let left_bit = self.bits.get(left_block, line, left_place);
            let right_bit = self.bits.get(right_block, line, right_place);
            if left_bit != right_bit {
                self.bits.set(left_block, line, left_place, right_bit);
                self.bits.set(right_block, line, right_place, left_bit);
            }
        }
        // A sleeper must not oversleep in its new block.
        let wake_at = self.blocks[left_block as usize].wake_at.min(self.blocks[right_block as usize].wake_at);
        self.blocks[left_block as usize].wake_at = wake_at;
        self.blocks[right_block as usize].wake_at = wake_at;
        let (left_rows, right_rows) = (&self.blocks[left_block as usize], &self.blocks[right_block as usize]);
        let (left_key, right_key) = (left_rows.keys[left_place], right_rows.keys[right_place]);
        let (left_profile, right_profile) = (left_rows.profiles[left_place], right_rows.profiles[right_place]);
        let (left_id, right_id) = (left_rows.ids[left_place], right_rows.ids[right_place]);
        self.blocks[left_block as usize].profiles[left_place] = right_profile;
        self.blocks[right_block as usize].profiles[right_place] = left_profile;
        self.blocks[left_block as usize].ids[left_place] = right_id;
        self.blocks[right_block as usize].ids[right_place] = left_id;
        self.places[right_id as usize].row = left;
        self.places[left_id as usize].row = right;
        self.set_key(vertical, left, right_key);
        self.set_key(vertical, right, left_key);
    }

    /// Writes a fresh row's bits: a one for every value it accepts. Returns the attributes whose lines may say yes too
    /// often.
    fn write_lines(
        &mut self,
        block: u32,
        place: usize,
        clauses: &[Clause],
        values: &[ValueCode],
        schema: &Schema,
    ) -> u32 {
        let mut inexact = 0;
        for (attribute, declared) in schema.attributes() {
            let row = AttributeRow { attribute, clauses, values, schema };
            let lines = &declared.lines;
            let accepting = row.clause(false).is_some();
            self.bits.set(block, SCHEMA_LINES + lines.absent(), place, !accepting);
            for bucket in 0..lines.buckets() {
                self.bits.set(block, SCHEMA_LINES + lines.accepting(bucket), place, !accepting);
            }
            row.buckets(false, lines, |bucket| {
                self.bits.set(block, SCHEMA_LINES + lines.accepting(bucket), place, true);
            });
            let excludes = row.clause(true).is_some();
            if lines.is_exact() {
                let set = lines.is_set();
                row.buckets(true, lines, |bucket| {
                    let line = if set { lines.excluding(bucket) } else { lines.accepting(bucket) };
                    self.bits.set(block, SCHEMA_LINES + line, place, set);
                });
            }
            if (accepting || excludes) && !lines.is_exact() {
                inexact |= 1 << attribute.0;
            }
        }
        inexact
    }

    /// For tests and fuzzers: every row given, by its id and its profile, is there with its key and bounds above it.
    pub(crate) fn check(&self, given: impl Iterator<Item = (u32, u32, VerticalId, u128)>) -> Result<(), &'static str> {
        let mut rows = 0;
        for (id, profile, vertical, key) in given {
            rows += 1;
            let Place { vertical: in_vertical, row } = self.places[id as usize];
            let partition = &self.partitions[usize::from(vertical.0)];
            if in_vertical != vertical || row >= partition.rows {
                return Err("targeting: every profile has a row in its vertical");
            }
            let (block, place) = partition.place(row);
            let at_place = &self.blocks[block as usize];
            if (at_place.ids[place], at_place.profiles[place], at_place.keys[place]) != (id, profile, key) {
                return Err("targeting: a row has its profile's key");
            }
            let rows = &self.blocks[block as usize];
            if rows.word_best[place / WORD_ROWS] > key || rows.suffix_best[place / WORD_ROWS] > key {
                return Err("targeting: no row is better than its bounds");
            }
        }
        let in_partitions: u32 = self.partitions.iter().map(|partition| partition.rows).sum();
        if rows == in_partitions { Ok(()) } else { Err("targeting: every row has a profile") }
    }
}

/// Which rows a walk is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walked {
    /// All that may win.
    All,
    /// Those in live mode, for invitations.
    LiveMode,
}

/// One profile's clauses on one attribute.
struct AttributeRow<'a> {
    attribute: AttributeId,
    clauses: &'a [Clause],
    values: &'a [ValueCode],
    schema: &'a Schema,
}

impl<'a> AttributeRow<'a> {
    /// The accepting or the excluding clause, with its listed values.
    fn clause(&self, excluding: bool) -> Option<(Test, &'a [ValueCode])> {
        let mut start = 0;
        for clause in self.clauses {
            let count = match clause.test {
                Test::AnyOf { count } | Test::NoneOf { count } => usize::from(count),
                _ => 0,
            };
            if clause.attribute == self.attribute && clause.test.is_excluding() == excluding {
                return Some((clause.test, &self.values[start..start + count]));
            }
            start += count;
        }
        None
    }

    /// Every bucket the clause's values fall into.
    fn buckets(&self, excluding: bool, lines: &Lines, mut each: impl FnMut(u32)) {
        let Some((test, listed)) = self.clause(excluding) else {
            return;
        };
        match test {
            Test::AnyOf { .. } | Test::NoneOf { .. } => {
                listed.iter().for_each(|code| each(lines.bucket_of_code(*code)));
            }
            Test::InSet { set } | Test::NotInSet { set } => {
                self.schema.value_sets.values(set).iter().for_each(|code| each(lines.bucket_of_code(*code)));
            }
            Test::Range { low, high } => {
                (lines.bucket_of_number(low)..=lines.bucket_of_number(high - 1)).for_each(each);
            }
            Test::Is { value } => each(Lines::bucket_of_flag(value)),
            Test::Near { centre, radius } => {
                let reach = GeoPoint::reach_micro(radius);
                let latitude = i64::from(centre.latitude_micro);
                (Lines::bucket_of_latitude(latitude - reach)..=Lines::bucket_of_latitude(latitude + reach))
                    .for_each(each);
            }
        }
    }
}
