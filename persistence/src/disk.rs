//! A log's files: made so that they are whole or not there, and opened with what must be known about them.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use dce_engine::Genesis;
use dce_engine::ids::Sequence;
use dce_runtime::JournalFault;

use crate::agree::NewLog;
use crate::anchor::{Anchor, AnchorError, AnchorFile, AnchorRead};
use crate::error::LogError;
use crate::faults::Planted;
use crate::folder::lock::{Lock, LockError};
use crate::folder::{generation_path, generations, make_folder, parent_of, sync_folder, unfinished_path};
use crate::frame::{FrameHash, FrameHeader, FrameKind};
use crate::record::encode_genesis;
use crate::store::sled::{OpenFault, SledFrames, SledStore};
use crate::store::{Frames, Store, raw};

/// The first generation's number.
const FIRST: u32 = 1;

/// A log's files, open and held by this process. Nothing has been read from the log yet.
#[derive(Debug)]
pub(crate) struct Disk {
    /// Nothing when it is lost and that was accepted.
    pub(crate) anchor: Option<AnchorRead>,
    /// Every generation, the last included.
    pub(crate) generations: Vec<(u32, SledFrames)>,
    /// The last generation, to be written.
    pub(crate) store: SledStore,
    /// Given back after all else is closed.
    pub(crate) lock: Arc<Lock>,
}

impl Disk {
    /// Makes a log if `new_log` is given and there is none, and opens the files. Returns whether it was made.
    pub(crate) fn open(
        dir: &Path,
        new_log: Option<&NewLog>,
        accept_lost_anchor: bool,
        planted: Planted,
    ) -> Result<(Self, bool), LogError> {
        match new_log {
            Some(_) => make_folder(dir).map_err(LogError::System)?,
            None if is_empty(dir)? => return Err(LogError::NoLog { dir: dir.to_path_buf() }),
            None => {}
        }
        let lock = take_lock(dir)?;
        // Who made the folder, and what is in it, may have been killed before it was durable.
        sync_folder(dir).and_then(|()| sync_folder(&parent_of(dir))).map_err(LogError::System)?;
        let mut was_made = false;
        if let Some(new_log) = new_log.filter(|_| is_absent(dir)) {
            let genesis = new_log.genesis().map_err(LogError::System)?;
            // Asked before anything is written: a log that cannot be opened again helps nobody.
            dce_engine::Exchange::new(genesis).map_err(LogError::Genesis)?;
            make(dir, &genesis).map_err(LogError::System)?;
            was_made = true;
        }
        let found = found_generations(dir)?;
        let anchor = read_anchor(dir, accept_lost_anchor)?;
        let last = check_numbers(dir, &found, anchor.as_ref())?;
        let mut stores = Vec::new();
        for generation in found {
            let folder = generation_path(dir, generation);
            let file = folder.join("db");
            // As it opens, sled overwrites what lies behind a stretch it cannot read: so first it must be readable.
            raw::read_through(&file).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => LogError::GenerationMissing { dir: dir.to_path_buf(), generation },
                _ => LogError::System(JournalFault::new(format!("reading {}", file.display()), error)),
            })?;
            let store = SledStore::open_planted(&folder, planted).map_err(|fault| match fault {
                OpenFault::System(fault) => LogError::System(fault),
                // sled gave up; our frames may still tell how far the log in its file goes.
                OpenFault::Store(fault) => LogError::Store { generation, last_good: raw::last_whole(&file), fault },
            })?;
            stores.push((generation, store));
        }
        let generations = stores.iter().map(|(generation, store)| (*generation, store.frames())).collect();
        let (_, store) =
            stores.pop().ok_or_else(|| LogError::GenerationMissing { dir: dir.to_path_buf(), generation: last })?;
        Ok((Self { anchor, generations, store, lock: Arc::new(lock) }, was_made))
    }

    /// The first sequence of the last frame: what a replay has before it.
    pub(crate) fn last_key(&self) -> Sequence {
        let last = self.generations.last().and_then(|(_, frames)| frames.last_key().ok().flatten());
        last.unwrap_or_default()
    }
}

/// Makes generation 1 with its genesis. It gets its name last, so a power cut on the way leaves no log at all.
fn make(dir: &Path, genesis: &Genesis) -> Result<(), JournalFault> {
    let unfinished = unfinished_path(dir, FIRST);
    let io = |doing: &str, error| JournalFault::new(format!("{doing} {}", unfinished.display()), error);
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(|error| io("removing", error))?;
    }
    make_folder(&unfinished)?;
    let mut payload = Vec::new();
    encode_genesis(genesis, &mut payload);
    let header = FrameHeader {
        kind: FrameKind::Head,
        log: genesis.log,
        generation: FIRST,
        count: 1,
        epoch: 0,
        first: Sequence(0),
        durable: Sequence(0),
        previous: FrameHash::default(),
    };
    let mut frame = Vec::new();
    header.write(&payload, &mut frame);
    let mut store = SledStore::open(&unfinished)?;
    store.append(Sequence(0), &frame)?;
    store.sync()?;
    drop(store);
    let hash = FrameHash::of(&frame);
    // Epoch 0: no writer has had this log, so nothing in it was ever acknowledged (see `is_absent`).
    AnchorFile::create(dir, &Anchor { log: genesis.log, generation: FIRST, epoch: 0, durable: Sequence(0), hash })?;
    fs::rename(&unfinished, generation_path(dir, FIRST)).map_err(|error| io("naming", error))?;
    sync_folder(dir)
}

/// Whether there is nothing at all of a log.
fn is_empty(dir: &Path) -> Result<bool, LogError> {
    let has_anchor = !matches!(AnchorRead::from_folder(dir), Err(AnchorError::Missing));
    Ok(!has_anchor && found_generations(dir)?.is_empty())
}

/// Whether a log may be made here: there is none, or one whose making was cut short before any writer had it.
fn is_absent(dir: &Path) -> bool {
    let has_generations = !generations(dir).is_ok_and(|found| found.is_empty());
    match AnchorRead::from_folder(dir) {
        Err(AnchorError::Missing) => !has_generations,
        Ok(read) => !has_generations && read.anchor.epoch == 0,
        Err(_) => false,
    }
}

fn found_generations(dir: &Path) -> Result<Vec<u32>, LogError> {
    let doing = || format!("reading the folder {}", dir.display());
    generations(dir).map_err(|error| LogError::System(JournalFault::new(doing(), error)))
}

/// That every generation is there, up to the anchor's. Returns the last.
fn check_numbers(dir: &Path, found: &[u32], anchor: Option<&AnchorRead>) -> Result<u32, LogError> {
    let anchored = anchor.map_or(FIRST, |read| read.anchor.generation);
    let last = found.last().copied().unwrap_or(FIRST).max(anchored);
    match (FIRST..=last).find(|generation| !found.contains(generation)) {
        Some(generation) => Err(LogError::GenerationMissing { dir: dir.to_path_buf(), generation }),
        None => Ok(last),
    }
}

fn read_anchor(dir: &Path, accept_lost: bool) -> Result<Option<AnchorRead>, LogError> {
    let why = match AnchorRead::from_folder(dir) {
        Ok(read) => return Ok(Some(read)),
        Err(AnchorError::Version(version)) => return Err(LogError::Newer { what: "the anchor", version }),
        Err(AnchorError::Io(error)) => return Err(LogError::System(JournalFault::new("reading the anchor", error))),
        Err(AnchorError::Missing) => "there is no anchor",
        Err(AnchorError::Unreadable) => "the anchor is damaged",
    };
    if accept_lost { Ok(None) } else { Err(LogError::AnchorLost { dir: dir.to_path_buf(), why }) }
}

fn take_lock(dir: &Path) -> Result<Lock, LogError> {
    Lock::take(dir).map_err(|error| match error {
        LockError::Held(holder) => LogError::InUse { dir: dir.to_path_buf(), holder },
        LockError::Io(error) => LogError::System(JournalFault::new(format!("locking {}", dir.display()), error)),
    })
}
