//! Listings and profiles (sections 2, 4 and 11).

use dce_engine::ids::{AccountId, ListingId};
use dce_engine::units::{BasisPoints, Millis, Money};

use super::action::{Action, Answering, Clause, Delivery, Policy, QuotaScope, Role, Scope, Test};
use super::codes::{Refusal, refusal};
use super::outcome::Outcome;
use super::state::{Birth, Call, CallKey, Listing, ListingKey, Profile, ProfileKey, State, Window};
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
            self.must_be_open(*seller)?;
            self.check_hours(*seller, terms.hours)?;
            if self.listings.len() >= self.capacities.listings_max as usize {
                return Err(refusal::LISTINGS_FULL);
            }
            let birth = Birth { body: action.clone(), sequence: self.this() };
            let this = self.this();
            let created = Listing {
                birth,
                terms: *terms,
                tells_price: (false, this),
                window: (false, Millis(0), this),
                private: (false, this),
                deals_changed: this,
                delivery: Delivery::default(),
                delivery_set: this,
                policy: Policy::HighestScore,
                price: None,
                requires: Vec::new(),
                policy_set: this,
                delisted: None,
            };
            self.listings.insert((*seller, *listing), created);
        }
        self.tell(Outcome::ListingCreated { seller: *seller, listing: *listing });
        Ok(first.map_or(Done::New, Done::Repeat))
    }

    /// Nothing new under it, and nothing set of it (section 2).
    pub(super) fn delist(&mut self, key: ListingKey) -> Verb {
        self.must_have_account(key.0)?;
        let this = self.this();
        let known = self.listings.get_mut(&key).ok_or(refusal::LISTING_UNKNOWN)?;
        let before = known.delisted;
        known.delisted = Some(before.unwrap_or(this));
        self.tell(Outcome::ListingDelisted { seller: key.0, listing: key.1 });
        Ok(before.map_or(Done::New, Done::Repeat))
    }

    /// A listing under which something may begin, or of which something may be set.
    pub(super) fn must_be_listed(&self, key: ListingKey) -> Result<&Listing, Refusal> {
        let known = self.listings.get(&key).ok_or(refusal::LISTING_UNKNOWN)?;
        if known.delisted.is_some() { Err(refusal::LISTING_DELISTED) } else { Ok(known) }
    }

    /// What was set of listings off the market goes with the last of their calls.
    pub(super) fn clear_delisted(&mut self) {
        let off = self.listings.iter().filter(|(_, known)| known.delisted.is_some()).map(|(key, _)| *key);
        for (seller, listing) in off.collect::<Vec<_>>() {
            let is_on = |(key, call): (&CallKey, &Call)| {
                key.0 == seller && call.listing == listing && call.state != State::Closed
            };
            if self.calls.iter().any(is_on) {
                continue;
            }
            self.deals.retain(|(on, under, _), _| (*on, *under) != (seller, listing));
            self.quotas.remove(&(seller, QuotaScope::Listing(listing)));
            self.screens.remove(&(seller, Some(listing)));
            self.duplicate_rules.remove(&(seller, Scope::Listing(listing)));
            self.frequency_rules.remove(&(seller, Some(listing)));
        }
    }

    pub(super) fn set_disclosure(&mut self, key: (AccountId, ListingId), price_to_win: bool) -> Verb {
        self.must_have_role(key.0, Role::Seller)?;
        self.must_be_listed(key)?;
        let this = self.this();
        let listing = self.listings.get_mut(&key).expect("it is there");
        let done = match listing.tells_price {
            (known, sequence) if known == price_to_win => Done::Repeat(sequence),
            _ => {
                listing.tells_price = (price_to_win, this);
                Done::New
            }
        };
        self.tell(Outcome::DisclosureSet { seller: key.0, listing: key.1, price_to_win });
        Ok(done)
    }

    pub(super) fn set_window(&mut self, action: &Action) -> Verb {
        let Action::SetWindow { seller, listing, early_close, answer_within } = action else { unreachable!() };
        self.must_have_account(*seller)?;
        let this = self.this();
        self.must_be_listed((*seller, *listing))?;
        let known = self.listings.get_mut(&(*seller, *listing)).expect("it is there");
        let (was_early, was_within, set) = known.window;
        let so_already = (was_early, was_within) == (*early_close, *answer_within);
        if !so_already {
            known.window = (*early_close, *answer_within, this);
        }
        self.tell(Outcome::WindowSet { seller: *seller, listing: *listing });
        Ok(if so_already { Done::Repeat(set) } else { Done::New })
    }

    pub(super) fn create_profile(&mut self, action: &Action) -> Verb {
        let Action::CreateProfile { buyer, profile, terms } = action else { unreachable!() };
        self.must_have_role(*buyer, Role::Buyer)?;
        self.check_clauses(&terms.clauses, &terms.values)?;
        let mut first = None;
        if let Some(known) = self.profiles.get(&(*buyer, *profile)) {
            if known.birth.body != *action {
                return Err(refusal::ID_CONFLICT);
            }
            first = Some(known.birth.sequence);
        } else {
            self.must_be_open(*buyer)?;
            self.check_hours(*buyer, terms.hours)?;
            if self.profiles.len() >= self.capacities.profiles_max as usize {
                return Err(refusal::PROFILES_FULL);
            }
            self.must_have_lines(&terms.clauses)?;
            self.must_have_chunks(chunks(&terms.destinations, &terms.clauses))?;
            let this = self.this();
            let created = Profile {
                birth: Birth { body: action.clone(), sequence: this },
                terms: terms.clone(),
                also: Vec::new(),
                max: None,
                modifiers: Vec::new(),
                modifiers_changed: this,
                bid: terms.bid,
                bid_place: this,
                paused: false,
                pause_changed: this,
                answering: Answering::default(),
                answering_set: this,
                unanswered: Vec::new(),
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
                group: None,
                grouped: this,
            };
            self.profiles.insert((*buyer, *profile), created);
            self.take_lines(&terms.clauses);
        }
        self.tell(Outcome::ProfileCreated { buyer: *buyer, profile: *profile });
        Ok(first.map_or(Done::New, Done::Repeat))
    }

    pub(super) fn also_wants(&mut self, action: &Action) -> Verb {
        let Action::AlsoWants { buyer, profile, nth, clauses, values } = action else { unreachable!() };
        let key = (*buyer, *profile);
        self.must_have_account(*buyer)?;
        self.check_clauses(clauses, values)?;
        let everywhere: usize = self.profiles.values().map(|known| known.also.len()).sum();
        let has_lines = self.must_have_lines(clauses);
        let has_chunks = self.must_have_chunks(chunks(&[], clauses));
        let birth = Birth { body: action.clone(), sequence: self.this() };
        let Some(known) = self.profiles.get_mut(&key) else { return Err(refusal::PROFILE_UNKNOWN) };
        let place = usize::from(*nth) - 2;
        let done = if let Some(same_place) = known.also.get(place) {
            if same_place.body != *action {
                return Err(refusal::ID_CONFLICT);
            }
            Done::Repeat(same_place.sequence)
        } else if place > known.also.len() {
            return Err(refusal::CONJUNCTION_GAP);
        } else if has_lines.is_err() {
            return Err(refusal::SCHEMA_FULL);
        } else if everywhere >= self.capacities.conjunctions_max as usize {
            return Err(refusal::RULES_FULL);
        } else {
            has_chunks?;
            known.also.push(birth);
            self.take_lines(clauses);
            Done::New
        };
        self.tell(Outcome::ConjunctionAdded { buyer: *buyer, profile: *profile, nth: *nth });
        Ok(done)
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
            if !paused {
                profile.unanswered.clear();
            }
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
            let delivers = call.sale_to(key).is_some();
            delivers || call.passes.contains(&key) || call.bids.iter().any(|bid| bid.bidder == key)
        });
        if in_use {
            return Err(refusal::PROFILE_IN_USE);
        }
        self.profiles.remove(&key);
        self.duplicate_rules.remove(&(key.0, Scope::Profile(key.1)));
        self.quotas.remove(&(key.0, QuotaScope::Profile(key.1)));
        self.tell(Outcome::ProfileClosed { buyer: key.0, profile: key.1 });
        Ok(Done::New)
    }

    fn must_have_chunks(&self, wanted: usize) -> Result<(), Refusal> {
        let left = self.capacities.targeting_chunks_max - self.see_targeting_chunks();
        if wanted <= left as usize { Ok(()) } else { Err(refusal::TARGETING_FULL) }
    }

    /// Whether there is room for settings of this profile, if it has none yet.
    pub(super) fn must_have_settings(&self, key: ProfileKey) -> Result<(), Refusal> {
        let others = self.profiles.keys().filter(|other| **other != key && self.has_settings(**other));
        if others.count() < self.capacities.settings_max as usize { Ok(()) } else { Err(refusal::SETTINGS_FULL) }
    }

    /// Whether anything was ever set of the profile that it was not created with, besides its bid, its pauses and its
    /// conjunctions.
    fn has_settings(&self, key: ProfileKey) -> bool {
        let known = &self.profiles[&key];
        let set = [known.modifiers_changed, known.answering_set, known.ranked, known.skills_set, known.grouped];
        set.into_iter().any(|sequence| sequence != known.birth.sequence)
            || self.duplicate_rules.contains_key(&(key.0, Scope::Profile(key.1)))
            || self.quotas.contains_key(&(key.0, QuotaScope::Profile(key.1)))
    }

    /// How many profiles have settings.
    #[must_use]
    pub fn see_settings(&self) -> usize {
        self.profiles.keys().filter(|key| self.has_settings(**key)).count()
    }

    /// How many chunks all profiles and conjunctions take together.
    #[must_use]
    pub fn see_targeting_chunks(&self) -> u32 {
        let of_also = |birth: &Birth| match &birth.body {
            Action::AlsoWants { clauses, .. } => chunks(&[], clauses),
            _ => unreachable!("what else it wants was said so"),
        };
        let of_profile = |known: &Profile| {
            chunks(&known.terms.destinations, &known.terms.clauses) + known.also.iter().map(of_also).sum::<usize>()
        };
        self.profiles.values().map(of_profile).sum::<usize>() as u32
    }
}

/// The first seven words of a list are free; each seven more, or what there is of them, take a chunk.
fn chunks(destinations: &[(Vec<u8>, Millis)], clauses: &[Clause]) -> usize {
    let halved = |count: u16| usize::from(count / 2 + count % 2);
    let fits = |end: i64| end == i64::from(end as i32);
    let of_clause = |clause: &Clause| match clause.test {
        Test::AnyOf { count } | Test::NoneOf { count } => 1 + halved(count),
        Test::InSet { .. } | Test::NotInSet { .. } | Test::Is { .. } => 1,
        Test::Range { low, high } if fits(low) && fits(high) => 3,
        Test::Range { .. } => 5,
        Test::Near { .. } => 4,
    };
    let of_destinations: usize = destinations.iter().map(|(address, _)| 1 + address.len().div_ceil(4)).sum();
    let words = of_destinations + clauses.iter().map(of_clause).sum::<usize>();
    words.max(7).div_ceil(7) - 1
}
