//! Listings and profiles (sections 2, 4 and 11).

use dce_engine::units::{BasisPoints, Money};

use super::action::{Action, Policy, Role};
use super::codes::{Refusal, refusal};
use super::outcome::Outcome;
use super::state::{Birth, Listing, Profile, ProfileKey, Window};
use super::{Done, Twin, Verb};

impl Twin {
    pub(super) fn create_listing(&mut self, action: &Action) -> Verb {
        let Action::CreateListing { seller, listing, terms } = action else { unreachable!() };
        self.must_have_role(*seller, Role::Seller)?;
        let mut first = None;
        if let Some(known) = self.listings.get(&(*seller, *listing)) {
            if known.birth.body != *action {
                return Err(refusal::ID_CONFLICT);
            }
            first = Some(known.birth.sequence);
        } else {
            self.check_hours(*seller, terms.hours)?;
            if self.listings.len() >= self.capacities.listings_max as usize {
                return Err(refusal::LISTINGS_FULL);
            }
            let policy_set = self.this();
            let created = Listing {
                birth: Birth { body: action.clone(), sequence: policy_set },
                terms: *terms,
                policy: Policy::HighestScore,
                price: None,
                requires: Vec::new(),
                policy_set,
            };
            self.listings.insert((*seller, *listing), created);
        }
        self.tell(Outcome::ListingCreated { seller: *seller, listing: *listing });
        Ok(first.map_or(Done::New, Done::Repeat))
    }

    pub(super) fn create_profile(&mut self, action: &Action) -> Verb {
        let Action::CreateProfile { buyer, profile, terms } = action else { unreachable!() };
        self.must_have_role(*buyer, Role::Buyer)?;
        self.check_clauses(terms)?;
        let mut first = None;
        if let Some(known) = self.profiles.get(&(*buyer, *profile)) {
            if known.birth.body != *action {
                return Err(refusal::ID_CONFLICT);
            }
            first = Some(known.birth.sequence);
        } else {
            self.check_hours(*buyer, terms.hours)?;
            if self.profiles.len() >= self.capacities.profiles_max as usize {
                return Err(refusal::PROFILES_FULL);
            }
            let this = self.this();
            let created = Profile {
                birth: Birth { body: action.clone(), sequence: this },
                terms: terms.clone(),
                bid: terms.bid,
                bid_place: this,
                paused: false,
                pause_changed: this,
                weight: 1,
                quality: BasisPoints(10_000),
                prior: (1, 1),
                ranked: this,
                skills: Vec::new(),
                skills_set: this,
                last_win: 0,
                calls_live: 0,
                hour: Window::default(),
                day: Window::default(),
                calls_total: 0,
            };
            self.profiles.insert((*buyer, *profile), created);
        }
        self.tell(Outcome::ProfileCreated { buyer: *buyer, profile: *profile });
        Ok(first.map_or(Done::New, Done::Repeat))
    }

    pub(super) fn set_bid(&mut self, key: ProfileKey, amount: Option<Money>) -> Result<(), Refusal> {
        let this = self.this();
        let Some(profile) = self.profiles.get_mut(&key) else { return Err(refusal::PROFILE_UNKNOWN) };
        if profile.bid != amount {
            profile.bid = amount;
            profile.bid_place = this;
        }
        self.tell(Outcome::BidSet { buyer: key.0, profile: key.1, amount });
        Ok(())
    }

    pub(super) fn set_paused(&mut self, key: ProfileKey, paused: bool) -> Verb {
        self.must_have_account(key.0)?;
        let this = self.this();
        let Some(profile) = self.profiles.get_mut(&key) else { return Err(refusal::PROFILE_UNKNOWN) };
        let done = if profile.paused == paused {
            Done::Repeat(profile.pause_changed)
        } else {
            profile.paused = paused;
            profile.pause_changed = this;
            Done::New
        };
        let (buyer, profile) = key;
        self.tell(if paused {
            Outcome::ProfilePaused { buyer, profile }
        } else {
            Outcome::ProfileResumed { buyer, profile }
        });
        Ok(done)
    }

    pub(super) fn close_profile(&mut self, key: ProfileKey) -> Verb {
        self.must_have_account(key.0)?;
        if !self.profiles.contains_key(&key) {
            return Err(refusal::PROFILE_UNKNOWN);
        }
        // Closing a call forgets its bids and passes, so every one found is on a call that is not closed.
        let in_use = self.calls.values().any(|call| {
            let delivers = call.is_routed() && call.sale.is_some_and(|sale| sale.winner == key);
            delivers || call.passes.contains(&key) || call.bids.iter().any(|bid| bid.bidder == key)
        });
        if in_use {
            return Err(refusal::PROFILE_IN_USE);
        }
        self.profiles.remove(&key);
        self.tell(Outcome::ProfileClosed { buyer: key.0, profile: key.1 });
        Ok(Done::New)
    }
}
