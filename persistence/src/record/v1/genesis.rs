//! The genesis: what a log says before its first command.

use dce_engine::Genesis;
use dce_engine::genesis::Currency;
use dce_engine::ids::LogId;
use dce_engine::limits::Limits;
use dce_engine::units::Seconds;
use rkyv::{Archive, Serialize};

use super::{put, with_lists};

#[derive(Archive, Serialize)]
struct GenesisV1 {
    log: u128,
    shard: u16,
    seed: u128,
    currency: [u8; 3],
    rules_version: u32,
    limits: LimitsV1,
}

#[derive(Archive, Serialize)]
struct LimitsV1 {
    accounts_max: u32,
    sessions_max: u32,
    movements_max: u32,
    listings_max: u32,
    profiles_max: u32,
    verticals_max: u16,
    attributes_max: u16,
    lines_max: u32,
    values_max: u32,
    value_sets_max: u16,
    value_set_values_max: u32,
    zones_max: u16,
    calendars_max: u32,
    clauses_max: u16,
    clause_values_max: u16,
    calls_max: u32,
    calls_live_max: u32,
    auction_bids_max: u32,
    bids_max: u32,
    conjunctions_max: u32,
    modified_max: u32,
    deals_max: u32,
    contacts_max: u32,
    frequencies_max: u32,
    suppressions_max: u32,
    screens_max: u32,
    quotas_max: u32,
    groups_max: u32,
    together_max: u32,
    shares_max: u32,
    outcomes_max: u32,
    retention_seconds: u32,
}

pub(in crate::record) fn write_genesis(genesis: &Genesis, record: &mut Vec<u8>) {
    let &Genesis { log, shard, limits, seed, currency, rules_version } = genesis;
    // As lists do, they lie before the struct, which began without them; where they bind nobody they are not there at all.
    if binds_settings(&limits) {
        record.extend_from_slice(&limits.settings_max.to_le_bytes());
    }
    if binds_settings(&limits) || binds_chunks(&limits) {
        record.extend_from_slice(&limits.targeting_chunks_max.to_le_bytes());
    }
    let limits = LimitsV1::of(&limits);
    put(&GenesisV1 { log: log.0, shard, seed, currency: currency.0, rules_version, limits }, record);
}

pub(in crate::record) fn read_genesis(body: &[u8]) -> Option<Genesis> {
    let (before, _) = body.split_at_checked(body.len().checked_sub(size_of::<ArchivedGenesisV1>())?)?;
    let (words, rest) = before.as_chunks();
    if words.len() > 2 || !rest.is_empty() {
        return None;
    }
    let v1 = with_lists::<ArchivedGenesisV1>(body, |_| before.len())?;
    let mut limits = v1.limits.read();
    let mut later = words.iter().rev().map(|word| u32::from_le_bytes(*word));
    limits.targeting_chunks_max = later.next().unwrap_or_else(|| limits.targeting_chunks_most());
    limits.settings_max = later.next().unwrap_or(limits.profiles_max);
    // What binds nobody is not written: one genesis, one record.
    let expected = match (binds_settings(&limits), binds_chunks(&limits)) {
        (true, _) => 2,
        (false, binds_chunks) => usize::from(binds_chunks),
    };
    if words.len() != expected {
        return None;
    }
    Some(Genesis {
        log: LogId(v1.log.to_native()),
        shard: v1.shard.to_native(),
        limits,
        seed: v1.seed.to_native(),
        currency: Currency(v1.currency),
        rules_version: v1.rules_version.to_native(),
    })
}

const fn binds_settings(limits: &Limits) -> bool {
    limits.settings_max != limits.profiles_max
}

fn binds_chunks(limits: &Limits) -> bool {
    limits.targeting_chunks_max != limits.targeting_chunks_most()
}

impl LimitsV1 {
    fn of(limits: &Limits) -> Self {
        let &Limits { accounts_max, sessions_max, movements_max, listings_max, profiles_max, verticals_max, .. } =
            limits;
        let &Limits { attributes_max, lines_max, values_max, value_sets_max, value_set_values_max, .. } = limits;
        let &Limits { zones_max, calendars_max, clauses_max, clause_values_max, calls_max, calls_live_max, .. } =
            limits;
        let &Limits { auction_bids_max, bids_max, conjunctions_max, modified_max, deals_max, retention, .. } = limits;
        let &Limits { contacts_max, frequencies_max, suppressions_max, screens_max, .. } = limits;
        let &Limits { quotas_max, groups_max, together_max, .. } = limits;
        let &Limits { shares_max, outcomes_max, .. } = limits;
        Self {
            accounts_max,
            sessions_max,
            movements_max,
            listings_max,
            profiles_max,
            verticals_max,
            attributes_max,
            lines_max,
            values_max,
            value_sets_max,
            value_set_values_max,
            zones_max,
            calendars_max,
            clauses_max,
            clause_values_max,
            calls_max,
            calls_live_max,
            auction_bids_max,
            bids_max,
            conjunctions_max,
            modified_max,
            deals_max,
            contacts_max,
            frequencies_max,
            suppressions_max,
            screens_max,
            quotas_max,
            groups_max,
            together_max,
            shares_max,
            outcomes_max,
            retention_seconds: retention.0,
        }
    }
}

impl ArchivedLimitsV1 {
    const fn read(&self) -> Limits {
        Limits {
            accounts_max: self.accounts_max.to_native(),
            sessions_max: self.sessions_max.to_native(),
            movements_max: self.movements_max.to_native(),
            listings_max: self.listings_max.to_native(),
            profiles_max: self.profiles_max.to_native(),
            settings_max: 0,
            verticals_max: self.verticals_max.to_native(),
            attributes_max: self.attributes_max.to_native(),
            lines_max: self.lines_max.to_native(),
            values_max: self.values_max.to_native(),
            value_sets_max: self.value_sets_max.to_native(),
            value_set_values_max: self.value_set_values_max.to_native(),
            zones_max: self.zones_max.to_native(),
            calendars_max: self.calendars_max.to_native(),
            clauses_max: self.clauses_max.to_native(),
            clause_values_max: self.clause_values_max.to_native(),
            targeting_chunks_max: 0,
            calls_max: self.calls_max.to_native(),
            calls_live_max: self.calls_live_max.to_native(),
            auction_bids_max: self.auction_bids_max.to_native(),
            bids_max: self.bids_max.to_native(),
            conjunctions_max: self.conjunctions_max.to_native(),
            modified_max: self.modified_max.to_native(),
            deals_max: self.deals_max.to_native(),
            contacts_max: self.contacts_max.to_native(),
            frequencies_max: self.frequencies_max.to_native(),
            suppressions_max: self.suppressions_max.to_native(),
            screens_max: self.screens_max.to_native(),
            quotas_max: self.quotas_max.to_native(),
            groups_max: self.groups_max.to_native(),
            together_max: self.together_max.to_native(),
            shares_max: self.shares_max.to_native(),
            outcomes_max: self.outcomes_max.to_native(),
            retention: Seconds(self.retention_seconds.to_native()),
        }
    }
}

#[cfg(test)]
mod tests {
    use dce_engine::genesis::USD;

    use super::*;

    /// A log that was begun before there were these limits has room for all that anybody may list and set.
    #[test]
    fn later_limits_are_written_where_they_may_refuse_somebody() {
        let most = Limits::small().targeting_chunks_most();
        let short = size_of::<ArchivedGenesisV1>();
        for (targeting_chunks_max, bytes) in
            [(most, short), (most - 1, short + 4), (0, short + 4), (most + 1, short + 4)]
        {
            let genesis = Genesis::new(Limits { targeting_chunks_max, ..Limits::small() }, 7, USD);
            let mut record = Vec::new();
            write_genesis(&genesis, &mut record);
            assert_eq!(record.len(), bytes);
            assert_eq!(read_genesis(&record), Some(genesis));
        }
        for (settings_max, bytes) in [(1_024, short), (1_023, short + 8), (0, short + 8), (1_025, short + 8)] {
            for targeting_chunks_max in [most, 7] {
                let genesis = Genesis::new(Limits { settings_max, targeting_chunks_max, ..Limits::small() }, 7, USD);
                let mut record = Vec::new();
                write_genesis(&genesis, &mut record);
                let alone = usize::from(settings_max == 1_024 && targeting_chunks_max == 7) * 4;
                assert_eq!(record.len(), bytes + alone);
                assert_eq!(read_genesis(&record), Some(genesis));
            }
        }
        let mut record = [1_024, 7_u32].map(u32::to_le_bytes).concat();
        write_genesis(&Genesis::new(Limits { targeting_chunks_max: most, ..Limits::small() }, 7, USD), &mut record);
        assert_eq!(read_genesis(&record), None, "what binds nobody is not written");
        let mut record = most.to_le_bytes().to_vec();
        write_genesis(&Genesis::new(Limits::small(), 7, USD), &mut record);
        assert_eq!(read_genesis(&record), None, "one genesis, one record");
        assert_eq!(read_genesis(&record[1..]), None);
    }
}
