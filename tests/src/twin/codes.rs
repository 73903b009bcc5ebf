//! The numbers of every refusal and every reason, copied by hand from the documented lists, so that a code that
//! changes its meaning in the engine is noticed here.

/// Why a command was refused, as its number.
pub type Refusal = u16;
/// Why a call or a bid came to what it came to, as its number.
pub type Why = u16;

macro_rules! numbers {
    ($($name:ident = $code:literal,)+) => {
        $(#[doc = concat!("`", stringify!($name), "`.")] pub const $name: u16 = $code;)+
    };
}

/// The refusals.
pub mod refusal {
    numbers! {
        SINK_TOO_SMALL = 1001,
        TIME_WENT_BACK = 1002,
        TIME_TOO_LARGE = 1003,
        TICK_DUE = 1004,
        NOTHING_DUE = 1005,
        COMMAND_TOO_LARGE = 1006,
        AMOUNT_OUT_OF_RANGE = 1101,
        VALUE_OUT_OF_RANGE = 1102,
        ACCOUNT_RESERVED = 1103,
        TEXT_OUT_OF_RANGE = 1104,
        ID_NOT_UUID7 = 1105,
        ID_TOO_OLD = 1106,
        ID_TOO_NEW = 1107,
        TERMS_IMPOSSIBLE = 1108,
        ACCOUNT_UNKNOWN = 1201,
        ACCOUNT_ROLE_MISMATCH = 1202,
        SESSION_UNKNOWN = 1203,
        SESSION_TOO_OLD = 1204,
        STAMP_REUSED = 1205,
        STAMP_TOO_OLD = 1206,
        ATTRIBUTE_OUT_OF_RANGE = 1301,
        ATTRIBUTE_UNKNOWN = 1302,
        ATTRIBUTE_KIND_MISMATCH = 1303,
        VALUE_CODE_OUT_OF_RANGE = 1304,
        VALUE_UNKNOWN = 1305,
        VALUE_NAME_TAKEN = 1306,
        VALUE_SET_UNKNOWN = 1307,
        VALUE_SET_GAP = 1308,
        VALUES_NOT_ASCENDING = 1309,
        ZONE_UNKNOWN = 1310,
        TRANSITIONS_NOT_ASCENDING = 1311,
        CLAUSE_EMPTY = 1312,
        CLAUSE_REPEATED = 1313,
        FACT_REPEATED = 1314,
        HOURS_NOT_ASCENDING = 1315,
        SKILLS_NOT_ASCENDING = 1320,
        ID_CONFLICT = 1401,
        LISTING_UNKNOWN = 1402,
        PROFILE_UNKNOWN = 1403,
        CALL_UNKNOWN = 1404,
        CALENDAR_UNKNOWN = 1405,
        PROFILE_IN_USE = 1501,
        FACTS_ALREADY_KNOWN = 1502,
        CALL_ALREADY_OFFERED = 1503,
        AUCTION_NOT_OPEN = 1504,
        BID_NOT_WITHDRAWABLE = 1505,
        BID_NOT_RAISED = 1506,
        BID_UNKNOWN = 1507,
        CALL_NOT_WANTED = 1508,
        CALL_NOT_ROUTED = 1509,
        CALL_ANSWERED = 1510,
        LEG_OVER = 1511,
        REPORT_OUT_OF_ORDER = 1512,
        CLOCK_INCONSISTENT = 1513,
        BALANCE_INSUFFICIENT = 1514,
        CALL_DECLINED = 1515,
        BID_STANDS = 1516,
        PRICING_MISMATCH = 1519,
        ACCOUNTS_FULL = 1901,
        SESSIONS_FULL = 1902,
        LISTINGS_FULL = 1903,
        PROFILES_FULL = 1904,
        SCHEMA_FULL = 1905,
        MOVEMENTS_FULL = 1906,
        CALLS_FULL = 1907,
        LIVE_CALLS_FULL = 1908,
        BIDS_FULL = 1909,
        MONEY_FULL = 1910,
        CALENDARS_FULL = 1911,
    }
}

/// The reasons.
pub mod why {
    numbers! {
        OPPORTUNITY_EXPIRED = 2,
        BELOW_RESERVE = 100,
        LOST_TO_HIGHER_BID = 102,
        CALLER_HUNG_UP = 501,
        PROFILE_PAUSED = 502,
        HOURLY_CAP_REACHED = 503,
        CONCURRENCY_REACHED = 504,
        DAILY_BUDGET_REACHED = 505,
        TARGETING_MISMATCH = 507,
        NO_ANSWER = 513,
        BUSY = 514,
        DIAL_FAILED = 515,
        BID_EXPIRED = 517,
        MARGIN_TOO_THIN = 519,
        DAILY_CAP_REACHED = 523,
        TOTAL_CAP_REACHED = 524,
        BALANCE_TOO_LOW = 525,
        PLATFORM_FLOAT_TOO_LOW = 526,
        LOST_TO_BETTER_TIER = 527,
        NO_BID = 528,
        ALREADY_TRIED = 529,
        NO_CANDIDATE = 530,
        ATTEMPTS_EXHAUSTED = 531,
        LOST_TO_EARLIER_BID = 532,
        DURATION_MAX_REACHED = 533,
        VERTICAL_MISMATCH = 534,
        COMPLETED = 535,
        SELLER_CANCELED = 536,
        OUTSIDE_HOURS = 537,
        LISTING_CLOSED = 538,
        SKILL_MISSING = 550,
        LOST_TO_SHARE = 551,
        LOST_TO_SKILL = 552,
        LOST_TO_SCORE = 553,
        LOST_TO_EXPLORATION = 554,
    }
}
