//! What one may look at, compared with a line of a story. Engine and twin were compared before.

use super::names::{Names, clock, money, number};
use super::tell::why;
use crate::pair::Pair;
use crate::twin::Verdict;

/// `look ACME balance=… held=… expected=…`, `look ACME/1 live=… hour=… day=… total=… today=…`,
/// `look call1 state=… attempt=… destination=… reason=… bids=…`.
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
            "price" => call.price.to_string(),
            "payout" => call.payout.to_string(),
            _ => return Err(unknown()),
        });
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
            _ => return Err(unknown()),
        });
    }
    let account = pair.twin.see_account(names.account(name)).ok_or("the account is not known")?;
    Ok(match what {
        "balance" => account.balance.to_string(),
        "held" => account.held.to_string(),
        "expected" => account.expected.to_string(),
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
                if let Some(short_by) = loss.short_by {
                    text += &format!(" short by {short_by}");
                }
                if let Some((skill, levels)) = loss.skill {
                    text += &format!(" {} short by {levels}", names.skill_name(skill));
                }
                if let Some(opens_at) = loss.opens_at {
                    text += &format!(" opens {}", clock(opens_at));
                }
            }
        }
        text
    };
    Ok(verdicts.iter().map(line).collect())
}
