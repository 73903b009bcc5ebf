//! Rules about callers.

use dce_engine::commands::{SetDuplicates, SetFrequency, SetScreen, SetSuppression};
use dce_engine::ids::{AccountId, ListingId, ProfileId, SubjectId, ValueCode};
use dce_engine::limits::SCREEN_VALUES_MAX;
use dce_engine::reason::Reason;
use dce_engine::terms::{AnonymousCallers, CallerScope, DuplicateOn, ScreenRule};
use dce_engine::units::{Seconds, Timestamp};
use rkyv::with::InlineAsBox;
use rkyv::{Archive, Serialize};

use super::lists::{list, pack, unpack};
use super::profiles::ClauseV1;
use super::terms::LegV1;
use super::{Body, Lists, Packed, put, whole, with_lists};

#[derive(Archive, Serialize)]
struct SetDuplicatesV1 {
    account: u128,
    scope: CallerScopeV1,
    on: DuplicateOnV1,
    window_seconds: u32,
    anonymous: AnonymousCallersV1,
}

#[derive(Archive, Serialize)]
enum CallerScopeV1 {
    Account,
    Profile { id: u128 },
    Listing { id: u128 },
}

#[derive(Archive, Serialize)]
enum DuplicateOnV1 {
    Incoming,
    Connect,
    Convert,
}

#[derive(Archive, Serialize)]
enum AnonymousCallersV1 {
    OneCaller,
    Distinct,
    Refused,
}

#[derive(Archive, Serialize)]
struct SetFrequencyV1 {
    account: u128,
    listing: Option<u128>,
    calls_max: u8,
    window_seconds: u32,
    anonymous: AnonymousCallersV1,
}

#[derive(Archive, Serialize)]
struct SetSuppressionV1 {
    account: u128,
    subject: u128,
    /// Microseconds since 1970.
    until: Option<u64>,
}

#[derive(Archive, Serialize)]
struct SetScreenV1<'a> {
    account: u128,
    listing: Option<u128>,
    /// Whether something was left out of the rules, the values.
    overflowed: [bool; 2],
    #[rkyv(with = InlineAsBox)]
    rules: &'a [ScreenRuleV1],
    #[rkyv(with = InlineAsBox)]
    values: &'a [u32],
}

#[derive(Archive, Serialize, Clone, Copy, Debug)]
pub(super) struct ScreenRuleV1 {
    leg: Option<LegV1>,
    clause: ClauseV1,
    unless: bool,
    reason: u16,
}

impl Body<'_> for SetDuplicates {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { account, scope, on, window, anonymous } = self;
        let scope = match scope {
            CallerScope::Account => CallerScopeV1::Account,
            CallerScope::Profile(ProfileId(id)) => CallerScopeV1::Profile { id },
            CallerScope::Listing(ListingId(id)) => CallerScopeV1::Listing { id },
        };
        let on = match on {
            DuplicateOn::Incoming => DuplicateOnV1::Incoming,
            DuplicateOn::Connect => DuplicateOnV1::Connect,
            DuplicateOn::Convert => DuplicateOnV1::Convert,
        };
        let anonymous = AnonymousCallersV1::of(anonymous);
        put(&SetDuplicatesV1 { account: account.0, scope, on, window_seconds: window.0, anonymous }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedSetDuplicatesV1>(body)?;
        let scope = match &v1.scope {
            ArchivedCallerScopeV1::Account => CallerScope::Account,
            ArchivedCallerScopeV1::Profile { id } => CallerScope::Profile(ProfileId(id.to_native())),
            ArchivedCallerScopeV1::Listing { id } => CallerScope::Listing(ListingId(id.to_native())),
        };
        let on = match v1.on {
            ArchivedDuplicateOnV1::Incoming => DuplicateOn::Incoming,
            ArchivedDuplicateOnV1::Connect => DuplicateOn::Connect,
            ArchivedDuplicateOnV1::Convert => DuplicateOn::Convert,
        };
        let (account, window) = (AccountId(v1.account.to_native()), Seconds(v1.window_seconds.to_native()));
        Some(Self { account, scope, on, window, anonymous: v1.anonymous.read() })
    }
}

impl Body<'_> for SetFrequency {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { account, listing, calls_max, window, anonymous } = self;
        let (account, listing) = (account.0, listing.map(|listing| listing.0));
        let anonymous = AnonymousCallersV1::of(anonymous);
        put(&SetFrequencyV1 { account, listing, calls_max, window_seconds: window.0, anonymous }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedSetFrequencyV1>(body)?;
        Some(Self {
            account: AccountId(v1.account.to_native()),
            listing: v1.listing.as_ref().map(|listing| ListingId(listing.to_native())),
            calls_max: v1.calls_max,
            window: Seconds(v1.window_seconds.to_native()),
            anonymous: v1.anonymous.read(),
        })
    }
}

impl Body<'_> for SetSuppression {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { account, subject, until } = self;
        let until = until.map(Timestamp::micros);
        put(&SetSuppressionV1 { account: account.0, subject: subject.0, until }, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedSetSuppressionV1>(body)?;
        let until = v1.until.as_ref().map(|until| Timestamp::from_micros(until.to_native()));
        Some(Self { account: AccountId(v1.account.to_native()), subject: SubjectId(v1.subject.to_native()), until })
    }
}

impl<'a> Body<'a> for SetScreen<'a> {
    fn write(&self, record: &mut Vec<u8>, packed: &mut Packed) {
        let Self { account, listing, rules, values } = self;
        let v1 = SetScreenV1 {
            account: account.0,
            listing: listing.map(|listing| listing.0),
            overflowed: [rules.overflowed(), values.overflowed()],
            rules: pack(rules, &mut packed.screen, ScreenRuleV1::of),
            values: pack(values, &mut packed.values, |code| code.0),
        };
        put(&v1, record);
    }

    fn read(body: &'a [u8], lists: &'a mut Lists) -> Option<Self> {
        let v1 = with_lists::<ArchivedSetScreenV1<'_>>(body, |v1| size_of_val(&*v1.rules) + size_of_val(&*v1.values))?;
        let Lists { screen, values, .. } = lists;
        let values = values.get_mut(..SCREEN_VALUES_MAX)?;
        let [rules_overflowed, values_overflowed] = v1.overflowed;
        let rules = unpack(&v1.rules, screen, ArchivedScreenRuleV1::read)?;
        let values = unpack(&v1.values, values, |code| Some(ValueCode(code.to_native())))?;
        Some(Self {
            account: AccountId(v1.account.to_native()),
            listing: v1.listing.as_ref().map(|listing| ListingId(listing.to_native())),
            rules: list(rules, rules_overflowed),
            values: list(values, values_overflowed),
        })
    }
}

impl AnonymousCallersV1 {
    const fn of(anonymous: AnonymousCallers) -> Self {
        match anonymous {
            AnonymousCallers::OneCaller => Self::OneCaller,
            AnonymousCallers::Distinct => Self::Distinct,
            AnonymousCallers::Refused => Self::Refused,
        }
    }
}

impl ArchivedAnonymousCallersV1 {
    const fn read(&self) -> AnonymousCallers {
        match self {
            Self::OneCaller => AnonymousCallers::OneCaller,
            Self::Distinct => AnonymousCallers::Distinct,
            Self::Refused => AnonymousCallers::Refused,
        }
    }
}

impl ScreenRuleV1 {
    fn of(rule: &ScreenRule) -> Self {
        let ScreenRule { leg, clause, unless, reason } = rule;
        Self { leg: leg.map(LegV1::of), clause: ClauseV1::of(clause), unless: *unless, reason: reason.code() }
    }
}

impl Default for ScreenRuleV1 {
    fn default() -> Self {
        Self::of(&ScreenRule::default())
    }
}

impl ArchivedScreenRuleV1 {
    /// None when the reason is not one.
    fn read(&self) -> Option<ScreenRule> {
        let reason = Reason::from_code(self.reason.to_native())?;
        let leg = self.leg.as_ref().map(super::terms::ArchivedLegV1::read);
        Some(ScreenRule { leg, clause: self.clause.read(), unless: self.unless, reason })
    }
}
