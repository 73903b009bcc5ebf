//! What sellers ask for.

use arbitrary::Arbitrary;
use dce_engine::prelude::*;

use crate::Pair;
use crate::market::SELLER;
use crate::pools::{account_of, call_of, fact_of, listing_of, millis, money, new_call_of, node_of, optional};
use crate::step::Lists;

/// Ids and amounts are places in small pools.
#[derive(Clone, Debug, Arbitrary)]
pub(crate) enum Sell {
    RegisterCall { call: u8, listing: u8, facts: [(u8, u8); 3], chain: [u8; 2] },
    OfferCall { call: u8, listing: u8, window: u8, reserve: u8, facts: [(u8, u8); 3], chain: [u8; 2] },
    CancelCall { call: u8 },
    OpenAuction { call: u8, window: u8, reserve: u8 },
    CloseAuction { call: u8 },
    SetWindow { listing: u8, early: bool, answer: u8 },
    SetDeal { listing: u8, buyer: u8, kind: u8, amount: u8 },
    Delist { listing: u8 },
    SetPrivate { listing: u8, private: bool },
    QuoteCall { call: u8, listing: u8, reserve: u8, firm: bool, life: u8, facts: [(u8, u8); 3], chain: [u8; 2] },
    ConfirmQuote { call: u8 },
    /// The caller of a call comes, as a quote or a registration would have it.
    Arrive { call: u8, window: u8 },
    SetQuoting { firm: u8 },
}

impl Sell {
    /// The command, tried at `at`.
    pub(crate) fn command<'l>(&self, pair: &mut Pair, at: Timestamp, lists: &'l mut Lists) -> Command<'l> {
        match *self {
            Self::RegisterCall { call, listing, facts, chain } => {
                lists.facts = facts.into_iter().filter_map(fact_of).collect();
                let mut command = RegisterCall::new(SELLER, new_call_of(call, pair, at), listing_of(listing))
                    .subject(subject_of(call));
                command.facts = List::borrowed(&lists.facts);
                chain.into_iter().filter_map(node_of).fold(command, RegisterCall::via).into()
            }
            Self::OfferCall { call, listing, window, reserve, facts, chain } => {
                lists.facts = facts.into_iter().filter_map(fact_of).collect();
                let mut command = OfferCall::new(SELLER, new_call_of(call, pair, at), listing_of(listing));
                command.subject = subject_of(call);
                command.window = optional(window).map(millis);
                command.reserve = optional(reserve).map(money);
                let command = command.facts(&lists.facts);
                chain.into_iter().filter_map(node_of).fold(command, OfferCall::via).into()
            }
            Self::CancelCall { call } => CancelCall::new(SELLER, call_of(call, pair, at)).into(),
            Self::OpenAuction { call, window, reserve } => {
                let mut command = OpenAuction::new(SELLER, call_of(call, pair, at), millis(window));
                command.reserve = optional(reserve).map(money);
                command.into()
            }
            Self::CloseAuction { call } => CloseAuction::new(SELLER, call_of(call, pair, at)).into(),
            Self::SetWindow { listing, early, answer } => {
                let answer_within = optional(answer).map_or(Millis(0), millis);
                SetWindow { early_close: early, answer_within, ..SetWindow::of(SELLER, listing_of(listing)) }.into()
            }
            Self::SetDeal { listing, buyer, kind, amount } => {
                let price = match kind % 4 {
                    0 => None,
                    1 => Some(DealPrice::Reserve),
                    2 => Some(DealPrice::Floor(money(amount))),
                    _ => Some(DealPrice::Fixed(money(amount))),
                };
                SetDeal { seller: SELLER, listing: listing_of(listing), buyer: account_of(buyer), price }.into()
            }
            Self::Delist { listing } => Delist::new(SELLER, listing_of(listing)).into(),
            Self::SetPrivate { listing, private } => SetPrivate::of(SELLER, listing_of(listing), private).into(),
            Self::QuoteCall { call, listing, reserve, firm, life, facts, chain } => {
                lists.facts = facts.into_iter().filter_map(fact_of).collect();
                let call_id = new_call_of(call, pair, at);
                let mut command = QuoteCall::new(SELLER, call_id, listing_of(listing), millis(life));
                (command.subject, command.firm) = (subject_of(call), firm);
                command.reserve = optional(reserve).map(money);
                let command = command.facts(&lists.facts);
                chain.into_iter().filter_map(node_of).fold(command, QuoteCall::via).into()
            }
            Self::ConfirmQuote { call } => ConfirmQuote::new(SELLER, call_of(call, pair, at)).into(),
            Self::Arrive { call, window } => {
                let call_id = call_of(call, pair, at);
                let listing = pair.call(call_id).map_or(listing_of(call), |view| view.listing);
                let mut command = OfferCall::new(SELLER, call_id, listing).subject(subject_of(call));
                command.window = optional(window).map(millis);
                command.into()
            }
            Self::SetQuoting { firm } => SetQuoting::of(SELLER, u16::from(firm % 4)).into(),
        }
    }
}

/// Few callers, some of them anonymous.
fn subject_of(call: u8) -> SubjectId {
    SubjectId(u128::from(call % 4))
}
