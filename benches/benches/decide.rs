//! A whole decision, `apply` of an `OfferCall` with twenty facts, in a market that stays as full as it is; beside it the
//! two loops everybody writes first, which only find winner and price, on the same calls.
//!
//! Building commands, reports and ticks are not measured. That all three agree is asserted before anything is.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Bencher, Criterion, Throughput, criterion_group, criterion_main};
use dce_benches::market;
use dce_benches::rivals::{NaiveScan, SortedScan, assert_identical};
use dce_benches::traffic::{BATCH, Traffic};
use dce_benches::world::{Call, Density, World};
use dce_engine::prelude::*;

const WORLDS: [(&str, usize, Density); 6] = [
    ("1k", 1_000, Density::Dense),
    ("1k-sparse", 1_000, Density::Sparse),
    ("10k", 10_000, Density::Dense),
    ("10k-sparse", 10_000, Density::Sparse),
    ("100k", 100_000, Density::Dense),
    ("100k-sparse", 100_000, Density::Sparse),
];
/// Calls for which all three must agree before they are measured.
const IDENTICAL: usize = 1_024;

fn decide(criterion: &mut Criterion) {
    for (name, profiles, density) in WORLDS {
        let world = World::draw(profiles, density);
        let mut group = criterion.benchmark_group("decide");
        group.throughput(Throughput::Elements(1));
        // Made when first asked for, so that a filter also spares the preparation.
        let mut traffic = None;
        group.bench_function(name, |bencher| {
            let traffic = traffic.get_or_insert_with(|| {
                assert_identical(&world, IDENTICAL);
                Traffic::warmed_up(&world)
            });
            measure(bencher, traffic);
        });
        group.finish();
    }
}

/// Each policy on the densest world of ten thousand, at first price, profiles graded.
fn by_policy(criterion: &mut Criterion) {
    let expected = |explore| Policy::ExpectedValue { segment: Some(AttributeId(0)), explore: BasisPoints(explore) };
    let policies = [
        ("10k/highest_score", Policy::HighestScore),
        ("10k/weighted_share", Policy::WeightedShare),
        ("10k/round_robin", Policy::RoundRobin),
        ("10k/skill", Policy::Skill),
        ("10k/cost_quality", Policy::CostQuality),
        ("10k/expected_value", expected(0)),
        ("10k/expected_value_exploring", expected(10_000)),
    ];
    let mut group = criterion.benchmark_group("decide");
    group.throughput(Throughput::Elements(1));
    for (name, policy) in policies {
        let world = World::draw(10_000, Density::Dense);
        let mut traffic = None;
        group.bench_function(name, |bencher| {
            let traffic = traffic.get_or_insert_with(|| Traffic::warmed_up_by(&world, Some(policy)));
            measure(bencher, traffic);
        });
    }
    group.finish();
}

fn measure(bencher: &mut Bencher<'_>, traffic: &mut Traffic<'_>) {
    let mut events = Events::new();
    bencher.iter_custom(|iterations| {
        let batches = iterations.div_ceil(BATCH as u64);
        let mut elapsed = Duration::ZERO;
        for _ in 0..batches {
            elapsed += one_batch(traffic, &mut events);
        }
        while traffic.exchange.maintain(100_000) {}
        share(elapsed, iterations, batches * BATCH as u64)
    });
}

fn one_batch(traffic: &mut Traffic<'_>, events: &mut Events) -> Duration {
    let (at, offers) = traffic.next_offers();
    let start = Instant::now();
    for (_, command) in &offers {
        market::accept(&mut traffic.exchange, at, command, events);
        black_box(&events);
    }
    let elapsed = start.elapsed();
    traffic.offered(&offers);
    elapsed
}

/// The part of the time that is due to some of the operations.
fn share(elapsed: Duration, part: u64, whole: u64) -> Duration {
    let nanos = elapsed.as_nanos() * u128::from(part) / u128::from(whole);
    Duration::from_nanos(nanos as u64)
}

fn naive_scan(criterion: &mut Criterion) {
    let scan = |world: &World, calls: &mut dyn FnMut() -> usize, bencher: &mut Bencher<'_>| {
        let rival = NaiveScan::of_world(world);
        bencher.iter(|| black_box(rival.decide(&world.calls[calls()])));
    };
    rival(criterion, "naive_scan", scan);
}

fn sorted_scan(criterion: &mut Criterion) {
    let scan = |world: &World, calls: &mut dyn FnMut() -> usize, bencher: &mut Bencher<'_>| {
        let rival = SortedScan::of_world(world);
        bencher.iter(|| black_box(rival.decide(&world.calls[calls()])));
    };
    rival(criterion, "sorted_scan", scan);
}

fn rival(
    criterion: &mut Criterion,
    title: &str,
    mut scan: impl FnMut(&World, &mut dyn FnMut() -> usize, &mut Bencher<'_>),
) {
    let mut group = criterion.benchmark_group(title);
    group.throughput(Throughput::Elements(1));
    for (name, profiles, density) in WORLDS {
        let mut world = None;
        group.bench_function(name, |bencher| {
            let world = world.get_or_insert_with(|| World::draw(profiles, density));
            let calls: &[Call] = &world.calls;
            let (count, mut next) = (calls.len(), 0);
            let mut turn = || {
                next = (next + 1) % count;
                next
            };
            scan(world, &mut turn, bencher);
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(700));
    targets = decide, by_policy, naive_scan, sorted_scan
}
criterion_main!(benches);
