//! The recent durable events, kept in memory for clients that come back: bounded, in order, refilled by the replay at
//! the start.
//!
//! Invariant: every event of every sequence after `after` is in here, up to `last`.

use std::collections::VecDeque;
use std::sync::Arc;

use dce_engine::event::Event;
use dce_engine::ids::{ListingId, Sequence};
use dce_engine::terms::Fact;
use dce_engine::units::Timestamp;

/// Events looked at in one go, so that nobody waits for long while one client catches up.
pub(crate) const LOOKED_AT_MAX: usize = 4_096;

/// The recent events.
#[derive(Debug)]
pub(crate) struct Tail {
    kept: VecDeque<Kept>,
    events_max: usize,
    after: Sequence,
    last: Sequence,
}

/// One event and its place.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) sequence: Sequence,
    pub(crate) index: u16,
    pub(crate) at: Timestamp,
    pub(crate) event: Event,
    /// What is for sale, with an event that invites a bidder.
    pub(crate) offer: Option<Arc<OfferTerms>>,
}

/// What an invited bidder has to know of the call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OfferTerms {
    pub(crate) listing: ListingId,
    pub(crate) facts: Vec<Fact>,
}

/// A place in the stream of events: the last one somebody has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) sequence: Sequence,
    pub(crate) index: u16,
}

/// Events after that position are no longer here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooOld;

impl Position {
    /// All of `sequence`.
    pub(crate) const fn end_of(sequence: Sequence) -> Self {
        Self { sequence, index: u16::MAX }
    }
}

impl Tail {
    /// An empty tail of a log at `last`.
    pub(crate) const fn new(events_max: usize, last: Sequence) -> Self {
        Self { kept: VecDeque::new(), events_max, after: last, last }
    }

    /// The last sequence whose events are in here.
    pub(crate) const fn last(&self) -> Sequence {
        self.last
    }

    /// Adds the events of the next sequence, and lets go of the oldest ones.
    pub(crate) fn push(
        &mut self,
        sequence: Sequence,
        at: Timestamp,
        events: &[Event],
        offer: impl FnOnce() -> Option<OfferTerms>,
    ) {
        let invites = |event: &Event| matches!(event, Event::BidderInvited { .. });
        let offer = if events.iter().any(invites) { offer().map(Arc::new) } else { None };
        for (index, event) in events.iter().enumerate() {
            let offer = offer.clone().filter(|_| invites(event));
            let index = u16::try_from(index).unwrap_or(u16::MAX);
            self.kept.push_back(Kept { sequence, index, at, event: *event, offer });
        }
        self.last = sequence;
        while self.kept.len() > self.events_max {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.after = oldest.sequence;
        }
        // What is left of a sequence that lost its first events is of no use.
        while self.kept.front().is_some_and(|kept| kept.sequence <= self.after) {
            self.kept.pop_front();
        }
    }

    /// Everything up to and including `sequence` is unknown: begin anew after it.
    pub(crate) fn skip_to(&mut self, sequence: Sequence) {
        self.kept.clear();
        (self.after, self.last) = (sequence, sequence);
    }

    /// Copies the events after `position`, up to the end of `up_to`, for which `wanted` holds; at most about `count` of
    /// them, looking at no more than [`LOOKED_AT_MAX`]. Answers how far it came.
    ///
    /// # Errors
    ///
    /// When events after `position` are no longer here.
    pub(crate) fn copy(
        &self,
        position: Position,
        up_to: Sequence,
        count: usize,
        wanted: impl Fn(&Event) -> bool,
        copies: &mut Vec<Kept>,
    ) -> Result<Position, TooOld> {
        if position < Position::end_of(self.after) {
            return Err(TooOld);
        }
        let start = self.kept.partition_point(|kept| position_of(kept) <= position);
        for (looked_at, kept) in self.kept.range(start..).take_while(|kept| kept.sequence <= up_to).enumerate() {
            if wanted(&kept.event) {
                copies.push(kept.clone());
            }
            if copies.len() >= count || looked_at + 1 >= LOOKED_AT_MAX {
                return Ok(position_of(kept));
            }
        }
        Ok(Position::end_of(up_to.min(self.last)).max(position))
    }
}

fn position_of(kept: &Kept) -> Position {
    Position { sequence: kept.sequence, index: kept.index }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dce_engine::ids::{AccountId, CallId, ProfileId};

    fn event(zone: u16) -> Event {
        Event::ZoneSet { zone: dce_engine::ids::ZoneId(zone) }
    }

    fn tail_of(events_max: usize, sequences: std::ops::RangeInclusive<u64>) -> Tail {
        let mut tail = Tail::new(events_max, Sequence(*sequences.start() - 1));
        for sequence in sequences {
            tail.push(Sequence(sequence), Timestamp::from_micros(sequence), &[event(1), event(2)], || None);
        }
        tail
    }

    fn places(tail: &Tail, from: (u64, u16), up_to: u64, count: usize) -> Result<(Vec<(u64, u16)>, Position), TooOld> {
        let mut copies = Vec::new();
        let position = Position { sequence: Sequence(from.0), index: from.1 };
        let reached = tail.copy(position, Sequence(up_to), count, |_| true, &mut copies)?;
        Ok((copies.iter().map(|kept| (kept.sequence.0, kept.index)).collect(), reached))
    }

    #[test]
    fn a_client_gets_what_it_has_not_seen_and_nothing_twice() {
        let tail = tail_of(100, 1..=4);
        assert_eq!(places(&tail, (2, 0), 4, 99).unwrap().0, [(2, 1), (3, 0), (3, 1), (4, 0), (4, 1)]);
        assert_eq!(places(&tail, (2, u16::MAX), 3, 99).unwrap().0, [(3, 0), (3, 1)]);
        assert_eq!(places(&tail, (4, 1), 4, 99).unwrap().0, []);
        assert_eq!(places(&tail, (0, u16::MAX), 9, 99).unwrap().0.len(), 8);
    }

    #[test]
    fn a_long_way_is_gone_in_pieces() {
        let tail = tail_of(100, 1..=4);
        let (first, reached) = places(&tail, (1, 0), 4, 3).unwrap();
        assert_eq!(first, [(1, 1), (2, 0), (2, 1)]);
        let (second, reached) = places(&tail, (reached.sequence.0, reached.index), 4, 3).unwrap();
        assert_eq!(second, [(3, 0), (3, 1), (4, 0)]);
        let (third, reached) = places(&tail, (reached.sequence.0, reached.index), 4, 3).unwrap();
        assert_eq!((third, reached), (vec![(4, 1)], Position::end_of(Sequence(4))));
    }

    #[test]
    fn a_client_that_is_concerned_by_little_is_looked_after_in_pieces_as_well() {
        let tail = tail_of(100_000, 1..=LOOKED_AT_MAX as u64);
        let (mut from, mut pieces) = (Position::end_of(Sequence(0)), 0);
        while from < Position::end_of(tail.last()) {
            from = tail.copy(from, tail.last(), 99, |_| false, &mut Vec::new()).unwrap();
            pieces += 1;
        }
        assert_eq!(pieces, 3, "two full ones and the end");
    }

    #[test]
    fn one_event_more_than_the_limit_lets_go_of_the_oldest_sequence() {
        let tail = tail_of(6, 1..=3);
        assert_eq!(places(&tail, (0, u16::MAX), 3, 99).unwrap().0.len(), 6);
        let tail = tail_of(6, 1..=4);
        assert_eq!(places(&tail, (0, u16::MAX), 4, 99), Err(TooOld));
        assert_eq!(places(&tail, (1, u16::MAX), 4, 99).unwrap().0.len(), 6);
        assert_eq!(tail_of(5, 1..=3).kept.len(), 4, "half a sequence is not kept");
    }

    #[test]
    fn after_a_gap_older_positions_are_too_old() {
        let mut tail = tail_of(100, 1..=4);
        tail.skip_to(Sequence(7));
        tail.push(Sequence(8), Timestamp::from_micros(8), &[event(1)], || None);
        assert_eq!(places(&tail, (6, u16::MAX), 8, 99), Err(TooOld));
        assert_eq!(places(&tail, (7, u16::MAX), 8, 99).unwrap().0, [(8, 0)]);
    }

    #[test]
    fn an_invitation_keeps_what_is_for_sale() {
        let (seller, buyer, closes_at) = (AccountId(2), AccountId(1), Timestamp::from_micros(9));
        let invited = Event::BidderInvited { seller, call: CallId(7), buyer, profile: ProfileId(1), closes_at };
        let mut tail = Tail::new(9, Sequence(0));
        let terms = || Some(OfferTerms { listing: ListingId(3), facts: Vec::new() });
        tail.push(Sequence(1), closes_at, &[event(1), invited], terms);
        assert_eq!(tail.kept[0].offer, None);
        assert_eq!(tail.kept[1].offer.as_ref().map(|offer| offer.listing), Some(ListingId(3)));
    }
}
