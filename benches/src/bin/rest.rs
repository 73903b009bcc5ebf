//! What the exchange adds to HTTP: calls offered by REST and sold to the best of 64 standing bids, beside a bare axum echo.
//!
//! Ours: the whole server, with its journal, catalog, history and metrics. The echo: axum alone behind the same TLS, which
//! checks the same token with the same library, reads the same body with serde and answers with as many bytes of JSON. The
//! same bare client asks both, HTTP/1.1 on connections that stay open. Everything is in this process; slices alternate,
//! ratios are taken slice by slice, and their medians printed. Beside them stands what the same command takes from within
//! the process, and what the journal takes to acknowledge it.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people: the table to stdout, mistakes to stderr"
)]

use std::path::PathBuf;
use std::process::ExitCode;

#[path = "rest/contest.rs"]
mod contest;
#[path = "rest/echo.rs"]
mod echo;
#[path = "rest/line.rs"]
mod line;
#[path = "rest/ours.rs"]
mod ours;
#[path = "rest/table.rs"]
mod table;

use contest::Row;

const USAGE: &str = "\
Usage: rest [--dir DIR] [--journal none|always] [--json] [--check]

  --dir      where the logs are written for the while; the system's folder for such things if nothing is said
  --journal  what an answer promises; one after the other if nothing is said
  --json     print one JSON object instead of the table
  --check    fail when a rate is below half of the echo's, or a p50 above 1.5 times the echo's and the journal's
             acknowledgement
  --help     print this";

/// Ours is to reach this part of the echo's rate, in per cent.
const RATE_RATIO_MIN: u64 = 50;
/// It may take this many times as long, in per cent, and the journal's acknowledgement besides.
const P50_RATIO_MAX: u64 = 150;

fn main() -> ExitCode {
    let (mut json, mut check, mut dir, mut journals) = (false, false, std::env::temp_dir(), contest::JOURNALS.to_vec());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = if matches!(argument.as_str(), "--dir" | "--journal") { arguments.next() } else { None };
        match (argument.as_str(), value) {
            ("--json", _) => json = true,
            ("--check", _) => check = true,
            ("--help", _) => {
                println!("{USAGE}");
                return ExitCode::SUCCESS;
            }
            ("--dir", Some(folder)) => dir = PathBuf::from(folder),
            ("--journal", Some(name)) if journals.iter().any(|(known, _)| *known == name) => {
                journals.retain(|(known, _)| *known == name);
            }
            (other, _) => {
                eprintln!("rest: `{other}` is not understood; leave it out or use what is below\n{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    match contest::run(&dir, &journals) {
        Ok(rows) => {
            print!("{}", if json { table::as_json(&rows) } else { table::as_text(&rows) });
            if check && !rows.iter().all(is_enough) {
                eprintln!("rest: beyond what is allowed");
                return ExitCode::FAILURE;
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("rest: {error}");
            ExitCode::FAILURE
        }
    }
}

fn is_enough(row: &Row) -> bool {
    row.rate_ratio_percent >= RATE_RATIO_MIN && row.ours.p50 <= row.p50_max()
}
