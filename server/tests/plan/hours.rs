//! Opening hours in a plan: what is said of mistakes in them, and what becomes of a call inside and outside of them.

use dce_client::{CallId, Distance, ProfileId, Reason, Timestamp};
use dce_engine::terms::Holiday;

use super::*;

/// A buyer with a calendar of which only this is said, on line 13.
fn calendar(said: &str) -> String {
    format!("{SOUND}buyers:\n  acme: {{ calendars: {{ office: {{\n    {said} }} }} }}\n")
}

/// A calendar that is open on these days, each on a line from 13 on.
fn open(days: &[&str]) -> String {
    calendar(&format!("open: {{\n    {} }}", days.join(",\n    "))).replace("{\n    open: {\n", "{ open: {\n")
}

#[test]
fn hours_are_sorted_and_a_week_has_no_end() {
    assert_eq!(told(&open(&["fri: [13:00-17:30, 09:00-12:00]", "sun-mon: 22:00-24:00", "tue: []"])), NOTHING);
    let holidays = "holidays: [{ on: 2026-12-25 }, { from: 2026-01-01, through: 2026-01-02, open: 09:00-12:00 }]";
    assert_eq!(told(&calendar(holidays)), NOTHING);
}

const NOTHING: Vec<String> = Vec::new();

#[test]
fn a_mistake_in_opening_hours_is_said_with_its_place() {
    let of = "calendar `acme/office`";
    let rises = "1315 HoursNotAscending: the spans and the holidays of a calendar must rise and not overlap";
    let midnight =
        "it ends before it begins: hours past midnight are two spans, until 24:00 and from 00:00 of the next day";
    let no_span = "not a span: write 09:00-17:30, from 00:00 to 24:00";
    let days = "they are mon, tue, wed, thu, fri, sat and sun; did you mean `fri`?";
    let takes = format!("a holiday of {of} takes `on`, or `from` and `through`");
    let two = |second: &str, line: &str| {
        format!("{SOUND}buyers:\n  acme:\n    calendars: {{ office: {{ id: 7 }}, {second} }}\n    {line}\n")
    };
    let broken = [
        (open(&["mon-fry: 09:00-17:30"]), format!("13:5: no day is called `fry`: {days}")),
        (open(&["Friday: 09:00-17:30"]), format!("13:5: no day is called `Friday`: {days}")),
        (
            open(&["mon-fri: 09:00-17:30", "sun-tue: 20:00-21:00"]),
            format!("14:5: `mon` of {of} was given its hours before, on line 13"),
        ),
        (open(&["fri: [09:00-12:00, 22:00-02:00]"]), format!("13:24: `fri` is `22:00-02:00`: {midnight}")),
        (open(&["fri: 09:00-09:00"]), format!("13:10: `fri` is `09:00-09:00`: {midnight}")),
        (open(&["fri: 20:00-24:30"]), format!("13:10: `fri` is `20:00-24:30`: {no_span}")),
        (open(&["fri: 9-17"]), format!("13:10: `fri` is `9-17`: {no_span}")),
        (open(&["fri: [11:00-13:00, 09:00-12:00]"]), format!("13:11: `open` of {of} is refused: {rises}")),
        (
            calendar("holidays: [{ on: 2026-02-29 }]"),
            "13:22: `on` is `2026-02-29`: no day of the calendar: write 2026-12-25, from 1970 on; it takes a day such as \
             2026-12-25"
                .to_owned(),
        ),
        (calendar("holidays: [{ from: 2026-02-27 }]"), format!("13:16: {takes}")),
        (calendar("holidays: [{ on: 2026-02-27, through: 2026-02-28 }]"), format!("13:16: {takes}")),
        (calendar("holidays: [{}]"), format!("13:16: {takes}")),
        (
            calendar("holidays: [{ from: 2026-02-28, through: 2026-02-27 }]"),
            format!("13:16: `holidays` of {of} is refused: 1102 ValueOutOfRange: a field is outside its documented range"),
        ),
        (
            calendar("holidays: [{ from: 2026-02-20, through: 2026-02-27 }, { on: 2026-02-25 }]"),
            format!("13:59: `holidays` of {of} is refused: {rises}"),
        ),
        (
            calendar("holydays: []"),
            format!("13:5: {of} has no key `holydays`; did you mean `holidays`?"),
        ),
        (
            two("home: {}", "profiles: { p: { hours: ofice, dial: [{ to: a, ring: 1s }] } }"),
            "14:29: no calendar of `acme` is called `ofice`; did you mean `office`?".to_owned(),
        ),
        (
            two("home: { id: 7 }", "zone: NY"),
            "13:49: calendar `acme/home` has an id that another one before it has".to_owned(),
        ),
        (listing("hours: office"), "13:12: no calendar of `web` is called `office`".to_owned()),
    ];
    for (text, wanted) in broken {
        assert_eq!(told(&text), [wanted], "of\n{text}");
    }
}

#[test]
fn too_many_hours_are_said_where_they_become_too_many() {
    // 35 spans of a week: those of Sunday are too many, the first of them in the order of the week is said.
    let spans: Vec<String> = (0..5).map(|hour| format!("1{hour}:00-1{hour}:30")).collect();
    let told = told(&open(&[&format!("mon-sun: [{}]", spans.join(", "))]));
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].starts_with("13:41: `open` of calendar `acme/office` is refused: 1006 CommandTooLarge"),
        "{told:?}"
    );
}

#[test]
fn who_goes_by_broken_hours_is_not_blamed() {
    let text = format!(
        "{SOUND}sellers:\n  web:\n    calendars: {{ day: {{ open: {{ fri: [09:00-12:00, 11:00-13:00] }} }} }}\n    listings: {{ l: \
         {{ hours: day, reserve: 5 }} }}\n"
    );
    let told = told(&text);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].starts_with("13:52: `open` of calendar `web/day`"), "{told:?}");
}

/// A market in which it is always or never the hour, whatever day the test runs on; `desk` opens in the year 3000.
const MARKET: &str = "\
plan: 1
zones: { Phoenix: [{ from: 2026-01-01, offset: -07:00 }] }
sellers:
  web:
    id: 2001
    calendars: { day: { open: { mon-sun: 00:00-24:00 } }, never: {} }
    listings:
      open: { hours: day }
      closed: { hours: never }
buyers:
  acme:
    id: 1001
    zone: Phoenix
    deposit: 100
    calendars:
      desk: { id: 5, open: { mon-sun: 00:00-24:00 }, holidays: [{ from: 1970-01-01, through: 2999-12-31 }] }
      phone: { open: { mon-sun: [12:00-24:00, 00:00-12:00] } }
    profiles:
      first: { bid: 9, hours: desk, dial: [{ to: a, ring: 1s }] }
      second: { tier: 2, bid: 8, hours: phone, dial: [{ to: b, ring: 1s }] }
";

#[test]
fn a_call_is_sold_inside_the_hours_and_other_hours_replace_them() {
    let dir = tempfile::tempdir().unwrap();
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    // An explanation reads the log: with answers that do not wait for it, the call might not be in there yet.
    let server = Server::builder().dir(dir.path()).listen(any_port).limits(Limits::small());
    let server = server.durability(Durability::Always).start().unwrap();
    let address = server.address().to_string();
    let place = ["--dir", dir.path().to_str().unwrap(), "--server", &address];
    let file = dir.path().join("market.yaml");
    let load_it = |text: &str, created: &str| {
        fs::write(&file, text).unwrap();
        let (status, out, err) = load(&file, &place);
        assert_eq!(status, code(Exit::Done), "{err}");
        assert!(out.contains(created), "{out}");
    };
    load_it(MARKET, "loaded; 11 created, 0 there already");
    load_it(MARKET, "loaded; 0 created, 11 there already");

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (seller, buyer) = (AccountId(2001), AccountId(1001));
    let profiles = ["first", "second"].map(|name| ProfileId(id_of(&format!("profile:acme/{name}"))));
    let connected = || async {
        let key = fs::read_to_string(server.operator_key()).unwrap();
        Client::connect(&address, Trust::pem_file(server.certificate()).unwrap(), &key).await.unwrap()
    };
    runtime.block_on(async {
        let client = connected().await;
        let web = client.seller_for(seller).await.unwrap();
        let listing = |name| ListingId(id_of(&format!("listing:web/{name}")));
        let call: CallId = client.new_call();
        let sold = web.offer(&NewCall::new(call, listing("open"))).await.unwrap();
        assert_eq!(sold.sale().unwrap().profile, profiles[1]);
        let explained = client.explain(seller, call, Some((buyer, profiles[0]))).await.unwrap();
        let lost = explained.verdicts[0];
        assert_eq!(lost.reason.map(Reason::name), Some("OutsideHours"));
        // Midnight in Phoenix.
        let opens = (u64::from(Holiday::day(3000, 1, 1)) * 86_400 + 7 * 3_600) * 1_000_000;
        assert_eq!(lost.distance, Some(Distance::Until(Timestamp::from_micros(opens))));
        let late = web.offer(&NewCall::new(client.new_call(), listing("closed"))).await.unwrap();
        assert_eq!(late.unsold().map(Reason::name), Some("ListingClosed"));
        client.close().await.unwrap();
    });

    // The desk's holidays end, and a listing that was never open is.
    let other = MARKET
        .replace("through: 2999-12-31", "through: 1970-01-02")
        .replace("never: {}", "never: { open: { mon-sun: 00:00-24:00 } }");
    load_it(&other, "loaded; 2 created, 9 there already");
    runtime.block_on(async {
        let client = connected().await;
        let web = client.seller_for(seller).await.unwrap();
        let call = NewCall::new(client.new_call(), ListingId(id_of("listing:web/closed")));
        assert_eq!(web.offer(&call).await.unwrap().sale().unwrap().profile, profiles[0]);
        client.close().await.unwrap();
    });
    server.stop().unwrap();
}
