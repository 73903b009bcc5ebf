//! Times that were measured, and what is said of them; integers throughout, in picoseconds.

use std::time::{Duration, Instant};

/// What one contender's work cost, in picoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The median over slices of the mean over a slice.
    pub mean: u64,
    /// Half took no longer, timed one by one.
    pub p50: u64,
    /// Of a hundred, one took longer.
    pub p99: u64,
}

/// Everything measured of one contender.
#[derive(Clone, Debug)]
pub struct Samples {
    timer_nanos: u64,
    means: Vec<u64>,
    singles: Vec<u64>,
    batches: Vec<(u64, u64)>,
}

impl Samples {
    /// Nothing yet; `timer_nanos` is taken off everything that is timed by itself.
    #[must_use]
    pub const fn new(timer_nanos: u64) -> Self {
        Self { timer_nanos, means: Vec::new(), singles: Vec::new(), batches: Vec::new() }
    }

    /// So many operations took so long together.
    pub fn slice(&mut self, elapsed: Duration, operations: usize) {
        self.means.push(elapsed.as_nanos() as u64 * 1_000 / operations.max(1) as u64);
    }

    /// So many operations, some of a slice, took so long together.
    pub fn batch(&mut self, elapsed: Duration, operations: usize) {
        if operations > 0 {
            self.batches.push((elapsed.as_nanos() as u64 * 1_000, operations as u64));
        }
    }

    /// The batches since the last slice are one. Those in which somebody else had the processor are left out: they took
    /// over eight times as long for each operation as the median batch.
    pub fn end_slice(&mut self) {
        let each = |(picos, operations): &(u64, u64)| picos / operations;
        let median = percentile(&mut self.batches.iter().map(each).collect::<Vec<_>>(), 50);
        let quiet = self.batches.iter().filter(|batch| each(batch) <= median.saturating_mul(INTERRUPTED));
        let (picos, operations) = quiet.fold((0, 0), |sum, batch| (sum.0 + batch.0, sum.1 + batch.1));
        self.means.push(picos / operations.max(1));
        self.batches.clear();
    }

    /// One took so long.
    pub fn single(&mut self, elapsed: Duration) {
        let nanos = (elapsed.as_nanos() as u64).saturating_sub(self.timer_nanos);
        self.singles.push(nanos * 1_000);
    }

    /// The mean of each slice, in order.
    #[must_use]
    pub fn means(&self) -> &[u64] {
        &self.means
    }

    /// What it came to.
    #[must_use]
    pub fn cost(&self) -> Cost {
        Cost {
            mean: percentile(&mut self.means.clone(), 50),
            p50: percentile(&mut self.singles.clone(), 50),
            p99: percentile(&mut self.singles.clone(), 99),
        }
    }
}

/// How many times the median a batch takes at least that was interrupted: a turn of another process lasts milliseconds, a
/// batch microseconds.
const INTERRUPTED: u64 = 8;

/// So many of a hundred values are at most this; 0 of none.
pub fn percentile(values: &mut [u64], percent: usize) -> u64 {
    if values.is_empty() {
        return 0;
    }
    let place = (values.len() - 1) * percent / 100;
    *values.select_nth_unstable(place).1
}

/// What it costs to read the clock twice, in nanoseconds.
#[must_use]
pub fn timer_cost() -> u64 {
    let mut costs: Vec<u64> = (0..10_000).map(|_| Instant::now().elapsed().as_nanos() as u64).collect();
    percentile(&mut costs, 50)
}

/// How long a slice of a contest lasts.
const SLICE: Duration = Duration::from_millis(250);

/// What one slice of a contest came to; times in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Answers in a second.
    pub rate: u64,
    /// Half came no later.
    pub p50: u64,
    /// Of a hundred, one came later.
    pub p99: u64,
}

/// Collects what one slice of a contest sees: a quarter of a second in which one contender is asked again and again.
#[derive(Debug)]
pub struct Slice {
    end: Instant,
    begin: Instant,
    times: Vec<u64>,
}

impl Slice {
    /// One that begins now.
    #[must_use]
    pub fn begin() -> Self {
        let begin = Instant::now();
        Self { begin, end: begin + SLICE, times: Vec::with_capacity(1 << 19) }
    }

    /// What was asked at `asked` was answered now; whether to go on.
    pub fn answered(&mut self, asked: Instant) -> bool {
        let now = Instant::now();
        self.times.push(u64::try_from((now - asked).as_nanos()).unwrap_or(u64::MAX));
        now < self.end
    }

    /// What it came to.
    #[must_use]
    pub fn figures(mut self) -> Figures {
        let micros = u64::try_from(self.begin.elapsed().as_micros()).unwrap_or(u64::MAX).max(1);
        let rate = self.times.len() as u64 * 1_000_000 / micros;
        let (p50, p99) = (percentile(&mut self.times, 50), percentile(&mut self.times, 99));
        Figures { rate, p50, p99 }
    }
}

impl Figures {
    /// The medians over slices of what each contender came to, and of the first one's rate and p50 in per cent of the
    /// second one's, slice by slice.
    #[must_use]
    pub fn medians<const N: usize>(slices: &[[Self; N]]) -> ([Self; N], [u64; 2]) {
        let median = |mut values: Vec<u64>| percentile(&mut values, 50);
        let of =
            |who: usize, figure: fn(&Self) -> u64| median(slices.iter().map(|slice| figure(&slice[who])).collect());
        let each = std::array::from_fn(|who| Self {
            rate: of(who, |figures| figures.rate),
            p50: of(who, |figures| figures.p50),
            p99: of(who, |figures| figures.p99),
        });
        let ratio = |figure: fn(&Self) -> u64| {
            let ratios = slices.iter().map(|slice| figure(&slice[0]) * 100 / figure(&slice[1]).max(1));
            median(ratios.collect())
        };
        (each, [ratio(|figures| figures.rate), ratio(|figures| figures.p50)])
    }
}

/// How restless the machine was.
#[derive(Clone, Copy, Debug)]
pub struct Jitter {
    /// Of a thousand parts of time, how many another process took.
    pub lost_of_1000: u64,
    /// The longest of them.
    pub longest_gap_micros: u64,
}

/// Spins for half a second and looks at the clock: a gap is somebody else's turn.
#[must_use]
pub fn jitter() -> Jitter {
    let start = Instant::now();
    let (mut last, mut lost, mut longest) = (start, Duration::ZERO, Duration::ZERO);
    while start.elapsed() < Duration::from_millis(500) {
        let now = Instant::now();
        let gap = now - last;
        if gap > Duration::from_micros(5) {
            lost += gap;
            longest = longest.max(gap);
        }
        last = now;
    }
    Jitter {
        lost_of_1000: (lost.as_nanos() * 1_000 / start.elapsed().as_nanos()) as u64,
        longest_gap_micros: longest.as_micros() as u64,
    }
}

/// A time, with the unit that suits it.
#[must_use]
pub fn time(picos: u64) -> String {
    match picos / 1_000 {
        0..10 => format!("{}.{} ns", picos / 1_000, picos / 100 % 10),
        nanos @ 10..1_000 => format!("{nanos} ns"),
        nanos @ 1_000..10_000 => format!("{}.{:02} µs", nanos / 1_000, nanos / 10 % 100),
        nanos @ 10_000..100_000 => format!("{}.{} µs", nanos / 1_000, nanos / 100 % 10),
        nanos @ 100_000..10_000_000 => format!("{} µs", nanos / 1_000),
        nanos @ 10_000_000..10_000_000_000 => format!("{} ms", nanos / 1_000_000),
        nanos => format!("{} s", nanos / 1_000_000_000),
    }
}

/// Times a second, in thousands or millions.
#[must_use]
pub fn rate(picos: u64) -> String {
    match 1_000_000_000 / picos.max(1) {
        0 => format!("{}", 1_000_000_000_000 / picos.max(1)),
        thousands @ 1..10 => format!("{thousands}.{} k", 10_000_000_000 / picos.max(1) % 10),
        thousands @ 10..1_000 => format!("{thousands} k"),
        thousands => format!("{}.{:02} M", thousands / 1_000, thousands / 10 % 100),
    }
}

/// How many times as long, from hundredths, with as many decimals as it takes to tell a loss by how much.
#[must_use]
pub fn times(hundredths: u64) -> String {
    match hundredths {
        0..100 => format!("0.{hundredths:02} ×"),
        100..1_000 => format!("{}.{} ×", hundredths / 100, hundredths / 10 % 10),
        _ => format!("{} ×", hundredths / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_rates_have_the_unit_that_suits_them() {
        assert_eq!(time(5_400), "5.4 ns");
        assert_eq!(time(231_000), "231 ns");
        assert_eq!(time(2_190_000), "2.19 µs");
        assert_eq!(time(398_000_000), "398 µs");
        assert_eq!(time(42_600_000_000_000), "42 s");
        assert_eq!(rate(2_386_000), "419 k");
        assert_eq!((rate(101_800), rate(430_000_000)), ("9.82 M".into(), "2.3 k".into()));
        assert_eq!((times(18), times(170), times(12_345)), ("0.18 ×".into(), "1.7 ×".into(), "123 ×".into()));
    }

    #[test]
    fn a_slice_leaves_interrupted_batches_out() {
        let mut samples = Samples::new(0);
        for nanos in [100, 110, 90_000, 120] {
            samples.batch(Duration::from_nanos(nanos), 10);
        }
        samples.end_slice();
        assert_eq!(samples.means(), [11_000]);
        samples.batch(Duration::from_nanos(400), 10);
        samples.end_slice();
        assert_eq!(samples.means(), [11_000, 40_000]);
    }

    #[test]
    fn ratios_are_taken_slice_by_slice() {
        let of = |rate, p50| Figures { rate, p50, p99: 2 * p50 };
        let slices = [[of(10, 4), of(20, 2)], [of(30, 6), of(30, 6)], [of(40, 9), of(10, 3)]];
        let ([ours, theirs], ratios) = Figures::medians(&slices);
        assert_eq!((ours, theirs), (Figures { rate: 30, p50: 6, p99: 12 }, Figures { rate: 20, p50: 3, p99: 6 }));
        assert_eq!(ratios, [100, 200]);
    }

    #[test]
    fn a_percentile_is_one_of_the_values() {
        assert_eq!(percentile(&mut [3, 1, 2], 50), 2);
        assert_eq!(percentile(&mut [7], 99), 7);
        assert_eq!(percentile(&mut [], 99), 0);
    }
}
