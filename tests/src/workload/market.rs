//! What the market is made of: schema, hours, listings, profiles.

use dce_engine::ids::{
    AccountId, AttributeId, CalendarId, ListingId, MovementId, ProfileId, SessionId, ValueCode, ValueSetId, VerticalId,
    ZoneId,
};
use dce_engine::units::{BasisPoints, GeoPoint, Metres, Millis, Money, Seconds, Timestamp};

use super::{Variant, Workload};
use crate::twin::Twin;
use crate::twin::action::{Action, Caps, Clause, Holiday, Kind, ListingTerms, Payout, ProfileTerms, Role, Test};

/// The place most points are near to.
pub(super) const CENTRE: GeoPoint = GeoPoint::new(34_052_200, -118_243_700);

/// The attribute with this number, as it is declared unless it is spoiled.
const fn kind(attribute: u16) -> Kind {
    match attribute {
        0 => Kind::Category { values_max: 5 },
        1 => Kind::Set { values_max: 4 },
        2 => Kind::Integer { decimals: 0, low: 0, high: 100 },
        3 => Kind::Boolean,
        4 => Kind::Point,
        5 => Kind::Category { values_max: 600 },
        _ => Kind::Set { values_max: 520 },
    }
}

/// The value set with this number: its attribute and all of its values.
const fn value_set(set: u16) -> (u16, &'static [u32]) {
    match set {
        0 => (0, &[1, 3, 5]),
        1 => (1, &[2, 3]),
        2 => (5, &[2, 7, 513, 514, 600]),
        _ => (0, &[1, 2, 3, 4]),
    }
}

const NAMED: [u16; 4] = [0, 1, 5, 6];

impl Workload {
    /// Everything a market needs, in an order that works.
    pub(super) fn opening_sequence(&mut self) -> Vec<Action> {
        let mut opening = Vec::new();
        // In some markets an attribute is declared only when profiles are there already.
        let late = self.random.below(14) as u16;
        opening.extend((0..7).filter(|attribute| *attribute != late).map(declare));
        for code in 1..=3 {
            for attribute in NAMED {
                opening.push(define(attribute, code));
            }
        }
        for set in 0..3 {
            let (attribute, values) = value_set(set);
            opening.push(load(set, attribute, values.len() as u32, 0, values));
        }
        let start = Timestamp::from_seconds(self.variant.start_seconds());
        opening.push(self.zone_like_america(ZoneId(1), start));
        for account in [1, 2, 3, 11, 12] {
            let role = if account < 10 { Role::Buyer } else { Role::Seller };
            let zone = ZoneId(u16::from(account == 1 || self.variant == Variant::Epoch));
            let deposit = if account < 10 { self.purse() } else { Money::ZERO };
            let account = AccountId(account);
            opening.push(Action::OpenAccount { account, role, zone, deposit });
            opening.push(Action::OpenSession { account, session: SessionId(1) });
        }
        if self.random.percent(70) {
            let movement = MovementId::at(start, self.fresh());
            opening.push(Action::Deposit { account: AccountId::PLATFORM, movement, amount: self.purse() });
        }
        for _ in 0..9 {
            opening.push(self.set_calendar(start));
        }
        for _ in 0..8 {
            opening.push(self.create_listing());
            opening.extend(self.policy_at_start());
        }
        opening.push(Action::SetQuoting { seller: AccountId(11), firm_max: self.random.one(&[2, 20]) });
        opening.push(Action::SetQuoting { seller: AccountId(12), firm_max: 3 });
        for listing in 0..5 {
            let seller = AccountId(self.random.one(&[11, 12]));
            opening.push(self.window_of(seller, ListingId(listing)));
            opening.push(self.deal_of(seller, ListingId(listing)));
            opening.push(self.deal_of(seller, ListingId(listing)));
        }
        for listing in 0..5 {
            for seller in [11, 12] {
                if self.random.percent(60) {
                    opening.push(self.delivery(AccountId(seller), ListingId(listing)));
                }
            }
        }
        let mut profiles = Vec::new();
        for _ in 0..self.variant.profiles_at_start() {
            let created = self.create_profile();
            if let Action::CreateProfile { buyer, profile, .. } = &created {
                profiles.push((*buyer, *profile));
            }
            let further = match &created {
                Action::CreateProfile { buyer, profile, .. } if self.random.percent(15) => {
                    Some(self.conjunction(*buyer, *profile, 2))
                }
                _ => None,
            };
            let modified = match &created {
                Action::CreateProfile { buyer, profile, .. } if self.random.percent(15) => {
                    Some(self.modifiers_of(*buyer, *profile))
                }
                _ => None,
            };
            let answering = match &created {
                Action::CreateProfile { buyer, profile, .. } if self.random.percent(60) => {
                    Some(self.answering(*buyer, *profile))
                }
                _ => None,
            };
            opening.push(created);
            opening.extend(answering);
            opening.extend(further);
            opening.extend(modified);
        }
        opening.extend(self.groups_at_start(&profiles));
        opening
    }

    pub(super) fn declare_attribute(&mut self) -> Action {
        let mut action = declare(self.random.below(9) as u16);
        if self.random.percent(60)
            && let Action::DeclareAttribute { kind, name, .. } = &mut action
        {
            match self.random.below(5) {
                0 => *kind = Kind::Category { values_max: self.random.one(&[0, 65_535, 65_536]) },
                1 => *kind = Kind::Integer { decimals: self.random.between(8, 10) as u8, low: 3, high: 4 },
                2 => *kind = Kind::Integer { decimals: 0, low: 4, high: 4 },
                3 => name.clear(),
                _ => *name = "n".repeat(self.random.between(63, 65) as usize),
            }
        }
        action
    }

    pub(super) fn define_value(&mut self) -> Action {
        let attribute = self.random.one(&[0, 0, 1, 1, 2, 5, 6, 9]);
        let code = self.random.below(8) as u32;
        match self.random.below(10) {
            0 => define(attribute, self.random.one(&[0, 600, 601])),
            1 => Action::DefineValue {
                attribute: AttributeId(attribute),
                code: ValueCode(code),
                name: format!("v{}", self.random.below(4)),
            },
            2 => Action::DefineValue {
                attribute: AttributeId(attribute),
                code: ValueCode(code),
                name: "n".repeat(self.random.one(&[0, 64, 65])),
            },
            _ => define(attribute, code),
        }
    }

    pub(super) fn load_value_set(&mut self, twin: &Twin) -> Action {
        let set = self.random.below(5) as u16;
        let (mut attribute, all) = value_set(set);
        let loaded = twin.value_sets.get(&ValueSetId(set)).map_or(0, |known| known.values.len());
        let offset = if self.random.percent(60) { loaded } else { self.random.below(5) as usize };
        let left = all.get(offset..).unwrap_or_default();
        let length = self.random.between(1, 3).min(left.len() as u64) as usize;
        let mut values: Vec<u32> = left[..length].to_vec();
        let mut total = all.len() as u32;
        match self.random.below(12) {
            0 => values.reverse(),
            1 => values.push(self.random.one(&[0, 601, 5])),
            2 => total += 1,
            3 => total = self.random.one(&[0, 100, u32::MAX]),
            4 => attribute = self.random.one(&[1, 2, 5, 9]),
            5 => values.clear(),
            6 => values = (1..=self.random.between(511, 514) as u32).collect(),
            _ => {}
        }
        load(set, attribute, total, offset as u32, &values)
    }

    pub(super) fn set_zone(&mut self, at: Timestamp) -> Action {
        let zone = ZoneId(self.random.below(4) as u16);
        let mut action = self.zone_like_america(zone, at);
        if self.random.percent(20)
            && let Action::SetZone { transitions, .. } = &mut action
        {
            match self.random.below(6) {
                0 => transitions.clear(),
                4 => transitions[2].0 = Timestamp::from_micros(Timestamp::MAX.micros() + self.random.below(2)),
                1 => transitions[0].1 = self.random.one(&[57_600, -57_600, 57_601, -57_601, i32::MIN]),
                2 => transitions.reverse(),
                3 => transitions.extend([(at, 0); 16]),
                _ => transitions.truncate(1),
            }
        }
        action
    }

    /// One hour forward at some moment soon, and back a few days later.
    fn zone_like_america(&mut self, zone: ZoneId, at: Timestamp) -> Action {
        let standard = self.random.one(&[-8, -8, -5, 0, 9]) * 3_600;
        let first = at + Seconds(self.random.below(7_200) as u32);
        let second = first + Seconds(self.random.between(600, 300_000) as u32);
        let transitions = vec![(Timestamp::default(), standard), (first, standard + 3_600), (second, standard)];
        Action::SetZone { zone, transitions }
    }

    /// Hours around now in one of few shapes, so that openings and closings come soon and often.
    pub(super) fn set_calendar(&mut self, at: Timestamp) -> Action {
        let mut account = match self.random.below(30) {
            0 => self.random.one(&[AccountId::PLATFORM, AccountId::WORLD, AccountId(99)]),
            1..18 => self.buyer(),
            _ => self.seller(),
        };
        // Where all accounts live in one zone, its own week counts.
        let local = (at.micros() / 60_000_000) as i64 + self.random.one(&[0, 0, 0, -8, -8, -7, -5]) * 60;
        let now = local.max(0);
        let minute = ((now / 1_440 + 3) % 7 * 1_440 + now % 1_440) as u64;
        let week = 10_080;
        let mut spans: Vec<(u16, u16)> = match self.random.below(8) {
            0 => vec![],
            1 => vec![(0, 10_080)],
            2 => (0..7).map(|day| (day * 1_440 + 540, day * 1_440 + 1_020)).collect(),
            3 => vec![(0, 360), (9_000, 10_080)],
            4 => vec![(0, 4_000), (4_000, 10_080)],
            // A break a few minutes from now.
            5 => {
                let from = (minute + self.random.below(20)) % week;
                let to = (from + self.random.between(1, 40)).min(week);
                [(0, from), (to, week)].iter().filter(|(from, to)| from < to).map(narrow).collect()
            }
            // Open for some minutes about now.
            _ => {
                let from = (minute + week - self.random.below(30)) % week;
                let to = (from + self.random.between(1, 90)).min(week);
                vec![narrow(&(from, to))]
            }
        };
        let today = (now / 1_440) as u32;
        let mut holidays = Vec::new();
        if self.random.percent(40) {
            let first = (today + self.random.below(3) as u32).saturating_sub(1);
            let last = first + self.random.below(3) as u32;
            let (from, to) = self.random.one(&[(0, 0), (0, 0), (0, 1_440), (600, 720), (0, 30)]);
            holidays.push(Holiday { first, last, from, to });
            if self.random.percent(50) {
                let first = last + self.random.between(1, 9) as u32;
                holidays.push(Holiday { first, last: first, from: 60, to: 61 });
            }
        }
        if self.random.percent(15) {
            match self.random.below(10) {
                0 => spans.push((10, 10)),
                1 => spans.push((10_079, 10_081)),
                2 => holidays.push(Holiday { first: today + 90, last: today + 89, from: 0, to: 0 }),
                3 => holidays.push(Holiday {
                    first: today + 90,
                    last: today + 90,
                    from: 9,
                    to: self.random.one(&[0, 9]),
                }),
                4 => holidays.push(Holiday { first: today + 90, last: today + 90, from: 0, to: 1_441 }),
                5 => spans = vec![(100, 200), (199, 300)],
                6 => holidays = vec![Holiday { first: today, last: today + 1, from: 0, to: 0 }; 2],
                7 => spans = (0..self.random.between(31, 33) as u16).map(|hour| (hour * 60, hour * 60 + 30)).collect(),
                8 => {
                    let days = today..today + self.random.between(63, 65) as u32;
                    holidays = days.map(|day| Holiday { first: day, last: day, from: 0, to: 0 }).collect();
                }
                _ => account = AccountId::WORLD,
            }
        }
        Action::SetCalendar { account, calendar: CalendarId(u128::from(self.random.below(3))), spans, holidays }
    }

    /// The calendar of a new profile or listing.
    fn hours(&mut self) -> Option<CalendarId> {
        match self.random.below(40) {
            0..12 => Some(CalendarId(u128::from(self.random.below(3)))),
            12 => Some(CalendarId(9)),
            _ => None,
        }
    }

    pub(super) fn create_listing(&mut self) -> Action {
        let payout = match self.random.below(20) {
            0..4 => Payout::Fixed(Money::from_micros(self.random.one(&[0, 500_000, 500_000, 1_000_000]))),
            4..8 => Payout::Share(BasisPoints(self.random.one(&[0, 5_000, 8_000, 9_999]))),
            8 => Payout::Share(BasisPoints(10_001)),
            9 => Payout::Fixed(self.bad_amount()),
            10..15 => Payout::Fixed(Money::from_micros(500_000)),
            _ => Payout::Share(BasisPoints::WHOLE),
        };
        let margin = match payout {
            Payout::Share(share) if share == BasisPoints::WHOLE && self.random.percent(95) => 0,
            _ => self.random.one(&[0, 0, 100_000, 1_500_000]),
        };
        let mut terms = ListingTerms {
            vertical: VerticalId(u16::from(self.random.percent(8))),
            second_price: self.random.percent(40),
            reserve: Money::from_micros(self.random.one(&[0, 0, 0, 1_000_000, 2_000_000, 2_000_001])),
            increment: Money::from_micros(self.random.one(&[0, 10_000, 500_000])),
            payout,
            payout_term: self.term(),
            margin_min: Money::from_micros(margin),
            duration_max: Seconds(self.random.one(&[1, 40, 120, 3_600])),
            open: self.random.percent(50),
            withdrawable: self.random.percent(50),
            hours: if self.random.percent(50) { self.hours() } else { None },
        };
        match self.random.below(40) {
            0 => terms.duration_max = Seconds(self.random.one(&[0, 86_401])),
            1 => terms.vertical = VerticalId(2),
            2 => terms.reserve = Money::from_micros(-1),
            3 => terms.increment = Money::from_micros(Money::AMOUNT_MAX.micros() + 1),
            _ => {}
        }
        let listing = ListingId(u128::from(self.random.below(5)));
        Action::CreateListing { seller: self.seller(), listing, terms }
    }

    pub(super) fn set_disclosure(&mut self) -> Action {
        let listing = ListingId(u128::from(self.random.below(5)));
        let seller = if self.random.percent(4) { AccountId(1) } else { self.seller() };
        Action::SetDisclosure { seller, listing, price_to_win: self.random.percent(75) }
    }

    /// Mostly the last of each seller's: a market of listings that are off it has little to say.
    pub(super) fn delist(&mut self, twin: &Twin) -> Action {
        let (seller, listing) = match self.random.percent(15) {
            true => self.known_listing(twin),
            false => (self.seller(), ListingId(4)),
        };
        Action::Delist { seller, listing }
    }

    /// The listing of a command about one, mostly one that exists.
    pub(super) fn known_listing(&mut self, twin: &Twin) -> (AccountId, ListingId) {
        match self.random.one_of(twin.listing_keys()) {
            Some(key) if self.random.percent(95) => key,
            _ => (self.seller(), ListingId(u128::from(self.random.below(7)))),
        }
    }

    pub(super) fn set_window(&mut self, twin: &Twin) -> Action {
        let (seller, listing) = self.known_listing(twin);
        self.window_of(seller, listing)
    }

    fn window_of(&mut self, seller: AccountId, listing: ListingId) -> Action {
        let answer_within = Millis(self.random.one(&[0, 0, 0, 1, 10, 300, 300, 5_000, 60_000, 60_001]));
        Action::SetWindow { seller, listing, early_close: self.random.percent(50), answer_within }
    }

    pub(super) fn create_profile(&mut self) -> Action {
        let easy = matches!(self.variant, Variant::Failing | Variant::Crowd);
        let chance = if easy { 6 } else { 30 };
        let mut caps = Caps::default();
        if self.random.percent(chance + 10) {
            caps.concurrency = Some(self.random.between(1, 3) as u16);
        }
        if self.random.percent(chance) {
            caps.hourly = Some(self.random.between(1, 3) as u32);
        }
        if self.random.percent(chance) {
            caps.daily = Some(self.random.between(1, 4) as u32);
        }
        if self.random.percent(chance / 2) {
            caps.total = Some(self.random.between(1, 5) as u32);
        }
        if self.random.percent(chance) {
            caps.daily_budget = Some(Money::from_units(self.random.one(&[3, 6, 12])));
        }
        let mut terms = ProfileTerms {
            vertical: VerticalId(u16::from(self.random.percent(8))),
            tier: self.random.one(&[1, 1, 1, 2, 2, 3, 255]),
            bid: if self.random.percent(80) { Some(self.amount()) } else { None },
            pay_term: self.term(),
            caps,
            live_mode: self.random.percent(if easy { 90 } else { 60 }),
            hours: if easy && self.random.percent(70) { None } else { self.hours() },
            clauses: Vec::new(),
            values: Vec::new(),
            destinations: Vec::new(),
        };
        let clauses = if easy { u64::from(self.random.percent(10)) } else { self.random.one(&[0, 0, 0, 1, 1, 2, 3]) };
        for _ in 0..clauses {
            self.add_clause(&mut terms);
        }
        for index in 0..self.random.one(&[1, 1, 2, 3]) {
            let address = format!("+1-555-01{:02}-{index}", self.random.below(99));
            terms.destinations.push((address.into_bytes(), self.ring()));
        }
        if self.random.percent(8) {
            self.spoil_profile(&mut terms);
        }
        let profile = ProfileId(u128::from(self.random.below(self.variant.profile_ids())));
        let buyer = if matches!(self.variant, Variant::Crowd | Variant::Wide) {
            AccountId(u128::from(self.random.between(1, 3)))
        } else {
            self.buyer()
        };
        Action::CreateProfile { buyer, profile, terms }
    }

    /// One more conjunction of some profile's, mostly the next one.
    pub(super) fn also_wants(&mut self, twin: &Twin) -> Action {
        let (buyer, profile) = self.profile(twin);
        let known = twin.profiles.get(&(buyer, profile)).map_or(0, |known| known.also.len() as u64);
        let nth = match self.random.below(20) {
            0 => self.random.below(11),
            1 => known + 3,
            2..5 => known + 1,
            _ => known + 2,
        };
        self.conjunction(buyer, profile, nth as u8)
    }

    fn conjunction(&mut self, buyer: AccountId, profile: ProfileId, nth: u8) -> Action {
        let mut terms = ProfileTerms::default();
        for _ in 0..self.random.one(&[0, 1, 1, 1, 2, 3]) {
            self.add_clause(&mut terms);
        }
        if self.random.percent(3) {
            terms.destinations.push((vec![1], self.ring()));
            self.spoil_profile(&mut terms);
        }
        Action::AlsoWants { buyer, profile, nth, clauses: terms.clauses, values: terms.values }
    }

    fn add_clause(&mut self, terms: &mut ProfileTerms) {
        let attribute = self.random.one(&[0, 0, 1, 1, 2, 3, 4, 5, 6]);
        let mut list = |workload: &mut Self| {
            let count = workload.random.between(1, 2);
            for _ in 0..count {
                let code = if workload.random.percent(3) { 4 } else { workload.random.between(1, 3) as u32 };
                terms.values.push(ValueCode(code));
            }
            count as u16
        };
        let named = matches!(attribute, 0 | 1 | 5 | 6);
        let test = match (attribute, self.random.below(10)) {
            _ if self.random.percent(3) => Test::AnyOf { count: 0 },
            (_, 0..3) if named => Test::AnyOf { count: list(self) },
            (_, 3..5) if named => Test::NoneOf { count: list(self) },
            (_, 5..8) if named => Test::InSet { set: ValueSetId(set_of(attribute)) },
            (_, 8) if named => Test::NotInSet { set: ValueSetId(set_of(attribute)) },
            (2, 0..9) => {
                let low = self.random.below(60) as i64;
                Test::Range { low, high: low + self.random.one(&[1, 20, 40]) }
            }
            (3, 0..9) => Test::Is { value: self.random.percent(50) },
            (4, 0..9) => Test::Near { centre: CENTRE, radius: Metres(self.random.one(&[1_000, 50_000, 500_000])) },
            _ => Test::InSet { set: ValueSetId(self.random.below(4) as u16) },
        };
        terms.clauses.push(Clause { attribute: AttributeId(attribute), test });
    }

    fn spoil_profile(&mut self, terms: &mut ProfileTerms) {
        match self.random.below(12) {
            0 => terms.tier = 0,
            1 => terms.caps.concurrency = Some(0),
            2 => terms.caps.daily = Some(0),
            3 => terms.bid = Some(self.bad_amount()),
            4 => terms.caps.daily_budget = Some(self.bad_amount()),
            5 => terms.destinations[0].1.0 = self.random.one(&[0, 300_001, 300_000]),
            6 => terms.destinations.clear(),
            7 => terms.destinations[0].0.clear(),
            8 => terms.vertical = VerticalId(9),
            9 => terms.values.push(ValueCode(1)),
            10 => {
                let test = self.random.one(&[
                    Test::Range { low: 5, high: 5 },
                    Test::Near { centre: GeoPoint::new(90_000_001, 0), radius: Metres(1) },
                    Test::Near { centre: CENTRE, radius: Metres(0) },
                    Test::Near { centre: CENTRE, radius: Metres(500_001) },
                ]);
                terms.clauses.push(Clause { attribute: AttributeId(self.random.below(9) as u16), test });
            }
            _ => {
                let clause = Clause { attribute: AttributeId(3), test: Test::Is { value: true } };
                terms.clauses.extend([clause; 7]);
            }
        }
    }
}

fn narrow((from, to): &(u64, u64)) -> (u16, u16) {
    (*from as u16, *to as u16)
}

fn set_of(attribute: u16) -> u16 {
    match attribute {
        0 => 0,
        1 => 1,
        5 => 2,
        _ => 3,
    }
}

fn declare(attribute: u16) -> Action {
    Action::DeclareAttribute { attribute: AttributeId(attribute), kind: kind(attribute), name: format!("a{attribute}") }
}

fn define(attribute: u16, code: u32) -> Action {
    Action::DefineValue { attribute: AttributeId(attribute), code: ValueCode(code), name: format!("v{code}") }
}

fn load(set: u16, attribute: u16, total: u32, offset: u32, values: &[u32]) -> Action {
    let values = values.iter().copied().map(ValueCode).collect();
    Action::LoadValueSet { set: ValueSetId(set), attribute: AttributeId(attribute), total, offset, values }
}
