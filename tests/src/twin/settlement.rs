//! What is earned is posted, what is not is freed (section 9).

use dce_engine::units::Timestamp;

use super::Twin;
use super::action::{ClockStart, Clocks, Counts, DuplicateOn, Term};
use super::outcome::{MoneyKind, Step};
use super::state::{CallKey, Due};

/// Whether an answered call with these clocks has earned it.
pub(super) fn is_met(term: Term, clocks: Clocks) -> bool {
    match term {
        Term::OnConnect => true,
        Term::After { seconds, from } => {
            let shown = match from {
                ClockStart::Incoming => clocks.incoming,
                ClockStart::Dial => clocks.dial,
                ClockStart::Connect => clocks.connect,
            };
            u64::from(shown) >= u64::from(seconds.0) * 1_000
        }
    }
}

impl Twin {
    /// Revenue first, then payout.
    pub(super) fn settle(&mut self, at: Timestamp, key: CallKey, is_final: bool) {
        let clocks = self.call(key).clocks;
        let sale = self.call(key).sale.expect("an answered call was sold");
        if sale.revenue == Due::Held {
            if is_met(self.profiles[&sale.winner].terms.pay_term, clocks) {
                self.progress(at, key, DuplicateOn::Convert);
                self.money(key, MoneyKind::Revenue, Step::Posted);
            } else if is_final {
                self.money(key, MoneyKind::Revenue, Step::Voided);
                self.give_back_day_money(key);
                self.uncount(sale.number, &[Counts::Conversions, Counts::Money]);
            }
        }

        let sale = self.call(key).sale.expect("just seen");
        let met = is_met(self.listing_of(key).terms.payout_term, clocks);
        match sale.payout_due {
            Due::Held if met => self.money(key, MoneyKind::Payout, Step::Posted),
            Due::Held if is_final => self.money(key, MoneyKind::Payout, Step::Voided),
            Due::Open if sale.revenue == Due::Posted && met => self.money(key, MoneyKind::Payout, Step::Posted),
            Due::Open if sale.revenue == Due::Posted && !is_final => self.money(key, MoneyKind::Payout, Step::Held),
            Due::Open | Due::Held | Due::Posted | Due::Over => {}
        }
    }
}
