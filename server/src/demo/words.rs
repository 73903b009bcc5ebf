//! The trade's words: what callers are told apart by, and what calls of each kind are like.
//!
//! States, area codes and hours are real; companies and amounts are made up, of the size the trade knows.

/// Where a caller lives.
pub(crate) struct State {
    pub(crate) name: &'static str,
    /// Millions of people, rounded up: how often a caller lives there.
    pub(crate) weight: u64,
    /// Whose clocks: an index into [`ZONES`](super::zones::ZONES).
    pub(crate) zone: usize,
    pub(crate) area_codes: &'static [u16],
}

const fn state(name: &'static str, weight: u64, zone: usize, area_codes: &'static [u16]) -> State {
    State { name, weight, zone, area_codes }
}

/// Eastern, Central, Mountain and Pacific clocks; Alaska and Hawaii are counted with the Pacific's.
pub(crate) const STATES: [State; 51] = [
    state("AK", 1, 3, &[907]),
    state("AL", 5, 1, &[205, 251, 256]),
    state("AR", 3, 1, &[479, 501]),
    state("AZ", 7, 2, &[480, 520, 602]),
    state("CA", 39, 3, &[213, 310, 415, 619, 916]),
    state("CO", 6, 2, &[303, 719, 970]),
    state("CT", 4, 0, &[203, 860]),
    state("DC", 1, 0, &[202]),
    state("DE", 1, 0, &[302]),
    state("FL", 23, 0, &[305, 407, 561, 813, 904]),
    state("GA", 11, 0, &[404, 706, 912]),
    state("HI", 2, 3, &[808]),
    state("IA", 3, 1, &[319, 515]),
    state("ID", 2, 2, &[208]),
    state("IL", 13, 1, &[217, 312, 708]),
    state("IN", 7, 0, &[219, 317, 812]),
    state("KS", 3, 1, &[316, 785, 913]),
    state("KY", 5, 0, &[502, 606, 859]),
    state("LA", 5, 1, &[225, 318, 504]),
    state("MA", 7, 0, &[413, 508, 617]),
    state("MD", 6, 0, &[301, 410]),
    state("ME", 2, 0, &[207]),
    state("MI", 10, 0, &[313, 517, 616]),
    state("MN", 6, 1, &[218, 612, 651]),
    state("MO", 6, 1, &[314, 417, 816]),
    state("MS", 3, 1, &[601, 662]),
    state("MT", 2, 2, &[406]),
    state("NC", 11, 0, &[336, 704, 919]),
    state("ND", 1, 1, &[701]),
    state("NE", 2, 1, &[308, 402]),
    state("NH", 2, 0, &[603]),
    state("NJ", 9, 0, &[201, 609, 732]),
    state("NM", 2, 2, &[505, 575]),
    state("NV", 3, 3, &[702, 775]),
    state("NY", 20, 0, &[212, 516, 585, 716, 718]),
    state("OH", 12, 0, &[216, 513, 614]),
    state("OK", 4, 1, &[405, 918]),
    state("OR", 4, 3, &[503, 541]),
    state("PA", 13, 0, &[215, 412, 717]),
    state("RI", 1, 0, &[401]),
    state("SC", 5, 0, &[803, 843, 864]),
    state("SD", 1, 1, &[605]),
    state("TN", 7, 1, &[615, 865, 901]),
    state("TX", 31, 1, &[210, 214, 512, 713, 817]),
    state("UT", 3, 2, &[435, 801]),
    state("VA", 9, 0, &[703, 757, 804]),
    state("VT", 1, 0, &[802]),
    state("WA", 8, 3, &[206, 253, 509]),
    state("WI", 6, 1, &[414, 608, 920]),
    state("WV", 2, 0, &[304]),
    state("WY", 1, 2, &[307]),
];

/// Languages, each with how many of a hundred callers speak it.
pub(crate) const LANGUAGES: [(&str, u64); 5] =
    [("English", 84), ("Spanish", 12), ("Chinese", 2), ("Vietnamese", 1), ("Tagalog", 1)];

/// What a seller's page or menu found out, besides.
pub(crate) const TAGS: [&str; 10] = [
    "search ad",
    "social ad",
    "direct mail",
    "radio",
    "repeat visitor",
    "pressed 1",
    "quote started",
    "weekend",
    "emergency",
    "has policy",
];

/// A market segment.
pub(crate) struct Vertical {
    pub(crate) name: &'static str,
    /// How many of a hundred calls.
    pub(crate) weight: u64,
    /// What buyers bid, whole dollars.
    pub(crate) bid_usd: (u64, u64),
    /// What sellers hold out for, whole dollars.
    pub(crate) reserve_usd: (u64, u64),
    /// After how many seconds from the answer a call is billable: the trade's buffer.
    pub(crate) buffer_seconds: u32,
    /// How long answered calls talk, in seconds: the quantiles at 0, 10, … 100 %.
    pub(crate) talk_seconds: [u64; 11],
    /// How old callers are, in years: the quantiles at 0, 20, … 100 %.
    pub(crate) ages: [u64; 6],
    /// Sold to live bidders within this many milliseconds; `None` where standing bids decide at once.
    pub(crate) window_ms: Option<u32>,
    /// How its buyers call themselves.
    pub(crate) companies: [&'static str; 4],
}

/// The segments of the market, by their `VerticalId`.
pub(crate) const VERTICALS: [Vertical; 6] = [
    Vertical {
        name: "Medicare",
        weight: 26,
        bid_usd: (28, 52),
        reserve_usd: (24, 30),
        buffer_seconds: 90,
        talk_seconds: [4, 22, 61, 118, 240, 420, 660, 960, 1_320, 1_800, 3_300],
        ages: [57, 64, 67, 70, 76, 91],
        window_ms: None,
        companies: ["Senior Benefits", "Medicare Advisors", "Health Plans", "Care Insurance"],
    },
    Vertical {
        name: "Auto insurance",
        weight: 24,
        bid_usd: (16, 38),
        reserve_usd: (14, 18),
        buffer_seconds: 60,
        talk_seconds: [3, 16, 42, 75, 130, 210, 300, 420, 600, 840, 1_900],
        ages: [18, 26, 34, 44, 57, 83],
        window_ms: None,
        companies: ["Auto Insurance", "Casualty", "Drive Mutual", "Coverage Group"],
    },
    Vertical {
        name: "Home services",
        weight: 18,
        bid_usd: (32, 85),
        reserve_usd: (28, 36),
        buffer_seconds: 60,
        talk_seconds: [3, 14, 38, 64, 96, 140, 190, 260, 360, 520, 1_300],
        ages: [23, 35, 43, 52, 64, 86],
        window_ms: None,
        companies: ["Roofing", "Heating & Air", "Plumbing", "Home Services"],
    },
    Vertical {
        name: "Final expense",
        weight: 14,
        bid_usd: (26, 46),
        reserve_usd: (22, 27),
        buffer_seconds: 120,
        talk_seconds: [4, 25, 70, 130, 260, 480, 780, 1_140, 1_620, 2_100, 3_500],
        ages: [45, 56, 62, 68, 75, 88],
        window_ms: None,
        companies: ["Legacy Life", "Burial Cover", "Family Life", "Golden Assurance"],
    },
    Vertical {
        name: "Debt relief",
        weight: 10,
        bid_usd: (30, 70),
        reserve_usd: (27, 33),
        buffer_seconds: 120,
        talk_seconds: [4, 20, 58, 115, 190, 320, 500, 760, 1_100, 1_600, 2_900],
        ages: [21, 31, 39, 48, 58, 79],
        window_ms: None,
        companies: ["Debt Relief", "Credit Counsel", "Fresh Start", "Settlement Group"],
    },
    Vertical {
        name: "Injury law",
        weight: 8,
        bid_usd: (140, 360),
        reserve_usd: (120, 150),
        buffer_seconds: 120,
        talk_seconds: [5, 30, 85, 160, 300, 460, 640, 880, 1_200, 1_600, 3_000],
        ages: [18, 27, 35, 44, 55, 80],
        window_ms: Some(60),
        companies: ["Injury Law", "Accident Attorneys", "Trial Lawyers", "Legal Partners"],
    },
];

/// First halves of companies' names.
pub(crate) const PLACES: [&str; 24] = [
    "Blue Harbor",
    "Cedar Ridge",
    "Stonegate",
    "Silver Creek",
    "Maple Street",
    "Lakeshore",
    "Ironwood",
    "Fairview",
    "Golden Mesa",
    "Northgate",
    "Willow Bend",
    "Pinecrest",
    "Oak & Anchor",
    "Highland",
    "Riverbend",
    "Prairie Star",
    "Beacon Hill",
    "Red Canyon",
    "Summit",
    "Old Mill",
    "Brightwater",
    "Sandstone",
    "Meadowlark",
    "Union Square",
];

/// The sellers of calls.
pub(crate) const SELLERS: [&str; 6] =
    ["Juniper Leads", "Copperline Media", "Sparrow Ads", "Tidewater Calls", "Granite Search", "Lantern Digital"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_area_code_belongs_to_one_state() {
        let mut codes: Vec<u16> = STATES.iter().flat_map(|state| state.area_codes).copied().collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
        assert!(codes.iter().all(|code| (201..=989).contains(code)));
        assert!(STATES.windows(2).all(|pair| pair[0].name < pair[1].name));
    }

    #[test]
    fn segments_are_of_the_trade() {
        assert_eq!(VERTICALS.iter().map(|vertical| vertical.weight).sum::<u64>(), 100);
        for vertical in &VERTICALS {
            assert!(vertical.talk_seconds.is_sorted() && vertical.ages.is_sorted());
            assert!(vertical.reserve_usd.0 < vertical.bid_usd.0, "{}: somebody can pay the reserve", vertical.name);
            let buffer = u64::from(vertical.buffer_seconds);
            assert!(vertical.talk_seconds[1] < buffer && buffer < vertical.talk_seconds[5], "{}", vertical.name);
        }
    }
}
