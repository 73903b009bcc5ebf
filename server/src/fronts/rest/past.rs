//! Reading the history: once it shows what was asked for, for a period, in pages; and rows of it as those in memory are.

use dce_engine::ids::{AccountId, CallId, ProfileId, Sequence};
use dce_engine::units::Timestamp;
use dce_history::lots::BidKey;
use dce_history::read::{BidCursor, CallCursor, LineCursor};
use dce_history::{CallRow, History, HistoryError, Period};

use super::App;
use super::moment::Moment;
use super::problem::{Fault, Problem};
use super::reads::AHEAD_MAX;
use crate::catalog::{Auction, Call};

/// The history at one moment.
pub(super) struct Past<'a> {
    pub(super) history: &'a History,
    /// The place of the log it shows at least.
    pub(super) sequence: u64,
}

impl App {
    /// The history, once it shows this place, and if it can what everybody may know of by now.
    ///
    /// # Errors
    ///
    /// `SequenceNotReached`; `HistoryUnavailable` where it is no longer kept.
    pub(super) async fn past(&self, min_sequence: Option<u64>) -> Result<Past<'_>, Problem> {
        let (archive, newest) = (&self.0.archive, self.newest());
        if archive.stands_still() {
            return Err(Fault::HistoryUnavailable.into());
        }
        let min_sequence = min_sequence.unwrap_or(0);
        if min_sequence > newest.0.saturating_add(AHEAD_MAX) {
            return Err(Fault::SequenceNotReached.into());
        }
        let wanted = newest.max(Sequence(min_sequence));
        let is_shown = archive.reach(wanted, self.hub().limits.query_wait_max).await;
        let sequence = archive.history.shown().0;
        if !is_shown && sequence < min_sequence {
            return Err(Fault::SequenceNotReached.into());
        }
        Ok(Past { history: &archive.history, sequence })
    }
}

/// From one moment to another: of all time where neither is said.
///
/// # Errors
///
/// When it ends before it begins.
pub(super) fn period(from: Option<Moment>, to: Option<Moment>) -> Result<Period, Problem> {
    let from = from.map_or(Period::ALL.from, |from| from.0);
    let to = to.map_or(Period::ALL.to, |to| to.0);
    if to <= from {
        return Err(Problem::malformed("to", "expected a moment after `from`"));
    }
    Ok(Period { from, to })
}

/// A call of the history, as those in memory are: nothing is known of it that was for its sale only.
pub(super) fn remembered(row: &CallRow) -> Call {
    let auction = row.lot.map(|lot| Auction { lot, invited: Vec::new(), bidders: Vec::new() });
    Call {
        seller: row.seller,
        call: row.call,
        listing: row.listing,
        reserve: row.reserve,
        known_at: row.known_at,
        auction,
        buyers: row.buyers.clone(),
        facts: Vec::new(),
        quote: None,
        dialed: None,
        changed: row.changed,
    }
}

/// A cursor among calls.
pub(super) const fn call_cursor([at, seller, call]: [u128; 3]) -> CallCursor {
    (moment_of(at), (AccountId(seller), CallId(call)))
}

/// Its parts.
pub(super) fn call_place((at, (seller, call)): CallCursor) -> [u128; 3] {
    [u128::from(at.micros()), seller.0, call.0]
}

/// A cursor among bids.
pub(super) const fn bid_cursor([at, buyer, call, seller, profile]: [u128; 5]) -> BidCursor {
    let key: BidKey = (AccountId(buyer), CallId(call), AccountId(seller), ProfileId(profile));
    (moment_of(at), key)
}

/// Its parts.
pub(super) fn bid_place((at, (buyer, call, seller, profile)): BidCursor) -> [u128; 5] {
    [u128::from(at.micros()), buyer.0, call.0, seller.0, profile.0]
}

/// A cursor among lines of money.
pub(super) const fn line_cursor([at, sequence, index]: [u128; 3]) -> LineCursor {
    let (sequence, index) = (Sequence(low(sequence)), (low(index) & 0xffff) as u16);
    (moment_of(at), sequence, index)
}

/// Its parts.
pub(super) fn line_place((at, sequence, index): LineCursor) -> [u128; 3] {
    [u128::from(at.micros()), u128::from(sequence.0), u128::from(index)]
}

const fn moment_of(micros: u128) -> Timestamp {
    Timestamp::from_micros(low(micros))
}

/// Parts that were changed by somebody name some other place, or none.
const fn low(part: u128) -> u64 {
    if part > u64::MAX as u128 { u64::MAX } else { part as u64 }
}

impl From<HistoryError> for Problem {
    fn from(error: HistoryError) -> Self {
        if matches!(error, HistoryError::Gone) {
            return Fault::HistoryGone.into();
        }
        tracing::error!(%error, "the history cannot be read");
        Fault::HistoryUnavailable.into()
    }
}
