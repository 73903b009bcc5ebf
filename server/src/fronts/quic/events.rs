//! From the engine's events to wire frames, and who is told what of them.

use dce_engine::event::{Event, Posting, PostingKind, Role};
use dce_engine::ids::{AccountId, ListingId};
use dce_engine::terms::{CallerScope, Fact, FactValue, QuotaScope};
use dce_protocol::{Bytes, List, event as wire};

/// What an invited bidder has to know of the call, as wire facts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms<'a> {
    pub(super) listing: ListingId,
    pub(super) facts: &'a [dce_protocol::Fact],
}

/// Whose eyes an event is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Viewer {
    /// An operator, of its own command: everything.
    Operator,
    /// An account that is party to it: its own side.
    Party(AccountId),
}

/// The accounts that hear of it: those it concerns, the platform's and the world's own excepted.
pub(super) fn audience(event: &wire::Event<'_>) -> impl Iterator<Item = AccountId> {
    let mut parties = event.parties().map(|party| party.map(AccountId));
    if parties[0] == parties[1] {
        parties[1] = None;
    }
    let trades = |account: &AccountId| *account != AccountId::PLATFORM && *account != AccountId::WORLD;
    parties.into_iter().flatten().filter(trades)
}

/// The same event as `viewer` may see it: a buyer its price, a seller its payout, so that neither learns the margin.
pub(super) fn seen_by(event: wire::Event<'_>, viewer: Viewer) -> wire::Event<'_> {
    match (event, viewer) {
        (wire::Event::CallSold(sold), Viewer::Party(account)) => wire::Event::CallSold(wire::CallSold {
            price: sold.price.filter(|_| account.0 == sold.buyer),
            payout: sold.payout.filter(|_| account.0 == sold.seller),
            ..sold
        }),
        (wire::Event::CallReserved(kept), Viewer::Party(account)) => wire::Event::CallReserved(wire::CallReserved {
            price: kept.price.filter(|_| account.0 == kept.buyer),
            payout: kept.payout.filter(|_| account.0 == kept.seller),
            ..kept
        }),
        (wire::Event::CallQuoted(quoted), Viewer::Party(account)) => wire::Event::CallQuoted(wire::CallQuoted {
            price: None,
            payout: quoted.payout.filter(|_| account.0 == quoted.seller),
            ..quoted
        }),
        (event, _) => event,
    }
}

/// Facts as they stand in frames, into `facts`, which is emptied first.
pub(super) fn wire_facts(said: &[Fact], facts: &mut Vec<dce_protocol::Fact>) {
    use dce_protocol::FactValue as Wire;
    facts.clear();
    facts.extend(said.iter().map(|fact| {
        let value = match fact.value {
            FactValue::Code(code) => Wire::Code(code.0),
            FactValue::Number(number) => Wire::Number(number),
            FactValue::Flag(flag) => Wire::Flag(flag),
            FactValue::Place(place) => {
                Wire::Place { latitude_micro: place.latitude_micro, longitude_micro: place.longitude_micro }
            }
        };
        dce_protocol::Fact::new(fact.attribute.0, value)
    }));
}

/// The frame of an event. `None` for one that this protocol version has no frame for.
pub(super) fn wire_event<'a>(event: &'a Event, terms: Option<Terms<'a>>) -> Option<wire::Event<'a>> {
    Some(match *event {
        Event::AttributeDeclared { attribute } => wire::AttributeDeclared { attribute: attribute.0 }.into(),
        Event::ValueDefined { attribute, code } => wire::ValueDefined { attribute: attribute.0, code: code.0 }.into(),
        Event::ValueSetLoaded { set, loaded, total } => wire::ValueSetLoaded { set: set.0, loaded, total }.into(),
        Event::ZoneSet { zone } => wire::ZoneSet { zone: zone.0 }.into(),
        Event::AccountOpened { account, role } => {
            wire::AccountOpened { account: account.0, role: wire_role(role) }.into()
        }
        Event::CalendarSet { account, calendar } => {
            wire::CalendarSet { account: account.0, calendar: calendar.0 }.into()
        }
        Event::DuplicatesSet { account, scope } => {
            let scope = match scope {
                CallerScope::Account => dce_protocol::CallerScope::Account,
                CallerScope::Profile(profile) => dce_protocol::CallerScope::Profile(profile.0),
                CallerScope::Listing(listing) => dce_protocol::CallerScope::Listing(listing.0),
            };
            wire::DuplicatesSet { account: account.0, scope }.into()
        }
        Event::FrequencySet { account, listing } => {
            wire::FrequencySet { account: account.0, listing: listing.map(|listing| listing.0) }.into()
        }
        Event::SuppressionSet { account, subject, until } => {
            let until = until.map(|until| until.micros());
            wire::SuppressionSet { account: account.0, subject: subject.0, until }.into()
        }
        Event::ScreenSet { account, listing } => {
            wire::ScreenSet { account: account.0, listing: listing.map(|listing| listing.0) }.into()
        }
        Event::QuotaSet { account, scope } => wire::QuotaSet { account: account.0, scope: wire_scope(scope) }.into(),
        Event::GroupSet { buyer, profile, group } => {
            wire::GroupSet { buyer: buyer.0, profile: profile.0, group: group.map(|group| group.0) }.into()
        }
        Event::TogetherSet { buyer, group, together } => {
            wire::TogetherSet { buyer: buyer.0, group: group.0, together }.into()
        }
        Event::MoneyDeposited { account, movement, amount } => {
            wire::MoneyDeposited { account: account.0, movement: movement.0, amount: amount.micros() }.into()
        }
        Event::MoneyWithdrawn { account, movement, amount } => {
            wire::MoneyWithdrawn { account: account.0, movement: movement.0, amount: amount.micros() }.into()
        }
        Event::HomeSet { account, zone } => wire::HomeSet { account: account.0, zone: zone.0 }.into(),
        Event::AccountClosed { account } => wire::AccountClosed { account: account.0 }.into(),
        Event::SessionOpened { account, session } => {
            wire::SessionOpened { account: account.0, session: session.0 }.into()
        }
        Event::SessionClosed { account, session } => {
            wire::SessionClosed { account: account.0, session: session.0 }.into()
        }
        Event::ListingCreated { seller, listing } => {
            wire::ListingCreated { seller: seller.0, listing: listing.0 }.into()
        }
        Event::DisclosureSet { seller, listing, price_to_win } => {
            wire::DisclosureSet { seller: seller.0, listing: listing.0, price_to_win }.into()
        }
        Event::WindowSet { seller, listing } => wire::WindowSet { seller: seller.0, listing: listing.0 }.into(),
        Event::DealSet { seller, listing, buyer } => {
            wire::DealSet { seller: seller.0, listing: listing.0, buyer: buyer.0 }.into()
        }
        Event::ListingDelisted { seller, listing } => {
            wire::ListingDelisted { seller: seller.0, listing: listing.0 }.into()
        }
        Event::PrivateSet { seller, listing, private } => {
            wire::PrivateSet { seller: seller.0, listing: listing.0, private }.into()
        }
        Event::ConjunctionAdded { buyer, profile, nth } => {
            wire::ConjunctionAdded { buyer: buyer.0, profile: profile.0, nth }.into()
        }
        Event::ModifiersSet { buyer, profile } => wire::ModifiersSet { buyer: buyer.0, profile: profile.0 }.into(),
        Event::PolicySet { seller, listing } => wire::PolicySet { seller: seller.0, listing: listing.0 }.into(),
        Event::ProfileRanked { buyer, profile } => wire::ProfileRanked { buyer: buyer.0, profile: profile.0 }.into(),
        Event::SkillsSet { buyer, profile } => wire::SkillsSet { buyer: buyer.0, profile: profile.0 }.into(),
        Event::ProfileCreated { buyer, profile } => wire::ProfileCreated { buyer: buyer.0, profile: profile.0 }.into(),
        Event::BidSet { buyer, profile, amount } => {
            wire::BidSet { buyer: buyer.0, profile: profile.0, amount: amount.map(|amount| amount.micros()) }.into()
        }
        Event::ProfilePaused { buyer, profile } => wire::ProfilePaused { buyer: buyer.0, profile: profile.0 }.into(),
        Event::ProfileAutoPaused { buyer, profile, unanswered } => {
            wire::ProfileAutoPaused { buyer: buyer.0, profile: profile.0, unanswered }.into()
        }
        Event::DeliverySet { seller, listing } => wire::DeliverySet { seller: seller.0, listing: listing.0 }.into(),
        Event::AnsweringSet { buyer, profile } => wire::AnsweringSet { buyer: buyer.0, profile: profile.0 }.into(),
        Event::ProfileResumed { buyer, profile } => wire::ProfileResumed { buyer: buyer.0, profile: profile.0 }.into(),
        Event::ProfileClosed { buyer, profile } => wire::ProfileClosed { buyer: buyer.0, profile: profile.0 }.into(),
        Event::CallRegistered { seller, call, listing } => {
            wire::CallRegistered { seller: seller.0, call: call.0, listing: listing.0 }.into()
        }
        Event::QuotingSet { seller, firm_max } => wire::QuotingSet { seller: seller.0, firm_max }.into(),
        Event::CallQuoted { seller, call, listing, price, payout, expires_at } => wire::CallQuoted {
            seller: seller.0,
            call: call.0,
            listing: listing.0,
            price: Some(price.micros()),
            payout: Some(payout.micros()),
            expires_at: expires_at.micros(),
        }
        .into(),
        Event::CallReserved { seller, call, listing, buyer, profile, attempt, price, payout, expires_at } => {
            wire::CallReserved {
                seller: seller.0,
                call: call.0,
                listing: listing.0,
                buyer: buyer.0,
                profile: profile.0,
                attempt,
                price: Some(price.micros()),
                payout: Some(payout.micros()),
                expires_at: expires_at.micros(),
            }
            .into()
        }
        Event::QuoteDeclined { seller, call, listing, reason } => {
            wire::QuoteDeclined { seller: seller.0, call: call.0, listing: listing.0, reason: reason.code() }.into()
        }
        Event::QuoteLapsed { seller, call } => wire::QuoteLapsed { seller: seller.0, call: call.0 }.into(),
        Event::CallOffered { seller, call, listing } => {
            wire::CallOffered { seller: seller.0, call: call.0, listing: listing.0 }.into()
        }
        Event::AuctionOpened { seller, call, closes_at } => {
            wire::AuctionOpened { seller: seller.0, call: call.0, closes_at: closes_at.micros() }.into()
        }
        Event::BidderInvited { seller, call, buyer, profile, closes_at } => wire::BidderInvited {
            seller: seller.0,
            call: call.0,
            buyer: buyer.0,
            profile: profile.0,
            closes_at: closes_at.micros(),
            listing: terms.map(|terms| terms.listing.0),
            facts_known: terms.is_some(),
            facts: terms.and_then(|terms| List::new(terms.facts).ok()).unwrap_or_default(),
        }
        .into(),
        Event::BidPlaced { seller, call, buyer, profile, amount, expires_at, leading } => wire::BidPlaced {
            seller: seller.0,
            call: call.0,
            buyer: buyer.0,
            profile: profile.0,
            amount: amount.micros(),
            expires_at: expires_at.micros(),
            leading,
        }
        .into(),
        Event::BidWithdrawn { seller, call, buyer, profile } => {
            wire::BidWithdrawn { seller: seller.0, call: call.0, buyer: buyer.0, profile: profile.0 }.into()
        }
        Event::BidDeclined { seller, call, buyer, profile } => {
            wire::BidDeclined { seller: seller.0, call: call.0, buyer: buyer.0, profile: profile.0 }.into()
        }
        Event::AuctionClosed { seller, call, bids } => {
            wire::AuctionClosed { seller: seller.0, call: call.0, bids }.into()
        }
        Event::CallSold { seller, call, buyer, profile, attempt, price, payout } => wire::CallSold {
            seller: seller.0,
            call: call.0,
            buyer: buyer.0,
            profile: profile.0,
            attempt,
            price: Some(price.micros()),
            payout: Some(payout.micros()),
        }
        .into(),
        Event::BidLost { seller, call, buyer, profile, reason, price_to_win } => wire::BidLost {
            seller: seller.0,
            call: call.0,
            buyer: buyer.0,
            profile: profile.0,
            reason: reason.code(),
            price_to_win: price_to_win.map(|amount| amount.micros()),
        }
        .into(),
        Event::CallUnsold { seller, call, reason } => {
            wire::CallUnsold { seller: seller.0, call: call.0, reason: reason.code() }.into()
        }
        Event::MoneyHeld { posting, debit, credit, amount } => wire::MoneyHeld {
            posting: wire_posting(posting),
            debit: debit.0,
            credit: credit.0,
            amount: amount.micros(),
        }
        .into(),
        Event::MoneyPosted { posting, debit, credit, amount } => wire::MoneyPosted {
            posting: wire_posting(posting),
            debit: debit.0,
            credit: credit.0,
            amount: amount.micros(),
        }
        .into(),
        Event::MoneyVoided { posting, debit, credit, amount } => wire::MoneyVoided {
            posting: wire_posting(posting),
            debit: debit.0,
            credit: credit.0,
            amount: amount.micros(),
        }
        .into(),
        Event::CallDialed { seller, call, attempt, destination_index, ring_until, ref destination } => {
            wire::CallDialed {
                seller: seller.0,
                call: call.0,
                attempt,
                destination_index,
                ring_until: ring_until.micros(),
                destination: Bytes::new(destination.as_bytes()).ok()?,
            }
            .into()
        }
        Event::CallFellBack { seller, call, reason, attempt, destination_index, ring_until, ref destination } => {
            wire::CallFellBack {
                seller: seller.0,
                call: call.0,
                reason: reason.code(),
                attempt,
                destination_index,
                ring_until: ring_until.micros(),
                destination: Bytes::new(destination.as_bytes()).ok()?,
            }
            .into()
        }
        Event::CallRinging { seller, call, attempt, destination_index } => {
            wire::CallRinging { seller: seller.0, call: call.0, attempt, destination_index }.into()
        }
        Event::CallAnswered { seller, call, attempt, destination_index } => {
            wire::CallAnswered { seller: seller.0, call: call.0, attempt, destination_index }.into()
        }
        Event::AttemptFailed { seller, call, buyer, profile, attempt, reason } => wire::AttemptFailed {
            seller: seller.0,
            call: call.0,
            buyer: buyer.0,
            profile: profile.0,
            attempt,
            reason: reason.code(),
        }
        .into(),
        Event::CallEnded { seller, call, reason, connected, flagged } => {
            wire::CallEnded { seller: seller.0, call: call.0, reason: reason.code(), connected: connected.0, flagged }
                .into()
        }
        Event::CallCanceled { seller, call } => wire::CallCanceled { seller: seller.0, call: call.0 }.into(),
        Event::CallSealed { seller, call } => wire::CallSealed { seller: seller.0, call: call.0 }.into(),
        _ => return None,
    })
}

pub(super) const fn wire_role(role: Role) -> dce_protocol::Role {
    match role {
        Role::Buyer => dce_protocol::Role::Buyer,
        Role::Seller => dce_protocol::Role::Seller,
        Role::Platform => dce_protocol::Role::Platform,
        Role::World => dce_protocol::Role::World,
    }
}

const fn wire_scope(scope: QuotaScope) -> dce_protocol::QuotaScope {
    match scope {
        QuotaScope::Account => dce_protocol::QuotaScope::Account,
        QuotaScope::Profile(profile) => dce_protocol::QuotaScope::Profile(profile.0),
        QuotaScope::Listing(listing) => dce_protocol::QuotaScope::Listing(listing.0),
        QuotaScope::Group(group) => dce_protocol::QuotaScope::Group(group.0),
    }
}

const fn wire_posting(posting: Posting) -> dce_protocol::Posting {
    dce_protocol::Posting {
        seller: posting.seller.0,
        call: posting.call.0,
        attempt: posting.attempt,
        kind: match posting.kind {
            PostingKind::Revenue => dce_protocol::PostingKind::Revenue,
            PostingKind::Payout => dce_protocol::PostingKind::Payout,
        },
        revision: posting.revision,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dce_engine::ids::{CallId, ProfileId};
    use dce_engine::reason::Reason;
    use dce_engine::units::Money;

    const ACME: AccountId = AccountId(10);
    const WEB: AccountId = AccountId(20);
    const CALL: CallId = CallId(7);
    const PROFILE: ProfileId = ProfileId(1);

    fn told(event: &Event) -> Vec<AccountId> {
        audience(&wire_event(event, None).unwrap()).collect()
    }

    fn sold() -> Event {
        let (price, payout) = (Money::from_micros(9), Money::from_micros(6));
        Event::CallSold { seller: WEB, call: CALL, buyer: ACME, profile: PROFILE, attempt: 1, price, payout }
    }

    #[test]
    fn a_lost_bid_is_the_bidders_business_alone() {
        let reason = Reason::LostToHigherBid;
        let price_to_win = Some(Money::from_micros(9));
        let lost = Event::BidLost { seller: WEB, call: CALL, buyer: ACME, profile: PROFILE, reason, price_to_win };
        assert_eq!(told(&lost), [ACME]);
        let amount = Money::from_micros(5);
        let expires_at = dce_engine::units::Timestamp::from_micros(9);
        let placed = Event::BidPlaced {
            seller: WEB,
            call: CALL,
            buyer: ACME,
            profile: PROFILE,
            amount,
            expires_at,
            leading: None,
        };
        assert_eq!(told(&placed), [ACME]);
    }

    #[test]
    fn money_is_told_to_the_trader_and_not_to_the_platform() {
        let posting = Posting { seller: WEB, call: CALL, attempt: 1, kind: PostingKind::Payout, revision: 0 };
        let (debit, credit, amount) = (AccountId::PLATFORM, WEB, Money::from_micros(6));
        assert_eq!(told(&Event::MoneyPosted { posting, debit, credit, amount }), [WEB]);
    }

    #[test]
    fn neither_side_of_a_sale_sees_the_margin() {
        let event = sold();
        assert_eq!(told(&event), [ACME, WEB]);
        let seen = |viewer| match seen_by(wire_event(&event, None).unwrap(), viewer) {
            wire::Event::CallSold(sold) => (sold.price, sold.payout),
            _ => (None, None),
        };
        assert_eq!(seen(Viewer::Party(ACME)), (Some(9), None));
        assert_eq!(seen(Viewer::Party(WEB)), (None, Some(6)));
        assert_eq!(seen(Viewer::Operator), (Some(9), Some(6)));
    }

    #[test]
    fn neither_side_of_a_quote_sees_the_margin() {
        let (listing, expires_at) = (ListingId(1), dce_engine::units::Timestamp::from_micros(9));
        let (price, payout) = (Money::from_micros(9), Money::from_micros(6));
        let quoted = Event::CallQuoted { seller: WEB, call: CALL, listing, price, payout, expires_at };
        let (seller, call, buyer, profile, attempt) = (WEB, CALL, ACME, PROFILE, 1);
        let kept = Event::CallReserved { seller, call, listing, buyer, profile, attempt, price, payout, expires_at };
        assert_eq!((told(&quoted), told(&kept)), (vec![WEB], vec![ACME, WEB]));
        let seen = |event, viewer| match seen_by(wire_event(event, None).unwrap(), viewer) {
            wire::Event::CallQuoted(quoted) => (quoted.price, quoted.payout),
            wire::Event::CallReserved(kept) => (kept.price, kept.payout),
            _ => (None, None),
        };
        assert_eq!(seen(&quoted, Viewer::Party(WEB)), (None, Some(6)));
        assert_eq!(seen(&quoted, Viewer::Operator), (Some(9), Some(6)));
        assert_eq!(seen(&kept, Viewer::Party(ACME)), (Some(9), None));
        assert_eq!(seen(&kept, Viewer::Party(WEB)), (None, Some(6)));
        assert_eq!(seen(&kept, Viewer::Operator), (Some(9), Some(6)));
    }
}
