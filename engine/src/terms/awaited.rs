//! A live call's claim on what is remembered of its caller.

use super::DuplicateOn;

/// The caller's place under a duplicate rule that waits for what becomes of the call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Awaited {
    pub(crate) contact: u32,
    pub(crate) on: DuplicateOn,
}

impl Awaited {
    pub(crate) const NONE: Self = Self { contact: u32::MAX, on: DuplicateOn::Incoming };

    /// Whether it is a claim at all.
    pub(crate) const fn is_claim(self) -> bool {
        self.contact != u32::MAX
    }

    /// Whether it waits for this.
    pub(crate) fn waits_for(self, on: DuplicateOn) -> bool {
        self.is_claim() && self.on == on
    }

    /// For the digest.
    pub(crate) fn word(self) -> u64 {
        u64::from(self.contact) << 8 | self.on as u64
    }
}
