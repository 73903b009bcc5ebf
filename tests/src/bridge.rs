//! Between the two languages: an action of the twin becomes a command of the engine, an event of the engine becomes an
//! outcome of the twin. Nothing is decided here.

use std::collections::BTreeMap;

use dce_engine::prelude::*;

use crate::twin::action::{self, Action};
use crate::twin::codes::Why;
use crate::twin::outcome::{self, Outcome, Step};
use crate::twin::state::Capacities;
use crate::twin::{AccountSight, CallSight, ExplainFault, ProfileSight, Verdict as TwinVerdict};
use crate::twin::{standing, state};

/// An action with its lists in the engine's words, for a command to borrow from.
#[derive(Debug)]
pub struct Frame<'a> {
    action: &'a Action,
    transitions: Vec<Transition>,
    spans: Vec<OpenSpan>,
    holidays: Vec<Holiday>,
    facts: Vec<Fact>,
    clauses: Vec<Clause>,
    destinations: Vec<DialTarget>,
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
            facts: vec![],
            clauses: vec![],
            destinations: vec![],
            skills: vec![],
        };
        match action {
            Action::SetZone { transitions, .. } => {
                let transition =
                    |(at, offset_seconds): &(Timestamp, i32)| Transition { at: *at, offset_seconds: *offset_seconds };
                frame.transitions = transitions.iter().map(transition).collect();
            }
            Action::SetCalendar { spans, holidays, .. } => (frame.spans, frame.holidays) = hours((spans, holidays)),
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
            Action::CreateListing { seller, listing, terms } => to_listing(*seller, *listing, terms).into(),
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
            Action::SetBid { buyer, profile, amount, stamp } => {
                SetBid::new(*buyer, *profile, *amount, to_stamp(*stamp)).into()
            }
            Action::PauseProfile { buyer, profile } => PauseProfile::new(*buyer, *profile).into(),
            Action::ResumeProfile { buyer, profile } => ResumeProfile::new(*buyer, *profile).into(),
            Action::CloseProfile { buyer, profile } => CloseProfile::new(*buyer, *profile).into(),
            Action::RegisterCall { seller, call, listing, subject, leg, .. } => RegisterCall {
                seller: *seller,
                call: *call,
                listing: *listing,
                subject: *subject,
                leg: to_leg(*leg),
                facts: List::borrowed(&self.facts),
            }
            .into(),
            Action::OfferCall { seller, call, listing, subject, leg, window, reserve, .. } => OfferCall {
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
        Event::ListingCreated { seller, listing } => Outcome::ListingCreated { seller, listing },
        Event::PolicySet { seller, listing } => Outcome::PolicySet { seller, listing },
        Event::ProfileRanked { buyer, profile } => Outcome::ProfileRanked { buyer, profile },
        Event::SkillsSet { buyer, profile } => Outcome::SkillsSet { buyer, profile },
        Event::ProfileCreated { buyer, profile } => Outcome::ProfileCreated { buyer, profile },
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
        Event::BidLost { seller, call, buyer, profile, reason } => {
            Outcome::BidLost { seller, call, buyer, profile, reason: reason.code() }
        }
        Event::CallUnsold { seller, call, reason } => Outcome::CallUnsold { seller, call, reason: reason.code() },
        Event::MoneyHeld { posting, debit, credit, amount } => money(Step::Held, posting, debit, credit, amount),
        Event::MoneyPosted { posting, debit, credit, amount } => money(Step::Posted, posting, debit, credit, amount),
        Event::MoneyVoided { posting, debit, credit, amount } => money(Step::Voided, posting, debit, credit, amount),
        Event::CallDialed { seller, call, attempt, destination_index, ring_until, destination } => {
            let destination = destination.as_bytes().to_vec();
            Outcome::CallDialed { seller, call, attempt, destination_index, ring_until, destination }
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

/// The engine's view of a profile as the twin sees one.
#[must_use]
pub fn profile(view: &ProfileView) -> ProfileSight {
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
    }
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
        Verdict::Lost(Loss { reason, attribute, short_by, skill, opens_at }) => {
            let reason: Why = reason.code();
            let skill = skill.map(|known| (known.skill.0, known.level));
            TwinVerdict::Lost(standing::Loss { reason, attribute, short_by, skill, opens_at })
        }
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
