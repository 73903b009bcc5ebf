//! The status of a call in the words of those who use it.

use dce_engine::reason::Reason;
use dce_runtime::views::{CallState, CallView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in super::super::super) enum CallStatus {
    /// Known, not for sale yet.
    Pending,
    /// In auction, or sold and being dialled.
    Queued,
    /// The destination rings.
    Ringing,
    /// Caller and buyer talk.
    InProgress,
    /// It was talked to its end.
    Completed,
    /// Nobody bought it or nobody kept it.
    Failed,
    /// The caller or the seller gave it up before an answer.
    Canceled,
    /// Nobody picked up.
    NoAnswer,
    /// Every destination was busy.
    Busy,
}

impl CallStatus {
    /// Of a call as views show it.
    pub(in super::super::super) fn of(view: &CallView) -> Self {
        match view.state {
            CallState::Registered | CallState::Quoted => Self::Pending,
            CallState::Auction | CallState::Dialed => Self::Queued,
            CallState::Ringing => Self::Ringing,
            CallState::Answered => Self::InProgress,
            CallState::Closed => view.reason.map_or(Self::Failed, Self::of_closed),
        }
    }

    fn of_closed(reason: Reason) -> Self {
        match reason {
            Reason::Completed | Reason::DurationMaxReached => Self::Completed,
            Reason::CallerHungUp | Reason::SellerCanceled => Self::Canceled,
            Reason::NoAnswer => Self::NoAnswer,
            Reason::Busy => Self::Busy,
            _ => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_ends_a_call_in_a_status_of_the_end() {
        use CallStatus::{Busy, Canceled, Completed, Failed, NoAnswer};
        for reason in Reason::ALL {
            let status = CallStatus::of_closed(*reason);
            assert!([Busy, Canceled, Completed, Failed, NoAnswer].contains(&status), "{reason:?}");
            assert!(status != Completed || !reason.is_unsold(), "{reason:?}");
        }
    }
}
