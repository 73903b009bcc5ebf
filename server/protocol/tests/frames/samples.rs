//! One frame of every type, and more where a type has more than one face. Their bytes and meanings are
//! `docs/protocol-vectors.json`.

use dce_protocol::{
    AnonymousCallers, Bid, Bytes, CallState, CallerScope, Candidate, ChainNode, Change, Clause, ClockStart, Counts,
    Deal, DialTarget, Distance, Down, DuplicateOn, Event, EventFrame, Fact, FactValue, Holiday, Key, KeyRole, Kind,
    Leg, LegReport, List, Measure, Modifier, ModifierValue, OpenSpan, PayTerm, Payout, Per, Policy, Posting,
    PostingKind, Pricing, Prior, QuotaRule, QuotaScope, Resume, Role, ScreenRule, SkillLevel, Standing, Test, Text,
    Transition, Up, ValueCode, Verdict, down, event, up,
};

use crate::quotes::{events_of_quotes, quotes};
use crate::{Direction, Sample};

pub(crate) const BUYER: u128 = 0x0b;
pub(crate) const SELLER: u128 = 0x5e;
pub(crate) const PROFILE: u128 = 0x0b01;
pub(crate) const LISTING: u128 = 0x5e01;
const CALENDAR: u128 = 0x0bca;
const GROUP: u128 = 0x0b0e;
/// UUIDv7s of 1,764,000,000,123 ms.
pub(crate) const CALL: u128 = 0x019a_b697_e87b_7000_8000_0000_0000_0005;
const MOVEMENT: u128 = 0x019a_b697_e87b_7000_8000_0000_0000_0006;
const LOG: u128 = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210;
pub(crate) const AT: u64 = 1_764_000_000_123_456;
pub(crate) const USD: i64 = 1_000_000;

pub(crate) fn all() -> Vec<Sample> {
    let mut all = Vec::new();
    session(&mut all);
    schema(&mut all);
    accounts(&mut all);
    callers(&mut all);
    profiles(&mut all);
    deals(&mut all);
    policies(&mut all);
    calls(&mut all);
    quotes(&mut all);
    queries(&mut all);
    answers(&mut all);
    events_of_accounts(&mut all);
    events_of_calls(&mut all);
    events_of_quotes(&mut all);
    all
}

pub(crate) fn up<'a>(all: &mut Vec<Sample>, name: &'static str, number: u64, frame: impl Into<Up<'a>>) {
    let mut bytes = Vec::new();
    frame.into().encode(number, &mut bytes);
    all.push(Sample { name, direction: Direction::Up, bytes });
}

fn down<'a>(all: &mut Vec<Sample>, name: &'static str, number: u64, frame: impl Into<Down<'a>>) {
    let mut bytes = Vec::new();
    frame.into().encode(number, &mut bytes);
    all.push(Sample { name, direction: Direction::Down, bytes });
}

pub(crate) fn happened<'a>(all: &mut Vec<Sample>, name: &'static str, index: u16, event: impl Into<Event<'a>>) {
    let frame = EventFrame { sequence: 901, index, at: AT, again: false, event: event.into() };
    down(all, name, 0, Down::Event(frame));
}

pub(crate) fn list<T, const MAX: usize>(elements: &[T]) -> List<'_, T, MAX> {
    List::new(elements).expect("within the limit")
}

fn session(all: &mut Vec<Sample>) {
    let key = Key::new(b"dce_ABCDEFGHIJKL_secret").expect("short");
    up(all, "hello for the first time", 0, up::Hello { version: 1, session: AT, resume: None, key });
    let resume = Some(Resume { log: LOG, sequence: 900, index: 2 });
    up(all, "hello after a lost connection", 0, up::Hello { version: 1, session: AT, resume, key });
    up(all, "client's heartbeat", 0, up::Heartbeat {});
    up(all, "goodbye", 0, up::Goodbye {});
    let welcome = down::Welcome {
        version: 1,
        account: BUYER,
        role: KeyRole::Buyer,
        credit: 64,
        frame_max: 4_096,
        heartbeat: 5_000,
        idle: 15_000,
        log: LOG,
        sequence: 900,
        at: AT,
    };
    down(all, "welcome", 0, welcome);
    down(all, "server's heartbeat", 0, down::Heartbeat { sequence: 905, at: AT + 7 });
    let reason = Text::new("nothing came for the idle time; send heartbeats").expect("short");
    down(all, "closing for idleness", 0, down::Closing { code: 3_021, reason });
    let reason = Text::cut_to_fit("auf Wiedersehen, und grüß Gott");
    down(all, "closing with a text beyond ASCII", 0, down::Closing { code: 3_022, reason });
}

fn schema(all: &mut Vec<Sample>) {
    let name = Text::new("state").expect("short");
    up(
        all,
        "declare a category",
        1,
        up::DeclareAttribute { attribute: 0, kind: Kind::Category { values_max: 60 }, name },
    );
    let name = Text::new("tags").expect("short");
    up(all, "declare a set", 2, up::DeclareAttribute { attribute: 1, kind: Kind::Set { values_max: 100 }, name });
    let name = Text::new("âge").expect("short");
    let kind = Kind::Integer { decimals: 2, low: -1, high: 12_000 };
    up(all, "declare an integer", 3, up::DeclareAttribute { attribute: 2, kind, name });
    let name = Text::new("insured").expect("short");
    up(all, "declare a boolean", 4, up::DeclareAttribute { attribute: 3, kind: Kind::Boolean, name });
    let name = Text::new("home").expect("short");
    up(all, "declare a point", 5, up::DeclareAttribute { attribute: 4, kind: Kind::Point, name });
    let name = Text::new("CA").expect("short");
    up(all, "define a value", 6, up::DefineValue { attribute: 0, code: 5, name });
    let values = [90_001, 90_002, 90_210].map(ValueCode::new);
    let chunk = up::LoadValueSet { set: 7, attribute: 0, total: 41_000, offset: 512, values: list(&values) };
    up(all, "load a chunk of a value set", 7, chunk);
    let transitions =
        [Transition::new(1_741_514_400_000_000, -25_200), Transition::new(1_762_074_000_000_000, -28_800)];
    up(all, "set a zone", 8, up::SetZone { zone: 1, transitions: list(&transitions) });
}

fn accounts(all: &mut Vec<Sample>) {
    let open = up::OpenAccount { account: BUYER, role: Role::Buyer, zone: 1, deposit: 500 * USD };
    up(all, "open an account", 9, open);
    up(all, "deposit", 10, up::Deposit { account: BUYER, movement: MOVEMENT, amount: 1_000 * USD });
    up(all, "withdraw", 11, up::Withdraw { account: BUYER, movement: MOVEMENT, amount: 1 });
    up(all, "close an account", 12, up::CloseAccount { account: BUYER });
    up(all, "move an account", 12, up::SetHome { account: BUYER, zone: 3 });
    up(all, "open a session for another account", 12, up::OpenSession { account: BUYER, session: AT });
    up(all, "close a session", 13, up::CloseSession { account: BUYER, session: AT });
    let spans = [OpenSpan::new(540, 720), OpenSpan::new(780, 1_020), OpenSpan::new(9_960, 10_080)];
    let holidays = [Holiday::new((20_811, 20_811), (540, 780)), Holiday::new((20_812, 20_813), (0, 0))];
    let (spans, holidays) = (list(&spans), list(&holidays));
    up(all, "set a calendar", 13, up::SetCalendar { account: BUYER, calendar: CALENDAR, spans, holidays });
    let rules = [
        QuotaRule::new(Counts::Live, Per::Ever, 5),
        QuotaRule::new(Counts::Connections, Per::Hour, 20).during(9, 17),
        QuotaRule::new(Counts::Money, Per::Day, 500 * USD).even(),
        QuotaRule::new(Counts::Money, Per::Ever, 9_000 * USD),
    ];
    let (scope, hours) = (QuotaScope::Account, Some(CALENDAR));
    let quota = up::SetQuota { account: BUYER, scope, spacing: Some(30_000), hours, rules: list(&rules) };
    up(all, "set a buyer's quota", 13, quota);
    let scope = QuotaScope::Group(GROUP);
    let rules = [QuotaRule::new(Counts::Money, Per::Ever, 9_000 * USD).through(20_818)];
    up(all, "set a group's quota", 13, up::SetQuota { scope, spacing: None, rules: list(&rules), ..quota });
    let (scope, rules) = (QuotaScope::Listing(LISTING), List::EMPTY);
    up(all, "lift a listing's quota", 13, up::SetQuota { account: SELLER, scope, spacing: None, hours: None, rules });
    up(all, "put a profile into a group", 13, up::SetGroup { buyer: BUYER, profile: PROFILE, group: Some(GROUP) });
    up(all, "take a profile out of its group", 13, up::SetGroup { buyer: BUYER, profile: PROFILE, group: None });
    up(all, "dial a group together", 13, up::SetTogether { buyer: BUYER, group: GROUP, together: true });
    let listing = up::CreateListing {
        seller: SELLER,
        listing: LISTING,
        vertical: 3,
        pricing: Pricing::SecondPrice,
        reserve: 5 * USD,
        increment: 10_000,
        payout: Payout::Share(8_000),
        payout_term: PayTerm::After { seconds: 90, from: ClockStart::Connect },
        margin_min: USD,
        duration_max: 3_600,
        open: true,
        withdrawable: false,
        hours: Some(CALENDAR),
    };
    up(all, "create a listing that pays a share", 14, listing);
    let payout = Payout::Fixed(12 * USD);
    let (pricing, payout_term) = (Pricing::FirstPrice, PayTerm::OnConnect);
    let listing =
        up::CreateListing { pricing, payout, payout_term, open: false, withdrawable: true, hours: None, ..listing };
    up(all, "create a listing that pays a fixed amount", 15, listing);
    let disclosure = up::SetDisclosure { seller: SELLER, listing: LISTING, price_to_win: true };
    up(all, "tell losers with what they would have won", 16, disclosure);
    up(all, "tell losers nothing", 17, up::SetDisclosure { price_to_win: false, ..disclosure });
}

fn callers(all: &mut Vec<Sample>) {
    let (on, anonymous) = (DuplicateOn::Connect, AnonymousCallers::Refused);
    for (name, account, scope) in [
        ("set duplicates of a buyer", BUYER, CallerScope::Account),
        ("set duplicates of a profile", BUYER, CallerScope::Profile(PROFILE)),
        ("set duplicates of a listing", SELLER, CallerScope::Listing(LISTING)),
    ] {
        up(all, name, 60, up::SetDuplicates { account, scope, on, window: 2_592_000, anonymous });
    }
    let anonymous = AnonymousCallers::Distinct;
    let frequency = up::SetFrequency { account: 0, listing: None, calls_max: 3, window: 86_400, anonymous };
    up(all, "set a frequency", 61, frequency);
    let frequency = up::SetFrequency { account: SELLER, listing: Some(LISTING), ..frequency };
    up(all, "set a frequency of a listing", 62, frequency);
    up(all, "suppress a caller", 63, up::SetSuppression { account: BUYER, subject: 0xca11, until: Some(AT) });
    up(all, "suppress a caller for good", 64, up::SetSuppression { account: SELLER, subject: 0xca11, until: None });
    let consent = Clause::new(3, Test::Is { value: true });
    let listed = Clause::new(1, Test::AnyOf { count: 2 });
    let rules =
        [ScreenRule::new(Some(Leg::OutboundTransfer), consent, true, 510), ScreenRule::new(None, listed, false, 509)];
    let values = [4, 5].map(ValueCode::new);
    let screen = up::SetScreen { account: SELLER, listing: Some(LISTING), rules: list(&rules), values: list(&values) };
    up(all, "set a screen", 65, screen);
    up(all, "lift a screen", 66, up::SetScreen { account: 0, listing: None, rules: List::EMPTY, values: List::EMPTY });
    let house = [DialTarget::new(b"+12135550199", 20_000).expect("short")];
    let delivery = up::SetDelivery {
        seller: SELLER,
        listing: LISTING,
        recover_below: 30,
        recoveries_max: 2,
        fallback: list(&house),
    };
    up(all, "set a listing's delivery", 16, delivery);
    let nothing = up::SetDelivery { recover_below: 0, recoveries_max: 0, fallback: List::EMPTY, ..delivery };
    up(all, "set a listing's delivery to nothing", 16, nothing);
}

fn policies(all: &mut Vec<Sample>) {
    let skills = [SkillLevel::new(1, 50), SkillLevel::new(u16::MAX, 100)];
    let (seller, listing) = (SELLER, LISTING);
    let policy = up::SetPolicy { seller, listing, policy: Policy::HighestScore, price: None, requires: List::EMPTY };
    up(all, "give calls to the highest score", 80, policy);
    for (what, number, kind) in [
        ("give calls out by weights", 81, Policy::WeightedShare),
        ("give calls out in turn", 82, Policy::RoundRobin),
        ("give calls to the best quality", 83, Policy::CostQuality),
        ("give calls to who earns", 84, Policy::ExpectedValue { segment: None, explore: 0 }),
        ("give calls to who earns in a state", 85, Policy::ExpectedValue { segment: Some(0), explore: 500 }),
    ] {
        up(all, what, number, up::SetPolicy { policy: kind, ..policy });
    }
    let (price, requires) = (Some(25 * USD), list(&skills));
    let policy = up::SetPolicy { policy: Policy::Skill, price, requires, ..policy };
    up(all, "give calls to the skilled at a fixed price", 86, policy);
    let prior = Prior { met: 3, of: 4 };
    let rank = up::RankProfile { buyer: BUYER, profile: PROFILE, weight: 3, quality: 9_250, prior };
    up(all, "rank a profile", 87, rank);
    up(all, "set skills", 88, up::SetSkills { buyer: BUYER, profile: PROFILE, skills: list(&skills) });
}

fn profiles(all: &mut Vec<Sample>) {
    let clauses = [
        Clause::new(0, Test::AnyOf { count: 2 }),
        Clause::new(1, Test::NoneOf { count: 1 }),
        Clause::new(0, Test::NotInSet { set: 7 }),
        Clause::new(5, Test::InSet { set: 8 }),
        Clause::new(2, Test::Range { low: -5, high: 6_500 }),
        Clause::new(3, Test::Is { value: true }),
        Clause::new(4, Test::Near { latitude_micro: 34_052_200, longitude_micro: -118_243_700, radius_metres: 50_000 }),
    ];
    let values = [5, 6, 9].map(ValueCode::new);
    let destinations = [
        DialTarget::new(b"+12135550100", 20_000).expect("short"),
        DialTarget::new(b"sip:desk@example.net", 15_000).expect("short"),
    ];
    let profile = up::CreateProfile {
        buyer: BUYER,
        profile: PROFILE,
        vertical: 3,
        tier: 1,
        bid: Some(25 * USD),
        pay_term: PayTerm::After { seconds: 60, from: ClockStart::Dial },
        concurrency: Some(5),
        hourly: Some(20),
        daily: Some(100),
        total: Some(10_000),
        daily_budget: Some(2_000 * USD),
        live_mode: true,
        hours: Some(CALENDAR),
        clauses: list(&clauses),
        values: list(&values),
        destinations: list(&destinations),
    };
    up(all, "create a profile with everything", 16, profile);
    let bare = up::CreateProfile {
        bid: None,
        concurrency: None,
        hourly: None,
        daily: None,
        total: None,
        daily_budget: None,
        live_mode: false,
        hours: None,
        clauses: List::EMPTY,
        values: List::EMPTY,
        destinations: list(&destinations[..1]),
        pay_term: PayTerm::OnConnect,
        ..profile
    };
    up(all, "create a profile with nothing", 17, bare);
    up(all, "set a bid", 18, up::SetBid { buyer: BUYER, profile: PROFILE, amount: Some(26 * USD) });
    up(all, "take a bid away", 19, up::SetBid { buyer: BUYER, profile: PROFILE, amount: None });
    let bids = [Bid::new(PROFILE, Some(27 * USD)), Bid::new(PROFILE + 1, None), Bid::new(PROFILE + 2, Some(1))];
    up(all, "set three bids: numbers 20, 21, 22", 20, up::SetBids { buyer: BUYER, bids: list(&bids) });
    up(all, "pause a profile", 23, up::PauseProfile { buyer: BUYER, profile: PROFILE });
    up(all, "resume a profile", 24, up::ResumeProfile { buyer: BUYER, profile: PROFILE });
    let answering = up::SetAnswering {
        buyer: BUYER,
        profile: PROFILE,
        bid_within: 500,
        reject_within: 60,
        unanswered: 3,
        within: 3_600,
        unanswered_long: 5,
        within_long: 86_400,
    };
    up(all, "set how a profile answers", 24, answering);
    up(all, "close a profile", 25, up::CloseProfile { buyer: BUYER, profile: PROFILE });
}

fn deals(all: &mut Vec<Sample>) {
    let (seller, listing, buyer, profile) = (SELLER, LISTING, BUYER, PROFILE);
    let window = up::SetWindow { seller, listing, early_close: true, answer_within: 2_500 };
    up(all, "set a window that closes early", 26, window);
    up(all, "set a window as it was", 27, up::SetWindow { early_close: false, answer_within: 0, ..window });
    let fixed = up::SetDeal { seller, listing, buyer, deal: Deal::Fixed, amount: 12 * USD };
    up(all, "make a deal with a fixed price", 28, fixed);
    up(all, "end a deal", 29, up::SetDeal { deal: Deal::None, amount: 0, ..fixed });
    up(all, "take a listing off the market", 30, up::Delist { seller, listing });
    up(all, "make a listing private", 30, up::SetPrivate { seller, listing, private: true });
    let clauses = [Clause::new(0, Test::AnyOf { count: 1 }), Clause::new(2, Test::Range { low: 18, high: 26 })];
    let values = [ValueCode::new(7)];
    let (clauses, values) = (list(&clauses), list(&values));
    up(all, "want other calls too", 31, up::AlsoWants { buyer, profile, nth: 2, clauses, values });
    let modifiers = [
        Modifier::new(0, ModifierValue::Code(5), Change::Multiply(12_500)),
        Modifier::new(2, ModifierValue::Range { low: -5, high: 6_500 }, Change::Add(-250_000)),
        Modifier::new(3, ModifierValue::Flag(true), Change::Multiply(u32::MAX)),
    ];
    let modified = up::SetModifiers { buyer, profile, max: Some(40 * USD), modifiers: list(&modifiers) };
    up(all, "modify a bid", 32, modified);
    up(all, "modify a bid no more", 33, up::SetModifiers { max: None, modifiers: List::EMPTY, ..modified });
}

pub(crate) fn facts() -> [Fact; 5] {
    [
        Fact::new(0, FactValue::Code(5)),
        Fact::new(1, FactValue::Code(9)),
        Fact::new(2, FactValue::Number(-4_200)),
        Fact::new(3, FactValue::Flag(true)),
        Fact::new(4, FactValue::Place { latitude_micro: -33_868_800, longitude_micro: 151_209_300 }),
    ]
}

fn calls(all: &mut Vec<Sample>) {
    let facts = facts();
    let (seller, call, listing, subject) = (SELLER, CALL, LISTING, 0xfeed);
    let chain = [ChainNode::new(0xc4a1), ChainNode::new(BUYER)];
    let register = up::RegisterCall {
        seller,
        call,
        listing,
        subject,
        leg: Leg::Callback,
        facts: list(&facts),
        chain: list(&chain),
    };
    up(all, "register a call", 26, register);
    let offer = up::OfferCall {
        seller,
        call,
        listing,
        subject,
        leg: Leg::ConsumerInbound,
        window: None,
        reserve: None,
        facts: list(&facts),
        chain: list(&chain[..1]),
    };
    up(all, "offer a call, decided at once", 27, offer);
    let offer = up::OfferCall { window: Some(250), reserve: Some(0), facts: List::EMPTY, chain: List::EMPTY, ..offer };
    up(all, "offer a registered call with a window, its reserve zero", 28, offer);
    up(all, "cancel a call", 29, up::CancelCall { seller, call });
    up(all, "open an auction", 30, up::OpenAuction { seller, call, window: 250, reserve: Some(6 * USD) });
    up(all, "close an auction", 31, up::CloseAuction { seller, call });
    let (buyer, profile) = (BUYER, PROFILE);
    let bid = up::PlaceBid { buyer, profile, seller, call, amount: 31 * USD, valid_for: 500 };
    up(all, "place a bid", 32, bid);
    up(all, "withdraw a bid", 33, up::WithdrawBid { buyer, profile, seller, call });
    up(all, "pass", 34, up::NoBid { buyer, profile, seller, call });
    let report = LegReport {
        attempt: 1,
        destination_index: 0,
        since_incoming_ms: 95_000,
        since_dial_ms: 92_000,
        since_connect_ms: 0,
    };
    up(all, "report ringing", 35, up::ReportRinging { seller, call, report });
    up(all, "report no answer", 36, up::ReportFailed { seller, call, report, failure: 513 });
    up(all, "report an answer", 37, up::ReportAnswered { seller, call, report });
    let report = LegReport { since_connect_ms: 89_999, ..report };
    up(all, "report the end", 38, up::ReportEnded { seller, call, report });
    up(all, "report that the buyer's side hung up", 39, up::ReportDropped { seller, call, report });
    up(all, "report that the agent gave it back", 40, up::ReportRejected { seller, call, report });
}

fn queries(all: &mut Vec<Sample>) {
    up(all, "query a balance", 39, up::QueryBalance { account: BUYER, min_sequence: 900 });
    up(all, "query a call", 40, up::QueryCall { seller: SELLER, call: CALL, min_sequence: 0 });
    let explain = up::QueryExplain { seller: SELLER, call: CALL, candidate: None };
    up(all, "query why a call went where it went", 41, explain);
    let candidate = Some(Candidate { buyer: BUYER, profile: PROFILE });
    up(all, "query why one profile did not get it", 42, up::QueryExplain { candidate, ..explain });
    up(all, "query how far the log is", (1 << 63) - 1, up::QueryPosition { min_sequence: 901 });
}

fn answers(all: &mut Vec<Sample>) {
    down(all, "accepted", 18, down::Accepted { sequence: 901, at: AT, events: 1, repeated: false });
    down(all, "accepted before", 18, down::Accepted { sequence: 901, at: AT, events: 0, repeated: true });
    down(all, "refused", 19, down::Refused { code: 1_403, transient: false });
    down(all, "refused for now", 19, down::Refused { code: 1_909, transient: true });
    let balance = down::Balance {
        sequence: 901,
        account: BUYER,
        role: Role::Buyer,
        zone: 1,
        balance: 1_500 * USD,
        held: 25 * USD,
        expected: 0,
    };
    down(all, "balance", 39, balance);
    let world =
        down::Balance { account: u128::MAX, role: Role::World, zone: 0, balance: -1_500 * USD, held: 0, ..balance };
    down(all, "balance below zero", 39, world);
    let call = down::Call {
        sequence: 901,
        seller: SELLER,
        call: CALL,
        listing: LISTING,
        state: CallState::Closed,
        attempt: 1,
        destination_index: 255,
        buyer: Some(BUYER),
        profile: Some(PROFILE),
        price: Some(31 * USD),
        payout: Some(24_800_000),
        bids: 2,
        connected: 89_999,
        reason: Some(535),
        flagged: true,
        revenue_posted: true,
        payout_posted: false,
    };
    down(all, "a call that is over", 40, call);
    let fresh = down::Call {
        state: CallState::Auction,
        attempt: 0,
        destination_index: 0,
        buyer: None,
        profile: None,
        price: None,
        payout: None,
        bids: 0,
        connected: 0,
        reason: None,
        flagged: false,
        revenue_posted: false,
        payout_posted: false,
        ..call
    };
    down(all, "a call in auction", 40, fresh);
    let verdicts = [
        Verdict::of(BUYER, PROFILE, Standing::Won),
        Verdict::lost(BUYER + 1, 1, 507, Some(2), Distance::NONE),
        Verdict::lost(BUYER + 1, 2, 507, Some(3), Distance::of(Measure::Number, -3)),
        Verdict::lost(BUYER + 1, 3, 507, Some(4), Distance::of(Measure::Metres, 2_978)),
        Verdict::lost(BUYER + 2, 1, 525, None, Distance::of(Measure::Money, 3 * USD)),
        Verdict::lost(BUYER + 2, 2, 537, None, Distance::of(Measure::Until, AT as i64)),
        Verdict::lost(BUYER + 2, 3, 523, None, Distance::calls(40, 40)),
        Verdict::lost(BUYER + 2, 4, 527, None, Distance::of(Measure::Tiers, 2)),
        Verdict::lost(BUYER + 2, 5, 550, None, Distance::levels(1, 20)),
    ];
    let explained = down::Explained { sequence: 901, total: 10, more: true, verdicts: list(&verdicts) };
    down(all, "explained, and more to come", 41, explained);
    let verdicts = [Verdict::of(BUYER + 3, 1, Standing::Eligible)];
    let explained = down::Explained { more: false, verdicts: list(&verdicts), ..explained };
    down(all, "explained to the end", 41, explained);
    down(all, "how far the log is", (1 << 63) - 1, down::Position { sequence: 901, at: AT });
}

fn events_of_accounts(all: &mut Vec<Sample>) {
    let (account, buyer, profile, movement) = (BUYER, BUYER, PROFILE, MOVEMENT);
    happened(all, "attribute declared", 0, event::AttributeDeclared { attribute: 2 });
    happened(all, "value defined", 0, event::ValueDefined { attribute: 0, code: 5 });
    happened(all, "value set loaded", 0, event::ValueSetLoaded { set: 7, loaded: 515, total: 41_000 });
    happened(all, "zone set", 0, event::ZoneSet { zone: 1 });
    happened(all, "account opened", 0, event::AccountOpened { account, role: Role::Buyer });
    happened(all, "money deposited", 1, event::MoneyDeposited { account, movement, amount: 500 * USD });
    happened(all, "money withdrawn", 0, event::MoneyWithdrawn { account, movement, amount: 1 });
    happened(all, "account closed", 0, event::AccountClosed { account });
    happened(all, "account moved", 0, event::HomeSet { account, zone: 3 });
    happened(all, "session opened", 0, event::SessionOpened { account, session: AT });
    happened(all, "session closed", 0, event::SessionClosed { account, session: AT });
    for (name, scope) in [
        ("duplicates set of a buyer", CallerScope::Account),
        ("duplicates set of a profile", CallerScope::Profile(PROFILE)),
        ("duplicates set of a listing", CallerScope::Listing(LISTING)),
    ] {
        happened(all, name, 0, event::DuplicatesSet { account, scope });
    }
    happened(all, "frequency set", 0, event::FrequencySet { account: 0, listing: None });
    happened(all, "caller suppressed", 0, event::SuppressionSet { account, subject: 0xca11, until: Some(AT) });
    happened(all, "caller suppressed for good", 0, event::SuppressionSet { account, subject: 0xca11, until: None });
    happened(all, "screen set", 0, event::ScreenSet { account: SELLER, listing: Some(LISTING) });
    happened(all, "calendar set", 0, event::CalendarSet { account, calendar: CALENDAR });
    let scope = QuotaScope::Profile(PROFILE);
    happened(all, "quota set", 0, event::QuotaSet { account, scope });
    happened(all, "group set", 0, event::GroupSet { buyer, profile, group: Some(GROUP) });
    happened(all, "together set", 0, event::TogetherSet { buyer, group: GROUP, together: true });
    happened(all, "listing created", 0, event::ListingCreated { seller: SELLER, listing: LISTING });
    happened(all, "policy set", 0, event::PolicySet { seller: SELLER, listing: LISTING });
    happened(all, "profile ranked", 0, event::ProfileRanked { buyer, profile });
    happened(all, "skills set", 0, event::SkillsSet { buyer, profile });
    happened(all, "profile created", 0, event::ProfileCreated { buyer, profile });
    happened(all, "bid set", 0, event::BidSet { buyer, profile, amount: Some(26 * USD) });
    happened(all, "bid taken away", 0, event::BidSet { buyer, profile, amount: None });
    happened(all, "profile paused", 0, event::ProfilePaused { buyer, profile });
    happened(all, "profile auto-paused", 0, event::ProfileAutoPaused { buyer, profile, unanswered: 3 });
    happened(all, "answering set", 0, event::AnsweringSet { buyer, profile });
    happened(all, "delivery set", 0, event::DeliverySet { seller: SELLER, listing: LISTING });
    happened(all, "profile resumed", 0, event::ProfileResumed { buyer, profile });
    happened(all, "profile closed", 0, event::ProfileClosed { buyer, profile });
    let (seller, listing) = (SELLER, LISTING);
    happened(all, "window set", 0, event::WindowSet { seller, listing });
    happened(all, "deal set", 0, event::DealSet { seller, listing, buyer });
    happened(all, "listing off the market", 0, event::ListingDelisted { seller, listing });
    happened(all, "listing made private", 0, event::PrivateSet { seller, listing, private: true });
    happened(all, "conjunction added", 0, event::ConjunctionAdded { buyer, profile, nth: 2 });
    happened(all, "modifiers set", 0, event::ModifiersSet { buyer, profile });
    let posting = Posting { seller: SELLER, call: CALL, attempt: 1, kind: PostingKind::Revenue, revision: 0 };
    let (debit, credit, amount) = (BUYER, 0, 31 * USD);
    happened(all, "money held", 1, event::MoneyHeld { posting, debit, credit, amount });
    happened(all, "money posted", 1, event::MoneyPosted { posting, debit, credit, amount });
    let posting = Posting { kind: PostingKind::Payout, ..posting };
    happened(all, "money voided", 255, event::MoneyVoided { posting, debit: 0, credit: SELLER, amount: 24_800_000 });
}

fn events_of_calls(all: &mut Vec<Sample>) {
    let (seller, call, buyer, profile, listing) = (SELLER, CALL, BUYER, PROFILE, LISTING);
    let facts = facts();
    happened(all, "call registered", 0, event::CallRegistered { seller, call, listing });
    let offered = event::CallOffered { seller, call, listing };
    happened(all, "call offered", 0, offered);
    let again = EventFrame { sequence: 901, index: 0, at: AT, again: true, event: offered.into() };
    down(all, "call offered, said again to a repeated request", 0, Down::Event(again));
    let closes_at = AT + 250_000;
    happened(all, "auction opened", 0, event::AuctionOpened { seller, call, closes_at });
    let invited = event::BidderInvited {
        seller,
        call,
        buyer,
        profile,
        closes_at,
        listing: Some(listing),
        facts_known: true,
        facts: list(&facts),
    };
    happened(all, "bidder invited", 1, invited);
    let invited = event::BidderInvited { listing: None, facts_known: false, facts: List::EMPTY, ..invited };
    happened(all, "bidder invited, its facts no longer known", 1, invited);
    let placed =
        event::BidPlaced { seller, call, buyer, profile, amount: 31 * USD, expires_at: AT + 500_000, leading: None };
    happened(all, "bid placed, sealed", 0, placed);
    happened(all, "bid placed, leading", 0, event::BidPlaced { leading: Some(true), ..placed });
    happened(all, "bid placed, not leading", 0, event::BidPlaced { leading: Some(false), ..placed });
    happened(all, "bid withdrawn", 0, event::BidWithdrawn { seller, call, buyer, profile });
    happened(all, "bid declined", 0, event::BidDeclined { seller, call, buyer, profile });
    happened(all, "auction closed", 0, event::AuctionClosed { seller, call, bids: 2 });
    let sold =
        event::CallSold { seller, call, buyer, profile, attempt: 1, price: Some(31 * USD), payout: Some(24_800_000) };
    happened(all, "call sold, as an operator sees it", 1, sold);
    happened(all, "call sold, as its buyer sees it", 1, event::CallSold { payout: None, ..sold });
    happened(all, "call sold, as its seller sees it", 1, event::CallSold { price: None, ..sold });
    happened(all, "bid lost", 4, event::BidLost { seller, call, buyer, profile, reason: 102, price_to_win: None });
    let told = event::BidLost { seller, call, buyer, profile, reason: 102, price_to_win: Some(31 * USD + 1) };
    happened(all, "bid lost, and with what it would have won", 4, told);
    happened(all, "disclosure set", 0, event::DisclosureSet { seller, listing: LISTING, price_to_win: true });
    happened(all, "call unsold", 1, event::CallUnsold { seller, call, reason: 530 });
    let destination = Bytes::new(b"+12135550100").expect("short");
    let (attempt, destination_index, ring_until) = (1, 0, AT + 20_000_000);
    let dialed = event::CallDialed { seller, call, attempt, destination_index, ring_until, destination };
    happened(all, "call dialed", 3, dialed);
    let fell_back =
        event::CallFellBack { seller, call, reason: 530, attempt: 0, destination_index: 255, ring_until, destination };
    happened(all, "call fell back", 1, fell_back);
    happened(all, "call ringing", 0, event::CallRinging { seller, call, attempt, destination_index });
    happened(all, "call answered", 0, event::CallAnswered { seller, call, attempt, destination_index });
    happened(all, "attempt failed", 1, event::AttemptFailed { seller, call, buyer, profile, attempt, reason: 513 });
    let ended = event::CallEnded { seller, call, reason: 535, connected: 89_999, flagged: false };
    happened(all, "call ended", 2, ended);
    happened(all, "call ended, flagged", 2, event::CallEnded { flagged: true, ..ended });
    happened(all, "call canceled", 0, event::CallCanceled { seller, call });
    happened(all, "call sealed", 0, event::CallSealed { seller, call });
}
