//! Which rows of a block accept a call: the intersection of the lines its facts choose.

use super::super::bits::Line;
use super::super::query::Query;

/// How many lines are read before it is worth a look whether any row is left. Reading a line that was not needed costs
/// less than a branch that was guessed wrong.
const LINES_BETWEEN_LOOKS: usize = 4;

/// Lines that rule most out come first, so a block where nobody is left is soon known.
#[inline(always)]
fn intersect(lines: &[Line], query: &Query, rows: &mut Line) {
    let mut left = *rows;
    for few in query.single.as_slice().chunks(LINES_BETWEEN_LOOKS) {
        for line in few {
            left.keep(&lines[*line as usize]);
        }
        if left.is_empty() {
            *rows = left;
            return;
        }
    }
    let mut start = 0;
    for end in query.any_ends.as_slice() {
        let mut any = Line::EMPTY;
        for line in &query.any.as_slice()[start..*end as usize] {
            any.add(&lines[*line as usize]);
        }
        left.keep(&any);
        start = *end as usize;
    }
    for line in query.none.as_slice() {
        left.drop(&lines[*line as usize]);
    }
    *rows = left;
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

pub(super) fn portable(lines: &[Line], query: &Query, rows: &mut Line) {
    intersect(lines, query, rows);
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[target_feature(enable = "avx2")]
pub(super) fn with_avx2(lines: &[Line], query: &Query, rows: &mut Line) {
    intersect(lines, query, rows);
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub(super) fn with_avx512(lines: &[Line], query: &Query, rows: &mut Line) {
    intersect(lines, query, rows);
}
