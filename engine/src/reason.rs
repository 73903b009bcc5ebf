//! Why an accepted call or bid came to what it came to: one closed list, with codes that never change meaning.
//!
//! Codes below 500 are OpenRTB's loss reasons (OpenRTB 3.0, "List: Loss Reason Codes"); ours start at 501. A reason is
//! journaled, counted and explainable, in contrast to a [`Reject`](crate::Reject), which leaves no trace.

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal => $text:literal,)+) => {
        /// Why a call was not sold, an attempt ended, or a candidate did not win.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$doc])* $name = $code,)+
        }

        impl Reason {
            /// Every reason, in order of code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// One sentence for the party it concerns.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

reasons! {
    /// The call came to an end without having been offered in time.
    OpportunityExpired = 2 => "the call was registered but not offered in time",
    /// The amount is below the reserve of the listing or of the auction.
    BelowReserve = 100 => "the amount is below the reserve",
    /// Another candidate of the same tier bid more.
    LostToHigherBid = 102 => "a higher bid won",
    /// The caller, or the seller for the caller, ended the call before it was answered.
    CallerHungUp = 501 => "the caller hung up before an answer",
    /// The profile is paused.
    ProfilePaused = 502 => "the profile is paused",
    /// The profile has had its calls for this hour.
    HourlyCapReached = 503 => "the profile's hourly cap is reached",
    /// As many calls are live as the profile takes at once.
    ConcurrencyReached = 504 => "the profile's concurrency is reached",
    /// The amount does not fit what is left of the profile's budget for the day.
    DailyBudgetReached = 505 => "the amount exceeds what is left of the daily budget",
    /// A clause of the profile's targeting does not accept the call's facts.
    TargetingMismatch = 507 => "the call does not meet the profile's targeting",
    /// Nobody picked up within the ring time-out.
    NoAnswer = 513 => "no answer",
    /// The destination was busy.
    Busy = 514 => "the destination was busy",
    /// The destination could not be reached.
    DialFailed = 515 => "the destination could not be dialled",
    /// The live bid ran out before the auction closed.
    BidExpired = 517 => "the bid expired before the auction closed",
    /// What would be left between revenue and payout is below the listing's minimum margin, or the promise made to the
    /// seller could not be kept.
    MarginTooThin = 519 => "the margin after the promised payout is too thin",
    /// The profile has had its calls for this day.
    DailyCapReached = 523 => "the profile's daily cap is reached",
    /// The profile has had all its calls.
    TotalCapReached = 524 => "the profile's total cap is reached",
    /// The buyer's available balance does not cover the amount.
    BalanceTooLow = 525 => "the buyer's balance does not cover the amount",
    /// A payout may fall due before the revenue is earned, and the platform's balance does not cover it.
    PlatformFloatTooLow = 526 => "the platform's float does not cover a payout due before the revenue",
    /// A candidate of a better tier won.
    LostToBetterTier = 527 => "a candidate of a better tier won",
    /// The profile passed on this call, or has neither a standing bid nor a live bid on it.
    NoBid = 528 => "no bid on this call: none stands, or the profile passed",
    /// The call was tried at this profile before and came back.
    AlreadyTried = 529 => "the call was tried at this profile already",
    /// Nobody eligible.
    NoCandidate = 530 => "no eligible candidate",
    /// The call was tried at as many profiles as one call may be.
    AttemptsExhausted = 531 => "the call was tried as often as a call may be",
    /// An equal amount was bid earlier.
    LostToEarlierBid = 532 => "an equal bid came earlier",
    /// The call reached the longest time it may last.
    DurationMaxReached = 533 => "the call reached its longest duration",
    /// The profile buys in another vertical.
    VerticalMismatch = 534 => "the profile buys in another vertical",
    /// The call was answered and hung up.
    Completed = 535 => "the call was completed",
    /// The seller took the call back.
    SellerCanceled = 536 => "the seller canceled the call",
    /// The profile's calendar is closed at this moment of its buyer's local time.
    OutsideHours = 537 => "the profile is outside its opening hours",
    /// The listing's calendar is closed at this moment of its seller's local time: the call was not for sale.
    ListingClosed = 538 => "the listing is outside its opening hours",
    /// The profile does not know a skill that the listing requires, or not well enough.
    SkillMissing = 550 => "the profile lacks a skill the listing requires",
    /// It was another candidate's turn.
    LostToShare = 551 => "it was another candidate's turn",
    /// Another candidate is more proficient, or has waited longer for a call.
    LostToSkill = 552 => "a more proficient candidate won, or one idle for longer",
    /// Another candidate's score under the listing's policy is higher, or equal and first in order.
    LostToScore = 553 => "a candidate with a higher score won",
    /// A candidate of which little is known was tried.
    LostToExploration = 554 => "a candidate of which little is known was tried",
}

impl Reason {
    /// The stable code, as it stands in the log and on the wire.
    #[must_use]
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// Whether it is one of the profile's own caps: it lasts until the window ends or a call gives its place back.
    #[must_use]
    pub const fn is_cap(self) -> bool {
        matches!(
            self,
            Self::ConcurrencyReached
                | Self::HourlyCapReached
                | Self::DailyCapReached
                | Self::TotalCapReached
                | Self::DailyBudgetReached
        )
    }

    /// Whether a call that closed with it was never delivered for want of a buyer.
    #[must_use]
    pub const fn is_unsold(self) -> bool {
        matches!(
            self,
            Self::OpportunityExpired
                | Self::ListingClosed
                | Self::NoCandidate
                | Self::AttemptsExhausted
                | Self::NoAnswer
                | Self::Busy
                | Self::DialFailed
        )
    }

    /// The reason with this code.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_rise_and_round_trip() {
        assert!(Reason::ALL.windows(2).all(|pair| pair[0].code() < pair[1].code()));
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(*reason));
        }
        assert_eq!(Reason::from_code(0), None);
    }
}
