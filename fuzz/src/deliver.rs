//! What switches and time ask for.

use arbitrary::Arbitrary;
use dce_engine::prelude::*;

use crate::Pair;
use crate::market::SELLER;
use crate::pools::{call_of, leg_of, listing_of, millis, stamp_of};

/// Ids and amounts are places in small pools.
#[derive(Clone, Debug, Arbitrary)]
pub(crate) enum Deliver {
    ReportRinging { call: u8, leg: u8, clocks: [u8; 3], stamp: u8 },
    ReportAnswered { call: u8, leg: u8, clocks: [u8; 3], stamp: u8 },
    ReportFailed { call: u8, leg: u8, clocks: [u8; 3], stamp: u8, failure: u8 },
    ReportEnded { call: u8, leg: u8, clocks: [u8; 3], stamp: u8 },
    ReportDropped { call: u8, leg: u8, clocks: [u8; 3], stamp: u8 },
    ReportRejected { call: u8, leg: u8, clocks: [u8; 3], stamp: u8 },
    SetDelivery { listing: u8, recover: [u8; 2], ring: u8 },
    Tick,
}

impl Deliver {
    /// The command, tried at `at`.
    pub(crate) fn command(&self, pair: &mut Pair, at: Timestamp) -> Command<'static> {
        match *self {
            Self::ReportRinging { call, leg, clocks, stamp } => {
                let call = call_of(call, pair, at);
                let leg = leg_of(leg, clocks, call, pair);
                ReportRinging::new(SELLER, call, leg, stamp_of(stamp, pair)).into()
            }
            Self::ReportAnswered { call, leg, clocks, stamp } => {
                let call = call_of(call, pair, at);
                let leg = leg_of(leg, clocks, call, pair);
                ReportAnswered::new(SELLER, call, leg, stamp_of(stamp, pair)).into()
            }
            Self::ReportFailed { call, leg, clocks, stamp, failure } => {
                let failures = [Reason::NoAnswer, Reason::Busy, Reason::DialFailed, Reason::NoBid];
                let call = call_of(call, pair, at);
                let leg = leg_of(leg, clocks, call, pair);
                ReportFailed::new(SELLER, call, leg, failures[usize::from(failure % 4)], stamp_of(stamp, pair)).into()
            }
            Self::ReportEnded { call, leg, clocks, stamp } => {
                let call = call_of(call, pair, at);
                let leg = leg_of(leg, clocks, call, pair);
                ReportEnded::new(SELLER, call, leg, stamp_of(stamp, pair)).into()
            }
            Self::ReportDropped { call, leg, clocks, stamp } => {
                let call = call_of(call, pair, at);
                let leg = leg_of(leg, clocks, call, pair);
                ReportDropped::new(SELLER, call, leg, stamp_of(stamp, pair)).into()
            }
            Self::ReportRejected { call, leg, clocks, stamp } => {
                let call = call_of(call, pair, at);
                let leg = leg_of(leg, clocks, call, pair);
                ReportRejected::new(SELLER, call, leg, stamp_of(stamp, pair)).into()
            }
            Self::SetDelivery { listing, recover: [below, times], ring } => {
                let command =
                    SetDelivery::new(SELLER, listing_of(listing)).recover(Seconds(u32::from(below)), times % 8);
                if ring & 1 == 0 { command.into() } else { command.fallback(b"+18005550199", millis(ring)).into() }
            }
            Self::Tick => Tick.into(),
        }
    }
}
