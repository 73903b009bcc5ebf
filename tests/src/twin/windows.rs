//! Hours and days in a buyer's zone, and the windows that count in them (section 5, "Windows").

use dce_engine::ids::AccountId;
use dce_engine::units::{Money, Timestamp};

use super::Twin;
use super::state::Window;

impl Twin {
    /// Local seconds of an account's zone: never below 0.
    pub(super) fn local_seconds(&self, account: AccountId, at: Timestamp) -> u64 {
        let local_micros = i128::from(at.micros()) + self.offset_micros(account, at);
        u64::try_from(local_micros.max(0) / 1_000_000).expect("a time fits")
    }

    /// How far the account's clocks are ahead of UTC.
    pub(super) fn offset_micros(&self, account: AccountId, at: Timestamp) -> i128 {
        let zone = self.account(account).zone;
        let offset_seconds = match self.zones.get(&zone) {
            None => 0,
            Some(zone) => {
                let last_before = zone.transitions.iter().rfind(|(from, _)| *from <= at);
                last_before.unwrap_or(&zone.transitions[0]).1
            }
        };
        i128::from(offset_seconds) * 1_000_000
    }

    pub(super) fn hour_number(&self, account: AccountId, at: Timestamp) -> u64 {
        self.local_seconds(account, at) / 3_600
    }

    pub(super) fn day_number(&self, account: AccountId, at: Timestamp) -> u64 {
        self.local_seconds(account, at) / 86_400
    }
}

impl Window {
    /// The window as it answers when asked for `number`: empty for a later one, else what it keeps.
    pub(super) fn asked(self, number: u64) -> Self {
        if number > self.number { Self { number, calls: 0, money: Money::ZERO } } else { self }
    }

    /// Counts a call and its price, and says under which number it did.
    pub(super) fn count(&mut self, number: u64, price: Money) -> u64 {
        *self = self.asked(number);
        self.calls += 1;
        self.money = self.money + price;
        self.number
    }
}
