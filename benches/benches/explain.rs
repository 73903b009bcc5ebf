//! Looking back at a decision among 100,000 profiles: one candidate, the count stopped by each rule, and all of them.
//!
//! The calls are the last that were sold in a market in its steady state, asked about in turn, so that the answer to one
//! is not in the cache for the next. That the counts are those of the list is asserted before they are measured.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dce_benches::market;
use dce_benches::traffic::Traffic;
use dce_benches::world::{Density, World};
use dce_engine::prelude::*;

const PROFILES: usize = 100_000;
/// Calls asked about in turn.
const CALLS: usize = 256;

/// A call that was sold, and a candidate of it.
#[derive(Clone, Copy)]
struct Sold {
    seller: AccountId,
    call: CallId,
    buyer: AccountId,
    profile: ProfileId,
}

fn explain(criterion: &mut Criterion) {
    for (name, density) in [("100k", Density::Dense), ("100k-sparse", Density::Sparse)] {
        let world = World::draw(PROFILES, density);
        let mut market = None;
        let mut group = criterion.benchmark_group(format!("explain/{name}"));
        let prepared = || {
            let mut traffic = Traffic::warmed_up(&world);
            let sold = sell(&mut traffic);
            assert_counted(&traffic.exchange, &sold[0]);
            (traffic.exchange, sold)
        };
        group.bench_function("one", |bencher| {
            let (exchange, sold) = market.get_or_insert_with(prepared);
            let mut turns = sold.iter().cycle();
            bencher.iter(|| {
                let Sold { seller, call, buyer, profile } = *turns.next().expect("it begins anew");
                black_box(exchange.explain_one(seller, call, buyer, profile))
            });
        });
        group.bench_function("counts", |bencher| {
            let (exchange, sold) = market.get_or_insert_with(prepared);
            let mut turns = sold.iter().cycle();
            bencher.iter(|| {
                let Sold { seller, call, .. } = *turns.next().expect("it begins anew");
                black_box(exchange.explain_counts(seller, call))
            });
        });
        group.throughput(Throughput::Elements(PROFILES as u64));
        group.sample_size(20);
        group.bench_function("list", |bencher| {
            let (exchange, sold) = market.get_or_insert_with(prepared);
            let mut turns = sold.iter().cycle();
            bencher.iter(|| {
                let Sold { seller, call, .. } = *turns.next().expect("it begins anew");
                let mut lost = 0_u32;
                let told = exchange.explain(seller, call, &mut |said| {
                    lost += u32::from(matches!(said.verdict, Verdict::Lost(_)));
                });
                black_box((told, lost))
            });
        });
        group.finish();
    }
}

/// Sells the next calls, and remembers of each somebody to ask about: a loser that was told, or else the winner.
fn sell(traffic: &mut Traffic<'_>) -> Vec<Sold> {
    let mut events = Events::new();
    let mut sold = Vec::new();
    while sold.len() < CALLS {
        let (at, offers) = traffic.next_offers();
        for (_, command) in &offers {
            market::accept(&mut traffic.exchange, at, command, &mut events);
            let winner = events.iter().find_map(|event| match *event {
                Event::CallSold { seller, call, buyer, profile, .. } => Some(Sold { seller, call, buyer, profile }),
                _ => None,
            });
            let told = events.iter().find_map(|event| match *event {
                Event::BidLost { seller, call, buyer, profile, .. } => Some(Sold { seller, call, buyer, profile }),
                _ => None,
            });
            sold.extend(winner.map(|winner| told.unwrap_or(winner)));
        }
        traffic.offered(&offers);
    }
    sold.truncate(CALLS);
    sold
}

fn assert_counted(exchange: &Exchange, sold: &Sold) {
    let mut folded = RuleCounts::default();
    let listed = exchange.explain(sold.seller, sold.call, &mut |said| folded.add(&said.verdict));
    assert_eq!(exchange.explain_counts(sold.seller, sold.call), listed.map(|()| folded));
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(50)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(1_000));
    targets = explain
}
criterion_main!(benches);
