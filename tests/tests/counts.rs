//! A crowd is counted as it is told: what `explain` says of each of a thousand candidates, `explain_counts` says of all.

use dce_engine::prelude::*;

const NOW: Timestamp = Timestamp::from_seconds(1_764_000_000);
const SELLER: AccountId = AccountId(1);
const SESSION: SessionId = SessionId(1);
const AGE: AttributeId = AttributeId(1);
const PROFILES: u64 = 1_400;
const BUYERS: u64 = 60;

struct Crowd {
    exchange: Exchange,
    events: Events,
    calls: u64,
    movements: u64,
}

const fn buyer(number: u64) -> AccountId {
    AccountId(100 + number as u128 % BUYERS as u128)
}

/// Whose profile it is follows from its number.
const fn profile(number: u64) -> (AccountId, ProfileId) {
    (buyer(number), ProfileId(1 + number as u128))
}

impl Crowd {
    /// Buyers with enough, profiles in three tiers with bids of four amounts, so that whole words of them are alike; now and
    /// then one with something of its own.
    fn gather() -> Self {
        let limits = Limits {
            accounts_max: 128,
            profiles_max: 2_048,
            conjunctions_max: 256,
            modified_max: 64,
            movements_max: 1_024,
            ..Limits::small()
        };
        let exchange = Exchange::new(Genesis::new(limits, 1, USD)).expect("the limits are possible");
        let mut crowd = Self { exchange, events: Events::new(), calls: 0, movements: 0 };
        crowd.apply(OpenAccount::seller(SELLER));
        crowd.apply(OpenSession::new(SELLER, SESSION));
        crowd.apply(DeclareAttribute::integer(AGE, "age", 0, 0, 1_000));
        crowd.pay(AccountId::PLATFORM, "10");
        for number in 0..BUYERS {
            crowd.apply(OpenAccount::buyer(buyer(number)));
            crowd.apply(OpenSession::new(buyer(number), SESSION));
            crowd.pay(buyer(number), "1000");
        }
        for number in 0..PROFILES {
            let (buyer, id) = profile(number);
            let bid = Money::from_micros(1_000_000 * (5 + 3 * i64::try_from(number % 4).expect("small")));
            let mut created = CreateProfile::of(buyer, id).bid(bid).tier(1 + (number % 100 / 40) as u8);
            created = created.dial(b"desk", Millis(1_000));
            created = match number % 41 {
                0 => created.range(AGE, 5, 77),
                1 => created.range(AGE, 500, 900),
                2 => created.concurrency(1),
                3 => created.daily_budget(bid),
                4 => created.pays(PayTerm::After { seconds: Seconds(90), from: ClockStart::Connect }),
                5 => created.vertical(VerticalId(1)),
                _ => created,
            };
            crowd.apply(created);
            match number % 53 {
                0 => crowd.apply(PauseProfile::new(buyer, id)),
                1 => crowd.apply(AlsoWants::of(buyer, id, 2).range(AGE, 30, 50)),
                2 if number < 800 => {
                    crowd.apply(SetModifiers::of(buyer, id).range(AGE, (0, 100), Change::Add(usd("1"))));
                }
                3 => crowd.apply(SetBid::new(buyer, id, None, Stamp::new(SESSION, number + 1))),
                _ => {}
            }
        }
        crowd
    }

    fn apply<'a>(&mut self, command: impl Into<Command<'a>>) {
        let command = command.into();
        let done = self.exchange.apply(NOW, &command, &mut self.events);
        assert!(done.is_ok(), "{done:?}: {command:?}");
    }

    fn pay(&mut self, account: AccountId, amount: &str) {
        self.movements += 1;
        self.apply(Deposit::new(account, MovementId::at(NOW, self.movements), usd(amount)));
    }

    /// Offers a call, having counted its candidates before, and counts them again after.
    fn offer(&mut self, listing: ListingId) -> CallId {
        self.calls += 1;
        let offer = OfferCall::new(SELLER, CallId::at(NOW, self.calls), listing).number(AGE, 40);
        let mut folded = RuleCounts::default();
        let told = self.exchange.explain_offer(NOW, &offer, &mut |said| folded.add(&said.verdict));
        assert_eq!(self.exchange.explain_offer_counts(NOW, &offer), told.map(|()| folded));
        self.apply(offer);
        self.count();
        offer.call
    }

    fn count(&self) {
        assert_eq!(self.exchange.check(), Ok(()));
        for (seller, call) in self.exchange.call_ids() {
            let mut folded = RuleCounts::default();
            let told = self.exchange.explain(seller, call, &mut |said| folded.add(&said.verdict));
            assert_eq!(self.exchange.explain_counts(seller, call), told.map(|()| folded), "{call:?}");
        }
    }
}

#[test]
fn a_crowd_is_counted_as_it_is_told() {
    let mut crowd = Crowd::gather();
    let early = PayTerm::OnConnect;
    let listings = [
        CreateListing::of(SELLER, ListingId(1)),
        CreateListing::of(SELLER, ListingId(2)).reserve(usd("9")).second_price(usd("1")),
        CreateListing::of(SELLER, ListingId(3)).pays_out(Payout::Share(BasisPoints(8_000)), early).margin_min(usd("2")),
        // Of what it pays in advance the platform has too little for the higher bids.
        CreateListing::of(SELLER, ListingId(4)).pays_out(Payout::Share(BasisPoints(7_000)), early),
        CreateListing::of(SELLER, ListingId(5)).open(),
    ];
    for listing in listings {
        crowd.apply(listing);
    }
    for round in 0..3 {
        for listing in 1..=5 {
            crowd.offer(ListingId(listing));
        }
        // From now on the crowd stands in order; then some have less than they bid.
        while crowd.exchange.maintain(1_000) {}
        crowd.count();
        for number in 0..7 {
            crowd.movements += 1;
            let (from, id) = (buyer(9 * number + round), MovementId::at(NOW, crowd.movements));
            let has = crowd.exchange.account(from).expect("it is open");
            crowd.apply(Withdraw::new(from, id, has.balance - has.held - usd("7")));
        }
        crowd.count();
    }
}

/// The call comes back, rings elsewhere, and its first buyer's profile is one of those it has been at.
#[test]
fn a_crowd_is_counted_when_the_call_was_elsewhere() {
    let mut crowd = Crowd::gather();
    crowd.apply(CreateListing::of(SELLER, ListingId(1)));
    while crowd.exchange.maintain(1_000) {}
    let call = crowd.offer(ListingId(1));
    for attempt in 1..=3 {
        let report = LegReport { attempt, ..LegReport::first(Clocks::default()) };
        let stamp = Stamp::new(SESSION, u64::from(attempt));
        crowd.apply(ReportFailed::new(SELLER, call, report, Reason::NoAnswer, stamp));
        crowd.count();
    }
}
