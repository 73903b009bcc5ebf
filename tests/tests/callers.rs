//! Callers by hand: every line of `docs/market/vectors/callers.txt`, played on the engine; and the hours in which a caller may
//! be called, of `docs/market/vectors/calling_hours.txt`.

use dce_engine::prelude::*;

const VECTORS: &str = include_str!("../../docs/market/vectors/callers.txt");
const HOURS: &str = include_str!("../../docs/market/vectors/calling_hours.txt");
const START: Timestamp = Timestamp::from_seconds(1_764_000_000);
const BUYER: AccountId = AccountId(10);
const SELLER: AccountId = AccountId(20);
const PROFILE: ProfileId = ProfileId(1);
const LISTING: ListingId = ListingId(1);
const MINUTE: AttributeId = AttributeId(0);
/// What a call must last to earn its revenue, and the clocks of one that did and of one that did not.
const EARNED_MS: u32 = 30_000;

struct Market {
    exchange: Exchange,
    events: Events,
    made: u64,
}

impl Market {
    fn new() -> Self {
        let limits = Limits { retention: Seconds(600), ..Limits::small() };
        let exchange = Exchange::new(Genesis::new(limits, 7, USD)).expect("the limits are possible");
        let mut market = Self { exchange, events: Events::new(), made: 0 };
        market.apply(START, DeclareAttribute::integer(MINUTE, "caller minute", 0, 0, 1_440));
        market.apply(START, OpenAccount::buyer(BUYER).deposit(usd("500")));
        market.apply(START, OpenAccount::seller(SELLER));
        market.apply(START, OpenSession::new(SELLER, SessionId(1)));
        // The seller is paid when the revenue is: nothing has to be held from the platform's float.
        let earned = PayTerm::After { seconds: Seconds(30), from: ClockStart::Connect };
        let whole = Payout::Share(BasisPoints::WHOLE);
        market.apply(START, CreateListing::of(SELLER, LISTING).pays_out(whole, earned));
        let profile = CreateProfile::of(BUYER, PROFILE).bid(usd("1")).pays(earned);
        market.apply(START, profile.dial(b"desk", Millis(20_000)));
        market
    }

    fn apply<'a>(&mut self, at: Timestamp, command: impl Into<Command<'a>>) {
        while let Some(due) = self.exchange.next_deadline().filter(|due| *due <= at) {
            self.exchange.apply(due, &Tick.into(), &mut self.events).expect("it is due");
        }
        self.exchange.apply(at, &command.into(), &mut self.events).expect("the file is right");
        assert_eq!(self.exchange.check(), Ok(()));
    }

    /// A call of the caller, over at once. Whether it was sold.
    fn call(&mut self, at: Timestamp, outcome: &str) -> bool {
        self.made += 1;
        let call = CallId::at(at, self.made);
        self.apply(at, OfferCall::new(SELLER, call, LISTING).subject(SubjectId(7)));
        let sold = self.events.iter().any(|event| matches!(event, Event::CallSold { .. }));
        if !sold {
            return false;
        }
        let stamp = |offset| Stamp::new(SessionId(1), 2 * self.made + offset);
        let talked = Millis(if outcome == "c" { EARNED_MS } else { 1_000 });
        let (answer, end) = (Clocks::default(), Clocks::new(talked, talked, talked));
        match outcome {
            "" => self.apply(at, CancelCall::new(SELLER, call)),
            _ => {
                let (answered, ended) = (stamp(0), stamp(1));
                self.apply(at, ReportAnswered::new(SELLER, call, LegReport::first(answer), answered));
                self.apply(at, ReportEnded::new(SELLER, call, LegReport::first(end), ended));
            }
        }
        true
    }
}

fn window(text: &str) -> (&str, Seconds) {
    let (what, seconds) = text.split_once('/').expect("<what>/<seconds>");
    (what, Seconds(seconds.parse().expect("seconds")))
}

fn scope(text: &str) -> (AccountId, CallerScope) {
    match text {
        "listing" => (SELLER, CallerScope::Listing(LISTING)),
        "profile" => (BUYER, CallerScope::Profile(PROFILE)),
        "buyer" => (BUYER, CallerScope::Account),
        _ => panic!("no such scope: {text}"),
    }
}

fn on(text: &str) -> DuplicateOn {
    match text {
        "incoming" => DuplicateOn::Incoming,
        "connect" => DuplicateOn::Connect,
        "convert" => DuplicateOn::Convert,
        _ => panic!("no such moment: {text}"),
    }
}

/// Sets the rule of a line; what is left of the line is its calls and what becomes of them.
fn set_rule<'a>(market: &mut Market, columns: &[&'a str]) -> (&'a str, &'a str) {
    match *columns {
        ["frequency", rule, calls, expected] => {
            let (most, window) = window(rule);
            market.apply(START, SetFrequency::new(SELLER, most.parse().expect("calls"), window).listing(LISTING));
            (calls, expected)
        }
        ["duplicate", whose, rule, calls, expected] => {
            let (moment, window) = window(rule);
            let (account, scope) = scope(whose.trim());
            market.apply(START, SetDuplicates::new(account, scope, window).on(on(moment)));
            (calls, expected)
        }
        _ => panic!("no such rule: {columns:?}"),
    }
}

#[test]
fn the_calls_of_the_file_are_sold_when_it_says() {
    let mut played = 0;
    for line in VECTORS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let columns: Vec<&str> = line.split("  ").filter(|column| !column.is_empty()).map(str::trim).collect();
        let mut market = Market::new();
        let (calls, expected) = set_rule(&mut market, &columns);
        let mut sold = Vec::new();
        for word in calls.split_whitespace() {
            let second = word.trim_end_matches(['a', 'c']);
            // Seconds with six decimals are written as amounts are.
            let micros = second.parse::<Money>().expect("a second").micros();
            let at = Timestamp::from_micros(START.micros() + micros as u64);
            sold.push(if market.call(at, &word[second.len()..]) { "+" } else { "-" });
        }
        assert_eq!(sold.join(" "), expected, "{line}");
        played += 1;
    }
    assert!(played >= 20, "{played} lines");
}

fn leg(text: &str) -> Leg {
    match text {
        "inbound" => Leg::ConsumerInbound,
        "transfer" => Leg::OutboundTransfer,
        "callback" => Leg::Callback,
        _ => panic!("no such leg: {text}"),
    }
}

/// A minute of the day, `HH:MM`.
fn minute(text: &str) -> i64 {
    let (hour, minute) = text.split_once(':').expect("HH:MM");
    hour.parse::<i64>().expect("an hour") * 60 + minute.parse::<i64>().expect("a minute")
}

#[test]
fn a_caller_is_called_in_the_hours_the_law_leaves() {
    let mut played = 0;
    for line in HOURS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [hours, leg_name, at, expected] = words[..] else { panic!("four columns: {line}") };
        let (from, below) = hours.split_once('-').expect("<from>-<below>");
        let allowed = Clause { attribute: MINUTE, test: Test::Range { low: minute(from), high: minute(below) } };
        let rule = ScreenRule::require(Reason::CallingHours, allowed);
        let mut market = Market::new();
        let screen = SetScreen::new(SELLER).rule(rule.on(Leg::OutboundTransfer)).rule(rule.on(Leg::Callback));
        market.apply(START, screen);
        let offer = OfferCall { leg: leg(leg_name), ..OfferCall::new(SELLER, CallId::at(START, 1), LISTING) };
        market.apply(START, if at == "unknown" { offer } else { offer.number(MINUTE, minute(at)) });
        let said = market.events.iter().find_map(|event| match event {
            Event::CallSold { .. } => Some("sold".to_owned()),
            Event::CallUnsold { reason, .. } => Some(format!("{reason:?}")),
            _ => None,
        });
        assert_eq!(said.as_deref(), Some(expected), "{line}");
        played += 1;
    }
    assert!(played >= 20, "{played} lines");
}
