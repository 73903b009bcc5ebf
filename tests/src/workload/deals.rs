//! What is agreed and set besides: private deals, and modifiers of bids.

use dce_engine::ids::{AccountId, AttributeId, ListingId, ProfileId, ValueCode};
use dce_engine::units::Money;

use super::Workload;
use crate::twin::Twin;
use crate::twin::action::{Action, Change, DealPrice, Modifier, ModifierValue};

impl Workload {
    pub(super) fn set_deal(&mut self, twin: &Twin) -> Action {
        let (seller, listing) = self.known_listing(twin);
        self.deal_of(seller, listing)
    }

    pub(super) fn deal_of(&mut self, seller: AccountId, listing: ListingId) -> Action {
        let buyer = if self.random.percent(4) { self.seller() } else { self.buyer() };
        let amount = if self.random.percent(2) { self.bad_amount() } else { self.amount() };
        let price = match self.random.below(20) {
            0..3 => Some(DealPrice::Reserve),
            3 => Some(DealPrice::Floor(Money::ZERO)),
            4..10 => Some(DealPrice::Floor(amount)),
            10..17 => Some(DealPrice::Fixed(amount)),
            _ => None,
        };
        Action::SetDeal { seller, listing, buyer, price }
    }

    pub(super) fn set_private(&mut self, twin: &Twin) -> Action {
        let (seller, listing) = self.known_listing(twin);
        Action::SetPrivate { seller, listing, private: self.random.percent(40) }
    }

    pub(super) fn set_modifiers(&mut self, twin: &Twin) -> Action {
        let (buyer, profile) = self.profile(twin);
        let known = twin.profiles.get(&(buyer, profile));
        match (known, self.random.below(20)) {
            (Some(known), 0) => {
                Action::SetModifiers { buyer, profile, max: known.max, modifiers: known.modifiers.clone() }
            }
            (_, 1..4) => Action::SetModifiers { buyer, profile, max: None, modifiers: Vec::new() },
            _ => self.modifiers_of(buyer, profile),
        }
    }

    pub(super) fn modifiers_of(&mut self, buyer: AccountId, profile: ProfileId) -> Action {
        let max = match self.random.below(40) {
            0 => Some(self.bad_amount()),
            1..14 => Some(self.amount()),
            _ => None,
        };
        let count = if self.random.percent(2) { self.random.between(15, 17) } else { self.random.below(5) };
        let modifiers = (0..count).map(|_| self.modifier()).collect();
        Action::SetModifiers { buyer, profile, max, modifiers }
    }

    fn modifier(&mut self) -> Modifier {
        let mut attribute = self.random.one(&[0, 0, 1, 1, 2, 2, 3, 3, 5, 6]);
        let value = match attribute {
            2 => {
                let low = self.random.below(60) as i64;
                let length = if self.random.percent(2) { 0 } else { self.random.one(&[1, 20, 40]) };
                ModifierValue::Range { low, high: low + length }
            }
            3 => ModifierValue::Flag(self.random.percent(50)),
            _ if self.random.percent(2) => ModifierValue::Code(ValueCode(4)),
            _ => ModifierValue::Code(ValueCode(self.random.between(1, 3) as u32)),
        };
        if self.random.percent(2) {
            attribute = self.random.below(10) as u16;
        }
        let change = match self.random.below(60) {
            0 => Change::Add(self.random.one(&[
                Money::ZERO,
                Money::from_micros(i64::MIN),
                Money::from_micros(i64::MAX),
                Money::ZERO - Money::AMOUNT_MAX,
                Money::AMOUNT_MAX,
            ])),
            1 => Change::Multiply(self.random.one(&[1_000_000, 1_000_001, u32::MAX])),
            2..5 => Change::Multiply(self.random.one(&[0, 1])),
            5..35 => Change::Multiply(self.random.one(&[5_000, 8_000, 9_999, 10_000, 10_001, 12_500, 20_000, 30_000])),
            35..50 => Change::Add(self.amount()),
            _ => Change::Add(Money::ZERO - self.amount()),
        };
        Modifier { attribute: AttributeId(attribute), value, change }
    }
}
