//! Quotas and groups.

use dce_engine::commands::{SetGroup, SetQuota, SetTogether};
use dce_engine::ids::{AccountId, CalendarId, GroupId, ListingId, ProfileId};
use dce_engine::terms::{Counts, Pace, Per, QuotaRule, QuotaScope, WeekHours};
use dce_engine::units::Millis;
use rkyv::with::InlineAsBox;
use rkyv::{Archive, Serialize};

use super::lists::{list, pack, unpack};
use super::{Body, Lists, Packed, put, with_lists};

#[derive(Archive, Serialize)]
struct SetQuotaV1<'a> {
    account: u128,
    scope: QuotaScopeV1,
    spacing_ms: Option<u32>,
    hours: Option<u128>,
    /// Whether something was left out of the rules.
    overflowed: bool,
    #[rkyv(with = InlineAsBox)]
    rules: &'a [QuotaRuleV1],
}

#[derive(Archive, Serialize)]
struct SetGroupV1 {
    buyer: u128,
    profile: u128,
    group: Option<u128>,
}

#[derive(Archive, Serialize)]
struct SetTogetherV1 {
    buyer: u128,
    group: u128,
    together: bool,
}

#[derive(Archive, Serialize)]
enum QuotaScopeV1 {
    Account,
    Profile(u128),
    Listing(u128),
    Group(u128),
}

/// What is counted, for how long and how it is spread are numbers, as [`QuotaRuleV1::of`] gives them.
#[derive(Archive, Serialize, Clone, Copy, Debug, Default)]
pub(super) struct QuotaRuleV1 {
    max: i64,
    pace_day: u32,
    counts: u8,
    per: u8,
    pace: u8,
    is_bound_to_hours: bool,
    from_hour: u8,
    to_hour: u8,
}

impl<'a> Body<'a> for SetQuota<'a> {
    fn write(&self, record: &mut Vec<u8>, packed: &mut Packed) {
        let Self { account, scope, rules, spacing, hours } = self;
        let scope = match scope {
            QuotaScope::Account => QuotaScopeV1::Account,
            QuotaScope::Profile(profile) => QuotaScopeV1::Profile(profile.0),
            QuotaScope::Listing(listing) => QuotaScopeV1::Listing(listing.0),
            QuotaScope::Group(group) => QuotaScopeV1::Group(group.0),
        };
        let v1 = SetQuotaV1 {
            account: account.0,
            scope,
            spacing_ms: spacing.map(|spacing| spacing.0),
            hours: hours.map(|calendar| calendar.0),
            overflowed: rules.overflowed(),
            rules: pack(rules, &mut packed.rules, QuotaRuleV1::of),
        };
        put(&v1, record);
    }

    fn read(body: &'a [u8], lists: &'a mut Lists) -> Option<Self> {
        let v1 = with_lists::<ArchivedSetQuotaV1<'_>>(body, |v1| size_of_val(&*v1.rules))?;
        let rules = unpack(&v1.rules, &mut lists.rules, ArchivedQuotaRuleV1::read)?;
        Some(Self {
            account: AccountId(v1.account.to_native()),
            scope: match &v1.scope {
                ArchivedQuotaScopeV1::Account => QuotaScope::Account,
                ArchivedQuotaScopeV1::Profile(profile) => QuotaScope::Profile(ProfileId(profile.to_native())),
                ArchivedQuotaScopeV1::Listing(listing) => QuotaScope::Listing(ListingId(listing.to_native())),
                ArchivedQuotaScopeV1::Group(group) => QuotaScope::Group(GroupId(group.to_native())),
            },
            rules: list(rules, v1.overflowed),
            spacing: v1.spacing_ms.as_ref().map(|spacing| Millis(spacing.to_native())),
            hours: v1.hours.as_ref().map(|calendar| CalendarId(calendar.to_native())),
        })
    }
}

impl Body<'_> for SetGroup {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { buyer, profile, group } = self;
        put(&SetGroupV1 { buyer: buyer.0, profile: profile.0, group: group.map(|group| group.0) }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = super::whole::<ArchivedSetGroupV1>(body)?;
        Some(Self {
            buyer: AccountId(v1.buyer.to_native()),
            profile: ProfileId(v1.profile.to_native()),
            group: v1.group.as_ref().map(|group| GroupId(group.to_native())),
        })
    }
}

impl Body<'_> for SetTogether {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { buyer, group, together } = self;
        put(&SetTogetherV1 { buyer: buyer.0, group: group.0, together }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = super::whole::<ArchivedSetTogetherV1>(body)?;
        Some(Self {
            buyer: AccountId(v1.buyer.to_native()),
            group: GroupId(v1.group.to_native()),
            together: v1.together,
        })
    }
}

impl QuotaRuleV1 {
    fn of(rule: &QuotaRule) -> Self {
        let &QuotaRule { counts, per, max, during, pace } = rule;
        let hours = during.unwrap_or_default();
        let (pace, pace_day) = match pace {
            Pace::Free => (0, 0),
            Pace::Even => (1, 0),
            Pace::Through(day) => (2, day),
        };
        Self {
            max,
            pace_day,
            counts: match counts {
                Counts::Live => 0,
                Counts::Attempts => 1,
                Counts::Connections => 2,
                Counts::Conversions => 3,
                Counts::Money => 4,
            },
            per: match per {
                Per::Hour => 0,
                Per::Day => 1,
                Per::Month => 2,
                Per::Ever => 3,
            },
            pace,
            is_bound_to_hours: during.is_some(),
            from_hour: hours.from,
            to_hour: hours.to,
        }
    }
}

impl ArchivedQuotaRuleV1 {
    /// `None` when a number stands for nothing.
    fn read(&self) -> Option<QuotaRule> {
        let hours = WeekHours { from: self.from_hour, to: self.to_hour };
        let during = self.is_bound_to_hours.then_some(hours);
        let pace_day = self.pace_day.to_native();
        let is_spare = (during.is_none() && hours != WeekHours::default()) || (self.pace != 2 && pace_day != 0);
        if is_spare {
            return None;
        }
        Some(QuotaRule {
            counts: match self.counts {
                0 => Counts::Live,
                1 => Counts::Attempts,
                2 => Counts::Connections,
                3 => Counts::Conversions,
                4 => Counts::Money,
                _ => return None,
            },
            per: match self.per {
                0 => Per::Hour,
                1 => Per::Day,
                2 => Per::Month,
                3 => Per::Ever,
                _ => return None,
            },
            max: self.max.to_native(),
            during,
            pace: match self.pace {
                0 => Pace::Free,
                1 => Pace::Even,
                2 => Pace::Through(pace_day),
                _ => return None,
            },
        })
    }
}
