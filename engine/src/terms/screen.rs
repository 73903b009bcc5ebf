//! One rule by which a call's facts keep it from being sold.

use super::{Clause, Leg};
use crate::reason::Reason;

/// Refuses calls by their facts: a registry's answer, a signature's level or a model's score, which the edge put on the
/// call as a fact. The core only judges it, so a replay needs no registry and no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScreenRule {
    /// Which legs it is about; `None` is all of them. Which law applies depends on how the caller came to be on the line.
    pub leg: Option<Leg>,
    /// What it asks, as a profile's clause would.
    pub clause: Clause,
    /// Refuses the calls whose facts the clause does *not* accept, those without the fact among them, in place of those
    /// it accepts.
    pub unless: bool,
    /// Why: a compliance or a fraud reason.
    pub reason: Reason,
}

impl ScreenRule {
    /// Refuses calls whose facts `clause` accepts.
    #[must_use]
    pub const fn refuse(reason: Reason, clause: Clause) -> Self {
        Self { leg: None, clause, unless: false, reason }
    }

    /// Refuses calls whose facts `clause` does not accept.
    #[must_use]
    pub const fn require(reason: Reason, clause: Clause) -> Self {
        Self { leg: None, clause, unless: true, reason }
    }

    /// On this leg only.
    #[must_use]
    pub const fn on(mut self, leg: Leg) -> Self {
        self.leg = Some(leg);
        self
    }
}

/// What fills the unused places of a list.
impl Default for ScreenRule {
    fn default() -> Self {
        Self::refuse(Reason::FraudSuspected, Clause::default())
    }
}
