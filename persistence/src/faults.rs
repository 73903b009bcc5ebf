//! Promises that can be broken on purpose, so that the tests can be tested: the suite must notice each.
//!
//! Only the feature `faults`, which nothing but tests switches on, has a way to make one that is not the default.

#[cfg(feature = "faults")]
pub mod drill;

/// Which promises are broken; by default, none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Planted {
    /// The log is flushed, and the device is never told to keep it.
    pub(crate) no_fdatasync: bool,
    /// A frame is taken whatever frame it says it follows.
    pub(crate) no_chain: bool,
    /// What the anchor says of the log's end is not looked at.
    pub(crate) no_anchor: bool,
}

#[cfg(feature = "faults")]
impl Planted {
    /// The planted fault of this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "no-fdatasync" => Some(Self { no_fdatasync: true, ..Self::default() }),
            "no-chain" => Some(Self { no_chain: true, ..Self::default() }),
            "no-anchor" => Some(Self { no_anchor: true, ..Self::default() }),
            _ => None,
        }
    }
}
