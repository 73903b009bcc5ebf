//! The order in which the rules are asked, and so the order in which reasons are given.

use super::Reason;

/// Where in the life of a call a reason is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Before anybody is asked: the call is not for sale, or nobody offered it in time.
    Sale,
    /// To a candidate that cannot win.
    Candidate,
    /// To a candidate that could have won, and another did.
    Ranking,
    /// To the winner: its delivery came to nothing.
    Delivery,
    /// To the call: what it came to.
    End,
}

impl Stage {
    /// Every stage, in the order in which a call goes through them.
    pub const ALL: &'static [Self] = &[Self::Sale, Self::Candidate, Self::Ranking, Self::Delivery, Self::End];

    /// What the stage asks.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Sale => "is the call for sale?",
            Self::Candidate => "may this profile win it?",
            Self::Ranking => "who wins it?",
            Self::Delivery => "did the winner take it?",
            Self::End => "what did the call come to?",
        }
    }
}

/// One rule: where it is asked, its number in `docs/rules.md`, and the reason that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The stage.
    pub stage: Stage,
    /// The section of `docs/rules.md`, and the rule's number there.
    pub section: &'static str,
    /// What is said when it fails.
    pub reason: Reason,
}

impl Reason {
    /// Every reason once, in the order in which the rules are asked: the first that fails is the one that is named.
    pub const IN_ORDER: &'static [Rule] = &[
        rule(Stage::Sale, "8", Self::OpportunityExpired),
        rule(Stage::Sale, "8", Self::ChainLoop),
        rule(Stage::Sale, "8", Self::ListingClosed),
        rule(Stage::Sale, "8", Self::CallerSuppressed),
        rule(Stage::Sale, "8", Self::FrequencyReached),
        rule(Stage::Sale, "8", Self::DuplicateCaller),
        rule(Stage::Sale, "8", Self::LitigatorListed),
        rule(Stage::Sale, "8", Self::ConsentMissing),
        rule(Stage::Sale, "8", Self::CallingHours),
        rule(Stage::Sale, "8", Self::AttestationTooLow),
        rule(Stage::Sale, "8", Self::DoNotCallListed),
        rule(Stage::Sale, "8", Self::NumberReassigned),
        rule(Stage::Sale, "8", Self::RecordingConsentMissing),
        rule(Stage::Sale, "8", Self::FraudSuspected),
        rule(Stage::Sale, "8", Self::RobocallSuspected),
        rule(Stage::Sale, "8", Self::CallerIdSpoofed),
        rule(Stage::Sale, "8", Self::ListingQuotaReached),
        rule(Stage::Sale, "8", Self::SellerQuotaReached),
        rule(Stage::Candidate, "5.1", Self::VerticalMismatch),
        rule(Stage::Candidate, "5.2", Self::TargetingMismatch),
        rule(Stage::Candidate, "5.3", Self::AlreadyTried),
        rule(Stage::Candidate, "5.4", Self::ProfilePaused),
        rule(Stage::Candidate, "5.4", Self::OutsideHours),
        rule(Stage::Candidate, "5.4b", Self::CallersFull),
        rule(Stage::Candidate, "5.4d", Self::SkillMissing),
        rule(Stage::Candidate, "5.4e", Self::NotInvited),
        rule(Stage::Candidate, "5.5", Self::NoBid),
        rule(Stage::Candidate, "5.5", Self::BidExpired),
        rule(Stage::Candidate, "5.6", Self::ConcurrencyReached),
        rule(Stage::Candidate, "5.7", Self::HourlyCapReached),
        rule(Stage::Candidate, "5.7", Self::DailyCapReached),
        rule(Stage::Candidate, "5.7", Self::TotalCapReached),
        rule(Stage::Candidate, "5.8", Self::DailyBudgetReached),
        rule(Stage::Candidate, "5.8a", Self::ProfileQuotaReached),
        rule(Stage::Candidate, "5.8a", Self::GroupQuotaReached),
        rule(Stage::Candidate, "5.8a", Self::BuyerQuotaReached),
        rule(Stage::Candidate, "5.8b", Self::TooSoon),
        rule(Stage::Candidate, "5.8c", Self::PacedOut),
        rule(Stage::Candidate, "5.9", Self::BalanceTooLow),
        rule(Stage::Candidate, "5.10", Self::BelowDealFloor),
        rule(Stage::Candidate, "5.10", Self::BelowReserve),
        rule(Stage::Candidate, "5.11", Self::MarginTooThin),
        rule(Stage::Candidate, "5.12", Self::PlatformFloatTooLow),
        rule(Stage::Ranking, "6", Self::LostToBetterTier),
        rule(Stage::Ranking, "6", Self::LostToHigherBid),
        rule(Stage::Ranking, "6", Self::LostToEarlierBid),
        rule(Stage::Ranking, "6a", Self::LostToShare),
        rule(Stage::Ranking, "6a", Self::LostToSkill),
        rule(Stage::Ranking, "6a", Self::LostToScore),
        rule(Stage::Ranking, "6a", Self::LostToExploration),
        rule(Stage::Delivery, "8", Self::NoAnswer),
        rule(Stage::Delivery, "8", Self::Busy),
        rule(Stage::Delivery, "8", Self::DialFailed),
        rule(Stage::Delivery, "8", Self::BuyerHungUp),
        rule(Stage::Delivery, "8a", Self::AnsweredElsewhere),
        rule(Stage::Delivery, "8", Self::AgentRejected),
        rule(Stage::Delivery, "8", Self::ShortCall),
        rule(Stage::End, "6", Self::NoCandidate),
        rule(Stage::End, "8", Self::AttemptsExhausted),
        rule(Stage::End, "14", Self::QuoteLapsed),
        rule(Stage::End, "8", Self::SellerCanceled),
        rule(Stage::End, "8", Self::CallerHungUp),
        rule(Stage::End, "8", Self::DurationMaxReached),
        rule(Stage::End, "8", Self::Completed),
    ];

    /// The rule that this reason names.
    #[must_use]
    pub fn rule(self) -> Rule {
        *Self::IN_ORDER.iter().find(|rule| rule.reason == self).expect("Invariant: every reason has its place")
    }
}

const fn rule(stage: Stage, section: &'static str, reason: Reason) -> Rule {
    Rule { stage, section, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_place_and_stages_follow_one_another() {
        for reason in Reason::ALL {
            let places = Reason::IN_ORDER.iter().filter(|rule| rule.reason == *reason).count();
            assert_eq!(places, 1, "{reason:?} stands once in the order of the rules");
        }
        assert!(Reason::IN_ORDER.is_sorted_by_key(|rule| rule.stage));
    }
}
