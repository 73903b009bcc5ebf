//! What `docs/journal.md` says of records is so: somebody may be reading a log by it.

use crate::golden::{GOLDEN, bytes};

const PAGE: &str = include_str!("../../../docs/journal.md");
const HEADER: usize = 6;

#[test]
fn the_page_knows_every_kind_by_its_code_name_and_length() {
    for kept in GOLDEN.lines() {
        let (name, rest) = kept.split_once(' ').expect("a name");
        let record = bytes(rest.split(' ').next().expect("bytes"));
        let row = format!("| {} | {name} | ", record[1]);
        let said =
            PAGE.lines().find_map(|line| line.strip_prefix(&row)).unwrap_or_else(|| panic!("no row begins {row}"));
        let length = said.split(" | ").next().expect("a length");
        let (fixed, lists) = length.split_once(" + ").map_or((length, None), |(fixed, lists)| (fixed, Some(lists)));
        let fixed: usize = fixed.parse().expect("a number of bytes");
        let body = record.len() - HEADER;
        let steps = lists
            .into_iter()
            .flat_map(|lists| lists.split(", "))
            .map(|list| list.split(' ').next().and_then(|step| step.parse::<usize>().ok()).expect("bytes an element"));
        let reached =
            steps.fold(vec![fixed], |from, step| from.iter().flat_map(|start| (*start..=body).step_by(step)).collect());
        assert!(reached.contains(&body), "{name}: a body of {body} bytes, and the page says {length}");
    }
}

#[test]
fn the_bid_of_the_page_is_a_golden_one() {
    let example = PAGE.split("```text\n").find(|block| block.starts_with("01 47")).expect("the block with the bid");
    let fields = example.split("```").next().expect("a block ends");
    // Two blanks end a line's bytes.
    let hex: String =
        fields.lines().filter_map(|line| line.split("  ").next()).flat_map(str::split_whitespace).collect();
    let first = GOLDEN.lines().find_map(|line| line.strip_prefix("PlaceBid ")).expect("a bid");
    assert_eq!(Some(hex.as_str()), first.split(' ').next());
}
