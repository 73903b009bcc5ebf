//! Prices by hand: every line of `docs/market/vectors/prices.txt`, played on the engine.

use dce_engine::prelude::*;

const VECTORS: &str = include_str!("../../docs/market/vectors/prices.txt");
const NOW: Timestamp = Timestamp::from_seconds(1_764_000_000);
const SELLER: AccountId = AccountId(900);
const LISTING: ListingId = ListingId(1);

struct Market {
    exchange: Exchange,
    events: Events,
}

impl Market {
    fn apply<'a>(&mut self, command: impl Into<Command<'a>>) {
        self.exchange.apply(NOW, &command.into(), &mut self.events).expect("the file is right");
        assert_eq!(self.exchange.check(), Ok(()));
    }
}

fn money(text: &str) -> Money {
    text.parse().unwrap_or_else(|_| panic!("{text} is no amount"))
}

fn payout(text: &str) -> Payout {
    match text.strip_suffix('%') {
        Some(percent) => Payout::Share(BasisPoints((money(percent).micros() / 10_000) as u16)),
        None => Payout::Fixed(money(text)),
    }
}

/// The market of a line's first column: its listing, and whether it has a fixed price.
fn market(terms: &str) -> Market {
    let exchange = Exchange::new(Genesis::new(Limits::small(), 7, USD)).expect("the limits are possible");
    let mut market = Market { exchange, events: Events::new() };
    let mut listing = CreateListing::of(SELLER, LISTING);
    let mut fixed = None;
    for word in terms.split_whitespace() {
        match word.split_once(['=', '+']) {
            None if word == "first" => {}
            None if word == "second" => listing = listing.second_price(Money::ZERO),
            Some(("second", increment)) => listing = listing.second_price(money(increment)),
            Some(("reserve", reserve)) => listing = listing.reserve(money(reserve)),
            Some(("margin", margin)) => listing = listing.margin_min(money(margin)),
            Some(("payout", share)) => listing = listing.pays_out(payout(share), PayTerm::OnConnect),
            Some(("price", price)) => fixed = Some(money(price)),
            _ => panic!("no such term: {word}"),
        }
    }
    market.apply(OpenAccount::seller(SELLER));
    market.apply(listing);
    market.apply(SetDisclosure::price_to_win(SELLER, LISTING));
    if let Some(price) = fixed {
        market.apply(SetPolicy::new(SELLER, LISTING, Policy::HighestScore).price(price));
    }
    market
}

/// A buyer of its own bids: `<amount>[@tier][/floor=<amount> | /fixed=<amount>]`.
fn bid(market: &mut Market, number: u64, word: &str) {
    let buyer = AccountId(u128::from(number));
    let (bid, deal) = word.split_once('/').unwrap_or((word, ""));
    let (amount, tier) = bid.split_once('@').unwrap_or((bid, "1"));
    market.apply(OpenAccount::buyer(buyer).deposit(usd("1000")));
    let profile = CreateProfile::of(buyer, ProfileId(1)).bid(money(amount)).tier(tier.parse().expect("a tier"));
    market.apply(profile.dial(b"desk", Millis(20_000)));
    let price = match deal.split_once('=') {
        None => return,
        Some(("floor", floor)) => DealPrice::Floor(money(floor)),
        Some(("fixed", price)) => DealPrice::Fixed(money(price)),
        Some(_) => panic!("no such deal: {deal}"),
    };
    market.apply(SetDeal::of(SELLER, LISTING, buyer, price));
}

/// What became of one call: `<winner> pays <price> seller <payout>` or `none`; and `<loser>:<amount>` in the order told.
fn sell(market: &mut Market) -> (String, String) {
    market.apply(OfferCall::new(SELLER, CallId::at(NOW, 1), LISTING));
    let (mut sold, mut lost) = ("none".to_owned(), Vec::new());
    for event in market.events.iter() {
        match event {
            Event::CallSold { buyer, price, payout, .. } => {
                sold = format!("{} pays {} seller {}", buyer.0, price.micros(), payout.micros());
            }
            Event::BidLost { buyer, price_to_win, .. } => {
                let amount = price_to_win.map_or("-".to_owned(), |amount| amount.micros().to_string());
                lost.push(format!("{}:{amount}", buyer.0));
            }
            _ => {}
        }
    }
    (sold, lost.join(" "))
}

/// The file's amounts, in micros.
fn in_micros(text: &str) -> String {
    let amount = |word: &str| if word == "-" { word.to_owned() } else { money(word).micros().to_string() };
    let word = |word: &str| match word.split_once(':') {
        Some((who, price)) => format!("{who}:{}", amount(price)),
        None => amount(word),
    };
    match text.split_whitespace().collect::<Vec<_>>()[..] {
        ["none"] => "none".to_owned(),
        [who, "pays", price, "seller", payout] => format!("{who} pays {} seller {}", amount(price), amount(payout)),
        ref words => words.iter().map(|told| word(told)).collect::<Vec<_>>().join(" "),
    }
}

#[test]
fn every_call_of_the_file_is_sold_at_the_price_it_says() {
    let mut played = 0;
    for line in VECTORS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let parts: Vec<&str> = line.split('|').collect();
        let [terms, bids, sold, lost] = parts[..] else { panic!("four columns: {line}") };
        let mut market = market(terms);
        for (number, word) in (1..).zip(bids.split_whitespace()) {
            bid(&mut market, number, word);
        }
        assert_eq!(sell(&mut market), (in_micros(sold), in_micros(lost)), "{line}");
        played += 1;
    }
    assert!(played >= 35, "{played} lines");
}
