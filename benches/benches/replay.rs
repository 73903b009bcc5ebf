//! Replay: an hour's market applied again from its records, decoded one by one; offers, reports and ticks as they came.
//!
//! What a start costs besides reading the log, for each command of it. The state reached is asserted to be the same.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dce_benches::market;
use dce_benches::traffic::Traffic;
use dce_benches::world::{Density, World};
use dce_engine::prelude::*;
use dce_persistence::record::RecordCodec;
use dce_runtime::Codec as _;

/// Batches of offers that are recorded.
const STEPS: usize = 128;

fn replay(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("replay");
    let mut recorded = None;
    group.throughput(Throughput::Elements(1));
    group.bench_function("10k", |bencher| {
        let (before, records, digest) = recorded.get_or_insert_with(|| {
            let world = World::draw(10_000, Density::Dense);
            let mut traffic = Traffic::warmed_up(&world);
            let (before, records) = traffic.recorded(STEPS);
            (before, records, traffic.exchange.digest())
        });
        bencher.iter_custom(|commands| {
            let (mut elapsed, mut left) = (Duration::ZERO, commands as usize);
            while left > 0 {
                let count = left.min(records.len());
                let mut exchange = before.clone();
                elapsed += apply(&mut exchange, &records[..count]);
                if count == records.len() {
                    assert_eq!(exchange.digest(), *digest, "a replay reaches the same state");
                }
                left -= count;
            }
            elapsed
        });
    });
    group.finish();
}

fn apply(exchange: &mut Exchange, records: &[(Timestamp, Vec<u8>)]) -> Duration {
    let (mut codec, mut events) = (RecordCodec::default(), Events::new());
    let start = Instant::now();
    for (at, record) in records {
        let command = codec.decode(record).expect("Invariant: it was encoded so");
        market::accept(exchange, *at, &command, &mut events);
        black_box(&events);
    }
    start.elapsed()
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_secs(1));
    targets = replay
}
criterion_main!(benches);
