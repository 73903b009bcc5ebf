//! What is known of a call only while it lives.

use super::together::ALONE;
use crate::ids::{Sequence, SubjectId};
use crate::limits::ATTEMPTS_MAX;
use crate::reason::Reason;
use crate::terms::{Awaited, Chain, Chosen, Clocks, FactSheet, Leg, Segment, Taken};
use crate::units::{Money, Timestamp};

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
    /// Moved in an earlier attempt: it is owed no more.
    Before,
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
    /// Whether there was room to remember one more caller when it won.
    pub(crate) had_room: bool,
    /// What it bid, live or standing, when it won.
    pub(crate) amount: Money,
    /// That amount's place in time.
    pub(crate) placed: Sequence,
    pub(crate) price: Money,
    pub(crate) payout: Money,
    pub(crate) revenue_state: HoldState,
    pub(crate) payout_state: HoldState,
    /// Quotas counted it, or a group: what, is kept with the quotas.
    pub(crate) counted: bool,
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

    /// For the digest.
    pub(super) fn words(&self) -> impl Iterator<Item = u64> + use<> {
        [
            u64::from(self.profile),
            u64::from(self.buyer),
            u64::from(self.taken.hour),
            u64::from(self.taken.day),
            u64::from(self.had_room),
            self.amount.micros() as u64,
            self.placed.0,
            self.price.micros() as u64,
            self.payout.micros() as u64,
            self.revenue_state as u64,
            self.payout_state as u64,
            u64::from(self.counted),
            self.chosen as u64,
            self.segment.map_or(u64::MAX, Segment::word),
        ]
        .into_iter()
    }
}

/// What was answered when a seller asked what its call would bring. While the call has it, its caller is not there yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quote {
    /// From then on the quote is worth nothing.
    pub(crate) expires_at: Timestamp,
    /// Asked for as firm: other quotes than those that were not.
    pub(crate) wanted_firm: bool,
    /// By which quotes for the same caller and facts find it; none does for an anonymous one.
    pub(crate) likeness: Option<u64>,
    /// What an indicative quote said; of a firm one, the hold has it.
    pub(crate) price: Money,
    pub(crate) payout: Money,
}

/// The live part of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LiveCall {
    pub(crate) record: u32,
    pub(crate) facts: FactSheet,
    pub(crate) chain: Chain,
    pub(crate) subject: SubjectId,
    pub(crate) leg: Leg,
    /// The least price: the offer's own, or the listing's.
    pub(crate) reserve: Money,
    /// The auction's slot, or `u32::MAX`.
    pub(crate) auction: u32,
    pub(crate) quote: Option<Quote>,
    /// Of the present attempt.
    pub(crate) hold: Option<Hold>,
    /// Where the other attempts are that ring at the same time, or `ALONE`.
    pub(crate) together: u32,
    /// How many attempts there have been.
    pub(crate) attempts: u8,
    pub(crate) tried: [Tried; ATTEMPTS_MAX],
    /// How often it was sold again after the buyer's side ended it early.
    pub(crate) recoveries: u8,
    /// Nobody buys it, for this reason, and its listing's fallback has it.
    pub(crate) fallback: Option<Reason>,
    /// As last reported for the present leg.
    pub(crate) clocks: Clocks,
    /// The callers' places that wait for what becomes of it: the listing's, the winner's, its buyer's.
    pub(crate) awaited: [Awaited; 3],
}

impl LiveCall {
    /// A call that has just become known.
    #[inline(always)]
    pub(crate) fn new(
        record: u32,
        (facts, chain): (&FactSheet, &Chain),
        subject: SubjectId,
        leg: Leg,
        reserve: Money,
    ) -> Self {
        Self {
            record,
            facts: *facts,
            chain: *chain,
            subject,
            leg,
            reserve,
            auction: u32::MAX,
            quote: None,
            hold: None,
            together: ALONE,
            attempts: 0,
            tried: [Tried::default(); ATTEMPTS_MAX],
            recoveries: 0,
            fallback: None,
            clocks: Clocks::default(),
            awaited: [Awaited::NONE; 3],
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
            u64::from(self.attempts) << 8 | u64::from(self.recoveries),
            self.fallback.map_or(0, |reason| u64::from(reason.code())),
        ];
        let quote = self.quote.iter().flat_map(|quote| {
            [
                quote.expires_at.micros(),
                u64::from(quote.wanted_firm),
                quote.likeness.unwrap_or(u64::MAX),
                quote.price.micros() as u64,
                quote.payout.micros() as u64,
            ]
        });
        let hold = self.hold.iter().flat_map(Hold::words);
        let tried = self.tried.iter().flat_map(|tried| [u64::from(tried.profile), tried.created.0]);
        let awaited = self.awaited.iter().map(|awaited| awaited.word());
        let known = self.facts.words().chain(self.chain.words());
        head.into_iter().chain(awaited).chain(known).chain(quote).chain(hold).chain(tried)
    }
}
