//! What makes commands durable: records, the journal on sled, its anchor, recovery and replay.
//!
//! [`open`] gives back the exchange as it was after the last durable command, and the journal that takes the next ones:
//! hand both to `dce_runtime`. An answer that waited for [`sync`](dce_runtime::Journal::sync) survives kill -9 and a power
//! cut. A log that lost or changed anything that had been durable is refused, with its place; it is never shortened in
//! silence.
//!
//! | module | what it holds |
//! |---|---|
//! | [`record`] | a command as bytes |
//! | [`frame`] | a few commands as one value of the store: whose, which, after what, and whether whole |
//! | [`store`] | where frames are kept: sled, or a store that lies, for tests |
//! | [`anchor`] | how far the log was durable, written down outside the store |
//! | [`recovery`] | what is found in a log, and what is done about it: a table |
//! | [`journal`] | batches in, durable frames out |
//! | [`agree`] | what a log is made from, and what must agree with it |
//! | [`folder`] | the data directory: lock, quarantine, free space |
//! | [`tables`] | what is not the log: small values by key, in a database of their own |
//! | [`error`] | why a log is refused, and what to do |

pub mod agree;
pub mod anchor;
mod disk;
pub mod error;
pub mod faults;
pub mod folder;
pub mod frame;
pub mod journal;
mod open;
mod reader;
pub mod record;
pub mod recovery;
mod replay;
pub mod store;
pub mod tables;
mod verify;

pub use agree::{Agree, NewLog};
pub use error::{Damage, ErrorKind, LogError, ReplayError};
pub use journal::SledJournal;
pub use open::{OpenOptions, Opened, Recovery, open};
pub use reader::{LogFollower, LogReader, Logged};
pub use recovery::Cut;
pub use replay::{Progress, Replayed, Step};
pub use verify::{Verified, replay, verify};

#[cfg(any(doc, doctest))]
#[doc = include_str!("../../docs/runtime.md")]
pub mod embedding {}
