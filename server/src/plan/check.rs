//! Every step taken by an exchange of the plan's own, with the capacities of the real one: what it refuses is a mistake.

use std::collections::HashMap;

use dce_engine::commands::{
    AlsoWants, Command, CreateListing, CreateProfile, DeclareAttribute, DefineValue, LoadValueSet, OpenAccount,
    RankProfile, SetCalendar, SetDeal, SetDisclosure, SetDuplicates, SetFrequency, SetGroup, SetModifiers, SetPolicy,
    SetPrivate, SetQuoting, SetScreen, SetSkills, SetTogether, SetWindow, SetZone,
};
use dce_engine::event::Role;
use dce_engine::genesis::{Genesis, USD};
use dce_engine::ids::{
    AccountId, AttributeId, CalendarId, GroupId, ListingId, ProfileId, ValueCode, ValueSetId, VerticalId, ZoneId,
};
use dce_engine::limits::{Limits, VALUE_SET_CHUNK_MAX};
use dce_engine::terms::{Modifier, PayTerm, Payout, ScreenRule, Transition};
use dce_engine::units::{Millis, Money, Seconds, Timestamp};
use dce_engine::{Events, Exchange, Receipt, Reject};

use super::blame;
use super::market;
use super::mistakes::Mistakes;
use super::model::{
    Account, Attribute, Duplicates, Frequency, ListingTerm, Modifiers, Order, Plan, ProfileTerm, Screen, Step, levels,
};
use super::text;

/// The plan in this file, for an exchange of these capacities; nothing is sent anywhere.
///
/// # Errors
///
/// All that is wrong with it, in the order of the file.
pub fn check(bytes: &[u8], limits: Limits) -> Result<Plan, Mistakes> {
    check_and_tell(bytes, limits, &mut |_| {})
}

/// The same; `each` is told every command that the plan came to and the exchange accepted, in order.
///
/// # Errors
///
/// All that is wrong with it, in the order of the file; what was told is of no use then.
pub fn check_and_tell(bytes: &[u8], limits: Limits, each: &mut dyn FnMut(&Command<'_>)) -> Result<Plan, Mistakes> {
    let mut mistakes = Mistakes::default();
    let plan = text::read(bytes, &mut mistakes).map(|tree| market::read(&tree, &mut mistakes));
    if let Some(plan) = plan {
        match Scratch::new(limits, each) {
            Some(mut scratch) => scratch.take(&plan, &mut mistakes),
            None => mistakes.add(text::Place { line: 1, column: 1 }, "no exchange can have the capacities given"),
        }
        if mistakes.is_empty() {
            return Ok(plan);
        }
    }
    Err(mistakes.sorted())
}

/// An exchange that nobody else sees.
pub(super) struct Scratch<'t> {
    exchange: Exchange,
    events: Events,
    /// Is told what was accepted.
    told: &'t mut dyn FnMut(&Command<'_>),
    /// Accounts of the plan that were refused, by their step, and what stands in for them: so that what is theirs can be
    /// looked at, too.
    stand_ins: HashMap<usize, AccountId>,
    ids: u128,
}

impl<'t> Scratch<'t> {
    fn new(limits: Limits, told: &'t mut dyn FnMut(&Command<'_>)) -> Option<Self> {
        // No call is ever offered here, so no room is made for any.
        let limits = Limits {
            calls_max: 1,
            calls_live_max: 1,
            bids_max: 1,
            auction_bids_max: 1,
            sessions_max: 1,
            movements_max: 1,
            contacts_max: 1,
            frequencies_max: 1,
            ..limits
        };
        let exchange = Exchange::new(Genesis::new(limits, 0, USD)).ok()?;
        Some(Self { exchange, events: Events::new(), told, stand_ins: HashMap::new(), ids: u128::MAX })
    }

    /// Takes every step; looks into those that were refused once all were taken, so that the looking takes no room.
    fn take(&mut self, plan: &Plan, mistakes: &mut Mistakes) {
        let mut refused = Vec::new();
        for (number, step) in plan.steps.iter().enumerate() {
            match self.step(plan, step) {
                Ok(receipt) if receipt.repeated && !step.order.sets() => refused.push((number, Reject::IdConflict)),
                Ok(_) => {}
                Err(reject) => refused.push((number, reject)),
            }
            if let (Order::Account(account), true) =
                (&step.order, refused.last().is_some_and(|(last, _)| *last == number))
            {
                self.stand_in(number, account.role);
            }
        }
        for (number, reject) in refused {
            if mistakes.is_full() {
                break;
            }
            blame::blame(self, plan, &plan.steps[number], reject, mistakes);
        }
    }

    fn step(&mut self, plan: &Plan, step: &Step) -> Result<Receipt, Reject> {
        match &step.order {
            Order::Attribute(Attribute { attribute, kind, .. }) => {
                let attribute = AttributeId(*attribute);
                self.apply(&DeclareAttribute { attribute, kind: *kind, name: &step.name }.into())
            }
            Order::Value { attribute, code } => {
                self.apply(&DefineValue::new(AttributeId(*attribute), ValueCode(*code), &step.name).into())
            }
            Order::ValueSet { set, attribute, codes } => self.value_set(*set, *attribute, codes),
            Order::Zone { zone, transitions } => {
                let transitions: Vec<Transition> = transitions.iter().map(|(_, transition)| *transition).collect();
                self.apply(&SetZone::new(ZoneId(*zone), &transitions).into())
            }
            Order::Account(account) => self.apply(&account.command().into()),
            Order::Calendar(calendar) => {
                let account = self.account(plan, calendar.account);
                let (spans, holidays) = calendar.hours();
                self.apply(&SetCalendar::new(account, CalendarId(calendar.id.1)).hours(&spans, &holidays).into())
            }
            Order::Listing(listing) => {
                let seller = self.account(plan, listing.account);
                let id = ListingId(listing.id.1);
                let terms = listing.terms.iter().map(|said| &said.term);
                let created = self.apply(&listing_command(seller, id, terms).into())?;
                let Some(price_to_win) = listing.tells_price_to_win else { return Ok(created) };
                self.apply(&SetDisclosure { seller, listing: id, price_to_win }.into())
            }
            Order::Policy(choice) => {
                let (account, listing) = plan.made(choice.listing);
                let (seller, requires) = (self.account(plan, account), levels(&choice.requires));
                let command = SetPolicy::new(seller, ListingId(listing), choice.policy).skills(&requires);
                let price = choice.price.map(|(_, price)| price);
                self.apply(&SetPolicy { price, ..command }.into())
            }
            Order::Rank(rank) => {
                let (account, profile) = plan.made(rank.profile);
                let (weight, quality, prior) = rank.all();
                let (buyer, profile) = (self.account(plan, account), ProfileId(profile));
                self.apply(&RankProfile { buyer, profile, weight, quality, prior }.into())
            }
            Order::Skills(known) => {
                let (account, profile) = plan.made(known.profile);
                let (buyer, skills) = (self.account(plan, account), levels(&known.skills));
                self.apply(&SetSkills::new(buyer, ProfileId(profile)).skills(&skills).into())
            }
            Order::Profile(profile) => {
                let buyer = self.account(plan, profile.account);
                let id = ProfileId(profile.id.1);
                self.apply(&profile_command(buyer, id, profile.terms.iter().map(|said| &said.term)).into())
            }
            Order::Duplicates(rule) => {
                let &Duplicates { account, scope, on, window: (_, window), anonymous } = rule;
                let account = self.account(plan, account);
                self.apply(&SetDuplicates { account, scope, on, window, anonymous }.into())
            }
            Order::Frequency(rule) => {
                let &Frequency { account, listing, calls: (_, calls_max), window: (_, window), anonymous } = rule;
                let (account, listing) = (self.account(plan, account), listing.map(ListingId));
                self.apply(&SetFrequency { account, listing, calls_max, window, anonymous }.into())
            }
            Order::Screen(screen) => self.screen(plan, screen),
            Order::Window(window) => {
                let (seller, listing) = self.made(plan, window.listing);
                let answer_within = window.answer_within.map_or(Millis(0), |(_, length)| length);
                let listing = ListingId(listing);
                self.apply(&SetWindow { seller, listing, early_close: window.early_close, answer_within }.into())
            }
            Order::Private { listing } => {
                let (seller, listing) = self.made(plan, *listing);
                self.apply(&SetPrivate::of(seller, ListingId(listing), true).into())
            }
            Order::Deal(deal) => {
                let (seller, listing) = self.made(plan, deal.listing);
                let buyer = self.account(plan, deal.buyer);
                self.apply(&SetDeal::of(seller, ListingId(listing), buyer, deal.price).into())
            }
            Order::Group(said) => {
                let buyer = self.account(plan, said.account);
                self.apply(&SetTogether::new(buyer, GroupId(said.group), said.together).into())
            }
            Order::Member(member) => {
                let (buyer, profile) = self.made(plan, member.profile);
                self.apply(&SetGroup::new(buyer, ProfileId(profile), Some(GroupId(member.group))).into())
            }
            Order::Conjunction(conjunction) => {
                let (buyer, profile) = self.made(plan, conjunction.profile);
                let terms = conjunction.trial.terms.iter().map(|said| &said.term);
                let wanted = profile_command(buyer, ProfileId(profile), terms);
                let mut also = AlsoWants::of(buyer, ProfileId(profile), conjunction.nth);
                (also.clauses, also.values) = (wanted.clauses, wanted.values);
                self.apply(&also.into())
            }
            Order::Quoting { account, firm_max } => {
                self.apply(&SetQuoting::of(self.account(plan, *account), *firm_max).into())
            }
            Order::Delivery(delivery) => {
                let (seller, listing) = self.made(plan, delivery.listing);
                self.apply(&delivery.command(seller, ListingId(listing)).into())
            }
            Order::Answering(answering) => {
                let (buyer, profile) = self.made(plan, answering.profile);
                self.apply(&answering.command(buyer, ProfileId(profile)).into())
            }
            Order::Quota(quota) => {
                let account = self.account(plan, quota.account);
                self.apply(&quota.command(account, &quota.all()).into())
            }
            Order::Modifiers(modified) => {
                let modifiers: Vec<Modifier> = modified.modifiers.iter().map(|(_, modifier)| *modifier).collect();
                self.modifiers(plan, modified, &modifiers)
            }
        }
    }

    pub(super) fn screen(&mut self, plan: &Plan, screen: &Screen) -> Result<Receipt, Reject> {
        let rules: Vec<ScreenRule> = screen.rules.iter().map(|(_, rule)| *rule).collect();
        let values: Vec<ValueCode> = screen.values.iter().copied().map(ValueCode).collect();
        let account = self.account(plan, screen.account);
        let command = SetScreen { listing: screen.listing.map(ListingId), ..SetScreen::new(account) };
        self.apply(&command.rules(&rules, &values).into())
    }

    /// The first so many of a profile's modifiers, or all.
    pub(super) fn modifiers(
        &mut self,
        plan: &Plan,
        modified: &Modifiers,
        modifiers: &[Modifier],
    ) -> Result<Receipt, Reject> {
        let (buyer, profile) = self.made(plan, modified.profile);
        let command = SetModifiers::of(buyer, ProfileId(profile)).modifiers(modifiers);
        self.apply(&SetModifiers { max: modified.max.map(|(_, max)| max), ..command }.into())
    }

    /// Whose the listing or the profile of a step is, and its id.
    fn made(&self, plan: &Plan, step: usize) -> (AccountId, u128) {
        let (account, id) = plan.made(step);
        (self.account(plan, account), id)
    }

    fn value_set(&mut self, set: u16, attribute: u16, codes: &[u32]) -> Result<Receipt, Reject> {
        let codes: Vec<ValueCode> = codes.iter().copied().map(ValueCode).collect();
        let total = u32::try_from(codes.len()).unwrap_or(u32::MAX);
        let (set, attribute) = (ValueSetId(set), AttributeId(attribute));
        let mut chunks = codes.chunks(VALUE_SET_CHUNK_MAX).zip((0..).step_by(VALUE_SET_CHUNK_MAX));
        // An empty set is a first chunk without a value, and refused as such.
        let (first, _) = chunks.next().unwrap_or_default();
        let mut last = self.apply(&LoadValueSet::chunk(set, attribute, total, 0, first).into());
        for (chunk, offset) in chunks {
            last?;
            last = self.apply(&LoadValueSet::chunk(set, attribute, total, offset, chunk).into());
        }
        last
    }

    pub(super) fn apply(&mut self, command: &Command<'_>) -> Result<Receipt, Reject> {
        let receipt = self.exchange.apply(Timestamp::default(), command, &mut self.events)?;
        (self.told)(command);
        Ok(receipt)
    }

    /// The account that a step opened, or what stands in for it.
    pub(super) fn account(&self, plan: &Plan, step: usize) -> AccountId {
        self.stand_ins.get(&step).copied().unwrap_or_else(|| AccountId(plan.account(step)))
    }

    /// An id that nobody has.
    pub(super) fn fresh(&mut self) -> u128 {
        self.ids -= 1;
        self.ids
    }

    fn stand_in(&mut self, step: usize, role: Role) {
        let account = AccountId(self.fresh());
        let open = if role == Role::Buyer { OpenAccount::buyer(account) } else { OpenAccount::seller(account) };
        // With no room for it either, what is the account's is not looked at.
        let _ = self.apply(&open.into());
        self.stand_ins.insert(step, account);
    }
}

impl Account {
    pub(super) fn command(&self) -> OpenAccount {
        let account = AccountId(self.id.1);
        let open = match self.role {
            Role::Buyer => OpenAccount::buyer(account),
            _ => OpenAccount::seller(account),
        };
        open.zone(ZoneId(self.zone)).deposit(self.deposit.map_or(Money::ZERO, |(_, amount)| amount))
    }
}

/// The listing of which these terms are said.
pub(super) fn listing_command<'t>(
    seller: AccountId,
    id: ListingId,
    terms: impl Iterator<Item = &'t ListingTerm>,
) -> CreateListing {
    terms.fold(CreateListing::of(seller, id), |mut listing, term| match term {
        ListingTerm::Vertical(number) => listing.vertical(VerticalId(*number)),
        ListingTerm::SecondPrice(increment) => listing.second_price(*increment),
        ListingTerm::Reserve(amount) => listing.reserve(*amount),
        ListingTerm::Payout(payout) => {
            listing.payout = *payout;
            listing
        }
        ListingTerm::PayoutTerm(term) => {
            listing.payout_term = *term;
            listing
        }
        ListingTerm::MarginMin(amount) => listing.margin_min(*amount),
        ListingTerm::DurationMax(seconds) => listing.duration_max(Seconds(*seconds)),
        ListingTerm::Hours(calendar) => listing.hours(CalendarId(*calendar)),
        ListingTerm::Open => listing.open(),
        ListingTerm::Withdrawable => listing.withdrawable(),
    })
}

/// The profile of which these terms are said.
pub(super) fn profile_command<'t>(
    buyer: AccountId,
    id: ProfileId,
    terms: impl Iterator<Item = &'t ProfileTerm>,
) -> CreateProfile<'static> {
    let codes = |codes: &[u32]| codes.iter().copied().map(ValueCode).collect::<Vec<_>>();
    terms.fold(CreateProfile::of(buyer, id), |mut profile, term| match term {
        ProfileTerm::Vertical(number) => profile.vertical(VerticalId(*number)),
        ProfileTerm::Tier(tier) => profile.tier(*tier),
        ProfileTerm::Bid(amount) => profile.bid(*amount),
        ProfileTerm::Pays(term) => profile.pays(*term),
        ProfileTerm::Concurrency(calls) => profile.concurrency(*calls),
        ProfileTerm::Hourly(calls) => profile.hourly_cap(*calls),
        ProfileTerm::Daily(calls) => profile.daily_cap(*calls),
        ProfileTerm::Total(calls) => profile.total_cap(*calls),
        ProfileTerm::DailyBudget(amount) => profile.daily_budget(*amount),
        ProfileTerm::Hours(calendar) => profile.hours(CalendarId(*calendar)),
        ProfileTerm::Live => profile.live(),
        ProfileTerm::AnyOf(attribute, listed) => profile.wants(AttributeId(*attribute), codes(listed)),
        ProfileTerm::NoneOf(attribute, listed) => profile.excludes(AttributeId(*attribute), codes(listed)),
        ProfileTerm::Test(attribute, test) => {
            profile.clauses.push(dce_engine::terms::Clause { attribute: AttributeId(*attribute), test: *test });
            profile
        }
        ProfileTerm::Dial(to, ring) => profile.dial(to.as_bytes(), *ring),
    })
}

/// What holds where a listing does not say.
pub(super) const PAYOUT: (Payout, PayTerm) = (Payout::Share(dce_engine::units::BasisPoints::WHOLE), PayTerm::OnConnect);
