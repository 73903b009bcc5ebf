//! Slices of ours and of the echo, one after the other, and what comes of them.

use std::error::Error;
use std::time::{Duration, Instant};

use crate::echo::Echo;
use crate::ours::{Bids, Market};

/// How many frames are unanswered at a time.
const IN_FLIGHT: [usize; 3] = [1, 8, 64];
const SLICES: usize = 21;
const SLICE: Duration = Duration::from_millis(250);

/// What one slice came to; times in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    /// Frames answered in a second.
    pub(crate) rate: u64,
    pub(crate) p50: u64,
    pub(crate) p99: u64,
}

/// Medians over all slices of one number in flight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) in_flight: usize,
    /// Over the bare line.
    pub(crate) ours: Figures,
    /// With the client library.
    pub(crate) library: Figures,
    pub(crate) echo: Figures,
    /// Ours over the bare line of the echo's, slice by slice.
    pub(crate) rate_ratio_percent: u64,
    pub(crate) p50_ratio_percent: u64,
}

/// Collects what one slice sees.
pub(crate) struct Slice {
    end: Instant,
    begin: Instant,
    times: Vec<u64>,
}

pub(crate) fn run() -> Result<Vec<Row>, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (mut market, mut line, mut bids) = Market::open().await?;
        let (mut echo_line, mut echo) = Echo::open(Bids::request_bytes(), Bids::answer_bytes()).await?;
        let mut rows = Vec::new();
        for in_flight in IN_FLIGHT {
            let mut slices = Vec::new();
            for number in 0..=SLICES {
                let ours = line.slice(in_flight, &mut bids, Slice::begin()).await?;
                let echo = echo_line.slice(in_flight, &mut echo, Slice::begin()).await?;
                let library = market.slice(in_flight, Slice::begin()).await?;
                // The first warms up.
                if number > 0 {
                    slices.push([ours, echo, library]);
                }
            }
            rows.push(Row::of(in_flight, &slices));
        }
        market.close().await?;
        Ok(rows)
    })
}

impl Slice {
    fn begin() -> Self {
        let begin = Instant::now();
        Self { begin, end: begin + SLICE, times: Vec::with_capacity(1 << 19) }
    }

    /// A frame asked at `asked` was answered now; whether to go on.
    pub(crate) fn answered(&mut self, asked: Instant) -> bool {
        let now = Instant::now();
        self.times.push(u64::try_from((now - asked).as_nanos()).unwrap_or(u64::MAX));
        now < self.end
    }

    pub(crate) fn figures(mut self) -> Figures {
        let micros = u64::try_from(self.begin.elapsed().as_micros()).unwrap_or(u64::MAX).max(1);
        self.times.sort_unstable();
        let at = |percent: usize| self.times.get(self.times.len() * percent / 100).copied().unwrap_or_default();
        Figures { rate: self.times.len() as u64 * 1_000_000 / micros, p50: at(50), p99: at(99) }
    }
}

impl Row {
    fn of(in_flight: usize, slices: &[[Figures; 3]]) -> Self {
        let each = |figure: fn(&Figures) -> u64| {
            let medians = [0, 1, 2].map(|who| median(slices.iter().map(|slice| figure(&slice[who]))));
            let ratio = median(slices.iter().map(|[ours, echo, _]| figure(ours) * 100 / figure(echo).max(1)));
            (medians, ratio)
        };
        let (rates, rate_ratio_percent) = each(|figures| figures.rate);
        let (p50s, p50_ratio_percent) = each(|figures| figures.p50);
        let (p99s, _) = each(|figures| figures.p99);
        let [ours, echo, library] = [0, 1, 2].map(|who| Figures { rate: rates[who], p50: p50s[who], p99: p99s[who] });
        Self { in_flight, ours, library, echo, rate_ratio_percent, p50_ratio_percent }
    }
}

fn median(values: impl Iterator<Item = u64>) -> u64 {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}
