//! The findings for people and for programs.

use std::fmt::Write as _;

use dce_benches::samples::{Cost, Jitter, rate, time, times};

use crate::contest::Findings;

/// A table with a few sentences on how to read it.
pub(crate) fn text(rows: &[(&str, Findings)], jitter: &Jitter) -> String {
    let mut out = String::from(
        "| world | fit a call | decisions/s | p50 | p99 | allocations | naive scan p50 / p99 | ratio | sorted scan p50 / p99 | ratio |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for (name, row) in rows {
        let fit = format!("{}.{}", row.matches_of_100_calls / 100, row.matches_of_100_calls / 10 % 10);
        let _ = writeln!(
            out,
            "| {name} | {fit} | {} | {} | {} | {} | {} / {} | {} | {} / {} | {} |",
            rate(row.engine.mean),
            time(row.engine.p50),
            time(row.engine.p99),
            row.allocations,
            time(row.naive.p50),
            time(row.naive.p99),
            ratio(row.naive.mean, row.engine.mean),
            time(row.sorted.p50),
            time(row.sorted.p99),
            ratio(row.sorted.mean, row.engine.mean),
        );
    }
    let identical: usize = rows.iter().map(|(_, row)| row.identical_calls).sum();
    let _ = write!(
        out,
        "\nA decision is a whole `OfferCall` of twenty facts: match, caps, balances, price, hold, route, losers told. The\n\
         rivals only find winner and price. Ratios are of mean times. Engine and rivals found the same winner at the same\n\
         price for all {identical} calls of this run. The machine: {}.{} % of time lost to others, longest gap {} µs.\n",
        jitter.lost_of_1000 / 10,
        jitter.lost_of_1000 % 10,
        jitter.longest_gap_micros,
    );
    out
}

/// One object; times in nanoseconds.
pub(crate) fn json(rows: &[(&str, Findings)], jitter: &Jitter) -> String {
    let worlds: Vec<String> = rows
        .iter()
        .map(|(name, row)| {
            format!(
                "    {{\"world\": \"{name}\", \"decisions\": {}, \"allocations\": {}, \"identical_calls\": {}, \
                 \"matches_of_100_calls\": {}, \"sold_of_1000\": {}, \"engine\": {}, \"naive_scan\": {}, \"sorted_scan\": {}}}",
                row.decisions,
                row.allocations,
                row.identical_calls,
                row.matches_of_100_calls,
                row.sold_of_1000,
                cost(&row.engine),
                cost(&row.naive),
                cost(&row.sorted),
            )
        })
        .collect();
    format!(
        "{{\n  \"worlds\": [\n{}\n  ],\n  \"jitter\": {{\"lost_of_1000\": {}, \"longest_gap_us\": {}}}\n}}\n",
        worlds.join(",\n"),
        jitter.lost_of_1000,
        jitter.longest_gap_micros,
    )
}

fn cost(cost: &Cost) -> String {
    let nanos = |picos: u64| format!("{}.{:03}", picos / 1_000, picos % 1_000);
    format!("{{\"mean_ns\": {}, \"p50_ns\": {}, \"p99_ns\": {}}}", nanos(cost.mean), nanos(cost.p50), nanos(cost.p99))
}

/// How many times as long.
fn ratio(theirs: u64, ours: u64) -> String {
    times(theirs * 100 / ours.max(1))
}
