//! How far a call has come, and which steps are legal.

/// Where a call is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum CallState {
    /// Known, not for sale yet.
    Registered,
    /// Quoted, the caller not on the line yet: an indicative quote binds nobody, a firm one has a buyer.
    Quoted,
    /// Taking live bids.
    Auction,
    /// Sold, or fallen back; a destination is being dialled.
    Dialed,
    /// Sold, or fallen back; a destination rings.
    Ringing,
    /// Caller and buyer, or the fallback, are talking.
    Answered,
    /// Over: sold, unsold or canceled; the reason says.
    Closed,
}

impl CallState {
    /// Whether a call may go from here to there.
    ///
    /// ```text
    ///  from \ to    Quoted  Auction  Dialed  Ringing  Answered  Closed
    ///  Registered     x        x       x                          x      (a new offer or quote is registered on its way)
    ///  Quoted                  x       x                          x      (the caller arrived; the quote ended)
    ///  Auction                         x                          x
    ///  Dialed                          x        x        x        x      (the next destination or profile, the fallback)
    ///  Ringing                         x                 x        x
    ///  Answered                        x                          x      (the winner did not keep it: the next profile)
    /// ```
    #[must_use]
    pub const fn can_become(self, next: Self) -> bool {
        match self {
            Self::Registered => matches!(next, Self::Quoted | Self::Auction | Self::Dialed | Self::Closed),
            Self::Quoted => matches!(next, Self::Auction | Self::Dialed | Self::Closed),
            Self::Auction => matches!(next, Self::Dialed | Self::Closed),
            Self::Dialed => matches!(next, Self::Dialed | Self::Ringing | Self::Answered | Self::Closed),
            Self::Ringing => matches!(next, Self::Dialed | Self::Answered | Self::Closed),
            Self::Answered => matches!(next, Self::Dialed | Self::Closed),
            Self::Closed => false,
        }
    }

    /// Whether it is over.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Closed)
    }

    /// Whether a destination is being dialled or rings.
    #[must_use]
    pub const fn is_delivering(self) -> bool {
        matches!(self, Self::Dialed | Self::Ringing)
    }
}
