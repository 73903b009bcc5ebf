//! Log time: the last logged time plus what has elapsed since, drawn gently towards the host's date.
//!
//! ```text
//!  at start      log time := max(log's end, host's date)      no command for a day, or behind: an operator's word
//!  running       log time  = base + elapsed × (1 ± 0.0005)    the date is looked at ten times a second
//!  a step        the date moved by over a second against elapsed time: it is counted, and slewing goes on
//! ```
//!
//! Invariant: log time never goes back, whatever the host's clocks do.

use dce_engine::units::{Seconds, Timestamp};

use crate::clock::{Clock, ClockFault};

/// The fastest log time is bent: half a millisecond a second, as NTP slews.
const SLEW_PPM_MAX: i64 = 500;
/// How often the date is looked at.
const LOOK_EVERY_NANOS: u64 = 100_000_000;
/// A larger move of the date against elapsed time is a step, and somebody's doing.
const STEP_MICROS: u64 = 1_000_000;
/// Two clocks read within this time were read together.
const READ_WITHIN_NANOS: u64 = 50_000;
const READ_TRIES: u32 = 8;
/// After a longer time without a command before the start an operator says that the date is right.
const QUIET_MAX: Seconds = Seconds(24 * 3_600);

/// Stamps the time of each command.
pub(crate) struct Sequencer {
    clock: Box<dyn Clock>,
    /// Where log time was when it was last set straight, and the monotonic clock then.
    base: Timestamp,
    base_nanos: u64,
    slew_ppm: i64,
    look_at_nanos: u64,
    /// Host's date less elapsed time, when last looked at: constant while nobody touches the date.
    drift_micros: i64,
    last: Timestamp,
    last_nanos: u64,
    steps: u64,
    step_micros: i64,
    offset_micros: i64,
}

impl Sequencer {
    /// Goes on from the end of a log. `accepted`: an operator has seen the clock fault there may be.
    pub(crate) fn start(mut clock: Box<dyn Clock>, log: Timestamp, accepted: bool) -> Result<Self, ClockFault> {
        let (base_nanos, host) = read_both(clock.as_mut());
        let is_new = log == Timestamp::default();
        if !is_new && !accepted {
            judge(host, log)?;
        }
        let base = log.max(host).min(Timestamp::MAX);
        let drift_micros = i64_of(host.micros()) - i64_of(base_nanos / 1_000);
        let (slew_ppm, look_at_nanos) = (0, base_nanos);
        let mut this = Self {
            clock,
            base,
            base_nanos,
            slew_ppm,
            look_at_nanos,
            drift_micros,
            last: base,
            last_nanos: base_nanos,
            steps: 0,
            step_micros: 0,
            offset_micros: 0,
        };
        this.look();
        Ok(this)
    }

    /// The time of the command that comes now.
    pub(crate) fn now(&mut self) -> Timestamp {
        let nanos = self.clock.monotonic_nanos();
        if nanos >= self.look_at_nanos {
            self.look();
        }
        self.last_nanos = nanos;
        self.last = self.last.max(self.at(nanos));
        self.last
    }

    /// What that clock showed for the last [`now`](Self::now).
    pub(crate) const fn last_nanos(&self) -> u64 {
        self.last_nanos
    }

    /// Nanoseconds of the clock that measures lengths.
    pub(crate) fn nanos(&mut self) -> u64 {
        self.clock.monotonic_nanos()
    }

    /// How often the date was seen to step.
    pub(crate) const fn steps(&self) -> u64 {
        self.steps
    }

    /// How far the date moved at the last step.
    pub(crate) const fn step_micros(&self) -> i64 {
        self.step_micros
    }

    /// Host's date less log time, when last looked at.
    pub(crate) const fn offset_micros(&self) -> i64 {
        self.offset_micros
    }

    fn at(&self, nanos: u64) -> Timestamp {
        let elapsed = nanos.saturating_sub(self.base_nanos) / 1_000;
        // Of at most a tenth of a second, or of a host that slept: neither comes near the integer's end.
        let bend = i64::try_from(elapsed).unwrap_or(i64::MAX).saturating_mul(self.slew_ppm) / 1_000_000;
        let micros = self.base.micros().saturating_add(elapsed).saturating_add_signed(bend);
        Timestamp::from_micros(micros).min(Timestamp::MAX)
    }

    /// Looks at the date: notes a step, and sets how fast log time runs until the next look.
    fn look(&mut self) {
        let (nanos, host) = read_both(self.clock.as_mut());
        self.look_at_nanos = nanos.saturating_add(LOOK_EVERY_NANOS);
        self.base = self.at(nanos).max(self.last);
        self.base_nanos = nanos;
        let host = i64_of(host.micros());
        let drift = host - i64_of(nanos / 1_000);
        if drift.abs_diff(self.drift_micros) > STEP_MICROS {
            self.steps += 1;
            self.step_micros = drift.saturating_sub(self.drift_micros);
        }
        self.drift_micros = drift;
        self.offset_micros = host - i64_of(self.base.micros());
        // A microsecond off is made good within a tenth of a second, a larger difference as fast as allowed.
        self.slew_ppm = self.offset_micros.saturating_mul(10).clamp(-SLEW_PPM_MAX, SLEW_PPM_MAX);
    }
}

impl std::fmt::Debug for Sequencer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Sequencer")
            .field("last", &self.last)
            .field("steps", &self.steps)
            .finish_non_exhaustive()
    }
}

/// Both clocks at one moment. Read again when this thread was set aside in between: that would look like a step.
fn read_both(clock: &mut dyn Clock) -> (u64, Timestamp) {
    let mut tries = 0;
    loop {
        let before = clock.monotonic_nanos();
        let utc = clock.utc();
        tries += 1;
        if clock.monotonic_nanos().saturating_sub(before) < READ_WITHIN_NANOS || tries == READ_TRIES {
            return (before, utc);
        }
    }
}

/// Both clocks lie within 2⁶² µs, so that their differences fit.
fn i64_of(micros: u64) -> i64 {
    micros.min(1 << 62).cast_signed()
}

fn judge(host: Timestamp, log: Timestamp) -> Result<(), ClockFault> {
    if log.micros_since(host) > STEP_MICROS {
        return Err(ClockFault::Behind { host, log });
    }
    let quiet = host.micros_since(log);
    if quiet > QUIET_MAX.millis() * 1_000 {
        return Err(ClockFault::LongStop { host, log, seconds: quiet / 1_000_000 });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use std::time::Duration;

    const NOON: Timestamp = Timestamp::from_seconds(1_764_000_000);

    fn start(host: Timestamp, log: Timestamp) -> (ManualClock, Result<Sequencer, ClockFault>) {
        let clock = ManualClock::at(host);
        (clock.clone(), Sequencer::start(Box::new(clock), log, false))
    }

    fn micros(at: Timestamp, change: i64) -> Timestamp {
        Timestamp::from_micros(at.micros().saturating_add_signed(change))
    }

    #[test]
    fn at_start_log_time_moves_forward_to_the_date_at_once() {
        let (clock, sequencer) = start(NOON + Seconds(3_600), NOON);
        let mut sequencer = sequencer.expect("an hour without a command needs nobody");
        assert_eq!(sequencer.now(), NOON + Seconds(3_600));
        clock.advance(Duration::from_micros(7));
        assert_eq!(sequencer.now(), micros(NOON + Seconds(3_600), 7));
    }

    #[test]
    fn a_host_behind_the_log_needs_an_operator_and_then_log_time_waits_for_it() {
        let (clock, fault) = start(NOON, NOON + Seconds(60));
        assert_eq!(fault.err(), Some(ClockFault::Behind { host: NOON, log: NOON + Seconds(60) }));
        let mut sequencer =
            Sequencer::start(Box::new(clock.clone()), NOON + Seconds(60), true).expect("the operator accepted it");
        assert_eq!(sequencer.now(), NOON + Seconds(60));
        for _ in 0..100 {
            clock.advance(Duration::from_millis(100));
            sequencer.now();
        }
        // Ten seconds at half a thousandth slower.
        assert_eq!(sequencer.now(), micros(NOON + Seconds(70), -5_000));
    }

    #[test]
    fn a_host_behind_by_less_than_a_second_is_waited_for() {
        let (_, sequencer) = start(NOON, micros(NOON, 900_000));
        assert_eq!(sequencer.expect("a second is tolerated").now(), micros(NOON, 900_000));
    }

    #[test]
    fn more_than_a_day_without_a_command_needs_an_operator_and_a_new_log_does_not() {
        let day = Seconds(24 * 3_600);
        assert!(start(NOON + day, NOON).1.is_ok());
        let fault = start(micros(NOON + day, 1), NOON).1.err();
        assert!(matches!(fault, Some(ClockFault::LongStop { seconds: 86_400, .. })));
        assert!(start(NOON, Timestamp::default()).1.is_ok());
    }

    #[test]
    fn a_date_a_little_ahead_is_approached_by_half_a_millisecond_a_second() {
        let (clock, sequencer) = start(NOON, NOON);
        let mut sequencer = sequencer.expect("no fault");
        clock.set_utc(micros(NOON, 10_000));
        for _ in 0..101 {
            clock.advance(Duration::from_millis(100));
            sequencer.now();
        }
        assert_eq!(sequencer.steps(), 0);
        // The first look happens after a tenth of a second; ten seconds of slewing follow it.
        assert_eq!(sequencer.now(), micros(NOON, 10_100_000 + 5_000));
        for _ in 0..200 {
            clock.advance(Duration::from_millis(100));
            sequencer.now();
        }
        assert_eq!(sequencer.now(), micros(NOON, 30_100_000 + 10_000), "it arrives, and stays");
    }

    #[test]
    fn a_step_is_flagged_and_never_turns_time_back() {
        let (clock, sequencer) = start(NOON, NOON);
        let mut sequencer = sequencer.expect("no fault");
        clock.advance(Duration::from_secs(1));
        let before = sequencer.now();
        clock.set_utc(Timestamp::from_seconds(1_700_000_000));
        clock.advance(Duration::from_secs(1));
        let after = sequencer.now();
        assert_eq!((after.micros_since(before), sequencer.steps()), (1_000_000, 1));
        assert_eq!(sequencer.step_micros(), -64_000_001_000_000);
        assert!(sequencer.offset_micros() < -60_000_000_000_000);
        clock.advance(Duration::from_secs(1));
        assert_eq!((sequencer.now().micros_since(after), sequencer.steps()), (999_500, 1));
    }

    #[test]
    fn a_frozen_clock_repeats_and_does_not_go_back() {
        let (_, sequencer) = start(NOON, NOON);
        let mut sequencer = sequencer.expect("no fault");
        assert_eq!(sequencer.now(), sequencer.now());
    }
}
