//! Statements: what an account had, what moved, what it has. The sum is checked before it is told.

use dce_engine::ids::AccountId;
use dce_engine::units::Money;
use dce_persistence::tables::Order;

use crate::HistoryError;
use crate::read::{History, LineCursor, Period};
use crate::rows::Line;

/// A part of an account's statement: opening and movements make the closing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The balance before the first movement.
    pub opening: Money,
    /// What moved, in the order of the log.
    pub lines: Vec<Line>,
    /// The balance after the last movement.
    pub closing: Money,
    /// Where the next part begins, if there is more: its opening is this one's closing.
    pub next: Option<LineCursor>,
}

impl History {
    /// An account's statement of a period, at most so many movements of it.
    ///
    /// # Errors
    ///
    /// [`Gone`](HistoryError::Gone) when the period begins before what is kept, and when it cannot be read, or does not add
    /// up.
    pub fn statement(
        &self,
        account: AccountId,
        period: Period,
        after: Option<LineCursor>,
        limit: usize,
    ) -> Result<Statement, HistoryError> {
        if period.from < self.kept_since() {
            return Err(HistoryError::Gone);
        }
        let found = self.lines((account, period), after, limit, Line::is_transfer)?;
        let opening = match (found.items.first(), after) {
            (Some(first), _) => first.opening(),
            (None, Some((at, ..))) => self.balance_before(account, at)?,
            (None, None) => self.balance_before(account, period.from)?,
        };
        let mut closing = opening;
        for line in &found.items {
            closing = closing + line.change;
            if closing != line.balance {
                return Err(HistoryError::Damaged { table: "lines" });
            }
        }
        Ok(Statement { opening, lines: found.items, closing, next: found.next })
    }

    /// What an account had before a moment: what the nearest line says, before it or from it on.
    fn balance_before(&self, account: AccountId, at: dce_engine::units::Timestamp) -> Result<Money, HistoryError> {
        if let Some(line) = self.line_beside(account, at, Order::Backwards)? {
            return Ok(line.balance);
        }
        match self.line_beside(account, at, Order::Forwards)? {
            Some(line) => Ok(line.opening()),
            None => Ok(self.balance(account)?.unwrap_or(Money::ZERO)),
        }
    }
}
