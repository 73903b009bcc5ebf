//! When money is earned.

use crate::units::{Millis, Seconds};

/// What a clock of a call counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClockStart {
    /// The caller reached the seller's switch.
    Incoming,
    /// The winning leg was dialled.
    Dial,
    /// The buyer's side picked up.
    Connect,
}

/// When a price or a payout is earned. A call that nobody answers earns nothing under any term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayTerm {
    /// As soon as the call is answered.
    OnConnect,
    /// Once this many seconds have passed since `from`.
    After {
        /// At most a day.
        seconds: Seconds,
        /// Which clock.
        from: ClockStart,
    },
}

/// What the reporter's clocks say: milliseconds since the call came in, its present leg was dialled, and it was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clocks {
    /// Since the caller reached the switch.
    pub since_incoming: Millis,
    /// Since the present leg was dialled.
    pub since_dial: Millis,
    /// Since the answer; 0 before it.
    pub since_connect: Millis,
}

impl Clocks {
    /// The three clocks, in milliseconds.
    #[must_use]
    pub const fn new(since_incoming: Millis, since_dial: Millis, since_connect: Millis) -> Self {
        Self { since_incoming, since_dial, since_connect }
    }

    /// Each clock started no later than the next.
    #[must_use]
    pub const fn is_consistent(&self) -> bool {
        self.since_incoming.0 >= self.since_dial.0 && self.since_dial.0 >= self.since_connect.0
    }

    /// None shows less than in `earlier`.
    #[must_use]
    pub const fn is_not_before(&self, earlier: &Self) -> bool {
        self.since_incoming.0 >= earlier.since_incoming.0
            && self.since_dial.0 >= earlier.since_dial.0
            && self.since_connect.0 >= earlier.since_connect.0
    }
}

impl PayTerm {
    /// Whether an answered call with these clocks has earned it.
    #[must_use]
    pub const fn is_met(self, clocks: &Clocks) -> bool {
        match self {
            Self::OnConnect => true,
            Self::After { seconds, from } => {
                let shown = match from {
                    ClockStart::Incoming => clocks.since_incoming,
                    ClockStart::Dial => clocks.since_dial,
                    ClockStart::Connect => clocks.since_connect,
                };
                shown.0 as u64 >= seconds.millis()
            }
        }
    }

    /// Whether a call that meets this term surely meets `other` too: every clock shows at least what the later ones do.
    #[must_use]
    pub fn implies(self, other: Self) -> bool {
        match (self, other) {
            (_, Self::OnConnect) => true,
            (Self::OnConnect, Self::After { seconds, .. }) => seconds == Seconds(0),
            (Self::After { seconds, from }, Self::After { seconds: other_seconds, from: other_from }) => {
                other_seconds == Seconds(0) || (from >= other_from && seconds >= other_seconds)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn after(seconds: u32, from: ClockStart) -> PayTerm {
        PayTerm::After { seconds: Seconds(seconds), from }
    }

    #[test]
    fn a_term_on_a_later_clock_implies_the_same_on_an_earlier_one() {
        assert!(after(90, ClockStart::Connect).implies(after(90, ClockStart::Dial)));
        assert!(!after(90, ClockStart::Dial).implies(after(90, ClockStart::Connect)));
        assert!(!PayTerm::OnConnect.implies(after(1, ClockStart::Incoming)));
        assert!(after(30, ClockStart::Incoming).implies(PayTerm::OnConnect));
    }

    #[test]
    fn ninety_seconds_are_met_at_ninety_thousand_milliseconds() {
        let just_under = Clocks::new(Millis(95_000), Millis(92_000), Millis(89_999));
        assert!(!after(90, ClockStart::Connect).is_met(&just_under));
        assert!(after(90, ClockStart::Dial).is_met(&just_under));
    }
}
