//! Quantities. Money, time, shares and distance are integer newtypes with only the operators that make sense; there is
//! no float constructor, and text with decimals is parsed in one place.

mod geo;
mod money;
mod time;

pub use geo::{GeoPoint, Metres};
pub use money::{BasisPoints, Money, ParseMoneyError, usd};
pub use time::{Millis, Seconds, Timestamp};
