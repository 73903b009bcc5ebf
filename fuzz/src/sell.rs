//! What sellers ask for.

use arbitrary::Arbitrary;
use dce_engine::prelude::*;

use crate::Pair;
use crate::market::SELLER;
use crate::pools::{call_of, fact_of, listing_of, millis, money, new_call_of, optional};
use crate::step::Lists;

/// Ids and amounts are places in small pools.
#[derive(Clone, Debug, Arbitrary)]
pub(crate) enum Sell {
    RegisterCall { call: u8, listing: u8, facts: [(u8, u8); 3] },
    OfferCall { call: u8, listing: u8, window: u8, reserve: u8, facts: [(u8, u8); 3] },
    CancelCall { call: u8 },
    OpenAuction { call: u8, window: u8, reserve: u8 },
    CloseAuction { call: u8 },
}

impl Sell {
    /// The command, tried at `at`.
    pub(crate) fn command<'l>(&self, pair: &mut Pair, at: Timestamp, lists: &'l mut Lists) -> Command<'l> {
        match *self {
            Self::RegisterCall { call, listing, facts } => {
                lists.facts = facts.into_iter().filter_map(fact_of).collect();
                let mut command = RegisterCall::new(SELLER, new_call_of(call, pair, at), listing_of(listing))
                    .subject(subject_of(call));
                command.facts = List::borrowed(&lists.facts);
                command.into()
            }
            Self::OfferCall { call, listing, window, reserve, facts } => {
                lists.facts = facts.into_iter().filter_map(fact_of).collect();
                let mut command = OfferCall::new(SELLER, new_call_of(call, pair, at), listing_of(listing));
                command.subject = subject_of(call);
                command.window = optional(window).map(millis);
                command.reserve = optional(reserve).map(money);
                command.facts(&lists.facts).into()
            }
            Self::CancelCall { call } => CancelCall::new(SELLER, call_of(call, pair, at)).into(),
            Self::OpenAuction { call, window, reserve } => {
                let mut command = OpenAuction::new(SELLER, call_of(call, pair, at), millis(window));
                command.reserve = optional(reserve).map(money);
                command.into()
            }
            Self::CloseAuction { call } => CloseAuction::new(SELLER, call_of(call, pair, at)).into(),
        }
    }
}

/// Few callers, some of them anonymous.
fn subject_of(call: u8) -> SubjectId {
    SubjectId(u128::from(call % 4))
}
