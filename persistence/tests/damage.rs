//! Damage to sled's own file: a log that was closed in good order either opens with every command, or is refused.

use std::fs;
use std::path::Path;

use dce_engine::prelude::*;
use dce_persistence::faults::drill;
use dce_persistence::{ErrorKind, NewLog, OpenOptions, Opened, open};
use dce_runtime::{Batch, Journal};

/// Places that are damaged, unless `DCE_DAMAGE` says otherwise.
const PLACES: u64 = 40;
/// Commands in the log.
const COMMANDS: u64 = 6_000;

#[test]
fn a_damaged_file_is_refused_or_lost_nothing() {
    let places = std::env::var("DCE_DAMAGE").ok().and_then(|places| places.parse().ok()).unwrap_or(PLACES);
    let whole = tempfile::tempdir().unwrap();
    write(whole.path());
    let file = fs::read(whole.path().join("log-000001/db")).unwrap();
    let digest = drill::model(COMMANDS).digest();
    let (mut refused, mut unharmed) = (0, 0);
    for place in 0..places {
        let byte = spread(place, file.len());
        let dir = tempfile::tempdir().unwrap();
        copy(whole.path(), dir.path());
        let mut bytes = file.clone();
        match place % 4 {
            0..=1 => bytes[byte] ^= 1 << (place / 4 % 8),
            2 => bytes[byte..].iter_mut().take(512).for_each(|byte| *byte = 0),
            _ => bytes.truncate(byte),
        }
        fs::write(dir.path().join("log-000001/db"), bytes).unwrap();
        match open(dir.path(), &options(), &mut |_| ()) {
            Ok(Opened { exchange, recovery, .. }) => {
                assert_eq!((exchange.digest(), recovery.cut), (digest, None), "place {place}, byte {byte}");
                unharmed += 1;
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Damaged, "place {place}, byte {byte}: {error}");
                refused += 1;
            }
        }
    }
    assert!(refused > unharmed, "{refused} refused, {unharmed} unharmed: most of the file is the log");
}

fn options() -> OpenOptions {
    OpenOptions::new(NewLog::of(&drill::genesis()))
}

fn write(dir: &Path) {
    let mut log = open(dir, &options(), &mut |_| ()).expect("the log is new");
    let (mut codec, mut events, mut batch) = (log.journal.codec(), Events::new(), Batch::default());
    while log.exchange.sequence().0 < COMMANDS {
        batch.clear();
        let size = [1, 3, 300][(log.exchange.sequence().0 % 3) as usize].min(COMMANDS - log.exchange.sequence().0);
        drill::fill(&mut log.exchange, &mut codec, &mut events, &mut batch, size);
        log.journal.append(&batch).expect("the disk takes it");
        log.journal.sync().expect("the disk keeps it");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be made");
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the file can be copied");
        }
    }
}

/// Places all over a file, never the same sequence of neighbours.
fn spread(place: u64, length: usize) -> usize {
    ((place.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) % length as u64) as usize
}
