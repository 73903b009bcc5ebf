//! The tables of `docs/market.md`, and its picture, are made from the code: no rule without its line, no line without its
//! rule. `DCE_WRITE_MARKET=1 cargo test -p dce-tests --test market_page` writes them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use dce_engine::prelude::*;
use dce_engine::reason::Stage;

const BEGIN: &str = "<!-- made from the code: ";
const END: &str = "<!-- end -->";

#[test]
fn the_tables_of_the_page_are_those_of_the_code() {
    let page = std::fs::read_to_string(path("docs/market.md")).expect("the page is part of the repository");
    let (mut made, mut rest, mut blocks) = (String::new(), page.as_str(), 0);
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after.split_once(" -->\n").expect("a block has a name");
        let (_, after) = after.split_once(END).expect("a block has an end");
        let _ = write!(made, "{before}{BEGIN}{name} -->\n{}\n{END}", block(name));
        (rest, blocks) = (after, blocks + 1);
    }
    made.push_str(rest);
    assert_eq!(blocks, Stage::ALL.len() + 1, "every block is there");
    kept("docs/market.md", &made);
}

#[test]
fn the_picture_of_the_page_is_that_of_the_code() {
    kept("docs/images/decision.svg", &picture());
}

fn path(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(of)
}

/// A file of the repository that is made from the code: it must be `made`, or is written when that is asked for.
fn kept(name: &str, made: &str) {
    if std::env::var_os("DCE_WRITE_MARKET").is_some() {
        std::fs::write(path(name), made).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(path(name)).unwrap_or_default();
    assert!(
        kept == made,
        "{name} differs from the code; look at the difference that \
         `DCE_WRITE_MARKET=1 cargo test -p dce-tests --test market_page` makes, for it changes the rules"
    );
}

fn block(name: &str) -> String {
    if name == "refusals" {
        return refusals();
    }
    let stage = Stage::ALL.iter().find(|stage| format!("{stage:?}").to_lowercase() == name);
    reasons(*stage.unwrap_or_else(|| panic!("there is no block `{name}`")))
}

/// The reasons of a stage, in the order in which the rules are asked.
fn reasons(stage: Stage) -> String {
    let mut table = String::from("\n| rule | code | reason | it says |\n|--:|--:|---|---|\n");
    for rule in Reason::IN_ORDER.iter().filter(|rule| rule.stage == stage) {
        let (code, reason, text) = (rule.reason.code(), rule.reason, rule.reason.text());
        let _ = writeln!(table, "| {} | {code} | `{reason:?}` | {text} |", rule.section);
    }
    table
}

fn refusals() -> String {
    let mut table = String::from("\n| code | refusal | it says |\n|--:|---|---|\n");
    for reject in Reject::ALL {
        let _ = writeln!(table, "| {} | `{reject:?}` | {} |", reject.code(), reject.text());
    }
    table
}

const WIDTH: usize = 860;
const LINE: usize = 17;
const HEAD: usize = 30;
const GAP: usize = 22;
/// Names in a row of the picture.
const COLUMNS: usize = 3;

/// The way of a call: a box for each stage, its rules in order, narrower where fewer candidates are left.
fn picture() -> String {
    let rows = |stage: Stage| Reason::IN_ORDER.iter().filter(|rule| rule.stage == stage).count().div_ceil(COLUMNS);
    let height: usize = Stage::ALL.iter().map(|stage| HEAD + rows(*stage) * LINE + 12 + GAP).sum();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"monospace\" \
         font-size=\"11\" role=\"img\">\n<title>The rules of a decision, in the order in which they are asked</title>\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    let mut top = 0;
    for stage in Stage::ALL {
        let tall = HEAD + rows(*stage) * LINE + 12;
        let _ = writeln!(
            svg,
            "<rect x=\"10\" y=\"{}\" width=\"{}\" height=\"{tall}\" rx=\"8\" fill=\"#eef3f8\" stroke=\"#3b5b7a\"/>\n\
             <text x=\"24\" y=\"{}\" font-size=\"13\" font-weight=\"bold\" fill=\"#1d3347\">{stage:?}: {}</text>",
            top + 5,
            WIDTH - 20,
            top + 25,
            stage.text()
        );
        let rules = Reason::IN_ORDER.iter().filter(|rule| rule.stage == *stage);
        for (place, rule) in rules.enumerate() {
            let (x, y) = (24 + place % COLUMNS * (WIDTH - 30) / COLUMNS, top + HEAD + 15 + place / COLUMNS * LINE);
            let (code, reason) = (rule.reason.code(), rule.reason);
            let _ = writeln!(
                svg,
                "<text x=\"{x}\" y=\"{y}\" fill=\"#1d3347\">{:>4} {code} {reason:?}</text>",
                rule.section
            );
        }
        top += tall + GAP;
        if *stage != Stage::End {
            let middle = WIDTH / 2;
            let _ = writeln!(
                svg,
                "<path d=\"M{middle} {} v10 m-5 -5 l5 6 l5 -6\" fill=\"none\" stroke=\"#3b5b7a\" stroke-width=\"1.5\"/>",
                top - GAP + 7
            );
        }
    }
    svg + "</svg>\n"
}
