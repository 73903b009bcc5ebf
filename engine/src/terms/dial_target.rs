//! One destination of a profile.

use crate::event::Destination;
use crate::units::Millis;

/// A destination and how long it may ring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DialTarget {
    /// The address.
    pub destination: Destination,
    /// How long it may ring, from 1 ms to 5 minutes.
    pub ring: Millis,
}
