//! Every part of what a command sets is part of the digest: two exchanges that differ in it alone have different ones.

use dce_engine::prelude::*;

const NOW: Timestamp = Timestamp::from_seconds(1_764_000_000);
const BUYER: AccountId = AccountId(1);
const SELLER: AccountId = AccountId(2);
const LISTING: ListingId = ListingId(1);
const PROFILE: ProfileId = ProfileId(1);
const STATE: AttributeId = AttributeId(1);

struct Market {
    exchange: Exchange,
    events: Events,
}

impl Market {
    fn open() -> Self {
        let exchange = Exchange::new(Genesis::new(Limits::small(), 1, USD)).expect("the limits are possible");
        let mut market = Self { exchange, events: Events::new() };
        market.apply(DeclareAttribute::category(STATE, "state", 8));
        market.apply(OpenAccount::seller(SELLER));
        market.apply(OpenAccount::buyer(BUYER));
        market.apply(CreateListing::of(SELLER, LISTING));
        market.apply(CreateProfile::of(BUYER, PROFILE).bid(usd("5")).dial(b"desk", Millis(1_000)));
        market.apply(SetCalendar::new(BUYER, CalendarId(1)).open(OpenSpan::new(1, 2)));
        market.apply(SetCalendar::new(BUYER, CalendarId(2)).open(OpenSpan::new(1, 2)));
        market
    }

    fn apply<'a>(&mut self, command: impl Into<Command<'a>>) {
        self.exchange.apply(NOW, &command.into(), &mut self.events).expect("the command is acceptable");
    }
}

/// Each of the commands, alone on the same market, comes to a digest of its own.
fn assert_told_apart<'a, C: Into<Command<'a>>>(commands: impl IntoIterator<Item = C>) {
    let market = Market::open();
    let mut digests = Vec::new();
    for command in commands {
        let mut exchange = market.exchange.clone();
        let command = command.into();
        exchange.apply(NOW, &command, &mut Events::new()).expect("the command is acceptable");
        digests.push(exchange.digest());
        for (place, other) in digests[..digests.len() - 1].iter().enumerate() {
            assert_ne!(*other, exchange.digest(), "{command:?} is as the one at {place}");
        }
    }
}

#[test]
fn every_part_of_a_quota_is_part_of_the_digest() {
    let quota = || SetQuota::new(BUYER, QuotaScope::Profile(PROFILE));
    let hourly = |from, to| QuotaRule::calls(Counts::Attempts, Per::Hour, 3).during(from, to);
    let money = |per| QuotaRule::money(per, usd("3"));
    assert_told_apart([
        quota().rule(QuotaRule::live(3)),
        quota().rule(QuotaRule::live(4)),
        quota().rule(QuotaRule::calls(Counts::Attempts, Per::Ever, 3)),
        quota().rule(QuotaRule::calls(Counts::Attempts, Per::Day, 3)),
        quota().rule(QuotaRule::calls(Counts::Connections, Per::Day, 3)),
        quota().rule(QuotaRule::calls(Counts::Conversions, Per::Day, 3)),
        quota().rule(QuotaRule::calls(Counts::Attempts, Per::Hour, 3)),
        quota().rule(hourly(1, 20)),
        quota().rule(hourly(2, 20)),
        quota().rule(hourly(2, 21)),
        quota().rule(hourly(3, 21)),
        quota().rule(money(Per::Day)),
        quota().rule(money(Per::Month)),
        quota().rule(money(Per::Ever)),
        quota().rule(money(Per::Day).paced(Pace::Even)),
        quota().rule(money(Per::Day).paced(Pace::Even)).hours(CalendarId(1)),
        quota().rule(money(Per::Day).paced(Pace::Even)).hours(CalendarId(2)),
        quota().rule(money(Per::Ever).paced(Pace::Through(30_000))),
        quota().rule(money(Per::Ever).paced(Pace::Through(30_001))),
        quota().spacing(Millis(1)),
        quota().spacing(Millis(2)),
        quota().rule(QuotaRule::live(3)).spacing(Millis(1)),
        SetQuota::new(BUYER, QuotaScope::Account).rule(QuotaRule::live(3)),
        SetQuota::new(BUYER, QuotaScope::Group(GroupId(1))).rule(QuotaRule::live(3)),
        SetQuota::new(BUYER, QuotaScope::Group(GroupId(2))).rule(QuotaRule::live(3)),
        SetQuota::new(SELLER, QuotaScope::Account).rule(QuotaRule::live(3)),
        SetQuota::new(SELLER, QuotaScope::Listing(LISTING)).rule(QuotaRule::live(3)),
    ]);
}

#[test]
fn every_part_of_a_policy_is_part_of_the_digest() {
    let policy = |policy| SetPolicy::new(SELLER, LISTING, policy);
    let expected = |segment, explore| policy(Policy::ExpectedValue { segment, explore: BasisPoints(explore) });
    assert_told_apart([
        policy(Policy::WeightedShare),
        policy(Policy::RoundRobin),
        policy(Policy::Skill),
        policy(Policy::CostQuality),
        expected(None, 0),
        expected(None, 1),
        expected(None, 256),
        expected(Some(STATE), 0),
        expected(Some(STATE), 1),
        policy(Policy::Skill).price(usd("1")),
        policy(Policy::Skill).price(usd("2")),
        policy(Policy::Skill).requires(SkillId(1), 1),
        policy(Policy::Skill).requires(SkillId(1), 2),
        policy(Policy::Skill).requires(SkillId(2), 1),
        policy(Policy::Skill).requires(SkillId(1), 1).requires(SkillId(2), 1),
        policy(Policy::Skill).requires(SkillId(1), 1).requires(SkillId(2), 2),
    ]);
}

#[test]
fn every_part_of_a_grade_is_part_of_the_digest() {
    let rank = || RankProfile::new(BUYER, PROFILE);
    assert_told_apart([
        rank().weight(2),
        rank().weight(3),
        rank().quality(BasisPoints(2)),
        rank().quality(BasisPoints(3)),
        rank().weight(2).quality(BasisPoints(3)),
        rank().prior(Prior::new(1, 2)),
        rank().prior(Prior::new(2, 2)),
        rank().prior(Prior::new(1, 3)),
        rank().prior(Prior::new(2, 3)),
    ]);
    let skills = || SetSkills::new(BUYER, PROFILE);
    assert_told_apart([
        skills().with(SkillId(1), 1),
        skills().with(SkillId(1), 2),
        skills().with(SkillId(2), 1),
        skills().with(SkillId(1), 1).with(SkillId(2), 1),
        skills().with(SkillId(1), 1).with(SkillId(2), 2),
    ]);
}

#[test]
fn every_part_of_a_calendar_is_part_of_the_digest() {
    let hours = || SetCalendar::new(BUYER, CalendarId(3));
    let holiday =
        |first, last, from, to| Holiday { first_day: first, last_day: last, from_minute: from, to_minute: to };
    assert_told_apart([
        hours(),
        hours().open(OpenSpan::new(1, 9)),
        hours().open(OpenSpan::new(2, 9)),
        hours().open(OpenSpan::new(1, 8)),
        hours().open(OpenSpan::new(2, 8)),
        hours().open(OpenSpan::new(1, 9)).open(OpenSpan::new(10, 12)),
        hours().holiday(holiday(20_000, 20_002, 1, 9)),
        hours().holiday(holiday(20_001, 20_002, 1, 9)),
        hours().holiday(holiday(20_000, 20_003, 1, 9)),
        hours().holiday(holiday(20_000, 20_002, 2, 9)),
        hours().holiday(holiday(20_000, 20_002, 1, 8)),
        hours().holiday(holiday(20_000, 20_002, 0, 0)),
        SetCalendar::new(BUYER, CalendarId(4)),
        SetCalendar::new(SELLER, CalendarId(3)),
    ]);
}
