//! What a new log is made from, and what an existing one must agree with.

use std::path::Path;

use dce_engine::genesis::{Currency, Genesis, RULES_VERSION};
use dce_engine::ids::LogId;
use dce_engine::limits::Limits;
use dce_runtime::JournalFault;

use crate::error::LogError;

/// What a new log is made from. It is written once; of an existing log it says what is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewLog {
    /// The capacities.
    pub limits: Limits,
    /// The currency of every amount.
    pub currency: Currency,
    /// Which of several exchanges this is; 0 for the only one.
    pub shard: u16,
    /// The secret seed; `None` for 128 bits of the system's randomness, which is what anything but a test wants.
    pub seed: Option<u128>,
    /// The log's name; `None` for 128 bits of the system's randomness.
    pub log: Option<LogId>,
}

/// Which parts of a [`NewLog`] an existing log must have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Agree {
    /// All that are given.
    #[default]
    All,
    /// These, by name (see [`FIELDS`]): what an operator set and did not merely leave at its default.
    Named(Vec<String>),
}

/// A part of the genesis, as text.
type Shown = fn(&Genesis) -> String;

/// The names of what can disagree: `shard`, `currency`, `log`, `seed`, and every limit as `limits.…`.
pub const FIELDS: [&str; 38] = {
    let mut names = [""; 38];
    let mut place = 0;
    while place < names.len() {
        names[place] = TABLE[place].0;
        place += 1;
    }
    names
};

macro_rules! limits {
    ($($name:ident),+ $(,)?) => {
        [$((concat!("limits.", stringify!($name)), (|genesis| genesis.limits.$name.to_string()) as Shown)),+]
    };
}

const TABLE: [(&str, Shown); 38] = {
    let limits = limits![
        accounts_max,
        sessions_max,
        movements_max,
        listings_max,
        profiles_max,
        settings_max,
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
        targeting_chunks_max,
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
    ];
    let mut table: [(&str, Shown); 38] = [("", |_| String::new()); 38];
    table[0] = ("shard", |genesis| genesis.shard.to_string());
    table[1] = ("currency", |genesis| String::from_utf8_lossy(&genesis.currency.0).into_owned());
    table[2] = ("log", |genesis| format!("{:032x}", genesis.log.0));
    // Shown to nobody: whoever knows it can aim at the hot indexes.
    table[3] = ("seed", |genesis| format!("a secret beginning with {:02x}", genesis.seed >> 120));
    table[4] = ("limits.retention", |genesis| format!("{} s", genesis.limits.retention.0));
    let mut place = 0;
    while place < limits.len() {
        table[5 + place] = limits[place];
        place += 1;
    }
    table
};

impl NewLog {
    /// A log of shard 0, with a name and a seed of the system's randomness.
    #[must_use]
    pub const fn new(limits: Limits, currency: Currency) -> Self {
        Self { limits, currency, shard: 0, seed: None, log: None }
    }

    /// The same as a genesis says, name and seed included.
    #[must_use]
    pub const fn of(genesis: &Genesis) -> Self {
        let Genesis { log, shard, limits, seed, currency, .. } = *genesis;
        Self { limits, currency, shard, seed: Some(seed), log: Some(log) }
    }

    /// The genesis of a log made now.
    pub(crate) fn genesis(&self) -> Result<Genesis, JournalFault> {
        Ok(Genesis {
            log: self.log.map_or_else(|| random().map(LogId), Ok)?,
            shard: self.shard,
            limits: self.limits,
            seed: self.seed.map_or_else(random, Ok)?,
            currency: self.currency,
            rules_version: RULES_VERSION,
        })
    }

    /// Whether a log's genesis is as expected; names the first part that is not.
    pub(crate) fn judge(&self, log: &Genesis, agree: &Agree, dir: &Path) -> Result<(), LogError> {
        let Self { limits, currency, shard, seed, log: name } = *self;
        let asked = Genesis {
            log: name.unwrap_or(log.log),
            shard,
            limits,
            seed: seed.unwrap_or(log.seed),
            currency,
            rules_version: log.rules_version,
        };
        for (field, shown) in TABLE {
            let matters = match agree {
                Agree::All => true,
                Agree::Named(names) => names.iter().any(|name| name == field),
            };
            // Seeds are compared whole, and shown in part.
            let differs = if field == "seed" { asked.seed != log.seed } else { shown(&asked) != shown(log) };
            if matters && differs {
                let (log, asked) = (shown(log), shown(&asked));
                return Err(LogError::Disagrees { dir: dir.to_path_buf(), field, log, asked });
            }
        }
        Ok(())
    }
}

fn random() -> Result<u128, JournalFault> {
    let mut bytes = [0; 16];
    let mut filled = 0;
    while filled < bytes.len() {
        let got = rustix::rand::getrandom(&mut bytes[filled..], rustix::rand::GetRandomFlags::empty());
        filled += got.map_err(|error| JournalFault::new("asking the system for randomness", error))?;
    }
    Ok(u128::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use dce_engine::genesis::{EUR, USD};

    use super::*;

    const DIR: &str = "data";

    fn judged(change: impl FnOnce(&mut NewLog), agree: &Agree) -> Option<String> {
        let genesis = Genesis::new(Limits::small(), 7, USD);
        let mut asked = NewLog::of(&genesis);
        change(&mut asked);
        asked.judge(&genesis, agree, Path::new(DIR)).err().map(|error| error.to_string())
    }

    #[test]
    fn what_disagrees_is_named_with_both_values() {
        assert_eq!(judged(|_| (), &Agree::All), None);
        let text = judged(|asked| asked.limits.profiles_max = 9, &Agree::All).unwrap();
        assert!(text.contains("limits.profiles_max 1024, and 9 is configured"), "{text}");
        let text = judged(|asked| asked.currency = EUR, &Agree::All).unwrap();
        assert!(text.contains("currency USD, and EUR is configured"), "{text}");
        for text in
            [judged(|asked| asked.shard = 3, &Agree::All), judged(|asked| asked.log = Some(LogId(9)), &Agree::All)]
        {
            assert!(text.is_some());
        }
    }

    #[test]
    fn a_seed_that_disagrees_is_noticed_and_not_told() {
        let text = judged(|asked| asked.seed = Some(u128::MAX - 7), &Agree::All).unwrap();
        assert!(
            !text.contains(&format!("{:x}", u128::MAX - 7)) && !text.contains(&(u128::MAX - 7).to_string()),
            "{text}"
        );
        assert_eq!(judged(|asked| asked.seed = None, &Agree::All), None);
    }

    #[test]
    fn only_what_is_named_must_agree() {
        let named = Agree::Named(vec![String::from("limits.bids_max")]);
        assert_eq!(judged(|asked| asked.limits.profiles_max = 9, &named), None);
        assert!(judged(|asked| asked.limits.bids_max = 9, &named).is_some());
    }

    #[test]
    fn every_limit_has_a_name() {
        let shown = format!("{:?}", Limits::small());
        let names = FIELDS.iter().filter_map(|name| name.strip_prefix("limits."));
        let known: Vec<_> = names.collect();
        for name in shown.split(['{', ',']).filter_map(|part| part.split_once(':')).map(|(name, _)| name.trim()) {
            assert!(known.contains(&name), "{name} is not compared");
        }
    }

    #[test]
    fn two_new_logs_have_nothing_in_common() {
        let new = NewLog::new(Limits::small(), USD);
        let (one, other) = (new.genesis().unwrap(), new.genesis().unwrap());
        assert!(one.log != other.log && one.seed != other.seed && one.seed != one.log.0);
    }
}
