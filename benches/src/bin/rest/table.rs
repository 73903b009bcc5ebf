//! What was found, for people and for programs.

use crate::contest::Row;

pub(crate) fn as_text(rows: &[Row]) -> String {
    let mut text = String::from(
        "| journal | connections | offers/s | echo/s | of the echo's | p50 | echo p50 | times the echo's | p99 | echo p99 | within, p50 | journal, p50 |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in rows {
        let micros = |nanos: u64| format!("{}.{} µs", nanos / 1_000, nanos % 1_000 / 100);
        text += &format!(
            "| `{}` | {} | {} | {} | {} % | {} | {} | {}.{:02} | {} | {} | {} | {} |\n",
            row.durability,
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
            micros(row.within.p50),
            micros(row.journal_p50),
        );
    }
    text
}

pub(crate) fn as_json(rows: &[Row]) -> String {
    let row = |row: &Row| {
        format!(
            "{{\"durability\":\"{}\",\"in_flight\":{},\"rate\":{},\"echo_rate\":{},\"rate_ratio_percent\":{},\"p50_ns\":{},\
             \"echo_p50_ns\":{},\"p50_ratio_percent\":{},\"p99_ns\":{},\"echo_p99_ns\":{},\"within_p50_ns\":{},\
             \"journal_p50_ns\":{}}}",
            row.durability,
            row.in_flight,
            row.ours.rate,
            row.echo.rate,
            row.rate_ratio_percent,
            row.ours.p50,
            row.echo.p50,
            row.p50_ratio_percent,
            row.ours.p99,
            row.echo.p99,
            row.within.p50,
            row.journal_p50
        )
    };
    format!("{{\"rows\":[{}]}}\n", rows.iter().map(row).collect::<Vec<_>>().join(","))
}
