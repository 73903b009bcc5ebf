//! An operator's side: the schema, the accounts, the money, and everybody's listings and profiles.

use dce_protocol::{
    Kind, List, Prior, Role, SkillLevel, Text, TooLong, Transition, Up, VALUE_SET_CHUNK_MAX, ValueCode, up,
};

use crate::answer::Pending;
use crate::callers::{Duplicates, Frequency, Screen};
use crate::client::Client;
use crate::comeback::{Answering, Delivery};
use crate::error::Error;
use crate::ids::{AccountId, GroupId, ListingId, MovementId, ProfileId, SubjectId};
use crate::order::{Choice, Hours, NewListing, NewProfile};
use crate::quota::Quota;
use crate::rules::{self, Conjunction, DealPrice, Modifiers, Window};
use crate::units::{Money, Timestamp};

/// Sets the market up. Made by [`Client::operator`]; the key must be an operator's.
#[derive(Clone, Debug)]
pub struct Operator {
    pub(crate) client: Client,
}

impl Operator {
    /// Declares what callers can be told apart by. The same again changes nothing.
    pub fn declare_attribute(&self, attribute: u16, name: &str, kind: Kind) -> Pending {
        self.or_too_long(Text::new(name).map(|name| up::DeclareAttribute { attribute, kind, name }))
    }

    /// Gives a value of a vocabulary its code, from 1.
    pub fn define_value(&self, attribute: u16, code: u32, name: &str) -> Pending {
        self.or_too_long(Text::new(name).map(|name| up::DefineValue { attribute, code, name }))
    }

    /// Loads a long list of values, rising strictly, in chunks: one answer for each. It can be referenced once the last is
    /// in.
    #[must_use = "await the answers: the set is complete with the last"]
    pub fn load_value_set(&self, set: u16, attribute: u16, values: &[u32]) -> Vec<Pending> {
        let total = u32::try_from(values.len()).unwrap_or(u32::MAX);
        let codes: Vec<ValueCode> = values.iter().copied().map(ValueCode::new).collect();
        let chunks = codes.chunks(VALUE_SET_CHUNK_MAX).zip((0..).step_by(VALUE_SET_CHUNK_MAX));
        let load = |(chunk, offset)| {
            self.or_too_long(List::new(chunk).map(|values| up::LoadValueSet { set, attribute, total, offset, values }))
        };
        chunks.map(load).collect()
    }

    /// What a time zone's clocks will do: from when (microseconds since 1970) how many seconds east of Greenwich.
    pub fn set_zone(&self, zone: u16, transitions: &[(u64, i32)]) -> Pending {
        let transitions: Vec<Transition> =
            transitions.iter().map(|(at, offset_seconds)| Transition::new(*at, *offset_seconds)).collect();
        self.or_too_long(List::new(&transitions).map(|transitions| up::SetZone { zone, transitions }))
    }

    /// Opens a buyer's account, at home in `zone` (0 is UTC), with money from the start or none.
    pub fn open_buyer(&self, account: AccountId, zone: u16, deposit: Money) -> Pending {
        let deposit = deposit.micros();
        self.client.command(up::OpenAccount { account: account.0, role: Role::Buyer, zone, deposit })
    }

    /// Opens a seller's account, at home in `zone` (0 is UTC).
    pub fn open_seller(&self, account: AccountId, zone: u16) -> Pending {
        self.client.command(up::OpenAccount { account: account.0, role: Role::Seller, zone, deposit: 0 })
    }

    /// Puts money into an account. The movement is of [`Client::new_movement`]; the same again changes nothing.
    pub fn deposit(&self, account: AccountId, movement: MovementId, amount: Money) -> Pending {
        let amount = amount.micros();
        self.client.command(up::Deposit { account: account.0, movement: movement.0, amount })
    }

    /// Takes money out of an account.
    pub fn withdraw(&self, account: AccountId, movement: MovementId, amount: Money) -> Pending {
        let amount = amount.micros();
        self.client.command(up::Withdraw { account: account.0, movement: movement.0, amount })
    }

    /// Says when a buyer or a seller is open.
    pub fn set_calendar(&self, account: AccountId, hours: &Hours) -> Pending {
        self.or_too_long(hours.of(account))
    }

    /// Says who counts as having called before, for a buyer or a seller.
    pub fn set_duplicates(&self, account: AccountId, duplicates: &Duplicates) -> Pending {
        self.client.command(duplicates.of(account))
    }

    /// Says how often one caller may be put up for sale, by a seller or, account 0, by anybody.
    pub fn set_frequency(&self, account: AccountId, frequency: &Frequency) -> Pending {
        self.client.command(frequency.of(account))
    }

    /// An account, or for everybody account 0, wants no calls from a caller, before `until` or ever; a moment that is past
    /// lifts it.
    pub fn suppress(&self, account: AccountId, caller: SubjectId, until: Option<Timestamp>) -> Pending {
        let until = until.map(Timestamp::micros);
        self.client.command(up::SetSuppression { account: account.0, subject: caller.0, until })
    }

    /// Says which facts keep a seller's calls, or for account 0 all calls, from being sold.
    pub fn set_screen(&self, account: AccountId, screen: &Screen) -> Pending {
        self.or_too_long(screen.of(account))
    }

    /// Says how many calls and how much money a buyer or a seller takes, or what is theirs.
    pub fn set_quota(&self, account: AccountId, quota: &Quota) -> Pending {
        self.or_too_long(quota.of(account))
    }

    /// Puts a buyer's profile into a group, or with `None` takes it out of the one it is in.
    pub fn set_group(&self, buyer: AccountId, profile: ProfileId, group: Option<GroupId>) -> Pending {
        let group = group.map(|group| group.0);
        self.client.command(up::SetGroup { buyer: buyer.0, profile: profile.0, group })
    }

    /// Says whether the profiles of a buyer's group are dialled together.
    pub fn set_together(&self, buyer: AccountId, group: GroupId, together: bool) -> Pending {
        self.client.command(up::SetTogether { buyer: buyer.0, group: group.0, together })
    }

    /// Lists what a seller sells.
    pub fn create_listing(&self, seller: AccountId, listing: &NewListing) -> Pending {
        self.client.command(listing.of(seller))
    }

    /// Says whether losers of a listing's calls hear with which amount they would have won.
    pub fn set_disclosure(&self, seller: AccountId, listing: ListingId, price_to_win: bool) -> Pending {
        self.client.command(up::SetDisclosure { seller: seller.0, listing: listing.0, price_to_win })
    }

    /// Says how auctions under a seller's listing end, of those that open from now on.
    pub fn set_window(&self, seller: AccountId, listing: ListingId, window: Window) -> Pending {
        self.client.command(window.of(seller, listing))
    }

    /// Makes a deal between a seller's listing and a buyer, changes it, or with `None` ends it.
    pub fn set_deal(&self, listing: (AccountId, ListingId), buyer: AccountId, price: Option<DealPrice>) -> Pending {
        self.client.command(rules::deal(listing, buyer, price))
    }

    /// Lets calls under a seller's listing be sold to buyers with a deal only, or to everybody.
    pub fn set_private(&self, seller: AccountId, listing: ListingId, private: bool) -> Pending {
        self.client.command(up::SetPrivate { seller: seller.0, listing: listing.0, private })
    }

    /// Lets a buyer's profile take calls of one more kind.
    pub fn also_wants(&self, buyer: AccountId, conjunction: &Conjunction) -> Pending {
        self.or_too_long(conjunction.of(buyer))
    }

    /// Modifies a buyer's standing bid call by call.
    pub fn set_modifiers(&self, buyer: AccountId, modifiers: &Modifiers) -> Pending {
        self.or_too_long(modifiers.of(buyer))
    }

    /// Says how a listing's calls are given out.
    pub fn set_policy(&self, seller: AccountId, choice: &Choice) -> Pending {
        self.or_too_long(choice.of(seller))
    }

    /// Says what a profile is worth to policies: its weight (1 to 10,000), its quality in basis points, and its prior, so many
    /// calls of so many that earned their price before any has told.
    pub fn rank_profile(
        &self,
        (buyer, profile): (AccountId, ProfileId),
        weight: u16,
        quality: u16,
        (met, of): (u16, u16),
    ) -> Pending {
        let prior = Prior { met, of };
        self.client.command(up::RankProfile { buyer: buyer.0, profile: profile.0, weight, quality, prior })
    }

    /// Says what a profile knows: up to 8 skills with levels from 1 to 100, ascending.
    pub fn set_skills(&self, (buyer, profile): (AccountId, ProfileId), skills: &[(u16, u8)]) -> Pending {
        let skills: Vec<SkillLevel> = skills.iter().map(|(skill, level)| SkillLevel::new(*skill, *level)).collect();
        let list = List::new(&skills);
        self.or_too_long(list.map(|skills| up::SetSkills { buyer: buyer.0, profile: profile.0, skills }))
    }

    /// Takes a seller's listing off the market for good: its calls go on, nothing else begins under it.
    pub fn delist(&self, seller: AccountId, listing: ListingId) -> Pending {
        self.client.command(up::Delist { seller: seller.0, listing: listing.0 })
    }

    /// Makes a profile for a buyer, in any tier.
    pub fn create_profile(&self, buyer: AccountId, profile: &NewProfile) -> Pending {
        self.or_too_long(profile.of(buyer))
    }

    /// Says what a seller's listing does with calls that come back.
    pub fn set_delivery(&self, seller: AccountId, delivery: &Delivery) -> Pending {
        self.or_too_long(delivery.of(seller))
    }

    /// Says how a buyer's profile answers.
    pub fn set_answering(&self, buyer: AccountId, answering: &Answering) -> Pending {
        self.client.command(answering.of(buyer))
    }

    /// Moves an account to another zone: its calendars, its profiles' caps and its quotas go by the clocks there from now on.
    pub fn set_home(&self, account: AccountId, zone: u16) -> Pending {
        self.client.command(up::SetHome { account: account.0, zone })
    }

    /// Closes an account for good: nothing new begins in its name. A buyer's profiles are closed first.
    pub fn close_account(&self, account: AccountId) -> Pending {
        self.client.command(up::CloseAccount { account: account.0 })
    }

    /// Opens a session of an account: needed once before bids and reports in that account's name.
    /// [`Client::bidder_for`] and [`Client::seller_for`] do it.
    pub fn open_session(&self, account: AccountId, session: u64) -> Pending {
        self.client.command(up::OpenSession { account: account.0, session })
    }

    /// Closes a session of an account for good.
    pub fn close_session(&self, account: AccountId, session: u64) -> Pending {
        self.client.command(up::CloseSession { account: account.0, session })
    }

    fn or_too_long<'a>(&self, frame: Result<impl Into<Up<'a>>, TooLong>) -> Pending {
        match frame {
            Ok(frame) => self.client.command(frame),
            Err(too_long) => Pending::failed(Error::TooLarge { reason: too_long.to_string() }),
        }
    }
}
