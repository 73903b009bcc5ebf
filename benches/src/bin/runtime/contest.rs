//! Plain `apply` and the runtime on the same offers, in alternating slices.

use std::collections::VecDeque;
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use dce_benches::market::{self, Caps, OPENING};
use dce_benches::world::{Density, World};
use dce_engine::prelude::*;
use dce_persistence::record::RecordCodec;
use dce_persistence::{NewLog, OpenOptions, SledJournal, open};
use dce_runtime::{
    Batch, Durability, Journal, JournalFault, ManualClock, MemoryJournal, Options, Port, PortOptions, Runtime,
};

use crate::stream::{Step, Stream};

/// What has to be left of plain `apply`, in percent.
pub(crate) const PERCENT_MIN: u64 = 40;
/// Slices thrown away at the beginning.
const WARM_UP: usize = 3;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) profiles: usize,
    pub(crate) in_flight: usize,
    pub(crate) slices: usize,
}

/// Where accepted commands are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// On disk, each answer after the sync.
    Sled,
    /// In a journal that forgets at once, each answer after the journal's thread has had it.
    Memory,
    /// There too, and no answer waits.
    Nothing,
}

impl Keeps {
    pub(crate) const ALL: [Self; 3] = [Self::Sled, Self::Memory, Self::Nothing];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|keeps| keeps.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sled => "sled",
            Self::Memory => "memory",
            Self::Nothing => "none",
        }
    }
}

/// What was found with one journal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) keeps: Keeps,
    /// Decisions a second: medians over slices.
    pub(crate) plain_per_second: u64,
    pub(crate) runtime_per_second: u64,
    /// The runtime's rate in percent of plain `apply`'s: the median over pairs of slices.
    pub(crate) percent: u64,
    /// From `submit` to the polled answer.
    pub(crate) ack_p50: Duration,
    pub(crate) ack_p99: Duration,
    /// Commands that share a commit, on the average.
    pub(crate) commands_per_commit: u64,
    pub(crate) bytes_per_command: u64,
    pub(crate) sold_of_1000: u64,
}

/// Measures with each journal.
pub(crate) fn run(plan: &Plan, dir: &Path, chosen: &[Keeps]) -> Result<Vec<Row>, Box<dyn Error>> {
    let world = World::draw(plan.profiles, Density::Dense);
    let mut plain = Plain::warmed_up(&world);
    chosen.iter().map(|keeps| measure(plan, dir, *keeps, &mut plain)).collect()
}

fn measure(plan: &Plan, dir: &Path, keeps: Keeps, plain: &mut Plain<'_>) -> Result<Row, Box<dyn Error>> {
    let folder = tempfile::tempdir_in(dir)?;
    let clock = ManualClock::at(plain.exchange.last_time());
    let durability = if keeps == Keeps::Nothing { Durability::None } else { Durability::Always };
    let options = Options { durability, clock: Box::new(clock.clone()), ..Options::default() };
    let exchange = plain.exchange.clone();
    let runtime = if keeps == Keeps::Sled {
        let new_log = OpenOptions::new(NewLog::new(Limits::small(), USD));
        let journal = open(folder.path().join("log"), &new_log, &mut |_| ())?.journal;
        Runtime::spawn(exchange, Shifted::by(journal, plain.exchange.sequence()), options)?
    } else {
        Runtime::spawn(exchange, MemoryJournal::forgetful(RecordCodec::default()), options)?
    };
    let mut threads =
        Threads { port: runtime.port(PortOptions::default()), clock, in_flight: plan.in_flight, acks: Vec::new() };
    let (mut ratios, mut plains, mut runtimes) = (Vec::new(), Vec::new(), Vec::new());
    let (sold, offered) = plain.sold;
    for slice in 0..WARM_UP + plan.slices {
        let step = plain.stream.next();
        if slice == WARM_UP {
            threads.acks.clear();
        }
        // Whoever goes first finds the caches as the other left them, so they take turns.
        let (plain_time, runtime_time) = if slice % 2 == 0 {
            let first = plain.decide(&step);
            (first, threads.decide(&step))
        } else {
            let first = threads.decide(&step);
            (plain.decide(&step), first)
        };
        plain.follow(&step);
        if slice >= WARM_UP {
            ratios.push((plain_time.as_nanos() * 100 / runtime_time.as_nanos()) as u64);
            plains.push(plain_time.as_nanos() as u64);
            runtimes.push(runtime_time.as_nanos() as u64);
        }
    }
    let (commits, bytes) = (runtime.gauges().commits().max(1), runtime.gauges().journal_bytes());
    let accepted = runtime.gauges().accepted().max(1);
    drop(threads.port);
    let stopped = runtime.shutdown()?;
    assert_eq!(stopped.digest, plain.exchange.digest(), "both exchanges decided the same");
    let offers = plain.stream.offers;
    let per_second = |mut nanos: Vec<u64>| offers * 1_000_000_000 / percentile(&mut nanos, 50);
    Ok(Row {
        keeps,
        plain_per_second: per_second(plains),
        runtime_per_second: per_second(runtimes),
        percent: percentile(&mut ratios, 50),
        ack_p50: Duration::from_nanos(percentile(&mut threads.acks, 50)),
        ack_p99: Duration::from_nanos(percentile(&mut threads.acks, 99)),
        commands_per_commit: accepted / commits,
        bytes_per_command: bytes / accepted,
        sold_of_1000: (plain.sold.0 - sold) * 1_000 / (plain.sold.1 - offered),
    })
}

/// An exchange on this thread.
struct Plain<'w> {
    exchange: Exchange,
    events: Events,
    stream: Stream<'w>,
    /// Of how many offers how many were sold.
    sold: (u64, u64),
}

impl<'w> Plain<'w> {
    /// A market open for over an hour: as many calls are sealed as come.
    fn warmed_up(world: &'w World) -> Self {
        let (exchange, stream) = (market::open(world, Caps::Kept), Stream::new(world));
        let mut plain = Self { exchange, events: Events::new(), stream, sold: (0, 0) };
        let until = OPENING + Seconds(4_000);
        while plain.exchange.last_time() < until {
            let step = plain.stream.next();
            plain.decide(&step);
            plain.follow(&step);
        }
        plain
    }

    /// How long the offers take.
    fn decide(&mut self, step: &Step<'_>) -> Duration {
        while self.exchange.next_deadline().is_some_and(|deadline| deadline <= step.at) {
            market::accept(&mut self.exchange, step.at, &Tick.into(), &mut self.events);
            for event in self.events.iter() {
                // A leg that rang out led to another.
                if let Event::CallDialed { seller, call, attempt, .. } = *event {
                    self.stream.dialed(seller, call, attempt, step.at);
                }
            }
        }
        for report in &step.reports {
            // One that comes after its leg rang out is refused, on both sides.
            let _ = self.exchange.apply(step.at, report, &mut self.events);
        }
        while self.exchange.maintain(u32::MAX) {}
        let start = Instant::now();
        for offer in &step.offers {
            market::accept(&mut self.exchange, step.at, offer, &mut self.events);
            black_box(&self.events);
        }
        start.elapsed()
    }

    /// What was sold is going to ring.
    fn follow(&mut self, step: &Step<'_>) {
        for offer in &step.offers {
            let Command::OfferCall(OfferCall { seller, call, .. }) = *offer else { continue };
            self.sold.1 += 1;
            if self.exchange.call(seller, call).is_some_and(|call| call.state == CallState::Dialed) {
                self.sold.0 += 1;
                self.stream.dialed(seller, call, 1, step.at);
            }
        }
    }
}

/// An exchange behind a port.
struct Threads {
    port: Port,
    clock: ManualClock,
    in_flight: usize,
    /// In nanoseconds.
    acks: Vec<u64>,
}

impl Threads {
    /// How long the offers take, from the first `submit` to the last answer with its events.
    fn decide(&mut self, step: &Step<'_>) -> Duration {
        self.clock.advance_to(step.at);
        self.send(&step.reports, None);
        let mut acks = std::mem::take(&mut self.acks);
        let time = self.send(&step.offers, Some(&mut acks));
        self.acks = acks;
        time
    }

    fn send(&mut self, commands: &[Command<'_>], mut acks: Option<&mut Vec<u64>>) -> Duration {
        let start = Instant::now();
        let mut sent: VecDeque<Instant> = VecDeque::with_capacity(self.in_flight);
        let mut commands = commands.iter().peekable();
        while commands.peek().is_some() || !sent.is_empty() {
            while sent.len() < self.in_flight
                && let Some(command) = commands.peek()
                && self.port.submit(command).is_ok()
            {
                sent.push_back(Instant::now());
                commands.next();
            }
            let mut heard = false;
            while let Some(delivery) = self.port.poll() {
                black_box(delivery.events);
                heard = true;
                if let (Some(sent), Some(acks)) = (sent.pop_front(), &mut acks) {
                    acks.push(sent.elapsed().as_nanos() as u64);
                }
            }
            if !heard {
                self.port.wait_any(Duration::from_millis(100));
            }
        }
        start.elapsed()
    }
}

/// A new log for an exchange that has been: its places are counted from here. What the copy costs is charged to us.
struct Shifted {
    journal: SledJournal,
    first: u64,
    batch: Batch,
}

impl Shifted {
    fn by(journal: SledJournal, last: Sequence) -> Self {
        Self { journal, first: last.0, batch: Batch::default() }
    }
}

impl Journal for Shifted {
    type Codec = RecordCodec;

    fn codec(&self) -> RecordCodec {
        self.journal.codec()
    }

    fn append(&mut self, batch: &Batch) -> Result<(), JournalFault> {
        self.batch.clear();
        for entry in batch.iter() {
            self.batch.push(Sequence(entry.sequence.0 - self.first), entry.at, entry.record);
        }
        self.journal.append(&self.batch)
    }

    fn sync(&mut self) -> Result<(), JournalFault> {
        self.journal.sync()
    }

    fn has_room(&mut self) -> bool {
        self.journal.has_room()
    }
}

fn percentile(values: &mut [u64], percent: usize) -> u64 {
    if values.is_empty() {
        return 1;
    }
    let place = (values.len() - 1) * percent / 100;
    *values.select_nth_unstable(place).1
}
