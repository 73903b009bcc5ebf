//! Time as the log tells it: microseconds UTC for moments, milliseconds and seconds for lengths.

use core::fmt;
use core::ops::Add;

/// A moment: microseconds since 1970-01-01 UTC. Always an argument, never read from a clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The last moment the exchange accepts, far enough from the integer's end that no deadline overflows.
    pub const MAX: Self = Self(1 << 60);

    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the epoch.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds * 1_000_000)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Microseconds from an earlier moment to this one; zero when it is not earlier.
    #[must_use]
    pub const fn micros_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A length in milliseconds: ring time-outs, auction windows, the clocks of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u32);

/// A length in whole seconds: the terms of a sale, the longest call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub u32);

impl Seconds {
    /// The same length in milliseconds, which does not fit 32 bits.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.0 as u64 * 1_000
    }
}

impl Add<Millis> for Timestamp {
    type Output = Self;

    fn add(self, length: Millis) -> Self {
        Self(self.0 + u64::from(length.0) * 1_000)
    }
}

impl Add<Seconds> for Timestamp {
    type Output = Self;

    fn add(self, length: Seconds) -> Self {
        Self(self.0 + length.millis() * 1_000)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}
