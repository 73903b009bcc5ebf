//! The status of a call in the words of those who use it.

use dce_runtime::views::CallView;
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
        dce_history::CallStatus::of(view).into()
    }
}

impl From<dce_history::CallStatus> for CallStatus {
    fn from(status: dce_history::CallStatus) -> Self {
        use dce_history::CallStatus as Known;
        match status {
            Known::Pending => Self::Pending,
            Known::Queued => Self::Queued,
            Known::Ringing => Self::Ringing,
            Known::InProgress => Self::InProgress,
            Known::Completed => Self::Completed,
            Known::Failed => Self::Failed,
            Known::Canceled => Self::Canceled,
            Known::NoAnswer => Self::NoAnswer,
            Known::Busy => Self::Busy,
        }
    }
}
