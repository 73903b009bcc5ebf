//! Commands to records and back: what the journal's codec costs whoever submits (encode), and the writer (decode).
//!
//! Among the calls no two have the same facts, so that nothing learns one record by heart.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dce_benches::market::{self, OPENING, SESSION};
use dce_benches::world::{Density, World};
use dce_engine::prelude::*;
use dce_persistence::record::{RECORD_BYTES_MAX, RecordCodec};
use dce_runtime::Codec;

/// Of each kind, in turn.
const COMMANDS: u64 = 1_024;

fn records(criterion: &mut Criterion) {
    let world = World::draw(1_000, Density::Dense);
    let all = |command: fn(u64) -> Command<'static>| (0..COMMANDS).map(command).collect::<Vec<_>>();
    let offer = |(number, call)| market::offer(call, OPENING, number).into();
    both_ways(criterion, "place_bid", &all(place_bid));
    both_ways(criterion, "set_bid", &all(set_bid));
    both_ways(criterion, "offer_call", &(0..COMMANDS).zip(&world.calls).map(offer).collect::<Vec<_>>());
    both_ways(criterion, "report_ended", &all(report_ended));
}

fn both_ways(criterion: &mut Criterion, name: &str, commands: &[Command<'_>]) {
    let mut codec = RecordCodec::default();
    let mut record = Vec::with_capacity(RECORD_BYTES_MAX);
    let mut records = vec![Vec::new(); commands.len()];
    for (command, record) in commands.iter().zip(&mut records) {
        codec.encode(command, record);
    }
    let bytes = records.iter().map(Vec::len).sum::<usize>() / records.len();

    let mut group = criterion.benchmark_group("record");
    group.throughput(Throughput::Bytes(bytes as u64));
    let mut turn = (0..commands.len()).cycle();
    group.bench_function(format!("encode/{name}"), |bencher| {
        bencher.iter(|| {
            record.clear();
            codec.encode(black_box(&commands[turn.next().unwrap_or(0)]), &mut record);
            black_box(&record);
        });
    });
    group.bench_function(format!("decode/{name}"), |bencher| {
        bencher.iter(|| {
            // By reference, as the exchange takes it: a command by value is four kilobytes.
            black_box(&codec.decode(black_box(&records[turn.next().unwrap_or(0)])));
        });
    });
    group.finish();
}

fn place_bid(number: u64) -> Command<'static> {
    let call = CallId::at(OPENING, number);
    let (bidder, auction) = ((AccountId(7), ProfileId(number.into())), (AccountId(9), call));
    PlaceBid::new(bidder, auction, usd("32.50"), Stamp::new(SESSION, number)).into()
}

fn set_bid(number: u64) -> Command<'static> {
    SetBid::new(AccountId(7), ProfileId(number.into()), Some(usd("32.50")), Stamp::new(SESSION, number)).into()
}

fn report_ended(number: u64) -> Command<'static> {
    let clocks = Clocks::new(Millis(100_000), Millis(97_000), Millis(90_000));
    let stamp = Stamp::new(SESSION, number);
    ReportEnded::new(AccountId(9), CallId::at(OPENING, number), LegReport::first(clocks), stamp).into()
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(500));
    targets = records
}
criterion_main!(benches);
