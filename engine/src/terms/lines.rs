//! Which lines of the targeting index an attribute has, and which line a value falls on.

use super::Kind;
use crate::ids::ValueCode;
use crate::units::GeoPoint;

/// Values a category or set tells apart before they share lines.
const EXACT_VALUES_MAX: u32 = 512;
/// Buckets of integers and places.
const COARSE_BUCKETS: u32 = 63;
/// Those between the first and the last, for what lies in the domain.
const INNER_BUCKETS: u64 = COARSE_BUCKETS as u64 - 2;

/// An attribute's lines: first the one for "absent", then one for each bucket of values. For a set of which somebody excludes values, and
/// whose values have a line each, as many more, elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    kind: Kind,
    first: u32,
    buckets: u32,
    exact: bool,
    /// The first of those for excluding values; 0 where there are none.
    excluding: u32,
}

impl Lines {
    pub(crate) fn of(kind: Kind, first: u32) -> Self {
        let (buckets, exact) = match kind {
            Kind::Category { values_max } | Kind::Set { values_max } => {
                (values_max.min(EXACT_VALUES_MAX), values_max <= EXACT_VALUES_MAX)
            }
            Kind::Boolean => (2, true),
            Kind::Integer { .. } | Kind::Point => (COARSE_BUCKETS, false),
        };
        Self { kind, first, buckets, exact, excluding: 0 }
    }

    /// Whether every value has a line of its own, so that a set bit needs no second look.
    pub(crate) const fn is_exact(&self) -> bool {
        self.exact
    }

    pub(crate) const fn is_set(&self) -> bool {
        matches!(self.kind, Kind::Set { .. })
    }

    pub(crate) const fn buckets(&self) -> u32 {
        self.buckets
    }

    /// One past the last line, those for excluding apart.
    pub(crate) const fn end(&self) -> u32 {
        self.first + 1 + self.buckets
    }

    /// Whether there are lines for excluding values.
    pub(crate) const fn excludes(&self) -> bool {
        self.excluding != 0
    }

    /// How many lines the first clause takes that excludes values of it.
    pub(crate) const fn excluding_missing(&self) -> u32 {
        if self.is_set() && self.exact && !self.excludes() { self.buckets } else { 0 }
    }

    /// The lines for excluding values begin here.
    pub(crate) const fn exclude_from(&mut self, line: u32) {
        self.excluding = line;
    }

    /// How many there are, those for excluding included.
    pub(crate) const fn count(&self) -> u32 {
        1 + self.buckets + if self.excludes() { self.buckets } else { 0 }
    }

    /// The lines in which a row with these clauses has not the bits of a row with none: for wanting values, and for
    /// excluding some.
    pub(crate) fn told_apart(&self, wants: bool, excludes: bool) -> [core::ops::Range<u32>; 2] {
        let accepting = wants || excludes && !self.is_set();
        let excluding = excludes && self.excludes();
        [
            self.first..if accepting { self.end() } else { self.first },
            self.excluding..self.excluding + if excluding { self.buckets } else { 0 },
        ]
    }

    /// Rows that accept a call without the attribute.
    pub(crate) const fn absent(&self) -> u32 {
        self.first
    }

    /// Rows that accept a value of this bucket. There are fewer than 2^16 lines, so nothing wraps; and every fact of every call
    /// passes here.
    #[inline]
    pub(crate) const fn accepting(&self, bucket: u32) -> u32 {
        self.first.wrapping_add(1).wrapping_add(bucket)
    }

    /// Rows that exclude a value of this bucket of a set.
    pub(crate) const fn excluding(&self, bucket: u32) -> u32 {
        self.excluding + bucket
    }

    #[inline]
    pub(crate) const fn bucket_of_code(&self, code: ValueCode) -> u32 {
        // Codes start at 1.
        let place = code.0.saturating_sub(1);
        if place < self.buckets { place } else { place % self.buckets }
    }

    pub(crate) const fn bucket_of_flag(flag: bool) -> u32 {
        flag as u32
    }

    pub(crate) fn bucket_of_number(&self, number: i64) -> u32 {
        match self.kind {
            Kind::Integer { low, high, .. } => coarse(number, low, high),
            _ => 0,
        }
    }

    /// Whether the numbers of `low..high` are all those of their buckets, so that a set bit needs no second look.
    ///
    /// `i64::MAX` is in no range, so no bucket has it: a call with that number is looked up as one without any.
    pub(crate) fn are_whole(&self, low: i64, high: i64) -> bool {
        let begins = |number: i64| {
            number.checked_sub(1).is_none_or(|before| self.bucket_of_number(before) < self.bucket_of_number(number))
        };
        begins(low) && (high == i64::MAX || begins(high))
    }

    /// Whether it is numbers that the lines are for.
    pub(crate) const fn are_numbers(&self) -> bool {
        matches!(self.kind, Kind::Integer { .. })
    }

    /// The lines that, kept besides the number's own, leave the rows that accept all numbers of its bucket: a range that
    /// accepts the buckets on both sides accepts what is between them. `None` where a bucket is one number.
    pub(crate) fn around(&self, number: i64) -> Option<[u32; 2]> {
        let Kind::Integer { low, high, .. } = self.kind else { return None };
        if !(low..high).contains(&number) {
            // Rows without a range.
            return Some([self.absent(); 2]);
        }
        let line = self.accepting(self.bucket_of_number(number));
        (high.abs_diff(low) > INNER_BUCKETS).then_some([line - 1, line + 1])
    }

    pub(crate) fn bucket_of_place(place: GeoPoint) -> u32 {
        Self::bucket_of_latitude(i64::from(place.latitude_micro))
    }

    pub(crate) fn bucket_of_latitude(latitude_micro: i64) -> u32 {
        coarse(latitude_micro, -90_000_000, 90_000_000)
    }
}

/// Equal buckets between `low` and `high`; what lies below falls into the first, what lies above into the last.
fn coarse(number: i64, low: i64, high: i64) -> u32 {
    if number < low {
        return 0;
    }
    if number >= high {
        return COARSE_BUCKETS - 1;
    }
    // Both differences are positive and fit 64 bits without their sign; a narrow domain needs no more than that.
    let (above, reach) = (number.wrapping_sub(low) as u64, high.wrapping_sub(low) as u64);
    1 + match above.checked_mul(INNER_BUCKETS) {
        Some(scaled) => (scaled / reach) as u32,
        None => (u128::from(above) * u128::from(INNER_BUCKETS) / u128::from(reach)) as u32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_cover_their_domain_and_rise() {
        let lines = Lines::of(Kind::Integer { decimals: 0, low: 18, high: 86 }, 10);
        assert_eq!(lines.bucket_of_number(i64::MIN), 0);
        assert_eq!(lines.bucket_of_number(17), 0);
        assert_eq!(lines.bucket_of_number(18), 1);
        assert_eq!(lines.bucket_of_number(85), 61);
        assert_eq!(lines.bucket_of_number(86), 62);
        assert_eq!(lines.bucket_of_number(i64::MAX), 62);
        assert!((0..100).all(|age| lines.bucket_of_number(age) <= lines.bucket_of_number(age + 1)));
        assert_eq!(lines.end(), 10 + 64);
    }

    #[test]
    fn a_range_is_whole_when_no_bucket_reaches_over_its_ends() {
        let hours = Lines::of(Kind::Integer { decimals: 0, low: 0, high: 24 }, 0);
        assert!(hours.are_whole(0, 24) && hours.are_whole(8, 17));
        assert!(hours.are_whole(i64::MIN, 1) && hours.are_whole(23, i64::MAX));
        assert!(!hours.are_whole(-1, 8), "all that lies below the domain is in the first bucket");
        assert!(!hours.are_whole(8, 25), "and all that lies above it in the last");
        let coarse = Lines::of(Kind::Integer { decimals: 0, low: 0, high: 610 }, 0);
        assert!(coarse.are_whole(10, 50) && !coarse.are_whole(11, 50) && !coarse.are_whole(10, 49));
    }

    /// Every range of a narrow and of a wide domain, reaching over both ends, and every number.
    #[test]
    fn a_range_that_accepts_the_lines_around_a_number_accepts_it() {
        for (low, high) in [(5, 12), (-3, 60), (-90, 90)] {
            let lines = Lines::of(Kind::Integer { decimals: 0, low, high }, 7);
            let numbers: alloc::vec::Vec<i64> = (low - 3..high + 4).chain([i64::MIN, i64::MAX - 1]).collect();
            for from in numbers.iter().copied() {
                for until in numbers.iter().copied().filter(|until| *until > from).chain([i64::MAX]) {
                    let accepting = |line: u32| {
                        (lines.bucket_of_number(from)..=lines.bucket_of_number(until - 1))
                            .any(|bucket| lines.accepting(bucket) == line)
                    };
                    for number in numbers.iter().copied() {
                        let line = lines.accepting(lines.bucket_of_number(number));
                        let accepts = (from..until).contains(&number);
                        assert!(accepting(line) || !accepts, "a line is a superset: {number} in {from}..{until}");
                        let around = lines.around(number);
                        if accepting(line) && around.is_none_or(|around| around.into_iter().all(accepting)) {
                            assert!(accepts, "{number} in {from}..{until} of {low}..{high}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_widest_domain_does_not_overflow() {
        let lines = Lines::of(Kind::Integer { decimals: 9, low: i64::MIN, high: i64::MAX }, 0);
        assert_eq!(lines.bucket_of_number(i64::MIN), 1, "nothing is below");
        assert_eq!(lines.bucket_of_number(0), 31);
        assert_eq!(lines.bucket_of_number(i64::MAX), 62);
    }
}
