//! The two questions an index is there for, put to everybody in turn.

use std::hint::black_box;
use std::time::{Duration, Instant};

use dce_benches::heap;
use dce_benches::rivals::{NOBODY, Rival, TopTwo};
use dce_benches::samples::{Cost, Samples, percentile, timer_cost};

use crate::contenders::Field;
use crate::floor;

/// Odd, so that a median is one of the slices.
pub(crate) const SLICES: usize = 21;

/// Calls of this much and less are timed so many at a time.
const QUICK: Duration = Duration::from_micros(5);
const TOGETHER: usize = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// Every profile that wants the call, by its number.
    MatchAll,
    /// The best two that bid at least the reserve.
    TopTwo,
}

/// What everybody needed for one question.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    pub(crate) question: Question,
    /// Of each contender.
    pub(crate) rows: Vec<Row>,
    /// What a bitmap index must read for it, mean over the calls.
    pub(crate) floor_bytes: u64,
    /// How long that takes from the second-level cache.
    pub(crate) floor_picos: u64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) cost: Cost,
    /// Times as long as ours, in hundredths: the median over slices.
    pub(crate) of_ours: u64,
    /// For a hundred calls.
    pub(crate) allocations_per_100: u64,
}

impl Question {
    pub(crate) const ALL: [Self; 2] = [Self::MatchAll, Self::TopTwo];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::MatchAll => "match-all",
            Self::TopTwo => "top-2",
        }
    }

    /// Puts it; what is found goes where the compiler cannot tell that nobody looks.
    fn put(self, rival: &mut dyn Rival, call: usize, found: &mut Vec<u32>) {
        match self {
            Self::MatchAll => {
                found.clear();
                rival.match_all(call, found);
                black_box(found);
            }
            Self::TopTwo => {
                black_box(rival.top_two(call));
            }
        }
    }
}

/// Asserts that everybody finds the same profiles, for so many calls as the slowest can be asked in a second or two.
///
/// # Panics
///
/// At the first difference.
pub(crate) fn assert_identical(field: &mut Field<'_>) -> usize {
    let calls = (60_000_000 / field.profiles().max(1)).clamp(64, field.book.offers.len());
    for call in 0..calls {
        let mut wanted: Option<(Vec<u32>, TopTwo)> = None;
        for contender in 0..field.contenders.len() {
            let mut found = Vec::new();
            let rival = &mut field.contenders[contender].rival;
            rival.match_all(call, &mut found);
            let best = rival.top_two(call).map(|number| field.place(contender, number));
            let mut found: Vec<u32> = found.into_iter().map(|number| field.place(contender, number)).collect();
            found.sort_unstable();
            found.dedup();
            let (name, (all, two)) =
                (field.contenders[contender].about.name, wanted.get_or_insert_with(|| (found.clone(), best)));
            assert_eq!(&found, all, "call {call}: {name} finds other profiles than ours");
            assert_eq!(&best, two, "call {call}: {name} finds another best two than ours");
        }
    }
    calls
}

/// How many profiles want a call, over a hundred calls.
pub(crate) fn found_per_100_calls(field: &mut Field<'_>) -> u64 {
    let calls = field.book.offers.len().min(1_000);
    let mut found = Vec::new();
    for call in 0..calls {
        field.contenders[0].rival.match_all(call, &mut found);
    }
    (found.len() * 100 / calls) as u64
}

/// Measures everybody, slice by slice, each slice beginning with another and with other calls.
pub(crate) fn measure(field: &mut Field<'_>, question: Question, slice: Duration, bandwidth: u64) -> Answers {
    let floor_bytes = floor_bytes(field, question);
    let calls = field.book.offers.len();
    let mut found = Vec::with_capacity(field.profiles());
    let timer = timer_cost();
    let count = field.contenders.len();
    let mut samples = vec![Samples::new(timer); count];
    let (mut allocations, mut asked) = (vec![0; count], vec![0; count]);
    let each = slice / count as u32;
    for slice in 0..SLICES {
        let first = slice * calls / SLICES;
        for turn in 0..count {
            let contender = (turn + slice) % count;
            let rival = &mut *field.contenders[contender].rival;
            // What another left in the caches is nobody's fault: a few calls bring the own back.
            for call in 0..8 {
                question.put(rival, (first + calls - 8 + call) % calls, &mut found);
            }
            let (start, mut done, mut together) = (Instant::now(), 0, 1);
            while start.elapsed() < each / 2 {
                let before = heap::asked();
                let batch = Instant::now();
                for call in done..done + together {
                    question.put(rival, (first + call) % calls, &mut found);
                }
                let elapsed = batch.elapsed();
                // Before the sample is kept: that may allocate.
                allocations[contender] += heap::asked() - before;
                samples[contender].batch(elapsed, together);
                done += together;
                // Quick ones together, so that reading the clock is no burden on a question of some nanoseconds.
                together = if elapsed < QUICK * together as u32 { TOGETHER } else { 1 };
            }
            samples[contender].end_slice();
            asked[contender] += done as u64;
            let start = Instant::now();
            for call in 0..done {
                let one = Instant::now();
                question.put(rival, (first + call) % calls, &mut found);
                samples[contender].single(one.elapsed());
                if call % 16 == 0 && start.elapsed() > each / 2 {
                    break;
                }
            }
        }
    }
    let ours = samples[0].means().to_vec();
    let rows = samples.iter().zip(allocations).zip(asked).map(|((samples, allocations), asked)| {
        let mut ratios: Vec<u64> =
            samples.means().iter().zip(&ours).map(|(theirs, ours)| theirs * 100 / (*ours).max(1)).collect();
        Row {
            cost: samples.cost(),
            of_ours: percentile(&mut ratios, 50),
            allocations_per_100: allocations * 100 / asked.max(1),
        }
    });
    let floor_picos = floor_bytes * 1_000_000 / (bandwidth / 1_000_000).max(1);
    Answers { question, rows: rows.collect(), floor_bytes, floor_picos }
}

/// What the question makes a bitmap index read, mean over the calls.
fn floor_bytes(field: &mut Field<'_>, question: Question) -> u64 {
    let floor = floor::Floor::new(field.book);
    let calls = field.book.offers.len().min(1_000);
    let mut found = Vec::new();
    let mut bytes = 0;
    for call in 0..calls {
        bytes += match question {
            Question::MatchAll => {
                found.clear();
                field.contenders[0].rival.match_all(call, &mut found);
                floor.of_all(call, found.len())
            }
            Question::TopTwo => {
                let best = field.contenders[0].rival.top_two(call).map(|number| field.place(0, number));
                floor.of_best(call, best.into_iter().filter(|place| *place != NOBODY))
            }
        };
    }
    bytes / calls as u64
}
