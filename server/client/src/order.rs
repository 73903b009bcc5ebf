//! What is ordered with many words: a listing, a profile, a call. Each starts from the exchange's defaults.

use dce_protocol::{
    ChainNode, Clause, DialTarget, Fact, FactValue, Holiday, Leg, List, OpenSpan, PayTerm, Payout, Policy, Pricing,
    SkillLevel, Test, TooLong, ValueCode, up,
};

use crate::ids::{AccountId, CalendarId, CallId, ListingId, ProfileId, SubjectId};
use crate::units::Money;

/// A listing: what a seller sells, and on which terms. Defaults: vertical 0, first price, no reserve, the whole price to
/// the seller on connect, calls of at most an hour, sealed and binding bids, always open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewListing {
    frame: up::CreateListing,
}

impl NewListing {
    /// With the defaults.
    #[must_use]
    pub const fn new(listing: ListingId) -> Self {
        Self {
            frame: up::CreateListing {
                seller: 0,
                listing: listing.0,
                vertical: 0,
                pricing: Pricing::FirstPrice,
                reserve: 0,
                increment: 0,
                payout: Payout::Share(10_000),
                payout_term: PayTerm::OnConnect,
                margin_min: 0,
                duration_max: 3_600,
                open: false,
                withdrawable: false,
                hours: None,
            },
        }
    }

    /// In this vertical: which profiles may compete.
    #[must_use]
    pub const fn vertical(mut self, vertical: u16) -> Self {
        self.frame.vertical = vertical;
        self
    }

    /// Sold at second price, plus `increment`.
    #[must_use]
    pub const fn second_price(mut self, increment: Money) -> Self {
        self.frame.pricing = Pricing::SecondPrice;
        self.frame.increment = increment.micros();
        self
    }

    /// For no less than `reserve`.
    #[must_use]
    pub const fn reserve(mut self, reserve: Money) -> Self {
        self.frame.reserve = reserve.micros();
        self
    }

    /// The seller gets `payout` once `term` is met.
    #[must_use]
    pub const fn pays_out(mut self, payout: Payout, term: PayTerm) -> Self {
        self.frame.payout = payout;
        self.frame.payout_term = term;
        self
    }

    /// The platform keeps at least `margin`.
    #[must_use]
    pub const fn margin_min(mut self, margin: Money) -> Self {
        self.frame.margin_min = margin.micros();
        self
    }

    /// Calls last at most so many seconds.
    #[must_use]
    pub const fn duration_max(mut self, seconds: u32) -> Self {
        self.frame.duration_max = seconds;
        self
    }

    /// Bidders are told whether they lead.
    #[must_use]
    pub const fn open(mut self) -> Self {
        self.frame.open = true;
        self
    }

    /// Bids may be lowered and withdrawn while the window is open.
    #[must_use]
    pub const fn withdrawable(mut self) -> Self {
        self.frame.withdrawable = true;
        self
    }

    /// Calls are for sale by this calendar of the seller's.
    #[must_use]
    pub const fn hours(mut self, calendar: CalendarId) -> Self {
        self.frame.hours = Some(calendar.0);
        self
    }

    pub(crate) const fn of(&self, seller: AccountId) -> up::CreateListing {
        up::CreateListing { seller: seller.0, ..self.frame }
    }
}

/// How a listing's calls are given out: to whom of the best tier, at which price, and to whom at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    listing: ListingId,
    policy: Policy,
    price: Option<Money>,
    requires: Vec<SkillLevel>,
}

impl Choice {
    /// By this policy, with no fixed price and no required skills.
    #[must_use]
    pub const fn new(listing: ListingId, policy: Policy) -> Self {
        Self { listing, policy, price: None, requires: Vec::new() }
    }

    /// Every winner pays this, whatever it bid.
    #[must_use]
    pub const fn price(mut self, price: Money) -> Self {
        self.price = Some(price);
        self
    }

    /// A profile must know this skill at this level, from 1 to 100, or better. In order, up to 4.
    #[must_use]
    pub fn requires(mut self, skill: u16, level: u8) -> Self {
        self.requires.push(SkillLevel::new(skill, level));
        self
    }

    pub(crate) fn of(&self, seller: AccountId) -> Result<up::SetPolicy<'_>, TooLong> {
        let (listing, price) = (self.listing.0, self.price.map(Money::micros));
        let requires = List::new(&self.requires)?;
        Ok(up::SetPolicy { seller: seller.0, listing, policy: self.policy, price, requires })
    }
}

/// Opening hours, by the clocks of their owner's zone. Never open, until spans or holidays say when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    calendar: CalendarId,
    spans: Vec<OpenSpan>,
    holidays: Vec<Holiday>,
}

impl Hours {
    /// Of this calendar.
    #[must_use]
    pub const fn new(calendar: CalendarId) -> Self {
        Self { calendar, spans: Vec::new(), holidays: Vec::new() }
    }

    /// Open from one minute of the week (Monday 00:00 is 0) until another, not included; 10,080 ends the week. In order,
    /// up to 32; the gaps are breaks.
    #[must_use]
    pub fn open(mut self, from_minute: u16, to_minute: u16) -> Self {
        self.spans.push(OpenSpan::new(from_minute, to_minute));
        self
    }

    /// Closed from one day through another, counted from 1970-01-01. Holidays come in order too, up to 64.
    #[must_use]
    pub fn closed(mut self, first_day: u32, last_day: u32) -> Self {
        self.holidays.push(Holiday::new((first_day, last_day), (0, 0)));
        self
    }

    /// On this day open from one minute of the day until another instead.
    #[must_use]
    pub fn special(mut self, day: u32, from_minute: u16, to_minute: u16) -> Self {
        self.holidays.push(Holiday::new((day, day), (from_minute, to_minute)));
        self
    }

    /// On each day from one through another open from one minute of the day until another instead.
    #[must_use]
    pub fn special_days(mut self, days: (u32, u32), minutes: (u16, u16)) -> Self {
        self.holidays.push(Holiday::new(days, minutes));
        self
    }

    pub(crate) fn of(&self, account: AccountId) -> Result<up::SetCalendar<'_>, TooLong> {
        let (spans, holidays) = (List::new(&self.spans)?, List::new(&self.holidays)?);
        Ok(up::SetCalendar { account: account.0, calendar: self.calendar.0, spans, holidays })
    }
}

/// A profile: which calls a buyer wants, for how much, how many, and where they go. Defaults: every call of vertical 0,
/// tier 1, no standing bid, no caps, pays on connect, no live mode, always open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProfile {
    fixed: up::CreateProfile<'static>,
    clauses: Vec<Clause>,
    values: Vec<ValueCode>,
    destinations: Vec<DialTarget>,
    too_long: Option<TooLong>,
}

impl NewProfile {
    /// With the defaults. It needs a destination at least.
    #[must_use]
    pub const fn new(profile: ProfileId) -> Self {
        let fixed = up::CreateProfile {
            buyer: 0,
            profile: profile.0,
            vertical: 0,
            tier: 1,
            bid: None,
            pay_term: PayTerm::OnConnect,
            concurrency: None,
            hourly: None,
            daily: None,
            total: None,
            daily_budget: None,
            live_mode: false,
            hours: None,
            clauses: List::EMPTY,
            values: List::EMPTY,
            destinations: List::EMPTY,
        };
        Self { fixed, clauses: Vec::new(), values: Vec::new(), destinations: Vec::new(), too_long: None }
    }

    /// Competes for calls of this vertical.
    #[must_use]
    pub const fn vertical(mut self, vertical: u16) -> Self {
        self.fixed.vertical = vertical;
        self
    }

    /// In this tier: an operator's to give.
    #[must_use]
    pub const fn tier(mut self, tier: u8) -> Self {
        self.fixed.tier = tier;
        self
    }

    /// With a standing bid.
    #[must_use]
    pub const fn bid(mut self, amount: Money) -> Self {
        self.fixed.bid = Some(amount.micros());
        self
    }

    /// The price is owed once `term` is met.
    #[must_use]
    pub const fn pays(mut self, term: PayTerm) -> Self {
        self.fixed.pay_term = term;
        self
    }

    /// Invited to auctions.
    #[must_use]
    pub const fn live(mut self) -> Self {
        self.fixed.live_mode = true;
        self
    }

    /// At most so many calls at once.
    #[must_use]
    pub const fn concurrency(mut self, calls: u16) -> Self {
        self.fixed.concurrency = Some(calls);
        self
    }

    /// At most so many calls an hour.
    #[must_use]
    pub const fn hourly_cap(mut self, calls: u32) -> Self {
        self.fixed.hourly = Some(calls);
        self
    }

    /// At most so many calls a day, in the buyer's zone.
    #[must_use]
    pub const fn daily_cap(mut self, calls: u32) -> Self {
        self.fixed.daily = Some(calls);
        self
    }

    /// At most so many calls ever.
    #[must_use]
    pub const fn total_cap(mut self, calls: u32) -> Self {
        self.fixed.total = Some(calls);
        self
    }

    /// At most so much money a day, in the buyer's zone.
    #[must_use]
    pub const fn daily_budget(mut self, amount: Money) -> Self {
        self.fixed.daily_budget = Some(amount.micros());
        self
    }

    /// Wants one of these values.
    #[must_use]
    pub fn wants(self, attribute: u16, values: impl IntoIterator<Item = u32>) -> Self {
        self.listed(attribute, values, |count| Test::AnyOf { count })
    }

    /// Wants none of these values.
    #[must_use]
    pub fn excludes(self, attribute: u16, values: impl IntoIterator<Item = u32>) -> Self {
        self.listed(attribute, values, |count| Test::NoneOf { count })
    }

    /// Wants what `test` accepts: a set, a range, a yes or no, a place. For listed values, [`wants`](Self::wants) and
    /// [`excludes`](Self::excludes).
    #[must_use]
    pub fn test(mut self, attribute: u16, test: Test) -> Self {
        self.clauses.push(Clause::new(attribute, test));
        self
    }

    /// Open by this calendar of the buyer's.
    #[must_use]
    pub const fn hours(mut self, calendar: CalendarId) -> Self {
        self.fixed.hours = Some(calendar.0);
        self
    }

    /// Another destination, tried after those before it: up to 64 bytes, ringing so many milliseconds.
    #[must_use]
    pub fn dial(mut self, destination: &[u8], ring_ms: u32) -> Self {
        match DialTarget::new(destination, ring_ms) {
            Ok(target) => self.destinations.push(target),
            Err(too_long) => self.too_long = Some(too_long),
        }
        self
    }

    fn listed(mut self, attribute: u16, values: impl IntoIterator<Item = u32>, test: fn(u16) -> Test) -> Self {
        let before = self.values.len();
        self.values.extend(values.into_iter().map(ValueCode::new));
        // More than fit are refused as a whole when the frame is made.
        let count = u16::try_from(self.values.len() - before).unwrap_or(u16::MAX);
        self.test(attribute, test(count))
    }

    pub(crate) fn of(&self, buyer: AccountId) -> Result<up::CreateProfile<'_>, TooLong> {
        if let Some(too_long) = self.too_long {
            return Err(too_long);
        }
        Ok(up::CreateProfile {
            buyer: buyer.0,
            clauses: List::new(&self.clauses)?,
            values: List::new(&self.values)?,
            destinations: List::new(&self.destinations)?,
            ..self.fixed
        })
    }
}

/// A call, to be offered or registered. Defaults: an anonymous caller who dialled in, no facts, decided at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCall {
    call: CallId,
    listing: ListingId,
    subject: SubjectId,
    leg: Leg,
    window_ms: Option<u32>,
    reserve: Option<Money>,
    facts: Vec<Fact>,
    chain: Vec<ChainNode>,
}

impl NewCall {
    /// A call sold under `listing`. The id is of [`Client::new_call`](crate::Client::new_call).
    #[must_use]
    pub const fn new(call: CallId, listing: ListingId) -> Self {
        let (subject, leg) = (SubjectId(0), Leg::ConsumerInbound);
        Self { call, listing, subject, leg, window_ms: None, reserve: None, facts: Vec::new(), chain: Vec::new() }
    }

    /// Takes live bids for so many milliseconds.
    #[must_use]
    pub const fn window_ms(mut self, window: u32) -> Self {
        self.window_ms = Some(window);
        self
    }

    /// For no less than `reserve`, whatever the listing says.
    #[must_use]
    pub const fn reserve(mut self, reserve: Money) -> Self {
        self.reserve = Some(reserve);
        self
    }

    /// From this caller, as a keyed hash: never a telephone number.
    #[must_use]
    pub const fn subject(mut self, subject: SubjectId) -> Self {
        self.subject = subject;
        self
    }

    /// How the caller came to be on the line.
    #[must_use]
    pub const fn leg(mut self, leg: Leg) -> Self {
        self.leg = leg;
        self
    }

    /// It came through these hands too, after those given so far: an account here by its id, another exchange by its log's.
    #[must_use]
    pub fn via(mut self, node: u128) -> Self {
        self.chain.push(ChainNode::new(node));
        self
    }

    /// Something known of it. An attribute that is a set is given once for each element.
    #[must_use]
    pub fn fact(mut self, attribute: u16, value: FactValue) -> Self {
        self.facts.push(Fact::new(attribute, value));
        self
    }

    /// A category's value, or one element of a set.
    #[must_use]
    pub fn code(self, attribute: u16, code: u32) -> Self {
        self.fact(attribute, FactValue::Code(code))
    }

    /// A number, its implied decimals included.
    #[must_use]
    pub fn number(self, attribute: u16, number: i64) -> Self {
        self.fact(attribute, FactValue::Number(number))
    }

    pub(crate) fn offered(&self, seller: AccountId) -> Result<up::OfferCall<'_>, TooLong> {
        Ok(up::OfferCall {
            seller: seller.0,
            call: self.call.0,
            listing: self.listing.0,
            subject: self.subject.0,
            leg: self.leg,
            window: self.window_ms,
            reserve: self.reserve.map(Money::micros),
            facts: List::new(&self.facts)?,
            chain: List::new(&self.chain)?,
        })
    }

    pub(crate) fn registered(&self, seller: AccountId) -> Result<up::RegisterCall<'_>, TooLong> {
        Ok(up::RegisterCall {
            seller: seller.0,
            call: self.call.0,
            listing: self.listing.0,
            subject: self.subject.0,
            leg: self.leg,
            facts: List::new(&self.facts)?,
            chain: List::new(&self.chain)?,
        })
    }
}
