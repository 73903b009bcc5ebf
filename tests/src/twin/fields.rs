//! What is judged before anything is looked up: lengths of lists (10xx) and fields (11xx), the lowest code first.

use dce_engine::units::{BasisPoints, GeoPoint, Metres, Millis, Money, Seconds, Timestamp};

use super::Twin;
use super::action::{
    Action, Answering, Change, Clause, Counts, DealPrice, Delivery, Holiday, Kind, ListingTerms, Modifier,
    ModifierValue, Pace, Payout, Per, Policy, ProfileTerms, QuotaRule, Report, Role, Skill, Term, Test,
};
use super::codes::{Refusal, Why, refusal, why};
use dce_engine::ids::{AccountId, ValueCode};

const SECONDS_A_DAY: u32 = 86_400;
const WINDOW_MAX: u32 = 400 * SECONDS_A_DAY;
const OFFSET_SECONDS_MAX: u32 = 16 * 3_600;

fn unless(broken: bool, refusal: Refusal) -> Result<(), Refusal> {
    if broken { Err(refusal) } else { Ok(()) }
}

fn name_is_bad(name: &str) -> bool {
    name.is_empty() || name.len() > 64
}

fn term_is_bad(term: Term) -> bool {
    matches!(term, Term::After { seconds, .. } if seconds.0 > SECONDS_A_DAY)
}

fn is_amount(amount: Money) -> bool {
    amount.micros() >= 1 && amount <= Money::AMOUNT_MAX
}

fn is_amount_or_zero(amount: Money) -> bool {
    amount.micros() >= 0 && amount <= Money::AMOUNT_MAX
}

impl Twin {
    /// `CommandTooLarge`: a list is longer than its limit.
    pub(super) fn check_lengths(&self, action: &Action) -> Result<(), Refusal> {
        let too_large = match action {
            Action::LoadValueSet { values, .. } => values.len() > 512,
            Action::SetZone { transitions, .. } => transitions.len() > 16,
            Action::SetCalendar { spans, holidays, .. } => spans.len() > 32 || holidays.len() > 64,
            Action::SetPolicy { requires, .. } => requires.len() > 4,
            Action::SetSkills { skills, .. } => skills.len() > 8,
            Action::SetQuota { rules, .. } => rules.len() > 12,
            Action::RegisterCall { facts, chain, .. }
            | Action::OfferCall { facts, chain, .. }
            | Action::QuoteCall { facts, chain, .. } => facts.len() > 64 || chain.len() > 8,
            Action::CreateProfile { terms, .. } => {
                self.wishes_too_large(&terms.clauses, &terms.values) || terms.destinations.len() > 4
            }
            Action::AlsoWants { clauses, values, .. } => self.wishes_too_large(clauses, values),
            Action::SetModifiers { modifiers, .. } => modifiers.len() > 16,
            Action::SetScreen { rules, values, .. } => {
                let counted: usize = rules.iter().map(|rule| rule.clause.test.listed()).sum();
                rules.len() > 8 || values.len() > 64 || counted != values.len()
            }
            _ => false,
        };
        unless(too_large, refusal::COMMAND_TOO_LARGE)
    }

    fn wishes_too_large(&self, clauses: &[Clause], values: &[ValueCode]) -> bool {
        let count = |clause: &Clause| match clause.test {
            Test::AnyOf { count } | Test::NoneOf { count } => usize::from(count),
            _ => 0,
        };
        let counted: usize = clauses.iter().map(count).sum();
        clauses.len() > usize::from(self.capacities.clauses_max)
            || values.len() > usize::from(self.capacities.clause_values_max)
            || counted != values.len()
    }

    /// The 11xx refusals, in order of their codes.
    pub(super) fn check_fields(&self, at: Timestamp, action: &Action) -> Result<(), Refusal> {
        match action {
            Action::DeclareAttribute { kind, name, .. } => {
                let bad_kind = match *kind {
                    Kind::Category { values_max } | Kind::Set { values_max } => !(1..=65_535).contains(&values_max),
                    Kind::Integer { decimals, low, high } => decimals > 9 || low >= high,
                    Kind::Boolean | Kind::Point => false,
                };
                unless(bad_kind, refusal::VALUE_OUT_OF_RANGE)?;
                unless(name_is_bad(name), refusal::TEXT_OUT_OF_RANGE)
            }
            Action::DefineValue { name, .. } => unless(name_is_bad(name), refusal::TEXT_OUT_OF_RANGE),
            Action::LoadValueSet { total, offset, values, .. } => {
                let end = u64::from(*offset) + values.len() as u64;
                unless(values.is_empty() || end > u64::from(*total), refusal::VALUE_OUT_OF_RANGE)
            }
            Action::SetZone { zone, transitions } => {
                let bad = zone.0 >= self.capacities.zones_max
                    || transitions.is_empty()
                    || transitions
                        .iter()
                        .any(|(at, offset)| offset.unsigned_abs() > OFFSET_SECONDS_MAX || *at > Timestamp::MAX);
                unless(bad, refusal::VALUE_OUT_OF_RANGE)
            }
            Action::OpenAccount { account, role, deposit, .. } => {
                unless(!is_amount_or_zero(*deposit), refusal::AMOUNT_OUT_OF_RANGE)?;
                unless(!matches!(role, Role::Buyer | Role::Seller), refusal::VALUE_OUT_OF_RANGE)?;
                unless(*account == AccountId::PLATFORM || *account == AccountId::WORLD, refusal::ACCOUNT_RESERVED)
            }
            Action::SetHome { account, .. } | Action::CloseAccount { account } => {
                unless(*account == AccountId::PLATFORM || *account == AccountId::WORLD, refusal::ACCOUNT_RESERVED)
            }
            Action::Deposit { account, movement, amount } | Action::Withdraw { account, movement, amount } => {
                unless(!is_amount(*amount), refusal::AMOUNT_OUT_OF_RANGE)?;
                unless(*account == AccountId::WORLD, refusal::ACCOUNT_RESERVED)?;
                self.check_id_time(at, movement.time())
            }
            Action::SetCalendar { account, spans, holidays, .. } => {
                let bad_span = |(from, to): &(u16, u16)| from >= to || *to > 10_080;
                let bad_holiday = |day: &Holiday| {
                    let closed = day.from == 0 && day.to == 0;
                    day.last < day.first || !(closed || day.from < day.to && day.to <= 1_440)
                };
                let bad = spans.iter().any(bad_span) || holidays.iter().any(bad_holiday);
                unless(bad, refusal::VALUE_OUT_OF_RANGE)?;
                unless(*account == AccountId::PLATFORM || *account == AccountId::WORLD, refusal::ACCOUNT_RESERVED)
            }
            Action::SetDuplicates { account, window, .. } => {
                unless(window.0 > WINDOW_MAX, refusal::VALUE_OUT_OF_RANGE)?;
                unless(*account == AccountId::PLATFORM || *account == AccountId::WORLD, refusal::ACCOUNT_RESERVED)
            }
            Action::SetFrequency { account, calls_max, window, .. } => {
                let bad = window.0 > WINDOW_MAX || window.0 > 0 && (*calls_max == 0 || *calls_max > 15);
                unless(bad, refusal::VALUE_OUT_OF_RANGE)?;
                unless(*account == AccountId::WORLD, refusal::ACCOUNT_RESERVED)
            }
            Action::SetSuppression { account, subject, until } => {
                let bad = subject.0 == 0 || until.is_some_and(|until| until > Timestamp::MAX);
                unless(bad, refusal::VALUE_OUT_OF_RANGE)?;
                unless(*account == AccountId::WORLD, refusal::ACCOUNT_RESERVED)
            }
            Action::SetScreen { account, rules, .. } => {
                let screens = |reason: Why| matches!(reason, 509..=512 | 570..=573 | 575..=579);
                let bad = rules.iter().any(|rule| test_is_bad(rule.clause.test) || !screens(rule.reason));
                unless(bad, refusal::VALUE_OUT_OF_RANGE)?;
                unless(*account == AccountId::WORLD, refusal::ACCOUNT_RESERVED)
            }
            Action::SetQuota { account, rules, spacing, hours, .. } => {
                let money = rules.iter().filter(|rule| rule.counts == Counts::Money);
                let bad_money = |rule: &QuotaRule| !is_amount_or_zero(Money::from_micros(rule.max));
                unless(money.into_iter().any(bad_money), refusal::AMOUNT_OUT_OF_RANGE)?;
                let paces = rules.iter().filter(|rule| rule.pace != Pace::Free).count();
                let bad = rules.iter().any(quota_rule_is_bad)
                    || paces > 1
                    || hours.is_some() && paces == 0
                    || *spacing == Some(Millis(0));
                unless(bad, refusal::VALUE_OUT_OF_RANGE)?;
                unless(*account == AccountId::PLATFORM || *account == AccountId::WORLD, refusal::ACCOUNT_RESERVED)
            }
            Action::SetPolicy { policy, price, requires, .. } => {
                unless(price.is_some_and(|price| !is_amount(price)), refusal::AMOUNT_OUT_OF_RANGE)?;
                let explores = matches!(policy, Policy::ExpectedValue { explore, .. } if explore.0 > 10_000);
                unless(explores || requires.iter().any(level_is_bad), refusal::VALUE_OUT_OF_RANGE)
            }
            Action::RankProfile { weight, quality, prior: (met, of), .. } => {
                let weight_can_be = *weight >= 1 && *weight <= 10_000;
                let prior_can_be = *of >= 1 && *of <= 10_000 && met <= of;
                unless(!weight_can_be || !prior_can_be || quality.0 > 10_000, refusal::VALUE_OUT_OF_RANGE)
            }
            Action::SetSkills { skills, .. } => unless(skills.iter().any(level_is_bad), refusal::VALUE_OUT_OF_RANGE),
            Action::CreateListing { terms, .. } => self.check_listing(terms),
            Action::SetWindow { answer_within, .. } => unless(answer_within.0 > 60_000, refusal::VALUE_OUT_OF_RANGE),
            Action::SetDelivery { terms, .. } => check_delivery(terms),
            Action::CreateProfile { terms, .. } => self.check_profile(terms),
            Action::SetDeal { price, .. } => {
                let bad = match *price {
                    Some(DealPrice::Floor(floor)) => !is_amount_or_zero(floor),
                    Some(DealPrice::Fixed(fixed)) => !is_amount(fixed),
                    Some(DealPrice::Reserve) | None => false,
                };
                unless(bad, refusal::AMOUNT_OUT_OF_RANGE)
            }
            Action::SetModifiers { max, modifiers, .. } => {
                let bad_amount = |modifier: &Modifier| {
                    let Change::Add(amount) = modifier.change else { return false };
                    amount == Money::ZERO || amount > Money::AMOUNT_MAX || amount < Money::ZERO - Money::AMOUNT_MAX
                };
                let bad = max.is_some_and(|max| !is_amount(max)) || modifiers.iter().any(bad_amount);
                unless(bad, refusal::AMOUNT_OUT_OF_RANGE)?;
                let bad_value = |modifier: &Modifier| {
                    matches!(modifier.value, ModifierValue::Range { low, high } if low >= high)
                        || matches!(modifier.change, Change::Multiply(times) if times > 1_000_000)
                };
                unless(modifiers.iter().any(bad_value), refusal::VALUE_OUT_OF_RANGE)
            }
            Action::AlsoWants { nth, clauses, .. } => {
                let bad = !(2..=8).contains(nth) || clauses.iter().any(|clause| test_is_bad(clause.test));
                unless(bad, refusal::VALUE_OUT_OF_RANGE)
            }
            Action::SetAnswering { terms, .. } => unless(answering_is_bad(*terms), refusal::VALUE_OUT_OF_RANGE),
            Action::SetBid { amount, .. } => {
                unless(amount.is_some_and(|amount| !is_amount(amount)), refusal::AMOUNT_OUT_OF_RANGE)
            }
            Action::RegisterCall { call, .. } => self.check_id_time(at, call.time()),
            Action::OfferCall { call, window, reserve, .. } => {
                check_auction(*window, *reserve)?;
                self.check_id_time(at, call.time())
            }
            Action::QuoteCall { call, reserve, life, .. } => {
                check_auction(None, *reserve)?;
                unless(life.0 == 0 || life.0 > 600_000, refusal::VALUE_OUT_OF_RANGE)?;
                self.check_id_time(at, call.time())
            }
            Action::OpenAuction { window, reserve, .. } => check_auction(Some(*window), *reserve),
            Action::PlaceBid { amount, valid_for, .. } => {
                unless(!is_amount(*amount), refusal::AMOUNT_OUT_OF_RANGE)?;
                unless(valid_for.0 == 0 || valid_for.0 > 3_600_000, refusal::VALUE_OUT_OF_RANGE)
            }
            Action::Report { what: Report::Failed(failure), .. } => {
                unless(![why::NO_ANSWER, why::BUSY, why::DIAL_FAILED].contains(failure), refusal::VALUE_OUT_OF_RANGE)
            }
            _ => Ok(()),
        }
    }

    /// UUIDv7, not older than the retention, not more than a minute ahead.
    fn check_id_time(&self, at: Timestamp, inside: Option<Timestamp>) -> Result<(), Refusal> {
        let Some(time) = inside else { return Err(refusal::ID_NOT_UUID7) };
        unless(time + Seconds(self.capacities.retention_seconds) <= at, refusal::ID_TOO_OLD)?;
        unless(time > at + Seconds(60), refusal::ID_TOO_NEW)
    }

    fn check_listing(&self, terms: &ListingTerms) -> Result<(), Refusal> {
        let fixed = match terms.payout {
            Payout::Fixed(amount) => amount,
            Payout::Share(_) => Money::ZERO,
        };
        let amounts = [terms.reserve, terms.increment, terms.margin_min, fixed];
        unless(amounts.iter().any(|amount| !is_amount_or_zero(*amount)), refusal::AMOUNT_OUT_OF_RANGE)?;
        let bad = matches!(terms.payout, Payout::Share(share) if share > BasisPoints::WHOLE)
            || term_is_bad(terms.payout_term)
            || terms.duration_max.0 == 0
            || terms.duration_max.0 > SECONDS_A_DAY
            || terms.vertical.0 >= self.capacities.verticals_max;
        unless(bad, refusal::VALUE_OUT_OF_RANGE)?;
        let impossible = terms.payout == Payout::Share(BasisPoints::WHOLE) && terms.margin_min > Money::ZERO;
        unless(impossible, refusal::TERMS_IMPOSSIBLE)
    }

    fn check_profile(&self, terms: &ProfileTerms) -> Result<(), Refusal> {
        let amounts = [terms.bid, terms.caps.daily_budget];
        unless(amounts.iter().flatten().any(|amount| !is_amount(*amount)), refusal::AMOUNT_OUT_OF_RANGE)?;
        let caps = terms.caps;
        let bad = terms.tier == 0
            || caps.concurrency == Some(0)
            || [caps.hourly, caps.daily, caps.total].contains(&Some(0))
            || term_is_bad(terms.pay_term)
            || terms.destinations.iter().any(|(_, ring)| ring.0 == 0 || ring.0 > 300_000)
            || terms.vertical.0 >= self.capacities.verticals_max
            || terms.clauses.iter().any(|clause| test_is_bad(clause.test));
        unless(bad, refusal::VALUE_OUT_OF_RANGE)?;
        let no_address = terms.destinations.is_empty()
            || terms.destinations.iter().any(|(address, _)| address.is_empty() || address.len() > 64);
        unless(no_address, refusal::TEXT_OUT_OF_RANGE)
    }
}

fn level_is_bad((_, level): &Skill) -> bool {
    *level < 1 || *level > 100
}

fn check_auction(window: Option<Millis>, reserve: Option<Money>) -> Result<(), Refusal> {
    unless(reserve.is_some_and(|reserve| !is_amount_or_zero(reserve)), refusal::AMOUNT_OUT_OF_RANGE)?;
    unless(window.is_some_and(|window| window.0 == 0 || window.0 > 60_000), refusal::VALUE_OUT_OF_RANGE)
}

fn check_delivery(terms: &Delivery) -> Result<(), Refusal> {
    let bad = terms.recover_below.0 > SECONDS_A_DAY
        || terms.recoveries_max > 5
        || (terms.recover_below.0 == 0) != (terms.recoveries_max == 0)
        || terms.fallback.as_ref().is_some_and(|(_, ring)| ring.0 == 0 || ring.0 > 300_000);
    unless(bad, refusal::VALUE_OUT_OF_RANGE)?;
    let no_address = terms.fallback.as_ref().is_some_and(|(address, _)| address.is_empty() || address.len() > 64);
    unless(no_address, refusal::TEXT_OUT_OF_RANGE)
}

fn answering_is_bad(terms: Answering) -> bool {
    let bad_rule = |(calls, within): &(u8, Seconds)| match *calls {
        0 => within.0 != 0,
        1..=8 => within.0 == 0 || within.0 > SECONDS_A_DAY,
        _ => true,
    };
    terms.bid_within.0 > 60_000 || terms.reject_within.0 > 90 || terms.pause_after.iter().any(bad_rule)
}

fn test_is_bad(test: Test) -> bool {
    match test {
        Test::Range { low, high } => low >= high,
        Test::Near { centre, radius } => !place_is_valid(centre) || radius.0 == 0 || radius > Metres(500_000),
        Test::AnyOf { .. } | Test::NoneOf { .. } | Test::InSet { .. } | Test::NotInSet { .. } | Test::Is { .. } => {
            false
        }
    }
}

fn quota_rule_is_bad(rule: &QuotaRule) -> bool {
    let bad_max = rule.counts != Counts::Money && !(0..=4_294_967_295).contains(&rule.max);
    let bad_period = rule.counts == Counts::Live && rule.per != Per::Ever;
    let bad_hours = rule
        .during
        .is_some_and(|(from, to)| from >= to || to > 168 || !(rule.counts == Counts::Live || rule.per == Per::Hour));
    let bad_pace = match rule.pace {
        Pace::Free => false,
        Pace::Even => rule.counts != Counts::Money || !matches!(rule.per, Per::Day | Per::Month),
        Pace::Through(day) => rule.counts != Counts::Money || rule.per != Per::Ever || day > 13_343_997,
    };
    bad_max || bad_period || bad_hours || bad_pace
}

/// Whether a place lies on the globe.
pub(super) fn place_is_valid(place: GeoPoint) -> bool {
    place.latitude_micro.unsigned_abs() <= 90_000_000 && place.longitude_micro.unsigned_abs() <= 180_000_000
}
