//! What the runtime is doing, as numbers anybody may read at any time without disturbing it.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crossbeam_utils::CachePadded;
use dce_engine::ids::Sequence;

use crate::histogram::Histogram;

/// Counters since the runtime's start. Each is written by one thread and read by any; two read one after the other may
/// be from different moments.
#[derive(Debug, Default)]
pub struct Gauges {
    pub(crate) writer: CachePadded<WriterGauges>,
    pub(crate) journal: CachePadded<JournalGauges>,
    pub(crate) publisher: CachePadded<PublisherGauges>,
}

#[derive(Debug)]
pub(crate) struct WriterGauges {
    pub(crate) applied: AtomicU64,
    pub(crate) accepted: AtomicU64,
    pub(crate) repeated: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) ticks: AtomicU64,
    pub(crate) ports: AtomicU64,
    pub(crate) clock_steps: AtomicU64,
    /// How far the date moved at the last of them; written before it is counted.
    pub(crate) clock_step_micros: AtomicI64,
    pub(crate) clock_offset_micros: AtomicI64,
    pub(crate) decisions: Histogram,
}

#[derive(Debug)]
pub(crate) struct JournalGauges {
    pub(crate) commits: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) latency: Histogram,
}

#[derive(Debug, Default)]
pub(crate) struct PublisherGauges {
    pub(crate) answered: AtomicU64,
    pub(crate) published: AtomicU64,
    pub(crate) named: AtomicU64,
    pub(crate) views: AtomicU64,
    pub(crate) missed: AtomicU64,
}

impl Gauges {
    /// The place of the last command applied. It may not be durable yet.
    #[must_use]
    pub fn applied(&self) -> Sequence {
        Sequence(self.writer.applied.load(Ordering::Relaxed))
    }

    /// The place of the last command that was published: under [`Durability::Always`](crate::Durability::Always) it and
    /// all before it are durable.
    #[must_use]
    pub fn published(&self) -> Sequence {
        Sequence(self.publisher.published.load(Ordering::Relaxed))
    }

    /// The place of the last command since the start that declared an attribute or gave a value its code. It is counted
    /// before its answer leaves: whoever was answered finds it here.
    #[must_use]
    pub fn named(&self) -> Sequence {
        Sequence(self.publisher.named.load(Ordering::Acquire))
    }

    /// Commands accepted, ticks included.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.writer.accepted.load(Ordering::Relaxed)
    }

    /// Commands recognised as accepted before.
    #[must_use]
    pub fn repeated(&self) -> u64 {
        self.writer.repeated.load(Ordering::Relaxed)
    }

    /// Commands refused, by the engine or by the runtime.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.writer.refused.load(Ordering::Relaxed)
    }

    /// Ticks applied, because something fell due.
    #[must_use]
    pub fn ticks(&self) -> u64 {
        self.writer.ticks.load(Ordering::Relaxed)
    }

    /// Commands handed to ports, handles and nobody: each accepted, repeated or refused command once it may leave.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.publisher.answered.load(Ordering::Relaxed)
    }

    /// Commands judged whose answer has not left yet: how far the writer is ahead of the journal.
    #[must_use]
    pub fn unanswered(&self) -> u64 {
        // Read first what can only be smaller, so that the difference is never below zero.
        let answered = self.answered();
        (self.accepted() + self.repeated() + self.refused()).saturating_sub(answered)
    }

    /// Rings the writer drains.
    #[must_use]
    pub fn ports(&self) -> u64 {
        self.writer.ports.load(Ordering::Relaxed)
    }

    /// Batches the journal took, and made durable where the durability asks for it.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.journal.commits.load(Ordering::Relaxed)
    }

    /// Bytes of those batches, as the writer handed them over.
    #[must_use]
    pub fn journal_bytes(&self) -> u64 {
        self.journal.bytes.load(Ordering::Relaxed)
    }

    /// How long the journal took for each batch.
    #[must_use]
    pub fn commit_latency(&self) -> &Histogram {
        &self.journal.latency
    }

    /// How long a decision took: `OfferCall`, `CloseAuction` and `Tick`, from bytes to events.
    #[must_use]
    pub fn decision_latency(&self) -> &Histogram {
        &self.writer.decisions
    }

    /// Views published.
    #[must_use]
    pub fn views(&self) -> u64 {
        self.publisher.views.load(Ordering::Relaxed)
    }

    /// Deliveries of others' commands that subscribed ports missed because they did not poll.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.publisher.missed.load(Ordering::Relaxed)
    }

    /// How often the host's date moved by more than a second against elapsed time. Somebody set it, or the host slept;
    /// log time goes on as it was and is drawn towards the date by half a millisecond a second. Each is also a warning in the log.
    #[must_use]
    pub fn clock_steps(&self) -> u64 {
        self.writer.clock_steps.load(Ordering::Relaxed)
    }

    /// The host's date less log time, in microseconds, when it was last looked at.
    #[must_use]
    pub fn clock_offset_micros(&self) -> i64 {
        self.writer.clock_offset_micros.load(Ordering::Relaxed)
    }
}

impl Default for WriterGauges {
    fn default() -> Self {
        Self {
            applied: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            repeated: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            ticks: AtomicU64::new(0),
            ports: AtomicU64::new(0),
            clock_steps: AtomicU64::new(0),
            clock_step_micros: AtomicI64::new(0),
            clock_offset_micros: AtomicI64::new(0),
            decisions: Histogram::new(),
        }
    }
}

impl Default for JournalGauges {
    fn default() -> Self {
        Self { commits: AtomicU64::new(0), bytes: AtomicU64::new(0), latency: Histogram::new() }
    }
}

/// Counts one more where only one thread counts: a plain add, without the lock an atomic one would take.
pub(crate) fn count(gauge: &AtomicU64, more: u64) {
    gauge.store(gauge.load(Ordering::Relaxed) + more, Ordering::Relaxed);
}
