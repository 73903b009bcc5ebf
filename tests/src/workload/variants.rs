//! Markets of different sizes and tempers, so that each limit, each refusal and each reason comes up somewhere.

use crate::twin::state::Capacities;

/// What kind of market a stream of commands lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Every table is full most of the time.
    Tiny,
    /// A handful of buyers and sellers with room to move.
    Market,
    /// Many profiles, and hardly anybody answers: attempts are exhausted.
    Failing,
    /// More profiles in live mode than are invited, many auctions: ticks that do not fit one sink.
    Crowd,
    /// More profiles than one block of the engine's index has rows.
    Wide,
    /// Amounts at the upper end: the exchange runs out of countable money.
    Rich,
    /// Just after 1970, in zones west of Greenwich: local time stands at zero.
    Epoch,
}

impl Variant {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Tiny, Self::Market, Self::Failing, Self::Crowd, Self::Wide, Self::Rich, Self::Epoch];

    /// How much fits.
    #[must_use]
    pub const fn capacities(self) -> Capacities {
        match self {
            Self::Tiny => Capacities {
                accounts_max: 7,
                sessions_max: 6,
                movements_max: 5,
                listings_max: 3,
                profiles_max: 5,
                settings_max: 2,
                verticals_max: 2,
                attributes_max: 7,
                lines_max: 160,
                values_max: 9,
                value_sets_max: 3,
                value_set_values_max: 8,
                zones_max: 3,
                calendars_max: 3,
                clauses_max: 3,
                clause_values_max: 4,
                targeting_chunks_max: 5,
                calls_max: 9,
                calls_live_max: 5,
                auction_bids_max: 1,
                bids_max: 2,
                conjunctions_max: 3,
                modified_max: 2,
                deals_max: 3,
                contacts_max: 2,
                frequencies_max: 2,
                suppressions_max: 1,
                screens_max: 2,
                quotas_max: 5,
                groups_max: 2,
                together_max: 1,
                shares_max: 3,
                outcomes_max: 2,
                retention_seconds: 90,
            },
            Self::Market | Self::Epoch => Capacities {
                accounts_max: 12,
                sessions_max: 16,
                movements_max: 40,
                listings_max: 8,
                profiles_max: 20,
                settings_max: 14,
                verticals_max: 2,
                attributes_max: 8,
                lines_max: 2_000,
                values_max: 40,
                value_sets_max: 4,
                value_set_values_max: 20,
                zones_max: 4,
                calendars_max: 12,
                clauses_max: 6,
                clause_values_max: 12,
                targeting_chunks_max: 60,
                calls_max: 60,
                calls_live_max: 30,
                auction_bids_max: 4,
                bids_max: 10,
                conjunctions_max: 14,
                modified_max: 8,
                deals_max: 10,
                contacts_max: 8,
                frequencies_max: 6,
                suppressions_max: 2,
                screens_max: 5,
                quotas_max: 24,
                groups_max: 6,
                together_max: 4,
                shares_max: 24,
                outcomes_max: 12,
                retention_seconds: 3_600,
            },
            Self::Failing => Capacities {
                profiles_max: 28,
                settings_max: 28,
                calls_max: 80,
                retention_seconds: 7_200,
                ..Self::Market.capacities()
            },
            Self::Crowd => Capacities {
                profiles_max: 100,
                settings_max: 70,
                targeting_chunks_max: 300,
                calls_max: 80,
                calls_live_max: 60,
                auction_bids_max: 40,
                bids_max: 120,
                together_max: 20,
                conjunctions_max: 60,
                modified_max: 40,
                shares_max: 300,
                outcomes_max: 200,
                ..Self::Market.capacities()
            },
            Self::Wide => Capacities {
                profiles_max: 1_300,
                settings_max: 900,
                targeting_chunks_max: 6_000,
                conjunctions_max: 400,
                modified_max: 300,
                shares_max: 2_000,
                ..Self::Crowd.capacities()
            },
            Self::Rich => {
                Capacities { movements_max: 6_000, retention_seconds: 24 * 3_600, ..Self::Market.capacities() }
            }
        }
    }

    /// How many profile ids each buyer uses.
    pub(super) const fn profile_ids(self) -> u64 {
        match self {
            Self::Tiny => 3,
            Self::Market | Self::Rich | Self::Epoch => 5,
            Self::Failing => 8,
            Self::Crowd => 30,
            Self::Wide => 400,
        }
    }

    /// How many profiles the opening sequence tries to create.
    pub(super) const fn profiles_at_start(self) -> u64 {
        match self {
            Self::Tiny => 6,
            Self::Market | Self::Rich | Self::Epoch => 14,
            Self::Failing => 26,
            Self::Crowd => 98,
            Self::Wide => 1_600,
        }
    }

    /// In a hundred reports, how many tell of failed legs.
    pub(super) const fn failing_percent(self) -> u64 {
        match self {
            Self::Failing => 90,
            Self::Tiny | Self::Market | Self::Crowd | Self::Wide | Self::Rich | Self::Epoch => 35,
        }
    }

    /// When the stream begins, in seconds. The usual one lies in the week America changes its clocks.
    pub(super) const fn start_seconds(self) -> u64 {
        match self {
            Self::Epoch => 3_000,
            _ => 1_772_956_000,
        }
    }
}
