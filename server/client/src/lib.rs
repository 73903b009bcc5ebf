//! Bid, sell and operate over QUIC.
//!
//! A [`Client`] is one session with an exchange; [`Bidder`], [`Seller`] and [`Operator`] are what one can be on it. A
//! request is sent as it is made and returns a future of its answer ([`Pending`]), so many can be under way at once; what
//! happens without being asked for comes as a [`Stream`]. Connections that are lost are dialled again and resumed:
//! nothing is lost, nothing is carried out twice, and no event is seen twice.
//!
//! ```no_run
//! # async fn run() -> Result<(), dce_client::Error> {
//! use dce_client::{Client, Money, Trust};
//!
//! let client = Client::connect("127.0.0.1:9443", Trust::pem_file("certificate.pem")?, "dce_…").await?;
//! let bidder = client.bidder();
//! let mut offers = bidder.offers();
//! while let Some(offer) = offers.next().await {
//!     bidder.bid(&offer, Money::from_units(12)).forget();
//! }
//! # Ok(())
//! # }
//! ```
//!
//! It must run inside a tokio runtime, of either kind. `docs/client.md` tells the rest.
#![forbid(unsafe_code)]

/// Compiles the examples of the page.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/client.md")]
struct Page;

mod client;
mod comeback;

mod bidder;
mod callers;
mod operator;
mod order;
mod query;
mod quota;
mod quote;
mod rules;
mod seller;

mod answer;
mod error;
mod event;
mod ids;
mod stream;
mod units;

mod certificate;
mod trust;

mod endpoint;
mod inbox;
mod link;
mod shared;
mod stop;
mod unanswered;

pub use answer::{Accepted, Pending};
pub use bidder::{BidResult, Bidder, Lot, Offer};
pub use callers::{CallerScope, Duplicates, Frequency, Screen};
pub use certificate::Certificate;
pub use client::{Client, Options};
pub use comeback::{Answering, Delivery};
pub use error::Error;
pub use event::{Event, Posting, Reason, What};
pub use ids::{AccountId, CalendarId, CallId, GroupId, ListingId, MovementId, ProfileId, Sequence, SubjectId};
pub use operator::Operator;
pub use order::{Choice, Hours, NewCall, NewListing, NewProfile};
pub use query::{AccountView, CallView, Distance, Explanation, Position, Verdict};
pub use quota::Quota;
pub use quote::Quote;
pub use rules::{Conjunction, DealPrice, Modifiers, Window};
pub use seller::{Clocks, Failure, LegOf, Route, Sale, Seller};
pub use stream::{FromEvent, Stream};
pub use trust::Trust;
pub use units::{Money, ParseMoneyError, Timestamp};

pub use dce_protocol::{
    AnonymousCallers, CallState, ClockStart, Counts, DuplicateOn, Fact, FactValue, KeyRole, Kind, Leg, ModifierValue,
    PayTerm, Payout, Per, Policy, PostingKind, QuotaRule, QuotaScope, Role, Standing, Test,
};
