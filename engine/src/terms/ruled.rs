//! Which rules something has that most things of its kind have not.

/// A bit for each rule; what they say is kept elsewhere. A decision looks at the bits before it goes and asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ruled(u8);

impl Ruled {
    /// None of them.
    pub(crate) const NONE: Self = Self(0);
    /// A quota of its own, or a group that may have one.
    pub(crate) const QUOTAS: Self = Self(1);
    /// A duplicate rule of its own.
    pub(crate) const CALLERS: Self = Self(8);
    /// Modifiers of its standing bid.
    pub(crate) const MODIFIERS: Self = Self(32);
    /// Further conjunctions.
    pub(crate) const CONJUNCTIONS: Self = Self(64);

    /// These and those.
    #[inline]
    pub(crate) const fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    #[inline]
    pub(crate) const fn has(self, rule: Self) -> bool {
        self.0 & rule.0 != 0
    }

    pub(crate) const fn set(&mut self, rule: Self, is_set: bool) {
        self.0 = if is_set { self.0 | rule.0 } else { self.0 & !rule.0 };
    }
}
