//! A clone of the market to try commands on, and what was prepared for them.

use dce_benches::market;
use dce_benches::random::Random;
use dce_benches::world::{Call, World};
use dce_engine::prelude::*;

/// A call or a profile that a command is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject {
    pub(crate) seller: AccountId,
    pub(crate) call: CallId,
    pub(crate) buyer: AccountId,
    pub(crate) profile: ProfileId,
}

/// The exchange, and what was prepared in it.
#[derive(Debug)]
pub(crate) struct Stage<'w> {
    pub(crate) exchange: Exchange,
    pub(crate) events: Events,
    pub(crate) world: &'w World,
    /// Texts for values.
    pub(crate) names: &'w [String],
    /// When everything happens.
    pub(crate) at: Timestamp,
    pub(crate) subjects: Vec<Subject>,
    pub(crate) random: Random,
    counter: u64,
}

impl<'w> Stage<'w> {
    pub(crate) fn new(exchange: Exchange, world: &'w World, names: &'w [String]) -> Self {
        Self {
            at: exchange.last_time(),
            exchange,
            events: Events::new(),
            world,
            names,
            subjects: Vec::new(),
            random: Random::new(1),
            // Above every number the market's traffic has used.
            counter: 1 << 40,
        }
    }

    /// Applies what must be accepted.
    pub(crate) fn apply(&mut self, command: &Command<'_>) {
        market::accept(&mut self.exchange, self.at, command, &mut self.events);
    }

    /// A number never used before: for ids and stamps.
    pub(crate) const fn fresh(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// A stamp that is new in every account's session.
    pub(crate) const fn stamp(&mut self) -> Stamp {
        Stamp::new(market::SESSION, self.fresh())
    }

    /// Some profile of the world.
    pub(crate) fn some_profile(&mut self) -> (usize, AccountId, ProfileId) {
        let place = self.random.below(self.world.profiles.len() as u64) as usize;
        let (buyer, profile) = market::profile_id(self.world, place);
        (place, buyer, profile)
    }

    /// Some call of the world, as an offer not made before.
    pub(crate) fn some_offer(&mut self) -> OfferCall<'w> {
        let call = self.some_call();
        let counter = self.fresh();
        market::offer(call, self.at, counter)
    }

    /// Some call of the world, asked about for a minute, each by a caller of its own.
    pub(crate) fn some_quote(&mut self) -> QuoteCall<'w> {
        let offer = self.some_offer();
        let quote = QuoteCall::new(offer.seller, offer.call, offer.listing, Millis(60_000));
        QuoteCall { facts: offer.facts, reserve: offer.reserve, ..quote.subject(SubjectId(offer.call.0)) }
    }

    /// Some call of the world, to be registered.
    pub(crate) fn some_registration(&mut self) -> RegisterCall<'w> {
        let offer = self.some_offer();
        let mut registration = RegisterCall::new(offer.seller, offer.call, offer.listing);
        registration.facts = offer.facts;
        registration
    }

    fn some_call(&mut self) -> &'w Call {
        let place = self.random.below(self.world.calls.len() as u64) as usize;
        &self.world.calls[place]
    }
}
