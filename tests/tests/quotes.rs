//! Quotes by hand: every line of `docs/market/vectors/quotes.txt`, played on the engine.

use dce_engine::prelude::*;

const VECTORS: &str = include_str!("../../docs/market/vectors/quotes.txt");
const START: Timestamp = Timestamp::from_seconds(1_764_000_000);
const BUYER: AccountId = AccountId(10);
const SELLER: AccountId = AccountId(20);
const PROFILE: ProfileId = ProfileId(1);
const LISTING: ListingId = ListingId(1);

struct Market {
    exchange: Exchange,
    events: Events,
    made: u64,
    stamps: u64,
    /// What was asked at first.
    firm: bool,
    life: Millis,
    call: CallId,
}

impl Market {
    fn new(firm: bool, life: Millis, caller: u128) -> Self {
        let exchange = Exchange::new(Genesis::new(Limits::small(), 7, USD)).expect("the limits are possible");
        let call = CallId::at(START, 0);
        let mut market = Self { exchange, events: Events::new(), made: 0, stamps: 0, firm, life, call };
        market.must(OpenAccount::buyer(BUYER).deposit(usd("500")));
        market.must(OpenAccount::seller(SELLER));
        market.must(OpenSession::new(BUYER, SessionId(1)));
        market.must(CreateListing::of(SELLER, LISTING));
        market.must(SetQuoting::of(SELLER, 1));
        let profile = CreateProfile::of(BUYER, PROFILE).bid(usd("30")).concurrency(1);
        market.must(profile.dial(b"desk", Millis(300_000)));
        market.must(market.quote(call, caller));
        market
    }

    fn quote(&self, call: CallId, caller: u128) -> QuoteCall<'static> {
        let quote = QuoteCall::new(SELLER, call, LISTING, self.life).subject(SubjectId(caller));
        QuoteCall { firm: self.firm, ..quote }
    }

    fn must(&mut self, command: impl Into<Command<'static>>) {
        assert_eq!(self.apply(START, command).err(), None, "the market is sound");
    }

    fn apply(&mut self, at: Timestamp, command: impl Into<Command<'static>>) -> Result<Receipt, Reject> {
        while let Some(deadline) = self.exchange.next_deadline().filter(|deadline| *deadline <= at) {
            self.exchange.apply(deadline, &Tick.into(), &mut self.events).expect("it is due");
            assert_eq!(self.exchange.check(), Ok(()));
        }
        let answer = self.exchange.apply(at, &command.into(), &mut self.events);
        assert_eq!(self.exchange.check(), Ok(()));
        answer
    }

    fn fresh(&mut self, at: Timestamp) -> CallId {
        self.made += 1;
        CallId::at(at, self.made)
    }

    /// One step, and what is answered.
    fn step(&mut self, step: &str) -> String {
        let (what, moment) = step.split_once('@').expect("<step>@<moment>");
        let at = Timestamp::from_micros(START.micros() + moment.parse::<u64>().expect("a moment"));
        let (verb, number) = what.split_at(1);
        let number: u128 = if number.is_empty() { 0 } else { number.parse().expect("a number") };
        let call = self.call;
        let answer = match verb {
            "a" => self.apply(at, OfferCall::new(SELLER, call, LISTING).subject(SubjectId(number))),
            "c" => self.apply(at, ConfirmQuote::new(SELLER, call)),
            "x" => self.apply(at, CancelCall::new(SELLER, call)),
            "q" => {
                let asked = self.fresh(at);
                self.apply(at, self.quote(asked, number))
            }
            "o" => {
                let offered = self.fresh(at);
                self.apply(at, OfferCall::new(SELLER, offered, LISTING))
            }
            "b" => {
                self.stamps += 1;
                let amount = (number > 0).then(|| Money::from_units(number as i32));
                self.apply(at, SetBid::new(BUYER, PROFILE, amount, Stamp::new(SessionId(1), self.stamps)))
            }
            _ => panic!("{step} is no step"),
        };
        match answer {
            Err(Reject::QuoteOver) => "over".to_owned(),
            Err(Reject::CallerMismatch) => "other caller".to_owned(),
            Err(Reject::FirmQuotesFull) => "full".to_owned(),
            Err(Reject::CallAlreadyOffered) => "offered already".to_owned(),
            Err(reject) => panic!("{step} is refused: {reject:?}"),
            Ok(_) => self.told(),
        }
    }

    fn told(&self) -> String {
        let told = self.events.iter().find_map(|event| match *event {
            Event::CallSold { price, .. } => Some(format!("sold {}", whole(price))),
            Event::CallReserved { price, expires_at, .. } => Some(until("kept", price, expires_at)),
            Event::CallQuoted { price, expires_at, .. } => Some(until("quoted", price, expires_at)),
            Event::QuoteDeclined { .. } => Some("declined".to_owned()),
            Event::CallUnsold { .. } => Some("unsold".to_owned()),
            Event::CallCanceled { .. } => Some("canceled".to_owned()),
            _ => None,
        });
        told.unwrap_or_default()
    }
}

const fn whole(money: Money) -> i64 {
    money.micros() / 1_000_000
}

fn until(what: &str, price: Money, end: Timestamp) -> String {
    format!("{what} {} until {}", whole(price), end.micros_since(START))
}

#[test]
fn a_quote_comes_to_what_the_file_says() {
    let lines = VECTORS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut played = 0;
    for line in lines {
        let parts: Vec<&str> = line.split("  ").collect();
        let [asked, steps, expected] = parts[..] else { panic!("three columns: {line}") };
        let [kind, life, caller] = asked.split(' ').collect::<Vec<_>>()[..] else { panic!("three words: {line}") };
        let life = Millis(life.parse().expect("a life"));
        let mut market = Market::new(kind == "firm", life, caller.parse().expect("a caller"));
        let answers: Vec<String> = steps.split(' ').map(|step| market.step(step)).collect();
        assert_eq!(answers.last().map(String::as_str), Some(expected), "{line}");
        played += 1;
    }
    assert!(played > 45, "{played} lines");
}
