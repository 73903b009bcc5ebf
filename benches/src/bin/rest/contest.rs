//! Slices of ours, of the echo and of the same offers from within, one after the other, and what comes of them.

use std::cell::RefCell;
use std::error::Error;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use dce_runtime::Durability;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::task::{JoinSet, LocalSet};

use crate::echo;
use crate::line::{Asking, Line};
use crate::ours::{Calls, Market};

/// How many connections ask at a time.
const IN_FLIGHT: [usize; 3] = [1, 8, 64];
/// What answers promise, by name.
pub(crate) const JOURNALS: [(&str, Durability); 2] = [("none", Durability::None), ("always", Durability::Always)];
const SLICES: usize = 15;
const SLICE: Duration = Duration::from_millis(250);

/// What one slice came to; times in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    /// Offers answered in a second.
    pub(crate) rate: u64,
    pub(crate) p50: u64,
    pub(crate) p99: u64,
}

/// Medians over all slices of one number in flight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) durability: &'static str,
    pub(crate) in_flight: usize,
    pub(crate) ours: Figures,
    pub(crate) echo: Figures,
    /// One after the other from within the process, without HTTP.
    pub(crate) within: Figures,
    /// Of the journal's time for a batch.
    pub(crate) journal_p50: u64,
    /// Ours over the echo's, slice by slice.
    pub(crate) rate_ratio_percent: u64,
    pub(crate) p50_ratio_percent: u64,
}

/// Collects what one slice sees.
pub(crate) struct Slice {
    end: Instant,
    begin: Instant,
    times: Vec<u64>,
}

pub(crate) fn run(dir: &Path, journals: &[(&'static str, Durability)]) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows = Vec::new();
    for &(name, durability) in journals {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let market = Market::open(dir, durability)?;
        rows.extend(LocalSet::new().block_on(&runtime, contest(&market, name))?);
        market.close()?;
    }
    Ok(rows)
}

async fn contest(market: &Market, durability: &'static str) -> Result<Vec<Row>, Box<dyn Error>> {
    let (asking, published, calls) = (Rc::new(market.asking()), market.published(), market.calls());
    let certificate = CertificateDer::from_pem_file(&published.certificate)?;
    let (call, mut first) = (calls.next(), Line::dial(market.address()?, certificate.clone()).await?);
    let answer = first.offer(&asking, call).await?.to_vec();
    let echo = echo::start(&published, &answer)?;
    let mut rows = Vec::new();
    for in_flight in IN_FLIGHT {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..in_flight {
            ours.push(Line::dial(market.address()?, certificate.clone()).await?);
            theirs.push(Line::dial(echo, certificate.clone()).await?);
        }
        let mut slices = Vec::new();
        for number in 0..=SLICES {
            let ours_said = slice(&mut ours, &asking, &calls).await?;
            let echo_said = slice(&mut theirs, &asking, &calls).await?;
            let mut within = Slice::begin();
            market.offer_within(&mut within)?;
            // The first warms up.
            if number > 0 {
                slices.push([ours_said, echo_said, within.figures()]);
            }
        }
        let length = theirs[0].offer(&asking, call).await?.len();
        if length.abs_diff(answer.len()) > 8 {
            return Err(format!("the echo answers {length} bytes, and ours {}", answer.len()).into());
        }
        rows.push(Row::of((durability, in_flight, market.journal_p50()), &slices));
    }
    if market.missed() > 0 {
        eprintln!("rest: journal `{durability}`: {} deliveries were missed by threads that follow", market.missed());
    }
    Ok(rows)
}

/// Asks on all lines at once until the slice is over.
async fn slice(lines: &mut Vec<Line>, asking: &Rc<Asking>, calls: &Calls) -> Result<Figures, Box<dyn Error>> {
    let seen = Rc::new(RefCell::new(Slice::begin()));
    let mut asked = JoinSet::new();
    for mut line in lines.drain(..) {
        let (asking, calls, seen) = (Rc::clone(asking), calls.clone(), Rc::clone(&seen));
        asked.spawn_local(async move {
            loop {
                let at = Instant::now();
                line.offer(&asking, calls.next()).await?;
                if !seen.borrow_mut().answered(at) {
                    return Ok::<_, Box<dyn Error>>(line);
                }
            }
        });
    }
    while let Some(line) = asked.join_next().await {
        lines.push(line??);
    }
    let seen = Rc::into_inner(seen).ok_or("a line still asks")?;
    Ok(seen.into_inner().figures())
}

impl Slice {
    pub(crate) fn begin() -> Self {
        let begin = Instant::now();
        Self { begin, end: begin + SLICE, times: Vec::with_capacity(1 << 16) }
    }

    /// What was asked at `asked` was answered now; whether to go on.
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
    fn of((durability, in_flight, journal_p50): (&'static str, usize, u64), slices: &[[Figures; 3]]) -> Self {
        let each = |figure: fn(&Figures) -> u64| {
            let medians = [0, 1, 2].map(|who| median(slices.iter().map(|slice| figure(&slice[who]))));
            let ratio = median(slices.iter().map(|[ours, echo, _]| figure(ours) * 100 / figure(echo).max(1)));
            (medians, ratio)
        };
        let (rates, rate_ratio_percent) = each(|figures| figures.rate);
        let (p50s, p50_ratio_percent) = each(|figures| figures.p50);
        let (p99s, _) = each(|figures| figures.p99);
        let [ours, echo, within] = [0, 1, 2].map(|who| Figures { rate: rates[who], p50: p50s[who], p99: p99s[who] });
        Self { durability, in_flight, ours, echo, within, journal_p50, rate_ratio_percent, p50_ratio_percent }
    }

    /// What p50 may be: half as much again as the echo's, and the journal's acknowledgement where an answer waits for it.
    pub(crate) fn p50_max(&self) -> u64 {
        let journal = if self.durability == "none" { 0 } else { self.journal_p50 };
        self.echo.p50 * super::P50_RATIO_MAX / 100 + journal
    }
}

fn median(values: impl Iterator<Item = u64>) -> u64 {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}
