//! Parts that several resources have in common: pay terms, destinations, reasons.

use dce_engine::event::Destination;
use dce_engine::reason::Reason;
use dce_engine::terms::{ClockStart, DialTarget, PayTerm};
use dce_engine::units::{Millis, Seconds};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fronts::rest::problem::Problem;

/// When a price or a payout is earned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct PayTermJson {
    /// After so many seconds; 0 with `connect` is as soon as the call is answered.
    after_seconds: u32,
    /// Counted from here.
    from: ClockStartJson,
}

/// What a clock counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum ClockStartJson {
    /// The caller reached the seller's switch.
    Incoming,
    /// The winning leg was dialled.
    Dial,
    /// The buyer's side picked up.
    Connect,
}

/// Where calls go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct DestinationJson {
    /// A business number or SIP address, of at most 64 bytes.
    #[schema(max_length = 64)]
    address: String,
    /// How long it may ring, at most five minutes; 30 seconds if nothing is said.
    #[serde(default = "ring_seconds")]
    ring_seconds: u16,
}

/// Why a call or a bid came to what it came to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in super::super) struct ReasonJson {
    /// The stable code: OpenRTB's below 500, the exchange's own from 501.
    code: u16,
    /// Its name.
    name: &'static str,
    /// One sentence.
    text: &'static str,
}

const fn ring_seconds() -> u16 {
    30
}

impl From<PayTermJson> for PayTerm {
    fn from(said: PayTermJson) -> Self {
        match said {
            PayTermJson { after_seconds: 0, from: ClockStartJson::Connect } => Self::OnConnect,
            PayTermJson { after_seconds, from } => Self::After {
                seconds: Seconds(after_seconds),
                from: match from {
                    ClockStartJson::Incoming => ClockStart::Incoming,
                    ClockStartJson::Dial => ClockStart::Dial,
                    ClockStartJson::Connect => ClockStart::Connect,
                },
            },
        }
    }
}

impl From<PayTerm> for PayTermJson {
    fn from(term: PayTerm) -> Self {
        match term {
            PayTerm::OnConnect => Self { after_seconds: 0, from: ClockStartJson::Connect },
            PayTerm::After { seconds, from } => Self {
                after_seconds: seconds.0,
                from: match from {
                    ClockStart::Incoming => ClockStartJson::Incoming,
                    ClockStart::Dial => ClockStartJson::Dial,
                    ClockStart::Connect => ClockStartJson::Connect,
                },
            },
        }
    }
}

impl DestinationJson {
    /// An address with the usual time to ring.
    pub(in super::super) fn new(address: &str) -> Self {
        Self { address: address.to_owned(), ring_seconds: ring_seconds() }
    }

    /// As the engine has it.
    pub(in super::super) fn target(&self, field: &str) -> Result<DialTarget, Problem> {
        let destination = Destination::new(self.address.as_bytes());
        let destination = destination.ok_or_else(|| Problem::malformed(field, "an address has from 1 to 64 bytes"))?;
        Ok(DialTarget { destination, ring: Millis(u32::from(self.ring_seconds).saturating_mul(1_000)) })
    }
}

impl From<&DialTarget> for DestinationJson {
    fn from(target: &DialTarget) -> Self {
        let ring_seconds = u16::try_from(target.ring.0 / 1_000).unwrap_or(u16::MAX);
        Self { address: address(&target.destination), ring_seconds }
    }
}

/// The text of an address.
pub(in super::super) fn address(destination: &Destination) -> String {
    String::from_utf8_lossy(destination.as_bytes()).into_owned()
}

impl From<Reason> for ReasonJson {
    fn from(reason: Reason) -> Self {
        let name = dce_protocol::name_of(reason.code()).map_or("", |named| named.name);
        Self { code: reason.code(), name, text: reason.text() }
    }
}
