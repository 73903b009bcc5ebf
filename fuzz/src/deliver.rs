//! What switches and time ask for.

use arbitrary::Arbitrary;
use dce_engine::prelude::*;

use crate::Pair;
use crate::market::SELLER;
use crate::pools::{call_of, leg_of, stamp_of};

/// Ids and amounts are places in small pools.
#[derive(Clone, Debug, Arbitrary)]
pub(crate) enum Deliver {
    ReportRinging { call: u8, leg: u8, clocks: [u8; 3], stamp: u8 },
    ReportAnswered { call: u8, leg: u8, clocks: [u8; 3], stamp: u8 },
    ReportFailed { call: u8, leg: u8, clocks: [u8; 3], stamp: u8, failure: u8 },
    ReportEnded { call: u8, leg: u8, clocks: [u8; 3], stamp: u8 },
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
            Self::Tick => Tick.into(),
        }
    }
}
