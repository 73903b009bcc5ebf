//! The house rules, as tests: each reads the repository's own files and names the file, the line and the rule.
//!
//! A rule is here only when plain text decides it; what needs types is a lint (`clippy.toml`, `[workspace.lints]`).

#[path = "tidy/code.rs"]
mod code;
#[path = "tidy/files.rs"]
mod files;
#[path = "tidy/links.rs"]
mod links;

use code::{
    calls_macro, code_of, has_word, imports_from_above, imports_from_the_crate, line_of, numbered, variant_with_code,
};
use files::{files, root, rust_files};
use links::follow_links;
use std::fs;

/// Where our Rust lives.
const RUST_FOLDERS: [&str; 6] = ["engine", "persistence", "server", "tests", "benches", "fuzz"];

/// Above this a file is asking to be two.
const LINES_MAX: usize = 600;

/// What may be longer: the lists of frames, from each of which a macro makes one enum, and half a list is no list.
const ONE_LIST: [&str; 2] = ["server/protocol/src/event.rs", "server/protocol/src/up.rs"];

/// The rooms of the engine. They do not import one another; a command's file walks through them.
const ROOMS: [&str; 18] = [
    "accounts",
    "movements",
    "listings",
    "profiles",
    "targeting",
    "caps",
    "delivery",
    "schedule",
    "schema",
    "sessions",
    "auctions",
    "calls",
    "ledger",
    "conjunctions",
    "modifiers",
    "deals",
    "quotes",
    "wants",
];

/// What every room may import from the crate, beside itself.
const SHARED_BY_ROOMS: [&str; 9] =
    ["collections", "ids", "units", "terms", "limits", "reason", "reject", "event", "list"];

/// Top-level modules that walk through rooms, and so must not be reached from inside one.
const ABOVE_ROOMS: [&str; 4] = ["commands", "routing", "settlement", "exchange"];

/// Exceptions to the rule about rooms, each with its reason: (room, what it may import besides, why).
const ROOM_EXCEPTIONS: [(&str, &str, &str); 2] = [
    ("profiles", "caps", "a profile's counts lie in its record, so that a decision reads them with the bid"),
    ("targeting", "schema", "which line a value has, and what a value set holds, is the schema's to say"),
];

/// The one room of the engine that may have unsafe code: its file and its folder.
const KERNELS: &str = "engine/src/targeting/kernels";

/// Files in which a path that leads out of the repository has a purpose.
const MAY_LOOK_OUTSIDE: [&str; 1] = [".ci/run"];

#[test]
fn every_rust_file_opens_with_its_purpose() {
    let mut offences = Vec::new();
    for file in rust_files(&RUST_FOLDERS) {
        let first = file.text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
        if !first.starts_with("//!") {
            offences.push(format!("{}:1: the first line must be a `//!` module doc", file.name));
        }
    }
    report(&offences);
}

#[test]
fn no_rust_file_is_longer_than_six_hundred_lines() {
    let mut offences = Vec::new();
    for file in rust_files(&["engine", "persistence", "server", "tests", "benches"]) {
        let lines = file.text.lines().count();
        if lines > LINES_MAX && !ONE_LIST.contains(&file.name.as_str()) {
            offences.push(format!("{}: {lines} lines; at most {LINES_MAX}: it is asking to be two", file.name));
        }
    }
    report(&offences);
}

#[test]
fn nothing_is_left_for_later() {
    // Built from halves, so that this file does not find itself.
    let notes = [concat!("FIX", "ME"), concat!("XX", "X")];
    let macros = ["todo", "unimplemented", "dbg"];
    let mut offences = Vec::new();
    for file in rust_files(&RUST_FOLDERS) {
        for (number, line) in numbered(&file.text) {
            for note in notes.iter().filter(|note| has_word(line, note)) {
                offences.push(format!("{}:{number}: `{note}`: finish it or write down a decision", file.name));
            }
        }
        for (number, line) in numbered(&code_of(&file.text)) {
            for name in macros.iter().filter(|name| calls_macro(line, name)) {
                offences.push(format!("{}:{number}: `{name}!` does not belong in a commit", file.name));
            }
        }
    }
    report(&offences);
}

#[test]
fn a_lint_is_expected_with_a_reason_and_never_just_allowed() {
    let mut offences = Vec::new();
    for file in rust_files(&RUST_FOLDERS) {
        let code = code_of(&file.text);
        for (start, _) in code.match_indices("#[allow(") {
            let number = line_of(&code, start);
            offences.push(format!("{}:{number}: write `#[expect(lint, reason = \"…\")]`", file.name));
        }
        for (start, _) in code.match_indices("#![allow(") {
            let attribute = code[start..].split(']').next().unwrap_or("");
            if !has_word(attribute, "reason") {
                let number = line_of(&code, start);
                offences.push(format!("{}:{number}: `#![allow(…)]` without a `reason`", file.name));
            }
        }
    }
    report(&offences);
}

#[test]
fn the_engine_knows_no_floats() {
    let mut offences = Vec::new();
    for file in rust_files(&["engine/src"]) {
        for (number, line) in numbered(&code_of(&file.text)) {
            for float in ["f32", "f64"].iter().filter(|float| has_word(line, float)) {
                let rule = "floats round differently in different code; use integers";
                offences.push(format!("{}:{number}: `{float}`: {rule}", file.name));
            }
        }
    }
    report(&offences);
}

#[test]
fn the_engine_has_unsafe_code_in_its_kernels_only() {
    let mut offences = Vec::new();
    let mut denied = false;
    for file in rust_files(&["engine/src"]) {
        let is_kernel = file.name.starts_with(KERNELS);
        let code = code_of(&file.text);
        let argued = |number: usize| {
            let before = file.text.lines().take(number - 1).collect::<Vec<_>>();
            let above = before.iter().rev().take_while(|line| line.trim_start().starts_with("//"));
            above.into_iter().any(|line| line.contains("// SAFETY: "))
        };
        for (number, line) in numbered(&code) {
            denied |= line.contains("#![deny(unsafe_code)]");
            if !is_kernel && has_word(line, "unsafe") {
                offences.push(format!("{}:{number}: `unsafe` outside of `{KERNELS}`", file.name));
            }
            if is_kernel && line.contains("unsafe {") && !argued(number) {
                offences
                    .push(format!("{}:{number}: an `unsafe` block without its argument: `// SAFETY: …`", file.name));
            }
            let forbids = line.contains("deny(unsafe_code)") || line.contains("forbid(unsafe_code)");
            if !is_kernel && has_word(line, "unsafe_code") && !forbids {
                offences.push(format!("{}:{number}: `unsafe_code` may only be denied or forbidden", file.name));
            }
        }
    }
    if !denied {
        offences.push(String::from("engine/src/lib.rs: `#![deny(unsafe_code)]` is missing"));
    }
    report(&offences);
}

#[test]
fn rooms_do_not_import_one_another() {
    let mut offences = Vec::new();
    for file in rust_files(&["engine/src"]) {
        let Some(room) = room_of(&file.name) else { continue };
        let code = code_of(&file.text);
        for (number, name) in imports_from_the_crate(&code) {
            if name != room && !SHARED_BY_ROOMS.contains(&name.as_str()) && !is_excepted(room, &name) {
                let rule = format!("room `{room}` may not reach for `crate::{name}`");
                offences.push(format!("{}:{number}: {rule}; a command's file walks through rooms", file.name));
            }
        }
        for (number, name) in imports_from_above(&code) {
            let foreign = ROOMS.contains(&name.as_str()) || ABOVE_ROOMS.contains(&name.as_str());
            if name != room && foreign && !is_excepted(room, &name) {
                offences.push(format!("{}:{number}: room `{room}` may not reach for `{name}`", file.name));
            }
        }
    }
    report(&offences);
}

#[test]
fn the_repository_stands_alone() {
    // Built from halves, so that this file does not find itself.
    let neighbour = concat!("../", "shared");
    let absolute = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    // `example.org/home/` is an address, not a place on this machine.
    let starts_a_path = |line: &str, path: &str| {
        let before = |c: char| c.is_alphanumeric() || "._-}".contains(c);
        line.match_indices(path).any(|(start, _)| !line[..start].ends_with(before))
    };
    let mut offences = Vec::new();
    for file in files(&root(), |_| true) {
        if MAY_LOOK_OUTSIDE.contains(&file.name.as_str()) {
            continue;
        }
        for (number, line) in numbered(&file.text) {
            if line.contains(neighbour) || absolute.iter().any(|path| starts_a_path(line, path)) {
                offences.push(format!("{}:{number}: a path that leads out of the repository", file.name));
            }
        }
    }
    report(&offences);
}

#[test]
fn every_page_is_reached_from_the_readme() {
    let (reached, _) = follow_links();
    let mut offences = Vec::new();
    for file in files(&root().join("docs"), |name| name.ends_with(".md")) {
        if !reached.contains(&root().join(&file.name)) {
            offences.push(format!("{}: no link leads here from README.md or docs/README.md", file.name));
        }
    }
    report(&offences);
}

#[test]
fn every_link_leads_somewhere() {
    let (_, broken) = follow_links();
    report(&broken);
}

#[test]
fn every_reject_and_every_reason_says_what_it_means() {
    let mut offences = Vec::new();
    for name in ["engine/src/reject.rs", "engine/src/reason.rs"] {
        let text = fs::read_to_string(root().join(name)).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let mut variants = 0;
        for (at, line) in lines.iter().enumerate() {
            let Some(variant) = variant_with_code(line) else {
                continue;
            };
            variants += 1;
            let above = lines[..at].iter().rev().find(|line| !line.trim_start().starts_with("#["));
            if !above.is_some_and(|line| line.trim_start().starts_with("///")) {
                offences.push(format!("{name}:{}: `{variant}` has no doc comment", at + 1));
            }
        }
        if variants == 0 {
            offences.push(format!("{name}: no line of the form `Name = code` was found"));
        }
    }
    report(&offences);
}

#[test]
fn make_test_is_the_command_of_the_readme() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap_or_default();
    let recipe = makefile.lines().skip_while(|line| !line.starts_with("test:")).nth(1).unwrap_or("").trim();
    let readme = fs::read_to_string(root().join("README.md")).unwrap_or_default();
    if recipe.is_empty() || !readme.lines().any(|line| line.trim() == recipe) {
        report(&[format!("Makefile: `make test` runs `{recipe}`, which is no line of README.md")]);
    }
}

#[test]
fn the_reader_of_code_is_not_fooled_by_comments_and_text() {
    let text = "a /* f64 /* nested */ */ b // unsafe\n\"f64 \\\" //\" 'x' '\\'' r#\"a \" f32\"# <'a> c";
    let code = code_of(text);
    assert_eq!(code.lines().count(), 2);
    for hidden in ["f64", "f32", "unsafe", "nested", "x"] {
        assert!(!has_word(&code, hidden), "`{hidden}` is not code in: {code}");
    }
    for kept in ["a", "b", "c"] {
        assert!(has_word(&code, kept), "`{kept}` is code in: {code}");
    }
    let found = imports_from_the_crate("use crate::{caps::{A, B}, ids};\nlet x = crate::calls::f();");
    let found: Vec<(usize, &str)> = found.iter().map(|(number, name)| (*number, name.as_str())).collect();
    assert_eq!(found, [(1, "caps"), (1, "ids"), (2, "calls")]);
}

/// Fails with all offences at once, so that one run shows the whole list.
fn report(offences: &[String]) {
    assert!(offences.is_empty(), "{} against the house rules:\n  {}", offences.len(), offences.join("\n  "));
}

/// The room a file of the engine belongs to.
fn room_of(name: &str) -> Option<&'static str> {
    let inside = name.strip_prefix("engine/src/")?;
    ROOMS.into_iter().find(|room| inside.strip_prefix(room).is_some_and(|rest| rest == ".rs" || rest.starts_with('/')))
}

fn is_excepted(room: &str, name: &str) -> bool {
    ROOM_EXCEPTIONS.iter().any(|(from, to, _)| *from == room && *to == name)
}
