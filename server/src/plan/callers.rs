//! Rules about callers: who counts as having called before, how often one may call, which facts refuse a call.

use dce_engine::ids::{ListingId, ProfileId};
use dce_engine::reason::Reason;
use dce_engine::terms::{AnonymousCallers, CallerScope, Clause, DuplicateOn, Leg, ScreenRule, Test};

use super::fields::{Fields, list, map};
use super::keys;
use super::market::Reader;
use super::mistakes::shown;
use super::model::{Duplicates, Frequency, Order, ProfileTerm, Screen, Step};
use super::scalars;
use super::text::{Node, Place};

impl Reader<'_, '_> {
    /// The rules of an account, a listing or a profile, after the step that makes it. `fields` are its keys, `of` is its
    /// account's step, `name` what the file calls it.
    pub(super) fn rules_about_callers(
        &mut self,
        fields: &Fields<'_>,
        of: usize,
        name: &str,
        scope: CallerScope,
        sells: bool,
    ) {
        if !(sells && scope == CallerScope::Account)
            && let Some((key, node)) = fields.get("duplicates")
            && let Some(rule) = self.duplicates((node, key.place), of, name, scope)
        {
            self.steps.push(Step { place: key.place, name: name.to_owned(), order: Order::Duplicates(rule) });
        }
        if !sells {
            return;
        }
        let listing = match scope {
            CallerScope::Listing(listing) => Some(listing.0),
            CallerScope::Account | CallerScope::Profile(_) => None,
        };
        if let Some((key, node)) = fields.get("frequency")
            && let Some(rule) = self.frequency((node, key.place), of, name, listing)
        {
            self.steps.push(Step { place: key.place, name: name.to_owned(), order: Order::Frequency(rule) });
        }
        let Some((key, node)) = fields.get("screen") else { return };
        let mut screen = Screen { account: of, listing, rules: Vec::new(), values: Vec::new() };
        for item in list(node, &format!("`screen` of `{}`", shown(name)), self.mistakes) {
            self.screen_rule(item, name, &mut screen);
        }
        if !screen.rules.is_empty() {
            self.steps.push(Step { place: key.place, name: name.to_owned(), order: Order::Screen(screen) });
        }
    }

    fn duplicates(&mut self, at: (&Node, Place), account: usize, name: &str, scope: CallerScope) -> Option<Duplicates> {
        let owner = format!("`duplicates` of `{}`", shown(name));
        let fields = Fields::of(at, &keys::DUPLICATES, &owner, self.mistakes);
        let on = match fields.choice("on", &["incoming", "connect", "convert"], self.mistakes) {
            Some((_, "connect")) => DuplicateOn::Connect,
            Some((_, "convert")) => DuplicateOn::Convert,
            _ => DuplicateOn::Incoming,
        };
        let anonymous = self.anonymous(&fields);
        let window = self.window(&fields)?;
        Some(Duplicates { account, scope, on, window, anonymous })
    }

    fn frequency(
        &mut self,
        at: (&Node, Place),
        account: usize,
        name: &str,
        listing: Option<u128>,
    ) -> Option<Frequency> {
        let owner = format!("`frequency` of `{}`", shown(name));
        let fields = Fields::of(at, &keys::FREQUENCY, &owner, self.mistakes);
        let anonymous = self.anonymous(&fields);
        let calls = fields.read("calls", self.mistakes, scalars::number);
        let window = self.window(&fields)?;
        Some(Frequency { account, listing, calls: calls?, window, anonymous })
    }

    fn anonymous(&mut self, fields: &Fields<'_>) -> AnonymousCallers {
        match fields.choice("anonymous", &["one caller", "distinct", "refused"], self.mistakes) {
            Some((_, "distinct")) => AnonymousCallers::Distinct,
            Some((_, "refused")) => AnonymousCallers::Refused,
            _ => AnonymousCallers::OneCaller,
        }
    }

    /// No window would lift a rule, and a plan only makes.
    fn window(&mut self, fields: &Fields<'_>) -> Option<(Place, dce_engine::units::Seconds)> {
        let window = fields.read("window", self.mistakes, scalars::seconds)?;
        if window.1.0 == 0 {
            self.mistakes.add(window.0, format!("`window` is no time at all: it takes {}", fields.takes("window")));
            return None;
        }
        Some(window)
    }

    fn screen_rule(&mut self, item: &Node, name: &str, screen: &mut Screen) {
        let owner = format!("a rule of `screen` of `{}`", shown(name));
        let fields = Fields::of((item, item.place), &keys::SCREEN_RULE, &owner, self.mistakes);
        let reason = self.reason(&fields);
        let leg = fields.choice("leg", &["inbound", "transfer", "callback"], self.mistakes).map(|(_, leg)| match leg {
            "transfer" => Leg::OutboundTransfer,
            "callback" => Leg::Callback,
            _ => Leg::ConsumerInbound,
        });
        let (asked, unless) = match (fields.get("when"), fields.get("unless")) {
            (Some((_, node)), None) => (node, false),
            (None, Some((_, node))) => (node, true),
            _ => {
                self.mistakes.add(item.place, format!("{owner} must say either `when` or `unless`"));
                return;
            }
        };
        let said: Vec<_> = map(asked, &format!("the test of {owner}"), self.mistakes).collect();
        let [(attribute, node)] = said[..] else {
            self.mistakes.add(asked.place, format!("the test of {owner} must be about one attribute"));
            return;
        };
        let Some(term) = self.clause(attribute, node, false) else { return };
        let mut listed = |codes: Vec<u32>| {
            let count = u16::try_from(codes.len()).unwrap_or(u16::MAX);
            screen.values.extend(codes);
            Test::AnyOf { count }
        };
        let (attribute, test) = match term {
            ProfileTerm::AnyOf(attribute, codes) => (attribute, listed(codes)),
            ProfileTerm::Test(attribute, test) => (attribute, test),
            _ => return,
        };
        let clause = Clause { attribute: dce_engine::ids::AttributeId(attribute), test };
        if let Some(reason) = reason {
            screen.rules.push((item.place, ScreenRule { leg, clause, unless, reason }));
        }
    }

    fn reason(&mut self, fields: &Fields<'_>) -> Option<Reason> {
        let named = |reason: &&Reason| reason.is_compliance() || reason.is_fraud();
        let known: Vec<String> = Reason::ALL.iter().filter(named).map(|reason| format!("{reason:?}")).collect();
        let words: Vec<&str> = known.iter().map(String::as_str).collect();
        let (_, name) = fields.choice("refuse", &words, self.mistakes)?;
        Reason::ALL.iter().copied().find(|reason| format!("{reason:?}") == name)
    }
}

/// Of one listing.
pub(super) const fn of_listing(id: u128) -> CallerScope {
    CallerScope::Listing(ListingId(id))
}

/// Of one profile.
pub(super) const fn of_profile(id: u128) -> CallerScope {
    CallerScope::Profile(ProfileId(id))
}
