//! Every figure that the README gives stands in `docs/claims.toml`, with the command that measures it, the commit, the machine
//! and what it said; and nothing stands there that no page says any more.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What is told of each claim.
const KEYS: [&str; 6] = ["page", "about", "command", "commit", "machine", "figures"];

/// What a number is of, where it is a figure.
const UNITS: [&str; 15] =
    ["ns", "µs", "ms", "s", "k/s", "M/s", "GB/s", "k", "M", "%", "×", "bytes", "KiB", "MiB", "instructions"];

#[test]
fn every_figure_of_the_readme_is_claimed() {
    let claims = claims();
    let known: BTreeSet<&str> =
        of_page(&claims, "README.md").flat_map(|claim| &claim.figures).map(String::as_str).collect();
    let mut missing = Vec::new();
    for (number, line) in prose(&page("README.md")) {
        for figure in figures(&line) {
            if !known.contains(figure.as_str()) {
                missing.push(format!("README.md:{number}: `{figure}`"));
            }
        }
    }
    assert!(missing.is_empty(), "not in docs/claims.toml:\n  {}", missing.join("\n  "));
}

#[test]
fn every_claim_says_where_it_is_from_and_is_made() {
    let mut offences = Vec::new();
    for claim in claims() {
        let at = format!("docs/claims.toml:{}", claim.line);
        for (key, value) in KEYS.iter().zip([&claim.page, &claim.about, &claim.command, &claim.commit, &claim.machine])
        {
            if value.is_empty() {
                offences.push(format!("{at}: `{key}` is missing"));
            }
        }
        let said: BTreeSet<String> = prose(&page(&claim.page)).flat_map(|(_, line)| figures(&line)).collect();
        if claim.figures.is_empty() {
            offences.push(format!("{at}: `figures` is missing"));
        }
        for figure in claim.figures.iter().filter(|figure| !said.contains(*figure)) {
            offences.push(format!("{at}: {} does not say `{figure}` any more", claim.page));
        }
    }
    assert!(offences.is_empty(), "claims:\n  {}", offences.join("\n  "));
}

#[test]
fn a_figure_is_a_number_with_a_unit_or_a_cell_of_its_own() {
    let of = |line: &str| figures(line);
    assert_eq!(
        of("**110 k/s, 41 % of plain `apply`, after 2.1 ms (p50)** with 256 offers"),
        ["110 k/s", "41 %", "2.1 ms"]
    );
    assert_eq!(
        of("| 10k-dense | 29.4 | 37.3 µs / 79.9 µs | 0.18 × | 0 |"),
        ["29.4", "37.3 µs", "79.9 µs", "0.18 ×", "0"]
    );
    assert_eq!(of("at 100,000 profiles, rustc 1.95, on 2026-11-22, `--size 5 ms`, a 3rd"), Vec::<String>::new());
}

/// What stands in the file of one figure or several that one run gave.
#[derive(Default)]
struct Claim {
    line: usize,
    page: String,
    about: String,
    command: String,
    commit: String,
    machine: String,
    figures: Vec<String>,
}

/// The claims; of TOML only what the file uses: tables in a list, strings, and lists of strings.
fn claims() -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    let mut list = false;
    for (number, line) in (1..).zip(page("docs/claims.toml").lines()) {
        let line = line.trim();
        let place = format!("docs/claims.toml:{number}");
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line == "[[claim]]" {
            claims.push(Claim { line: number, ..Claim::default() });
        } else {
            let claim = claims.last_mut().unwrap_or_else(|| panic!("{place}: a claim begins with [[claim]]"));
            let (key, value) = match line.split_once(" = ") {
                Some((key, value)) if !list => (key, value),
                _ => ("figures", line),
            };
            let mut strings = value.split('"').skip(1).step_by(2).map(str::to_owned);
            if key == "figures" {
                claim.figures.extend(strings);
                list = !value.ends_with(']');
                continue;
            }
            let value = strings.next().unwrap_or_default();
            match key {
                "page" => claim.page = value,
                "about" => claim.about = value,
                "command" => claim.command = value,
                "commit" => claim.commit = value,
                "machine" => claim.machine = value,
                other => panic!("{place}: `{other}` is none of {KEYS:?}"),
            }
        }
    }
    assert!(!claims.is_empty(), "docs/claims.toml claims nothing");
    claims
}

fn of_page<'c>(claims: &'c [Claim], page: &'static str) -> impl Iterator<Item = &'c Claim> {
    claims.iter().filter(move |claim| claim.page == page)
}

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name))
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The lines outside blocks of code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut in_code = false;
    let lines: Vec<(usize, String)> = (1..)
        .zip(text.lines())
        .filter(|(_, line)| {
            let fence = line.trim_start().starts_with("```");
            in_code ^= fence;
            !(in_code || fence)
        })
        .map(|(number, line)| (number, line.to_owned()))
        .collect();
    lines.into_iter()
}

/// The figures of a line, in order: numbers with a unit, and cells of a table that are a number alone.
fn figures(line: &str) -> Vec<String> {
    if line.trim_start().starts_with('|') {
        return line.split('|').flat_map(cell).collect();
    }
    // What stands between backticks is something to type.
    line.split('`').step_by(2).flat_map(with_units).collect()
}

fn cell(cell: &str) -> Vec<String> {
    let cell = cell.trim();
    let is_number =
        cell.starts_with(|c: char| c.is_ascii_digit()) && cell.chars().all(|c| c.is_ascii_digit() || ",.".contains(c));
    if is_number { vec![cell.to_owned()] } else { with_units(cell) }
}

fn with_units(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split([' ', '(', ')', '*', ';']).filter(|word| !word.is_empty()).collect();
    let number = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_digit())
            && word.chars().all(|c| c.is_ascii_digit() || ",.".contains(c))
            && !word.ends_with(',')
    };
    let pairs = words.windows(2).filter(|pair| number(pair[0]));
    pairs
        .filter_map(|pair| {
            let unit = pair[1].trim_end_matches([',', '.', ':']);
            UNITS.contains(&unit).then(|| format!("{} {unit}", pair[0]))
        })
        .collect()
}
