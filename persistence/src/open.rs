//! Opens a log for writing: finds out what is in it, and builds the exchange from it.

use std::path::Path;

use dce_engine::Exchange;
use dce_engine::ids::{LogId, Sequence};

use crate::agree::{Agree, NewLog};
use crate::anchor::AnchorFile;
use crate::anchor::keeper::{ANCHOR_EVERY, AnchorKeeper};
use crate::disk::Disk;
use crate::error::LogError;
use crate::faults::Planted;
use crate::folder::quarantine;
use crate::folder::space::{RESERVE_BYTES, Space};
use crate::journal::{Home, LogJournal, SledJournal};
use crate::recovery::{Cut, Place, Walked};
use crate::replay::{JudgeGenesis, Run, Step};
use crate::store::Store;

/// How far the number of the next run jumps when the anchor with the last run's is lost: runs that wrote nothing left no
/// other trace.
const EPOCHS_UNKNOWN: u64 = 1_000;

/// How a log is opened.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    new_log: Option<NewLog>,
    agree: Agree,
    reserve_bytes: u64,
    accept_lost_anchor: bool,
    planted: Planted,
}

/// A log that is open for writing.
#[derive(Debug)]
pub struct Opened {
    /// The exchange, as it was after the last command of the log.
    pub exchange: Exchange,
    /// The log.
    pub journal: SledJournal,
    /// What was found.
    pub recovery: Recovery,
}

/// What was found in a log when it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The log was made now.
    pub created: bool,
    /// Whose log it is.
    pub log: LogId,
    /// The generation that is written.
    pub generation: u32,
    /// Which run of a writer this is; the first is 1.
    pub epoch: u64,
    /// The last command; the next gets the sequence after it.
    pub last: Sequence,
    /// How many commands were replayed.
    pub commands: u64,
    /// How many frames they came in, the genesis included.
    pub frames: u64,
    /// How many bytes those have.
    pub bytes: u64,
    /// The anchor: the log had been durable up to here. Nothing when it was lost, and the log accepted as it stood.
    pub anchored: Option<Sequence>,
    /// The end that was cut off, if any.
    pub cut: Option<Cut>,
    /// One of the anchor's two slots could not be read. Right after a power cut that is nothing; otherwise look at the
    /// disk.
    pub anchor_slot_lost: bool,
}

impl OpenOptions {
    /// Opens the log, and makes it if there is none. An existing log must agree with `new_log`.
    #[must_use]
    pub fn new(new_log: NewLog) -> Self {
        Self { new_log: Some(new_log), ..Self::existing() }
    }

    /// Opens a log that is there, whatever it was made with.
    #[must_use]
    pub fn existing() -> Self {
        Self {
            new_log: None,
            agree: Agree::All,
            reserve_bytes: RESERVE_BYTES,
            accept_lost_anchor: false,
            planted: Planted::default(),
        }
    }

    /// Which parts of the new log's description an existing log must have; all, if this is not called.
    #[must_use]
    pub fn agree(mut self, agree: Agree) -> Self {
        self.agree = agree;
        self
    }

    /// How much of the disk must stay free for the journal to have room; 64 MiB, if this is not called.
    #[must_use]
    pub const fn reserve_bytes(mut self, reserve_bytes: u64) -> Self {
        self.reserve_bytes = reserve_bytes;
        self
    }

    /// An operator's word that a log without a readable anchor is whole. A new anchor is made where the log ends.
    #[must_use]
    pub const fn accept_lost_anchor(mut self, accept: bool) -> Self {
        self.accept_lost_anchor = accept;
        self
    }

    /// Breaks a promise, for a test of the tests.
    #[cfg(feature = "faults")]
    #[must_use]
    pub const fn planted(mut self, planted: Planted) -> Self {
        self.planted = planted;
        self
    }
}

/// Opens the log in `dir` for writing, and replays it. `each` is told every command and, now and then, the progress.
///
/// When this returns, all that was found is durable, and a torn end is cut off.
///
/// # Errors
///
/// When the log is in use, absent, damaged, made with other values than those asked for, or needs another program: see
/// the table of [`recovery`](crate::recovery). This program changes frames only when there
/// is no error; sled, as it opens its file, overwrites what it takes for the file's torn end.
pub fn open(dir: impl AsRef<Path>, options: &OpenOptions, each: &mut dyn FnMut(Step<'_>)) -> Result<Opened, LogError> {
    let dir = dir.as_ref();
    let (disk, created) = Disk::open(dir, options.new_log.as_ref(), options.accept_lost_anchor, options.planted)?;
    let quarantined = quarantine::read(dir).map_err(|cause| LogError::Quarantine { dir: dir.to_path_buf(), cause })?;
    let agree = |genesis: &_| match &options.new_log {
        Some(new_log) => new_log.judge(genesis, &options.agree, dir),
        None => Ok(()),
    };
    let anchor = disk.anchor.map(|read| read.anchor);
    let of = disk.last_key();
    let Disk { lock, generations, mut store, anchor: anchor_read } = disk;
    let run = Run { generations: &generations, anchor: anchor.as_ref(), planted: options.planted, to: None };
    let Settled { exchange, commands, walked, place } = settle(&run, of, &mut store, &agree, each)?;
    // The run's number is on the disk before its first frame, so that no two runs have the same.
    let file = match &anchor_read {
        Some(read) => AnchorFile::open(dir, read).and_then(|mut file| file.write(&place.anchor()).map(|()| file)),
        None => AnchorFile::create(dir, &place.anchor()),
    };
    let keeper = file.and_then(|file| AnchorKeeper::start(file, ANCHOR_EVERY)).map_err(LogError::System)?;
    let space = Space::new(dir.to_path_buf(), options.reserve_bytes);
    let home = Home { dir: dir.to_path_buf(), space, quarantined, lock };
    let recovery = Recovery {
        created,
        log: place.log,
        generation: place.generation,
        epoch: place.epoch,
        last: place.last,
        commands,
        frames: walked.frames,
        bytes: walked.bytes,
        anchored: anchor.map(|anchor| anchor.durable),
        cut: walked.cut,
        anchor_slot_lost: anchor_read.is_some_and(|read| read.slot_lost),
    };
    let journal = LogJournal::new(store, keeper, place, generations, Some(home));
    Ok(Opened { exchange, journal, recovery })
}

/// A log that was read and is ready to be written.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) exchange: Exchange,
    pub(crate) commands: u64,
    pub(crate) walked: Walked,
    /// Where it goes on, in a new run.
    pub(crate) place: Place,
}

/// Reads a log, cuts its torn end off, and makes what is left durable.
pub(crate) fn settle<S: Store>(
    run: &Run<'_, S::Frames>,
    of: Sequence,
    store: &mut S,
    agree: JudgeGenesis<'_>,
    each: &mut dyn FnMut(Step<'_>),
) -> Result<Settled, LogError> {
    let (exchange, commands, walked) = run.whole(of, agree, each)?;
    if let Some(cut) = walked.cut {
        store.cut(cut.first).map_err(LogError::System)?;
    }
    // What a killed process had written may so far be in the page cache only, and answers are going to rest on it.
    store.sync().map_err(LogError::System)?;
    let epoch = match run.anchor {
        Some(anchor) => anchor.epoch.max(walked.place.epoch) + 1,
        None => walked.place.epoch + EPOCHS_UNKNOWN,
    };
    Ok(Settled { exchange, commands, walked, place: Place { epoch, ..walked.place } })
}
