//! The findings for people and for programs.

use std::fmt::Write as _;
use std::time::Duration;

use crate::contest::{Plan, Row};

/// A table with a few sentences on how to read it.
pub(crate) fn text(plan: &Plan, rows: &[Row]) -> String {
    let mut out = String::from(
        "| journal | plain apply: decisions/s | runtime: decisions/s | runtime ÷ plain | ack p50 | ack p99 | commands a commit | bytes a command |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in rows {
        let _ = writeln!(
            out,
            "| {} | {} k | {} k | {} % | {} | {} | {} | {} |",
            row.keeps.name(),
            row.plain_per_second / 1_000,
            row.runtime_per_second / 1_000,
            row.percent,
            millis(row.ack_p50),
            millis(row.ack_p99),
            row.commands_per_commit,
            row.bytes_per_command,
        );
    }
    let _ = writeln!(
        out,
        "\n{} profiles, {} offers in flight from one port, of a thousand {} sold. `sled`: each answer after the device said\n\
         so; `memory`: after a journal that forgets; `none`: at once. Ratios are medians over {} alternating slices; both\n\
         exchanges had the same digest in the end.",
        plan.profiles,
        plan.in_flight,
        rows.first().map_or(0, |row| row.sold_of_1000),
        plan.slices,
    );
    out
}

/// One object; times in nanoseconds.
pub(crate) fn json(plan: &Plan, rows: &[Row]) -> String {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            format!(
                "    {{\"journal\": \"{}\", \"plain_per_second\": {}, \"runtime_per_second\": {}, \"percent\": {}, \
                 \"ack_p50_ns\": {}, \"ack_p99_ns\": {}, \"commands_per_commit\": {}, \"bytes_per_command\": {}, \
                 \"sold_of_1000\": {}}}",
                row.keeps.name(),
                row.plain_per_second,
                row.runtime_per_second,
                row.percent,
                row.ack_p50.as_nanos(),
                row.ack_p99.as_nanos(),
                row.commands_per_commit,
                row.bytes_per_command,
                row.sold_of_1000,
            )
        })
        .collect();
    format!(
        "{{\n  \"profiles\": {}, \"in_flight\": {}, \"slices\": {},\n  \"rows\": [\n{}\n  ]\n}}\n",
        plan.profiles,
        plan.in_flight,
        plan.slices,
        rows.join(",\n"),
    )
}

fn millis(time: Duration) -> String {
    let micros = time.as_micros();
    format!("{}.{:02} ms", micros / 1_000, micros % 1_000 / 10)
}
