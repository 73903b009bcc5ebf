//! What several records of version 1 carry.

use dce_engine::commands::Stamp;
use dce_engine::ids::SessionId;
use dce_engine::terms::{ClockStart, Clocks, Leg, LegReport, PayTerm};
use dce_engine::units::{GeoPoint, Millis, Money, Seconds};
use rkyv::option::ArchivedOption;
use rkyv::primitive::ArchivedI64;
use rkyv::{Archive, Serialize};

#[derive(Archive, Serialize)]
pub(super) struct StampV1 {
    session: u64,
    number: u64,
}

impl StampV1 {
    pub(super) const fn of(stamp: Stamp) -> Self {
        let Stamp { session, number } = stamp;
        Self { session: session.0, number }
    }
}

impl ArchivedStampV1 {
    pub(super) const fn read(&self) -> Stamp {
        Stamp { session: SessionId(self.session.to_native()), number: self.number.to_native() }
    }
}

#[derive(Archive, Serialize)]
pub(super) enum ClockStartV1 {
    Incoming,
    Dial,
    Connect,
}

#[derive(Archive, Serialize)]
pub(super) enum PayTermV1 {
    OnConnect,
    After { seconds: u32, from: ClockStartV1 },
}

impl PayTermV1 {
    pub(super) const fn of(term: PayTerm) -> Self {
        match term {
            PayTerm::OnConnect => Self::OnConnect,
            PayTerm::After { seconds, from } => {
                let from = match from {
                    ClockStart::Incoming => ClockStartV1::Incoming,
                    ClockStart::Dial => ClockStartV1::Dial,
                    ClockStart::Connect => ClockStartV1::Connect,
                };
                Self::After { seconds: seconds.0, from }
            }
        }
    }
}

impl ArchivedPayTermV1 {
    pub(super) const fn read(&self) -> PayTerm {
        match self {
            Self::OnConnect => PayTerm::OnConnect,
            Self::After { seconds, from } => {
                let from = match from {
                    ArchivedClockStartV1::Incoming => ClockStart::Incoming,
                    ArchivedClockStartV1::Dial => ClockStart::Dial,
                    ArchivedClockStartV1::Connect => ClockStart::Connect,
                };
                PayTerm::After { seconds: Seconds(seconds.to_native()), from }
            }
        }
    }
}

#[derive(Archive, Serialize, Clone, Copy, Debug)]
pub(super) enum LegV1 {
    ConsumerInbound,
    OutboundTransfer,
    Callback,
}

impl LegV1 {
    pub(super) const fn of(leg: Leg) -> Self {
        match leg {
            Leg::ConsumerInbound => Self::ConsumerInbound,
            Leg::OutboundTransfer => Self::OutboundTransfer,
            Leg::Callback => Self::Callback,
        }
    }
}

impl ArchivedLegV1 {
    pub(super) const fn read(&self) -> Leg {
        match self {
            Self::ConsumerInbound => Leg::ConsumerInbound,
            Self::OutboundTransfer => Leg::OutboundTransfer,
            Self::Callback => Leg::Callback,
        }
    }
}

/// The leg a report is about and the reporter's clocks, in milliseconds.
#[derive(Archive, Serialize)]
pub(super) struct LegReportV1 {
    attempt: u8,
    destination_index: u8,
    since_incoming: u32,
    since_dial: u32,
    since_connect: u32,
}

impl LegReportV1 {
    pub(super) const fn of(report: LegReport) -> Self {
        let LegReport { attempt, destination_index, clocks } = report;
        let Clocks { since_incoming, since_dial, since_connect } = clocks;
        Self {
            attempt,
            destination_index,
            since_incoming: since_incoming.0,
            since_dial: since_dial.0,
            since_connect: since_connect.0,
        }
    }
}

impl ArchivedLegReportV1 {
    pub(super) const fn read(&self) -> LegReport {
        let clocks = Clocks {
            since_incoming: Millis(self.since_incoming.to_native()),
            since_dial: Millis(self.since_dial.to_native()),
            since_connect: Millis(self.since_connect.to_native()),
        };
        LegReport { attempt: self.attempt, destination_index: self.destination_index, clocks }
    }
}

/// Microdegrees.
#[derive(Archive, Serialize, Clone, Copy, Debug)]
pub(super) struct PointV1 {
    latitude: i32,
    longitude: i32,
}

impl PointV1 {
    pub(super) const fn of(point: GeoPoint) -> Self {
        let GeoPoint { latitude_micro, longitude_micro } = point;
        Self { latitude: latitude_micro, longitude: longitude_micro }
    }
}

impl ArchivedPointV1 {
    pub(super) const fn read(&self) -> GeoPoint {
        GeoPoint { latitude_micro: self.latitude.to_native(), longitude_micro: self.longitude.to_native() }
    }
}

/// Micro-units, where there is an amount.
pub(super) fn optional_micros(amount: Option<Money>) -> Option<i64> {
    amount.map(Money::micros)
}

pub(super) fn optional_money(micros: &ArchivedOption<ArchivedI64>) -> Option<Money> {
    micros.as_ref().map(|micros| Money::from_micros(micros.to_native()))
}
