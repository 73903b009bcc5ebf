//! `dce demo` as its user meets it: one JSON object, and commands that work as they are printed.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs the demo with these words after `--json`; the object, and what was said on stderr.
fn demo(words: &[&str]) -> (Value, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_dce")).args(["demo", "--json"]).args(words).output();
    let output = output.expect("the demo can be started");
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{:?}\n{err}\n{out}", output.status);
    assert_eq!(out.lines().count(), 1, "stdout holds one object and nothing else:\n{out}");
    (serde_json::from_str(&out).expect("stdout is JSON"), err)
}

/// Runs a command as it is printed.
fn shell(command: &str) -> Output {
    Command::new("sh").args(["-c", command]).output().expect("there is a shell")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("programs print text")
}

fn number(object: &Value, name: &str) -> i64 {
    object[name].as_i64().unwrap_or_else(|| panic!("{name} is missing from {object}"))
}

#[test]
fn a_day_adds_up_replays_to_the_same_state_and_every_printed_command_works() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("it's a demo");
    let (day, said) = demo(&["--calls", "300", "--dir", directory.to_str().unwrap()]);

    assert_eq!(number(&day, "calls"), 300);
    let (sold, billed) = (number(&day, "sold"), number(&day, "billed"));
    assert!((150..=300).contains(&sold) && (50..=sold).contains(&billed), "{sold} sold, {billed} billed");
    assert!(number(&day, "buyers") >= 50);
    assert_eq!(number(&day, "ledger_sum"), 0);
    assert_eq!(day["live_digest"], day["replay_digest"]);
    assert_eq!(day["live_digest"].as_str().unwrap().len(), 32);
    assert!(number(&day, "p50_ns") > 0 && number(&day, "p99_ns") >= number(&day, "p50_ns"), "{day}");
    assert!(said.contains("the folder is kept"), "{said}");

    let commands: Vec<&str> = day["try"].as_array().unwrap().iter().map(|command| command.as_str().unwrap()).collect();
    assert!(commands.iter().all(|command| said.contains(command)), "{commands:?} in {said}");
    let told: Vec<String> = commands
        .iter()
        .map(|command| {
            let output = shell(command);
            assert!(output.status.success(), "{command}: {}", text(&output.stderr));
            text(&output.stdout)
        })
        .collect();
    let [sentence, table, verified, replayed] = &told[..] else { panic!("four commands, not {commands:?}") };
    assert_eq!(sentence.trim_end(), day["lost"]["sentence"].as_str().unwrap());
    assert!(table.contains("sold to") && table.contains("won at"), "{table}");
    assert!(verified.contains("whole, sequences 1 to"), "{verified}");
    assert!(replayed.contains(day["live_digest"].as_str().unwrap()) && replayed.contains("OfferCall"), "{replayed}");
    the_counts_add_up_to_all_profiles(commands[1], number(&day, "buyers"));
    half_a_replay_has_half_the_commands(&directory, number(&day, "commands"));
    what_is_not_there_is_said_to_be_missing(&directory);
    damage_is_told_with_its_place(&directory);
}

fn dce(words: &[&str], directory: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dce")).args(words).arg(directory).output().expect("dce can be started")
}

/// The same question with `--counts`: how many each rule stopped, and all of them in the end.
fn the_counts_add_up_to_all_profiles(command: &str, buyers: i64) {
    let output = shell(&format!("{command} --counts"));
    let told = text(&output.stdout);
    assert!(output.status.success(), "{}{told}", text(&output.stderr));
    let counted: Vec<(i64, &str)> = told
        .lines()
        .filter_map(|line| line.trim_start().split_once(' '))
        .filter_map(|(number, what)| Some((number.replace(',', "").parse().ok()?, what.trim())))
        .collect();
    let Some(((all, "profiles"), rules)) = counted.split_last() else { panic!("no sum in {told}") };
    assert_eq!(*all, rules.iter().map(|(number, _)| number).sum::<i64>(), "{told}");
    assert!(*all >= buyers && rules.contains(&(1, "won")), "{told}");
    assert!(rules.iter().any(|(_, what)| what.starts_with("TargetingMismatch: ")), "{told}");
    let both = shell(&format!("{command} --counts --all"));
    assert_eq!(both.status.code(), Some(2), "a count lists nobody");
}

fn half_a_replay_has_half_the_commands(directory: &Path, commands: i64) {
    let half = (commands / 2).to_string();
    let output = dce(&["log", "replay", "--to", &half], directory);
    let told = text(&output.stdout).replace(',', "");
    assert!(output.status.success() && told.contains(&format!("sequence    {half} ")), "{told}");
}

fn what_is_not_there_is_said_to_be_missing(directory: &Path) {
    const NOT_FOUND: Option<i32> = Some(5);
    let output = dce(&["explain", "77", "--dir"], directory);
    assert_eq!(output.status.code(), NOT_FOUND);
    assert!(text(&output.stderr).contains("decides nothing about call 77: check the id"), "{}", text(&output.stderr));
    let output = dce(&["log", "verify"], &directory.join("elsewhere"));
    assert_eq!(output.status.code(), NOT_FOUND);
    assert!(text(&output.stderr).contains("check the path"), "{}", text(&output.stderr));
    assert!(!directory.join("elsewhere").exists(), "asking makes nothing");
}

/// A stretch of the store is overwritten, long enough that something in it was still needed.
fn damage_is_told_with_its_place(directory: &Path) {
    use std::os::unix::fs::FileExt;
    const DAMAGED: Option<i32> = Some(4);
    let store = directory.join("log-000001").join("db");
    let file = std::fs::OpenOptions::new().write(true).open(&store).expect("the store is a file");
    let length = file.metadata().expect("it has a length").len();
    let stretch = vec![0xa5; usize::try_from(length / 8 * 3).expect("it is small")];
    file.write_all_at(&stretch, length / 2).expect("it can be written");
    drop(file);
    let output = dce(&["log", "verify"], directory);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), DAMAGED, "{told}{}", text(&output.stdout));
    assert!(told.contains("generation 1") && told.contains("restore the directory from a copy"), "{told}");
}

#[test]
fn a_folder_with_something_in_it_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine"), "text").unwrap();
    let output = dce(&["demo", "--dir"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("is not empty"), "{}", text(&output.stderr));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
