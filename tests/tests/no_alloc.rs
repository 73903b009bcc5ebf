//! Promise 2: after start nothing is allocated. Every table of a small exchange is filled to its limit and then churned
//! twenty times its capacity, and an allocator that counts must count nothing inside `apply`.

use std::collections::BTreeMap;

use dce_engine::prelude::*;
use dce_tests::heap::{Counting, requests};
use dce_tests::workload::Random;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const LIMITS: Limits = Limits {
    accounts_max: 12,
    sessions_max: 12,
    movements_max: 64,
    listings_max: 8,
    profiles_max: 96,
    settings_max: 40,
    verticals_max: 2,
    attributes_max: 4,
    lines_max: 128,
    values_max: 8,
    value_sets_max: 2,
    value_set_values_max: 16,
    zones_max: 4,
    calendars_max: 2,
    clauses_max: 4,
    clause_values_max: 8,
    targeting_chunks_max: 97,
    calls_max: 256,
    calls_live_max: 48,
    auction_bids_max: 12,
    bids_max: 40,
    conjunctions_max: 8,
    modified_max: 4,
    deals_max: 4,
    contacts_max: 24,
    frequencies_max: 8,
    suppressions_max: 6,
    screens_max: 2,
    quotas_max: 16,
    groups_max: 4,
    together_max: 6,
    shares_max: 64,
    outcomes_max: 64,
    retention: Seconds(60),
};
const CHURN: u64 = 20;
const BUYERS: u64 = 6;
const SELLERS: u64 = 4;
const STATE: AttributeId = AttributeId(0);
const NEEDS: AttributeId = AttributeId(1);
const AGE: AttributeId = AttributeId(2);
const HOURS: CalendarId = CalendarId(1);
/// All profiles of a buyer without quotas, which ring together.
const DESKS: GroupId = GroupId(77);
/// Every seller has one listing at first price, and one at second.
const FIRST_PRICE: ListingId = ListingId(0);

/// An exchange whose `apply` is measured.
struct Market {
    exchange: Exchange,
    events: Events,
    random: Random,
    at: Timestamp,
    counter: u64,
    /// What the exchange asked of the heap.
    requests: u64,
    numbers: BTreeMap<AccountId, u64>,
    refusals: BTreeMap<Reject, u64>,
    accepted: BTreeMap<&'static str, u64>,
    /// The legs being delivered: seller, call, attempt, destination, answered.
    legs: Vec<(AccountId, CallId, u8, u8, bool)>,
    auctions: Vec<(AccountId, CallId)>,
    /// Calls that were quoted, and for whom.
    quotes: Vec<(AccountId, CallId, ListingId, SubjectId)>,
    /// Dials of a call while another of its attempts rang.
    rang_along: u64,
}

const fn buyer(index: u64) -> AccountId {
    AccountId(100 + index as u128)
}

const fn seller(index: u64) -> AccountId {
    AccountId(200 + index as u128)
}

fn profile_of(index: u64) -> (AccountId, ProfileId) {
    (buyer(index % BUYERS), ProfileId(u128::from(index / BUYERS)))
}

impl Market {
    fn new() -> Self {
        Self {
            exchange: Exchange::new(Genesis::new(LIMITS, 11, USD)).expect("the limits are possible"),
            events: Events::new(),
            random: Random::new(11),
            at: Timestamp::from_seconds(1_764_000_000),
            counter: 0,
            requests: 0,
            numbers: BTreeMap::new(),
            refusals: BTreeMap::new(),
            accepted: BTreeMap::new(),
            legs: Vec::new(),
            auctions: Vec::new(),
            quotes: Vec::new(),
            rang_along: 0,
        }
    }

    /// Applies a command, measured; counts what became of it, not measured.
    fn apply<'a>(&mut self, verb: &'static str, command: impl Into<Command<'a>>) -> Result<Receipt, Reject> {
        let command = command.into();
        let (answer, asked) = requests(|| self.exchange.apply(self.at, &command, &mut self.events));
        self.requests += asked;
        match answer {
            Ok(_) => *self.accepted.entry(verb).or_default() += 1,
            Err(reject) => *self.refusals.entry(reject).or_default() += 1,
        }
        self.follow();
        answer
    }

    /// Keeps track of legs and auctions.
    fn follow(&mut self) {
        for event in self.events.iter() {
            match *event {
                Event::AuctionOpened { seller, call, .. } => self.auctions.push((seller, call)),
                Event::AuctionClosed { seller, call, .. } => self.auctions.retain(|open| *open != (seller, call)),
                Event::CallDialed { seller, call, attempt, destination_index, .. } => {
                    self.legs.retain(|leg| (leg.0, leg.1, leg.2) != (seller, call, attempt));
                    self.rang_along += u64::from(self.legs.iter().any(|leg| (leg.0, leg.1) == (seller, call)));
                    self.legs.push((seller, call, attempt, destination_index, false));
                }
                Event::AttemptFailed { seller, call, attempt, .. } => {
                    self.legs.retain(|leg| (leg.0, leg.1, leg.2) != (seller, call, attempt));
                }
                Event::CallAnswered { seller, call, .. } => {
                    self.legs.iter_mut().filter(|leg| (leg.0, leg.1) == (seller, call)).for_each(|leg| leg.4 = true);
                }
                Event::QuoteDeclined { seller, call, .. } | Event::QuoteLapsed { seller, call } => {
                    self.quotes.retain(|quote| (quote.0, quote.1) != (seller, call));
                }
                Event::CallEnded { seller, call, .. }
                | Event::CallUnsold { seller, call, .. }
                | Event::CallCanceled { seller, call } => self.legs.retain(|leg| (leg.0, leg.1) != (seller, call)),
                _ => {}
            }
        }
    }

    fn stamp(&mut self, account: AccountId) -> Stamp {
        let number = self.numbers.entry(account).or_default();
        *number += 1;
        Stamp::new(SessionId(1), *number)
    }

    fn ticks(&mut self) {
        while self.exchange.next_deadline().is_some_and(|deadline| deadline <= self.at) {
            self.apply("tick", Tick).expect("something is due");
        }
    }

    /// Everything that is made once, to its limit.
    fn fill(&mut self) {
        self.apply("declare", DeclareAttribute::category(STATE, "state", 10)).expect("declared");
        self.apply("declare", DeclareAttribute::set(NEEDS, "needs", 10)).expect("declared");
        self.apply("declare", DeclareAttribute::integer(AGE, "age", 0, 0, 100)).expect("declared");
        for code in 1..=4 {
            let name = ["", "a", "b", "c", "d"][code as usize];
            self.apply("define", DefineValue::new(STATE, ValueCode(code), name)).expect("defined");
            self.apply("define", DefineValue::new(NEEDS, ValueCode(code), name)).expect("defined");
        }
        assert_eq!(self.apply("define", DefineValue::new(STATE, ValueCode(5), "e")), Err(Reject::SchemaFull));
        let coast = [ValueCode(1), ValueCode(2)];
        self.apply("values", LoadValueSet::chunk(ValueSetId(0), STATE, 2, 0, &coast)).expect("loaded");
        for index in 0..BUYERS {
            let account = OpenAccount::buyer(buyer(index)).deposit(Money::from_units(400));
            self.apply("account", account).expect("opened");
            self.apply("session", OpenSession::new(buyer(index), SessionId(1))).expect("opened");
        }
        for index in 0..SELLERS {
            self.apply("account", OpenAccount::seller(seller(index))).expect("opened");
            self.apply("session", OpenSession::new(seller(index), SessionId(1))).expect("opened");
            self.apply("quoting", SetQuoting::of(seller(index), 3)).expect("set");
            for listing in 0..2 {
                let terms = CreateListing::of(seller(index), ListingId(listing))
                    .pays_out(Payout::Share(BasisPoints(8_000)), PayTerm::OnConnect)
                    .duration_max(Seconds(20));
                let dear = terms.second_price(usd("0.10")).open().withdrawable();
                let terms = if ListingId(listing) == FIRST_PRICE { terms } else { dear };
                self.apply("listing", terms).expect("created");
            }
        }
        for session in 2..=3 {
            self.apply("session", OpenSession::new(AccountId::PLATFORM, SessionId(session))).expect("opened");
        }
        let _ = self.apply("account", OpenAccount::buyer(buyer(99)));
        let _ = self.apply("session", OpenSession::new(AccountId::PLATFORM, SessionId(4)));
        let _ = self.apply("listing", CreateListing::of(seller(0), ListingId(9)));
        for account in [buyer(0), seller(0), buyer(1)] {
            let hours = SetCalendar::new(account, HOURS).open(OpenSpan::ALWAYS).holiday(Holiday::on(0));
            let _ = self.apply("calendar", hours);
        }
        self.rules_about_callers();
        self.apply("together", SetTogether::new(buyer(2), DESKS, true)).expect("set");
        for group in 0..=LIMITS.groups_max {
            let east = QuotaScope::Group(GroupId(group.into()));
            let quota = SetQuota::new(buyer(0), east).rule(QuotaRule::live(9)).spacing(Millis(1));
            let _ = self.apply("quota", quota);
        }
        for index in 0..=u64::from(LIMITS.profiles_max) {
            let created = self.create_profile(index);
            assert_eq!(created.is_ok(), index < LIMITS.profiles_max.into(), "profile {index}: {created:?}");
        }
        for _ in 0..=LIMITS.movements_max {
            let _ = self.deposit();
        }
    }

    /// Every table of callers gets rules that fill it.
    fn rules_about_callers(&mut self) {
        for (index, on) in [DuplicateOn::Incoming, DuplicateOn::Connect, DuplicateOn::Convert].into_iter().enumerate() {
            let rule = SetDuplicates::new(buyer(index as u64), CallerScope::Account, Seconds(6)).on(on);
            self.apply("duplicates", rule).expect("set");
        }
        let listing = CallerScope::Listing(ListingId(0));
        self.apply("duplicates", SetDuplicates::new(seller(0), listing, Seconds(2))).expect("set");
        self.apply("frequency", SetFrequency::new(seller(1), 4, Seconds(3))).expect("set");
        for account in [AccountId::PLATFORM, seller(0), seller(1)] {
            let clause = Clause { attribute: STATE, test: Test::AnyOf { count: 1 } };
            let screen = SetScreen::new(account).rule(ScreenRule::refuse(Reason::FraudSuspected, clause));
            let _ = self.apply("screen", screen.values([ValueCode(3)]));
        }
    }

    fn deposit(&mut self) -> Result<Receipt, Reject> {
        self.counter += 1;
        let movement = MovementId::at(self.at, self.counter);
        let account = if self.random.percent(20) { AccountId::PLATFORM } else { buyer(self.random.below(BUYERS)) };
        self.apply("deposit", Deposit::new(account, movement, Money::from_units(40)))
    }

    fn create_profile(&mut self, index: u64) -> Result<Receipt, Reject> {
        let (buyer, profile) = profile_of(index);
        let mut command = CreateProfile::of(buyer, profile)
            .tier(1 + (index % 2) as u8)
            .bid(Money::from_micros(1_000_000 + (index % 7) as i64 * 250_000))
            .concurrency(2)
            .hourly_cap(400)
            .daily_budget(Money::from_units(2_000))
            .dial(b"+18005550100", Millis(4_000))
            .dial(b"+18005550101", Millis(3_000));
        if buyer == self::buyer(0) {
            command = command.hours(HOURS);
        }
        if matches!(index % 3, 0) {
            command = command.live();
        }
        if index % 4 == 1 {
            command = command.wants(STATE, [ValueCode(1), ValueCode(2)]).excludes(NEEDS, [ValueCode(3)]);
        }
        if index % 4 == 2 {
            command = command.wants_set(STATE, ValueSetId(0)).range(AGE, 20, 60);
        }
        if index % 6 == 3 {
            command = command.pays(PayTerm::After { seconds: Seconds(5), from: ClockStart::Connect });
        }
        self.apply("profile", command)
    }

    fn offer(&mut self) -> Result<Receipt, Reject> {
        self.counter += 1;
        let call = CallId::at(self.at, self.counter);
        let seller = seller(self.random.below(SELLERS));
        let listing = ListingId(u128::from(self.random.below(2)));
        let state = ValueCode(self.random.below(5) as u32);
        let needs = ValueCode(self.random.below(5) as u32);
        let age = self.random.below(90) as i64;
        if self.random.percent(15) {
            let command = RegisterCall::new(seller, call, listing).with(STATE, state).number(AGE, age);
            let answer = self.apply("register", command);
            if answer.is_ok() && self.random.percent(60) {
                // Refused where its caller cannot be remembered.
                let _ = self.apply("open auction", OpenAuction::new(seller, call, Millis(3_000)));
            }
            return answer;
        }
        let subject = SubjectId(u128::from(self.random.below(60)));
        let mut command = OfferCall::new(seller, call, listing).with(STATE, state).with(NEEDS, needs).number(AGE, age);
        command = command.subject(subject);
        if self.random.percent(40) {
            command = command.window(Millis(3_000));
        }
        self.apply("offer", command)
    }

    /// A quote is asked for; one of those before is confirmed, another's caller comes.
    fn quote(&mut self) {
        self.counter += 1;
        let (seller, call) = (seller(self.random.below(SELLERS)), CallId::at(self.at, self.counter));
        let listing = ListingId(u128::from(self.random.below(2)));
        let subject = SubjectId(u128::from(self.random.below(6)));
        let life = Millis(self.random.one(&[600, 5_000]));
        let age = self.random.below(3) as i64 * 20;
        let asked = QuoteCall::new(seller, call, listing, life).subject(subject).with(STATE, ValueCode(1));
        let asked = asked.with(NEEDS, ValueCode(2)).number(AGE, age);
        let asked = if self.random.percent(40) { asked.firm() } else { asked };
        if self.apply("quote", asked).is_ok_and(|receipt| !receipt.repeated)
            && self.exchange.call(seller, call).is_some_and(|view| view.state == CallState::Quoted)
        {
            self.quotes.push((seller, call, listing, subject));
        }
        if let Some((seller, call, ..)) = self.random.one_of(self.quotes.iter().copied()) {
            let _ = self.apply("confirm", ConfirmQuote::new(seller, call));
        }
        if self.random.percent(60)
            && let Some((seller, call, listing, subject)) = self.random.one_of(self.quotes.iter().copied())
        {
            let arrival = OfferCall::new(seller, call, listing).subject(subject);
            if self.apply("arrive", arrival).is_ok() {
                self.quotes.retain(|quote| (quote.0, quote.1) != (seller, call));
            }
        }
    }

    /// Another policy for a listing that is not sold at second price, and other ranks and skills for a profile.
    fn give_out_otherwise(&mut self, number: u64) {
        let explore = BasisPoints(2_000);
        let policies = [
            Policy::WeightedShare,
            Policy::ExpectedValue { segment: Some(STATE), explore },
            Policy::RoundRobin,
            Policy::Skill,
            Policy::CostQuality,
            Policy::ExpectedValue { segment: None, explore: BasisPoints(0) },
        ];
        let policy = policies[(number % 6) as usize];
        let mut command = SetPolicy::new(seller(number % SELLERS), FIRST_PRICE, policy);
        if policy == Policy::Skill {
            command = command.requires(SkillId(1), 1);
        }
        self.apply("policy", command).expect("the listing is sold at first price");
        let (buyer, profile) = profile_of(number % u64::from(LIMITS.profiles_max));
        let _ = self.apply("rank", RankProfile::new(buyer, profile).weight(1 + (number % 9) as u16));
        let _ = self.apply("skills", SetSkills::new(buyer, profile).with(SkillId(1), 1 + (number % 99) as u8));
    }

    fn bid(&mut self) {
        let Some((seller, call)) = self.random.one_of(self.auctions.iter().copied()) else { return };
        let (buyer, profile) = profile_of(self.random.below(LIMITS.profiles_max.into()));
        let stamp = self.stamp(buyer);
        if self.random.percent(15) {
            let _ = self.apply("withdraw bid", WithdrawBid::new((buyer, profile), (seller, call), stamp));
            return;
        }
        if self.random.percent(4) {
            let _ = self.apply("no bid", NoBid::new((buyer, profile), (seller, call), stamp));
            return;
        }
        let amount = Money::from_micros(2_000_000 + self.random.below(40) as i64 * 100_000);
        let bid = PlaceBid::new((buyer, profile), (seller, call), amount, stamp);
        let valid_for = Millis(self.random.one(&[500, 60_000]));
        let _ = self.apply("bid", bid.valid_for(valid_for));
    }

    fn report(&mut self) {
        let Some((seller, call, attempt, destination, answered)) = self.random.one_of(self.legs.iter().copied()) else {
            return;
        };
        let stamp = self.stamp(seller);
        let connect = if answered { Millis(self.random.one(&[4_000, 6_000])) } else { Millis(0) };
        let clocks = Clocks::new(Millis(10_000), Millis(8_000), connect);
        let report = LegReport::leg(attempt, destination, clocks);
        let early = LegReport::leg(attempt, destination, Clocks::default());
        let _ = match self.random.below(10) {
            _ if answered => self.apply("ended", ReportEnded::new(seller, call, report, stamp)),
            0..2 => self.apply("ringing", ReportRinging::new(seller, call, early, stamp)),
            2..6 => self.apply("failed", ReportFailed::new(seller, call, early, Reason::Busy, stamp)),
            6..9 => self.apply("answered", ReportAnswered::new(seller, call, early, stamp)),
            _ => self.apply("cancel", CancelCall::new(seller, call)),
        };
    }

    /// A few seconds of a full market.
    fn round(&mut self, number: u64) {
        self.at = self.at + Millis(self.random.between(500, 4_000) as u32);
        self.ticks();
        if number.is_multiple_of(256) {
            // Nobody reports for a while, after all calls before were sealed: more are live than may be.
            self.at = self.at + Seconds(180);
            self.ticks();
            for _ in 0..200 {
                let _ = self.offer();
            }
        }
        for _ in 0..30 {
            // A caller who cannot be remembered is one of many.
            if self.offer().is_err_and(|reject| reject != Reject::ContactsFull) {
                break;
            }
            self.quote();
            self.bid();
            self.report();
        }
        for _ in 0..40 {
            self.bid();
            self.report();
        }
        if let (Some((seller, call)), true) = (self.auctions.first().copied(), matches!(number % 3, 0)) {
            self.apply("close auction", CloseAuction::new(seller, call)).expect("it is open");
        }
        for _ in 0..10 {
            let (buyer, profile) = profile_of(self.random.below(LIMITS.profiles_max.into()));
            let amount = Money::from_micros(1_000_000 + self.random.below(9) as i64 * 250_000);
            let stamp = self.stamp(buyer);
            let _ = self.apply("set bid", SetBid::new(buyer, profile, Some(amount), stamp));
        }
        for _ in 0..12 {
            let index = self.random.below(LIMITS.profiles_max.into());
            let (buyer, profile) = profile_of(index);
            if self.apply("close profile", CloseProfile::new(buyer, profile)).is_ok() {
                self.create_profile(index).expect("a place came free");
            }
            let (buyer, profile) = profile_of(self.random.below(LIMITS.profiles_max.into()));
            self.apply("pause", PauseProfile::new(buyer, profile)).expect("it exists");
            self.apply("resume", ResumeProfile::new(buyer, profile)).expect("it exists");
        }
        self.agree(number);
        for account in [buyer(0), seller(0), AccountId::PLATFORM] {
            let subject = SubjectId(1 + u128::from(self.random.below(20)));
            let until = self.at + Millis(self.random.between(1, 9_000) as u32);
            let _ = self.apply("suppress", SetSuppression::new(account, subject).until(until));
        }
        while self.deposit().is_ok() {}
        let until = 1 + (number * 997 % 10_080) as u16;
        let hours = SetCalendar::new(buyer(0), HOURS).open(OpenSpan::new(0, until)).holiday(Holiday::on(number as u32));
        self.apply("calendar", hours).expect("its hours are others");
        let money = QuotaRule::money(Per::Day, Money::from_units(1_000 + number as i32)).paced(Pace::Even);
        let quota = SetQuota::new(buyer(0), QuotaScope::Account).rule(money).rule(QuotaRule::live(20)).hours(HOURS);
        self.apply("quota", quota).expect("its money is another");
        let attempts = QuotaRule::calls(Counts::Attempts, Per::Hour, 50 + number as u32);
        self.apply("quota", SetQuota::new(seller(0), QuotaScope::Account).rule(attempts)).expect("it is another");
        for index in 0..u64::from(LIMITS.quotas_max) {
            let (buyer, profile) = profile_of(index * 3);
            let quota = SetQuota::new(buyer, QuotaScope::Profile(profile)).spacing(Millis(1 + number as u32));
            let _ = self.apply("quota", quota);
            let east = GroupId(u128::from((index + number) % 5));
            let _ = self.apply("group", SetGroup::new(buyer, profile, Some(east)));
        }
        self.give_out_otherwise(number);
        for index in (2..u64::from(LIMITS.profiles_max)).step_by(BUYERS as usize) {
            let (buyer, profile) = profile_of(index);
            let _ = self.apply("group", SetGroup::new(buyer, profile, Some(DESKS)));
        }
        self.apply("together", SetTogether::new(buyer(2), DESKS, !number.is_multiple_of(4))).expect("set");
        self.counter += 1;
        let movement = MovementId::at(self.at, self.counter);
        let _ = self.apply("withdraw", Withdraw::new(seller(0), movement, usd("0.01")));
        let session = SessionId(number + 4);
        self.apply("close session", CloseSession::new(AccountId::PLATFORM, SessionId(number + 3))).expect("open");
        self.apply("session", OpenSession::new(AccountId::PLATFORM, session)).expect("a place came free");
        let (digest, asked) = requests(|| {
            self.exchange.maintain(50);
            self.exchange.digest()
        });
        self.requests += asked;
        assert_ne!(digest, 0);
    }
}

impl Market {
    /// Windows, deals, conjunctions and modifiers are set, changed and taken away, with their tables full.
    fn agree(&mut self, number: u64) {
        let (seller, listing) = (seller(self.random.below(SELLERS)), ListingId(u128::from(number % 2)));
        let early = SetWindow { early_close: number % 4 < 2, ..SetWindow::of(seller, listing) };
        let _ = self.apply("window", early.answer_within(Millis((number % 7) as u32 * 100)));
        let _ = self.apply("private", SetPrivate::of(seller, listing, number.is_multiple_of(16)));
        for index in 0..BUYERS {
            let price = match self.random.below(6) {
                0 => Some(DealPrice::Reserve),
                1 => Some(DealPrice::Floor(usd("1"))),
                2 => Some(DealPrice::Fixed(usd("1.25"))),
                _ => None,
            };
            let _ = self.apply("deal", SetDeal { price, ..SetDeal::none(seller, listing, buyer(index)) });
        }
        for _ in 0..4 {
            let (buyer, profile) = profile_of(self.random.below(LIMITS.profiles_max.into()));
            let also = AlsoWants::of(buyer, profile, 2).wants(STATE, [ValueCode(1)]).range(AGE, 20, 40);
            // Some with as long a list as there may be, which takes a chunk.
            let also = if number.is_multiple_of(2) { also.excludes(STATE, [ValueCode(2); 7]) } else { also };
            let _ = self.apply("also", also);
            let (buyer, profile) = profile_of(self.random.below(LIMITS.profiles_max.into()));
            let modifiers = SetModifiers::of(buyer, profile);
            let more = Change::Multiply(10_000 + self.random.below(9) as u32 * 1_000);
            let modified =
                if number.is_multiple_of(3) { modifiers } else { modifiers.value(STATE, ValueCode(1), more) };
            let _ = self.apply("modifiers", modified);
        }
    }
}

#[test]
fn a_full_market_churned_twenty_times_allocates_nothing() {
    let mut market = Market::new();
    market.fill();
    let mut number = 0;
    let done = |market: &Market| {
        let of = |verb: &str| market.accepted.get(verb).copied().unwrap_or_default();
        of("offer") + of("register") >= CHURN * u64::from(LIMITS.calls_max)
            && of("bid") >= CHURN * u64::from(LIMITS.bids_max)
            && of("profile") >= CHURN * u64::from(LIMITS.profiles_max)
            && of("deposit") >= CHURN * u64::from(LIMITS.movements_max)
            && of("suppress") >= CHURN * u64::from(LIMITS.suppressions_max)
            && of("session") >= CHURN * u64::from(LIMITS.sessions_max)
    };
    while !done(&market) {
        market.round(number);
        number += 1;
        assert!(number < 100_000, "the market does not churn: {:?} {:?}", market.accepted, market.refusals);
    }
    assert_eq!(market.exchange.check(), Ok(()));
    eprintln!("{number} rounds: {:?}\n{:?}", market.accepted, market.refusals);
    for full in [
        Reject::AccountsFull,
        Reject::SessionsFull,
        Reject::ListingsFull,
        Reject::ProfilesFull,
        Reject::SchemaFull,
        Reject::MovementsFull,
        Reject::CallsFull,
        Reject::LiveCallsFull,
        Reject::BidsFull,
        Reject::CalendarsFull,
        Reject::RulesFull,
        Reject::ContactsFull,
        Reject::SuppressionsFull,
        Reject::ScreensFull,
        Reject::QuotasFull,
        Reject::GroupsFull,
        Reject::FirmQuotesFull,
        Reject::TargetingFull,
        Reject::SettingsFull,
    ] {
        assert!(market.refusals.contains_key(&full), "{full:?} was never met: that table was not full");
    }
    for verb in [
        "answered",
        "ended",
        "failed",
        "ringing",
        "cancel",
        "set bid",
        "close auction",
        "withdraw bid",
        "no bid",
        "tick",
        "calendar",
        "window",
        "private",
        "deal",
        "also",
        "modifiers",
        "quota",
        "group",
        "together",
        "policy",
        "rank",
        "skills",
        "quote",
        "confirm",
        "arrive",
    ] {
        assert!(market.accepted.get(verb).is_some_and(|count| *count > 50), "hardly any `{verb}` was accepted");
    }
    assert!(market.rang_along > 50, "hardly any call rang at several profiles: {}", market.rang_along);
    assert_eq!(market.requests, 0, "allocations or releases inside the exchange");
}
