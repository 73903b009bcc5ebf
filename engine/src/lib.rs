//! A deterministic exchange for live phone calls: sellers bring calls, buyers' bids compete, the winner's caps and money
//! are held in the same step.
//!
//! Commands go in, facts come out; in between is a value you can hash, copy, replay and draw on a whiteboard. There is no
//! clock, no thread, no file and no float in here, and after [`Exchange::new`] no allocation on a call's path.
//!
//! ```
//! use dce_engine::prelude::*;
//!
//! const ACME: AccountId = AccountId(10);
//! const WEB: AccountId = AccountId(20);
//! const PROFILE: ProfileId = ProfileId(1);
//! const LISTING: ListingId = ListingId(1);
//! const NOW: Timestamp = Timestamp::from_seconds(1_764_000_000);
//! const CALL: CallId = CallId::at(NOW, 1);
//!
//! let mut market = Exchange::new(Genesis::new(Limits::small(), 7, USD))?;
//! let mut events = Events::new();
//! market.apply(NOW, &OpenAccount::buyer(ACME).deposit(usd("500.00")).into(), &mut events)?;
//! market.apply(NOW, &OpenAccount::seller(WEB).into(), &mut events)?;
//! market.apply(NOW, &CreateListing::of(WEB, LISTING).into(), &mut events)?;
//! let profile = CreateProfile::of(ACME, PROFILE).bid(usd("32.50")).daily_cap(20).dial(b"+18005550100", Millis(20_000));
//! market.apply(NOW, &profile.into(), &mut events)?;
//! market.apply(NOW, &OfferCall::new(WEB, CALL, LISTING).into(), &mut events)?;
//! assert!(events.iter().any(|event| matches!(event, Event::CallSold { price, .. } if *price == usd("32.50"))));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The map, in the order a call walks through it
//!
//! | module | what it holds |
//! |---|---|
//! | [`exchange`](Exchange) | the rooms, and [`apply`](Exchange::apply), the one door |
//! | [`commands`] | everything that may change state: one verb a file |
//! | [`event`], [`reason`], [`reject`] | facts out, and the two closed lists of why |
//! | [`ids`], [`units`], [`terms`], [`limits`], [`genesis`] | the words and numbers all rooms share |
//! | `schema`, `schedule`, `calendars` | what callers are told apart by; local time; opening hours |
//! | `accounts`, `ledger`, `movements`, `sessions` | who trades, with what money, and what was said before |
//! | `listings`, `profiles`, `caps`, `delivery` | what is sold, what is wanted, how much of it; what becomes of a call that comes back |
//! | `conjunctions`, `modifiers`, `deals` | what is set besides: what else is wanted, what bids come to, who has a deal |
//! | `settings` | which profiles have any of what few set |
//! | `quotas` | how much of it a buyer, a seller, a listing or a group takes, and when |
//! | `quotes` | how many firm quotes a seller has; which quote the same caller gets |
//! | `policies`, `chance` | who gets it: shares, skills, outcomes; and luck |
//! | `targeting` | the index: which profiles accept this call, best first |
//! | `auctions`, `calls` | live bids; calls and their deadlines |
//! | `callers` | who is not wanted, who called before and how often, which facts refuse |
//! | `routing`, `settlement` | the decision, the hold, the delivery; who is paid when |
//! | [`explain`](Exchange::explain), [`views`], `digest` | why, what is, and one number for all of it |
//! | `measure` | the steps of a decision one by one: for `benches/`, behind a feature, outside every promise |
//! | `collections` | bounded containers with no domain words |

#![no_std]
#![deny(unsafe_code)]
#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types))]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod exchange;

pub mod commands;

pub mod event;
pub mod reason;
pub mod reject;

pub mod genesis;
pub mod ids;
pub mod limits;
pub mod terms;
pub mod units;

mod calendars;
mod schedule;
mod schema;

mod accounts;
mod ledger;
mod movements;
mod sessions;

mod caps;
mod conjunctions;
mod deals;
mod delivery;
mod listings;
mod modifiers;
mod policies;
mod profiles;
mod quotas;
mod quotes;
mod settings;
mod wants;

mod targeting;

mod auctions;
mod callers;
mod calls;

mod chance;
mod routing;
mod settlement;

mod digest;
pub mod explain;
#[cfg(feature = "measure")]
#[doc(hidden)]
pub mod measure;
pub mod views;

mod collections;

pub use event::{Event, Events};
pub use exchange::{Exchange, Receipt};
pub use genesis::{Genesis, GenesisError};
pub use limits::Limits;
pub use reason::Reason;
pub use reject::Reject;
pub use targeting::Kernel;

/// Everything an embedder commonly needs.
pub mod prelude {
    pub use crate::commands::*;
    pub use crate::event::{Destination, Event, Events, Posting, PostingKind, Role};
    pub use crate::exchange::{Exchange, Receipt};
    pub use crate::explain::{Distance, ExplainError, Explanation, Loss, RuleCounts, Verdict};
    pub use crate::genesis::{Currency, EUR, Genesis, GenesisError, USD};
    pub use crate::ids::*;
    pub use crate::limits::Limits;
    pub use crate::reason::Reason;
    pub use crate::reject::Reject;
    pub use crate::terms::*;
    pub use crate::units::*;
    pub use crate::views::*;
}

#[cfg(any(doc, doctest))]
#[doc = include_str!("../../docs/embedding.md")]
pub mod embedding {}
