//! What a decision costs that meets a thousand profiles of one buyer, all of them out: of money, of their quota, of their
//! group's, of their pace. Prints nothing but how many calls were sold; meant to be run under a counter of instructions:
//!
//! ```sh
//! valgrind --tool=callgrind target/release/examples/dry_buyer balance 64
//! ```
//!
//! The cost of one command is the difference of two runs over the difference of their counts.

#![expect(clippy::print_stdout, reason = "a program under a counter: how many calls were sold")]

use dce_engine::prelude::*;

const DRY: AccountId = AccountId(1);
const OTHER: AccountId = AccountId(2);
const SELLER: AccountId = AccountId(3);
const PROFILES: u128 = 1_024;
const EAST: GroupId = GroupId(1);

struct Market {
    exchange: Exchange,
    events: Events,
    at: Timestamp,
    number: u64,
    sold: u64,
}

impl Market {
    fn apply<'a>(&mut self, command: impl Into<Command<'a>>) {
        self.exchange.apply(self.at, &command.into(), &mut self.events).expect("the market is right");
        self.sold += self.events.iter().filter(|event| matches!(event, Event::CallSold { .. })).count() as u64;
    }

    fn offer(&mut self) {
        self.number += 1;
        let call = CallId::at(self.at, self.number);
        self.apply(OfferCall::new(SELLER, call, ListingId(1)));
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let case = arguments.next().expect("balance, account, group, profile, pace or none");
    let commands: u64 = arguments.next().and_then(|text| text.parse().ok()).expect("how many commands");
    let limits = Limits { profiles_max: 2_048, quotas_max: 1_100, ..Limits::small() };
    let exchange = Exchange::new(Genesis::new(limits, 1, USD)).expect("the limits are possible");
    let at = Timestamp::from_seconds(1_772_900_000);
    let mut market = Market { exchange, events: Events::new(), at, number: 0, sold: 0 };
    let purse = if matches!(case.as_str(), "balance" | "deposit") { "0.50" } else { "100000" };
    market.apply(OpenAccount::buyer(DRY).deposit(usd(purse)));
    market.apply(OpenAccount::buyer(OTHER).deposit(usd("1000000")));
    market.apply(OpenAccount::seller(SELLER));
    market.apply(CreateListing::of(SELLER, ListingId(1)));
    for profile in 0..PROFILES {
        market.apply(CreateProfile::of(DRY, ProfileId(profile)).bid(usd("2")).dial(b"dry", Millis(300_000)));
        match case.as_str() {
            "group" => market.apply(SetGroup::new(DRY, ProfileId(profile), Some(EAST))),
            "profile" => {
                let rule = QuotaRule::calls(Counts::Attempts, Per::Day, 0);
                market.apply(SetQuota::new(DRY, QuotaScope::Profile(ProfileId(profile))).rule(rule));
            }
            _ => {}
        }
    }
    market.apply(CreateProfile::of(OTHER, ProfileId(1)).bid(usd("1")).dial(b"other", Millis(300_000)));
    let one = QuotaRule::calls(Counts::Attempts, Per::Day, 1);
    match case.as_str() {
        "account" | "fill" => market.apply(SetQuota::new(DRY, QuotaScope::Account).rule(one)),
        "group" => market.apply(SetQuota::new(DRY, QuotaScope::Group(EAST)).rule(one)),
        "pace" => {
            let rule = QuotaRule::money(Per::Day, usd("2000")).paced(Pace::Even);
            market.apply(SetQuota::new(DRY, QuotaScope::Account).rule(rule));
        }
        _ => {}
    }
    if matches!(case.as_str(), "account" | "group" | "pace") {
        // The last place, or the first of the line, is taken: from now on all of them are out.
        market.offer();
    }
    for number in 0..commands {
        match case.as_str() {
            // The quota is lifted and set: one more call, which takes the last place.
            "set" => {
                let rule = QuotaRule::calls(Counts::Attempts, Per::Day, number as u32 % 2);
                market.apply(SetQuota::new(DRY, QuotaScope::Account).rule(rule));
            }
            "deposit" => {
                let movement = MovementId::at(market.at, number + 1);
                market.apply(Deposit::new(DRY, movement, Money::from_micros(1)));
            }
            _ => market.offer(),
        }
    }
    println!("{} sold", market.sold);
}
