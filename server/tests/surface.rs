//! The surface table: what it says of QUIC is what the protocol has, and `docs/surface.md` is the table.
//! `DCE_WRITE_SURFACE=1 cargo test -p dce-server --test surface` writes the page.
#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use dce_protocol::layout;
use dce_server::identity::Action;
use dce_server::surface::{Cell, Front, WANTED, row};

#[test]
fn every_frame_that_asks_stands_in_the_table_and_the_table_names_no_other() {
    // The session's own frames ask nothing; a batch is asked for as one of its bids.
    let without = ["Hello", "Heartbeat", "Goodbye", "SetBids"];
    let asked = layout::up().iter().map(|frame| frame.name).filter(|name| !without.contains(name));
    let asked: BTreeSet<&str> = asked.collect();
    let named = Action::ALL.iter().filter_map(|action| match row(*action)[Front::Quic as usize] {
        Cell::Frame(name) => Some(name),
        _ => None,
    });
    assert_eq!(asked, named.collect());
}

#[test]
fn no_front_is_said_to_be_both_there_and_to_come() {
    for front in Front::ALL {
        let cells: Vec<Cell> = Action::ALL.iter().map(|action| row(*action)[front as usize]).collect();
        let is_built = cells.iter().any(|cell| matches!(cell, Cell::Frame(_) | Cell::Routes(_)));
        let whole = format!("the {} front is not built yet", front.name());
        let is_to_come = cells.iter().any(|cell| matches!(cell, Cell::Later(why) if *why == whole));
        assert!(is_built != is_to_come, "{}", front.name());
    }
}

#[test]
fn the_page_is_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/surface.md");
    let page = page();
    if std::env::var_os("DCE_WRITE_SURFACE").is_some() {
        std::fs::write(&path, page).unwrap();
        return;
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == page,
        "docs/surface.md is not what the table says; commit what \
         `DCE_WRITE_SURFACE=1 cargo test -p dce-server --test surface` makes"
    );
}

fn page() -> String {
    let mut page = String::from(
        "# The surface\n\n\
         Every command and query of the exchange, and by which front it can be asked. Generated from `server/src/surface`:\n\
         change it there, and `DCE_WRITE_SURFACE=1 cargo test -p dce-server --test surface` writes this page. A command\n\
         without a row, and a cell without a way in or a reason, do not compile. Paths lie below `/api/v1`. Who may ask is\n\
         the permission table of `server/src/identity/roles.rs`.\n\n",
    );
    let mut reasons: Vec<(&str, &str)> = Vec::new();
    let heads = Front::ALL.map(Front::name).join(" | ");
    writeln!(page, "| | {heads} |\n|---|{}", "---|".repeat(Front::ALL.len())).unwrap();
    for action in Action::ALL {
        write!(page, "| `{}` |", action.name()).unwrap();
        for cell in row(*action) {
            write!(page, " {} |", text(cell, &mut reasons)).unwrap();
        }
        page.push('\n');
    }
    page.push_str("\n## Why not\n\n");
    for (number, (kind, why)) in reasons.iter().enumerate() {
        writeln!(page, "{}. {kind}: {why}.", number + 1).unwrap();
    }
    if !WANTED.is_empty() {
        page.push_str("\n## Asked of REST, and not there\n\n| request | why not |\n|---|---|\n");
        for (wanted, why) in WANTED {
            writeln!(page, "| `{wanted}` | {why} |").unwrap();
        }
    }
    page
}

fn text(cell: Cell, reasons: &mut Vec<(&'static str, &'static str)>) -> String {
    let mut noted = |kind, why| {
        let known = reasons.iter().position(|known| *known == (kind, why));
        let place = known.unwrap_or_else(|| {
            reasons.push((kind, why));
            reasons.len() - 1
        });
        format!("{} ({})", if kind == "Later" { "later" } else { "–" }, place + 1)
    };
    match cell {
        Cell::Frame(name) => format!("`{name}`"),
        Cell::Routes(routes) => routes.iter().map(|route| format!("`{route}`")).collect::<Vec<_>>().join("<br>"),
        Cell::Later(why) => noted("Later", why),
        Cell::Never(why) => noted("Never", why),
    }
}
