//! What a progress report says of the leg it is about.

use super::Clocks;

/// Names the leg a report is about, so that a late report of an earlier one cannot touch the present one, and carries
/// the reporter's own clocks, so that a late report, a restart or a retry changes no amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LegReport {
    /// The attempt, as `CallSold` numbered it.
    pub attempt: u8,
    /// The destination, as `CallDialed` numbered it.
    pub destination_index: u8,
    /// The reporter's clocks.
    pub clocks: Clocks,
}

impl LegReport {
    /// The first destination of the first attempt.
    #[must_use]
    pub const fn first(clocks: Clocks) -> Self {
        Self { attempt: 1, destination_index: 0, clocks }
    }

    /// Another leg.
    #[must_use]
    pub const fn leg(attempt: u8, destination_index: u8, clocks: Clocks) -> Self {
        Self { attempt, destination_index, clocks }
    }
}
