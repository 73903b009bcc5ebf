//! The index itself: rows in, rows out, and the walk.

use alloc::boxed::Box;
use core::ops::Range;

use super::bits::{ASLEEP, BLOCK_WORDS, Bits, FREE, LIVE, LIVE_MODE, Line, PLAIN, SCHEMA_LINES, WORD_ROWS};
use super::kernels::{Kernel, Runnable};
use super::maintain::Plan;
use super::partition::{Bounds, Partition, SetLines};
use super::query::{Query, Whole};
use super::row::{Aside, Brief, Row, RowPlace};
use super::spread::Spread;
use super::tier_of_key;
use crate::ids::{AttributeId, ValueCode, VerticalId};
use crate::limits::{ATTRIBUTES_MAX, BLOCK_ROWS, Limits};
use crate::schema::Schema;
use crate::terms::{Clause, FactSheet, Known, Lines, Test};
use crate::units::{GeoPoint, Timestamp};

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

/// Nowhere: there is no such row.
const NOWHERE: u32 = u32::MAX;

/// Whose a block is, and which of its blocks.
#[derive(Clone, Copy, Debug, Default)]
struct Home {
    vertical: VerticalId,
    nth: u32,
}

/// See the [room](super).
#[derive(Clone, Debug)]
pub(crate) struct TargetingIndex {
    pub(super) partitions: Box<[Partition]>,
    pub(super) bits: Bits,
    /// Each block's rows, one block after the other, and its bounds.
    pub(super) rows: Box<[Row]>,
    pub(super) bounds: Box<[Bounds]>,
    /// How far apart the ranks of each word's rows are, and once more each row's buyer, close together: for counting rows
    /// that nobody looks at. A decision reads neither.
    pub(super) spreads: Box<[[Spread; BLOCK_WORDS]]>,
    pub(super) buyers: Box<[u32]>,
    /// Each row's profile once more, for listing those whose row nobody looks at.
    #[cfg(feature = "measure")]
    pub(super) profiles: Box<[u32]>,
    free_blocks: Box<[u32]>,
    free_count: usize,
    /// Of each block that is in use.
    homes: Box<[Home]>,
    /// Of each row by its id where it is among `rows`: a profile's own row has the profile's slot, those of further conjunctions follow after.
    places: Box<[u32]>,
    profiles_max: u32,
    /// Each attribute's lines, as declared.
    lines: [Option<Lines>; ATTRIBUTES_MAX],
    /// Those of integers, a bit each.
    pub(super) numbers: u32,
    sets: [Option<SetLines>; ATTRIBUTES_MAX],
    pub(super) kernel: Runnable,
    pub(super) plan: Plan,
}

impl TargetingIndex {
    pub(crate) fn new(limits: &Limits) -> Self {
        let rows_max = limits.profiles_max + limits.conjunctions_max;
        let partition_blocks = rows_max.div_ceil(BLOCK_ROWS as u32);
        let blocks = partition_blocks + u32::from(limits.verticals_max);
        let partitions = (0..limits.verticals_max).map(|_| Partition::new(partition_blocks)).collect();
        Self {
            partitions,
            bits: Bits::new(blocks, limits.lines_max),
            rows: alloc::vec![Row::NONE; blocks as usize * BLOCK_ROWS].into_boxed_slice(),
            bounds: alloc::vec![Bounds::NONE; blocks as usize].into_boxed_slice(),
            spreads: alloc::vec![[Spread::NONE; BLOCK_WORDS]; blocks as usize].into_boxed_slice(),
            buyers: alloc::vec![u32::MAX; blocks as usize * BLOCK_ROWS].into_boxed_slice(),
            #[cfg(feature = "measure")]
            profiles: alloc::vec![u32::MAX; blocks as usize * BLOCK_ROWS].into_boxed_slice(),
            free_blocks: (0..blocks).rev().collect(),
            free_count: blocks as usize,
            homes: alloc::vec![Home::default(); blocks as usize].into_boxed_slice(),
            places: alloc::vec![NOWHERE; rows_max as usize].into_boxed_slice(),
            profiles_max: limits.profiles_max,
            lines: [None; ATTRIBUTES_MAX],
            numbers: 0,
            sets: [None; ATTRIBUTES_MAX],
            kernel: Runnable::new(Kernel::widest()).expect("Invariant: the widest is one that is available"),
            plan: Plan::new(rows_max),
        }
    }

    pub(crate) const fn kernel(&self) -> Kernel {
        self.kernel.kernel()
    }

    /// Takes this kernel, if the processor can.
    pub(crate) fn use_kernel(&mut self, kernel: Kernel) -> bool {
        let runnable = Runnable::new(kernel);
        self.kernel = runnable.unwrap_or(self.kernel);
        runnable.is_some()
    }

    /// Chooses the lines that a call's facts fall on in this vertical.
    #[inline(always)]
    pub(crate) fn ask<'a>(&'a self, query: &mut Query<'a>, schema: &Schema, vertical: VerticalId) {
        query.ask(self.partitions[usize::from(vertical.0)].asks(), schema);
    }

    /// What makes [`PLAIN`] rows that accept the query's lines accept the call.
    #[inline]
    pub(crate) fn whole(&self, facts: &FactSheet, vertical: VerticalId) -> Whole {
        let mut whole = Whole::NONE;
        for attribute in self.partitions[usize::from(vertical.0)].asks().singles() {
            if let Known::Number(number) = facts.known(AttributeId((*attribute).into()))
                && let Some(lines) = &self.lines[usize::from(*attribute)]
            {
                lines.around(number).into_iter().flatten().for_each(|line| whole.push(line));
            }
        }
        whole
    }

    /// The rows of a block whose lines alone decide a call with such facts, if they accept its query.
    #[inline]
    pub(super) fn decided(&self, block: u32, whole: &Whole) -> Line {
        let (mut decided, lines) = (*self.bits.line(block, PLAIN), self.bits.lines_from_1(block));
        whole.lines().iter().for_each(|line| decided.keep(&lines[usize::from(*line)]));
        decided
    }

    /// The schema grew: rows that exist accept every value of the new attribute, known or absent.
    pub(crate) fn declare(&mut self, attribute: AttributeId, lines: &Lines) {
        self.lines[usize::from(attribute.0)] = Some(*lines);
        self.numbers |= u32::from(lines.are_numbers()) << attribute.0;
        self.sets[usize::from(attribute.0)] = SetLines::of(lines);
        for partition in &self.partitions {
            for (block, before) in partition.blocks_in_use().iter().zip(0..) {
                let rows = first_rows(partition.rows as usize - before * BLOCK_ROWS);
                for line in lines.absent()..=lines.absent() + lines.buckets() {
                    self.bits.line_mut(*block, SCHEMA_LINES + line).add(&rows);
                }
            }
        }
    }

    /// An attribute has lines for excluding its values from now on, in which no row has a bit yet.
    pub(crate) fn exclude(&mut self, attribute: AttributeId, lines: &Lines) {
        self.lines[usize::from(attribute.0)] = Some(*lines);
        self.sets[usize::from(attribute.0)] = SetLines::of(lines);
    }

    /// The id of a further conjunction's row.
    pub(crate) const fn further_row(&self, conjunction: u32) -> u32 {
        self.profiles_max + conjunction
    }

    /// Adds a row at the end of its partition, by its id and for a profile. Returns, a bit for each attribute, which of its
    /// clauses must be looked at again on a match. What the row says of its profile is to be [described](Self::describe).
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
        if (row as usize).is_multiple_of(BLOCK_ROWS) {
            self.free_count -= 1;
            let (block, nth) = (self.free_blocks[self.free_count], row / BLOCK_ROWS as u32);
            partition.blocks[nth as usize] = block;
            self.homes[block as usize] = Home { vertical, nth };
        }
        partition.rows += 1;
        partition.further += u32::from(id >= self.profiles_max);
        partition.constrain(clauses, &self.sets);
        let (block, place) = partition.place(row);
        let (mut wanting, mut excluding) = (0, 0);
        for clause in clauses {
            let of_kind = if clause.test.is_excluding() { &mut excluding } else { &mut wanting };
            *of_kind |= 1 << clause.attribute.0;
        }
        let brief = Brief { profile, ..Row::NONE.brief };
        self.rows[row_at(block, place)] = Row { id, brief, wanting, excluding, ..Row::NONE };
        self.places[id as usize] = row_at(block, place) as u32;
        self.bits.set(block, LIVE_MODE, place, live_mode);
        let inexact = self.write_lines(block, place, clauses, values, schema);
        self.set_key(vertical, row, key);
        inexact
    }

    /// Takes a row with these clauses out; the last row of the partition takes its place.
    pub(crate) fn remove(&mut self, id: u32, clauses: impl Iterator<Item = Clause>) {
        let (vertical, row) = self.row_of(id);
        let last = self.partitions[usize::from(vertical.0)].rows - 1;
        if row != last {
            self.swap(vertical, row, last);
        }
        let (block, place) = self.partitions[usize::from(vertical.0)].place(last);
        // What the schema's lines say of a place without a row does not matter.
        for line in 0..SCHEMA_LINES {
            self.bits.set(block, line, place, false);
        }
        self.rows[row_at(block, place)] = Row::NONE;
        self.places[id as usize] = NOWHERE;
        let partition = &mut self.partitions[usize::from(vertical.0)];
        partition.rows = last;
        partition.further -= u32::from(id >= self.profiles_max);
        partition.dirty = true;
        partition.release(clauses, &self.sets);
        if (last as usize).is_multiple_of(BLOCK_ROWS) {
            self.bounds[block as usize] = Bounds::NONE;
            self.spreads[block as usize] = [Spread::NONE; BLOCK_WORDS];
            self.free_blocks[self.free_count] = block;
            self.free_count += 1;
        }
    }

    /// The rank of the row's profile changed.
    pub(crate) fn rank(&mut self, id: u32, key: u128) {
        let (vertical, row) = self.row_of(id);
        self.set_key(vertical, row, key);
    }

    /// What its profile's record says now.
    pub(crate) fn describe(&mut self, id: u32, (brief, aside): (Brief, Aside)) {
        let (block, place) = self.place_of(id);
        let described = &mut self.rows[row_at(block, place)];
        (described.brief, described.aside) = (brief, aside);
        self.buyers[row_at(block, place)] = brief.buyer;
        #[cfg(feature = "measure")]
        (self.profiles[row_at(block, place)] = brief.profile);
        self.bits.set(block, PLAIN, place, brief.is_plain(self.numbers));
    }

    /// The row at this place.
    #[inline]
    pub(crate) fn row_at(&self, place: RowPlace) -> &Row {
        &self.rows[place.get()]
    }

    /// What the profile's record says of its chances, and whether it is free: nothing on the record will keep it from
    /// winning, whatever the time is by then.
    #[inline]
    pub(crate) fn set_state(&mut self, id: u32, (state, is_free): (RowState, bool), at: Timestamp) {
        let (block, place) = self.place_of(id);
        let is_known = self.bits.line(block, FREE).has(place) && self.bits.line(block, LIVE).has(place);
        if is_known && (state, is_free) == (RowState::Awake, true) {
            return;
        }
        self.wake_block(block, at);
        self.bits.set(block, FREE, place, is_free);
        self.bits.set(block, LIVE, place, state == RowState::Awake);
        self.bits.set(block, ASLEEP, place, matches!(state, RowState::Asleep(_)));
        if let RowState::Asleep(until) = state {
            let bounds = &mut self.bounds[block as usize];
            bounds.wake_at = bounds.wake_at.min(until.micros());
        }
    }

    /// A zone's clocks changed: what was known of when to wake is void.
    pub(crate) fn wake_all(&mut self) {
        for partition in &self.partitions {
            for block in partition.blocks_in_use() {
                self.bounds[*block as usize].wake_at = 0;
            }
        }
    }

    /// The next profile of this buyer from a place on, and the place behind it: each of its profiles comes once, in an order
    /// that means nothing. A column of numbers is looked through, a thirtieth of what the records are.
    pub(crate) fn next_of(&self, buyer: u32, mut from: usize) -> Option<(u32, usize)> {
        loop {
            let found = from + self.buyers[from..].iter().position(|of| *of == buyer)?;
            let Row { id, brief, .. } = &self.rows[found];
            from = found + 1;
            // Where no row is any more a buyer may still be named, and a further conjunction has a row of its own.
            if brief.buyer == buyer && brief.profile == *id {
                return Some((*id, from));
            }
        }
    }

    /// Where in memory it is kept where the row of this id is.
    #[inline]
    pub(crate) fn near_place(&self, id: u32) -> &impl Sized {
        &self.places[id as usize]
    }

    /// Sleepers of a block whose hour has come are awake; which of them really are is seen on the next look.
    fn wake_block(&mut self, block: u32, at: Timestamp) {
        if at.micros() < self.bounds[block as usize].wake_at {
            return;
        }
        let sleeping = core::mem::replace(self.bits.line_mut(block, ASLEEP), Line::EMPTY);
        self.bits.line_mut(block, LIVE).add(&sleeping);
        self.bounds[block as usize].wake_at = u64::MAX;
    }

    /// Gives a row its key and raises the bounds it lies under. A bound that is too good now is left: it only costs time.
    pub(super) fn set_key(&mut self, vertical: VerticalId, row: u32, key: u128) {
        let partition = &mut self.partitions[usize::from(vertical.0)];
        partition.dirty = true;
        partition.tier_last = partition.tier_last.max(tier_of_key(key));
        let (block, place) = partition.place(row);
        self.rows[row_at(block, place)].key = key;
        self.spreads[block as usize][place / WORD_ROWS].include(key);
        let words = row as usize / WORD_ROWS + 1;
        for word in (0..words).rev() {
            let block = partition.blocks[word / BLOCK_WORDS];
            let suffix = &mut self.bounds[block as usize].suffix_best[word % BLOCK_WORDS];
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
        self.swap_bits((left_block, left_place), (right_block, right_place), 0..SCHEMA_LINES);
        let (left_at, right_at) = (row_at(left_block, left_place), row_at(right_block, right_place));
        let (left_row, right_row) = (self.rows[left_at], self.rows[right_at]);
        let (wanting, excluding) = (left_row.wanting | right_row.wanting, left_row.excluding | right_row.excluding);
        let mut clauses = wanting | excluding;
        while clauses != 0 {
            let attribute = clauses.trailing_zeros();
            clauses &= clauses - 1;
            let has = |mask: u32| mask >> attribute & 1 == 1;
            let lines = self.lines[attribute as usize].expect("Invariant: clauses are on declared attributes");
            for lines in lines.told_apart(has(wanting), has(excluding)) {
                let lines = SCHEMA_LINES + lines.start..SCHEMA_LINES + lines.end;
                self.swap_bits((left_block, left_place), (right_block, right_place), lines);
            }
        }
        // A sleeper must not oversleep in its new block.
        let wake_at = self.bounds[left_block as usize].wake_at.min(self.bounds[right_block as usize].wake_at);
        self.bounds[left_block as usize].wake_at = wake_at;
        self.bounds[right_block as usize].wake_at = wake_at;
        self.rows.swap(left_at, right_at);
        self.buyers.swap(left_at, right_at);
        #[cfg(feature = "measure")]
        self.profiles.swap(left_at, right_at);
        self.places[right_row.id as usize] = left_at as u32;
        self.places[left_row.id as usize] = right_at as u32;
        self.set_key(vertical, left, right_row.key);
        self.set_key(vertical, right, left_row.key);
    }

    /// Lets two rows exchange their bits in these lines.
    fn swap_bits(&mut self, left: (u32, usize), right: (u32, usize), lines: Range<u32>) {
        let lines = lines.start as usize..lines.end as usize;
        if left.0 == right.0 {
            for line in &mut self.bits.block_mut(left.0)[lines] {
                let differ = line.bit(left.1) ^ line.bit(right.1);
                line.flip(left.1, differ);
                line.flip(right.1, differ);
            }
        } else {
            let (lefts, rights) = self.bits.two_blocks_mut(left.0, right.0);
            for (left_line, right_line) in lefts[lines.clone()].iter_mut().zip(&mut rights[lines]) {
                let differ = left_line.bit(left.1) ^ right_line.bit(right.1);
                left_line.flip(left.1, differ);
                right_line.flip(right.1, differ);
            }
        }
    }

    /// The row of this id, if it is one of this vertical's.
    pub(crate) fn row_in(&self, vertical: VerticalId, id: u32) -> Option<u32> {
        self.places.get(id as usize).filter(|place| **place != NOWHERE)?;
        let (in_vertical, row) = self.row_of(id);
        (in_vertical == vertical).then_some(row)
    }

    /// The block of the row of this id, and its place there.
    #[inline]
    fn place_of(&self, id: u32) -> (u32, usize) {
        let at = self.places[id as usize] as usize;
        ((at / BLOCK_ROWS) as u32, at % BLOCK_ROWS)
    }

    /// The vertical of the row of this id, and which of its rows it is.
    fn row_of(&self, id: u32) -> (VerticalId, u32) {
        let (block, place) = self.place_of(id);
        let Home { vertical, nth } = self.homes[block as usize];
        (vertical, nth * BLOCK_ROWS as u32 + place as u32)
    }

    /// Writes a fresh row's bits, whatever they are: a one for every value it accepts. Returns the attributes whose lines may say yes too
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
            let accepting = row.clause(false);
            for line in lines.absent()..=lines.absent() + lines.buckets() {
                self.bits.set(block, SCHEMA_LINES + line, place, accepting.is_none());
            }
            if lines.excludes() {
                for bucket in 0..lines.buckets() {
                    self.bits.set(block, SCHEMA_LINES + lines.excluding(bucket), place, false);
                }
            }
            row.buckets(false, lines, |bucket| {
                self.bits.set(block, SCHEMA_LINES + lines.accepting(bucket), place, true);
            });
            let is_whole = matches!(accepting, Some((Test::Range { low, high }, _)) if lines.are_whole(low, high));
            let excludes = row.clause(true).is_some();
            if lines.is_exact() {
                let set = lines.is_set();
                row.buckets(true, lines, |bucket| {
                    let line = if set { lines.excluding(bucket) } else { lines.accepting(bucket) };
                    self.bits.set(block, SCHEMA_LINES + line, place, set);
                });
            }
            if (accepting.is_some() || excludes) && !lines.is_exact() && !is_whole {
                inexact |= 1 << attribute.0;
            }
        }
        inexact
    }
}

/// Where the row at this place of a block is among all.
#[inline]
pub(super) const fn row_at(block: u32, place: usize) -> usize {
    block as usize * BLOCK_ROWS + place
}

/// A line with the first `count` rows.
fn first_rows(count: usize) -> Line {
    let of_word = |word: usize| match count.saturating_sub(word * WORD_ROWS) {
        0 => 0,
        rows @ 1..WORD_ROWS => (1 << rows) - 1,
        _ => u64::MAX,
    };
    Line(core::array::from_fn(of_word))
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
