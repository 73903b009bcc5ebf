//! An event of the engine as an outcome of the twin.

use dce_engine::prelude::*;

use super::words::{from_quota_scope, from_role, from_scope};
use crate::twin::outcome::{self, Outcome, Step};

/// The engine's event as the twin would tell it.
#[must_use]
pub fn outcome(event: &Event) -> Outcome {
    match *event {
        Event::AttributeDeclared { attribute } => Outcome::AttributeDeclared { attribute },
        Event::ValueDefined { attribute, code } => Outcome::ValueDefined { attribute, code },
        Event::ValueSetLoaded { set, loaded, total } => Outcome::ValueSetLoaded { set, loaded, total },
        Event::ZoneSet { zone } => Outcome::ZoneSet { zone },
        Event::AccountOpened { account, role } => Outcome::AccountOpened { account, role: from_role(role) },
        Event::HomeSet { account, zone } => Outcome::HomeSet { account, zone },
        Event::AccountClosed { account } => Outcome::AccountClosed { account },
        Event::MoneyDeposited { account, movement, amount } => Outcome::MoneyDeposited { account, movement, amount },
        Event::MoneyWithdrawn { account, movement, amount } => Outcome::MoneyWithdrawn { account, movement, amount },
        Event::SessionOpened { account, session } => Outcome::SessionOpened { account, session },
        Event::SessionClosed { account, session } => Outcome::SessionClosed { account, session },
        Event::CalendarSet { account, calendar } => Outcome::CalendarSet { account, calendar },
        Event::DuplicatesSet { account, scope } => Outcome::DuplicatesSet { account, scope: from_scope(scope) },
        Event::FrequencySet { account, listing } => Outcome::FrequencySet { account, listing },
        Event::SuppressionSet { account, subject, until } => Outcome::SuppressionSet { account, subject, until },
        Event::ScreenSet { account, listing } => Outcome::ScreenSet { account, listing },
        Event::QuotaSet { account, scope } => Outcome::QuotaSet { account, scope: from_quota_scope(scope) },
        Event::GroupSet { buyer, profile, group } => Outcome::GroupSet { buyer, profile, group },
        Event::TogetherSet { buyer, group, together } => Outcome::TogetherSet { buyer, group, together },
        Event::ListingCreated { seller, listing } => Outcome::ListingCreated { seller, listing },
        Event::WindowSet { seller, listing } => Outcome::WindowSet { seller, listing },
        Event::DealSet { seller, listing, buyer } => Outcome::DealSet { seller, listing, buyer },
        Event::ListingDelisted { seller, listing } => Outcome::ListingDelisted { seller, listing },
        Event::PrivateSet { seller, listing, private } => Outcome::PrivateSet { seller, listing, private },
        Event::DeliverySet { seller, listing } => Outcome::DeliverySet { seller, listing },
        Event::AnsweringSet { buyer, profile } => Outcome::AnsweringSet { buyer, profile },
        Event::ProfileAutoPaused { buyer, profile, unanswered } => {
            Outcome::ProfileAutoPaused { buyer, profile, unanswered }
        }
        Event::PolicySet { seller, listing } => Outcome::PolicySet { seller, listing },
        Event::ProfileRanked { buyer, profile } => Outcome::ProfileRanked { buyer, profile },
        Event::SkillsSet { buyer, profile } => Outcome::SkillsSet { buyer, profile },
        Event::ProfileCreated { buyer, profile } => Outcome::ProfileCreated { buyer, profile },
        Event::ConjunctionAdded { buyer, profile, nth } => Outcome::ConjunctionAdded { buyer, profile, nth },
        Event::ModifiersSet { buyer, profile } => Outcome::ModifiersSet { buyer, profile },
        Event::BidSet { buyer, profile, amount } => Outcome::BidSet { buyer, profile, amount },
        Event::ProfilePaused { buyer, profile } => Outcome::ProfilePaused { buyer, profile },
        Event::ProfileResumed { buyer, profile } => Outcome::ProfileResumed { buyer, profile },
        Event::ProfileClosed { buyer, profile } => Outcome::ProfileClosed { buyer, profile },
        Event::QuotingSet { seller, firm_max } => Outcome::QuotingSet { seller, firm_max },
        Event::CallQuoted { seller, call, listing, price, payout, expires_at } => {
            Outcome::CallQuoted { seller, call, listing, price, payout, expires_at }
        }
        Event::CallReserved { seller, call, listing, buyer, profile, attempt, price, payout, expires_at } => {
            Outcome::CallReserved { seller, call, listing, buyer, profile, attempt, price, payout, expires_at }
        }
        Event::QuoteDeclined { seller, call, listing, reason } => {
            Outcome::QuoteDeclined { seller, call, listing, reason: reason.code() }
        }
        Event::QuoteLapsed { seller, call } => Outcome::QuoteLapsed { seller, call },
        Event::CallRegistered { seller, call, listing } => Outcome::CallRegistered { seller, call, listing },
        Event::CallOffered { seller, call, listing } => Outcome::CallOffered { seller, call, listing },
        Event::AuctionOpened { seller, call, closes_at } => Outcome::AuctionOpened { seller, call, closes_at },
        Event::BidderInvited { seller, call, buyer, profile, closes_at } => {
            Outcome::BidderInvited { seller, call, buyer, profile, closes_at }
        }
        Event::BidPlaced { seller, call, buyer, profile, amount, expires_at, leading } => {
            Outcome::BidPlaced { seller, call, buyer, profile, amount, expires_at, leading }
        }
        Event::BidWithdrawn { seller, call, buyer, profile } => Outcome::BidWithdrawn { seller, call, buyer, profile },
        Event::BidDeclined { seller, call, buyer, profile } => Outcome::BidDeclined { seller, call, buyer, profile },
        Event::AuctionClosed { seller, call, bids } => Outcome::AuctionClosed { seller, call, bids },
        Event::CallSold { seller, call, buyer, profile, attempt, price, payout } => {
            Outcome::CallSold { seller, call, buyer, profile, attempt, price, payout }
        }
        Event::DisclosureSet { seller, listing, price_to_win } => {
            Outcome::DisclosureSet { seller, listing, price_to_win }
        }
        Event::BidLost { seller, call, buyer, profile, reason, price_to_win } => {
            Outcome::BidLost { seller, call, buyer, profile, reason: reason.code(), price_to_win }
        }
        Event::CallUnsold { seller, call, reason } => Outcome::CallUnsold { seller, call, reason: reason.code() },
        Event::MoneyHeld { posting, debit, credit, amount } => money(Step::Held, posting, debit, credit, amount),
        Event::MoneyPosted { posting, debit, credit, amount } => money(Step::Posted, posting, debit, credit, amount),
        Event::MoneyVoided { posting, debit, credit, amount } => money(Step::Voided, posting, debit, credit, amount),
        Event::CallDialed { seller, call, attempt, destination_index, ring_until, destination } => {
            let destination = destination.as_bytes().to_vec();
            Outcome::CallDialed { seller, call, attempt, destination_index, ring_until, destination }
        }
        Event::CallFellBack { seller, call, reason, attempt, destination_index, ring_until, destination } => {
            let (reason, destination) = (reason.code(), destination.as_bytes().to_vec());
            Outcome::CallFellBack { seller, call, reason, attempt, destination_index, ring_until, destination }
        }
        Event::CallRinging { seller, call, attempt, destination_index } => {
            Outcome::CallRinging { seller, call, attempt, destination_index }
        }
        Event::CallAnswered { seller, call, attempt, destination_index } => {
            Outcome::CallAnswered { seller, call, attempt, destination_index }
        }
        Event::AttemptFailed { seller, call, buyer, profile, attempt, reason } => {
            Outcome::AttemptFailed { seller, call, buyer, profile, attempt, reason: reason.code() }
        }
        Event::CallEnded { seller, call, reason, connected, flagged } => {
            Outcome::CallEnded { seller, call, reason: reason.code(), connected, flagged }
        }
        Event::CallCanceled { seller, call } => Outcome::CallCanceled { seller, call },
        Event::CallSealed { seller, call } => Outcome::CallSealed { seller, call },
        _ => panic!("an event the twin does not know: {event:?}"),
    }
}

fn money(step: Step, posting: Posting, debit: AccountId, credit: AccountId, amount: Money) -> Outcome {
    let kind = match posting.kind {
        PostingKind::Revenue => outcome::MoneyKind::Revenue,
        PostingKind::Payout => outcome::MoneyKind::Payout,
    };
    let Posting { seller, call, attempt, revision, .. } = posting;
    Outcome::Money { step, posting: outcome::Posting { seller, call, attempt, kind, revision }, debit, credit, amount }
}
