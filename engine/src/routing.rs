//! From a call to its winner, and from the winner to the phone that rings.
//!
//! Invariant: between the look at a candidate and the hold on it nothing happens: the decision, the counts and the money
//! move in one step, so nothing is ever sold twice.

mod choose;
mod decide;
mod deliver;
mod opening;
mod question;
mod rank;
mod row_state;
mod standing;

pub(crate) use decide::Decision;
pub(crate) use question::Question;
