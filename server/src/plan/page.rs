//! `docs/plan.md` shows the table of keys, and plans that check.

use std::fmt::Write as _;

use dce_engine::Limits;

use super::{SECTIONS, check};

fn page() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/plan.md")).expect("docs/plan.md")
}

/// The tables of the page, from the keys. Keys that must be there are bold.
fn tables() -> String {
    let mut tables = String::new();
    for section in SECTIONS {
        let _ =
            writeln!(tables, "### {}\n\nAt `{}`:\n\n| key | takes | says |\n|---|---|---|", section.name, section.at);
        for key in section.keys {
            let name = if key.required { format!("**`{}`**", key.name) } else { format!("`{}`", key.name) };
            let _ = writeln!(tables, "| {name} | {} | {} |", key.takes, key.about);
        }
        tables.push('\n');
    }
    tables
}

#[test]
fn every_key_stands_on_the_page_as_the_code_has_it() {
    const MARKS: [&str; 2] = ["<!-- keys -->\n\n", "<!-- /keys -->"];
    let page = page();
    let (_, rest) = page.split_once(MARKS[0]).expect("the page has the mark of the tables' beginning");
    let (shown, _) = rest.split_once(MARKS[1]).expect("and of their end");
    assert!(shown == tables(), "docs/plan.md should show between its marks:\n\n{}", tables());
}

#[test]
fn every_plan_on_the_page_checks() {
    let page = page();
    let blocks: Vec<&str> =
        page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap_or("")).collect();
    assert!(blocks.len() >= 4, "{} blocks", blocks.len());
    for block in blocks {
        // A block without the first line continues a plan of nothing else.
        let plan = if block.starts_with("plan: 1") { block.to_owned() } else { format!("plan: 1\n{block}") };
        if let Err(mistakes) = check(plan.as_bytes(), Limits::small()) {
            panic!("{mistakes:#?} in\n{plan}");
        }
    }
}
