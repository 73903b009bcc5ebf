//! What everybody in the demo has seen so far, added up: buyers, sellers and the server's gauges write, the picture reads.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use dce_client::{CallId, Sequence};
use dce_engine::units::Money;

use super::calls::minute_of_day;
use super::market::Market;
use super::view::{Bids, Calls, Ended, JournalFigures, OUTCOMES_SHOWN, Segment, Snapshot, Speed, Takings};
use super::words::VERTICALS;
use crate::terminal::frame::Paint;

/// The figures all tasks share. Cloning gives another handle of the same.
#[derive(Clone, Debug)]
pub(super) struct Board(Arc<Mutex<Figures>>);

/// The figures themselves. Nobody holds them across an `.await`.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) stage: &'static str,
    started: Instant,
    planned: u32,
    parties: (usize, usize, usize),
    pub(super) calls: Calls,
    pub(super) money: Takings,
    pub(super) segments: [Segment; VERTICALS.len()],
    pub(super) bids: Bids,
    /// The last round trips, in nanoseconds.
    round_trips: VecDeque<u64>,
    outcomes: VecDeque<Ended>,
    /// Who bought a call last, and at what price: the buyer is told, the seller is not.
    sales: HashMap<CallId, (usize, Money)>,
    /// How many requests were refused, and the first one's words: in a demo there should be none.
    pub(super) refused: Option<(u64, String)>,
    last_change: Instant,
    /// The last place in the log that a seller heard of.
    pub(super) last_sequence: Sequence,
}

/// How many round trips are looked at.
const ROUND_TRIPS: usize = 10_000;

/// What the server's own gauges say at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gauged {
    pub(super) decision_p50: u64,
    pub(super) decision_p99: u64,
    pub(super) durable: u64,
    pub(super) commits: u64,
    pub(super) commit_p50: u64,
    pub(super) bytes: u64,
}

impl Board {
    /// An empty one.
    pub(super) fn new(market: &Market, planned: u32) -> Self {
        let now = Instant::now();
        Self(Arc::new(Mutex::new(Figures {
            stage: "setting up",
            started: now,
            planned,
            parties: (market.buyers.len(), market.profiles(), market.sellers.len()),
            calls: Calls::default(),
            money: Takings::default(),
            segments: Default::default(),
            bids: Bids::default(),
            round_trips: VecDeque::with_capacity(ROUND_TRIPS),
            outcomes: VecDeque::with_capacity(OUTCOMES_SHOWN),
            sales: HashMap::new(),
            refused: None,
            last_change: now,
            last_sequence: Sequence(0),
        })))
    }

    /// The figures, for as long as the guard lives.
    pub(super) fn lock(&self) -> MutexGuard<'_, Figures> {
        // Counting cannot leave figures half-written, so those of a task that panicked are as good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Figures {
    /// A seller heard of this place in the log.
    pub(super) fn saw(&mut self, sequence: Sequence) {
        self.last_sequence = self.last_sequence.max(sequence);
    }

    /// A call comes in and is offered.
    pub(super) fn offered(&mut self, vertical: usize) {
        self.calls.offered += 1;
        self.segments[vertical].calls += 1;
        self.last_change = Instant::now();
    }

    /// A request was answered after so long.
    pub(super) fn round_trip(&mut self, took: Duration) {
        if self.round_trips.len() == ROUND_TRIPS {
            self.round_trips.pop_front();
        }
        self.round_trips.push_back(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    /// The seller heard that its call is sold; `again` when it was sold before and came back.
    pub(super) fn sold(&mut self, vertical: usize, again: bool) {
        if !again {
            self.calls.sold += 1;
            self.calls.live += 1;
            self.segments[vertical].sold += 1;
        }
        self.last_change = Instant::now();
    }

    /// The buyer with this place in the market heard that it won a call, and at what price.
    pub(super) fn won(&mut self, call: CallId, buyer: usize, price: Money) {
        self.sales.insert(call, (buyer, price));
    }

    /// The buyer paid.
    pub(super) fn paid(&mut self, vertical: usize, amount: Money) {
        self.money.revenue = self.money.revenue + amount;
        self.money.billed += 1;
        self.segments[vertical].revenue = self.segments[vertical].revenue + amount;
    }

    /// A request was refused, which the script did not expect.
    pub(super) fn refuse(&mut self, doing: &str, why: &dce_client::Error) {
        self.refused.get_or_insert_with(|| (0, format!("{doing}: {why}"))).0 += 1;
    }

    /// A call is over: never sold, or sold and delivered or given up.
    pub(super) fn over(&mut self, market: &Market, call: CallId, over: Over) {
        self.calls.over += 1;
        self.last_change = Instant::now();
        if over.was_sold {
            self.calls.live = self.calls.live.saturating_sub(1);
        }
        if over.unsold {
            self.calls.unsold += 1;
        }
        let sale = self.sales.remove(&call).filter(|_| !over.unsold);
        self.outcomes.truncate(OUTCOMES_SHOWN - 1);
        self.outcomes.push_front(Ended {
            vertical: over.vertical,
            caller: over.caller,
            buyer: sale.map(|(buyer, _)| market.buyers[buyer].name.clone()),
            price: sale.map_or(Money::ZERO, |(_, price)| price),
            end: over.end,
            paint: over.paint,
        });
    }

    /// How long nothing has happened to any call.
    pub(super) fn idle(&self) -> Duration {
        self.last_change.elapsed()
    }

    /// What the picture shows.
    pub(super) fn snapshot(&self, gauged: &Gauged, rates: &Rates) -> Snapshot {
        let mut sorted: Vec<u64> = self.round_trips.iter().copied().collect();
        sorted.sort_unstable();
        let (buyers, profiles, sellers) = self.parties;
        Snapshot {
            stage: self.stage,
            elapsed: self.started.elapsed(),
            buyers,
            profiles,
            sellers,
            calls_planned: self.planned,
            minute_of_day: match self.calls.offered {
                0 => 0,
                offered => minute_of_day(offered as u32, self.planned),
            },
            calls: Calls { rate: rates.calls, ..self.calls },
            money: self.money,
            segments: self.segments,
            bids: self.bids,
            speed: Speed {
                decision_p50: gauged.decision_p50,
                decision_p99: gauged.decision_p99,
                round_trip_p50: percentile(&sorted, 500),
                round_trip_p99: percentile(&sorted, 990),
            },
            journal: JournalFigures {
                durable: gauged.durable,
                commits_a_second: rates.commits,
                commit_p50: gauged.commit_p50,
                bytes: gauged.bytes,
            },
            outcomes: self.outcomes.iter().cloned().collect(),
        }
    }
}

/// How a call ended.
#[derive(Clone, Debug)]
pub(super) struct Over {
    pub(super) vertical: usize,
    pub(super) caller: String,
    /// It had been sold at least once.
    pub(super) was_sold: bool,
    /// In the end nobody has it.
    pub(super) unsold: bool,
    pub(super) end: String,
    pub(super) paint: Paint,
}

/// The value that `per_mille` of a thousand do not exceed; 0 of none.
fn percentile(sorted: &[u64], per_mille: usize) -> u64 {
    let place = (sorted.len() * per_mille).div_ceil(1_000).max(1) - 1;
    sorted.get(place).copied().unwrap_or(0)
}

/// How much happened in the last second.
#[derive(Clone, Debug, Default)]
pub(super) struct Rates {
    pub(super) calls: u64,
    pub(super) commits: u64,
    /// When, and what the counters said: a second's worth of frames.
    seen: VecDeque<(Instant, u64, u64)>,
}

impl Rates {
    /// The counters say this now.
    pub(super) fn see(&mut self, calls: u64, commits: u64) {
        let now = Instant::now();
        self.seen.push_back((now, calls, commits));
        while self.seen.len() > 2 && now.duration_since(self.seen[1].0) >= Duration::from_secs(1) {
            self.seen.pop_front();
        }
        let (then, calls_then, commits_then) = self.seen[0];
        let millis = (now.duration_since(then).as_millis() as u64).max(1);
        let rate = |now: u64, then: u64| now.saturating_sub(then) * 1_000 / millis;
        // The first frames see too little of a second to say anything.
        if millis >= 200 {
            (self.calls, self.commits) = (rate(calls, calls_then), rate(commits, commits_then));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        assert_eq!([percentile(&[], 500), percentile(&[7], 500), percentile(&[7], 990)], [0, 7, 7]);
        let hundred: Vec<u64> = (1..=100).collect();
        assert_eq!([percentile(&hundred, 500), percentile(&hundred, 990), percentile(&hundred, 1_000)], [50, 99, 100]);
    }

    #[test]
    fn a_call_that_is_over_is_counted_once_and_shown_with_its_buyer() {
        let market = Market::new(1, 50, 100);
        let board = Board::new(&market, 100);
        let over = |was_sold, unsold| Over {
            vertical: 0,
            caller: "FL, 72".to_owned(),
            was_sold,
            unsold,
            end: "4m12s, paid".to_owned(),
            paint: Paint::Good,
        };
        let mut figures = board.lock();
        for _ in 0..2 {
            figures.offered(0);
        }
        figures.sold(0, false);
        figures.sold(0, true);
        figures.won(CallId(1), 3, Money::from_units(31));
        figures.over(&market, CallId(1), over(true, false));
        figures.over(&market, CallId(2), over(false, true));
        let shown = figures.snapshot(&Gauged::default(), &Rates::default());
        assert_eq!((shown.calls.offered, shown.calls.sold, shown.calls.live), (2, 1, 0));
        assert_eq!((shown.calls.over, shown.calls.unsold), (2, 1));
        assert_eq!(shown.outcomes[1].buyer.as_deref(), Some(market.buyers[3].name.as_str()));
        assert_eq!(shown.outcomes[0].buyer, None);
    }
}
