//! Why a buyer did not get a call, as one trader would tell another: the rule, and how far it was from passing.

use dce_engine::explain::Distance;
use dce_engine::reason::Reason;
use dce_engine::terms::SkillLevel;
use dce_engine::units::{Money, Timestamp};

use crate::terminal::figures::{count, moment, money};

/// What is known of one candidate at the moment of the decision.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// `Cedar Ridge Roofing (FL GA)`.
    pub(crate) who: String,
    /// The call's id.
    pub(crate) call: String,
    /// The rule that stopped it.
    pub(crate) reason: Reason,
    /// How far it was from passing, where that is a number.
    pub(crate) distance: Option<Distance>,
    /// What it bid, if it did.
    pub(crate) amount: Option<Money>,
    pub(crate) tier: u8,
    /// Who won, and with which bid.
    pub(crate) winner: Option<(String, Option<Money>)>,
    /// What the rule measures money against: a budget, or a reserve.
    pub(crate) limit: Option<Money>,
    /// The clause that did not accept: `age 64 to 84`, and what the caller's is: `61`, and how far: `3 below`.
    pub(crate) clause: Option<Clause>,
    /// Whether it passed on the call.
    pub(crate) passed: bool,
}

/// A condition, and what it met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    /// `age 64 to 84`.
    pub(crate) wants: String,
    /// `61`; `not known`.
    pub(crate) found: String,
    /// `3 below`.
    pub(crate) far: Option<String>,
}

impl Case {
    /// The sentence.
    pub(crate) fn sentence(&self) -> String {
        format!("{} did not get call {}: {}.", self.who, self.call, self.because())
    }

    /// Its second half, for a row of a table.
    pub(crate) fn because(&self) -> String {
        let bid = self.amount.map_or_else(|| "its bid".to_owned(), |amount| format!("its bid of {}", money(amount)));
        let short = || self.short_by().map_or_else(String::new, |short| format!(", {} short", money(short)));
        match self.reason {
            Reason::TargetingMismatch => self.clause.as_ref().map_or_else(|| self.plainly(), Clause::text),
            Reason::ConcurrencyReached => match self.most() {
                Some(1) => "its one line was busy".to_owned(),
                Some(2) => "both its lines were busy".to_owned(),
                Some(lines) => format!("all its {} lines were busy", count(lines.into())),
                None => self.plainly(),
            },
            Reason::HourlyCapReached => self.cap("an hour"),
            Reason::DailyCapReached => self.cap("a day"),
            Reason::TotalCapReached => self.cap("in all"),
            Reason::DailyBudgetReached => match self.limit {
                Some(budget) => {
                    let rest = format!("{bid} did not fit what was left of its daily budget of {}", money(budget));
                    format!("{rest}{}", short())
                }
                None => self.plainly(),
            },
            Reason::ProfileQuotaReached => self.quota("its quota", &bid),
            Reason::GroupQuotaReached => self.quota("its group's quota", &bid),
            Reason::BuyerQuotaReached => self.quota("its buyer's quota", &bid),
            Reason::ListingQuotaReached => self.quota("the listing's quota", &bid),
            Reason::SellerQuotaReached => self.quota("the seller's quota", &bid),
            Reason::TooSoon => format!("it was too soon after the last call under the same quota{}", self.ending()),
            Reason::PacedOut => format!("the budget was ahead of its pace{}", self.ending()),
            Reason::BalanceTooLow => format!("its balance did not cover {bid}{}", short()),
            Reason::BelowReserve => match (self.limit, self.short_by()) {
                (Some(reserve), Some(short)) => {
                    format!("{bid} was {} below the reserve of {}", money(short), money(reserve))
                }
                _ => format!("{bid} was below the reserve{}", short()),
            },
            Reason::BelowDealFloor => format!("{bid} was below what its deal asks{}", short()),
            Reason::NotInvited => "the listing is private, and its buyer has no deal on it".to_owned(),
            Reason::MarginTooThin => format!("{bid} left the platform too thin a margin{}", short()),
            Reason::PlatformFloatTooLow => {
                format!("the platform's float did not cover the seller's payout in advance{}", short())
            }
            Reason::LostToHigherBid => self.outbid(&bid),
            Reason::LostToEarlierBid => {
                format!("{bid} was matched by {}, which had bid it earlier: a cent more would have won", self.rival())
            }
            Reason::LostToBetterTier => {
                format!("{} is of a better tier, and it is in tier {}", self.rival(), self.tier)
            }
            Reason::NoBid if self.passed => "it passed on the call".to_owned(),
            Reason::NoBid => "it had no bid on it".to_owned(),
            Reason::ProfilePaused => "it was paused".to_owned(),
            Reason::OutsideHours => format!("it was closed{}", self.opening()),
            Reason::DuplicateCaller => match self.end() {
                Some(at) => format!("the caller had called before, and counts as new from {} on", moment(at)),
                None => "the caller had called before".to_owned(),
            },
            Reason::FrequencyReached => format!("the caller had called too often{}", self.ending()),
            Reason::CallerSuppressed => format!("calls from the caller were not wanted{}", self.ending()),
            Reason::SkillMissing => self.unskilled(),
            Reason::LostToShare => format!("it was the turn of {}", self.rival()),
            Reason::LostToSkill => format!("{} was more proficient, or idle for longer", self.rival()),
            Reason::LostToScore => format!("{bid} scored less than that of {}", self.rival()),
            Reason::LostToExploration => format!("{} was tried, of which less is known", self.rival()),
            Reason::ListingClosed => format!("the call came outside the listing's hours{}", self.opening()),
            _ => self.plainly(),
        }
    }

    /// The reason's own words.
    fn plainly(&self) -> String {
        self.reason.text().to_owned()
    }

    fn short_by(&self) -> Option<Money> {
        if let Some(Distance::Money(short)) = self.distance { Some(short) } else { None }
    }

    fn most(&self) -> Option<u32> {
        if let Some(Distance::Calls { most, .. }) = self.distance { Some(most) } else { None }
    }

    fn quota(&self, whose: &str, bid: &str) -> String {
        match self.short_by() {
            Some(short) => format!("{bid} did not fit what was left of {whose}, {} short", money(short)),
            None => format!("{whose} had no room for another call"),
        }
    }

    fn end(&self) -> Option<Timestamp> {
        if let Some(Distance::Until(at)) = self.distance { Some(at) } else { None }
    }

    fn ending(&self) -> String {
        self.end().map_or_else(String::new, |at| format!(", until {}", moment(at)))
    }

    fn opening(&self) -> String {
        self.end().map_or_else(String::new, |at| format!(", and opens next at {}", moment(at)))
    }

    fn unskilled(&self) -> String {
        match self.distance {
            Some(Distance::Levels(SkillLevel { skill, level: 1 })) => {
                format!("it was one level short in skill {}", skill.0)
            }
            Some(Distance::Levels(SkillLevel { skill, level })) => {
                format!("it was {level} levels short in skill {}", skill.0)
            }
            _ => self.plainly(),
        }
    }

    fn cap(&self, window: &str) -> String {
        match self.most() {
            Some(1) => format!("it had had its one call {window}"),
            Some(calls) => format!("it had had all its {} calls {window}", count(calls.into())),
            None => self.plainly(),
        }
    }

    fn outbid(&self, bid: &str) -> String {
        let best = self.winner.as_ref().and_then(|(_, amount)| *amount);
        let missing = match (best, self.short_by()) {
            (Some(best), Some(short)) => format!(" with {}, {} more", money(best), money(short)),
            _ => String::new(),
        };
        format!("{bid} was beaten by {}{missing}", self.rival())
    }

    fn rival(&self) -> &str {
        self.winner.as_ref().map_or("the winner", |(name, _)| name)
    }
}

impl Clause {
    fn text(&self) -> String {
        let far = self.far.as_ref().map_or_else(String::new, |far| format!(", {far}"));
        format!("it wants {}, and the caller's is {}{far}", self.wants, self.found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dce_engine::ids::SkillId;
    use dce_engine::units::usd;

    fn case(reason: Reason) -> Case {
        Case {
            who: "Cedar Ridge Roofing (FL GA)".to_owned(),
            call: "0198c0de-7a3b-7000-8000-000000000001".to_owned(),
            reason,
            distance: None,
            amount: Some(usd("31")),
            tier: 2,
            winner: Some(("Blue Harbor Plumbing".to_owned(), Some(usd("33.50")))),
            limit: None,
            clause: None,
            passed: false,
        }
    }

    #[test]
    fn a_sentence_names_buyer_call_rule_and_distance() {
        let case = Case {
            distance: Some(Distance::Money(usd("27.50"))),
            limit: Some(usd("500")),
            ..case(Reason::DailyBudgetReached)
        };
        assert_eq!(
            case.sentence(),
            "Cedar Ridge Roofing (FL GA) did not get call 0198c0de-7a3b-7000-8000-000000000001: its bid of $31.00 did \
             not fit what was left of its daily budget of $500.00, $27.50 short."
        );
    }

    #[test]
    fn each_rule_in_a_traders_words() {
        let far = |reason, distance| Case { distance: Some(distance), ..case(reason) }.because();
        let money =
            |reason, short, limit| Case { distance: Some(Distance::Money(short)), limit, ..case(reason) }.because();
        let calls = |reason, most| far(reason, Distance::Calls { taken: most, most });
        let told = [
            money(Reason::LostToHigherBid, usd("2.5"), None),
            case(Reason::LostToEarlierBid).because(),
            case(Reason::LostToBetterTier).because(),
            money(Reason::BelowReserve, usd("2.5"), Some(usd("33.5"))),
            money(Reason::BalanceTooLow, usd("8"), None),
            money(Reason::MarginTooThin, usd("1.2"), None),
            calls(Reason::DailyCapReached, 40),
            calls(Reason::ConcurrencyReached, 2),
            calls(Reason::TotalCapReached, 1),
            Case { passed: true, ..case(Reason::NoBid) }.because(),
            // Nine in the morning in New York, the day after the clocks went forward.
            far(Reason::OutsideHours, Distance::Until(Timestamp::from_seconds(1_773_061_200))),
            case(Reason::OutsideHours).because(),
            case(Reason::GroupQuotaReached).because(),
            money(Reason::BuyerQuotaReached, usd("4"), None),
            far(Reason::PacedOut, Distance::Until(Timestamp::from_seconds(1_773_061_200))),
            case(Reason::TooSoon).because(),
            far(Reason::DuplicateCaller, Distance::Until(Timestamp::from_seconds(1_773_061_200))),
            case(Reason::CallerSuppressed).because(),
            far(Reason::SkillMissing, Distance::Levels(SkillLevel::new(SkillId(3), 20))),
            far(Reason::SkillMissing, Distance::Levels(SkillLevel::new(SkillId(3), 1))),
            case(Reason::LostToShare).because(),
            case(Reason::LostToScore).because(),
        ];
        let expected = [
            "its bid of $31.00 was beaten by Blue Harbor Plumbing with $33.50, $2.50 more",
            "its bid of $31.00 was matched by Blue Harbor Plumbing, which had bid it earlier: a cent more would have won",
            "Blue Harbor Plumbing is of a better tier, and it is in tier 2",
            "its bid of $31.00 was $2.50 below the reserve of $33.50",
            "its balance did not cover its bid of $31.00, $8.00 short",
            "its bid of $31.00 left the platform too thin a margin, $1.20 short",
            "it had had all its 40 calls a day",
            "both its lines were busy",
            "it had had its one call in all",
            "it passed on the call",
            "it was closed, and opens next at 2026-03-09 13:00:00.000000 UTC",
            "it was closed",
            "its group's quota had no room for another call",
            "its bid of $31.00 did not fit what was left of its buyer's quota, $4.00 short",
            "the budget was ahead of its pace, until 2026-03-09 13:00:00.000000 UTC",
            "it was too soon after the last call under the same quota",
            "the caller had called before, and counts as new from 2026-03-09 13:00:00.000000 UTC on",
            "calls from the caller were not wanted",
            "it was 20 levels short in skill 3",
            "it was one level short in skill 3",
            "it was the turn of Blue Harbor Plumbing",
            "its bid of $31.00 scored less than that of Blue Harbor Plumbing",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_clause_says_what_it_wanted_and_what_it_met() {
        let clause = Clause { wants: "age 64 to 84".into(), found: "61".into(), far: Some("3 below".into()) };
        let case = Case { clause: Some(clause), ..case(Reason::TargetingMismatch) };
        assert_eq!(case.because(), "it wants age 64 to 84, and the caller's is 61, 3 below");
    }

    #[test]
    fn every_reason_has_words_even_where_nothing_is_known() {
        for reason in Reason::ALL {
            let bare = Case { amount: None, winner: None, ..case(*reason) };
            assert!(bare.because().len() > 8, "{reason:?}");
        }
    }
}
