//! Decisions for a counter of instructions: `benches/instructions.sh` runs this under callgrind, which counts only what
//! happens inside [`counted_decisions`].
//!
//! Instructions do not wobble as times do: the same program on the same world counts the same, whatever else the machine
//! does. So two commits can be compared to a fraction of a percent.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people: its result to stdout, mistakes to stderr"
)]

use std::hint::black_box;
use std::process::ExitCode;

use dce_benches::market;
use dce_benches::traffic::{BATCH, Traffic};
use dce_benches::world::{Call, Density, World};
use dce_engine::prelude::*;

const USAGE: &str = "\
Usage: instructions dense|sparse PROFILES DECISIONS

Warms a market up, then takes that many decisions (a multiple of 32) inside one function, to be counted there:
  valgrind --tool=callgrind --toggle-collect='*counted_decisions*' instructions dense 10000 3200";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [density, profiles, decisions] = arguments.as_slice() else { return refuse("three arguments are needed") };
    let density = match density.as_str() {
        "dense" => Density::Dense,
        "sparse" => Density::Sparse,
        other => return refuse(&format!("`{other}` is no density")),
    };
    let (Ok(profiles), Ok(decisions)) = (profiles.parse::<usize>(), decisions.parse::<usize>()) else {
        return refuse("profiles and decisions are whole numbers");
    };
    if profiles == 0 || decisions == 0 || decisions % BATCH != 0 {
        return refuse("there must be profiles, and decisions by the 32");
    }
    let world = World::draw(profiles, density);
    let mut traffic = Traffic::warmed_up(&world);
    let mut events = Events::new();
    let (sold_before, _) = traffic.sold();
    for _ in 0..decisions / BATCH {
        let (at, offers) = traffic.next_offers();
        counted_decisions(&mut traffic.exchange, at, &offers, &mut events);
        traffic.offered(&offers);
        while traffic.exchange.maintain(100_000) {}
    }
    let (sold, _) = traffic.sold();
    println!("decisions={decisions} sold={}", sold - sold_before);
    ExitCode::SUCCESS
}

/// A function of its own, by whose name the counter knows when to count.
#[inline(never)]
fn counted_decisions(exchange: &mut Exchange, at: Timestamp, offers: &[(&Call, Command<'_>)], events: &mut Events) {
    for (_, command) in offers {
        market::accept(exchange, at, command, events);
        black_box(&events);
    }
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("instructions: {why}\n\n{USAGE}");
    ExitCode::from(2)
}
