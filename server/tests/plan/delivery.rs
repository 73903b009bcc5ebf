//! What becomes of calls that come back, in a plan: what is said of mistakes in it, and what becomes of calls then.

use dce_client::{Accepted, Answering, Clocks, Delivery, Failure, ProfileId};

use super::*;

const NOTHING: Vec<String> = Vec::new();

#[test]
fn everything_that_may_be_said_of_calls_that_come_back_checks() {
    assert_eq!(told(&listing("delivery: {}")), NOTHING);
    assert_eq!(told(&listing("delivery: { recover: { below: 24h, times: 5 } }")), NOTHING);
    assert_eq!(told(&listing(&format!("delivery: {{ fallback: {{ to: {}, ring: 5m }} }}", "x".repeat(64)))), NOTHING);
    assert_eq!(told(&profile("answering: {}")), NOTHING);
    let all = "answering: { bid_within: 60s, reject_within: 90s, pause_after: [{ calls: 1, within: 1s }, { calls: 8, within: 24h }] }";
    assert_eq!(told(&profile(all)), NOTHING);
}

#[test]
fn a_mistake_in_them_is_said_with_its_place() {
    let out_of_range = "is refused: 1102 ValueOutOfRange: a field is outside its documented range; it takes";
    let times = format!("`times` of delivery `web/l` {out_of_range} 1 to 5");
    let below = format!("`below` of delivery `web/l` {out_of_range} a length from 1s to 24h");
    let to = "`to` of delivery `web/l` is refused: 1104 TextOutOfRange: a name or destination is empty or longer than its limit; it takes 1 to 64 bytes";
    let ring = format!("`ring` of delivery `web/l` {out_of_range} a length from 1ms to 5m");
    let calls = format!("`calls` of answering `acme/p` {out_of_range} a number of calls, 1 to 8");
    let within = format!("`within` of answering `acme/p` {out_of_range} a length from 1s to 24h");
    let recover = "`recover` of `delivery` of listing `web/l`";
    let broken = [
        (
            listing("delivery: { recovers: {} }"),
            "13:17: `delivery` of listing `web/l` has no key `recovers`; did you mean `recover`?".to_owned(),
        ),
        (
            listing("delivery: { recover: { below: 30s } }"),
            format!("13:17: {recover} lacks `times`: 1 to 5"),
        ),
        (listing("delivery: { recover: { below: 0s, times: 2 } }"), format!("13:35: {below}")),
        (listing("delivery: { recover: { below: 24h 1s, times: 2 } }"), format!("13:35: {below}")),
        (listing("delivery: { recover: { below: 30s, times: 0 } }"), format!("13:47: {times}")),
        (listing("delivery: { recover: { below: 30s, times: 6 } }"), format!("13:47: {times}")),
        (
            listing("delivery: { recover: { below: 1500ms, times: 1 } }"),
            "13:35: `below` is `1500ms`: not whole seconds; it takes a length from 1s to 24h".to_owned(),
        ),
        (
            listing("delivery: { fallback: { to: +1 } }"),
            "13:17: `fallback` of `delivery` of listing `web/l` lacks `ring`: a length from 1ms to 5m".to_owned(),
        ),
        (listing("delivery: { fallback: { to: '', ring: 20s } }"), format!("13:33: {to}")),
        (
            listing(&format!("delivery: {{ fallback: {{ to: {}, ring: 20s }} }}", "x".repeat(65))),
            format!("13:33: {to}"),
        ),
        (listing("delivery: { fallback: { to: a, ring: 301s } }"), format!("13:42: {ring}")),
        (
            profile("answering: { bid_within: 60001ms }"),
            format!("13:30: `bid_within` of answering `acme/p` {out_of_range} a length, 60s at most"),
        ),
        (
            profile("answering: { reject_within: 91s }"),
            format!("13:33: `reject_within` of answering `acme/p` {out_of_range} a length, 90s at most"),
        ),
        (profile("answering: { pause_after: [{ calls: 9, within: 1h }] }"), format!("13:41: {calls}")),
        (profile("answering: { pause_after: [{ calls: 0, within: 1h }] }"), format!("13:41: {calls}")),
        (
            profile("answering: { pause_after: [{ calls: 3, within: 1h }, { calls: 8, within: 25h }] }"),
            format!("13:78: {within}"),
        ),
        (
            profile("answering: { pause_after: [{ calls: 3 }] }"),
            "13:32: a rule of `pause_after` of `answering` of profile `acme/p` lacks `within`: a length from 1s to 24h"
                .to_owned(),
        ),
        (
            profile("answering: { pause_after: [&a { calls: 3, within: 1h }, *a, { calls: 4, within: 2h }] }"),
            "13:65: `pause_after` of `answering` of profile `acme/p` takes a list, 2 at most".to_owned(),
        ),
        (
            profile("answering: { pause_after: { calls: 3, within: 1h } }"),
            "13:31: `pause_after` of `answering` of profile `acme/p` must be a list: `[a, b]`, or lines that begin with `- `"
                .to_owned(),
        ),
    ];
    for (text, wanted) in broken {
        assert_eq!(told(&text), [wanted], "of\n{text}");
    }
}

#[test]
fn every_mistake_in_them_is_found_and_none_twice() {
    let text = listing("delivery: { recover: { below: 0s, times: 9 }, fallback: { to: '', ring: 0s } }");
    let places = |text: &str| -> Vec<String> {
        told(text).iter().map(|line| line.split(": ").next().unwrap().to_owned()).collect()
    };
    assert_eq!(places(&text), ["13:35", "13:46", "13:67", "13:77"], "{:#?}", told(&text));
    let text = profile("answering: { bid_within: 2m, pause_after: [{ calls: 9, within: 0s }] }");
    assert_eq!(places(&text), ["13:30", "13:57", "13:68"], "{:#?}", told(&text));
    // What is wrong with the listing is not blamed on what is said of it.
    let text = listing("reserve: -1, delivery: { recover: { below: 30s, times: 1 } }");
    assert_eq!(places(&text), ["13:14"], "{:#?}", told(&text));
}

const MARKET: &str = "\
plan: 1
sellers:
  web:
    id: 2001
    listings:
      l:
        payout: 5.00
        payout_term: 90s from connect
        delivery:
          recover: { below: 30s, times: 1 }
          fallback: { to: house, ring: 20s }
buyers:
  acme:
    id: 1001
    deposit: 100
    profiles:
      first:
        bid: 9
        pays: 90s from connect
        answering: { reject_within: 60s, pause_after: [{ calls: 1, within: 1h }] }
        dial: [{ to: a, ring: 9s }]
      second: { bid: 8, pays: 90s from connect, dial: [{ to: b, ring: 9s }] }
      third:
        live: yes
        answering:
          bid_within: 500ms
          reject_within: 45s
          pause_after: [{ calls: 3, within: 1h }, { calls: 8, within: 24h }]
        dial: [{ to: c, ring: 9s }]
";

#[test]
fn a_call_that_comes_back_goes_where_the_plan_says() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("market.yaml");
    fs::write(&file, MARKET).unwrap();
    let server = serve(dir.path(), Limits::small());
    let address = server.address().to_string();
    let place = ["--dir", dir.path().to_str().unwrap(), "--server", &address];
    for said in ["loaded; 9 created, 0 there already", "loaded; 0 created, 9 there already"] {
        let (status, out, err) = load(&file, &place);
        assert_eq!(status, code(Exit::Done), "{err}");
        assert!(out.contains(said), "{out}");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let key = fs::read_to_string(server.operator_key()).unwrap();
        let client = Client::connect(&address, Trust::pem_file(server.certificate()).unwrap(), &key).await.unwrap();
        let web = client.seller_for(AccountId(2001)).await.unwrap();
        let listing = ListingId(id_of("listing:web/l"));
        let at = |since_connect_ms| Clocks {
            since_incoming_ms: since_connect_ms + 2_000,
            since_dial_ms: since_connect_ms + 1_000,
            since_connect_ms,
        };
        let destination = |accepted: &Accepted| accepted.route().map(|route| route.to_string());

        // Said again without the plan: it is so already.
        let fallback = Delivery::new(listing).recover(30, 1).fallback(b"house", 20_000);
        assert!(client.operator().set_delivery(AccountId(2001), &fallback).await.unwrap().repeated);
        let third = Answering::new(ProfileId(id_of("profile:acme/third"))).bid_within(500).reject_within(45);
        let third = third.pause_after(3, 3_600).or_after(8, 86_400);
        assert!(client.operator().set_answering(AccountId(1001), &third).await.unwrap().repeated);

        // Given back by the agent: sold again. Ended early by the second: sold once more, to nobody, so it falls back.
        let sold = web.offer(&NewCall::new(client.new_call(), listing)).await.unwrap();
        assert_eq!(destination(&sold).as_deref(), Some("a"));
        let leg = sold.route().unwrap();
        web.answered(&leg, at(0)).await.unwrap();
        let again = web.rejected(&leg, at(59_999)).await.unwrap();
        assert_eq!(destination(&again).as_deref(), Some("b"));
        let leg = again.route().unwrap();
        let later = Clocks { since_incoming_ms: 90_000, since_dial_ms: 3_000, since_connect_ms: 0 };
        web.answered(&leg, later).await.unwrap();
        let later = Clocks { since_incoming_ms: 119_999, since_dial_ms: 32_999, since_connect_ms: 29_999 };
        let fell = web.dropped(&leg, later).await.unwrap();
        assert_eq!(destination(&fell).as_deref(), Some("house"));
        assert!(fell.route().unwrap().is_fallback());

        // One call that nobody answers pauses the first profile: the next goes to the second.
        let sold = web.offer(&NewCall::new(client.new_call(), listing)).await.unwrap();
        assert_eq!(destination(&sold).as_deref(), Some("a"));
        let rung = Clocks { since_incoming_ms: 9_000, since_dial_ms: 8_000, since_connect_ms: 0 };
        let again = web.failed(&sold.route().unwrap(), Failure::NoAnswer, rung).await.unwrap();
        assert_eq!(destination(&again).as_deref(), Some("b"));
        let sold = web.offer(&NewCall::new(client.new_call(), listing)).await.unwrap();
        assert_eq!(destination(&sold).as_deref(), Some("b"));
        client.close().await.unwrap();
    });
    server.stop().unwrap();
}
