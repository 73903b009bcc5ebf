//! A line about quotes, as an action.

use dce_engine::ids::AccountId;
use dce_engine::units::{Millis, Timestamp};

use super::names::{Names, length, number};
use super::parse::{Words, call};
use crate::twin::action::Action;

/// `quoting WEB 2`; `quote call1 WEB/1 life=60s firm from=7 reserve=10 with state=CA`, a minute's life unless it says;
/// `confirm call1`.
pub(super) fn quotes(names: &mut Names, at: Timestamp, verb: &str, words: &Words<'_>) -> Result<Action, String> {
    let name = words.plain(0, "whose")?;
    match verb {
        "quoting" => {
            let seller: AccountId = names.account(name);
            Ok(Action::SetQuoting { seller, firm_max: number(words.plain(1, "how many")?)? })
        }
        "confirm" => {
            let (seller, call) = names.call(name)?;
            Ok(Action::ConfirmQuote { seller, call })
        }
        _ => {
            let life = words.read("life", length)?.unwrap_or(Millis(60_000));
            let firm = words.flag("firm");
            let offer = call(names, at, "offer", words)?;
            let Action::OfferCall { seller, call, listing, subject, leg, reserve, facts, chain, .. } = offer else {
                unreachable!("an offer was read")
            };
            Ok(Action::QuoteCall { seller, call, listing, subject, leg, reserve, facts, chain, firm, life })
        }
    }
}
