//! Between the two languages: an action of the twin becomes a command of the engine, an event of the engine becomes an
//! outcome of the twin. Nothing is decided here.

use std::collections::BTreeMap;

use dce_engine::prelude::*;

use crate::twin::action::{self, Action};
use crate::twin::codes::Why;
use crate::twin::outcome::{self, Outcome, Step};
use crate::twin::state::Capacities;
use crate::twin::{AccountSight, CallSight, ExplainFault, ProfileSight, QuotaSight, Verdict as TwinVerdict};
use crate::twin::{standing, state};

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
            Action::SetPolicy { requires: skills, .. } | Action::SetSkills { skills, .. } => {
                frame.skills = skills.iter().map(skill_level).collect();
            }
            Action::RegisterCall { facts, .. } | Action::OfferCall { facts, .. } => {
                frame.facts = facts.iter().map(fact).collect();
            }
            Action::CreateProfile { terms, .. } => {
                frame.clauses = terms.clauses.iter().map(clause).collect();
                frame.destinations = terms.destinations.iter().map(dial_target).collect();
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
            Action::SetPrivate { seller, listing, private } => SetPrivate::of(*seller, *listing, *private).into(),
            Action::SetDelivery { seller, listing, terms } => SetDelivery {
                seller: *seller,
                listing: *listing,
                recover_below: terms.recover_below,
                recoveries_max: terms.recoveries_max,
                fallback: terms.fallback.as_ref().map(dial_target),
            }
            .into(),
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
            Action::CreateProfile { buyer, profile, terms } => self.profile(*buyer, *profile, terms).into(),
            Action::SetModifiers { buyer, profile, max, .. } => {
                SetModifiers { max: *max, ..SetModifiers::of(*buyer, *profile).modifiers(&self.modifiers) }.into()
            }
            Action::AlsoWants { buyer, profile, nth, values, .. } => {
                AlsoWants::of(*buyer, *profile, *nth).lists(&self.clauses, values).into()
            }
            Action::SetAnswering { buyer, profile, terms } => {
                let rules = terms.pause_after.map(|(calls, within)| PauseRule::new(calls, within));
                SetAnswering::new(*buyer, *profile).reject_within(terms.reject_within).pause_after(rules).into()
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
        quotas_max: capacities.quotas_max,
        groups_max: capacities.groups_max,
        shares_max: capacities.shares_max,
        outcomes_max: capacities.outcomes_max,
        retention: Seconds(capacities.retention_seconds),
    }
}

/// The engine's event as the twin would tell it.
#[must_use]
pub fn outcome(event: &Event) -> Outcome {
    match *event {
        Event::AttributeDeclared { attribute } => Outcome::AttributeDeclared { attribute },
        Event::ValueDefined { attribute, code } => Outcome::ValueDefined { attribute, code },
        Event::ValueSetLoaded { set, loaded, total } => Outcome::ValueSetLoaded { set, loaded, total },
        Event::ZoneSet { zone } => Outcome::ZoneSet { zone },
        Event::AccountOpened { account, role } => Outcome::AccountOpened { account, role: from_role(role) },
        Event::MoneyDeposited { account, movement, amount } => Outcome::MoneyDeposited { account, movement, amount },
        Event::MoneyWithdrawn { account, movement, amount } => Outcome::MoneyWithdrawn { account, movement, amount },
        Event::SessionOpened { account, session } => Outcome::SessionOpened { account, session },
        Event::SessionClosed { account, session } => Outcome::SessionClosed { account, session },
        Event::CalendarSet { account, calendar } => Outcome::CalendarSet { account, calendar },
        Event::DuplicatesSet { account, scope } => Outcome::DuplicatesSet { account, scope: from_scope(scope) },
        Event::FrequencySet { account, listing } => Outcome::FrequencySet { account, listing },
        Event::SuppressionSet { account, subject, until } => Outcome::SuppressionSet { account, subject, until },
        Event::ScreenSet { account, listing } => Outcome::ScreenSet { account, listing },
        Event::QuotaSet { account, scope } => Outcome::QuotaSet { account, scope: from_quota_scope(scope) },
        Event::GroupSet { buyer, profile, group } => Outcome::GroupSet { buyer, profile, group },
        Event::ListingCreated { seller, listing } => Outcome::ListingCreated { seller, listing },
        Event::WindowSet { seller, listing } => Outcome::WindowSet { seller, listing },
        Event::DealSet { seller, listing, buyer } => Outcome::DealSet { seller, listing, buyer },
        Event::PrivateSet { seller, listing, private } => Outcome::PrivateSet { seller, listing, private },
        Event::DeliverySet { seller, listing } => Outcome::DeliverySet { seller, listing },
        Event::AnsweringSet { buyer, profile } => Outcome::AnsweringSet { buyer, profile },
        Event::ProfileAutoPaused { buyer, profile, unanswered } => {
            Outcome::ProfileAutoPaused { buyer, profile, unanswered }
        }
        Event::PolicySet { seller, listing } => Outcome::PolicySet { seller, listing },
        Event::ProfileRanked { buyer, profile } => Outcome::ProfileRanked { buyer, profile },
        Event::SkillsSet { buyer, profile } => Outcome::SkillsSet { buyer, profile },
        Event::ProfileCreated { buyer, profile } => Outcome::ProfileCreated { buyer, profile },
        Event::ConjunctionAdded { buyer, profile, nth } => Outcome::ConjunctionAdded { buyer, profile, nth },
        Event::ModifiersSet { buyer, profile } => Outcome::ModifiersSet { buyer, profile },
        Event::BidSet { buyer, profile, amount } => Outcome::BidSet { buyer, profile, amount },
        Event::ProfilePaused { buyer, profile } => Outcome::ProfilePaused { buyer, profile },
        Event::ProfileResumed { buyer, profile } => Outcome::ProfileResumed { buyer, profile },
        Event::ProfileClosed { buyer, profile } => Outcome::ProfileClosed { buyer, profile },
        Event::CallRegistered { seller, call, listing } => Outcome::CallRegistered { seller, call, listing },
        Event::CallOffered { seller, call, listing } => Outcome::CallOffered { seller, call, listing },
        Event::AuctionOpened { seller, call, closes_at } => Outcome::AuctionOpened { seller, call, closes_at },
        Event::BidderInvited { seller, call, buyer, profile, closes_at } => {
            Outcome::BidderInvited { seller, call, buyer, profile, closes_at }
        }
        Event::BidPlaced { seller, call, buyer, profile, amount, expires_at, leading } => {
            Outcome::BidPlaced { seller, call, buyer, profile, amount, expires_at, leading }
        }
        Event::BidWithdrawn { seller, call, buyer, profile } => Outcome::BidWithdrawn { seller, call, buyer, profile },
        Event::BidDeclined { seller, call, buyer, profile } => Outcome::BidDeclined { seller, call, buyer, profile },
        Event::AuctionClosed { seller, call, bids } => Outcome::AuctionClosed { seller, call, bids },
        Event::CallSold { seller, call, buyer, profile, attempt, price, payout } => {
            Outcome::CallSold { seller, call, buyer, profile, attempt, price, payout }
        }
        Event::DisclosureSet { seller, listing, price_to_win } => {
            Outcome::DisclosureSet { seller, listing, price_to_win }
        }
        Event::BidLost { seller, call, buyer, profile, reason, price_to_win } => {
            Outcome::BidLost { seller, call, buyer, profile, reason: reason.code(), price_to_win }
        }
        Event::CallUnsold { seller, call, reason } => Outcome::CallUnsold { seller, call, reason: reason.code() },
        Event::MoneyHeld { posting, debit, credit, amount } => money(Step::Held, posting, debit, credit, amount),
        Event::MoneyPosted { posting, debit, credit, amount } => money(Step::Posted, posting, debit, credit, amount),
        Event::MoneyVoided { posting, debit, credit, amount } => money(Step::Voided, posting, debit, credit, amount),
        Event::CallDialed { seller, call, attempt, destination_index, ring_until, destination } => {
            let destination = destination.as_bytes().to_vec();
            Outcome::CallDialed { seller, call, attempt, destination_index, ring_until, destination }
        }
        Event::CallFellBack { seller, call, reason, attempt, destination_index, ring_until, destination } => {
            let (reason, destination) = (reason.code(), destination.as_bytes().to_vec());
            Outcome::CallFellBack { seller, call, reason, attempt, destination_index, ring_until, destination }
        }
        Event::CallRinging { seller, call, attempt, destination_index } => {
            Outcome::CallRinging { seller, call, attempt, destination_index }
        }
        Event::CallAnswered { seller, call, attempt, destination_index } => {
            Outcome::CallAnswered { seller, call, attempt, destination_index }
        }
        Event::AttemptFailed { seller, call, buyer, profile, attempt, reason } => {
            Outcome::AttemptFailed { seller, call, buyer, profile, attempt, reason: reason.code() }
        }
        Event::CallEnded { seller, call, reason, connected, flagged } => {
            Outcome::CallEnded { seller, call, reason: reason.code(), connected, flagged }
        }
        Event::CallCanceled { seller, call } => Outcome::CallCanceled { seller, call },
        Event::CallSealed { seller, call } => Outcome::CallSealed { seller, call },
        _ => panic!("an event the twin does not know: {event:?}"),
    }
}

fn money(step: Step, posting: Posting, debit: AccountId, credit: AccountId, amount: Money) -> Outcome {
    let kind = match posting.kind {
        PostingKind::Revenue => outcome::MoneyKind::Revenue,
        PostingKind::Payout => outcome::MoneyKind::Payout,
    };
    let Posting { seller, call, attempt, revision, .. } = posting;
    Outcome::Money { step, posting: outcome::Posting { seller, call, attempt, kind, revision }, debit, credit, amount }
}

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
pub fn wishes<'a>((clauses, values): (&[action::Clause], &'a [ValueCode])) -> (Vec<Clause>, Vec<&'a [ValueCode]>) {
    let mut rest = values;
    let wish = |known: &action::Clause| {
        let count = match known.test {
            action::Test::AnyOf { count } | action::Test::NoneOf { count } => usize::from(count),
            _ => 0,
        };
        let (listed, after) = rest.split_at(count);
        rest = after;
        (clause(known), listed)
    };
    clauses.iter().map(wish).unzip()
}

/// The modifiers of a profile of the twin's as the engine tells them.
#[must_use]
pub fn modifiers(modifiers: &[action::Modifier]) -> Vec<Modifier> {
    modifiers.iter().map(modifier).collect()
}

/// What a deal of the twin's says, as the engine tells it.
#[must_use]
pub fn deal_price(price: action::DealPrice) -> DealPrice {
    match price {
        action::DealPrice::Reserve => DealPrice::Reserve,
        action::DealPrice::Floor(amount) => DealPrice::Floor(amount),
        action::DealPrice::Fixed(amount) => DealPrice::Fixed(amount),
    }
}

fn modifier(modifier: &action::Modifier) -> Modifier {
    let value = match modifier.value {
        action::ModifierValue::Code(code) => ModifierValue::Code(code),
        action::ModifierValue::Flag(flag) => ModifierValue::Flag(flag),
        action::ModifierValue::Range { low, high } => ModifierValue::Range { low, high },
    };
    let change = match modifier.change {
        action::Change::Multiply(times) => Change::Multiply(times),
        action::Change::Add(amount) => Change::Add(amount),
    };
    Modifier { attribute: modifier.attribute, value, change }
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
    let AccountView { role, zone, balance, held, expected } = *view;
    AccountSight { role: from_role(role), zone, balance, held, expected }
}

/// The engine's view of a quota as the twin sees one.
#[must_use]
pub fn quota(view: &QuotaView) -> QuotaSight {
    let rules = view.rules().iter().map(|known| (from_quota_rule(&known.rule), known.used)).collect();
    (rules, view.spacing, view.hours)
}

/// The twin's scope in the engine's words.
#[must_use]
pub fn to_quota_scope(scope: action::QuotaScope) -> QuotaScope {
    match scope {
        action::QuotaScope::Account => QuotaScope::Account,
        action::QuotaScope::Profile(profile) => QuotaScope::Profile(profile),
        action::QuotaScope::Listing(listing) => QuotaScope::Listing(listing),
        action::QuotaScope::Group(group) => QuotaScope::Group(group),
    }
}

fn from_quota_scope(scope: QuotaScope) -> action::QuotaScope {
    match scope {
        QuotaScope::Account => action::QuotaScope::Account,
        QuotaScope::Profile(profile) => action::QuotaScope::Profile(profile),
        QuotaScope::Listing(listing) => action::QuotaScope::Listing(listing),
        QuotaScope::Group(group) => action::QuotaScope::Group(group),
    }
}

fn quota_rule(rule: &action::QuotaRule) -> QuotaRule {
    let counts = match rule.counts {
        action::Counts::Live => Counts::Live,
        action::Counts::Attempts => Counts::Attempts,
        action::Counts::Connections => Counts::Connections,
        action::Counts::Conversions => Counts::Conversions,
        action::Counts::Money => Counts::Money,
    };
    let per = match rule.per {
        action::Per::Hour => Per::Hour,
        action::Per::Day => Per::Day,
        action::Per::Month => Per::Month,
        action::Per::Ever => Per::Ever,
    };
    let pace = match rule.pace {
        action::Pace::Free => Pace::Free,
        action::Pace::Even => Pace::Even,
        action::Pace::Through(day) => Pace::Through(day),
    };
    let during = rule.during.map(|(from, to)| WeekHours { from, to });
    QuotaRule { counts, per, max: rule.max, during, pace }
}

fn from_quota_rule(rule: &QuotaRule) -> action::QuotaRule {
    let counts = match rule.counts {
        Counts::Live => action::Counts::Live,
        Counts::Attempts => action::Counts::Attempts,
        Counts::Connections => action::Counts::Connections,
        Counts::Conversions => action::Counts::Conversions,
        Counts::Money => action::Counts::Money,
    };
    let per = match rule.per {
        Per::Hour => action::Per::Hour,
        Per::Day => action::Per::Day,
        Per::Month => action::Per::Month,
        Per::Ever => action::Per::Ever,
    };
    let pace = match rule.pace {
        Pace::Free => action::Pace::Free,
        Pace::Even => action::Pace::Even,
        Pace::Through(day) => action::Pace::Through(day),
    };
    action::QuotaRule { counts, per, max: rule.max, during: rule.during.map(|hours| (hours.from, hours.to)), pace }
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
    (action::Answering { reject_within: view.reject_within, pause_after }, usize::from(view.unanswered))
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

/// The engine's view of a call as the twin sees one.
#[must_use]
pub fn call(view: &CallView) -> CallSight {
    CallSight {
        listing: view.listing,
        state: match view.state {
            CallState::Registered => state::State::Registered,
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

fn to_policy(policy: action::Policy) -> Policy {
    match policy {
        action::Policy::HighestScore => Policy::HighestScore,
        action::Policy::WeightedShare => Policy::WeightedShare,
        action::Policy::RoundRobin => Policy::RoundRobin,
        action::Policy::Skill => Policy::Skill,
        action::Policy::CostQuality => Policy::CostQuality,
        action::Policy::ExpectedValue { segment, explore } => Policy::ExpectedValue { segment, explore },
    }
}

fn skill_level((skill, level): &action::Skill) -> SkillLevel {
    SkillLevel::new(SkillId(*skill), *level)
}

fn to_stamp(stamp: action::Stamp) -> Stamp {
    Stamp::new(stamp.session, stamp.number)
}

fn to_role(role: action::Role) -> Role {
    match role {
        action::Role::Buyer => Role::Buyer,
        action::Role::Seller => Role::Seller,
        action::Role::Platform => Role::Platform,
        action::Role::World => Role::World,
    }
}

fn from_role(role: Role) -> action::Role {
    match role {
        Role::Buyer => action::Role::Buyer,
        Role::Seller => action::Role::Seller,
        Role::Platform => action::Role::Platform,
        Role::World => action::Role::World,
    }
}

fn to_leg(leg: action::Leg) -> Leg {
    match leg {
        action::Leg::ConsumerInbound => Leg::ConsumerInbound,
        action::Leg::OutboundTransfer => Leg::OutboundTransfer,
        action::Leg::Callback => Leg::Callback,
    }
}

fn to_scope(scope: action::Scope) -> CallerScope {
    match scope {
        action::Scope::Account => CallerScope::Account,
        action::Scope::Profile(profile) => CallerScope::Profile(profile),
        action::Scope::Listing(listing) => CallerScope::Listing(listing),
    }
}

fn from_scope(scope: CallerScope) -> action::Scope {
    match scope {
        CallerScope::Account => action::Scope::Account,
        CallerScope::Profile(profile) => action::Scope::Profile(profile),
        CallerScope::Listing(listing) => action::Scope::Listing(listing),
    }
}

fn to_on(on: action::DuplicateOn) -> DuplicateOn {
    match on {
        action::DuplicateOn::Incoming => DuplicateOn::Incoming,
        action::DuplicateOn::Connect => DuplicateOn::Connect,
        action::DuplicateOn::Convert => DuplicateOn::Convert,
    }
}

fn to_anonymous(anonymous: action::Anonymous) -> AnonymousCallers {
    match anonymous {
        action::Anonymous::OneCaller => AnonymousCallers::OneCaller,
        action::Anonymous::Distinct => AnonymousCallers::Distinct,
        action::Anonymous::Refused => AnonymousCallers::Refused,
    }
}

fn screen_rule(rule: &action::ScreenRule) -> ScreenRule {
    // A code that is no reason at all cannot be said; another wrong one is as good.
    let reason = Reason::from_code(rule.reason).unwrap_or(Reason::Completed);
    ScreenRule { leg: rule.leg.map(to_leg), clause: clause(&rule.clause), unless: rule.unless, reason }
}

fn to_term(term: action::Term) -> PayTerm {
    match term {
        action::Term::OnConnect => PayTerm::OnConnect,
        action::Term::After { seconds, from } => {
            let from = match from {
                action::ClockStart::Incoming => ClockStart::Incoming,
                action::ClockStart::Dial => ClockStart::Dial,
                action::ClockStart::Connect => ClockStart::Connect,
            };
            PayTerm::After { seconds, from }
        }
    }
}

fn to_listing(seller: AccountId, listing: ListingId, terms: &action::ListingTerms) -> CreateListing {
    CreateListing {
        seller,
        listing,
        vertical: terms.vertical,
        pricing: if terms.second_price { PricingRule::SecondPrice } else { PricingRule::FirstPrice },
        reserve: terms.reserve,
        increment: terms.increment,
        payout: match terms.payout {
            action::Payout::Fixed(amount) => Payout::Fixed(amount),
            action::Payout::Share(share) => Payout::Share(share),
        },
        payout_term: to_term(terms.payout_term),
        margin_min: terms.margin_min,
        duration_max: terms.duration_max,
        open: terms.open,
        withdrawable: terms.withdrawable,
        hours: terms.hours,
    }
}

fn kind(kind: action::Kind) -> Kind {
    match kind {
        action::Kind::Category { values_max } => Kind::Category { values_max },
        action::Kind::Set { values_max } => Kind::Set { values_max },
        action::Kind::Integer { decimals, low, high } => Kind::Integer { decimals, low, high },
        action::Kind::Boolean => Kind::Boolean,
        action::Kind::Point => Kind::Point,
    }
}

fn fact(fact: &action::Fact) -> Fact {
    match fact.value {
        action::FactValue::Code(code) => Fact::value(fact.attribute, code),
        action::FactValue::Number(number) => Fact::number(fact.attribute, number),
        action::FactValue::Flag(flag) => Fact::flag(fact.attribute, flag),
        action::FactValue::Place(place) => Fact::place(fact.attribute, place),
    }
}

fn clause(clause: &action::Clause) -> Clause {
    let test = match clause.test {
        action::Test::AnyOf { count } => Test::AnyOf { count },
        action::Test::NoneOf { count } => Test::NoneOf { count },
        action::Test::InSet { set } => Test::InSet { set },
        action::Test::NotInSet { set } => Test::NotInSet { set },
        action::Test::Range { low, high } => Test::Range { low, high },
        action::Test::Is { value } => Test::Is { value },
        action::Test::Near { centre, radius } => Test::Near { centre, radius },
    };
    Clause { attribute: clause.attribute, test }
}

fn dial_target((address, ring): &(Vec<u8>, Millis)) -> DialTarget {
    DialTarget { destination: Destination::new(address).unwrap_or_default(), ring: *ring }
}
