//! What changes the index, and what asks it why: on markets of every size, open but without traffic.
//!
//! | group | what it is |
//! |---|---|
//! | `set_bid` | another standing bid: the row's rank and its bounds |
//! | `cap_flip` | a profile goes out of the running or comes back: `PauseProfile` or `ResumeProfile`, one bit |
//! | `edit` | a profile closed and created anew with another's targeting: two commands |
//! | `maintain` | a thousand steps of it after a hundred changed bids |
//! | `explain` | every candidate's loss named, of a call not yet made |

use std::cell::OnceCell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Bencher, Criterion, criterion_group, criterion_main};
use dce_benches::market::{self, Caps, SESSION};
use dce_benches::random::Random;
use dce_benches::scale::worlds;
use dce_benches::world::World;
use dce_engine::prelude::*;

/// A measurement: times so many operations.
type Measured = fn(&mut Market<'_>, u64) -> Duration;

const KINDS: [(&str, Measured); 5] = [
    ("set_bid", |market, count| market.time(count, Market::another_bid)),
    ("cap_flip", |market, count| market.time(count, Market::flip)),
    ("edit", edit),
    ("maintain", maintain),
    ("explain", explain),
];

fn change(criterion: &mut Criterion) {
    for (name, profiles, density) in worlds() {
        // Made when first asked for, so that a filter also spares the preparation.
        let world = OnceCell::new();
        let mut market = None;
        for (kind, measured) in KINDS {
            let mut group = criterion.benchmark_group(kind);
            group.bench_function(name, |bencher: &mut Bencher<'_>| {
                let world = world.get_or_init(|| World::draw(profiles, density));
                let market = market.get_or_insert_with(|| Market::new(world));
                bencher.iter_custom(|count| measured(market, count));
            });
            group.finish();
        }
    }
}

/// An exchange with a world in it, and luck.
struct Market<'w> {
    world: &'w World,
    exchange: Exchange,
    events: Events,
    random: Random,
    counter: u64,
    /// Whether each profile is out of the running.
    paused: Vec<bool>,
}

impl<'w> Market<'w> {
    fn new(world: &'w World) -> Self {
        Self {
            world,
            exchange: market::open(world, Caps::Kept),
            events: Events::new(),
            random: Random::new(1),
            counter: 0,
            paused: vec![false; world.profiles.len()],
        }
    }

    fn place(&mut self) -> usize {
        self.random.below(self.world.profiles.len() as u64) as usize
    }

    fn another_bid(&mut self) -> Command<'static> {
        let (buyer, profile) = market::profile_id(self.world, self.place());
        self.counter += 1;
        let amount = Money::from_micros(self.random.between(10_000_000, 90_000_000) as i64);
        SetBid::new(buyer, profile, Some(amount), Stamp::new(SESSION, self.counter)).into()
    }

    fn flip(&mut self) -> Command<'static> {
        let place = self.place();
        let (buyer, profile) = market::profile_id(self.world, place);
        let paused = &mut self.paused[place];
        *paused = !*paused;
        if *paused { PauseProfile::new(buyer, profile).into() } else { ResumeProfile::new(buyer, profile).into() }
    }

    /// Applies so many commands, made a few at a time, and times only that.
    fn time(&mut self, count: u64, mut next: impl FnMut(&mut Self) -> Command<'static>) -> Duration {
        const BATCH: u64 = 32;
        let (mut elapsed, mut done) = (Duration::ZERO, 0);
        while done < count {
            let batch: Vec<Command<'static>> = (done..count.min(done + BATCH)).map(|_| next(self)).collect();
            let start = Instant::now();
            for command in &batch {
                self.apply(command);
            }
            elapsed += start.elapsed();
            done += batch.len() as u64;
        }
        elapsed
    }

    fn apply(&mut self, command: &Command<'_>) {
        let at = self.exchange.last_time();
        market::accept(&mut self.exchange, at, command, &mut self.events);
    }
}

/// Profiles that come in the place of others keep their names, so the world keeps its.
fn edit(market: &mut Market<'_>, count: u64) -> Duration {
    let mut elapsed = Duration::ZERO;
    for _ in 0..count {
        let (place, other) = (market.place(), market.place());
        let (buyer, profile) = market::profile_id(market.world, place);
        let close = CloseProfile::new(buyer, profile).into();
        let mut create = market::profile_command(market.world, other, Caps::Kept);
        (create.buyer, create.profile) = (buyer, profile);
        let create = create.into();
        let start = Instant::now();
        market.apply(&close);
        market.apply(&create);
        elapsed += start.elapsed();
        market.paused[place] = false;
    }
    elapsed
}

fn maintain(market: &mut Market<'_>, count: u64) -> Duration {
    let mut elapsed = Duration::ZERO;
    for _ in 0..count {
        for _ in 0..100 {
            let command = market.another_bid();
            market.apply(&command);
        }
        let start = Instant::now();
        black_box(market.exchange.maintain(1_000));
        elapsed += start.elapsed();
    }
    elapsed
}

fn explain(market: &mut Market<'_>, count: u64) -> Duration {
    let at = market.exchange.last_time();
    let start = Instant::now();
    for number in 0..count {
        let offer = market::offer(&market.world.calls[number as usize % market.world.calls.len()], at, number);
        let mut told = 0_u32;
        black_box(market.exchange.explain_offer(at, &offer, &mut |_| told += 1).is_ok());
        black_box(told);
    }
    start.elapsed()
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(400));
    targets = change
}
criterion_main!(benches);
