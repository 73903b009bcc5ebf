//! What the engine shows as the twin sees it, and what the twin knows as the engine tells it.

use std::collections::BTreeMap;

use dce_engine::prelude::*;

use super::words::{clause, fact, from_quota_rule, from_role, modifier};
use crate::twin::action;
use crate::twin::codes::Why;
use crate::twin::{AccountSight, CallSight, ExplainFault, ProfileSight, QuotaSight, Verdict as TwinVerdict};
use crate::twin::{standing, state};

/// What the twin knows of a call as the engine tells it: a set's elements rise, and none is told twice.
#[must_use]
pub fn facts(known: &BTreeMap<AttributeId, Vec<action::FactValue>>) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (attribute, values) in known {
        let of_one = values.iter().map(|value| fact(&action::Fact { attribute: *attribute, value: *value }));
        facts.extend(of_one);
    }
    facts.sort_by_key(|fact| match fact.value {
        FactValue::Code(code) => (fact.attribute, code.0),
        FactValue::Number(_) | FactValue::Flag(_) | FactValue::Place(_) => (fact.attribute, 0),
    });
    facts.dedup();
    facts
}

/// What a profile of the twin wants, clause by clause with its values, as the engine tells it.
#[must_use]
pub fn wishes((clauses, values): (&[action::Clause], &[ValueCode])) -> (Vec<Clause>, Vec<Vec<ValueCode>>) {
    let mut rest = values;
    let wish = |known: &action::Clause| {
        let count = match known.test {
            action::Test::AnyOf { count } | action::Test::NoneOf { count } => usize::from(count),
            _ => 0,
        };
        let (listed, after) = rest.split_at(count);
        rest = after;
        (clause(known), listed.to_vec())
    };
    clauses.iter().map(wish).unzip()
}

/// The modifiers of a profile of the twin's as the engine tells them.
#[must_use]
pub fn modifiers(modifiers: &[action::Modifier]) -> Vec<Modifier> {
    modifiers.iter().map(modifier).collect()
}

/// The hours of a calendar of the twin's as the engine tells them.
#[must_use]
pub fn hours((spans, holidays): (&[(u16, u16)], &[action::Holiday])) -> (Vec<OpenSpan>, Vec<Holiday>) {
    let holiday = |day: &action::Holiday| Holiday {
        first_day: day.first,
        last_day: day.last,
        from_minute: day.from,
        to_minute: day.to,
    };
    (spans.iter().map(|(from, to)| OpenSpan::new(*from, *to)).collect(), holidays.iter().map(holiday).collect())
}

/// The engine's view of an account as the twin sees one.
#[must_use]
pub fn account(view: &AccountView) -> AccountSight {
    let AccountView { role, zone, balance, held, expected, closed } = *view;
    AccountSight { role: from_role(role), zone, balance, held, expected, closed }
}

/// The engine's view of a quota as the twin sees one.
#[must_use]
pub fn quota(view: &QuotaView) -> QuotaSight {
    let rules = view.rules().iter().map(|known| (from_quota_rule(&known.rule), known.used)).collect();
    (rules, view.spacing, view.hours)
}

/// The engine's view of a profile as the twin sees one, in this group.
#[must_use]
pub fn profile(view: &ProfileView, group: Option<GroupId>) -> ProfileSight {
    let caps = view.caps;
    ProfileSight {
        vertical: view.vertical,
        tier: view.tier,
        bid: view.bid,
        bid_sequence: view.bid_sequence.0,
        paused: view.paused,
        live_mode: view.live_mode,
        hours: view.hours,
        is_open: view.is_open,
        caps: action::Caps {
            concurrency: caps.concurrency,
            hourly: caps.hourly,
            daily: caps.daily,
            total: caps.total,
            daily_budget: caps.daily_budget,
        },
        calls_live: view.calls_live,
        calls_hour: view.calls_hour,
        calls_day: view.calls_day,
        calls_total: u32::try_from(view.calls_total).expect("a test makes few calls"),
        spent_today: view.spent_today,
        group,
    }
}

/// The engine's view of a listing's delivery terms as the twin sees them.
#[must_use]
pub fn delivery(view: &DeliveryView) -> action::Delivery {
    let address = |target: DialTarget| (target.destination.as_bytes().to_vec(), target.ring);
    action::Delivery {
        recover_below: view.recover_below,
        recoveries_max: view.recoveries_max,
        fallback: view.fallback.map(address),
    }
}

/// The engine's view of how a profile answers as the twin sees it.
#[must_use]
pub fn answering(view: &AnsweringView) -> (action::Answering, usize) {
    let pause_after = view.pause_after.map(|rule| (rule.unanswered, rule.within));
    let AnsweringView { bid_within, reject_within, .. } = *view;
    (action::Answering { bid_within, reject_within, pause_after }, usize::from(view.unanswered))
}

/// The engine's view of a call as the twin sees one.
#[must_use]
pub fn call(view: &CallView) -> CallSight {
    CallSight {
        listing: view.listing,
        state: match view.state {
            CallState::Registered => state::State::Registered,
            CallState::Quoted => state::State::Quoted,
            CallState::Auction => state::State::Auction,
            CallState::Dialed => state::State::Dialed,
            CallState::Ringing => state::State::Ringing,
            CallState::Answered => state::State::Answered,
            CallState::Closed => state::State::Closed,
        },
        attempt: view.attempt,
        destination_index: view.destination_index,
        winner: view.buyer.zip(view.profile),
        price: view.price,
        payout: view.payout,
        bids: view.bids,
        connected: view.connected,
        flagged: view.flagged,
        fell_back: view.fell_back,
        reason: view.reason.map(Reason::code),
        revenue_posted: view.revenue_posted,
        payout_held: view.payout_held,
        payout_posted: view.payout_posted,
    }
}

/// The engine's verdict as the twin gives it.
#[must_use]
pub fn verdict(verdict: Verdict) -> TwinVerdict {
    match verdict {
        Verdict::Won => TwinVerdict::Won,
        Verdict::Eligible => TwinVerdict::Eligible,
        Verdict::Lost(Loss { reason, attribute, distance }) => {
            let (reason, distance): (Why, _) = (reason.code(), distance.map(to_distance));
            TwinVerdict::Lost(standing::Loss { reason, attribute, distance })
        }
    }
}

fn to_distance(distance: Distance) -> standing::Distance {
    match distance {
        Distance::Money(money) => standing::Distance::Money(money),
        Distance::Number(number) => standing::Distance::Number(number),
        Distance::Metres(metres) => standing::Distance::Metres(metres.0),
        Distance::Calls { taken, most } => standing::Distance::Calls { taken, most },
        Distance::Until(at) => standing::Distance::Until(at),
        Distance::Tiers(tiers) => standing::Distance::Tiers(tiers),
        Distance::Levels(short) => standing::Distance::Levels((short.skill.0, short.level)),
    }
}

/// The engine's refusal to explain, as the twin gives it.
#[must_use]
pub fn explain_fault(error: ExplainError) -> ExplainFault {
    match error {
        ExplainError::CallUnknown => ExplainFault::CallUnknown,
        ExplainError::CallClosed => ExplainFault::CallClosed,
        ExplainError::ProfileUnknown => ExplainFault::ProfileUnknown,
    }
}

/// The engine's view of how a listing chooses, as the twin sees it.
#[must_use]
pub fn policy(view: &PolicyView<'_>) -> (action::Policy, Option<Money>, Vec<action::Skill>) {
    let policy = match view.policy {
        Policy::HighestScore => action::Policy::HighestScore,
        Policy::WeightedShare => action::Policy::WeightedShare,
        Policy::RoundRobin => action::Policy::RoundRobin,
        Policy::Skill => action::Policy::Skill,
        Policy::CostQuality => action::Policy::CostQuality,
        Policy::ExpectedValue { segment, explore } => action::Policy::ExpectedValue { segment, explore },
    };
    (policy, view.price, view.requires.iter().map(|known| (known.skill.0, known.level)).collect())
}

/// The engine's view of what policies know of a profile, as the twin sees it.
#[must_use]
pub fn grade(view: &GradeView<'_>) -> (u16, u16, (u16, u16), Vec<action::Skill>) {
    let skills = view.skills.iter().map(|known| (known.skill.0, known.level)).collect();
    (view.weight, view.quality.0, (view.prior.met, view.prior.of), skills)
}
