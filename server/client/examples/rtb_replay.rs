//! Plays a file of real second-price auctions through a running server, and counts what the published strategy wins.
//!
//! The same as the engine's example of this name, over the wire: the file holds one auction a line,
//! `clicked(0|1) market_price predicted_click_rate` (iPinYou real-time-bidding logs, campaign 2997). One profile bids the
//! market price, the other plays `mcpc` (Cai and others, "Real-Time Bidding by Reinforcement Learning in Display
//! Advertising", WSDM 2017): constant cost for each expected click, within a budget that is renewed every `--episode`
//! auctions. A market of its own is set up with an operator's key, so the server may have been used before; it may be
//! killed and started again while this runs.
//!
//! `cargo run --release -p dce-client --example rtb_replay -- FILE [--server 127.0.0.1:9443] [--key FILE]
//! [--trust PEM] [--episode N] [--budget-ratio 1/32] [--vertical N]`
#![expect(clippy::print_stdout, clippy::print_stderr, clippy::exit, reason = "an example is a program")]

// The engine's example of this name plays the same file.
#[path = "../../../engine/examples/rtb_replay/file.rs"]
mod file;
#[path = "rtb_replay/floor.rs"]
mod floor;

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use dce_client::{Client, Money, Trust};
use file::Auction;
use floor::Floor;

/// Training figures of campaign 2997, as published with the strategy.
const TRAIN_COST: u128 = 19_689_072;
const TRAIN_IMPRESSIONS: u128 = 312_437;
const TRAIN_CLICKS: u128 = 1_386;
const BID_MAX: i64 = 300;
/// Nine decimals of a predicted click rate, implied.
const RATE_SCALE: u128 = 1_000_000_000;

const USAGE: &str = "usage: rtb_replay FILE [--server ADDR] [--key FILE] [--trust PEM] [--episode N] \
                     [--budget-ratio A/B] [--vertical N]";
/// Progress is told so often to a person, and after so many auctions to a file.
const PROGRESS_EACH: Duration = Duration::from_secs(2);
const PROGRESS_EACH_AUCTIONS: u64 = 500;

struct Options {
    file: String,
    server: String,
    key: String,
    trust: String,
    episode: u128,
    budget_ratio: (u128, u128),
    vertical: u16,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let result = match options() {
        Ok(options) => run(&options).await,
        Err(message) => Err(format!("{message}\n{USAGE}").into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rtb_replay: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let auctions = file::read(&options.file)?;
    // A file, because everybody on the machine can read the words of a command line.
    let key = std::fs::read_to_string(&options.key)
        .map_err(|error| format!("{}: {error}; --key takes the file that holds an operator's key", options.key))?;
    let client = Client::connect(&options.server, Trust::pem_file(&options.trust)?, &key).await?;
    let mut floor = Floor::open(&client, options.vertical).await?;
    let begin = Instant::now();
    let mut told = begin;
    let is_watched = std::io::stderr().is_terminal();
    for (auction, number) in auctions.iter().zip(0_u64..) {
        if u128::from(number) % options.episode == 0 {
            let (above, below) = options.budget_ratio;
            let budget = TRAIN_COST * above * options.episode / (TRAIN_IMPRESSIONS * below);
            floor.refill(Money::from_micros(i64::try_from(budget)?)).await?;
        }
        floor.play(number, auction, worth(auction)).await?;
        let due = if is_watched { told.elapsed() > PROGRESS_EACH } else { number % PROGRESS_EACH_AUCTIONS == 0 };
        if due {
            told = Instant::now();
            eprintln!("{} of {} auctions, {} won", number + 1, auctions.len(), floor.tally.won);
        }
    }
    floor.settle_all().await?;
    floor.close().await?;
    let micros = begin.elapsed().as_micros().max(1);
    let tally = &floor.tally;
    println!("auctions={} won={} clicks={} cost={}", tally.auctions, tally.won, tally.clicks, tally.cost.micros());
    println!("auctions_per_second={}", u128::from(tally.auctions) * 1_000_000 / micros);
    client.close().await?;
    Ok(())
}

/// What the strategy would pay, had it the money.
fn worth(auction: &Auction) -> Money {
    let worth = TRAIN_COST * u128::from(auction.rate_nanos.unsigned_abs()) / (TRAIN_CLICKS * RATE_SCALE);
    Money::from_micros(i64::try_from(worth).unwrap_or(i64::MAX).min(BID_MAX))
}

fn options() -> Result<Options, String> {
    let mut file = None;
    let mut options = Options {
        file: String::new(),
        server: "127.0.0.1:9443".to_owned(),
        key: "dce-data/identity/operator.key".to_owned(),
        trust: "dce-data/identity/certificate.pem".to_owned(),
        episode: 1_000,
        budget_ratio: (1, 32),
        vertical: 7,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = |what: &str| words.next().ok_or_else(|| format!("{word} takes {what}"));
        match word.as_str() {
            "--server" => options.server = value("an address, such as 127.0.0.1:9443")?,
            "--key" => options.key = value("the file that holds an operator's key")?,
            "--trust" => options.trust = value("the server's certificate, a PEM file")?,
            "--episode" => options.episode = number(&value("a number of auctions")?)?,
            "--vertical" => options.vertical = number(&value("a vertical that nobody else trades in")?)?,
            "--budget-ratio" => {
                let value = value("a fraction, such as 1/32")?;
                let (above, below) = value.split_once('/').unwrap_or((&value, "1"));
                options.budget_ratio = (number(above)?, number(below)?);
            }
            "--help" | "-h" => {
                println!("{USAGE}");
                std::process::exit(0);
            }
            flag if flag.starts_with('-') => return Err(format!("unknown option {flag}")),
            name if file.is_none() => file = Some(name.to_owned()),
            name => return Err(format!("one file only, and {name} is a second")),
        }
    }
    let range = 1..=1_000_000_000_u128;
    if !range.contains(&options.episode)
        || !range.contains(&options.budget_ratio.1)
        || options.budget_ratio.0 > 1_000_000
    {
        return Err("an episode and a ratio's lower half are at least 1".to_owned());
    }
    options.file = file.ok_or("which file?")?;
    Ok(options)
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("`{text}` is not a whole number"))
}
