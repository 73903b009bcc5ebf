//! `dce demo`: an exchange of its own on a folder that is kept, with a whole market on it, and what comes of it.
//!
//! Everything a client would do goes over QUIC: the operator sets the market up, buyers set, move and place their bids,
//! sellers offer calls and report what happens to them. In the end the log is applied again and must give the same state.

mod after;
mod audit;
mod board;
mod buyer;
mod buyers;
mod calls;
mod day;
mod life;
mod market;
mod picture;
mod random;
mod seller;
mod setup;
mod stage;
mod summary;
mod view;
mod words;
mod zones;

use std::path::PathBuf;

use clap::Args;

pub(crate) use stage::run;

/// Run an exchange with a whole market on it, and watch
#[derive(Clone, Debug, Args)]
pub(crate) struct DemoArgs {
    /// Leave the exchange running in the end, for a bidder of your own
    #[arg(long)]
    serve: bool,
    /// Say nothing on stdout but one JSON object in the end
    #[arg(long)]
    json: bool,
    /// How many calls come in
    #[arg(long, value_name = "N", default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    calls: u32,
    /// How many buyers bid
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(50..=200))]
    buyers: u32,
    /// How many calls come in a second
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
    /// Another market: other buyers, other callers
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Where the exchange lives: a folder that is empty or not there yet [default: a new one under the system's temporary folder]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Write the last picture of the day here, as SVG
    #[arg(long, value_name = "FILE", hide = true)]
    svg: Option<PathBuf>,
}
