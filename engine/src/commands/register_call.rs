//! A call is known, but not yet for sale.

use super::body::Body;
use crate::calls::{CallRecord, LiveCall, Marks};
use crate::collections::List;
use crate::event::{Event, Events, Role};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::{AccountId, AttributeId, CallId, ChainNode, ListingId, SubjectId};
use crate::limits::{CHAIN_MAX, FACTS_MAX, SET_FACTS_MAX};
use crate::reject::Reject;
use crate::terms::{Chain, Fact, FactSheet, FactValue, Kind, Leg};

/// Registers a call: its facts are known, and it may be offered or auctioned until the listing's `duration_max` is over.
///
/// # Refused
///
/// `CommandTooLarge`, `IdNotUuid7`, `IdTooOld`, `IdTooNew`, `AccountUnknown`, `AccountRoleMismatch`, for each fact in
/// order `AttributeUnknown`, `AttributeKindMismatch`, `FactRepeated`, then `IdConflict`, `AccountClosed`, `ListingUnknown`, `ListingDelisted`, `CallsFull`,
/// `LiveCallsFull`.
///
/// # Events
///
/// `CallRegistered`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterCall<'a> {
    /// The seller.
    pub seller: AccountId,
    /// The call.
    pub call: CallId,
    /// The listing it is sold under.
    pub listing: ListingId,
    /// The caller, as an opaque id; 0 is anonymous.
    pub subject: SubjectId,
    /// How the caller came to be on the line.
    pub leg: Leg,
    /// What is known of it. A set attribute is given once for each element.
    pub facts: List<'a, Fact, FACTS_MAX>,
    /// Whose hands it has been through, the first of them first; none when it comes from its own publisher.
    pub chain: List<'a, ChainNode, CHAIN_MAX>,
}

impl RegisterCall<'_> {
    /// A call of `seller` under `listing`, with no facts.
    #[must_use]
    pub fn new(seller: AccountId, call: CallId, listing: ListingId) -> Self {
        Self {
            seller,
            call,
            listing,
            subject: SubjectId(0),
            leg: Leg::ConsumerInbound,
            facts: List::new(),
            chain: List::new(),
        }
    }
}

impl Exchange {
    pub(crate) fn register_call(
        &mut self,
        step: Step,
        command: &RegisterCall<'_>,
        events: &mut Events,
    ) -> Result<Done, Reject> {
        if command.facts.overflowed() || command.chain.overflowed() {
            return Err(Reject::CommandTooLarge);
        }
        let RegisterCall { seller, call, listing, .. } = *command;
        self.judge_id_time(step, call.time())?;
        let seller_slot = self.accounts.find_as(seller, Role::Seller)?;
        let mut sheet = FactSheet::new(self.schema.absent);
        self.read_facts(&command.facts, &mut sheet)?;
        let fingerprint = Body::new(self.genesis.seed, 7)
            .wide(listing.0)
            .wide(command.subject.0)
            .leg(command.leg)
            .facts(&command.facts)
            .chain(&command.chain)
            .finish();
        let event = Event::CallRegistered { seller, call, listing };
        if let Some(slot) = self.calls.find(seller_slot, call) {
            let known = self.calls.record(slot);
            if !known.marks.has(Marks::REGISTERED) || known.registered_fingerprint != fingerprint {
                return Err(Reject::IdConflict);
            }
            events.push(event);
            return Ok(Done::Repeated(known.registered_sequence));
        }
        self.accounts.judge_open(seller_slot)?;
        let listing_slot = self.listings.find_listed(seller_slot, listing)?;
        self.calls.judge_room()?;
        let chain = self.read_chain(&command.chain);
        let mut record = CallRecord::new(seller_slot, call, listing_slot, step.at);
        record.marks.add(Marks::REGISTERED);
        record.registered_fingerprint = fingerprint;
        (record.registered_sequence, record.changed) = (step.sequence, step.sequence);
        let terms = self.listings.get_mut(listing_slot);
        terms.calls += 1;
        let (reserve, expires_at) = (terms.reserve, step.at + terms.duration_max);
        let (_, live) = self
            .calls
            .open(record, |slot| LiveCall::new(slot, (&sheet, &chain), command.subject, command.leg, reserve));
        self.calls.set_deadline(live, expires_at);
        events.push(event);
        Ok(Done::Accepted)
    }

    /// A chain as candidates are judged by it. Which of its nodes are accounts here is known from now on.
    #[inline]
    pub(crate) fn read_chain(&self, nodes: &[ChainNode]) -> Chain {
        let mut chain = Chain::default();
        for (place, node) in nodes.iter().enumerate() {
            chain.is_loop |= node.0 == self.genesis.log.0 || nodes[..place].contains(node);
            if let Ok(account) = self.accounts.find(AccountId(node.0)) {
                chain.add(account);
            }
        }
        chain
    }

    /// Writes facts onto an empty sheet, as targeting reads them. What is not in the vocabulary counts as absent.
    pub(crate) fn read_facts(&self, facts: &[Fact], sheet: &mut FactSheet) -> Result<(), Reject> {
        let (mut given, mut sets, mut elements) = (0_u32, 0_u32, 0_usize);
        // From the first element of a set to the last.
        let mut listed = 0..0;
        for (place, fact) in facts.iter().enumerate() {
            let attribute = fact.attribute;
            let declared = self.schema.attribute(attribute).ok_or(Reject::AttributeUnknown)?;
            // A declared attribute is below the bits of a word.
            let bit = 1_u32.wrapping_shl(attribute.0.into());
            match (&declared.kind, fact.value) {
                (Kind::Set { .. }, FactValue::Code(_)) => {
                    elements += 1;
                    if elements > SET_FACTS_MAX {
                        return Err(Reject::AttributeKindMismatch);
                    }
                    listed = if sets == 0 { place..place + 1 } else { listed.start..place + 1 };
                    sets |= bit;
                    continue;
                }
                (Kind::Category { .. }, FactValue::Code(code)) => {
                    if self.schema.vocabulary.is_defined(attribute, code) && given & bit == 0 {
                        sheet.set_code(attribute, code, &declared.lines);
                    }
                }
                (Kind::Integer { .. }, FactValue::Number(number)) => {
                    sheet.set_number(attribute, number, &declared.lines);
                }
                (Kind::Boolean, FactValue::Flag(flag)) => sheet.set_flag(attribute, flag, &declared.lines),
                (Kind::Point, FactValue::Place(place)) if place.is_valid() => {
                    sheet.set_place(attribute, place, &declared.lines);
                }
                _ => return Err(Reject::AttributeKindMismatch),
            }
            if given & bit != 0 {
                return Err(Reject::FactRepeated);
            }
            given |= bit;
        }
        while sets != 0 {
            let attribute = AttributeId(sets.trailing_zeros() as u16);
            sets &= sets - 1;
            let own = facts[listed.clone()].iter().filter(|fact| fact.attribute == attribute);
            let codes = own.filter_map(|fact| match fact.value {
                FactValue::Code(code) if self.schema.vocabulary.is_defined(attribute, code) => Some(code),
                _ => None,
            });
            sheet.set_elements(attribute, codes);
        }
        Ok(())
    }
}
