//! The drill as a process that is killed or loses its power, and the judge of what it leaves behind.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use dce_engine::Events;
use dce_runtime::{Batch, Journal, JournalFault};

use super::{fill, genesis, model};
use crate::error::LogError;
use crate::faults::Planted;
use crate::{NewLog, Opened, open};

/// A log, and beside it what its writer was about to send and what it was told is durable: on a disk that keeps what it
/// is given when the log's does not.
#[derive(Clone, Debug)]
pub struct Drill {
    dir: PathBuf,
    issued: PathBuf,
    acknowledged: PathBuf,
}

/// Why a drill cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum DrillError {
    /// The log does not open.
    #[error("the log: {0}")]
    Log(#[from] LogError),
    /// The log does not take or keep a batch.
    #[error("the journal: {0}")]
    Journal(#[from] JournalFault),
    /// The notes beside the log cannot be read or written.
    #[error("the notes: {0}")]
    Notes(#[from] io::Error),
    /// What came back is not what may come back.
    #[error("{0}")]
    Broken(String),
}

impl Drill {
    /// The log in `dir`, with its notes at `notes.issued` and `notes.acknowledged`.
    #[must_use]
    pub fn new(dir: &Path, notes: &Path) -> Self {
        let note = |name| notes.with_extension(name);
        Self { dir: dir.to_path_buf(), issued: note("issued"), acknowledged: note("acknowledged") }
    }

    /// Writes until the process ends, with a note before each batch and one after each sync.
    ///
    /// # Errors
    ///
    /// When something fails on its own; it never returns otherwise.
    pub fn write(&self, planted: Planted) -> Result<(), DrillError> {
        let Opened { mut exchange, mut journal, .. } = self.open(planted)?;
        let append = |path: &Path| OpenOptions::new().create(true).append(true).open(path);
        let (mut issued, mut acknowledged) = (append(&self.issued)?, append(&self.acknowledged)?);
        let (mut codec, mut events, mut batch) = (journal.codec(), Events::new(), Batch::default());
        loop {
            batch.clear();
            let turn = exchange.sequence().0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
            // Mostly few commands; now and then more than one frame, and more than the store takes without a sync.
            let size = match turn % 64 {
                0 => 4_000,
                1..=8 => 1 + turn % 300,
                _ => 1 + turn % 4,
            };
            fill(&mut exchange, &mut codec, &mut events, &mut batch, size);
            note(&mut issued, batch.last().0)?;
            journal.append(&batch)?;
            journal.sync()?;
            note(&mut acknowledged, batch.last().0)?;
        }
    }

    /// Opens what was left behind and compares it with the notes. Returns how many commands came back, and how many of
    /// them nobody had been told of.
    ///
    /// # Errors
    ///
    /// When something acknowledged is missing, something is there that was never sent, or the log is refused.
    pub fn judge(&self) -> Result<(u64, u64), DrillError> {
        let Opened { exchange, recovery, .. } = self.open(Planted::default())?;
        let (issued, acknowledged) = (last_note(&self.issued)?, last_note(&self.acknowledged)?);
        let found = recovery.last.0;
        if found < acknowledged || found > issued {
            let text = format!("{found} commands came back, {acknowledged} were acknowledged and {issued} sent");
            return Err(DrillError::Broken(text));
        }
        if exchange.digest() != model(found).digest() {
            return Err(DrillError::Broken(format!(
                "the {found} commands that came back are not those that were sent"
            )));
        }
        let blobs = fs::read_dir(self.dir.join("log-000001/blobs"))?.count();
        if blobs != 0 {
            return Err(DrillError::Broken(format!("{blobs} values lie in files that are never synced")));
        }
        // From now on answers rest on all that was found.
        note(&mut OpenOptions::new().create(true).append(true).open(&self.acknowledged)?, found)?;
        Ok((found, found - acknowledged))
    }

    fn open(&self, planted: Planted) -> Result<Opened, LogError> {
        let options = crate::OpenOptions::new(NewLog::of(&genesis())).planted(planted);
        open(&self.dir, &options, &mut |_| ())
    }
}

/// Adds a sequence to a file of notes. A process that is killed has written it or has not.
fn note(file: &mut File, sequence: u64) -> io::Result<()> {
    file.write_all(&sequence.to_le_bytes())
}

fn last_note(path: &Path) -> io::Result<u64> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        read => read?,
    };
    let (notes, _) = bytes.as_chunks::<8>();
    Ok(notes.last().map_or(0, |note| u64::from_le_bytes(*note)))
}
