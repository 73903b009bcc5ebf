//! Slices of ours, of the echo and of the same offers from within, one after the other, and what comes of them.

use std::cell::RefCell;
use std::error::Error;
use std::path::Path;
use std::rc::Rc;
use std::time::Instant;

use dce_benches::samples::{Figures, Slice};
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

impl Row {
    fn of((durability, in_flight, journal_p50): (&'static str, usize, u64), slices: &[[Figures; 3]]) -> Self {
        let ([ours, echo, within], [rate_ratio_percent, p50_ratio_percent]) = Figures::medians(slices);
        Self { durability, in_flight, ours, echo, within, journal_p50, rate_ratio_percent, p50_ratio_percent }
    }

    /// What p50 may be: half as much again as the echo's, and the journal's acknowledgement where an answer waits for it.
    pub(crate) fn p50_max(&self) -> u64 {
        let journal = if self.durability == "none" { 0 } else { self.journal_p50 };
        self.echo.p50 * super::P50_RATIO_MAX / 100 + journal
    }
}
