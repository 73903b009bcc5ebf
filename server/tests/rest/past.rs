//! Yesterday: what the exchange has sealed is found by time, party and status; statements add up; counts count; reasons are
//! those that were recorded. And all of it is there again after a restart, with or without its folder.

use std::net::SocketAddr;
use std::path::Path;

use dce_engine::commands::{
    CloseAuction, Command, CreateListing, CreateProfile, Deposit, OfferCall, OpenAccount, OpenAuction, OpenSession,
    PlaceBid, RegisterCall, ReportAnswered, ReportEnded, Stamp,
};
use dce_engine::genesis::USD;
use dce_engine::ids::{AccountId, CallId, ListingId, MovementId, ProfileId, SessionId};
use dce_engine::limits::Limits as EngineLimits;
use dce_engine::terms::{Clocks, LegReport};
use dce_engine::units::{Millis, Money, Timestamp};
use dce_persistence::{NewLog, OpenOptions, open};
use dce_runtime::{Handle, ManualClock, Options, Runtime};
use dce_server::Server;
use dce_server::config::Settings;
use dce_server::identity::Role;
use dce_server::limits::Limits;
use hyper::StatusCode;
use serde_json::{Value, json};

use crate::common::{ACME, House, Http, WEB, ZETA, small};

const DAY_SECONDS: u64 = 86_400;

fn done(handle: &Handle, command: impl Into<Command<'static>>) {
    let answer = handle.submit(&command.into()).unwrap().wait();
    assert!(answer.result.is_ok(), "{:?}", answer.result);
}

/// When it happened: three days ago, longer than a small exchange keeps a call.
fn then() -> Timestamp {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    Timestamp::from_seconds(now - 3 * DAY_SECONDS)
}

fn named(id: u128) -> String {
    let hex = format!("{id:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// A log in which, three days ago, a call was sold in auction and another to nobody.
fn old_log(dir: &Path, at: Timestamp) -> [CallId; 2] {
    let opened = open(dir, &OpenOptions::new(NewLog::new(EngineLimits::small(), USD)), &mut |_| ()).unwrap();
    let options = Options { clock: Box::new(ManualClock::at(at)), ..Options::default() };
    let runtime = Runtime::spawn(opened.exchange, opened.journal, options).unwrap();
    let handle = runtime.handle();
    let (web, calls) = (AccountId(WEB), [CallId::at(at, 1), CallId::at(at, 2)]);
    done(&handle, OpenAccount::seller(web));
    for (nth, buyer) in [ACME, ZETA].into_iter().enumerate() {
        let buyer = AccountId(buyer);
        done(&handle, OpenAccount::buyer(buyer));
        done(&handle, Deposit::new(buyer, MovementId::at(at, 10 + nth as u64), Money::from_units(50)));
        done(&handle, OpenSession::new(buyer, SessionId(1)));
        done(&handle, CreateProfile::of(buyer, ProfileId(1)).live().dial(b"desk", Millis(20_000)));
    }
    done(&handle, CreateListing::of(web, ListingId(1)));
    done(&handle, RegisterCall::new(web, calls[0], ListingId(1)));
    done(&handle, OpenAuction::new(web, calls[0], Millis(30_000)));
    for (buyer, cents) in [(ACME, 550), (ZETA, 625)] {
        let amount = Money::from_micros(cents * 10_000);
        let bidder = (AccountId(buyer), ProfileId(1));
        done(&handle, PlaceBid::new(bidder, (web, calls[0]), amount, Stamp::new(SessionId(1), 1)));
    }
    done(&handle, CloseAuction::new(web, calls[0]));
    done(&handle, OpenSession::new(web, SessionId(1)));
    let leg = |millis: u32| LegReport::first(Clocks::new(Millis(millis), Millis(millis), Millis(millis)));
    done(&handle, ReportAnswered::new(web, calls[0], leg(0), Stamp::new(SessionId(1), 1)));
    done(&handle, ReportEnded::new(web, calls[0], leg(0), Stamp::new(SessionId(1), 2)));
    done(&handle, OfferCall::new(web, calls[1], ListingId(1)));
    drop(handle);
    runtime.shutdown().unwrap();
    calls
}

/// A house whose calls are all long sealed.
async fn old_house() -> (House, [CallId; 2], Timestamp) {
    let (dir, at) = (tempfile::tempdir().unwrap(), then());
    let calls = old_log(dir.path(), at);
    // Three days without a word are for an operator to judge.
    let mut settings = Settings::new(dir.path());
    settings.runtime.accept_clock = true;
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = Server::builder().settings(settings).listen(any).rest(any).limits(EngineLimits::small());
    let house = House::of(dir, server.start().unwrap());
    // The first tick of the new run lets go of what is over.
    let operator = house.operator();
    operator.post("/accounts", json!({ "id": "99", "role": "seller" })).await.created();
    for _ in 0..200 {
        if operator.get("/calls").await.ok()["items"] == json!([]) {
            return (house, calls, at);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("calls of three days ago are sealed");
}

fn items(page: &Value) -> &Vec<Value> {
    page["items"].as_array().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_the_exchange_has_sealed_is_found_by_time_party_and_status() {
    let (house, calls, at) = old_house().await;
    let (operator, seller) = (house.operator(), house.key(WEB, Role::Seller));
    let (acme, zeta) = (house.key(ACME, Role::Buyer), house.key(ZETA, Role::Buyer));
    let beside =
        |days: i64| Timestamp::from_seconds((at.micros() / 1_000_000).saturating_add_signed(days * DAY_SECONDS as i64));
    let (from, to) = (beside(-1), beside(1));
    let period = format!("from={}&to={}", rfc3339(from), rfc3339(to));
    let reference = |call: CallId| format!("20.{}", named(call.0));
    let sold = seller.get(&format!("/calls/{}", reference(calls[0]))).await.ok();
    assert_eq!((&sold["buyer_id"], &sold["price"]), (&json!("11"), &Value::Null));
    let page = seller.get(&format!("/calls?{period}")).await.ok();
    assert_eq!(items(&page).len(), 2);
    let failed = seller.get(&format!("/calls?{period}&status=failed")).await.ok();
    let failed: Vec<&str> = items(&failed).iter().map(|call| call["reference"].as_str().unwrap()).collect();
    assert_eq!(failed, [reference(calls[1])]);
    assert_eq!(items(&seller.get("/calls?from=2999-01-01").await.ok()).len(), 0);
    // One at a time, each once.
    let first = seller.get(&format!("/calls?{period}&limit=1")).await.ok();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = seller.get(&format!("/calls?{period}&limit=1&cursor={cursor}")).await.ok();
    assert_ne!(items(&first)[0]["id"], items(&second)[0]["id"]);
    assert_eq!(second["next_cursor"], Value::Null);
    // Who has nothing to do with it finds nothing.
    let stranger = house.key(99, Role::Seller);
    for path in ["/calls", "/auctions", "/account/transactions"] {
        assert_eq!(items(&stranger.get(&format!("{path}?{period}")).await.ok()).len(), 0, "{path}");
    }
    stranger.get(&format!("/calls/{}", reference(calls[0]))).await.refused(StatusCode::NOT_FOUND, 4012);
    stranger.get(&format!("/auctions/{}", reference(calls[0]))).await.refused(StatusCode::NOT_FOUND, 4012);
    stranger.get(&format!("/calls?{period}&account_id=20")).await.refused(StatusCode::FORBIDDEN, 4011);
    acme.get(&format!("/calls/{}", reference(calls[1]))).await.refused(StatusCode::NOT_FOUND, 4012);
    // Auctions and bids.
    for asker in [&seller, &operator, &acme, &zeta] {
        let auctions = asker.get(&format!("/auctions?{period}&status=completed")).await.ok();
        assert_eq!(items(&auctions).len(), 1);
        assert_eq!(items(&auctions)[0]["bids"], 2);
        assert_eq!(asker.get(&format!("/auctions/{}", reference(calls[0]))).await.ok()["status"], "completed");
    }
    let lost = acme.get(&format!("/bids?{period}")).await.ok();
    assert_eq!((items(&lost).len(), &items(&lost)[0]["status"]), (1, &json!("lost")));
    assert_eq!(items(&lost)[0]["reason"]["name"], "LostToHigherBid");
    assert_eq!(items(&acme.get(&format!("/bids?{period}&status=won")).await.ok()).len(), 0);
    let theirs = items(&zeta.get(&format!("/bids?{period}&status=lost")).await.ok()).len();
    assert_eq!((theirs, items(&operator.get(&format!("/bids?{period}")).await.ok()).len()), (0, 2));
    let bid = items(&lost)[0]["id"].as_str().unwrap();
    assert_eq!(acme.get(&format!("/bids/{bid}")).await.ok()["amount"], "5.50");
    zeta.get(&format!("/bids/{bid}")).await.refused(StatusCode::NOT_FOUND, 4012);
    let why = acme.get(&format!("/calls/{}/explain", reference(calls[0]))).await.ok();
    assert_eq!((&why["source"], &why["candidates"][0]["reason"]["code"]), (&json!("recorded"), &json!(102)));
    house.server.stop().unwrap();
}

fn rfc3339(at: Timestamp) -> String {
    // The server says a moment's text with whatever happened then; a test reckons days and clocks by itself.
    let seconds = at.micros() / 1_000_000;
    let (mut days, clock) = (seconds / DAY_SECONDS, seconds % DAY_SECONDS);
    let mut year = 1970;
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}T{:02}:{:02}:{:02}Z", days + 1, clock / 3_600, clock / 60 % 60, clock % 60)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_there_after_a_restart_and_made_again_without_its_folder() {
    let (house, _, _) = old_house().await;
    let paths = [
        "/calls?from=2020-01-01",
        "/auctions?from=2020-01-01",
        "/bids?from=2020-01-01",
        "/metrics/calls",
        "/metrics/bids",
    ];
    let of_account = ["/account/transactions?account_id=11", "/account/statements?account_id=11"];
    let told = async |operator: &Http| {
        let mut told = Vec::new();
        for path in paths.iter().chain(&of_account) {
            let mut page = operator.get(path).await.ok();
            // Each start and each answer may find the log further on.
            strike_sequences(&mut page);
            told.push(page);
        }
        told
    };
    let before = told(&house.operator()).await;
    assert!(before[0]["items"].as_array().unwrap().len() == 2, "{}", before[0]);
    let House { server, dir, .. } = house;
    server.stop().unwrap();
    let server = small(dir.path()).start().unwrap();
    let house = House::of(dir, server);
    assert_eq!(told(&house.operator()).await, before);
    let House { server, dir, .. } = house;
    server.stop().unwrap();
    std::fs::remove_dir_all(dir.path().join("history")).unwrap();
    let server = small(dir.path()).start().unwrap();
    let house = House::of(dir, server);
    assert_eq!(told(&house.operator()).await, before);
    house.server.stop().unwrap();
}

fn strike_sequences(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("sequence");
            fields.values_mut().for_each(strike_sequences);
        }
        Value::Array(values) => values.iter_mut().for_each(strike_sequences),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_statement_comes_in_parts_that_fit_together() {
    let house = House::with(Limits { http_statement_lines_max: 3, ..Limits::default() });
    let (seller, buyers) = house.market(json!({}), 2).await;
    let operator = house.operator();
    let mut at = 0;
    for cents in 1..=7 {
        let deposit = json!({ "account_id": "10", "amount": format!("0.0{cents}") });
        at = operator.post("/account/deposits", deposit).await.created()["sequence"].as_u64().unwrap();
    }
    let buyer = &buyers[0];
    buyer.get("/account/statements?limit=4").await.refused(StatusCode::UNPROCESSABLE_ENTITY, 4004);
    let (mut opening, mut amounts, mut next) = (json!("0.00"), Vec::new(), String::new());
    loop {
        let part = buyer.get(&format!("/account/statements?min_sequence={at}{next}")).await.ok();
        assert_eq!(part["opening"], opening);
        amounts.extend(part["movements"].as_array().unwrap().iter().map(|line| line["amount"].clone()));
        opening = part["closing"].clone();
        match part["next_cursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!((amounts.len(), &opening), (8, &json!("100.28")));
    assert_eq!(buyer.get("/account/balance").await.ok()["balance"], opening);
    // Lines between commas, by parameter and by header.
    let by_name = operator.get("/account/statements?account_id=10&format=csv").await;
    assert_eq!(by_name.headers["content-type"], "text/csv; charset=utf-8");
    let by_header = operator.ask("GET", "/account/statements?account_id=10", None, &[("accept", "text/csv")]).await;
    assert_eq!(by_name.body, by_header.body);
    let text = by_name.body.as_str().unwrap().to_owned();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "at,sequence,kind,amount,balance,currency,call_id,attempt,movement_id");
    assert_eq!((lines[1], lines.len()), (",,opening,,0.00,USD,,,", 6));
    assert!(lines[2].contains(",deposit,100.00,100.00,USD,,,"), "{}", lines[2]);
    assert!(lines.iter().all(|line| line.matches(',').count() == 8));
    // An account's affair, and the house's.
    buyer.get("/account/statements?account_id=11").await.refused(StatusCode::FORBIDDEN, 4011);
    operator.get("/account/statements?account_id=12345").await.refused(StatusCode::NOT_FOUND, 4012);
    buyer
        .get("/account/statements?from=2026-11-30&to=2026-11-30")
        .await
        .refused(StatusCode::UNPROCESSABLE_ENTITY, 4004);
    let wrong = buyer.get("/account/statements?from=yesterday").await.refused(StatusCode::UNPROCESSABLE_ENTITY, 4004);
    assert!(wrong["detail"].as_str().unwrap().contains("2026-11-30T17:40:00Z"), "{wrong}");
    let later = buyer.get("/account/statements?from=2999-01-01").await.ok();
    assert_eq!((&later["opening"], &later["closing"]), (&json!("100.28"), &json!("100.28")));
    let _ = seller;
    house.server.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_of_the_asker_and_reasons_that_were_not_recorded_are_read_from_the_log() {
    // Durable, because the log is read up to what the disk has.
    let dir = tempfile::tempdir().unwrap();
    let server = small(dir.path()).start().unwrap();
    let house = House::of(dir, server);
    let (seller, buyers) = house.market(json!({}), 2).await;
    // It is never invited, and so never told.
    let other =
        json!({ "id": "2", "live": true, "vertical": 5, "destinations": [{ "address": "sip:other@example.com" }] });
    buyers[0].post("/bid-profiles", other).await.created();
    let call = seller.post("/calls", json!({ "listing_id": "1" })).await.created();
    let reference = call["reference"].as_str().unwrap().to_owned();
    seller.post("/auctions", json!({ "call_id": reference, "duration": 60 })).await.created();
    for (buyer, amount) in buyers.iter().zip(["2.00", "3.00"]) {
        buyer.post("/bids", json!({ "auction_id": reference, "amount": amount })).await.created();
    }
    seller.post(&format!("/auctions/{reference}/close"), json!({})).await.ok();
    seller.patch(&format!("/calls/{reference}/status"), json!({ "status": "in_progress" })).await.ok();
    let over = seller.post(&format!("/calls/{reference}/complete"), json!({ "duration_seconds": 180 })).await.ok();
    let at = over["sequence"].as_u64().unwrap();
    let metrics =
        async |asker: &Http, path: &str| asker.get(&format!("{path}?min_sequence={at}")).await.ok()["total"].clone();
    let sold = metrics(&seller, "/metrics/calls").await;
    assert_eq!((&sold["calls"], &sold["completed"], &sold["talked_ms"]), (&json!(1), &json!(1), &json!(180_000)));
    assert_eq!(sold["charged"], Value::Null, "the margin is not told");
    let bought = metrics(&buyers[1], "/metrics/calls").await;
    assert_eq!(
        (&bought["completed"], &bought["charged"], &bought["paid_out"]),
        (&json!(1), &json!("3.00"), &Value::Null)
    );
    assert_eq!(metrics(&buyers[0], "/metrics/calls").await["calls"], 0);
    let bids = metrics(&buyers[0], "/metrics/bids").await;
    assert_eq!((&bids["bids"], &bids["lost"], &bids["amount"]), (&json!(1), &json!(1), &json!("2.00")));
    let all = metrics(&house.operator(), "/metrics/bids").await;
    assert_eq!((&all["bids"], &all["won_amount"]), (&json!(2), &json!("3.00")));
    let refused = (StatusCode::UNPROCESSABLE_ENTITY, 4004);
    seller.get("/metrics/calls?from=2020-01-01").await.refused(refused.0, refused.1);
    buyers[0].get("/metrics/bids?account_id=11").await.refused(StatusCode::FORBIDDEN, 4011);

    let explained = async |path: &str| loop {
        let reply = buyers[0].get(&format!("/calls/{reference}/explain{path}")).await;
        if reply.status != StatusCode::ACCEPTED {
            break reply.ok();
        }
    };
    let recorded = explained("").await;
    assert_eq!((&recorded["source"], recorded["candidates"].as_array().unwrap().len()), (&json!("recorded"), 1));
    let other = explained("?profile_id=2").await;
    assert_eq!((&other["source"], &other["decided_at"]), (&json!("replayed"), &recorded["decided_at"]));
    let every = explained("?replay=true").await;
    assert_eq!(every["source"], "replayed");
    let lost = every["candidates"].as_array().unwrap().iter().find(|said| said["profile_id"] == "1").unwrap();
    assert_eq!(lost["reason"], recorded["candidates"][0]["reason"], "both say the same");
    house.server.stop().unwrap();
}
