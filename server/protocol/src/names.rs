//! Every code a frame may carry, with its name and what to do about it, for people: `1201 AccountUnknown`.
//!
//! The engine's and the runtime's are copied, for this crate knows neither; a test holds them equal.

use crate::fault::Fault;

/// A code and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeName {
    /// The code.
    pub code: u16,
    /// Its name, as documentation spells it.
    pub name: &'static str,
    /// What it says, or what is wrong and what to do, in one sentence.
    pub text: &'static str,
}

/// The name of a code of a refusal, a closing, or a reason.
#[must_use]
pub fn name_of(code: u16) -> Option<CodeName> {
    if let Some(fault) = Fault::from_code(code) {
        return Some(CodeName::of_fault(fault));
    }
    let table = match code {
        0..=999 => REASONS,
        1_000..=1_999 => REJECTS,
        _ => REFUSALS,
    };
    let place = table.binary_search_by_key(&code, |row| row.0).ok()?;
    Some(CodeName::of_row(table[place]))
}

/// Every code there is, in order: reasons below 1000, the engine's refusals 1001 to 1999, the runtime's 2001 to 2999, the
/// protocol's from 3001.
pub fn code_names() -> impl Iterator<Item = CodeName> {
    let copied = REASONS.iter().chain(REJECTS).chain(REFUSALS).map(|row| CodeName::of_row(*row));
    copied.chain(Fault::ALL.iter().map(|fault| CodeName::of_fault(*fault)))
}

impl CodeName {
    const fn of_row((code, name, text): Row) -> Self {
        Self { code, name, text }
    }

    const fn of_fault(fault: Fault) -> Self {
        Self { code: fault.code(), name: fault.name(), text: fault.text() }
    }
}

/// `1201 AccountUnknown: no such account`.
impl core::fmt::Display for CodeName {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{} {}: {}", self.code, self.name, self.text)
    }
}

type Row = (u16, &'static str, &'static str);

/// Why a call or bid came to what it came to: the engine's `Reason`.
const REASONS: &[Row] = &[
    (2, "OpportunityExpired", "the call was registered but not offered in time"),
    (100, "BelowReserve", "the amount is below the reserve"),
    (101, "BelowDealFloor", "the amount is below what the buyer's deal asks"),
    (102, "LostToHigherBid", "a higher bid won"),
    (501, "CallerHungUp", "the caller hung up before an answer"),
    (502, "ProfilePaused", "the profile is paused"),
    (503, "HourlyCapReached", "the profile's hourly cap is reached"),
    (504, "ConcurrencyReached", "the profile's concurrency is reached"),
    (505, "DailyBudgetReached", "the amount exceeds what is left of the daily budget"),
    (506, "DuplicateCaller", "the caller has called before, within the window of the duplicate rule"),
    (507, "TargetingMismatch", "the call does not meet the profile's targeting"),
    (508, "CallerSuppressed", "calls from this caller are suppressed"),
    (509, "LitigatorListed", "the caller is on a list of litigators"),
    (510, "ConsentMissing", "the consent that this leg needs is missing"),
    (511, "CallingHours", "calls on this leg are not allowed at the caller's local hour"),
    (512, "AttestationTooLow", "the attestation of the caller's number is too low"),
    (513, "NoAnswer", "no answer"),
    (514, "Busy", "the destination was busy"),
    (515, "DialFailed", "the destination could not be dialled"),
    (516, "ShortCall", "the buyer's side ended the call too early"),
    (517, "BidExpired", "the bid expired before the auction closed"),
    (519, "MarginTooThin", "the margin after the promised payout is too thin"),
    (521, "FrequencyReached", "the caller has called as often as the frequency rule allows"),
    (522, "ChainLoop", "the call came through the same hands before"),
    (523, "DailyCapReached", "the profile's daily cap is reached"),
    (524, "TotalCapReached", "the profile's total cap is reached"),
    (525, "BalanceTooLow", "the buyer's balance does not cover the amount"),
    (526, "PlatformFloatTooLow", "the platform's float does not cover a payout due before the revenue"),
    (527, "LostToBetterTier", "a candidate of a better tier won"),
    (528, "NoBid", "no bid on this call: none stands, or the profile passed"),
    (529, "AlreadyTried", "the call was tried at this profile already"),
    (530, "NoCandidate", "no eligible candidate"),
    (531, "AttemptsExhausted", "the call was tried as often as a call may be"),
    (532, "LostToEarlierBid", "an equal bid came earlier"),
    (533, "DurationMaxReached", "the call reached its longest duration"),
    (534, "VerticalMismatch", "the profile buys in another vertical"),
    (535, "Completed", "the call was completed"),
    (536, "SellerCanceled", "the seller canceled the call"),
    (537, "OutsideHours", "the profile is outside its opening hours"),
    (538, "ListingClosed", "the listing is outside its opening hours"),
    (540, "ProfileQuotaReached", "the profile's quota is reached"),
    (541, "GroupQuotaReached", "the quota of the profile's group is reached"),
    (542, "BuyerQuotaReached", "the buyer's quota is reached"),
    (543, "ListingQuotaReached", "the listing's quota is reached"),
    (544, "SellerQuotaReached", "the seller's quota is reached"),
    (545, "TooSoon", "too soon after the last call under the same quota"),
    (546, "PacedOut", "the budget is ahead of its pace"),
    (550, "SkillMissing", "the profile lacks a skill the listing requires"),
    (551, "LostToShare", "it was another candidate's turn"),
    (552, "LostToSkill", "a more proficient candidate won, or one idle for longer"),
    (553, "LostToScore", "a candidate with a higher score won"),
    (554, "LostToExploration", "a candidate of which little is known was tried"),
    (560, "BuyerHungUp", "the buyer's side hung up before an answer"),
    (561, "AgentRejected", "the buyer's agent gave the call back"),
    (562, "AnsweredElsewhere", "another profile of the group answered first"),
    (570, "DoNotCallListed", "the caller is on a do-not-call register"),
    (571, "NumberReassigned", "the caller's number was reassigned since the consent"),
    (572, "RecordingConsentMissing", "the consent to record is missing"),
    (574, "CallersFull", "there is no room to remember the caller for the profile's duplicate rule"),
    (575, "FraudSuspected", "fraud is suspected"),
    (576, "RobocallSuspected", "an automated call is suspected"),
    (577, "CallerIdSpoofed", "the caller's number is not the caller's own"),
    (580, "QuoteLapsed", "the quote's life was over before its caller came"),
    (590, "NotInvited", "the listing is private and the buyer has no deal on it"),
];

/// Why a command was refused: the engine's `Reject`.
const REJECTS: &[Row] = &[
    (1001, "SinkTooSmall", "the event sink is smaller than EVENTS_MAX; make it with Events::new()"),
    (1002, "TimeWentBack", "the time is before the last accepted command's; times may repeat but never go back"),
    (1003, "TimeTooLarge", "the time is beyond Timestamp::MAX; times are microseconds since 1970"),
    (1004, "TickDue", "a deadline is due; apply Tick until next_deadline() is later"),
    (1005, "NothingDue", "nothing is due at this time"),
    (1006, "CommandTooLarge", "a list in the command is longer than its limit"),
    (1101, "AmountOutOfRange", "the amount must be above zero and at most Money::AMOUNT_MAX"),
    (1102, "ValueOutOfRange", "a field is outside its documented range"),
    (1103, "AccountReserved", "this account id is the exchange's own"),
    (1104, "TextOutOfRange", "a name or destination is empty or longer than its limit"),
    (1105, "IdNotUuid7", "this id must be a UUIDv7"),
    (1106, "IdTooOld", "the id is older than the retention window; what it named may be forgotten"),
    (1107, "IdTooNew", "the id's own time lies more than a minute ahead"),
    (1108, "TermsImpossible", "with this share no price leaves the minimum margin"),
    (1201, "AccountUnknown", "no such account"),
    (1202, "AccountRoleMismatch", "the account has another role"),
    (1203, "SessionUnknown", "the session is not open; OpenSession first"),
    (1204, "SessionTooOld", "session ids only rise; choose a higher one"),
    (1205, "StampReused", "this session number was used for another command"),
    (1206, "StampTooOld", "this session number is below the session's window"),
    (1207, "AccountClosed", "the account is closed; what is under way goes on, nothing new begins"),
    (1208, "AccountInUse", "the account has profiles; close them first"),
    (1301, "AttributeOutOfRange", "attribute ids run from 0 to attributes_max - 1"),
    (1302, "AttributeUnknown", "the attribute is not declared"),
    (1303, "AttributeKindMismatch", "the value does not fit the attribute's kind"),
    (1304, "ValueCodeOutOfRange", "value codes run from 1 to the attribute's values_max"),
    (1305, "ValueUnknown", "the value is not defined"),
    (1306, "ValueNameTaken", "another value of this attribute has this name"),
    (1307, "ValueSetUnknown", "no such complete value set for this attribute"),
    (1308, "ValueSetGap", "the chunk does not continue the set"),
    (1309, "ValuesNotAscending", "the values of a set must rise"),
    (1310, "ZoneUnknown", "the zone is not set"),
    (1311, "TransitionsNotAscending", "transitions must rise in time"),
    (1312, "ClauseEmpty", "a clause lists no values"),
    (1313, "ClauseRepeated", "an attribute takes one accepting and one excluding clause"),
    (1314, "FactRepeated", "an attribute that is not a set was given twice"),
    (1315, "HoursNotAscending", "the spans and the holidays of a calendar must rise and not overlap"),
    (1316, "QuotaRuleRepeated", "two rules of a quota count the same for the same period and hours"),
    (1320, "SkillsNotAscending", "skills must rise, each named once"),
    (1401, "IdConflict", "this id exists with another body"),
    (1402, "ListingUnknown", "no such listing"),
    (1403, "ProfileUnknown", "no such profile"),
    (1404, "CallUnknown", "no such call"),
    (1405, "CalendarUnknown", "the account has no such calendar; SetCalendar first"),
    (1406, "ListingDelisted", "the listing is off the market for good; make another one"),
    (1501, "ProfileInUse", "the profile has live calls, or bids or passes on calls that are not over"),
    (1502, "FactsAlreadyKnown", "the call is registered; offer it without facts"),
    (1503, "CallAlreadyOffered", "the call was offered already"),
    (1504, "AuctionNotOpen", "the call has no open auction"),
    (1505, "BidNotWithdrawable", "bids on this listing are binding"),
    (1506, "BidNotRaised", "a new bid must be above the one it replaces"),
    (1507, "BidUnknown", "the profile has no bid in this auction"),
    (1508, "CallNotWanted", "the call does not meet the profile's targeting"),
    (1509, "CallNotRouted", "the call is not being delivered"),
    (1510, "CallAnswered", "the call is answered; report its end"),
    (1511, "LegOver", "the report speaks of a leg that is over"),
    (1512, "ReportOutOfOrder", "the report does not fit the state of the call"),
    (1513, "ClockInconsistent", "since_incoming >= since_dial >= since_connect must hold and none may fall"),
    (1514, "BalanceInsufficient", "the available balance does not cover this"),
    (1515, "CallDeclined", "the profile passed on this call"),
    (1516, "BidStands", "a live bid of this profile stands; withdraw it, where the listing lets you, and then pass"),
    (1519, "PricingMismatch", "a listing sold at second price takes the highest score and no fixed price"),
    (
        1520,
        "RejectionTooLate",
        "an agent may give a call back within its profile's window only, before the price is earned",
    ),
    (1521, "CallerMismatch", "the call was quoted for another caller"),
    (1522, "QuoteOver", "the quote for this call has ended; offer the call under a new id"),
    (1523, "QuoteBinds", "the call is reserved at its quote; offer it without window and reserve"),
    (1524, "CallNotQuoted", "the call was not quoted; QuoteCall makes a quote"),
    (1533, "AnswerTooLate", "an invited profile's first answer comes before the moment its invitation names"),
    (1534, "ConjunctionGap", "conjunctions are added one after the other, from 2"),
    (1535, "DealNeeded", "the listing is private, and this buyer has no deal on it"),
    (1901, "AccountsFull", "accounts_max is reached"),
    (1902, "SessionsFull", "sessions_max is reached; close one"),
    (1903, "ListingsFull", "listings_max is reached"),
    (1904, "ProfilesFull", "profiles_max is reached"),
    (1905, "SchemaFull", "the schema has no room for this"),
    (1906, "MovementsFull", "movements_max is reached; room comes back as movements age"),
    (1907, "CallsFull", "calls_max is reached; room comes back as closed calls are sealed"),
    (1908, "LiveCallsFull", "calls_live_max is reached"),
    (1909, "BidsFull", "the limit of live bids and passes is reached"),
    (1910, "MoneyFull", "Money::TOTAL_MAX is reached"),
    (1911, "CalendarsFull", "calendars_max is reached"),
    (1912, "QuotasFull", "quotas_max is reached; a profile's quota goes when the profile is closed"),
    (1913, "GroupsFull", "groups_max is reached"),
    (1916, "ContactsFull", "contacts_max or frequencies_max is reached; room comes back as windows end"),
    (1917, "SuppressionsFull", "suppressions_max is reached; lift one, or wait until one ends"),
    (1918, "ScreensFull", "screens_max is reached; lift one"),
    (1921, "RulesFull", "conjunctions_max, modified_max or deals_max is reached"),
    (
        1922,
        "FirmQuotesFull",
        "the seller has as many firm quotes as it may; room comes back as quotes end or their calls come",
    ),
    (1923, "TargetingFull", "targeting_chunks_max is reached; list less, or close a profile"),
    (1924, "SettingsFull", "settings_max is reached; room comes back as profiles that have settings are closed"),
];

/// Why a command was not carried out: the runtime's `Refusal`.
const REFUSALS: &[Row] = &[
    (2001, "JournalFull", "the journal's reserve of space is reached; free space on its device, then send it again"),
    (2002, "Quarantined", "this command made the exchange panic; report it, and do not send it again"),
    (2003, "Unreadable", "the command's record cannot be read back; client and server disagree on the codec"),
    (2004, "Stopping", "the exchange is stopping and did not look at the command; send it again after the restart"),
    (
        2005,
        "JournalFailed",
        "the journal failed; send the same command again after the restart: if it survived, that is known",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn every_code_is_found_and_they_rise() {
        let mut last = 0;
        for name in code_names() {
            assert!(name.code > last, "{name}");
            assert_eq!(name_of(name.code), Some(name));
            last = name.code;
        }
        assert_eq!(name_of(0), None);
        assert_eq!(name_of(u16::MAX), None);
        assert_eq!(name_of(1201).map(|name| name.to_string()).as_deref(), Some("1201 AccountUnknown: no such account"));
    }
}
