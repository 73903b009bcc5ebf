//! Why an accepted call or bid came to what it came to: one closed list, with codes that never change meaning.
//!
//! Codes below 500 are OpenRTB's loss reasons (OpenRTB 3.0, "List: Loss Reason Codes"); ours start at 501. A reason is
//! journaled, counted and explainable, in contrast to a [`Reject`](crate::Reject), which leaves no trace.

mod order;

pub use order::{Rule, Stage};

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
    /// The amount is below what the buyer's deal asks.
    BelowDealFloor = 101 => "the amount is below what the buyer's deal asks",
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
    /// The same caller called the listing, the profile or the buyer before, within the window of its duplicate rule.
    DuplicateCaller = 506 => "the caller has called before, within the window of the duplicate rule",
    /// A clause of the profile's targeting does not accept the call's facts.
    TargetingMismatch = 507 => "the call does not meet the profile's targeting",
    /// The buyer, the seller or the platform wants no calls from this caller.
    CallerSuppressed = 508 => "calls from this caller are suppressed",
    /// The caller is known to sue over calls.
    LitigatorListed = 509 => "the caller is on a list of litigators",
    /// The consent this leg needs is missing, expired or somebody else's.
    ConsentMissing = 510 => "the consent that this leg needs is missing",
    /// The caller's local hour is one at which calls on this leg are not allowed.
    CallingHours = 511 => "calls on this leg are not allowed at the caller's local hour",
    /// The signature on the caller's number is weaker than asked.
    AttestationTooLow = 512 => "the attestation of the caller's number is too low",
    /// Nobody picked up within the ring time-out.
    NoAnswer = 513 => "no answer",
    /// The destination was busy.
    Busy = 514 => "the destination was busy",
    /// The destination could not be reached.
    DialFailed = 515 => "the destination could not be dialled",
    /// The buyer's side ended the answered call before it had lasted as long as its listing asks for.
    ShortCall = 516 => "the buyer's side ended the call too early",
    /// The live bid ran out before the auction closed.
    BidExpired = 517 => "the bid expired before the auction closed",
    /// What would be left between revenue and payout is below the listing's minimum margin, or the promise made to the
    /// seller could not be kept.
    MarginTooThin = 519 => "the margin after the promised payout is too thin",
    /// The caller called as often as a frequency rule lets anybody call within its window.
    FrequencyReached = 521 => "the caller has called as often as the frequency rule allows",
    /// The call came through this exchange before, or through somebody twice; of a candidate: its buyer sold the call on.
    ChainLoop = 522 => "the call came through the same hands before",
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
    /// The quota of the profile has no room for the call, or for the amount.
    ProfileQuotaReached = 540 => "the profile's quota is reached",
    /// The quota of the profile's group has no room for the call, or for the amount.
    GroupQuotaReached = 541 => "the quota of the profile's group is reached",
    /// The quota of the buyer has no room for the call, or for the amount.
    BuyerQuotaReached = 542 => "the buyer's quota is reached",
    /// The quota of the listing has no room for the call, or for the amount.
    ListingQuotaReached = 543 => "the listing's quota is reached",
    /// The quota of the seller has no room for the call, or for the amount.
    SellerQuotaReached = 544 => "the seller's quota is reached",
    /// A quota asks for more time between two calls.
    TooSoon = 545 => "too soon after the last call under the same quota",
    /// Money that a quota spreads evenly is ahead of its line, or outside its hours.
    PacedOut = 546 => "the budget is ahead of its pace",
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
    /// The buyer's side hung up, or declined, before an answer.
    BuyerHungUp = 560 => "the buyer's side hung up before an answer",
    /// The buyer's agent gave the answered call back.
    AgentRejected = 561 => "the buyer's agent gave the call back",
    /// Another profile that was dialled at the same time answered first.
    AnsweredElsewhere = 562 => "another profile of the group answered first",
    /// The caller is on a do-not-call register that holds for this leg.
    DoNotCallListed = 570 => "the caller is on a do-not-call register",
    /// The number belongs to somebody else by now than the one who consented.
    NumberReassigned = 571 => "the caller's number was reassigned since the consent",
    /// The call may not be recorded, and the listing's calls are.
    RecordingConsentMissing = 572 => "the consent to record is missing",
    /// The profile's or its buyer's duplicate rule would have to remember this caller, and `contacts_max` is reached.
    CallersFull = 574 => "there is no room to remember the caller for the profile's duplicate rule",
    /// The edge's judgement is that somebody deceives.
    FraudSuspected = 575 => "fraud is suspected",
    /// The edge's judgement is that no human calls.
    RobocallSuspected = 576 => "an automated call is suspected",
    /// The number shown is not the caller's.
    CallerIdSpoofed = 577 => "the caller's number is not the caller's own",
    /// The call was quoted, and its caller did not come before the quote's life was over.
    QuoteLapsed = 580 => "the quote's life was over before its caller came",
    /// The listing is private, and the profile's buyer has no deal on it.
    NotInvited = 590 => "the listing is private and the buyer has no deal on it",
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

    /// Whether it is about the law: 509 to 512, and from 570 on below 574. What a screen may refuse for.
    #[must_use]
    pub const fn is_compliance(self) -> bool {
        matches!(self.code(), 509..=512 | 570..=573)
    }

    /// Whether it is about deceit: from 575 to 579. What a screen may refuse for.
    #[must_use]
    pub const fn is_fraud(self) -> bool {
        matches!(self.code(), 575..=579)
    }

    /// Whether the call itself is not wanted, by whomever: it is not dialled anywhere, a listing's fallback included.
    #[must_use]
    pub const fn is_unwanted(self) -> bool {
        let by_caller = matches!(self, Self::CallerSuppressed | Self::FrequencyReached | Self::DuplicateCaller);
        by_caller || matches!(self, Self::ChainLoop) || self.is_compliance() || self.is_fraud()
    }

    /// Whether a call may have ended with it before anybody was asked: it was not for sale.
    #[must_use]
    pub const fn is_declined(self) -> bool {
        let is_full = matches!(self, Self::ListingQuotaReached | Self::SellerQuotaReached);
        let is_early = matches!(self, Self::ListingClosed | Self::TooSoon | Self::PacedOut);
        is_full || is_early || self.is_unwanted()
    }

    /// Whether a call that closed with it went to nobody, for want of a buyer that kept it.
    #[must_use]
    pub const fn is_unsold(self) -> bool {
        let without_buyer = matches!(
            self,
            Self::OpportunityExpired
                | Self::NoCandidate
                | Self::AttemptsExhausted
                | Self::NoAnswer
                | Self::Busy
                | Self::DialFailed
                | Self::BuyerHungUp
                | Self::ShortCall
                | Self::AgentRejected
        );
        without_buyer || self.is_declined()
    }

    /// Its place among [`Reason::ALL`]: what a table with a place for each reason is asked by.
    #[inline]
    pub(crate) const fn place(self) -> usize {
        PLACES[self as usize] as usize
    }

    /// The reason with this code.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.code() == code)
    }
}

/// Each code's place among [`Reason::ALL`].
const PLACES: [u8; Reason::ALL[Reason::ALL.len() - 1] as usize + 1] = {
    let mut places = [0; Reason::ALL[Reason::ALL.len() - 1] as usize + 1];
    let mut place = 0;
    while place < Reason::ALL.len() {
        places[Reason::ALL[place] as usize] = place as u8;
        place += 1;
    }
    places
};

const _: () = assert!(Reason::ALL.len() <= u8::MAX as usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_knows_its_place() {
        for (place, reason) in Reason::ALL.iter().enumerate() {
            assert_eq!(reason.place(), place);
        }
    }

    #[test]
    fn codes_rise_and_round_trip() {
        assert!(Reason::ALL.windows(2).all(|pair| pair[0].code() < pair[1].code()));
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(*reason));
        }
        assert_eq!(Reason::from_code(0), None);
    }
}
