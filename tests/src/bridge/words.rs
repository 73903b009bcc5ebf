//! The small words that both languages have, one for the other.

use dce_engine::prelude::*;

use crate::twin::action;

/// What a deal of the twin's says, as the engine tells it.
#[must_use]
pub fn deal_price(price: action::DealPrice) -> DealPrice {
    match price {
        action::DealPrice::Reserve => DealPrice::Reserve,
        action::DealPrice::Floor(amount) => DealPrice::Floor(amount),
        action::DealPrice::Fixed(amount) => DealPrice::Fixed(amount),
    }
}

pub(super) fn modifier(modifier: &action::Modifier) -> Modifier {
    let value = match modifier.value {
        action::ModifierValue::Code(code) => ModifierValue::Code(code),
        action::ModifierValue::Flag(flag) => ModifierValue::Flag(flag),
        action::ModifierValue::Range { low, high } => ModifierValue::Range { low, high },
    };
    let change = match modifier.change {
        action::Change::Multiply(times) => Change::Multiply(times),
        action::Change::Add(amount) => Change::Add(amount),
    };
    Modifier { attribute: modifier.attribute, value, change }
}

/// The twin's scope in the engine's words.
#[must_use]
pub fn to_quota_scope(scope: action::QuotaScope) -> QuotaScope {
    match scope {
        action::QuotaScope::Account => QuotaScope::Account,
        action::QuotaScope::Profile(profile) => QuotaScope::Profile(profile),
        action::QuotaScope::Listing(listing) => QuotaScope::Listing(listing),
        action::QuotaScope::Group(group) => QuotaScope::Group(group),
    }
}

pub(super) fn from_quota_scope(scope: QuotaScope) -> action::QuotaScope {
    match scope {
        QuotaScope::Account => action::QuotaScope::Account,
        QuotaScope::Profile(profile) => action::QuotaScope::Profile(profile),
        QuotaScope::Listing(listing) => action::QuotaScope::Listing(listing),
        QuotaScope::Group(group) => action::QuotaScope::Group(group),
    }
}

pub(super) fn quota_rule(rule: &action::QuotaRule) -> QuotaRule {
    let counts = match rule.counts {
        action::Counts::Live => Counts::Live,
        action::Counts::Attempts => Counts::Attempts,
        action::Counts::Connections => Counts::Connections,
        action::Counts::Conversions => Counts::Conversions,
        action::Counts::Money => Counts::Money,
    };
    let per = match rule.per {
        action::Per::Hour => Per::Hour,
        action::Per::Day => Per::Day,
        action::Per::Month => Per::Month,
        action::Per::Ever => Per::Ever,
    };
    let pace = match rule.pace {
        action::Pace::Free => Pace::Free,
        action::Pace::Even => Pace::Even,
        action::Pace::Through(day) => Pace::Through(day),
    };
    let during = rule.during.map(|(from, to)| WeekHours { from, to });
    QuotaRule { counts, per, max: rule.max, during, pace }
}

pub(super) fn from_quota_rule(rule: &QuotaRule) -> action::QuotaRule {
    let counts = match rule.counts {
        Counts::Live => action::Counts::Live,
        Counts::Attempts => action::Counts::Attempts,
        Counts::Connections => action::Counts::Connections,
        Counts::Conversions => action::Counts::Conversions,
        Counts::Money => action::Counts::Money,
    };
    let per = match rule.per {
        Per::Hour => action::Per::Hour,
        Per::Day => action::Per::Day,
        Per::Month => action::Per::Month,
        Per::Ever => action::Per::Ever,
    };
    let pace = match rule.pace {
        Pace::Free => action::Pace::Free,
        Pace::Even => action::Pace::Even,
        Pace::Through(day) => action::Pace::Through(day),
    };
    action::QuotaRule { counts, per, max: rule.max, during: rule.during.map(|hours| (hours.from, hours.to)), pace }
}

pub(super) fn to_stamp(stamp: action::Stamp) -> Stamp {
    Stamp::new(stamp.session, stamp.number)
}

pub(super) fn to_role(role: action::Role) -> Role {
    match role {
        action::Role::Buyer => Role::Buyer,
        action::Role::Seller => Role::Seller,
        action::Role::Platform => Role::Platform,
        action::Role::World => Role::World,
    }
}

pub(super) fn from_role(role: Role) -> action::Role {
    match role {
        Role::Buyer => action::Role::Buyer,
        Role::Seller => action::Role::Seller,
        Role::Platform => action::Role::Platform,
        Role::World => action::Role::World,
    }
}

pub(super) fn to_leg(leg: action::Leg) -> Leg {
    match leg {
        action::Leg::ConsumerInbound => Leg::ConsumerInbound,
        action::Leg::OutboundTransfer => Leg::OutboundTransfer,
        action::Leg::Callback => Leg::Callback,
    }
}

pub(super) fn to_scope(scope: action::Scope) -> CallerScope {
    match scope {
        action::Scope::Account => CallerScope::Account,
        action::Scope::Profile(profile) => CallerScope::Profile(profile),
        action::Scope::Listing(listing) => CallerScope::Listing(listing),
    }
}

pub(super) fn from_scope(scope: CallerScope) -> action::Scope {
    match scope {
        CallerScope::Account => action::Scope::Account,
        CallerScope::Profile(profile) => action::Scope::Profile(profile),
        CallerScope::Listing(listing) => action::Scope::Listing(listing),
    }
}

pub(super) fn to_on(on: action::DuplicateOn) -> DuplicateOn {
    match on {
        action::DuplicateOn::Incoming => DuplicateOn::Incoming,
        action::DuplicateOn::Connect => DuplicateOn::Connect,
        action::DuplicateOn::Convert => DuplicateOn::Convert,
    }
}

pub(super) fn to_anonymous(anonymous: action::Anonymous) -> AnonymousCallers {
    match anonymous {
        action::Anonymous::OneCaller => AnonymousCallers::OneCaller,
        action::Anonymous::Distinct => AnonymousCallers::Distinct,
        action::Anonymous::Refused => AnonymousCallers::Refused,
    }
}

pub(super) fn screen_rule(rule: &action::ScreenRule) -> ScreenRule {
    // A code that is no reason at all cannot be said; another wrong one is as good.
    let reason = Reason::from_code(rule.reason).unwrap_or(Reason::Completed);
    ScreenRule { leg: rule.leg.map(to_leg), clause: clause(&rule.clause), unless: rule.unless, reason }
}

pub(super) fn to_term(term: action::Term) -> PayTerm {
    match term {
        action::Term::OnConnect => PayTerm::OnConnect,
        action::Term::After { seconds, from } => {
            let from = match from {
                action::ClockStart::Incoming => ClockStart::Incoming,
                action::ClockStart::Dial => ClockStart::Dial,
                action::ClockStart::Connect => ClockStart::Connect,
            };
            PayTerm::After { seconds, from }
        }
    }
}

pub(super) fn to_listing(seller: AccountId, listing: ListingId, terms: &action::ListingTerms) -> CreateListing {
    CreateListing {
        seller,
        listing,
        vertical: terms.vertical,
        pricing: if terms.second_price { PricingRule::SecondPrice } else { PricingRule::FirstPrice },
        reserve: terms.reserve,
        increment: terms.increment,
        payout: match terms.payout {
            action::Payout::Fixed(amount) => Payout::Fixed(amount),
            action::Payout::Share(share) => Payout::Share(share),
        },
        payout_term: to_term(terms.payout_term),
        margin_min: terms.margin_min,
        duration_max: terms.duration_max,
        open: terms.open,
        withdrawable: terms.withdrawable,
        hours: terms.hours,
    }
}

pub(super) fn kind(kind: action::Kind) -> Kind {
    match kind {
        action::Kind::Category { values_max } => Kind::Category { values_max },
        action::Kind::Set { values_max } => Kind::Set { values_max },
        action::Kind::Integer { decimals, low, high } => Kind::Integer { decimals, low, high },
        action::Kind::Boolean => Kind::Boolean,
        action::Kind::Point => Kind::Point,
    }
}

pub(super) fn fact(fact: &action::Fact) -> Fact {
    match fact.value {
        action::FactValue::Code(code) => Fact::value(fact.attribute, code),
        action::FactValue::Number(number) => Fact::number(fact.attribute, number),
        action::FactValue::Flag(flag) => Fact::flag(fact.attribute, flag),
        action::FactValue::Place(place) => Fact::place(fact.attribute, place),
    }
}

pub(super) fn clause(clause: &action::Clause) -> Clause {
    let test = match clause.test {
        action::Test::AnyOf { count } => Test::AnyOf { count },
        action::Test::NoneOf { count } => Test::NoneOf { count },
        action::Test::InSet { set } => Test::InSet { set },
        action::Test::NotInSet { set } => Test::NotInSet { set },
        action::Test::Range { low, high } => Test::Range { low, high },
        action::Test::Is { value } => Test::Is { value },
        action::Test::Near { centre, radius } => Test::Near { centre, radius },
    };
    Clause { attribute: clause.attribute, test }
}

pub(super) fn dial_target((address, ring): &(Vec<u8>, Millis)) -> DialTarget {
    DialTarget { destination: Destination::new(address).unwrap_or_default(), ring: *ring }
}

pub(super) fn to_policy(policy: action::Policy) -> Policy {
    match policy {
        action::Policy::HighestScore => Policy::HighestScore,
        action::Policy::WeightedShare => Policy::WeightedShare,
        action::Policy::RoundRobin => Policy::RoundRobin,
        action::Policy::Skill => Policy::Skill,
        action::Policy::CostQuality => Policy::CostQuality,
        action::Policy::ExpectedValue { segment, explore } => Policy::ExpectedValue { segment, explore },
    }
}

pub(super) fn skill_level((skill, level): &action::Skill) -> SkillLevel {
    SkillLevel::new(SkillId(*skill), *level)
}
