//! The exchange as a server: fronts that translate, and nothing else, around the runtime and its journal.
//!
//! The binary `dce` is [`cli`]; [`Server::builder`] is the same server inside your own program: threads of its own, no
//! async runtime asked of you.
//!
//! ```no_run
//! use dce_server::Server;
//!
//! let server = Server::builder().dir("./dce-data").start()?;
//! println!("listening on {}, certificate {}", server.address(), server.certificate().display());
//! server.stop()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The map
//!
//! | module | what it holds |
//! |---|---|
//! | [`server`], [`shutdown`], [`cli`], [`exit`] | start, stop, the command line, what exit codes say |
//! | [`config`], [`limits`] | settings with their sources; every bound in one place |
//! | [`identity`] | API keys, the certificate, the one permission table; with `rest`, people, programs and tokens |
//! | [`surface`] | every command and query, and by which front it can be asked |
//! | `http` | refusals and bodies, the same for every room that answers over HTTP; with `rest` |
//! | `fronts` | one folder a protocol: frames to commands and back |
//! | `catalog` | what is listed and not in the views: terms, auctions, bids; with the feature `rest` |
//! | `history` | yesterday's calls, auctions, bids and postings, kept beside the log; with the feature `rest` |
//! | `follow` | the threads that keep both |
//! | `hub`, `registry`, `tail` | what all fronts share: who is connected, and the recent events for those who come back |
//! | [`explain`] | why a call was decided as it was: the log replayed up to the decision |
//! | [`logs`] | what the process says about itself; with `rest`, `metrics` for Prometheus as well |
//! | `traces` | what a request and its command passed on their way, sent over OTLP; with the feature `otel` |
//! | [`plan`] | a market in a file: checked against an exchange of its own, loaded as an operator |
//! | [`demo`], [`terminal`], [`tools`] | `dce demo`, its picture, and the tools for a log at rest |
//!
//! **Thin is tested**: no code in here adds money, compares a bid, or reads a cap (`server/tests/thin.rs`).

pub mod cli;
pub mod exit;
pub mod server;
pub mod shutdown;

#[cfg(feature = "rest")]
mod clock;
pub mod config;
pub mod limits;

pub mod identity;

pub mod surface;

#[cfg(feature = "rest")]
mod http;

mod fronts;

#[cfg(feature = "rest")]
mod catalog;
#[cfg(feature = "rest")]
mod follow;
#[cfg(feature = "rest")]
mod history;
mod hub;
mod registry;
mod tail;

pub mod explain;

pub mod logs;
#[cfg(feature = "rest")]
pub mod metrics;
mod traces;

pub mod demo;
pub mod plan;
pub mod terminal;
pub mod tools;

pub use server::{Server, ServerBuilder, StartError, StopError};
