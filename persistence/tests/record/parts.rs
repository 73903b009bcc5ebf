//! What commands are made of: at its extremes, and anywhere between.

use dce_engine::limits::*;
use dce_engine::prelude::*;
use proptest::collection::vec;
use proptest::prelude::*;

/// One value of everything a command may carry.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) wide: [u128; 4],
    pub(crate) long: [u64; 2],
    pub(crate) word: [u32; 6],
    pub(crate) short: [u16; 3],
    pub(crate) byte: [u8; 3],
    pub(crate) flag: [bool; 3],
    pub(crate) money: [Money; 4],
    pub(crate) optional: [Option<Money>; 2],
    pub(crate) caps: CapLimits,
    pub(crate) role: Role,
    pub(crate) leg: Leg,
    pub(crate) window: Option<Millis>,
    pub(crate) kind: Kind,
    pub(crate) pricing: PricingRule,
    pub(crate) payout: Payout,
    pub(crate) term: PayTerm,
    pub(crate) failure: Reason,
    pub(crate) name: String,
    pub(crate) facts: Vec<Fact>,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) values: Vec<ValueCode>,
    pub(crate) chunk: Vec<ValueCode>,
    pub(crate) destinations: Vec<DialTarget>,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) spans: Vec<OpenSpan>,
    pub(crate) holidays: Vec<Holiday>,
    pub(crate) modifiers: Vec<Modifier>,
    pub(crate) screen: Vec<ScreenRule>,
    pub(crate) chain: Vec<ChainNode>,
    pub(crate) scope: QuotaScope,
    pub(crate) rules: Vec<QuotaRule>,
    pub(crate) policy: Policy,
    pub(crate) required: Vec<SkillLevel>,
    pub(crate) skills: Vec<SkillLevel>,
}

/// Lists run one past what the exchange takes.
pub(crate) fn parts() -> impl Strategy<Value = Parts> {
    let numbers = (
        [extreme(0, u128::MAX), extreme(0, u128::MAX), extreme(0, u128::MAX), extreme(0, u128::MAX)],
        [extreme(0, u64::MAX), extreme(0, u64::MAX)],
        proptest::array::uniform6(extreme(0, u32::MAX)),
        proptest::array::uniform3(extreme(0, u16::MAX)),
        proptest::array::uniform3(extreme(0, u8::MAX)),
        proptest::array::uniform3(any::<bool>()),
        proptest::array::uniform4(money()),
        proptest::array::uniform2(proptest::option::of(money())),
    );
    let choices = (
        proptest::sample::select(vec![Role::Buyer, Role::Seller, Role::Platform, Role::World]),
        proptest::sample::select(vec![Leg::ConsumerInbound, Leg::OutboundTransfer, Leg::Callback]),
        proptest::option::of(extreme(0, u32::MAX).prop_map(Millis)),
        kind(),
        proptest::sample::select(vec![PricingRule::FirstPrice, PricingRule::SecondPrice]),
        prop_oneof![money().prop_map(Payout::Fixed), extreme(0, u16::MAX).prop_map(|s| Payout::Share(BasisPoints(s)))],
        term(),
        proptest::sample::select(Reason::ALL),
        caps(),
    );
    let lists = (
        "\\PC{0,16}",
        list(fact(), FACTS_MAX),
        list(clause(), CLAUSES_MAX),
        list(extreme(0, u32::MAX).prop_map(ValueCode), CLAUSE_VALUES_MAX),
        list(extreme(0, u32::MAX).prop_map(ValueCode), VALUE_SET_CHUNK_MAX),
        list(target(), DESTINATIONS_MAX),
        list(transition(), TRANSITIONS_MAX),
        list(span(), OPEN_SPANS_MAX),
        list(holiday(), HOLIDAYS_MAX),
        (
            list(modifier(), MODIFIERS_MAX),
            list(screen_rule(), SCREEN_RULES_MAX),
            list(extreme(0, u128::MAX).prop_map(ChainNode), CHAIN_MAX),
            (scope(), list(rule(), QUOTA_RULES_MAX)),
        ),
    );
    let policies = (policy(), list(skill(), REQUIRED_SKILLS_MAX), list(skill(), PROFILE_SKILLS_MAX));
    (numbers, choices, lists, policies).prop_map(|(numbers, choices, lists, policies)| {
        let (wide, long, word, short, byte, flag, money, optional) = numbers;
        let (role, leg, window, kind, pricing, payout, term, failure, caps) = choices;
        let (name, facts, clauses, values, chunk, destinations, transitions, spans, holidays, rest) = lists;
        let (modifiers, screen, chain, (scope, rules)) = rest;
        let (policy, required, skills) = policies;
        Parts {
            wide,
            long,
            word,
            short,
            byte,
            flag,
            money,
            optional,
            caps,
            role,
            leg,
            window,
            kind,
            pricing,
            payout,
            term,
            failure,
            name,
            facts,
            clauses,
            values,
            chunk,
            destinations,
            transitions,
            spans,
            holidays,
            modifiers,
            screen,
            chain,
            scope,
            rules,
            policy,
            required,
            skills,
        }
    })
}

/// The ends as often as all between.
fn extreme<T>(least: T, most: T) -> impl Strategy<Value = T> + Clone
where
    T: Arbitrary + Copy + 'static,
{
    prop_oneof![Just(least), Just(most), any::<T>()]
}

/// Empty, full, one too many, or anything between.
fn list<S: Strategy + Clone>(element: S, most: usize) -> impl Strategy<Value = Vec<S::Value>> {
    let lengths = prop_oneof![Just(0), Just(most), Just(most + 1), 0..=most];
    lengths.prop_flat_map(move |length| vec(element.clone(), length))
}

fn money() -> impl Strategy<Value = Money> + Clone {
    extreme(i64::MIN, i64::MAX).prop_map(Money::from_micros)
}

fn point() -> impl Strategy<Value = GeoPoint> + Clone {
    [extreme(i32::MIN, i32::MAX), extreme(i32::MIN, i32::MAX)].prop_map(|[north, east]| GeoPoint::new(north, east))
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        extreme(0, u32::MAX).prop_map(|values_max| Kind::Category { values_max }),
        extreme(0, u32::MAX).prop_map(|values_max| Kind::Set { values_max }),
        (extreme(0, u8::MAX), extreme(i64::MIN, i64::MAX), extreme(i64::MIN, i64::MAX))
            .prop_map(|(decimals, low, high)| Kind::Integer { decimals, low, high }),
        Just(Kind::Boolean),
        Just(Kind::Point),
    ]
}

fn term() -> impl Strategy<Value = PayTerm> {
    let clock = proptest::sample::select(vec![ClockStart::Incoming, ClockStart::Dial, ClockStart::Connect]);
    let after = (extreme(0, u32::MAX), clock);
    prop_oneof![
        Just(PayTerm::OnConnect),
        after.prop_map(|(seconds, from)| PayTerm::After { seconds: Seconds(seconds), from }),
    ]
}

fn caps() -> impl Strategy<Value = CapLimits> {
    let some = || proptest::option::of(extreme(0, u32::MAX));
    (proptest::option::of(extreme(0, u16::MAX)), some(), some(), some(), proptest::option::of(money())).prop_map(
        |(concurrency, hourly, daily, total, daily_budget)| CapLimits {
            concurrency,
            hourly,
            daily,
            total,
            daily_budget,
        },
    )
}

fn fact() -> impl Strategy<Value = Fact> + Clone {
    let value = prop_oneof![
        extreme(0, u32::MAX).prop_map(|code| FactValue::Code(ValueCode(code))),
        extreme(i64::MIN, i64::MAX).prop_map(FactValue::Number),
        any::<bool>().prop_map(FactValue::Flag),
        point().prop_map(FactValue::Place),
    ];
    (extreme(0, u16::MAX), value).prop_map(|(attribute, value)| Fact { attribute: AttributeId(attribute), value })
}

fn clause() -> impl Strategy<Value = Clause> + Clone {
    let test = prop_oneof![
        extreme(0, u16::MAX).prop_map(|count| Test::AnyOf { count }),
        extreme(0, u16::MAX).prop_map(|count| Test::NoneOf { count }),
        extreme(0, u16::MAX).prop_map(|set| Test::InSet { set: ValueSetId(set) }),
        extreme(0, u16::MAX).prop_map(|set| Test::NotInSet { set: ValueSetId(set) }),
        [extreme(i64::MIN, i64::MAX), extreme(i64::MIN, i64::MAX)].prop_map(|[low, high]| Test::Range { low, high }),
        any::<bool>().prop_map(|value| Test::Is { value }),
        (point(), extreme(0, u32::MAX)).prop_map(|(centre, radius)| Test::Near { centre, radius: Metres(radius) }),
    ];
    (extreme(0, u16::MAX), test).prop_map(|(attribute, test)| Clause { attribute: AttributeId(attribute), test })
}

fn target() -> impl Strategy<Value = DialTarget> + Clone {
    (vec(any::<u8>(), 0..=DESTINATION_BYTES_MAX), extreme(0, u32::MAX)).prop_map(|(bytes, ring)| DialTarget {
        destination: Destination::new(&bytes).unwrap_or_default(),
        ring: Millis(ring),
    })
}

fn transition() -> impl Strategy<Value = Transition> + Clone {
    (extreme(0, u64::MAX), extreme(i32::MIN, i32::MAX))
        .prop_map(|(at, offset_seconds)| Transition { at: Timestamp::from_micros(at), offset_seconds })
}

fn scope() -> impl Strategy<Value = QuotaScope> + Clone {
    let id = || extreme(0, u128::MAX);
    prop_oneof![
        Just(QuotaScope::Account),
        id().prop_map(|profile| QuotaScope::Profile(ProfileId(profile))),
        id().prop_map(|listing| QuotaScope::Listing(ListingId(listing))),
        id().prop_map(|group| QuotaScope::Group(GroupId(group))),
    ]
}

fn rule() -> impl Strategy<Value = QuotaRule> + Clone {
    let counts = [Counts::Live, Counts::Attempts, Counts::Connections, Counts::Conversions, Counts::Money];
    let counts = proptest::sample::select(counts.to_vec());
    let per = proptest::sample::select(vec![Per::Hour, Per::Day, Per::Month, Per::Ever]);
    let hours = [extreme(0, u8::MAX), extreme(0, u8::MAX)].prop_map(|[from, to]| WeekHours { from, to });
    let pace = prop_oneof![Just(Pace::Free), Just(Pace::Even), extreme(0, u32::MAX).prop_map(Pace::Through)];
    (counts, per, extreme(i64::MIN, i64::MAX), proptest::option::of(hours), pace)
        .prop_map(|(counts, per, max, during, pace)| QuotaRule { counts, per, max, during, pace })
}

fn policy() -> impl Strategy<Value = Policy> {
    let segment = proptest::option::of(extreme(0, u16::MAX).prop_map(AttributeId));
    let expected = (segment, extreme(0, u16::MAX));
    prop_oneof![
        Just(Policy::HighestScore),
        Just(Policy::WeightedShare),
        Just(Policy::RoundRobin),
        Just(Policy::Skill),
        Just(Policy::CostQuality),
        expected.prop_map(|(segment, explore)| Policy::ExpectedValue { segment, explore: BasisPoints(explore) }),
    ]
}

fn skill() -> impl Strategy<Value = SkillLevel> + Clone {
    (extreme(0, u16::MAX), extreme(0, u8::MAX)).prop_map(|(skill, level)| SkillLevel::new(SkillId(skill), level))
}

fn span() -> impl Strategy<Value = OpenSpan> + Clone {
    [extreme(0, u16::MAX), extreme(0, u16::MAX)].prop_map(|[from, to]| OpenSpan::new(from, to))
}

fn holiday() -> impl Strategy<Value = Holiday> + Clone {
    let days = [extreme(0, u32::MAX), extreme(0, u32::MAX)];
    (days, [extreme(0, u16::MAX), extreme(0, u16::MAX)]).prop_map(
        |([first_day, last_day], [from_minute, to_minute])| Holiday { first_day, last_day, from_minute, to_minute },
    )
}

fn modifier() -> impl Strategy<Value = Modifier> + Clone {
    let value = prop_oneof![
        extreme(0, u32::MAX).prop_map(|code| ModifierValue::Code(ValueCode(code))),
        any::<bool>().prop_map(ModifierValue::Flag),
        [extreme(i64::MIN, i64::MAX), extreme(i64::MIN, i64::MAX)]
            .prop_map(|[low, high]| ModifierValue::Range { low, high }),
    ];
    let change = prop_oneof![extreme(0, u32::MAX).prop_map(Change::Multiply), money().prop_map(Change::Add)];
    (extreme(0, u16::MAX), value, change).prop_map(|(attribute, value, change)| Modifier {
        attribute: AttributeId(attribute),
        value,
        change,
    })
}

fn screen_rule() -> impl Strategy<Value = ScreenRule> + Clone {
    let leg = proptest::sample::select(vec![Leg::ConsumerInbound, Leg::OutboundTransfer, Leg::Callback]);
    let reason = proptest::sample::select(Reason::ALL);
    (proptest::option::of(leg), clause(), any::<bool>(), reason).prop_map(|(leg, clause, unless, reason)| ScreenRule {
        leg,
        clause,
        unless,
        reason,
    })
}
