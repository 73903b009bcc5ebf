//! Quotes: what a call would bring, asked before its caller is on the line.

use dce_protocol::{List, TooLong, up};

use crate::answer::{Accepted, Pending};
use crate::event::{Event, Reason, What};
use crate::ids::{AccountId, CallId, ProfileId};
use crate::operator::Operator;
use crate::order::NewCall;
use crate::seller::Seller;
use crate::units::{Money, Timestamp};

/// What a call would bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The call to offer when the caller arrives. For the same caller and facts as a quote that still lives it is that one's,
    /// whatever id was asked with now.
    pub call: CallId,
    /// What the buyer would owe; told to an operator, and of a firm quote to its buyer.
    pub price: Option<Money>,
    /// What the seller would get; told to the seller and to an operator.
    pub payout: Option<Money>,
    /// From then on it is worth nothing.
    pub expires_at: Timestamp,
    /// For whom the call is kept, if the quote is firm; an indicative one binds nobody.
    pub kept_for: Option<(AccountId, ProfileId)>,
}

impl Quote {
    /// Whether it binds.
    #[must_use]
    pub const fn is_firm(&self) -> bool {
        self.kept_for.is_some()
    }

    fn from_event(event: &Event) -> Option<Self> {
        match event.what {
            What::CallQuoted { call, price, payout, expires_at, .. } => {
                Some(Self { call, price, payout, expires_at, kept_for: None })
            }
            What::CallReserved { call, buyer, profile, price, payout, expires_at, .. } => {
                Some(Self { call, price, payout, expires_at, kept_for: Some((buyer, profile)) })
            }
            _ => None,
        }
    }
}

impl Accepted {
    /// What the call would bring, if somebody would buy it.
    #[must_use]
    pub fn quote(&self) -> Option<Quote> {
        self.events.iter().find_map(Quote::from_event)
    }

    /// Why no quote was given, if none was: the call is over, and another is asked about under a new id.
    #[must_use]
    pub fn declined(&self) -> Option<Reason> {
        self.events.iter().find_map(|event| match event.what {
            What::QuoteDeclined { reason, .. } => Some(reason),
            _ => None,
        })
    }
}

impl Seller {
    /// What would this call bring? The answer has the [`quote`](Accepted::quote), which binds nobody, or says why it was
    /// [`declined`](Accepted::declined). When the caller arrives, offer the quote's call. The call's window is not looked at.
    pub fn quote(&self, call: &NewCall, life_ms: u32) -> Pending {
        self.or_too_long(call.quoted(self.seller, false, life_ms))
    }

    /// The same, and the answer binds: the buyer's place and money are kept until the caller arrives or the quote's life is
    /// over. The operator says how many of them a seller may have at a time.
    pub fn quote_firm(&self, call: &NewCall, life_ms: u32) -> Pending {
        self.or_too_long(call.quoted(self.seller, true, life_ms))
    }

    /// Makes a quote bind, at the price of this moment.
    pub fn confirm_quote(&self, call: CallId) -> Pending {
        self.client.command(up::ConfirmQuote { seller: self.seller.0, call: call.0 })
    }

    /// Offers a quoted call: its caller is there. Of a firm quote the answer has the [`route`](Accepted::route) to its buyer.
    /// `call` says no more than the quote's id, its listing and its caller, and of an indicative one, if it likes, a window and a
    /// reserve: what is known of it was said.
    pub fn arrive(&self, call: &NewCall) -> Pending {
        let offer = call.offered(self.seller);
        self.or_too_long(offer.map(|offer| up::OfferCall { facts: List::EMPTY, chain: List::EMPTY, ..offer }))
    }
}

impl Operator {
    /// Lets a seller have so many firm quotes at a time; at first it may have none.
    pub fn set_quoting(&self, seller: AccountId, firm_max: u16) -> Pending {
        self.client.command(up::SetQuoting { seller: seller.0, firm_max })
    }
}

impl NewCall {
    fn quoted(&self, seller: AccountId, firm: bool, life: u32) -> Result<up::QuoteCall<'_>, TooLong> {
        let up::OfferCall { call, listing, subject, leg, reserve, facts, chain, .. } = self.offered(seller)?;
        let seller = seller.0;
        Ok(up::QuoteCall { seller, call, listing, subject, leg, reserve, firm, life, facts, chain })
    }
}
