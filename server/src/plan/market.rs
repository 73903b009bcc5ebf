//! The sections that say who trades: sellers with their listings, buyers with their profiles.

use dce_engine::event::Role;
use dce_engine::ids::{ListingId, ProfileId, ValueSetId};
use dce_engine::terms::{CallerScope, Kind, QuotaScope, Test};
use dce_engine::units::GeoPoint;

use super::besides::Agreed;
use super::callers;
use super::delivery;
use super::fields::{Fields, list, map, text};
use super::groups::Groups;
use super::hours::Calendars;
use super::keys::{self, Section};
use super::mistakes::{Mistakes, shown};
use super::model::{Account, Listing, ListingTerm, Order, Plan, Profile, ProfileTerm, Said, Step, What, id_of};
use super::policies;
use super::quotas::quota;
use super::scalars;
use super::schema::{Known, Schema, UTC};
use super::text::{Key, Node, What as Form};

/// The version of the format.
const VERSION: u32 = 1;

/// The steps of the plan at `tree`, as far as they can be made out.
pub(super) fn read(tree: &Node, mistakes: &mut Mistakes) -> Plan {
    let plan = Fields::of((tree, tree.place), &keys::PLAN, "a plan", mistakes);
    if let Some((place, version)) = plan.number::<u32>("plan", mistakes)
        && version != VERSION
    {
        mistakes.add(place, format!("this program reads plans of version {VERSION}, and this one is of {version}"));
    }
    let mut steps = Vec::new();
    let schema = Schema::read(&plan, &mut steps, mistakes);
    let mut reader = Reader { schema, steps, mistakes, buyers: Vec::new(), agreed: Vec::new() };
    for (name, section, role) in [("sellers", &keys::SELLER, Role::Seller), ("buyers", &keys::BUYER, Role::Buyer)] {
        let Some((_, node)) = plan.get(name) else { continue };
        for account in map(node, &format!("`{name}`"), reader.mistakes) {
            reader.account(account, section, role);
        }
    }
    reader.deals();
    Plan { steps: reader.steps }
}

impl<'n, 'm> Reader<'n, 'm> {
    /// Of a part that stands by itself, in a market with these names.
    #[cfg(feature = "rest")]
    pub(super) const fn of(schema: Schema, mistakes: &'m mut Mistakes) -> Self {
        Self { schema, steps: Vec::new(), mistakes, buyers: Vec::new(), agreed: Vec::new() }
    }
}

pub(super) struct Reader<'n, 'm> {
    pub(super) schema: Schema,
    pub(super) steps: Vec<Step>,
    pub(super) mistakes: &'m mut Mistakes,
    /// By name, and the step that opens each.
    pub(super) buyers: Vec<(String, usize)>,
    /// Deals with buyers who stand further below.
    pub(super) agreed: Vec<Agreed<'n>>,
}

impl<'n> Reader<'n, '_> {
    fn account(&mut self, (key, node): (&'n Key, &'n Node), section: &'static Section, role: Role) {
        let owner = format!("{} `{}`", section.name, shown(&key.text));
        let fields = Fields::of((node, key.place), section, &owner, self.mistakes);
        let id = self.id(&fields, What::Account, key, &key.text);
        let zone = self.zone(&fields);
        let deposit = match role {
            Role::Buyer => fields.read("deposit", self.mistakes, scalars::amount),
            _ => None,
        };
        let account = self.steps.len();
        let order = Order::Account(Account { role, id, zone, deposit });
        self.steps.push(Step { place: key.place, name: key.text.clone(), order });
        if role == Role::Buyer {
            self.buyers.push((key.text.clone(), account));
        }
        let calendars = Calendars::read(&fields, (&key.text, account), &mut self.steps, self.mistakes);
        self.rules_about_callers(&fields, account, &key.text, CallerScope::Account, role == Role::Seller);
        if role == Role::Seller
            && let Some((place, firm_max)) = fields.number("firm_quotes", self.mistakes)
        {
            self.steps.push(Step { place, name: key.text.clone(), order: Order::Quoting { account, firm_max } });
        }
        let groups = (role == Role::Buyer)
            .then(|| Groups::read(&fields, (&key.text, account), &calendars, &mut self.steps, self.mistakes));
        let all = (key.text.as_str(), QuotaScope::Account);
        self.steps.extend(quota(&fields, all, (account, &calendars), self.mistakes));
        let inside = if role == Role::Buyer { "profiles" } else { "listings" };
        let Some((_, node)) = fields.get(inside) else { return };
        for (inner, node) in map(node, &format!("`{inside}`"), self.mistakes) {
            let name = format!("{}/{}", key.text, inner.text);
            let place = inner.place;
            if let Some(groups) = &groups {
                let (profile, fields) = self.profile((account, &calendars), (inner, node), &name);
                let scope = callers::of_profile(profile.id.1);
                let its = (name.as_str(), QuotaScope::Profile(ProfileId(profile.id.1)));
                self.steps.push(Step { place, name: name.clone(), order: Order::Profile(profile) });
                let made = self.steps.len() - 1;
                let rank = policies::rank(&fields, (&name, made), self.mistakes);
                let skills = policies::skills(&fields, (&name, made), &self.schema, self.mistakes);
                let member = groups.member(&fields, (&name, made), self.mistakes);
                self.steps.extend(rank.into_iter().chain(skills).chain(member));
                self.besides_profile((account, &name, made), &fields);
                self.rules_about_callers(&fields, account, &name, scope, false);
                let answering = delivery::answering(&fields, (&name, made), self.mistakes);
                let quota = quota(&fields, its, (account, &calendars), self.mistakes);
                self.steps.extend(answering.into_iter().chain(quota));
            } else {
                let (listing, fields) = self.listing((account, &calendars), (inner, node), &name);
                let scope = callers::of_listing(listing.id.1);
                let its = (name.as_str(), QuotaScope::Listing(ListingId(listing.id.1)));
                self.steps.push(Step { place, name: name.clone(), order: Order::Listing(listing) });
                let made = self.steps.len() - 1;
                let policy = policies::policy(&fields, (&name, made), &self.schema, self.mistakes);
                self.steps.extend(policy);
                self.besides_listing((&name, made), &fields);
                self.rules_about_callers(&fields, account, &name, scope, true);
                let delivery = delivery::delivery(&fields, (&name, made), self.mistakes);
                let quota = quota(&fields, its, (account, &calendars), self.mistakes);
                self.steps.extend(delivery.into_iter().chain(quota));
            }
        }
    }

    fn listing(
        &mut self,
        (account, calendars): (usize, &Calendars<'_>),
        (key, node): (&'n Key, &'n Node),
        name: &str,
    ) -> (Listing, Fields<'n>) {
        let owner = format!("listing `{}`", shown(name));
        let fields = Fields::of((node, key.place), &keys::LISTING, &owner, self.mistakes);
        let id = self.id(&fields, What::Listing, key, name);
        let mut terms = Vec::new();
        let mut say = |name: &str, read: Option<(super::Place, ListingTerm)>| {
            let takes = fields.takes(name);
            terms.extend(read.map(|(place, term)| Said { place, key: name.to_owned(), takes, term }));
        };
        macro_rules! say {
            ($name:literal, $read:path, $term:expr) => {
                say($name, fields.read($name, self.mistakes, $read).map(|(place, value)| (place, $term(value))))
            };
        }
        say("vertical", self.vertical(&fields).map(|(place, number)| (place, ListingTerm::Vertical(number))));
        let pricing = fields.choice("pricing", &["first price", "second price"], self.mistakes);
        let increment = fields.read("increment", self.mistakes, scalars::amount);
        match (pricing, increment) {
            (Some((place, "second price")), None) => {
                say("pricing", Some((place, ListingTerm::SecondPrice(Default::default()))));
            }
            (Some((_, "second price")), Some((place, amount))) => {
                say("increment", Some((place, ListingTerm::SecondPrice(amount))));
            }
            (_, Some((place, _))) => {
                self.mistakes.add(place, format!("`increment` means nothing for {owner}, sold at first price"));
            }
            (_, None) => {}
        }
        say!("reserve", scalars::amount, ListingTerm::Reserve);
        say!("payout", scalars::payout, ListingTerm::Payout);
        say!("payout_term", scalars::term, ListingTerm::PayoutTerm);
        say!("margin_min", scalars::amount, ListingTerm::MarginMin);
        say!("duration_max", scalars::seconds, |length: dce_engine::units::Seconds| ListingTerm::DurationMax(length.0));
        let hours = calendars.named(&fields, self.mistakes);
        say("hours", hours.map(|(place, calendar)| (place, ListingTerm::Hours(calendar))));
        let mut switch = |name| fields.read(name, self.mistakes, scalars::switch).filter(|(_, on)| *on);
        let (open, withdrawable) = (switch("open"), switch("withdrawable"));
        say("open", open.map(|(place, _)| (place, ListingTerm::Open)));
        say("withdrawable", withdrawable.map(|(place, _)| (place, ListingTerm::Withdrawable)));
        let tells_price_to_win =
            fields.read("tells_price_to_win", self.mistakes, scalars::switch).map(|(_, tells)| tells);
        (Listing { account, id, terms, tells_price_to_win }, fields)
    }

    fn profile(
        &mut self,
        (account, calendars): (usize, &Calendars<'_>),
        (key, node): (&'n Key, &'n Node),
        name: &str,
    ) -> (Profile, Fields<'n>) {
        let owner = format!("profile `{}`", shown(name));
        let fields = Fields::of((node, key.place), &keys::PROFILE, &owner, self.mistakes);
        let id = self.id(&fields, What::Profile, key, name);
        let mut terms = Vec::new();
        let vertical = self.vertical(&fields).map(|(place, number)| (place, ProfileTerm::Vertical(number)));
        terms.extend(said(&fields, "vertical", vertical));
        macro_rules! say {
            ($fields:expr, $name:literal, $read:path, $term:expr) => {
                let read = $fields.read($name, self.mistakes, $read).map(|(place, value)| (place, $term(value)));
                terms.extend(said(&$fields, $name, read));
            };
        }
        say!(fields, "tier", scalars::number, ProfileTerm::Tier);
        say!(fields, "bid", scalars::amount, ProfileTerm::Bid);
        say!(fields, "pays", scalars::term, ProfileTerm::Pays);
        if let Some((key, node)) = fields.get("caps") {
            let caps = Fields::of((node, key.place), &keys::CAPS, &format!("`caps` of {owner}"), self.mistakes);
            say!(caps, "concurrency", scalars::number, ProfileTerm::Concurrency);
            say!(caps, "hourly", scalars::number, ProfileTerm::Hourly);
            say!(caps, "daily", scalars::number, ProfileTerm::Daily);
            say!(caps, "total", scalars::number, ProfileTerm::Total);
            say!(caps, "daily_budget", scalars::amount, ProfileTerm::DailyBudget);
        }
        let hours = calendars.named(&fields, self.mistakes);
        terms.extend(said(&fields, "hours", hours.map(|(place, calendar)| (place, ProfileTerm::Hours(calendar)))));
        let live = fields.read("live", self.mistakes, scalars::switch).filter(|(_, on)| *on);
        terms.extend(said(&fields, "live", live.map(|(place, _)| (place, ProfileTerm::Live))));
        terms.extend(self.clauses(&fields, &owner));
        if let Some((_, node)) = fields.get("dial") {
            for item in list(node, &format!("`dial` of {owner}"), self.mistakes) {
                terms.extend(self.destination(item, &owner));
            }
        }
        (Profile { account, id, terms }, fields)
    }

    /// What `wants` and `excludes` say.
    pub(super) fn clauses(&mut self, fields: &Fields<'_>, owner: &str) -> Vec<Said<ProfileTerm>> {
        let mut terms = Vec::new();
        for (name, excludes) in [("wants", false), ("excludes", true)] {
            let Some((_, node)) = fields.get(name) else { continue };
            for (attribute, node) in map(node, &format!("`{name}` of {owner}"), self.mistakes) {
                let Some(term) = self.clause(attribute, node, excludes) else { continue };
                let takes = match &term {
                    ProfileTerm::Test(_, Test::Range { .. }) => "{ from: 50, below: 65 }",
                    ProfileTerm::Test(_, Test::Near { .. }) => "a place on the globe, and at most 500 km around it",
                    _ => "a value, a list of values, or { in: SET }",
                };
                let key = attribute.text.clone();
                terms.push(Said { place: attribute.place, key, takes, term });
            }
        }
        terms
    }

    fn destination(&mut self, item: &Node, owner: &str) -> Option<Said<ProfileTerm>> {
        let of = format!("a destination of {owner}");
        let fields = Fields::of((item, item.place), &keys::DIAL, &of, self.mistakes);
        let to = fields.read("to", self.mistakes, |text| Ok(text.to_owned()));
        let ring = fields.read("ring", self.mistakes, scalars::millis);
        let ((_, to), (_, ring)) = (to?, ring?);
        let takes = "`to` of 1 to 64 bytes and `ring` from 1ms to 5m";
        Some(Said { place: item.place, key: "dial".to_owned(), takes, term: ProfileTerm::Dial(to, ring) })
    }

    /// What a call must, or must not, be in one attribute; what may be said of it is its kind's.
    pub(super) fn clause(&mut self, key: &Key, node: &Node, excludes: bool) -> Option<ProfileTerm> {
        let (attribute, known) = self.schema.find(key, self.mistakes)?;
        let name = shown(&key.text);
        let owner = format!("the test of `{name}`");
        match (known.kind?, &node.what) {
            (Kind::Category { .. } | Kind::Set { .. }, Form::Map(_)) => {
                let set = set(&self.schema, node, &owner, attribute, self.mistakes)?;
                let test = if excludes { Test::NotInSet { set } } else { Test::InSet { set } };
                Some(ProfileTerm::Test(attribute, test))
            }
            (Kind::Category { .. } | Kind::Set { .. }, _) => {
                let codes = codes(known, node, self.mistakes)?;
                Some(if excludes {
                    ProfileTerm::NoneOf(attribute, codes)
                } else {
                    ProfileTerm::AnyOf(attribute, codes)
                })
            }
            _ if excludes => {
                let what = format!("`{name}` cannot be excluded: only categories and sets can; say what is wanted");
                self.mistakes.add(key.place, what);
                None
            }
            (Kind::Integer { decimals, .. }, Form::Map(_)) => {
                let fields = Fields::of((node, key.place), &keys::RANGE, &owner, self.mistakes);
                let mut end = |name, without| match fields.get(name) {
                    Some(_) => fields.read(name, self.mistakes, |text| scalars::decimal(text, decimals)),
                    None => Some((key.place, without)),
                };
                let ((_, low), (_, high)) = (end("from", i64::MIN)?, end("below", i64::MAX)?);
                Some(ProfileTerm::Test(attribute, Test::Range { low, high }))
            }
            (Kind::Integer { .. }, _) => {
                let what = format!("`{name}` is an integer: write {{ from: 50, below: 65 }}");
                self.mistakes.add(node.place, what);
                None
            }
            (Kind::Boolean, _) => {
                let said = text(node, &key.text, "yes or no", self.mistakes)?;
                let Ok(value) = scalars::switch(said) else {
                    self.mistakes.add(node.place, format!("`{name}` is `{}`: it takes yes or no", shown(said)));
                    return None;
                };
                Some(ProfileTerm::Test(attribute, Test::Is { value }))
            }
            (Kind::Point, _) => {
                let fields = Fields::of((node, key.place), &keys::NEAR, &owner, self.mistakes);
                let centre = fields.get("near").and_then(|(_, node)| place(node, self.mistakes));
                let radius = fields.read("within", self.mistakes, scalars::distance);
                let (centre, (_, radius)) = (centre?, radius?);
                Some(ProfileTerm::Test(attribute, Test::Near { centre, radius }))
            }
        }
    }

    fn id(&mut self, fields: &Fields<'_>, what: What, key: &Key, name: &str) -> (super::Place, u128) {
        let given = fields.read("id", self.mistakes, scalars::id);
        given.unwrap_or_else(|| (key.place, id_of(what, name)))
    }

    fn zone(&mut self, fields: &Fields<'_>) -> u16 {
        let Some((_, node)) = fields.get("zone") else { return 0 };
        let Some(name) = text(node, "zone", fields.takes("zone"), self.mistakes) else { return 0 };
        let zones = &self.schema.zones;
        if let Some((number, _)) = (1..).zip(zones).find(|(_, zone)| *zone == name) {
            return number;
        }
        if name != UTC {
            let known = zones.iter().map(String::as_str).chain([UTC]);
            self.mistakes.unknown(node.place, format!("no zone is called `{}`", shown(name)), name, known);
        }
        0
    }

    fn vertical(&mut self, fields: &Fields<'_>) -> Option<(super::Place, u16)> {
        let (_, node) = fields.get("vertical")?;
        let name = text(node, "vertical", fields.takes("vertical"), self.mistakes)?;
        let verticals = &self.schema.verticals;
        let found = (0..).zip(verticals).find(|(_, known)| *known == name);
        if found.is_none() {
            let what = format!("no vertical is called `{}`", shown(name));
            self.mistakes.unknown(node.place, what, name, verticals.iter().map(String::as_str));
        }
        Some((node.place, found?.0))
    }
}

fn said(fields: &Fields<'_>, name: &str, read: Option<(super::Place, ProfileTerm)>) -> Option<Said<ProfileTerm>> {
    read.map(|(place, term)| Said { place, key: name.to_owned(), takes: fields.takes(name), term })
}

/// One value, or a list of them.
fn codes(known: &Known, node: &Node, mistakes: &mut Mistakes) -> Option<Vec<u32>> {
    let Form::List(items) = &node.what else {
        let name = text(node, &known.name, "a value, a list of values, or { in: SET }", mistakes)?;
        return known.code(name, node.place, mistakes).map(|code| vec![code]);
    };
    let mut codes = Vec::new();
    for item in items {
        if let Some(name) = text(item, &known.name, "values", mistakes) {
            codes.extend(known.code(name, item.place, mistakes));
        }
    }
    // A list that is empty in the file is the engine's to refuse; one that lost its values was refused here.
    (items.is_empty() || !codes.is_empty()).then_some(codes)
}

/// `{ in: SET }`.
fn set(schema: &Schema, node: &Node, owner: &str, attribute: u16, mistakes: &mut Mistakes) -> Option<ValueSetId> {
    let fields = Fields::of((node, node.place), &keys::IN_SET, owner, mistakes);
    let (_, node) = fields.get("in")?;
    let name = text(node, "in", fields.takes("in"), mistakes)?;
    let sets = || schema.sets.iter().filter(|(_, of)| *of == attribute).map(|(name, _)| name.as_str());
    let found = (0..).zip(&schema.sets).find(|(_, (known, _))| known == name);
    match found {
        None => {
            mistakes.unknown(node.place, format!("no value set is called `{}`", shown(name)), name, sets());
            None
        }
        Some((_, (_, of))) if *of != attribute && *of != u16::MAX => {
            let what = format!("the value set `{}` is of another attribute", shown(name));
            mistakes.unknown(node.place, what, name, sets());
            None
        }
        Some((set, _)) => Some(ValueSetId(set)),
    }
}

/// `[latitude, longitude]`.
fn place(node: &Node, mistakes: &mut Mistakes) -> Option<GeoPoint> {
    let items: Vec<&Node> = list(node, "`near`", mistakes).collect();
    let [latitude, longitude] = items[..] else {
        if !items.is_empty() {
            mistakes.add(node.place, "`near` takes two numbers: latitude and longitude");
        }
        return None;
    };
    let mut degrees = |node: &Node| {
        let said = text(node, "near", "degrees", mistakes)?;
        let read = scalars::degrees(said);
        if let Err(fault) = &read {
            mistakes.add(node.place, format!("`near` is `{}`: {fault}", shown(said)));
        }
        read.ok()
    };
    let (latitude, longitude) = (degrees(latitude), degrees(longitude));
    Some(GeoPoint { latitude_micro: latitude?, longitude_micro: longitude? })
}
