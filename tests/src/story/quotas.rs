//! A line about hours or quotas, as an action.

use super::names::{Names, length, moment, money, number};
use super::parse::Words;
use crate::twin::action::{Action, Counts, Holiday, Pace, Per, QuotaRule};

/// `calendar ACME office mon=09:00-12:00 mon=13:00-17:00 sun=22:00-24:00 off=2026-12-25 off=2026-12-27..2026-12-29
/// 2026-12-24=09:00-13:00 week=0-10080`: days as they are, `week` in minutes of the week.
pub(super) fn calendar(names: &mut Names, words: &Words<'_>) -> Result<Action, String> {
    let account = names.account(words.plain(0, "the account")?);
    let calendar = names.calendar(words.plain(1, "the calendar")?);
    let (mut spans, mut holidays) = (Vec::new(), Vec::new());
    for (name, value) in &words.options {
        if *name == "off" {
            let (first, last) = value.split_once("..").unwrap_or((value, value));
            holidays.push(Holiday { first: day(first)?, last: day(last)?, from: 0, to: 0 });
            continue;
        }
        if *name == "week" {
            let (from, to) = value.split_once('-').ok_or("week=<minute>-<minute>")?;
            spans.push((number(from)?, number(to)?));
            continue;
        }
        let (from, to) = value.split_once('-').ok_or("hours are <hh:mm>-<hh:mm>")?;
        let (from, to) = (minutes(from)?, minutes(to)?);
        match ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().position(|day| day == name) {
            Some(day) => spans.push((day as u16 * 1_440 + from, day as u16 * 1_440 + to)),
            None => {
                let (first, last) = name.split_once("..").unwrap_or((name, name));
                holidays.push(Holiday { first: day(first)?, last: day(last)?, from, to });
            }
        }
    }
    Ok(Action::SetCalendar { account, calendar, spans, holidays })
}

/// `quota ACME live=2 attempts/day=5 money/month=100.00 connections/hour@9-17=2 spacing=30s money/day=50:even hours=desk
/// money=500:2026-01-31`, `group ACME/1 east`, `group ACME/1`,
/// `together ACME/east on`, `together ACME/east off`.
pub(super) fn quota(names: &mut Names, verb: &str, words: &Words<'_>) -> Result<Action, String> {
    if verb == "group" {
        let (buyer, profile) = names.profile(words.plain(0, "the profile")?)?;
        let group = words.plain.get(1).map(|name| names.group(name));
        return Ok(Action::SetGroup { buyer, profile, group });
    }
    if verb == "together" {
        let (buyer, group) = words.plain(0, "the group")?.split_once('/').ok_or("together BUYER/group on|off")?;
        let together = match words.plain(1, "on or off")? {
            "on" => true,
            "off" => false,
            other => return Err(format!("together on or off, not {other}")),
        };
        return Ok(Action::SetTogether { buyer: names.account(buyer), group: names.group(group), together });
    }
    let (account, scope) = names.scope(words.plain(0, "whose quota")?)?;
    let spacing = words.read("spacing", length)?;
    let hours = words.option("hours").map(|name| names.calendar(name));
    let rules = words.options.iter().filter(|(name, _)| !["spacing", "hours"].contains(name));
    let rules = rules.map(|(name, value)| quota_rule(name, value)).collect::<Result<_, _>>()?;
    Ok(Action::SetQuota { account, scope, rules, spacing, hours })
}

fn quota_rule(name: &str, value: &str) -> Result<QuotaRule, String> {
    let (name, during) = match name.split_once('@') {
        None => (name, None),
        Some((name, hours)) => {
            let (from, to) = hours.split_once('-').ok_or("hours of the week are <from>-<to>")?;
            (name, Some((number(from)?, number(to)?)))
        }
    };
    let (counts, per) = name.split_once('/').unwrap_or((name, "ever"));
    let counts = match counts {
        "live" => Counts::Live,
        "attempts" => Counts::Attempts,
        "connections" => Counts::Connections,
        "conversions" => Counts::Conversions,
        "money" => Counts::Money,
        _ => return Err(format!("nothing counts {counts}")),
    };
    let per = match per {
        "hour" => Per::Hour,
        "day" => Per::Day,
        "month" => Per::Month,
        "ever" => Per::Ever,
        _ => return Err(format!("there is no period {per}")),
    };
    let (max, pace) = match value.split_once(':') {
        None => (value, Pace::Free),
        Some((max, "even")) => (max, Pace::Even),
        Some((max, through)) => (max, Pace::Through(day(through)?)),
    };
    let max = if counts == Counts::Money { money(max)?.micros() } else { number(max)? };
    Ok(QuotaRule { counts, per, max, during, pace })
}

/// `2026-12-25`, or `#20812`.
fn day(text: &str) -> Result<u32, String> {
    match text.strip_prefix('#') {
        Some(number) => self::number(number),
        None => Ok((moment(text, "00:00:00")?.micros() / 86_400_000_000) as u32),
    }
}

/// `09:30`, of a day.
fn minutes(text: &str) -> Result<u16, String> {
    let (hours, minutes) = text.split_once(':').ok_or("a time of day is <hh:mm>")?;
    Ok(number::<u16>(hours)? * 60 + number::<u16>(minutes)?)
}
