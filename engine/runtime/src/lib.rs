//! Threads and rings around the exchange: one writer, tickets that resolve when durable, views nobody waits for.
//!
//! | module | what it holds |
//! |---|---|
//! | [`runtime`](Runtime) | an exchange on threads: started, stopped, and why it ended |
//! | `threads`, `gates` | how the three threads are started; how ports come in |
//! | [`port`](Port), [`handle`](Handle) | the ways in: one thread's own, and one to share |
//! | [`refusal`](Refusal), [`Busy`] | why a command was not carried out, or not even taken |
//! | [`passage`](Passage) | when a marked command passed each stage |
//! | [`views`], [`gauges`](Gauges) | what is, and what the runtime is doing |
//! | [`story`] | one call, and money, as events tell them: the fold of the views, for whoever keeps rows of its own |
//! | [`durable`](Durable) | the same promises without a thread |
//! | [`options`](Options), [`clock`](Clock) | what may be asked to be different; where time comes from |
//! | [`codec`], [`batch`], [`journal`] | how a command becomes the record that travels and is kept; what makes it durable |
//! | [`memory`] | a journal that forgets with the process, with faults on request |
//! | `writer`, `judge`, `sequencer` | the one thread that changes the exchange |
//! | `pipe`, `committer`, `publisher`, `sinks`, `wakers`, `delivery`, `fold` | what happens to what it decided |
//! | `ring`, `table`, `bell`, `histogram`, [`huge_pages`] | tools without a word of the trade |
//!
//! How they hang together is drawn in `docs/runtime.md`.

mod runtime;

mod gates;
mod threads;

mod delivery;
mod handle;
mod port;

mod passage;
mod refusal;

mod fold;
mod gauges;
mod ringing;
pub mod story;
pub mod views;

mod durable;

mod clock;
mod options;

pub mod batch;
pub mod codec;
pub mod journal;
pub mod memory;

mod judge;
mod sequencer;
mod shared;
mod writer;

mod committer;
mod pipe;
mod publisher;
mod sinks;
mod wakers;

mod bell;
mod histogram;
pub mod huge_pages;
mod ring;
mod table;

#[cfg(test)]
mod panics;

pub use batch::{Batch, Entry};
pub use clock::{Clock, ClockFault, ManualClock, SystemClock};
pub use codec::{Codec, CodecError};
pub use delivery::{Delivery, Invitation, Ticket};
pub use durable::{Durable, DurableError, HearAnswer};
pub use gauges::Gauges;
pub use handle::{Answer, Handle, PendingTicket};
pub use histogram::Histogram;
pub use journal::{Durability, Journal, JournalFault};
pub use memory::MemoryJournal;
pub use options::Options;
pub use passage::{Commit, Mark, Passage};
pub use port::{Port, PortOptions};
pub use refusal::{Busy, Refusal};
pub use ring::RING_RECORD_BYTES_MAX;
pub use runtime::{Runtime, SpawnError, Stopped};
pub use shared::Failure;
pub use views::{Counters, Views};
