//! kill -9 at any moment, recovery included: nothing acknowledged is lost, and nothing comes back that was not sent.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use dce_persistence::faults::Planted;
use dce_persistence::faults::drill::process::Drill;

/// How often the writer is killed, unless `DCE_KILL_ROUNDS` says otherwise.
const ROUNDS: u64 = 20;
/// Kills of one log before a new one is made: the making of a log is killed too.
const ROUNDS_OF_A_LOG: u64 = 10;
/// Tells the child where its log is.
const DIR: &str = "DCE_KILL_DIR";

#[test]
fn nothing_acknowledged_is_lost_by_kill_9() {
    if std::env::var_os(DIR).is_some() {
        return;
    }
    let rounds = std::env::var("DCE_KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS);
    let mut folder = tempfile::tempdir().unwrap();
    let (mut written, mut more) = (0, 0);
    for round in 0..rounds {
        if round % ROUNDS_OF_A_LOG == 0 {
            folder = tempfile::tempdir().unwrap();
        }
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writes_until_it_is_killed", "--test-threads=1"])
            .env(DIR, folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // From before the log is open to some hundred commits later.
        let micros = round.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 47;
        // On a busy machine no child may get that far: each waits longer until one did.
        let patience = if written == 0 { round + 1 } else { 1 };
        thread::sleep(Duration::from_micros(micros * patience));
        child.kill().unwrap();
        let ended = child.wait().unwrap();
        assert!(!ended.success() && ended.code().is_none(), "round {round}: the writer ended by itself: {ended}");
        match drill(folder.path()).judge() {
            Ok((found, unacknowledged)) => (written, more) = (written + found, more + unacknowledged),
            Err(error) => panic!("round {round}, kept in {}: {error}", folder.keep().display()),
        }
    }
    assert!(written > 0, "no round got as far as a commit");
    assert!(rounds < 100 || more > 0, "no kill fell between a commit and its acknowledgement");
}

/// The child's part: it does nothing when it is run as a test.
#[test]
fn writes_until_it_is_killed() {
    if let Some(dir) = std::env::var_os(DIR) {
        let error = drill(Path::new(&dir)).write(Planted::default()).unwrap_err();
        panic!("{error}");
    }
}

fn drill(folder: &Path) -> Drill {
    Drill::new(&folder.join("log"), &folder.join("notes"))
}
