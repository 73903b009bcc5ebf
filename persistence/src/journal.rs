//! The journal: batches become frames, frames become durable, and what is durable is marked.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dce_engine::ids::Sequence;
use dce_runtime::batch::ENTRY_HEADER_BYTES;
use dce_runtime::{Batch, Journal, JournalFault};

use crate::anchor::Anchor;
use crate::anchor::keeper::{AnchorKeeper, Anchors};
use crate::folder::lock::Lock;
use crate::folder::quarantine;
use crate::folder::space::Space;
use crate::frame::{FRAME_BYTES_MAX, FrameHash, FrameHeader, FrameKind, PAYLOAD_BYTES_MAX};
use crate::reader::LogReader;
use crate::record::{RECORD_BYTES_MAX, RecordCodec};
use crate::recovery::Place;
use crate::store::Store;
use crate::store::sled::SledStore;

/// The journal on disk.
pub type SledJournal = LogJournal<SledStore, AnchorKeeper>;

const _: () = assert!(RECORD_BYTES_MAX + ENTRY_HEADER_BYTES <= PAYLOAD_BYTES_MAX);

/// A log open for writing.
///
/// A batch is packed into few frames; [`sync`](Journal::sync) makes them durable and tells the anchor, which follows on
/// its own. After a fault it refuses everything, with the same fault: what is on the disk is found out by opening it
/// again.
#[derive(Debug)]
pub struct LogJournal<S: Store, A: Anchors> {
    store: S,
    anchors: A,
    /// After the last frame appended.
    place: Place,
    /// The last sequence that was synced.
    durable: Sequence,
    /// The same, for readers.
    published: Arc<AtomicU64>,
    reader: LogReader<S::Frames>,
    /// Where the log lies on disk, if it does.
    home: Option<Home>,
    failed: Option<JournalFault>,
    frame: Vec<u8>,
}

/// A data directory this process holds.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) dir: PathBuf,
    pub(crate) space: Space,
    /// Records whose application panicked, as they were when the log was opened.
    pub(crate) quarantined: Vec<Vec<u8>>,
    /// Given back when the journal and all its readers are gone.
    pub(crate) lock: Arc<Lock>,
}

impl<S: Store, A: Anchors> LogJournal<S, A> {
    /// A journal that goes on at `place`, up to which all is durable. `place.epoch` is the new run's.
    pub(crate) fn new(
        store: S,
        anchors: A,
        place: Place,
        generations: Vec<(u32, S::Frames)>,
        home: Option<Home>,
    ) -> Self {
        let published = Arc::new(AtomicU64::new(place.last.0));
        let lock = home.as_ref().map(|home| Arc::clone(&home.lock));
        let reader = LogReader::new(generations, Arc::clone(&published), lock);
        Self {
            store,
            anchors,
            place,
            durable: place.last,
            published,
            reader,
            home,
            failed: None,
            frame: Vec::with_capacity(FRAME_BYTES_MAX),
        }
    }

    /// Reads this log, up to what is durable, from any thread and while it is written. The log stays open as long as a
    /// reader lives.
    #[must_use]
    pub fn reader(&self) -> LogReader<S::Frames> {
        self.reader.clone()
    }

    /// The last sequence that survives a power cut.
    #[must_use]
    pub const fn durable(&self) -> Sequence {
        self.durable
    }

    /// Runs a step unless an earlier one failed, and remembers its failure.
    fn step(&mut self, step: impl FnOnce(&mut Self) -> Result<(), JournalFault>) -> Result<(), JournalFault> {
        if let Some(fault) = &self.failed {
            return Err(fault.clone());
        }
        let done = step(self);
        self.failed = done.as_ref().err().cloned();
        done
    }

    fn write_frames(&mut self, batch: &Batch) -> Result<(), JournalFault> {
        let next = Sequence(self.place.last.0 + 1);
        if batch.first() != next {
            let cause = format!("it begins at sequence {}, and {} is next", batch.first().0, next.0);
            return Err(JournalFault::new("appending a batch", cause));
        }
        let (mut begin, mut end, mut count) = (0, 0, 0);
        for entry in batch.iter() {
            let entry_bytes = ENTRY_HEADER_BYTES + entry.record.len();
            if entry_bytes > PAYLOAD_BYTES_MAX {
                let cause = format!("its {} bytes do not fit into a frame", entry.record.len());
                return Err(JournalFault::new(format!("appending the record of sequence {}", entry.sequence.0), cause));
            }
            if end - begin + entry_bytes > PAYLOAD_BYTES_MAX {
                self.write_frame(count, &batch.as_bytes()[begin..end])?;
                (begin, count) = (end, 0);
            }
            end += entry_bytes;
            count += 1;
        }
        self.write_frame(count, &batch.as_bytes()[begin..end])
    }

    fn write_frame(&mut self, count: u32, payload: &[u8]) -> Result<(), JournalFault> {
        let Place { log, generation, epoch, last, hash } = self.place;
        let header = FrameHeader {
            kind: FrameKind::Entries,
            log,
            generation,
            count,
            epoch,
            first: Sequence(last.0 + 1),
            durable: self.durable,
            previous: hash,
        };
        header.write(payload, &mut self.frame);
        self.store.append(header.first, &self.frame)?;
        self.place.last = header.last();
        self.place.hash = FrameHash::of(&self.frame);
        Ok(())
    }

    fn make_durable(&mut self) -> Result<(), JournalFault> {
        self.store.sync()?;
        if self.durable == self.place.last {
            return Ok(());
        }
        self.durable = self.place.last;
        self.published.store(self.durable.0, Ordering::Release);
        self.anchors.mark(&self.place.anchor())
    }
}

#[cfg(feature = "faults")]
impl<A: Anchors> LogJournal<SledStore, A> {
    /// How often the device was told to keep the log since it was opened. For tests.
    #[must_use]
    pub const fn device_syncs(&self) -> u64 {
        self.store.device_syncs()
    }
}

impl<S: Store, A: Anchors> Journal for LogJournal<S, A> {
    type Codec = RecordCodec;

    fn codec(&self) -> RecordCodec {
        RecordCodec::default()
    }

    fn append(&mut self, batch: &Batch) -> Result<(), JournalFault> {
        self.step(|journal| if batch.is_empty() { Ok(()) } else { journal.write_frames(batch) })
    }

    fn sync(&mut self) -> Result<(), JournalFault> {
        self.step(Self::make_durable)
    }

    fn has_room(&mut self) -> bool {
        self.home.as_ref().is_none_or(|home| home.space.has_room())
    }

    fn quarantined(&mut self) -> Vec<Vec<u8>> {
        self.home.as_ref().map_or_else(Vec::new, |home| home.quarantined.clone())
    }

    fn quarantine(&mut self, record: &[u8]) -> Result<(), JournalFault> {
        self.home.as_ref().map_or(Ok(()), |home| quarantine::add(&home.dir, record))
    }
}

impl Place {
    /// The mark of a place that is durable.
    pub(crate) const fn anchor(&self) -> Anchor {
        let Self { log, generation, epoch, last, hash } = *self;
        Anchor { log, generation, epoch, durable: last, hash }
    }
}
