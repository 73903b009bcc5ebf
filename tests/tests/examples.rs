//! The examples do what their pages say, and the README's five lines are lines of one of them.

use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests live in the repository")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Runs an example of the engine; what it prints if it succeeds, else what it complains of.
fn run(example: &str, arguments: &[&str]) -> Result<String, String> {
    let cargo = ["run", "--quiet", "--profile", "ci", "-p", "dce-engine", "--example", example, "--"];
    let output = Command::new(env!("CARGO")).current_dir(root()).args(cargo).args(arguments).output();
    let output = output.expect("cargo runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("programs print text");
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[test]
fn the_readme_shows_lines_of_the_auction_example() {
    let (readme, example) = (read("README.md"), read("engine/examples/auction.rs"));
    let block = readme.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block of Rust");
    let mut rest = example.as_str();
    for line in block.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let place = rest.find(line).unwrap_or_else(|| panic!("not in the example, or not in this order: {line}"));
        rest = &rest[place + line.len()..];
    }
}

#[test]
fn the_auction_example_sells_holds_explains_and_pays() {
    let told = run("auction", &[]).expect("the example runs");
    for line in [
        "  sold to Acme for 32.50; the seller is promised 26.00",
        "  Cube lost: the call does not meet the profile's targeting",
        "  paid 26.00 by platform to Web",
    ] {
        assert!(told.lines().any(|told| told == line), "{line:?} is missing from:\n{told}");
    }
}

#[test]
fn the_replay_plays_a_file_and_names_what_is_wrong_with_it() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let good = folder.join("three.txt");
    // Worth of a click: 19,689,072 / 1,386 = 14,205; times the rates: 30, 14, 0. A tie is the strategy's.
    std::fs::write(&good, "1 30 0.0021143\n0 70 0.0010\n0 0 0.00001\n").expect("a file can be written");
    let told = run("rtb_replay_core", &[good.to_str().expect("a path of text")]).expect("the replay runs");
    assert!(told.starts_with("auctions=3 won=1 clicks=1 cost=30\n"), "{told}");

    let bad = folder.join("bad.txt");
    std::fs::write(&bad, "1 30 0.0021143\n0 seventy 0.0010\n").expect("a file can be written");
    let complaint = run("rtb_replay_core", &[bad.to_str().expect("a path of text")]).expect_err("a word is no price");
    assert!(complaint.contains("line 2: the market price is a whole number"), "{complaint}");
    let complaint = run("rtb_replay_core", &["--episode", "0", "x"]).expect_err("an episode of nothing");
    assert!(complaint.contains("at least 1"), "{complaint}");
}
