//! From wire frames to the engine's commands. Texts borrow from the frame; lists whose elements lie otherwise in memory
//! are held inline or in a scratch that is used again for every frame.

use dce_engine::commands::{
    AlsoWants, CancelCall, CloseAccount, CloseAuction, CloseProfile, CloseSession, Command, ConfirmQuote,
    CreateListing, CreateProfile, DeclareAttribute, DefineValue, Delist, Deposit, LoadValueSet, NoBid, OfferCall,
    OpenAccount, OpenAuction, OpenSession, PauseProfile, PlaceBid, QuoteCall, RankProfile, RegisterCall,
    ReportAnswered, ReportDropped, ReportEnded, ReportFailed, ReportRejected, ReportRinging, ResumeProfile,
    SetAnswering, SetBid, SetCalendar, SetDeal, SetDelivery, SetDisclosure, SetDuplicates, SetFrequency, SetGroup,
    SetHome, SetModifiers, SetPolicy, SetPrivate, SetQuota, SetQuoting, SetScreen, SetSkills, SetSuppression,
    SetTogether, SetWindow, SetZone, Stamp, Withdraw, WithdrawBid,
};
use dce_engine::event::Destination;
use dce_engine::ids::{
    AccountId, AttributeId, CalendarId, CallId, ChainNode, GroupId, ListingId, MovementId, ProfileId, SessionId,
    SkillId, SubjectId, ValueCode, ValueSetId, VerticalId, ZoneId,
};
use dce_engine::reason::Reason;
use dce_engine::reject::Reject;
use dce_engine::terms::{
    AnonymousCallers, CallerScope, CapLimits, Change, Clause, ClockStart, Clocks, Counts, DealPrice, DialTarget,
    DuplicateOn, Fact, Holiday, Kind, Leg, LegReport, Modifier, ModifierValue, OpenSpan, Pace, PauseRule, PayTerm,
    Payout, Per, Policy, PricingRule, Prior, QuotaRule, QuotaScope, ScreenRule, SkillLevel, Test, Transition,
    WeekHours,
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
    screen: Vec<ScreenRule>,
    rules: Vec<QuotaRule>,
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
        Up::SetDuplicates(said) => SetDuplicates {
            account: AccountId(said.account),
            scope: scope(said.scope),
            on: duplicate_on(said.on),
            window: Seconds(said.window),
            anonymous: anonymous(said.anonymous),
        }
        .into(),
        Up::SetFrequency(said) => SetFrequency {
            account: AccountId(said.account),
            listing: said.listing.map(ListingId),
            calls_max: said.calls_max,
            window: Seconds(said.window),
            anonymous: anonymous(said.anonymous),
        }
        .into(),
        Up::SetSuppression(said) => SetSuppression {
            account: AccountId(said.account),
            subject: SubjectId(said.subject),
            until: said.until.map(Timestamp::from_micros),
        }
        .into(),
        Up::SetScreen(said) => {
            scratch.screen.clear();
            for rule in said.rules.iter() {
                scratch.screen.push(screen_rule(rule)?);
            }
            scratch.values.clear();
            scratch.values.extend(said.values.iter().map(|code| ValueCode(code.get())));
            let screen = SetScreen { listing: said.listing.map(ListingId), ..SetScreen::new(AccountId(said.account)) };
            screen.rules(&scratch.screen, &scratch.values).into()
        }
        Up::SetQuota(said) => {
            scratch.rules.clear();
            scratch.rules.extend(said.rules.iter().map(quota_rule));
            SetQuota {
                account: AccountId(said.account),
                scope: quota_scope(said.scope),
                rules: dce_engine::commands::List::borrowed(&scratch.rules),
                spacing: said.spacing.map(Millis),
                hours: said.hours.map(CalendarId),
            }
            .into()
        }
        Up::SetGroup(said) => {
            SetGroup::new(AccountId(said.buyer), ProfileId(said.profile), said.group.map(GroupId)).into()
        }
        Up::SetTogether(said) => SetTogether::new(AccountId(said.buyer), GroupId(said.group), said.together).into(),
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
        Up::SetHome(said) => SetHome::new(AccountId(said.account), ZoneId(said.zone)).into(),
        Up::CloseAccount(said) => CloseAccount::new(AccountId(said.account)).into(),
        Up::OpenSession(said) => OpenSession::new(AccountId(said.account), SessionId(said.session)).into(),
        Up::CloseSession(said) => CloseSession::new(AccountId(said.account), SessionId(said.session)).into(),
        Up::CreateListing(said) => listing(said).into(),
        Up::SetDisclosure(said) => SetDisclosure {
            seller: AccountId(said.seller),
            listing: ListingId(said.listing),
            price_to_win: said.price_to_win,
        }
        .into(),
        Up::SetWindow(said) => SetWindow {
            seller: AccountId(said.seller),
            listing: ListingId(said.listing),
            early_close: said.early_close,
            answer_within: Millis(said.answer_within),
        }
        .into(),
        Up::SetDeal(said) => deal(said)?.into(),
        Up::Delist(said) => Delist::new(AccountId(said.seller), ListingId(said.listing)).into(),
        Up::SetPrivate(said) => SetPrivate::of(AccountId(said.seller), ListingId(said.listing), said.private).into(),
        Up::SetDelivery(said) => delivery(said).into(),
        Up::SetPolicy(said) => SetPolicy {
            seller: AccountId(said.seller),
            listing: ListingId(said.listing),
            policy: policy(said.policy),
            price: said.price.map(Money::from_micros),
            requires: said.requires.iter().map(skill).collect(),
        }
        .into(),
        Up::CreateProfile(said) => profile(said).into(),
        Up::AlsoWants(said) => AlsoWants {
            buyer: AccountId(said.buyer),
            profile: ProfileId(said.profile),
            nth: said.nth,
            clauses: said.clauses.iter().map(clause).collect(),
            values: said.values.iter().map(|code| ValueCode(code.get())).collect(),
        }
        .into(),
        Up::SetModifiers(said) => SetModifiers {
            buyer: AccountId(said.buyer),
            profile: ProfileId(said.profile),
            max: said.max.map(Money::from_micros),
            modifiers: said.modifiers.iter().map(modifier).collect(),
        }
        .into(),
        Up::SetAnswering(said) => answering(said).into(),
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
            chain: said.chain.iter().map(|node| ChainNode(node.get())).collect(),
        }
        .into(),
        Up::SetQuoting(said) => SetQuoting::of(AccountId(said.seller), said.firm_max).into(),
        Up::QuoteCall(said) => QuoteCall {
            seller: AccountId(said.seller),
            call: CallId(said.call),
            listing: ListingId(said.listing),
            subject: SubjectId(said.subject),
            leg: leg(said.leg),
            reserve: said.reserve.map(Money::from_micros),
            facts: said.facts.iter().map(fact).collect(),
            chain: said.chain.iter().map(|node| ChainNode(node.get())).collect(),
            firm: said.firm,
            life: Millis(said.life),
        }
        .into(),
        Up::ConfirmQuote(said) => ConfirmQuote::new(AccountId(said.seller), CallId(said.call)).into(),
        Up::OfferCall(said) => OfferCall {
            seller: AccountId(said.seller),
            call: CallId(said.call),
            listing: ListingId(said.listing),
            subject: SubjectId(said.subject),
            leg: leg(said.leg),
            window: said.window.map(Millis),
            reserve: said.reserve.map(Money::from_micros),
            facts: said.facts.iter().map(fact).collect(),
            chain: said.chain.iter().map(|node| ChainNode(node.get())).collect(),
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
        Up::ReportDropped(said) => {
            ReportDropped::new(AccountId(said.seller), CallId(said.call), report(said.report), stamp).into()
        }
        Up::ReportRejected(said) => {
            ReportRejected::new(AccountId(said.seller), CallId(said.call), report(said.report), stamp).into()
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

fn delivery(said: &up::SetDelivery<'_>) -> SetDelivery {
    SetDelivery {
        seller: AccountId(said.seller),
        listing: ListingId(said.listing),
        recover_below: Seconds(said.recover_below),
        recoveries_max: said.recoveries_max,
        fallback: said.fallback.iter().next().map(dial_target),
    }
}

fn answering(said: &up::SetAnswering) -> SetAnswering {
    let rules = [(said.unanswered, said.within), (said.unanswered_long, said.within_long)];
    SetAnswering {
        buyer: AccountId(said.buyer),
        profile: ProfileId(said.profile),
        bid_within: Millis(said.bid_within),
        reject_within: Seconds(said.reject_within),
        pause_after: rules.map(|(unanswered, within)| PauseRule::new(unanswered, Seconds(within))),
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

/// An amount where the deal has none is nothing a command can carry.
fn deal(said: &up::SetDeal) -> Result<SetDeal, Reject> {
    use dce_protocol::Deal;
    let amount = Money::from_micros(said.amount);
    let price = match said.deal {
        Deal::None | Deal::Reserve if said.amount != 0 => return Err(Reject::AmountOutOfRange),
        Deal::None => None,
        Deal::Reserve => Some(DealPrice::Reserve),
        Deal::Floor => Some(DealPrice::Floor(amount)),
        Deal::Fixed => Some(DealPrice::Fixed(amount)),
    };
    let (seller, buyer) = (AccountId(said.seller), AccountId(said.buyer));
    Ok(SetDeal { seller, listing: ListingId(said.listing), buyer, price })
}

fn modifier(said: &dce_protocol::Modifier) -> Modifier {
    use dce_protocol::{Change as SaidChange, ModifierValue as Said};
    let value = match said.value() {
        Said::Code(code) => ModifierValue::Code(ValueCode(code)),
        Said::Flag(flag) => ModifierValue::Flag(flag),
        Said::Range { low, high } => ModifierValue::Range { low, high },
    };
    let change = match said.change() {
        SaidChange::Multiply(times) => Change::Multiply(times),
        SaidChange::Add(amount) => Change::Add(Money::from_micros(amount)),
    };
    Modifier { attribute: AttributeId(said.attribute()), value, change }
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

fn scope(said: dce_protocol::CallerScope) -> CallerScope {
    match said {
        dce_protocol::CallerScope::Account => CallerScope::Account,
        dce_protocol::CallerScope::Profile(profile) => CallerScope::Profile(ProfileId(profile)),
        dce_protocol::CallerScope::Listing(listing) => CallerScope::Listing(ListingId(listing)),
    }
}

fn duplicate_on(said: dce_protocol::DuplicateOn) -> DuplicateOn {
    match said {
        dce_protocol::DuplicateOn::Incoming => DuplicateOn::Incoming,
        dce_protocol::DuplicateOn::Connect => DuplicateOn::Connect,
        dce_protocol::DuplicateOn::Convert => DuplicateOn::Convert,
    }
}

fn anonymous(said: dce_protocol::AnonymousCallers) -> AnonymousCallers {
    match said {
        dce_protocol::AnonymousCallers::OneCaller => AnonymousCallers::OneCaller,
        dce_protocol::AnonymousCallers::Distinct => AnonymousCallers::Distinct,
        dce_protocol::AnonymousCallers::Refused => AnonymousCallers::Refused,
    }
}

/// A code that is no reason is one that no screen may refuse for.
fn screen_rule(said: &dce_protocol::ScreenRule) -> Result<ScreenRule, Reject> {
    let reason = Reason::from_code(said.reason()).ok_or(Reject::ValueOutOfRange)?;
    Ok(ScreenRule { leg: said.leg().map(leg), clause: clause(&said.clause()), unless: said.unless(), reason })
}

fn quota_scope(said: dce_protocol::QuotaScope) -> QuotaScope {
    match said {
        dce_protocol::QuotaScope::Account => QuotaScope::Account,
        dce_protocol::QuotaScope::Profile(profile) => QuotaScope::Profile(ProfileId(profile)),
        dce_protocol::QuotaScope::Listing(listing) => QuotaScope::Listing(ListingId(listing)),
        dce_protocol::QuotaScope::Group(group) => QuotaScope::Group(GroupId(group)),
    }
}

fn quota_rule(said: &dce_protocol::QuotaRule) -> QuotaRule {
    QuotaRule {
        counts: match said.counts() {
            dce_protocol::Counts::Live => Counts::Live,
            dce_protocol::Counts::Attempts => Counts::Attempts,
            dce_protocol::Counts::Connections => Counts::Connections,
            dce_protocol::Counts::Conversions => Counts::Conversions,
            dce_protocol::Counts::Money => Counts::Money,
        },
        per: match said.per() {
            dce_protocol::Per::Hour => Per::Hour,
            dce_protocol::Per::Day => Per::Day,
            dce_protocol::Per::Month => Per::Month,
            dce_protocol::Per::Ever => Per::Ever,
        },
        max: said.max(),
        during: said.hours().map(|(from, to)| WeekHours { from, to }),
        pace: match said.pace() {
            (dce_protocol::Pace::Free, _) => Pace::Free,
            (dce_protocol::Pace::Even, _) => Pace::Even,
            (dce_protocol::Pace::Through, day) => Pace::Through(day),
        },
    }
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
