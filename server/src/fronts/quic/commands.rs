//! From wire frames to the engine's commands. Texts borrow from the frame; lists whose elements lie otherwise in memory
//! are held inline or in a scratch that is used again for every frame.

use dce_engine::commands::{
    CancelCall, CloseAuction, CloseProfile, CloseSession, Command, CreateListing, CreateProfile, DeclareAttribute,
    DefineValue, Deposit, LoadValueSet, NoBid, OfferCall, OpenAccount, OpenAuction, OpenSession, PauseProfile,
    PlaceBid, RankProfile, RegisterCall, ReportAnswered, ReportEnded, ReportFailed, ReportRinging, ResumeProfile,
    SetBid, SetCalendar, SetPolicy, SetSkills, SetZone, Stamp, Withdraw, WithdrawBid,
};
use dce_engine::event::Destination;
use dce_engine::ids::{
    AccountId, AttributeId, CalendarId, CallId, ListingId, MovementId, ProfileId, SessionId, SkillId, SubjectId,
    ValueCode, ValueSetId, VerticalId, ZoneId,
};
use dce_engine::reason::Reason;
use dce_engine::reject::Reject;
use dce_engine::terms::{
    CapLimits, Clause, ClockStart, Clocks, DialTarget, Fact, Holiday, Kind, Leg, LegReport, OpenSpan, PayTerm, Payout,
    Policy, PricingRule, Prior, SkillLevel, Test, Transition,
};
use dce_engine::units::{BasisPoints, GeoPoint, Metres, Millis, Money, Seconds, Timestamp};
use dce_protocol::{Up, up};

/// Lists of the frame being read, as the engine wants them.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    values: Vec<ValueCode>,
    transitions: Vec<Transition>,
    spans: Vec<OpenSpan>,
    holidays: Vec<Holiday>,
}

/// The command a frame carries; `None` when it is none. `SetBids` is a batch of commands: see [`set_bid`].
///
/// # Errors
///
/// A code that no command can carry, as the engine names it.
pub(super) fn command<'a>(
    up: &'a Up<'a>,
    stamp: Stamp,
    scratch: &'a mut Scratch,
) -> Result<Option<Command<'a>>, Reject> {
    Ok(Some(match up {
        Up::DeclareAttribute(said) => {
            DeclareAttribute { attribute: AttributeId(said.attribute), kind: kind(said.kind), name: said.name.as_str() }
                .into()
        }
        Up::DefineValue(said) => {
            DefineValue::new(AttributeId(said.attribute), ValueCode(said.code), said.name.as_str()).into()
        }
        Up::LoadValueSet(said) => {
            scratch.values.clear();
            scratch.values.extend(said.values.iter().map(|code| ValueCode(code.get())));
            let (set, attribute) = (ValueSetId(said.set), AttributeId(said.attribute));
            LoadValueSet::chunk(set, attribute, said.total, said.offset, &scratch.values).into()
        }
        Up::SetZone(said) => {
            scratch.transitions.clear();
            scratch.transitions.extend(said.transitions.iter().map(|change| Transition {
                at: Timestamp::from_micros(change.at()),
                offset_seconds: change.offset_seconds(),
            }));
            SetZone::new(ZoneId(said.zone), &scratch.transitions).into()
        }
        Up::SetCalendar(said) => {
            scratch.spans.clear();
            scratch.spans.extend(said.spans.iter().map(|span| OpenSpan::new(span.from_minute(), span.to_minute())));
            scratch.holidays.clear();
            scratch.holidays.extend(said.holidays.iter().map(holiday));
            let (account, calendar) = (AccountId(said.account), CalendarId(said.calendar));
            SetCalendar::new(account, calendar).hours(&scratch.spans, &scratch.holidays).into()
        }
        Up::OpenAccount(said) => OpenAccount {
            account: AccountId(said.account),
            role: role(said.role),
            zone: ZoneId(said.zone),
            deposit: Money::from_micros(said.deposit),
        }
        .into(),
        Up::Deposit(said) => {
            let (account, movement) = (AccountId(said.account), MovementId(said.movement));
            Deposit::new(account, movement, Money::from_micros(said.amount)).into()
        }
        Up::Withdraw(said) => {
            let (account, movement) = (AccountId(said.account), MovementId(said.movement));
            Withdraw::new(account, movement, Money::from_micros(said.amount)).into()
        }
        Up::OpenSession(said) => OpenSession::new(AccountId(said.account), SessionId(said.session)).into(),
        Up::CloseSession(said) => CloseSession::new(AccountId(said.account), SessionId(said.session)).into(),
        Up::CreateListing(said) => listing(said).into(),
        Up::SetPolicy(said) => SetPolicy {
            seller: AccountId(said.seller),
            listing: ListingId(said.listing),
            policy: policy(said.policy),
            price: said.price.map(Money::from_micros),
            requires: said.requires.iter().map(skill).collect(),
        }
        .into(),
        Up::CreateProfile(said) => profile(said).into(),
        Up::RankProfile(said) => RankProfile {
            buyer: AccountId(said.buyer),
            profile: ProfileId(said.profile),
            weight: said.weight,
            quality: BasisPoints(said.quality),
            prior: Prior::new(said.prior.met, said.prior.of),
        }
        .into(),
        Up::SetSkills(said) => SetSkills {
            buyer: AccountId(said.buyer),
            profile: ProfileId(said.profile),
            skills: said.skills.iter().map(skill).collect(),
        }
        .into(),
        Up::SetBid(said) => set_bid(said.buyer, said.profile, said.amount, stamp),
        Up::PauseProfile(said) => {
            PauseProfile { buyer: AccountId(said.buyer), profile: ProfileId(said.profile) }.into()
        }
        Up::ResumeProfile(said) => {
            ResumeProfile { buyer: AccountId(said.buyer), profile: ProfileId(said.profile) }.into()
        }
        Up::CloseProfile(said) => {
            CloseProfile { buyer: AccountId(said.buyer), profile: ProfileId(said.profile) }.into()
        }
        Up::RegisterCall(said) => RegisterCall {
            seller: AccountId(said.seller),
            call: CallId(said.call),
            listing: ListingId(said.listing),
            subject: SubjectId(said.subject),
            leg: leg(said.leg),
            facts: said.facts.iter().map(fact).collect(),
        }
        .into(),
        Up::OfferCall(said) => OfferCall {
            seller: AccountId(said.seller),
            call: CallId(said.call),
            listing: ListingId(said.listing),
            subject: SubjectId(said.subject),
            leg: leg(said.leg),
            window: said.window.map(Millis),
            reserve: said.reserve.map(Money::from_micros),
            facts: said.facts.iter().map(fact).collect(),
        }
        .into(),
        Up::CancelCall(said) => CancelCall::new(AccountId(said.seller), CallId(said.call)).into(),
        Up::OpenAuction(said) => OpenAuction {
            seller: AccountId(said.seller),
            call: CallId(said.call),
            window: Millis(said.window),
            reserve: said.reserve.map(Money::from_micros),
        }
        .into(),
        Up::CloseAuction(said) => CloseAuction::new(AccountId(said.seller), CallId(said.call)).into(),
        Up::PlaceBid(said) => PlaceBid {
            buyer: AccountId(said.buyer),
            profile: ProfileId(said.profile),
            seller: AccountId(said.seller),
            call: CallId(said.call),
            amount: Money::from_micros(said.amount),
            valid_for: Millis(said.valid_for),
            stamp,
        }
        .into(),
        Up::WithdrawBid(said) => {
            let (buyer, call) = parties((said.buyer, said.profile), (said.seller, said.call));
            WithdrawBid { buyer: buyer.0, profile: buyer.1, seller: call.0, call: call.1, stamp }.into()
        }
        Up::NoBid(said) => {
            let (buyer, call) = parties((said.buyer, said.profile), (said.seller, said.call));
            NoBid::new(buyer, call, stamp).into()
        }
        Up::ReportRinging(said) => {
            ReportRinging::new(AccountId(said.seller), CallId(said.call), report(said.report), stamp).into()
        }
        Up::ReportAnswered(said) => {
            ReportAnswered::new(AccountId(said.seller), CallId(said.call), report(said.report), stamp).into()
        }
        Up::ReportFailed(said) => {
            let failure = Reason::from_code(said.failure).ok_or(Reject::ValueOutOfRange)?;
            ReportFailed::new(AccountId(said.seller), CallId(said.call), report(said.report), failure, stamp).into()
        }
        Up::ReportEnded(said) => {
            ReportEnded::new(AccountId(said.seller), CallId(said.call), report(said.report), stamp).into()
        }
        _ => return Ok(None),
    }))
}

/// One bid of a batch, or one that came alone.
pub(super) fn set_bid(buyer: u128, profile: u128, amount: Option<i64>, stamp: Stamp) -> Command<'static> {
    SetBid::new(AccountId(buyer), ProfileId(profile), amount.map(Money::from_micros), stamp).into()
}

fn listing(said: &up::CreateListing) -> CreateListing {
    CreateListing {
        seller: AccountId(said.seller),
        listing: ListingId(said.listing),
        vertical: VerticalId(said.vertical),
        pricing: match said.pricing {
            dce_protocol::Pricing::FirstPrice => PricingRule::FirstPrice,
            dce_protocol::Pricing::SecondPrice => PricingRule::SecondPrice,
        },
        reserve: Money::from_micros(said.reserve),
        increment: Money::from_micros(said.increment),
        payout: match said.payout {
            dce_protocol::Payout::Fixed(amount) => Payout::Fixed(Money::from_micros(amount)),
            dce_protocol::Payout::Share(share) => Payout::Share(BasisPoints(share)),
        },
        payout_term: pay_term(said.payout_term),
        margin_min: Money::from_micros(said.margin_min),
        duration_max: Seconds(said.duration_max),
        open: said.open,
        withdrawable: said.withdrawable,
        hours: said.hours.map(CalendarId),
    }
}

fn profile<'a>(said: &up::CreateProfile<'a>) -> CreateProfile<'a> {
    CreateProfile {
        buyer: AccountId(said.buyer),
        profile: ProfileId(said.profile),
        vertical: VerticalId(said.vertical),
        tier: said.tier,
        bid: said.bid.map(Money::from_micros),
        pay_term: pay_term(said.pay_term),
        caps: CapLimits {
            concurrency: said.concurrency,
            hourly: said.hourly,
            daily: said.daily,
            total: said.total,
            daily_budget: said.daily_budget.map(Money::from_micros),
        },
        live_mode: said.live_mode,
        hours: said.hours.map(CalendarId),
        clauses: said.clauses.iter().map(clause).collect(),
        values: said.values.iter().map(|code| ValueCode(code.get())).collect(),
        destinations: said.destinations.iter().map(dial_target).collect(),
    }
}

fn policy(said: dce_protocol::Policy) -> Policy {
    match said {
        dce_protocol::Policy::HighestScore => Policy::HighestScore,
        dce_protocol::Policy::WeightedShare => Policy::WeightedShare,
        dce_protocol::Policy::RoundRobin => Policy::RoundRobin,
        dce_protocol::Policy::Skill => Policy::Skill,
        dce_protocol::Policy::CostQuality => Policy::CostQuality,
        dce_protocol::Policy::ExpectedValue { segment, explore } => {
            Policy::ExpectedValue { segment: segment.map(AttributeId), explore: BasisPoints(explore) }
        }
    }
}

const fn skill(said: &dce_protocol::SkillLevel) -> SkillLevel {
    SkillLevel::new(SkillId(said.skill()), said.level())
}

fn holiday(said: &dce_protocol::Holiday) -> Holiday {
    let ((first_day, last_day), (from_minute, to_minute)) = (said.days(), said.minutes());
    Holiday { first_day, last_day, from_minute, to_minute }
}

/// An empty destination stays one: the engine refuses it by name.
fn dial_target(said: &dce_protocol::DialTarget) -> DialTarget {
    let destination = Destination::new(said.destination()).unwrap_or_default();
    DialTarget { destination, ring: Millis(said.ring_ms()) }
}

fn clause(said: &dce_protocol::Clause) -> Clause {
    use dce_protocol::Test as Said;
    let test = match said.test() {
        Said::AnyOf { count } => Test::AnyOf { count },
        Said::NoneOf { count } => Test::NoneOf { count },
        Said::InSet { set } => Test::InSet { set: ValueSetId(set) },
        Said::NotInSet { set } => Test::NotInSet { set: ValueSetId(set) },
        Said::Range { low, high } => Test::Range { low, high },
        Said::Is { value } => Test::Is { value },
        Said::Near { latitude_micro, longitude_micro, radius_metres } => {
            Test::Near { centre: GeoPoint::new(latitude_micro, longitude_micro), radius: Metres(radius_metres) }
        }
    };
    Clause { attribute: AttributeId(said.attribute()), test }
}

fn fact(said: &dce_protocol::Fact) -> Fact {
    use dce_protocol::FactValue as Said;
    let attribute = AttributeId(said.attribute());
    match said.value() {
        Said::Code(code) => Fact::value(attribute, ValueCode(code)),
        Said::Number(number) => Fact::number(attribute, number),
        Said::Flag(flag) => Fact::flag(attribute, flag),
        Said::Place { latitude_micro, longitude_micro } => {
            Fact::place(attribute, GeoPoint::new(latitude_micro, longitude_micro))
        }
    }
}

fn kind(said: dce_protocol::Kind) -> Kind {
    use dce_protocol::Kind as Said;
    match said {
        Said::Category { values_max } => Kind::Category { values_max },
        Said::Set { values_max } => Kind::Set { values_max },
        Said::Integer { decimals, low, high } => Kind::Integer { decimals, low, high },
        Said::Boolean => Kind::Boolean,
        Said::Point => Kind::Point,
    }
}

fn role(said: dce_protocol::Role) -> dce_engine::event::Role {
    use dce_engine::event::Role;
    match said {
        dce_protocol::Role::Buyer => Role::Buyer,
        dce_protocol::Role::Seller => Role::Seller,
        dce_protocol::Role::Platform => Role::Platform,
        dce_protocol::Role::World => Role::World,
    }
}

fn leg(said: dce_protocol::Leg) -> Leg {
    match said {
        dce_protocol::Leg::ConsumerInbound => Leg::ConsumerInbound,
        dce_protocol::Leg::OutboundTransfer => Leg::OutboundTransfer,
        dce_protocol::Leg::Callback => Leg::Callback,
    }
}

fn pay_term(said: dce_protocol::PayTerm) -> PayTerm {
    match said {
        dce_protocol::PayTerm::OnConnect => PayTerm::OnConnect,
        dce_protocol::PayTerm::After { seconds, from } => PayTerm::After {
            seconds: Seconds(seconds),
            from: match from {
                dce_protocol::ClockStart::Incoming => ClockStart::Incoming,
                dce_protocol::ClockStart::Dial => ClockStart::Dial,
                dce_protocol::ClockStart::Connect => ClockStart::Connect,
            },
        },
    }
}

fn report(said: dce_protocol::LegReport) -> LegReport {
    let dce_protocol::LegReport { attempt, destination_index, since_incoming_ms, since_dial_ms, since_connect_ms } =
        said;
    let clocks = Clocks::new(Millis(since_incoming_ms), Millis(since_dial_ms), Millis(since_connect_ms));
    LegReport::leg(attempt, destination_index, clocks)
}

fn parties(buyer: (u128, u128), call: (u128, u128)) -> ((AccountId, ProfileId), (AccountId, CallId)) {
    ((AccountId(buyer.0), ProfileId(buyer.1)), (AccountId(call.0), CallId(call.1)))
}
