//! Frames of the wire: what it costs to write one into a buffer that is there, and to read one, its facts included.
//!
//! The goal is 30 ns a frame. Reading means that the frame is cut from the bytes and checked, every fact included, and that
//! fields are looked at; `-all` looks at every fact besides.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dce_protocol::{Down, Event, EventFrame, Fact, FactValue, Leg, List, Split, Up, down, event, split, up};

/// Frames a round, one after the other in a buffer, as they come from a socket.
const ROUND: u64 = 64;

fn frames(criterion: &mut Criterion) {
    let facts: Vec<Fact> = (0..20)
        .map(|attribute| match attribute % 4 {
            0 => Fact::new(attribute, FactValue::Number(1_000 - i64::from(attribute))),
            1 => Fact::new(attribute, FactValue::Flag(attribute % 3 == 0)),
            _ => Fact::new(attribute, FactValue::Code(u32::from(attribute) + 1)),
        })
        .collect();
    let set_bid = up::SetBid { buyer: 1 << 100, profile: 7, amount: Some(25_000_000) };
    let offer = up::OfferCall {
        seller: 1 << 90,
        call: 5,
        listing: 6,
        subject: 1 << 120,
        leg: Leg::OutboundTransfer,
        window: None,
        reserve: Some(1_000_000),
        facts: List::new(&facts).expect("twenty facts fit"),
        chain: List::EMPTY,
    };
    let sold = event::CallSold {
        seller: 1 << 90,
        call: 5,
        buyer: 1 << 100,
        profile: 7,
        attempt: 1,
        price: Some(25_000_000),
        payout: None,
    };
    let sold = EventFrame { sequence: 99, index: 3, at: 1_764_000_000_000_000, again: false, event: sold.into() };
    let accepted = down::Accepted { sequence: 99, at: 1_764_000_000_000_000, events: 1, repeated: false };

    encode(criterion, "SetBid", |number, bytes| Up::SetBid(black_box(set_bid)).encode(number, bytes));
    encode(criterion, "OfferCall-20-facts", |number, bytes| Up::OfferCall(black_box(offer)).encode(number, bytes));
    encode(criterion, "CallSold", |_, bytes| black_box(sold).encode(bytes));
    encode(criterion, "Accepted", |number, bytes| Down::Accepted(black_box(accepted)).encode(number, bytes));

    decode(criterion, "SetBid", |number, bytes| Up::from(set_bid).encode(number, bytes), read_up);
    decode(criterion, "OfferCall-20-facts", |number, bytes| Up::from(offer).encode(number, bytes), read_up);
    decode(criterion, "OfferCall-20-facts-all", |number, bytes| Up::from(offer).encode(number, bytes), read_facts);
    decode(criterion, "CallSold", |_, bytes| sold.encode(bytes), read_down);
    decode(criterion, "Accepted", |number, bytes| Down::from(accepted).encode(number, bytes), read_down);
}

fn encode(criterion: &mut Criterion, name: &str, write: impl Fn(u64, &mut Vec<u8>) -> usize) {
    let mut group = criterion.benchmark_group("encode");
    group.throughput(Throughput::Elements(ROUND));
    let mut bytes = Vec::with_capacity(1 << 16);
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            bytes.clear();
            for number in 1..=ROUND {
                write(number, &mut bytes);
            }
            black_box(bytes.as_slice());
        });
    });
    group.finish();
}

fn decode(criterion: &mut Criterion, name: &str, write: impl Fn(u64, &mut Vec<u8>) -> usize, read: fn(&[u8]) -> u64) {
    let mut bytes = Vec::new();
    for number in 1..=ROUND {
        write(number, &mut bytes);
    }
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(ROUND));
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            let (mut rest, mut sum) = (black_box(bytes.as_slice()), 0);
            while let Split::Frame { frame, rest: after } = split(rest) {
                sum ^= read(frame);
                rest = after;
            }
            assert!(rest.is_empty());
            sum
        });
    });
    group.finish();
}

/// Something of every field.
fn read_up(frame: &[u8]) -> u64 {
    match Up::decode(frame).expect("a frame just written") {
        (number, Up::SetBid(bid)) => number ^ bid.profile as u64 ^ bid.amount.unwrap_or(0) as u64,
        (number, Up::OfferCall(offer)) => {
            let facts = offer.facts.len() as u64;
            number ^ facts ^ offer.call as u64 ^ offer.subject as u64 ^ offer.reserve.unwrap_or(0) as u64
        }
        _ => 0,
    }
}

/// Every fact of an offer.
fn read_facts(frame: &[u8]) -> u64 {
    let Ok((number, Up::OfferCall(offer))) = Up::decode(frame) else { return 0 };
    offer.facts.iter().fold(number, |sum, fact| match fact.value() {
        FactValue::Code(code) => sum ^ u64::from(code),
        FactValue::Number(number) => sum ^ number as u64,
        FactValue::Flag(flag) => sum ^ u64::from(flag),
        FactValue::Place { latitude_micro, longitude_micro } => sum ^ latitude_micro as u64 ^ longitude_micro as u64,
    })
}

/// Something of every field.
fn read_down(frame: &[u8]) -> u64 {
    match Down::decode(frame).expect("a frame just written") {
        (number, Down::Accepted(accepted)) => number ^ accepted.sequence ^ accepted.at ^ u64::from(accepted.repeated),
        (_, Down::Event(EventFrame { sequence, at, event: Event::CallSold(sold), .. })) => {
            sequence ^ at ^ sold.call as u64 ^ sold.profile as u64 ^ sold.price.unwrap_or(0) as u64
        }
        _ => 0,
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(700));
    targets = frames
}
criterion_main!(benches);
