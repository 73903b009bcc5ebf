//! Where time comes from: the host's two clocks behind a trait, and the faults an operator has to judge.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use dce_engine::units::Timestamp;

/// The host's clocks, as the sequencer reads them: one to measure lengths, one to know the date.
pub trait Clock: Send + 'static {
    /// Nanoseconds since some moment of the clock's choice. Never goes back, is never set. Read for every command.
    fn monotonic_nanos(&mut self) -> u64;

    /// What the host believes the date is. May jump. Read about ten times a second.
    fn utc(&mut self) -> Timestamp;
}

/// The clocks of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Counts from now.
    #[must_use]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn monotonic_nanos(&mut self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn utc(&mut self) -> Timestamp {
        // A clock before 1970 is behind every log, and reported as that.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    }
}

/// A clock moved by hand: for tests and simulations. Clones show the same time.
#[derive(Clone, Debug)]
pub struct ManualClock {
    monotonic_nanos: Arc<AtomicU64>,
    /// The date when the other clock stood at zero.
    origin_micros: Arc<AtomicU64>,
}

impl ManualClock {
    /// Stands at this date.
    #[must_use]
    pub fn at(utc: Timestamp) -> Self {
        Self { monotonic_nanos: Arc::default(), origin_micros: Arc::new(AtomicU64::new(utc.micros())) }
    }

    /// Time passes, on both clocks.
    pub fn advance(&self, length: std::time::Duration) {
        let nanos = u64::try_from(length.as_nanos()).unwrap_or(u64::MAX);
        self.monotonic_nanos.fetch_add(nanos, Ordering::AcqRel);
    }

    /// Time passes until this date; nothing happens when it is over.
    pub fn advance_to(&self, utc: Timestamp) {
        let left = utc.micros_since(self.date());
        self.advance(std::time::Duration::from_micros(left));
    }

    /// Somebody sets the date, and no time passes.
    pub fn set_utc(&self, utc: Timestamp) {
        let passed = self.monotonic_nanos.load(Ordering::Acquire) / 1_000;
        self.origin_micros.store(utc.micros().saturating_sub(passed), Ordering::Release);
    }

    fn date(&self) -> Timestamp {
        let passed = self.monotonic_nanos.load(Ordering::Acquire) / 1_000;
        Timestamp::from_micros(self.origin_micros.load(Ordering::Acquire) + passed)
    }
}

impl Clock for ManualClock {
    fn monotonic_nanos(&mut self) -> u64 {
        self.monotonic_nanos.load(Ordering::Acquire)
    }

    fn utc(&mut self) -> Timestamp {
        self.date()
    }
}

/// Why time cannot go on from where the log ends without an operator's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockFault {
    /// The host believes it is earlier than the log's last command, by more than a second.
    #[error(
        "the host's clock ({host}) is behind the log's last command ({log}); set the host's clock, or accept it: log \
         time then goes on from the log and waits for the host"
    )]
    Behind {
        /// The host's date.
        host: Timestamp,
        /// The time of the last logged command.
        log: Timestamp,
    },
    /// No command was logged for more than a day before the start. The process may have run all the time and nobody asked
    /// for anything: the log cannot tell that from a stop, or from a wrong date.
    #[error(
        "no command for {seconds} s before the start, from the log's last ({log}) to the host's clock ({host}): more \
         than a day; check the host's date, or accept it: everything that fell due since then happens now"
    )]
    LongStop {
        /// The host's date.
        host: Timestamp,
        /// The time of the last logged command.
        log: Timestamp,
        /// How long that is.
        seconds: u64,
    },
}
