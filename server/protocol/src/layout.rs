//! The layout of every frame as data: what `docs/protocol.md` is made from, and what a dump of a stream can be read with.

use crate::element::ELEMENTS;
use crate::{codes, down, event, up};

/// One type of frame.
#[derive(Clone, Copy, Debug)]
pub struct FrameLayout {
    /// Its name.
    pub name: &'static str,
    /// The type byte of the header.
    pub code: u8,
    /// Whether the header's number is one; otherwise it is 0.
    pub numbered: bool,
    /// What it is for, line by line.
    pub docs: &'static [&'static str],
    /// The fields after the header, in order.
    pub fields: &'static [FieldLayout],
    /// The lists after the fields, in order. For each there is a count (u16) at the end of the fields.
    pub lists: &'static [ListLayout],
    /// Where the first list begins: bytes from the beginning of the frame.
    pub fixed_bytes: usize,
}

/// One field of a frame.
#[derive(Clone, Copy, Debug)]
pub struct FieldLayout {
    /// Its name; empty for what all frames of a kind begin with.
    pub name: &'static str,
    /// Bytes from the beginning of the frame.
    pub offset: usize,
    /// The pieces it consists of; none for a mere flag.
    pub parts: &'static [Part],
    /// The flags it takes, after those of the fields before it.
    pub flags: FlagUse,
    /// Its unit, or nothing.
    pub unit: &'static str,
    /// What it means, line by line.
    pub docs: &'static [&'static str],
}

/// One piece of a field or of an element.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its name within the field; empty when the field is one piece.
    pub name: &'static str,
    /// How its bytes are read.
    pub type_name: &'static str,
    /// How many there are.
    pub size: usize,
    /// What it means and its unit; empty when the field says it.
    pub doc: &'static str,
}

/// One list of a frame.
#[derive(Clone, Copy, Debug)]
pub struct ListLayout {
    /// Its name.
    pub name: &'static str,
    /// Where its count stands (u16): bytes from the beginning of the frame.
    pub count_offset: usize,
    /// What it is a list of.
    pub element: &'static str,
    /// Bytes of one.
    pub element_bytes: usize,
    /// The most there may be.
    pub max: usize,
    /// What it means, line by line.
    pub docs: &'static [&'static str],
}

/// One type of element of lists.
#[derive(Clone, Copy, Debug)]
pub struct ElementLayout {
    /// Its name.
    pub name: &'static str,
    /// What it is, line by line.
    pub docs: &'static [&'static str],
    /// Its pieces, one after the other.
    pub parts: &'static [Part],
}

/// A closed list of one-byte codes.
#[derive(Clone, Copy, Debug)]
pub struct CodeList {
    /// Its name.
    pub name: &'static str,
    /// What it is for, line by line.
    pub docs: &'static [&'static str],
    /// Its codes, in order.
    pub values: &'static [CodeValue],
}

/// One code of a list.
#[derive(Clone, Copy, Debug)]
pub struct CodeValue {
    /// The byte.
    pub code: u8,
    /// Its name.
    pub name: &'static str,
    /// What it means, line by line.
    pub docs: &'static [&'static str],
}

/// The flags of the header a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagUse {
    /// None: it is always there.
    Nothing,
    /// One, which is its value.
    Value,
    /// One: whether it is there.
    Present,
    /// Two: whether it is there, then its value.
    PresentThenValue,
}

impl FlagUse {
    /// How many flags.
    #[must_use]
    pub const fn count(self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Value | Self::Present => 1,
            Self::PresentThenValue => 2,
        }
    }

    pub(crate) const fn optional(self) -> Self {
        match self {
            Self::Nothing => Self::Present,
            Self::Value => Self::PresentThenValue,
            Self::Present | Self::PresentThenValue => panic!("an optional field holds no optional one"),
        }
    }
}

/// Frames from client to server.
#[must_use]
pub const fn up() -> &'static [FrameLayout] {
    up::LAYOUTS
}

/// Frames from server to client, events excepted.
#[must_use]
pub const fn down() -> &'static [FrameLayout] {
    down::LAYOUTS
}

/// Events, from server to client.
#[must_use]
pub const fn events() -> &'static [FrameLayout] {
    event::LAYOUTS
}

/// Elements of lists.
#[must_use]
pub const fn elements() -> &'static [ElementLayout] {
    ELEMENTS
}

/// Lists of one-byte codes.
#[must_use]
pub const fn code_lists() -> &'static [CodeList] {
    codes::CODE_LISTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn types_rise_and_do_not_repeat() {
        for layouts in [up(), down(), events()] {
            assert!(layouts.windows(2).all(|pair| pair[0].code < pair[1].code));
        }
        let mut codes: Vec<u8> = down().iter().chain(events()).map(|layout| layout.code).collect();
        codes.dedup();
        assert_eq!(codes.len(), down().len() + events().len());
    }

    #[test]
    fn fields_lie_one_after_the_other_without_gaps() {
        for layout in [up(), down(), events()].into_iter().flatten() {
            let mut next = crate::HEADER_BYTES;
            for field in layout.fields {
                assert_eq!(field.offset, next, "{}.{}", layout.name, field.name);
                next += field.parts.iter().map(|part| part.size).sum::<usize>();
            }
            for list in layout.lists {
                assert_eq!(list.count_offset, next, "{}.{}", layout.name, list.name);
                next += 2;
            }
            assert_eq!(layout.fixed_bytes, next, "{}", layout.name);
        }
    }
}
