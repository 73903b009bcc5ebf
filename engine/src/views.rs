//! What is: read-only pictures of accounts, profiles and calls, and the checks that all of it fits together.

use crate::accounts::WORLD;
use crate::calendars::NONE;
pub use crate::calls::CallState;
use crate::calls::{CallRecord, HoldState, Marks};
use crate::event::Role;
use crate::exchange::Exchange;
use crate::genesis::Genesis;
use crate::ids::{
    AccountId, AttributeId, CalendarId, CallId, ListingId, ProfileId, Sequence, ValueCode, VerticalId, ZoneId,
};
use crate::limits::CONJUNCTIONS_MAX;
use crate::limits::FALLBACK_INDEX;
use crate::profiles::Ruled;
use crate::reason::Reason;
use crate::routing::OwnHolds;
use crate::targeting::Given;
use crate::terms::{
    CapLimits, Clause, DealPrice, DialTarget, Fact, Holiday, Kind, OpenSpan, Policy, Segment, SkillLevel,
};
use crate::units::{Millis, Money, Seconds, Timestamp};
pub use crate::wants::Listed;

mod listings;
mod quotas;
mod ringing;
mod settings;

pub use quotas::{QuotaUse, QuotaView};
pub use ringing::RingView;
pub use settings::{AnsweringView, GradeView};

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
    /// Nothing new begins in its name.
    pub closed: bool,
}

/// How many callers are remembered, and for what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallersView {
    /// For duplicate rules, each caller once for each rule: those whose window is not over or may yet begin.
    pub contacts: u32,
    /// For frequency rules, each caller once for each rule.
    pub frequencies: u32,
    /// Suppressed, each once for each account that says so.
    pub suppressions: u32,
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

/// What a listing does with a call that comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryView {
    /// An answered call that the buyer's side ends before it has lasted so long is sold again; 0 is never.
    pub recover_below: Seconds,
    /// How often, for one call.
    pub recoveries_max: u8,
    /// Where a call is dialled that nobody buys.
    pub fallback: Option<DialTarget>,
}

/// How a seller may quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotingView {
    /// The most firm quotes it may have at a time.
    pub firm_max: u16,
    /// How many it has.
    pub firm: u32,
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

/// A call, live or not yet sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallView {
    /// What it was sold under.
    pub listing: ListingId,
    /// How far it has come.
    pub state: CallState,
    /// The present attempt: of several that ring the lowest, else the one that failed last; 0 before a sale.
    pub attempt: u8,
    /// Which of the present or the last buyer's destinations was dialled last, from 0; `FALLBACK_INDEX` once it fell back.
    pub destination_index: u8,
    /// Who bought it last, or reserved it at a firm quote, if anybody: of several attempts that ring, in the present one. So are
    /// profile and price.
    pub buyer: Option<AccountId>,
    /// With which profile.
    pub profile: Option<ProfileId>,
    /// At what price; zero before a sale or a reservation.
    pub price: Money,
    /// What the seller is promised; zero before a sale or a reservation.
    pub payout: Money,
    /// Profiles that had bid live when its auction closed, expired bids included.
    pub bids: u32,
    /// How long caller and buyer talked; zero while the call lives.
    pub connected: Millis,
    /// Whether a reporter's clock ran further than the log's.
    pub flagged: bool,
    /// Whether nobody bought it, and its listing's fallback had it last.
    pub fell_back: bool,
    /// Why it closed.
    pub reason: Option<Reason>,
    /// Whether the buyer paid.
    pub revenue_posted: bool,
    /// Whether what the seller is promised is set aside now.
    pub payout_held: bool,
    /// Whether the seller was paid.
    pub payout_posted: bool,
}

impl CallView {
    /// A call of which nothing is known but its listing: where whoever folds events begins.
    #[must_use]
    pub const fn registered(listing: ListingId) -> Self {
        Self {
            listing,
            state: CallState::Registered,
            attempt: 0,
            destination_index: 0,
            buyer: None,
            profile: None,
            price: Money::ZERO,
            payout: Money::ZERO,
            bids: 0,
            connected: Millis(0),
            flagged: false,
            fell_back: false,
            reason: None,
            revenue_posted: false,
            payout_held: false,
            payout_posted: false,
        }
    }
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
            closed: account.closed.is_some(),
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

    /// What a listing does with a call that comes back.
    #[must_use]
    pub fn delivery(&self, seller: AccountId, listing: ListingId) -> Option<DeliveryView> {
        let seller = self.accounts.find(seller).ok()?;
        let terms = self.delivery.of_listing(self.listings.find(seller, listing)?);
        Some(DeliveryView {
            recover_below: terms.recover_below,
            recoveries_max: terms.recoveries_max,
            fallback: terms.fallback,
        })
    }

    /// How a seller may quote, and how much of that it does.
    #[must_use]
    pub fn quoting(&self, seller: AccountId) -> Option<QuotingView> {
        let quoting = self.quotes.of_seller(self.accounts.find_as(seller, Role::Seller).ok()?);
        Some(QuotingView { firm_max: quoting.firm_max, firm: quoting.firm })
    }

    /// How a listing's calls are given out.
    #[must_use]
    pub fn policy(&self, seller: AccountId, listing: ListingId) -> Option<PolicyView<'_>> {
        let seller = self.accounts.find(seller).ok()?;
        let known = self.policies.of_listing(self.listings.find(seller, listing)?);
        let price = (known.price > Money::ZERO).then_some(known.price);
        Some(PolicyView { policy: known.policy, price, requires: known.requires() })
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
    ) -> Option<impl Iterator<Item = (Clause, Listed<'_>)>> {
        self.profile_conjunction(buyer, profile, 1)
    }

    /// The same of any of its conjunctions, from 1: its own clauses are the first. `None` when it has no such.
    #[must_use]
    pub fn profile_conjunction(
        &self,
        buyer: AccountId,
        profile: ProfileId,
        nth: u8,
    ) -> Option<impl Iterator<Item = (Clause, Listed<'_>)>> {
        let slot = self.profiles.find(self.accounts.find(buyer).ok()?, profile)?;
        let row = match usize::from(nth) {
            0 => return None,
            1 => slot,
            nth => self.targeting.further_row(self.conjunctions.of(slot).nth(nth - 2)?.0),
        };
        Some(self.wants.clauses(row))
    }

    /// How many of `targeting_chunks_max` chunks are taken.
    #[must_use]
    pub const fn targeting_chunks(&self) -> u32 {
        self.wants.used().0
    }

    /// What a buyer's deal on a listing says of the price, if it has one.
    #[must_use]
    pub fn deal(&self, seller: AccountId, listing: ListingId, buyer: AccountId) -> Option<DealPrice> {
        let listing = self.listings.find(self.accounts.find(seller).ok()?, listing)?;
        self.deals.find(listing, self.accounts.find(buyer).ok()?).map(|deal| deal.price)
    }

    /// How many callers are remembered at the last accepted time: for duplicate rules, for frequency rules, and how many
    /// are suppressed. Who they are is nobody's business.
    #[must_use]
    pub fn callers(&self) -> CallersView {
        CallersView {
            contacts: self.callers.duplicates.len_at(self.last_at),
            frequencies: self.callers.frequencies.len_at(self.last_at),
            suppressions: self.callers.suppressions.len_at(self.last_at),
        }
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
            fell_back: record.destination_index == FALLBACK_INDEX,
            reason: record.reason,
            revenue_posted: record.marks.has(Marks::REVENUE_POSTED),
            payout_held: self.holds_payout(record),
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

    /// Whether an attempt of a call holds the payout.
    fn holds_payout(&self, record: &CallRecord) -> bool {
        let holds = record.live().and_then(|live| self.own_holds(live));
        holds.into_iter().flat_map(OwnHolds::iter).any(|(hold, _)| hold.payout_state == HoldState::Held)
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
        self.ledger.check_bids(self.profiles.iter().map(|(_, profile)| (profile.buyer, profile.bid)))?;
        self.movements.check()?;
        self.sessions.check()?;
        self.calendars.check()?;
        self.check_listings()?;
        self.profiles.check()?;
        self.wants.check()?;
        self.delivery.check()?;
        self.policies.check()?;
        self.auctions.check()?;
        self.calls.check()?;
        let given = |id, slot| Given {
            id,
            vertical: self.profiles.get(slot).vertical,
            key: self.row_key(slot),
            brief: self.brief(slot),
            aside: self.aside(slot),
            is_free: self.is_free(slot),
            is_awake: self.is_awake(slot),
        };
        let own_rows = self.profiles.iter().map(|(slot, _)| given(slot, slot));
        let further_rows = self.conjunctions.iter();
        let further_rows =
            further_rows.map(|(further, other)| given(self.targeting.further_row(further), other.profile));
        self.targeting.check(own_rows.chain(further_rows), self.last_at)?;
        self.check_conjunctions()?;
        self.check_settings()?;
        self.check_deals()?;
        let answers: u32 = self.profiles.iter().map(|(_, profile)| profile.bids).sum();
        if answers != self.auctions.answers() {
            return Err("auctions: profiles count the bids and passes that are theirs");
        }
        self.callers.check()?;
        self.check_awaited()?;
        self.check_calendars()?;
        self.check_quotas()?;
        self.check_quotes()?;
        self.check_holds()
    }

    /// Every further conjunction is found from its profile, once.
    fn check_conjunctions(&self) -> Result<(), &'static str> {
        self.conjunctions.check()?;
        let mut listed = 0;
        for (slot, profile) in self.profiles.iter() {
            let count = self.conjunctions.of(slot).filter(|(_, further)| further.profile == slot).count();
            if (count > 0) != profile.ruled.has(Ruled::CONJUNCTIONS) || count >= CONJUNCTIONS_MAX {
                return Err("conjunctions: a profile knows whether it has further ones");
            }
            listed += count;
        }
        let all = self.conjunctions.iter().count();
        if listed == all { Ok(()) } else { Err("conjunctions: every one is listed by its profile") }
    }

    /// Listings know how many deals there are on them.
    fn check_deals(&self) -> Result<(), &'static str> {
        self.deals.check()?;
        let on = |slot| self.deals.iter().filter(|(_, deal)| deal.listing == slot).count();
        if self.listings.iter().all(|(slot, listing)| listing.deals as usize == on(slot)) {
            Ok(())
        } else {
            Err("deals: a listing counts the deals on it")
        }
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
                next = self.profiles.filed(next).by_calendar[1];
            }
        }
        let with_hours = self.profiles.iter().filter(|(_, profile)| profile.hours != NONE).count();
        if with_hours == listed { Ok(()) } else { Err("calendars: every profile with a calendar is listed by it") }
    }

    /// What live calls hold is what the ledger and the profiles say is held.
    fn check_holds(&self) -> Result<(), &'static str> {
        for record in self.calls.iter().map(|(_, record)| record) {
            let routed = record.state.is_delivering() || record.state == CallState::Answered;
            let Some(call) = record.live().filter(|_| routed).map(|live| self.calls.live(live)) else { continue };
            if call.hold.is_some() == call.fallback.is_some() {
                return Err("routing: a routed call has a winner, or its fallback has it");
            }
        }
        let (mut live, mut held) = (0_u64, 0_i64);
        for (record, live_slot) in self.calls.iter().filter_map(|(_, record)| Some((record, record.live()?))) {
            let Some(holds) = self.own_holds(live_slot) else { continue };
            if matches!(record.state, CallState::Registered | CallState::Auction) {
                return Err("routing: only a call that is reserved or routed holds anything");
            }
            for (hold, _) in holds.iter() {
                live += 1;
                held += hold.held_money().micros();
            }
        }
        let counted: u64 = self.profiles.iter().map(|(_, profile)| u64::from(profile.caps.live())).sum();
        if counted != live {
            return Err("routing: profiles count the live calls that are theirs");
        }
        let in_ledger: i64 = self.ledger.iter().map(|balance| balance.held.micros()).sum();
        if in_ledger == held { Ok(()) } else { Err("routing: the ledger holds what live calls hold") }
    }
}
