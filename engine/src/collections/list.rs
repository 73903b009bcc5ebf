//! The few values a command carries: borrowed from the frame it came in, or held inline.
//!
//! A command read off the wire borrows, so that reading copies nothing; a command built by hand holds its
//! values itself, so that it can be returned and stored without a lifetime to look after. Whoever reads it
//! sees a slice either way. What does not fit is left out and the list remembers that: building a command
//! never panics and never allocates, and the command's own checks refuse a list that has overflowed.
//!
//! Invariant: the slice is never longer than `N`, and a list from which anything was left out says so.

use core::fmt;
use core::ops::Deref;

/// Up to `N` values, borrowed or inline.
#[derive(Clone, Copy)]
pub struct List<'a, T: Copy + Default, const N: usize> {
    values: Values<'a, T, N>,
    overflowed: bool,
}

#[derive(Clone, Copy)]
enum Values<'a, T: Copy + Default, const N: usize> {
    Borrowed(&'a [T]),
    /// Only the first `len` are values; the others are filler.
    Inline {
        array: [T; N],
        len: usize,
    },
}

impl<'a, T: Copy + Default, const N: usize> List<'a, T, N> {
    /// An empty inline list.
    pub fn new() -> Self {
        Self { values: Values::Inline { array: [T::default(); N], len: 0 }, overflowed: false }
    }

    /// A list that borrows its values. Of more than `N` it shows the first `N`, and has overflowed.
    pub const fn borrowed(values: &'a [T]) -> Self {
        let overflowed = values.len() > N;
        // Cut here, so that whoever forgets to ask `overflowed` still has bounded work.
        let values = if overflowed { values.split_at(N).0 } else { values };
        Self { values: Values::Borrowed(values), overflowed }
    }

    /// The values in order.
    pub fn as_slice(&self) -> &[T] {
        match &self.values {
            Values::Borrowed(values) => values,
            Values::Inline { array, len } => &array[..*len],
        }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a value at the end. Past `N`, or onto a borrowed list, the value is left out and the list has
    /// overflowed.
    pub fn push(&mut self, value: T) {
        match &mut self.values {
            Values::Inline { array, len } if *len < N => {
                array[*len] = value;
                *len += 1;
            }
            Values::Inline { .. } | Values::Borrowed(_) => self.overflowed = true,
        }
    }

    /// Whether anything was left out. Such a list must not be acted on.
    pub fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// Verifies the invariant of this list.
    pub fn check(&self) -> Result<(), &'static str> {
        let len = match &self.values {
            Values::Borrowed(values) => values.len(),
            Values::Inline { len, .. } => *len,
        };
        if len <= N { Ok(()) } else { Err("list: more values than it may hold") }
    }
}

impl<T: Copy + Default, const N: usize> Extend<T> for List<'_, T, N> {
    /// Stops at the first value that does not fit: how long the rest is need not be known.
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        for value in values {
            let len = self.len();
            self.push(value);
            if self.len() == len {
                break;
            }
        }
    }
}

impl<T: Copy + Default, const N: usize> FromIterator<T> for List<'_, T, N> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut list = Self::new();
        list.extend(values);
        list
    }
}

impl<'a, T: Copy + Default, const N: usize> From<&'a [T]> for List<'a, T, N> {
    fn from(values: &'a [T]) -> Self {
        Self::borrowed(values)
    }
}

impl<T: Copy + Default, const N: usize> Default for List<'_, T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Copy + Default, const N: usize> Deref for List<'_, T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<T: Copy + Default + PartialEq, const N: usize> PartialEq for List<'_, T, N> {
    /// Where the values lie makes no difference; whether some are missing does.
    fn eq(&self, other: &Self) -> bool {
        self.overflowed == other.overflowed && self.as_slice() == other.as_slice()
    }
}

impl<T: Copy + Default + Eq, const N: usize> Eq for List<'_, T, N> {}

impl<T: Copy + Default + fmt::Debug, const N: usize> fmt::Debug for List<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;

    type Four<'a> = List<'a, u32, 4>;

    #[test]
    fn borrowed_and_inline_lists_are_equal() {
        let inline: Four<'static> = (1..4).collect();
        let source = [1, 2, 3];
        assert_eq!(inline, List::borrowed(&source));
        assert_eq!(inline, List::from(&source[..]));
        assert_eq!(std::format!("{inline:?} {:?}", Four::new()), "[1, 2, 3] []");
        assert_eq!(inline.first(), Some(&1), "reads as a slice");
        assert!(Four::default().is_empty() && !inline.is_empty());
    }

    #[test]
    fn full_list_leaves_out_and_remembers() {
        let mut list: Four<'_> = (1..=4).collect();
        assert!(!list.overflowed());
        list.push(5);
        assert!(list.overflowed());
        assert_eq!(list.as_slice(), [1, 2, 3, 4]);
        assert_ne!(list, (1..=4).collect());
        assert_eq!(list, List::borrowed(&[1, 2, 3, 4, 5]));
    }

    #[test]
    fn borrowed_list_cannot_be_added_to() {
        let mut list = Four::borrowed(&[1]);
        list.push(2);
        assert_eq!((list.as_slice(), list.overflowed()), (&[1][..], true));
    }

    #[test]
    fn endless_source_ends() {
        let list: Four<'_> = core::iter::repeat(7).collect();
        assert_eq!((list.len(), list.overflowed()), (4, true));
        let mut borrowed = Four::borrowed(&[]);
        borrowed.extend(core::iter::repeat(7));
        assert!(borrowed.overflowed() && borrowed.is_empty());
        let none: List<'_, u32, 0> = core::iter::once(1).collect();
        assert!(none.overflowed() && none.is_empty());
    }

    proptest! {
        #[test]
        fn agrees_with_a_vec(values in prop::collection::vec(any::<u32>(), 0..9)) {
            let mut pushed = Four::new();
            for value in &values {
                pushed.push(*value);
            }
            let collected: Four<'_> = values.iter().copied().collect();
            let borrowed = Four::borrowed(&values);
            for list in [pushed, collected, borrowed] {
                prop_assert_eq!(list.as_slice(), &values[..values.len().min(4)]);
                prop_assert_eq!(list.overflowed(), values.len() > 4);
                prop_assert_eq!(list, pushed);
                prop_assert_eq!(list.check(), Ok(()));
            }
        }
    }
}
