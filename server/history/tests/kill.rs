//! kill -9 at any moment, and a torn end of the file: the history goes on where it stands, and is what one made anew is.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what fails in them fails the test")]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use common::{fresh, rows, tell};
use dce_engine::ids::Sequence;
use dce_tests::workload::Variant;

/// How often the recorder is killed, unless `DCE_KILL_ROUNDS` says otherwise.
const ROUNDS: u64 = 10;
/// Tells the child where its history is.
const DIR: &str = "DCE_KILL_HISTORY";
const VARIANT: Variant = Variant::Market;
const SEED: u64 = 77;

fn child(folder: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "records_until_it_is_killed", "--test-threads=1"])
        .env(DIR, folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// A number that looks like chance, of each round its own.
fn mixed(round: u64) -> u64 {
    round.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}

/// Opens what was left, and insists that it is what is made anew up to the same place. Answers the place.
fn judge(folder: &Path, round: u64) -> Sequence {
    let (history, recorder) = dce_history::open(folder).unwrap();
    let place = recorder.position();
    let scratch = tempfile::tempdir().unwrap();
    let (anew, _) = fresh(scratch.path(), VARIANT, SEED, place);
    assert!(rows(&history) == rows(&anew), "round {round}: at {place:?} it is not what a rebuild shows");
    place
}

#[test]
fn killed_at_any_moment_it_goes_on_without_a_gap_or_a_double() {
    if std::env::var_os(DIR).is_some() {
        return;
    }
    let rounds = std::env::var("DCE_KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS);
    let dir = tempfile::tempdir().unwrap();
    let (mut folder, mut reached, mut middles) = (dir.path().join("0"), Sequence(0), 0);
    for round in 0..rounds {
        let mut child = child(&folder);
        thread::sleep(Duration::from_millis(20 + mixed(round) % 400));
        child.kill().unwrap();
        let finished = child.wait().unwrap().success();
        let place = judge(&folder, round);
        assert!(place >= reached, "round {round}: {place:?} after {reached:?}");
        middles += u64::from(place > reached && !finished);
        reached = place;
        if finished {
            (folder, reached) = (dir.path().join(round.to_string() + "-anew"), Sequence(0));
        }
    }
    assert!(child(&folder).wait().unwrap().success());
    let whole = judge(&folder, rounds);
    assert!(whole > Sequence(100), "the story is told to its end: {whole:?}");
    assert!(rounds < 10 || middles > 0, "no kill fell into the work");
}

#[test]
fn a_torn_end_of_its_file_takes_it_back_to_an_earlier_place_and_it_goes_on() {
    if std::env::var_os(DIR).is_some() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole");
    drop(fresh(&whole, VARIANT, SEED, Sequence(u64::MAX)));
    for round in 0..4 {
        let torn = dir.path().join(round.to_string());
        fs::create_dir(&torn).unwrap();
        for entry in fs::read_dir(&whole).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), torn.join(entry.file_name())).unwrap();
            }
        }
        let file = fs::File::options().write(true).open(torn.join("db")).unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length - (mixed(round) % (length / 3)).max(1)).unwrap();
        drop(file);
        // What sled cannot read is refused, and made anew; what it can is whole up to its place.
        if dce_history::open(&torn).is_ok() {
            judge(&torn, round);
        }
    }
}

/// The child's part: it does nothing when it is run as a test.
#[test]
fn records_until_it_is_killed() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let (_, mut recorder) = dce_history::open(Path::new(&dir)).unwrap();
    tell(VARIANT, SEED, &mut |place, command, events, _| {
        recorder.fold(place, command, events).unwrap();
        // Batches of all sizes, some of one command.
        if mixed(place.0.0).is_multiple_of(9) {
            recorder.commit().unwrap();
        }
        true
    });
    recorder.commit().unwrap();
    recorder.sync().unwrap();
}
