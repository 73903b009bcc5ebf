//! What a whole decision costs, beside the two loops everybody writes first: one process, one table.
//!
//! First the engine and both rivals must find the same winner at the same price for thousands of calls. Then slices of
//! work alternate between the three, so that a noisy machine disturbs all alike, and the medians over the slices are
//! printed: throughput from batches, p50 and p99 from decisions timed one by one (the timer's own cost taken off).
//!
//! The engine's decision is `apply` of an `OfferCall` with all its effects: facts read, index walked, caps, balances and
//! floats checked, the price held, the first destination dialled, the losers told. The rivals only find winner and price.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people: the table to stdout, progress and mistakes to stderr"
)]

use std::process::ExitCode;
use std::time::Instant;

use dce_benches::samples;
use dce_benches::world::{Density, World};

#[path = "decisions/contest.rs"]
mod contest;
#[path = "decisions/table.rs"]
mod table;

const USAGE: &str = "\
Usage: decisions [--json] [--world NAME]...

  --json        print one JSON object instead of the table
  --world NAME  measure this world only; may be repeated
  --help        print this

Worlds: 1k-dense 1k-sparse 10k-dense 10k-sparse 100k-dense 100k-sparse (default: all)";

const WORLDS: [(&str, usize, Density); 6] = [
    ("1k-dense", 1_000, Density::Dense),
    ("1k-sparse", 1_000, Density::Sparse),
    ("10k-dense", 10_000, Density::Dense),
    ("10k-sparse", 10_000, Density::Sparse),
    ("100k-dense", 100_000, Density::Dense),
    ("100k-sparse", 100_000, Density::Sparse),
];

fn main() -> ExitCode {
    let (mut json, mut chosen) = (false, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => json = true,
            "--help" => {
                println!("{USAGE}");
                return ExitCode::SUCCESS;
            }
            "--world" => match arguments.next() {
                Some(name) if WORLDS.iter().any(|(known, ..)| *known == name) => chosen.push(name),
                Some(name) => {
                    return refuse(&format!("there is no world `{name}`; choose one of those below"));
                }
                None => return refuse("`--world` needs a name after it; choose one of those below"),
            },
            other => {
                return refuse(&format!("`{other}` is not understood; leave it out or use what is below"));
            }
        }
    }
    let started = Instant::now();
    let mut rows = Vec::new();
    for (name, profiles, density) in WORLDS {
        if chosen.is_empty() || chosen.iter().any(|wanted| wanted == name) {
            let world = World::draw(profiles, density);
            let progress = |what: &str| {
                if started.elapsed().as_secs() >= 2 {
                    eprintln!("{:>4} s  {name}: {what}", started.elapsed().as_secs());
                }
            };
            rows.push((name, contest::run(&world, progress)));
        }
    }
    let jitter = samples::jitter();
    print!("{}", if json { table::json(&rows, &jitter) } else { table::text(&rows, &jitter) });
    ExitCode::SUCCESS
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("decisions: {why}\n\n{USAGE}");
    ExitCode::from(2)
}
