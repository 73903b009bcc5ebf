//! What a runtime may be asked to do differently.

use std::fmt;

use crate::clock::{Clock, SystemClock};
use crate::journal::Durability;

/// How a runtime runs. Start from [`Options::default`] and change what you need.
///
/// ```
/// use dce_runtime::{Durability, Options};
///
/// let options = Options { durability: Durability::None, subscribers: 2, ..Options::default() };
/// # let _ = options;
/// ```
pub struct Options {
    /// What an acknowledgement promises.
    pub durability: Durability,
    /// The processor the writer runs on, counted from 0. A pinned writer spins while it waits: give it a core of its own.
    /// Not pinned, it yields for a while, then sleeps until there is work.
    pub pin_writer: Option<usize>,
    /// Asks the kernel to back the process's large memory with huge pages: see [`huge_pages`](crate::huge_pages).
    pub huge_pages: bool,
    /// Where time comes from.
    pub clock: Box<dyn Clock>,
    /// An operator has looked at the [`ClockFault`](crate::ClockFault) there may be, and goes on in spite of it.
    pub accept_clock: bool,
    /// Bytes of each port's ring of commands. Too few and `submit` says `RingFull` earlier.
    pub ring_bytes: usize,
    /// Commands of one port that may be unanswered, or answered and not polled.
    pub in_flight_max: u32,
    /// Bytes of records that are flushed together at most; there are two such batches.
    pub batch_bytes: usize,
    /// Events that lie ready in each port's ring: at least twice what one command may give. What does not fit is copied
    /// aside until the port polls: its own answers always; others' commands, for a subscribed port, as long as fewer than
    /// twice so many events and fewer than twice so many commands lie aside. Beyond that it misses them, and is told how
    /// many.
    pub delivery_events: usize,
    /// Subscribed ports that are there before the first command is applied: they miss nothing after the exchange's
    /// sequence at the start. The first calls of [`Runtime::port`](crate::Runtime::port) that subscribe get them.
    pub subscribers: usize,
    /// Which commands make `apply` panic.
    #[cfg(test)]
    pub(crate) poison: Option<fn(&dce_engine::commands::Command<'_>) -> bool>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            durability: Durability::Always,
            pin_writer: None,
            huge_pages: false,
            clock: Box::new(SystemClock::new()),
            accept_clock: false,
            ring_bytes: 512 * 1_024,
            in_flight_max: 4_096,
            batch_bytes: 1_024 * 1_024,
            delivery_events: 16_384,
            subscribers: 0,
            #[cfg(test)]
            poison: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("durability", &self.durability)
            .field("pin_writer", &self.pin_writer)
            .field("huge_pages", &self.huge_pages)
            .field("accept_clock", &self.accept_clock)
            .field("ring_bytes", &self.ring_bytes)
            .field("in_flight_max", &self.in_flight_max)
            .field("batch_bytes", &self.batch_bytes)
            .field("delivery_events", &self.delivery_events)
            .field("subscribers", &self.subscribers)
            .finish_non_exhaustive()
    }
}
