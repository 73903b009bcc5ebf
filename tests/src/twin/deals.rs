//! Private deals (sections 3, 5 and 6).

use dce_engine::ids::{AccountId, ListingId};

use super::action::{Action, DealPrice, Role};
use super::codes::{Refusal, refusal};
use super::outcome::Outcome;
use super::state::{CallKey, ProfileKey};
use super::{Done, Twin, Verb};

impl Twin {
    pub(super) fn set_deal(&mut self, action: &Action) -> Verb {
        let Action::SetDeal { seller, listing, buyer, price } = action else { unreachable!() };
        self.must_have_account(*seller)?;
        self.must_have_role(*buyer, Role::Buyer)?;
        let this = self.this();
        self.must_be_listed((*seller, *listing))?;
        let known = self.listings.get_mut(&(*seller, *listing)).expect("it is there");
        let name = (*seller, *listing, *buyer);
        let was = self.deals.get(&name).copied();
        let done = if was.map(|(price, _)| price) == *price {
            Done::Repeat(was.map_or(known.deals_changed, |(_, sequence)| sequence))
        } else {
            if was.is_none() && self.deals.len() >= self.capacities.deals_max as usize {
                return Err(refusal::RULES_FULL);
            }
            known.deals_changed = this;
            match price {
                Some(price) => self.deals.insert(name, (*price, this)),
                None => self.deals.remove(&name),
            };
            Done::New
        };
        self.tell(Outcome::DealSet { seller: *seller, listing: *listing, buyer: *buyer });
        Ok(done)
    }

    pub(super) fn set_private(&mut self, (seller, listing): (AccountId, ListingId), private: bool) -> Verb {
        self.must_have_account(seller)?;
        let this = self.this();
        self.must_be_listed((seller, listing))?;
        let known = self.listings.get_mut(&(seller, listing)).expect("it is there");
        let (was, sequence) = known.private;
        if was != private {
            known.private = (private, this);
        }
        self.tell(Outcome::PrivateSet { seller, listing, private });
        Ok(if was == private { Done::Repeat(sequence) } else { Done::New })
    }

    /// The deal between the call's listing and the profile's buyer.
    pub(super) fn deal_on(&self, key: CallKey, profile: ProfileKey) -> Option<DealPrice> {
        self.deals.get(&(key.0, self.call(key).listing, profile.0)).map(|(price, _)| *price)
    }

    /// Rule 4e: on a private listing, only buyers with a deal.
    pub(super) fn is_let_in(&self, key: CallKey, profile: ProfileKey) -> bool {
        !self.listing_of(key).private.0 || self.deal_on(key, profile).is_some()
    }

    pub(super) fn check_let_in(&self, key: CallKey, profile: ProfileKey) -> Result<(), Refusal> {
        if self.is_let_in(key, profile) { Ok(()) } else { Err(refusal::DEAL_NEEDED) }
    }
}
