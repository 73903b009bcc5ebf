//! Whether a key may ask what a frame asks: the permission table, asked with the frame's own words.

use dce_engine::ids::AccountId;
use dce_protocol::{Fault, Up};

use crate::identity::{Action, Principal};

/// Judges a request by the table of roles.
///
/// # Errors
///
/// `Forbidden`: the role has no such permission, or not for the account the frame names.
pub(super) fn permit(principal: &Principal, up: &Up<'_>) -> Result<(), Fault> {
    let (action, account) = asked(up).ok_or(Fault::Forbidden)?;
    let granted = principal.may(action, account);
    // Which tier a buyer is served in is the operator's to give.
    let asks_for_a_tier = matches!(up, Up::CreateProfile(said) if said.tier != 1);
    if granted && (!asks_for_a_tier || principal.role.runs_the_market()) { Ok(()) } else { Err(Fault::Forbidden) }
}

/// What a request asks, and for which account; none where the answer is cut to what its asker may see.
pub(super) fn asked(up: &Up<'_>) -> Option<(Action, Option<AccountId>)> {
    let (action, account) = match up {
        Up::DeclareAttribute(_) => (Action::DeclareAttribute, None),
        Up::DefineValue(_) => (Action::DefineValue, None),
        Up::LoadValueSet(_) => (Action::LoadValueSet, None),
        Up::SetZone(_) => (Action::SetZone, None),
        Up::OpenAccount(said) => (Action::OpenAccount, Some(said.account)),
        Up::Deposit(said) => (Action::Deposit, Some(said.account)),
        Up::Withdraw(said) => (Action::Withdraw, Some(said.account)),
        Up::SetHome(said) => (Action::SetHome, Some(said.account)),
        Up::CloseAccount(said) => (Action::CloseAccount, Some(said.account)),
        Up::OpenSession(said) => (Action::OpenSession, Some(said.account)),
        Up::CloseSession(said) => (Action::CloseSession, Some(said.account)),
        Up::SetCalendar(said) => (Action::SetCalendar, Some(said.account)),
        Up::SetDuplicates(said) => (Action::SetDuplicates, Some(said.account)),
        Up::SetFrequency(said) => (Action::SetFrequency, Some(said.account)),
        Up::SetSuppression(said) => (Action::SetSuppression, Some(said.account)),
        Up::SetScreen(said) => (Action::SetScreen, Some(said.account)),
        Up::SetQuota(said) => (Action::SetQuota, Some(said.account)),
        Up::SetGroup(said) => (Action::SetGroup, Some(said.buyer)),
        Up::SetTogether(said) => (Action::SetTogether, Some(said.buyer)),
        Up::CreateListing(said) => (Action::CreateListing, Some(said.seller)),
        Up::SetDisclosure(said) => (Action::SetDisclosure, Some(said.seller)),
        Up::SetWindow(said) => (Action::SetWindow, Some(said.seller)),
        Up::SetDeal(said) => (Action::SetDeal, Some(said.seller)),
        Up::Delist(said) => (Action::Delist, Some(said.seller)),
        Up::SetPrivate(said) => (Action::SetPrivate, Some(said.seller)),
        Up::AlsoWants(said) => (Action::AlsoWants, Some(said.buyer)),
        Up::SetModifiers(said) => (Action::SetModifiers, Some(said.buyer)),
        Up::SetDelivery(said) => (Action::SetDelivery, Some(said.seller)),
        Up::SetPolicy(said) => (Action::SetPolicy, Some(said.seller)),
        Up::CreateProfile(said) => (Action::CreateProfile, Some(said.buyer)),
        Up::SetAnswering(said) => (Action::SetAnswering, Some(said.buyer)),
        Up::RankProfile(said) => (Action::RankProfile, Some(said.buyer)),
        Up::SetSkills(said) => (Action::SetSkills, Some(said.buyer)),
        Up::SetBid(said) => (Action::SetBid, Some(said.buyer)),
        Up::SetBids(said) => (Action::SetBid, Some(said.buyer)),
        Up::PauseProfile(said) => (Action::PauseProfile, Some(said.buyer)),
        Up::ResumeProfile(said) => (Action::ResumeProfile, Some(said.buyer)),
        Up::CloseProfile(said) => (Action::CloseProfile, Some(said.buyer)),
        Up::RegisterCall(said) => (Action::RegisterCall, Some(said.seller)),
        Up::SetQuoting(said) => (Action::SetQuoting, Some(said.seller)),
        Up::QuoteCall(said) => (Action::QuoteCall, Some(said.seller)),
        Up::ConfirmQuote(said) => (Action::ConfirmQuote, Some(said.seller)),
        Up::OfferCall(said) => (Action::OfferCall, Some(said.seller)),
        Up::CancelCall(said) => (Action::CancelCall, Some(said.seller)),
        Up::OpenAuction(said) => (Action::OpenAuction, Some(said.seller)),
        Up::CloseAuction(said) => (Action::CloseAuction, Some(said.seller)),
        Up::PlaceBid(said) => (Action::PlaceBid, Some(said.buyer)),
        Up::WithdrawBid(said) => (Action::WithdrawBid, Some(said.buyer)),
        Up::NoBid(said) => (Action::NoBid, Some(said.buyer)),
        Up::ReportRinging(said) => (Action::ReportRinging, Some(said.seller)),
        Up::ReportAnswered(said) => (Action::ReportAnswered, Some(said.seller)),
        Up::ReportFailed(said) => (Action::ReportFailed, Some(said.seller)),
        Up::ReportEnded(said) => (Action::ReportEnded, Some(said.seller)),
        Up::ReportDropped(said) => (Action::ReportDropped, Some(said.seller)),
        Up::ReportRejected(said) => (Action::ReportRejected, Some(said.seller)),
        Up::QueryBalance(said) => (Action::QueryBalance, Some(said.account)),
        Up::QueryCall(_) => (Action::QueryCall, None),
        Up::QueryExplain(said) => (Action::QueryExplain, said.candidate.map(|candidate| candidate.buyer)),
        Up::QueryPosition(_) => (Action::QueryPosition, None),
        _ => return None,
    };
    Some((action, account.map(AccountId)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Role, Scopes};
    use dce_protocol::{layout, up};
    use std::collections::BTreeSet;

    fn key(account: u128, role: Role) -> Principal {
        Principal { account: AccountId(account), role, scopes: Scopes::ALL, prefix: [b'0'; 12] }
    }

    fn profile(buyer: u128, tier: u8) -> Up<'static> {
        up::CreateProfile {
            buyer,
            profile: 1,
            vertical: 0,
            tier,
            bid: None,
            pay_term: dce_protocol::PayTerm::OnConnect,
            concurrency: None,
            hourly: None,
            daily: None,
            total: None,
            daily_budget: None,
            live_mode: false,
            hours: None,
            clauses: dce_protocol::List::EMPTY,
            values: dce_protocol::List::EMPTY,
            destinations: dce_protocol::List::EMPTY,
        }
        .into()
    }

    #[test]
    fn every_request_of_the_protocol_and_every_command_of_the_engine_has_a_row() {
        let rows: BTreeSet<&str> = Action::ALL.iter().map(|action| action.name()).collect();
        let without = ["Hello", "Heartbeat", "Goodbye"];
        for frame in layout::up().iter().filter(|frame| !without.contains(&frame.name)) {
            // A batch is asked for as one of its bids.
            let name = if frame.name == "SetBids" { "SetBid" } else { frame.name };
            assert!(rows.contains(name), "{} has no row in identity/roles.rs", frame.name);
        }
        macro_rules! names {
            ($($name:ident $(<$life:lifetime>)?),+ $(,)?) => { [$(stringify!($name)),+] };
        }
        for name in dce_engine::each_command!(names) {
            assert!(rows.contains(name), "{name} has no row in identity/roles.rs");
        }
    }

    #[test]
    fn a_key_speaks_for_its_own_account_only() {
        let pause: Up<'_> = up::PauseProfile { buyer: 10, profile: 1 }.into();
        assert_eq!(permit(&key(10, Role::Buyer), &pause), Ok(()));
        assert_eq!(permit(&key(11, Role::Buyer), &pause), Err(Fault::Forbidden));
        assert_eq!(permit(&key(10, Role::Seller), &pause), Err(Fault::Forbidden));
        assert_eq!(permit(&key(0, Role::Operator), &pause), Ok(()));
    }

    #[test]
    fn buyers_and_sellers_say_when_they_are_open_themselves() {
        let (spans, holidays) = (dce_protocol::List::EMPTY, dce_protocol::List::EMPTY);
        let hours: Up<'_> = up::SetCalendar { account: 10, calendar: 1, spans, holidays }.into();
        for role in [Role::Buyer, Role::Seller] {
            assert_eq!(permit(&key(10, role), &hours), Ok(()));
            assert_eq!(permit(&key(11, role), &hours), Err(Fault::Forbidden));
        }
        assert_eq!(permit(&key(0, Role::Operator), &hours), Ok(()));
    }

    #[test]
    fn quotes_are_the_sellers_to_ask_for_and_the_operators_to_allow() {
        let quoting = up::SetQuoting { seller: 20, firm_max: 5 };
        let confirm = up::ConfirmQuote { seller: 20, call: 7 };
        assert_eq!(permit(&key(1, Role::Operator), &quoting.into()), Ok(()));
        assert_eq!(permit(&key(20, Role::Seller), &quoting.into()), Err(Fault::Forbidden));
        assert_eq!(permit(&key(20, Role::Seller), &confirm.into()), Ok(()));
        assert_eq!(permit(&key(21, Role::Seller), &confirm.into()), Err(Fault::Forbidden));
        assert_eq!(permit(&key(10, Role::Buyer), &confirm.into()), Err(Fault::Forbidden));
    }

    #[test]
    fn deals_are_the_sellers_to_make_and_modifiers_the_buyers() {
        let deal = up::SetDeal { seller: 20, listing: 1, buyer: 10, deal: dce_protocol::Deal::Reserve, amount: 0 };
        let modifiers = dce_protocol::List::EMPTY;
        let modified = up::SetModifiers { buyer: 10, profile: 1, max: None, modifiers };
        assert_eq!(permit(&key(20, Role::Seller), &deal.into()), Ok(()));
        assert_eq!(permit(&key(21, Role::Seller), &deal.into()), Err(Fault::Forbidden));
        assert_eq!(permit(&key(10, Role::Buyer), &deal.into()), Err(Fault::Forbidden));
        assert_eq!(permit(&key(10, Role::Buyer), &modified.into()), Ok(()));
        assert_eq!(permit(&key(11, Role::Buyer), &modified.into()), Err(Fault::Forbidden));
        assert_eq!(permit(&key(0, Role::Operator), &modified.into()), Ok(()));
    }

    #[test]
    fn traders_say_whom_they_do_not_want_and_only_sellers_screen() {
        let suppress: Up<'_> = up::SetSuppression { account: 10, subject: 7, until: None }.into();
        let anonymous = dce_protocol::AnonymousCallers::OneCaller;
        let frequency: Up<'_> =
            up::SetFrequency { account: 10, listing: None, calls_max: 3, window: 60, anonymous }.into();
        let (rules, values) = (dce_protocol::List::EMPTY, dce_protocol::List::EMPTY);
        let screen: Up<'_> = up::SetScreen { account: 10, listing: None, rules, values }.into();
        for asked in [&frequency, &screen] {
            assert_eq!(permit(&key(10, Role::Buyer), asked), Err(Fault::Forbidden));
            assert_eq!(permit(&key(10, Role::Seller), asked), Ok(()));
        }
        for role in [Role::Buyer, Role::Seller] {
            assert_eq!(permit(&key(10, role), &suppress), Ok(()));
            assert_eq!(permit(&key(11, role), &suppress), Err(Fault::Forbidden));
        }
        let everybodys: Up<'_> = up::SetSuppression { account: 0, subject: 7, until: None }.into();
        assert_eq!(permit(&key(10, Role::Seller), &everybodys), Err(Fault::Forbidden));
        assert_eq!(permit(&key(0, Role::Operator), &everybodys), Ok(()));
    }

    #[test]
    fn a_seller_sets_its_fallback_and_a_buyer_how_it_answers() {
        let fallback = dce_protocol::List::EMPTY;
        let delivery: Up<'_> =
            up::SetDelivery { seller: 20, listing: 1, recover_below: 30, recoveries_max: 1, fallback }.into();
        assert_eq!(permit(&key(20, Role::Seller), &delivery), Ok(()));
        assert_eq!(permit(&key(21, Role::Seller), &delivery), Err(Fault::Forbidden));
        assert_eq!(permit(&key(20, Role::Buyer), &delivery), Err(Fault::Forbidden));
        let (bid_within, reject_within, unanswered, within) = (500, 60, 3, 3_600);
        let (unanswered_long, within_long) = (0, 0);
        let answering: Up<'_> = up::SetAnswering {
            buyer: 10,
            profile: 1,
            bid_within,
            reject_within,
            unanswered,
            within,
            unanswered_long,
            within_long,
        }
        .into();
        assert_eq!(permit(&key(10, Role::Buyer), &answering), Ok(()));
        assert_eq!(permit(&key(11, Role::Buyer), &answering), Err(Fault::Forbidden));
        assert_eq!(permit(&key(10, Role::Seller), &answering), Err(Fault::Forbidden));
        for said in [&delivery, &answering] {
            assert_eq!(permit(&key(0, Role::Operator), said), Ok(()));
        }
    }

    #[test]
    fn buyers_and_sellers_say_how_much_they_take_themselves() {
        let (scope, rules) = (dce_protocol::QuotaScope::Account, dce_protocol::List::EMPTY);
        let quota: Up<'_> = up::SetQuota { account: 10, scope, spacing: None, hours: None, rules }.into();
        let group: Up<'_> = up::SetGroup { buyer: 10, profile: 1, group: Some(2) }.into();
        for role in [Role::Buyer, Role::Seller] {
            assert_eq!(permit(&key(10, role), &quota), Ok(()));
            assert_eq!(permit(&key(11, role), &quota), Err(Fault::Forbidden));
        }
        let together: Up<'_> = up::SetTogether { buyer: 10, group: 2, together: true }.into();
        for said in [&group, &together] {
            assert_eq!(permit(&key(10, Role::Buyer), said), Ok(()));
            assert_eq!(permit(&key(11, Role::Buyer), said), Err(Fault::Forbidden));
            assert_eq!(permit(&key(10, Role::Seller), said), Err(Fault::Forbidden));
        }
        assert_eq!(permit(&key(0, Role::Operator), &quota), Ok(()));
    }

    #[test]
    fn a_seller_chooses_among_buyers_and_only_the_operator_grades_them() {
        let (policy, price, requires) = (dce_protocol::Policy::RoundRobin, None, dce_protocol::List::EMPTY);
        let choice: Up<'_> = up::SetPolicy { seller: 10, listing: 1, policy, price, requires }.into();
        assert_eq!(permit(&key(10, Role::Seller), &choice), Ok(()));
        assert_eq!(permit(&key(11, Role::Seller), &choice), Err(Fault::Forbidden));
        let prior = dce_protocol::Prior { met: 1, of: 1 };
        let rank: Up<'_> = up::RankProfile { buyer: 10, profile: 1, weight: 2, quality: 10_000, prior }.into();
        let skills: Up<'_> = up::SetSkills { buyer: 10, profile: 1, skills: dce_protocol::List::EMPTY }.into();
        for grading in [rank, skills] {
            assert_eq!(permit(&key(10, Role::Buyer), &grading), Err(Fault::Forbidden));
            assert_eq!(permit(&key(0, Role::Operator), &grading), Ok(()));
        }
    }

    #[test]
    fn a_tier_is_the_operators_to_give() {
        assert_eq!(permit(&key(10, Role::Buyer), &profile(10, 1)), Ok(()));
        assert_eq!(permit(&key(10, Role::Buyer), &profile(10, 0)), Err(Fault::Forbidden));
        assert_eq!(permit(&key(10, Role::Buyer), &profile(10, 2)), Err(Fault::Forbidden));
        assert_eq!(permit(&key(0, Role::Operator), &profile(10, 2)), Ok(()));
    }

    #[test]
    fn the_sessions_own_frames_are_no_requests() {
        assert_eq!(asked(&up::Heartbeat {}.into()), None);
        assert_eq!(permit(&key(0, Role::Operator), &up::Goodbye {}.into()), Err(Fault::Forbidden));
    }
}
