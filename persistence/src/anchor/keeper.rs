//! Writes the anchor on a thread of its own, so that no acknowledgement waits for it.
//!
//! Marks coalesce: the first after a quiet time is written at once, beside the next commit; while more come, the newest is
//! written every [`ANCHOR_EVERY`]. When commits stop, the last mark is on the disk one interval later at most.
//!
//! Why not without pause: both files are on one device, and each of the anchor's syncs is one the log waits behind.
//! Measured beside a log that is synced without pause, an anchor written without pause took a sixth to a third of the
//! commits; written every 5 ms or less often it could not be told from none. So the interval is 10 ms, and on a slower
//! device nineteen times what the last write took, but a second at most. What the lag risks is small: only a device that claims a sync and
//! forgets it can lose what the anchor does not cover yet.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use dce_runtime::JournalFault;

use super::{Anchor, AnchorFile};

/// How long the anchor may lag behind a log that is being written without pause.
pub const ANCHOR_EVERY: Duration = Duration::from_millis(10);

/// Of the device's time, the anchor takes one part in so many at most.
const DEVICE_SHARE: u32 = 20;

/// However long a write took, the next one begins so soon after it: one slow write must not leave the anchor behind.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Takes note of how far a log is durable.
pub trait Anchors: Send + 'static {
    /// The log is durable up to here. Never waits for a device.
    ///
    /// # Errors
    ///
    /// When an earlier note could not be kept: the log must end, as after a failed sync of its own.
    fn mark(&mut self, anchor: &Anchor) -> Result<(), JournalFault>;
}

/// The thread, and what it is told.
#[derive(Debug)]
pub struct AnchorKeeper {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

/// What the journal's thread and the keeper's share.
#[derive(Debug, Default)]
struct Desk {
    told: Mutex<Told>,
    bell: Condvar,
}

#[derive(Debug, Default)]
struct Told {
    /// The newest mark that is not yet being written.
    newest: Option<Anchor>,
    /// The keeper has nothing to do and must be woken.
    is_asleep: bool,
    must_end: bool,
    failure: Option<JournalFault>,
}

impl AnchorKeeper {
    /// Starts a keeper of this file that writes no more often than this.
    ///
    /// # Errors
    ///
    /// When there can be no thread.
    pub fn start(file: AnchorFile, every: Duration) -> Result<Self, JournalFault> {
        let desk = Arc::new(Desk::default());
        let shared = Arc::clone(&desk);
        let thread = thread::Builder::new().name(String::from("dce-anchor")).spawn(move || shared.keep(file, every));
        let thread = thread.map_err(|error| JournalFault::new("starting the anchor's thread", error))?;
        Ok(Self { desk, thread: Some(thread) })
    }
}

impl Anchors for AnchorKeeper {
    fn mark(&mut self, anchor: &Anchor) -> Result<(), JournalFault> {
        let mut told = self.desk.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failure) = &told.failure {
            return Err(failure.clone());
        }
        told.newest = Some(*anchor);
        let must_wake = std::mem::take(&mut told.is_asleep);
        drop(told);
        if must_wake {
            self.desk.bell.notify_one();
        }
        Ok(())
    }
}

impl Drop for AnchorKeeper {
    /// Writes the last mark before it ends.
    fn drop(&mut self) {
        self.desk.told.lock().unwrap_or_else(PoisonError::into_inner).must_end = true;
        self.desk.bell.notify_one();
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it did, the anchor merely lags.
            let _ = thread.join();
        }
    }
}

impl Desk {
    fn keep(&self, mut file: AnchorFile, every: Duration) {
        while let Some(anchor) = self.next() {
            let started = Instant::now();
            if let Err(failure) = file.write(&anchor) {
                self.told.lock().unwrap_or_else(PoisonError::into_inner).failure = Some(failure);
                return;
            }
            self.pause(pause_after(started.elapsed(), every));
        }
    }

    /// Waits for a mark; nothing once the end was told and no mark is left.
    fn next(&self) -> Option<Anchor> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(anchor) = told.newest.take() {
                return Some(anchor);
            }
            if told.must_end {
                return None;
            }
            told.is_asleep = true;
            told = self.bell.wait(told).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets marks gather, but not longer than the end is away.
    fn pause(&self, every: Duration) {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.bell.wait_timeout_while(told, every, |told| !told.must_end));
    }
}

/// How long marks gather after a write that took so long.
fn pause_after(write: Duration, every: Duration) -> Duration {
    every.max(write.saturating_mul(DEVICE_SHARE - 1).min(PAUSE_MAX))
}

#[cfg(test)]
mod tests {
    use dce_engine::ids::{LogId, Sequence};

    use super::*;
    use crate::anchor::AnchorRead;
    use crate::frame::FrameHash;

    fn anchor(durable: u64) -> Anchor {
        Anchor { log: LogId(7), generation: 1, epoch: 1, durable: Sequence(durable), hash: FrameHash([1; 32]) }
    }

    #[test]
    fn marks_coalesce_and_the_last_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let file = AnchorFile::create(dir.path(), &anchor(0)).unwrap();
        let mut keeper = AnchorKeeper::start(file, Duration::from_secs(3_600)).unwrap();
        for durable in 1..=1_000 {
            keeper.mark(&anchor(durable)).unwrap();
        }
        drop(keeper);
        let read = AnchorRead::from_folder(dir.path()).unwrap();
        assert_eq!(read.anchor, anchor(1_000));
        assert!(read.number <= 4, "a thousand marks and {} writes", read.number - 1);
    }

    #[test]
    fn a_slow_write_delays_the_next_by_a_second_at_most() {
        let millis = Duration::from_millis;
        assert_eq!(pause_after(millis(0), ANCHOR_EVERY), ANCHOR_EVERY);
        assert_eq!(pause_after(millis(2), ANCHOR_EVERY), millis(38));
        assert_eq!(pause_after(millis(30_000), ANCHOR_EVERY), millis(1_000));
        assert_eq!(pause_after(Duration::MAX, millis(5_000)), millis(5_000));
    }

    #[test]
    fn a_failed_write_is_told_at_the_next_mark_and_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("read-only");
        std::fs::write(&path, []).unwrap();
        let file = AnchorFile { file: std::fs::File::open(&path).unwrap(), number: 1 };
        let mut keeper = AnchorKeeper::start(file, Duration::from_millis(1)).unwrap();
        let mut marks = 0;
        let fault = loop {
            marks += 1;
            match keeper.mark(&anchor(marks)) {
                Ok(()) => thread::yield_now(),
                Err(fault) => break fault,
            }
        };
        assert_eq!(fault.doing, "writing the anchor");
        assert_eq!(keeper.mark(&anchor(marks)), Err(fault));
    }
}
