//! The first record of a log: what makes this exchange this one. Nothing else decides an outcome from outside.

use crate::ids::LogId;
use crate::limits::Limits;

/// The behaviour this crate implements. Changed behaviour gets a higher version, so an old log replays as it was.
pub const RULES_VERSION: u32 = 1;

/// A currency, by its ISO 4217 code. One exchange, one market, one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currency(pub [u8; 3]);

/// The United States dollar.
pub const USD: Currency = Currency(*b"USD");
/// The euro.
pub const EUR: Currency = Currency(*b"EUR");

/// What an [`Exchange`](crate::Exchange) is made from. Same genesis and same commands give the same events, bit for bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// The log this exchange writes.
    pub log: LogId,
    /// Which of several exchanges this is; 0 for the only one.
    pub shard: u16,
    /// The capacities.
    pub limits: Limits,
    /// 128 secret bits that key the hot indexes and every draw of chance, so that no outsider can aim at either.
    pub seed: u128,
    /// The currency of every amount.
    pub currency: Currency,
    /// The behaviour, at most [`RULES_VERSION`].
    pub rules_version: u32,
}

impl Genesis {
    /// A genesis with the newest rules, shard 0, and a log named by its seed.
    #[must_use]
    pub const fn new(limits: Limits, seed: u128, currency: Currency) -> Self {
        Self { log: LogId(seed), shard: 0, limits, seed, currency, rules_version: RULES_VERSION }
    }

    /// The same, with a log id of its own.
    #[must_use]
    pub const fn log(mut self, log: LogId) -> Self {
        self.log = log;
        self
    }

    /// The same, as one of several shards.
    #[must_use]
    pub const fn shard(mut self, shard: u16) -> Self {
        self.shard = shard;
        self
    }
}

/// Why no exchange can be made from a genesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GenesisError {
    /// This limit cannot be.
    Limit(&'static str),
    /// The log asks for rules this crate does not know.
    RulesVersion(u32),
}

impl core::fmt::Display for GenesisError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Limit(name) => write!(formatter, "the limit {name} is outside its range; see the docs of Limits"),
            Self::RulesVersion(version) => {
                write!(formatter, "rules version {version} is unknown; this crate knows 1..={RULES_VERSION}")
            }
        }
    }
}

impl core::error::Error for GenesisError {}
