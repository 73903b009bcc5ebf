//! Opening hours by hand: every moment of `docs/market/vectors/hours.txt`, asked of a profile and of a listing.

use std::collections::BTreeMap;

use dce_engine::prelude::*;

const VECTORS: &str = include_str!("../../docs/market/vectors/hours.txt");

/// A market in which each calendar of the file is a buyer's and a seller's in its zone.
struct Market {
    exchange: Exchange,
    zones: BTreeMap<String, ZoneId>,
    /// For each calendar the number of its buyer; its seller has a hundred more.
    calendars: BTreeMap<String, u128>,
}

const HOURS: CalendarId = CalendarId(1);

impl Market {
    fn apply<'a>(&mut self, command: impl Into<Command<'a>>) {
        let at = self.exchange.last_time();
        self.exchange.apply(at, &command.into(), &mut Events::new()).expect("the file is right");
    }

    fn zone(&mut self, words: &[&str]) {
        let zone = ZoneId(self.zones.len() as u16 + 1);
        let offset = |text: &str| text.parse::<i32>().expect("an offset");
        let mut transitions = vec![Transition { at: Timestamp::default(), offset_seconds: offset(words[1]) }];
        for change in &words[2..] {
            let (at, then) = change.split_once('=').expect("<moment>=<offset>");
            transitions.push(Transition { at: moment(at), offset_seconds: offset(then) });
        }
        self.apply(SetZone::new(zone, &transitions));
        self.zones.insert(words[0].to_owned(), zone);
    }

    fn calendar(&mut self, words: &[&str]) {
        let zone = self.zones[words[1]];
        let (mut spans, mut holidays) = (Vec::new(), Vec::new());
        for word in &words[2..] {
            let (from, to) =
                word.split_once('=').map_or(*word, |(_, hours)| hours).split_once('-').expect("<from>-<to>");
            let (from, to) = (from.parse().expect("a minute"), to.parse().expect("a minute"));
            match word.split_once('=').and_then(|(days, _)| days.split_once("..")) {
                None => spans.push(OpenSpan::new(from, to)),
                Some((first, last)) => {
                    let (first_day, last_day) = (day(first), day(last));
                    holidays.push(Holiday { first_day, last_day, from_minute: from, to_minute: to });
                }
            }
        }
        let number = self.calendars.len() as u128 + 1;
        let (buyer, seller) = (AccountId(number), AccountId(number + 100));
        self.apply(OpenAccount::buyer(buyer).zone(zone).deposit(usd("10")));
        self.apply(OpenAccount::seller(seller).zone(zone));
        for account in [buyer, seller] {
            self.apply(SetCalendar::new(account, HOURS).hours(&spans, &holidays));
        }
        let profile = CreateProfile::of(buyer, ProfileId(1)).bid(usd("5")).hours(HOURS);
        self.apply(profile.dial(b"desk", Millis(9_000)));
        self.apply(CreateListing::of(seller, ListingId(1)).hours(HOURS));
        self.apply(CreateListing::of(seller, ListingId(2)));
        self.calendars.insert(words[0].to_owned(), number);
    }

    /// Open, or when the profile, and when the listing says that it opens.
    fn ask(&self, calendar: &str, at: Timestamp) -> [Result<(), Option<Timestamp>>; 2] {
        let number = self.calendars[calendar];
        let verdict = |listing: u128| {
            let offer = OfferCall::new(AccountId(number + 100), CallId::at(at, 1), ListingId(listing));
            let mut said = None;
            let mut each = |candidate: &Explanation| {
                if candidate.buyer == AccountId(number) {
                    said = Some(candidate.verdict);
                }
            };
            self.exchange.explain_offer(at, &offer, &mut each).expect("it can be asked");
            said.expect("the profile is a candidate")
        };
        let expect = |listing, reason| match verdict(listing) {
            Verdict::Eligible => Ok(()),
            Verdict::Lost(loss) => {
                assert_eq!(loss.reason, reason, "{calendar} at {at}");
                Err(match loss.distance {
                    Some(Distance::Until(opens_at)) => Some(opens_at),
                    _ => None,
                })
            }
            Verdict::Won => unreachable!("nothing was offered"),
        };
        [expect(2, Reason::OutsideHours), expect(1, Reason::ListingClosed)]
    }
}

/// `2026-03-08T07:00:00`.
fn moment(text: &str) -> Timestamp {
    let (date, clock) = text.split_once('T').expect("<date>T<time>");
    let clock: Vec<u64> = clock.split(':').map(|part| part.parse().expect("a number")).collect();
    Timestamp::from_seconds(u64::from(day(date)) * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2])
}

fn day(text: &str) -> u32 {
    let parts: Vec<u16> = text.split('-').map(|part| part.parse().expect("a number")).collect();
    Holiday::day(parts[0], parts[1], parts[2])
}

#[test]
fn every_moment_of_the_vectors_is_as_counted_by_hand() {
    let exchange = Exchange::new(Genesis::new(Limits::small(), 5, USD)).expect("the limits are possible");
    let mut market = Market { exchange, zones: BTreeMap::new(), calendars: BTreeMap::new() };
    let mut asked = 0;
    for line in VECTORS.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[0] {
            "zone" => market.zone(&words[1..]),
            "calendar" => market.calendar(&words[1..]),
            at => {
                let expected = match words[2] {
                    "open" => Ok(()),
                    "never" => Err(None),
                    opens => Err(Some(moment(opens))),
                };
                assert_eq!(market.ask(words[1], moment(at)), [expected; 2], "{line}");
                asked += 1;
            }
        }
    }
    assert_eq!(asked, 40, "every line is asked");
}

/// A block of the index wakes its sleepers together, at the hour of the first: whoever comes in from a block that wakes
/// sooner is not to wait for those it comes to.
#[test]
fn whoever_sleeps_and_changes_its_rank_wakes_at_its_own_hour() {
    const NOON: Timestamp = Timestamp::from_seconds(1_764_072_000);
    let limits = Limits { profiles_max: 2_048, ..Limits::small() };
    let mut exchange = Exchange::new(Genesis::new(limits, 5, USD)).expect("the limits are possible");
    let mut events = Events::new();
    let mut apply = |exchange: &mut Exchange, at: Timestamp, command: Command<'_>| {
        exchange.apply(at, &command, &mut events).expect("the market is in order");
    };
    let (buyer, seller) = (AccountId(1), AccountId(2));
    apply(&mut exchange, NOON, OpenAccount::buyer(buyer).deposit(usd("10")).into());
    apply(&mut exchange, NOON, OpenAccount::seller(seller).into());
    apply(&mut exchange, NOON, CreateListing::of(seller, ListingId(1)).into());
    // One in the afternoon, and eight in the evening, every day.
    for (calendar, hour) in [(1, 13), (2, 20)] {
        let spans: Vec<OpenSpan> =
            (0..7).map(|day| OpenSpan::new((day * 24 + hour) * 60, (day * 24 + hour + 1) * 60)).collect();
        apply(&mut exchange, NOON, SetCalendar::new(buyer, CalendarId(calendar)).hours(&spans, &[]).into());
    }
    let early = 1..=600_u32;
    for number in 1..=1_200 {
        let profile = CreateProfile::of(buyer, ProfileId(number.into())).dial(b"desk", Millis(9_000));
        let calendar = if early.contains(&number) { 1 } else { 2 };
        let bid = Money::from_micros(5_000_000 - i64::from(number));
        apply(&mut exchange, NOON, profile.bid(bid).hours(CalendarId(calendar)).into());
    }
    while exchange.maintain(u32::MAX) {}
    // Half of the early ones are the last from now on, among the late.
    apply(&mut exchange, NOON, OpenSession::new(buyer, SessionId(1)).into());
    for (number, stamp) in early.step_by(2).zip(1..) {
        let (bid, stamp) = (Money::from_micros(1_000_000 - i64::from(number)), Stamp::new(SessionId(1), stamp));
        apply(&mut exchange, NOON, SetBid::new(buyer, ProfileId(number.into()), Some(bid), stamp).into());
    }
    while exchange.maintain(u32::MAX) {
        assert_eq!(exchange.check(), Ok(()));
    }
    apply(&mut exchange, NOON + Seconds(3_600), OpenAccount::buyer(AccountId(3)).into());
    assert_eq!(exchange.check(), Ok(()), "they are looked at when their hour has come");
    for number in (2..=600).step_by(2) {
        apply(&mut exchange, NOON + Seconds(3_600), PauseProfile::new(buyer, ProfileId(number)).into());
    }
    let call = CallId::at(NOON + Seconds(3_600), 1);
    apply(&mut exchange, NOON + Seconds(3_600), OfferCall::new(seller, call, ListingId(1)).into());
    let sold = events.iter().find_map(|event| match event {
        Event::CallSold { profile, .. } => Some(*profile),
        _ => None,
    });
    assert_eq!(sold, Some(ProfileId(1)), "the best of those that moved");
}
