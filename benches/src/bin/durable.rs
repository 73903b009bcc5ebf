//! What durability costs: commands a second through the journal, beside a plain file that gets the same bytes.
//!
//! The plain file is the floor of what a device asks for: one `write` at its end and one `fdatasync` a group commit, with
//! no frames, no chain, no index and no anchor. Slices of both alternate in one process, so that a noisy machine disturbs
//! both alike; ratios are taken slice by slice, and their medians printed.
//!
//! So many commands *in flight* means so many to a group commit: the journal is syncing one while the next gathers.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people: the table to stdout, mistakes to stderr"
)]

use std::path::PathBuf;
use std::process::ExitCode;

#[path = "durable/contest.rs"]
mod contest;
#[path = "durable/table.rs"]
mod table;

const USAGE: &str = "\
Usage: durable [--json] [--check] [--dir DIR]

  --json      print one JSON object instead of the table
  --check     fail when a ratio is below its floor
  --dir DIR   measure on the disk of this folder (default: the current one)
  --help      print this";

fn main() -> ExitCode {
    let (mut json, mut check, mut dir) = (false, false, PathBuf::from("."));
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
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
            other => return refuse(&format!("`{other}` is not understood; leave it out or use what is below")),
        }
    }
    let rows = match contest::run(&dir) {
        Ok(rows) => rows,
        Err(error) => {
            eprintln!("durable: {error}; choose a folder that can be written with `--dir`");
            return ExitCode::FAILURE;
        }
    };
    print!("{}", if json { table::json(&rows) } else { table::text(&rows) });
    let failed: Vec<_> = rows.iter().filter(|row| !row.is_enough()).map(|row| row.in_flight).collect();
    if check && !failed.is_empty() {
        eprintln!("durable: below the floor at {failed:?} in flight");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("durable: {why}\n\n{USAGE}");
    ExitCode::from(2)
}
