//! The targeting index walked with each kernel this processor has, in turn, on the same market: what width is worth.
//!
//! One process, slices of all kernels going round, each beginning with another; the figures are medians over slices. Ratios
//! are to the widest. `benches/native.sh` compares this build with one for this very processor.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people: its table to stdout, mistakes to stderr"
)]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use dce_benches::market;
use dce_benches::samples::Samples;
use dce_benches::traffic::Traffic;
use dce_benches::world::{Density, World};
use dce_engine::Kernel;
use dce_engine::measure::Asked;
use dce_engine::prelude::*;

const USAGE: &str = "\
Usage: kernels [--profiles N] [--seconds S] [--widest]

  --profiles N   markets of so many profiles, dense and sparse (default: 100000)
  --seconds S    measure each market for so long (default: 6)
  --widest       only the widest kernel, and only numbers: WORLD QUESTION PICOSECONDS a line, for benches/native.sh
  --help         print this";

/// Times that every kernel has its turn.
const SLICES: u32 = 24;
/// Calls asked about, in turn.
const CALLS: usize = 1_024;

struct Options {
    profiles: usize,
    seconds: u64,
    widest: bool,
}

fn main() -> ExitCode {
    let options = match read(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(why) => {
            eprintln!("kernels: {why}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let kernels: Vec<Kernel> = Kernel::ALL
        .into_iter()
        .filter(|kernel| kernel.is_available())
        .rev()
        .take(if options.widest { 1 } else { 3 })
        .collect();
    if !options.widest {
        println!("| market | question | kernel | a call | of the widest |\n|---|---|---|--:|--:|");
    }
    for (name, density) in [("dense", Density::Dense), ("sparse", Density::Sparse)] {
        eprintln!("{name}: an hour of traffic among {} profiles", options.profiles);
        let world = World::draw(options.profiles, density);
        let mut traffic = Traffic::warmed_up(&world);
        let market = format!("{}-{name}", options.profiles);
        for (question, costs) in measure(&world, &mut traffic.exchange, &kernels, &options) {
            for (kernel, cost) in kernels.iter().zip(&costs) {
                if options.widest {
                    println!("{market} {question} {cost}");
                } else {
                    let hundredths = cost * 100 / costs[0].max(1);
                    let (nanos, times) = (cost / 1_000, format!("{}.{:02}", hundredths / 100, hundredths % 100));
                    println!("| {market} | {question} | {kernel:?} | {nanos} ns | {times} × |");
                }
            }
        }
    }
    ExitCode::SUCCESS
}

/// Of each question, what a call costs with each kernel, in picoseconds.
fn measure(
    world: &World,
    exchange: &mut Exchange,
    kernels: &[Kernel],
    options: &Options,
) -> [(&'static str, Vec<u64>); 2] {
    let at = exchange.last_time();
    let offers = world.calls.iter().take(CALLS).map(|call| market::offer(call, at, 1));
    let asked: Vec<Asked> = offers.filter_map(|offer| exchange.measure_asked(&offer).ok()).collect();
    let mut found = Vec::with_capacity(options.profiles);
    ["match-all", "top-2"].map(|question| {
        let slice = Duration::from_secs(options.seconds) / (2 * SLICES * kernels.len() as u32);
        let mut samples = vec![Samples::new(0); kernels.len()];
        for turn in 0..SLICES as usize {
            for place in (0..kernels.len()).map(|place| (place + turn) % kernels.len()) {
                assert!(exchange.use_kernel(kernels[place]), "it is available");
                let start = Instant::now();
                while start.elapsed() < slice {
                    for few in asked.chunks(32) {
                        let start = Instant::now();
                        for call in few {
                            if question == "top-2" {
                                black_box(exchange.measure_top_two(call, at));
                            } else {
                                found.clear();
                                exchange.measure_match_all(call, at, |profile| found.push(profile));
                                black_box(&found);
                            }
                        }
                        samples[place].batch(start.elapsed(), few.len());
                    }
                }
                samples[place].end_slice();
            }
        }
        (question, samples.iter().map(|samples| samples.cost().mean).collect())
    })
}

fn read(mut arguments: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options { profiles: 100_000, seconds: 6, widest: false };
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let given = arguments.next().and_then(|text| text.parse::<u64>().ok()).filter(|number| *number > 0);
            given.ok_or_else(|| format!("`{argument}` wants a number above 0"))
        };
        match argument.as_str() {
            "--profiles" => options.profiles = number()? as usize,
            "--seconds" => options.seconds = number()?,
            "--widest" => options.widest = true,
            "--help" => return Ok(None),
            other => return Err(format!("`{other}` is not understood")),
        }
    }
    Ok(Some(options))
}
