//! The engine and both rivals on the same calls, in alternating slices.

use std::hint::black_box;
use std::time::{Duration, Instant};

use dce_benches::market;
use dce_benches::rivals::{NaiveScan, SortedScan, assert_identical};
use dce_benches::traffic::{BATCH, Traffic};
use dce_benches::world::{Call, World};
use dce_engine::prelude::*;

use crate::heap;

/// Calls for which all three must agree.
const IDENTICAL: usize = 4_096;
/// Odd, so that a median is one of the slices.
const SLICES: usize = 21;
/// Batches of each slice of the engine: half measured together, half call by call.
const BATCHES: usize = 64;
/// How long a slice of a rival may take.
const RIVAL_SLICE: Duration = Duration::from_millis(15);

/// What one contender's decisions cost, in picoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// The median over slices of the mean over a slice.
    pub(crate) mean: u64,
    pub(crate) p50: u64,
    pub(crate) p99: u64,
}

/// What was found in one world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Findings {
    pub(crate) identical_calls: usize,
    /// Profiles that fit a call, over a hundred calls.
    pub(crate) matches_of_100_calls: usize,
    /// Of a thousand calls in the steady state.
    pub(crate) sold_of_1000: u64,
    pub(crate) engine: Cost,
    pub(crate) naive: Cost,
    pub(crate) sorted: Cost,
    pub(crate) decisions: u64,
    pub(crate) allocations: u64,
}

/// How restless the machine was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jitter {
    /// Of a thousand parts of time, how many another process took.
    pub(crate) lost_of_1000: u64,
    pub(crate) longest_gap_micros: u64,
}

/// Asserts identity, then measures.
pub(crate) fn run(world: &World, progress: impl Fn(&str)) -> Findings {
    progress("engine and rivals on the same calls");
    assert_identical(world, IDENTICAL);
    progress("an hour of traffic");
    let mut traffic = Traffic::warmed_up(world);
    let (naive, sorted) = (NaiveScan::new(world), SortedScan::new(world));
    let matches_of_100_calls = world.calls.iter().take(100).map(|call| naive.matches(call)).sum();
    progress("measuring");

    let timer = timer_cost();
    let (mut ours, mut naives, mut sorteds) = (Samples::new(timer), Samples::new(timer), Samples::new(timer));
    let mut events = Events::new();
    let (sold_before, calls_before) = traffic.sold();
    let allocations = (0..SLICES)
        .map(|_| {
            let allocations = engine_slice(&mut traffic, &mut events, &mut ours);
            // The same calls for both, the next ones the engine will see.
            let calls = traffic.upcoming(BATCHES * BATCH / 2);
            rival_slice(&calls, &mut naives, |call| {
                black_box(naive.decide(call));
            });
            rival_slice(&calls, &mut sorteds, |call| {
                black_box(sorted.decide(call));
            });
            while traffic.exchange.maintain(100_000) {}
            allocations
        })
        .sum();
    let (sold, calls) = traffic.sold();
    Findings {
        identical_calls: IDENTICAL,
        matches_of_100_calls,
        sold_of_1000: (sold - sold_before) * 1_000 / (calls - calls_before),
        engine: ours.cost(),
        naive: naives.cost(),
        sorted: sorteds.cost(),
        decisions: calls - calls_before,
        allocations,
    }
}

/// Measures decisions in the steady state; what happens between them is not counted. Returns how often they allocated.
fn engine_slice(traffic: &mut Traffic<'_>, events: &mut Events, samples: &mut Samples) -> u64 {
    let (mut together, mut allocations) = (Duration::ZERO, 0);
    for batch in 0..BATCHES {
        let (at, offers) = traffic.next_offers();
        let asked = heap::asked();
        if batch % 2 == 0 {
            let start = Instant::now();
            for (_, command) in &offers {
                market::accept(&mut traffic.exchange, at, command, events);
                black_box(&events);
            }
            together += start.elapsed();
            allocations += heap::asked() - asked;
        } else {
            for (_, command) in &offers {
                let start = Instant::now();
                market::accept(&mut traffic.exchange, at, command, events);
                samples.single(start.elapsed());
            }
        }
        traffic.offered(&offers);
    }
    samples.slice(together, BATCHES * BATCH / 2);
    allocations
}

/// Half the slice's time together, half call by call.
fn rival_slice(calls: &[&Call], samples: &mut Samples, mut decide: impl FnMut(&Call)) {
    let (start, mut decided) = (Instant::now(), 0);
    for call in calls {
        decide(call);
        decided += 1;
        // Reading the clock after every call is no burden on a loop of many microseconds; a fast one does all its calls.
        if decided % 16 == 0 && start.elapsed() > RIVAL_SLICE {
            break;
        }
    }
    samples.slice(start.elapsed(), decided);
    for call in &calls[..decided] {
        let start = Instant::now();
        decide(call);
        samples.single(start.elapsed());
    }
}

/// Everything measured of one contender.
struct Samples {
    timer_nanos: u64,
    means: Vec<u64>,
    singles: Vec<u64>,
}

impl Samples {
    fn new(timer_nanos: u64) -> Self {
        Self { timer_nanos, means: Vec::with_capacity(SLICES), singles: Vec::with_capacity(SLICES * BATCHES * BATCH) }
    }

    fn slice(&mut self, elapsed: Duration, decisions: usize) {
        self.means.push(elapsed.as_nanos() as u64 * 1_000 / decisions as u64);
    }

    fn single(&mut self, elapsed: Duration) {
        let nanos = (elapsed.as_nanos() as u64).saturating_sub(self.timer_nanos);
        self.singles.push(nanos * 1_000);
    }

    fn cost(&mut self) -> Cost {
        Cost {
            mean: percentile(&mut self.means, 50),
            p50: percentile(&mut self.singles, 50),
            p99: percentile(&mut self.singles, 99),
        }
    }
}

fn percentile(values: &mut [u64], percent: usize) -> u64 {
    let place = (values.len() - 1) * percent / 100;
    *values.select_nth_unstable(place).1
}

/// What it costs to read the clock twice, in nanoseconds.
fn timer_cost() -> u64 {
    let mut costs: Vec<u64> = (0..10_000).map(|_| Instant::now().elapsed().as_nanos() as u64).collect();
    percentile(&mut costs, 50)
}

/// Spins for half a second and looks at the clock: a gap is somebody else's turn.
pub(crate) fn jitter() -> Jitter {
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
