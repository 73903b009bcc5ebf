//! Why a call was decided as it was: the log is replayed up to the decision and the exchange is asked there. Never
//! today's state.
//!
//! [`decisions_of`] is the walk, for a server's queries and for `dce explain` alike; `Explainer` does it in the
//! background of a running server, one at a time, on one thread of low priority.

mod explainer;

pub(crate) use explainer::{Asked, ExplainThread, Explainer, Why, WhyNot};

use std::ops::ControlFlow;

use dce_engine::Exchange;
use dce_engine::commands::{Command, List, OfferCall};
use dce_engine::event::Event;
use dce_engine::explain::{Explanation, Loss, Verdict};
use dce_engine::ids::{AccountId, CallId, ChainNode, ListingId, ProfileId, Sequence, SubjectId};
use dce_engine::reason::Reason;
use dce_engine::reject::Reject;
use dce_engine::terms::{Fact, Leg};
use dce_engine::units::{Money, Timestamp};
use dce_persistence::{LogError, Replayed, Step};

/// What was for sale, as its commands said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The seller.
    pub seller: AccountId,
    /// The call.
    pub call: CallId,
    /// Its listing.
    pub listing: ListingId,
    /// The caller, an opaque id.
    pub subject: SubjectId,
    /// How the caller came to be on the line.
    pub leg: Leg,
    /// The least price, where it was not the listing's.
    pub reserve: Option<Money>,
    /// What was known of the call.
    pub facts: Vec<Fact>,
    /// Whose hands it had been through.
    pub chain: Vec<ChainNode>,
}

/// How a decision went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The call went to this profile, or is kept for it by a firm quote; where its group dials together, others of it may ring along.
    Sold {
        /// The buyer.
        buyer: AccountId,
        /// Its profile.
        profile: ProfileId,
    },
    /// Nobody bought it; its listing's fallback may have it.
    Unsold(Reason),
}

/// One decision of a call, and the exchange right after it.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'a> {
    /// The exchange, right after the command that decided.
    pub exchange: &'a Exchange,
    /// The command's place in the log.
    pub sequence: Sequence,
    /// Its time.
    pub at: Timestamp,
    /// Everything it did.
    pub events: &'a [Event],
    /// What was for sale.
    pub offer: &'a Offer,
    /// How it went.
    pub outcome: Outcome,
}

/// Walks through a log, calls `each` at every decision of `call`, and stops when no more can follow. Several decisions
/// follow one another when a buyer does not answer, or does not keep the call. `replay` is `dce_persistence::replay`, or a reader's.
///
/// `seller` may be left out when the call's id says enough; the first seller's call with this id is taken then.
///
/// # Errors
///
/// What the replay stumbled over.
pub fn decisions_of(
    replay: impl FnOnce(&mut dyn FnMut(Step<'_>) -> ControlFlow<()>) -> Result<Exchange, LogError>,
    seller: Option<AccountId>,
    call: CallId,
    each: &mut dyn FnMut(&Decided<'_>),
) -> Result<u32, LogError> {
    let mut offer: Option<Offer> = None;
    let mut decisions = 0;
    // A caller who arrives for a firm quote is sold to whom it was decided then.
    let mut is_reserved = false;
    replay(&mut |step| {
        let Step::Replayed(replayed) = step else { return ControlFlow::Continue(()) };
        note_offer(&mut offer, replayed.command, seller, call);
        let Some(offer) = &offer else { return ControlFlow::Continue(()) };
        let mut sold = false;
        for event in replayed.events {
            match outcome_of(event, offer) {
                // Who rings along with the winner is sold the call by the same decision.
                Some(Ok(Outcome::Sold { .. })) if sold => {}
                Some(Ok(Outcome::Sold { .. })) if is_reserved && matches!(event, Event::CallSold { .. }) => {
                    (is_reserved, sold) = (false, true);
                }
                Some(Ok(outcome)) => {
                    (is_reserved, sold) = (matches!(event, Event::CallReserved { .. }), true);
                    decisions += 1;
                    each(&decided(&replayed, offer, outcome));
                    // The id of a quote that nobody bought may come back.
                    let is_quote = matches!(event, Event::QuoteDeclined { .. });
                    if matches!(outcome, Outcome::Unsold(_)) && !is_quote {
                        return ControlFlow::Break(());
                    }
                }
                Some(Err(Over)) if matches!(event, Event::QuoteLapsed { .. }) => {}
                Some(Err(Over)) => return ControlFlow::Break(()),
                None => {}
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(decisions)
}

impl Decided<'_> {
    /// What the rules say of every candidate of this decision. What an event told a bidder is what it is told here: a
    /// live bid is gone once its auction is closed.
    ///
    /// # Errors
    ///
    /// When the offer cannot be asked about any more.
    pub fn verdicts(&self, each: &mut dyn FnMut(&Explanation)) -> Result<(), Reject> {
        let Offer { seller, call, .. } = *self.offer;
        let mut tell = |said: &Explanation| each(&self.as_told(said));
        let offer = self.offer.command();
        if matches!(self.outcome, Outcome::Unsold(reason) if reason.is_declined()) {
            return self.exchange.explain_offer(self.at, &offer, &mut tell);
        }
        // A call that was sold or fell back lives, and knows best.
        if self.exchange.explain(seller, call, &mut tell).is_ok() {
            return Ok(());
        }
        self.exchange.explain_in_time(self.at, &offer, &mut tell)
    }

    fn as_told(&self, said: &Explanation) -> Explanation {
        let told = self.events.iter().find_map(|event| match *event {
            Event::BidLost { seller, call, buyer, profile, reason, .. }
                if (seller, call) == (self.offer.seller, self.offer.call)
                    && (buyer, profile) == (said.buyer, said.profile) =>
            {
                Some(reason)
            }
            _ => None,
        });
        match (told, said.verdict) {
            (Some(reason), Verdict::Lost(loss)) if loss.reason == reason => *said,
            (Some(reason), _) => {
                let loss = Loss { reason, attribute: None, distance: None };
                Explanation { verdict: Verdict::Lost(loss), ..*said }
            }
            (None, _) => *said,
        }
    }
}

impl Offer {
    /// The same offer as a command.
    #[must_use]
    pub fn command(&self) -> OfferCall<'_> {
        let mut command = OfferCall::new(self.seller, self.call, self.listing).subject(self.subject).facts(&self.facts);
        (command.leg, command.reserve) = (self.leg, self.reserve);
        command.chain = List::borrowed(&self.chain);
        command
    }
}

/// Keeps what the commands of the call say of it: registered or quoted first, offered or auctioned later.
fn note_offer(offer: &mut Option<Offer>, command: &Command<'_>, seller: Option<AccountId>, call: CallId) {
    let is_meant = |by: AccountId, of: CallId| of == call && seller.is_none_or(|seller| seller == by);
    match command {
        Command::RegisterCall(said) if offer.is_none() && is_meant(said.seller, said.call) => {
            *offer = Some(Offer {
                seller: said.seller,
                call,
                listing: said.listing,
                subject: said.subject,
                leg: said.leg,
                reserve: None,
                facts: said.facts.to_vec(),
                chain: said.chain.to_vec(),
            });
        }
        Command::QuoteCall(said) if offer.is_none() && is_meant(said.seller, said.call) => {
            *offer = Some(Offer {
                seller: said.seller,
                call,
                listing: said.listing,
                subject: said.subject,
                leg: said.leg,
                reserve: said.reserve,
                facts: said.facts.to_vec(),
                chain: said.chain.to_vec(),
            });
        }
        Command::OfferCall(said) if is_meant(said.seller, said.call) => match offer {
            Some(known) if known.seller == said.seller => known.reserve = said.reserve.or(known.reserve),
            Some(_) => {}
            None => {
                *offer = Some(Offer {
                    seller: said.seller,
                    call,
                    listing: said.listing,
                    subject: said.subject,
                    leg: said.leg,
                    reserve: said.reserve,
                    facts: said.facts.to_vec(),
                    chain: said.chain.to_vec(),
                });
            }
        },
        Command::OpenAuction(said) if is_meant(said.seller, said.call) => {
            if let Some(known) = offer.as_mut().filter(|known| known.seller == said.seller) {
                known.reserve = said.reserve;
            }
        }
        _ => {}
    }
}

/// No more decisions of the call can follow.
struct Over;

/// What an event says of the offer, if it is about it.
fn outcome_of(event: &Event, offer: &Offer) -> Option<Result<Outcome, Over>> {
    let is_meant = |by: AccountId, of: CallId| (by, of) == (offer.seller, offer.call);
    match *event {
        Event::CallSold { seller, call, buyer, profile, .. }
        | Event::CallReserved { seller, call, buyer, profile, .. }
            if is_meant(seller, call) =>
        {
            Some(Ok(Outcome::Sold { buyer, profile }))
        }
        Event::CallUnsold { seller, call, reason }
        | Event::CallFellBack { seller, call, reason, .. }
        | Event::QuoteDeclined { seller, call, reason, .. }
            if is_meant(seller, call) =>
        {
            Some(Ok(Outcome::Unsold(reason)))
        }
        // An answered call may come back and be decided again; an ended one does not.
        Event::CallEnded { seller, call, .. }
        | Event::CallCanceled { seller, call }
        | Event::QuoteLapsed { seller, call } => is_meant(seller, call).then_some(Err(Over)),
        _ => None,
    }
}

fn decided<'a>(replayed: &Replayed<'a>, offer: &'a Offer, outcome: Outcome) -> Decided<'a> {
    let Replayed { exchange, sequence, at, events, .. } = *replayed;
    Decided { exchange, sequence, at, events, offer, outcome }
}
