//! `apply` of every command, in a market of ten thousand profiles that has been open for an hour; then what is asked of
//! the exchange beside commands.
//!
//! Every sample starts from a clone of that market and applies at most some hundreds of commands of its kind, so that
//! no table runs full; what they need before (a call to cancel, an auction to bid in) is prepared unmeasured.

mod recipes;
mod rules;
mod stage;

use std::hint::black_box;
use std::ops::Range;
use std::time::{Duration, Instant};

use criterion::{BenchmarkGroup, Criterion, SamplingMode, criterion_group, criterion_main};
use dce_benches::market::{self, Caps};
use dce_benches::traffic::Traffic;
use dce_benches::world::{Density, World};
use dce_engine::prelude::*;

use criterion::measurement::WallTime;
use recipes::{RECIPES, Recipe};
use rules::RULES;
use stage::Stage;

/// Every command there is.
macro_rules! names {
    ($($name:ident $(<$life:lifetime>)?),+) => { [$(stringify!($name)),+] };
}
const COMMANDS: &[&str] = &dce_engine::each_command!(names);

const PROFILES: usize = 10_000;
/// Commands built at a time: few enough to stay in the nearest cache.
const BATCH: usize = 32;

fn commands(criterion: &mut Criterion) {
    assert_complete();
    let world = World::draw(PROFILES, Density::Dense);
    // Room for what the recipes declare: twelve questions, and a category.
    let genesis = market::all_settings(market::genesis_with_lines(&world, 12 * 3 + 513));
    let market = Traffic::warm(&world, market::fill(genesis, &world, Caps::Kept, None)).exchange;
    let names: Vec<String> = (0..1_024).map(|name| format!("value {name}")).collect();
    let stage = || Stage::new(market.clone(), &world, &names);

    let mut group = criterion.benchmark_group("apply");
    group.sampling_mode(SamplingMode::Flat);
    for recipe in RECIPES.iter().chain(&RULES) {
        group.bench_function(recipe.name, |bencher| {
            bencher.iter_custom(|iterations| run(recipe, &mut stage(), iterations));
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("ask");
    ask(&mut group, stage());
    group.finish();
}

/// A command without a recipe is one nobody measures.
fn assert_complete() {
    let measured: Vec<String> =
        RECIPES.iter().chain(&RULES).map(|recipe| recipe.name.replace('_', "").to_lowercase()).collect();
    for command in COMMANDS {
        assert!(measured.contains(&command.to_lowercase()), "no bench applies {command}: give it a recipe");
    }
}

/// Applies as many as were asked for, or as many as there is room for and as long as that many would have taken.
fn run(recipe: &Recipe, stage: &mut Stage<'_>, iterations: u64) -> Duration {
    (recipe.ready)(stage);
    // A clone is in no cache: the first quarter brings it there.
    let unmeasured = recipe.at_most / 4;
    apply(recipe, stage, 0..unmeasured);
    let commands = iterations.min(recipe.at_most - unmeasured);
    let elapsed = apply(recipe, stage, unmeasured..unmeasured + commands);
    let nanos = elapsed.as_nanos() * u128::from(iterations) / u128::from(commands);
    Duration::from_nanos(nanos as u64)
}

fn apply(recipe: &Recipe, stage: &mut Stage<'_>, numbers: Range<u64>) -> Duration {
    let mut elapsed = Duration::ZERO;
    let batch = if recipe.one_by_one { 1 } else { BATCH };
    for first in numbers.clone().step_by(batch) {
        let last = numbers.end.min(first + batch as u64);
        let built: Vec<Command<'_>> = (first..last).map(|number| (recipe.next)(stage, number)).collect();
        let start = Instant::now();
        for command in &built {
            stage.apply(command);
            black_box(&stage.events);
        }
        elapsed += start.elapsed();
    }
    elapsed
}

fn ask(group: &mut BenchmarkGroup<'_, WallTime>, mut stage: Stage<'_>) {
    recipes::sell_one(&mut stage);
    let sold = stage.subjects[0];
    group.bench_function("explain_one", |bencher| {
        let one = || stage.exchange.explain_one(sold.seller, sold.call, sold.buyer, sold.profile);
        bencher.iter(|| black_box(one()));
    });
    group.bench_function("explain", |bencher| {
        bencher.iter(|| {
            let mut told = 0_u32;
            let answer = stage.exchange.explain(sold.seller, sold.call, &mut |_| told += 1);
            black_box((answer, told))
        });
    });
    group.bench_function("digest", |bencher| bencher.iter(|| black_box(stage.exchange.digest())));
    group.bench_function("clone", |bencher| bencher.iter(|| black_box(stage.exchange.clone())));
    // A thousand steps after a hundred changed bids.
    group.bench_function("maintain", |bencher| {
        bencher.iter_custom(|iterations| {
            let mut elapsed = Duration::ZERO;
            for _ in 0..iterations {
                recipes::change_bids(&mut stage, 100);
                let start = Instant::now();
                black_box(stage.exchange.maintain(1_000));
                elapsed += start.elapsed();
            }
            elapsed
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(30))
        .measurement_time(Duration::from_millis(200));
    targets = commands
}
criterion_main!(benches);
