//! What was set, in a plan's words again: who sends back what is answered here changes nothing. Commands that came by another
//! front may say what no plan can (a span past midnight, a moment within a second); it is told in words that mean the same.

use dce_engine::commands::{
    AlsoWants, Command, RankProfile, SetCalendar, SetDeal, SetDuplicates, SetFrequency, SetModifiers, SetPolicy,
    SetQuota, SetScreen,
};
use dce_engine::ids::{AttributeId, ValueCode};
use dce_engine::terms::{
    AnonymousCallers, Change, Clause, Counts, DealPrice, DuplicateOn, Kind, Leg, Modifier, ModifierValue, Pace, Per,
    Policy, QuotaRule, SkillLevel, Test,
};
use dce_engine::units::{BasisPoints, Money, Seconds};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::id::Id;
use super::moment;
use crate::catalog::Vocabulary;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// A value of JSON whose maps keep their order: the order of modifiers says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Text(String),
    Number(i64),
    Flag(bool),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl Serialize for Told {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
        }
    }
}

/// What a command said; `None` of one that is not told.
pub(super) fn tell(command: &Command<'_>, vocabulary: &Vocabulary) -> Option<Told> {
    Some(match command {
        Command::SetCalendar(said) => calendar(said),
        Command::SetDuplicates(said) => duplicates(said),
        Command::SetFrequency(said) => frequency(said),
        Command::SetScreen(said) => screen(said, vocabulary),
        Command::SetQuota(said) => quota(said),
        Command::SetDeal(said) => deal(said),
        Command::SetPolicy(said) => policy(said, vocabulary),
        Command::AlsoWants(said) => also(said, vocabulary),
        Command::SetModifiers(said) => modifiers(said, vocabulary),
        Command::RankProfile(said) => rank(said),
        Command::SetSkills(said) => levels(&said.skills),
        _ => return None,
    })
}

fn calendar(said: &SetCalendar<'_>) -> Told {
    let spans = said.spans.iter().map(|span| (span.from_minute, span.to_minute));
    let holidays = said.holidays.iter().map(|holiday| {
        let (first, last) = (moment::day(holiday.first_day), moment::day(holiday.last_day));
        let mut told = if first == last {
            vec![("on", text(first))]
        } else {
            vec![("from", text(first)), ("through", text(last))]
        };
        if (holiday.from_minute, holiday.to_minute) != (0, 0) {
            told.push(("open", span((holiday.from_minute, holiday.to_minute))));
        }
        map(told)
    });
    map(vec![("open", week(spans)), ("holidays", Told::List(holidays.collect()))])
}

fn duplicates(said: &SetDuplicates) -> Told {
    let on = match said.on {
        DuplicateOn::Incoming => "incoming",
        DuplicateOn::Connect => "connect",
        DuplicateOn::Convert => "convert",
    };
    map(vec![("on", text(on)), ("window", length(said.window)), ("anonymous", anonymous(said.anonymous))])
}

fn frequency(said: &SetFrequency) -> Told {
    let calls = Told::Number(said.calls_max.into());
    map(vec![("calls", calls), ("window", length(said.window)), ("anonymous", anonymous(said.anonymous))])
}

fn anonymous(said: AnonymousCallers) -> Told {
    text(match said {
        AnonymousCallers::OneCaller => "one caller",
        AnonymousCallers::Distinct => "distinct",
        AnonymousCallers::Refused => "refused",
    })
}

fn screen(said: &SetScreen<'_>, vocabulary: &Vocabulary) -> Told {
    let mut values = said.values.as_slice();
    let rule = |rule: &dce_engine::terms::ScreenRule| {
        let (listed, rest) = values.split_at_checked(rule.clause.test.listed()).unwrap_or((&[], &[]));
        values = rest;
        let mut told = vec![("refuse", text(format!("{:?}", rule.reason)))];
        if let Some(leg) = rule.leg {
            told.push((
                "leg",
                text(match leg {
                    Leg::ConsumerInbound => "inbound",
                    Leg::OutboundTransfer => "transfer",
                    Leg::Callback => "callback",
                }),
            ));
        }
        let (name, test) = clause(&rule.clause, listed, vocabulary);
        let test = if rule.clause.test.is_excluding() { map(vec![("excludes", test)]) } else { test };
        told.push((if rule.unless { "unless" } else { "when" }, Told::Map(vec![(name, test)])));
        map(told)
    };
    Told::List(said.rules.iter().map(rule).collect())
}

fn quota(said: &SetQuota<'_>) -> Told {
    let mut told = vec![("rules", Told::List(said.rules.iter().map(quota_rule).collect()))];
    if let Some(spacing) = said.spacing {
        told.push(("spacing", text(format!("{}ms", spacing.0))));
    }
    if let Some(hours) = said.hours {
        told.push(("hours", text(Id(hours.0).to_string())));
    }
    map(told)
}

fn quota_rule(rule: &QuotaRule) -> Told {
    let (counts, max) = match rule.counts {
        Counts::Live => ("live", Told::Number(rule.max)),
        Counts::Attempts => ("attempts", Told::Number(rule.max)),
        Counts::Connections => ("connections", Told::Number(rule.max)),
        Counts::Conversions => ("conversions", Told::Number(rule.max)),
        Counts::Money => ("money", amount(Money::from_micros(rule.max))),
    };
    let per = match rule.per {
        Per::Hour => "hour",
        Per::Day => "day",
        Per::Month => "month",
        Per::Ever => "ever",
    };
    let mut told = vec![(counts, max)];
    if rule.counts != Counts::Live || rule.per != Per::Ever {
        told.push(("per", text(per)));
    }
    match rule.pace {
        Pace::Free => {}
        Pace::Even => told.push(("pace", text("even"))),
        Pace::Through(day) => told.push(("pace", text(format!("through {}", moment::day(day))))),
    }
    if let Some(during) = rule.during {
        let minutes = (u16::from(during.from) * 60, u16::from(during.to) * 60);
        told.push(("during", week([minutes].into_iter())));
    }
    map(told)
}

fn deal(said: &SetDeal) -> Told {
    map(match said.price {
        None | Some(DealPrice::Reserve) => Vec::new(),
        Some(DealPrice::Floor(floor)) => vec![("floor", amount(floor))],
        Some(DealPrice::Fixed(price)) => vec![("fixed", amount(price))],
    })
}

fn policy(said: &SetPolicy<'_>, vocabulary: &Vocabulary) -> Told {
    let kind = match said.policy {
        Policy::HighestScore => "highest score",
        Policy::WeightedShare => "weighted share",
        Policy::RoundRobin => "round robin",
        Policy::Skill => "skill",
        Policy::CostQuality => "cost and quality",
        Policy::ExpectedValue { .. } => "expected value",
    };
    let mut told = vec![("kind", text(kind))];
    if let Policy::ExpectedValue { segment, explore } = said.policy {
        told.extend(segment.map(|attribute| ("segment", text(name_of(attribute, vocabulary)))));
        told.push(("explore", share(explore)));
    }
    told.extend(said.price.map(|price| ("price", amount(price))));
    if !said.requires.is_empty() {
        told.push(("requires", levels(&said.requires)));
    }
    map(told)
}

fn levels(skills: &[SkillLevel]) -> Told {
    Told::Map(skills.iter().map(|known| (known.skill.0.to_string(), Told::Number(known.level.into()))).collect())
}

fn rank(said: &RankProfile) -> Told {
    let prior = [said.prior.met, said.prior.of].map(|count| Told::Number(count.into()));
    let weight = Told::Number(said.weight.into());
    map(vec![("weight", weight), ("quality", share(said.quality)), ("prior", Told::List(prior.to_vec()))])
}

fn also(said: &AlsoWants<'_>, vocabulary: &Vocabulary) -> Told {
    let mut values = said.values.as_slice();
    let (mut wants, mut excludes) = (Vec::new(), Vec::new());
    for asked in said.clauses.iter() {
        let (listed, rest) = values.split_at_checked(asked.test.listed()).unwrap_or((&[], &[]));
        values = rest;
        let side = if asked.test.is_excluding() { &mut excludes } else { &mut wants };
        side.push(clause(asked, listed, vocabulary));
    }
    let sides = [("wants", wants), ("excludes", excludes)];
    map(sides.into_iter().filter(|(_, side)| !side.is_empty()).map(|(name, side)| (name, Told::Map(side))).collect())
}

/// The attribute of a clause, and what is asked of it, whether it is wanted or excluded.
fn clause(asked: &Clause, listed: &[ValueCode], vocabulary: &Vocabulary) -> (String, Told) {
    let test = match asked.test {
        Test::AnyOf { .. } | Test::NoneOf { .. } => {
            Told::List(listed.iter().map(|code| value(asked.attribute, *code, vocabulary)).collect())
        }
        Test::InSet { set } | Test::NotInSet { set } => map(vec![("in", Told::Number(set.0.into()))]),
        Test::Range { low, high } => map(range(asked.attribute, (low, high), vocabulary)),
        Test::Is { value } => Told::Flag(value),
        Test::Near { centre, radius } => {
            let degrees = [centre.latitude_micro, centre.longitude_micro].map(|micro| text(decimal(micro.into(), 6)));
            map(vec![("near", Told::List(degrees.to_vec())), ("within", text(format!("{} m", radius.0)))])
        }
    };
    (name_of(asked.attribute, vocabulary), test)
}

/// Modifiers of one attribute that follow one another stand together.
fn modifiers(said: &SetModifiers<'_>, vocabulary: &Vocabulary) -> Told {
    let mut told: Vec<(String, Told)> = Vec::new();
    for modifier in said.modifiers.iter() {
        let (name, item) = (name_of(modifier.attribute, vocabulary), map(modified(modifier, vocabulary)));
        match told.iter_mut().find(|(known, _)| *known == name) {
            Some((_, Told::List(items))) => items.push(item),
            _ => told.push((name, Told::List(vec![item]))),
        }
    }
    let mut all: Vec<_> = said.max.map(|max| ("max_bid", amount(max))).into_iter().collect();
    if !told.is_empty() {
        all.push(("modifiers", Told::Map(told)));
    }
    map(all)
}

fn modified(modifier: &Modifier, vocabulary: &Vocabulary) -> Vec<(&'static str, Told)> {
    let attribute = modifier.attribute;
    let mut told = match modifier.value {
        ModifierValue::Code(code) => vec![("is", value(attribute, code, vocabulary))],
        ModifierValue::Flag(flag) => vec![("is", Told::Flag(flag))],
        ModifierValue::Range { low, high } => range(attribute, (low, high), vocabulary),
    };
    told.push(match modifier.change {
        Change::Multiply(times) => ("times", text(decimal(times.into(), 4))),
        Change::Add(more) => ("plus", amount(more)),
    });
    told
}

/// Where a range has no end, none is named; one without any begins at the least number there is.
fn range(attribute: AttributeId, (low, high): (i64, i64), vocabulary: &Vocabulary) -> Vec<(&'static str, Told)> {
    let decimals = match vocabulary.get(attribute).map(|known| known.kind) {
        Some(Kind::Integer { decimals, .. }) => decimals,
        _ => 0,
    };
    let end = |number: i64| text(decimal(number, decimals));
    let mut ends = Vec::new();
    if low != i64::MIN || high == i64::MAX {
        ends.push(("from", end(low)));
    }
    if high != i64::MAX {
        ends.push(("below", end(high)));
    }
    ends
}

fn name_of(attribute: AttributeId, vocabulary: &Vocabulary) -> String {
    vocabulary.get(attribute).map_or_else(|| attribute.0.to_string(), |known| known.name.clone())
}

fn value(attribute: AttributeId, code: ValueCode, vocabulary: &Vocabulary) -> Told {
    let name = vocabulary.get(attribute).and_then(|known| known.name_of(code));
    text(name.map_or_else(|| code.0.to_string(), str::to_owned))
}

/// Spans of the local week, by day.
fn week(spans: impl Iterator<Item = (u16, u16)> + Clone) -> Told {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let of_day = |(name, day): (&'static str, u16)| {
        let begins = day * DAY;
        let within = spans.clone().filter_map(|(from, to)| {
            let (from, to) = (from.max(begins) - begins, to.min(begins + DAY).saturating_sub(begins));
            (from < to).then(|| span((from, to)))
        });
        let within: Vec<_> = within.collect();
        (!within.is_empty()).then_some((name, Told::List(within)))
    };
    map(DAYS.into_iter().zip(0..).filter_map(of_day).collect())
}

/// Minutes of a day.
fn span((from, to): (u16, u16)) -> Told {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    text(format!("{}-{}", clock(from), clock(to)))
}

/// `720h`, `1h 30m`.
fn length(Seconds(seconds): Seconds) -> Told {
    let parts = [(seconds / 3_600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}"));
    let parts: Vec<_> = parts.collect();
    text(if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") })
}

fn amount(money: Money) -> Told {
    text(money.to_string())
}

fn share(BasisPoints(points): BasisPoints) -> Told {
    text(format!("{} %", decimal(points.into(), 2)))
}

/// A number with so many decimals, without those at its end that say nothing.
fn decimal(number: i64, decimals: u8) -> String {
    let (sign, digits) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
    let one = 10_u64.pow(u32::from(decimals.min(18)));
    let fraction = format!("{:0width$}", digits % one, width = usize::from(decimals));
    let fraction = fraction.trim_end_matches('0');
    let whole = digits / one;
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn text(said: impl Into<String>) -> Told {
    Told::Text(said.into())
}

fn map(entries: Vec<(&str, Told)>) -> Told {
    Told::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}
