//! Yesterday's calls, auctions, bids and postings: a projection of the log in a sled database of its own.
//!
//! ```text
//!  log, events ─► Recorder: fold → rows ─► one batch: rows + place of the log ─► database ◄─ History: pages, statements
//! ```
//!
//! Invariant: the database shows every command of the log up to its [`position`](Recorder::position), each once, and nothing
//! of any later one. Rows and position are written together or not at all, so whoever is killed goes on where the database
//! stands. It decides nothing and nobody waits for it: without it the exchange is the same, and out of the log it is made
//! again.
//!
//! | module | what it holds |
//! |---|---|
//! | [`rows`] | what is kept of a call, a line of an account's money, a day |
//! | [`lots`] | auctions and bids as events tell them: one fold, for this and for read models in memory |
//! | `fold`, `pending` | from events to rows; the rows of the next batch |
//! | `bundles` | rows that stand together, so that a key of the database is paid for once |
//! | `keys`, `bytes`, `layout` | where rows stand and how they are written, with a format of their own |
//! | [`read`], [`statement`], [`counts`] | pages by time, party and status; statements; counts and sums by day |
//! | `recorder`, `retention` | who writes, and what it lets go of |

pub mod counts;
pub mod lots;
pub mod read;
pub mod rows;
pub mod statement;

mod bundles;
mod bytes;
mod fold;
mod keys;
mod layout;
mod pending;
mod recorder;
mod retention;

pub use counts::{BidCounts, CallCounts, Day};
pub use read::{Candidate, Found, History, Period};
pub use recorder::{Recorder, open};
pub use rows::{CallRow, CallStatus, Line, LineKind, LineOf};
pub use statement::Statement;

use std::path::PathBuf;

use dce_persistence::tables::VALUE_BYTES_MAX;
use dce_runtime::JournalFault;

/// Why the history cannot be written or read. The exchange is not touched by it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The system, or sled.
    #[error("the history: {0}; its folder may be removed while the server is stopped: it is made again from the log")]
    Store(JournalFault),
    /// Another version of this program wrote it.
    #[error(
        "the history in {} has format {found}, and this program reads format {known}: remove the folder, and it is made \
         again from the log at the next start", folder.display()
    )]
    Format {
        /// Where it lies.
        folder: PathBuf,
        /// What was found.
        found: u8,
        /// What is known.
        known: u8,
    },
    /// A row is not what was written.
    #[error("the history has a row it cannot read in table `{table}`: stop the server and remove the folder `history`")]
    Damaged {
        /// Where.
        table: &'static str,
    },
    /// What was asked for is older than what is kept.
    #[error("what happened then is no longer kept")]
    Gone,
}

impl From<JournalFault> for HistoryError {
    fn from(fault: JournalFault) -> Self {
        Self::Store(fault)
    }
}

const _: () = assert!(VALUE_BYTES_MAX >= 1_024, "every row is far smaller");
