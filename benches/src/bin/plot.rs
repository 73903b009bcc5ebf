//! The picture in `docs/performance.md`: cost against profiles, for the engine and each rival, from what `compare --json`
//! printed at several sizes.
//!
//! `cargo run --release -p dce-benches --bin plot -- docs/images/cost.json > docs/images/cost.svg`, where the file holds an
//! array of `compare`'s objects.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people: the picture to stdout, mistakes to stderr"
)]

use std::process::ExitCode;

use dce_benches::picture;

const USAGE: &str = "Usage: plot FILE.json...

  FILE.json  what `compare --json` printed, or an array of it; several files are one picture";

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.iter().any(|file| file == "--help") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    if files.is_empty() || files.iter().any(|file| file.starts_with('-')) {
        eprintln!("plot: files are needed, and nothing else\n\n{USAGE}");
        return ExitCode::from(2);
    }
    match picture::read(&files).and_then(|runs| picture::draw(&runs)) {
        Ok(svg) => {
            print!("{svg}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("plot: {why}");
            ExitCode::FAILURE
        }
    }
}
