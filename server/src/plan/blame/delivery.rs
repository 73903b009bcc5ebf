//! Which key of a delivery, or of how a profile answers, a refusal speaks of.

use dce_engine::commands::{Command, SetAnswering, SetDelivery};
use dce_engine::ids::{ListingId, ProfileId};
use dce_engine::terms::PauseRule;
use dce_engine::units::{Millis, Seconds};

use super::super::check::Scratch;
use super::super::delivery::{Answering, Delivery};
use super::super::keys::{self, Section};
use super::super::mistakes::Mistakes;
use super::super::model::Plan;
use super::super::text::Place;
use super::{is_consequence, named};

/// A key, where it stands, and the command in which nothing else is said that could be wrong.
type Part = (Place, &'static Section, &'static str, Command<'static>);

/// Whether a key was found, and said.
pub(super) fn of_delivery(
    scratch: &mut Scratch<'_>,
    plan: &Plan,
    delivery: &Delivery,
    owner: &str,
    mistakes: &mut Mistakes,
) -> bool {
    let (account, listing) = plan.made(delivery.listing);
    let plain = SetDelivery::new(scratch.account(plan, account), ListingId(listing));
    let mut parts: Vec<Part> = Vec::new();
    if let Some(((at_below, below), (at_times, times))) = delivery.recover {
        parts.push((at_below, &keys::RECOVER, "below", plain.recover(below, 1).into()));
        parts.push((at_times, &keys::RECOVER, "times", plain.recover(Seconds(1), times).into()));
    }
    if let Some(((at_to, to), (at_ring, ring))) = &delivery.fallback {
        parts.push((*at_to, &keys::DIAL, "to", plain.fallback(to.as_bytes(), Millis(1)).into()));
        parts.push((*at_ring, &keys::DIAL, "ring", plain.fallback(b"x", *ring).into()));
    }
    of_parts(scratch, &parts, owner, mistakes)
}

/// Whether a key was found, and said.
pub(super) fn of_answering(
    scratch: &mut Scratch<'_>,
    plan: &Plan,
    answering: &Answering,
    owner: &str,
    mistakes: &mut Mistakes,
) -> bool {
    let (account, profile) = plan.made(answering.profile);
    let plain = SetAnswering::new(scratch.account(plan, account), ProfileId(profile));
    let mut parts: Vec<Part> = Vec::new();
    if let Some((place, length)) = answering.bid_within {
        parts.push((place, &keys::ANSWERING, "bid_within", plain.bid_within(length).into()));
    }
    if let Some((place, window)) = answering.reject_within {
        parts.push((place, &keys::ANSWERING, "reject_within", plain.reject_within(window).into()));
    }
    for ((at_calls, calls), (at_within, within)) in &answering.pause_after {
        let paused = |calls, within| plain.pause_after([PauseRule::new(calls, within), PauseRule::NONE]);
        // No calls within no time are no rule, which may be.
        if paused(*calls, *within).pause_after[0] == PauseRule::NONE {
            continue;
        }
        parts.push((*at_calls, &keys::PAUSE_RULE, "calls", paused(*calls, Seconds(1)).into()));
        parts.push((*at_within, &keys::PAUSE_RULE, "within", paused(1, *within).into()));
    }
    of_parts(scratch, &parts, owner, mistakes)
}

fn of_parts(scratch: &mut Scratch<'_>, parts: &[Part], owner: &str, mistakes: &mut Mistakes) -> bool {
    let before = mistakes.count();
    for (place, section, key, command) in parts {
        let Err(reject) = scratch.apply(command) else { continue };
        if !is_consequence(reject) {
            let takes = section.key(key).map_or("", |key| key.takes);
            mistakes.add(*place, format!("`{key}` of {owner} is refused: {}; it takes {takes}", named(reject)));
        }
    }
    mistakes.count() > before
}
