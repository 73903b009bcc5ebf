//! The engine and both rivals on the same calls, in alternating slices.

use std::hint::black_box;
use std::time::{Duration, Instant};

use dce_benches::heap;
use dce_benches::market;
use dce_benches::rivals::{NaiveScan, SortedScan, assert_identical};
use dce_benches::samples::{Cost, Samples, timer_cost};
use dce_benches::traffic::{BATCH, Traffic};
use dce_benches::world::{Call, World};
use dce_engine::prelude::*;

/// Calls for which all three must agree.
const IDENTICAL: usize = 4_096;
/// Odd, so that a median is one of the slices.
const SLICES: usize = 21;
/// Batches of each slice of the engine: half measured together, half call by call.
const BATCHES: usize = 64;
/// How long a slice of a rival may take.
const RIVAL_SLICE: Duration = Duration::from_millis(15);

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

/// Asserts identity, then measures.
pub(crate) fn run(world: &World, progress: impl Fn(&str)) -> Findings {
    progress("engine and rivals on the same calls");
    assert_identical(world, IDENTICAL);
    progress("an hour of traffic");
    let mut traffic = Traffic::warmed_up(world);
    let (naive, sorted) = (NaiveScan::of_world(world), SortedScan::of_world(world));
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
