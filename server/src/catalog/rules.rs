//! What was set of accounts, listings, profiles and groups: of each the command that set it last, as its record in the log.
//!
//! Invariant: it holds what the exchange holds of such rules, so the exchange's limits bound it; but of a listing that is off
//! the market, nothing.

use std::collections::BTreeMap;

use dce_engine::commands::Command;
use dce_engine::ids::{AccountId, ListingId, ProfileId, Sequence};
use dce_engine::limits::CONJUNCTIONS_MAX;
use dce_engine::terms::{CallerScope, QuotaScope};
use dce_persistence::record::RecordCodec;
use dce_runtime::Codec;

use crate::plan::{Of, Shape};

/// Whose rule, which one, and what of.
pub(crate) type Spot = (AccountId, Shape, Of);

/// A rule that is set.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// The command that set it so.
    pub(crate) changed: Sequence,
    record: Box<[u8]>,
}

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct Rules {
    set: BTreeMap<Spot, Rule>,
    codec: RecordCodec,
}

impl Rules {
    /// The rule there, if one is set.
    pub(crate) fn get(&self, spot: &Spot) -> Option<&Rule> {
        self.set.get(spot)
    }

    /// Takes in a command, if it sets or lifts a rule.
    pub(super) fn fold(&mut self, command: &Command<'_>, changed: Sequence) {
        let Some((spot, is_set)) = spot_of(command) else { return };
        if !is_set {
            self.set.remove(&spot);
            return;
        }
        let mut record = Vec::new();
        self.codec.encode(command, &mut record);
        self.set.insert(spot, Rule { changed, record: record.into() });
    }

    /// The profile is closed.
    pub(super) fn forget_profile(&mut self, buyer: AccountId, profile: ProfileId) {
        for shape in [Shape::Duplicates, Shape::Quota, Shape::Modifiers, Shape::Rank, Shape::Skills] {
            self.set.remove(&(buyer, shape, Of::Profile(profile.0)));
        }
        for nth in 2..=u8::try_from(CONJUNCTIONS_MAX).unwrap_or(u8::MAX) {
            self.set.remove(&(buyer, Shape::Also, Of::Also(profile.0, nth)));
        }
    }

    /// The listing is off the market.
    pub(super) fn forget_listing(&mut self, seller: AccountId, ListingId(listing): ListingId) {
        for shape in [Shape::Duplicates, Shape::Frequency, Shape::Screen, Shape::Quota, Shape::Policy] {
            self.set.remove(&(seller, shape, Of::Listing(listing)));
        }
        let deal = |buyer| (seller, Shape::Deal, Of::Deal(listing, buyer));
        let deals: Vec<_> = self.set.range(deal(0)..=deal(u128::MAX)).map(|(spot, _)| *spot).collect();
        for spot in deals {
            self.set.remove(&spot);
        }
    }
}

impl Rule {
    /// Reads the command that set it.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Command<'_>) -> T) -> Option<T> {
        let mut codec = RecordCodec::default();
        codec.decode(&self.record).ok().map(|command| read(&command))
    }
}

/// What a command sets, and whether it is set then, or lifted.
fn spot_of(command: &Command<'_>) -> Option<(Spot, bool)> {
    let listing = |listing: Option<ListingId>| listing.map_or(Of::Account, |listing| Of::Listing(listing.0));
    Some(match command {
        Command::SetCalendar(said) => ((said.account, Shape::Calendar, Of::Calendar(said.calendar.0)), true),
        Command::SetDuplicates(said) => {
            let of = match said.scope {
                CallerScope::Account => Of::Account,
                CallerScope::Listing(listing) => Of::Listing(listing.0),
                CallerScope::Profile(profile) => Of::Profile(profile.0),
            };
            ((said.account, Shape::Duplicates, of), said.window.0 > 0)
        }
        Command::SetFrequency(said) => ((said.account, Shape::Frequency, listing(said.listing)), said.window.0 > 0),
        Command::SetScreen(said) => ((said.account, Shape::Screen, listing(said.listing)), !said.rules.is_empty()),
        Command::SetQuota(said) => {
            let of = match said.scope {
                QuotaScope::Account => Of::Account,
                QuotaScope::Listing(listing) => Of::Listing(listing.0),
                QuotaScope::Profile(profile) => Of::Profile(profile.0),
                QuotaScope::Group(group) => Of::Group(group.0),
            };
            ((said.account, Shape::Quota, of), true)
        }
        Command::SetDeal(said) => {
            ((said.seller, Shape::Deal, Of::Deal(said.listing.0, said.buyer.0)), said.price.is_some())
        }
        Command::SetPolicy(said) => ((said.seller, Shape::Policy, Of::Listing(said.listing.0)), true),
        Command::AlsoWants(said) => ((said.buyer, Shape::Also, Of::Also(said.profile.0, said.nth)), true),
        Command::SetModifiers(said) => ((said.buyer, Shape::Modifiers, Of::Profile(said.profile.0)), true),
        Command::RankProfile(said) => ((said.buyer, Shape::Rank, Of::Profile(said.profile.0)), true),
        Command::SetSkills(said) => ((said.buyer, Shape::Skills, Of::Profile(said.profile.0)), true),
        _ => return None,
    })
}
