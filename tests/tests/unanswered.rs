//! Unanswered calls by hand: every line of `docs/market/vectors/unanswered.txt`, played on the engine.

use dce_engine::prelude::*;

const VECTORS: &str = include_str!("../../docs/market/vectors/unanswered.txt");
const START: Timestamp = Timestamp::from_seconds(1_764_000_000);
const BUYER: AccountId = AccountId(10);
const SELLER: AccountId = AccountId(20);
const PROFILE: ProfileId = ProfileId(1);
const LISTING: ListingId = ListingId(1);

struct Market {
    exchange: Exchange,
    events: Events,
    made: u64,
}

impl Market {
    fn new(rules: [PauseRule; 2]) -> Self {
        let exchange = Exchange::new(Genesis::new(Limits::small(), 7, USD)).expect("the limits are possible");
        let mut market = Self { exchange, events: Events::new(), made: 0 };
        market.apply(START, OpenAccount::buyer(BUYER).deposit(usd("500")));
        market.apply(START, OpenAccount::seller(SELLER));
        market.apply(START, OpenSession::new(SELLER, SessionId(1)));
        market.apply(START, CreateListing::of(SELLER, LISTING));
        market.apply(START, CreateProfile::of(BUYER, PROFILE).bid(usd("1")).dial(b"desk", Millis(20_000)));
        market.apply(START, SetAnswering::new(BUYER, PROFILE).pause_after(rules));
        market
    }

    fn apply<'a>(&mut self, at: Timestamp, command: impl Into<Command<'a>>) {
        while self.exchange.next_deadline().is_some_and(|deadline| deadline <= at) {
            let deadline = self.exchange.next_deadline().expect("there is one");
            self.exchange.apply(deadline, &Tick.into(), &mut self.events).expect("it is due");
        }
        let command = command.into();
        self.exchange.apply(at, &command, &mut self.events).expect("the file is right");
        assert_eq!(self.exchange.check(), Ok(()));
    }

    /// A call that is sold to the profile and then reported. Of how many unanswered calls it was the last, if it paused it.
    fn call(&mut self, at: Timestamp, is_answered: bool) -> Option<u8> {
        self.made += 1;
        let (call, stamp) = (CallId::at(at, self.made), Stamp::new(SessionId(1), 2 * self.made));
        self.apply(at, OfferCall::new(SELLER, call, LISTING));
        let leg = LegReport::first(Clocks::default());
        if is_answered {
            self.apply(at, ReportAnswered::new(SELLER, call, leg, stamp));
            self.apply(at, ReportEnded::new(SELLER, call, leg, Stamp { number: stamp.number + 1, ..stamp }));
            return None;
        }
        self.apply(at, ReportFailed::new(SELLER, call, leg, Reason::Busy, stamp));
        self.events.iter().find_map(|event| match event {
            Event::ProfileAutoPaused { unanswered, .. } => Some(*unanswered),
            _ => None,
        })
    }
}

fn rule(text: &str) -> PauseRule {
    text.split_once('/').map_or(PauseRule::NONE, |(calls, seconds)| {
        PauseRule::new(calls.parse().expect("calls"), Seconds(seconds.parse().expect("seconds")))
    })
}

/// When the profile was paused, if it was, and after how many calls.
fn play(rules: &str, moments: &str) -> String {
    let (one, other) = rules.split_once(',').expect("two rules");
    let mut market = Market::new([rule(one), rule(other)]);
    for moment in moments.split_whitespace() {
        let micros: u64 = moment.trim_start_matches(['A', 'R']).parse().expect("a moment");
        let at = Timestamp::from_micros(START.micros() + micros);
        match &moment[..1] {
            "A" => assert_eq!(market.call(at, true), None),
            "R" => {
                market.apply(at, PauseProfile::new(BUYER, PROFILE));
                market.apply(at, ResumeProfile::new(BUYER, PROFILE));
            }
            _ => {
                if let Some(calls) = market.call(at, false) {
                    return format!("paused {micros} after {calls}");
                }
            }
        }
    }
    "never".to_owned()
}

#[test]
fn a_profile_is_paused_when_the_file_says() {
    let lines = VECTORS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut played = 0;
    for line in lines {
        let parts: Vec<&str> = line.split("  ").collect();
        let [rules, moments, expected] = parts[..] else { panic!("three columns: {line}") };
        assert_eq!(play(rules, moments), expected, "{line}");
        played += 1;
    }
    assert!(played > 15, "{played} lines");
}
