//! A store in memory that forgets, mixes up and damages what it was given, as a test tells it to.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dce_engine::ids::Sequence;
use dce_engine::{Exchange, Genesis};
use dce_runtime::JournalFault;

use super::{Frames, Store};
use crate::anchor::Anchor;
use crate::anchor::keeper::Anchors;
use crate::error::LogError;
use crate::faults::Planted;
use crate::frame::{FrameHash, FrameHeader, FrameKind};
use crate::journal::LogJournal;
use crate::open::{Settled, settle};
use crate::record::encode_genesis;
use crate::recovery::Walked;
use crate::replay::{Run, Step};

/// A device that outlives the process using it. Cloned handles are the same device.
#[derive(Clone, Debug, Default)]
pub struct FakeDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What survives a power cut.
    kept: BTreeMap<u64, Vec<u8>>,
    /// What the process sees.
    seen: BTreeMap<u64, Vec<u8>>,
    /// What was done since the last sync.
    pending: Vec<Pending>,
    /// Marks, oldest first. Which of them are on the device is the test's to say.
    marks: Vec<Anchor>,
    script: Script,
}

/// What was done and not yet synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pending {
    /// A frame under a key.
    Put(u64, Vec<u8>),
    /// Every key from this one on removed.
    Cut(u64),
}

/// What becomes of something pending when the power goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It had reached the device.
    Kept,
    /// It had not.
    Lost,
    /// So many of its bytes had.
    Torn(usize),
}

/// What the device will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// After so many more syncs, one fails. What was pending is gone then, and a later sync would lie.
    pub sync_fails_after: Option<u64>,
    /// After so many more bytes, there is no space.
    pub bytes_left: Option<usize>,
    /// A sync says yes and does nothing.
    pub sync_lies: bool,
    /// This key cannot be read.
    pub unreadable: Option<u64>,
}

/// A log on a [`FakeDisk`], open for writing.
#[derive(Debug)]
pub struct FakeLog {
    /// The exchange after the last command found.
    pub exchange: Exchange,
    /// The log.
    pub journal: LogJournal<FakeStore, FakeAnchors>,
    /// What was found.
    pub walked: Walked,
}

impl FakeDisk {
    /// A device with a new log on it.
    #[must_use]
    pub fn with_log(genesis: &Genesis) -> Self {
        let disk = Self::default();
        let mut payload = Vec::new();
        encode_genesis(genesis, &mut payload);
        let header = FrameHeader {
            kind: FrameKind::Head,
            log: genesis.log,
            generation: 1,
            count: 1,
            epoch: 0,
            first: Sequence(0),
            durable: Sequence(0),
            previous: FrameHash::default(),
        };
        let mut frame = Vec::new();
        header.write(&payload, &mut frame);
        let hash = FrameHash::of(&frame);
        disk.change(|frames| drop(frames.insert(0, frame)));
        let log = genesis.log;
        disk.state().marks = vec![Anchor { log, generation: 1, epoch: 0, durable: Sequence(0), hash }];
        disk
    }

    /// Opens the log as [`open`](crate::open) does, with this as what the anchor says.
    ///
    /// # Errors
    ///
    /// As [`open`](crate::open).
    pub fn open(
        &self,
        anchor: Option<&Anchor>,
        planted: Planted,
        each: &mut dyn FnMut(Step<'_>),
    ) -> Result<FakeLog, LogError> {
        let mut store = FakeStore(self.clone());
        let generations = vec![(1, self.clone())];
        let run = Run { generations: &generations, anchor, planted, to: None };
        let of = self.last_key().ok().flatten().unwrap_or_default();
        let Settled { exchange, walked, place, .. } = settle(&run, of, &mut store, &|_| Ok(()), each)?;
        self.state().marks.push(place.anchor());
        let journal = LogJournal::new(store, FakeAnchors(self.clone()), place, generations, None);
        Ok(FakeLog { exchange, journal, walked })
    }

    /// Writes down what the device will do.
    pub fn script(&self, script: Script) {
        self.state().script = script;
    }

    /// Every mark the journal made, oldest first.
    #[must_use]
    pub fn marks(&self) -> Vec<Anchor> {
        self.state().marks.clone()
    }

    /// What was done since the last sync.
    #[must_use]
    pub fn pending(&self) -> Vec<Pending> {
        self.state().pending.clone()
    }

    /// The power goes: of what was pending, each thing has the fate it is given.
    pub fn cut_power(&self, fate: &mut dyn FnMut(usize) -> Fate) {
        let mut state = self.state();
        for (index, pending) in std::mem::take(&mut state.pending).into_iter().enumerate() {
            match (fate(index), pending) {
                (Fate::Lost, _) => {}
                (Fate::Torn(length), Pending::Put(key, mut frame)) => {
                    frame.truncate(length);
                    state.kept.insert(key, frame);
                }
                (Fate::Kept | Fate::Torn(_), pending) => pending.perform(&mut state.kept),
            }
        }
        state.seen = state.kept.clone();
        state.script = Script::default();
    }

    /// Changes what is on the device, behind the back of whoever wrote it.
    pub fn change(&self, change: impl FnOnce(&mut BTreeMap<u64, Vec<u8>>)) {
        let mut state = self.state();
        change(&mut state.kept);
        state.seen = state.kept.clone();
    }

    /// What is on the device.
    #[must_use]
    pub fn image(&self) -> BTreeMap<u64, Vec<u8>> {
        self.state().kept.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Frames for FakeDisk {
    fn scan(
        &self,
        from: Sequence,
        each: &mut dyn FnMut(Sequence, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), JournalFault> {
        let unreadable = self.state().script.unreadable;
        let frames: Vec<_> = self.state().seen.range(from.0..).map(|(key, frame)| (*key, frame.clone())).collect();
        for (key, frame) in frames {
            if unreadable == Some(key) {
                return Err(JournalFault::new("reading the log", "input/output error"));
            }
            if each(Sequence(key), &frame).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn last_key(&self) -> Result<Option<Sequence>, JournalFault> {
        Ok(self.state().seen.last_key_value().map(|(key, _)| Sequence(*key)))
    }
}

/// A process's view of a [`FakeDisk`].
#[derive(Debug)]
pub struct FakeStore(FakeDisk);

impl Store for FakeStore {
    type Frames = FakeDisk;

    fn frames(&self) -> FakeDisk {
        self.0.clone()
    }

    fn append(&mut self, key: Sequence, frame: &[u8]) -> Result<(), JournalFault> {
        let mut state = self.0.state();
        if let Some(left) = &mut state.script.bytes_left {
            *left = left.checked_sub(frame.len()).ok_or_else(|| JournalFault::new("writing a frame", "no space"))?;
        }
        state.do_now(Pending::Put(key.0, frame.to_vec()));
        Ok(())
    }

    fn sync(&mut self) -> Result<(), JournalFault> {
        let mut state = self.0.state();
        if let Some(syncs) = &mut state.script.sync_fails_after {
            if *syncs == 0 {
                state.pending.clear();
                return Err(JournalFault::new("syncing the log to the device", "input/output error"));
            }
            *syncs -= 1;
        }
        if !state.script.sync_lies {
            for pending in std::mem::take(&mut state.pending) {
                pending.perform(&mut state.kept);
            }
        }
        Ok(())
    }

    fn cut(&mut self, from: Sequence) -> Result<(), JournalFault> {
        self.0.state().do_now(Pending::Cut(from.0));
        Ok(())
    }
}

impl State {
    fn do_now(&mut self, pending: Pending) {
        pending.clone().perform(&mut self.seen);
        self.pending.push(pending);
    }
}

impl Pending {
    fn perform(self, frames: &mut BTreeMap<u64, Vec<u8>>) {
        match self {
            Self::Put(key, frame) => drop(frames.insert(key, frame)),
            Self::Cut(from) => frames.retain(|key, _| *key < from),
        }
    }
}

/// Marks, kept on the [`FakeDisk`].
#[derive(Debug)]
pub struct FakeAnchors(FakeDisk);

impl Anchors for FakeAnchors {
    fn mark(&mut self, anchor: &Anchor) -> Result<(), JournalFault> {
        self.0.state().marks.push(*anchor);
        Ok(())
    }
}
