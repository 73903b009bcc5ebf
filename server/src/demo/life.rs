//! What becomes of a leg once it is dialled: who picks up, after how long, and how long they talk.
//!
//! Times are those the seller's switch would report: seconds and minutes. On the wall they pass [`HASTE`] times
//! faster, or nobody would watch; what is paid is decided by the switch's clocks alone, so the money is that of
//! calls of full length.

use std::time::Duration;

use super::random::{Purpose, Random};
use super::words::VERTICALS;

/// How many milliseconds of a call pass in one of the demo's.
pub(crate) const HASTE: u32 = 1_000;

/// One dialled leg, from the moment it is dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leg {
    /// Until the destination's side answers the switch with "ringing".
    pub(crate) setup_ms: u32,
    /// Until what then happens.
    pub(crate) ring_ms: u32,
    pub(crate) outcome: Outcome,
}

/// How the ringing ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// An agent picks up, and they talk for so long.
    Answered {
        talk_ms: u32,
    },
    /// The caller is tired of waiting.
    CallerHungUp,
    NoAnswer,
    Busy,
    /// The address could not be reached at all: it never rang.
    DialFailed,
}

impl Leg {
    /// The leg of this attempt and destination of a call: the same seed has the same agents pick up.
    pub(crate) fn new(seed: u64, call: u32, attempt: u8, destination: u8, vertical: usize) -> Self {
        let index = u64::from(call) << 16 | u64::from(attempt) << 8 | u64::from(destination);
        let mut random = Random::of(seed, Purpose::Leg, index);
        let outcome = match random.below(100) {
            0..83 => Outcome::Answered { talk_ms: talk(&mut random, vertical) },
            83..86 => Outcome::CallerHungUp,
            86..94 => Outcome::NoAnswer,
            94..99 => Outcome::Busy,
            _ => Outcome::DialFailed,
        };
        let ring_ms = match outcome {
            Outcome::Answered { .. } => random.between(1_500, 14_000),
            Outcome::CallerHungUp => random.between(4_000, 18_000),
            Outcome::NoAnswer => 20_000,
            Outcome::Busy => random.between(300, 1_500),
            Outcome::DialFailed => 0,
        };
        Self { setup_ms: random.between(400, 1_800) as u32, ring_ms: ring_ms as u32, outcome }
    }
}

fn talk(random: &mut Random, vertical: usize) -> u32 {
    let seconds = random.quantile(&VERTICALS[vertical].talk_seconds) as u32;
    seconds * 1_000 + random.below(1_000) as u32
}

/// The time on the wall for a time on the switch.
pub(crate) fn on_the_wall(switch_ms: u32) -> Duration {
    Duration::from_micros(u64::from(switch_ms) * 1_000 / u64::from(HASTE))
}

/// The switch's three clocks for one call, as its legs come and go. They never run backwards, as the reports demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Switch {
    incoming_ms: u32,
    dial_ms: u32,
    connect_ms: u32,
    connected: bool,
}

impl Switch {
    /// The caller has spent this long in the seller's menu.
    pub(crate) const fn after_menu(menu_ms: u32) -> Self {
        Self { incoming_ms: menu_ms, dial_ms: 0, connect_ms: 0, connected: false }
    }

    /// A new leg is dialled.
    pub(crate) const fn dial(&mut self) {
        (self.dial_ms, self.connect_ms, self.connected) = (0, 0, false);
    }

    /// The agent picked up.
    pub(crate) const fn connect(&mut self) {
        self.connected = true;
    }

    /// Time passes.
    pub(crate) const fn pass(&mut self, millis: u32) {
        self.incoming_ms += millis;
        self.dial_ms += millis;
        if self.connected {
            self.connect_ms += millis;
        }
    }

    /// Milliseconds since the call came in, was dialled, was answered.
    pub(crate) const fn read(&self) -> (u32, u32, u32) {
        (self.incoming_ms, self.dial_ms, self.connect_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_legs_are_answered_and_about_a_third_of_those_are_too_short_to_bill() {
        let legs: Vec<Leg> = (0..5_000).map(|call| Leg::new(2, call, 1, 0, 0)).collect();
        let talks: Vec<u32> = legs
            .iter()
            .filter_map(|leg| match leg.outcome {
                Outcome::Answered { talk_ms } => Some(talk_ms),
                Outcome::CallerHungUp | Outcome::NoAnswer | Outcome::Busy | Outcome::DialFailed => None,
            })
            .collect();
        assert!((3_950..4_350).contains(&talks.len()), "{} answered", talks.len());
        let billable = talks.iter().filter(|talk| **talk >= VERTICALS[0].buffer_seconds * 1_000).count();
        assert!(billable * 10 > talks.len() * 6 && billable * 10 < talks.len() * 9, "{billable} billable");
        let longest = talks.iter().max().copied().unwrap_or(0);
        assert!(longest > 40 * 60_000 && longest <= 3_301_000, "the longest talk is {longest} ms");
    }

    #[test]
    fn a_leg_is_the_same_whenever_it_is_asked_for_and_a_second_attempt_is_another() {
        assert_eq!(Leg::new(1, 9, 1, 0, 2), Leg::new(1, 9, 1, 0, 2));
        let differs = (0..50).any(|call| Leg::new(1, call, 1, 0, 2) != Leg::new(1, call, 2, 0, 2));
        assert!(differs);
    }

    #[test]
    fn a_new_leg_restarts_its_own_clocks_only() {
        let mut switch = Switch::after_menu(5_000);
        switch.dial();
        switch.pass(9_000);
        assert_eq!(switch.read(), (14_000, 9_000, 0));
        switch.dial();
        switch.pass(2_000);
        switch.connect();
        switch.pass(60_000);
        assert_eq!(switch.read(), (76_000, 62_000, 60_000));
    }

    #[test]
    fn a_minute_on_the_switch_is_a_blink_on_the_wall() {
        assert_eq!(on_the_wall(60_000), Duration::from_millis(60));
    }
}
