//! A registered call takes live bids.

use super::body::Body;
use super::offer_call::judge_window_fields;
use crate::auctions::Invited;
use crate::calls::{CallState, Marks};
use crate::collections::Top;
use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, CallId, Sequence};
use crate::limits::INVITED_MAX;
use crate::profiles::Ruled;
use crate::reject::Reject;
use crate::routing::{Candidate, Standing};
use crate::targeting::{MetRow, NO_KEY, Query, Walked};
use crate::units::{Millis, Money};

/// Opens the auction of a registered call. A call has one auction, and the auction is named by the call.
///
/// # Refused
///
/// `AmountOutOfRange` (reserve), `ValueOutOfRange` (a window of 0 or above 60 seconds), `AccountUnknown`,
/// `IdConflict` (opened with another body), `CallUnknown`, `CallAlreadyOffered`, `ContactsFull` (a rule about its callers has
/// no room to remember this one).
///
/// # Events
///
/// `AuctionOpened`, then one `BidderInvited` for each of the best 64 eligible profiles in live mode; where the listing
/// closes early ([`SetWindow`](super::SetWindow)) and nobody is awaited, those of `CloseAuction` follow; outside the listing's
/// opening hours, or when a rule about callers or a screen declines the call, `CallUnsold` instead, and it is over.
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
        // Put up for sale, and not by an offer: opened here before.
        if known.sequence != Sequence(0) && !known.marks.has(Marks::OFFERED) {
            if known.fingerprint != fingerprint {
                return Err(Reject::IdConflict);
            }
            if known.marks.has(Marks::AUCTIONED) {
                events.push(Event::AuctionOpened { seller, call, closes_at: known.closes_at });
            } else if let Some(reason) = known.reason.filter(|reason| reason.is_unsold()) {
                events.push(Event::CallUnsold { seller, call, reason });
            }
            return Ok(Done::Repeated(known.sequence));
        }
        let live = known.live().filter(|_| known.state == CallState::Registered).ok_or(Reject::CallAlreadyOffered)?;
        let declined = self.judge_sale(&self.screened(live, step.at))?.map(|loss| loss.reason);
        let record = self.calls.record_mut(slot);
        record.fingerprint = fingerprint;
        record.sequence = step.sequence;
        let live_call = self.calls.live_mut(live);
        live_call.reserve = reserve.unwrap_or(live_call.reserve);
        self.remember_sale(live, declined, step.at);
        let declined = declined.or_else(|| self.call_barred(live, step.at));
        match declined {
            Some(reason) => self.decline(live, step, reason, events),
            None => self.open_window(live, step, window, events),
        }
        Ok(Done::Accepted)
    }

    /// Takes live bids on a call from now on, and invites the best profiles in live mode.
    pub(super) fn open_window(&mut self, live: u32, step: Step, window: Millis, events: &mut Events) {
        let rule = self.listings.get(self.calls.record(self.calls.live(live).record).listing).window;
        let answer_within = shorter(window, rule.answer_within);
        let auction = self.auctions.open(rule.early_close);
        let call_live = self.calls.live_mut(live);
        call_live.auction = auction;
        let mut last_answer = step.at + answer_within;
        let best = self.best_in_live_mode(live, step);
        for (nth, Candidate { profile: slot, .. }) in best.as_slice().iter().enumerate() {
            let bid_within = self.delivery.of_profile(self.settings.of(*slot)).bid_within;
            let answers_until = step.at + shorter(answer_within, bid_within);
            last_answer = if nth == 0 { answers_until } else { last_answer.max(answers_until) };
            let created = self.profiles.get(*slot).created;
            self.auctions.invite(auction, Invited { profile: *slot, created, answers_until });
        }
        // An auction that closes early waits for the invited alone, so it does not outlast their answers.
        let closes_at = if rule.early_close { last_answer } else { step.at + window };
        let record_slot = self.calls.live(live).record;
        let record = self.calls.record_mut(record_slot);
        record.become_state(CallState::Auction);
        record.marks.add(Marks::AUCTIONED);
        (record.closes_at, record.changed) = (closes_at, step.sequence);
        self.calls.set_deadline(live, closes_at);
        let (seller, call) = self.names(live);
        events.push(Event::AuctionOpened { seller, call, closes_at });
        for invited in self.auctions.invited(auction) {
            let profile = self.profiles.get(invited.profile);
            let (buyer, profile, closes_at) = (self.accounts.get(profile.buyer).id, profile.id, invited.answers_until);
            events.push(Event::BidderInvited { seller, call, buyer, profile, closes_at });
        }
        self.close_if_settled(live, step, events);
    }

    /// Profiles in live mode that want the call and have places left, best rank first.
    fn best_in_live_mode(&self, live: u32, step: Step) -> Top<Candidate, INVITED_MAX> {
        let question = self.question(live, step.at);
        let mut query = Query::of(question.facts);
        self.targeting.ask(&mut query, &self.schema, question.vertical);
        let mut best: Top<Candidate, INVITED_MAX> = Top::new();
        let walked = Walked::LiveMode(best.most());
        self.targeting.walk(question.vertical, &query, (walked, NO_KEY), step.at, |MetRow { row, .. }| {
            let slot = row.brief.profile;
            let profile = self.profiles.get(slot);
            let wants = self.wants_indeed(&question, row) && self.is_let_in(&question, profile.buyer);
            let open = !profile.paused && self.is_open(profile.hours, profile.zone, step.at);
            let returns = question.sold_by.contains(&profile.buyer);
            let wants = wants && open && !returns && self.callers_allow(&question, &row.brief).is_ok();
            let wants = wants && self.skills_allow(&question, slot).is_ok();
            let invited_before =
                profile.ruled.has(Ruled::CONJUNCTIONS) && best.as_slice().iter().any(|other| other.profile == slot);
            let counts = wants && !invited_before && self.counts_allow(&question, slot, profile).is_ok();
            if counts && self.quotas_invite(&question, slot, profile) {
                let bid = self.standing_bid(&question, &row.brief, profile.bid);
                let standing = Standing { amount: bid, sequence: profile.bid_sequence };
                best.offer(Candidate::new(slot, profile.tier, standing));
            }
            best.worst().unwrap_or(NO_KEY)
        });
        best
    }
}

/// The window, or the time that a rule leaves of it; 0 leaves all.
fn shorter(window: Millis, within: Millis) -> Millis {
    if within == Millis(0) { window } else { window.min(within) }
}
