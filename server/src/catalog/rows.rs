//! The rows: what is kept of a listing, a profile, a call and its auction. Lots and bids are those of the history.

use dce_engine::commands::{CreateListing, SetAnswering, SetDelivery, SetWindow};
use dce_engine::ids::{AccountId, CalendarId, CallId, ListingId, ProfileId, Sequence, ValueCode, VerticalId};
use dce_engine::terms::{CapLimits, Clause, DialTarget, Fact, PayTerm};
use dce_engine::units::{Money, Timestamp};
use dce_history::lots::Lot;

/// A listing and what was set beside it.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    pub(crate) terms: CreateListing,
    pub(crate) window: Option<SetWindow>,
    pub(crate) delivery: Option<SetDelivery>,
    pub(crate) is_private: bool,
    pub(crate) tells_price_to_win: bool,
    pub(crate) is_delisted: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) changed: Sequence,
}

/// A profile and what was set beside it.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) vertical: VerticalId,
    pub(crate) tier: u8,
    pub(crate) bid: Option<Money>,
    pub(crate) pay_term: PayTerm,
    pub(crate) caps: CapLimits,
    pub(crate) live_mode: bool,
    pub(crate) hours: Option<CalendarId>,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) values: Vec<ValueCode>,
    pub(crate) destinations: Vec<DialTarget>,
    pub(crate) answering: Option<SetAnswering>,
    pub(crate) is_paused: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) changed: Sequence,
}

/// A call, as far as views do not show it.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) seller: AccountId,
    pub(crate) call: CallId,
    pub(crate) listing: ListingId,
    /// The least price, where it is not the listing's.
    pub(crate) reserve: Option<Money>,
    pub(crate) known_at: Timestamp,
    pub(crate) auction: Option<Auction>,
    /// Everybody it was ever sold to.
    pub(crate) buyers: Vec<AccountId>,
    /// What is known of it, until it is decided.
    pub(crate) facts: Vec<Fact>,
    /// What it would bring, where that was asked before its caller came.
    pub(crate) quote: Option<Quote>,
    /// Where it was dialled last.
    pub(crate) dialed: Option<Dialed>,
    pub(crate) changed: Sequence,
}

/// A quote, and what became of it as far as the call does not show it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Quote {
    /// What was said last; nothing of one that was declined at once.
    pub(crate) terms: Option<QuoteTerms>,
    /// Whether they bind, or bound.
    pub(crate) is_firm: bool,
    /// The caller came.
    pub(crate) has_arrived: bool,
}

/// What a quote says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QuoteTerms {
    pub(crate) price: Money,
    pub(crate) payout: Money,
    pub(crate) expires_at: Timestamp,
}

/// Where a call was dialled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialed {
    pub(crate) destination: dce_engine::event::Destination,
    pub(crate) ring_until: Timestamp,
}

/// The auction of a call, and who may see it.
#[derive(Clone, Debug)]
pub(crate) struct Auction {
    pub(crate) lot: Lot,
    /// Buyers whose profiles were invited.
    pub(crate) invited: Vec<AccountId>,
    /// Profiles that have bid.
    pub(crate) bidders: Vec<(AccountId, ProfileId)>,
}
