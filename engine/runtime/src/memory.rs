//! A journal in memory: forgets with the process, and does what a script says a disk might do.
//!
//! For tests of what is built on a journal, and for markets that need none. Clones share the same memory: give one to the
//! runtime, keep one to look and to script.

use std::sync::Arc;
use std::time::Duration;

use dce_engine::Exchange;
use dce_engine::event::Events;
use dce_engine::ids::Sequence;
use dce_engine::units::Timestamp;
use parking_lot::{Condvar, Mutex};

use crate::batch::Batch;
use crate::codec::Codec;
use crate::journal::{Journal, JournalFault};

/// A journal in memory, with faults on request.
#[derive(Clone, Debug)]
pub struct MemoryJournal<C> {
    codec: C,
    disk: Arc<Disk>,
}

/// An accepted command, as the journal got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryEntry {
    /// Its place in the log.
    pub sequence: Sequence,
    /// When it was applied.
    pub at: Timestamp,
    /// The command, as the codec wrote it.
    pub record: Vec<u8>,
}

#[derive(Debug, Default)]
struct Disk {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    entries: Vec<MemoryEntry>,
    /// How many of the entries were there at the last sync.
    synced: usize,
    syncs: u64,
    quarantined: Vec<Vec<u8>>,
    keeps: bool,
    has_room: bool,
    is_held: bool,
    sync_takes: Duration,
    appends_left: Option<u64>,
    syncs_left: Option<u64>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            synced: 0,
            syncs: 0,
            quarantined: Vec::new(),
            keeps: true,
            has_room: true,
            is_held: false,
            sync_takes: Duration::ZERO,
            appends_left: None,
            syncs_left: None,
        }
    }
}

impl<C: Codec> MemoryJournal<C> {
    /// An empty journal whose commands this codec writes.
    #[must_use]
    pub fn new(codec: C) -> Self {
        Self { codec, disk: Arc::default() }
    }

    /// A journal that keeps nothing at all, so that it does not grow: for a market that need not survive.
    #[must_use]
    pub fn forgetful(codec: C) -> Self {
        let journal = Self::new(codec);
        journal.disk.state.lock().keeps = false;
        journal
    }

    /// The commands that survive a power cut now: those of before the last sync.
    #[must_use]
    pub fn durable(&self) -> Vec<MemoryEntry> {
        let state = self.disk.state.lock();
        state.entries[..state.synced].to_vec()
    }

    /// The commands appended, synced or not.
    #[must_use]
    pub fn appended(&self) -> Vec<MemoryEntry> {
        self.disk.state.lock().entries.clone()
    }

    /// The last command that survives a power cut now.
    #[must_use]
    pub fn last_durable(&self) -> Sequence {
        let state = self.disk.state.lock();
        state.synced.checked_sub(1).map_or(Sequence(0), |last| state.entries[last].sequence)
    }

    /// How often it was synced.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.disk.state.lock().syncs
    }

    /// Applies what survives a power cut to an exchange at the beginning of the log.
    ///
    /// # Panics
    ///
    /// When a record cannot be read or is refused: the log and the exchange do not belong together.
    #[must_use]
    pub fn replay(&self, mut exchange: Exchange) -> Exchange {
        let (mut codec, mut events) = (self.codec.clone(), Events::new());
        for MemoryEntry { sequence, at, record } in self.durable() {
            let command = codec.decode(&record).expect("Invariant: the codec reads what it wrote");
            let receipt = exchange.apply(at, &command, &mut events).expect("Invariant: it was accepted before");
            assert_eq!((receipt.sequence, receipt.repeated), (sequence, false), "Invariant: the log is dense");
        }
        exchange
    }

    /// From now on the device takes this long for a sync.
    pub fn sync_takes(&self, length: Duration) {
        self.disk.state.lock().sync_takes = length;
    }

    /// Stops the device in the middle of the next call: nothing goes on until [`release`](Self::release).
    pub fn hold(&self) {
        self.disk.state.lock().is_held = true;
    }

    /// Lets the device go on.
    pub fn release(&self) {
        self.disk.state.lock().is_held = false;
        self.disk.changed.notify_all();
    }

    /// The append after so many more fails, and all later ones.
    pub fn fail_append_after(&self, appends: u64) {
        self.disk.state.lock().appends_left = Some(appends);
    }

    /// The sync after so many more fails, and all later ones.
    pub fn fail_sync_after(&self, syncs: u64) {
        self.disk.state.lock().syncs_left = Some(syncs);
    }

    /// Whether there is room for new commands.
    pub fn set_room(&self, has_room: bool) {
        self.disk.state.lock().has_room = has_room;
    }
}

impl<C: Codec + Send> Journal for MemoryJournal<C> {
    type Codec = C;

    fn codec(&self) -> C {
        self.codec.clone()
    }

    fn append(&mut self, batch: &Batch) -> Result<(), JournalFault> {
        let mut state = self.disk.wait_released();
        spend(&mut state.appends_left, "append")?;
        if state.keeps {
            state.entries.extend(batch.iter().map(|entry| MemoryEntry {
                sequence: entry.sequence,
                at: entry.at,
                record: entry.record.to_vec(),
            }));
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<(), JournalFault> {
        let length = self.disk.wait_released().sync_takes;
        if !length.is_zero() {
            std::thread::sleep(length);
        }
        let mut state = self.disk.wait_released();
        spend(&mut state.syncs_left, "sync")?;
        state.synced = state.entries.len();
        state.syncs += 1;
        Ok(())
    }

    fn has_room(&mut self) -> bool {
        self.disk.state.lock().has_room
    }

    fn quarantined(&mut self) -> Vec<Vec<u8>> {
        self.disk.state.lock().quarantined.clone()
    }

    fn quarantine(&mut self, record: &[u8]) -> Result<(), JournalFault> {
        self.disk.wait_released().quarantined.push(record.to_vec());
        Ok(())
    }
}

impl Disk {
    fn wait_released(&self) -> parking_lot::MutexGuard<'_, State> {
        let mut state = self.state.lock();
        self.changed.wait_while(&mut state, |state| state.is_held);
        state
    }
}

/// Takes one from what is left before the scripted fault.
fn spend(left: &mut Option<u64>, doing: &'static str) -> Result<(), JournalFault> {
    match left {
        Some(0) => Err(JournalFault::new(format!("{doing} in memory"), "a scripted fault")),
        Some(left) => {
            *left -= 1;
            Ok(())
        }
        None => Ok(()),
    }
}
