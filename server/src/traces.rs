//! Traces over OTLP: what a request and its command passed on their way, where the feature `otel` is built and a collector
//! is named. Otherwise nothing of this is there but a look at an option that is none.
//!
//! ```text
//!  front ─► request ─► command ─► mark ─► ring, writer, journal, publisher ─► passage ─┐
//!                                                   └─► catalog, history ─► folded ──┐ │
//!                        exporter ◄── queue, bounded ◄───────── spans ◄──────────────┴─┘
//!                           └─► collector, or dropped and counted
//! ```
//!
//! The engine knows of none of it. A command that is traced carries a [`Mark`](dce_runtime::Mark), the ids of its trace and
//! of its span; the runtime tells with the answer when it passed each stage, and every subscriber the mark. Spans are made
//! of that by the threads of the fronts and of the read models, never by the writer, the journal or the publisher.
//!
//! What a span says is a name from the code, ids, codes, numbers and times. No path, no header and no body has a way in.

#[cfg(not(feature = "otel"))]
mod absent;
#[cfg(feature = "otel")]
mod collector;
#[cfg(feature = "otel")]
mod exporter;
#[cfg(feature = "otel")]
mod queue;
#[cfg(feature = "otel")]
mod recording;
#[cfg(feature = "otel")]
mod span;

#[cfg(not(feature = "otel"))]
pub(crate) use absent::{CommandSpan, FrontSpan, Traces};
#[cfg(feature = "otel")]
pub use collector::CollectorError;
#[cfg(feature = "otel")]
pub(crate) use exporter::Exporter;
#[cfg(feature = "otel")]
pub(crate) use recording::{CommandSpan, FrontSpan, Traces};
