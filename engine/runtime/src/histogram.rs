//! How long something takes, counted in buckets that are at most an eighth wide: one thread counts, any may read.

use std::sync::atomic::{AtomicU64, Ordering};

/// Buckets to each doubling.
const STEPS: u32 = 8;
const STEPS_LOG2: u32 = STEPS.ilog2();
/// Up to 2⁴⁰ ns, eighteen minutes; what is longer counts as that.
const DOUBLINGS: u32 = 40;
const BUCKETS: usize = ((DOUBLINGS - STEPS_LOG2 + 1) * STEPS) as usize;

/// Counts of durations in nanoseconds. Fixed size, exact below 8 ns, otherwise to within an eighth.
pub struct Histogram {
    counts: Box<[AtomicU64; BUCKETS]>,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self { counts: Box::new([const { AtomicU64::new(0) }; BUCKETS]) }
    }

    /// Counts one. Only one thread may: the counts are not locked, because that would cost more than what is counted.
    pub(crate) fn record(&self, nanos: u64) {
        let count = &self.counts[bucket_of(nanos)];
        count.store(count.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// How many were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }

    /// The duration in nanoseconds that `per_mille` of a thousand do not exceed, to within an eighth above; 0 when
    /// nothing was counted. The median is `percentile(500)`, the 99th percentile `percentile(990)`.
    #[must_use]
    pub fn percentile(&self, per_mille: u32) -> u64 {
        let total = self.count();
        if total == 0 {
            return 0;
        }
        let wanted = (u128::from(total) * u128::from(per_mille.min(1_000))).div_ceil(1_000).max(1);
        let mut seen = 0_u128;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += u128::from(count.load(Ordering::Relaxed));
            if seen >= wanted {
                return upper_end(bucket);
            }
        }
        // Counted while we read.
        upper_end(BUCKETS - 1)
    }
}

impl std::fmt::Debug for Histogram {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Histogram")
            .field("count", &self.count())
            .field("p50", &self.percentile(500))
            .field("p99", &self.percentile(990))
            .finish()
    }
}

/// Below `STEPS` each value has its bucket; above, the leading bit chooses the doubling and the next three the step.
fn bucket_of(nanos: u64) -> usize {
    let nanos = nanos.min((1 << DOUBLINGS) - 1);
    if nanos < u64::from(STEPS) {
        return nanos as usize;
    }
    let doubling = nanos.ilog2() - STEPS_LOG2;
    let step = (nanos >> doubling) as usize & (STEPS as usize - 1);
    (doubling as usize + 1) * STEPS as usize + step
}

/// The largest value of the bucket.
fn upper_end(bucket: usize) -> u64 {
    let (row, step) = (bucket / STEPS as usize, (bucket % STEPS as usize) as u64);
    if row == 0 {
        return step;
    }
    let doubling = row - 1;
    ((u64::from(STEPS) + step + 1) << doubling) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_a_bucket_at_most_an_eighth_wide() {
        for nanos in (0..5_000).chain((0..39).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1])) {
            let end = upper_end(bucket_of(nanos));
            assert!(end >= nanos && end - nanos <= nanos / 8, "{nanos} is counted as {end}");
        }
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn percentiles_are_those_of_what_was_counted() {
        let histogram = Histogram::new();
        assert_eq!(histogram.percentile(500), 0);
        for nanos in 1..=1_000 {
            histogram.record(nanos);
        }
        assert_eq!(histogram.count(), 1_000);
        for (per_mille, exact) in [(0, 1), (500, 500), (990, 990), (1_000, 1_000)] {
            let found = histogram.percentile(per_mille);
            assert!((exact..=exact + exact / 8).contains(&found), "{per_mille}: {found}");
        }
    }
}
