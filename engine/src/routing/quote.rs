//! A quote on its way: answered over the present state, kept for its caller, ended.

use super::Decision;
use crate::calls::{CallState, Marks};
use crate::event::{Event, Events};
use crate::exchange::{Exchange, Step};
use crate::reason::Reason;

impl Exchange {
    /// Answers what a quoted call would bring now or, if the quote is to be firm, who is to have it; nobody, when it was
    /// declined already. That there is room, for its caller too, was judged before.
    pub(crate) fn quote(
        &mut self,
        live: u32,
        step: Step,
        (firm, declined): (bool, Option<Reason>),
        events: &mut Events,
    ) {
        if firm {
            self.remember_sale(live, declined, step.at);
        }
        match declined {
            Some(reason) => self.decline_quote(live, step, reason, events),
            None if firm => self.reserve(live, step, events),
            None => self.estimate(live, step, events),
        }
    }

    /// Decides the call. While it is a quote, to be sold is to be reserved.
    fn reserve(&mut self, live: u32, step: Step, events: &mut Events) {
        let record = self.calls.live(live).record;
        self.decide(live, step, Decision::First, events);
        let record = self.calls.record(record);
        if record.live().is_some() {
            self.quotes.of_seller_mut(record.seller).firm += 1;
        }
    }

    /// Says what a decision would come to, and takes nothing.
    fn estimate(&mut self, live: u32, step: Step, events: &mut Events) {
        match self.would_sell(live, step.at) {
            Err(reason) => self.decline_quote(live, step, reason, events),
            Ok((price, payout)) => {
                let call = self.calls.live_mut(live);
                let quote = call.quote.as_mut().expect("Invariant: a quoted call has a quote");
                (quote.price, quote.payout) = (price, payout);
                let record = call.record;
                self.tell_quote(record, events);
            }
        }
    }

    /// Nobody buys the call, and nobody is on the line for a fallback: it is over.
    pub(super) fn decline_quote(&mut self, live: u32, step: Step, reason: Reason, events: &mut Events) {
        self.end_quote(live);
        let record = self.calls.live(live).record;
        self.close_call(live, step, reason);
        self.tell_quote(record, events);
    }

    /// The quote's life is over and its caller did not come: what it held is free again.
    pub(crate) fn lapse_quote(&mut self, live: u32, step: Step, events: &mut Events) {
        self.end_quote(live);
        self.undo_hold(live, step, events);
        let record = self.calls.live(live).record;
        self.close_call(live, step, Reason::QuoteLapsed);
        self.tell_quote(record, events);
    }

    /// The call is no quote any more. If it was a firm one, its seller may have another.
    pub(crate) fn end_quote(&mut self, live: u32) {
        let call = self.calls.live_mut(live);
        let quote = call.quote.take().expect("Invariant: a quoted call has a quote");
        let (is_firm, record) = (call.hold.is_some(), call.record);
        let record = self.calls.record(record);
        if let Some(likeness) = quote.likeness {
            self.quotes.remove_alike(record.listing, likeness);
        }
        if is_firm {
            self.quotes.of_seller_mut(record.seller).firm -= 1;
        }
    }

    /// The caller of a firm quote is there: the reserved winner has the call and is dialled, with its group
    /// if that dials together.
    pub(crate) fn deliver_reserved(&mut self, live: u32, step: Step, events: &mut Events) {
        let (seller, call) = self.names(live);
        let record = self.calls.record(self.calls.live(live).record);
        events.push(Event::CallSold {
            seller,
            call,
            buyer: self.accounts.get(record.buyer).id,
            profile: record.profile(),
            attempt: record.attempt,
            price: record.price,
            payout: record.payout,
        });
        self.dial(live, step, 0, events);
        self.ring_along(live, step, events);
    }

    /// The answer of a quote as it stands: what it promises, or what became of it.
    pub(crate) fn tell_quote(&self, slot: u32, events: &mut Events) {
        let record = self.calls.record(slot);
        let seller = self.accounts.get(record.seller).id;
        let (call, listing) = (record.id(), self.listings.get(record.listing).id);
        let quote = record.live().and_then(|live| self.calls.live(live).quote);
        events.push(match (quote, record.reason) {
            _ if record.marks.has(Marks::OFFERED) => Event::CallOffered { seller, call, listing },
            (Some(quote), _) if record.marks.has(Marks::SOLD) => Event::CallReserved {
                seller,
                call,
                listing,
                buyer: self.accounts.get(record.buyer).id,
                profile: record.profile(),
                attempt: record.attempt,
                price: record.price,
                payout: record.payout,
                expires_at: quote.expires_at,
            },
            (Some(quote), _) => {
                let (price, payout, expires_at) = (quote.price, quote.payout, quote.expires_at);
                Event::CallQuoted { seller, call, listing, price, payout, expires_at }
            }
            (None, Some(Reason::QuoteLapsed)) => Event::QuoteLapsed { seller, call },
            (None, Some(Reason::SellerCanceled)) => Event::CallCanceled { seller, call },
            (None, reason) => {
                let reason = reason.expect("Invariant: a quote that ended has a reason");
                Event::QuoteDeclined { seller, call, listing, reason }
            }
        });
    }

    /// Every quote is where its call, its seller and the index say.
    pub(crate) fn check_quotes(&self) -> Result<(), &'static str> {
        self.quotes.check()?;
        let (mut alike, mut firm) = (0, 0);
        for record in self.calls.iter().map(|(_, record)| record) {
            let Some(slot) = record.live() else { continue };
            let live = self.calls.live(slot);
            if live.quote.is_some() != (record.state == CallState::Quoted) {
                return Err("quotes: exactly the calls that are quoted have a quote");
            }
            let Some(quote) = live.quote else { continue };
            if let Some(likeness) = quote.likeness {
                if self.quotes.find_alike(record.listing, likeness) != Some(slot) {
                    return Err("quotes: one that says how it is found is found so");
                }
                alike += 1;
            }
            firm += u32::from(live.hold.is_some());
        }
        if alike != self.quotes.alike_count() {
            return Err("quotes: only live ones are found");
        }
        let counted: u32 = self.accounts.iter().map(|(slot, _)| self.quotes.of_seller(slot).firm).sum();
        if counted == firm { Ok(()) } else { Err("quotes: sellers count the firm ones that are theirs") }
    }
}
