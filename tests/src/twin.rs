//! The twin: the exchange written a second time from `docs/rules.md`, slowly and obviously.
//!
//! It shares only ids and units with the engine. There is no index, no cache and no cleverness: every decision looks
//! at every profile, and every rule is a few lines that can be laid beside the sentence it was written from. Where
//! the two differ, one of them is wrong, and the page says which.

pub mod action;
pub mod codes;
pub mod outcome;
pub mod state;

mod accounts;
mod auctions;
mod callers;
mod calls;
mod comeback;
mod deals;
mod decision;
mod delivery;
mod explain;
mod fields;
pub mod hours;
mod market;
mod modifiers;
mod policies;
mod quotas;
mod quotes;
mod schema;
mod settlement;
pub mod standing;
mod together;
mod views;
mod windows;

use std::collections::BTreeMap;

use dce_engine::ids::{
    AccountId, AttributeId, CalendarId, GroupId, ListingId, SubjectId, ValueCode, ValueSetId, ZoneId,
};
use dce_engine::units::{Money, Timestamp};

use self::action::{Action, DealPrice, QuotaScope, Role, Scope, ScreenRule};
use self::codes::{Refusal, refusal};
use self::outcome::Outcome;
use self::policies::{Remembered, Segment, Share};
use self::state::{
    Account, Attribute, Calendar, Call, CallKey, Capacities, Contact, DuplicateRule, FrequencyRule, Listing, Memory,
    Movement, Profile, ProfileKey, Quota, Set, State, Suppression, ValueSet, Zone,
};

pub use self::explain::{ExplainFault, Verdict};
pub use self::policies::GradeSight;
pub use self::views::{AccountSight, CallSight, HoursSight, ProfileSight, QuotaSight};

const EVENTS_MAX: usize = 256;
const FIRING_EVENTS_MAX: usize = 96;
const TIME_MAX: u64 = 1 << 60;

/// An accepted command's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The command's place in the log; of a repeat, the place of the first.
    pub sequence: u64,
    /// Whether it was accepted before.
    pub repeated: bool,
    /// What happened.
    pub outcomes: Vec<Outcome>,
}

/// How a command that is not refused turns out.
enum Done {
    New,
    /// It was accepted before, at this sequence.
    Repeat(u64),
}

/// What one command's rules give: nothing of the twin has changed when it is refused.
type Verb = Result<Done, Refusal>;

/// The rules of a screen, the values they list, and the command that set or lifted it.
type Screen = (Vec<ScreenRule>, Vec<ValueCode>, u64);

/// The slow exchange.
#[derive(Clone, Debug)]
pub struct Twin {
    pub(crate) capacities: Capacities,
    /// The id of the log: this exchange's name among others.
    pub log: u128,
    /// Of the genesis: what draws are keyed with.
    pub(crate) seed: u128,
    pub(crate) last: Timestamp,
    pub(crate) sequence: u64,
    /// How many deadlines were ever set.
    pub(crate) settings: u64,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) attributes: BTreeMap<AttributeId, Attribute>,
    pub(crate) value_sets: BTreeMap<ValueSetId, ValueSet>,
    pub(crate) zones: BTreeMap<ZoneId, Zone>,
    pub(crate) accounts: BTreeMap<AccountId, Account>,
    pub(crate) calendars: BTreeMap<(AccountId, CalendarId), Calendar>,
    pub(crate) movements: Vec<Movement>,
    pub(crate) listings: BTreeMap<(AccountId, ListingId), Listing>,
    /// By seller, listing and buyer: what each says of the price, and the sequence that set it.
    pub(crate) deals: BTreeMap<(AccountId, ListingId, AccountId), (DealPrice, u64)>,
    pub(crate) profiles: BTreeMap<ProfileKey, Profile>,
    pub(crate) quotas: BTreeMap<(AccountId, QuotaScope), Quota>,
    /// How many firm quotes sellers may have, and the sequence that set it.
    pub(crate) quoting: BTreeMap<AccountId, (u16, u64)>,
    /// Whether each dials together, and the command that said so or named it first.
    pub(crate) groups: BTreeMap<(AccountId, GroupId), (bool, u64)>,
    /// How many calls were ever won.
    pub(crate) wins: u64,
    /// Passes and times, by listing.
    pub(crate) shares: Remembered<((AccountId, ListingId), Share), u128>,
    /// Won and met, by segment and by the sequence that created the profile.
    pub(crate) outcomes_counted: Remembered<(Segment, u64), (u64, u64)>,
    pub(crate) calls: BTreeMap<CallKey, Call>,
    pub(crate) duplicate_rules: BTreeMap<(AccountId, Scope), Set<DuplicateRule>>,
    pub(crate) frequency_rules: BTreeMap<(AccountId, Option<ListingId>), Set<FrequencyRule>>,
    /// How many rules about callers were ever set.
    pub(crate) rules_made: u64,
    pub(crate) contacts: Vec<Contact>,
    pub(crate) frequencies: Vec<Memory>,
    pub(crate) suppressions: BTreeMap<(AccountId, SubjectId), Suppression>,
    /// The last accepted `SetSuppression` of each account.
    pub(crate) suppressed_last: BTreeMap<AccountId, u64>,
    pub(crate) screens: BTreeMap<(AccountId, Option<ListingId>), Screen>,
}

impl Twin {
    /// An empty market: the platform, the world, and zone 0, which is UTC.
    #[must_use]
    pub fn new(capacities: Capacities, log: u128, seed: u128) -> Self {
        let of_genesis = |role| Account {
            birth: None,
            role,
            zone: ZoneId(0),
            balance: Money::ZERO,
            held: Money::ZERO,
            expected: Money::ZERO,
            homed: 0,
            closed: None,
            sessions: BTreeMap::new(),
            session_highest: 0,
            session_changed: 0,
        };
        Self {
            capacities,
            log,
            seed,
            last: Timestamp::default(),
            sequence: 0,
            settings: 0,
            outcomes: Vec::new(),
            attributes: BTreeMap::new(),
            value_sets: BTreeMap::new(),
            zones: BTreeMap::new(),
            accounts: BTreeMap::from([
                (AccountId::PLATFORM, of_genesis(Role::Platform)),
                (AccountId::WORLD, of_genesis(Role::World)),
            ]),
            calendars: BTreeMap::new(),
            movements: Vec::new(),
            listings: BTreeMap::new(),
            deals: BTreeMap::new(),
            profiles: BTreeMap::new(),
            quotas: BTreeMap::new(),
            groups: BTreeMap::new(),
            quoting: BTreeMap::new(),
            wins: 0,
            shares: Vec::new(),
            outcomes_counted: Vec::new(),
            calls: BTreeMap::new(),
            duplicate_rules: BTreeMap::new(),
            frequency_rules: BTreeMap::new(),
            rules_made: 0,
            contacts: Vec::new(),
            frequencies: Vec::new(),
            suppressions: BTreeMap::new(),
            suppressed_last: BTreeMap::new(),
            screens: BTreeMap::new(),
        }
    }

    /// The one door (section 1).
    pub fn apply(&mut self, at: Timestamp, action: &Action) -> Result<Answer, Refusal> {
        self.outcomes.clear();
        let due = self.next_deadline().is_some_and(|deadline| deadline <= at);
        let tick = matches!(action, Action::Tick);
        if at < self.last {
            return Err(refusal::TIME_WENT_BACK);
        }
        if at.micros() > TIME_MAX {
            return Err(refusal::TIME_TOO_LARGE);
        }
        if due && !tick {
            return Err(refusal::TICK_DUE);
        }
        if !due && tick {
            return Err(refusal::NOTHING_DUE);
        }
        self.check_lengths(action)?;
        self.check_fields(at, action)?;
        let done = self.perform(at, action)?;
        self.clear_delisted();
        let outcomes = std::mem::take(&mut self.outcomes);
        match done {
            Done::New => {
                self.sequence += 1;
                self.last = at;
                Ok(Answer { sequence: self.sequence, repeated: false, outcomes })
            }
            Done::Repeat(sequence) => Ok(Answer { sequence, repeated: true, outcomes }),
        }
    }

    /// When something happens by itself next.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.calls.values().map(|call| call.deadline.0).min()
    }

    /// The last accepted command's time.
    #[must_use]
    pub fn last_time(&self) -> Timestamp {
        self.last
    }

    /// The last accepted command's place in the log.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    fn perform(&mut self, at: Timestamp, action: &Action) -> Verb {
        match action {
            Action::DeclareAttribute { .. } => self.declare_attribute(action),
            Action::DefineValue { .. } => self.define_value(action),
            Action::LoadValueSet { .. } => self.load_value_set(action),
            Action::SetZone { .. } => self.set_zone(action),
            Action::OpenAccount { .. } => self.open_account(action),
            Action::SetHome { account, zone } => self.set_home(*account, *zone),
            Action::CloseAccount { account } => self.close_account(*account),
            Action::Deposit { .. } => self.deposit(at, action),
            Action::Withdraw { .. } => self.withdraw(at, action),
            Action::OpenSession { account, session } => self.open_session(*account, *session),
            Action::CloseSession { account, session } => self.close_session(*account, *session),
            Action::SetCalendar { .. } => self.set_calendar(action),
            Action::SetDuplicates { .. } => self.set_duplicates(action),
            Action::SetFrequency { .. } => self.set_frequency(action),
            Action::SetSuppression { .. } => self.set_suppression(at, action),
            Action::SetScreen { .. } => self.set_screen(action),
            Action::CreateListing { .. } => self.create_listing(action),
            Action::Delist { seller, listing } => self.delist((*seller, *listing)),
            Action::SetDisclosure { seller, listing, price_to_win } => {
                self.set_disclosure((*seller, *listing), *price_to_win)
            }
            Action::SetWindow { .. } => self.set_window(action),
            Action::SetDeal { .. } => self.set_deal(action),
            Action::SetPrivate { seller, listing, private } => self.set_private((*seller, *listing), *private),
            Action::SetDelivery { seller, listing, terms } => self.set_delivery((*seller, *listing), terms),
            Action::SetPolicy { .. } => self.set_policy(action),
            Action::RankProfile { .. } => self.rank_profile(action),
            Action::SetSkills { .. } => self.set_skills(action),
            Action::CreateProfile { .. } => self.create_profile(action),
            Action::AlsoWants { .. } => self.also_wants(action),
            Action::SetModifiers { .. } => self.set_modifiers(action),
            Action::SetAnswering { buyer, profile, terms } => self.set_answering((*buyer, *profile), *terms),
            Action::PauseProfile { buyer, profile } => self.set_paused((*buyer, *profile), true),
            Action::ResumeProfile { buyer, profile } => self.set_paused((*buyer, *profile), false),
            Action::CloseProfile { buyer, profile } => self.close_profile((*buyer, *profile)),
            Action::SetQuota { .. } => self.set_quota(action),
            Action::SetGroup { .. } => self.set_group(action),
            Action::SetQuoting { seller, firm_max } => self.set_quoting(*seller, *firm_max),
            Action::QuoteCall { .. } => self.quote_call(at, action),
            Action::ConfirmQuote { seller, call } => self.confirm_quote(at, (*seller, *call)),
            Action::SetTogether { buyer, group, together } => self.set_together(*buyer, *group, *together),
            Action::RegisterCall { .. } => self.register_call(at, action),
            Action::OfferCall { .. } => self.offer_call(at, action),
            Action::CancelCall { seller, call } => self.cancel_call(at, (*seller, *call)),
            Action::OpenAuction { .. } => self.open_auction(at, action),
            Action::CloseAuction { seller, call } => self.close_auction(at, (*seller, *call)),
            Action::SetBid { buyer: speaker, stamp, .. }
            | Action::PlaceBid { buyer: speaker, stamp, .. }
            | Action::WithdrawBid { buyer: speaker, stamp, .. }
            | Action::NoBid { buyer: speaker, stamp, .. }
            | Action::Report { seller: speaker, stamp, .. } => self.stamped(at, *speaker, *stamp, action),
            Action::Tick => self.tick(at),
        }
    }

    fn perform_stamped(&mut self, at: Timestamp, action: &Action) -> Result<(), Refusal> {
        match action {
            Action::SetBid { buyer, profile, amount, .. } => self.set_bid((*buyer, *profile), *amount),
            Action::PlaceBid { .. } => self.place_bid(at, action),
            Action::WithdrawBid { buyer, profile, seller, call, .. } => {
                self.withdraw_bid(at, (*buyer, *profile), (*seller, *call))
            }
            Action::NoBid { buyer, profile, seller, call, .. } => self.pass(at, (*buyer, *profile), (*seller, *call)),
            Action::Report { .. } => self.report(at, action),
            _ => unreachable!("only these are stamped"),
        }
    }

    /// Fires what is due, in order of (deadline, number), while the next one's worst case still fits.
    fn tick(&mut self, at: Timestamp) -> Verb {
        while self.outcomes.len() + FIRING_EVENTS_MAX <= EVENTS_MAX {
            let next = self.calls.iter().map(|(key, call)| (call.deadline, *key)).min();
            let Some(((deadline, _), key)) = next else { break };
            if deadline > at {
                break;
            }
            self.fire(at, key);
        }
        Ok(Done::New)
    }

    fn fire(&mut self, at: Timestamp, key: CallKey) {
        self.call_mut(key).changed = self.this();
        match self.call(key).state {
            State::Registered => self.expire(at, key),
            State::Quoted => self.lapse_quote(at, key),
            State::Auction => self.end_auction(at, key),
            State::Dialed | State::Ringing => {
                self.show_due(key);
                self.leg_failed(at, key, codes::why::NO_ANSWER);
            }
            State::Answered => self.duration_reached(at, key),
            State::Closed => {
                self.calls.remove(&key);
                self.tell(Outcome::CallSealed { seller: key.0, call: key.1 });
            }
        }
    }

    /// The sequence of the command being performed, should it be accepted.
    fn this(&self) -> u64 {
        self.sequence + 1
    }

    fn tell(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
    }

    /// Sets a call's deadline and gives the setting its number.
    fn set_deadline(&mut self, key: CallKey, when: Timestamp) {
        self.settings += 1;
        let number = self.settings;
        self.call_mut(key).deadline = (when, number);
    }

    fn account(&self, account: AccountId) -> &Account {
        &self.accounts[&account]
    }

    fn account_mut(&mut self, account: AccountId) -> &mut Account {
        self.accounts.get_mut(&account).expect("the account exists")
    }

    fn call(&self, key: CallKey) -> &Call {
        &self.calls[&key]
    }

    fn call_mut(&mut self, key: CallKey) -> &mut Call {
        self.calls.get_mut(&key).expect("the call exists")
    }

    fn profile_mut(&mut self, key: ProfileKey) -> &mut Profile {
        self.profiles.get_mut(&key).expect("the profile exists")
    }

    fn listing_of(&self, key: CallKey) -> &Listing {
        &self.listings[&(key.0, self.call(key).listing)]
    }

    fn must_have_account(&self, account: AccountId) -> Result<&Account, Refusal> {
        self.accounts.get(&account).ok_or(refusal::ACCOUNT_UNKNOWN)
    }

    fn must_have_role(&self, account: AccountId, role: Role) -> Result<(), Refusal> {
        if self.must_have_account(account)?.role == role { Ok(()) } else { Err(refusal::ACCOUNT_ROLE_MISMATCH) }
    }
}
