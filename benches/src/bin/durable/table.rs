//! The findings for people and for programs.

use std::fmt::Write as _;
use std::time::Duration;

use crate::contest::{Cost, Row};

/// A table with a few sentences on how to read it.
pub(crate) fn text(rows: &[Row]) -> String {
    let mut out = String::from(
        "| in flight | bytes a commit | plain file: commands/s, p50 / p99 | journal: commands/s, p50 / p99 | journal ÷ file | floor | p50 ÷ p50 |\n\
         |--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in rows {
        let p50 = row.p50_percent();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} % | {} % | {}.{:02} |",
            row.in_flight,
            row.bytes,
            side(&row.plain),
            side(&row.journal),
            row.rate_percent,
            row.rate_percent_min,
            p50 / 100,
            p50 % 100,
        );
    }
    out.push_str(
        "\nBoth sides survive a power cut at each commit. The plain file is one write and one fdatasync of the same bytes;\n\
         the journal frames, chains, indexes and anchors them. Ratios of rates are medians over alternating slices.\n",
    );
    out
}

/// One object; times in nanoseconds.
pub(crate) fn json(rows: &[Row]) -> String {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            format!(
                "    {{\"in_flight\": {}, \"bytes\": {}, \"plain\": {}, \"journal\": {}, \"rate_percent\": {}, \
                 \"rate_percent_min\": {}, \"p50_percent\": {}}}",
                row.in_flight,
                row.bytes,
                object(&row.plain),
                object(&row.journal),
                row.rate_percent,
                row.rate_percent_min,
                row.p50_percent(),
            )
        })
        .collect();
    format!("{{\n  \"rows\": [\n{}\n  ]\n}}\n", rows.join(",\n"))
}

fn side(cost: &Cost) -> String {
    format!("{}, {} / {} µs", rate(cost.commands_per_second), micros(cost.p50), micros(cost.p99))
}

fn object(cost: &Cost) -> String {
    let (rate, p50, p99) = (cost.commands_per_second, cost.p50.as_nanos(), cost.p99.as_nanos());
    format!("{{\"commands_per_second\": {rate}, \"p50_ns\": {p50}, \"p99_ns\": {p99}}}")
}

fn micros(time: Duration) -> u128 {
    time.as_nanos().div_ceil(1_000)
}

/// Times a second, in thousands or millions where that reads better.
fn rate(per_second: u64) -> String {
    match per_second {
        0..10_000 => per_second.to_string(),
        10_000..1_000_000 => format!("{} k", per_second / 1_000),
        _ => format!("{}.{:02} M", per_second / 1_000_000, per_second / 10_000 % 100),
    }
}
