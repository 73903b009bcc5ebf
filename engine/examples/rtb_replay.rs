//! Plays a file of real second-price auctions through the exchange, and counts what the published strategy wins.
//!
//! The file holds one auction a line: `clicked(0|1) market_price predicted_click_rate` (iPinYou real-time-bidding logs,
//! campaign 2997). One profile bids the market price, the other plays `mcpc` (Cai and others, "Real-Time Bidding by
//! Reinforcement Learning in Display Advertising", WSDM 2017): constant cost for each expected click, within a budget
//! that is renewed every `--episode` auctions.
//!
//! Run it with `cargo run --release -p dce-engine --example rtb_replay_core -- FILE [--episode N] [--budget-ratio 1/32]`.
#![expect(clippy::print_stdout, clippy::print_stderr, clippy::exit, reason = "an example is a program")]
#![expect(clippy::disallowed_methods, reason = "an example reads its file and times itself")]

#[path = "rtb_replay/file.rs"]
mod file;

use std::process::ExitCode;
use std::time::Instant;

use dce_engine::prelude::*;
use file::Auction;

/// Training figures of campaign 2997, as published with the strategy.
const TRAIN_COST: u128 = 19_689_072;
const TRAIN_IMPRESSIONS: u128 = 312_437;
const TRAIN_CLICKS: u128 = 1_386;
const BID_MAX: i64 = 300;
/// Nine decimals of a predicted click rate, implied.
const RATE_SCALE: u128 = 1_000_000_000;

const START: Timestamp = Timestamp::from_seconds(1_371_340_800);
const RATE: AttributeId = AttributeId(0);
const MARKET: AccountId = AccountId(1);
const MCPC: AccountId = AccountId(2);
const SITE: AccountId = AccountId(3);
const PROFILE: ProfileId = ProfileId(1);
const LISTING: ListingId = ListingId(1);
const SESSION: SessionId = SessionId(1);

struct Options {
    file: String,
    episode: u128,
    budget_ratio: (u128, u128),
}

#[derive(Default)]
struct Tally {
    auctions: u64,
    won: u64,
    clicks: u64,
    cost: i64,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("rtb_replay_core: {message}");
            eprintln!("usage: rtb_replay_core FILE [--episode N] [--budget-ratio A/B]");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    let auctions = file::read(&options.file)?;
    let mut floor = Floor::open().map_err(|reject| format!("setting up the market: {reject}"))?;
    let begin = Instant::now();
    let mut tally = Tally::default();
    for (auction, number) in auctions.iter().zip(0_u64..) {
        if u128::from(number) % options.episode == 0 {
            let (above, below) = options.budget_ratio;
            let budget = TRAIN_COST * above * options.episode / (TRAIN_IMPRESSIONS * below);
            let budget = i64::try_from(budget).map_err(|_| "the budget is beyond counting".to_owned())?;
            floor.refill(Money::from_micros(budget)).map_err(|reject| format!("auction {number}: {reject}"))?;
        }
        let price = floor.play(auction).map_err(|reject| format!("auction {number}: {reject}"))?;
        tally.auctions += 1;
        if let Some(price) = price {
            tally.won += 1;
            tally.clicks += u64::from(auction.clicked);
            tally.cost += price.micros();
        }
        if number % 50_000 == 49_999 {
            eprintln!("{} of {} auctions", number + 1, auctions.len());
        }
    }
    let micros = begin.elapsed().as_micros().max(1);
    println!("auctions={} won={} clicks={} cost={}", tally.auctions, tally.won, tally.clicks, tally.cost);
    println!("auctions_per_second={}", u128::from(tally.auctions) * 1_000_000 / micros);
    println!("digest={:032x}", floor.market.digest());
    Ok(())
}

/// The market the auctions are played on: one unit of price is one micro-unit of money.
struct Floor {
    market: Exchange,
    events: Events,
    at: Timestamp,
    /// Counts ids and stamps of all kinds.
    counter: u64,
}

impl Floor {
    fn open() -> Result<Self, Reject> {
        let limits = Limits { retention: Seconds(60), ..Limits::small() };
        let market = Exchange::new(Genesis::new(limits, 0x2997, USD)).map_err(|_| Reject::ValueOutOfRange)?;
        let mut floor = Self { market, events: Events::new(), at: START, counter: 0 };
        floor.apply(&DeclareAttribute::integer(RATE, "predicted click rate", 9, 0, 1_000_000_000).into())?;
        floor.apply(&OpenAccount::seller(SITE).into())?;
        floor.apply(&CreateListing::of(SITE, LISTING).second_price(Money::ZERO).into())?;
        floor.apply(&OpenSession::new(SITE, SESSION).into())?;
        for (buyer, deposit) in [(MCPC, Money::ZERO), (MARKET, Money::from_units(1_000))] {
            floor.apply(&OpenAccount::buyer(buyer).deposit(deposit).into())?;
            let profile = CreateProfile::of(buyer, PROFILE).live().dial(b"bidder", Millis(1_000));
            floor.apply(&profile.into())?;
            floor.apply(&OpenSession::new(buyer, SESSION).into())?;
        }
        Ok(floor)
    }

    /// Applies a command, with what is due first.
    fn apply(&mut self, command: &Command<'_>) -> Result<(), Reject> {
        while self.market.next_deadline().is_some_and(|deadline| deadline <= self.at) {
            self.market.apply(self.at, &Tick.into(), &mut self.events)?;
        }
        self.market.apply(self.at, command, &mut self.events).map(|_| ())
    }

    fn next(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    fn stamp(&mut self) -> Stamp {
        Stamp::new(SESSION, self.next())
    }

    fn budget_left(&self) -> Money {
        self.market.account(MCPC).map_or(Money::ZERO, |account| account.balance - account.held)
    }

    /// A new episode begins: whatever is left is exchanged for the whole budget.
    fn refill(&mut self, budget: Money) -> Result<(), Reject> {
        let left = self.budget_left();
        let movement = MovementId::at(self.at, self.next());
        if left < budget {
            self.apply(&Deposit::new(MCPC, movement, budget - left).into())
        } else if left > budget {
            self.apply(&Withdraw::new(MCPC, movement, left - budget).into())
        } else {
            Ok(())
        }
    }

    /// Plays one auction: the price if the strategy won it.
    fn play(&mut self, auction: &Auction) -> Result<Option<Money>, Reject> {
        self.at = Timestamp::from_micros(self.at.micros() + 1_000_000);
        let call = CallId::at(self.at, self.next());
        let offer = OfferCall::new(SITE, call, LISTING).number(RATE, auction.rate_nanos).window(Millis(100));
        self.apply(&offer.into())?;
        // The strategy's bid comes first, so that a tie is its.
        let worth = TRAIN_COST * u128::from(auction.rate_nanos.unsigned_abs()) / (TRAIN_CLICKS * RATE_SCALE);
        let worth = i64::try_from(worth).unwrap_or(i64::MAX).min(BID_MAX).min(self.budget_left().micros());
        for (buyer, amount) in [(MCPC, worth), (MARKET, auction.market_price)] {
            if amount > 0 {
                let stamp = self.stamp();
                let bid = PlaceBid::new((buyer, PROFILE), (SITE, call), Money::from_micros(amount), stamp);
                self.apply(&bid.into())?;
            }
        }
        self.apply(&CloseAuction::new(SITE, call).into())?;
        let Some((winner, price)) = self.sold() else {
            return Ok(None);
        };
        let stamp = self.stamp();
        self.apply(&ReportAnswered::new(SITE, call, LegReport::first(Clocks::default()), stamp).into())?;
        let stamp = self.stamp();
        self.apply(&ReportEnded::new(SITE, call, LegReport::first(Clocks::default()), stamp).into())?;
        Ok((winner == MCPC).then_some(price))
    }

    fn sold(&self) -> Option<(AccountId, Money)> {
        self.events.iter().find_map(|event| match event {
            Event::CallSold { buyer, price, .. } => Some((*buyer, *price)),
            _ => None,
        })
    }
}

fn options() -> Result<Options, String> {
    let mut file = None;
    let mut options = Options { file: String::new(), episode: 1_000, budget_ratio: (1, 32) };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--episode" => {
                let value = words.next().ok_or("--episode takes a number of auctions")?;
                options.episode = value.parse().map_err(|_| format!("--episode {value}: not a whole number"))?;
            }
            "--budget-ratio" => {
                let value = words.next().ok_or("--budget-ratio takes a fraction, such as 1/32")?;
                let (above, below) = value.split_once('/').unwrap_or((&value, "1"));
                let fault = |_| format!("--budget-ratio {value}: not a fraction, such as 1/32");
                options.budget_ratio = (above.parse().map_err(fault)?, below.parse().map_err(fault)?);
            }
            "--help" | "-h" => {
                println!("usage: rtb_replay_core FILE [--episode N] [--budget-ratio A/B]");
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
