//! Threads and rings around the exchange: one writer, tickets that resolve when durable, views nobody waits for.
//!
//! | module | what it holds |
//! |---|---|
//! | [`codec`] | how a command becomes the record that travels and is kept |
//! | [`batch`], [`journal`] | a group of accepted commands, and what makes it durable |

pub mod batch;
pub mod codec;
pub mod journal;

pub use batch::{Batch, Entry};
pub use codec::{Codec, CodecError};
pub use journal::{Durability, Journal, JournalFault};
