//! A call's facts as the targeting reads them: one place for each attribute, the elements of all sets in one list.

use super::{Fact, FactValue, Lines};
use crate::ids::{AttributeId, ValueCode};
use crate::limits::{ATTRIBUTES_MAX, SET_FACTS_MAX};
use crate::units::GeoPoint;

/// What is known of one attribute of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known<'a> {
    /// Nothing: satisfies wildcards and exclusions, nothing else.
    Absent,
    Code(ValueCode),
    /// At least one element, in rising order.
    Elements(&'a [ValueCode]),
    Number(i64),
    Flag(bool),
    Place(GeoPoint),
}

/// Copied into the call while it lives; never part of a closed call's record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FactSheet {
    shapes: [Shape; ATTRIBUTES_MAX],
    /// The line of the targeting index that each value, or its absence, falls on, counted from 1: 0 for a set, which has a
    /// line for each element, and for an attribute that was not declared when the facts were read.
    lines: [u16; ATTRIBUTES_MAX],
    values: [u64; ATTRIBUTES_MAX],
    elements: [ValueCode; SET_FACTS_MAX],
    elements_count: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shape {
    #[default]
    Absent,
    Code,
    /// `values` holds where the elements start (low half) and how many there are (high half).
    Elements,
    Number,
    Flag,
    Place,
}

/// The lines follow from the rest, and from when it was read.
impl PartialEq for FactSheet {
    fn eq(&self, other: &Self) -> bool {
        let known = |sheet: &Self| (sheet.shapes, sheet.values, sheet.elements, sheet.elements_count);
        known(self) == known(other)
    }
}

impl FactSheet {
    /// Nothing is known, which of each attribute falls on this line, counted from 1.
    pub(crate) const fn new(absent: [u16; ATTRIBUTES_MAX]) -> Self {
        Self {
            shapes: [Shape::Absent; ATTRIBUTES_MAX],
            lines: absent,
            values: [0; ATTRIBUTES_MAX],
            elements: [ValueCode::UNKNOWN; SET_FACTS_MAX],
            elements_count: 0,
        }
    }

    #[inline]
    pub(crate) fn set_code(&mut self, attribute: AttributeId, code: ValueCode, lines: &Lines) {
        let line = lines.accepting(lines.bucket_of_code(code));
        self.put(attribute, Shape::Code, u64::from(code.0), line.wrapping_add(1));
    }

    #[inline]
    pub(crate) fn set_number(&mut self, attribute: AttributeId, number: i64, lines: &Lines) {
        // No range has the greatest number: it is looked up as none.
        let line = if number == i64::MAX { lines.absent() } else { lines.accepting(lines.bucket_of_number(number)) };
        self.put(attribute, Shape::Number, number as u64, line.wrapping_add(1));
    }

    #[inline]
    pub(crate) fn set_flag(&mut self, attribute: AttributeId, flag: bool, lines: &Lines) {
        let line = lines.accepting(Lines::bucket_of_flag(flag));
        self.put(attribute, Shape::Flag, u64::from(flag), line.wrapping_add(1));
    }

    #[inline]
    pub(crate) fn set_place(&mut self, attribute: AttributeId, place: GeoPoint, lines: &Lines) {
        let packed = u64::from(place.latitude_micro as u32) << 32 | u64::from(place.longitude_micro as u32);
        let line = lines.accepting(Lines::bucket_of_place(place));
        self.put(attribute, Shape::Place, packed, line.wrapping_add(1));
    }

    /// Takes the elements of one set attribute, in any order, repeats and all; at most `SET_FACTS_MAX` over all sets.
    pub(crate) fn set_elements(&mut self, attribute: AttributeId, codes: impl Iterator<Item = ValueCode>) {
        let start = usize::from(self.elements_count);
        let mut end = start;
        for code in codes {
            // Most come in rising order.
            if self.elements[start..end].last().is_none_or(|last| *last < code) {
                self.elements[end] = code;
                end += 1;
                continue;
            }
            let place = self.elements[start..end].partition_point(|held| *held < code) + start;
            if place < end && self.elements[place] == code {
                continue;
            }
            self.elements.copy_within(place..end, place + 1);
            self.elements[place] = code;
            end += 1;
        }
        if end > start {
            self.elements_count = u8::try_from(end).unwrap_or(u8::MAX);
            self.put(attribute, Shape::Elements, (start | (end - start) << 32) as u64, 0);
        }
    }

    /// The lines of the index that each attribute's value, or its absence, falls on, counted from 1. 0 for a set of which
    /// something is known, and for an attribute declared since.
    #[inline]
    pub(crate) const fn lines(&self) -> &[u16; ATTRIBUTES_MAX] {
        &self.lines
    }

    #[inline]
    pub(crate) fn known(&self, attribute: AttributeId) -> Known<'_> {
        debug_assert!(usize::from(attribute.0) < ATTRIBUTES_MAX, "a declared attribute has a place");
        let place = usize::from(attribute.0) % ATTRIBUTES_MAX;
        let value = self.values[place];
        match self.shapes[place] {
            Shape::Absent => Known::Absent,
            Shape::Code => Known::Code(ValueCode(value as u32)),
            Shape::Elements => {
                let start = (value & 0xffff_ffff) as usize;
                Known::Elements(&self.elements[start..start + (value >> 32) as usize])
            }
            Shape::Number => Known::Number(value as i64),
            Shape::Flag => Known::Flag(value != 0),
            Shape::Place => Known::Place(GeoPoint::new((value >> 32) as u32 as i32, value as u32 as i32)),
        }
    }

    /// What is known, attribute by attribute.
    pub(crate) fn facts(&self) -> impl Iterator<Item = Fact> + '_ {
        (0..ATTRIBUTES_MAX as u16).map(AttributeId).flat_map(|attribute| {
            let (value, elements) = match self.known(attribute) {
                Known::Absent => (None, [].as_slice()),
                Known::Elements(elements) => (None, elements),
                Known::Code(code) => (Some(FactValue::Code(code)), [].as_slice()),
                Known::Number(number) => (Some(FactValue::Number(number)), [].as_slice()),
                Known::Flag(flag) => (Some(FactValue::Flag(flag)), [].as_slice()),
                Known::Place(place) => (Some(FactValue::Place(place)), [].as_slice()),
            };
            let elements = elements.iter().map(|code| FactValue::Code(*code));
            value.into_iter().chain(elements).map(move |value| Fact { attribute, value })
        })
    }

    /// For the digest: every attribute's shape and value, then the elements.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let shaped = self.shapes.iter().zip(&self.values).flat_map(|(shape, value)| [*shape as u64, *value]);
        let elements = self.elements[..usize::from(self.elements_count)].iter().map(|code| u64::from(code.0));
        shaped.chain(elements)
    }

    #[inline(always)]
    fn put(&mut self, attribute: AttributeId, shape: Shape, value: u64, line: u32) {
        debug_assert!(usize::from(attribute.0) < ATTRIBUTES_MAX, "a declared attribute has a place");
        let place = usize::from(attribute.0) % ATTRIBUTES_MAX;
        // There are fewer than 2^16 lines.
        self.lines[place] = line as u16;
        self.shapes[place] = shape;
        self.values[place] = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::Kind;

    #[test]
    fn elements_come_back_rising_and_once() {
        let mut sheet = FactSheet::new([0; ATTRIBUTES_MAX]);
        sheet.set_elements(AttributeId(3), [5, 2, 9, 2].into_iter().map(ValueCode));
        sheet.set_elements(AttributeId(4), core::iter::empty());
        assert_eq!(sheet.known(AttributeId(3)), Known::Elements(&[ValueCode(2), ValueCode(5), ValueCode(9)]));
        assert_eq!(sheet.known(AttributeId(4)), Known::Absent);
    }

    #[test]
    fn places_and_numbers_keep_their_sign() {
        let mut sheet = FactSheet::new([0; ATTRIBUTES_MAX]);
        let place = GeoPoint::new(-33_868_800, -151_209_300);
        sheet.set_place(AttributeId(0), place, &Lines::of(Kind::Point, 0));
        sheet.set_number(AttributeId(1), -7, &Lines::of(Kind::Integer { decimals: 0, low: 0, high: 9 }, 64));
        assert_eq!(sheet.known(AttributeId(0)), Known::Place(place));
        assert_eq!(sheet.known(AttributeId(1)), Known::Number(-7));
        assert_eq!(sheet.lines()[1..3], [66, 0]);
    }

    #[test]
    fn the_greatest_number_is_looked_up_as_none() {
        let (mut sheet, lines) =
            (FactSheet::new([0; ATTRIBUTES_MAX]), Lines::of(Kind::Integer { decimals: 0, low: 0, high: 9 }, 10));
        sheet.set_number(AttributeId(0), i64::MAX, &lines);
        assert_eq!(u32::from(sheet.lines()[0]), lines.absent() + 1);
        sheet.set_number(AttributeId(0), i64::MAX - 1, &lines);
        assert_eq!(u32::from(sheet.lines()[0]), lines.end());
    }
}
