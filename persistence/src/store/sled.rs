//! The store on disk: the only file that says `sled`.
//!
//! sled 0.34.7 is used for what it does and not trusted for what it does not do:
//!
//! * `flush` hands pages to the device and never tells the device to keep them. So [`SledStore::sync`] ends with an
//!   `fdatasync` of sled's `db` file through a handle of our own; that and nothing else is our durability.
//! * A file that grew survives only with its directory: directories are synced when they are made.
//! * Values whose leaf grows beyond 128 KiB go to files that are never synced:
//!   [`FRAME_BYTES_MAX`](crate::frame::FRAME_BYTES_MAX) keeps every leaf below that.
//! * A segment may be written again once all it held has been *written* elsewhere, not once that is durable. Between a
//!   page's copy and the reuse of the old place lie at least two whole segments of 512 KiB, so it is enough to sync
//!   every [`SYNC_BYTES`], whatever the caller's durability asks for.
//! * A crash while sled opens may leave a half-written `snap.….generating`, which the next open would take for a
//!   snapshot and refuse: it is removed first. (The snapshot before it is still there: sled removes that one last.)
//! * Its background flusher is off: who syncs, and when, is ours to say.

use std::any::Any;
use std::fs::{self, File};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use dce_engine::ids::Sequence;
use dce_runtime::JournalFault;

use super::{Frames, Store};
use crate::faults::Planted;
use crate::folder::sync_folder;

/// Bytes of frames after which the store syncs by itself. sled writes each frame about three times (a link, then a
/// share of the two halves of a split leaf), so this is less than the two segments that must lie between two syncs.
pub const SYNC_BYTES: usize = 256 * 1024;

/// What sled may keep in memory. Only the last leaf is written, and a replay reads each leaf once.
const CACHE_BYTES: u64 = 32 * 1024 * 1024;

/// sled looks for what to drop from its cache once a page was asked for 64 times or so, and a scan asks for each leaf
/// once: it would keep a gigabyte. So a scan asks once more for so many bytes, and stays within some tens of megabytes.
const KNOCK_BYTES: usize = 768;

/// How long a database that was just closed in this process may still hold its lock: sled's threads let go of it a
/// moment after the last handle. Other processes are kept out by a lock of our own before this is asked.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// One generation of a log in one sled database.
pub struct SledStore {
    db: sled::Db,
    /// Our own handle of sled's file: syncing it through any handle syncs the file.
    file: File,
    /// Whether anything happened since the last sync, and how many bytes of frames.
    is_dirty: bool,
    unsynced_bytes: usize,
    planted: Planted,
}

impl SledStore {
    /// Opens the database in a folder, or makes one.
    ///
    /// # Errors
    ///
    /// When sled cannot open it, or panics over what it finds.
    pub fn open(folder: &Path) -> Result<Self, JournalFault> {
        Self::open_planted(folder, Planted::default())
    }

    pub(crate) fn open_planted(folder: &Path, planted: Planted) -> Result<Self, JournalFault> {
        let doing = || format!("opening the sled database in {}", folder.display());
        remove_half_snapshots(folder).map_err(|error| JournalFault::new(doing(), error))?;
        let config = sled::Config::new()
            .path(folder)
            .flush_every_ms(None)
            .cache_capacity(CACHE_BYTES)
            .mode(sled::Mode::HighThroughput);
        let started = Instant::now();
        let db = loop {
            match guarded(&doing(), || config.open()) {
                Err(fault) if fault.cause.contains("could not acquire lock") && started.elapsed() < LOCK_PATIENCE => {
                    thread::sleep(Duration::from_millis(5));
                }
                done => break done?,
            }
        };
        let file = File::options().read(true).write(true).open(folder.join("db"));
        let file = file.map_err(|error| JournalFault::new(doing(), error))?;
        sync_folder(&folder.join("blobs"))?;
        sync_folder(folder)?;
        // What was recovered may so far be in the page cache only.
        Ok(Self { db, file, is_dirty: true, unsynced_bytes: 0, planted })
    }
}

impl Store for SledStore {
    type Frames = SledFrames;

    fn frames(&self) -> SledFrames {
        SledFrames { tree: sled::Tree::clone(&self.db) }
    }

    fn append(&mut self, key: Sequence, frame: &[u8]) -> Result<(), JournalFault> {
        self.is_dirty = true;
        self.unsynced_bytes += frame.len();
        guarded("writing a frame", || self.db.insert(key.0.to_be_bytes(), frame))?;
        if self.unsynced_bytes >= SYNC_BYTES {
            self.sync()?;
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<(), JournalFault> {
        if !self.is_dirty {
            return Ok(());
        }
        guarded("flushing the log", || self.db.flush())?;
        if !self.planted.no_fdatasync {
            self.file.sync_data().map_err(|error| JournalFault::new("syncing the log to the device", error))?;
        }
        self.is_dirty = false;
        self.unsynced_bytes = 0;
        Ok(())
    }

    fn cut(&mut self, from: Sequence) -> Result<(), JournalFault> {
        self.is_dirty = true;
        guarded("cutting the end of the log", || {
            for key in self.db.range(from.0.to_be_bytes()..).keys() {
                self.db.remove(key?)?;
            }
            Ok(())
        })
    }
}

impl std::fmt::Debug for SledStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SledStore").field("unsynced_bytes", &self.unsynced_bytes).finish_non_exhaustive()
    }
}

/// Reads a [`SledStore`], also while it is written. The database stays open as long as one of these lives.
#[derive(Clone)]
pub struct SledFrames {
    tree: sled::Tree,
}

impl Frames for SledFrames {
    fn scan(
        &self,
        from: Sequence,
        each: &mut dyn FnMut(Sequence, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), JournalFault> {
        let mut entries = self.tree.range(from.0.to_be_bytes()..);
        // Only sled's own work is guarded: a panic of the visitor is the visitor's.
        while let Some((key, frame)) = guarded("reading the log", || entries.next().transpose())? {
            if each(sequence_of(&key)?, &frame).is_break() {
                break;
            }
            for _ in 0..frame.len() / KNOCK_BYTES {
                guarded("reading the log", || self.tree.contains_key(&key))?;
            }
        }
        Ok(())
    }

    fn last_key(&self) -> Result<Option<Sequence>, JournalFault> {
        let last = guarded("reading the end of the log", || self.tree.last())?;
        last.map(|(key, _)| sequence_of(&key)).transpose()
    }
}

impl std::fmt::Debug for SledFrames {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SledFrames").finish_non_exhaustive()
    }
}

fn sequence_of(key: &[u8]) -> Result<Sequence, JournalFault> {
    let bytes = key.try_into();
    let bytes = bytes.map_err(|_| JournalFault::new("reading the log", format!("a key of {} bytes", key.len())))?;
    Ok(Sequence(u64::from_be_bytes(bytes)))
}

/// sled asserts and unwraps where it meets what it did not expect. A panic there is a fault of the store like any other.
fn guarded<T>(doing: &str, work: impl FnOnce() -> sled::Result<T>) -> Result<T, JournalFault> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(JournalFault::new(doing, error)),
        Err(panic) => Err(JournalFault::new(doing, format!("sled panicked: {}", words_of(&*panic)))),
    }
}

fn words_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}

fn remove_half_snapshots(folder: &Path) -> std::io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
