//! A registered call takes live bids.

use super::body::Body;
use super::offer_call::judge_window_fields;
use crate::auctions::Invited;
use crate::calls::{CallState, Marks};
use crate::collections::Top;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId};
use crate::limits::INVITED_MAX;
use crate::reason::Reason;
use crate::reject::Reject;
use crate::targeting::{Walked, rank_key};
use crate::units::{Millis, Money};

/// Opens the auction of a registered call. A call has one auction, and the auction is named by the call.
///
/// # Refused
///
/// `AmountOutOfRange` (reserve), `ValueOutOfRange` (a window of 0 or above 60 seconds), `AccountUnknown`,
/// `IdConflict` (opened with another body), `CallUnknown`, `CallAlreadyOffered`.
///
/// # Events
///
/// `AuctionOpened`, then one `BidderInvited` for each of the best 64 eligible profiles in live mode; outside the listing's
/// opening hours `CallUnsold` (`ListingClosed`) instead, and the call is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenAuction {
    /// The seller.
    pub seller: AccountId,
    /// The registered call.
    pub call: CallId,
    /// How long bids are taken.
    pub window: Millis,
    /// The least price of this call, in place of the listing's.
    pub reserve: Option<Money>,
}

impl OpenAuction {
    /// Bids on `call` are taken for `window`.
    #[must_use]
    pub const fn new(seller: AccountId, call: CallId, window: Millis) -> Self {
        Self { seller, call, window, reserve: None }
    }

    /// For no less than `reserve`, whatever the listing says.
    #[must_use]
    pub const fn reserve(mut self, reserve: Money) -> Self {
        self.reserve = Some(reserve);
        self
    }
}

impl Exchange {
    pub(crate) fn open_auction(
        &mut self,
        step: Step,
        command: &OpenAuction,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        let &OpenAuction { seller, call, window, reserve } = command;
        judge_window_fields(reserve, Some(window))?;
        let seller_slot = self.accounts.find(seller)?;
        let slot = self.calls.find(seller_slot, call).ok_or(Reject::CallUnknown)?;
        let fingerprint = Body::new(self.genesis.seed, 9).word(window.0).optional_money(reserve).finish();
        let known = self.calls.record(slot);
        let declined = known.reason == Some(Reason::ListingClosed);
        if (known.marks.has(Marks::AUCTIONED) || declined) && !known.marks.has(Marks::OFFERED) {
            if known.fingerprint != fingerprint {
                return Err(Reject::IdConflict);
            }
            events.push(if declined {
                Event::CallUnsold { seller, call, reason: Reason::ListingClosed }
            } else {
                Event::AuctionOpened { seller, call, closes_at: known.closes_at }
            });
            return Ok(Done::Repeated(known.sequence));
        }
        let live = known.live().filter(|_| known.state == CallState::Registered).ok_or(Reject::CallAlreadyOffered)?;
        let record = self.calls.record_mut(slot);
        record.fingerprint = fingerprint;
        record.sequence = step.sequence;
        let live_call = self.calls.live_mut(live);
        live_call.reserve = reserve.unwrap_or(live_call.reserve);
        if self.is_for_sale(live, step) {
            self.open_window(live, step, window, events);
        } else {
            self.decline(live, step, events);
        }
        Ok(Done::Accepted)
    }

    /// Takes live bids on a call from now on, and invites the best profiles in live mode.
    pub(super) fn open_window(&mut self, live: u32, step: Step, window: Millis, events: &mut Events) {
        let closes_at = step.at + window;
        let auction = self.auctions.open();
        let call_live = self.calls.live_mut(live);
        call_live.auction = auction;
        let record_slot = call_live.record;
        let record = self.calls.record_mut(record_slot);
        record.become_state(CallState::Auction);
        record.marks.add(Marks::AUCTIONED);
        (record.closes_at, record.changed) = (closes_at, step.sequence);
        self.calls.set_deadline(live, closes_at);
        let (seller, call) = self.names(live);
        events.push(Event::AuctionOpened { seller, call, closes_at });
        for (_, slot) in self.best_in_live_mode(live, step).as_slice() {
            let profile = self.profiles.get(*slot);
            self.auctions.invite(auction, Invited { profile: *slot, created: profile.created });
            let buyer = self.accounts.get(profile.buyer).id;
            events.push(Event::BidderInvited { seller, call, buyer, profile: profile.id, closes_at });
        }
    }

    /// Profiles in live mode that want the call and have places left, best rank first.
    fn best_in_live_mode(&self, live: u32, step: Step) -> Top<u32, INVITED_MAX> {
        let question = self.question(live, step.at);
        let query = self.targeting.query(question.facts, &self.schema, question.vertical);
        let mut best = Top::new();
        self.targeting.walk(question.vertical, &query, Walked::LiveMode, step.at, |slots| {
            for slot in slots {
                let profile = self.profiles.get(*slot);
                let wants = self.wants_indeed(&question, *slot, profile);
                let open = !profile.paused && self.is_open(profile.hours, profile.zone, step.at);
                let able = wants && open && self.skills_allow(&question, *slot).is_ok();
                if able && self.counts_allow(&question, *slot, profile).is_ok() {
                    best.offer(rank_key(profile.tier, profile.bid, profile.bid_sequence), *slot);
                }
            }
            best.worst()
        });
        best
    }
}
