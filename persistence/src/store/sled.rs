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
use std::io;
use std::ops::{ControlFlow, Deref};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use dce_engine::ids::Sequence;
use dce_runtime::JournalFault;
use parking_lot::Mutex;

use super::{Frames, Store};
use crate::faults::Planted;
use crate::folder::sync_folder;
use crate::tables::Each;

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
    db: Handle<sled::Db>,
    device: Device,
    /// Whether anything happened since the last sync, and how many bytes of frames.
    is_dirty: bool,
    unsynced_bytes: usize,
    planted: Planted,
}

/// Why a database cannot be opened.
#[derive(Debug, PartialEq, Eq)]
pub enum OpenFault {
    /// The system refused: rights, space, descriptors, the device.
    System(JournalFault),
    /// sled gave up over what it found.
    Store(JournalFault),
}

impl From<OpenFault> for JournalFault {
    fn from(fault: OpenFault) -> Self {
        match fault {
            OpenFault::System(fault) | OpenFault::Store(fault) => fault,
        }
    }
}

impl SledStore {
    /// Opens the database in a folder, or makes one.
    ///
    /// # Errors
    ///
    /// When sled cannot open it, or panics over what it finds.
    pub fn open(folder: &Path) -> Result<Self, OpenFault> {
        Self::open_planted(folder, Planted::default())
    }

    pub(crate) fn open_planted(folder: &Path, planted: Planted) -> Result<Self, OpenFault> {
        let db = open_database(folder, CACHE_BYTES)?;
        let device = Device::open(folder)?;
        sync_folder(&folder.join("blobs")).and_then(|()| sync_folder(folder)).map_err(OpenFault::System)?;
        // What was recovered may so far be in the page cache only.
        Ok(Self { db: Handle::new(db), device, is_dirty: true, unsynced_bytes: 0, planted })
    }

    /// How often the device was told to keep the file.
    #[cfg(feature = "faults")]
    pub(crate) const fn device_syncs(&self) -> u64 {
        self.device.syncs
    }
}

/// Opens sled's files in a folder, or makes them.
fn open_database(folder: &Path, cache_bytes: u64) -> Result<sled::Db, OpenFault> {
    let doing = || format!("opening the sled database in {}", folder.display());
    remove_half_snapshots(folder).map_err(|error| OpenFault::System(JournalFault::new(doing(), error)))?;
    let config = sled::Config::new()
        .path(folder)
        .flush_every_ms(None)
        .cache_capacity(cache_bytes)
        .mode(sled::Mode::HighThroughput);
    let started = Instant::now();
    loop {
        match attempt(&doing(), || config.open()) {
            Err(OpenFault::Store(fault))
                if fault.cause.contains("could not acquire lock") && started.elapsed() < LOCK_PATIENCE =>
            {
                thread::sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}

/// A database that is no log: pairs of key and value, in order of keys.
pub(crate) struct Database {
    db: Handle<sled::Db>,
    /// One writer at a time: what is synced is what it wrote.
    device: Mutex<Device>,
}

impl Database {
    pub(crate) fn open(folder: &Path, cache_bytes: u64) -> Result<Self, JournalFault> {
        let db = open_database(folder, cache_bytes)?;
        let device = Device::open(folder)?;
        sync_folder(&folder.join("blobs")).and_then(|()| sync_folder(folder))?;
        Ok(Self { db: Handle::new(db), device: Mutex::new(device) })
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, JournalFault> {
        Ok(guarded("reading a table", || self.db.get(key))?.map(|value| value.to_vec()))
    }

    /// Shows the pairs whose key begins with `prefix`, until `each` breaks.
    pub(crate) fn scan(&self, prefix: &[u8], each: &mut Each<'_>) -> Result<(), JournalFault> {
        let mut found = guarded("reading a table", || Ok(self.db.scan_prefix(prefix)))?;
        while let Some((key, value)) = guarded("reading a table", || found.next().transpose())? {
            if each(&key, &value).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Shows the pairs from `from` on, without `to`, or the other way round, until `each` breaks.
    pub(crate) fn range(
        &self,
        from: &[u8],
        to: &[u8],
        backwards: bool,
        each: &mut Each<'_>,
    ) -> Result<(), JournalFault> {
        let mut found = self.db.range(from..to);
        let mut unknocked = 0;
        let mut next =
            || guarded("reading a table", || if backwards { found.next_back() } else { found.next() }.transpose());
        while let Some((key, value)) = next()? {
            if each(&key, &value).is_break() {
                break;
            }
            unknocked += key.len() + value.len();
            if unknocked >= KNOCK_BYTES {
                unknocked = 0;
                guarded("reading a table", || self.db.contains_key(&key))?;
            }
        }
        Ok(())
    }

    /// Puts values, or takes keys out, all or none. Not on the device before [`sync`](Self::sync).
    pub(crate) fn apply(&self, changes: Vec<(Vec<u8>, Option<Vec<u8>>)>) -> Result<(), JournalFault> {
        guarded("writing a table", || self.db.apply_batch(batch_of(changes)))
    }

    /// Puts what was applied onto the device.
    pub(crate) fn sync(&self) -> Result<(), JournalFault> {
        let mut device = self.device.lock();
        guarded("writing a table", || self.db.flush())?;
        device.sync()
    }

    /// Puts values, or takes keys out, all or none; on the device when it returns.
    pub(crate) fn write(&self, changes: Vec<(Vec<u8>, Option<Vec<u8>>)>) -> Result<(), JournalFault> {
        let batch = batch_of(changes);
        let mut device = self.device.lock();
        guarded("writing a table", || self.db.apply_batch(batch))?;
        guarded("writing a table", || self.db.flush())?;
        device.sync()
    }
}

fn batch_of(changes: Vec<(Vec<u8>, Option<Vec<u8>>)>) -> sled::Batch {
    let mut batch = sled::Batch::default();
    for (key, value) in changes {
        match value {
            Some(value) => batch.insert(key, value),
            None => batch.remove(key),
        }
    }
    batch
}

impl std::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Database").finish_non_exhaustive()
    }
}

/// Our own handle of sled's file: syncing it through any handle syncs the file.
struct Device {
    file: File,
    /// How often it was told, and said that it keeps the file.
    syncs: u64,
}

impl Device {
    fn open(folder: &Path) -> Result<Self, OpenFault> {
        let file = File::options().read(true).write(true).open(folder.join("db"));
        let refused = |error| {
            OpenFault::System(JournalFault::new(format!("opening the sled database in {}", folder.display()), error))
        };
        Ok(Self { file: file.map_err(refused)?, syncs: 0 })
    }

    fn sync(&mut self) -> Result<(), JournalFault> {
        let synced = self.file.sync_data().map(|()| self.syncs += 1);
        synced.map_err(|error| JournalFault::new("syncing the log to the device", error))
    }
}

/// A handle of a database. Whoever lets go of the last one closes the file, and sled panics if the device then refuses:
/// after a failed sync it does, and that fault has been told.
#[derive(Clone)]
struct Handle<T>(Option<T>);

impl<T> Handle<T> {
    const fn new(handle: T) -> Self {
        Self(Some(handle))
    }
}

impl<T> Deref for Handle<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("Invariant: it is taken out when it is dropped only")
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        let handle = self.0.take();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(handle))) {
            tracing::error!("closing the log: sled panicked: {}", words_of(&*panic));
        }
    }
}

impl Store for SledStore {
    type Frames = SledFrames;

    fn frames(&self) -> SledFrames {
        SledFrames { tree: Handle::new(sled::Tree::clone(&self.db)) }
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
            self.device.sync()?;
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
    tree: Handle<sled::Tree>,
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
    attempt(doing, work).map_err(JournalFault::from)
}

/// As [`guarded`], and tells whether the system refused or sled gave up.
fn attempt<T>(doing: &str, work: impl FnOnce() -> sled::Result<T>) -> Result<T, OpenFault> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(sled::Error::Io(error))) if is_the_systems(error.kind()) => {
            Err(OpenFault::System(JournalFault::new(doing, error)))
        }
        Ok(Err(error)) => Err(OpenFault::Store(JournalFault::new(doing, error))),
        Err(panic) => Err(OpenFault::Store(JournalFault::new(doing, format!("sled panicked: {}", words_of(&*panic))))),
    }
}

/// sled reports bytes it cannot make sense of as errors of input and output too, of these kinds. Any other is the
/// system's own.
const fn is_the_systems(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, NotFound, Other, UnexpectedEof};
    !matches!(kind, InvalidData | InvalidInput | NotFound | Other | UnexpectedEof)
}

fn words_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}

fn remove_half_snapshots(folder: &Path) -> io::Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_refuses_is_told_from_what_sled_cannot_read() {
        let fault = |error: sled::Error| attempt("opening", || Err::<(), _>(error)).unwrap_err();
        // Rights, too many open files, input/output error, no space, read-only, quota.
        for number in [13, 24, 5, 28, 30, 122] {
            let error = sled::Error::Io(io::Error::from_raw_os_error(number));
            assert!(matches!(fault(error), OpenFault::System(_)), "error {number}");
        }
        let cut_short = sled::Error::Io(io::Error::new(io::ErrorKind::UnexpectedEof, "cut short"));
        for error in [cut_short, sled::Error::Corruption { at: None, bt: () }] {
            assert!(matches!(fault(error), OpenFault::Store(_)));
        }
    }

    #[test]
    fn a_panic_as_the_file_is_closed_stays_where_it_is() {
        struct Panics;
        impl Drop for Panics {
            fn drop(&mut self) {
                panic!("the device refuses");
            }
        }
        drop(Handle::new(Panics));
    }
}
