//! Rules about callers, set, changed and lifted.

use dce_engine::ids::{AccountId, AttributeId, ListingId, SubjectId, ValueCode};
use dce_engine::units::{GeoPoint, Metres, Seconds, Timestamp};

use super::{Variant, Workload};
use crate::twin::Twin;
use crate::twin::action::{Action, Anonymous, Clause, DuplicateOn, Leg, Scope, ScreenRule, Test};
use crate::twin::codes::why;

const REASONS: [u16; 10] = [
    why::LITIGATOR_LISTED,
    why::CONSENT_MISSING,
    why::CALLING_HOURS,
    why::ATTESTATION_TOO_LOW,
    why::DO_NOT_CALL_LISTED,
    why::NUMBER_REASSIGNED,
    why::RECORDING_CONSENT_MISSING,
    why::FRAUD_SUSPECTED,
    why::ROBOCALL_SUSPECTED,
    why::CALLER_ID_SPOOFED,
];

impl Workload {
    /// Any of them. Where caps and attempts are the theme, few.
    pub(super) fn rule_about_callers(&mut self, at: Timestamp, twin: &Twin) -> Action {
        match self.random.below(100) {
            0..45 => self.set_duplicates(twin),
            45..60 => self.set_frequency(twin),
            60..85 => self.set_suppression(at),
            _ => self.set_screen(twin),
        }
    }

    fn window_of_rule(&mut self) -> Seconds {
        if self.random.percent(3) {
            return Seconds(self.random.one(&[400 * 86_400, 400 * 86_400 + 1, u32::MAX]));
        }
        let easy = matches!(self.variant, Variant::Failing | Variant::Crowd | Variant::Wide);
        let lifted = if easy { 60 } else { 35 };
        if self.random.percent(lifted) {
            return Seconds(0);
        }
        Seconds(self.random.one(&[1, 1, 5, 30, 120, 3_600]))
    }

    fn anonymous(&mut self) -> Anonymous {
        self.random.one(&[Anonymous::OneCaller, Anonymous::OneCaller, Anonymous::Distinct, Anonymous::Refused])
    }

    fn set_duplicates(&mut self, twin: &Twin) -> Action {
        let (account, scope) = match self.random.below(10) {
            0..3 => (self.buyer(), Scope::Account),
            3..7 => {
                let (buyer, profile) = self.profile(twin);
                (buyer, Scope::Profile(profile))
            }
            _ => {
                let (account, listing) = self.some_listing(twin);
                (account, Scope::Listing(listing))
            }
        };
        let account = match self.random.below(50) {
            0 => self.random.one(&[AccountId::PLATFORM, AccountId::WORLD]),
            1 => self.seller(),
            _ => account,
        };
        let on = self.random.one(&[DuplicateOn::Incoming, DuplicateOn::Connect, DuplicateOn::Convert]);
        Action::SetDuplicates { account, scope, on, window: self.window_of_rule(), anonymous: self.anonymous() }
    }

    fn some_listing(&mut self, twin: &Twin) -> (AccountId, ListingId) {
        match (self.random.one_of(twin.listing_keys()), self.random.percent(95)) {
            (Some(key), true) => key,
            _ => (self.seller(), ListingId(u128::from(self.random.below(7)))),
        }
    }

    /// A listing, a seller, the platform; now and then whoever may not.
    fn place(&mut self, twin: &Twin) -> (AccountId, Option<ListingId>) {
        let (account, listing) = self.some_listing(twin);
        match self.random.below(20) {
            0..3 => (AccountId::PLATFORM, None),
            3..7 => (account, None),
            7 => (self.buyer(), None),
            8 => (self.random.one(&[AccountId::WORLD, AccountId::PLATFORM, AccountId(99)]), Some(listing)),
            _ => (account, Some(listing)),
        }
    }

    fn set_frequency(&mut self, twin: &Twin) -> Action {
        let (account, listing) = self.place(twin);
        let calls_max = self.random.one(&[1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 15, 16, 0]);
        Action::SetFrequency { account, listing, calls_max, window: self.window_of_rule(), anonymous: self.anonymous() }
    }

    fn set_suppression(&mut self, at: Timestamp) -> Action {
        let account = match self.random.below(40) {
            0 => AccountId::WORLD,
            1..5 => AccountId::PLATFORM,
            5..15 => self.seller(),
            _ => self.buyer(),
        };
        let subject = SubjectId(u128::from(if self.random.percent(4) { 0 } else { self.random.between(1, 3) }));
        let ahead = |micros: u64| Some(Timestamp::from_micros(at.micros() + micros));
        let until = match self.random.below(20) {
            0..6 => Some(Timestamp::default()),
            6 => ahead(0),
            7 => ahead(1),
            8 => Some(Timestamp::from_micros((1 << 60) + self.random.below(2))),
            9 => None,
            _ => ahead(self.random.one(&[1, 5, 30, 120]) * 1_000_000),
        };
        Action::SetSuppression { account, subject, until }
    }

    fn set_screen(&mut self, twin: &Twin) -> Action {
        let (account, listing) = self.place(twin);
        let (mut rules, mut values) = (Vec::new(), Vec::new());
        for _ in 0..self.random.one(&[0, 0, 0, 1, 1, 2, 3]) {
            let clause = self.screen_clause(&mut values);
            let leg = self.random.one(&[None, None, Some(Leg::OutboundTransfer), Some(Leg::ConsumerInbound)]);
            let reason = if self.random.percent(4) {
                self.random.one(&[why::CALLERS_FULL, why::LISTING_CLOSED, why::NO_ANSWER, 513, 9_999])
            } else {
                self.random.one(&REASONS)
            };
            rules.push(ScreenRule { leg, clause, unless: self.random.percent(20), reason });
        }
        match self.random.below(60) {
            0 => values.push(ValueCode(1)),
            1 if !rules.is_empty() => rules = rules.iter().copied().cycle().take(9).collect(),
            2 => values.resize(65, ValueCode(1)),
            _ => {}
        }
        Action::SetScreen { account, listing, rules, values }
    }

    fn screen_clause(&mut self, values: &mut Vec<ValueCode>) -> Clause {
        let code = if self.random.percent(5) { 4 } else { self.random.between(1, 3) as u32 };
        let (attribute, test) = match self.random.below(12) {
            0..3 => (self.random.one(&[0, 1]), Test::AnyOf { count: 1 }),
            3 => (self.random.one(&[0, 2]), Test::NoneOf { count: 1 }),
            4..7 => (3, Test::Is { value: self.random.percent(50) }),
            7..9 => (2, Test::Range { low: 70, high: self.random.one(&[72, 80, 80, 80, 70]) }),
            9 => (self.random.one(&[0, 9]), Test::InSet { set: dce_engine::ids::ValueSetId(0) }),
            10 => {
                let centre = GeoPoint::new(self.random.one(&[38_000_000, 90_000_001]), -118_243_700);
                (4, Test::Near { centre, radius: Metres(50_000) })
            }
            _ => (0, Test::AnyOf { count: 0 }),
        };
        for _ in 0..test.listed() {
            values.push(ValueCode(code));
        }
        Clause { attribute: AttributeId(attribute), test }
    }
}

/// Another rule of the same kind about the same.
pub(super) fn change(action: &mut Action) {
    match action {
        Action::SetDuplicates { window, .. } | Action::SetFrequency { window, .. } => window.0 ^= 1,
        Action::SetSuppression { until, .. } => *until = until.map(|until| Timestamp::from_micros(until.micros() + 1)),
        Action::SetScreen { rules, .. } => {
            if let Some(rule) = rules.first_mut() {
                rule.unless = !rule.unless;
            }
        }
        _ => {}
    }
}
