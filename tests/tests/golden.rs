//! What rules version 1 decides, for all time: a frozen stream of commands and the digest it leads to.
//!
//! The stream is made here, by arithmetic that must never change, and not by the workload of the other tests, which
//! may grow. When this test fails, a decision about somebody's money has changed: either that was not meant, or the new
//! behaviour belongs behind a higher `RULES_VERSION` with a golden file of its own (see `CONTRIBUTING.md`).

use std::fmt::Write as _;

use dce_engine::prelude::*;

const GOLDEN: &str = include_str!("../golden/rules-1.txt");
const START: Timestamp = Timestamp::from_seconds(1_764_000_000);
const STATE: AttributeId = AttributeId(0);
const TAGS: AttributeId = AttributeId(1);
const AGE: AttributeId = AttributeId(2);
const OWNER: AttributeId = AttributeId(3);
const PLACE: AttributeId = AttributeId(4);
const SELLER: AccountId = AccountId(100);
const SESSION: SessionId = SessionId(1);
const BUYERS: u64 = 12;
const CALLS: u64 = 600;

/// Knuth's MMIX generator: fixed for all time.
struct Stream(u64);

impl Stream {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

struct Market {
    exchange: Exchange,
    events: Events,
    at: Timestamp,
    stamp: u64,
    accepted: u64,
    refused: u64,
    kinds: [u64; 8],
}

impl Market {
    fn apply(&mut self, command: &Command<'_>) -> bool {
        while self.exchange.next_deadline().is_some_and(|deadline| deadline <= self.at) {
            self.exchange.apply(self.at, &Tick.into(), &mut self.events).expect("something is due");
            self.count();
        }
        let answer = self.exchange.apply(self.at, command, &mut self.events);
        self.count();
        self.accepted += u64::from(answer.is_ok());
        self.refused += u64::from(answer.is_err());
        answer.is_ok()
    }

    fn count(&mut self) {
        for event in self.events.iter() {
            let kind = match event {
                Event::CallSold { .. } => 0,
                Event::BidLost { .. } => 1,
                Event::CallUnsold { .. } => 2,
                Event::MoneyPosted { .. } => 3,
                Event::MoneyVoided { .. } => 4,
                Event::AttemptFailed { .. } => 5,
                Event::CallSealed { .. } => 6,
                _ => 7,
            };
            self.kinds[kind] += 1;
        }
    }

    fn stamp(&mut self) -> Stamp {
        self.stamp += 1;
        Stamp::new(SESSION, self.stamp)
    }

    fn set_up(&mut self, stream: &mut Stream) {
        let schema = [
            DeclareAttribute::category(STATE, "state", 8),
            DeclareAttribute::set(TAGS, "tags", 8),
            DeclareAttribute::integer(AGE, "age", 0, 18, 90),
            DeclareAttribute::boolean(OWNER, "home owner"),
            DeclareAttribute::point(PLACE, "place"),
        ];
        for attribute in schema {
            assert!(self.apply(&attribute.into()));
        }
        for code in 1..=8 {
            let name = format!("v{code}");
            assert!(self.apply(&DefineValue::new(STATE, ValueCode(code), &name).into()));
            assert!(self.apply(&DefineValue::new(TAGS, ValueCode(code), &name).into()));
        }
        let clocks = [
            Transition { at: START, offset_seconds: -7 * 3_600 },
            Transition { at: START + Seconds(4_000), offset_seconds: -8 * 3_600 },
        ];
        assert!(self.apply(&SetZone::new(ZoneId(1), &clocks).into()));
        assert!(self.apply(&OpenAccount::seller(SELLER).into()));
        assert!(self.apply(&OpenSession::new(SELLER, SESSION).into()));
        assert!(self.apply(&Deposit::new(AccountId::PLATFORM, MovementId::at(self.at, 1), usd("90")).into()));
        let ninety = PayTerm::After { seconds: Seconds(90), from: ClockStart::Connect };
        let first = CreateListing::of(SELLER, ListingId(1)).reserve(usd("3")).margin_min(usd("1"));
        let first = first.pays_out(Payout::Share(BasisPoints(7_000)), PayTerm::OnConnect);
        let second = CreateListing::of(SELLER, ListingId(2)).second_price(usd("0.25")).open().withdrawable();
        let second = second.pays_out(Payout::Fixed(usd("2")), ninety);
        assert!(self.apply(&first.into()));
        assert!(self.apply(&second.into()));
        for number in 1..=BUYERS {
            self.open_buyer(number, stream, ninety);
        }
    }

    fn open_buyer(&mut self, number: u64, stream: &mut Stream, ninety: PayTerm) {
        let buyer = AccountId(u128::from(number));
        let account = OpenAccount::buyer(buyer).zone(ZoneId(1)).deposit(Money::from_units(200));
        assert!(self.apply(&account.into()));
        assert!(self.apply(&OpenSession::new(buyer, SESSION).into()));
        let code = |stream: &mut Stream| ValueCode(1 + stream.below(8) as u32);
        let wants = [code(stream), code(stream), code(stream)];
        let mut profile = CreateProfile::of(buyer, ProfileId(1))
            .tier(1 + stream.below(2) as u8)
            .bid(Money::from_micros(3_000_000 + 250_000 * stream.below(12) as i64))
            .wants(STATE, wants)
            .concurrency(2)
            .hourly_cap(20)
            .daily_cap(60)
            .daily_budget(usd("150"))
            .dial(b"first", Millis(9_000))
            .dial(b"second", Millis(9_000));
        profile = match number % 4 {
            0 => profile.excludes(TAGS, [code(stream)]).pays(ninety),
            1 => profile.range(AGE, 25, 60).live(),
            2 => profile.is(OWNER, true).live().pays(ninety),
            _ => profile.near(PLACE, GeoPoint::new(34_000_000, -118_000_000), Metres(120_000)),
        };
        assert!(self.apply(&profile.into()));
    }

    fn play(&mut self, number: u64, stream: &mut Stream) {
        self.at = Timestamp::from_micros(self.at.micros() + 1_000_000 * (1 + stream.below(30)));
        let call = CallId::at(self.at, number);
        let listing = ListingId(1 + u128::from(stream.below(2)));
        let mut offer = OfferCall::new(SELLER, call, listing)
            .with(STATE, ValueCode(stream.below(9) as u32))
            .with(TAGS, ValueCode(1 + stream.below(8) as u32))
            .number(AGE, 18 + stream.below(70) as i64)
            .flag(OWNER, stream.below(2) == 0)
            .place(PLACE, GeoPoint::new(33_000_000 + stream.below(2_000_000) as i32, -118_000_000));
        let window = stream.below(3) == 0;
        if window {
            offer = offer.window(Millis(2_000));
        }
        self.apply(&offer.into());
        if window {
            for _ in 0..stream.below(5) {
                let buyer = AccountId(1 + u128::from(stream.below(BUYERS)));
                let amount = Money::from_micros(3_000_000 + 250_000 * stream.below(12) as i64);
                let stamp = self.stamp();
                let bid = PlaceBid::new((buyer, ProfileId(1)), (SELLER, call), amount, stamp);
                self.apply(&bid.into());
            }
            for _ in 0..stream.below(3) {
                let buyer = AccountId(1 + u128::from(stream.below(BUYERS)));
                let stamp = self.stamp();
                self.apply(&NoBid::new((buyer, ProfileId(1)), (SELLER, call), stamp).into());
            }
            self.apply(&CloseAuction::new(SELLER, call).into());
        }
        self.deliver(call, stream);
        if stream.below(10) == 0 {
            let buyer = AccountId(1 + u128::from(stream.below(BUYERS)));
            let amount = Money::from_micros(3_000_000 + 250_000 * stream.below(12) as i64);
            let stamp = self.stamp();
            self.apply(&SetBid::new(buyer, ProfileId(1), Some(amount), stamp).into());
        }
    }

    fn deliver(&mut self, call: CallId, stream: &mut Stream) {
        let begin = self.at;
        while let Some(view) = self.exchange.call(SELLER, call).filter(|view| view.state == CallState::Dialed) {
            let passed = Millis((self.at.micros_since(begin) / 1_000) as u32);
            let leg = LegReport::leg(view.attempt, 0, Clocks::new(passed, Millis(0), Millis(0)));
            let stamp = self.stamp();
            match stream.below(6) {
                0 => {
                    // Nobody reports: both destinations ring out.
                    self.at = self.at + Seconds(19);
                    self.apply(&PauseProfile::new(AccountId(1), ProfileId(9)).into());
                }
                1 => {
                    self.apply(&ReportFailed::new(SELLER, call, leg, Reason::Busy, stamp).into());
                    self.at = self.at + Seconds(10);
                    self.apply(&PauseProfile::new(AccountId(1), ProfileId(9)).into());
                }
                2 => {
                    self.apply(&CancelCall::new(SELLER, call).into());
                }
                _ => {
                    self.apply(&ReportAnswered::new(SELLER, call, leg, stamp).into());
                    let seconds = 60 + stream.below(60) as u32;
                    self.at = self.at + Seconds(seconds);
                    let since = Millis(passed.0 + seconds * 1_000);
                    let talked = Millis(seconds * 1_000);
                    let leg = LegReport::leg(view.attempt, 0, Clocks::new(since, talked, talked));
                    let stamp = self.stamp();
                    self.apply(&ReportEnded::new(SELLER, call, leg, stamp).into());
                    return;
                }
            }
        }
    }
}

fn summary() -> String {
    let limits = Limits { retention: Seconds(3_600), ..Limits::small() };
    let exchange = Exchange::new(Genesis::new(limits, 0x901d, USD)).expect("the limits are possible");
    let mut stream = Stream(1);
    let mut market =
        Market { exchange, events: Events::new(), at: START, stamp: 0, accepted: 0, refused: 0, kinds: [0; 8] };
    market.set_up(&mut stream);
    for number in 0..CALLS {
        market.play(number, &mut stream);
    }
    assert_eq!(market.exchange.check(), Ok(()));
    let [sold, lost, unsold, posted, voided, failed, sealed, other] = market.kinds;
    let mut text = String::new();
    writeln!(text, "accepted {} refused {}", market.accepted, market.refused).expect("text takes text");
    writeln!(text, "sold {sold} lost {lost} unsold {unsold} posted {posted} voided {voided}").expect("text takes text");
    writeln!(text, "failed {failed} sealed {sealed} other {other}").expect("text takes text");
    writeln!(text, "sequence {} digest {:032x}", market.exchange.sequence().0, market.exchange.digest())
        .expect("text takes text");
    text
}

#[test]
fn rules_version_1_decides_as_it_always_did() {
    assert_eq!(summary(), GOLDEN, "left is today's, right is tests/golden/rules-1.txt: read the top of this file");
}
