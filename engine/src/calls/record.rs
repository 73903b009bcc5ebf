//! What is kept of a call until it is sealed: enough to answer a retry and to settle.

use super::CallState;
use crate::ids::{CallId, ProfileId, Sequence};
use crate::reason::Reason;
use crate::units::{Millis, Money, Timestamp};

/// A call's record. At most 128 bytes; ids are kept as halves so that it needs no wider alignment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallRecord {
    id: [u64; 2],
    profile: [u64; 2],
    pub(crate) price: Money,
    /// What the seller was promised at the first sale.
    pub(crate) payout: Money,
    /// When the call became known: its clock in the log.
    pub(crate) known_at: Timestamp,
    pub(crate) closes_at: Timestamp,
    /// Of the command that offered the call or opened its auction; 0 before.
    pub(crate) fingerprint: u64,
    /// Of the command that registered or quoted the call; 0 if neither did.
    pub(crate) registered_fingerprint: u64,
    pub(crate) sequence: Sequence,
    pub(crate) registered_sequence: Sequence,
    /// The last command that changed the call.
    pub(crate) changed: Sequence,
    pub(crate) seller: u32,
    pub(crate) listing: u32,
    /// While the call lives, its live part's slot; once it is closed, how long caller and buyer talked, in milliseconds.
    live_or_connected: u32,
    /// The buyer's slot, once the call is sold.
    pub(crate) buyer: u32,
    /// Profiles that had bid live when the auction closed.
    pub(crate) bids: u16,
    pub(crate) reason: Option<Reason>,
    pub(crate) attempt: u8,
    /// Dialled last, of the present or the last winner; `FALLBACK_INDEX` once the call fell back.
    pub(crate) destination_index: u8,
    pub(crate) state: CallState,
    pub(crate) marks: Marks,
}

const _: () = assert!(size_of::<CallRecord>() <= 128);

/// What happened to a call, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(u8);

impl Marks {
    /// `RegisterCall` made it known.
    pub(crate) const REGISTERED: Self = Self(1);
    /// `OfferCall` offered it.
    pub(crate) const OFFERED: Self = Self(2);
    /// It had, or has, an auction.
    pub(crate) const AUCTIONED: Self = Self(4);
    /// It was sold at least once.
    pub(crate) const SOLD: Self = Self(8);
    /// A reporter's clock ran further than the log's.
    pub(crate) const FLAGGED: Self = Self(16);
    /// The buyer paid.
    pub(crate) const REVENUE_POSTED: Self = Self(32);
    /// The seller was paid.
    pub(crate) const PAYOUT_POSTED: Self = Self(64);
    /// `QuoteCall` made it known.
    pub(crate) const QUOTED: Self = Self(128);

    #[inline]
    pub(crate) const fn has(self, mark: Self) -> bool {
        self.0 & mark.0 != 0
    }

    pub(crate) const fn add(&mut self, mark: Self) {
        self.0 |= mark.0;
    }

    pub(crate) const fn bits(self) -> u8 {
        self.0
    }
}

impl CallRecord {
    /// A call that has just become known.
    pub(crate) fn new(seller: u32, id: CallId, listing: u32, known_at: Timestamp) -> Self {
        Self {
            id: halves(id.0),
            profile: [0; 2],
            price: Money::ZERO,
            payout: Money::ZERO,
            known_at,
            closes_at: Timestamp::default(),
            fingerprint: 0,
            registered_fingerprint: 0,
            sequence: Sequence(0),
            registered_sequence: Sequence(0),
            changed: Sequence(0),
            seller,
            listing,
            live_or_connected: u32::MAX,
            buyer: u32::MAX,
            bids: 0,
            reason: None,
            attempt: 0,
            destination_index: 0,
            state: CallState::Registered,
            marks: Marks::default(),
        }
    }

    pub(crate) fn id(&self) -> CallId {
        CallId(whole(self.id))
    }

    /// The command that made the call known.
    pub(crate) fn known_sequence(&self) -> Sequence {
        if self.registered_sequence == Sequence(0) { self.sequence } else { self.registered_sequence }
    }

    /// Whether it is a quote still, or ended as one: its caller never came.
    pub(crate) const fn is_quote(&self) -> bool {
        self.marks.has(Marks::QUOTED) && !self.marks.has(Marks::OFFERED)
    }

    /// Whether it is such and nothing was ever held for it: no posting has its name, so that may come back.
    pub(crate) const fn is_kept_briefly(&self) -> bool {
        self.is_quote() && !self.marks.has(Marks::SOLD)
    }

    /// Whether the seller took it back.
    pub(crate) fn is_canceled(&self) -> bool {
        self.reason == Some(Reason::SellerCanceled)
    }

    pub(crate) fn profile(&self) -> ProfileId {
        ProfileId(whole(self.profile))
    }

    pub(crate) fn set_profile(&mut self, profile: ProfileId) {
        self.profile = halves(profile.0);
    }

    /// The live part's slot, unless the call is closed.
    #[inline]
    pub(crate) fn live(&self) -> Option<u32> {
        (!self.state.is_closed()).then_some(self.live_or_connected)
    }

    pub(crate) fn set_live(&mut self, live: u32) {
        self.live_or_connected = live;
    }

    /// How long caller and buyer of a closed call talked, as last reported.
    pub(crate) fn connected(&self) -> Millis {
        Millis(if self.state.is_closed() { self.live_or_connected } else { 0 })
    }

    /// The last step, and why.
    pub(crate) fn close(&mut self, reason: Reason, connected: Millis) {
        self.become_state(CallState::Closed);
        self.reason = Some(reason);
        self.live_or_connected = connected.0;
    }

    /// One step on the way.
    pub(crate) fn become_state(&mut self, next: CallState) {
        assert!(self.state.can_become(next), "Invariant: a call takes legal steps only");
        self.state = next;
    }

    pub(crate) fn words(&self, slot: u32) -> impl Iterator<Item = u64> {
        [
            u64::from(slot),
            self.id[0],
            self.id[1],
            self.profile[0],
            self.profile[1],
            self.price.micros() as u64,
            self.payout.micros() as u64,
            self.known_at.micros(),
            self.closes_at.micros(),
            self.fingerprint,
            self.registered_fingerprint,
            self.sequence.0,
            self.registered_sequence.0,
            self.changed.0,
            u64::from(self.seller),
            u64::from(self.listing),
            u64::from(self.live_or_connected),
            u64::from(self.buyer),
            u64::from(self.bids),
            self.reason.map_or(0, |reason| u64::from(reason.code())),
            u64::from(self.attempt),
            u64::from(self.destination_index),
            self.state as u64,
            u64::from(self.marks.bits()),
        ]
        .into_iter()
    }
}

const fn halves(id: u128) -> [u64; 2] {
    [(id >> 64) as u64, id as u64]
}

const fn whole([high, low]: [u64; 2]) -> u128 {
    (high as u128) << 64 | low as u128
}
