//! Quotas and groups: few places, so that they run out, and often set anew, so that they do not stay so.

use dce_engine::ids::{AccountId, CalendarId, GroupId, ListingId, ProfileId};
use dce_engine::units::{Millis, Money, Timestamp};

use super::{Variant, Workload};
use crate::twin::Twin;
use crate::twin::action::{Action, Counts, Pace, Per, QuotaRule, QuotaScope};

impl Workload {
    pub(super) fn quota_or_group(&mut self, at: Timestamp, twin: &Twin) -> Action {
        match self.random.below(100) {
            0..35 => self.set_group(twin),
            35..45 => self.set_together(),
            _ => self.set_quota(at, twin),
        }
    }

    fn set_group(&mut self, twin: &Twin) -> Action {
        let (buyer, profile) = self.profile(twin);
        let group = if self.random.percent(75) { Some(self.group()) } else { None };
        Action::SetGroup { buyer, profile, group }
    }

    fn set_together(&mut self) -> Action {
        let (buyer, group, together) = (self.buyer(), self.group(), self.random.percent(75));
        Action::SetTogether { buyer, group, together }
    }

    /// Groups of a few profiles each, most of which dial together.
    pub(super) fn groups_at_start(&mut self, profiles: &[(AccountId, ProfileId)]) -> Vec<Action> {
        let mut opening = Vec::new();
        for buyer in 1..=3 {
            for group in 0..3 {
                let together = self.random.percent(60);
                opening.push(Action::SetTogether { buyer: AccountId(buyer), group: GroupId(group), together });
            }
        }
        for (buyer, profile) in profiles {
            if self.random.percent(55) {
                opening.push(Action::SetGroup { buyer: *buyer, profile: *profile, group: Some(self.group()) });
            }
        }
        opening
    }

    fn group(&mut self) -> GroupId {
        GroupId(u128::from(self.random.below(3)))
    }

    fn set_quota(&mut self, at: Timestamp, twin: &Twin) -> Action {
        let (mut account, scope) = match self.random.below(20) {
            0..5 => (self.buyer(), QuotaScope::Account),
            5..7 => (self.seller(), QuotaScope::Account),
            7..9 => (self.seller(), QuotaScope::Listing(ListingId(u128::from(self.random.below(5))))),
            9..13 => (self.buyer(), QuotaScope::Group(self.group())),
            13 => (self.buyer(), QuotaScope::Profile(ProfileId(u128::from(self.random.below(9))))),
            _ => {
                let (buyer, profile) = self.profile(twin);
                (buyer, QuotaScope::Profile(profile))
            }
        };
        let known = twin.quotas.get(&(account, scope));
        // The same again, or one rule more, or one less: counts go on.
        let mut rules = match known {
            Some(known) if self.random.percent(30) => known.rules.clone(),
            _ => Vec::new(),
        };
        for _ in 0..self.random.one(&[0, 0, 1, 1, 1, 2, 2, 3]) {
            let rule = self.quota_rule(at);
            let is_new = |other: &QuotaRule| {
                (other.counts, other.per, other.during) != (rule.counts, rule.per, rule.during)
                    && (other.pace == Pace::Free || rule.pace == Pace::Free)
            };
            if rules.iter().all(is_new) {
                rules.push(rule);
            }
        }
        let mut spacing =
            if self.random.percent(25) { Some(Millis(self.random.one(&[1, 50, 2_000, 60_000]))) } else { None };
        let paced = rules.iter().any(|rule| rule.pace != Pace::Free);
        let mut hours =
            if paced && self.random.percent(70) { Some(CalendarId(u128::from(self.random.below(3)))) } else { None };
        // A day far away is counted through day by day by the twin.
        if rules.iter().any(|rule| matches!(rule.pace, Pace::Through(day) if u64::from(day) > 100 + today(at))) {
            hours = None;
        }
        if self.random.percent(12) {
            match self.random.below(9) {
                0 => account = self.random.one(&[AccountId::PLATFORM, AccountId::WORLD, AccountId(99)]),
                1 => account = if account.0 < 10 { AccountId(11) } else { AccountId(1) },
                2 => spacing = Some(Millis(0)),
                3 => hours = Some(CalendarId(9)),
                4 => {
                    let again = rules.first().copied();
                    rules.extend(again);
                }
                5 => rules = (0..self.random.between(11, 13)).map(rule_of_hour).collect(),
                _ => {
                    let rule = self.bad_rule();
                    rules.push(rule);
                }
            }
        }
        Action::SetQuota { account, scope, rules, spacing, hours }
    }

    fn quota_rule(&mut self, at: Timestamp) -> QuotaRule {
        let counts = self.random.one(&[
            Counts::Live,
            Counts::Attempts,
            Counts::Connections,
            Counts::Conversions,
            Counts::Money,
            Counts::Money,
        ]);
        let per = match counts {
            Counts::Live => Per::Ever,
            _ => self.random.one(&[Per::Hour, Per::Day, Per::Day, Per::Month, Per::Ever]),
        };
        let max = match (counts, self.variant) {
            (Counts::Money, Variant::Rich) => Money::AMOUNT_MAX.micros(),
            (Counts::Money, _) => self.random.one(&[0, 2_000_000, 3_000_000, 7_500_000, 20_000_000, 60_000_000]),
            _ => self.random.one(&[0, 1, 1, 2, 3, 6, 20]),
        };
        let binds_in_hours = per == Per::Hour || counts == Counts::Live;
        let during = if binds_in_hours && self.random.percent(50) {
            // The story of the week begins on its last day; hours about now, here and west of here.
            let hour = ((at.micros() / 3_600_000_000 + 72 + 160) % 168) as u8;
            let from = self.random.one(&[0, hour, hour.saturating_sub(3), 84]);
            Some((from, self.random.one(&[from + 1, (from + 9).min(168), 168])))
        } else {
            None
        };
        let pace = match (counts, per) {
            (Counts::Money, Per::Day | Per::Month) if self.random.percent(60) => Pace::Even,
            (Counts::Money, Per::Ever) if self.random.percent(60) => {
                let soon = today(at) as u32 + self.random.below(5) as u32;
                Pace::Through(self.random.one(&[soon, soon, soon.saturating_sub(2), 13_343_997]))
            }
            _ => Pace::Free,
        };
        QuotaRule { counts, per, max, during, pace }
    }

    fn bad_rule(&mut self) -> QuotaRule {
        let good = QuotaRule { counts: Counts::Money, per: Per::Hour, max: 9, during: None, pace: Pace::Free };
        let calls = QuotaRule { counts: Counts::Attempts, ..good };
        self.random.one(&[
            QuotaRule { max: -1, ..good },
            QuotaRule { max: Money::AMOUNT_MAX.micros() + 1, ..good },
            QuotaRule { max: i64::MIN, ..calls },
            QuotaRule { max: 1 << 32, ..calls },
            QuotaRule { max: (1 << 32) - 1, ..calls },
            QuotaRule { counts: Counts::Live, ..good },
            QuotaRule { during: Some((5, 5)), ..calls },
            QuotaRule { during: Some((5, 169)), ..calls },
            QuotaRule { during: Some((5, 6)), per: Per::Day, ..calls },
            QuotaRule { pace: Pace::Even, ..good },
            QuotaRule { pace: Pace::Even, per: Per::Day, ..calls },
            QuotaRule { pace: Pace::Through(9), per: Per::Day, ..good },
            QuotaRule { pace: Pace::Through(13_343_998), per: Per::Ever, ..good },
        ])
    }
}

fn today(at: Timestamp) -> u64 {
    at.micros() / 86_400_000_000
}

/// Rules that differ in their hours.
fn rule_of_hour(number: u64) -> QuotaRule {
    let from = number as u8;
    QuotaRule { counts: Counts::Attempts, per: Per::Hour, max: 5, during: Some((from, 100 + from)), pace: Pace::Free }
}
