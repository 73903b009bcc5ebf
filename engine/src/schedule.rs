//! Local time: which hour and which day it is for the owner of a profile.
//!
//! Invariant: the engine knows no time-zone database; what a zone's clocks do was logged. Zone 0 is UTC until it is set;
//! any other must be set before an account can live in it.

use alloc::boxed::Box;

use crate::ids::{Sequence, ZoneId};
use crate::limits::{Limits, TRANSITIONS_MAX};
use crate::reject::Reject;
use crate::terms::{LocalPeriods, Transition};
use crate::units::Timestamp;

const HOUR_MICROS: u64 = 3_600 * 1_000_000;
const DAY_MICROS: u64 = 24 * HOUR_MICROS;
const OFFSET_SECONDS_MAX: u32 = 16 * 3_600;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Zone {
    transitions: [Transition; TRANSITIONS_MAX],
    /// 0: never set.
    count: u8,
    sequence: Sequence,
}

#[derive(Clone, Debug)]
pub(crate) struct Zones {
    zones: Box<[Zone]>,
}

impl Zones {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { zones: alloc::vec![Zone::default(); usize::from(limits.zones_max)].into_boxed_slice() }
    }

    pub(crate) fn is_known(&self, zone: ZoneId) -> bool {
        zone.0 == 0 || self.zones.get(usize::from(zone.0)).is_some_and(|zone| zone.count > 0)
    }

    /// Whether the zone can be set so: the sequence of the command that did, when it is so already.
    pub(crate) fn judge(&self, zone: ZoneId, transitions: &[Transition]) -> Result<Option<Sequence>, Reject> {
        let far = |transition: &Transition| {
            transition.offset_seconds.unsigned_abs() > OFFSET_SECONDS_MAX || transition.at > Timestamp::MAX
        };
        let known = self.zones.get(usize::from(zone.0)).ok_or(Reject::ValueOutOfRange)?;
        if transitions.is_empty() || transitions.iter().any(far) {
            return Err(Reject::ValueOutOfRange);
        }
        if !transitions.windows(2).all(|pair| pair[0].at < pair[1].at) {
            return Err(Reject::TransitionsNotAscending);
        }
        Ok((known.transitions() == transitions).then_some(known.sequence))
    }

    pub(crate) fn set(&mut self, zone: ZoneId, transitions: &[Transition], sequence: Sequence) {
        let place = &mut self.zones[usize::from(zone.0)];
        *place = Zone { sequence, count: transitions.len() as u8, ..Zone::default() };
        place.transitions[..transitions.len()].copy_from_slice(transitions);
    }

    /// Which hour and day it is in the zone.
    #[inline]
    pub(crate) fn periods(&self, zone: ZoneId, at: Timestamp) -> LocalPeriods {
        let local = self.local_micros(zone, at);
        // Timestamp::MAX is some 320 million hours from 1970.
        LocalPeriods { hour: (local / HOUR_MICROS) as u32, day: (local / DAY_MICROS) as u32 }
    }

    /// A moment no later than the next change of the zone's hour and day: the earlier of the boundary under the present
    /// offset and the next transition.
    pub(crate) fn next_boundaries(&self, zone: ZoneId, at: Timestamp) -> (Timestamp, Timestamp) {
        let (offset, until) = self.offset(zone, at);
        let local = local_micros(at, offset);
        let until = until.unwrap_or(Timestamp::MAX);
        let next = |length: u64| Timestamp::from_micros(at.micros() + (length - local % length)).min(until);
        (next(HOUR_MICROS), next(DAY_MICROS))
    }

    /// What the zone's wall clock shows, as microseconds from its own 1970-01-01 00:00; before that it stands still.
    #[inline]
    pub(crate) fn local_micros(&self, zone: ZoneId, at: Timestamp) -> u64 {
        local_micros(at, self.offset(zone, at).0)
    }

    /// The same, but it goes on below zero before its own 1970.
    pub(crate) fn wall_micros(&self, zone: ZoneId, at: Timestamp) -> i64 {
        at.micros() as i64 + offset_micros(self.offset(zone, at).0)
    }

    /// When the zone's clock will show `local`, if it goes on from `at` without a transition.
    pub(crate) fn moment_of(&self, zone: ZoneId, at: Timestamp, local: u64) -> Timestamp {
        let (offset, _) = self.offset(zone, at);
        Timestamp::from_micros(local.saturating_add_signed(-offset_micros(offset)))
    }

    /// When the zone's clocks change next, as far as is known.
    pub(crate) fn next_transition(&self, zone: ZoneId, at: Timestamp) -> Option<Timestamp> {
        self.offset(zone, at).1
    }

    /// The offset in force, and until when.
    fn offset(&self, zone: ZoneId, at: Timestamp) -> (i32, Option<Timestamp>) {
        let transitions = self.zones[usize::from(zone.0)].transitions();
        let passed = transitions.partition_point(|transition| transition.at <= at);
        let until = transitions.get(passed).map(|next| next.at);
        (transitions.get(passed.saturating_sub(1)).map_or(0, |present| present.offset_seconds), until)
    }

    /// For the digest.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> + '_ {
        self.zones.iter().flat_map(|zone| {
            let transitions = zone.transitions().iter();
            let moments = transitions.flat_map(|known| [known.at.micros(), i64::from(known.offset_seconds) as u64]);
            [zone.sequence.0, u64::from(zone.count)].into_iter().chain(moments)
        })
    }
}

impl Zone {
    fn transitions(&self) -> &[Transition] {
        &self.transitions[..usize::from(self.count)]
    }
}

fn local_micros(at: Timestamp, offset_seconds: i32) -> u64 {
    at.micros().saturating_add_signed(offset_micros(offset_seconds))
}

fn offset_micros(offset_seconds: i32) -> i64 {
    i64::from(offset_seconds) * 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Los Angeles in November 2025: clocks went back at 2025-11-02 09:00 UTC, from -7 h to -8 h.
    const BACK: Timestamp = Timestamp::from_seconds(1_762_074_000);

    fn los_angeles() -> Zones {
        let mut zones = Zones::new(&Limits::small());
        let transitions = [
            Transition { at: Timestamp::from_seconds(1_741_514_400), offset_seconds: -7 * 3_600 },
            Transition { at: BACK, offset_seconds: -8 * 3_600 },
        ];
        zones.set(ZoneId(3), &transitions, Sequence(1));
        zones
    }

    #[test]
    fn the_hour_before_clocks_go_back_comes_twice() {
        let zones = los_angeles();
        let just_before = Timestamp::from_micros(BACK.micros() - 1);
        assert_eq!(zones.periods(ZoneId(3), just_before), zones.periods(ZoneId(3), BACK));
        assert_eq!(zones.next_boundaries(ZoneId(3), just_before).0, BACK);
    }

    #[test]
    fn a_day_starts_at_local_midnight() {
        let zones = los_angeles();
        let midnight = Timestamp::from_seconds(1_762_066_800);
        let before = Timestamp::from_micros(midnight.micros() - 1);
        assert_eq!(zones.periods(ZoneId(3), before).day + 1, zones.periods(ZoneId(3), midnight).day);
        assert_eq!(zones.next_boundaries(ZoneId(3), before).1, midnight);
    }

    #[test]
    fn a_zone_never_set_is_utc() {
        let zones = los_angeles();
        assert_eq!(zones.periods(ZoneId(0), Timestamp::from_seconds(86_400 * 3 + 3_600 * 5)).day, 3);
        assert!(!zones.is_known(ZoneId(4)));
    }
}
