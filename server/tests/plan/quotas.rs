//! Quotas in a plan: what is said of mistakes in them, and what becomes of calls beyond them.

use dce_client::{CalendarId, Counts, Per, ProfileId, Quota, QuotaRule, Reason};

use super::*;

const NOTHING: Vec<String> = Vec::new();

/// A profile of a buyer with a calendar, whose quota has this, on line 13.
fn quota(said: &str) -> String {
    let calendars = "calendars: { office: { open: { mon: 09:00-17:00 } } }";
    format!(
        "{SOUND}buyers:\n  acme: {{ {calendars}, profiles: {{ p: {{\n    quota: {{ {said} }}, dial: [{{ to: a, ring: 1s }}] }} }} }}\n"
    )
}

/// A profile whose quota has these rules, on line 13.
fn rules(said: &str) -> String {
    quota(&format!("rules: [{said}]"))
}

#[test]
fn everything_that_may_be_said_of_quotas_checks() {
    assert_eq!(told(&quota("")), NOTHING);
    assert_eq!(told(&quota("rules: [], spacing: 30s")), NOTHING);
    for per in ["hour", "day", "month", "ever"] {
        let one = |counts: &str| format!("{{ {counts}: 0, per: {per} }}");
        let all = ["attempts", "connections", "conversions", "money"].map(one).join(", ");
        assert_eq!(told(&rules(&format!("{{ live: 4294967295 }}, {all}"))), NOTHING, "per {per}");
    }
    assert_eq!(told(&rules("{ live: 5, per: ever }, { money: 999999.000001, per: month, pace: even }")), NOTHING);
    assert_eq!(told(&quota("rules: [{ money: 10, per: ever, pace: through 2026-12-31 }], hours: office")), NOTHING);
    for text in [
        listing("quota: { rules: [{ live: 5 }] }"),
        format!("{SOUND}sellers:\n  web: {{ quota: {{ rules: [{{ live: 5 }}], spacing: 1ms }} }}\n"),
        format!("{SOUND}buyers:\n  acme: {{ quota: {{ rules: [{{ attempts: 5, per: day }}] }} }}\n"),
    ] {
        assert_eq!(told(&text), NOTHING, "of\n{text}");
    }
}

#[test]
fn hours_of_a_rule_are_said_like_those_of_a_calendar() {
    let during = |hours: &str| rules(&format!("{{ live: 5, during: {{ {hours} }} }}"));
    assert_eq!(told(&during("mon-fri: 09:00-17:00, sun: [20:00-24:00, 00:00-02:00]")), NOTHING);
    assert_eq!(told(&rules("{ attempts: 5, per: hour, during: { sat-sun: 00:00-24:00 } }")), NOTHING);
    // Seven stretches, and five: twelve rules. With one more there is no room, and with none between them only one.
    let week = "{ live: 5, during: { mon-sun: 09:00-17:00 } }";
    let nights = |days: &str| format!("{week}, {{ live: 2, during: {{ {days}: 18:00-24:00 }} }}");
    assert_eq!(told(&rules(&nights("mon-fri"))), NOTHING);
    let full = told(&rules(&nights("mon-sat")));
    assert_eq!(full.len(), 1, "{full:?}");
    assert!(full[0].starts_with("13:69: `rules` of quota `acme/p` is refused: "), "{full:?}");
    assert!(full[0].contains("CommandTooLarge"), "{full:?}");
    // Monday to Sunday without a gap is one stretch, whichever way it is written.
    let all_week = |max: u8, hours: &str| format!("{{ attempts: {max}, per: hour, during: {{ {hours} }} }}");
    let ways = ["mon-sun: 00:00-24:00", "mon-sun: [12:00-24:00, 00:00-12:00]"];
    let repeated = told(&rules(&format!("{}, {}", all_week(5, ways[0]), all_week(6, ways[1]))));
    assert_eq!(repeated.len(), 1, "{repeated:?}");
    assert!(repeated[0].contains("1316 QuotaRuleRepeated"), "{repeated:?}");
}

#[test]
fn a_mistake_in_a_quota_is_said_with_its_place() {
    let out_of_range = "of quota `acme/p` is refused: 1102 ValueOutOfRange: a field is outside its documented range";
    let calls = "a number of calls, 0 or more";
    let periods = "hour, day, month or ever";
    let pace = "`even`, for money per day or month, or `through 2026-12-31`, for money per ever";
    let during = "a map like `open` of a calendar, in whole hours; for `live` and per hour";
    let of = "a rule of `quota` of `acme/p`";
    let one = format!("{of} counts one of live, attempts, connections, conversions and money");
    let broken = [
        (quota("rule: []"), "13:14: `quota` of `acme/p` has no key `rule`; did you mean `rules`?".to_owned()),
        (
            quota("rules: { live: 5 }"),
            "13:21: `rules` of `quota` of `acme/p` must be a list: `[a, b]`, or lines that begin with `- `".to_owned(),
        ),
        (rules("{ atempts: 5, per: day }"), format!("13:24: {of} has no key `atempts`; did you mean `attempts`?")),
        (rules("{ per: day }"), format!("13:22: {one}")),
        (rules("{ attempts: 5, money: 5, per: day }"), format!("13:22: {one}")),
        (
            rules("{ attempts: 5 }"),
            format!("13:22: {of} lacks `per`: {periods}"),
        ),
        (
            rules("{ attempts: 5, per: week }"),
            format!("13:42: `per` is `week`: it takes {periods}"),
        ),
        (
            rules("{ attempts: 5.5, per: day }"),
            format!("13:34: `attempts` is `5.5`: not a whole number; it takes {calls}"),
        ),
        (rules("{ attempts: -1, per: day }"), format!("13:34: `attempts` {out_of_range}; it takes {calls}")),
        (rules("{ live: 4294967296 }"), format!("13:30: `live` {out_of_range}; it takes {calls}")),
        (
            rules("{ money: -0.01, per: day }"),
            "13:31: `money` of quota `acme/p` is refused: 1101 AmountOutOfRange: the amount must be above zero and at most \
             Money::AMOUNT_MAX; it takes an amount such as 250.00, or 0"
                .to_owned(),
        ),
        (rules("{ live: 5, per: day }"), format!("13:38: `per` {out_of_range}; it takes {periods}")),
        (rules("{ money: 5, per: hour, pace: even }"), format!("13:51: `pace` {out_of_range}; it takes {pace}")),
        (rules("{ attempts: 5, per: day, pace: even }"), format!("13:53: `pace` {out_of_range}; it takes {pace}")),
        (
            rules("{ money: 5, per: day, pace: through 2026-12-31 }"),
            format!("13:50: `pace` {out_of_range}; it takes {pace}"),
        ),
        (
            rules("{ money: 5, per: ever, pace: evenly }"),
            format!("13:51: `pace` is `evenly`: not a pace: write `even`, or `through 2026-12-31`; it takes {pace}"),
        ),
        (
            rules("{ money: 5, per: ever, pace: through 2026-02-30 }"),
            format!(
                "13:51: `pace` is `through 2026-02-30`: no day of the calendar: write 2026-12-25, from 1970 on; it takes {pace}"
            ),
        ),
        (
            rules("{ money: 5, per: day, pace: even }, { money: 90, per: month, pace: even }"),
            format!("13:89: `pace` {out_of_range}: another rule has one"),
        ),
        (
            rules("{ attempts: 5, per: day }, { live: 1 }, { attempts: 6, per: day }"),
            "13:62: `rules` of quota `acme/p` is refused: 1316 QuotaRuleRepeated: two rules of a quota count the same for the \
             same period and hours"
                .to_owned(),
        ),
        (
            rules("{ attempts: 5, per: day, during: { mon: 09:00-17:00 } }"),
            format!("13:47: `during` {out_of_range}; it takes {during}"),
        ),
        (
            rules("{ live: 5, during: { mon: 09:30-17:00 } }"),
            format!("13:48: `during` of {of} takes whole hours, such as 09:00-17:00"),
        ),
        (
            rules("{ live: 5, during: { } }"),
            format!("13:41: `during` of {of} says no hours: the rule would never bind"),
        ),
        (
            rules("{ live: 5, during: { mon-fry: 09:00-17:00 } }"),
            "13:43: no day is called `fry`: they are mon, tue, wed, thu, fri, sat and sun; did you mean `fri`?".to_owned(),
        ),
        (
            rules("{ live: 5, during: { mon-fri: 09:00-17:00, fri: 18:00-19:00 } }"),
            format!("13:65: `fri` of {of} was given its hours before, on line 13"),
        ),
        (quota("spacing: 0s"), format!("13:23: `spacing` {out_of_range}")),
        (
            quota("rules: [{ money: 5, per: day }], hours: office"),
            format!("13:54: `hours` {out_of_range}: no rule has a `pace`"),
        ),
        (
            quota("rules: [{ money: 5, per: day, pace: even }], hours: ofice"),
            "13:66: no calendar of `acme` is called `ofice`; did you mean `office`?".to_owned(),
        ),
    ];
    for (text, wanted) in broken {
        assert_eq!(told(&text), [wanted], "of\n{text}");
    }
}

#[test]
fn every_mistake_in_a_quota_is_found_and_none_twice() {
    let text = quota(
        "rules: [{ live: 5, per: day }, { attempts: -1, per: day }, { money: 5, per: hour, pace: even }], spacing: 0s, hours: office",
    );
    let places: Vec<String> = told(&text).iter().map(|line| line.split(": ").next().unwrap().to_owned()).collect();
    // The hours are for the paced rule, which is wrong: they are not.
    assert_eq!(places, ["13:38", "13:57", "13:102", "13:120"], "{:#?}", told(&text));
    let none =
        check_with(Limits { quotas_max: 0, ..Limits::small() }, &rules("{ live: 5 }, { attempts: -1, per: day }"));
    assert_eq!(none.len(), 1, "{none:?}");
    assert!(none[0].starts_with("13:47: `attempts` of quota"), "{none:?}");
    let none = check_with(Limits { quotas_max: 0, ..Limits::small() }, &rules("{ live: 5 }"));
    assert_eq!(none.len(), 1, "{none:?}");
    assert!(none[0].starts_with("13:5: quota `acme/p` is refused: 1912 QuotasFull"), "{none:?}");
}

fn check_with(limits: Limits, text: &str) -> Vec<String> {
    let mistakes = plan::check(text.as_bytes(), limits).unwrap_err();
    mistakes.list().iter().map(ToString::to_string).collect()
}

const MARKET: &str = "\
plan: 1
sellers:
  web:
    id: 2001
    listings:
      l: { quota: { rules: [{ attempts: 5, per: ever }] } }
      m: {}
buyers:
  acme:
    id: 1001
    deposit: 100
    quota: { rules: [{ money: 25.00, per: ever }] }
    profiles:
      first: { bid: 9, quota: { rules: [{ live: 1 }] }, dial: [{ to: a, ring: 1m }] }
      second: { bid: 8, dial: [{ to: b, ring: 1m }] }
  zen:
    id: 1002
    deposit: 100
    calendars: { office: { id: 7, open: { mon: 09:00-17:00 } } }
    profiles:
      p: { bid: 1, dial: [{ to: c, ring: 1m }] }
      q:
        quota:
          rules:
            - { money: 90, per: ever, pace: through 2030-01-01 }
            - { connections: 50, per: hour, during: { mon-tue: 00:00-24:00, fri: 09:00-17:00 } }
            - { conversions: 70, per: month }
          spacing: 45s
          hours: office
        dial: [{ to: d, ring: 1m }]
";

#[test]
fn calls_go_no_further_than_the_plan_says() {
    let dir = tempfile::tempdir().unwrap();
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    // An explanation reads the log: with answers that do not wait for it, the call might not be in there yet.
    let server = Server::builder().dir(dir.path()).listen(any_port).limits(Limits::small());
    let server = server.durability(Durability::Always).start().unwrap();
    let address = server.address().to_string();
    let place = ["--dir", dir.path().to_str().unwrap(), "--server", &address];
    let file = dir.path().join("market.yaml");
    let load_it = |text: &str, said: &str| {
        fs::write(&file, text).unwrap();
        let (status, out, err) = load(&file, &place);
        assert_eq!(status, code(Exit::Done), "{err}");
        assert!(out.contains(said), "{out}");
    };
    load_it(MARKET, "loaded; 14 created, 0 there already");
    load_it(MARKET, "loaded; 0 created, 14 there already");

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let seller = AccountId(2001);
    let connected = || async {
        let key = fs::read_to_string(server.operator_key()).unwrap();
        Client::connect(&address, Trust::pem_file(server.certificate()).unwrap(), &key).await.unwrap()
    };
    let listing = |name: &str| ListingId(id_of(&format!("listing:web/{name}")));
    runtime.block_on(async {
        let client = connected().await;
        // Said again without the plan: it is so already. 2030-01-01 is day 21,915.
        let hourly = QuotaRule::new(Counts::Connections, Per::Hour, 50);
        let said = Quota::of_profile(ProfileId(id_of("profile:zen/q")))
            .rule(QuotaRule::new(Counts::Money, Per::Ever, 90_000_000).through(21_915))
            .rule(hourly.during(0, 48))
            .rule(hourly.during(105, 113))
            .calls(Counts::Conversions, Per::Month, 70)
            .spacing(45_000)
            .hours(CalendarId(7));
        assert!(client.operator().set_quota(AccountId(1002), &said).await.unwrap().repeated);

        let web = client.seller_for(seller).await.unwrap();
        let mut winners = Vec::new();
        for _ in 0..5 {
            let sold = web.offer(&NewCall::new(client.new_call(), listing("l"))).await.unwrap();
            winners.push(sold.route().unwrap().to_string());
        }
        // The first takes one at a time; with 9 + 8 + 8 its buyer's 25 are used.
        assert_eq!(winners, ["a", "b", "b", "c", "c"]);
        let call = client.new_call();
        let unsold = web.offer(&NewCall::new(call, listing("l"))).await.unwrap();
        assert_eq!(unsold.unsold().map(Reason::name), Some("ListingQuotaReached"));
        let call = client.new_call();
        web.offer(&NewCall::new(call, listing("m"))).await.unwrap();
        for (profile, reason) in [("first", "ProfileQuotaReached"), ("second", "BuyerQuotaReached")] {
            let asked = (AccountId(1001), ProfileId(id_of(&format!("profile:acme/{profile}"))));
            let explained = client.explain(seller, call, Some(asked)).await.unwrap();
            assert_eq!(explained.verdicts[0].reason.map(Reason::name), Some(reason));
        }
        client.close().await.unwrap();
    });

    // Another maximum goes on from the count.
    load_it(&MARKET.replace("attempts: 5", "attempts: 6"), "loaded; 1 created, 13 there already");
    load_it(
        &MARKET.replace("quota: { rules: [{ attempts: 5, per: ever }] }", ""),
        "loaded; 0 created, 13 there already",
    );
    runtime.block_on(async {
        let client = connected().await;
        let web = client.seller_for(seller).await.unwrap();
        let sold = web.offer(&NewCall::new(client.new_call(), listing("l"))).await.unwrap();
        assert_eq!(sold.route().unwrap().to_string(), "c");
        let unsold = web.offer(&NewCall::new(client.new_call(), listing("l"))).await.unwrap();
        assert_eq!(unsold.unsold().map(Reason::name), Some("ListingQuotaReached"));
        client.close().await.unwrap();
    });
    server.stop().unwrap();
}
