//! A line of a story, as an action. Words are separated by spaces; options are `name=value`, flags bare words.

use dce_engine::ids::{AccountId, SessionId, SubjectId, ValueCode, VerticalId};
use dce_engine::units::{BasisPoints, GeoPoint, Metres, Millis, Money, Timestamp};

use super::names::{Names, length, millis, moment, money, number, offset, seconds};
use super::policies;
use crate::twin::Twin;
use crate::twin::action::{
    Action, Answering, Change, Clause, ClockStart, Clocks, DealPrice, Delivery, Fact, FactValue, Kind, Leg,
    ListingTerms, Modifier, ModifierValue, Payout, ProfileTerms, Report, Role, Stamp, Term, Test,
};
use crate::twin::state::CallKey;

/// The words after a verb.
pub(super) struct Words<'a> {
    pub(super) plain: Vec<&'a str>,
    pub(super) options: Vec<(&'a str, &'a str)>,
    /// What follows `with` or `wants`.
    pub(super) tail: Vec<&'a str>,
}

impl<'a> Words<'a> {
    fn of(words: &[&'a str]) -> Self {
        let cut = words.iter().position(|word| matches!(*word, "with" | "wants" | "refuse")).unwrap_or(words.len());
        let (head, tail) = words.split_at(cut);
        let (options, plain): (Vec<&str>, Vec<&str>) = head.iter().copied().partition(|word| word.contains('='));
        let options = options.iter().filter_map(|option| option.split_once('=')).collect();
        Self { plain, options, tail: tail.iter().skip(1).copied().collect() }
    }

    pub(super) fn plain(&self, index: usize, what: &str) -> Result<&'a str, String> {
        self.plain.get(index).copied().ok_or_else(|| format!("{what} is missing"))
    }

    pub(super) fn option(&self, name: &str) -> Option<&'a str> {
        self.options.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.plain.contains(&name)
    }

    /// An option, read by `read`.
    pub(super) fn read<T>(&self, name: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, String> {
        self.option(name).map(read).transpose()
    }

    pub(super) fn only(&self, known: &[&str]) -> Result<(), String> {
        match self.options.iter().find(|(name, _)| !known.contains(name)) {
            Some((name, _)) => Err(format!("there is no option {name} here; there are {known:?}")),
            None => Ok(()),
        }
    }
}

/// The action this verb and these words stand for.
pub(super) fn action(
    names: &mut Names,
    twin: &Twin,
    at: Timestamp,
    verb: &str,
    words: &[&str],
) -> Result<Action, String> {
    let words = Words::of(words);
    match verb {
        "tick" => Ok(Action::Tick),
        "attribute" | "value" | "values" | "zone" => schema(names, verb, &words),
        "calendar" => super::quotas::calendar(names, &words),
        "duplicates" | "frequency" | "suppress" | "screen" => super::callers::callers(names, verb, &words),
        "quota" | "group" | "together" => super::quotas::quota(names, verb, &words),
        "account" | "home" | "close-account" | "deposit" | "withdraw" | "session" | "end-session" => {
            party(names, at, verb, &words)
        }
        "listing" => listing(names, &words),
        "delist" => {
            let (seller, listing) = names.listing(words.plain(0, "the listing")?)?;
            Ok(Action::Delist { seller, listing })
        }
        "disclose" => disclose(names, &words),
        "window" => window(names, &words),
        "deal" | "private" | "public" => deal(names, verb, &words),
        "delivery" => delivery(names, &words),
        "answering" => answering(names, &words),
        "profile" => profile(names, &words),
        "also" => also(names, &words),
        "modifiers" => modifiers(names, &words),
        "policy" | "rank" | "skills" => policies::action(names, verb, &words),
        "pause" | "resume" | "close-profile" | "set-bid" => standing(names, twin, verb, &words),
        "quoting" | "quote" | "confirm" => super::quotes::quotes(names, at, verb, &words),
        "register" | "offer" | "cancel" | "auction" | "close" => call(names, at, verb, &words),
        "bid" | "withdraw-bid" | "pass" => bid(names, twin, verb, &words),
        "ringing" | "answered" | "failed" | "ended" | "dropped" | "rejected" => report(names, twin, verb, &words),
        _ => Err(format!("there is no verb {verb}")),
    }
}

/// `attribute state category 50`, `value state CA 1`, `values state coast total=3 from=0 1 2 3`,
/// `zone pacific -8h 2026-03-08_10:00:00=-7h`.
fn schema(names: &mut Names, verb: &str, words: &Words<'_>) -> Result<Action, String> {
    let name = words.plain(0, "the name")?;
    if verb == "zone" {
        let mut transitions = vec![(Timestamp::default(), offset(words.plain(1, "the offset")?)?)];
        for (when, then) in &words.options {
            let (date, clock) = when.split_once('_').ok_or("a transition is <date>_<time>=<offset>")?;
            transitions.push((moment(date, clock)?, offset(then)?));
        }
        return Ok(Action::SetZone { zone: names.zone(name), transitions });
    }
    let attribute = names.attribute(name);
    match verb {
        "attribute" => {
            let kind = match words.plain(1, "the kind")? {
                "category" => Kind::Category { values_max: number(words.plain(2, "the highest code")?)? },
                "set" => Kind::Set { values_max: number(words.plain(2, "the highest code")?)? },
                "integer" => {
                    let (low, high) = range(words.plain(2, "the range")?)?;
                    let decimals = words.read("decimals", number)?.unwrap_or(0);
                    Kind::Integer { decimals, low, high }
                }
                "boolean" => Kind::Boolean,
                "point" => Kind::Point,
                other => return Err(format!("there is no kind {other}")),
            };
            Ok(Action::DeclareAttribute { attribute, kind, name: name.to_owned() })
        }
        "value" => {
            let (value, code) = (words.plain(1, "the value's name")?, number(words.plain(2, "its code")?)?);
            names.name_value(attribute, value, ValueCode(code));
            Ok(Action::DefineValue { attribute, code: ValueCode(code), name: value.to_owned() })
        }
        _ => {
            let set = names.set(words.plain(1, "the set's name")?);
            let values: Vec<u32> = words.plain[2..].iter().map(|code| number(code)).collect::<Result<_, _>>()?;
            let total = words.read("total", number)?.unwrap_or(values.len() as u32);
            let offset = words.read("from", number)?.unwrap_or(0);
            Ok(Action::LoadValueSet {
                set,
                attribute,
                total,
                offset,
                values: values.into_iter().map(ValueCode).collect(),
            })
        }
    }
}

/// `account ACME buyer zone=pacific deposit=5.00`, `deposit ACME 5.00 as=d1 made=-24h`, `session ACME 2`.
fn party(names: &mut Names, at: Timestamp, verb: &str, words: &Words<'_>) -> Result<Action, String> {
    let account = names.account(words.plain(0, "the account")?);
    match verb {
        "account" => {
            words.only(&["zone", "deposit"])?;
            let role = match words.plain(1, "the role")? {
                "buyer" => Role::Buyer,
                "seller" => Role::Seller,
                "platform" => Role::Platform,
                other => return Err(format!("nobody is a {other}")),
            };
            let zone = names.zone(words.option("zone").unwrap_or("utc"));
            let deposit = words.read("deposit", money)?.unwrap_or_default();
            Ok(Action::OpenAccount { account, role, zone, deposit })
        }
        "home" => Ok(Action::SetHome { account, zone: names.zone(words.plain(1, "the zone")?) }),
        "close-account" => Ok(Action::CloseAccount { account }),
        "deposit" | "withdraw" => {
            words.only(&["as", "made"])?;
            let amount = money(words.plain(1, "the amount")?)?;
            let movement = names.movement(words.option("as"), made(words, at)?);
            Ok(if verb == "deposit" {
                Action::Deposit { account, movement, amount }
            } else {
                Action::Withdraw { account, movement, amount }
            })
        }
        _ => {
            let session = SessionId(number(words.plain(1, "the session")?)?);
            Ok(if verb == "session" {
                Action::OpenSession { account, session }
            } else {
                Action::CloseSession { account, session }
            })
        }
    }
}

/// The time inside a new id: now, or so much earlier or later (`made=-2h`, `made=+61s`).
fn made(words: &Words<'_>, at: Timestamp) -> Result<Timestamp, String> {
    let Some(text) = words.option("made") else { return Ok(at) };
    let micros = u64::from(seconds(text.trim_start_matches(['+', '-']))?.0) * 1_000_000;
    let now = at.micros();
    Ok(Timestamp::from_micros(if text.starts_with('-') { now - micros } else { now + micros }))
}

/// `listing WEB/1 second=0.01 reserve=10 pays=share:80% when=90s:connect margin=1 longest=1h vertical=1 open`.
fn listing(names: &mut Names, words: &Words<'_>) -> Result<Action, String> {
    words.only(&["vertical", "second", "reserve", "pays", "when", "margin", "longest", "hours"])?;
    let (seller, listing) = names.listing(words.plain(0, "the listing")?)?;
    let usual = ListingTerms::default();
    let terms = ListingTerms {
        vertical: VerticalId(words.read("vertical", number)?.unwrap_or(0)),
        second_price: words.option("second").is_some(),
        increment: words.read("second", money)?.unwrap_or_default(),
        reserve: words.read("reserve", money)?.unwrap_or_default(),
        payout: words.read("pays", payout)?.unwrap_or(usual.payout),
        payout_term: words.read("when", term)?.unwrap_or(Term::OnConnect),
        margin_min: words.read("margin", money)?.unwrap_or_default(),
        duration_max: words.read("longest", seconds)?.unwrap_or(usual.duration_max),
        open: words.flag("open"),
        withdrawable: words.flag("withdrawable"),
        hours: words.option("hours").map(|name| names.calendar(name)),
    };
    Ok(Action::CreateListing { seller, listing, terms })
}

/// `disclose WEB/1 price`, `disclose WEB/1 nothing`.
fn disclose(names: &mut Names, words: &Words<'_>) -> Result<Action, String> {
    let (seller, listing) = names.listing(words.plain(0, "the listing")?)?;
    let price_to_win = match words.plain(1, "what")? {
        "price" => true,
        "nothing" => false,
        other => return Err(format!("a listing discloses price or nothing, not {other}")),
    };
    Ok(Action::SetDisclosure { seller, listing, price_to_win })
}

/// `window WEB/1 early answers=2s`.
fn window(names: &mut Names, words: &Words<'_>) -> Result<Action, String> {
    words.only(&["answers"])?;
    let (seller, listing) = names.listing(words.plain(0, "the listing")?)?;
    let answer_within = words.read("answers", length)?.unwrap_or(Millis(0));
    Ok(Action::SetWindow { seller, listing, early_close: words.flag("early"), answer_within })
}

/// `deal WEB/1 ACME`, `deal WEB/1 ACME floor=10.00`, `deal WEB/1 ACME fixed=10.00`, `deal WEB/1 ACME none`;
/// `private WEB/1`, `public WEB/1`.
fn deal(names: &mut Names, verb: &str, words: &Words<'_>) -> Result<Action, String> {
    words.only(&["floor", "fixed"])?;
    let (seller, listing) = names.listing(words.plain(0, "the listing")?)?;
    if verb != "deal" {
        return Ok(Action::SetPrivate { seller, listing, private: verb == "private" });
    }
    let buyer = names.account(words.plain(1, "the buyer")?);
    let price = match (words.read("floor", money)?, words.read("fixed", money)?) {
        _ if words.flag("none") => None,
        (Some(floor), _) => Some(DealPrice::Floor(floor)),
        (None, Some(fixed)) => Some(DealPrice::Fixed(fixed)),
        (None, None) => Some(DealPrice::Reserve),
    };
    Ok(Action::SetDeal { seller, listing, buyer, price })
}

/// `modifiers ACME/1 max=40.00 with state=CA:x1.25 age=25..65:+2.00 owner=yes:-1.50`.
fn modifiers(names: &mut Names, words: &Words<'_>) -> Result<Action, String> {
    words.only(&["max"])?;
    let (buyer, profile) = names.profile(words.plain(0, "the profile")?)?;
    let max = words.read("max", money)?;
    let modifiers = words.tail.iter().map(|word| modifier(names, word)).collect::<Result<_, _>>()?;
    Ok(Action::SetModifiers { buyer, profile, max, modifiers })
}

fn modifier(names: &mut Names, word: &str) -> Result<Modifier, String> {
    let (name, rest) = word.split_once('=').ok_or_else(|| format!("`{word}` is no modifier"))?;
    let (value, change) = rest.split_once(':').ok_or_else(|| format!("`{word}` says no change"))?;
    let attribute = names.attribute(name);
    let value = if value.contains("..") {
        let (low, high) = range(value)?;
        ModifierValue::Range { low, high }
    } else if let Some(flag) = flag(value) {
        ModifierValue::Flag(flag)
    } else {
        ModifierValue::Code(names.value(attribute, value)?)
    };
    let change = match change.strip_prefix('x') {
        Some(times) => Change::Multiply((money(times)?.micros() / 100) as u32),
        None => Change::Add(money(change.trim_start_matches('+'))?),
    };
    Ok(Modifier { attribute, value, change })
}

/// `delivery WEB/1 recover=30s:2 fallback=house:20s`: what is not said is not so.
fn delivery(names: &mut Names, words: &Words<'_>) -> Result<Action, String> {
    words.only(&["recover", "fallback"])?;
    let (seller, listing) = names.listing(words.plain(0, "the listing")?)?;
    let mut terms = Delivery::default();
    if let Some(text) = words.option("recover") {
        let (below, times) = text.split_once(':').ok_or("recover=<seconds>:<times>")?;
        (terms.recover_below, terms.recoveries_max) = (seconds(below)?, number(times)?);
    }
    if let Some(text) = words.option("fallback") {
        let (address, ring) = text.split_once(':').ok_or("fallback=<address>:<seconds>")?;
        terms.fallback = Some((address.as_bytes().to_vec(), length(ring)?));
    }
    Ok(Action::SetDelivery { seller, listing, terms })
}

/// `answering ACME/1 bid=500ms reject=90s pause=3:1h pause=5:24h`: what is not said is not so.
fn answering(names: &mut Names, words: &Words<'_>) -> Result<Action, String> {
    words.only(&["bid", "reject", "pause"])?;
    let (buyer, profile) = names.profile(words.plain(0, "the profile")?)?;
    let reject_within = words.read("reject", seconds)?.unwrap_or_default();
    let bid_within = words.read("bid", length)?.unwrap_or_default();
    let mut terms = Answering { bid_within, reject_within, ..Answering::default() };
    let rules = words.options.iter().filter(|(name, _)| *name == "pause");
    for (place, (_, rule)) in terms.pause_after.iter_mut().zip(rules) {
        let (calls, within) = rule.split_once(':').ok_or("pause=<calls>:<seconds>")?;
        *place = (number(calls)?, seconds(within)?);
    }
    Ok(Action::SetAnswering { buyer, profile, terms })
}

/// `10.00`, or `share:80%`.
fn payout(text: &str) -> Result<Payout, String> {
    match text.strip_prefix("share:") {
        Some(share) => {
            let hundredths = money(share.trim_end_matches('%'))?.micros() / 10_000;
            Ok(Payout::Share(BasisPoints(hundredths as u16)))
        }
        None => money(text).map(Payout::Fixed),
    }
}

/// `connect`, or `90s:dial`.
fn term(text: &str) -> Result<Term, String> {
    let Some((length, from)) = text.split_once(':') else {
        return if text == "connect" { Ok(Term::OnConnect) } else { Err(format!("`{text}` is no term")) };
    };
    let from = match from {
        "incoming" => ClockStart::Incoming,
        "dial" => ClockStart::Dial,
        "connect" => ClockStart::Connect,
        _ => return Err(format!("no clock starts at {from}")),
    };
    Ok(Term::After { seconds: seconds(length)?, from })
}

/// `profile ACME/1 bid=32.50 tier=2 pays=90s:connect concurrent=1 hourly=… daily=… total=… budget=… live dial=a:20s
/// wants state=CA|TX state!=NV age=25..65 owner=yes place=34.05,-118.24/50km zip=in:coast`.
fn profile(names: &mut Names, words: &Words<'_>) -> Result<Action, String> {
    words.only(&[
        "bid",
        "tier",
        "vertical",
        "pays",
        "concurrent",
        "hourly",
        "daily",
        "total",
        "budget",
        "dial",
        "hours",
    ])?;
    let (buyer, profile) = names.profile(words.plain(0, "the profile")?)?;
    let mut terms = ProfileTerms {
        vertical: VerticalId(words.read("vertical", number)?.unwrap_or(0)),
        tier: words.read("tier", number)?.unwrap_or(1),
        bid: words.read("bid", money)?,
        pay_term: words.read("pays", term)?.unwrap_or(Term::OnConnect),
        live_mode: words.flag("live"),
        hours: words.option("hours").map(|name| names.calendar(name)),
        ..ProfileTerms::default()
    };
    terms.caps.concurrency = words.read("concurrent", number)?;
    terms.caps.hourly = words.read("hourly", number)?;
    terms.caps.daily = words.read("daily", number)?;
    terms.caps.total = words.read("total", number)?;
    terms.caps.daily_budget = words.read("budget", money)?;
    for (_, dial) in words.options.iter().filter(|(name, _)| *name == "dial") {
        let (address, ring) = dial.split_once(':').ok_or("dial=<address>:<seconds>")?;
        terms.destinations.push((address.as_bytes().to_vec(), length(ring)?));
    }
    if terms.destinations.is_empty() {
        terms.destinations.push((format!("{profile:?}").into_bytes(), Millis(20_000)));
    }
    for word in &words.tail {
        let clause = clause(names, &mut terms.values, word)?;
        terms.clauses.push(clause);
    }
    Ok(Action::CreateProfile { buyer, profile, terms })
}

/// `also ACME/1 #2 wants state=NV age=40..50`.
fn also(names: &mut Names, words: &Words<'_>) -> Result<Action, String> {
    let (buyer, profile) = names.profile(words.plain(0, "the profile")?)?;
    let nth = number(words.plain(1, "which one")?.trim_start_matches('#'))?;
    let (mut clauses, mut values) = (Vec::new(), Vec::new());
    for word in &words.tail {
        clauses.push(clause(names, &mut values, word)?);
    }
    Ok(Action::AlsoWants { buyer, profile, nth, clauses, values })
}

pub(super) fn clause(names: &mut Names, values: &mut Vec<ValueCode>, word: &str) -> Result<Clause, String> {
    let (name, wanted) = word.split_once('=').ok_or_else(|| format!("`{word}` is no clause"))?;
    let excluding = name.ends_with('!');
    let attribute = names.attribute(name.trim_end_matches('!'));
    let test = if let Some(set) = wanted.strip_prefix("in:") {
        let set = names.set(set);
        if excluding { Test::NotInSet { set } } else { Test::InSet { set } }
    } else if let Some((place, radius)) = wanted.split_once('/') {
        let radius: u32 = number(radius.trim_end_matches("km"))?;
        Test::Near { centre: point(place)?, radius: Metres(radius * 1_000) }
    } else if wanted.contains("..") {
        let (low, high) = range(wanted)?;
        Test::Range { low, high }
    } else if let Some(value) = flag(wanted) {
        Test::Is { value }
    } else {
        let before = values.len();
        for name in wanted.split('|').filter(|name| !name.is_empty()) {
            values.push(names.value(attribute, name)?);
        }
        let count = (values.len() - before) as u16;
        if excluding { Test::NoneOf { count } } else { Test::AnyOf { count } }
    };
    Ok(Clause { attribute, test })
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn range(text: &str) -> Result<(i64, i64), String> {
    let (low, high) = text.split_once("..").ok_or_else(|| format!("`{text}` is no range"))?;
    Ok((number(low)?, number(high)?))
}

/// `34.05,-118.24`.
fn point(text: &str) -> Result<GeoPoint, String> {
    let (north, east) = text.split_once(',').ok_or_else(|| format!("`{text}` is no place"))?;
    let micro = |text: &str| money(text).map(|degrees| degrees.micros() as i32);
    Ok(GeoPoint::new(micro(north)?, micro(east)?))
}

/// `state=CA`, `age=40`, `owner=yes`, `place=34.05,-118.24`; by the attribute's kind where the text fits several.
fn fact(names: &mut Names, word: &str) -> Result<Fact, String> {
    let (name, value) = word.split_once('=').ok_or_else(|| format!("`{word}` is no fact"))?;
    let attribute = names.attribute(name);
    let value = if let Some(flag) = flag(value) {
        FactValue::Flag(flag)
    } else if value.contains(',') {
        FactValue::Place(point(value)?)
    } else if let Ok(number) = value.parse() {
        FactValue::Number(number)
    } else {
        FactValue::Code(names.value(attribute, value)?)
    };
    Ok(Fact { attribute, value })
}

/// `pause ACME/1`, `set-bid ACME/1 32.50`, `set-bid ACME/1 none stamp=1.7`.
fn standing(names: &mut Names, twin: &Twin, verb: &str, words: &Words<'_>) -> Result<Action, String> {
    words.only(&["stamp"])?;
    let (buyer, profile) = names.profile(words.plain(0, "the profile")?)?;
    Ok(match verb {
        "pause" => Action::PauseProfile { buyer, profile },
        "resume" => Action::ResumeProfile { buyer, profile },
        "close-profile" => Action::CloseProfile { buyer, profile },
        _ => {
            let amount = match words.plain(1, "the amount")? {
                "none" => None,
                amount => Some(money(amount)?),
            };
            Action::SetBid { buyer, profile, amount, stamp: stamp(twin, buyer, words)? }
        }
    })
}

/// `stamp=<session>.<number>`, or the next number of session 1.
fn stamp(twin: &Twin, speaker: AccountId, words: &Words<'_>) -> Result<Stamp, String> {
    if let Some(text) = words.option("stamp") {
        let (session, number) = text.split_once('.').ok_or("stamp=<session>.<number>")?;
        return Ok(Stamp { session: SessionId(self::number(session)?), number: self::number(number)? });
    }
    let sessions = twin.accounts.get(&speaker).map(|known| &known.sessions);
    let open = sessions.and_then(|sessions| sessions.get(&SessionId(1)));
    Ok(Stamp { session: SessionId(1), number: open.map_or(0, |session| session.number_highest) + 1 })
}

/// `offer call1 WEB/1 window=5s reserve=10 made=-2h via=ACME via=net with state=CA`, `auction call1 window=5s`, `cancel call1`.
pub(super) fn call(names: &mut Names, at: Timestamp, verb: &str, words: &Words<'_>) -> Result<Action, String> {
    words.only(&["window", "reserve", "made", "bare", "from", "leg", "via", "life"])?;
    let name = words.plain(0, "the call")?;
    let window = words.read("window", length)?;
    let reserve = words.read("reserve", money)?;
    if !matches!(verb, "offer" | "register") {
        let (seller, call) = names.call(name)?;
        return Ok(match verb {
            "cancel" => Action::CancelCall { seller, call },
            "close" => Action::CloseAuction { seller, call },
            _ => Action::OpenAuction { seller, call, window: window.ok_or("for how long?")?, reserve },
        });
    }
    let (seller, listing) = names.listing(words.plain(1, "the listing")?)?;
    let call = match words.read("bare", number)? {
        Some(number) => names.bare_call(name, seller, number),
        None => names.new_call(name, seller, made(words, at)?),
    };
    let subject = SubjectId(words.read("from", number)?.unwrap_or(0));
    let leg = match words.option("leg") {
        None => Leg::ConsumerInbound,
        Some("transfer") => Leg::OutboundTransfer,
        Some("callback") => Leg::Callback,
        Some(other) => return Err(format!("no leg is a {other}")),
    };
    let facts: Vec<Fact> = words.tail.iter().map(|word| fact(names, word)).collect::<Result<_, _>>()?;
    let via = words.options.iter().filter(|(name, _)| *name == "via");
    let chain = via.map(|(_, node)| names.node(node)).collect();
    Ok(if verb == "register" {
        Action::RegisterCall { seller, call, listing, subject, leg, facts, chain }
    } else {
        Action::OfferCall { seller, call, listing, subject, leg, window, reserve, facts, chain }
    })
}

/// `bid ACME/1 call1 32.50 for=60s`, `withdraw-bid ACME/1 call1`, `pass ACME/1 call1`.
fn bid(names: &mut Names, twin: &Twin, verb: &str, words: &Words<'_>) -> Result<Action, String> {
    words.only(&["for", "stamp"])?;
    let (buyer, profile) = names.profile(words.plain(0, "the profile")?)?;
    let (seller, call) = names.call(words.plain(1, "the call")?)?;
    let stamp = stamp(twin, buyer, words)?;
    match verb {
        "withdraw-bid" => return Ok(Action::WithdrawBid { buyer, profile, seller, call, stamp }),
        "pass" => return Ok(Action::NoBid { buyer, profile, seller, call, stamp }),
        _ => {}
    }
    let amount: Money = money(words.plain(2, "the amount")?)?;
    let valid_for = words.read("for", length)?.unwrap_or(Millis(60_000));
    Ok(Action::PlaceBid { buyer, profile, seller, call, amount, valid_for, stamp })
}

/// `answered call1 clocks=5/4/0 leg=1.0`, `failed call1 Busy`. Without clocks those of the last report, without a leg
/// the present one.
fn report(names: &Names, twin: &Twin, verb: &str, words: &Words<'_>) -> Result<Action, String> {
    words.only(&["clocks", "leg", "stamp"])?;
    let (seller, call) = names.call(words.plain(0, "the call")?)?;
    let what = match verb {
        "ringing" => Report::Ringing,
        "answered" => Report::Answered,
        "ended" => Report::Ended,
        "dropped" => Report::Dropped,
        "rejected" => Report::Rejected,
        _ => {
            let name = words.plain(1, "the failure")?;
            let known = dce_engine::prelude::Reason::ALL.iter().find(|reason| format!("{reason:?}") == name);
            Report::Failed(known.ok_or_else(|| format!("there is no reason {name}"))?.code())
        }
    };
    let key: CallKey = (seller, call);
    let known = twin.calls.get(&key);
    let (attempt, destination) = match words.option("leg") {
        Some(leg) => {
            let (attempt, destination) = leg.split_once('.').ok_or("leg=<attempt>.<destination>")?;
            (number(attempt)?, number(destination)?)
        }
        None => known.map_or((1, 0), |known| (known.attempt, known.destination as u8)),
    };
    let clocks = match words.option("clocks") {
        Some(text) => {
            let parts: Vec<u32> = text.split('/').map(millis).collect::<Result<_, _>>()?;
            let [incoming, dial, connect] = parts[..] else { return Err("clocks=<incoming>/<dial>/<connect>".into()) };
            Clocks { incoming, dial, connect }
        }
        None => known.map(|known| known.clocks).unwrap_or_default(),
    };
    let stamp = stamp(twin, seller, words)?;
    Ok(Action::Report { seller, call, what, attempt, destination, clocks, stamp })
}
