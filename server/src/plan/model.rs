//! The plan: what is to be done, in order, each step with its place in the file.

use dce_engine::event::Role;
use dce_engine::terms::{
    AnonymousCallers, CallerScope, DealPrice, DuplicateOn, Holiday, Kind, Modifier, OpenSpan, PayTerm, Payout, Policy,
    Prior, ScreenRule, SkillLevel, Test, Transition,
};
use dce_engine::units::{BasisPoints, Millis, Money, Seconds};

use super::delivery::{Answering, Delivery};
use super::quotas::Quota;
use super::text::Place;

/// A plan without a mistake. Made by [`check`](super::check()).
#[derive(Debug)]
pub struct Plan {
    pub(super) steps: Vec<Step>,
}

impl Plan {
    /// How many steps it takes.
    #[must_use]
    pub const fn steps(&self) -> usize {
        self.steps.len()
    }

    /// Every account with its id and name.
    pub fn accounts(&self) -> impl Iterator<Item = (u128, &str)> {
        self.steps.iter().filter_map(|step| match &step.order {
            Order::Account(account) => Some((account.id.1, step.name.as_str())),
            _ => None,
        })
    }

    /// Every profile with its buyer's id, its own, and its name within the buyer.
    pub fn profiles(&self) -> impl Iterator<Item = (u128, u128, &str)> {
        self.steps.iter().filter_map(|step| match &step.order {
            Order::Profile(profile) => {
                let name = step.name.split_once('/').map_or(step.name.as_str(), |(_, name)| name);
                Some((self.account(profile.account), profile.id.1, name))
            }
            _ => None,
        })
    }

    /// The id of the account that this step opens.
    pub(super) fn account(&self, step: usize) -> u128 {
        match &self.steps[step].order {
            Order::Account(account) => account.id.1,
            _ => 0,
        }
    }

    /// Of the listing or the profile that this step makes: the step that opens its account, and its id.
    pub(super) fn made(&self, step: usize) -> (usize, u128) {
        match &self.steps[step].order {
            Order::Listing(listing) => (listing.account, listing.id.1),
            Order::Profile(profile) => (profile.account, profile.id.1),
            _ => (0, 0),
        }
    }
}

/// One thing to do.
#[derive(Debug)]
pub(super) struct Step {
    /// Where its name stands.
    pub(super) place: Place,
    /// What the file calls it: `TX`, `acme`, `acme/texas`.
    pub(super) name: String,
    pub(super) order: Order,
}

#[derive(Debug)]
pub(super) enum Order {
    Attribute(Attribute),
    Value {
        attribute: u16,
        code: u32,
    },
    ValueSet {
        set: u16,
        attribute: u16,
        codes: Vec<u32>,
    },
    Zone {
        zone: u16,
        transitions: Vec<(Place, Transition)>,
    },
    Account(Account),
    Calendar(Calendar),
    Listing(Listing),
    Policy(Choice),
    Profile(Profile),
    Duplicates(Duplicates),
    Frequency(Frequency),
    Screen(Screen),
    Window(Window),
    /// Of the listing that this step makes.
    Private {
        listing: usize,
    },
    Deal(Deal),
    Conjunction(Conjunction),
    Modifiers(Modifiers),
    Group(Together),
    Member(Member),
    Rank(Rank),
    Skills(Skills),
    /// Of the seller that this step opens.
    Quoting {
        account: usize,
        firm_max: u16,
    },
    Delivery(Delivery),
    Answering(Answering),
    Quota(Quota),
}

impl Order {
    pub(super) const fn what(&self) -> What {
        match self {
            Self::Attribute(_) => What::Attribute,
            Self::Value { .. } => What::Value,
            Self::ValueSet { .. } => What::ValueSet,
            Self::Zone { .. } => What::Zone,
            Self::Account(_) => What::Account,
            Self::Calendar(_) => What::Calendar,
            Self::Listing(_) => What::Listing,
            Self::Policy(_) => What::Policy,
            Self::Profile(_) => What::Profile,
            Self::Duplicates(_) => What::Duplicates,
            Self::Frequency(_) => What::Frequency,
            Self::Screen(_) => What::Screen,
            Self::Window(_) => What::Window,
            Self::Private { .. } => What::Private,
            Self::Deal(_) => What::Deal,
            Self::Conjunction(_) => What::Conjunction,
            Self::Modifiers(_) => What::Modifiers,
            Self::Group(_) => What::Group,
            Self::Member(_) => What::Member,
            Self::Rank(_) => What::Rank,
            Self::Skills(_) => What::Skills,
            Self::Quoting { .. } => What::Quoting,
            Self::Delivery(_) => What::Delivery,
            Self::Answering(_) => What::Answering,
            Self::Quota(_) => What::Quota,
        }
    }

    /// Whether it sets something to what it may be already.
    pub(super) const fn sets(&self) -> bool {
        let besides = matches!(self, Self::Window(_) | Self::Private { .. } | Self::Deal(_) | Self::Modifiers(_));
        let grouped = matches!(self, Self::Group(_) | Self::Member(_) | Self::Quoting { .. });
        let taken = matches!(self, Self::Delivery(_) | Self::Answering(_) | Self::Quota(_));
        besides || grouped || taken || matches!(self, Self::Policy(_) | Self::Rank(_) | Self::Skills(_))
    }
}

/// What a step makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Attribute,
    Value,
    ValueSet,
    Zone,
    Account,
    Calendar,
    Listing,
    Policy,
    Profile,
    Duplicates,
    Frequency,
    Screen,
    Window,
    Private,
    Deal,
    Conjunction,
    Modifiers,
    Group,
    Member,
    Rank,
    Skills,
    Quoting,
    Delivery,
    Answering,
    Quota,
}

impl What {
    pub(super) const ALL: [Self; 25] = [
        Self::Attribute,
        Self::Value,
        Self::ValueSet,
        Self::Zone,
        Self::Account,
        Self::Calendar,
        Self::Listing,
        Self::Policy,
        Self::Profile,
        Self::Duplicates,
        Self::Frequency,
        Self::Screen,
        Self::Window,
        Self::Private,
        Self::Deal,
        Self::Conjunction,
        Self::Modifiers,
        Self::Group,
        Self::Member,
        Self::Rank,
        Self::Skills,
        Self::Quoting,
        Self::Delivery,
        Self::Answering,
        Self::Quota,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Attribute => "attribute",
            Self::Value => "value",
            Self::ValueSet => "value set",
            Self::Zone => "zone",
            Self::Account => "account",
            Self::Calendar => "calendar",
            Self::Listing => "listing",
            Self::Policy => "policy",
            Self::Profile => "profile",
            Self::Duplicates => "duplicates",
            Self::Frequency => "frequency",
            Self::Screen => "screen",
            Self::Window => "window",
            Self::Private => "private listing",
            Self::Deal => "deal",
            Self::Conjunction => "conjunction",
            Self::Modifiers => "modifiers",
            Self::Group => "group",
            Self::Member => "group of profile",
            Self::Rank => "rank",
            Self::Skills => "skills",
            Self::Quoting => "firm quotes",
            Self::Delivery => "delivery",
            Self::Answering => "answering",
            Self::Quota => "quota",
        }
    }
}

#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) attribute: u16,
    pub(super) kind: Kind,
    /// Where `values_max`, `decimals` and `high` stand, if they do.
    pub(super) values_max: Option<Place>,
    pub(super) decimals: Option<Place>,
    pub(super) high: Option<Place>,
}

#[derive(Debug)]
pub(super) struct Account {
    pub(super) role: Role,
    pub(super) id: (Place, u128),
    pub(super) zone: u16,
    pub(super) deposit: Option<(Place, Money)>,
}

#[derive(Debug)]
pub(super) struct Calendar {
    /// The step that opens its account.
    pub(super) account: usize,
    pub(super) id: (Place, u128),
    /// Rising, and where they stand: the spans of several days in one place.
    pub(super) spans: Vec<(Place, OpenSpan)>,
    pub(super) holidays: Vec<(Place, Holiday)>,
}

impl Calendar {
    /// Its spans and holidays without their places.
    pub(super) fn hours(&self) -> (Vec<OpenSpan>, Vec<Holiday>) {
        let spans = self.spans.iter().map(|(_, span)| *span).collect();
        (spans, self.holidays.iter().map(|(_, holiday)| *holiday).collect())
    }
}

#[derive(Debug)]
pub(super) struct Listing {
    /// The step that opens its seller.
    pub(super) account: usize,
    pub(super) id: (Place, u128),
    pub(super) terms: Vec<Said<ListingTerm>>,
    /// Whether losers hear with which amount they would have won, if it is said.
    pub(super) tells_price_to_win: Option<bool>,
}

#[derive(Debug)]
pub(super) struct Profile {
    /// The step that opens its buyer.
    pub(super) account: usize,
    pub(super) id: (Place, u128),
    pub(super) terms: Vec<Said<ProfileTerm>>,
}

/// Who counts as having called before.
#[derive(Debug)]
pub(super) struct Duplicates {
    /// The step that opens its account.
    pub(super) account: usize,
    pub(super) scope: CallerScope,
    pub(super) on: DuplicateOn,
    pub(super) window: (Place, Seconds),
    pub(super) anonymous: AnonymousCallers,
}

/// How often one caller may call.
#[derive(Debug)]
pub(super) struct Frequency {
    /// The step that opens its seller.
    pub(super) account: usize,
    pub(super) listing: Option<u128>,
    pub(super) calls: (Place, u8),
    pub(super) window: (Place, Seconds),
    pub(super) anonymous: AnonymousCallers,
}

/// Which facts refuse a call.
#[derive(Debug)]
pub(super) struct Screen {
    /// The step that opens its seller.
    pub(super) account: usize,
    pub(super) listing: Option<u128>,
    pub(super) rules: Vec<(Place, ScreenRule)>,
    /// The values the rules list, one rule after the other.
    pub(super) values: Vec<u32>,
}

/// How the windows of a listing end.
#[derive(Debug)]
pub(super) struct Window {
    /// The step that makes the listing.
    pub(super) listing: usize,
    pub(super) early_close: bool,
    pub(super) answer_within: Option<(Place, Millis)>,
}

#[derive(Debug)]
pub(super) struct Deal {
    /// The step that makes the listing, and the one that opens the buyer.
    pub(super) listing: usize,
    pub(super) buyer: usize,
    pub(super) price: DealPrice,
}

#[derive(Debug)]
pub(super) struct Conjunction {
    /// The step that makes the profile.
    pub(super) profile: usize,
    pub(super) nth: u8,
    /// A profile of the same buyer that wants just this: what is tried to find what is wrong.
    pub(super) trial: Profile,
}

#[derive(Debug)]
pub(super) struct Modifiers {
    /// The step that makes the profile.
    pub(super) profile: usize,
    pub(super) max: Option<(Place, Money)>,
    pub(super) modifiers: Vec<(Place, Modifier)>,
}

/// Whether a group is dialled together.
#[derive(Debug)]
pub(super) struct Together {
    /// The step that opens its buyer.
    pub(super) account: usize,
    pub(super) group: u128,
    pub(super) together: bool,
}

/// That a profile is of a group.
#[derive(Debug)]
pub(super) struct Member {
    /// The step that makes the profile.
    pub(super) profile: usize,
    pub(super) group: u128,
}

/// How a listing's calls are given out.
#[derive(Debug)]
pub(super) struct Choice {
    /// The step that makes the listing.
    pub(super) listing: usize,
    pub(super) policy: Policy,
    /// Where kind, segment and exploration stand, if they do.
    pub(super) places: [Option<Place>; 3],
    pub(super) price: Option<(Place, Money)>,
    /// Rising.
    pub(super) requires: Vec<(Place, SkillLevel)>,
}

/// What a profile is worth to policies.
#[derive(Debug)]
pub(super) struct Rank {
    /// The step that makes the profile.
    pub(super) profile: usize,
    pub(super) weight: Option<(Place, u16)>,
    pub(super) quality: Option<(Place, BasisPoints)>,
    pub(super) prior: Option<(Place, Prior)>,
}

/// What a profile knows.
#[derive(Debug)]
pub(super) struct Skills {
    /// The step that makes the profile.
    pub(super) profile: usize,
    /// Rising.
    pub(super) skills: Vec<(Place, SkillLevel)>,
}

impl Rank {
    /// All of it, said or not.
    pub(super) fn all(&self) -> (u16, BasisPoints, Prior) {
        let weight = self.weight.map_or(1, |(_, weight)| weight);
        let quality = self.quality.map_or(BasisPoints::WHOLE, |(_, quality)| quality);
        (weight, quality, self.prior.map_or_else(Prior::default, |(_, prior)| prior))
    }
}

/// Skills without their places.
pub(super) fn levels(placed: &[(Place, SkillLevel)]) -> Vec<SkillLevel> {
    placed.iter().map(|(_, level)| *level).collect()
}

/// One thing said of a listing or a profile, and where. All of them, in order, make the command, whoever it is for.
#[derive(Debug)]
pub(super) struct Said<T> {
    pub(super) place: Place,
    /// The key it was said under.
    pub(super) key: String,
    /// What that takes.
    pub(super) takes: &'static str,
    pub(super) term: T,
}

#[derive(Debug)]
pub(super) enum ListingTerm {
    Vertical(u16),
    SecondPrice(Money),
    Reserve(Money),
    Payout(Payout),
    PayoutTerm(PayTerm),
    MarginMin(Money),
    DurationMax(u32),
    Hours(u128),
    Open,
    Withdrawable,
}

#[derive(Debug)]
pub(super) enum ProfileTerm {
    Vertical(u16),
    Tier(u8),
    Bid(Money),
    Pays(PayTerm),
    Concurrency(u16),
    Hourly(u32),
    Daily(u32),
    Total(u32),
    DailyBudget(Money),
    Hours(u128),
    Live,
    AnyOf(u16, Vec<u32>),
    NoneOf(u16, Vec<u32>),
    Test(u16, Test),
    Dial(String, Millis),
}

/// The id of something that was given a name only: the first 16 bytes of SHA-256 of `account:acme`,
/// `calendar:acme/office`, `group:acme/desks`, `listing:acme/inbound` or `profile:acme/texas`.
pub(super) fn id_of(what: What, name: &str) -> u128 {
    let text = format!("{}:{name}", what.name());
    let hash = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    let first = hash.as_ref().iter().take(16);
    first.fold(0, |id, byte| id << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_names_are_the_same_for_ever() {
        // From `printf account:acme | sha256sum`, and so on.
        assert_eq!(id_of(What::Account, "acme"), ACME);
        assert_ne!(id_of(What::Listing, "acme"), id_of(What::Account, "acme"));
    }

    const ACME: u128 = 0x75ccbf912a8c4b14b9aa8cc660623d82;
}
