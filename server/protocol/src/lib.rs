//! The wire frames of the exchange, protocol version 1: fixed layout, little endian, no I/O.
//!
//! Each direction of a stream is a sequence of frames: a header of 16 bytes, a body whose fields lie at fixed places, and
//! lists of elements of fixed size after it. [`split`] cuts frames from the bytes that have arrived, [`Up::decode`] and
//! [`Down::decode`] read one, borrowing its lists from the bytes; [`Up::encode`] and [`Down::encode`] write one. Nothing
//! allocates and nothing panics, whatever the bytes.
//!
//! There is one way to write a frame: whatever decodes encodes to the same bytes again. So each reserved byte, and each
//! byte of a field that is absent, must be zero, and a flag nobody knows is refused.
//!
//! What may be sent when is `docs/protocol.md`; the tables in there are made from [`layout`], and each frame is to be
//! found as bytes in `docs/protocol-vectors.json`.
//!
//! ```
//! use dce_protocol::{FrameBuffer, Split, Up, split, up};
//!
//! let mut bytes = FrameBuffer::new();
//! Up::from(up::SetBid { buyer: 7, profile: 1, amount: Some(25_000_000) }).encode(1, &mut bytes);
//! let Split::Frame { frame, rest } = split(bytes.as_slice()) else { panic!("a whole frame") };
//! assert!(rest.is_empty());
//! let (number, Up::SetBid(bid)) = Up::decode(frame)? else { panic!("another frame") };
//! assert_eq!((number, bid.amount), (1, Some(25_000_000)));
//! # Ok::<(), dce_protocol::Fault>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

#[cfg(any(feature = "alloc", test))]
extern crate alloc;

mod frames;
mod parties;
mod scalar;

mod codes;
mod element;
mod fault;
mod header;
mod list;
mod names;
mod sink;
mod values;

pub mod down;
pub mod event;
pub mod layout;
pub mod up;

pub use codes::{
    AnonymousCallers, CallState, ClockStart, Counts, Deal, DuplicateOn, KeyRole, Leg, Measure, Pace, Per, PostingKind,
    Pricing, Role, Standing,
};
pub use down::Down;
pub use element::{
    Bid, ChainNode, Change, Clause, DialTarget, Distance, Fact, FactValue, Holiday, Modifier, ModifierValue, OpenSpan,
    QuotaRule, ScreenRule, SkillLevel, Test, Transition, ValueCode, Verdict,
};
pub use event::{Event, EventFrame};
pub use fault::Fault;
pub use header::{HEADER_BYTES, Split, split};
pub use list::{Bytes, Key, List, Text, TooLong};
pub use names::{CodeName, code_names, name_of};
pub use sink::{FrameBuffer, Sink};
pub use up::Up;
pub use values::{
    CallerScope, Candidate, Kind, LegReport, PayTerm, Payout, Policy, Posting, Prior, QuotaScope, Resume,
};

/// The version of the protocol, as hello and welcome say it.
pub const VERSION: u16 = 1;
/// The protocol's name in the TLS handshake (ALPN).
pub const ALPN: &[u8] = b"dce/1";
/// The most bytes of a frame in either direction, its header included.
pub const FRAME_MAX: usize = 4_096;
/// Requests a session may have unanswered; a batch of bids counts each of its bids.
pub const CREDIT: u16 = 64;
/// One above the highest number a request may have.
pub const NUMBER_END: u64 = 1 << 63;
/// Streams, each with a session of its own, on one connection.
pub const STREAMS_MAX: u32 = 8;

/// How long a client may take from opening a stream to the last byte of its hello, in milliseconds.
pub const HELLO_TIMEOUT_MS: u32 = 5_000;
/// Either side sends at least one frame in this time, a heartbeat if it has nothing else, in milliseconds.
pub const HEARTBEAT_MS: u32 = 5_000;
/// A side that has received nothing for so long gives the other up, in milliseconds.
pub const IDLE_MS: u32 = 15_000;

/// Bytes of a key in a hello.
pub const KEY_BYTES_MAX: usize = 128;
/// Bytes of the name of an attribute or a value.
pub const NAME_BYTES_MAX: usize = 64;
/// Bytes of a destination.
pub const DESTINATION_BYTES_MAX: usize = 64;
/// Bytes of the reason text of a closing.
pub const REASON_BYTES_MAX: usize = 64;
/// Facts of a call, every element of a set counted.
pub const FACTS_MAX: usize = 64;
/// Nodes of the chain a call came through.
pub const CHAIN_MAX: usize = 8;
/// Clauses of a profile's targeting.
pub const CLAUSES_MAX: usize = 32;
/// Values a profile lists over all its clauses.
pub const CLAUSE_VALUES_MAX: usize = 256;
/// Destinations of a profile.
pub const DESTINATIONS_MAX: usize = 4;
/// Fallbacks of a listing.
pub const FALLBACKS_MAX: usize = 1;
/// The destination's number under which a fallback's leg is reported.
pub const FALLBACK_INDEX: u8 = u8::MAX;
/// Values in one chunk of a value set.
pub const VALUE_SET_CHUNK_MAX: usize = 512;
/// Spans of the week one calendar is open.
pub const OPEN_SPANS_MAX: usize = 32;
/// Holidays, or runs of them, of one calendar.
pub const HOLIDAYS_MAX: usize = 64;
/// Modifiers of a profile's standing bid.
pub const MODIFIERS_MAX: usize = 16;
/// Rules of one screen.
pub const SCREEN_RULES_MAX: usize = 8;
/// Values a screen lists over all its rules.
pub const SCREEN_VALUES_MAX: usize = 64;
/// Rules of one quota.
pub const QUOTA_RULES_MAX: usize = 12;
/// Skills of one profile.
pub const PROFILE_SKILLS_MAX: usize = 8;
/// Skills one listing requires.
pub const REQUIRED_SKILLS_MAX: usize = 4;
/// Transitions of a zone.
pub const TRANSITIONS_MAX: usize = 16;
/// Bids in one batch.
pub const BIDS_MAX: usize = 64;
/// Verdicts in one frame.
pub const VERDICTS_MAX: usize = 64;

/// The position "all of this sequence", where an index of an event is asked for.
pub const INDEX_ALL: u16 = u16::MAX;
