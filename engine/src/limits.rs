//! Every capacity of an exchange, and the constants that hold for all of them.
//!
//! All memory is claimed from [`Limits`] when an [`Exchange`](crate::Exchange) is made. Reaching a limit is a named
//! refusal, never an allocation.

use crate::collections::Chains;
use crate::units::{Millis, Seconds};

/// The most events one command may give. A sink must hold this many.
pub const EVENTS_MAX: usize = 256;
/// The most events the firing of one deadline may give: an auction closing with every invitee told.
pub const FIRING_EVENTS_MAX: usize = 96;
/// Attributes one schema may declare.
pub const ATTRIBUTES_MAX: usize = 32;
/// Facts one call may carry, every element of a set counted.
pub const FACTS_MAX: usize = 64;
/// Elements of all set attributes of one call together.
pub const SET_FACTS_MAX: usize = 32;
/// Clauses one profile's targeting may have.
pub const CLAUSES_MAX: usize = 32;
/// Conjunctions one profile's targeting may have, the clauses it was created with counted as one.
pub const CONJUNCTIONS_MAX: usize = 8;
/// Modifiers of one profile's standing bid.
pub const MODIFIERS_MAX: usize = 16;
/// Values one profile may list over all its clauses; longer lists are value sets.
pub const CLAUSE_VALUES_MAX: usize = 256;
/// Destinations one profile may have.
pub const DESTINATIONS_MAX: usize = 4;
/// Bytes of one destination: a business telephone number or SIP address.
pub const DESTINATION_BYTES_MAX: usize = 64;
/// The most words of 32 bits that a clause takes besides those of its values, and that a destination takes.
pub(crate) const CLAUSE_WORDS_MAX: usize = 5;
/// See [`CLAUSE_WORDS_MAX`].
pub(crate) const DESTINATION_WORDS_MAX: usize = 1 + DESTINATION_BYTES_MAX.div_ceil(4);
/// Bytes of the name of an attribute or a value.
pub const NAME_BYTES_MAX: usize = 64;
/// Values one chunk of a value set may carry.
pub const VALUE_SET_CHUNK_MAX: usize = 512;
/// Spans of the week one calendar is open.
pub const OPEN_SPANS_MAX: usize = 32;
/// Holidays, or runs of them, of one calendar.
pub const HOLIDAYS_MAX: usize = 64;
/// Rules one screen may have.
pub const SCREEN_RULES_MAX: usize = 8;
/// Values one screen may list over all its rules; longer lists are value sets.
pub const SCREEN_VALUES_MAX: usize = 64;
/// The longest window of a rule about callers.
pub const CALLER_WINDOW_MAX: Seconds = Seconds(400 * 24 * 3_600);
/// The most calls in a window a frequency rule may let pass: it remembers when each was.
pub const FREQUENCY_CALLS_MAX: u8 = 15;
/// Rules of one quota.
pub const QUOTA_RULES_MAX: usize = 12;
/// Transitions of one zone the log keeps at a time.
pub const TRANSITIONS_MAX: usize = 16;
/// Nodes of the chain of resellers one call came through.
pub const CHAIN_MAX: usize = 8;
/// Profiles one call is tried at.
pub const ATTEMPTS_MAX: usize = 8;
/// Profiles of a group that dials together which ring along with the one that won.
pub const RING_ALONG_MAX: usize = 4;
/// Profiles of a group that dials together which are looked at for that: those that joined it first.
pub const MEMBERS_LOOKED_MAX: usize = 64;
/// The destination's number under which a listing's fallback is reported: no profile has so many.
pub const FALLBACK_INDEX: u8 = u8::MAX;
/// How often one call may be sold again after the buyer's side ended it early.
pub const RECOVERIES_MAX: u8 = 5;
/// The longest an agent may have to give an answered call back.
pub const REJECT_WITHIN_MAX: Seconds = Seconds(90);
/// Unanswered calls in a row that a rule may ask for.
pub const UNANSWERED_MAX: usize = 8;
/// Profiles in live mode that an opening auction invites.
pub const INVITED_MAX: usize = 64;
/// The best losing candidates that are told their result unasked, besides those that were invited.
pub const LOSERS_TOLD_MAX: usize = 8;
/// Candidates that a policy which looks at a few looks at.
pub const POLICY_CANDIDATES_MAX: usize = 64;
/// Skills one profile may have.
pub const PROFILE_SKILLS_MAX: usize = 8;
/// Skills one listing may require.
pub const REQUIRED_SKILLS_MAX: usize = 4;
/// At this many counted calls of a profile and segment both counts are halved.
pub const OUTCOMES_HALVED_AT: u32 = 1_024;
/// Stamped commands a session remembers, to know a retry for what it is.
pub const SESSION_WINDOW: usize = 64;
/// How far ahead of the log an id's own time may lie: clocks differ.
pub const ID_AHEAD_MAX: Seconds = Seconds(60);
/// The longest a quote may live.
pub const QUOTE_LIFE_MAX: Millis = Millis(10 * 60 * 1_000);
/// How long a call that ended as a quote is kept, if the retention is not over sooner. Nothing was sold, so nobody disputes
/// it; it is kept for retries alone, and quotes outnumber calls a hundred times: kept like calls they would need a hundred
/// times `calls_max`.
pub const QUOTE_KEPT_FOR: Seconds = Seconds(3_600);
/// How far a reporter's clock may run ahead of the log's before the record is flagged.
pub const CLOCK_SLACK_MS: u64 = 5_000;
/// Rows of a block of the targeting index: one 64-byte line of bits.
pub const BLOCK_ROWS: usize = 512;

// The fallback's number is nobody else's.
const _: () = assert!(DESTINATIONS_MAX <= FALLBACK_INDEX as usize);
// The closing of an auction and any re-decision each fit one firing: the closing gives AuctionClosed; CallSold, two
// MoneyHeld and CallDialed for the winner and for each that rings along; and one BidLost for each invitee and each standing
// loser.
const _: () = assert!(1 + 4 * (1 + RING_ALONG_MAX) + INVITED_MAX + LOSERS_TOLD_MAX <= FIRING_EVENTS_MAX);
// An auction that closes as it opens gives CallOffered, AuctionOpened and the invitations besides.
const _: () = assert!(2 + INVITED_MAX + FIRING_EVENTS_MAX <= EVENTS_MAX);
// Who rings along has a number of its own, as the one that won.
const _: () = assert!(RING_ALONG_MAX < ATTEMPTS_MAX && RING_ALONG_MAX <= MEMBERS_LOOKED_MAX);
// Of the candidates a policy looks at, enough remain to be told.
const _: () = assert!(POLICY_CANDIDATES_MAX > LOSERS_TOLD_MAX);
// A Tick fires at least one deadline.
const _: () = assert!(FIRING_EVENTS_MAX <= EVENTS_MAX);

/// The most a limit may be that counts things with a place of their own.
const SLOTS_MAX: u32 = 1 << 28;

/// The capacities of one exchange, as its genesis fixes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Accounts, the platform's and the world's included.
    pub accounts_max: u32,
    /// Open sessions over all accounts.
    pub sessions_max: u32,
    /// Deposits and withdrawals remembered so that a retry changes nothing.
    pub movements_max: u32,
    /// Listings.
    pub listings_max: u32,
    /// Profiles.
    pub profiles_max: u32,
    /// Profiles with settings of their own, `profiles_max` at most: see *Room for settings* in `docs/rules.md`.
    pub settings_max: u32,
    /// Verticals, `0..verticals_max`.
    pub verticals_max: u16,
    /// Attributes, at most [`ATTRIBUTES_MAX`].
    pub attributes_max: u16,
    /// Lines of the targeting index, over all attributes, at most 65,535: a category or a set takes one for each of its first 512 values
    /// and one for "absent", a boolean 3, an integer or a point 64; a set of up to 512 values one more for each with the first clause that
    /// excludes some of them.
    pub lines_max: u32,
    /// Values that may be defined over all attributes.
    pub values_max: u32,
    /// Value sets.
    pub value_sets_max: u16,
    /// Values over all value sets.
    pub value_set_values_max: u32,
    /// Zones, from 1: zone 0 is UTC.
    pub zones_max: u16,
    /// Calendars over all accounts.
    pub calendars_max: u32,
    /// Clauses of a profile, at most [`CLAUSES_MAX`].
    pub clauses_max: u16,
    /// Listed values of a profile, at most [`CLAUSE_VALUES_MAX`].
    pub clause_values_max: u16,
    /// Chunks of seven words for what all profiles and conjunctions list of clauses, values and destinations beyond their
    /// first seven words: see *Room for targeting* in `docs/rules.md`.
    pub targeting_chunks_max: u32,
    /// Calls kept: live ones and closed ones not yet sealed.
    pub calls_max: u32,
    /// Calls registered, in auction, or being delivered.
    pub calls_live_max: u32,
    /// Profiles that bid or pass in one auction.
    pub auction_bids_max: u32,
    /// Live bids and passes over all calls that are not closed.
    pub bids_max: u32,
    /// Conjunctions over all profiles, besides the clauses each was created with.
    pub conjunctions_max: u32,
    /// Profiles with modifiers of their standing bid.
    pub modified_max: u32,
    /// Private deals over all listings.
    pub deals_max: u32,
    /// Callers remembered for duplicate rules, each once for each rule it met.
    pub contacts_max: u32,
    /// Callers remembered for frequency rules, each once for each rule it met.
    pub frequencies_max: u32,
    /// Suppressed callers over all accounts.
    pub suppressions_max: u32,
    /// Screens over all listings and accounts.
    pub screens_max: u32,
    /// Quotas over all accounts, empty ones included.
    pub quotas_max: u32,
    /// Groups of profiles over all buyers.
    pub groups_max: u32,
    /// Calls that ring at several profiles of a group at once.
    pub together_max: u32,
    /// Passes of profiles in listings, and times of their tiers, that sharing policies remember.
    pub shares_max: u32,
    /// Profiles and segments whose outcomes are remembered.
    pub outcomes_max: u32,
    /// How long a closed call and a movement are kept, and how old a new id may be.
    pub retention: Seconds,
}

impl Limits {
    /// A market for examples and tests: a thousand profiles and calls, a few megabytes.
    #[must_use]
    pub const fn small() -> Self {
        Self {
            accounts_max: 256,
            sessions_max: 256,
            movements_max: 1_024,
            listings_max: 64,
            profiles_max: 1_024,
            settings_max: 1_024,
            verticals_max: 8,
            attributes_max: 16,
            lines_max: 512,
            values_max: 1_024,
            value_sets_max: 16,
            value_set_values_max: 8_192,
            zones_max: 16,
            calendars_max: 128,
            clauses_max: 16,
            clause_values_max: 64,
            targeting_chunks_max: 35_840,
            calls_max: 4_096,
            calls_live_max: 1_024,
            auction_bids_max: 256,
            bids_max: 4_096,
            conjunctions_max: 256,
            modified_max: 256,
            deals_max: 256,
            contacts_max: 4_096,
            frequencies_max: 1_024,
            suppressions_max: 1_024,
            screens_max: 32,
            quotas_max: 512,
            groups_max: 128,
            together_max: 128,
            shares_max: 4_096,
            outcomes_max: 4_096,
            retention: Seconds(24 * 3_600),
        }
    }

    /// A market of a hundred thousand profiles and a million retained calls.
    #[must_use]
    pub const fn large() -> Self {
        Self {
            accounts_max: 65_536,
            sessions_max: 16_384,
            movements_max: 262_144,
            listings_max: 16_384,
            profiles_max: 131_072,
            settings_max: 32_768,
            verticals_max: 64,
            attributes_max: 32,
            lines_max: 2_048,
            values_max: 65_536,
            value_sets_max: 1_024,
            value_set_values_max: 4_194_304,
            zones_max: 512,
            calendars_max: 16_384,
            clauses_max: 24,
            clause_values_max: 128,
            targeting_chunks_max: 1_048_576,
            calls_max: 1_048_576,
            calls_live_max: 131_072,
            auction_bids_max: 1_024,
            bids_max: 131_072,
            conjunctions_max: 16_384,
            modified_max: 16_384,
            deals_max: 65_536,
            contacts_max: 1_000_000,
            frequencies_max: 250_000,
            suppressions_max: 1_000_000,
            screens_max: 4_096,
            quotas_max: 32_768,
            groups_max: 16_384,
            together_max: 8_192,
            shares_max: 262_144,
            outcomes_max: 262_144,
            retention: Seconds(30 * 24 * 3_600),
        }
    }

    /// For the digest: every limit that can decide a refusal.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> {
        let chunks = u64::from(self.targeting_chunks_max).min(self.targeting_chunks_needed());
        let settings = self.settings_needed() < self.profiles_max;
        // Those of settings follow those of chunks, so that neither can be taken for the other.
        let decides = settings || chunks < self.targeting_chunks_needed();
        let settings = settings.then_some(self.settings_max.into());
        self.fixed_words().into_iter().chain(decides.then_some(chunks)).chain(settings)
    }

    /// For how many profiles' settings there is room: no more than there are profiles.
    pub(crate) const fn settings_needed(&self) -> u32 {
        if self.settings_max < self.profiles_max { self.settings_max } else { self.profiles_max }
    }

    /// As many chunks as suffice whatever every profile and every conjunction lists: a `targeting_chunks_max` with which
    /// nobody is refused; or as many as there may be at all, where that is less.
    #[must_use]
    pub fn targeting_chunks_most(&self) -> u32 {
        self.targeting_chunks_needed().min(SLOTS_MAX.into()) as u32
    }

    fn targeting_chunks_needed(&self) -> u64 {
        let clauses = usize::from(self.clauses_max) * CLAUSE_WORDS_MAX + usize::from(self.clause_values_max);
        let chunks = |words: usize| Chains::shared_by(words) as u64;
        u64::from(self.profiles_max) * chunks(DESTINATIONS_MAX * DESTINATION_WORDS_MAX + clauses)
            + u64::from(self.conjunctions_max) * chunks(clauses)
    }

    fn fixed_words(&self) -> [u64; 32] {
        let Self { accounts_max, sessions_max, movements_max, listings_max, profiles_max, .. } = *self;
        let Self { lines_max, values_max, value_set_values_max, calls_max, calls_live_max, .. } = *self;
        let Self { verticals_max, attributes_max, value_sets_max, zones_max, clauses_max, clause_values_max, .. } =
            *self;
        let Self { conjunctions_max, modified_max, deals_max, .. } = *self;
        let Self { calendars_max, auction_bids_max, bids_max, quotas_max, groups_max, retention, .. } = *self;
        let Self { contacts_max, frequencies_max, suppressions_max, screens_max, .. } = *self;
        let Self { together_max, shares_max, outcomes_max, .. } = *self;
        [
            accounts_max.into(),
            sessions_max.into(),
            movements_max.into(),
            listings_max.into(),
            profiles_max.into(),
            verticals_max.into(),
            attributes_max.into(),
            lines_max.into(),
            values_max.into(),
            value_sets_max.into(),
            value_set_values_max.into(),
            zones_max.into(),
            calendars_max.into(),
            clauses_max.into(),
            clause_values_max.into(),
            calls_max.into(),
            calls_live_max.into(),
            auction_bids_max.into(),
            bids_max.into(),
            conjunctions_max.into(),
            modified_max.into(),
            deals_max.into(),
            contacts_max.into(),
            frequencies_max.into(),
            suppressions_max.into(),
            screens_max.into(),
            quotas_max.into(),
            groups_max.into(),
            together_max.into(),
            shares_max.into(),
            outcomes_max.into(),
            retention.0.into(),
        ]
    }

    /// The first limit that cannot be, by name.
    #[must_use]
    pub const fn fault(&self) -> Option<&'static str> {
        /// Counted from 1 they fit 16 bits.
        const LINES_MAX: u32 = 65_535;
        if self.accounts_max < 2 || self.accounts_max > SLOTS_MAX {
            return Some("accounts_max");
        }
        if self.sessions_max > SLOTS_MAX {
            return Some("sessions_max");
        }
        if self.movements_max > SLOTS_MAX {
            return Some("movements_max");
        }
        if self.listings_max > SLOTS_MAX {
            return Some("listings_max");
        }
        if self.profiles_max > SLOTS_MAX {
            return Some("profiles_max");
        }
        if self.settings_max > SLOTS_MAX {
            return Some("settings_max");
        }
        if self.verticals_max == 0 {
            return Some("verticals_max");
        }
        if self.zones_max == 0 {
            return Some("zones_max");
        }
        if self.calendars_max > SLOTS_MAX {
            return Some("calendars_max");
        }
        if self.attributes_max as usize > ATTRIBUTES_MAX {
            return Some("attributes_max");
        }
        if self.lines_max > LINES_MAX {
            return Some("lines_max");
        }
        if self.values_max > SLOTS_MAX || self.value_set_values_max > SLOTS_MAX {
            return Some("values_max");
        }
        if self.clauses_max as usize > CLAUSES_MAX {
            return Some("clauses_max");
        }
        if self.clause_values_max as usize > CLAUSE_VALUES_MAX {
            return Some("clause_values_max");
        }
        if self.targeting_chunks_max > SLOTS_MAX {
            return Some("targeting_chunks_max");
        }
        if self.auction_bids_max > 65_535 {
            return Some("auction_bids_max");
        }
        if self.calls_max > SLOTS_MAX || self.calls_live_max > self.calls_max {
            return Some("calls_live_max");
        }
        if self.bids_max > SLOTS_MAX || self.auction_bids_max > self.bids_max {
            return Some("auction_bids_max");
        }
        if self.conjunctions_max > SLOTS_MAX {
            return Some("conjunctions_max");
        }
        if self.modified_max > SLOTS_MAX {
            return Some("modified_max");
        }
        if self.deals_max > SLOTS_MAX {
            return Some("deals_max");
        }
        if self.contacts_max > SLOTS_MAX {
            return Some("contacts_max");
        }
        if self.frequencies_max > SLOTS_MAX {
            return Some("frequencies_max");
        }
        if self.suppressions_max > SLOTS_MAX {
            return Some("suppressions_max");
        }
        if self.screens_max > SLOTS_MAX {
            return Some("screens_max");
        }
        if self.quotas_max > SLOTS_MAX {
            return Some("quotas_max");
        }
        if self.groups_max > SLOTS_MAX {
            return Some("groups_max");
        }
        if self.together_max > SLOTS_MAX {
            return Some("together_max");
        }
        if self.shares_max == 0 || self.shares_max > SLOTS_MAX {
            return Some("shares_max");
        }
        if self.outcomes_max == 0 || self.outcomes_max > SLOTS_MAX {
            return Some("outcomes_max");
        }
        if self.retention.0 == 0 {
            return Some("retention");
        }
        None
    }
}
