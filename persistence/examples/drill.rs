//! Writes a log until it is stopped by force, and judges what is left: for `tests/power_cut.sh`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for a script: its verdict to stdout")]

use std::path::Path;
use std::process::ExitCode;

use dce_persistence::faults::Planted;
use dce_persistence::faults::drill::process::Drill;

const USAGE: &str = "\
Usage: drill write DIR NOTES [FAULT]   write the log in DIR until the process ends, with notes beside it
       drill judge DIR NOTES           open what is left, and compare it with the notes

FAULT is a promise to break: no-fdatasync, no-chain or no-anchor";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["write", dir, notes] => Drill::new(Path::new(dir), Path::new(notes)).write(Planted::default()).map(|()| None),
        ["write", dir, notes, fault] => match Planted::named(fault) {
            Some(planted) => Drill::new(Path::new(dir), Path::new(notes)).write(planted).map(|()| None),
            None => return refuse(),
        },
        ["judge", dir, notes] => Drill::new(Path::new(dir), Path::new(notes)).judge().map(Some),
        _ => return refuse(),
    };
    match done {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some((found, unacknowledged))) => {
            println!("{found} commands came back: every acknowledged one, and {unacknowledged} more");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn refuse() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}
