//! What happened, as a line of a story.

use super::names::{Names, clock};
use dce_engine::ids::{AccountId, ListingId};

use crate::twin::action::{Role, Scope};
use crate::twin::codes::Why;
use crate::twin::outcome::{MoneyKind, Outcome, Step};

/// The name of a reason.
pub(super) fn why(code: Why) -> String {
    dce_engine::prelude::Reason::from_code(code).map_or_else(|| code.to_string(), |reason| format!("{reason:?}"))
}

/// Attempts after the first are named.
fn attempt(number: u8) -> String {
    if number == 1 { String::new() } else { format!(" attempt {number}") }
}

pub(super) fn line(names: &Names, outcome: &Outcome) -> String {
    match outcome {
        Outcome::AttributeDeclared { attribute } => format!("declared {}", names.attribute_name(*attribute)),
        Outcome::ValueDefined { attribute, code } => {
            format!("value {} #{}", names.attribute_name(*attribute), code.0)
        }
        Outcome::ValueSetLoaded { set, loaded, total } => {
            format!("values {} {loaded} of {total}", names.set_name(*set))
        }
        Outcome::ZoneSet { zone } => format!("zone {}", names.zone_name(*zone)),
        Outcome::AccountOpened { account, role } => {
            format!("account {} {}", names.account_name(*account), self::role(*role))
        }
        Outcome::HomeSet { account, zone } => {
            format!("home {} {}", names.account_name(*account), names.zone_name(*zone))
        }
        Outcome::AccountClosed { account } => format!("closed-account {}", names.account_name(*account)),
        Outcome::MoneyDeposited { account, movement, amount } => {
            let name = names.movement_name(*account, *movement);
            format!("deposited {amount} to {} as {name}", names.account_name(*account))
        }
        Outcome::MoneyWithdrawn { account, movement, amount } => {
            let name = names.movement_name(*account, *movement);
            format!("withdrew {amount} from {} as {name}", names.account_name(*account))
        }
        Outcome::SessionOpened { account, session } => {
            format!("session {} {}", names.account_name(*account), session.0)
        }
        Outcome::SessionClosed { account, session } => {
            format!("session-closed {} {}", names.account_name(*account), session.0)
        }
        Outcome::CalendarSet { account, calendar } => {
            format!("calendar {} {}", names.account_name(*account), names.calendar_name(*calendar))
        }
        Outcome::DuplicatesSet { account, scope } => format!("duplicates {}", scope_name(names, *account, *scope)),
        Outcome::FrequencySet { account, listing } => format!("frequency {}", place_name(names, *account, *listing)),
        Outcome::ScreenSet { account, listing } => format!("screen {}", place_name(names, *account, *listing)),
        Outcome::SuppressionSet { account, subject, until } => {
            let until = until.map_or_else(String::new, |until| format!(" until {}", clock(until)));
            format!("suppressed {} {}{until}", names.account_name(*account), subject.0)
        }
        Outcome::QuotaSet { account, scope } => format!("quota {}", names.scope_name(*account, *scope)),
        Outcome::GroupSet { buyer, profile, group } => {
            let group = group.map_or("none", |group| names.group_name(group));
            format!("group {} {group}", names.profile_name(*buyer, *profile))
        }
        Outcome::TogetherSet { buyer, group, together } => {
            let what = if *together { "on" } else { "off" };
            format!("together {}/{} {what}", names.account_name(*buyer), names.group_name(*group))
        }
        Outcome::ListingCreated { seller, listing } => format!("listing {}/{}", names.account_name(*seller), listing.0),
        Outcome::DisclosureSet { seller, listing, price_to_win } => {
            let what = if *price_to_win { "price" } else { "nothing" };
            format!("disclose {}/{} {what}", names.account_name(*seller), listing.0)
        }
        Outcome::WindowSet { seller, listing } => format!("window {}/{}", names.account_name(*seller), listing.0),
        Outcome::DealSet { seller, listing, buyer } => {
            format!("deal {}/{} {}", names.account_name(*seller), listing.0, names.account_name(*buyer))
        }
        Outcome::ListingDelisted { seller, listing } => {
            format!("delisted {}/{}", names.account_name(*seller), listing.0)
        }
        Outcome::PrivateSet { seller, listing, private } => {
            let what = if *private { "private" } else { "public" };
            format!("{what} {}/{}", names.account_name(*seller), listing.0)
        }
        Outcome::PolicySet { seller, listing } => format!("policy {}/{}", names.account_name(*seller), listing.0),
        Outcome::ProfileRanked { buyer, profile } => format!("ranked {}", names.profile_name(*buyer, *profile)),
        Outcome::SkillsSet { buyer, profile } => format!("skills {}", names.profile_name(*buyer, *profile)),
        Outcome::ProfileCreated { buyer, profile } => format!("profile {}", names.profile_name(*buyer, *profile)),
        Outcome::ConjunctionAdded { buyer, profile, nth } => {
            format!("conjunction {} #{nth}", names.profile_name(*buyer, *profile))
        }
        Outcome::ModifiersSet { buyer, profile } => format!("modifiers {}", names.profile_name(*buyer, *profile)),
        Outcome::BidSet { buyer, profile, amount } => {
            let amount = amount.map_or_else(|| "none".to_owned(), |amount| amount.to_string());
            format!("bid-set {} {amount}", names.profile_name(*buyer, *profile))
        }
        Outcome::ProfilePaused { buyer, profile } => format!("paused {}", names.profile_name(*buyer, *profile)),
        Outcome::DeliverySet { seller, listing } => {
            format!("delivery {}/{}", names.account_name(*seller), listing.0)
        }
        Outcome::AnsweringSet { buyer, profile } => format!("answering {}", names.profile_name(*buyer, *profile)),
        Outcome::ProfileAutoPaused { buyer, profile, unanswered } => {
            format!("auto-paused {} after {unanswered}", names.profile_name(*buyer, *profile))
        }
        Outcome::ProfileResumed { buyer, profile } => format!("resumed {}", names.profile_name(*buyer, *profile)),
        Outcome::ProfileClosed { buyer, profile } => format!("profile-closed {}", names.profile_name(*buyer, *profile)),
        Outcome::QuotingSet { seller, firm_max } => format!("quoting {} {firm_max}", names.account_name(*seller)),
        Outcome::CallQuoted { seller, call, price, payout, expires_at, .. } => {
            let call = names.call_name(*seller, *call);
            format!("quoted {call} price {price} payout {payout} until {}", clock(*expires_at))
        }
        Outcome::CallReserved { seller, call, buyer, profile, attempt: number, price, payout, expires_at, .. } => {
            let (call, profile) = (names.call_name(*seller, *call), names.profile_name(*buyer, *profile));
            let until = format!("until {}{}", clock(*expires_at), attempt(*number));
            format!("reserved {call} for {profile} price {price} payout {payout} {until}")
        }
        Outcome::QuoteDeclined { seller, call, reason, .. } => {
            format!("declined {} {}", names.call_name(*seller, *call), why(*reason))
        }
        Outcome::QuoteLapsed { seller, call } => format!("lapsed {}", names.call_name(*seller, *call)),
        Outcome::CallRegistered { seller, call, .. } => format!("registered {}", names.call_name(*seller, *call)),
        Outcome::CallOffered { seller, call, .. } => format!("offered {}", names.call_name(*seller, *call)),
        Outcome::AuctionOpened { seller, call, closes_at } => {
            format!("auction {} until {}", names.call_name(*seller, *call), clock(*closes_at))
        }
        Outcome::BidderInvited { seller, call, buyer, profile, closes_at } => {
            let (call, profile) = (names.call_name(*seller, *call), names.profile_name(*buyer, *profile));
            format!("invited {call} {profile} until {}", clock(*closes_at))
        }
        Outcome::BidPlaced { seller, call, buyer, profile, amount, expires_at, leading } => {
            let leads = match leading {
                None => "",
                Some(true) => " leading",
                Some(false) => " behind",
            };
            let (call, profile) = (names.call_name(*seller, *call), names.profile_name(*buyer, *profile));
            format!("bid {call} {profile} {amount} until {}{leads}", clock(*expires_at))
        }
        Outcome::BidWithdrawn { seller, call, buyer, profile } => {
            format!("bid-withdrawn {} {}", names.call_name(*seller, *call), names.profile_name(*buyer, *profile))
        }
        Outcome::BidDeclined { seller, call, buyer, profile } => {
            format!("passed {} {}", names.call_name(*seller, *call), names.profile_name(*buyer, *profile))
        }
        Outcome::AuctionClosed { seller, call, bids } => {
            format!("auction-closed {} bids {bids}", names.call_name(*seller, *call))
        }
        Outcome::CallSold { seller, call, buyer, profile, attempt: number, price, payout } => {
            let (call, profile) = (names.call_name(*seller, *call), names.profile_name(*buyer, *profile));
            format!("sold {call} to {profile} price {price} payout {payout}{}", attempt(*number))
        }
        Outcome::BidLost { seller, call, buyer, profile, reason, price_to_win } => {
            let (call, profile) = (names.call_name(*seller, *call), names.profile_name(*buyer, *profile));
            let price = price_to_win.map_or_else(String::new, |price| format!(" wins at {price}"));
            format!("lost {call} {profile} {}{price}", why(*reason))
        }
        Outcome::CallUnsold { seller, call, reason } => {
            format!("unsold {} {}", names.call_name(*seller, *call), why(*reason))
        }
        Outcome::Money { step, posting, debit, credit, amount } => {
            let step = match step {
                Step::Held => "held",
                Step::Posted => "posted",
                Step::Voided => "voided",
            };
            let kind = match posting.kind {
                MoneyKind::Revenue => "revenue",
                MoneyKind::Payout => "payout",
            };
            let call = names.call_name(posting.seller, posting.call);
            let (debit, credit) = (names.account_name(*debit), names.account_name(*credit));
            format!("{step} {kind} {call} {amount} {debit} to {credit}{}", attempt(posting.attempt))
        }
        Outcome::CallDialed { seller, call, attempt: number, ring_until, destination, .. } => {
            let address = String::from_utf8_lossy(destination);
            let call = names.call_name(*seller, *call);
            format!("dialed {call} {address} until {}{}", clock(*ring_until), attempt(*number))
        }
        Outcome::CallFellBack { seller, call, reason, attempt: number, ring_until, destination, .. } => {
            let (address, call) = (String::from_utf8_lossy(destination), names.call_name(*seller, *call));
            format!("fell-back {call} {} to {address} until {} after {number}", why(*reason), clock(*ring_until))
        }
        Outcome::CallRinging { seller, call, attempt: number, .. } => {
            format!("ringing {}{}", names.call_name(*seller, *call), attempt(*number))
        }
        Outcome::CallAnswered { seller, call, attempt: number, .. } => {
            format!("answered {}{}", names.call_name(*seller, *call), attempt(*number))
        }
        Outcome::AttemptFailed { seller, call, buyer, profile, attempt: number, reason } => {
            let (call, profile) = (names.call_name(*seller, *call), names.profile_name(*buyer, *profile));
            format!("failed {call} {profile} {}{}", why(*reason), attempt(*number))
        }
        Outcome::CallEnded { seller, call, reason, connected, flagged } => {
            let talked = format!("{}.{:03}s", connected.0 / 1_000, connected.0 % 1_000);
            let flagged = if *flagged { " flagged" } else { "" };
            format!("ended {} {} {talked}{flagged}", names.call_name(*seller, *call), why(*reason))
        }
        Outcome::CallCanceled { seller, call } => format!("canceled {}", names.call_name(*seller, *call)),
        Outcome::CallSealed { seller, call } => format!("sealed {}", names.call_name(*seller, *call)),
    }
}

fn scope_name(names: &Names, account: AccountId, scope: Scope) -> String {
    match scope {
        Scope::Account => names.account_name(account),
        Scope::Profile(profile) => names.profile_name(account, profile),
        Scope::Listing(listing) => place_name(names, account, Some(listing)),
    }
}

fn place_name(names: &Names, account: AccountId, listing: Option<ListingId>) -> String {
    let account = names.account_name(account);
    listing.map_or_else(|| account.clone(), |listing| format!("{account}/{}", listing.0))
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Buyer => "buyer",
        Role::Seller => "seller",
        Role::Platform => "platform",
        Role::World => "world",
    }
}
