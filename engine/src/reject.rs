//! Why a command was not accepted: one closed list. Nothing changed, nothing is journaled, a retry is judged afresh.
//!
//! Declaration order is the precedence of checks: when a command breaks several rules, the earliest named here is
//! answered. Codes come in bands of a hundred per room and never change meaning.

macro_rules! rejects {
    ($($(#[$doc:meta])* $name:ident = $code:literal => $text:literal,)+) => {
        /// Why a command was refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        #[non_exhaustive]
        pub enum Reject {
            $($(#[$doc])* $name = $code,)+
        }

        impl Reject {
            /// Every refusal, in order of precedence.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// What is wrong and what to do, in one sentence.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

rejects! {
    // 10xx: the door.
    /// The caller's event sink holds fewer than `EVENTS_MAX` events.
    SinkTooSmall = 1001 => "the event sink is smaller than EVENTS_MAX; make it with Events::new()",
    /// The time is before the last accepted one.
    TimeWentBack = 1002 => "the time is before the last accepted command's; times may repeat but never go back",
    /// The time lies beyond `Timestamp::MAX`.
    TimeTooLarge = 1003 => "the time is beyond Timestamp::MAX; times are microseconds since 1970",
    /// A deadline is due at this time: ticks come first.
    TickDue = 1004 => "a deadline is due; apply Tick until next_deadline() is later",
    /// `Tick` when nothing is due.
    NothingDue = 1005 => "nothing is due at this time",
    /// A list in the command holds more than it may.
    CommandTooLarge = 1006 => "a list in the command is longer than its limit",

    // 11xx: fields, judged before anything is looked up.
    /// An amount is zero, negative, or above `Money::AMOUNT_MAX`.
    AmountOutOfRange = 1101 => "the amount must be above zero and at most Money::AMOUNT_MAX",
    /// A length of time, a radius, a range, a cap or a share that cannot be.
    ValueOutOfRange = 1102 => "a field is outside its documented range",
    /// A reserved account id.
    AccountReserved = 1103 => "this account id is the exchange's own",
    /// A name or a destination is empty or too long.
    TextOutOfRange = 1104 => "a name or destination is empty or longer than its limit",
    /// A call or movement id that is not a UUIDv7.
    IdNotUuid7 = 1105 => "this id must be a UUIDv7",
    /// An id whose own time lies before the retention window.
    IdTooOld = 1106 => "the id is older than the retention window; what it named may be forgotten",
    /// An id whose own time lies over a minute ahead.
    IdTooNew = 1107 => "the id's own time lies more than a minute ahead",
    /// The seller's share leaves no way to keep the minimum margin.
    TermsImpossible = 1108 => "with this share no price leaves the minimum margin",

    // 12xx: the party and its session.
    /// No such account.
    AccountUnknown = 1201 => "no such account",
    /// The account exists, but is not of the role this command needs.
    AccountRoleMismatch = 1202 => "the account has another role",
    /// The session was not opened.
    SessionUnknown = 1203 => "the session is not open; OpenSession first",
    /// The session's id is not above the last one of this account.
    SessionTooOld = 1204 => "session ids only rise; choose a higher one",
    /// The stamp's number was used for another body.
    StampReused = 1205 => "this session number was used for another command",
    /// The stamp's number is below what the session still remembers.
    StampTooOld = 1206 => "this session number is below the session's window",
    /// Nothing new begins in the name of an account that is closed.
    AccountClosed = 1207 => "the account is closed; what is under way goes on, nothing new begins",
    /// An account with profiles cannot be closed.
    AccountInUse = 1208 => "the account has profiles; close them first",

    // 13xx: schema and zones.
    /// The attribute's id is not below `attributes_max`.
    AttributeOutOfRange = 1301 => "attribute ids run from 0 to attributes_max - 1",
    /// The attribute was not declared.
    AttributeUnknown = 1302 => "the attribute is not declared",
    /// The attribute is of another kind, a place lies off the globe, or there are too many elements of sets.
    AttributeKindMismatch = 1303 => "the value does not fit the attribute's kind",
    /// The value's code is 0 or not below the attribute's `values_max`.
    ValueCodeOutOfRange = 1304 => "value codes run from 1 to the attribute's values_max",
    /// The value was not defined.
    ValueUnknown = 1305 => "the value is not defined",
    /// The text already names another value of the attribute.
    ValueNameTaken = 1306 => "another value of this attribute has this name",
    /// The set does not exist, belongs to another attribute, or is not completely loaded.
    ValueSetUnknown = 1307 => "no such complete value set for this attribute",
    /// A chunk that does not start where the set ends.
    ValueSetGap = 1308 => "the chunk does not continue the set",
    /// Values of a set that do not rise.
    ValuesNotAscending = 1309 => "the values of a set must rise",
    /// The zone was not set.
    ZoneUnknown = 1310 => "the zone is not set",
    /// Transitions that do not rise in time.
    TransitionsNotAscending = 1311 => "transitions must rise in time",
    /// A clause with no values.
    ClauseEmpty = 1312 => "a clause lists no values",
    /// Two clauses of the same sense on one attribute.
    ClauseRepeated = 1313 => "an attribute takes one accepting and one excluding clause",
    /// The same attribute twice in the facts of a call.
    FactRepeated = 1314 => "an attribute that is not a set was given twice",
    /// Spans or holidays of a calendar that do not rise, or overlap.
    HoursNotAscending = 1315 => "the spans and the holidays of a calendar must rise and not overlap",
    /// Two rules of a quota that count the same in the same hours.
    QuotaRuleRepeated = 1316 => "two rules of a quota count the same for the same period and hours",
    /// Skills that do not rise.
    SkillsNotAscending = 1320 => "skills must rise, each named once",

    // 14xx: ids that exist.
    /// The id exists with another body.
    IdConflict = 1401 => "this id exists with another body",
    /// No such listing.
    ListingUnknown = 1402 => "no such listing",
    /// No such profile.
    ProfileUnknown = 1403 => "no such profile",
    /// No such call.
    CallUnknown = 1404 => "no such call",
    /// The account has no such calendar.
    CalendarUnknown = 1405 => "the account has no such calendar; SetCalendar first",
    /// The listing is off the market: its calls go on, nothing else begins under it or is set of it.
    ListingDelisted = 1406 => "the listing is off the market for good; make another one",

    // 15xx: the state something is in.
    /// The profile has live calls, or bids or passes on calls that are not closed.
    ProfileInUse = 1501 => "the profile has live calls, or bids or passes on calls that are not over",
    /// The call was registered: its facts are known and cannot be given again.
    FactsAlreadyKnown = 1502 => "the call is registered; offer it without facts",
    /// The call was offered already.
    CallAlreadyOffered = 1503 => "the call was offered already",
    /// The call has no open auction: not yet, no more, or never.
    AuctionNotOpen = 1504 => "the call has no open auction",
    /// The listing does not let bidders lower or cancel.
    BidNotWithdrawable = 1505 => "bids on this listing are binding",
    /// The bid is not above the profile's own standing one in this auction.
    BidNotRaised = 1506 => "a new bid must be above the one it replaces",
    /// The profile has no bid in this auction.
    BidUnknown = 1507 => "the profile has no bid in this auction",
    /// The profile does not want this call.
    CallNotWanted = 1508 => "the call does not meet the profile's targeting",
    /// The call is not being delivered.
    CallNotRouted = 1509 => "the call is not being delivered",
    /// The call was answered: report its end instead.
    CallAnswered = 1510 => "the call is answered; report its end",
    /// The report speaks of an attempt or destination that is over.
    LegOver = 1511 => "the report speaks of a leg that is over",
    /// The report does not fit what was reported before.
    ReportOutOfOrder = 1512 => "the report does not fit the state of the call",
    /// A clock went back, or the clocks contradict one another.
    ClockInconsistent = 1513 => "since_incoming >= since_dial >= since_connect must hold and none may fall",
    /// The balance does not cover the withdrawal.
    BalanceInsufficient = 1514 => "the available balance does not cover this",

    /// The profile passed on this call: it can neither bid on it nor pass again.
    CallDeclined = 1515 => "the profile passed on this call",
    /// The profile bid on this call and the bid stands: it is binding until it expires or is taken back.
    BidStands = 1516 => "a live bid of this profile stands; withdraw it, where the listing lets you, and then pass",
    /// The listing is sold at second price, which only the highest score has, and which is no fixed price.
    PricingMismatch = 1519 => "a listing sold at second price takes the highest score and no fixed price",
    /// The agent's window is over, the price is earned, or the profile has no such window.
    RejectionTooLate = 1520 => "an agent may give a call back within its profile's window only, before the price is earned",

    /// The call was quoted for another caller.
    CallerMismatch = 1521 => "the call was quoted for another caller",
    /// The quote lapsed, was declined, or was canceled.
    QuoteOver = 1522 => "the quote for this call has ended; offer the call under a new id",
    /// The call is reserved at a firm quote, whose terms stand: no window, no other reserve.
    QuoteBinds = 1523 => "the call is reserved at its quote; offer it without window and reserve",
    /// Nobody asked for a quote for this call.
    CallNotQuoted = 1524 => "the call was not quoted; QuoteCall makes a quote",

    /// The profile was invited, and the time in which it could first answer is over.
    AnswerTooLate = 1533 => "an invited profile's first answer comes before the moment its invitation names",
    /// A conjunction that does not follow the profile's last one.
    ConjunctionGap = 1534 => "conjunctions are added one after the other, from 2",
    /// The listing is private and the buyer has no deal on it.
    DealNeeded = 1535 => "the listing is private, and this buyer has no deal on it",

    // 19xx: full. Where things end, room comes back; accounts, listings, calendars and the schema only grow.
    /// `accounts_max` accounts exist.
    AccountsFull = 1901 => "accounts_max is reached",
    /// `sessions_max` sessions are open.
    SessionsFull = 1902 => "sessions_max is reached; close one",
    /// `listings_max` listings exist.
    ListingsFull = 1903 => "listings_max is reached",
    /// `profiles_max` profiles exist.
    ProfilesFull = 1904 => "profiles_max is reached",
    /// The schema's lines, values or sets are used up.
    SchemaFull = 1905 => "the schema has no room for this",
    /// `movements_max` movements are remembered.
    MovementsFull = 1906 => "movements_max is reached; room comes back as movements age",
    /// `calls_max` calls are kept, closed ones included.
    CallsFull = 1907 => "calls_max is reached; room comes back as closed calls are sealed",
    /// `calls_live_max` calls are live.
    LiveCallsFull = 1908 => "calls_live_max is reached",
    /// The auction, or all auctions together, hold as many bids and passes as they may.
    BidsFull = 1909 => "the limit of live bids and passes is reached",
    /// All accounts together hold as much money as the exchange can count.
    MoneyFull = 1910 => "Money::TOTAL_MAX is reached",
    /// `calendars_max` calendars exist.
    CalendarsFull = 1911 => "calendars_max is reached",
    /// `quotas_max` quotas exist.
    QuotasFull = 1912 => "quotas_max is reached; a profile's quota goes when the profile is closed",
    /// `groups_max` groups exist.
    GroupsFull = 1913 => "groups_max is reached",
    /// As many callers are remembered as may be, for the duplicate or the frequency rules that a call meets.
    ContactsFull = 1916 => "contacts_max or frequencies_max is reached; room comes back as windows end",
    /// `suppressions_max` callers are suppressed.
    SuppressionsFull = 1917 => "suppressions_max is reached; lift one, or wait until one ends",
    /// `screens_max` screens are set.
    ScreensFull = 1918 => "screens_max is reached; lift one",
    /// There are `conjunctions_max` further conjunctions, `modified_max` profiles with modifiers, or `deals_max` deals.
    RulesFull = 1921 => "conjunctions_max, modified_max or deals_max is reached",
    /// The seller has as many firm quotes as the operator lets it have; none, where the operator said nothing.
    FirmQuotesFull = 1922 => "the seller has as many firm quotes as it may; room comes back as quotes end or their calls come",
    /// What the profile or the conjunction lists takes more chunks than are left of `targeting_chunks_max`.
    TargetingFull = 1923 => "targeting_chunks_max is reached; list less, or close a profile",
    /// `settings_max` other profiles have settings of their own.
    SettingsFull = 1924 => "settings_max is reached; room comes back as profiles that have settings are closed",
}

impl Reject {
    /// The stable code, as it stands on the wire.
    #[must_use]
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The refusal with this code.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|reject| reject.code() == code)
    }

    /// Whether the same command may be accepted later without anybody changing it.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::TickDue
                | Self::NothingDue
                | Self::IdTooNew
                | Self::ProfileInUse
                | Self::BalanceInsufficient
                | Self::SessionsFull
                | Self::ProfilesFull
                | Self::MovementsFull
                | Self::CallsFull
                | Self::LiveCallsFull
                | Self::BidsFull
                | Self::MoneyFull
                | Self::RulesFull
                | Self::ContactsFull
                | Self::SuppressionsFull
                | Self::QuotasFull
                | Self::FirmQuotesFull
                | Self::TargetingFull
                | Self::SettingsFull
        )
    }
}

impl core::fmt::Display for Reject {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(self.text())
    }
}

impl core::error::Error for Reject {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_rise_and_round_trip() {
        assert!(Reject::ALL.windows(2).all(|pair| pair[0].code() < pair[1].code()));
        for reject in Reject::ALL {
            assert_eq!(Reject::from_code(reject.code()), Some(*reject));
        }
    }
}
