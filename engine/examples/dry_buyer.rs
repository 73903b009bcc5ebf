//! What a command costs that meets a thousand profiles of one buyer, all of them out: of money, of their quota, of their
//! group's, of their pace. Prints nothing but how many calls were sold; `benches/dry_buyer.sh` runs it under a counter of
//! instructions that stops at each call of `one_command`, so that the dearest command is known and not only their mean.

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

    /// Its own function, by whose name the counter knows when a command begins and ends.
    #[inline(never)]
    fn one_command(&mut self, command: &Command<'_>) {
        self.exchange.apply(self.at, command, &mut self.events).expect("the market is right");
    }

    /// A command to be counted.
    fn count<'a>(&mut self, command: impl Into<Command<'a>>) {
        self.one_command(&command.into());
        self.sold += self.events.iter().filter(|event| matches!(event, Event::CallSold { .. })).count() as u64;
    }

    fn offer(&mut self) {
        self.number += 1;
        let call = CallId::at(self.at, self.number);
        self.count(OfferCall::new(SELLER, call, ListingId(1)));
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let case = arguments.next().expect("a case: benches/dry_buyer.sh lists them");
    let commands: u64 = arguments.next().and_then(|text| text.parse().ok()).expect("how many commands");
    let limits = Limits {
        profiles_max: 2_048,
        settings_max: 2_048,
        quotas_max: 1_100,
        calls_live_max: 2_048,
        ..Limits::small()
    };
    let exchange = Exchange::new(Genesis::new(limits, 1, USD)).expect("the limits are possible");
    let at = Timestamp::from_seconds(1_772_900_000);
    let mut market = Market { exchange, events: Events::new(), at, number: 0, sold: 0 };
    let purse = if matches!(case.as_str(), "balance" | "deposit") { "0.50" } else { "100000" };
    market.apply(OpenAccount::buyer(DRY).deposit(usd(purse)));
    market.apply(OpenAccount::buyer(OTHER).deposit(usd("1000000")));
    market.apply(OpenAccount::seller(SELLER));
    market.apply(CreateListing::of(SELLER, ListingId(1)));
    for profile in 0..PROFILES {
        let dry = CreateProfile::of(DRY, ProfileId(profile)).bid(usd("2")).dial(b"dry", Millis(300_000));
        market.apply(match case.as_str() {
            "capped" | "woken" => dry.daily_cap(1),
            "budget" => dry.daily_budget(usd("2")),
            _ => dry,
        });
        match case.as_str() {
            "group" => market.apply(SetGroup::new(DRY, ProfileId(profile), Some(EAST))),
            "profile" | "spaced" => {
                let quota = SetQuota::new(DRY, QuotaScope::Profile(ProfileId(profile)));
                market.apply(if case == "spaced" {
                    quota.spacing(Millis(3_600_000))
                } else {
                    quota.rule(QuotaRule::calls(Counts::Attempts, Per::Day, 1))
                });
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
    let taken = match case.as_str() {
        // The last place, or the first of the line, is taken: from now on all of them are out.
        "account" | "group" | "pace" => 1_u128,
        // Each has taken its own.
        "profile" | "spaced" | "capped" | "budget" | "woken" => PROFILES,
        _ => 0,
    };
    for _ in 0..taken {
        market.offer();
    }
    if case == "woken" {
        // What was known of when to wake is void: every row is looked at once more.
        let transitions = [Transition { at: Timestamp::from_micros(0), offset_seconds: 3_600 }];
        market.count(SetZone::new(ZoneId(0), &transitions));
    }
    for number in 0..commands {
        match case.as_str() {
            // The quota is lifted and set: one more call, which takes the last place.
            "set" => {
                let rule = QuotaRule::calls(Counts::Attempts, Per::Day, number as u32 % 2);
                market.count(SetQuota::new(DRY, QuotaScope::Account).rule(rule));
            }
            "deposit" => {
                let movement = MovementId::at(market.at, number + 1);
                market.count(Deposit::new(DRY, movement, Money::from_micros(1)));
            }
            _ => market.offer(),
        }
    }
    println!("{} sold", market.sold);
}
