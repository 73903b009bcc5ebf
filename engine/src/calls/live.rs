//! What is known of a call only while it lives.

use crate::ids::{Sequence, SubjectId};
use crate::limits::ATTEMPTS_MAX;
use crate::terms::{Chosen, Clocks, FactSheet, Leg, Segment, Taken};
use crate::units::Money;

/// A profile the call was tried at: its slot may be another's by now, its creation tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tried {
    pub(crate) profile: u32,
    pub(crate) created: Sequence,
}

/// How far a held amount has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HoldState {
    /// Not set aside: it will be, if the revenue is earned first.
    None,
    /// Set aside.
    Held,
    /// Moved.
    Posted,
    /// Lifted.
    Voided,
}

/// What the present winner took: exactly this is undone if nobody answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hold {
    /// The winner's slot. It cannot close while the call is its.
    pub(crate) profile: u32,
    /// The buyer's account slot.
    pub(crate) buyer: u32,
    pub(crate) taken: Taken,
    /// What it bid, live or standing, when it won.
    pub(crate) amount: Money,
    pub(crate) price: Money,
    pub(crate) payout: Money,
    pub(crate) revenue_state: HoldState,
    pub(crate) payout_state: HoldState,
    /// By what it won: what the others are told, whatever has changed since.
    pub(crate) chosen: Chosen,
    /// Among which calls the outcome is counted, if it is.
    pub(crate) segment: Option<Segment>,
}

impl Hold {
    /// The money it still holds.
    pub(crate) fn held_money(&self) -> Money {
        let of = |state, amount| {
            if state == HoldState::Held { amount } else { Money::ZERO }
        };
        of(self.revenue_state, self.price) + of(self.payout_state, self.payout)
    }
}

/// The live part of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LiveCall {
    pub(crate) record: u32,
    pub(crate) facts: FactSheet,
    pub(crate) subject: SubjectId,
    pub(crate) leg: Leg,
    /// The least price: the offer's own, or the listing's.
    pub(crate) reserve: Money,
    /// The auction's slot, or `u32::MAX`.
    pub(crate) auction: u32,
    pub(crate) hold: Option<Hold>,
    pub(crate) tried: [Tried; ATTEMPTS_MAX],
    /// As last reported for the present leg.
    pub(crate) clocks: Clocks,
}

impl LiveCall {
    /// A call that has just become known.
    pub(crate) fn new(record: u32, facts: &FactSheet, subject: SubjectId, leg: Leg, reserve: Money) -> Self {
        Self {
            record,
            facts: *facts,
            subject,
            leg,
            reserve,
            auction: u32::MAX,
            hold: None,
            tried: [Tried::default(); ATTEMPTS_MAX],
            clocks: Clocks::default(),
        }
    }

    pub(crate) fn has_auction(&self) -> bool {
        self.auction != u32::MAX
    }

    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let head = [
            u64::from(self.record),
            (self.subject.0 >> 64) as u64,
            self.subject.0 as u64,
            self.leg as u64,
            self.reserve.micros() as u64,
            u64::from(self.auction),
            u64::from(self.clocks.since_incoming.0),
            u64::from(self.clocks.since_dial.0),
            u64::from(self.clocks.since_connect.0),
        ];
        let hold = self.hold.iter().flat_map(|hold| {
            [
                u64::from(hold.profile),
                u64::from(hold.buyer),
                u64::from(hold.taken.hour),
                u64::from(hold.taken.day),
                hold.amount.micros() as u64,
                hold.price.micros() as u64,
                hold.payout.micros() as u64,
                hold.revenue_state as u64,
                hold.payout_state as u64,
                hold.chosen as u64,
                hold.segment.map_or(u64::MAX, Segment::word),
            ]
        });
        let tried = self.tried.iter().flat_map(|tried| [u64::from(tried.profile), tried.created.0]);
        head.into_iter().chain(self.facts.words()).chain(hold).chain(tried)
    }
}
