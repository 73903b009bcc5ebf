//! A line about callers, as an action.

use dce_engine::ids::{ListingId, ProfileId, SubjectId};
use dce_engine::prelude::Reason;
use dce_engine::units::{Seconds, Timestamp};

use super::names::{Names, TODAY, moment, number, seconds};
use super::parse::{Words, clause};
use crate::twin::action::{Action, Anonymous, DuplicateOn, Leg, Scope, ScreenRule};
use crate::twin::codes::Why;

/// `duplicates ACME 24h on=connect anonymous=refused`, also of `ACME/1` and `WEB/1 listing`;
/// `frequency WEB/1 3 24h`; `suppress ACME 7 until=2026-01-06_10:00:00`, `suppress ACME 7 lift`;
/// `screen WEB/1 refuse LitigatorListed:litigator=yes ConsentMissing!consent=yes@transfer`.
pub(super) fn callers(names: &mut Names, verb: &str, words: &Words<'_>) -> Result<Action, String> {
    words.only(&["on", "anonymous", "until"])?;
    let name = words.plain(0, "whose")?;
    let (account, number_of) = match name.split_once('/') {
        None => (names.account(name), None),
        Some((account, of)) => (names.account(account), Some(number::<u128>(of)?)),
    };
    let listing = number_of.map(ListingId);
    let anonymous = match words.option("anonymous") {
        None | Some("one") => Anonymous::OneCaller,
        Some("distinct") => Anonymous::Distinct,
        Some("refused") => Anonymous::Refused,
        Some(other) => return Err(format!("the anonymous are never {other}")),
    };
    let window = |index| {
        words.plain(index, "the window").and_then(|text| match text {
            "off" => Ok(Seconds(0)),
            text => seconds(text),
        })
    };
    Ok(match verb {
        "duplicates" => {
            let scope = match number_of {
                None => Scope::Account,
                Some(number) if words.plain(2, "").is_ok() => Scope::Listing(ListingId(number)),
                Some(number) => Scope::Profile(ProfileId(number)),
            };
            let on = match words.option("on") {
                None | Some("incoming") => DuplicateOn::Incoming,
                Some("connect") => DuplicateOn::Connect,
                Some("convert") => DuplicateOn::Convert,
                Some(other) => return Err(format!("nothing counts on {other}")),
            };
            Action::SetDuplicates { account, scope, on, window: window(1)?, anonymous }
        }
        "frequency" => {
            let calls_max = number(words.plain(1, "how many calls")?)?;
            Action::SetFrequency { account, listing, calls_max, window: window(2)?, anonymous }
        }
        "suppress" => {
            let subject = SubjectId(number(words.plain(1, "whom")?)?);
            let until = match words.option("until") {
                Some(text) => {
                    let (date, clock) = text.split_once('_').unwrap_or((TODAY, text));
                    Some(moment(date, clock)?)
                }
                None => words.plain(2, "").is_ok().then_some(Timestamp::default()),
            };
            Action::SetSuppression { account, subject, until }
        }
        _ => {
            let mut values = Vec::new();
            let mut rule = |word: &&str| screen_rule(names, &mut values, word);
            let rules = words.tail.iter().map(&mut rule).collect::<Result<_, _>>()?;
            Action::SetScreen { account, listing, rules, values }
        }
    })
}

/// `<reason>:<clause>` refuses what the clause accepts, `<reason>!<clause>` what it does not; `@<leg>` on that leg only.
fn screen_rule(
    names: &mut Names,
    values: &mut Vec<dce_engine::ids::ValueCode>,
    word: &str,
) -> Result<ScreenRule, String> {
    let cut = word.find([':', '!']).ok_or("<reason>:<clause>, or <reason>!<clause>")?;
    let (name, rest) = word.split_at(cut);
    let unless = rest.starts_with('!');
    let (asked, leg) = rest[1..].split_once('@').map_or((&rest[1..], None), |(asked, leg)| (asked, Some(leg)));
    let known = Reason::ALL.iter().find(|reason| format!("{reason:?}") == name);
    let reason: Why = known.ok_or_else(|| format!("there is no reason {name}"))?.code();
    let leg = match leg {
        None => None,
        Some("inbound") => Some(Leg::ConsumerInbound),
        Some("transfer") => Some(Leg::OutboundTransfer),
        Some("callback") => Some(Leg::Callback),
        Some(other) => return Err(format!("no leg is a {other}")),
    };
    Ok(ScreenRule { leg, clause: clause(names, values, asked)?, unless, reason })
}
