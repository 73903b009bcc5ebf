//! Every key a plan may have, by the map it stands in. `docs/plan.md` shows this table; a test compares.

/// One kind of map.
#[derive(Debug)]
pub struct Section {
    /// What it describes.
    pub name: &'static str,
    /// Where it stands; capitals are names of the plan's own.
    pub at: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
}

/// One key.
#[derive(Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What its value looks like.
    pub takes: &'static str,
    /// What it says, and what holds without it.
    pub about: &'static str,
}

impl Section {
    /// The key of this name.
    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

const fn must(name: &'static str, takes: &'static str, about: &'static str) -> Key {
    Key { name, required: true, takes, about }
}

const fn may(name: &'static str, takes: &'static str, about: &'static str) -> Key {
    Key { name, required: false, takes, about }
}

const NAMED: &str = "a map, by name";
const AMOUNT: &str = "an amount such as 32.50";
const TERM: &str = "`on connect`, or a length from a clock: `90s from connect`, `from dial`, `from incoming`";
const ID: &str = "a number, or 32 hexadecimal digits";
const CALLS: &str = "a number of calls, 1 or more";
const ANY_CALLS: &str = "a number of calls, 0 or more";
const CALLERS_WINDOW: &str = "a length from 1s to 9600h";
const ANONYMOUS: &str = "one caller, distinct or refused";
const SWITCH: &str = "yes or no";
const DATE: &str = "a day such as 2026-12-25";
const ZONE: &str = "a zone of the plan, or UTC";
const SKILLS: &str = "a map: skills of the plan, with levels from 1 to 100";
const SHARE: &str = "a share such as 5 % or 500 bp";
const VERTICAL: &str = "a vertical of the plan";

pub(super) const PLAN: Section = Section {
    name: "plan",
    at: "the file",
    keys: &[
        must("plan", "1", "the version of this format"),
        may("verticals", "a list of names", "the segments of the market, numbered from 0; without: one without a name"),
        may("attributes", NAMED, "what callers can be told apart by, numbered from 0"),
        may("value_sets", NAMED, "long lists of values, numbered from 0"),
        may("skills", "a list of names", "what profiles may know, and listings require, numbered from 0"),
        may("zones", NAMED, "time zones, numbered from 1; UTC is there without"),
        may("sellers", NAMED, "the accounts that sell"),
        may("buyers", NAMED, "the accounts that buy"),
    ],
};

pub(super) const ATTRIBUTE: Section = Section {
    name: "attribute",
    at: "attributes.NAME",
    keys: &[
        must("kind", "category, set, integer, boolean or point", "what values it takes"),
        may("values", "a list of names", "of a category or set: its values, with codes from 1 in this order"),
        may("values_max", "1 to 65535", "of a category or set: room for values; without: as many as are listed"),
        may("decimals", "0 to 9", "of an integer: digits behind the point; without: 0"),
        may("low", "a number", "of an integer: where most values begin"),
        may("high", "a number above `low`", "of an integer: where most values end"),
    ],
};

pub(super) const VALUE_SET: Section = Section {
    name: "value set",
    at: "value_sets.NAME",
    keys: &[
        must("attribute", "a category or set of the plan", "whose values it lists"),
        must("values", "a list of its values", "in any order; never changed once loaded"),
    ],
};

pub(super) const TRANSITION: Section = Section {
    name: "transition",
    at: "zones.NAME[]",
    keys: &[
        must("from", "a moment in UTC such as 2026-11-01T06:00:00Z", "from when on; the first holds before it, too"),
        must("offset", "+HH:MM or -HH:MM, 16 hours at most", "local time less UTC"),
    ],
};

pub(super) const SELLER: Section = Section {
    name: "seller",
    at: "sellers.NAME",
    keys: &[
        may("id", ID, "the account; without: made of the name"),
        may("zone", ZONE, "where it is at home, and its calendars' hours are; without: UTC"),
        may("calendars", NAMED, "opening hours that its listings go by"),
        may(
            "frequency",
            "a map",
            "how often one caller may call, under all its listings; without: as often as it likes",
        ),
        may("screen", "a list", "which facts refuse a call, under all its listings"),
        may(
            "firm_quotes",
            "0 to 65535",
            "how many firm quotes it may have at a time; without: as it is, at first none",
        ),
        may("quota", "a map", "how many calls, and how much money, it takes in all; without: any number"),
        may("listings", NAMED, "what it sells"),
    ],
};

pub(super) const BUYER: Section = Section {
    name: "buyer",
    at: "buyers.NAME",
    keys: &[
        may("id", ID, "the account; without: made of the name"),
        may("zone", ZONE, "where its hours and days begin, and its calendars' hours are; without: UTC"),
        may("calendars", NAMED, "opening hours that its profiles go by"),
        may("duplicates", "a map", "which callers none of its profiles takes again; without: all are taken"),
        may("deposit", AMOUNT, "money it has from the start; without: none"),
        may("groups", NAMED, "profiles of its that belong together"),
        may("quota", "a map", "how many calls, and how much money, it takes in all; without: any number"),
        may("profiles", NAMED, "what it wants"),
    ],
};

pub(super) const LISTING: Section = Section {
    name: "listing",
    at: "sellers.NAME.listings.NAME",
    keys: &[
        may("id", ID, "its id within the seller; without: made of both names"),
        may("vertical", VERTICAL, "which profiles may compete; without: the first"),
        may("pricing", "first price or second price", "what the winner pays; without: first price"),
        may("increment", AMOUNT, "what a second price adds to the runner-up's bid; without: nothing"),
        may("policy", "a map", "who of the best tier gets a call; without: the highest bid, at its own pricing"),
        may("reserve", AMOUNT, "the least price; without: none"),
        may("payout", "a share such as 80 % or 8000 bp, or an amount such as 25.00", "the seller's; without: 100 %"),
        may("payout_term", TERM, "when the seller has earned it; without: on connect"),
        may("margin_min", AMOUNT, "the least that remains after the payout; without: nothing"),
        may("duration_max", "a length from 1s to 24h", "the longest call; without: 1h"),
        may("open", SWITCH, "whether bidders are told if they lead; without: no"),
        may("hours", "a calendar of the seller", "when its calls are for sale; without: always"),
        may("duplicates", "a map", "which callers are not for sale again; without: all are"),
        may("frequency", "a map", "how often one caller may call; without: as often as it likes"),
        may("screen", "a list", "which facts refuse a call"),
        may("withdrawable", SWITCH, "whether live bids may be lowered or taken back; without: no"),
        may(
            "tells_price_to_win",
            SWITCH,
            "whether losers hear with what they would have won; without: as it is, at first no",
        ),
        may("window", "a map", "how the windows of its auctions end; without: when they are over"),
        may("private", SWITCH, "whether only buyers with a deal compete; without: no"),
        may("deals", "a map, by buyer", "what is agreed with buyers of the plan; without: nothing"),
        may("delivery", "a map", "what becomes of calls that come back; without: nothing"),
        may("quota", "a map", "how many of its calls are sold, and for how much money; without: any number"),
    ],
};

pub(super) const PROFILE: Section = Section {
    name: "profile",
    at: "buyers.NAME.profiles.NAME",
    keys: &[
        may("id", ID, "its id within the buyer; without: made of both names"),
        may("vertical", VERTICAL, "whose calls it competes for; without: the first"),
        may("tier", "1 to 255", "1 is served first; without: 1"),
        may("rank", "a map", "what it is worth to policies"),
        may("skills", SKILLS, "what it knows; without: nothing"),
        may("bid", AMOUNT, "the standing bid; without: live bids only"),
        may("pays", TERM, "when the price is owed; without: on connect"),
        may("caps", "a map", "how many calls, and how much money a day; without: no caps"),
        may("hours", "a calendar of the buyer", "when its calls may come; without: always"),
        may("group", "a group of the buyer", "the group it is of; without: as it is, at first none"),
        may("duplicates", "a map", "which callers it does not take again; without: it takes all"),
        may("live", SWITCH, "whether auctions invite it; without: no"),
        may("wants", "a map, by attribute", "what a call must be; without: any call of the vertical"),
        may("excludes", "a map, by attribute", "what a call must not be"),
        may("also", "a list, 7 at most", "other calls that it takes, each item by `wants` and `excludes` of its own"),
        may("max_bid", AMOUNT, "the most that modifiers make of the bid; without: any amount"),
        may("modifiers", "a map, by attribute", "what becomes of the bid: one modifier, or a list of them; 16 in all"),
        may("answering", "a map", "how soon it answers, and what becomes of calls that it does not"),
        may("quota", "a map", "how many calls, and how much money, it takes besides its caps; without: any number"),
        must("dial", "a list", "where its calls go, in order"),
    ],
};

pub(super) const GROUP: Section = Section {
    name: "group",
    at: "buyers.NAME.groups.NAME",
    keys: &[
        may("id", ID, "its id within the buyer; without: made of both names"),
        may(
            "together",
            SWITCH,
            "whether its profiles are dialled together, and the first answer wins; without: as it is, at first no",
        ),
        may("quota", "a map", "how many calls, and how much money, its profiles take together; without: any number"),
    ],
};

pub(super) const WINDOW: Section = Section {
    name: "window",
    at: "listings.NAME.window",
    keys: &[
        may("early_close", SWITCH, "whether it closes once nobody still out can win; without: no"),
        may("answer_within", "a length, 60s at most", "how soon the invited answer; without: as long as the window"),
    ],
};

pub(super) const DEAL: Section = Section {
    name: "deal",
    at: "listings.NAME.deals.BUYER",
    keys: &[
        may("floor", "an amount such as 9.00", "the least price, in place of the reserve"),
        may("fixed", AMOUNT, "or the price: it must be bid, and no more is paid; without either: the reserve"),
    ],
};

pub(super) const ALSO: Section = Section {
    name: "further conjunction",
    at: "profiles.NAME.also[]",
    keys: &[
        may("wants", "a map, by attribute", "what a call must be; without: any call of the vertical"),
        may("excludes", "a map, by attribute", "what a call must not be"),
    ],
};

pub(super) const MODIFIER: Section = Section {
    name: "modifier",
    at: "profiles.NAME.modifiers.ATTRIBUTE, or an item there",
    keys: &[
        may("is", "a value, or yes or no", "of a category, set or boolean: for which calls"),
        may("from", "a number", "of an integer: the least number meant; without: any"),
        may("below", "a number", "of an integer: the least number no longer meant; without: any"),
        may("times", "a factor from 0 to 100 such as 1.25", "what the bid is multiplied by; 0 is no bid"),
        may("plus", "an amount such as 2.00 or -1.50", "or what is added to it after that"),
    ],
};

/// The two keys of a profile that say what becomes of its bid, as a part that stands by itself.
#[cfg(feature = "rest")]
pub(super) const MODIFIED: Section = Section {
    name: "modifiers",
    at: "profiles.NAME",
    keys: &[
        may("max_bid", AMOUNT, "the most that modifiers make of the bid; without: any amount"),
        may("modifiers", "a map, by attribute", "what becomes of the bid: one modifier, or a list of them; 16 in all"),
    ],
};

pub(super) const POLICY: Section = Section {
    name: "policy",
    at: "sellers.NAME.listings.NAME.policy",
    keys: &[
        may(
            "kind",
            "highest score, weighted share, round robin, skill, cost and quality or expected value",
            "by what; without: highest score",
        ),
        may(
            "segment",
            "a category of the plan",
            "of expected value: calls are judged by their value of it; without: all alike",
        ),
        may("explore", SHARE, "of expected value: how often who is known least is tried instead; without: never"),
        may("price", AMOUNT, "what every winner pays, whatever it bid; without: by the pricing"),
        may("requires", SKILLS, "what a profile must know, and how well; without: nothing"),
    ],
};

pub(super) const RANK: Section = Section {
    name: "rank",
    at: "buyers.NAME.profiles.NAME.rank",
    keys: &[
        may("weight", "1 to 10000", "its share of calls, in proportion to the others' weights; without: 1"),
        may("quality", "a share such as 92.5 % or 9250 bp", "what its margin counts for; without: 100 %"),
        may(
            "prior",
            "two numbers such as [3, 4], up to 10000",
            "as if so many of so many calls had earned their price; without: [1, 1]",
        ),
    ],
};

pub(super) const CALENDAR: Section = Section {
    name: "calendar",
    at: "sellers.NAME.calendars.NAME, buyers.NAME.calendars.NAME",
    keys: &[
        may("id", ID, "its id within the account; without: made of both names"),
        may(
            "open",
            "a map, by `mon` to `sun` or days such as `mon-fri`",
            "when it is open in a usual week: a list of spans such as 09:00-17:30; without: never",
        ),
        may("holidays", "a list", "the days on which that does not hold"),
    ],
};

pub(super) const HOLIDAY: Section = Section {
    name: "holiday",
    at: "calendars.NAME.holidays[]",
    keys: &[
        may("on", DATE, "the day"),
        may("from", DATE, "or the first of several days"),
        may("through", DATE, "and the last of them"),
        may("open", "a span such as 09:00-12:00", "when it is open on each of these days; without: closed all day"),
    ],
};

pub(super) const DUPLICATES: Section = Section {
    name: "duplicate rule",
    at: "sellers.NAME.listings.NAME.duplicates, buyers.NAME.duplicates, buyers.NAME.profiles.NAME.duplicates",
    keys: &[
        must("window", CALLERS_WINDOW, "for how long a caller counts as having called before"),
        may("on", "incoming, connect or convert", "what counts as a call; without: incoming"),
        may("anonymous", ANONYMOUS, "what becomes of callers without an identity; without: one caller"),
    ],
};

pub(super) const FREQUENCY: Section = Section {
    name: "frequency rule",
    at: "sellers.NAME.frequency, sellers.NAME.listings.NAME.frequency",
    keys: &[
        must("calls", "a number of calls, 1 to 15", "the most calls of one caller"),
        must("window", CALLERS_WINDOW, "in any time of this length"),
        may("anonymous", ANONYMOUS, "what becomes of callers without an identity; without: one caller"),
    ],
};

pub(super) const SCREEN_RULE: Section = Section {
    name: "screen rule",
    at: "sellers.NAME.screen[], sellers.NAME.listings.NAME.screen[]",
    keys: &[
        must("refuse", "the name of a reason, such as LitigatorListed or FraudSuspected", "why a call is not sold"),
        may("leg", "inbound, transfer or callback", "on which leg; without: on every"),
        may("when", "a map of one attribute, as in `wants`", "refuses the calls that are so"),
        may("unless", "a map of one attribute, as in `wants`", "or those that are not so, or of which it is not known"),
    ],
};

pub(super) const DELIVERY: Section = Section {
    name: "delivery",
    at: "sellers.NAME.listings.NAME.delivery",
    keys: &[
        may("recover", "a map", "when an answered call is sold again; without: never"),
        may(
            "fallback",
            "a destination, by `to` and `ring`",
            "where a call is dialled that nobody buys; without: nowhere",
        ),
    ],
};

pub(super) const RECOVER: Section = Section {
    name: "recovery",
    at: "sellers.NAME.listings.NAME.delivery.recover",
    keys: &[
        must("below", "a length from 1s to 24h", "when the buyer's side ends it before it has lasted so long"),
        must("times", "1 to 5", "how often at most, for one call"),
    ],
};

pub(super) const ANSWERING: Section = Section {
    name: "answering",
    at: "buyers.NAME.profiles.NAME.answering",
    keys: &[
        may(
            "bid_within",
            "a length, 60s at most",
            "how soon its bidder answers an invitation; without: as the listing says",
        ),
        may(
            "reject_within",
            "a length, 90s at most",
            "how long its agents may give an answered call back; without: never",
        ),
        may("pause_after", "a list, 2 at most", "unanswered calls in a row after which it is paused; without: none"),
    ],
};

pub(super) const PAUSE_RULE: Section = Section {
    name: "pause rule",
    at: "buyers.NAME.profiles.NAME.answering.pause_after[]",
    keys: &[
        must("calls", "a number of calls, 1 to 8", "so many"),
        must("within", "a length from 1s to 24h", "the last of them so soon after the first"),
    ],
};

pub(super) const QUOTA: Section = Section {
    name: "quota",
    at: "sellers.NAME.quota, sellers.NAME.listings.NAME.quota, buyers.NAME.quota, buyers.NAME.profiles.NAME.quota",
    keys: &[
        may("rules", "a list, 12 at most", "how many calls, and how much money; all of them bind"),
        may("spacing", "a length of 1ms or more", "so long at least from one win to the next; without: no time"),
        may(
            "hours",
            "a calendar of the account",
            "over which hours the rule with a `pace` spreads its money; without: all",
        ),
    ],
};

pub(super) const QUOTA_RULE: Section = Section {
    name: "quota rule",
    at: "quota.rules[]",
    keys: &[
        may("live", ANY_CALLS, "the most at a time: being delivered, or talking"),
        may("attempts", ANY_CALLS, "or the most won, answered or not"),
        may("connections", ANY_CALLS, "or the most won, but for those that nobody answered"),
        may("conversions", ANY_CALLS, "or the most won, but for those whose price was not earned"),
        may("money", "an amount such as 250.00, or 0", "or the most that they cost, but for what was not earned"),
        may(
            "per",
            "hour, day, month or ever",
            "how long it counts, by the account's zone; must be there, but for `live`",
        ),
        may(
            "pace",
            "`even`, for money per day or month, or `through 2026-12-31`, for money per ever",
            "spread over the hours that are left; without: spent as calls come",
        ),
        may(
            "during",
            "a map like `open` of a calendar, in whole hours; for `live` and per hour",
            "when alone it binds, by the account's zone; each stretch is one of the 12; without: always",
        ),
    ],
};

pub(super) const CAPS: Section = Section {
    name: "caps",
    at: "buyers.NAME.profiles.NAME.caps",
    keys: &[
        may("concurrency", "a number of calls, 1 to 65535", "at once"),
        may("hourly", CALLS, "an hour"),
        may("daily", CALLS, "a day, in the buyer's zone"),
        may("total", CALLS, "ever"),
        may("daily_budget", AMOUNT, "a day, in the buyer's zone"),
    ],
};

pub(super) const DIAL: Section = Section {
    name: "destination",
    at: "buyers.NAME.profiles.NAME.dial[], sellers.NAME.listings.NAME.delivery.fallback",
    keys: &[
        must("to", "1 to 64 bytes", "a telephone number or SIP address"),
        must("ring", "a length from 1ms to 5m", "how long it may ring"),
    ],
};

pub(super) const IN_SET: Section = Section {
    name: "set test",
    at: "wants.ATTRIBUTE, excludes.ATTRIBUTE",
    keys: &[must("in", "a value set of the plan", "a value of the set")],
};

pub(super) const RANGE: Section = Section {
    name: "range test",
    at: "wants.ATTRIBUTE",
    keys: &[
        may("from", "a number", "the least number accepted; without: any"),
        may("below", "a number", "the least number no longer accepted; without: any"),
    ],
};

pub(super) const NEAR: Section = Section {
    name: "place test",
    at: "wants.ATTRIBUTE",
    keys: &[
        must("near", "latitude and longitude such as [29.760427, -95.369804]", "the middle, in degrees"),
        must("within", "a distance such as 50 km or 800 m, 500 km at most", "how far around it"),
    ],
};

/// Every kind of map, in the order of the page.
pub const SECTIONS: &[&Section] = &[
    &PLAN,
    &ATTRIBUTE,
    &VALUE_SET,
    &TRANSITION,
    &SELLER,
    &LISTING,
    &WINDOW,
    &DEAL,
    &POLICY,
    &BUYER,
    &GROUP,
    &PROFILE,
    &ALSO,
    &MODIFIER,
    &RANK,
    &CALENDAR,
    &HOLIDAY,
    &DUPLICATES,
    &FREQUENCY,
    &SCREEN_RULE,
    &CAPS,
    &QUOTA,
    &QUOTA_RULE,
    &DELIVERY,
    &RECOVER,
    &ANSWERING,
    &PAUSE_RULE,
    &DIAL,
    &IN_SET,
    &RANGE,
    &NEAR,
];
