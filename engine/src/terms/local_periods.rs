//! Which hour and which day it is for the owner of something.

/// The hour and the day it is somewhere, as numbers that count up from 1970 local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LocalPeriods {
    pub(crate) hour: u32,
    pub(crate) day: u32,
}
