//! The market the auctions are played on: one unit of price is one micro-unit of money.
//!
//! Auctions overlap on their way: an auction is asked for before the answers of the ones before are there, as long as
//! these cannot change what the strategy bids. Its amount depends on what is left of the budget, and that lies between what
//! is left for certain and that less all bids under way. Where the two would give different bids, the oldest answer is
//! awaited first. So the outcome is that of playing one after the other.

use std::collections::VecDeque;

use dce_client::{
    AccountId, Bidder, CallId, Client, Clocks, Error, Kind, LegOf, ListingId, Lot, Money, NewCall, NewListing,
    NewProfile, Pending, ProfileId, Seller, Sequence,
};

use crate::file::Auction;

const LISTING: ListingId = ListingId(1);
const PROFILE: ProfileId = ProfileId(1);
/// Nobody closes an auction of ours but ourselves, not even while the server is away for a while.
const WINDOW_MS: u32 = 60_000;
const BID_VALID_MS: u32 = 3_600_000;
const RING_MS: u32 = 300_000;
/// Auctions under way at once; six requests each, and the server takes 64 at a time.
const UNDER_WAY_MAX: usize = 24;
/// How often an auction that was disturbed is played again.
const AGAIN_MAX: u32 = 20;
/// Attributes a schema has at most.
const ATTRIBUTES_MAX: u16 = 32;

/// What the published row counts.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) auctions: u64,
    pub(crate) won: u64,
    pub(crate) clicks: u64,
    pub(crate) cost: Money,
}

pub(crate) struct Floor {
    client: Client,
    site: Seller,
    mcpc: Bidder,
    market: Bidder,
    /// The attribute that carries the predicted click rate.
    rate: u16,
    pub(crate) tally: Tally,
    /// The budget after all auctions that are settled, and what bids under way may take of it.
    left: Money,
    at_risk: Money,
    under_way: VecDeque<Round>,
    /// Reports whose answers nobody waits for at once.
    reports: VecDeque<(u64, Pending)>,
}

/// One auction under way.
struct Round {
    number: u64,
    clicked: bool,
    rate_nanos: i64,
    call: CallId,
    own: Money,
    rival: Money,
    offer: Pending,
    bids: Vec<Pending>,
    close: Pending,
}

type Outcome<T> = Result<T, String>;

impl Floor {
    /// Sets up a market with ids nobody has used, in a vertical of its own.
    pub(crate) async fn open(client: &Client, vertical: u16) -> Outcome<Self> {
        let said = |what: &'static str| move |error: Error| format!("setting up the market, {what}: {error}");
        let operator = client.operator();
        let rate = declare_rate(client).await?;
        // Accounts take any 128-bit id; a new call's is one that nobody else has.
        let [site, mcpc, market] = [(); 3].map(|()| AccountId(client.new_call().0));
        operator.open_seller(site, 0).await.map_err(said("the seller"))?;
        let listing = NewListing::new(LISTING).vertical(vertical).second_price(Money::ZERO);
        operator.create_listing(site, &listing).await.map_err(said("its listing"))?;
        for (buyer, deposit) in [(mcpc, Money::ZERO), (market, Money::from_units(1_000))] {
            operator.open_buyer(buyer, 0, deposit).await.map_err(said("a buyer"))?;
            let profile = NewProfile::new(PROFILE).vertical(vertical).live().dial(b"bidder", RING_MS);
            operator.create_profile(buyer, &profile).await.map_err(said("its profile"))?;
        }
        let opened = said("a session");
        Ok(Self {
            client: client.clone(),
            site: client.seller_for(site).await.map_err(opened)?,
            mcpc: client.bidder_for(mcpc).await.map_err(opened)?,
            market: client.bidder_for(market).await.map_err(opened)?,
            rate,
            tally: Tally::default(),
            left: Money::ZERO,
            at_risk: Money::ZERO,
            under_way: VecDeque::new(),
            reports: VecDeque::new(),
        })
    }

    /// A new episode begins: whatever is left is exchanged for the whole budget.
    pub(crate) async fn refill(&mut self, budget: Money) -> Outcome<()> {
        self.settle_all().await?;
        let (operator, account) = (self.client.operator(), self.mcpc.account());
        let view = self.client.balance(account).await.map_err(|error| format!("the balance: {error}"))?;
        if view.available() != self.left {
            return Err(format!("{} were to be left, and {} are", self.left, view.available()));
        }
        let movement = self.client.new_movement();
        let moved = if self.left < budget {
            operator.deposit(account, movement, budget - self.left).await
        } else if self.left > budget {
            operator.withdraw(account, movement, self.left - budget).await
        } else {
            return Ok(());
        };
        moved.map_err(|error| format!("refilling the budget: {error}"))?;
        self.left = budget;
        Ok(())
    }

    /// Plays one auction. The strategy would pay `worth`.
    pub(crate) async fn play(&mut self, number: u64, auction: &Auction, worth: Money) -> Outcome<()> {
        while self.under_way.len() >= UNDER_WAY_MAX || (self.at_risk > Money::ZERO && worth > self.left - self.at_risk)
        {
            self.settle().await?;
        }
        let own = worth.min(self.left);
        self.at_risk = self.at_risk + own;
        let rival = Money::from_micros(auction.market_price);
        let round = self.ask(number, (auction.clicked, auction.rate_nanos), own, rival);
        self.under_way.push_back(round);
        Ok(())
    }

    pub(crate) async fn settle_all(&mut self) -> Outcome<()> {
        while !self.under_way.is_empty() {
            self.settle().await?;
        }
        while !self.reports.is_empty() {
            self.settle_report().await?;
        }
        Ok(())
    }

    /// Takes the profiles off the market, so that a later run is not told of them.
    pub(crate) async fn close(&self) -> Outcome<()> {
        for bidder in [&self.mcpc, &self.market] {
            bidder.close_profile(PROFILE).await.map_err(|error| format!("closing a profile: {error}"))?;
        }
        Ok(())
    }

    fn ask(&self, number: u64, (clicked, rate_nanos): (bool, i64), own: Money, rival: Money) -> Round {
        let call = self.client.new_call();
        let new = NewCall::new(call, LISTING).number(self.rate, rate_nanos).window_ms(WINDOW_MS);
        let offer = self.site.offer(&new);
        let lot = Lot { profile: PROFILE, seller: self.site.account(), call };
        // The strategy's bid comes first, so that a tie is its.
        let bids = [(&self.mcpc, own), (&self.market, rival)];
        let placed = bids.into_iter().filter(|(_, amount)| *amount > Money::ZERO);
        let bids = placed.map(|(bidder, amount)| bidder.bid_for(lot, amount, BID_VALID_MS)).collect();
        Round { number, clicked, rate_nanos, call, own, rival, offer, bids, close: self.site.close_auction(call) }
    }

    /// Awaits the oldest auction; one that was disturbed is played again.
    async fn settle(&mut self) -> Outcome<()> {
        let Some(mut round) = self.under_way.pop_front() else { return Ok(()) };
        let Round { number, clicked, rate_nanos, own, rival, .. } = round;
        let mut tries = 0;
        let (call, sale) = loop {
            let call = round.call;
            match self.sale(round).await {
                Ok(sale) => break (call, sale),
                Err(error) if tries < AGAIN_MAX && (error.is_transient() || error.name() == "AuctionNotOpen") => {
                    // What came of it so far is taken back. It may be over already: then nothing was sold.
                    let _ = self.site.cancel(call).await;
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    tries += 1;
                    round = self.ask(number, (clicked, rate_nanos), own, rival);
                }
                Err(error) => return Err(format!("auction {number}: {error}")),
            }
        };
        self.at_risk = self.at_risk - own;
        self.tally.auctions += 1;
        let Some((winner, price)) = sale else { return Ok(()) };
        if winner == self.mcpc.account() {
            self.left = self.left - price;
            self.tally.won += 1;
            self.tally.clicks += u64::from(clicked);
            self.tally.cost = self.tally.cost + price;
        }
        let leg = LegOf::first(call);
        self.reports.push_back((number, self.site.answered(leg, Clocks::default())));
        self.reports.push_back((number, self.site.ended(leg, Clocks::default())));
        while self.reports.len() > 2 * UNDER_WAY_MAX {
            self.settle_report().await?;
        }
        Ok(())
    }

    /// Who bought the call, and for how much.
    async fn sale(&self, round: Round) -> Result<Option<(AccountId, Money)>, Error> {
        let Round { call, offer, bids, close, .. } = round;
        let mut first = offer.await.err();
        let asked = bids.len();
        for bid in bids {
            let error = bid.await.err();
            first = first.or(error);
        }
        let closed = close.await;
        if let Some(error) = first {
            return Err(error);
        }
        let closed = closed?;
        if let Some((buyer, Some(price))) = closed.sale().map(|sale| (sale.buyer, sale.price)) {
            return Ok(Some((buyer, price)));
        }
        if asked == 0 {
            return Ok(None);
        }
        // The answer to a request that was sent again may say less than the first would have: ask for the outcome.
        let view = self.client.call(self.site.account(), call, Sequence(closed.sequence.0)).await?;
        Ok(view.buyer.zip(view.price))
    }

    async fn settle_report(&mut self) -> Outcome<()> {
        if let Some((number, report)) = self.reports.pop_front() {
            report.await.map_err(|error| format!("reporting auction {number}: {error}"))?;
        }
        Ok(())
    }
}

/// The schema is everybody's: the rate takes the first place that is free, or has the same meaning already.
async fn declare_rate(client: &Client) -> Outcome<u16> {
    let kind = Kind::Integer { decimals: 9, low: 0, high: 1_000_000_000 };
    let mut last = None;
    for attribute in (0..ATTRIBUTES_MAX).rev() {
        match client.operator().declare_attribute(attribute, "predicted click rate", kind).await {
            Ok(_) => return Ok(attribute),
            Err(error @ Error::Refused { .. }) => last = Some(error),
            Err(error) => return Err(error.to_string()),
        }
    }
    Err(format!("no attribute for the predicted click rate: {}", last.unwrap_or(Error::Ended)))
}
