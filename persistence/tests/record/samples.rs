//! Commands chosen by hand, every shape of everything they carry among them: what the golden file holds.

use dce_engine::limits::{CLAUSE_VALUES_MAX, MODIFIERS_MAX};
use dce_engine::prelude::*;
use dce_persistence::record::encode_genesis;

use crate::record_of;

const BUYER: AccountId = AccountId(0x0b);
const SELLER: AccountId = AccountId(0x5e11);
const PROFILE: ProfileId = ProfileId(7);
const CALL: CallId = CallId(0x019a_b4c0_1234_7abc_8def_0123_4567_89ab);
const STAMP: Stamp = Stamp::new(SessionId(1_764_000_000_000_000), 42);
const SECONDS_90: PayTerm = PayTerm::After { seconds: Seconds(90), from: ClockStart::Connect };

/// The genesis of the golden file.
pub(crate) fn genesis() -> Genesis {
    Genesis::new(Limits::small(), 0x0123_4567_89ab_cdef, USD).log(LogId(9)).shard(3)
}

/// Hands the samples out, because commands borrow their lists.
pub(crate) fn each_sample(mut take: impl FnMut(Command<'_>)) {
    schema(&mut take);
    accounts(&mut take);
    callers(&mut take);
    listings(&mut take);
    profiles(&mut take);
    policies(&mut take);
    calls(&mut take);
    quotes(&mut take);
    auctions(&mut take);
    reports(&mut take);
    quotas(&mut take);
}

/// The records of all samples, and of the genesis.
pub(crate) fn records() -> Vec<Vec<u8>> {
    let mut records = vec![Vec::new()];
    encode_genesis(&genesis(), &mut records[0]);
    each_sample(|command| records.push(record_of(&command)));
    records
}

fn schema(take: &mut impl FnMut(Command<'_>)) {
    let attribute = AttributeId(3);
    take(DeclareAttribute::category(attribute, "state", 52).into());
    take(DeclareAttribute::set(attribute, "tags", 500).into());
    take(DeclareAttribute::integer(attribute, "âge", 2, -18, 90).into());
    take(DeclareAttribute::boolean(attribute, "home owner").into());
    take(DeclareAttribute::point(attribute, "place").into());
    take(DefineValue::new(attribute, ValueCode(5), "California").into());
    take(DefineValue::new(attribute, ValueCode(6), "").into());
    take(LoadValueSet::chunk(ValueSetId(2), attribute, 41_000, 512, &[]).into());
    take(LoadValueSet::chunk(ValueSetId(2), attribute, 3, 0, &[1, 70_000, u32::MAX].map(ValueCode)).into());
    let changes = [(1_762_000_000, -25_200), (1_773_000_000, -21_600)];
    let changes = changes.map(|(at, offset_seconds)| Transition { at: Timestamp::from_seconds(at), offset_seconds });
    take(SetZone::new(ZoneId(4), &changes).into());
    let desk = SetCalendar::new(BUYER, CalendarId(0xca1));
    take(desk.into());
    let desk = desk.open(OpenSpan::on(Weekday::Monday, (9, 0), (12, 0))).open(OpenSpan::new(780, 1_020));
    let eve = Holiday::on(Holiday::day(2026, 12, 24)).open((9, 0), (13, 0));
    take(desk.holiday(eve).holiday(Holiday::through(20_812, u32::MAX)).into());
    take(desk.hours(&[OpenSpan::ALWAYS; 33], &[Holiday::on(7); 65]).into());
}

fn callers(take: &mut impl FnMut(Command<'_>)) {
    let day = Seconds(86_400);
    take(SetDuplicates::new(BUYER, CallerScope::Account, day).into());
    let profile = SetDuplicates::new(BUYER, CallerScope::Profile(ProfileId(0xb01)), Seconds(2_592_000));
    take(profile.on(DuplicateOn::Connect).anonymous(AnonymousCallers::Distinct).into());
    let listing = SetDuplicates::new(SELLER, CallerScope::Listing(ListingId(0x5e1)), Seconds(0));
    take(listing.on(DuplicateOn::Convert).anonymous(AnonymousCallers::Refused).into());
    take(SetFrequency::new(AccountId::PLATFORM, 15, day).into());
    take(SetFrequency::new(SELLER, 3, day).listing(ListingId(0x5e1)).anonymous(AnonymousCallers::Distinct).into());
    take(SetSuppression::new(BUYER, SubjectId(0xca11e4)).into());
    take(SetSuppression::new(SELLER, SubjectId(u128::MAX)).until(Timestamp::from_seconds(1_764_086_400)).into());
    take(SetScreen::new(SELLER).into());
    let consent = Clause { attribute: AttributeId(4), test: Test::Is { value: true } };
    let attested = Clause { attribute: AttributeId(5), test: Test::NoneOf { count: 2 } };
    let screen = SetScreen::new(AccountId::PLATFORM)
        .rule(ScreenRule::require(Reason::ConsentMissing, consent).on(Leg::OutboundTransfer))
        .rule(ScreenRule::refuse(Reason::AttestationTooLow, attested))
        .values([1, 2].map(ValueCode));
    take(screen.into());
    let score = Clause { attribute: AttributeId(6), test: Test::Range { low: 9_000, high: i64::MAX } };
    let rules = [ScreenRule::refuse(Reason::FraudSuspected, score).on(Leg::Callback); 9];
    take(SetScreen::new(SELLER).listing(ListingId(0x5e1)).rules(&rules, &[ValueCode(7); 65]).into());
}

fn quotas(take: &mut impl FnMut(Command<'_>)) {
    let quota = SetQuota::new(BUYER, QuotaScope::Account);
    take(quota.into());
    let quota = SetQuota::new(BUYER, QuotaScope::Profile(ProfileId(0x0b01)));
    let money = QuotaRule::money(Per::Day, Money::from_units(500)).paced(Pace::Even);
    take(quota.rule(QuotaRule::live(5)).rule(money).hours(CalendarId(0xca1)).spacing(Millis(30_000)).into());
    let hourly = QuotaRule::calls(Counts::Connections, Per::Hour, u32::MAX).during(9, 168);
    let quota = SetQuota::new(SELLER, QuotaScope::Listing(ListingId(0x5e01)));
    take(quota.rule(hourly).rule(QuotaRule::calls(Counts::Attempts, Per::Month, 9)).into());
    let budget = QuotaRule::money(Per::Ever, Money::AMOUNT_MAX).paced(Pace::Through(u32::MAX));
    let quota = SetQuota::new(BUYER, QuotaScope::Group(GroupId(0x0b0e)));
    take(quota.rule(budget).rule(QuotaRule::calls(Counts::Conversions, Per::Day, 0)).into());
    take(quota.rules(&[budget; 13]).into());
    take(SetGroup::new(BUYER, ProfileId(0x0b01), Some(GroupId(0x0b0e))).into());
    take(SetGroup::new(BUYER, ProfileId(0x0b01), None).into());
    take(SetTogether::new(BUYER, GroupId(0x0b0e), true).into());
}

fn accounts(take: &mut impl FnMut(Command<'_>)) {
    take(OpenAccount::buyer(BUYER).zone(ZoneId(4)).deposit(usd("500.00")).into());
    take(OpenAccount::seller(SELLER).into());
    for role in [Role::Platform, Role::World] {
        take(OpenAccount { role, ..OpenAccount::seller(AccountId::WORLD) }.into());
    }
    let movement = MovementId(CALL.0 + 1);
    take(Deposit::new(BUYER, movement, usd("0.000001")).into());
    take(Withdraw::new(BUYER, movement, Money::from_micros(i64::MIN)).into());
    take(CloseAccount::new(BUYER).into());
    take(SetHome::new(BUYER, ZoneId(3)).into());
    take(OpenSession::new(BUYER, STAMP.session).into());
    take(CloseSession::new(BUYER, STAMP.session).into());
}

fn listings(take: &mut impl FnMut(Command<'_>)) {
    let listing = CreateListing::of(SELLER, ListingId(1));
    take(listing.into());
    let after_dial = PayTerm::After { seconds: Seconds(30), from: ClockStart::Dial };
    let second = listing.vertical(VerticalId(2)).second_price(usd("0.25")).reserve(usd("3"));
    take(second.pays_out(Payout::Fixed(usd("2")), SECONDS_90).open().into());
    take(listing.pays_out(Payout::Share(BasisPoints(7_000)), after_dial).margin_min(usd("1")).withdrawable().into());
    let after_incoming = PayTerm::After { seconds: Seconds(86_400), from: ClockStart::Incoming };
    let listing = CreateListing { payout_term: after_incoming, duration_max: Seconds(600), ..listing };
    take(listing.hours(CalendarId(0xca2)).into());
    take(SetDisclosure::price_to_win(SELLER, ListingId(1)).into());
    take(SetDisclosure::nothing(SELLER, ListingId(1)).into());
    take(SetWindow::of(SELLER, ListingId(1)).into());
    take(SetWindow::of(SELLER, ListingId(1)).early_close().answer_within(Millis(2_500)).into());
    take(Delist::new(SELLER, ListingId(1)).into());
    take(SetPrivate::of(SELLER, ListingId(1), true).into());
    take(SetPrivate::of(SELLER, ListingId(1), false).into());
    take(SetDeal::none(SELLER, ListingId(1), BUYER).into());
    for price in [DealPrice::Reserve, DealPrice::Floor(usd("4.50")), DealPrice::Fixed(Money::from_micros(i64::MIN))] {
        take(SetDeal::of(SELLER, ListingId(1), BUYER, price).into());
    }
    let delivery = SetDelivery::new(SELLER, ListingId(1));
    take(delivery.into());
    take(delivery.recover(Seconds(30), 5).into());
    take(delivery.fallback(b"+18005550199", Millis(20_000)).into());
    take(delivery.recover(Seconds(86_400), 1).fallback(b"", Millis(0)).into());
}

fn profiles(take: &mut impl FnMut(Command<'_>)) {
    take(CreateProfile::of(BUYER, PROFILE).into());
    let place = GeoPoint::new(34_052_200, -118_243_700);
    let wide = CreateProfile::of(BUYER, PROFILE)
        .vertical(VerticalId(2))
        .tier(3)
        .bid(usd("32.50"))
        .pays(SECONDS_90)
        .live()
        .hours(CalendarId(0xca1))
        .wants(AttributeId(0), [5, 6].map(ValueCode))
        .excludes(AttributeId(1), [ValueCode(9)])
        .range(AttributeId(2), -25, 60)
        .is(AttributeId(3), true)
        .near(AttributeId(4), place, Metres(120_000))
        .dial(b"+18005550100", Millis(20_000))
        .dial(&[0, 0xff, 0x80], Millis(300_000));
    take(wide.concurrency(2).hourly_cap(20).daily_cap(60).total_cap(1_000).daily_budget(usd("150")).into());
    let clauses = [
        Clause { attribute: AttributeId(5), test: Test::InSet { set: ValueSetId(2) } },
        Clause { attribute: AttributeId(5), test: Test::NotInSet { set: ValueSetId(u16::MAX) } },
        Clause { attribute: AttributeId(6), test: Test::Is { value: false } },
    ];
    let full = [ValueCode(1); CLAUSE_VALUES_MAX + 1];
    let nowhere = [DialTarget { destination: Destination::default(), ring: Millis(1) }; 4];
    let overflowed = CreateProfile {
        clauses: List::borrowed(&clauses),
        values: List::borrowed(&full),
        destinations: List::borrowed(&nowhere),
        ..CreateProfile::of(BUYER, PROFILE)
    };
    take(overflowed.into());
    let also = AlsoWants::of(BUYER, PROFILE, 2);
    take(also.into());
    let clauses_too = also.range(AttributeId(2), i64::MIN, 18).near(AttributeId(4), place, Metres(1));
    take(clauses_too.wants(AttributeId(0), [7, 8].map(ValueCode)).into());
    take(AlsoWants { nth: 255, ..also }.lists(&clauses, &full).into());
    let modifiers = SetModifiers::of(BUYER, PROFILE);
    take(modifiers.into());
    let (more, less) = (Change::Multiply(12_500), Change::Add(Money::from_micros(-1)));
    let all = modifiers.max(usd("40")).value(AttributeId(0), ValueCode(5), more).flag(AttributeId(3), true, less);
    take(all.range(AttributeId(2), (-25, 60), Change::Multiply(u32::MAX)).into());
    take(modifiers.modifiers(&[Modifier::default(); MODIFIERS_MAX + 1]).into());
    take(SetBid::new(BUYER, PROFILE, Some(usd("33.75")), STAMP).into());
    take(SetBid::new(BUYER, PROFILE, None, STAMP).into());
    take(PauseProfile::new(BUYER, PROFILE).into());
    let answering = SetAnswering::new(BUYER, PROFILE);
    take(answering.into());
    let rules = [PauseRule::new(3, Seconds(3_600)), PauseRule::new(5, Seconds(86_400))];
    take(answering.bid_within(Millis(500)).reject_within(Seconds(90)).pause_after(rules).into());
    take(ResumeProfile::new(BUYER, PROFILE).into());
    take(CloseProfile::new(BUYER, PROFILE).into());
}

fn policies(take: &mut impl FnMut(Command<'_>)) {
    let listing = ListingId(1);
    let of = |policy| SetPolicy::new(SELLER, listing, policy);
    for policy in [Policy::HighestScore, Policy::WeightedShare, Policy::RoundRobin, Policy::CostQuality] {
        take(of(policy).into());
    }
    take(of(Policy::Skill).price(usd("25")).requires(SkillId(1), 50).requires(SkillId(u16::MAX), 100).into());
    let skills = [SkillLevel::new(SkillId(9), 1); 9];
    take(of(Policy::ExpectedValue { segment: None, explore: BasisPoints(0) }).skills(&skills[..5]).into());
    let by_state = Policy::ExpectedValue { segment: Some(AttributeId(3)), explore: BasisPoints(500) };
    take(of(by_state).into());
    take(RankProfile::new(BUYER, PROFILE).into());
    let ranked = RankProfile::new(BUYER, PROFILE).weight(10_000).quality(BasisPoints(9_250));
    take(ranked.prior(Prior::new(3, 4)).into());
    take(SetSkills::new(BUYER, PROFILE).into());
    take(SetSkills::new(BUYER, PROFILE).with(SkillId(1), 50).with(SkillId(u16::MAX), 100).into());
    take(SetSkills::new(BUYER, PROFILE).skills(&skills).into());
}

fn calls(take: &mut impl FnMut(Command<'_>)) {
    let facts = [
        Fact::value(AttributeId(0), ValueCode(5)),
        Fact::value(AttributeId(1), ValueCode(u32::MAX)),
        Fact::number(AttributeId(2), -37),
        Fact::flag(AttributeId(3), true),
        Fact::flag(AttributeId(6), false),
        Fact::place(AttributeId(4), GeoPoint::new(-33_868_800, 151_209_300)),
    ];
    let listing = ListingId(1);
    let register = RegisterCall::new(SELLER, CALL, listing);
    take(register.into());
    take(RegisterCall { subject: SubjectId(77), leg: Leg::Callback, facts: List::borrowed(&facts), ..register }.into());
    let offer = OfferCall::new(SELLER, CALL, listing);
    take(offer.into());
    let reserve = Some(usd("4.50"));
    let subject = SubjectId(u128::MAX);
    take(OfferCall { subject, leg: Leg::OutboundTransfer, reserve, facts: List::borrowed(&facts), ..offer }.into());
    take(OfferCall { window: Some(Millis(250)), facts: List::borrowed(&[facts[0]; 65]), ..offer }.into());
    let chain = [ChainNode(1), ChainNode(u128::MAX), ChainNode(1)];
    take(RegisterCall { chain: List::borrowed(&chain), ..register }.into());
    take(OfferCall { facts: List::borrowed(&facts), chain: List::borrowed(&chain), ..offer }.into());
    take(OfferCall { chain: List::borrowed(&[chain[0]; 9]), ..offer }.into());
    take(CancelCall::new(SELLER, CALL).into());
}

fn quotes(take: &mut impl FnMut(Command<'_>)) {
    take(SetQuoting::of(SELLER, 0).into());
    take(SetQuoting::of(AccountId(u128::MAX), u16::MAX).into());
    let quote = QuoteCall::new(SELLER, CALL, ListingId(5), Millis(60_000));
    take(quote.into());
    take(quote.firm().reserve(usd("4.50")).subject(SubjectId(u128::MAX)).flag(AttributeId(3), true).into());
    let chain = [ChainNode(1), ChainNode(u128::MAX)];
    take(QuoteCall { leg: Leg::Callback, chain: List::borrowed(&chain), life: Millis(u32::MAX), ..quote }.into());
    take(QuoteCall { chain: List::borrowed(&[chain[0]; 9]), ..quote }.into());
    take(ConfirmQuote::new(SELLER, CALL).into());
}

fn auctions(take: &mut impl FnMut(Command<'_>)) {
    let open = OpenAuction { seller: SELLER, call: CALL, window: Millis(2_000), reserve: None };
    take(open.into());
    take(OpenAuction { reserve: Some(usd("9.99")), ..open }.into());
    let bid = PlaceBid::new((BUYER, PROFILE), (SELLER, CALL), usd("32.50"), STAMP);
    take(bid.into());
    take(bid.valid_for(Millis(1_500)).into());
    take(WithdrawBid::new((BUYER, PROFILE), (SELLER, CALL), STAMP).into());
    take(NoBid::new((BUYER, PROFILE), (SELLER, CALL), STAMP).into());
    take(CloseAuction::new(SELLER, CALL).into());
}

fn reports(take: &mut impl FnMut(Command<'_>)) {
    let clocks = Clocks::new(Millis(100_000), Millis(97_000), Millis(90_000));
    let (first, later) = (LegReport::first(Clocks::default()), LegReport::leg(8, 3, clocks));
    take(ReportRinging::new(SELLER, CALL, first, STAMP).into());
    take(ReportAnswered::new(SELLER, CALL, first, STAMP).into());
    take(ReportEnded::new(SELLER, CALL, later, STAMP).into());
    for failure in Reason::ALL {
        take(ReportFailed::new(SELLER, CALL, later, *failure, STAMP).into());
    }
    take(ReportDropped::new(SELLER, CALL, later, STAMP).into());
    take(ReportRejected::new(SELLER, CALL, later, STAMP).into());
    take(Tick.into());
}
