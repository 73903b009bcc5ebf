//! What profiles want and where their calls are dialled: the clauses of every profile and of every further conjunction,
//! and the destinations of every profile, written as words.
//!
//! Invariant: a list is written with its row and taken away with it, never changed between; nothing here decides
//! anything. The destinations come first, so that the first of them is in the row's own chunk, then the clauses in the
//! order they were given.
//!
//! | words | what |
//! |---|---|
//! | 1, and 1 for each 4 bytes begun | a destination: its length and how long it may ring, then its bytes |
//! | 1, and 1 for each 2 values begun | any of, none of: how many values, then their codes |
//! | 1 | a value of the set, none of the set, this answer |
//! | 3 | a range whose ends fit 32 bits with their sign |
//! | 5 | any other range |
//! | 4 | a place and a radius |
//!
//! The first word of each says which it is in its lowest four bits; 0 there is the end.

use crate::collections::{Chains, Words};
use crate::event::Destination;
use crate::ids::{AttributeId, ValueCode, ValueSetId};
use crate::limits::{ATTRIBUTES_MAX, DESTINATION_BYTES_MAX, Limits};
use crate::terms::{Clause, DialTarget, Test};
use crate::units::{GeoPoint, Metres, Millis};

/// What an item is: the lowest bits of its first word.
const KIND_BITS: u32 = 4;
const END: u32 = 0;
const ANY_OF: u32 = 1;
const NONE_OF: u32 = 2;
const IN_SET: u32 = 3;
const NOT_IN_SET: u32 = 4;
const RANGE: u32 = 5;
const WIDE_RANGE: u32 = 6;
const IS: u32 = 7;
const NEAR: u32 = 8;
const TARGET: u32 = 9;

/// A clause's first word: its kind, its attribute, and a count, a set or an answer.
const OPERAND_SHIFT: u32 = 16;
const _: () = assert!(ATTRIBUTES_MAX <= 1 << (OPERAND_SHIFT - KIND_BITS) && ATTRIBUTES_MAX <= u32::BITS as usize);

/// Two codes share a word.
const CODE_BITS: u32 = u32::BITS / 2;
/// The greatest code there is room for.
pub(crate) const LISTED_CODE_MAX: u32 = (1 << CODE_BITS) - 1;

/// A destination's first word: its kind, its length, and how long it may ring.
const LENGTH_BITS: u32 = 7;
const RING_SHIFT: u32 = KIND_BITS + LENGTH_BITS;
const _: () = assert!(DESTINATION_BYTES_MAX < 1 << LENGTH_BITS);
/// The longest it may ring, as far as there is room for it.
pub(crate) const RING_MS_MAX: u32 = u32::MAX >> RING_SHIFT;

/// What a profile or a conjunction wants, as it was given, and where its calls go: only a profile has destinations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) clauses: &'a [Clause],
    pub(crate) values: &'a [ValueCode],
    pub(crate) targets: &'a [DialTarget],
}

impl Wanted<'_> {
    /// How many chunks of those that all rows share its list takes.
    pub(crate) fn chunks(&self) -> u32 {
        let mut words = 0;
        self.each_word(|_| words += 1);
        Chains::shared_by(words) as u32
    }
}

/// See the [room](self). Rows are numbered as the targeting index does it: a profile's own has the profile's slot, those of
/// further conjunctions follow after all slots.
#[derive(Clone, Debug)]
pub(crate) struct Wants {
    lists: Chains,
}

impl Wants {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { lists: Chains::new(limits.profiles_max + limits.conjunctions_max, limits.targeting_chunks_max) }
    }

    pub(crate) fn has_room(&self, wanted: Wanted<'_>) -> bool {
        self.lists.has_room(wanted.chunks())
    }

    /// How many of the chunks that all rows share are taken, and how many there are.
    pub(crate) const fn used(&self) -> (u32, u32) {
        self.lists.used()
    }

    pub(crate) fn put(&mut self, row: u32, wanted: Wanted<'_>) {
        let mut writer = self.lists.write(row);
        wanted.each_word(|word| writer.push(word));
    }

    pub(crate) fn remove(&mut self, row: u32) {
        self.lists.remove(row);
    }

    /// The row's clauses, each with the values it lists.
    #[inline]
    pub(crate) fn clauses(&self, row: u32) -> Clauses<'_> {
        self.clauses_on(row, u32::MAX)
    }

    /// Those on the attributes in `mask`, a bit each.
    #[inline]
    pub(crate) fn clauses_on(&self, row: u32, mask: u32) -> Clauses<'_> {
        Clauses { words: self.lists.read(row), mask }
    }

    /// The row's destination of this number.
    #[inline]
    pub(crate) fn dial_target(&self, row: u32, destination_index: u8) -> Option<DialTarget> {
        let mut words = self.lists.read(row);
        let mut head = words.next()?;
        for _ in 0..destination_index {
            if kind_of(head) != TARGET {
                return None;
            }
            words.skip_words(payload(head));
            head = words.next()?;
        }
        if kind_of(head) != TARGET {
            return None;
        }
        let destination = Destination::from_words(length_of_target(head) as u8, words);
        Some(DialTarget { destination, ring: Millis(head >> RING_SHIFT) })
    }

    /// Where in memory a row's list begins, and with it a profile's first destination.
    #[inline]
    pub(crate) fn near(&self, row: u32) -> &impl Sized {
        self.lists.near(row)
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.lists.check()
    }
}

/// What an item is, by its first word.
#[inline]
const fn kind_of(head: u32) -> u32 {
    head & ((1 << KIND_BITS) - 1)
}

/// How many bytes a destination has, by its first word.
#[inline]
const fn length_of_target(head: u32) -> usize {
    (head >> KIND_BITS & ((1 << LENGTH_BITS) - 1)) as usize
}

/// How many words follow an item's first.
#[inline]
const fn payload(head: u32) -> usize {
    match kind_of(head) {
        ANY_OF | NONE_OF => ((head >> OPERAND_SHIFT) as usize).div_ceil(2),
        RANGE => 2,
        WIDE_RANGE => 4,
        NEAR => 3,
        TARGET => length_of_target(head).div_ceil(size_of::<u32>()),
        _ => 0,
    }
}

impl Wanted<'_> {
    /// Hands every word of the list to `each`, in order.
    fn each_word(&self, mut each: impl FnMut(u32)) {
        for target in self.targets {
            let bytes = target.destination.as_bytes();
            each(TARGET | (bytes.len() as u32) << KIND_BITS | target.ring.0 << RING_SHIFT);
            for chunk in bytes.chunks(size_of::<u32>()) {
                let mut word = [0; size_of::<u32>()];
                word[..chunk.len()].copy_from_slice(chunk);
                each(u32::from_le_bytes(word));
            }
        }
        let mut values = self.values;
        for clause in self.clauses {
            let (listed, rest) = values.split_at(clause.test.listed());
            values = rest;
            each_word_of_clause(clause, listed, &mut each);
        }
    }
}

fn each_word_of_clause(clause: &Clause, listed: &[ValueCode], each: &mut impl FnMut(u32)) {
    let head = |kind: u32, operand: u16| {
        kind | u32::from(clause.attribute.0) << KIND_BITS | u32::from(operand) << OPERAND_SHIFT
    };
    match clause.test {
        Test::AnyOf { count } | Test::NoneOf { count } => {
            each(head(if clause.test.is_excluding() { NONE_OF } else { ANY_OF }, count));
            listed.chunks(2).for_each(|pair| each(pair[0].0 | pair.get(1).map_or(0, |second| second.0 << CODE_BITS)));
        }
        Test::InSet { set } => each(head(IN_SET, set.0)),
        Test::NotInSet { set } => each(head(NOT_IN_SET, set.0)),
        Test::Range { low, high } => match (i32::try_from(low), i32::try_from(high)) {
            (Ok(low), Ok(high)) => [head(RANGE, 0), low as u32, high as u32].into_iter().for_each(each),
            _ => {
                each(head(WIDE_RANGE, 0));
                [low, high]
                    .into_iter()
                    .for_each(|end| [end as u32, (end >> 32) as u32].into_iter().for_each(&mut *each));
            }
        },
        Test::Is { value } => each(head(IS, u16::from(value))),
        Test::Near { centre, radius } => {
            let place = [centre.latitude_micro, centre.longitude_micro].map(|micro| micro as u32);
            [head(NEAR, 0), place[0], place[1], radius.0].into_iter().for_each(each);
        }
    }
}

/// The clauses of a list, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Clauses<'a> {
    words: Words<'a>,
    /// The others are passed over.
    mask: u32,
}

impl<'a> Iterator for Clauses<'a> {
    type Item = (Clause, Listed<'a>);

    #[inline]
    fn next(&mut self) -> Option<(Clause, Listed<'a>)> {
        let mut head = self.words.next()?;
        let attribute = loop {
            let attribute = head >> KIND_BITS & ((1 << (OPERAND_SHIFT - KIND_BITS)) - 1);
            match kind_of(head) {
                // All that follows are zeros.
                END => return None,
                TARGET => {}
                _ if self.mask >> attribute & 1 == 1 => break AttributeId(attribute as u16),
                _ => {}
            }
            self.words.skip_words(payload(head));
            head = self.words.next()?;
        };
        let operand = (head >> OPERAND_SHIFT) as u16;
        let mut word = || self.words.next().unwrap_or_default();
        let test = match kind_of(head) {
            ANY_OF => Test::AnyOf { count: operand },
            NONE_OF => Test::NoneOf { count: operand },
            IN_SET => Test::InSet { set: ValueSetId(operand) },
            NOT_IN_SET => Test::NotInSet { set: ValueSetId(operand) },
            RANGE => Test::Range { low: i64::from(word() as i32), high: i64::from(word() as i32) },
            WIDE_RANGE => {
                let mut end = || i64::from(word()) | i64::from(word()) << 32;
                Test::Range { low: end(), high: end() }
            }
            IS => Test::Is { value: operand != 0 },
            NEAR => {
                let centre = GeoPoint::new(word() as i32, word() as i32);
                Test::Near { centre, radius: Metres(word()) }
            }
            _ => unreachable!("Invariant: lists are written by this file"),
        };
        let listed = Listed { words: self.words.clone(), left: test.listed(), second: None };
        self.words.skip_words(test.listed().div_ceil(2));
        Some((Clause { attribute, test }, listed))
    }
}

/// The values a clause lists, in the order they were given.
#[derive(Clone, Debug)]
pub struct Listed<'a> {
    words: Words<'a>,
    left: usize,
    second: Option<ValueCode>,
}

impl Iterator for Listed<'_> {
    type Item = ValueCode;

    #[inline]
    fn next(&mut self) -> Option<ValueCode> {
        self.left = self.left.checked_sub(1)?;
        if let Some(second) = self.second.take() {
            return Some(second);
        }
        let word = self.words.next()?;
        self.second = Some(ValueCode(word >> CODE_BITS));
        Some(ValueCode(word & LISTED_CODE_MAX))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Listed<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{CLAUSE_WORDS_MAX, DESTINATION_WORDS_MAX};
    use alloc::vec::Vec;

    fn wants(chunks: u32) -> Wants {
        let limits = Limits { profiles_max: 3, conjunctions_max: 2, targeting_chunks_max: chunks, ..Limits::small() };
        Wants::new(&limits)
    }

    fn on(attribute: u16, test: Test) -> Clause {
        Clause { attribute: AttributeId(attribute), test }
    }

    fn target(length: usize, ring: u32) -> DialTarget {
        let bytes: Vec<u8> = (1..=length as u8).collect();
        DialTarget { destination: Destination::new(&bytes).unwrap(), ring: Millis(ring) }
    }

    fn words(wanted: Wanted<'_>) -> usize {
        let mut words = 0;
        wanted.each_word(|_| words += 1);
        words
    }

    #[test]
    fn what_is_written_is_read() {
        let clauses = [
            on(0, Test::AnyOf { count: 3 }),
            on(31, Test::NoneOf { count: 2 }),
            on(1, Test::InSet { set: ValueSetId(u16::MAX) }),
            on(1, Test::NotInSet { set: ValueSetId(0) }),
            on(2, Test::Range { low: i64::from(i32::MIN), high: i64::from(i32::MAX) }),
            on(3, Test::Range { low: i64::MIN, high: i64::MAX }),
            on(4, Test::Range { low: -1, high: 1 << 33 }),
            on(5, Test::Is { value: true }),
            on(6, Test::Is { value: false }),
            on(7, Test::Near { centre: GeoPoint::new(-90_000_000, 180_000_000), radius: Metres(u32::MAX) }),
            on(8, Test::AnyOf { count: 2 }),
        ];
        let values = [1, 65_535, 7, 65_535, 1, 3, 4].map(ValueCode);
        let targets = [target(12, 1), target(1, 300_000), target(64, 20_000), target(4, 20_000)];
        let wanted = Wanted { clauses: &clauses, values: &values, targets: &targets };
        let mut wants = wants(20);
        wants.put(2, wanted);
        let mut listed = values.as_slice();
        let mut read = wants.clauses(2);
        for clause in clauses {
            let (own, rest) = listed.split_at(clause.test.listed());
            listed = rest;
            let (as_read, as_listed) = read.next().unwrap();
            assert_eq!((as_read, as_listed.len()), (clause, own.len()));
            assert!(as_listed.eq(own.iter().copied()), "{clause:?}");
        }
        assert!(read.next().is_none() && listed.is_empty());
        let on: Vec<Clause> = wants.clauses_on(2, 1 << 1 | 1 << 8).map(|(clause, _)| clause).collect();
        assert_eq!(on, [clauses[2], clauses[3], clauses[10]]);
        assert!(wants.clauses_on(2, 1 << 8).all(|(_, listed)| listed.eq([ValueCode(3), ValueCode(4)])));
        for (place, target) in (0..).zip(targets) {
            assert_eq!(wants.dial_target(2, place), Some(target));
        }
        assert_eq!(wants.dial_target(2, 4), None);
        assert_eq!(wants.check(), Ok(()));
        wants.remove(2);
        assert_eq!((wants.used(), wants.clauses(2).count(), wants.dial_target(2, 0)), ((0, 20), 0, None));
    }

    /// A list that fills its last chunk to the end has no zero behind it.
    #[test]
    fn a_full_chunk_ends_the_list_as_well() {
        let mut wants = wants(1);
        let clauses = [on(0, Test::Range { low: 0, high: 9 }), on(1, Test::Is { value: true })];
        let wanted = Wanted { clauses: &clauses, values: &[], targets: &[target(8, 5)] };
        assert_eq!(words(wanted), 7);
        wants.put(0, wanted);
        assert_eq!((wants.clauses(0).count(), wants.used()), (2, (0, 1)));
    }

    #[test]
    fn each_item_takes_the_words_it_says() {
        let of = |test: Test, values: &[ValueCode]| words(Wanted { clauses: &[on(0, test)], values, targets: &[] });
        assert_eq!(of(Test::AnyOf { count: 1 }, &[ValueCode(65_535)]), 2);
        assert_eq!(of(Test::AnyOf { count: 3 }, &[1, 2, 3].map(ValueCode)), 3);
        assert_eq!(of(Test::NoneOf { count: 4 }, &[1, 2, 3, 4].map(ValueCode)), 3);
        assert_eq!(of(Test::InSet { set: ValueSetId(3) }, &[]), 1);
        assert_eq!(of(Test::NotInSet { set: ValueSetId(3) }, &[]), 1);
        assert_eq!(of(Test::Is { value: true }, &[]), 1);
        assert_eq!(of(Test::Range { low: 0, high: 100 }, &[]), 3);
        assert_eq!(of(Test::Range { low: 0, high: 1 << 31 }, &[]), CLAUSE_WORDS_MAX);
        assert_eq!(of(Test::Near { centre: GeoPoint::new(0, 0), radius: Metres(1) }, &[]), 4);
        for (length, expected) in [(1, 2), (4, 2), (5, 3), (64, DESTINATION_WORDS_MAX)] {
            assert_eq!(words(Wanted { clauses: &[], values: &[], targets: &[target(length, 1)] }), expected);
        }
    }

    #[test]
    fn room_is_judged_by_what_goes_beyond_the_own_chunk() {
        let wants = wants(1);
        let listing = |count: u16| [on(0, Test::AnyOf { count })];
        let values: Vec<ValueCode> = (1..=40).map(ValueCode).collect();
        let fits = |count: u16| {
            wants.has_room(Wanted { clauses: &listing(count), values: &values[..count.into()], targets: &[] })
        };
        assert!(fits(12) && fits(26) && !fits(27));
    }
}
