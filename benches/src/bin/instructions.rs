//! Decisions for a counter of instructions: `benches/gate.sh` and `benches/instructions.sh` run this under callgrind,
//! which counts only what happens inside [`counted_decisions`].
//!
//! Instructions do not wobble as times do: the same program on the same world counts the same, whatever else the machine
//! does. So two commits can be compared to a fraction of a percent.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people: its result to stdout, mistakes to stderr"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use dce_benches::market;
use dce_benches::traffic::{BATCH, Traffic};
use dce_benches::world::{Breadth, Call, Density, World};
use dce_engine::measure::{Asked, Waiting};
use dce_engine::prelude::*;

#[path = "instructions/valgrind.rs"]
mod valgrind;

use valgrind::Dumps;

const USAGE: &str = "\
Usage: instructions [narrow-]dense|sparse PROFILES DECISIONS [core|top-2|SINGLES DUMPS]

Warms a market up, then takes that many decisions (a multiple of 32) inside one function, to be counted there:
  valgrind --tool=callgrind --instr-atstart=no --toggle-collect='*counted_decisions*' instructions dense 10000 3200

With `core`, decisions on calls that wait, their facts read; with `top-2`, the best two alone.
With SINGLES, that many decisions follow of which each is counted by itself (a multiple of 32, too): callgrind must write
its dumps to DUMPS (--callgrind-out-file=DUMPS), where they are read and removed, and what they say is printed.";

/// Decisions that fill the counter's caches before it counts.
const UNCOUNTED: usize = 3_200;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (density, profiles, decisions, counted_kind, singles) = match arguments.as_slice() {
        [density, profiles, decisions] => (density, profiles, decisions, Counted::Whole, None),
        [density, profiles, decisions, kind] => match kind.as_str() {
            "core" => (density, profiles, decisions, Counted::Core, None),
            "top-2" => (density, profiles, decisions, Counted::TopTwo, None),
            other => return refuse(&format!("`{other}` is nothing that is counted")),
        },
        [density, profiles, decisions, singles, dumps] => {
            (density, profiles, decisions, Counted::Whole, Some((singles, PathBuf::from(dumps))))
        }
        _ => return refuse("three to five arguments are needed"),
    };
    let (breadth, density) = match density.strip_prefix("narrow-") {
        Some(density) => (Breadth::Narrow, density),
        None => (Breadth::Wide, density.as_str()),
    };
    let density = match density {
        "dense" => Density::Dense,
        "sparse" => Density::Sparse,
        other => return refuse(&format!("`{other}` is no density")),
    };
    let by_the_batch = |text: &String| text.parse::<usize>().ok().filter(|count| count % BATCH == 0 && *count > 0);
    let (Ok(profiles), Some(decisions)) = (profiles.parse::<usize>(), by_the_batch(decisions)) else {
        return refuse("profiles and decisions are whole numbers, decisions by the 32");
    };
    if profiles == 0 {
        return refuse("there must be profiles");
    }
    let singles = match singles {
        None => None,
        Some((count, dumps)) => match by_the_batch(count) {
            Some(count) => Some((count, dumps)),
            None => return refuse("singles are counted by the 32"),
        },
    };

    let world = World::of_breadth(breadth, profiles, density);
    let mut traffic = Traffic::warmed_up(&world);
    // From here on every instruction is looked at, though few are counted: before, the counter only slowed things down.
    valgrind::start_instrumentation();
    let mut events = Events::new();
    for _ in 0..UNCOUNTED / BATCH {
        traffic.step();
    }
    let (sold_before, _) = traffic.sold();
    for _ in 0..decisions / BATCH {
        counted_kind.batch(&mut traffic, &mut events);
        while traffic.exchange.maintain(100_000) {}
    }
    let (sold, _) = traffic.sold();
    println!("decisions={decisions}\nsold={}", sold - sold_before);
    let Some((count, dumps)) = singles else { return ExitCode::SUCCESS };
    match counted(&mut traffic, decisions as u64, count, &dumps) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("instructions: {why}");
            ExitCode::FAILURE
        }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug)]
enum Counted {
    Whole,
    Core,
    TopTwo,
}

impl Counted {
    /// The next calls, of which only this is counted.
    fn batch(self, traffic: &mut Traffic<'_>, events: &mut Events) {
        match self {
            Self::Whole => {
                let (at, offers) = traffic.next_offers();
                counted_decisions(&mut traffic.exchange, at, &offers, events);
                traffic.offered(&offers);
            }
            Self::Core => {
                let (at, offers, waiting) = traffic.next_waiting();
                core_counted_decisions(&mut traffic.exchange, at, &waiting, events);
                traffic.offered(&offers);
            }
            Self::TopTwo => {
                let (at, offers) = traffic.next_offers();
                let read = offers.iter().filter_map(|(_, command)| match command {
                    Command::OfferCall(offer) => traffic.exchange.measure_asked(offer).ok(),
                    _ => None,
                });
                let asked: Vec<Asked> = read.collect();
                top_two_of_counted_decisions(&traffic.exchange, at, &asked);
                for (_, command) in &offers {
                    market::accept(&mut traffic.exchange, at, command, events);
                }
                traffic.offered(&offers);
            }
        }
    }
}

/// What the counter says of the decisions so far, each on average, and the most that one of so many more takes.
fn counted(traffic: &mut Traffic<'_>, decisions: u64, singles: usize, dumps: &Path) -> Result<String, String> {
    let mut dumps = Dumps::new(dumps);
    valgrind::dump();
    let all = dumps.next_counts()?;
    let each = |events: &[&str]| {
        let tenths = all.sum(events) * 10 / decisions;
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    let (first, second) = (["I1mr", "D1mr", "D1mw"], ["ILmr", "DLmr", "DLmw"]);
    let mut said = format!("instructions={}\nl1_misses={}\nl2_misses={}", each(&["Ir"]), each(&first), each(&second));
    let largest = largest(traffic, singles, &mut dumps)?;
    let _ = write!(said, "\nsingles={singles}\nlargest={largest}");
    Ok(said)
}

/// A function of its own, by whose name the counter knows when to count.
#[inline(never)]
fn counted_decisions(exchange: &mut Exchange, at: Timestamp, offers: &[(&Call, Command<'_>)], events: &mut Events) {
    for (_, command) in offers {
        market::accept(exchange, at, command, events);
        black_box(&events);
    }
}

#[inline(never)]
fn core_counted_decisions(exchange: &mut Exchange, at: Timestamp, waiting: &[Waiting], events: &mut Events) {
    for call in waiting {
        exchange.measure_decide(at, *call, events);
        black_box(&events);
    }
}

#[inline(never)]
fn top_two_of_counted_decisions(exchange: &Exchange, at: Timestamp, asked: &[Asked]) {
    for call in asked {
        black_box(exchange.measure_top_two(call, at));
    }
}

/// The most instructions that one of so many decisions took.
fn largest(traffic: &mut Traffic<'_>, count: usize, dumps: &mut Dumps) -> Result<u64, String> {
    let mut events = Events::new();
    let mut largest = 0;
    for _ in 0..count / BATCH {
        let (at, offers) = traffic.next_offers();
        for one in offers.chunks(1) {
            valgrind::zero();
            counted_decisions(&mut traffic.exchange, at, one, &mut events);
            valgrind::dump();
            largest = largest.max(dumps.next_counts()?.sum(&["Ir"]));
        }
        traffic.offered(&offers);
        while traffic.exchange.maintain(100_000) {}
    }
    Ok(largest)
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("instructions: {why}\n\n{USAGE}");
    ExitCode::from(2)
}
