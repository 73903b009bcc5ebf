//! What follows the fixed fields: counted lists of elements, texts and bytes.

use core::fmt;
use core::ops::Deref;

use zerocopy::{FromBytes, Immutable, IntoBytes, Unaligned};

use crate::KEY_BYTES_MAX;
use crate::fault::Fault;

/// An element of a list: fixed size, and itself its bytes.
pub(crate) trait Element: FromBytes + IntoBytes + Immutable + Unaligned + Copy + fmt::Debug + Eq {
    /// Its name in the documentation.
    const NAME: &'static str;

    /// What is wrong with these bytes as an element: a code not in its list, or a reserved byte that is not zero.
    fn check(&self) -> Result<(), Fault>;

    /// Zero when nothing is wrong: the same without saying what, where a long list has to be quick.
    #[inline]
    fn stray_bits(&self) -> u64 {
        u64::from(self.check().is_err())
    }
}

/// At most `MAX` elements, borrowed from a frame or from the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List<'a, T, const MAX: usize>(&'a [T]);

/// At most `MAX` bytes of UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a, const MAX: usize>(&'a str);

/// At most `MAX` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes<'a, const MAX: usize>(&'a [u8]);

/// A key, which is a secret: it does not show itself in debug output.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key<'a>(Bytes<'a, KEY_BYTES_MAX>);

/// Longer than the limit of its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// How long it is.
    pub length: usize,
    /// How long it may be.
    pub max: usize,
}

/// What can follow the fixed fields of a frame.
pub(crate) trait Tail<'a>: Sized {
    const ELEMENT: &'static str;
    const ELEMENT_BYTES: usize;
    const MAX: usize;

    fn bytes(&self) -> &'a [u8];

    /// Cuts `count` elements from the beginning of `rest`, and says what follows.
    fn cut(rest: &'a [u8], count: u16) -> Result<(Self, &'a [u8]), Fault>;

    #[inline]
    fn count(&self) -> u16 {
        // No list has room for more than a frame has bytes.
        (self.bytes().len() / Self::ELEMENT_BYTES) as u16
    }
}

const fn checked(length: usize, max: usize) -> Result<(), TooLong> {
    if length <= max { Ok(()) } else { Err(TooLong { length, max }) }
}

impl<'a, T, const MAX: usize> List<'a, T, MAX> {
    /// None.
    pub const EMPTY: Self = Self(&[]);

    /// These elements.
    ///
    /// # Errors
    ///
    /// When they are more than `MAX`.
    pub const fn new(elements: &'a [T]) -> Result<Self, TooLong> {
        match checked(elements.len(), MAX) {
            Ok(()) => Ok(Self(elements)),
            Err(too_long) => Err(too_long),
        }
    }

    /// The elements, for as long as what they were borrowed from.
    #[must_use]
    pub const fn as_slice(&self) -> &'a [T] {
        self.0
    }
}

impl<'a, const MAX: usize> Text<'a, MAX> {
    /// This text.
    ///
    /// # Errors
    ///
    /// When it is longer than `MAX` bytes.
    pub const fn new(text: &'a str) -> Result<Self, TooLong> {
        match checked(text.len(), MAX) {
            Ok(()) => Ok(Self(text)),
            Err(too_long) => Err(too_long),
        }
    }

    /// As much of this text as fits.
    #[must_use]
    pub fn cut_to_fit(text: &'a str) -> Self {
        let mut end = text.len().min(MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self(&text[..end])
    }

    /// The text, for as long as what it was borrowed from.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.0
    }
}

impl<'a, const MAX: usize> Bytes<'a, MAX> {
    /// These bytes.
    ///
    /// # Errors
    ///
    /// When they are more than `MAX`.
    pub const fn new(bytes: &'a [u8]) -> Result<Self, TooLong> {
        match checked(bytes.len(), MAX) {
            Ok(()) => Ok(Self(bytes)),
            Err(too_long) => Err(too_long),
        }
    }

    /// The bytes, for as long as what they were borrowed from.
    #[must_use]
    pub const fn as_slice(&self) -> &'a [u8] {
        self.0
    }
}

impl<'a> Key<'a> {
    /// This key.
    ///
    /// # Errors
    ///
    /// When it is longer than [`KEY_BYTES_MAX`] bytes.
    pub const fn new(bytes: &'a [u8]) -> Result<Self, TooLong> {
        match Bytes::new(bytes) {
            Ok(bytes) => Ok(Self(bytes)),
            Err(too_long) => Err(too_long),
        }
    }

    /// The secret itself.
    #[must_use]
    pub const fn expose(&self) -> &'a [u8] {
        self.0.0
    }
}

impl<T, const MAX: usize> Default for List<'_, T, MAX> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<T, const MAX: usize> Deref for List<'_, T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0
    }
}

impl<const MAX: usize> Deref for Text<'_, MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        self.0
    }
}

impl<const MAX: usize> Deref for Bytes<'_, MAX> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0
    }
}

impl fmt::Debug for Key<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key(secret)")
    }
}

impl fmt::Display for TooLong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} elements where at most {} fit: send fewer", self.length, self.max)
    }
}

impl core::error::Error for TooLong {}

impl<'a, T: Element, const MAX: usize> Tail<'a> for List<'a, T, MAX> {
    const ELEMENT: &'static str = T::NAME;
    const ELEMENT_BYTES: usize = size_of::<T>();
    const MAX: usize = MAX;

    #[inline]
    fn bytes(&self) -> &'a [u8] {
        self.0.as_bytes()
    }

    #[inline]
    fn cut(rest: &'a [u8], count: u16) -> Result<(Self, &'a [u8]), Fault> {
        let count = usize::from(count);
        if count > MAX {
            return Err(Fault::ListTooLong);
        }
        let (elements, after) =
            <[T]>::ref_from_prefix_with_elems(rest, count).map_err(|_| Fault::BodyLengthMismatch)?;
        if elements.iter().fold(0, |stray, element| stray | element.stray_bits()) != 0 {
            elements.iter().try_for_each(Element::check)?;
        }
        Ok((Self(elements), after))
    }
}

impl<'a, const MAX: usize> Tail<'a> for Bytes<'a, MAX> {
    const ELEMENT: &'static str = "byte";
    const ELEMENT_BYTES: usize = 1;
    const MAX: usize = MAX;

    #[inline]
    fn bytes(&self) -> &'a [u8] {
        self.0
    }

    #[inline]
    fn cut(rest: &'a [u8], count: u16) -> Result<(Self, &'a [u8]), Fault> {
        let count = usize::from(count);
        if count > MAX {
            return Err(Fault::ListTooLong);
        }
        let (bytes, after) = rest.split_at_checked(count).ok_or(Fault::BodyLengthMismatch)?;
        Ok((Self(bytes), after))
    }
}

impl<'a, const MAX: usize> Tail<'a> for Text<'a, MAX> {
    const ELEMENT: &'static str = "byte of UTF-8";
    const ELEMENT_BYTES: usize = 1;
    const MAX: usize = MAX;

    #[inline]
    fn bytes(&self) -> &'a [u8] {
        self.0.as_bytes()
    }

    #[inline]
    fn cut(rest: &'a [u8], count: u16) -> Result<(Self, &'a [u8]), Fault> {
        let (bytes, after) = Bytes::<MAX>::cut(rest, count)?;
        core::str::from_utf8(bytes.0).map(|text| (Self(text), after)).map_err(|_| Fault::TextNotUtf8)
    }
}

impl<'a> Tail<'a> for Key<'a> {
    const ELEMENT: &'static str = "byte";
    const ELEMENT_BYTES: usize = 1;
    const MAX: usize = KEY_BYTES_MAX;

    #[inline]
    fn bytes(&self) -> &'a [u8] {
        self.0.0
    }

    #[inline]
    fn cut(rest: &'a [u8], count: u16) -> Result<(Self, &'a [u8]), Fault> {
        Bytes::cut(rest, count).map(|(bytes, after)| (Self(bytes), after))
    }
}
