//! Which rows of a block accept a call: the intersection of the lines its facts choose.

use super::super::bits::Line;
use super::super::query::Query;
use super::Among;

/// How many lines are read before it is worth a look whether any row is left. Reading a line that was not needed costs
/// less than a branch that was guessed wrong.
const LINES_BETWEEN_LOOKS: usize = 4;

/// `lines` counts from 1. Lines that rule most out come first, so a block where nobody is left is soon known. Returns a bit for each
/// word in which somebody is.
#[inline(always)]
fn intersect(lines: &[Line], query: &Query<'_>, among: Among<'_>, rows: &mut Line) -> u32 {
    let mut left = *among.awake;
    if let Some(due) = among.due {
        left.add(due);
    }
    if let Some(only) = among.only {
        left.keep(only);
    }
    let (by_few, others) = query.single().as_chunks::<LINES_BETWEEN_LOOKS>();
    for few in by_few {
        for line in few {
            left.keep(&lines[usize::from(*line)]);
        }
        if left.is_empty() {
            *rows = left;
            return 0;
        }
    }
    for line in others {
        left.keep(&lines[usize::from(*line)]);
    }
    // Loops, not closures: those would be compiled without the wider registers.
    for set in query.sets() {
        let Some(elements) = query.elements(set) else { continue };
        if set.wants {
            let mut any = Line::EMPTY;
            for code in elements {
                any.add(&lines[set.accepting(*code)]);
            }
            left.keep(&any);
        }
        if set.excludes {
            for code in elements {
                left.drop(&lines[set.excluding(*code)]);
            }
        }
    }
    *rows = left;
    // Here and not where it is needed: what was just stored in one piece is slow to read again in others.
    left.words_in_use()
}

/// How many rows the line has.
#[inline(always)]
fn count(rows: &Line) -> u32 {
    rows.0.iter().map(|word| word.count_ones()).sum()
}

pub(super) fn count_portable(rows: &Line) -> u32 {
    count(rows)
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[target_feature(enable = "avx2")]
pub(super) fn count_with_avx2(rows: &Line) -> u32 {
    count(rows)
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub(super) fn count_with_avx512(rows: &Line) -> u32 {
    count(rows)
}

pub(super) fn portable(lines: &[Line], query: &Query<'_>, among: Among<'_>, rows: &mut Line) -> u32 {
    intersect(lines, query, among, rows)
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[target_feature(enable = "avx2")]
pub(super) fn with_avx2(lines: &[Line], query: &Query<'_>, among: Among<'_>, rows: &mut Line) -> u32 {
    intersect(lines, query, among, rows)
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub(super) fn with_avx512(lines: &[Line], query: &Query<'_>, among: Among<'_>, rows: &mut Line) -> u32 {
    intersect(lines, query, among, rows)
}
