//! One span as OTLP has it: ids, a name, two times, attributes.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span, Status};

/// Flags of a span: it is recorded; whether its parent is of another process is known; it is.
const SAMPLED: u32 = 1;
const KNOWN: u32 = 1 << 8;
#[cfg(feature = "rest")]
const REMOTE: u32 = 1 << 9;

/// Where a span hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) trace: u128,
    pub(super) span: u64,
}

/// What a span hangs from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parent {
    /// Nothing: the trace begins here.
    None,
    /// A span of another process, which only HTTP can name.
    #[cfg(feature = "rest")]
    Remote(u64),
    /// A span of this one.
    Local(u64),
}

/// A span that has begun.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) place: Place,
    pub(super) parent: Parent,
    pub(super) name: String,
    pub(super) kind: SpanKind,
    pub(super) begun: Instant,
    pub(super) attributes: Vec<KeyValue>,
}

/// The date of an instant: monotonic times of one trace are told by one reading of the host's clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dates {
    now: Instant,
    nanos: u64,
}

impl Dates {
    pub(super) fn now() -> Self {
        let (now, since) = (Instant::now(), SystemTime::now().duration_since(UNIX_EPOCH));
        let nanos = since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX));
        Self { now, nanos }
    }

    pub(super) const fn instant(&self) -> Instant {
        self.now
    }

    fn of(&self, at: Instant) -> u64 {
        let nanos = |from: Instant, to: Instant| u64::try_from(to.duration_since(from).as_nanos()).unwrap_or(u64::MAX);
        if at <= self.now {
            self.nanos.saturating_sub(nanos(at, self.now))
        } else {
            self.nanos.saturating_add(nanos(self.now, at))
        }
    }
}

impl Open {
    /// The span, ended.
    pub(super) fn end(self, dates: &Dates, at: Instant, fault: Option<&'static str>) -> Span {
        let (parent, remote) = match self.parent {
            Parent::None => (Vec::new(), 0),
            #[cfg(feature = "rest")]
            Parent::Remote(id) => (id.to_be_bytes().to_vec(), REMOTE),
            Parent::Local(id) => (id.to_be_bytes().to_vec(), 0),
        };
        let status = fault.map(|message| Status { message: message.to_owned(), code: StatusCode::Error.into() });
        Span {
            trace_id: self.place.trace.to_be_bytes().to_vec(),
            span_id: self.place.span.to_be_bytes().to_vec(),
            parent_span_id: parent,
            flags: SAMPLED | KNOWN | remote,
            name: self.name,
            kind: self.kind.into(),
            start_time_unix_nano: dates.of(self.begun),
            end_time_unix_nano: dates.of(at),
            attributes: self.attributes,
            status,
            ..Span::default()
        }
    }
}

pub(super) fn text(key: &str, value: impl Into<String>) -> KeyValue {
    attribute(key, Value::StringValue(value.into()))
}

pub(super) fn number(key: &str, value: u64) -> KeyValue {
    attribute(key, Value::IntValue(i64::try_from(value).unwrap_or(i64::MAX)))
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn instants_before_and_after_have_their_dates() {
        let dates = Dates::now();
        let (second, earlier) = (Duration::from_secs(1), dates.now - Duration::from_secs(1));
        assert_eq!(dates.of(dates.now) - dates.of(earlier), 1_000_000_000);
        assert_eq!(dates.of(dates.now + second) - dates.of(dates.now), 1_000_000_000);
    }
}
