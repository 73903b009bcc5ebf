//! The journal and a plain file with the same bytes, in alternating slices.

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use dce_engine::prelude::*;
use dce_persistence::record::RecordCodec;
use dce_persistence::{NewLog, OpenOptions, SledJournal, open};
use dce_runtime::{Batch, Codec, Journal};

/// Pairs of slices. Odd, so that a median is one of them.
const SLICES: usize = 21;
/// Pairs thrown away at the beginning.
const WARM_UP: usize = 2;
/// How many commands are in flight; group commits to a slice; the least ratio of rates; the most of p50, both in percent.
const ROWS: [(u32, usize, u64, Option<u64>); 5] = [
    (1, 100, 40, Some(250)),
    (8, 100, 40, Some(250)),
    (64, 80, 40, Some(250)),
    (256, 60, 30, None),
    (1_024, 30, 20, None),
];

/// What was found for a number of commands in flight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) in_flight: u32,
    pub(crate) bytes: usize,
    pub(crate) journal: Cost,
    pub(crate) plain: Cost,
    /// The journal's commands a second, in percent of the plain file's: the median over pairs of slices.
    pub(crate) rate_percent: u64,
    pub(crate) rate_percent_min: u64,
    pub(crate) p50_percent_max: Option<u64>,
}

/// What one side's group commits cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// The median over slices.
    pub(crate) commands_per_second: u64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

impl Row {
    /// The journal's p50 in percent of the plain file's.
    pub(crate) fn p50_percent(&self) -> u64 {
        (self.journal.p50.as_nanos() * 100 / self.plain.p50.as_nanos().max(1)) as u64
    }

    /// Whether both ratios hold.
    pub(crate) fn is_enough(&self) -> bool {
        self.rate_percent >= self.rate_percent_min && self.p50_percent_max.is_none_or(|max| self.p50_percent() <= max)
    }
}

/// Measures every row on the disk of this folder.
pub(crate) fn run(dir: &Path) -> Result<Vec<Row>, Box<dyn Error>> {
    ROWS.into_iter().map(|row| measure(dir, row)).collect()
}

fn measure(
    dir: &Path,
    (in_flight, commits, rate_percent_min, p50_percent_max): (u32, usize, u64, Option<u64>),
) -> Result<Row, Box<dyn Error>> {
    let folder = tempfile::tempdir_in(dir)?;
    let options = OpenOptions::new(NewLog::new(Limits::small(), USD));
    let mut journal = open(folder.path().join("log"), &options, &mut |_| ())?.journal;
    let mut plain = File::create(folder.path().join("plain"))?;
    let mut source = Source { codec: journal.codec(), next: 1, batch: Batch::default(), record: Vec::new() };
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..SLICES + WARM_UP {
        let batches: Vec<_> = (0..commits).map(|_| source.batch(in_flight).clone()).collect();
        // Whoever goes first finds the device as the other left it, so they take turns.
        let (journal_times, plain_times) = if pair % 2 == 0 {
            let first = commit_all(&mut journal, &batches)?;
            (first, write_all(&mut plain, &batches)?)
        } else {
            let first = write_all(&mut plain, &batches)?;
            (commit_all(&mut journal, &batches)?, first)
        };
        if pair >= WARM_UP {
            let total = |times: &[Duration]| times.iter().sum::<Duration>().as_nanos();
            ratios.push((total(&plain_times) * 100 / total(&journal_times).max(1)) as u64);
            ours.push(journal_times);
            theirs.push(plain_times);
        }
    }
    Ok(Row {
        in_flight,
        bytes: source.batch(in_flight).as_bytes().len(),
        journal: cost(&ours, in_flight),
        plain: cost(&theirs, in_flight),
        rate_percent: median(ratios),
        rate_percent_min,
        p50_percent_max,
    })
}

fn commit_all(journal: &mut SledJournal, batches: &[Batch]) -> Result<Vec<Duration>, Box<dyn Error>> {
    let times = batches.iter().map(|batch| {
        let start = Instant::now();
        journal.append(batch)?;
        journal.sync()?;
        Ok(start.elapsed())
    });
    times.collect()
}

fn write_all(file: &mut File, batches: &[Batch]) -> Result<Vec<Duration>, Box<dyn Error>> {
    let times = batches.iter().map(|batch| {
        let start = Instant::now();
        file.write_all(batch.as_bytes())?;
        file.sync_data()?;
        Ok(start.elapsed())
    });
    times.collect()
}

/// Batches of standing bids, each as long as a real one.
struct Source {
    codec: RecordCodec,
    next: u64,
    batch: Batch,
    record: Vec<u8>,
}

impl Source {
    fn batch(&mut self, commands: u32) -> &Batch {
        self.batch.clear();
        for _ in 0..commands {
            let amount = Money::from_micros(30_000_000 + (self.next % 1_000) as i64);
            let stamp = Stamp::new(SessionId(1), self.next);
            let bid = SetBid::new(AccountId(10), ProfileId(self.next.into()), Some(amount), stamp);
            self.record.clear();
            self.codec.encode(&bid.into(), &mut self.record);
            self.batch.push(Sequence(self.next), Timestamp::from_micros(self.next), &self.record);
            self.next += 1;
        }
        &self.batch
    }
}

fn cost(slices: &[Vec<Duration>], in_flight: u32) -> Cost {
    let rate = |times: &Vec<Duration>| {
        let commands = u128::from(in_flight) * times.len() as u128;
        (commands * 1_000_000_000 / times.iter().sum::<Duration>().as_nanos().max(1)) as u64
    };
    let mut all: Vec<_> = slices.iter().flatten().copied().collect();
    all.sort_unstable();
    let at = |percent: usize| all[(all.len() - 1) * percent / 100];
    Cost { commands_per_second: median(slices.iter().map(rate).collect()), p50: at(50), p99: at(99) }
}

fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values[values.len() / 2]
}
