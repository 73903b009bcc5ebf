//! Quotas by hand: the months of `docs/market/vectors/months.txt`, and the moments of `docs/market/vectors/pacing.txt`.

use std::collections::BTreeMap;

use dce_engine::prelude::*;

const MONTHS: &str = include_str!("../../docs/market/vectors/months.txt");
const PACING: &str = include_str!("../../docs/market/vectors/pacing.txt");

const BUYER: AccountId = AccountId(1);
const SELLER: AccountId = AccountId(2);
const HOURS: CalendarId = CalendarId(1);

/// The zones and hours of a file, by name.
#[derive(Default)]
struct Names {
    zones: BTreeMap<String, Vec<Transition>>,
    hours: BTreeMap<String, Vec<OpenSpan>>,
}

impl Names {
    /// Takes a line that names something; gives back the words of one that asks.
    fn read<'a>(&mut self, line: &'a str) -> Option<Vec<&'a str>> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[0] {
            "zone" => {
                let offset = |text: &str| text.parse::<i32>().expect("an offset");
                let mut transitions = vec![Transition { at: Timestamp::default(), offset_seconds: offset(words[2]) }];
                for change in &words[3..] {
                    let (at, then) = change.split_once('=').expect("<moment>=<offset>");
                    transitions.push(Transition { at: moment(at), offset_seconds: offset(then) });
                }
                self.zones.insert(words[1].to_owned(), transitions);
                None
            }
            "hours" => {
                let span = |word: &&str| {
                    let (from, to) = word.split_once('-').expect("<from>-<to>");
                    OpenSpan::new(from.parse().expect("a minute"), to.parse().expect("a minute"))
                };
                self.hours.insert(words[1].to_owned(), words[2..].iter().map(span).collect());
                None
            }
            _ => Some(words),
        }
    }

    /// A market at this moment, with one buyer in this zone, under this quota.
    fn market(&self, zone: &str, hours: &str, at: Timestamp, rule: QuotaRule) -> Market {
        let exchange = Exchange::new(Genesis::new(Limits::small(), 5, USD)).expect("the limits are possible");
        let mut market = Market { exchange, at, calls: 0 };
        market.apply(SetZone::new(ZoneId(1), &self.zones[zone]));
        market.apply(OpenAccount::buyer(BUYER).zone(ZoneId(1)).deposit(Money::AMOUNT_MAX));
        market.apply(OpenAccount::seller(SELLER));
        market.apply(OpenSession::new(BUYER, SessionId(1)));
        market.apply(CreateListing::of(SELLER, ListingId(1)));
        market.apply(CreateProfile::of(BUYER, ProfileId(1)).bid(usd("1")).dial(b"desk", Millis(9_000)));
        let mut quota = SetQuota::new(BUYER, QuotaScope::Account).rule(rule);
        if let Some(spans) = self.hours.get(hours) {
            market.apply(SetCalendar::new(BUYER, HOURS).hours(spans, &[]));
            quota = quota.hours(HOURS);
        }
        market.apply(quota);
        market
    }
}

struct Market {
    exchange: Exchange,
    at: Timestamp,
    calls: u64,
}

impl Market {
    fn apply<'a>(&mut self, command: impl Into<Command<'a>>) -> Vec<Event> {
        let mut events = Events::new();
        self.exchange.apply(self.at, &command.into(), &mut events).expect("the file is right");
        events.to_vec()
    }

    /// A call that is won.
    fn win(&mut self, price: Money) {
        self.apply(SetBid::new(BUYER, ProfileId(1), Some(price), Stamp::new(SessionId(1), 1)));
        self.calls += 1;
        let told = self.apply(OfferCall::new(SELLER, CallId::at(self.at, self.calls), ListingId(1)));
        assert!(told.iter().any(|event| matches!(event, Event::CallSold { .. })), "{told:?}");
    }

    /// What becomes of a call at that moment.
    fn ask(&self, at: Timestamp) -> Verdict {
        let offer = OfferCall::new(SELLER, CallId::at(at, 9), ListingId(1));
        let mut said = None;
        self.exchange
            .explain_offer(at, &offer, &mut |candidate| said = Some(candidate.verdict))
            .expect("it can be asked");
        said.expect("there is a profile")
    }
}

/// `2026-03-08T07:00:00`, or with decimals of a second.
fn moment(text: &str) -> Timestamp {
    let (date, clock) = text.split_once('T').expect("<date>T<time>");
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let clock: Vec<u64> = clock.split(':').map(|part| part.parse().expect("a number")).collect();
    let seconds = u64::from(day(date)) * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2];
    let micros: u64 = format!("{fraction:0<6}").parse().expect("decimals");
    Timestamp::from_micros(seconds * 1_000_000 + micros)
}

fn day(text: &str) -> u32 {
    let parts: Vec<u16> = text.split('-').map(|part| part.parse().expect("a number")).collect();
    Holiday::day(parts[0], parts[1], parts[2])
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[test]
fn every_month_of_the_vectors_begins_as_counted_by_hand() {
    let mut names = Names::default();
    let mut asked = 0;
    for line in lines(MONTHS) {
        let Some(words) = names.read(line) else { continue };
        let rule = QuotaRule::calls(Counts::Attempts, Per::Month, 1);
        let mut market = names.market(words[2], "always", moment(words[0]), rule);
        market.win(usd("1"));
        let expected = match words[3] {
            "same" => Some(Reason::BuyerQuotaReached),
            _ => None,
        };
        let said = match market.ask(moment(words[1])) {
            Verdict::Lost(loss) => Some(loss.reason),
            _ => None,
        };
        assert_eq!(said, expected, "{line}");
        asked += 1;
    }
    assert_eq!(asked, 27, "every line is asked");
}

#[test]
fn every_line_of_the_vectors_goes_on_when_counted_by_hand() {
    let mut names = Names::default();
    let mut asked = 0;
    for line in lines(PACING) {
        let Some(words) = names.read(line) else { continue };
        let budget = usd(words[1]);
        let rule = match words[0] {
            "day" => QuotaRule::money(Per::Day, budget).paced(Pace::Even),
            "month" => QuotaRule::money(Per::Month, budget).paced(Pace::Even),
            last => QuotaRule::money(Per::Ever, budget).paced(Pace::Through(day(last))),
        };
        let at = moment(words[4]);
        let mut market = names.market(words[2], words[3], at, rule);
        market.win(usd(words[5]));
        market.apply(SetBid::new(BUYER, ProfileId(1), Some(Money::from_micros(1)), Stamp::new(SessionId(1), 2)));
        asked += 1;
        if words[6] == "now" {
            assert_eq!(market.ask(at), Verdict::Eligible, "{line}");
            continue;
        }
        let next = moment(words[6]);
        let Verdict::Lost(loss) = market.ask(at) else { panic!("{line}: a call may follow at once") };
        let reached = usd(words[5]) == budget;
        let reason = if reached { Reason::BuyerQuotaReached } else { Reason::PacedOut };
        assert_eq!(loss.reason, reason, "{line}");
        assert!(reached || loss.distance == Some(Distance::Until(next)), "{line}: {:?}", loss.distance);
        assert_eq!(market.ask(next), Verdict::Eligible, "{line}");
        let before = Timestamp::from_micros(next.micros() - 1);
        assert!(matches!(market.ask(before), Verdict::Lost(loss) if loss.reason == reason), "{line}: a moment before");
    }
    assert_eq!(asked, 20, "every line is asked");
}
