//! Slices of ours and of the echo, one after the other, and what comes of them.

use std::error::Error;

use dce_benches::samples::{Figures, Slice};

use crate::echo::Echo;
use crate::ours::{Bids, Market};

/// How many frames are unanswered at a time.
const IN_FLIGHT: [usize; 3] = [1, 8, 64];
const SLICES: usize = 21;

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

impl Row {
    fn of(in_flight: usize, slices: &[[Figures; 3]]) -> Self {
        let ([ours, echo, library], [rate_ratio_percent, p50_ratio_percent]) = Figures::medians(slices);
        Self { in_flight, ours, library, echo, rate_ratio_percent, p50_ratio_percent }
    }
}
