//! Policies by hand: every turn of `docs/market/vectors/stride.txt`, every score of `docs/market/vectors/expected_value.txt`;
//! and a million turns against ten lines.

use dce_engine::prelude::*;

const STRIDES: &str = include_str!("../../docs/market/vectors/stride.txt");
const SCORES: &str = include_str!("../../docs/market/vectors/expected_value.txt");

const BUYER: AccountId = AccountId(10);
const SELLER: AccountId = AccountId(20);
const LISTING: ListingId = ListingId(1);
const START: Timestamp = Timestamp::from_seconds(1_764_000_000);
/// One call after the other, so slowly that what is kept of them fits.
const STEP_MICROS: u64 = 20_000;

/// A market of one buyer, whose profiles compete for the calls of one listing.
struct Market {
    exchange: Exchange,
    events: Events,
    at: Timestamp,
    made: u64,
}

impl Market {
    fn new(policy: Policy) -> Self {
        let limits = Limits { retention: Seconds(1), ..Limits::small() };
        let exchange = Exchange::new(Genesis::new(limits, 5, USD)).expect("the limits are possible");
        let mut market = Self { exchange, events: Events::new(), at: START, made: 0 };
        market.apply(OpenAccount::buyer(BUYER).deposit(Money::AMOUNT_MAX));
        market.apply(OpenAccount::seller(SELLER));
        market.apply(OpenSession::new(SELLER, SessionId(1)));
        market.apply(CreateListing::of(SELLER, LISTING));
        market.apply(SetPolicy::new(SELLER, LISTING, policy));
        market
    }

    fn apply<'a>(&mut self, command: impl Into<Command<'a>>) {
        self.exchange.apply(self.at, &command.into(), &mut self.events).expect("the market is in order");
    }

    fn profile(&mut self, number: usize, bid: Money) {
        let profile = CreateProfile::of(BUYER, ProfileId(number as u128)).bid(bid);
        self.apply(profile.dial(b"desk", Millis(300_000)));
    }

    /// Profile `number` and those after it, in row order, with these weights.
    fn weigh(&mut self, weights: &[u16]) {
        for (number, weight) in (1..).zip(weights) {
            self.profile(number, Money::from_units(1_000 - number as i32));
            self.apply(RankProfile::new(BUYER, ProfileId(number as u128)).weight(*weight));
        }
    }

    /// Sells the next call, and says to which profile.
    fn offer(&mut self) -> (CallId, usize) {
        self.at = Timestamp::from_micros(self.at.micros() + STEP_MICROS);
        while self.exchange.next_deadline().is_some_and(|due| due <= self.at) {
            self.apply(Tick);
        }
        self.made += 1;
        let call = CallId::at(self.at, self.made);
        self.apply(OfferCall::new(SELLER, call, LISTING));
        let winner = self.events.iter().find_map(|event| match event {
            Event::CallSold { profile, .. } => Some(profile.0 as usize),
            _ => None,
        });
        (call, winner.expect("somebody wants it"))
    }

    fn turn(&mut self) -> usize {
        let (call, winner) = self.offer();
        self.apply(CancelCall::new(SELLER, call));
        winner
    }

    /// A call whose price is earned, or whose caller does not wait.
    fn call(&mut self, is_met: bool) {
        let (call, _) = self.offer();
        let leg = LegReport::leg(1, 0, Clocks::default());
        let mut stamp = || {
            self.made += 1;
            Stamp::new(SessionId(1), self.made)
        };
        let (first, second) = (stamp(), stamp());
        if is_met {
            self.apply(ReportAnswered::new(SELLER, call, leg, first));
        }
        self.apply(ReportEnded::new(SELLER, call, leg, second));
    }
}

fn lines(text: &str) -> impl Iterator<Item = (&str, Vec<&str>)> {
    let spoken = text.lines().map(|line| line.split_once('#').map_or(line, |(said, _)| said));
    spoken.filter(|line| !line.trim().is_empty()).map(|line| (line, line.split_whitespace().collect()))
}

#[test]
fn every_turn_of_the_vectors_is_as_worked_out_by_hand() {
    let mut market = Market::new(Policy::WeightedShare);
    let mut turns = 0;
    for (line, words) in lines(STRIDES) {
        if words[0] == "weights" {
            let weights: Vec<u16> = words[1..].iter().map(|weight| weight.parse().expect("a weight")).collect();
            market = Market::new(Policy::WeightedShare);
            market.weigh(&weights);
            continue;
        }
        for word in words {
            let profile = |text: &str| text.parse().map(ProfileId).expect("a profile");
            if let Some(away) = word.strip_prefix('-') {
                market.apply(PauseProfile::new(BUYER, profile(away)));
            } else if let Some(back) = word.strip_prefix('+') {
                market.apply(ResumeProfile::new(BUYER, profile(back)));
            } else {
                let (times, winner) = word.split_once('x').unwrap_or(("1", word));
                for _ in 0..times.parse().expect("how often") {
                    assert_eq!(market.turn().to_string(), winner, "`{word}` of `{line}`");
                    turns += 1;
                }
            }
        }
    }
    assert_eq!(turns, 14 + 10 + 13 + 10_003 + 9 + 10, "every turn is taken");
}

/// The rule in ten lines, for profiles that are always there: the least pass, then one stride further.
struct Reference {
    passes: Vec<u64>,
    strides: Vec<u64>,
}

impl Reference {
    fn turn(&mut self) -> usize {
        let winner = (0..self.passes.len()).min_by_key(|place| self.passes[*place]).expect("there is one");
        self.passes[winner] += self.strides[winner];
        winner
    }
}

/// With *n* calls and the stride *s* of each profile: *n*·*s* of any two never differ by more than the longer stride. So after
/// any number of calls nobody is more than one turn ahead of anybody, measured in turns of whoever waits longer.
#[test]
fn a_million_turns_are_those_of_ten_lines_and_nobody_is_ever_a_turn_ahead() {
    let weights = [1, 2, 3, 10, 333, 10_000];
    let mut market = Market::new(Policy::WeightedShare);
    market.weigh(&weights);
    let strides: Vec<u64> = weights.iter().map(|weight| (1 << 32) / u64::from(*weight)).collect();
    let mut reference = Reference { passes: vec![0; weights.len()], strides: strides.clone() };
    let mut won = vec![0_u64; weights.len()];
    for turn in 0..1_000_000 {
        let winner = market.turn();
        assert_eq!(winner, reference.turn() + 1, "turn {turn}");
        won[winner - 1] += 1;
        for (one, other) in (0..weights.len()).flat_map(|one| (0..one).map(move |other| (one, other))) {
            let apart = (won[one] * strides[one]).abs_diff(won[other] * strides[other]);
            assert!(apart <= strides[one].max(strides[other]), "turn {turn}: {won:?}");
        }
    }
    // What a rounded stride is short of adds up to less than two calls in a million.
    let all: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    for (won, weight) in won.iter().zip(weights) {
        assert!((won * all).abs_diff(1_000_000 * u64::from(weight)) < 2 * all, "{won} of {weight} in {all}");
    }
}

#[test]
fn every_score_of_the_vectors_is_as_worked_out_by_hand() {
    let mut scores = 0;
    for (line, words) in lines(SCORES) {
        let mut market = Market::new(Policy::ExpectedValue { segment: None, explore: BasisPoints(0) });
        let pair = |text: &str| {
            let (one, other) = text.split_once('/').expect("<one>/<other>");
            (one.parse::<u16>().expect("a number"), other.parse::<u16>().expect("a number"))
        };
        for number in [1, 2] {
            let [bid, prior, counts] = words[number * 3 - 3..][..3] else { panic!("`{line}`") };
            let (met, of) = pair(prior);
            market.profile(number, bid.parse().expect("an amount"));
            let profile = ProfileId(number as u128);
            market.apply(RankProfile::new(BUYER, profile).prior(Prior::new(met, of)));
            // Alone on the market, it gets exactly the calls it is to be judged by.
            let (won, met) = pair(counts);
            (0..won).for_each(|call| market.call(call < met));
            market.apply(PauseProfile::new(BUYER, profile));
            let halved = won >= 1_024;
            let counted = if halved { (won / 2, met / 2) } else { (won, met) };
            let told = market.exchange.outcomes(BUYER, profile, None);
            assert_eq!(told, Some((u32::from(counted.0), u32::from(counted.1))), "`{line}`");
        }
        for number in [1, 2] {
            market.apply(ResumeProfile::new(BUYER, ProfileId(number)));
        }
        assert_eq!(market.turn().to_string(), words[6], "`{line}`");
        scores += 1;
    }
    assert_eq!(scores, 16, "every line is asked");
}

/// The walk leaves off when nobody further down can be worth as much, which is not where nobody bids as much.
#[test]
fn who_bids_half_and_answers_often_is_found_behind_hundreds_that_bid_more() {
    let mut market = Market::new(Policy::ExpectedValue { segment: None, explore: BasisPoints(0) });
    let (leader, last) = (1, 602);
    market.profile(leader, usd("10"));
    for number in 2..last {
        market.profile(number, usd("9"));
    }
    market.profile(last, usd("5"));
    for number in leader..=last {
        let met = [0, 1, 9][usize::from(number == leader) + 2 * usize::from(number == last)];
        market.apply(RankProfile::new(BUYER, ProfileId(number as u128)).prior(Prior::new(met, 10)));
    }
    while market.exchange.maintain(u32::MAX) {}
    assert_eq!(market.turn(), last, "worth 4.50, and the leader 1.00");
}

/// Of ten thousand decisions that explore 5 %, about five hundred do: the draw of docs/rules.md, 6a.
#[test]
fn exploration_takes_its_share_and_no_more() {
    let explore = BasisPoints(500);
    let mut market = Market::new(Policy::ExpectedValue { segment: None, explore });
    market.profile(1, usd("30"));
    market.profile(2, usd("20"));
    let mut explored = 0;
    // Nothing is counted of canceled calls: by score it is always the first, and so it is when little is known of both.
    for _ in 0..10_000 {
        let (call, _) = market.offer();
        let verdict = market.exchange.explain_one(SELLER, call, BUYER, ProfileId(2)).expect("it lives");
        explored += u32::from(matches!(verdict, Verdict::Lost(loss) if loss.reason == Reason::LostToExploration));
        market.apply(CancelCall::new(SELLER, call));
    }
    assert!((430..570).contains(&explored), "{explored} of 500");
}
