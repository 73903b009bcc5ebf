//! Which key of a quota a refusal speaks of: each rule by itself first, then behind those that may be.

use dce_engine::Reject;
use dce_engine::commands::SetQuota;
use dce_engine::ids::CalendarId;
use dce_engine::terms::{Pace, QuotaRule};

use super::super::check::Scratch;
use super::super::keys;
use super::super::mistakes::Mistakes;
use super::super::model::Plan;
use super::super::quotas::{Quota, Rule};
use super::super::text::Place;
use super::{is_consequence, is_full, named};

/// Whether a key was found, and said.
pub(super) fn of_quota(
    scratch: &mut Scratch<'_>,
    plan: &Plan,
    quota: &Quota,
    owner: &str,
    mistakes: &mut Mistakes,
) -> bool {
    let plain = SetQuota::new(scratch.account(plan, quota.account), quota.scope);
    let mut refused = |command: SetQuota<'_>| {
        let reject = scratch.apply(&command.into()).err();
        reject.filter(|reject| !is_full(*reject) && !is_consequence(*reject))
    };
    let before = mistakes.count();
    let mut say = |place: Place, key: &str, takes: &str, reject: Reject| {
        mistakes.add(place, format!("`{key}` of {owner} is refused: {}{takes}", named(reject)));
    };
    let mut good: Vec<QuotaRule> = Vec::new();
    for rule in &quota.rules {
        let alone = parts(rule);
        let wrong = alone.iter().find_map(|(place, key, said)| Some((place, key, refused(plain.rules(said))?)));
        if let Some((place, key, reject)) = wrong {
            let takes = keys::QUOTA_RULE.key(key).map_or("", |key| key.takes);
            say(*place, key, &format!("; it takes {takes}"), reject);
            continue;
        }
        let count = good.len();
        good.extend(rule.all());
        let Some(reject) = refused(plain.rules(&good)) else { continue };
        for rule in &mut good[count..] {
            rule.pace = Pace::Free;
        }
        let place = rule.pace.filter(|_| refused(plain.rules(&good)).is_none());
        good.truncate(count);
        match place {
            Some((place, _)) => say(place, "pace", ": another rule has one", reject),
            None => say(rule.place, "rules", "", reject),
        }
        if reject == Reject::CommandTooLarge {
            break;
        }
    }
    if let Some((place, spacing)) = quota.spacing
        && let Some(reject) = refused(plain.spacing(spacing))
    {
        say(place, "spacing", "", reject);
    }
    // Without a rule that fell, the hours may be for nothing.
    if let Some((place, calendar)) = quota.hours
        && good.len() == quota.all().len()
        && let Some(reject) = refused(plain.rules(&good).hours(CalendarId(calendar)))
    {
        say(place, "hours", ": no rule has a `pace`", reject);
    }
    mistakes.count() > before
}

/// A rule as it grows, key after key.
fn parts(rule: &Rule) -> Vec<(Place, &'static str, Vec<QuotaRule>)> {
    let mut said = QuotaRule { counts: rule.counts, max: rule.max.1, ..QuotaRule::default() };
    let mut parts = vec![(rule.max.0, rule.key, vec![said])];
    if let Some((place, per)) = rule.per {
        said.per = per;
        parts.push((place, "per", vec![said]));
    }
    if let Some((place, pace)) = rule.pace {
        said.pace = pace;
        parts.push((place, "pace", vec![said]));
    }
    if let Some((place, _)) = rule.during {
        parts.push((place, "during", rule.all()));
    }
    parts
}
