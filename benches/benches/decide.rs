//! A whole decision, `apply` of an `OfferCall` with twenty facts, in a market that stays as full as it is; the steps inside
//! it; and the two loops everybody writes first, which only find winner and price, on the same calls.
//!
//! | group | what it is |
//! |---|---|
//! | `match_all` | every profile that may win and wants the call, by its number |
//! | `top_2` | the best two, every rule asked |
//! | `core` | the decision on a call that waits: match, best two, price, caps, budget, hold, record, first destination |
//! | `decide` | the whole of it, from the facts to the losers' news; and by each policy, at first price |
//!
//! Building commands, reports and ticks are not measured. That all three agree is asserted before anything is.

use std::cell::OnceCell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Bencher, Criterion, Throughput, criterion_group, criterion_main};
use dce_benches::market;
use dce_benches::rivals::{NaiveScan, SortedScan, assert_identical};
use dce_benches::scale::worlds;
use dce_benches::traffic::{BATCH, Traffic};
use dce_benches::world::{Call, Density, World};
use dce_engine::measure::Asked;
use dce_engine::prelude::*;

/// Calls for which all three must agree before they are measured.
const IDENTICAL: usize = 256;
/// In larger worlds the naive scan takes longer than the measuring; `compare` asks it there.
const IDENTICAL_PROFILES_MAX: usize = 100_000;

/// The two questions and the two decisions, each world warmed up once for all of them.
fn decide(criterion: &mut Criterion) {
    for (name, profiles, density) in worlds() {
        // Made when first asked for, so that a filter also spares the preparation.
        let world = OnceCell::new();
        let mut traffic = None;
        let warm = |traffic: &mut Option<Traffic<'_>>| {
            if traffic.is_none() && profiles <= IDENTICAL_PROFILES_MAX {
                assert_identical(world.get_or_init(|| World::draw(profiles, density)), IDENTICAL);
            }
        };
        for kind in Kind::ALL {
            let mut group = criterion.benchmark_group(kind.name());
            group.throughput(Throughput::Elements(1));
            group.bench_function(name, |bencher| {
                warm(&mut traffic);
                let world = world.get_or_init(|| World::draw(profiles, density));
                let traffic = traffic.get_or_insert_with(|| Traffic::warmed_up(world));
                match kind {
                    Kind::MatchAll | Kind::TopTwo => ask(bencher, kind, world, traffic),
                    Kind::Core => measure(bencher, traffic, core_batch),
                    Kind::Whole => measure(bencher, traffic, whole_batch),
                }
            });
            group.finish();
        }
    }
}

/// What is measured of a market in its steady state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Every profile that may win, by its number.
    MatchAll,
    /// The best two, every rule asked.
    TopTwo,
    /// The decision on a call that waits for it.
    Core,
    /// `apply` of the offer.
    Whole,
}

impl Kind {
    const ALL: [Self; 4] = [Self::MatchAll, Self::TopTwo, Self::Core, Self::Whole];

    const fn name(self) -> &'static str {
        match self {
            Self::MatchAll => "match_all",
            Self::TopTwo => "top_2",
            Self::Core => "core",
            Self::Whole => "decide",
        }
    }
}

fn ask(bencher: &mut Bencher<'_>, kind: Kind, world: &World, traffic: &Traffic<'_>) {
    let exchange = &traffic.exchange;
    let at = exchange.last_time();
    let offers = world.calls.iter().take(1_024).map(|call| market::offer(call, at, 1));
    let asked: Vec<Asked> = offers.filter_map(|offer| exchange.measure_asked(&offer).ok()).collect();
    let mut turn = asked.iter().cycle();
    let mut found = Vec::with_capacity(world.profiles.len());
    bencher.iter(|| {
        let Some(asked) = turn.next() else { return };
        if kind == Kind::TopTwo {
            black_box(exchange.measure_top_two(asked, at));
        } else {
            found.clear();
            exchange.measure_match_all(asked, at, |profile| found.push(profile));
            black_box(&found);
        }
    });
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
            measure(bencher, traffic, whole_batch);
        });
    }
    group.finish();
}

/// Times batches of decisions; what happens between them is not counted.
fn measure<'w>(
    bencher: &mut Bencher<'_>,
    traffic: &mut Traffic<'w>,
    batch: fn(&mut Traffic<'w>, &mut Events) -> Duration,
) {
    let mut events = Events::new();
    bencher.iter_custom(|iterations| {
        let batches = iterations.div_ceil(BATCH as u64);
        let mut elapsed = Duration::ZERO;
        for _ in 0..batches {
            elapsed += batch(traffic, &mut events);
        }
        while traffic.exchange.maintain(100_000) {}
        share(elapsed, iterations, batches * BATCH as u64)
    });
}

fn whole_batch(traffic: &mut Traffic<'_>, events: &mut Events) -> Duration {
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

fn core_batch(traffic: &mut Traffic<'_>, events: &mut Events) -> Duration {
    let (at, offers, waiting) = traffic.next_waiting();
    let start = Instant::now();
    for call in waiting {
        traffic.exchange.measure_decide(at, call, events);
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
    for (name, profiles, density) in worlds() {
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
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(500));
    targets = decide, by_policy, naive_scan, sorted_scan
}
criterion_main!(benches);
