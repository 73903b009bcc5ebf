//! From a call to its winner, and from the winner to the phone that rings.
//!
//! Invariant: between the look at a candidate and the hold on it nothing happens: the decision, the counts and the money
//! move in one step, so nothing is ever sold twice.

mod choose;
mod decide;
mod deliver;
mod distance;
mod early_close;
mod fall_back;
mod opening;
mod pacing;
mod price_to_win;
mod question;
mod quota;
mod quote;
mod rank;
mod recover;
mod row_state;
mod screening;
mod standing;
mod tell;
mod together;

pub(crate) use choose::Choice;
pub(crate) use decide::Decision;
pub(crate) use question::{OwnHolds, Past, Question};
pub(crate) use rank::Candidate;
pub(crate) use screening::Screened;
pub(crate) use standing::Standing;
