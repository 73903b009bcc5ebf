//! Engine and twin agree on every answer to long random command streams.
//!
//! `DCE_TWIN_COMMANDS` sets how many commands are applied over all streams (400,000 by default), `DCE_TWIN_SEED` the
//! first seed. A failure names its stream; `DCE_TWIN_SEED=<seed> DCE_TWIN_COMMANDS=<few>` plays that one again.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use dce_engine::prelude::*;
use dce_tests::bridge::{self, Frame};
use dce_tests::pair::Pair;
use dce_tests::twin::Answer;
use dce_tests::twin::action::Action;
use dce_tests::workload::{Random, Tally, Variant, Workload};

const COMMANDS: u64 = 400_000;
/// Commands of one stream.
const STREAM: u64 = 4_000;
/// Commands between two comparisons of all state.
const STATE_EVERY: u64 = 50;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.replace('_', "").parse().expect("a number"))
}

/// Another engine that gets what was accepted, and is maintained at random moments besides.
struct Shadow {
    engine: Exchange,
    events: Events,
    random: Random,
}

impl Shadow {
    fn new(engine: Exchange, seed: u64) -> Self {
        Self { engine, events: Events::new(), random: Random::new(seed) }
    }

    fn follow(&mut self, at: Timestamp, action: &Action, answer: &Answer) {
        if self.random.percent(10) {
            // Between a step and a good part of a pass, so that passes end over rows that moved meanwhile.
            let budget = self.random.one(&[1, 40, 700, 3_000]);
            self.engine.maintain(budget);
        }
        let frame = Frame::of(action);
        let receipt = self.engine.apply(at, &frame.command(), &mut self.events).expect("it was accepted before");
        assert_eq!((receipt.sequence.0, receipt.repeated), (answer.sequence, answer.repeated));
        let outcomes: Vec<_> = self.events.iter().map(bridge::outcome).collect();
        assert_eq!(outcomes, answer.outcomes, "the shadow says something else of {action:?}");
    }
}

/// Plays one stream on both, with a shadow from the start and a clone from the middle.
fn play(variant: Variant, seed: u64, commands: u64) -> Tally {
    let mut workload = Workload::new(variant, seed);
    let mut pair = Pair::new(variant.capacities(), u128::from(seed) << 64 | 0x5eed);
    let mut shadow = Shadow::new(pair.engine.clone(), seed);
    let mut clone: Option<Shadow> = None;
    // A thousand profiles take their time to look at.
    let state_every = if variant == Variant::Wide { STATE_EVERY * 5 } else { STATE_EVERY };
    for number in 0..commands {
        let (at, action) = workload.next(&pair.twin);
        if number % 997 == 0 {
            pair.apply_with_small_sink(at, &action);
        }
        pair.digests = number % 16 == 0;
        let answer = pair.apply(at, &action);
        if let Ok(answer @ Answer { repeated: false, .. }) = &answer {
            shadow.follow(at, &action, answer);
            if let Some(clone) = &mut clone {
                clone.follow(at, &action, answer);
            }
        }
        if number == commands / 2 {
            clone = Some(Shadow::new(pair.engine.clone(), seed ^ 1));
        }
        if number % state_every == state_every - 1 || number + 1 == commands {
            pair.assert_same_state(setting("DCE_TWIN_EXPLAINED", 3) as usize);
            assert_eq!(pair.engine.digest(), shadow.engine.digest(), "maintenance changed the digest");
            assert_eq!(shadow.engine.check(), Ok(()));
        }
    }
    if let Some(clone) = clone {
        assert_eq!(pair.engine.digest(), clone.engine.digest(), "a clone went another way");
    }
    pair.tally
}

/// For people: how far a long run is, and which stream it was that failed.
#[expect(clippy::print_stderr, reason = "the test harness shows it where it is wanted")]
fn tell(text: &str) {
    eprintln!("{text}");
}

/// Plays streams of all variants until so many commands were applied.
fn play_all(commands: u64) -> Tally {
    let began = Instant::now();
    let mut told = began;
    let mut tally = Tally::default();
    let mut played = 0;
    let mut seed = setting("DCE_TWIN_SEED", 1);
    while played < commands {
        for variant in Variant::ALL {
            let length = STREAM.min(commands - played);
            if length == 0 {
                break;
            }
            let run = catch_unwind(AssertUnwindSafe(|| play(variant, seed, length)));
            match run {
                Ok(seen) => tally.add(&seen),
                Err(panic) => {
                    tell(&format!("the stream that failed: {variant:?}, seed {seed}"));
                    resume_unwind(panic);
                }
            }
            played += length;
            if told.elapsed() > Duration::from_secs(2) {
                told = Instant::now();
                tell(&format!("{played} of {commands} commands after {:?}", began.elapsed()));
            }
        }
        seed += 1;
    }
    tell(&format!("{played} commands in {:?}", began.elapsed()));
    tally
}

/// Refusals no stream can meet, each with the argument.
const UNREACHABLE_REFUSALS: [Reject; 0] = [];

/// Reasons no stream can meet, each with the argument.
const UNREACHABLE_REASONS: [Reason; 0] = [];

#[test]
fn engine_and_twin_agree_on_every_answer_and_meet_every_refusal_and_reason() {
    let commands = setting("DCE_TWIN_COMMANDS", COMMANDS);
    let tally = play_all(commands);
    tell(&tally.table());
    if commands >= COMMANDS {
        assert_eq!(tally.missing_refusals(), UNREACHABLE_REFUSALS, "refusals the streams never met");
        assert_eq!(tally.missing_reasons(), UNREACHABLE_REASONS, "reasons the streams never met");
        assert!(tally.ticks_cut > 0, "no tick ever had to stop early");
        assert!(tally.auto_paused > 0, "no profile was ever paused for not answering");
        assert!(tally.paid_before > 0, "no call whose payout was paid was ever sold again");
        assert!(tally.fallbacks_answered > 0, "no fallback ever answered");
        assert!(tally.quoted_alike > 0, "nobody ever asked twice for the same caller");
        assert!(tally.quotes_kept > 0, "no caller of a firm quote ever came");
    }
}

#[test]
fn every_refusal_and_every_repeat_leaves_the_digest_as_it_was() {
    for variant in Variant::ALL {
        let mut workload = Workload::new(variant, 77);
        let mut pair = Pair::new(variant.capacities(), 77);
        pair.digests = true;
        pair.checks = true;
        for _ in 0..600 {
            let (at, action) = workload.next(&pair.twin);
            let _ = pair.apply(at, &action);
        }
    }
}
