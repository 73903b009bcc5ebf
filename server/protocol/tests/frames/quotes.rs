//! One frame of every type that has to do with quotes.

use dce_protocol::{ChainNode, Leg, List, event, up};

use crate::Sample;
use crate::samples::{AT, BUYER, CALL, LISTING, PROFILE, SELLER, USD, facts, happened, list, up};

pub(crate) fn quotes(all: &mut Vec<Sample>) {
    let (seller, call, listing, subject) = (SELLER, CALL, LISTING, 0x77);
    up(all, "let a seller have firm quotes", 70, up::SetQuoting { seller, firm_max: 5 });
    let (known, hands) = (facts(), [ChainNode::new(BUYER)]);
    let (facts, chain) = (list(&known), list(&hands));
    let (leg, reserve) = (Leg::ConsumerInbound, Some(6 * USD));
    let quote = up::QuoteCall { seller, call, listing, subject, leg, reserve, firm: true, life: 60_000, facts, chain };
    up(all, "ask for a firm quote", 71, quote);
    let quote = up::QuoteCall { reserve: None, firm: false, facts: List::EMPTY, chain: List::EMPTY, ..quote };
    up(all, "ask for an indicative quote", 72, quote);
    up(all, "confirm a quote", 73, up::ConfirmQuote { seller, call });
}

pub(crate) fn events_of_quotes(all: &mut Vec<Sample>) {
    let (seller, call, listing, buyer, profile) = (SELLER, CALL, LISTING, BUYER, PROFILE);
    let expires_at = AT + 60_000_000;
    let quoted = event::CallQuoted { seller, call, listing, price: None, payout: Some(24_800_000), expires_at };
    happened(all, "call quoted, as its seller hears it", 0, quoted);
    let (price, payout) = (Some(31 * USD), None);
    let kept = event::CallReserved { seller, call, listing, buyer, profile, attempt: 1, price, payout, expires_at };
    happened(all, "call reserved, as its buyer hears it", 0, kept);
    happened(all, "quote declined", 0, event::QuoteDeclined { seller, call, listing, reason: 530 });
    happened(all, "quote lapsed", 1, event::QuoteLapsed { seller, call });
    happened(all, "quoting set", 0, event::QuotingSet { seller, firm_max: 5 });
}
