//! Every step sent to a server, in order, by an operator's key.

use std::collections::VecDeque;
use std::iter;

use dce_client::{
    AccountId, AnonymousCallers, Answering, CalendarId, CallerScope, Choice, Client, ClockStart, Conjunction, Counts,
    DealPrice, Delivery, DuplicateOn, Duplicates, Error, Frequency, GroupId, Hours, Kind, Leg, ListingId,
    ModifierValue, Modifiers, Money, NewListing, NewProfile, PayTerm, Payout, Pending, Per, Policy, ProfileId, Quota,
    QuotaRule, Reason, Screen, Test, Window,
};
use dce_engine::event::Role;
use dce_engine::{Reject, terms, units};

use super::check::PAYOUT;
use super::model::{self, Calendar, ListingTerm, Order, Plan, ProfileTerm, Step, What};
use super::text::Place;
use super::{delivery, quotas};

/// Requests under way at once: the credit a server gives.
const UNDER_WAY_MAX: usize = 64;

/// What was done, of each kind of thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// For each kind, how many steps did something, and how many had been done before.
    counts: [(u64, u64); What::ALL.len()],
}

impl Loaded {
    /// Steps that did something.
    #[must_use]
    pub fn created(&self) -> u64 {
        self.counts.iter().map(|(created, _)| created).sum()
    }

    /// Steps whose thing was there, just so.
    #[must_use]
    pub fn repeated(&self) -> u64 {
        self.counts.iter().map(|(_, repeated)| repeated).sum()
    }

    /// The kinds of thing the plan has, with how many were created and how many were there.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, u64, u64)> {
        let counts = What::ALL.into_iter().zip(self.counts);
        counts.map(|(what, (created, repeated))| (what.name(), created, repeated)).filter(|(_, c, r)| c + r > 0)
    }

    fn count(&mut self, what: What, repeated: bool) {
        let (created, before) = &mut self.counts[what as usize];
        if repeated { *before += 1 } else { *created += 1 }
    }
}

/// Why a plan was not carried out to its end. Loading it again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The exchange refused a step; nothing after it was asked for, except what was on its way already.
    #[error("{}:{}: {what}; {} other steps are done", place.line, place.column, loaded.created() + loaded.repeated())]
    Refused {
        /// Where the step stands in the file.
        place: Place,
        /// What is wrong.
        what: String,
        /// What was done.
        loaded: Loaded,
    },
    /// The server went away, or sent this client away.
    #[error("{error}; {} steps are done", loaded.created() + loaded.repeated())]
    Ended {
        /// Why.
        error: Error,
        /// What was done.
        loaded: Loaded,
    },
}

/// Carries a plan out; `progress` hears how many steps of how many are done.
///
/// # Errors
///
/// The first step that was refused, or the end of the connection.
pub async fn load(client: &Client, plan: &Plan, mut progress: impl FnMut(u64, u64)) -> Result<Loaded, LoadError> {
    let mut loaded = Loaded::default();
    let mut under_way: VecDeque<(&Step, Vec<Pending>)> = VecDeque::new();
    let mut left = plan.steps.iter();
    let mut first = None;
    let (mut done, whole) = (0, plan.steps.len() as u64);
    loop {
        while first.is_none() && under_way.iter().map(|(_, answers)| answers.len()).sum::<usize>() < UNDER_WAY_MAX {
            let Some(step) = left.next() else { break };
            under_way.push_back((step, send(client, plan, step)));
        }
        let Some((step, answers)) = under_way.pop_front() else { break };
        match all(answers).await {
            Ok(repeated) => loaded.count(step.order.what(), repeated),
            // What was on its way behind a refusal may follow from it: only the first is said.
            Err(error @ Error::Refused { .. } | error @ Error::TooLarge { .. }) => {
                first.get_or_insert((step, error));
            }
            Err(error) => return Err(LoadError::Ended { error, loaded }),
        }
        done += 1;
        progress(done, whole);
    }
    let Some((step, error)) = first else { return Ok(loaded) };
    let (thing, name) = (step.order.what().name(), super::mistakes::shown(&step.name));
    let what = if error.code() == Reject::IdConflict.code() {
        format!("{thing} `{name}` is there already, and differs: what the exchange has cannot be changed by a plan")
    } else {
        format!("{thing} `{name}`: {error}")
    };
    Err(LoadError::Refused { place: step.place, what, loaded })
}

/// Whether all of a step had been done before.
async fn all(answers: Vec<Pending>) -> Result<bool, Error> {
    let mut repeated = true;
    for answer in answers {
        repeated &= answer.await?.repeated;
    }
    Ok(repeated)
}

fn send(client: &Client, plan: &Plan, step: &Step) -> Vec<Pending> {
    let operator = client.operator();
    let one = match &step.order {
        Order::Attribute(declared) => operator.declare_attribute(declared.attribute, &step.name, kind(declared.kind)),
        Order::Value { attribute, code } => operator.define_value(*attribute, *code, &step.name),
        Order::ValueSet { set, attribute, codes } => return operator.load_value_set(*set, *attribute, codes),
        Order::Zone { zone, transitions } => {
            let changes = transitions.iter().map(|(_, change)| (change.at.micros(), change.offset_seconds));
            operator.set_zone(*zone, &changes.collect::<Vec<_>>())
        }
        Order::Account(account) => {
            let id = AccountId(account.id.1);
            match account.role {
                Role::Buyer => operator.open_buyer(
                    id,
                    account.zone,
                    money(account.deposit.map_or(units::Money::ZERO, |(_, it)| it)),
                ),
                _ => operator.open_seller(id, account.zone),
            }
        }
        Order::Calendar(calendar) => operator.set_calendar(AccountId(plan.account(calendar.account)), &hours(calendar)),
        Order::Listing(listing) => {
            let terms = listing.terms.iter().map(|said| &said.term);
            let seller = AccountId(plan.account(listing.account));
            let id = ListingId(listing.id.1);
            let created = operator.create_listing(seller, &new_listing(id, terms));
            let told = listing.tells_price_to_win.map(|tells| operator.set_disclosure(seller, id, tells));
            return iter::once(created).chain(told).collect();
        }
        Order::Policy(choice) => {
            let (account, listing) = plan.made(choice.listing);
            let mut given_out = Choice::new(ListingId(listing), policy(choice.policy));
            if let Some((_, price)) = choice.price {
                given_out = given_out.price(money(price));
            }
            let skills = choice.requires.iter();
            let choice = skills.fold(given_out, |choice, (_, level)| choice.requires(level.skill.0, level.level));
            operator.set_policy(AccountId(plan.account(account)), &choice)
        }
        Order::Rank(rank) => {
            let (account, profile) = plan.made(rank.profile);
            let (weight, quality, prior) = rank.all();
            let profile = (AccountId(plan.account(account)), ProfileId(profile));
            operator.rank_profile(profile, weight, quality.0, (prior.met, prior.of))
        }
        Order::Skills(known) => {
            let (account, profile) = plan.made(known.profile);
            let skills: Vec<(u16, u8)> = known.skills.iter().map(|(_, known)| (known.skill.0, known.level)).collect();
            operator.set_skills((AccountId(plan.account(account)), ProfileId(profile)), &skills)
        }
        Order::Profile(profile) => {
            let terms = profile.terms.iter().map(|said| &said.term);
            let buyer = AccountId(plan.account(profile.account));
            operator.create_profile(buyer, &new_profile(ProfileId(profile.id.1), terms))
        }
        Order::Duplicates(rule) => operator.set_duplicates(AccountId(plan.account(rule.account)), &duplicates(rule)),
        Order::Frequency(rule) => {
            let frequency = Frequency::new(rule.calls.1, rule.window.1.0).anonymous(anonymous(rule.anonymous));
            let frequency = rule.listing.into_iter().fold(frequency, |rule, id| rule.listing(ListingId(id)));
            operator.set_frequency(AccountId(plan.account(rule.account)), &frequency)
        }
        Order::Screen(rules) => operator.set_screen(AccountId(plan.account(rules.account)), &screen(rules)),
        Order::Window(window) => {
            let (seller, listing) = made(plan, window.listing);
            let mut rule = Window::new().answer_within(window.answer_within.map_or(0, |(_, length)| length.0));
            if window.early_close {
                rule = rule.early_close();
            }
            operator.set_window(seller, ListingId(listing), rule)
        }
        Order::Private { listing } => {
            let (seller, listing) = made(plan, *listing);
            operator.set_private(seller, ListingId(listing), true)
        }
        Order::Deal(deal) => {
            let (seller, listing) = made(plan, deal.listing);
            let price = match deal.price {
                terms::DealPrice::Reserve => DealPrice::Reserve,
                terms::DealPrice::Floor(amount) => DealPrice::Floor(money(amount)),
                terms::DealPrice::Fixed(amount) => DealPrice::Fixed(money(amount)),
            };
            operator.set_deal((seller, ListingId(listing)), AccountId(plan.account(deal.buyer)), Some(price))
        }
        Order::Group(said) => {
            let buyer = AccountId(plan.account(said.account));
            operator.set_together(buyer, GroupId(said.group), said.together)
        }
        Order::Member(member) => {
            let (buyer, profile) = made(plan, member.profile);
            operator.set_group(buyer, ProfileId(profile), Some(GroupId(member.group)))
        }
        Order::Conjunction(conjunction) => {
            let (buyer, profile) = made(plan, conjunction.profile);
            let terms = conjunction.trial.terms.iter().map(|said| &said.term);
            operator.also_wants(buyer, &further(Conjunction::new(ProfileId(profile), conjunction.nth), terms))
        }
        Order::Quoting { account, firm_max } => operator.set_quoting(AccountId(plan.account(*account)), *firm_max),
        Order::Modifiers(modified) => {
            let (buyer, profile) = made(plan, modified.profile);
            let mut modifiers = Modifiers::new(ProfileId(profile));
            if let Some((_, max)) = modified.max {
                modifiers = modifiers.max(money(max));
            }
            let all = modified.modifiers.iter().map(|(_, modifier)| modifier);
            operator.set_modifiers(buyer, &all.fold(modifiers, modifier))
        }
        Order::Delivery(said) => {
            let (seller, listing) = made(plan, said.listing);
            operator.set_delivery(seller, &comes_back(ListingId(listing), said))
        }
        Order::Answering(said) => {
            let (buyer, profile) = made(plan, said.profile);
            operator.set_answering(buyer, &answers(ProfileId(profile), said))
        }
        Order::Quota(said) => operator.set_quota(AccountId(plan.account(said.account)), &quota(said)),
    };
    vec![one]
}

fn duplicates(rule: &model::Duplicates) -> Duplicates {
    let scope = match rule.scope {
        terms::CallerScope::Account => CallerScope::Account,
        terms::CallerScope::Profile(profile) => CallerScope::Profile(ProfileId(profile.0)),
        terms::CallerScope::Listing(listing) => CallerScope::Listing(ListingId(listing.0)),
    };
    let on = match rule.on {
        terms::DuplicateOn::Incoming => DuplicateOn::Incoming,
        terms::DuplicateOn::Connect => DuplicateOn::Connect,
        terms::DuplicateOn::Convert => DuplicateOn::Convert,
    };
    Duplicates::new(scope, rule.window.1.0).on(on).anonymous(anonymous(rule.anonymous))
}

const fn anonymous(anonymous: terms::AnonymousCallers) -> AnonymousCallers {
    match anonymous {
        terms::AnonymousCallers::OneCaller => AnonymousCallers::OneCaller,
        terms::AnonymousCallers::Distinct => AnonymousCallers::Distinct,
        terms::AnonymousCallers::Refused => AnonymousCallers::Refused,
    }
}

fn screen(said: &model::Screen) -> Screen {
    let screen = said.listing.into_iter().fold(Screen::new(), |screen, id| screen.listing(ListingId(id)));
    let screen = said.rules.iter().fold(screen, |screen, (_, rule)| {
        let leg = rule.leg.map(|leg| match leg {
            terms::Leg::ConsumerInbound => Leg::ConsumerInbound,
            terms::Leg::OutboundTransfer => Leg::OutboundTransfer,
            terms::Leg::Callback => Leg::Callback,
        });
        let (reason, attribute) = (Reason(rule.reason.code()), rule.clause.attribute.0);
        let asked = test(rule.clause.test);
        if rule.unless {
            screen.require(reason, leg, attribute, asked)
        } else {
            screen.refuse(reason, leg, attribute, asked)
        }
    });
    screen.values(said.values.iter().copied())
}

/// Whose the listing or the profile of a step is, and its id.
fn made(plan: &Plan, step: usize) -> (AccountId, u128) {
    let (account, id) = plan.made(step);
    (AccountId(plan.account(account)), id)
}

/// A conjunction is said in the terms of a profile's targeting.
fn further<'t>(conjunction: Conjunction, terms: impl Iterator<Item = &'t ProfileTerm>) -> Conjunction {
    terms.fold(conjunction, |conjunction, term| match term {
        ProfileTerm::AnyOf(attribute, codes) => conjunction.wants(*attribute, codes.iter().copied()),
        ProfileTerm::NoneOf(attribute, codes) => conjunction.excludes(*attribute, codes.iter().copied()),
        ProfileTerm::Test(attribute, asked) => conjunction.test(*attribute, test(*asked)),
        _ => conjunction,
    })
}

fn modifier(modifiers: Modifiers, said: &terms::Modifier) -> Modifiers {
    let value = match said.value {
        terms::ModifierValue::Code(code) => ModifierValue::Code(code.0),
        terms::ModifierValue::Flag(flag) => ModifierValue::Flag(flag),
        terms::ModifierValue::Range { low, high } => ModifierValue::Range { low, high },
    };
    match said.change {
        terms::Change::Multiply(times) => modifiers.times(said.attribute.0, value, times),
        terms::Change::Add(amount) => modifiers.plus(said.attribute.0, value, money(amount)),
    }
}

fn comes_back(listing: ListingId, said: &delivery::Delivery) -> Delivery {
    let mut delivery = Delivery::new(listing);
    if let Some(((_, below), (_, times))) = said.recover {
        delivery = delivery.recover(below.0, times);
    }
    if let Some(((_, to), (_, ring))) = &said.fallback {
        delivery = delivery.fallback(to.as_bytes(), ring.0);
    }
    delivery
}

fn answers(profile: ProfileId, said: &delivery::Answering) -> Answering {
    let [bid, reject] = [said.bid_within.map(|(_, it)| it.0), said.reject_within.map(|(_, it)| it.0)];
    let [short, long] = said.rules();
    Answering::new(profile)
        .bid_within(bid.unwrap_or(0))
        .reject_within(reject.unwrap_or(0))
        .pause_after(short.unanswered, short.within.0)
        .or_after(long.unanswered, long.within.0)
}

fn quota(said: &quotas::Quota) -> Quota {
    let mut quota = match said.scope {
        terms::QuotaScope::Account => Quota::of_account(),
        terms::QuotaScope::Profile(profile) => Quota::of_profile(ProfileId(profile.0)),
        terms::QuotaScope::Listing(listing) => Quota::of_listing(ListingId(listing.0)),
        terms::QuotaScope::Group(group) => Quota::of_group(GroupId(group.0)),
    };
    if let Some((_, spacing)) = said.spacing {
        quota = quota.spacing(spacing.0);
    }
    if let Some((_, calendar)) = said.hours {
        quota = quota.hours(CalendarId(calendar));
    }
    said.all().iter().fold(quota, |quota, rule| quota.rule(quota_rule(rule)))
}

fn quota_rule(said: &terms::QuotaRule) -> QuotaRule {
    let counts = match said.counts {
        terms::Counts::Live => Counts::Live,
        terms::Counts::Attempts => Counts::Attempts,
        terms::Counts::Connections => Counts::Connections,
        terms::Counts::Conversions => Counts::Conversions,
        terms::Counts::Money => Counts::Money,
    };
    let per = match said.per {
        terms::Per::Hour => Per::Hour,
        terms::Per::Day => Per::Day,
        terms::Per::Month => Per::Month,
        terms::Per::Ever => Per::Ever,
    };
    let rule = QuotaRule::new(counts, per, said.max);
    let rule = said.during.into_iter().fold(rule, |rule, hours| rule.during(hours.from, hours.to));
    match said.pace {
        terms::Pace::Free => rule,
        terms::Pace::Even => rule.even(),
        terms::Pace::Through(day) => rule.through(day),
    }
}

fn hours(calendar: &Calendar) -> Hours {
    let (spans, holidays) = calendar.hours();
    let hours = Hours::new(CalendarId(calendar.id.1));
    let hours = spans.into_iter().fold(hours, |hours, span| hours.open(span.from_minute, span.to_minute));
    holidays.into_iter().fold(hours, |hours, holiday| {
        let (days, minutes) = ((holiday.first_day, holiday.last_day), (holiday.from_minute, holiday.to_minute));
        if minutes == (0, 0) { hours.closed(days.0, days.1) } else { hours.special_days(days, minutes) }
    })
}

fn new_listing<'t>(id: ListingId, terms: impl Iterator<Item = &'t ListingTerm>) -> NewListing {
    let (mut out, mut when) = PAYOUT;
    let listing = terms.fold(NewListing::new(id), |listing, term| match term {
        ListingTerm::Vertical(number) => listing.vertical(*number),
        ListingTerm::SecondPrice(increment) => listing.second_price(money(*increment)),
        ListingTerm::Reserve(amount) => listing.reserve(money(*amount)),
        ListingTerm::Payout(payout) => {
            out = *payout;
            listing
        }
        ListingTerm::PayoutTerm(term) => {
            when = *term;
            listing
        }
        ListingTerm::MarginMin(amount) => listing.margin_min(money(*amount)),
        ListingTerm::DurationMax(seconds) => listing.duration_max(*seconds),
        ListingTerm::Hours(calendar) => listing.hours(CalendarId(*calendar)),
        ListingTerm::Open => listing.open(),
        ListingTerm::Withdrawable => listing.withdrawable(),
    });
    let out = match out {
        terms::Payout::Fixed(amount) => Payout::Fixed(amount.micros()),
        terms::Payout::Share(share) => Payout::Share(share.0),
    };
    listing.pays_out(out, pay_term(when))
}

fn new_profile<'t>(id: ProfileId, terms: impl Iterator<Item = &'t ProfileTerm>) -> NewProfile {
    terms.fold(NewProfile::new(id), |profile, term| match term {
        ProfileTerm::Vertical(number) => profile.vertical(*number),
        ProfileTerm::Tier(tier) => profile.tier(*tier),
        ProfileTerm::Bid(amount) => profile.bid(money(*amount)),
        ProfileTerm::Pays(term) => profile.pays(pay_term(*term)),
        ProfileTerm::Concurrency(calls) => profile.concurrency(*calls),
        ProfileTerm::Hourly(calls) => profile.hourly_cap(*calls),
        ProfileTerm::Daily(calls) => profile.daily_cap(*calls),
        ProfileTerm::Total(calls) => profile.total_cap(*calls),
        ProfileTerm::DailyBudget(amount) => profile.daily_budget(money(*amount)),
        ProfileTerm::Hours(calendar) => profile.hours(CalendarId(*calendar)),
        ProfileTerm::Live => profile.live(),
        ProfileTerm::AnyOf(attribute, codes) => profile.wants(*attribute, codes.iter().copied()),
        ProfileTerm::NoneOf(attribute, codes) => profile.excludes(*attribute, codes.iter().copied()),
        ProfileTerm::Test(attribute, asked) => profile.test(*attribute, test(*asked)),
        ProfileTerm::Dial(to, ring) => profile.dial(to.as_bytes(), ring.0),
    })
}

fn money(amount: units::Money) -> Money {
    Money::from_micros(amount.micros())
}

fn policy(policy: terms::Policy) -> Policy {
    match policy {
        terms::Policy::HighestScore => Policy::HighestScore,
        terms::Policy::WeightedShare => Policy::WeightedShare,
        terms::Policy::RoundRobin => Policy::RoundRobin,
        terms::Policy::Skill => Policy::Skill,
        terms::Policy::CostQuality => Policy::CostQuality,
        terms::Policy::ExpectedValue { segment, explore } => {
            Policy::ExpectedValue { segment: segment.map(|attribute| attribute.0), explore: explore.0 }
        }
    }
}

fn kind(kind: terms::Kind) -> Kind {
    match kind {
        terms::Kind::Category { values_max } => Kind::Category { values_max },
        terms::Kind::Set { values_max } => Kind::Set { values_max },
        terms::Kind::Integer { decimals, low, high } => Kind::Integer { decimals, low, high },
        terms::Kind::Boolean => Kind::Boolean,
        terms::Kind::Point => Kind::Point,
    }
}

fn pay_term(term: terms::PayTerm) -> PayTerm {
    match term {
        terms::PayTerm::OnConnect => PayTerm::OnConnect,
        terms::PayTerm::After { seconds, from } => {
            let from = match from {
                terms::ClockStart::Incoming => ClockStart::Incoming,
                terms::ClockStart::Dial => ClockStart::Dial,
                terms::ClockStart::Connect => ClockStart::Connect,
            };
            PayTerm::After { seconds: seconds.0, from }
        }
    }
}

fn test(test: terms::Test) -> Test {
    match test {
        terms::Test::AnyOf { count } => Test::AnyOf { count },
        terms::Test::NoneOf { count } => Test::NoneOf { count },
        terms::Test::InSet { set } => Test::InSet { set: set.0 },
        terms::Test::NotInSet { set } => Test::NotInSet { set: set.0 },
        terms::Test::Range { low, high } => Test::Range { low, high },
        terms::Test::Is { value } => Test::Is { value },
        terms::Test::Near { centre, radius } => Test::Near {
            latitude_micro: centre.latitude_micro,
            longitude_micro: centre.longitude_micro,
            radius_metres: radius.0,
        },
    }
}
