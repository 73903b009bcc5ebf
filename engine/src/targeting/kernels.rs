//! The loops over lines of bits, compiled for several processors; which one runs is chosen once, when the index is made.
//!
//! Each kernel is the same Rust function compiled for wider registers, so that there is one text to read and nothing to
//! keep in step; tests compare them all the same, with one another and with a plain scan. This is the one room of the
//! engine with `unsafe`: to enter a function that the processor must be known to be able to run, and to tell it what
//! will be read next.

#![expect(unsafe_code, reason = "entering functions for processors that were asked what they can do; prefetching")]

mod detect;
mod intersect;

use super::bits::Line;
use super::query::Query;

/// Which instructions the targeting index is walked with. Whichever it is, every event and every digest is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kernel {
    /// What every processor of the target has.
    Portable,
    /// Registers of 256 bits: x86-64 with AVX2.
    Avx2,
    /// Registers of 512 bits: x86-64 with AVX-512 F, BW, DQ and VL.
    Avx512,
}

impl Kernel {
    /// All there are, the widest last.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// The widest that this processor, and the system it runs under, can do.
    #[must_use]
    pub fn widest() -> Self {
        Self::ALL.into_iter().rev().find(|kernel| kernel.is_available()).unwrap_or(Self::Portable)
    }

    /// Whether this processor can do it.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            Self::Avx2 => detect::has_avx2(),
            Self::Avx512 => detect::has_avx512(),
        }
    }
}

/// Which rows of a block are asked. As lines of the block itself: one put together beforehand, a word or two at a time, would
/// have to be waited for by a kernel that reads it at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Among<'a> {
    pub(super) awake: &'a Line,
    /// Those asleep, when their hour has come.
    pub(super) due: Option<&'a Line>,
    /// No others than these.
    pub(super) only: Option<&'a Line>,
}

impl<'a> Among<'a> {
    pub(super) const fn all(rows: &'a Line) -> Self {
        Self { awake: rows, due: None, only: None }
    }
}

/// A kernel that this processor was found to be able to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Runnable(Kernel);

impl Runnable {
    /// `None` when the processor cannot.
    pub(super) fn new(kernel: Kernel) -> Option<Self> {
        kernel.is_available().then_some(Self(kernel))
    }

    pub(super) const fn kernel(self) -> Kernel {
        self.0
    }

    /// Those among some rows of a block that accept the query, by the lines of the block, of which the query counts from 1. Returns a
    /// bit for each word in which somebody does.
    #[inline]
    pub(super) fn intersect(self, lines: &[Line], query: &Query<'_>, among: Among<'_>, rows: &mut Line) -> u32 {
        match self.0 {
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            // SAFETY: the function may be entered on processors with AVX2, and a `Runnable` of this kernel is made only
            // where `is_available` found them, in the processor and in the system that saves its registers.
            Kernel::Avx2 => unsafe { intersect::with_avx2(lines, query, among, rows) },
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            // SAFETY: as above, with the four parts of AVX-512 that the function is compiled for.
            Kernel::Avx512 => unsafe { intersect::with_avx512(lines, query, among, rows) },
            _ => intersect::portable(lines, query, among, rows),
        }
    }

    /// How many rows the line has.
    #[inline]
    pub(super) fn count(self, rows: &Line) -> u32 {
        match self.0 {
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            // SAFETY: as for `intersect`: a `Runnable` of this kernel is made only where AVX2 was found.
            Kernel::Avx2 => unsafe { intersect::count_with_avx2(rows) },
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            // SAFETY: as for `intersect`: a `Runnable` of this kernel is made only where the parts of AVX-512 were found.
            Kernel::Avx512 => unsafe { intersect::count_with_avx512(rows) },
            _ => intersect::count_portable(rows),
        }
    }
}

/// Bytes that come from memory together.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
const CACHE_LINE: usize = 64;

/// Tells the processor that this will be read soon, all of its cache lines. A hint: it changes nothing but how long the
/// reading takes.
#[inline(always)]
pub(crate) fn will_read<T>(value: &T) {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
    for line in (0..size_of::<T>()).step_by(CACHE_LINE) {
        // SAFETY: a prefetch has no effect that a program can see, and the address is inside a value that lives.
        unsafe {
            use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T0>(core::ptr::from_ref(value).cast::<i8>().add(line));
        }
    }
    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2", not(miri))))]
    let _ = value;
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::super::partition::AskedSet;
    use super::*;
    use crate::ids::{AttributeId, ValueCode};
    use crate::limits::{ATTRIBUTES_MAX, BLOCK_ROWS};
    use crate::terms::FactSheet;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn runnable() -> impl Iterator<Item = Runnable> {
        Kernel::ALL.into_iter().filter_map(Runnable::new)
    }

    /// A line with about `ones` of every sixteen bits set.
    fn line() -> impl Strategy<Value = Line> {
        let word = (any::<[u64; 4]>(), 0..5_u8).prop_map(|([a, b, c, d], ones)| match ones {
            0 => a & b & c & d,
            1 => a & b,
            2 => a,
            3 => a | b,
            _ => a | b | c | d,
        });
        prop::array::uniform8(word).prop_map(Line)
    }

    /// A set of which a call has these elements, and what is asked of it.
    type Known = (Vec<u32>, (bool, bool));

    /// The same, row by row.
    fn scan(lines: &[Line], single: &[u16], sets: &[Known], rows: &Line) -> Line {
        let mut accepted = Line::EMPTY;
        for row in 0..BLOCK_ROWS {
            let has = |line: u32| lines[line as usize].has(row);
            let any_of = |nth: u32, elements: &[u32], behind: u32| {
                elements.iter().any(|element| has(LINES + nth * 2 * BUCKETS + behind + (element - 1) % BUCKETS))
            };
            let is_accepted = sets.iter().zip(0..).all(|((elements, (wants, excludes)), nth)| {
                elements.is_empty()
                    || (!wants || any_of(nth, elements, 0)) && !(*excludes && any_of(nth, elements, BUCKETS))
            });
            let is_accepted = is_accepted && rows.has(row) && single.iter().all(|line| has((*line).into()));
            accepted.flip(row, u64::from(is_accepted));
        }
        accepted
    }

    /// Lines of attributes that are no sets; behind them those of the sets.
    const LINES: u32 = 24;
    const SETS: u32 = 3;
    const BUCKETS: u32 = 5;
    const ALL_LINES: u32 = LINES + SETS * 2 * BUCKETS;

    proptest! {
        #[test]
        fn all_kernels_agree_with_one_another_and_with_a_scan(
            lines in prop::collection::vec(line(), ALL_LINES as usize),
            rows in line(),
            single in prop::collection::vec(0..LINES as u16, 0..=20),
            sets in prop::collection::vec((prop::collection::vec(1..8_u32, 0..6), any::<(bool, bool)>()), 0..=SETS as usize),
        ) {
            let mut facts = FactSheet::new([0; ATTRIBUTES_MAX]);
            let mut asked = Vec::new();
            for ((elements, asks), nth) in sets.iter().zip(0_u8..) {
                facts.set_elements(AttributeId(nth.into()), elements.iter().map(|code| ValueCode(*code)));
                asked.push(AskedSet::of(nth, *asks, LINES + u32::from(nth) * 2 * BUCKETS, BUCKETS));
            }
            let query = Query::of_lines(&single, &asked, &facts);
            let expected = scan(&lines, &single, &sets, &rows);
            let from_1: Vec<Line> = core::iter::once(Line::EMPTY).chain(lines.iter().copied()).collect();
            for kernel in runnable() {
                let mut found = Line::EMPTY;
                kernel.intersect(&from_1, &query, Among::all(&rows), &mut found);
                prop_assert_eq!(found, expected, "{:?}", kernel);
                let (mut some, mut others) = (rows, rows);
                some.keep(&lines[0]);
                others.drop(&lines[0]);
                let among = Among { awake: &some, due: Some(&others), only: Some(&rows) };
                kernel.intersect(&from_1, &query, among, &mut found);
                prop_assert_eq!(found, expected, "{:?}, the same rows", kernel);
                kernel.intersect(&from_1, &query, Among { only: Some(&others), ..Among::all(&some) }, &mut found);
                prop_assert_eq!(found, Line::EMPTY, "{:?}, none of them", kernel);
                let counted = (0..BLOCK_ROWS).filter(|row| expected.has(*row)).count();
                prop_assert_eq!(kernel.count(&expected) as usize, counted, "{:?}", kernel);
            }
        }
    }

    #[test]
    fn the_widest_is_available_and_so_is_the_portable() {
        assert!(Kernel::widest().is_available() && Kernel::Portable.is_available());
        assert!(Kernel::ALL.is_sorted() && runnable().last().map(Runnable::kernel) == Some(Kernel::widest()));
    }

    /// What the standard library finds out is what is found here.
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
    #[test]
    fn the_processor_is_asked_rightly() {
        use std::arch::is_x86_feature_detected as has;
        let avx512 = has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl");
        assert_eq!(detect::has_avx2(), has!("avx2"));
        assert_eq!(detect::has_avx512(), has!("avx2") && avx512);
    }

    #[test]
    fn a_query_without_lines_accepts_all() {
        for kernel in runnable() {
            let (rows, facts) = (Line([7; 8]), FactSheet::new([0; ATTRIBUTES_MAX]));
            let mut found = Line::EMPTY;
            kernel.intersect(&[], &Query::of_lines(&[], &[], &facts), Among::all(&rows), &mut found);
            assert_eq!(found, rows);
        }
    }
}
