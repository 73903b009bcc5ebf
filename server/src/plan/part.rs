//! One part of a plan by itself: what the REST front takes as a body is what stands beside the key in a plan, read by the
//! same readers. Names of attributes and values are the market's; calendars, groups, value sets, skills and zones have no
//! names in the exchange, and are named by their ids and numbers.

use dce_engine::commands::{
    AlsoWants, Command, DeclareAttribute, DefineValue, LoadValueSet, RankProfile, SetCalendar, SetDeal, SetDuplicates,
    SetFrequency, SetModifiers, SetPolicy, SetScreen, SetSkills, SetZone,
};
use dce_engine::ids::{
    AccountId, AttributeId, CalendarId, GroupId, ListingId, ProfileId, ValueCode, ValueSetId, ZoneId,
};
use dce_engine::limits::VALUE_SET_CHUNK_MAX;
use dce_engine::terms::{
    CallerScope, DealPrice, Holiday, Modifier, OpenSpan, QuotaRule, QuotaScope, ScreenRule, SkillLevel, Transition,
};
use hashbrown::HashMap;

use super::besides::deal_price;
use super::check::profile_command;
use super::fields::Fields;
use super::hours::{Calendars, calendar};
use super::json::{Json, Paths};
use super::keys::{self, Section};
use super::market::Reader;
use super::mistakes::Mistakes;
use super::model::{Attribute, Order, Step, levels};
use super::policies;
use super::quotas::quota;
use super::schema::{Known, Schema};
use super::text::{Key, Node};
use crate::catalog::Vocabulary;

/// What a part is, by its key in a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    /// `attributes.NAME`.
    Attribute,
    /// `value_sets.NAME`.
    ValueSet,
    /// `zones.NAME`.
    Zone,
    /// `calendars.NAME`.
    Calendar,
    /// `duplicates`.
    Duplicates,
    /// `frequency`.
    Frequency,
    /// `screen`.
    Screen,
    /// `quota`.
    Quota,
    /// `deals.BUYER`.
    Deal,
    /// `policy`.
    Policy,
    /// An item of `also`.
    Also,
    /// `max_bid` and `modifiers`.
    Modifiers,
    /// `rank`.
    Rank,
    /// `skills`.
    Skills,
}

/// What a part is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Of {
    /// The account itself.
    Account,
    /// A listing of the account.
    Listing(u128),
    /// A profile of the account.
    Profile(u128),
    /// A group of the account.
    Group(u128),
    /// A calendar of the account.
    Calendar(u128),
    /// A deal of the account's listing with a buyer.
    Deal(u128, u128),
    /// A further conjunction of the account's profile.
    Also(u128, u8),
    /// A thing of the market that has a number.
    Number(u16),
}

/// A part that was read.
#[derive(Debug)]
pub(crate) struct Part {
    of: Of,
    orders: Vec<Said>,
}

#[derive(Debug)]
enum Said {
    /// A step of a plan.
    Step(Step),
    Deal(DealPrice),
    /// No screen at all.
    NoScreen,
    /// No modifiers at all.
    NoModifiers,
}

/// What the commands of a part borrow from.
#[derive(Debug, Default)]
pub(crate) struct Hold {
    transitions: Vec<Transition>,
    spans: Vec<OpenSpan>,
    holidays: Vec<Holiday>,
    quota: Vec<QuotaRule>,
    levels: Vec<SkillLevel>,
    screen: Vec<ScreenRule>,
    values: Vec<ValueCode>,
    modifiers: Vec<Modifier>,
}

/// What is wrong with a part: the field, and all that is said of it and the others.
#[derive(Debug)]
pub(crate) struct Wrong {
    pub(crate) field: String,
    pub(crate) what: String,
}

impl Shape {
    /// The map it is; of a list, the map that each item is. Skills are a map of their own.
    pub(crate) const fn section(self) -> &'static Section {
        match self {
            Self::Attribute => &keys::ATTRIBUTE,
            Self::ValueSet => &keys::VALUE_SET,
            Self::Zone => &keys::TRANSITION,
            Self::Calendar => &keys::CALENDAR,
            Self::Duplicates => &keys::DUPLICATES,
            Self::Frequency => &keys::FREQUENCY,
            Self::Screen => &keys::SCREEN_RULE,
            Self::Quota => &keys::QUOTA,
            Self::Deal => &keys::DEAL,
            Self::Policy => &keys::POLICY,
            Self::Also => &keys::ALSO,
            Self::Modifiers | Self::Skills => &keys::MODIFIED,
            Self::Rank => &keys::RANK,
        }
    }

    /// Whether it speaks of attributes by name.
    pub(crate) const fn has_names(self) -> bool {
        matches!(self, Self::ValueSet | Self::Screen | Self::Policy | Self::Also | Self::Modifiers)
    }
}

impl Part {
    /// Reads a body. `name` is what an attribute is called.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub(crate) fn read(
        body: &Json,
        (shape, of): (Shape, Of),
        name: &str,
        vocabulary: &Vocabulary,
    ) -> Result<Self, Wrong> {
        let (mut paths, mut mistakes) = (Paths::default(), Mistakes::default());
        let tree = body.tree("", &mut paths);
        let orders = orders((&tree, body), (shape, of), name, vocabulary, &mut mistakes);
        let mistakes = mistakes.sorted();
        let Some(first) = mistakes.list().first() else { return Ok(Self { of, orders }) };
        let mut what = first.what.clone();
        if let Some(meant) = &first.meant {
            what.push_str(&format!("; did you mean `{meant}`?"));
        }
        if mistakes.count() > 1 {
            what.push_str(&format!(" (and {} more)", mistakes.count() - 1));
        }
        Err(Wrong { field: paths.at(first.place).to_owned(), what })
    }

    /// The commands it is, for this account, in order.
    pub(crate) fn commands<'h>(&'h self, account: AccountId, hold: &'h mut Hold) -> Vec<Command<'h>> {
        self.orders.iter().for_each(|order| hold.keep(order));
        let hold = &*hold;
        self.orders.iter().flat_map(|order| self.of_one(order, account, hold)).collect()
    }

    fn of_one<'h>(&'h self, order: &'h Said, account: AccountId, hold: &'h Hold) -> Vec<Command<'h>> {
        let (listing, profile) = match self.of {
            Of::Listing(id) | Of::Deal(id, _) => (ListingId(id), ProfileId(0)),
            Of::Profile(id) | Of::Also(id, _) => (ListingId(0), ProfileId(id)),
            Of::Account | Of::Group(_) | Of::Calendar(_) | Of::Number(_) => (ListingId(0), ProfileId(0)),
        };
        let of_listing = matches!(self.of, Of::Listing(_)).then_some(listing);
        let step = match order {
            Said::Deal(price) => {
                let Of::Deal(_, buyer) = self.of else { return Vec::new() };
                return vec![SetDeal::of(account, listing, AccountId(buyer), *price).into()];
            }
            Said::NoScreen => return vec![SetScreen { listing: of_listing, ..SetScreen::new(account) }.into()],
            Said::NoModifiers => return vec![SetModifiers::of(account, profile).into()],
            Said::Step(step) => step,
        };
        let command: Command<'h> = match &step.order {
            Order::Attribute(Attribute { attribute, kind, .. }) => {
                DeclareAttribute { attribute: AttributeId(*attribute), kind: *kind, name: &step.name }.into()
            }
            Order::Value { attribute, code } => {
                DefineValue::new(AttributeId(*attribute), ValueCode(*code), &step.name).into()
            }
            Order::ValueSet { set, attribute, .. } => {
                return value_set((ValueSetId(*set), AttributeId(*attribute)), &hold.values);
            }
            Order::Zone { zone, .. } => SetZone::new(ZoneId(*zone), &hold.transitions).into(),
            Order::Calendar(calendar) => {
                SetCalendar::new(account, CalendarId(calendar.id.1)).hours(&hold.spans, &hold.holidays).into()
            }
            Order::Duplicates(rule) => {
                let (scope, window) = (rule.scope, rule.window.1);
                SetDuplicates { account, scope, on: rule.on, window, anonymous: rule.anonymous }.into()
            }
            Order::Frequency(rule) => {
                let (calls_max, window) = (rule.calls.1, rule.window.1);
                SetFrequency { account, listing: of_listing, calls_max, window, anonymous: rule.anonymous }.into()
            }
            Order::Screen(_) => {
                let command = SetScreen { listing: of_listing, ..SetScreen::new(account) };
                command.rules(&hold.screen, &hold.values).into()
            }
            Order::Quota(quota) => quota.command(account, &hold.quota).into(),
            Order::Policy(choice) => {
                let price = choice.price.map(|(_, price)| price);
                let command = SetPolicy::new(account, listing, choice.policy).skills(&hold.levels);
                SetPolicy { price, ..command }.into()
            }
            Order::Conjunction(conjunction) => {
                let wanted = profile_command(account, profile, conjunction.trial.terms.iter().map(|said| &said.term));
                let mut also = AlsoWants::of(account, profile, conjunction.nth);
                (also.clauses, also.values) = (wanted.clauses, wanted.values);
                also.into()
            }
            Order::Modifiers(modified) => {
                let command = SetModifiers::of(account, profile).modifiers(&hold.modifiers);
                SetModifiers { max: modified.max.map(|(_, max)| max), ..command }.into()
            }
            Order::Rank(rank) => {
                let (weight, quality, prior) = rank.all();
                RankProfile { buyer: account, profile, weight, quality, prior }.into()
            }
            Order::Skills(_) => SetSkills::new(account, profile).skills(&hold.levels).into(),
            _ => return Vec::new(),
        };
        vec![command]
    }
}

impl Hold {
    fn keep(&mut self, order: &Said) {
        let Said::Step(step) = order else { return };
        match &step.order {
            Order::ValueSet { codes, .. } => self.values = codes.iter().copied().map(ValueCode).collect(),
            Order::Zone { transitions, .. } => {
                self.transitions = transitions.iter().map(|(_, transition)| *transition).collect();
            }
            Order::Calendar(calendar) => (self.spans, self.holidays) = calendar.hours(),
            Order::Screen(screen) => {
                self.screen = screen.rules.iter().map(|(_, rule)| *rule).collect();
                self.values = screen.values.iter().copied().map(ValueCode).collect();
            }
            Order::Quota(quota) => self.quota = quota.all(),
            Order::Policy(choice) => self.levels = levels(&choice.requires),
            Order::Skills(skills) => self.levels = levels(&skills.skills),
            Order::Modifiers(modified) => {
                self.modifiers = modified.modifiers.iter().map(|(_, modifier)| *modifier).collect();
            }
            _ => {}
        }
    }
}

/// A value set is loaded in chunks; an empty one is a first chunk without a value, and refused as such.
fn value_set((set, attribute): (ValueSetId, AttributeId), codes: &[ValueCode]) -> Vec<Command<'_>> {
    let total = u32::try_from(codes.len()).unwrap_or(u32::MAX);
    let chunk = |offset, codes| LoadValueSet::chunk(set, attribute, total, offset, codes).into();
    if codes.is_empty() {
        return vec![chunk(0, codes)];
    }
    codes
        .chunks(VALUE_SET_CHUNK_MAX)
        .zip((0..).step_by(VALUE_SET_CHUNK_MAX))
        .map(|(codes, at)| chunk(at, codes))
        .collect()
}

fn orders(
    (tree, body): (&Node, &Json),
    (shape, of): (Shape, Of),
    name: &str,
    vocabulary: &Vocabulary,
    mistakes: &mut Mistakes,
) -> Vec<Said> {
    let named = |text: &str| Key { text: text.to_owned(), place: tree.place };
    let called = called(of);
    let its = (called.as_str(), 0);
    let mut schema = if shape.has_names() { schema(vocabulary, body) } else { Schema::default() };
    if matches!(shape, Shape::Skills | Shape::Policy) {
        schema.skills = numbers(greatest(body, if shape == Shape::Skills { "" } else { "requires" }));
    }
    let mut steps = Vec::new();
    match shape {
        Shape::Attribute | Shape::ValueSet | Shape::Zone => {
            let Of::Number(number) = of else { return Vec::new() };
            let (key, steps) = (named(name), &mut steps);
            match shape {
                Shape::Attribute => schema.attribute(number, (&key, tree), steps, mistakes),
                Shape::ValueSet => schema.value_set(number, (&key, tree), steps, mistakes),
                _ => schema.zone(number, (&key, tree), steps, mistakes),
            }
        }
        Shape::Calendar => {
            let mut read = calendar(0, (&named(&called), tree), &called, mistakes);
            if let Of::Calendar(id) = of {
                read.id = (tree.place, id);
            }
            steps.push(Step { place: tree.place, name: called, order: Order::Calendar(read) });
        }
        Shape::Duplicates | Shape::Frequency | Shape::Screen => {
            let (key, section) = match shape {
                Shape::Duplicates => ("duplicates", &keys::LISTING),
                Shape::Frequency => ("frequency", &keys::LISTING),
                _ => ("screen", &keys::LISTING),
            };
            let key = named(key);
            let fields = Fields::part(section, (&key, tree));
            let scope = match of {
                Of::Listing(id) => CallerScope::Listing(ListingId(id)),
                Of::Profile(id) => CallerScope::Profile(ProfileId(id)),
                _ => CallerScope::Account,
            };
            let sells = shape != Shape::Duplicates || matches!(of, Of::Listing(_));
            let mut reader = Reader::of(schema, mistakes);
            reader.rules_about_callers(&fields, 0, &called, scope, sells);
            steps = reader.steps;
            if shape == Shape::Screen && steps.is_empty() {
                return vec![Said::NoScreen];
            }
        }
        Shape::Quota => {
            let scope = match of {
                Of::Listing(id) => QuotaScope::Listing(ListingId(id)),
                Of::Profile(id) => QuotaScope::Profile(ProfileId(id)),
                Of::Group(id) => QuotaScope::Group(GroupId(id)),
                _ => QuotaScope::Account,
            };
            let key = named("quota");
            let fields = Fields::part(&keys::LISTING, (&key, tree));
            steps.extend(quota(&fields, (&called, scope), (0, &Calendars::by_id()), mistakes));
        }
        Shape::Deal => {
            let price = deal_price((tree, tree.place), "the deal", mistakes);
            return price.map(|(_, price)| Said::Deal(price)).into_iter().collect();
        }
        Shape::Policy => {
            let key = named("policy");
            steps.extend(policies::policy(&Fields::part(&keys::LISTING, (&key, tree)), its, &schema, mistakes));
        }
        Shape::Rank => {
            let key = named("rank");
            steps.extend(policies::rank(&Fields::part(&keys::PROFILE, (&key, tree)), its, mistakes));
        }
        Shape::Skills => {
            let key = named("skills");
            steps.extend(policies::skills(&Fields::part(&keys::PROFILE, (&key, tree)), its, &schema, mistakes));
        }
        Shape::Also => {
            let Of::Also(_, nth) = of else { return Vec::new() };
            let mut reader = Reader::of(schema, mistakes);
            steps.push(reader.conjunction((0, &called, 0), tree, nth));
        }
        Shape::Modifiers => {
            let allowed = Fields::of((tree, tree.place), &keys::MODIFIED, "what becomes of the bid", mistakes);
            let entries = ["max_bid", "modifiers"].into_iter().filter_map(|name| allowed.get(name));
            let fields = Fields::parts(&keys::PROFILE, entries.collect());
            let mut reader = Reader::of(schema, mistakes);
            reader.modifiers(its, &fields);
            steps = reader.steps;
            if steps.is_empty() {
                return vec![Said::NoModifiers];
            }
        }
    }
    steps.into_iter().map(Said::Step).collect()
}

fn called(of: Of) -> String {
    match of {
        Of::Account => "the account".to_owned(),
        Of::Listing(id) | Of::Profile(id) | Of::Group(id) | Of::Calendar(id) | Of::Deal(id, _) | Of::Also(id, _) => {
            id.to_string()
        }
        Of::Number(number) => number.to_string(),
    }
}

/// The names that a body speaks of: every attribute of the market, and of its values those that stand below its name.
fn schema(vocabulary: &Vocabulary, body: &Json) -> Schema {
    let mut attributes = Vec::new();
    for id in 0..=last_of(vocabulary) {
        let known = vocabulary.get(AttributeId(id));
        let name = known.map_or_else(String::new, |known| known.name.clone());
        attributes.push(Known { name, kind: known.map(|known| known.kind), codes: std::collections::HashMap::new() });
    }
    let places: HashMap<String, usize> = attributes.iter().map(|known| known.name.clone()).zip(0..).collect();
    collect(body, &mut |name, text| {
        let Some(place) = places.get(name) else { return };
        let Some(attribute) = vocabulary.by_name(name) else { return };
        let code = attribute.code(text);
        if let (Some(known), true) = (attributes.get_mut(*place), code != ValueCode::UNKNOWN) {
            known.codes.insert(text.to_owned(), code.0);
        }
    });
    // Of which attribute a set is, the exchange knows.
    let sets = numbers(greatest_below(body, "in")).into_iter().map(|number| (number, u16::MAX)).collect();
    Schema { attributes, sets, ..Schema::default() }
}

/// The greatest id of an attribute; ids may have gaps.
fn last_of(vocabulary: &Vocabulary) -> u16 {
    (0..=u16::MAX).rev().find(|id| vocabulary.get(AttributeId(*id)).is_some()).unwrap_or(0)
}

/// Every text, with the nearest key above it, and with the value of `attribute` beside it where there is one.
fn collect(body: &Json, each: &mut dyn FnMut(&str, &str)) {
    let Json::Map(entries) = body else {
        if let Json::List(items) = body {
            items.iter().for_each(|item| collect(item, each));
        }
        return;
    };
    let beside = entries.iter().find_map(|(key, value)| match value {
        Json::Text(text) if key == "attribute" => Some(text.as_str()),
        _ => None,
    });
    for (key, value) in entries {
        for name in [Some(key.as_str()), beside].into_iter().flatten() {
            texts(value, &mut |text| each(name, text));
        }
        collect(value, each);
    }
}

/// The texts of a value, in lists, and beside `is`.
fn texts(value: &Json, each: &mut dyn FnMut(&str)) {
    match value {
        Json::Null => {}
        Json::Text(text) => each(text),
        Json::List(items) => items.iter().for_each(|item| texts(item, each)),
        Json::Map(entries) => {
            entries.iter().filter(|(key, _)| key == "is").for_each(|(_, value)| texts(value, each));
        }
    }
}

/// Numbers as names: things that have no other.
fn numbers(last: Option<u16>) -> Vec<String> {
    last.map_or_else(Vec::new, |last| (0..=last).map(|number| number.to_string()).collect())
}

/// The greatest number among the keys of a map, or of the map under a key of it.
fn greatest(body: &Json, under: &str) -> Option<u16> {
    let Json::Map(entries) = body else { return None };
    if under.is_empty() {
        return entries.iter().filter_map(|(key, _)| key.parse().ok()).max();
    }
    entries.iter().filter(|(key, _)| key == under).find_map(|(_, value)| greatest(value, ""))
}

/// The greatest number that stands beside a key, anywhere.
fn greatest_below(body: &Json, key: &str) -> Option<u16> {
    match body {
        Json::Null | Json::Text(_) => None,
        Json::List(items) => items.iter().filter_map(|item| greatest_below(item, key)).max(),
        Json::Map(entries) => entries
            .iter()
            .filter_map(|(name, value)| match value {
                Json::Text(text) if name == key => text.parse().ok(),
                _ => greatest_below(value, key),
            })
            .max(),
    }
}
