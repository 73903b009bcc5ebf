//! Between the two languages: an action of the twin becomes a command of the engine, an event of the engine becomes an
//! outcome of the twin. Nothing is decided here.

mod sight;
mod told;
mod words;

use dce_engine::prelude::*;

pub use sight::{
    account, answering, call, delivery, explain_fault, facts, grade, hours, modifiers, policy, profile, quota, verdict,
    wishes,
};
pub use told::outcome;
pub use words::{deal_price, to_quota_scope};

use crate::twin::action::{self, Action};
use crate::twin::state::Capacities;
use words::{
    clause, dial_target, fact, kind, modifier, quota_rule, screen_rule, skill_level, to_anonymous, to_leg, to_listing,
    to_on, to_policy, to_role, to_scope, to_stamp, to_term,
};

/// An action with its lists in the engine's words, for a command to borrow from.
#[derive(Debug)]
pub struct Frame<'a> {
    action: &'a Action,
    transitions: Vec<Transition>,
    spans: Vec<OpenSpan>,
    holidays: Vec<Holiday>,
    screen: Vec<ScreenRule>,
    rules: Vec<QuotaRule>,
    facts: Vec<Fact>,
    clauses: Vec<Clause>,
    destinations: Vec<DialTarget>,
    modifiers: Vec<Modifier>,
    skills: Vec<SkillLevel>,
}

impl<'a> Frame<'a> {
    /// Of this action.
    #[must_use]
    pub fn of(action: &'a Action) -> Self {
        let mut frame = Self {
            action,
            transitions: vec![],
            spans: vec![],
            holidays: vec![],
            screen: vec![],
            rules: vec![],
            facts: vec![],
            clauses: vec![],
            destinations: vec![],
            modifiers: vec![],
            skills: vec![],
        };
        match action {
            Action::SetZone { transitions, .. } => {
                let transition =
                    |(at, offset_seconds): &(Timestamp, i32)| Transition { at: *at, offset_seconds: *offset_seconds };
                frame.transitions = transitions.iter().map(transition).collect();
            }
            Action::SetCalendar { spans, holidays, .. } => (frame.spans, frame.holidays) = hours((spans, holidays)),
            Action::SetScreen { rules, .. } => frame.screen = rules.iter().map(screen_rule).collect(),
            Action::SetQuota { rules, .. } => frame.rules = rules.iter().map(quota_rule).collect(),
            Action::RegisterCall { facts, .. } | Action::OfferCall { facts, .. } | Action::QuoteCall { facts, .. } => {
                frame.facts = facts.iter().map(fact).collect();
            }
            Action::CreateProfile { terms, .. } => {
                frame.clauses = terms.clauses.iter().map(clause).collect();
                frame.destinations = terms.destinations.iter().map(dial_target).collect();
            }
            Action::SetPolicy { requires: skills, .. } | Action::SetSkills { skills, .. } => {
                frame.skills = skills.iter().map(skill_level).collect();
            }
            Action::SetModifiers { modifiers, .. } => frame.modifiers = modifiers.iter().map(modifier).collect(),
            Action::AlsoWants { clauses, .. } => frame.clauses = clauses.iter().map(clause).collect(),
            _ => {}
        }
        frame
    }

    /// The engine's command.
    #[must_use]
    pub fn command(&self) -> Command<'_> {
        match self.action {
            Action::DeclareAttribute { attribute, kind, name } => {
                DeclareAttribute { attribute: *attribute, kind: self::kind(*kind), name }.into()
            }
            Action::DefineValue { attribute, code, name } => DefineValue::new(*attribute, *code, name).into(),
            Action::LoadValueSet { set, attribute, total, offset, values } => {
                LoadValueSet::chunk(*set, *attribute, *total, *offset, values).into()
            }
            Action::SetZone { zone, .. } => SetZone::new(*zone, &self.transitions).into(),
            Action::OpenAccount { account, role, zone, deposit } => {
                OpenAccount { account: *account, role: to_role(*role), zone: *zone, deposit: *deposit }.into()
            }
            Action::SetHome { account, zone } => SetHome::new(*account, *zone).into(),
            Action::CloseAccount { account } => CloseAccount::new(*account).into(),
            Action::Deposit { account, movement, amount } => Deposit::new(*account, *movement, *amount).into(),
            Action::Withdraw { account, movement, amount } => Withdraw::new(*account, *movement, *amount).into(),
            Action::OpenSession { account, session } => OpenSession::new(*account, *session).into(),
            Action::CloseSession { account, session } => CloseSession::new(*account, *session).into(),
            Action::SetCalendar { account, calendar, .. } => {
                SetCalendar::new(*account, *calendar).hours(&self.spans, &self.holidays).into()
            }
            Action::SetDuplicates { account, scope, on, window, anonymous } => {
                SetDuplicates::new(*account, to_scope(*scope), *window)
                    .on(to_on(*on))
                    .anonymous(to_anonymous(*anonymous))
                    .into()
            }
            Action::SetFrequency { account, listing, calls_max, window, anonymous } => {
                let anonymous = to_anonymous(*anonymous);
                let (account, listing, calls_max, window) = (*account, *listing, *calls_max, *window);
                SetFrequency { account, listing, calls_max, window, anonymous }.into()
            }
            Action::SetSuppression { account, subject, until } => {
                SetSuppression { account: *account, subject: *subject, until: *until }.into()
            }
            Action::SetScreen { account, listing, values, .. } => {
                let screen = SetScreen { listing: *listing, ..SetScreen::new(*account) };
                screen.rules(&self.screen, values).into()
            }
            Action::CreateListing { seller, listing, terms } => to_listing(*seller, *listing, terms).into(),
            Action::SetDisclosure { seller, listing, price_to_win } => {
                SetDisclosure { seller: *seller, listing: *listing, price_to_win: *price_to_win }.into()
            }
            Action::SetWindow { seller, listing, early_close, answer_within } => SetWindow {
                seller: *seller,
                listing: *listing,
                early_close: *early_close,
                answer_within: *answer_within,
            }
            .into(),
            Action::SetDeal { seller, listing, buyer, price } => {
                let price = price.map(deal_price);
                SetDeal { seller: *seller, listing: *listing, buyer: *buyer, price }.into()
            }
            Action::Delist { seller, listing } => Delist::new(*seller, *listing).into(),
            Action::SetPrivate { seller, listing, private } => SetPrivate::of(*seller, *listing, *private).into(),
            Action::SetDelivery { seller, listing, terms } => SetDelivery {
                seller: *seller,
                listing: *listing,
                recover_below: terms.recover_below,
                recoveries_max: terms.recoveries_max,
                fallback: terms.fallback.as_ref().map(dial_target),
            }
            .into(),
            Action::CreateProfile { buyer, profile, terms } => self.profile(*buyer, *profile, terms).into(),
            Action::SetPolicy { seller, listing, policy, price, .. } => {
                let to_policy = to_policy(*policy);
                let requires = List::borrowed(&self.skills);
                SetPolicy { seller: *seller, listing: *listing, policy: to_policy, price: *price, requires }.into()
            }
            Action::RankProfile { buyer, profile, weight, quality, prior: (met, of) } => {
                let prior = Prior::new(*met, *of);
                RankProfile { buyer: *buyer, profile: *profile, weight: *weight, quality: *quality, prior }.into()
            }
            Action::SetSkills { buyer, profile, .. } => SetSkills::new(*buyer, *profile).skills(&self.skills).into(),
            Action::SetModifiers { buyer, profile, max, .. } => {
                SetModifiers { max: *max, ..SetModifiers::of(*buyer, *profile).modifiers(&self.modifiers) }.into()
            }
            Action::AlsoWants { buyer, profile, nth, values, .. } => {
                AlsoWants::of(*buyer, *profile, *nth).lists(&self.clauses, values).into()
            }
            Action::SetAnswering { buyer, profile, terms } => {
                let rules = terms.pause_after.map(|(calls, within)| PauseRule::new(calls, within));
                let answering = SetAnswering::new(*buyer, *profile).bid_within(terms.bid_within);
                answering.reject_within(terms.reject_within).pause_after(rules).into()
            }
            Action::SetBid { buyer, profile, amount, stamp } => {
                SetBid::new(*buyer, *profile, *amount, to_stamp(*stamp)).into()
            }
            Action::PauseProfile { buyer, profile } => PauseProfile::new(*buyer, *profile).into(),
            Action::ResumeProfile { buyer, profile } => ResumeProfile::new(*buyer, *profile).into(),
            Action::CloseProfile { buyer, profile } => CloseProfile::new(*buyer, *profile).into(),
            Action::SetQuota { account, scope, spacing, hours, .. } => SetQuota {
                account: *account,
                scope: to_quota_scope(*scope),
                rules: List::borrowed(&self.rules),
                spacing: *spacing,
                hours: *hours,
            }
            .into(),
            Action::SetGroup { buyer, profile, group } => SetGroup::new(*buyer, *profile, *group).into(),
            Action::SetQuoting { seller, firm_max } => SetQuoting::of(*seller, *firm_max).into(),
            Action::QuoteCall { seller, call, listing, subject, leg, reserve, chain, firm, life, .. } => QuoteCall {
                chain: List::borrowed(chain),
                seller: *seller,
                call: *call,
                listing: *listing,
                subject: *subject,
                leg: to_leg(*leg),
                reserve: *reserve,
                facts: List::borrowed(&self.facts),
                firm: *firm,
                life: *life,
            }
            .into(),
            Action::ConfirmQuote { seller, call } => ConfirmQuote::new(*seller, *call).into(),
            Action::SetTogether { buyer, group, together } => SetTogether::new(*buyer, *group, *together).into(),
            Action::RegisterCall { seller, call, listing, subject, leg, chain, .. } => RegisterCall {
                chain: List::borrowed(chain),
                seller: *seller,
                call: *call,
                listing: *listing,
                subject: *subject,
                leg: to_leg(*leg),
                facts: List::borrowed(&self.facts),
            }
            .into(),
            Action::OfferCall { seller, call, listing, subject, leg, window, reserve, chain, .. } => OfferCall {
                chain: List::borrowed(chain),
                seller: *seller,
                call: *call,
                listing: *listing,
                subject: *subject,
                leg: to_leg(*leg),
                window: *window,
                reserve: *reserve,
                facts: List::borrowed(&self.facts),
            }
            .into(),
            Action::CancelCall { seller, call } => CancelCall::new(*seller, *call).into(),
            Action::OpenAuction { seller, call, window, reserve } => {
                OpenAuction { seller: *seller, call: *call, window: *window, reserve: *reserve }.into()
            }
            Action::PlaceBid { buyer, profile, seller, call, amount, valid_for, stamp } => {
                PlaceBid::new((*buyer, *profile), (*seller, *call), *amount, to_stamp(*stamp))
                    .valid_for(*valid_for)
                    .into()
            }
            Action::WithdrawBid { buyer, profile, seller, call, stamp } => {
                WithdrawBid::new((*buyer, *profile), (*seller, *call), to_stamp(*stamp)).into()
            }
            Action::NoBid { buyer, profile, seller, call, stamp } => {
                NoBid::new((*buyer, *profile), (*seller, *call), to_stamp(*stamp)).into()
            }
            Action::CloseAuction { seller, call } => CloseAuction::new(*seller, *call).into(),
            Action::Report { seller, call, what, attempt, destination, clocks, stamp } => {
                let clocks = Clocks::new(Millis(clocks.incoming), Millis(clocks.dial), Millis(clocks.connect));
                let report = LegReport::leg(*attempt, *destination, clocks);
                let stamp = to_stamp(*stamp);
                match what {
                    action::Report::Ringing => ReportRinging::new(*seller, *call, report, stamp).into(),
                    action::Report::Answered => ReportAnswered::new(*seller, *call, report, stamp).into(),
                    action::Report::Dropped => ReportDropped::new(*seller, *call, report, stamp).into(),
                    action::Report::Rejected => ReportRejected::new(*seller, *call, report, stamp).into(),
                    action::Report::Ended => ReportEnded::new(*seller, *call, report, stamp).into(),
                    action::Report::Failed(why) => {
                        // A code that is no reason at all cannot be said; another wrong one is as good.
                        let failure = Reason::from_code(*why).unwrap_or(Reason::Completed);
                        ReportFailed::new(*seller, *call, report, failure, stamp).into()
                    }
                }
            }
            Action::Tick => Tick.into(),
        }
    }

    fn profile(&'a self, buyer: AccountId, profile: ProfileId, terms: &'a action::ProfileTerms) -> CreateProfile<'a> {
        CreateProfile {
            buyer,
            profile,
            vertical: terms.vertical,
            tier: terms.tier,
            bid: terms.bid,
            pay_term: to_term(terms.pay_term),
            caps: CapLimits {
                concurrency: terms.caps.concurrency,
                hourly: terms.caps.hourly,
                daily: terms.caps.daily,
                total: terms.caps.total,
                daily_budget: terms.caps.daily_budget,
            },
            live_mode: terms.live_mode,
            hours: terms.hours,
            clauses: List::borrowed(&self.clauses),
            values: List::borrowed(&terms.values),
            destinations: List::borrowed(&self.destinations),
        }
    }
}

/// The engine's limits of the same size.
#[must_use]
pub fn limits(capacities: &Capacities) -> Limits {
    Limits {
        accounts_max: capacities.accounts_max,
        sessions_max: capacities.sessions_max,
        movements_max: capacities.movements_max,
        listings_max: capacities.listings_max,
        profiles_max: capacities.profiles_max,
        settings_max: capacities.settings_max,
        verticals_max: capacities.verticals_max,
        attributes_max: capacities.attributes_max,
        lines_max: capacities.lines_max,
        values_max: capacities.values_max,
        value_sets_max: capacities.value_sets_max,
        value_set_values_max: capacities.value_set_values_max,
        zones_max: capacities.zones_max,
        calendars_max: capacities.calendars_max,
        clauses_max: capacities.clauses_max,
        clause_values_max: capacities.clause_values_max,
        targeting_chunks_max: capacities.targeting_chunks_max,
        calls_max: capacities.calls_max,
        calls_live_max: capacities.calls_live_max,
        auction_bids_max: capacities.auction_bids_max,
        bids_max: capacities.bids_max,
        conjunctions_max: capacities.conjunctions_max,
        modified_max: capacities.modified_max,
        deals_max: capacities.deals_max,
        contacts_max: capacities.contacts_max,
        frequencies_max: capacities.frequencies_max,
        suppressions_max: capacities.suppressions_max,
        screens_max: capacities.screens_max,
        shares_max: capacities.shares_max,
        outcomes_max: capacities.outcomes_max,
        quotas_max: capacities.quotas_max,
        groups_max: capacities.groups_max,
        together_max: capacities.together_max,
        retention: Seconds(capacities.retention_seconds),
    }
}
