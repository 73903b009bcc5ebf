//! A seller's side: calls are offered, routes come back, progress is reported.

use std::fmt;

use dce_protocol::{FALLBACK_INDEX, LegReport, TooLong, Up, up};

use crate::answer::{Accepted, Pending};
use crate::callers::{Duplicates, Frequency, Screen};
use crate::client::Client;
use crate::comeback::Delivery;
use crate::error::Error;
use crate::event::{Event, Reason, What};
use crate::ids::{AccountId, CallId, ListingId, ProfileId, SubjectId};
use crate::order::{Choice, Hours, NewCall, NewListing};
use crate::quota::Quota;
use crate::rules::{self, DealPrice, Window};
use crate::stream::{FromEvent, Stream};
use crate::units::{Money, Timestamp};

/// Sells for one account. Made by [`Client::seller`] or, with an operator's key, [`Client::seller_for`].
#[derive(Clone, Debug)]
pub struct Seller {
    pub(crate) client: Client,
    pub(crate) seller: AccountId,
}

/// Where a call is to be dialled: at its buyer's, or, where nobody buys it, at its listing's fallback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The call.
    pub call: CallId,
    /// Which delivery of the call, from 1; of a fallback the last one's, 0 without one.
    pub attempt: u8,
    /// Which destination of the winner, from 0; 255 is the fallback.
    pub destination_index: u8,
    /// Until when it may ring.
    pub ring_until: Timestamp,
    /// A business number or address, as the buyer gave it; of a fallback, as the seller did.
    pub destination: Box<[u8]>,
}

/// Which leg a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegOf {
    /// The call.
    pub call: CallId,
    /// Which delivery of the call, from 1.
    pub attempt: u8,
    /// Which destination of the winner, from 0.
    pub destination_index: u8,
}

/// What the seller's own clocks say, in milliseconds. They never go back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clocks {
    /// Since the caller reached the switch.
    pub since_incoming_ms: u32,
    /// Since the present leg was dialled.
    pub since_dial_ms: u32,
    /// Since the answer; 0 before it.
    pub since_connect_ms: u32,
}

/// Why a leg came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Failure {
    /// Nobody picked up.
    NoAnswer = 513,
    /// The destination was busy.
    Busy = 514,
    /// The destination could not be dialled.
    DialFailed = 515,
}

/// Who bought a call, and for how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sale {
    /// The buyer.
    pub buyer: AccountId,
    /// Its profile.
    pub profile: ProfileId,
    /// Which delivery of the call this begins, from 1.
    pub attempt: u8,
    /// What the buyer owes; told to the buyer and to an operator.
    pub price: Option<Money>,
    /// What the seller is promised; told to the seller and to an operator.
    pub payout: Option<Money>,
}

impl Seller {
    /// The account that sells.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.seller
    }

    /// Legs to be dialled, from now on: also those of auctions that close by themselves, and of second attempts.
    #[must_use]
    pub fn routes(&self) -> Stream<Route> {
        self.client.stream()
    }

    /// Lists what is sold.
    pub fn create_listing(&self, listing: &NewListing) -> Pending {
        self.client.command(listing.of(self.seller))
    }

    /// Says how auctions under a listing end, of those that open from now on.
    pub fn set_window(&self, listing: ListingId, window: Window) -> Pending {
        self.client.command(window.of(self.seller, listing))
    }

    /// Makes a deal with a buyer on a listing, changes it, or with `None` ends it.
    pub fn set_deal(&self, listing: ListingId, buyer: AccountId, price: Option<DealPrice>) -> Pending {
        self.client.command(rules::deal((self.seller, listing), buyer, price))
    }

    /// Takes a listing off the market for good: its calls go on, nothing else begins under it.
    pub fn delist(&self, listing: ListingId) -> Pending {
        self.client.command(up::Delist { seller: self.seller.0, listing: listing.0 })
    }

    /// Sells calls under a listing to buyers with a deal only, or to everybody.
    pub fn set_private(&self, listing: ListingId, private: bool) -> Pending {
        self.client.command(up::SetPrivate { seller: self.seller.0, listing: listing.0, private })
    }

    /// Says when calls of listings that name this calendar are for sale.
    pub fn set_calendar(&self, hours: &Hours) -> Pending {
        self.or_too_long(hours.of(self.seller))
    }

    /// Says whether losers of a listing's calls hear with which amount they would have won. They do not until this is said.
    pub fn set_disclosure(&self, listing: ListingId, price_to_win: bool) -> Pending {
        self.client.command(up::SetDisclosure { seller: self.seller.0, listing: listing.0, price_to_win })
    }

    /// Says who counts as having called before: the listing's calls from them are not for sale.
    pub fn set_duplicates(&self, duplicates: &Duplicates) -> Pending {
        self.client.command(duplicates.of(self.seller))
    }

    /// Says how often one caller may be put up for sale.
    pub fn set_frequency(&self, frequency: &Frequency) -> Pending {
        self.client.command(frequency.of(self.seller))
    }

    /// Wants no calls from a caller, before `until` or ever; a moment that is past lifts it.
    pub fn suppress(&self, caller: SubjectId, until: Option<Timestamp>) -> Pending {
        let until = until.map(Timestamp::micros);
        self.client.command(up::SetSuppression { account: self.seller.0, subject: caller.0, until })
    }

    /// Says which facts keep a call from being sold.
    pub fn set_screen(&self, screen: &Screen) -> Pending {
        self.or_too_long(screen.of(self.seller))
    }

    /// Says what a listing does with calls that come back.
    pub fn set_delivery(&self, delivery: &Delivery) -> Pending {
        self.or_too_long(delivery.of(self.seller))
    }

    /// Says how many calls this seller, or one of its listings, sells.
    pub fn set_quota(&self, quota: &Quota) -> Pending {
        self.or_too_long(quota.of(self.seller))
    }

    /// Says how a listing's calls are given out.
    pub fn set_policy(&self, choice: &Choice) -> Pending {
        self.or_too_long(choice.of(self.seller))
    }

    /// Offers a call: decided at once by standing bids, or, with a window, an auction of live bids. The answer has the
    /// [`route`](Accepted::route) if it was sold.
    pub fn offer(&self, call: &NewCall) -> Pending {
        self.or_too_long(call.offered(self.seller))
    }

    /// Makes a call known, to be offered or auctioned later. Its window and reserve are not looked at.
    pub fn register(&self, call: &NewCall) -> Pending {
        self.or_too_long(call.registered(self.seller))
    }

    /// Takes live bids on a registered call.
    pub fn open_auction(&self, call: CallId, window_ms: u32, reserve: Option<Money>) -> Pending {
        let reserve = reserve.map(Money::micros);
        self.client.command(up::OpenAuction { seller: self.seller.0, call: call.0, window: window_ms, reserve })
    }

    /// Closes an auction before its time. The answer has the [`route`](Accepted::route) if the call was sold.
    pub fn close_auction(&self, call: CallId) -> Pending {
        self.client.command(up::CloseAuction { seller: self.seller.0, call: call.0 })
    }

    /// Takes a call back before it is answered.
    pub fn cancel(&self, call: CallId) -> Pending {
        self.client.command(up::CancelCall { seller: self.seller.0, call: call.0 })
    }

    /// The destination rings.
    pub fn ringing(&self, leg: impl Into<LegOf>, clocks: Clocks) -> Pending {
        let leg = leg.into();
        self.client.command(up::ReportRinging { seller: self.seller.0, call: leg.call.0, report: leg.report(clocks) })
    }

    /// The buyer's side picked up.
    pub fn answered(&self, leg: impl Into<LegOf>, clocks: Clocks) -> Pending {
        let leg = leg.into();
        self.client.command(up::ReportAnswered { seller: self.seller.0, call: leg.call.0, report: leg.report(clocks) })
    }

    /// The leg came to nothing. The answer has the next [`route`](Accepted::route) if there is one.
    pub fn failed(&self, leg: impl Into<LegOf>, failure: Failure, clocks: Clocks) -> Pending {
        let leg = leg.into();
        let (seller, call, report) = (self.seller.0, leg.call.0, leg.report(clocks));
        self.client.command(up::ReportFailed { seller, call, report, failure: failure as u16 })
    }

    /// The call is over. Where the buyer's side hung up and the caller is still there, it is [`dropped`](Self::dropped).
    pub fn ended(&self, leg: impl Into<LegOf>, clocks: Clocks) -> Pending {
        let leg = leg.into();
        self.client.command(up::ReportEnded { seller: self.seller.0, call: leg.call.0, report: leg.report(clocks) })
    }

    /// The buyer's side hung up, and the caller is still there. The answer has the next [`route`](Accepted::route) if there
    /// is one.
    pub fn dropped(&self, leg: impl Into<LegOf>, clocks: Clocks) -> Pending {
        let leg = leg.into();
        self.client.command(up::ReportDropped { seller: self.seller.0, call: leg.call.0, report: leg.report(clocks) })
    }

    /// The buyer's agent gave the answered call back. The answer has the next [`route`](Accepted::route) if there is one.
    pub fn rejected(&self, leg: impl Into<LegOf>, clocks: Clocks) -> Pending {
        let leg = leg.into();
        self.client.command(up::ReportRejected { seller: self.seller.0, call: leg.call.0, report: leg.report(clocks) })
    }

    pub(crate) fn or_too_long<'a>(&self, frame: Result<impl Into<Up<'a>>, TooLong>) -> Pending {
        match frame {
            Ok(frame) => self.client.command(frame),
            Err(too_long) => Pending::failed(Error::TooLarge { reason: too_long.to_string() }),
        }
    }
}

impl Route {
    /// Whether it leads to the listing's fallback: nobody bought the call.
    #[must_use]
    pub const fn is_fallback(&self) -> bool {
        self.destination_index == FALLBACK_INDEX
    }
}

impl LegOf {
    /// The first destination of the first delivery.
    #[must_use]
    pub const fn first(call: CallId) -> Self {
        Self { call, attempt: 1, destination_index: 0 }
    }

    const fn report(self, clocks: Clocks) -> LegReport {
        LegReport {
            attempt: self.attempt,
            destination_index: self.destination_index,
            since_incoming_ms: clocks.since_incoming_ms,
            since_dial_ms: clocks.since_dial_ms,
            since_connect_ms: clocks.since_connect_ms,
        }
    }
}

impl From<&Route> for LegOf {
    fn from(route: &Route) -> Self {
        Self { call: route.call, attempt: route.attempt, destination_index: route.destination_index }
    }
}

impl FromEvent for Route {
    fn from_event(event: &Event) -> Option<Self> {
        match &event.what {
            What::CallDialed { call, attempt, destination_index, ring_until, destination, .. }
            | What::CallFellBack { call, attempt, destination_index, ring_until, destination, .. } => Some(Self {
                call: *call,
                attempt: *attempt,
                destination_index: *destination_index,
                ring_until: *ring_until,
                destination: destination.clone(),
            }),
            _ => None,
        }
    }
}

/// The destination, as text where it is.
impl fmt::Display for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&String::from_utf8_lossy(&self.destination))
    }
}

impl Accepted {
    /// The leg to be dialled, if the call was sold; where a group dials together, the first of several.
    #[must_use]
    pub fn route(&self) -> Option<Route> {
        self.routes().next()
    }

    /// Every leg to be dialled at once: the winner's, then those of its group that ring along.
    pub fn routes(&self) -> impl Iterator<Item = Route> + '_ {
        self.events.iter().filter_map(Route::from_event)
    }

    /// Who bought the call, if it was sold; where a group dials together, with the one that won.
    #[must_use]
    pub fn sale(&self) -> Option<Sale> {
        self.events.iter().find_map(|event| match event.what {
            What::CallSold { buyer, profile, attempt, price, payout, .. } => {
                Some(Sale { buyer, profile, attempt, price, payout })
            }
            _ => None,
        })
    }

    /// Why nobody bought the call, if nobody did.
    #[must_use]
    pub fn unsold(&self) -> Option<Reason> {
        self.events.iter().find_map(|event| match event.what {
            What::CallUnsold { reason, .. } => Some(reason),
            _ => None,
        })
    }
}
