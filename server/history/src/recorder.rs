//! Who writes the history: one, in the order of the log. Rows and the place of the log go into the database together.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dce_engine::Exchange;
use dce_engine::commands::Command;
use dce_engine::event::Event;
use dce_engine::ids::{LogId, Sequence};
use dce_engine::units::Timestamp;
use dce_persistence::tables::{Change, Order, Tables};

use crate::HistoryError;
use crate::bytes::{FORMAT, Reader, Writer};
use crate::fold::fold;
use crate::keys;
use crate::pending::{Pending, read_balance};
use crate::read::History;

/// What sled may keep of the database in memory.
const CACHE_BYTES: u64 = 32 * 1024 * 1024;
/// Rows after which a batch is written, however much more there is to fold.
const BATCH_ROWS: usize = 512;
/// Bytes that may be written and not be on the device, and for how long. See `docs/decisions/0037-history.md`.
const UNSYNCED_BYTES_MAX: usize = 128 * 1024;
const UNSYNCED_FOR_MAX: Duration = Duration::from_secs(1);
/// Keys taken out at a time when all is made anew.
const CLEAR_KEYS: usize = 4_096;

/// Writes the history.
#[derive(Debug)]
pub struct Recorder {
    tables: Arc<Tables>,
    history: History,
    pending: Pending,
    log: Option<LogId>,
    /// What the database shows, and what was folded beyond it.
    written: (Sequence, Timestamp),
    folded: (Sequence, Timestamp),
    /// The log has another command at the place the database shows.
    is_foreign: bool,
    unsynced_bytes: usize,
    synced_at: Instant,
}

/// Opens the history in a folder, or makes an empty one: who reads it, and who writes it.
///
/// # Errors
///
/// When the system refuses, sled cannot read what is there, or another version of this program wrote it.
pub fn open(folder: &Path) -> Result<(History, Recorder), HistoryError> {
    let tables = Arc::new(Tables::open_with(folder, CACHE_BYTES)?);
    match tables.get(keys::META, keys::FORMAT_KEY)?.as_deref() {
        None => tables.write(vec![Change::put(keys::META, keys::FORMAT_KEY, vec![FORMAT])])?,
        Some([FORMAT]) => {}
        Some(found) => {
            let (folder, found) = (PathBuf::from(folder), found.first().copied().unwrap_or(0));
            return Err(HistoryError::Format { folder, found, known: FORMAT });
        }
    }
    let (log, written) = match tables.get(keys::META, keys::POSITION_KEY)? {
        Some(bytes) => read_position(&bytes).ok_or(HistoryError::Damaged { table: "meta" })?,
        None => (None, (Sequence(0), Timestamp::default())),
    };
    let history = History::new(Arc::clone(&tables), written.0)?;
    let mut recorder = Recorder {
        pending: Pending::new(Arc::clone(&tables)),
        history: history.clone(),
        tables,
        log,
        written,
        folded: written,
        is_foreign: false,
        unsynced_bytes: 0,
        synced_at: Instant::now(),
    };
    if written.0 == Sequence(0) {
        // Whoever cleared it may not have come to the end of that.
        recorder.clear()?;
    }
    Ok((history, recorder))
}

impl Recorder {
    /// The last command that was folded.
    #[must_use]
    pub const fn position(&self) -> Sequence {
        self.folded.0
    }

    /// Takes in the next command of the log with what it did. One that was folded before changes nothing, so a log may be
    /// told from its beginning.
    ///
    /// # Errors
    ///
    /// When the database cannot be read or written. What was not written is folded again by whoever opens it next.
    pub fn fold(
        &mut self,
        (sequence, at): (Sequence, Timestamp),
        command: &Command<'_>,
        events: &[Event],
    ) -> Result<(), HistoryError> {
        if sequence == self.written.0 && at != self.written.1 {
            self.is_foreign = true;
        }
        if sequence <= self.folded.0 || self.is_foreign {
            return Ok(());
        }
        fold(&mut self.pending, (sequence, at), command, events)?;
        self.folded = (sequence, at);
        if self.pending.rows() >= BATCH_ROWS { self.commit() } else { Ok(()) }
    }

    /// Says whose log was told from its beginning to its end. Answers whether the history is that log's: if not, it is
    /// empty now, and the log is to be told again.
    ///
    /// # Errors
    ///
    /// When the database cannot be read or written.
    pub fn settle(&mut self, log: LogId, last: Sequence) -> Result<bool, HistoryError> {
        let is_ours = self.log.is_none_or(|known| known == log) && !self.is_foreign && self.folded.0 <= last;
        self.log = Some(log);
        if is_ours {
            self.commit()?;
        } else {
            self.clear()?;
        }
        Ok(is_ours)
    }

    /// Whether every balance is what the exchange says, which must be at the place that was folded last.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn agrees_with(&self, exchange: &Exchange) -> Result<bool, HistoryError> {
        for account in exchange.account_ids() {
            let Some(view) = exchange.account(account) else { continue };
            if read_balance(&self.tables, account)?.unwrap_or_default() != view.balance {
                return Ok(false);
            }
        }
        Ok(exchange.sequence() == self.folded.0)
    }

    /// Writes what was folded, all or nothing. It is shown from now on.
    ///
    /// # Errors
    ///
    /// When the database cannot be written. The next [`open`] finds it as it was.
    pub fn commit(&mut self) -> Result<(), HistoryError> {
        if self.folded == self.written {
            return Ok(());
        }
        let mut changes = self.pending.take()?;
        changes.push(Change::put(keys::META, keys::POSITION_KEY, write_position(self.log, self.folded)));
        self.apply(changes)?;
        self.written = self.folded;
        self.history.show(self.written.0);
        Ok(())
    }

    /// Puts what was written onto the device, if it is time: seldom enough that the log has the device for itself.
    ///
    /// # Errors
    ///
    /// When the device refuses.
    pub fn sync_if_due(&mut self) -> Result<(), HistoryError> {
        let is_due = self.synced_at.elapsed() >= UNSYNCED_FOR_MAX;
        if self.unsynced_bytes > 0 && is_due { self.sync() } else { Ok(()) }
    }

    /// Puts what was written onto the device.
    ///
    /// # Errors
    ///
    /// When the device refuses.
    pub fn sync(&mut self) -> Result<(), HistoryError> {
        self.tables.sync()?;
        (self.unsynced_bytes, self.synced_at) = (0, Instant::now());
        Ok(())
    }

    pub(crate) const fn history(&self) -> &History {
        &self.history
    }

    /// Writes changes, all or none.
    pub(crate) fn apply(&mut self, changes: Vec<Change>) -> Result<(), HistoryError> {
        self.unsynced_bytes += changes.iter().map(Change::bytes).sum::<usize>();
        self.tables.apply(changes)?;
        if self.unsynced_bytes >= UNSYNCED_BYTES_MAX { self.sync() } else { Ok(()) }
    }

    /// Forgets everything. Whoever is killed meanwhile finds a position of nothing, and goes on clearing.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn clear(&mut self) -> Result<(), HistoryError> {
        let nowhere = (Sequence(0), Timestamp::default());
        self.pending.forget();
        self.apply(vec![
            Change::put(keys::META, keys::POSITION_KEY, write_position(None, nowhere)),
            Change::remove(keys::META, keys::KEPT_SINCE_KEY),
        ])?;
        for table in keys::TABLES {
            loop {
                let mut found = Vec::with_capacity(CLEAR_KEYS);
                self.tables.range(table, (&[], &keys::after_all(&[])), Order::Forwards, &mut |key, _| {
                    found.push(Change::remove(table, key));
                    if found.len() < CLEAR_KEYS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                })?;
                if found.is_empty() {
                    break;
                }
                self.apply(found)?;
            }
        }
        (self.written, self.folded, self.is_foreign) = (nowhere, nowhere, false);
        self.history.forget();
        Ok(())
    }
}

fn write_position(log: Option<LogId>, (sequence, at): (Sequence, Timestamp)) -> Vec<u8> {
    let mut to = Writer::new();
    to.some(log, |to, log| to.u128(log.0));
    to.u64(sequence.0);
    to.at(at);
    to.done()
}

fn read_position(bytes: &[u8]) -> Option<(Option<LogId>, (Sequence, Timestamp))> {
    let mut from = Reader::new(bytes)?;
    let log = from.some(|from| from.u128().map(LogId))?;
    let position = (Sequence(from.u64()?), from.at()?);
    from.end().map(|()| (log, position))
}
