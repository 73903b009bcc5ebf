//! A disk that fills up: the journal says so while what was applied can still be written, and a log that hit the wall
//! opens again with everything acknowledged.

use std::path::Path;
use std::process::Command;

use dce_engine::prelude::*;
use dce_persistence::faults::drill;
use dce_persistence::{NewLog, OpenOptions, Opened, open};
use dce_runtime::{Batch, Journal, JournalFault};

/// What must stay free. The commands below come to far less.
const RESERVE_BYTES: u64 = 8 << 20;

#[test]
fn a_full_disk_is_said_in_time_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount(24) else {
        return;
    };
    let dir = disk.folder.path().join("log");
    let mut log = opened(&dir);
    assert!(log.journal.has_room());
    let mut acknowledged = 0;
    while log.journal.has_room() {
        acknowledged = commit(&mut log, 200).expect("there is room");
    }
    // What was already on its way still finds its place.
    for _ in 0..20 {
        acknowledged = commit(&mut log, 200).expect("the reserve is for this");
    }
    // Somebody goes on regardless.
    let fault = loop {
        match commit(&mut log, 200) {
            Ok(sequence) => acknowledged = sequence,
            Err(fault) => break fault,
        }
    };
    assert_eq!(log.journal.sync(), Err(fault.clone()));
    assert_eq!(log.journal.append(&Batch::default()), Err(fault.clone()));
    assert_eq!(commit(&mut log, 1), Err(fault));
    assert_eq!(log.journal.durable(), Sequence(acknowledged));
    drop(log);

    disk.grow(128);
    let mut log = opened(&dir);
    let found = log.exchange.sequence().0;
    assert!(found >= acknowledged, "{found} commands came back, {acknowledged} were acknowledged");
    assert_eq!(log.exchange.digest(), drill::model(found).digest());
    assert!(log.journal.has_room());
    commit(&mut log, 200).expect("there is room again");
}

fn opened(dir: &Path) -> Opened {
    let options = OpenOptions::new(NewLog::of(&drill::genesis())).reserve_bytes(RESERVE_BYTES);
    open(dir, &options, &mut |_| ()).expect("the log is sound")
}

/// Appends and syncs so many commands; the last sequence, once it is durable.
fn commit(log: &mut Opened, commands: u64) -> Result<u64, JournalFault> {
    let (mut codec, mut events, mut batch) = (log.journal.codec(), Events::new(), Batch::default());
    drill::fill(&mut log.exchange, &mut codec, &mut events, &mut batch, commands);
    log.journal.append(&batch)?;
    log.journal.sync()?;
    Ok(log.exchange.sequence().0)
}

/// A file system of a few megabytes, gone when dropped.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// Nothing, and a word about it, where no file system may be mounted.
    #[expect(clippy::print_stderr, reason = "a test that does not run must say so")]
    fn mount(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        let size = format!("size={megabytes}m");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        match mount {
            Ok(output) if output.status.success() => Some(Self { folder }),
            _ => {
                eprintln!("SKIPPED: a full disk (no tmpfs can be mounted here; the store that lies fills up anyway)");
                None
            }
        }
    }

    fn grow(&self, megabytes: u32) {
        let size = format!("remount,size={megabytes}m");
        let status = Command::new("mount").args(["-o", &size]).arg(self.folder.path()).status();
        assert!(status.is_ok_and(|status| status.success()), "the disk does not grow");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: sled's threads may hold its file a moment longer.
        let _ = Command::new("umount").arg("--lazy").arg(self.folder.path()).status();
    }
}
