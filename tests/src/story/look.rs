//! What one may look at, compared with a line of a story. Engine and twin were compared before.

use super::names::{Names, clock, money, number};
use super::tell::why;
use dce_engine::units::Money;

use crate::pair::Pair;
use crate::twin::Verdict;
use crate::twin::action::{Counts, QuotaRule};
use crate::twin::standing::Distance;

/// `look ACME balance=… held=… expected=…`, `look WEB firm=1/2` for firm quotes had and allowed, `look ACME/1 live=… hour=… day=… total=… today=…`,
/// `look call1 state=… attempt=… destination=… reason=… bids=…`, `look ACME/group:east used=1/2,30.00/50.00` for a quota's rules
/// in order.
pub(super) fn look(names: &mut Names, pair: &mut Pair, words: &[&str]) -> Result<(), String> {
    pair.assert_same_state(0);
    let (name, facts) = words.split_first().ok_or("look at what?")?;
    for fact in facts {
        let (what, expected) = fact.split_once('=').ok_or("look takes <what>=<value>")?;
        let actual = seen(names, pair, name, what)?;
        let same = actual == expected || money(expected).is_ok_and(|amount| actual == amount.to_string());
        if !same {
            return Err(format!("{what} is {actual}"));
        }
    }
    Ok(())
}

fn seen(names: &mut Names, pair: &Pair, name: &str, what: &str) -> Result<String, String> {
    let unknown = || format!("{name} has no {what} to look at");
    if let Ok(key) = names.call(name) {
        let call = pair.twin.see_call(key).ok_or("the call is not known")?;
        return Ok(match what {
            "state" => format!("{:?}", call.state),
            "attempt" => call.attempt.to_string(),
            "destination" => call.destination_index.to_string(),
            "reason" => call.reason.map_or_else(|| "none".to_owned(), why),
            "bids" => call.bids.to_string(),
            "flagged" => call.flagged.to_string(),
            "fell_back" => call.fell_back.to_string(),
            "paid" => call.payout_posted.to_string(),
            "price" => call.price.to_string(),
            "payout" => call.payout.to_string(),
            _ => return Err(unknown()),
        });
    }
    if what == "used" {
        let (account, scope) = names.scope(name)?;
        let (rules, ..) = pair.twin.see_quota((account, scope)).ok_or("the quota is not set")?;
        let say = |rule: &QuotaRule, count: i64| match rule.counts {
            Counts::Money => Money::from_micros(count).to_string(),
            _ => count.to_string(),
        };
        let rules = rules.iter().map(|(rule, used)| format!("{}/{}", say(rule, *used), say(rule, rule.max)));
        return Ok(rules.collect::<Vec<_>>().join(","));
    }
    if name.contains('/') {
        let key = names.profile(name)?;
        let profile = pair.twin.see_profile(key).ok_or("the profile is not known")?;
        return Ok(match what {
            "live" => profile.calls_live.to_string(),
            "hour" => profile.calls_hour.to_string(),
            "day" => profile.calls_day.to_string(),
            "total" => profile.calls_total.to_string(),
            "today" => profile.spent_today.to_string(),
            "bid" => profile.bid.map_or_else(|| "none".to_owned(), |bid| bid.to_string()),
            "open" => profile.is_open.to_string(),
            "paused" => profile.paused.to_string(),
            "unanswered" => pair.twin.see_answering(key).map_or(0, |(_, unanswered)| unanswered).to_string(),
            "group" => profile.group.map_or_else(|| "none".to_owned(), |group| names.group_name(group).to_owned()),
            _ => return Err(unknown()),
        });
    }
    let account = pair.twin.see_account(names.account(name)).ok_or("the account is not known")?;
    Ok(match what {
        "balance" => account.balance.to_string(),
        "held" => account.held.to_string(),
        "expected" => account.expected.to_string(),
        "closed" => account.closed.to_string(),
        "firm" => {
            let (firm_max, firm) = pair.twin.see_quoting(names.account(name)).ok_or("it is no seller")?;
            format!("{firm}/{firm_max}")
        }
        _ => return Err(unknown()),
    })
}

/// `explain call1`: one line for each profile, in order of buyer and number.
pub(super) fn explain(names: &Names, pair: &mut Pair, words: &[&str]) -> Result<Vec<String>, String> {
    let [name] = words else { return Err("explain which call?".to_owned()) };
    let key = names.call(name)?;
    pair.assert_same_state(number("100")?);
    let verdicts = match pair.twin.explain(key) {
        Ok(verdicts) => verdicts,
        Err(fault) => return Ok(vec![format!("{fault:?}")]),
    };
    let line = |((buyer, profile), verdict): &((_, _), Verdict)| {
        let mut text = names.profile_name(*buyer, *profile);
        match verdict {
            Verdict::Won => text += " Won",
            Verdict::Eligible => text += " Eligible",
            Verdict::Lost(loss) => {
                text += &format!(" {}", why(loss.reason));
                if let Some(attribute) = loss.attribute {
                    text += &format!(" {}", names.attribute_name(attribute));
                }
                text += &loss.distance.map_or_else(String::new, |distance| far(names, distance));
            }
        }
        text
    };
    Ok(verdicts.iter().map(line).collect())
}

/// How far it was from passing.
fn far(names: &Names, distance: Distance) -> String {
    match distance {
        Distance::Money(money) => format!(" short by {money}"),
        Distance::Number(number) if number < 0 => format!(" {} below", -i128::from(number)),
        Distance::Number(number) => format!(" {number} above"),
        Distance::Metres(metres) => format!(" {metres} m beyond"),
        Distance::Calls { taken, most } => format!(" {taken} of {most}"),
        Distance::Until(at) => format!(" until {}", clock(at)),
        Distance::Tiers(tiers) => format!(" tiers {tiers}"),
        Distance::Levels((skill, levels)) => format!(" {} short by {levels}", names.skill_name(skill)),
    }
}
