//! A market from a seed: buyers with their profiles, sellers with their listings. Same seed, same market.
//!
//! No two buyers target alike. Most of them win often, some are stopped by caps, budgets or balance before the day is
//! over, and a few never win at all: those are the ones a trader calls about.

use dce_engine::units::Money;

use super::buyers::buyers;
use super::words::{SELLERS, VERTICALS};

/// The attributes callers are told apart by, by their ids.
pub(crate) mod attribute {
    pub(crate) const STATE: u16 = 0;
    pub(crate) const AREA_CODE: u16 = 1;
    pub(crate) const LANGUAGE: u16 = 2;
    pub(crate) const TAGS: u16 = 3;
    pub(crate) const AGE: u16 = 4;
    pub(crate) const HOUR: u16 = 5;
    pub(crate) const HOMEOWNER: u16 = 6;
}

/// Everybody in it.
#[derive(Debug)]
pub(crate) struct Market {
    pub(crate) seed: u64,
    pub(crate) buyers: Vec<Buyer>,
    pub(crate) sellers: Vec<Seller>,
    /// Whoever watches: bids under `--serve`.
    pub(crate) guest: Buyer,
}

/// A buyer of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Buyer {
    pub(crate) account: u128,
    pub(crate) name: String,
    /// Whose midnight resets its caps: an index into `ZONES`.
    pub(crate) zone: usize,
    pub(crate) deposit: Money,
    pub(crate) manner: Manner,
    pub(crate) profiles: Vec<Profile>,
}

/// How a buyer bids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Its bids stand as they are.
    Standing,
    /// Its standing bids move during the day, all of them in one batch.
    Moving,
    /// It answers invitations, one by one.
    Live,
}

/// What a buyer wants, and what it gives for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) id: u128,
    /// As its owner calls it, for instance `FL GA`.
    pub(crate) name: String,
    pub(crate) vertical: u16,
    pub(crate) tier: u8,
    /// What it bids; a live bidder starts from here.
    pub(crate) bid: Money,
    pub(crate) wishes: Vec<Wish>,
    pub(crate) concurrency: Option<u16>,
    pub(crate) daily_cap: Option<u32>,
    pub(crate) daily_budget: Option<Money>,
    pub(crate) paused: bool,
    /// Where its agents answer: business addresses, dialled in this order.
    pub(crate) destinations: Vec<String>,
}

/// One condition on a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// One of these values, counted from 1.
    AnyOf(u16, Vec<u32>),
    /// None of these values.
    NoneOf(u16, Vec<u32>),
    /// At least the first, less than the second.
    Range(u16, i64, i64),
    /// Yes or no.
    Is(u16, bool),
}

/// A seller of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seller {
    pub(crate) account: u128,
    pub(crate) name: &'static str,
    pub(crate) listings: Vec<Listing>,
}

/// What a seller sells, and on which terms. Its id is its vertical's plus one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) id: u128,
    pub(crate) vertical: u16,
    pub(crate) second_price: bool,
    pub(crate) reserve: Money,
    /// Of the price, in basis points.
    pub(crate) payout_share_bp: u16,
    pub(crate) margin_min: Money,
    /// The payout is earned this long after the answer.
    pub(crate) payout_seconds: u32,
}

/// The first buyer's account; the others follow.
pub(crate) const FIRST_BUYER: u128 = 1_001;
/// The first seller's account; the others follow.
pub(crate) const FIRST_SELLER: u128 = 501;
/// The account of whoever watches.
pub(crate) const GUEST: u128 = 9_001;
/// What the platform brings, to advance payouts that are due before the revenue is.
pub(crate) const PLATFORM_FLOAT: Money = Money::from_units(20_000);

impl Market {
    /// The market of this seed, its caps and purses made for a day of so many calls.
    pub(crate) fn new(seed: u64, buyers_count: u32, calls: u32) -> Self {
        Self { seed, buyers: buyers(seed, buyers_count, calls), sellers: sellers(), guest: guest() }
    }

    /// The guest too.
    pub(crate) fn all_buyers(&self) -> impl Iterator<Item = &Buyer> {
        self.buyers.iter().chain([&self.guest])
    }

    /// How many profiles there are.
    pub(crate) fn profiles(&self) -> usize {
        self.buyers.iter().map(|buyer| buyer.profiles.len()).sum()
    }
}

/// Wants every call about auto insurance, live.
fn guest() -> Buyer {
    let profile = Profile {
        id: 1,
        name: "everything".to_owned(),
        vertical: 1,
        tier: 2,
        bid: Money::from_units(25),
        wishes: Vec::new(),
        concurrency: None,
        daily_cap: None,
        daily_budget: None,
        paused: false,
        destinations: vec!["+18005550199".to_owned()],
    };
    let (name, deposit) = ("You".to_owned(), Money::from_units(5_000));
    Buyer { account: GUEST, name, zone: 0, deposit, manner: Manner::Live, profiles: vec![profile] }
}

/// Every seller lists every segment; what it holds out for, and how it is paid, is its own.
fn sellers() -> Vec<Seller> {
    SELLERS
        .iter()
        .enumerate()
        .map(|(place, name)| Seller {
            account: FIRST_SELLER + place as u128,
            name,
            listings: (0..VERTICALS.len()).map(|vertical| listing(place, vertical)).collect(),
        })
        .collect()
}

fn listing(seller: usize, vertical: usize) -> Listing {
    let terms = &VERTICALS[vertical];
    let (low, high) = terms.reserve_usd;
    let reserve = low + (high - low) * seller as u64 / (SELLERS.len() as u64 - 1);
    // One seller is paid on the half of the buyers' buffer: the platform advances its payout.
    let payout_seconds = if seller == 3 { terms.buffer_seconds / 2 } else { terms.buffer_seconds };
    Listing {
        id: vertical as u128 + 1,
        vertical: vertical as u16,
        second_price: seller % 2 == 1,
        reserve: Money::from_units(reserve as i32),
        payout_share_bp: 7_500 + 100 * seller as u16,
        margin_min: Money::from_units(2),
        payout_seconds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_market() {
        let (one, two, other) = (Market::new(7, 60, 5_000), Market::new(7, 60, 5_000), Market::new(8, 60, 5_000));
        assert_eq!((&one.buyers, &one.sellers), (&two.buyers, &two.sellers));
        assert_ne!(one.buyers, other.buyers);
    }

    #[test]
    fn a_payout_never_eats_the_margin_that_a_listing_asks_for() {
        for listing in sellers().iter().flat_map(|seller| &seller.listings) {
            let kept = listing.reserve.micros() * i64::from(10_000 - listing.payout_share_bp) / 10_000;
            assert!(kept >= listing.margin_min.micros(), "{listing:?}: a call sold at the reserve keeps its margin");
        }
    }
}
