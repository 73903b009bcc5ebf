//! What the exchange adds to the wire: accepted standing bids over QUIC, beside a bare echo of the same frames.
//!
//! Ours: server, runtime and exchange, durability `none`, each bid answered by its event and its acceptance. The echo:
//! quinn alone with the same settings, which answers each frame with as many bytes. The same bare client asks both, so
//! the ratio is the server's; beside it stands what the client library makes of ours. Everything is in this process;
//! slices alternate, ratios are taken slice by slice, and their medians printed.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people: the table to stdout, mistakes to stderr"
)]

use std::process::ExitCode;

#[path = "wire/contest.rs"]
mod contest;
#[path = "wire/echo.rs"]
mod echo;
#[path = "wire/line.rs"]
mod line;
#[path = "wire/ours.rs"]
mod ours;

use contest::Row;

const USAGE: &str = "\
Usage: wire [--json] [--check]

  --json   print one JSON object instead of the table
  --check  fail when p50 at 1 in flight is above 1.5 times the echo's, or the rate at 64 below 60 % of it
  --help   print this";

/// At one in flight: ours may take this many times as long, in hundredths.
const P50_RATIO_MAX: u64 = 150;
/// At 64 in flight: ours is to reach this part of the echo's rate, in per cent.
const RATE_RATIO_MIN: u64 = 60;

fn main() -> ExitCode {
    let (mut json, mut check) = (false, false);
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--json" => json = true,
            "--check" => check = true,
            "--help" => {
                println!("{USAGE}");
                return ExitCode::SUCCESS;
            }
            other => {
                eprintln!("wire: `{other}` is not understood; leave it out or use what is below\n{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    match contest::run() {
        Ok(rows) => {
            print!("{}", if json { as_json(&rows) } else { as_text(&rows) });
            if check && !rows.iter().all(is_enough) {
                eprintln!("wire: beyond what is allowed");
                return ExitCode::FAILURE;
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("wire: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Only the ends are judged: the shortest way there and back, and the fullest pipe.
fn is_enough(row: &Row) -> bool {
    match row.in_flight {
        1 => row.p50_ratio_percent <= P50_RATIO_MAX,
        64 => row.rate_ratio_percent >= RATE_RATIO_MIN,
        _ => true,
    }
}

fn as_text(rows: &[Row]) -> String {
    let mut text = String::from(
        "| in flight | bids/s | echo frames/s | rate, of the echo's | p50 | echo p50 | p50, times the echo's | p99 | echo p99 | with the client library: bids/s, p50 |\n\
         |--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in rows {
        let micros = |nanos: u64| format!("{}.{} µs", nanos / 1_000, nanos % 1_000 / 100);
        text += &format!(
            "| {} | {} | {} | {} % | {} | {} | {}.{:02} | {} | {} | {}, {} |\n",
            row.in_flight,
            row.ours.rate,
            row.echo.rate,
            row.rate_ratio_percent,
            micros(row.ours.p50),
            micros(row.echo.p50),
            row.p50_ratio_percent / 100,
            row.p50_ratio_percent % 100,
            micros(row.ours.p99),
            micros(row.echo.p99),
            row.library.rate,
            micros(row.library.p50),
        );
    }
    text
}

fn as_json(rows: &[Row]) -> String {
    let row = |row: &Row| {
        format!(
            "{{\"in_flight\":{},\"rate\":{},\"echo_rate\":{},\"rate_ratio_percent\":{},\"p50_ns\":{},\"echo_p50_ns\":{},\
             \"p50_ratio_percent\":{},\"p99_ns\":{},\"echo_p99_ns\":{},\"library_rate\":{},\"library_p50_ns\":{}}}",
            row.in_flight,
            row.ours.rate,
            row.echo.rate,
            row.rate_ratio_percent,
            row.ours.p50,
            row.echo.p50,
            row.p50_ratio_percent,
            row.ours.p99,
            row.echo.p99,
            row.library.rate,
            row.library.p50
        )
    };
    format!("{{\"rows\":[{}]}}\n", rows.iter().map(row).collect::<Vec<_>>().join(","))
}
