//! Pacing over whole days of calls: never beyond the budget, and within 2 % of even over the open hours.
//!
//! Calls come more often than the budget can pay for, at prices that differ twelvefold. Every quarter of an hour of open time
//! what was spent is compared with the even line, and at the end with the whole.

use dce_engine::prelude::*;

const BUYER: AccountId = AccountId(1);
const SELLER: AccountId = AccountId(2);
const HOURS: CalendarId = CalendarId(1);
const ZONE: ZoneId = ZoneId(1);
const MINUTE: u64 = 60_000_000;
const DAY: u64 = 1_440 * MINUTE;

/// 2026-03-02, a Monday, at 00:00 UTC.
const MONDAY: u64 = 20_514 * DAY;

struct Market {
    exchange: Exchange,
    events: Events,
    at: u64,
    number: u64,
    random: u64,
    spent: i64,
    won: u32,
    dearest: i64,
}

impl Market {
    /// A buyer eight hours west of Greenwich, whose zone goes an hour forward on Sunday the 8th of March at 10:00 UTC.
    fn new(rule: QuotaRule, spans: &[OpenSpan], holidays: &[Holiday]) -> Self {
        let limits = Limits { retention: Seconds(300), ..Limits::small() };
        let exchange = Exchange::new(Genesis::new(limits, 3, USD)).expect("the limits are possible");
        let mut market =
            Self { exchange, events: Events::new(), at: MONDAY, number: 0, random: 1, spent: 0, won: 0, dearest: 0 };
        let forward = Timestamp::from_micros(MONDAY + 6 * DAY + 600 * MINUTE);
        let west = |at, offset_seconds| Transition { at, offset_seconds };
        market.apply(SetZone::new(ZONE, &[west(Timestamp::default(), -28_800), west(forward, -25_200)]));
        market.apply(OpenAccount::buyer(BUYER).zone(ZONE).deposit(Money::AMOUNT_MAX));
        market.apply(OpenAccount::seller(SELLER));
        market.apply(CreateListing::of(SELLER, ListingId(1)));
        market.apply(SetCalendar::new(BUYER, HOURS).hours(spans, holidays));
        let profile = CreateProfile::of(BUYER, ProfileId(1)).bid(usd("1")).dial(b"desk", Millis(9_000));
        market.apply(profile);
        market.apply(OpenSession::new(BUYER, SessionId(1)));
        market.apply(OpenSession::new(SELLER, SessionId(1)));
        market.apply(SetQuota::new(BUYER, QuotaScope::Account).rule(rule).hours(HOURS));
        market
    }

    fn apply<'a>(&mut self, command: impl Into<Command<'a>>) {
        while self.exchange.next_deadline().is_some_and(|due| due.micros() <= self.at) {
            self.exchange.apply(Timestamp::from_micros(self.at), &Tick.into(), &mut self.events).expect("it is due");
        }
        self.exchange
            .apply(Timestamp::from_micros(self.at), &command.into(), &mut self.events)
            .expect("the market is right");
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % bound
    }

    /// A call at some price between 0.50 and 6.00; answered, earned and over at once if it is won.
    fn call(&mut self) {
        self.number += 1;
        let price = Money::from_micros(500_000 + self.below(5_500_001) as i64);
        let stamp = |number| Stamp::new(SessionId(1), number);
        self.apply(SetBid::new(BUYER, ProfileId(1), Some(price), stamp(self.number)));
        let call = CallId::at(Timestamp::from_micros(self.at), self.number);
        self.apply(OfferCall::new(SELLER, call, ListingId(1)));
        if self.events.iter().any(|event| matches!(event, Event::CallSold { .. })) {
            self.spent += price.micros();
            self.won += 1;
            self.dearest = self.dearest.max(price.micros());
            let leg = LegReport::leg(1, 0, Clocks::default());
            self.apply(ReportAnswered::new(SELLER, call, leg, stamp(2 * self.number)));
            self.apply(ReportEnded::new(SELLER, call, leg, stamp(2 * self.number + 1)));
        }
    }
}

/// The whole budget, in parts of it.
const WHOLE: i64 = 1_000_000;

fn part(of: u64, whole: u64) -> i64 {
    (of * WHOLE as u64 / whole) as i64
}

/// Offers a call about every six seconds from one moment to another. `even` says which part of the budget should be spent
/// at a moment. Returns the worst difference, in millionths of the budget.
fn worst(market: &mut Market, (from, to): (u64, u64), budget: i64, even: impl Fn(u64) -> i64) -> i64 {
    market.at = from;
    let already = market.spent;
    let mut worst = 0;
    let mut next_look = from + 15 * MINUTE;
    while market.at < to {
        if market.at >= next_look {
            next_look += 15 * MINUTE;
            let spent = (market.spent - already) * 1_000 / (budget / 1_000);
            worst = worst.max((spent - even(market.at)).abs());
        }
        market.call();
        market.at += 2_000_000 + market.below(8_000_000);
        assert!(market.spent - already <= budget, "never beyond the budget");
    }
    worst
}

/// Two parts in a hundred.
const OFF_MAX: i64 = 20_000;

/// Whole minutes of the day as spans of every day of the week.
fn every_day(hours: &[(u16, u16)]) -> Vec<OpenSpan> {
    let day = |day: u16| hours.iter().map(move |(from, to)| OpenSpan::new(day * 1_440 + from, day * 1_440 + to));
    (0..7).flat_map(day).collect()
}

#[test]
fn a_day_with_breaks_is_spent_evenly() {
    let budget = usd("4000");
    // Local 08:00 to 12:00, 13:00 to 17:30, 18:00 to 20:00: 630 minutes. Local midnight is 08:00 UTC.
    let hours = [(480, 720), (780, 1_050), (1_080, 1_200)];
    let rule = QuotaRule::money(Per::Day, budget).paced(Pace::Even);
    let mut market = Market::new(rule, &every_day(&hours), &[]);
    let midnight = MONDAY + 480 * MINUTE;
    for day in 0..3 {
        let midnight = midnight + day * DAY;
        let before = market.spent;
        let even = |at: u64| {
            let open = |(from, to): &(u16, u16)| {
                let (from, to) = (u64::from(*from) * MINUTE, u64::from(*to) * MINUTE);
                (at - midnight).clamp(from, to) - from
            };
            part(hours.iter().map(open).sum(), 630 * MINUTE)
        };
        let off = worst(&mut market, (midnight, midnight + DAY), budget.micros(), even);
        let spent = market.spent - before;
        assert!(off <= OFF_MAX, "{off} millionths off the even line");
        assert!(spent >= budget.micros() - 6_000_000, "day {day} spent {spent} only");
    }
    assert!(market.won > 3_000, "{} calls were bought", market.won);
}

#[test]
fn the_night_of_the_clocks_is_spent_evenly() {
    let budget = usd("2000");
    let rule = QuotaRule::money(Per::Day, budget).paced(Pace::Even);
    let mut market = Market::new(rule, &[OpenSpan::ALWAYS], &[]);
    // Sunday the 8th has 23 hours, from 08:00 UTC on.
    let midnight = MONDAY + 6 * DAY + 480 * MINUTE;
    let even = |at: u64| part(at - midnight, 23 * 60 * MINUTE);
    let off = worst(&mut market, (midnight, midnight + 23 * 60 * MINUTE), budget.micros(), even);
    assert!(off <= OFF_MAX, "{off} millionths off the even line");
    assert!(market.spent >= budget.micros() - 6_000_000, "{} was spent", market.spent);
}

#[test]
fn a_budget_over_five_days_with_a_holiday_is_spent_evenly() {
    let budget = usd("6000");
    // Local 09:00 to 17:00 on Monday, Tuesday, Thursday and Friday; Wednesday is closed.
    let wednesday = (MONDAY / DAY) as u32 + 2;
    let rule = QuotaRule::money(Per::Ever, budget).paced(Pace::Through(wednesday + 2));
    let mut market = Market::new(rule, &every_day(&[(540, 1_020)]), &[Holiday::on(wednesday)]);
    let midnight = MONDAY + 480 * MINUTE;
    let even = |at: u64| {
        let minute = (at - midnight) / MINUTE;
        let (day, minute) = (minute / 1_440, minute % 1_440);
        let days_before = if day > 2 { day - 1 } else { day };
        let today = if day == 2 { 0 } else { minute.clamp(540, 1_020) - 540 };
        part(days_before * 480 + today, 4 * 480)
    };
    let off = worst(&mut market, (midnight, midnight + 5 * DAY), budget.micros(), even);
    assert!(off <= OFF_MAX, "{off} millionths off the even line");
    assert!(market.spent >= budget.micros() - 6_000_000, "{} was spent", market.spent);
}

#[test]
fn a_month_is_spent_evenly_from_the_day_its_quota_is_set() {
    let budget = usd("9000");
    let rule = QuotaRule::money(Per::Month, budget).paced(Pace::Even);
    let mut market = Market::new(rule, &every_day(&[(600, 720)]), &[]);
    // From Monday the 2nd through Tuesday the 31st: thirty days of two hours.
    let begin = MONDAY + 480 * MINUTE;
    let mut worst_off = 0;
    for day in 0..30_u64 {
        let summer = if day >= 6 { 60 } else { 0 };
        let opens = begin + day * DAY + (600 - summer) * MINUTE;
        let before = market.spent * 1_000 / (budget.micros() / 1_000);
        let even = move |at: u64| part(day * 120 * MINUTE + at - opens, 30 * 120 * MINUTE) - before;
        worst_off = worst_off.max(worst(&mut market, (opens, opens + 120 * MINUTE), budget.micros(), even));
    }
    assert!(worst_off <= OFF_MAX, "{worst_off} millionths off the even line");
    assert!(market.spent >= budget.micros() - 6_000_000, "{} was spent", market.spent);
    assert!(market.spent <= budget.micros(), "{} was spent", market.spent);
}
