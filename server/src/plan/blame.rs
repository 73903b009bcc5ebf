//! Which key a refusal speaks of.
//!
//! The engine names the rule that was broken and not the field. So it is asked again: the thing is made from nothing,
//! one key of the file after the other, and the key with which it is first refused is the one at fault; it is left out,
//! and the next one is tried. That finds every key at fault, and knows no rule.

use dce_engine::commands::{
    CloseProfile, DeclareAttribute, RankProfile, SetCalendar, SetFrequency, SetPolicy, SetSkills, SetZone,
};
use dce_engine::ids::{AttributeId, CalendarId, ListingId, ProfileId, ZoneId};
use dce_engine::terms::{Holiday, Kind, Modifier, OpenSpan, Policy, SkillLevel, Transition};
use dce_engine::units::{BasisPoints, Millis};
use dce_engine::{Receipt, Reject};

use super::check::{Scratch, listing_command, profile_command};
use super::mistakes::{Mistakes, shown};
use super::model::{
    Attribute, Calendar, Choice, Listing, ListingTerm, Modifiers, Order, Plan, Profile, ProfileTerm, Rank, Said,
    Screen, Step,
};
use super::text::Place;

mod delivery;
mod quotas;

/// Says what is wrong with a step that was refused.
pub(super) fn blame(scratch: &mut Scratch<'_>, plan: &Plan, step: &Step, reject: Reject, mistakes: &mut Mistakes) {
    if is_consequence(reject) && !mistakes.is_empty() {
        return;
    }
    let owner = format!("{} `{}`", step.order.what().name(), shown(&step.name));
    let place = match &step.order {
        Order::Attribute(attribute) => of_attribute(scratch, step, attribute, reject),
        Order::Zone { zone, transitions } => of_zone(scratch, *zone, transitions, reject),
        Order::Account(account) => match reject {
            Reject::AmountOutOfRange | Reject::MoneyFull => account.deposit.map(|(place, _)| place),
            Reject::AccountReserved | Reject::IdConflict => Some(account.id.0),
            _ => None,
        },
        Order::Calendar(calendar) => {
            if of_calendar(scratch, plan, calendar, &owner, mistakes) {
                return;
            }
            (reject == Reject::IdConflict).then_some(calendar.id.0)
        }
        Order::Listing(listing) => {
            if of_listing(scratch, plan, listing, &owner, mistakes) {
                return;
            }
            (reject == Reject::IdConflict).then_some(listing.id.0)
        }
        Order::Policy(choice) => {
            if of_policy(scratch, plan, choice, &owner, mistakes) {
                return;
            }
            None
        }
        Order::Rank(rank) => {
            if of_rank(scratch, plan, rank, &owner, mistakes) {
                return;
            }
            None
        }
        Order::Skills(known) => {
            let (account, profile) = plan.made(known.profile);
            let (buyer, profile) = (scratch.account(plan, account), ProfileId(profile));
            let set = |scratch: &mut Scratch<'_>, skills: &[SkillLevel]| {
                scratch.apply(&SetSkills::new(buyer, profile).skills(skills).into())
            };
            if of_levels(scratch, &known.skills, ("skills", &owner), set, mistakes) {
                return;
            }
            None
        }
        Order::Delivery(said) => {
            if delivery::of_delivery(scratch, plan, said, &owner, mistakes) {
                return;
            }
            None
        }
        Order::Answering(said) => {
            if delivery::of_answering(scratch, plan, said, &owner, mistakes) {
                return;
            }
            None
        }
        Order::Quota(said) => {
            if quotas::of_quota(scratch, plan, said, &owner, mistakes) {
                return;
            }
            None
        }
        Order::Profile(profile) => {
            if of_profile(scratch, plan, profile, &owner, mistakes) {
                return;
            }
            // The reader misses the destinations, too.
            if reject == Reject::TextOutOfRange && !mistakes.is_empty() {
                return;
            }
            (reject == Reject::IdConflict).then_some(profile.id.0)
        }
        Order::Duplicates(rule) => (reject == Reject::ValueOutOfRange).then_some(rule.window.0),
        Order::Frequency(rule) if reject == Reject::ValueOutOfRange => {
            // Which of the two is at fault: with one call it is the length.
            let account = scratch.account(plan, rule.account);
            let once = SetFrequency::new(account, 1, rule.window.1);
            Some(if scratch.apply(&once.into()).is_ok() { rule.calls.0 } else { rule.window.0 })
        }
        Order::Screen(screen) => of_screen(scratch, plan, screen, reject),
        Order::Window(window) => window.answer_within.map(|(place, _)| place),
        Order::Conjunction(conjunction) => {
            if of_profile(scratch, plan, &conjunction.trial, &owner, mistakes) {
                return;
            }
            None
        }
        Order::Modifiers(modified) => of_modifiers(scratch, plan, modified, reject),
        Order::Frequency(_) | Order::Value { .. } | Order::ValueSet { .. } | Order::Quoting { .. } => None,
        Order::Private { .. } | Order::Deal(_) | Order::Group(_) | Order::Member(_) => None,
    };
    let place = place.unwrap_or(step.place);
    let what = match reject {
        Reject::IdConflict => format!("{owner} has an id that another one before it has"),
        _ => format!("{owner} is refused: {}", named(reject)),
    };
    mistakes.add(place, what);
}

/// `1102 ValueOutOfRange: a field is outside its documented range`.
fn named(reject: Reject) -> String {
    format!("{} {reject:?}: {reject}", reject.code())
}

/// Refusals that follow from another mistake, which is said already: every name was looked up in the plan.
fn is_consequence(reject: Reject) -> bool {
    let consequences = [
        Reject::AttributeUnknown,
        Reject::ValueUnknown,
        Reject::ValueSetUnknown,
        Reject::AccountUnknown,
        Reject::CalendarUnknown,
        Reject::ListingUnknown,
        Reject::ProfileUnknown,
        Reject::ConjunctionGap,
        Reject::ZoneUnknown,
        Reject::ListingUnknown,
        Reject::ProfileUnknown,
    ];
    consequences.contains(&reject)
}

/// The exchange has no room for a trial.
fn is_full(reject: Reject) -> bool {
    let full = matches!(
        reject,
        Reject::ListingsFull
            | Reject::ProfilesFull
            | Reject::SettingsFull
            | Reject::TargetingFull
            | Reject::QuotasFull
            | Reject::GroupsFull
    );
    full || reject == Reject::AccountUnknown
}

fn of_attribute(scratch: &mut Scratch<'_>, step: &Step, attribute: &Attribute, reject: Reject) -> Option<Place> {
    if reject != Reject::ValueOutOfRange {
        return None;
    }
    let Kind::Integer { decimals, .. } = attribute.kind else { return attribute.values_max };
    let kind = Kind::Integer { decimals, low: 0, high: 1 };
    let other_ends = DeclareAttribute { attribute: AttributeId(attribute.attribute), kind, name: &step.name };
    if scratch.apply(&other_ends.into()).is_ok() { attribute.high } else { attribute.decimals }
}

/// The first transition that cannot follow those before it.
fn of_zone(scratch: &mut Scratch<'_>, zone: u16, transitions: &[(Place, Transition)], reject: Reject) -> Option<Place> {
    let all: Vec<Transition> = transitions.iter().map(|(_, transition)| *transition).collect();
    let refused = |count: &usize| scratch.apply(&SetZone::new(ZoneId(zone), &all[..*count]).into()) == Err(reject);
    // A list too long by far need not be tried to its end.
    let count = (1..=all.len()).take(dce_engine::limits::TRANSITIONS_MAX + 1).find(refused)?;
    (count > 0).then(|| transitions[count - 1].0)
}

/// The first modifier that cannot be, or the maximum.
fn of_modifiers(scratch: &mut Scratch<'_>, plan: &Plan, modified: &Modifiers, reject: Reject) -> Option<Place> {
    let all: Vec<Modifier> = modified.modifiers.iter().map(|(_, modifier)| *modifier).collect();
    let mut refused = |count: &usize| scratch.modifiers(plan, modified, &all[..*count]) == Err(reject);
    let count = (0..=all.len()).take(dce_engine::limits::MODIFIERS_MAX + 2).find(&mut refused)?;
    if count == 0 { modified.max.map(|(place, _)| place) } else { Some(modified.modifiers[count - 1].0) }
}

/// Whether a span or a holiday was found, and said.
fn of_calendar(
    scratch: &mut Scratch<'_>,
    plan: &Plan,
    calendar: &Calendar,
    owner: &str,
    mistakes: &mut Mistakes,
) -> bool {
    let (account, id) = (scratch.account(plan, calendar.account), CalendarId(calendar.id.1));
    let mut refused = |spans: &[OpenSpan], holidays: &[Holiday]| {
        scratch.apply(&SetCalendar::new(account, id).hours(spans, holidays).into()).err()
    };
    let (mut spans, mut holidays) = (Vec::new(), Vec::new());
    if refused(&spans, &holidays).is_some() {
        return false;
    }
    let before = mistakes.count();
    let mut say = |key: &str, place: Place, reject: Reject| {
        mistakes.add(place, format!("`{key}` of {owner} is refused: {}", named(reject)));
    };
    for (place, span) in &calendar.spans {
        spans.push(*span);
        if let Some(reject) = refused(&spans, &holidays) {
            spans.pop();
            say("open", *place, reject);
            if reject == Reject::CommandTooLarge {
                break;
            }
        }
    }
    for (place, holiday) in &calendar.holidays {
        holidays.push(*holiday);
        if let Some(reject) = refused(&spans, &holidays) {
            holidays.pop();
            say("holidays", *place, reject);
            if reject == Reject::CommandTooLarge {
                break;
            }
        }
    }
    mistakes.count() > before
}

/// The first rule that cannot follow those before it.
fn of_screen(scratch: &mut Scratch<'_>, plan: &Plan, screen: &Screen, reject: Reject) -> Option<Place> {
    let mut values = screen.values.as_slice();
    let mut tried = Screen { account: screen.account, listing: screen.listing, rules: Vec::new(), values: Vec::new() };
    for (place, rule) in &screen.rules {
        let (listed, rest) = values.split_at(rule.clause.test.listed().min(values.len()));
        values = rest;
        tried.rules.push((*place, *rule));
        tried.values.extend(listed);
        if scratch.screen(plan, &tried) == Err(reject) {
            return Some(*place);
        }
    }
    None
}

/// Whether a key was found, and said.
fn of_policy(scratch: &mut Scratch<'_>, plan: &Plan, choice: &Choice, owner: &str, mistakes: &mut Mistakes) -> bool {
    let (account, listing) = plan.made(choice.listing);
    let (seller, listing) = (scratch.account(plan, account), ListingId(listing));
    let plain = SetPolicy::new(seller, listing, Policy::HighestScore);
    if scratch.apply(&plain.into()).is_err() {
        return false;
    }
    let before = mistakes.count();
    let [kind, segment, explore] = choice.places;
    let mut parts = Vec::new();
    if let Policy::ExpectedValue { segment: by, explore: often } = choice.policy {
        let none = BasisPoints(0);
        parts.push((
            kind,
            "kind",
            SetPolicy { policy: Policy::ExpectedValue { segment: None, explore: none }, ..plain },
        ));
        parts.push((
            segment,
            "segment",
            SetPolicy { policy: Policy::ExpectedValue { segment: by, explore: none }, ..plain },
        ));
        let often = Policy::ExpectedValue { segment: None, explore: often };
        parts.push((explore, "explore", SetPolicy { policy: often, ..plain }));
    } else {
        parts.push((kind, "kind", SetPolicy { policy: choice.policy, ..plain }));
    }
    let price = choice.price.map(|(place, _)| place);
    parts.push((price, "price", SetPolicy { price: choice.price.map(|(_, price)| price), ..plain }));
    for (place, key, command) in parts {
        if let (Some(place), Err(reject)) = (place, scratch.apply(&command.into())) {
            mistakes.add(place, format!("`{key}` of {owner} is refused: {}", named(reject)));
            // The other parts of a policy that cannot be would be refused for the same.
            if reject == Reject::PricingMismatch && key == "kind" {
                break;
            }
        }
    }
    let set = |scratch: &mut Scratch<'_>, skills: &[SkillLevel]| scratch.apply(&plain.skills(skills).into());
    of_levels(scratch, &choice.requires, ("requires", owner), set, mistakes);
    mistakes.count() > before
}

/// Whether a key was found, and said.
fn of_rank(scratch: &mut Scratch<'_>, plan: &Plan, rank: &Rank, owner: &str, mistakes: &mut Mistakes) -> bool {
    let (account, profile) = plan.made(rank.profile);
    let plain = RankProfile::new(scratch.account(plan, account), ProfileId(profile));
    if scratch.apply(&plain.into()).is_err() {
        return false;
    }
    let (weight, quality, prior) = rank.all();
    let parts = [
        (rank.weight.map(|(place, _)| place), "weight", plain.weight(weight)),
        (rank.quality.map(|(place, _)| place), "quality", plain.quality(quality)),
        (rank.prior.map(|(place, _)| place), "prior", plain.prior(prior)),
    ];
    let before = mistakes.count();
    for (place, key, command) in parts {
        if let (Some(place), Err(reject)) = (place, scratch.apply(&command.into())) {
            mistakes.add(place, format!("`{key}` of {owner} is refused: {}", named(reject)));
        }
    }
    mistakes.count() > before
}

/// Whether a level was found that cannot be, or one too many, and said.
fn of_levels(
    scratch: &mut Scratch<'_>,
    placed: &[(Place, SkillLevel)],
    (key, owner): (&str, &str),
    set: impl Fn(&mut Scratch<'_>, &[SkillLevel]) -> Result<Receipt, Reject>,
    mistakes: &mut Mistakes,
) -> bool {
    let (before, mut good) = (mistakes.count(), Vec::new());
    if set(scratch, &good).is_err() {
        return false;
    }
    for (place, level) in placed {
        good.push(*level);
        if let Err(reject) = set(scratch, &good) {
            good.pop();
            mistakes.add(*place, format!("`{key}` of {owner} is refused: {}", named(reject)));
            if reject == Reject::CommandTooLarge {
                break;
            }
        }
    }
    mistakes.count() > before
}

/// Whether a key was found, and said.
fn of_listing(scratch: &mut Scratch<'_>, plan: &Plan, listing: &Listing, owner: &str, mistakes: &mut Mistakes) -> bool {
    let seller = scratch.account(plan, listing.account);
    let mut good: Vec<&ListingTerm> = Vec::new();
    let before = mistakes.count();
    for said in &listing.terms {
        good.push(&said.term);
        let command = listing_command(seller, ListingId(scratch.fresh()), good.iter().copied());
        if let Err(reject) = scratch.apply(&command.into()) {
            if is_full(reject) {
                break;
            }
            good.pop();
            if !is_consequence(reject) || mistakes.is_empty() {
                say(said, owner, reject, mistakes);
            }
        }
    }
    mistakes.count() > before
}

/// Whether a key was found, and said.
fn of_profile(scratch: &mut Scratch<'_>, plan: &Plan, profile: &Profile, owner: &str, mistakes: &mut Mistakes) -> bool {
    let buyer = scratch.account(plan, profile.account);
    // No profile is without a destination: until the file's own are tried, this one does.
    let somewhere = ProfileTerm::Dial("x".to_owned(), Millis(1_000));
    let mut good: Vec<&ProfileTerm> = vec![&somewhere];
    let before = mistakes.count();
    let mut is_placeholder = true;
    for said in &profile.terms {
        if is_placeholder && matches!(said.term, ProfileTerm::Dial(..)) {
            is_placeholder = false;
            good.remove(0);
        }
        good.push(&said.term);
        let id = ProfileId(scratch.fresh());
        let command = profile_command(buyer, id, good.iter().copied());
        match scratch.apply(&command.into()) {
            Ok(_) => {
                let _ = scratch.apply(&CloseProfile::new(buyer, id).into());
            }
            Err(reject) if is_full(reject) => break,
            Err(reject) => {
                good.pop();
                if good.is_empty() || !good.iter().any(|term| matches!(term, ProfileTerm::Dial(..))) {
                    is_placeholder = true;
                    good.insert(0, &somewhere);
                }
                if !is_consequence(reject) || mistakes.is_empty() {
                    say(said, owner, reject, mistakes);
                }
            }
        }
    }
    mistakes.count() > before
}

fn say<T>(said: &Said<T>, owner: &str, reject: Reject, mistakes: &mut Mistakes) {
    let (key, takes) = (shown(&said.key), said.takes);
    mistakes.add(said.place, format!("`{key}` of {owner} is refused: {}; it takes {takes}", named(reject)));
}
