//! What threads, rings and a journal cost: whole decisions through them, beside the same decisions by plain `apply`.
//!
//! A market of a hundred thousand profiles in its steady state is cloned. Slices alternate: so many offers are applied on
//! this thread, one after the other; then the same offers go through a port, are decided, made durable, published, and
//! come back with their events. In the end both exchanges must have the same digest. Ratios are taken slice by slice and
//! their medians printed.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people: the table to stdout, progress and mistakes to stderr"
)]

use std::path::PathBuf;
use std::process::ExitCode;

#[path = "runtime/contest.rs"]
mod contest;
#[path = "runtime/stream.rs"]
mod stream;
#[path = "runtime/table.rs"]
mod table;

use contest::{Keeps, Plan};

const USAGE: &str = "\
Usage: runtime [--json] [--check] [--dir DIR] [--profiles N] [--in-flight N] [--slices N] [--journal NAME]...

  --json         print one JSON object instead of the table
  --check        fail when less than 40 % of plain apply is left with the journal on disk
  --dir DIR      keep the journal on the disk of this folder (default: the current one)
  --profiles N   how many profiles compete (default: 100000)
  --in-flight N  how many offers may be unanswered (default: 1024)
  --slices N     pairs of slices, of 8,192 offers at 100,000 profiles (default: 41)
  --journal NAME sled, memory or none; may be repeated (default: all)
  --help         print this";

fn main() -> ExitCode {
    let (mut json, mut check, mut dir) = (false, false, PathBuf::from("."));
    let (mut plan, mut chosen) = (Plan { profiles: 100_000, in_flight: 1_024, slices: 41 }, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let number = |value: Option<String>| value.and_then(|value| value.parse::<usize>().ok()).filter(|n| *n > 0);
        match argument.as_str() {
            "--json" => json = true,
            "--check" => check = true,
            "--help" => {
                println!("{USAGE}");
                return ExitCode::SUCCESS;
            }
            "--dir" => match arguments.next() {
                Some(folder) => dir = PathBuf::from(folder),
                None => return refuse("`--dir` needs a folder after it"),
            },
            "--journal" => match arguments.next().as_deref().and_then(Keeps::named) {
                Some(keeps) => chosen.push(keeps),
                None => return refuse("`--journal` needs sled, memory or none after it"),
            },
            name @ ("--profiles" | "--in-flight" | "--slices") => {
                let Some(value) = number(arguments.next()) else {
                    return refuse(&format!("`{name}` needs a number above zero after it"));
                };
                match name {
                    "--profiles" => plan.profiles = value,
                    "--in-flight" => plan.in_flight = value,
                    _ => plan.slices = value,
                }
            }
            other => return refuse(&format!("`{other}` is not understood; leave it out or use what is below")),
        }
    }
    if chosen.is_empty() {
        chosen = Keeps::ALL.to_vec();
    }
    let rows = match contest::run(&plan, &dir, &chosen) {
        Ok(rows) => rows,
        Err(error) => {
            eprintln!("runtime: {error}; choose a folder that can be written with `--dir`");
            return ExitCode::FAILURE;
        }
    };
    print!("{}", if json { table::json(&plan, &rows) } else { table::text(&plan, &rows) });
    let is_low = |row: &&contest::Row| row.keeps == Keeps::Sled && row.percent < contest::PERCENT_MIN;
    if check && rows.iter().find(is_low).is_some() {
        eprintln!("runtime: below the floor of {} %", contest::PERCENT_MIN);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("runtime: {why}\n\n{USAGE}");
    ExitCode::from(2)
}
