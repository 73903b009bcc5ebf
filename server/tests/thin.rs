//! Thin is tested: the server translates and hands on. It adds no money, compares no bid, reads no cap.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what fails in them fails the test")]

use std::fs;
use std::path::{Path, PathBuf};

/// Files in which the words of money and caps stand, because they change them from one layout to another.
const TRANSLATORS: [&str; 14] = [
    "catalog/fold.rs",
    "catalog/rows.rs",
    "fronts/quic/commands.rs",
    "fronts/quic/events.rs",
    "fronts/quic/query.rs",
    "fronts/rest/amount.rs",
    "fronts/rest/resources/accounts.rs",
    "fronts/rest/resources/calls/sketch.rs",
    "fronts/rest/resources/explain.rs",
    "fronts/rest/resources/listings.rs",
    "fronts/rest/resources/movements.rs",
    "fronts/rest/resources/statements.rs",
    "fronts/rest/told.rs",
    "metrics/page.rs",
];
/// What a translator may do with an amount: take it from a layout or put it into one.
const MAY: [&str; 3] = ["Money::from_micros", ".micros()", "Money::ZERO"];
/// Tools, plans and the demonstration are clients, readers of the log, and askers of an exchange of their own; they decide
/// nothing.
const NOT_THE_SERVER: [&str; 8] =
    ["demo", "demo.rs", "plan", "plan.rs", "terminal", "terminal.rs", "tools", "tools.rs"];
/// Words of the decision that no front has a use for.
const NEVER: [&str; 12] = [
    "checked_add",
    "checked_sub",
    "is_amount",
    ".share(",
    "price_min",
    "AMOUNT_MAX",
    "caps.",
    "calls_live",
    "calls_day",
    "calls_hour",
    "spent_today",
    "daily_budget <",
];

/// The server's own sources with their tests cut off.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            if NOT_THE_SERVER.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap();
                let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
                found.push((name, code.map(|line| format!("{line}\n")).collect()));
            }
        }
    }
    assert!(found.len() > 30, "the sources are found");
    found
}

#[test]
fn only_translators_speak_of_money_and_they_do_not_reckon() {
    for (name, code) in sources() {
        for (number, line) in code.lines().enumerate() {
            if !line.contains("Money") && !line.contains("micros()") {
                continue;
            }
            // Times are counted in microseconds as well.
            let of_time = line.contains("Timestamp")
                || line.contains("now_micros()")
                || line.contains("as_micros()")
                || line.contains("at.micros()")
                || line.contains("_at.micros()");
            let carried = line.contains("use ") || line.contains("Option<Money>") || line.contains("until.micros()");
            if of_time || carried {
                continue;
            }
            assert!(TRANSLATORS.contains(&name.as_str()), "{name}: {}: {line}", number + 1);
            let mut rest = line.to_owned();
            for allowed in MAY {
                rest = rest.replace(allowed, "");
            }
            let reckons = [" + ", " - ", " * ", " / ", " < ", " > ", " <= ", " >= ", "+=", "-="];
            assert!(!reckons.iter().any(|sign| rest.contains(sign)), "{name}: {}: {line}", number + 1);
        }
    }
}

#[test]
fn no_front_uses_the_words_of_the_decision() {
    for (name, code) in sources() {
        for word in NEVER {
            // Spreading the fields of a profile over the engine's struct is a translation.
            let translates = |line: &str| line.trim_start().starts_with("caps: ") || line.contains("calls_live_max");
            let uses = code.lines().filter(|line| line.contains(word) && !translates(line));
            assert_eq!(uses.count(), 0, "{name} says `{word}`");
        }
    }
}

#[test]
fn what_decides_an_outcome_is_reached_through_the_runtime_only() {
    // The exchange itself is seen at the start, when the log is replayed and the history's balances are held to it, and where
    // a decision is explained.
    let may_see = ["server/start.rs", "history.rs", "explain.rs", "explain/explainer.rs"];
    for (name, code) in sources() {
        let sees = code.contains("dce_engine::Exchange") || code.contains("exchange::Exchange");
        assert!(!sees || may_see.contains(&name.as_str()), "{name} reaches for the exchange");
        assert!(!code.contains(".apply("), "{name} applies a command by itself");
    }
}
