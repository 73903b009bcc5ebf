//! What is agreed and set besides: how windows end, private deals, further conjunctions, modifiers of bids.

use dce_protocol::{Change, Clause, Deal, List, Modifier, ModifierValue, Test, TooLong, ValueCode, up};

use crate::ids::{AccountId, ListingId, ProfileId};
use crate::units::Money;

/// How the windows of a listing's auctions end. Default: when they are over, for everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    early_close: bool,
    answer_within_ms: u32,
}

impl Window {
    /// With the defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self { early_close: false, answer_within_ms: 0 }
    }

    /// As soon as nobody still out can win.
    #[must_use]
    pub const fn early_close(mut self) -> Self {
        self.early_close = true;
        self
    }

    /// Invited profiles answer within so many milliseconds, or not at all.
    #[must_use]
    pub const fn answer_within(mut self, milliseconds: u32) -> Self {
        self.answer_within_ms = milliseconds;
        self
    }

    pub(crate) const fn of(self, seller: AccountId, listing: ListingId) -> up::SetWindow {
        let (early_close, answer_within) = (self.early_close, self.answer_within_ms);
        up::SetWindow { seller: seller.0, listing: listing.0, early_close, answer_within }
    }
}

/// What a private deal says of the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DealPrice {
    /// Nothing: it lets the buyer in where the listing is private.
    Reserve,
    /// No less than this, whatever the reserve of the listing or the call.
    Floor(Money),
    /// This: the buyer's profiles must bid as much, and pay no more.
    Fixed(Money),
}

pub(crate) fn deal(
    (seller, listing): (AccountId, ListingId),
    buyer: AccountId,
    price: Option<DealPrice>,
) -> up::SetDeal {
    let (deal, amount) = match price {
        None => (Deal::None, 0),
        Some(DealPrice::Reserve) => (Deal::Reserve, 0),
        Some(DealPrice::Floor(amount)) => (Deal::Floor, amount.micros()),
        Some(DealPrice::Fixed(amount)) => (Deal::Fixed, amount.micros()),
    };
    up::SetDeal { seller: seller.0, listing: listing.0, buyer: buyer.0, deal, amount }
}

/// A further conjunction of a profile: it takes a call, too, when all of these clauses accept it. Without a clause it takes
/// every call of its vertical.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conjunction {
    profile: ProfileId,
    nth: u8,
    clauses: Vec<Clause>,
    values: Vec<ValueCode>,
}

impl Conjunction {
    /// The `nth` of this profile, from 2 to 8: the clauses it was created with are the first.
    #[must_use]
    pub const fn new(profile: ProfileId, nth: u8) -> Self {
        Self { profile, nth, clauses: Vec::new(), values: Vec::new() }
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

    /// Wants what `test` accepts. For listed values, [`wants`](Self::wants) and [`excludes`](Self::excludes).
    #[must_use]
    pub fn test(mut self, attribute: u16, test: Test) -> Self {
        self.clauses.push(Clause::new(attribute, test));
        self
    }

    fn listed(mut self, attribute: u16, values: impl IntoIterator<Item = u32>, test: fn(u16) -> Test) -> Self {
        let before = self.values.len();
        self.values.extend(values.into_iter().map(ValueCode::new));
        let count = u16::try_from(self.values.len() - before).unwrap_or(u16::MAX);
        self.test(attribute, test(count))
    }

    pub(crate) fn of(&self, buyer: AccountId) -> Result<up::AlsoWants<'_>, TooLong> {
        let (clauses, values) = (List::new(&self.clauses)?, List::new(&self.values)?);
        Ok(up::AlsoWants { buyer: buyer.0, profile: self.profile.0, nth: self.nth, clauses, values })
    }
}

/// What becomes of a profile's standing bid on calls with certain values: first all multiplications, then all additions.
/// Default: nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modifiers {
    profile: ProfileId,
    max: Option<Money>,
    modifiers: Vec<Modifier>,
}

impl Modifiers {
    /// None, for this profile.
    #[must_use]
    pub const fn new(profile: ProfileId) -> Self {
        Self { profile, max: None, modifiers: Vec::new() }
    }

    /// Never more than this.
    #[must_use]
    pub const fn max(mut self, amount: Money) -> Self {
        self.max = Some(amount);
        self
    }

    /// For calls with this value, times so many ten-thousandths: 12,500 is a quarter more, 0 no bid.
    #[must_use]
    pub fn times(self, attribute: u16, value: ModifierValue, ten_thousandths: u32) -> Self {
        self.modifier(Modifier::new(attribute, value, Change::Multiply(ten_thousandths)))
    }

    /// For calls with this value, so much more, or less if it is negative.
    #[must_use]
    pub fn plus(self, attribute: u16, value: ModifierValue, amount: Money) -> Self {
        self.modifier(Modifier::new(attribute, value, Change::Add(amount.micros())))
    }

    fn modifier(mut self, modifier: Modifier) -> Self {
        self.modifiers.push(modifier);
        self
    }

    pub(crate) fn of(&self, buyer: AccountId) -> Result<up::SetModifiers<'_>, TooLong> {
        let (max, modifiers) = (self.max.map(Money::micros), List::new(&self.modifiers)?);
        Ok(up::SetModifiers { buyer: buyer.0, profile: self.profile.0, max, modifiers })
    }
}
