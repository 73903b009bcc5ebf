//! What is: read-only pictures of accounts, profiles and calls, and the checks that all of it fits together.

use crate::accounts::WORLD;
use crate::calendars::NONE;
pub use crate::calls::CallState;
use crate::calls::{CallRecord, Hold, HoldState, Marks};
use crate::event::Role;
use crate::exchange::Exchange;
use crate::genesis::Genesis;
use crate::ids::{
    AccountId, AttributeId, CalendarId, CallId, ListingId, ProfileId, Sequence, ValueCode, VerticalId, ZoneId,
};
use crate::reason::Reason;
use crate::targeting::rank_key;
use crate::terms::{CapLimits, Clause, Fact, Holiday, Kind, OpenSpan, Policy, Prior, Segment, SkillLevel};
use crate::units::{BasisPoints, Millis, Money, Timestamp};

/// An account and its money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// What it is for.
    pub role: Role,
    /// Its home.
    pub zone: ZoneId,
    /// What came in less what went out.
    pub balance: Money,
    /// Set aside for postings that may come: `balance - held` can be spent.
    pub held: Money,
    /// Set aside by others in its favour.
    pub expected: Money,
}

/// A profile, with its counts as of the last command's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileView {
    /// Where it buys.
    pub vertical: VerticalId,
    /// 1 is served first.
    pub tier: u8,
    /// The standing bid.
    pub bid: Option<Money>,
    /// The standing bid's place in time.
    pub bid_sequence: Sequence,
    /// Whether it is paused: it competes for nothing.
    pub paused: bool,
    /// Whether auctions invite it.
    pub live_mode: bool,
    /// The calendar it is open by, if any.
    pub hours: Option<CalendarId>,
    /// Whether it is open, as of the last command's time.
    pub is_open: bool,
    /// Its caps.
    pub caps: CapLimits,
    /// Calls being delivered or talking.
    pub calls_live: u32,
    /// Calls won this hour.
    pub calls_hour: u32,
    /// Calls won this day.
    pub calls_day: u32,
    /// Calls won ever.
    pub calls_total: u64,
    /// Money held or paid this day.
    pub spent_today: Money,
}

/// How a listing's calls are given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyView<'a> {
    /// Who of the best tier gets the call.
    pub policy: Policy,
    /// What every winner pays, if that is fixed.
    pub price: Option<Money>,
    /// What a profile must know.
    pub requires: &'a [SkillLevel],
}

/// What policies know of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GradeView<'a> {
    /// Its share of calls, in proportion to the others' weights.
    pub weight: u16,
    /// What its margin counts for.
    pub quality: BasisPoints,
    /// How likely its calls earn their price, before they have told.
    pub prior: Prior,
    /// What it knows.
    pub skills: &'a [SkillLevel],
}

/// A call, live or not yet sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallView {
    /// What it was sold under.
    pub listing: ListingId,
    /// How far it has come.
    pub state: CallState,
    /// How many profiles it was tried at.
    pub attempt: u8,
    /// Which of the present or the last buyer's destinations was dialled last, from 0.
    pub destination_index: u8,
    /// Who bought it last, if anybody.
    pub buyer: Option<AccountId>,
    /// With which profile.
    pub profile: Option<ProfileId>,
    /// At what price; zero before a sale.
    pub price: Money,
    /// What the seller is promised; zero before a sale.
    pub payout: Money,
    /// Profiles that had bid live when its auction closed, expired bids included.
    pub bids: u32,
    /// How long caller and buyer talked; zero while the call lives.
    pub connected: Millis,
    /// Whether a reporter's clock ran further than the log's.
    pub flagged: bool,
    /// Why it closed.
    pub reason: Option<Reason>,
    /// Whether the buyer paid.
    pub revenue_posted: bool,
    /// Whether what the seller is promised is set aside now.
    pub payout_held: bool,
    /// Whether the seller was paid.
    pub payout_posted: bool,
}

impl Exchange {
    /// What this exchange was made from.
    #[must_use]
    pub const fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The place of the last accepted command.
    #[must_use]
    pub const fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// The time of the last accepted command.
    #[must_use]
    pub const fn last_time(&self) -> Timestamp {
        self.last_at
    }

    /// An account.
    #[must_use]
    pub fn account(&self, account: AccountId) -> Option<AccountView> {
        let slot = self.accounts.find(account).ok()?;
        let (account, money) = (self.accounts.get(slot), self.ledger.of(slot));
        Some(AccountView {
            role: account.role,
            zone: account.zone,
            balance: money.balance,
            held: money.held,
            expected: money.expected,
        })
    }

    /// Every account's id, in the order of opening.
    pub fn account_ids(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.accounts.iter().map(|(_, account)| account.id)
    }

    /// A calendar's spans and holidays.
    #[must_use]
    pub fn calendar(&self, account: AccountId, calendar: CalendarId) -> Option<(&[OpenSpan], &[Holiday])> {
        let owner = self.accounts.find(account).ok()?;
        let calendar = self.calendars.get(self.calendars.find(owner, calendar)?);
        Some((calendar.spans(), calendar.holidays()))
    }

    /// A profile.
    #[must_use]
    pub fn profile(&self, buyer: AccountId, profile: ProfileId) -> Option<ProfileView> {
        let buyer = self.accounts.find(buyer).ok()?;
        let profile = self.profiles.get(self.profiles.find(buyer, profile)?);
        let now = self.zones.periods(profile.zone, self.last_at);
        let caps = &profile.caps;
        Some(ProfileView {
            vertical: profile.vertical,
            tier: profile.tier,
            bid: (profile.bid > Money::ZERO).then_some(profile.bid),
            bid_sequence: profile.bid_sequence,
            paused: profile.paused,
            live_mode: profile.live_mode,
            hours: (profile.hours != NONE).then(|| self.calendars.get(profile.hours).id),
            is_open: self.is_open(profile.hours, profile.zone, self.last_at),
            caps: caps.limits(),
            calls_live: caps.live(),
            calls_hour: caps.in_hour(now),
            calls_day: caps.in_day(now),
            calls_total: u64::from(caps.ever()),
            spent_today: caps.spent_in_day(now),
        })
    }

    /// How a listing's calls are given out.
    #[must_use]
    pub fn policy(&self, seller: AccountId, listing: ListingId) -> Option<PolicyView<'_>> {
        let seller = self.accounts.find(seller).ok()?;
        let known = self.policies.of_listing(self.listings.find(seller, listing)?);
        let price = (known.price > Money::ZERO).then_some(known.price);
        Some(PolicyView { policy: known.policy, price, requires: known.requires() })
    }

    /// What policies know of a profile.
    #[must_use]
    pub fn grade(&self, buyer: AccountId, profile: ProfileId) -> Option<GradeView<'_>> {
        let buyer = self.accounts.find(buyer).ok()?;
        let known = self.policies.grade(self.profiles.find(buyer, profile)?);
        Some(GradeView { weight: known.weight, quality: known.quality, prior: known.prior, skills: known.skills() })
    }

    /// What became of a profile's calls of one segment: how many sales came to their end under a listing that counts them
    /// so, and how many of these earned their price. `segment` is a category and a value of it, 0 where the call had none;
    /// `None` where all calls are alike. As far as they are remembered: see `docs/rules.md`, section 6.
    #[must_use]
    pub fn outcomes(
        &self,
        buyer: AccountId,
        profile: ProfileId,
        segment: Option<(AttributeId, ValueCode)>,
    ) -> Option<(u32, u32)> {
        let buyer = self.accounts.find(buyer).ok()?;
        let profile = self.profiles.get(self.profiles.find(buyer, profile)?);
        let (attribute, code) = segment.map_or((None, ValueCode::UNKNOWN), |(known, code)| (Some(known), code));
        let counted = self.policies.outcomes(Segment { attribute, code }, profile.created);
        Some((counted.won, counted.met))
    }

    /// What a profile wants: its clauses in the order they were given, each with the values it lists.
    #[must_use]
    pub fn profile_clauses(
        &self,
        buyer: AccountId,
        profile: ProfileId,
    ) -> Option<impl Iterator<Item = (Clause, &[ValueCode])>> {
        let slot = self.profiles.find(self.accounts.find(buyer).ok()?, profile)?;
        let mut values = self.profiles.values(slot);
        Some(self.profiles.clauses(slot).iter().map(move |clause| {
            let (listed, rest) = values.split_at(clause.test.listed());
            values = rest;
            (*clause, listed)
        }))
    }

    /// A call, until it is sealed.
    #[must_use]
    pub fn call(&self, seller: AccountId, call: CallId) -> Option<CallView> {
        let seller = self.accounts.find(seller).ok()?;
        let record = self.calls.record(self.calls.find(seller, call)?);
        let sold = record.marks.has(Marks::SOLD);
        Some(CallView {
            listing: self.listings.get(record.listing).id,
            state: record.state,
            attempt: record.attempt,
            destination_index: record.destination_index,
            buyer: sold.then(|| self.accounts.get(record.buyer).id),
            profile: sold.then(|| record.profile()),
            price: record.price,
            payout: record.payout,
            bids: u32::from(record.bids),
            connected: record.connected(),
            flagged: record.marks.has(Marks::FLAGGED),
            reason: record.reason,
            revenue_posted: record.marks.has(Marks::REVENUE_POSTED),
            payout_held: self.call_hold(record).is_some_and(|hold| hold.payout_state == HoldState::Held),
            payout_posted: record.marks.has(Marks::PAYOUT_POSTED),
        })
    }

    /// Every call that is kept, by its seller and its own id, in no order that means anything.
    pub fn call_ids(&self) -> impl Iterator<Item = (AccountId, CallId)> + '_ {
        self.calls.iter().map(|(_, record)| (self.accounts.get(record.seller).id, record.id()))
    }

    /// What is known of a call while it lives, attribute by attribute, the elements of a set rising; codes that are not
    /// defined are not known. `None` for a call that is closed or was never heard of.
    #[must_use]
    pub fn call_facts(&self, seller: AccountId, call: CallId) -> Option<impl Iterator<Item = Fact> + '_> {
        let seller = self.accounts.find(seller).ok()?;
        let live = self.calls.record(self.calls.find(seller, call)?).live()?;
        Some(self.calls.live(live).facts.facts())
    }

    /// What the present winner of a call holds.
    fn call_hold(&self, record: &CallRecord) -> Option<&Hold> {
        self.calls.live(record.live()?).hold.as_ref()
    }

    /// An attribute's kind and name.
    #[must_use]
    pub fn attribute(&self, attribute: AttributeId) -> Option<(Kind, &str)> {
        let kind = self.schema.attribute(attribute)?.kind;
        Some((kind, self.schema.declaration(attribute)?.name.as_str()))
    }

    /// The code of a value by its name: what a front end translates with.
    #[must_use]
    pub fn value_code(&self, attribute: AttributeId, name: &str) -> Option<ValueCode> {
        self.schema.vocabulary.by_name(attribute, name).map(|value| value.code)
    }

    /// The name of a value by its code.
    #[must_use]
    pub fn value_name(&self, attribute: AttributeId, code: ValueCode) -> Option<&str> {
        self.schema.vocabulary.by_code(attribute, code).map(|value| value.name.as_str())
    }

    /// Verifies every room's invariant and those between rooms. For tests, fuzzers and after a replay; it reads all.
    ///
    /// # Errors
    ///
    /// The invariant that does not hold.
    pub fn check(&self) -> Result<(), &'static str> {
        self.schema.check()?;
        self.accounts.check()?;
        self.ledger.check(WORLD)?;
        self.movements.check()?;
        self.sessions.check()?;
        self.calendars.check()?;
        self.listings.check()?;
        self.profiles.check()?;
        self.policies.check()?;
        self.auctions.check()?;
        self.calls.check()?;
        self.targeting.check(self.profiles.iter().map(|(slot, profile)| {
            (slot, profile.vertical, rank_key(profile.tier, profile.bid, profile.bid_sequence))
        }))?;
        let answers: u32 = self.profiles.iter().map(|(_, profile)| profile.bids).sum();
        if answers != self.auctions.answers() {
            return Err("auctions: profiles count the bids and passes that are theirs");
        }
        self.check_calendars()?;
        self.check_holds()
    }

    /// Every profile with a calendar is found from it, once.
    fn check_calendars(&self) -> Result<(), &'static str> {
        let mut listed = 0;
        for (slot, calendar) in self.calendars.iter() {
            let mut next = calendar.first_profile;
            while next != NONE {
                let profile = self.profiles.get(next);
                if profile.hours != slot || profile.buyer != calendar.owner {
                    return Err("calendars: a calendar lists profiles that go by it");
                }
                listed += 1;
                next = profile.by_calendar[1];
            }
        }
        let with_hours = self.profiles.iter().filter(|(_, profile)| profile.hours != NONE).count();
        if with_hours == listed { Ok(()) } else { Err("calendars: every profile with a calendar is listed by it") }
    }

    /// What live calls hold is what the ledger and the profiles say is held.
    fn check_holds(&self) -> Result<(), &'static str> {
        let (mut live, mut held) = (0_u64, 0_i64);
        for hold in self.calls.iter().filter_map(|(_, record)| self.call_hold(record)) {
            live += 1;
            held += hold.held_money().micros();
        }
        let counted: u64 = self.profiles.iter().map(|(_, profile)| u64::from(profile.caps.live())).sum();
        if counted != live {
            return Err("routing: profiles count the live calls that are theirs");
        }
        let in_ledger: i64 = self.ledger.iter().map(|balance| balance.held.micros()).sum();
        if in_ledger == held { Ok(()) } else { Err("routing: the ledger holds what live calls hold") }
    }
}
