//! What becomes of calls that come back, a listing's `delivery`; and how a profile answers, its `answering`.

use dce_engine::commands::{SetAnswering, SetDelivery};
use dce_engine::ids::{AccountId, ListingId, ProfileId};
use dce_engine::terms::PauseRule;
use dce_engine::units::{Millis, Seconds};

use super::fields::{Fields, list};
use super::keys;
use super::mistakes::{Mistakes, shown};
use super::model::{Order, Step};
use super::scalars;
use super::text::{Node, Place};

/// As many as a command takes.
const PAUSE_RULES: usize = 2;

/// What a listing does with calls that come back.
#[derive(Debug)]
pub(super) struct Delivery {
    /// The step that makes the listing.
    pub(super) listing: usize,
    /// Below which length an answered call is sold again, and how often.
    pub(super) recover: Option<((Place, Seconds), (Place, u8))>,
    /// Where a call is dialled that nobody buys, and for how long.
    pub(super) fallback: Option<((Place, String), (Place, Millis))>,
}

impl Delivery {
    pub(super) fn command(&self, seller: AccountId, listing: ListingId) -> SetDelivery {
        let mut set = SetDelivery::new(seller, listing);
        if let Some(((_, below), (_, times))) = self.recover {
            set = set.recover(below, times);
        }
        if let Some(((_, to), (_, ring))) = &self.fallback {
            set = set.fallback(to.as_bytes(), *ring);
        }
        set
    }
}

/// How a profile answers.
#[derive(Debug)]
pub(super) struct Answering {
    /// The step that makes the profile.
    pub(super) profile: usize,
    pub(super) bid_within: Option<(Place, Millis)>,
    pub(super) reject_within: Option<(Place, Seconds)>,
    /// So many unanswered calls, within such a time: two rules at most.
    pub(super) pause_after: Vec<((Place, u8), (Place, Seconds))>,
}

impl Answering {
    pub(super) fn command(&self, buyer: AccountId, profile: ProfileId) -> SetAnswering {
        SetAnswering::new(buyer, profile)
            .bid_within(self.bid_within.map_or(Millis(0), |(_, length)| length))
            .reject_within(self.reject_within.map_or(Seconds(0), |(_, window)| window))
            .pause_after(self.rules())
    }

    /// Both rules, said or not.
    pub(super) fn rules(&self) -> [PauseRule; PAUSE_RULES] {
        let mut rules = [PauseRule::NONE; PAUSE_RULES];
        for (rule, ((_, calls), (_, within))) in rules.iter_mut().zip(&self.pause_after) {
            *rule = PauseRule::new(*calls, *within);
        }
        rules
    }
}

/// The step that says what the listing called `name`, made by the step `listing`, does with calls that come back.
pub(super) fn delivery(fields: &Fields<'_>, (name, listing): (&str, usize), mistakes: &mut Mistakes) -> Option<Step> {
    let (key, node) = fields.get("delivery")?;
    let owner = format!("`delivery` of listing `{}`", shown(name));
    let fields = Fields::of((node, key.place), &keys::DELIVERY, &owner, mistakes);
    let recover = fields.get("recover").and_then(|(key, node)| {
        let fields = Fields::of((node, key.place), &keys::RECOVER, &format!("`recover` of {owner}"), mistakes);
        let below = fields.read("below", mistakes, scalars::seconds);
        below.zip(fields.number("times", mistakes))
    });
    let fallback = fields.get("fallback").and_then(|(key, node)| {
        let fields = Fields::of((node, key.place), &keys::DIAL, &format!("`fallback` of {owner}"), mistakes);
        let to = fields.read("to", mistakes, |text| Ok(text.to_owned()));
        to.zip(fields.read("ring", mistakes, scalars::millis))
    });
    let order = Order::Delivery(Delivery { listing, recover, fallback });
    Some(Step { place: key.place, name: name.to_owned(), order })
}

/// The step that says how the profile called `name`, made by the step `profile`, answers.
pub(super) fn answering(fields: &Fields<'_>, (name, profile): (&str, usize), mistakes: &mut Mistakes) -> Option<Step> {
    let (key, node) = fields.get("answering")?;
    let owner = format!("`answering` of profile `{}`", shown(name));
    let fields = Fields::of((node, key.place), &keys::ANSWERING, &owner, mistakes);
    let bid_within = fields.read("bid_within", mistakes, scalars::millis);
    let reject_within = fields.read("reject_within", mistakes, scalars::seconds);
    let mut pause_after = Vec::new();
    if let Some((_, node)) = fields.get("pause_after") {
        let items: Vec<&Node> = list(node, &format!("`pause_after` of {owner}"), mistakes).collect();
        if let Some(more) = items.get(PAUSE_RULES) {
            mistakes.add(more.place, format!("`pause_after` of {owner} takes {}", fields.takes("pause_after")));
        }
        for item in items {
            let of = format!("a rule of `pause_after` of {owner}");
            let fields = Fields::of((item, item.place), &keys::PAUSE_RULE, &of, mistakes);
            let calls = fields.number("calls", mistakes);
            pause_after.extend(calls.zip(fields.read("within", mistakes, scalars::seconds)));
        }
    }
    let order = Order::Answering(Answering { profile, bid_within, reject_within, pause_after });
    Some(Step { place: key.place, name: name.to_owned(), order })
}
