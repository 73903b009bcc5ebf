//! Things strangers tried: each once broke the exchange, or might have.

use dce_engine::prelude::*;

const NOW: Timestamp = Timestamp::from_seconds(1_764_000_000);
const BUYER: AccountId = AccountId(1);
const SELLER: AccountId = AccountId(2);
const LISTING: ListingId = ListingId(1);
const PROFILE: ProfileId = ProfileId(1);

struct Market {
    exchange: Exchange,
    events: Events,
}

impl Market {
    fn open(limits: Limits, bid: Money) -> Self {
        let exchange = Exchange::new(Genesis::new(limits, 1, USD)).expect("the limits are possible");
        let mut market = Self { exchange, events: Events::new() };
        market.apply(OpenAccount::seller(SELLER));
        market.apply(OpenSession::new(SELLER, SessionId(1)));
        market.apply(OpenAccount::buyer(BUYER));
        market.apply(CreateListing::of(SELLER, LISTING));
        market.apply(CreateProfile::of(BUYER, PROFILE).bid(bid).dial(b"desk", Millis(1_000)));
        market
    }

    fn apply<'a>(&mut self, command: impl Into<Command<'a>>) {
        self.exchange.apply(NOW, &command.into(), &mut self.events).expect("the command is acceptable");
    }
}

#[test]
fn money_that_goes_round_all_day_overflows_nothing() {
    let limits = Limits { movements_max: 32_768, calls_max: 16_384, ..Limits::small() };
    let amount = Money::AMOUNT_MAX;
    let mut market = Market::open(limits, amount);
    let leg = LegReport::first(Clocks::default());
    for round in 0..9_400 {
        let call = CallId::at(NOW, round);
        market.apply(Deposit::new(BUYER, MovementId::at(NOW, 2 * round), amount));
        market.apply(OfferCall::new(SELLER, call, LISTING));
        market.apply(ReportAnswered::new(SELLER, call, leg, Stamp::new(SessionId(1), 2 * round + 1)));
        market.apply(ReportEnded::new(SELLER, call, leg, Stamp::new(SessionId(1), 2 * round + 2)));
        market.apply(Withdraw::new(SELLER, MovementId::at(NOW, 2 * round + 1), amount));
    }
    assert_eq!(market.exchange.check(), Ok(()));
}

#[test]
fn a_market_without_room_for_a_zone_is_refused() {
    let limits = Limits { zones_max: 0, ..Limits::small() };
    let refused = Exchange::new(Genesis::new(limits, 1, USD)).map(|_| ());
    assert_eq!(refused, Err(GenesisError::Limit("zones_max")));
}

#[test]
fn every_part_of_a_genesis_is_part_of_the_digest() {
    let digest = |genesis: Genesis| Exchange::new(genesis).expect("the limits are possible").digest();
    let plain = Genesis::new(Limits::small(), 1, USD);
    let other = [
        Genesis::new(Limits { bids_max: 4_097, ..Limits::small() }, 1, USD),
        Genesis::new(Limits::small(), 1, EUR),
        plain.shard(3),
        plain.log(LogId(9)),
        Genesis { seed: 2, ..plain },
    ];
    assert!(other.iter().all(|other| digest(*other) != digest(plain)));
}

#[test]
fn an_unsold_call_is_explained_by_its_offer() {
    let mut market = Market::open(Limits::small(), usd("5"));
    let offer = OfferCall::new(SELLER, CallId::at(NOW, 1), LISTING).reserve(usd("7"));
    market.apply(Deposit::new(BUYER, MovementId::at(NOW, 1), usd("50")));
    market.apply(offer);
    assert!(market.events.iter().any(|event| matches!(event, Event::CallUnsold { .. })));
    let mut told = Vec::new();
    let explained = market.exchange.explain_offer(NOW, &offer, &mut |candidate| told.push(candidate.verdict));
    assert_eq!(explained, Ok(()));
    let loss = Loss { reason: Reason::BelowReserve, attribute: None, distance: Some(Distance::Money(usd("2"))) };
    assert_eq!(told, [Verdict::Lost(loss)]);
    let elsewhere = OfferCall::new(SELLER, CallId::at(NOW, 1), ListingId(2));
    assert_eq!(market.exchange.explain_offer(NOW, &elsewhere, &mut |_| ()), Err(Reject::ListingUnknown));
}

#[test]
fn what_stopped_how_many_is_counted_without_the_list() {
    let mut market = Market::open(Limits::small(), usd("5"));
    market.apply(DeclareAttribute::integer(AttributeId(1), "age", 0, 0, 120));
    market.apply(Deposit::new(BUYER, MovementId::at(NOW, 1), usd("50")));
    let older = |profile| CreateProfile::of(BUYER, ProfileId(profile)).bid(usd("6")).range(AttributeId(1), 65, 120);
    market.apply(older(2).dial(b"desk", Millis(1_000)));
    market.apply(older(3).dial(b"desk", Millis(1_000)));
    // One of the two has a second wish that the call meets: it counts once, and as one that may win.
    market.apply(AlsoWants::of(BUYER, ProfileId(3), 2).range(AttributeId(1), 18, 40));
    market.apply(AlsoWants::of(BUYER, ProfileId(3), 3).range(AttributeId(1), 20, 50));
    market.apply(CreateProfile::of(BUYER, ProfileId(4)).bid(usd("6")).vertical(VerticalId(1)).dial(b"desk", Millis(1)));
    market.apply(CreateProfile::of(BUYER, ProfileId(5)).bid(usd("9")).dial(b"desk", Millis(1_000)));
    market.apply(PauseProfile::new(BUYER, ProfileId(5)));
    let offer = OfferCall::new(SELLER, CallId::at(NOW, 1), LISTING).number(AttributeId(1), 30);
    let asked = market.exchange.explain_offer_counts(NOW, &offer).expect("it can be asked");
    let stopped = |counts: &RuleCounts| counts.each_stopped().collect::<Vec<_>>();
    let rules = [(Reason::VerticalMismatch, 1), (Reason::TargetingMismatch, 1), (Reason::ProfilePaused, 1)];
    assert_eq!((asked.won(), asked.eligible(), stopped(&asked)), (0, 2, rules.to_vec()));
    market.apply(offer);
    let sold = market.exchange.explain_counts(SELLER, CallId::at(NOW, 1)).expect("it lives");
    assert_eq!((sold.won(), sold.eligible(), sold.candidates()), (1, 0, 5));
    assert_eq!(stopped(&sold), [&rules[..], &[(Reason::LostToHigherBid, 1)]].concat());
    assert_eq!(sold.stopped(Reason::LostToHigherBid), 1);
    let unknown = market.exchange.explain_counts(SELLER, CallId::at(NOW, 2));
    assert_eq!(unknown, Err(ExplainError::CallUnknown));
}

#[test]
fn an_offer_is_explained_for_the_time_it_is_asked_for() {
    let mut market = Market::open(Limits::small(), usd("5"));
    let capped = CapLimits { hourly: Some(1), ..CapLimits::NONE };
    let better = CreateProfile::of(BUYER, ProfileId(2)).bid(usd("6")).caps(capped);
    market.apply(better.dial(b"desk", Millis(1_000)));
    market.apply(Deposit::new(BUYER, MovementId::at(NOW, 1), usd("50")));
    market.apply(OfferCall::new(SELLER, CallId::at(NOW, 1), LISTING));
    let verdict_at = |at| {
        let mut told = Vec::new();
        let offer = OfferCall::new(SELLER, CallId::at(NOW, 2), LISTING);
        let explained = market.exchange.explain_offer(at, &offer, &mut |candidate| told.push(candidate.verdict));
        assert_eq!(explained, Ok(()));
        told
    };
    let distance = Some(Distance::Calls { taken: 1, most: 1 });
    let loss = Loss { reason: Reason::HourlyCapReached, attribute: None, distance };
    assert_eq!(verdict_at(NOW), [Verdict::Eligible, Verdict::Lost(loss)]);
    assert_eq!(verdict_at(NOW + Seconds(3_600)), [Verdict::Eligible, Verdict::Eligible]);
}

#[test]
fn a_call_is_explained_without_what_it_left_itself_and_the_next_one_with_it() {
    let mut market = Market::open(Limits::small(), usd("5"));
    market.apply(Deposit::new(BUYER, MovementId::at(NOW, 1), usd("50")));
    market.apply(SetDuplicates::new(SELLER, CallerScope::Listing(LISTING), Seconds(60)));
    market.apply(SetFrequency::new(SELLER, 2, Seconds(90)));
    let offer =
        |number| OfferCall::new(SELLER, CallId::at(NOW, number), LISTING).reserve(usd("7")).subject(SubjectId(7));
    let told = |market: &Market, number| {
        let mut told = Vec::new();
        let explained = market.exchange.explain_offer(NOW, &offer(number), &mut |said| told.push(said.verdict));
        assert_eq!(explained, Ok(()));
        told
    };
    let lost = |reason, distance| [Verdict::Lost(Loss { reason, attribute: None, distance: Some(distance) })];
    let until = |seconds| Distance::Until(NOW + Seconds(seconds));
    market.apply(offer(1));
    assert_eq!(told(&market, 1), lost(Reason::BelowReserve, Distance::Money(usd("2"))));
    assert_eq!(told(&market, 2), lost(Reason::DuplicateCaller, until(60)));
    market.apply(offer(2));
    assert_eq!(told(&market, 2), lost(Reason::DuplicateCaller, until(60)));
    assert_eq!(told(&market, 3), lost(Reason::FrequencyReached, until(90)));
    market.apply(offer(3));
    assert_eq!(told(&market, 3), lost(Reason::FrequencyReached, until(90)));
}

#[test]
fn a_market_without_room_for_callers_sells_to_all_but_those_who_ask_for_it() {
    let none = Limits { contacts_max: 0, frequencies_max: 0, suppressions_max: 0, screens_max: 0, ..Limits::small() };
    let mut market = Market::open(none, usd("5"));
    market.apply(Deposit::new(BUYER, MovementId::at(NOW, 1), usd("50")));
    let suppress = SetSuppression::new(BUYER, SubjectId(7)).into();
    assert_eq!(market.exchange.apply(NOW, &suppress, &mut market.events), Err(Reject::SuppressionsFull));
    market.apply(OfferCall::new(SELLER, CallId::at(NOW, 1), LISTING).subject(SubjectId(7)));
    assert!(market.events.iter().any(|event| matches!(event, Event::CallSold { .. })));
    market.apply(SetDuplicates::new(BUYER, CallerScope::Account, Seconds(60)));
    market.apply(OfferCall::new(SELLER, CallId::at(NOW, 2), LISTING).subject(SubjectId(7)));
    assert!(market.events.iter().any(|event| matches!(event, Event::CallUnsold { reason: Reason::NoCandidate, .. })));
    market.apply(SetFrequency::new(SELLER, 2, Seconds(90)));
    let offer = OfferCall::new(SELLER, CallId::at(NOW, 3), LISTING).subject(SubjectId(7)).into();
    assert_eq!(market.exchange.apply(NOW, &offer, &mut market.events), Err(Reject::ContactsFull));
    assert_eq!(market.exchange.check(), Ok(()));
}
