//! How much was used in the current period, without anyone ever resetting it.
//!
//! The counter carries the number of the period it counts in. Asked about a later one it answers nothing
//! used; used in a later one it begins anew. So a new period costs no sweep over all counters, and a counter
//! nobody touches costs nothing.
//!
//! Invariant: what was used is never negative, and the period never goes back.

/// What was used in one period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) period: u64,
    pub(crate) used: i64,
}

impl Window {
    /// How much is used in `period`: nothing yet if it is later than any counted in. An earlier one counts as
    /// the current one, because what was used there is no longer known and answering nothing would let it be
    /// used twice.
    pub(crate) fn used_in(&self, period: u64) -> i64 {
        if self.period < period { 0 } else { self.used }
    }

    /// Adds to what is used in `period`, or in the current one if that is later. Answers the period it was
    /// counted in, which is what to name when giving it back.
    pub(crate) fn take(&mut self, period: u64, amount: i64) -> u64 {
        debug_assert!(amount >= 0, "Invariant: what is taken is not negative");
        self.used = self.used_in(period) + amount;
        self.period = self.period.max(period);
        self.period
    }

    /// Takes back what was added in period `taken_in`. If that is over, there is nothing left to take it back
    /// from.
    pub(crate) fn give_back(&mut self, taken_in: u64, amount: i64) {
        debug_assert!(amount >= 0, "Invariant: what is given back is not negative");
        if self.period == taken_in {
            self.used -= amount;
            debug_assert!(self.used >= 0, "Invariant: no more is given back than was taken");
        }
    }

    /// Verifies the invariant of this counter.
    #[cfg(test)]
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.used >= 0 { Ok(()) } else { Err("window: less than nothing is used") }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::vec::Vec;

    #[test]
    fn later_period_begins_anew() {
        let mut window = Window::default();
        assert_eq!(window.take(3, 10), 3);
        assert_eq!((window.used_in(3), window.used_in(4)), (10, 0));
        assert_eq!(window.take(4, 1), 4);
        assert_eq!((window.used_in(3), window.used_in(4)), (1, 1), "an earlier period counts as the current one");
        assert_eq!(window.take(2, 5), 4);
        assert_eq!(window.used_in(4), 6);
    }

    #[test]
    fn giving_back_after_the_period_changes_nothing() {
        let mut window = Window::default();
        let taken_in = window.take(1, 10);
        window.take(2, 3);
        window.give_back(taken_in, 10);
        assert_eq!(window.used_in(2), 3);
        window.give_back(2, 3);
        assert_eq!((window.used_in(2), window.check()), (0, Ok(())));
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "Invariant: no more is given back than was taken")]
    fn giving_back_too_much_panics() {
        let mut window = Window::default();
        window.take(1, 10);
        window.give_back(1, 11);
    }

    proptest! {
        #[test]
        fn agrees_with_a_map_of_all_periods(
            steps in prop::collection::vec((0..4u64, 0..9i64, any::<bool>()), 0..200),
        ) {
            let mut window = Window::default();
            let mut model = BTreeMap::from([(0, 0)]);
            let mut taken = Vec::new();
            let mut now = 0;
            for (behind, amount, takes) in steps {
                // Mostly forward, now and then a period that is over.
                now += u64::from(behind == 0);
                if takes {
                    let asked = now.saturating_sub(behind / 3);
                    let last = *model.keys().next_back().expect("never empty");
                    let counted = window.take(asked, amount);
                    prop_assert_eq!(counted, asked.max(last));
                    *model.entry(counted).or_default() += amount;
                    taken.push((counted, amount));
                } else if let Some((period, amount)) = taken.pop() {
                    window.give_back(period, amount);
                    *model.entry(period).or_default() -= amount;
                }
                let (last, used) = model.last_key_value().expect("never empty");
                prop_assert_eq!((window.used_in(*last), window.used_in(last + 1)), (*used, 0));
                prop_assert_eq!(window.check(), Ok(()));
            }
        }
    }
}
