//! How many calls, and how much money, somebody takes: the `quota` of an account, a listing or a profile.
//!
//! A rule's hours are written like a calendar's. The engine's rule has one span of them, so a rule of several spans
//! becomes several, alike but for the span. Together they bind as the one that was written: what may have hours counts
//! live calls or those of an hour, and no hour lies in two spans.

use dce_engine::commands::SetQuota;
use dce_engine::ids::{AccountId, CalendarId};
use dce_engine::terms::{Counts, OpenSpan, Pace, Per, QuotaRule, QuotaScope, WeekHours};
use dce_engine::units::Millis;

use super::fields::{Fields, list};
use super::hours::{self, Calendars};
use super::keys;
use super::mistakes::{Mistakes, shown};
use super::model::{Order, Step};
use super::scalars::{self, Fault};
use super::text::{Node, Place};

/// Rules that all bind, and the time between two wins.
#[derive(Debug)]
pub(super) struct Quota {
    /// The step that opens its account.
    pub(super) account: usize,
    pub(super) scope: QuotaScope,
    pub(super) rules: Vec<Rule>,
    pub(super) spacing: Option<(Place, Millis)>,
    /// The calendar of the account over whose hours money is spread.
    pub(super) hours: Option<(Place, u128)>,
}

impl Quota {
    /// All of its rules, as the engine has them.
    pub(super) fn all(&self) -> Vec<QuotaRule> {
        self.rules.iter().flat_map(Rule::all).collect()
    }

    pub(super) fn command<'r>(&self, account: AccountId, rules: &'r [QuotaRule]) -> SetQuota<'r> {
        let spacing = self.spacing.map(|(_, spacing)| spacing);
        let hours = self.hours.map(|(_, calendar)| CalendarId(calendar));
        SetQuota { spacing, hours, ..SetQuota::new(account, self.scope) }.rules(rules)
    }
}

/// One rule, as it is written.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) place: Place,
    /// The key that says what is counted.
    pub(super) key: &'static str,
    pub(super) counts: Counts,
    pub(super) max: (Place, i64),
    pub(super) per: Option<(Place, Per)>,
    pub(super) pace: Option<(Place, Pace)>,
    /// Rising, and apart from one another.
    pub(super) during: Option<(Place, Vec<WeekHours>)>,
}

impl Rule {
    /// As the engine has it: once for each span of hours.
    pub(super) fn all(&self) -> Vec<QuotaRule> {
        let per = self.per.map_or(Per::Ever, |(_, per)| per);
        let pace = self.pace.map_or(Pace::Free, |(_, pace)| pace);
        let rule = QuotaRule { counts: self.counts, per, max: self.max.1, during: None, pace };
        match &self.during {
            Some((_, spans)) => spans.iter().map(|span| rule.during(span.from, span.to)).collect(),
            None => vec![rule],
        }
    }
}

/// What a rule may count, by its key.
const COUNTS: [(&str, Counts); 5] = [
    ("live", Counts::Live),
    ("attempts", Counts::Attempts),
    ("connections", Counts::Connections),
    ("conversions", Counts::Conversions),
    ("money", Counts::Money),
];

/// The step that sets the quota of what the file calls `name`. `fields` are its keys, `account` is the step that opens the
/// account whose it is.
pub(super) fn quota(
    fields: &Fields<'_>,
    (name, scope): (&str, QuotaScope),
    (account, calendars): (usize, &Calendars<'_>),
    mistakes: &mut Mistakes,
) -> Option<Step> {
    let (key, node) = fields.get("quota")?;
    let owner = format!("`quota` of `{}`", shown(name));
    let fields = Fields::of((node, key.place), &keys::QUOTA, &owner, mistakes);
    let before = mistakes.count();
    let mut rules = Vec::new();
    if let Some((_, node)) = fields.get("rules") {
        for item in list(node, &format!("`rules` of {owner}"), mistakes) {
            rules.extend(rule(item, &owner, mistakes));
        }
    }
    // A rule that is not there may be the one that the hours are for.
    let all_there = mistakes.count() == before;
    let spacing = fields.read("spacing", mistakes, scalars::millis);
    let hours = calendars.named(&fields, mistakes).filter(|_| all_there);
    let order = Order::Quota(Quota { account, scope, rules, spacing, hours });
    Some(Step { place: key.place, name: name.to_owned(), order })
}

fn rule(item: &Node, quota: &str, mistakes: &mut Mistakes) -> Option<Rule> {
    let owner = format!("a rule of {quota}");
    let before = mistakes.count();
    let fields = Fields::of((item, item.place), &keys::QUOTA_RULE, &owner, mistakes);
    let counted: Vec<_> = COUNTS.into_iter().filter(|(key, _)| fields.get(key).is_some()).collect();
    let [(key, counts)] = counted[..] else {
        // With a key that is not known, the one that is missing may be that.
        if mistakes.count() == before {
            let what = format!("{owner} counts one of live, attempts, connections, conversions and money");
            mistakes.add(item.place, what);
        }
        return None;
    };
    let max = match counts {
        Counts::Money => fields.read(key, mistakes, |text| scalars::amount(text).map(|amount| amount.micros())),
        _ => fields.number(key, mistakes),
    };
    let per = fields.choice("per", &["hour", "day", "month", "ever"], mistakes).map(|(place, per)| match per {
        "hour" => (place, Per::Hour),
        "day" => (place, Per::Day),
        "month" => (place, Per::Month),
        _ => (place, Per::Ever),
    });
    // A period that was forgotten would be a cap for life.
    if counts != Counts::Live && fields.get("per").is_none() {
        mistakes.add(item.place, format!("{owner} lacks `per`: {}", fields.takes("per")));
    }
    let pace = fields.read("pace", mistakes, pace);
    let during = fields.get("during").map(|(key, node)| (key.place, during(node, &owner, mistakes)));
    let max = max?;
    (mistakes.count() == before).then_some(Rule { place: item.place, key, counts, max, per, pace, during })
}

/// The whole hours of the week in these spans.
fn during(node: &Node, owner: &str, mistakes: &mut Mistakes) -> Vec<WeekHours> {
    const HOUR: u16 = 60;
    let before = mistakes.count();
    let mut spans: Vec<WeekHours> = Vec::new();
    let mut placed = hours::week(node, ("during", owner), mistakes);
    placed.sort_by_key(|(place, span)| (span.from_minute, *place));
    for (place, OpenSpan { from_minute, to_minute }) in placed {
        if from_minute % HOUR > 0 || to_minute % HOUR > 0 {
            mistakes.add(place, format!("`during` of {owner} takes whole hours, such as 09:00-17:00"));
            continue;
        }
        let hour = |minute: u16| u8::try_from(minute / HOUR).unwrap_or(u8::MAX);
        let (from, to) = (hour(from_minute), hour(to_minute));
        match spans.last_mut() {
            Some(last) if from <= last.to => last.to = last.to.max(to),
            _ => spans.push(WeekHours { from, to }),
        }
    }
    if spans.is_empty() && mistakes.count() == before {
        mistakes.add(node.place, format!("`during` of {owner} says no hours: the rule would never bind"));
    }
    spans
}

/// `even`, or `through 2026-12-31`.
fn pace(text: &str) -> Result<Pace, Fault> {
    match text.split_whitespace().collect::<Vec<_>>()[..] {
        ["even"] => Ok(Pace::Even),
        ["through", day] => scalars::day(day).map(Pace::Through),
        _ => Err("not a pace: write `even`, or `through 2026-12-31`".to_owned()),
    }
}
