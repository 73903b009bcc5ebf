//! The calls of the demo's day: who calls, when, and what the seller's page found out. Same seed, same callers.

use super::buyers::area_value;
use super::random::{Purpose, Random};
use super::words::{LANGUAGES, SELLERS, STATES, TAGS, VERTICALS};

/// A call as its seller offers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// From 0, in the order of the day.
    pub(crate) number: u32,
    /// An index into the market's sellers.
    pub(crate) seller: usize,
    pub(crate) vertical: usize,
    pub(crate) caller: Caller,
    /// Takes live bids for this long.
    pub(crate) window_ms: Option<u32>,
    /// Between the caller's dialling and the offer: the seller's menu.
    pub(crate) menu_ms: u32,
}

/// What is known of a caller; never a number or a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// A value from 1, as the other words.
    pub(crate) state: u32,
    pub(crate) area_code: u32,
    pub(crate) language: u32,
    pub(crate) tags: Vec<u32>,
    pub(crate) age: i64,
    /// The caller's own hour.
    pub(crate) hour: i64,
    pub(crate) homeowner: bool,
    /// Stands for the hash of the caller's number.
    pub(crate) subject: u128,
}

/// When the market's day begins and ends, on Eastern clocks.
const DAY_HOURS: (i64, i64) = (8, 21);

/// Minutes since midnight, Eastern time, at which this call of so many comes in: the day is spread evenly over the calls.
pub(crate) const fn minute_of_day(number: u32, calls: u32) -> u32 {
    let (from, to) = DAY_HOURS;
    let length = (to - from) as u64 * 60;
    from as u32 * 60 + (number as u64 * length / if calls == 0 { 1 } else { calls as u64 }) as u32
}

impl Call {
    /// The `number`th of so many calls.
    pub(crate) fn new(seed: u64, number: u32, calls: u32) -> Self {
        let mut random = Random::of(seed, Purpose::Caller, number.into());
        let vertical = random.weighted(VERTICALS.iter().map(|vertical| vertical.weight));
        let terms = &VERTICALS[vertical];
        Self {
            number,
            seller: random.below(SELLERS.len() as u64) as usize,
            vertical,
            caller: Caller::new(&mut random, minute_of_day(number, calls), terms.name, &terms.ages),
            window_ms: terms.window_ms,
            menu_ms: random.between(3_000, 24_000) as u32,
        }
    }
}

impl Caller {
    fn new(random: &mut Random, minute: u32, vertical: &str, ages: &[u64; 6]) -> Self {
        let state = random.weighted(STATES.iter().map(|state| state.weight));
        let area_code = area_value(random.one(STATES[state].area_codes));
        let mut tags = Vec::new();
        for tag in 1..=TAGS.len() as u32 {
            if random.percent(18) {
                tags.push(tag);
            }
        }
        Self {
            state: state as u32 + 1,
            area_code,
            language: random.weighted(LANGUAGES.iter().map(|(_, weight)| *weight)) as u32 + 1,
            tags,
            age: random.quantile(ages) as i64,
            hour: i64::from(minute / 60) - STATES[state].zone as i64,
            homeowner: random.percent(if vertical == "Home services" { 86 } else { 58 }),
            subject: u128::from(random.bits()) << 64 | u128::from(random.bits()),
        }
    }

    /// Where and how old, in a dozen columns: `FL, 72`.
    pub(crate) fn label(&self) -> String {
        format!("{}, {}", STATES[self.state as usize - 1].name, self.age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_does_not_depend_on_the_calls_before() {
        assert_eq!(Call::new(5, 4_711, 5_000), Call::new(5, 4_711, 5_000));
        assert_ne!(Call::new(5, 4_711, 5_000).caller, Call::new(5, 4_712, 5_000).caller);
    }

    #[test]
    fn the_day_runs_from_morning_to_evening_and_the_west_is_earlier() {
        assert_eq!(minute_of_day(0, 5_000), 8 * 60);
        assert_eq!(minute_of_day(4_999, 5_000), 20 * 60 + 59);
        for number in 0..2_000 {
            let call = Call::new(1, number, 2_000);
            let zone = STATES[call.caller.state as usize - 1].zone as i64;
            assert_eq!(call.caller.hour, i64::from(minute_of_day(number, 2_000) / 60) - zone);
            assert!((5..=20).contains(&call.caller.hour));
        }
    }

    #[test]
    fn callers_are_of_their_segment() {
        let calls: Vec<Call> = (0..3_000).map(|number| Call::new(9, number, 3_000)).collect();
        let medicare: Vec<&Call> = calls.iter().filter(|call| call.vertical == 0).collect();
        assert!((650..910).contains(&medicare.len()), "a quarter of the calls, not {}", medicare.len());
        let old = medicare.iter().filter(|call| call.caller.age >= 64).count();
        assert!(old * 10 > medicare.len() * 7, "{old} of {} are 64 or older", medicare.len());
        assert!(calls.iter().filter(|call| call.caller.tags.is_empty()).count() < 900);
    }
}
