//! What anybody asks about callers.

use arbitrary::Arbitrary;
use dce_engine::prelude::*;

use crate::pools::{account_of, attribute_of, code_of, listing_of, optional, profile_of};

/// Ids and lengths are places in small pools.
#[derive(Clone, Debug, Arbitrary)]
pub(crate) enum Callers {
    Duplicates { account: u8, scope: u8, shape: u8, window: u8 },
    Frequency { account: u8, listing: u8, calls: u8, shape: u8, window: u8 },
    Suppression { account: u8, subject: u8, until: u8 },
    Screen { account: u8, listing: u8, rules: [(u8, u8, u8); 2] },
}

impl Callers {
    /// The command, tried at `at`.
    pub(crate) fn command<'l>(&self, at: Timestamp) -> Command<'l> {
        match *self {
            Self::Duplicates { account, scope, shape, window } => {
                let (buyer, profile) = profile_of(scope);
                let (account, scope) = match scope >> 6 {
                    0 => (account_of(account), CallerScope::Account),
                    1 => (account_of(account), CallerScope::Listing(listing_of(scope))),
                    _ => (buyer, CallerScope::Profile(profile)),
                };
                let on = [DuplicateOn::Incoming, DuplicateOn::Connect, DuplicateOn::Convert];
                SetDuplicates::new(account, scope, length(window))
                    .on(on[usize::from(shape % 3)])
                    .anonymous(anonymous(shape >> 4))
                    .into()
            }
            Self::Frequency { account, listing, calls, shape, window } => {
                let mut command = SetFrequency::new(account_of(account), calls % 17, length(window));
                command.listing = optional(listing).map(listing_of);
                command.anonymous(anonymous(shape)).into()
            }
            Self::Suppression { account, subject, until } => {
                let subject = SubjectId(u128::from(subject % 4));
                let until = optional(until).map(|seconds| at + Seconds(u32::from(seconds)));
                SetSuppression { account: account_of(account), subject, until }.into()
            }
            Self::Screen { account, listing, rules } => {
                let mut command = SetScreen::new(account_of(account));
                command.listing = optional(listing).map(listing_of);
                for (attribute, test, shape) in rules {
                    let Some(attribute) = optional(attribute) else { continue };
                    let test = match test % 4 {
                        0 => Test::Is { value: shape & 1 != 0 },
                        1 => Test::Range { low: i64::from(test), high: i64::from(shape) },
                        2 => Test::NoneOf { count: 1 },
                        _ => Test::AnyOf { count: 1 },
                    };
                    let legs = [None, Some(Leg::ConsumerInbound), Some(Leg::OutboundTransfer), Some(Leg::Callback)];
                    let clause = Clause { attribute: attribute_of(attribute), test };
                    let (leg, unless) = (legs[usize::from(shape >> 2 & 3)], shape & 2 != 0);
                    let reason = Reason::ALL[usize::from(shape) % Reason::ALL.len()];
                    command = command.rule(ScreenRule { leg, clause, unless, reason });
                    command = command.values((0..test.listed()).map(|_| code_of(shape)));
                }
                command.into()
            }
        }
    }
}

fn length(value: u8) -> Seconds {
    Seconds(if value == 255 { u32::MAX } else { u32::from(value % 32) })
}

fn anonymous(shape: u8) -> AnonymousCallers {
    [AnonymousCallers::OneCaller, AnonymousCallers::Distinct, AnonymousCallers::Refused][usize::from(shape % 3)]
}
