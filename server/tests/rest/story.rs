//! The story: by REST alone a call is sold to the better of two bids, talked, and settled to the cent; and through QUIC the
//! same commands give the same events.

use std::ops::ControlFlow;
use std::path::Path;

use dce_client::{
    AccountId as WireAccount, CallId as WireCall, Client, Clocks, ListingId as WireListing, Money as WireMoney,
    MovementId as WireMovement, NewCall, NewListing, NewProfile, PayTerm, Payout, ProfileId as WireProfile, Trust,
};
use dce_engine::event::Event;
use dce_engine::ids::CallId;
use dce_engine::units::Timestamp;
use dce_persistence::{Step, replay};
use dce_server::identity::Role;
use serde_json::{Value, json};

use crate::common::{ACME, House, WEB, ZETA, small};

/// A call of this moment.
fn new_call() -> CallId {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    CallId::at(Timestamp::from_micros(since.as_micros().try_into().unwrap()), 7)
}

fn uuid(id: u128) -> String {
    let hex = format!("{id:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[tokio::test(flavor = "multi_thread")]
async fn by_rest_alone_a_call_goes_to_the_better_bid_and_is_settled_to_the_cent() {
    let dir = tempfile::tempdir().unwrap();
    let server = small(dir.path()).start().unwrap();
    let house = House::of(dir, server);
    let call = new_call();
    tell_by_rest(&house, call).await;
    let House { server, dir, .. } = house;
    server.stop().unwrap();
    let by_rest = events_of(dir.path());

    let dir = tempfile::tempdir().unwrap();
    let server = small(dir.path()).start().unwrap();
    tell_by_quic(&server, call).await;
    server.stop().unwrap();
    assert_eq!(by_rest, events_of(dir.path()), "the same story, the same events");
    assert!(by_rest.iter().any(|event| event.contains("MoneyPosted")));
}

async fn tell_by_rest(house: &House, call: CallId) {
    let operator = house.operator();
    operator.post("/accounts", json!({ "id": "20", "role": "seller" })).await.created();
    for buyer in [ACME, ZETA] {
        let opened = operator.post("/accounts", json!({ "id": buyer.to_string(), "role": "buyer" })).await.created();
        assert_eq!((&opened["status"], &opened["balance"]), (&json!("active"), &json!("0.00")));
        let deposit = json!({ "id": uuid(call.0 + buyer), "account_id": buyer.to_string(), "amount": "50.00" });
        let deposited = operator.post("/account/deposits", deposit).await.created();
        assert_eq!((&deposited["amount"], &deposited["currency"]), (&json!("50.00"), &json!("USD")));
    }
    let listing = json!({
        "id": "1", "seller_id": "20", "payout": { "fixed": "1.75" },
        "payout_term": { "after_seconds": 90, "from": "connect" }, "margin_min": "0.25",
    });
    operator.post("/listings", listing).await.created();
    let (seller, acme, zeta) =
        (house.key(WEB, Role::Seller), house.key(ACME, Role::Buyer), house.key(ZETA, Role::Buyer));
    for (buyer, id) in [(&acme, ACME), (&zeta, ZETA)] {
        let profile = json!({
            "id": "1", "live": true, "pay_term": { "after_seconds": 90, "from": "connect" },
            "destinations": [{ "address": format!("sip:{id}@example.com"), "ring_seconds": 25 }],
        });
        buyer.post("/bid-profiles", profile).await.created();
    }

    let registered = seller.post("/calls", json!({ "id": uuid(call.0), "listing_id": "1" })).await.created();
    assert_eq!(registered["status"], "pending");
    let reference = registered["reference"].as_str().unwrap().to_owned();
    let auction = json!({ "call_id": uuid(call.0), "reserve_price": "2.00", "duration": 30 });
    let opened = seller.post("/auctions", auction).await.created();
    assert_eq!((&opened["status"], &opened["reserve_price"]), (&json!("active"), &json!("2.00")));
    assert_eq!(seller.get(&format!("/calls/{reference}/status")).await.ok()["status"], "queued");

    let found = acme.get("/auctions?wait=20").await.ok();
    assert_eq!(found["items"][0]["id"], reference.as_str());
    assert_eq!(found["items"][0]["reserve_price"], Value::Null, "a reserve is the seller's affair");
    let first = acme.post("/bids", json!({ "auction_id": reference, "amount": "5.50" })).await.created();
    let second = zeta.post("/bids", json!({ "auction_id": reference, "amount": "6.25" })).await.created();
    assert_eq!((&first["status"], &second["status"]), (&json!("active"), &json!("active")), "sealed: nobody leads");

    let closed = seller.post(&format!("/auctions/{reference}/close"), json!({})).await.ok();
    assert_eq!((&closed["status"], &closed["winner_id"]), (&json!("completed"), &json!("11")));
    let at = closed["sequence"].as_u64().unwrap();
    let bid = |bid: &Value| format!("/bids/{}?min_sequence={at}", bid["id"].as_str().unwrap());
    let lost = acme.get(&bid(&first)).await.ok();
    assert_eq!((&lost["status"], &lost["reason"]["name"]), (&json!("lost"), &json!("LostToHigherBid")));
    assert_eq!(zeta.get(&bid(&second)).await.ok()["status"], "won");
    let queued = seller.get(&format!("/calls/{reference}?min_sequence={at}")).await.ok();
    assert_eq!((&queued["status"], &queued["destination"]), (&json!("queued"), &json!("sip:11@example.com")));
    let held = zeta.get(&format!("/account/balance?min_sequence={at}")).await.ok();
    assert_eq!((&held["balance"], &held["held"]), (&json!("50.00"), &json!("6.25")));

    let status = format!("/calls/{reference}/status");
    assert_eq!(seller.patch(&status, json!({ "status": "ringing" })).await.ok()["status"], "ringing");
    assert_eq!(seller.patch(&status, json!({ "status": "in_progress" })).await.ok()["status"], "in_progress");
    let complete = format!("/calls/{reference}/complete");
    let completed = seller.post(&complete, json!({ "duration_seconds": 180 })).await.ok();
    assert_eq!((&completed["status"], &completed["duration_ms"]), (&json!("completed"), &json!(180_000)));
    assert_eq!((&completed["payout"], &completed["price"]), (&json!("1.75"), &Value::Null), "the margin is not told");
    let again = seller.post(&complete, json!({ "duration_seconds": 180 })).await.ok();
    assert_eq!((&again["charged"], &again["paid_out"]), (&json!(true), &json!(true)), "said again, it is as it was");

    let at = completed["sequence"].as_u64().unwrap();
    let balance = async |of: &crate::common::Http, account: &str| {
        of.get(&format!("/account/balance?min_sequence={at}{account}")).await.ok()["balance"].clone()
    };
    assert_eq!(balance(&acme, "").await, "50.00");
    assert_eq!(balance(&zeta, "").await, "43.75");
    assert_eq!(balance(&seller, "").await, "1.75");
    assert_eq!(balance(&operator, "&account_id=0").await, "4.50");

    let lines = zeta.get(&format!("/account/transactions?min_sequence={at}")).await.ok();
    let lines: Vec<(&str, &str)> = lines["items"].as_array().unwrap().iter().map(line).collect();
    assert_eq!(lines, [("deposit", "50.00"), ("held", "6.25"), ("charge", "6.25")]);
    let lines = seller.get("/account/transactions").await.ok();
    let lines: Vec<(&str, &str)> = lines["items"].as_array().unwrap().iter().map(line).collect();
    assert_eq!(lines, [("payout", "1.75")]);

    let statement = zeta.get("/account/statements").await.ok();
    assert_eq!((&statement["opening"], &statement["closing"]), (&json!("0.00"), &json!("43.75")));
    let movements: Vec<(&str, &str)> = statement["movements"].as_array().unwrap().iter().map(line).collect();
    assert_eq!(movements, [("deposit", "50.00"), ("charge", "-6.25")], "what was set aside and spent moved once");
    let statement = seller.get("/account/statements").await.ok();
    assert_eq!((&statement["movements"][0]["amount"], &statement["closing"]), (&json!("1.75"), &json!("1.75")));
    let house_own = operator.get("/account/statements?account_id=0").await.ok();
    assert_eq!((&house_own["movements"][1]["amount"], &house_own["closing"]), (&json!("-1.75"), &json!("4.50")));

    let why = explained(&acme, &reference).await;
    let candidate = &why["candidates"][0];
    assert_eq!(why["candidates"].as_array().unwrap().len(), 1, "a buyer hears of its own");
    assert_eq!((&candidate["buyer_id"], &candidate["verdict"]), (&json!("10"), &json!("lost")));
    assert_eq!((&candidate["reason"]["name"], &candidate["reason"]["code"]), (&json!("LostToHigherBid"), &json!(102)));
    assert_eq!(candidate["missing"], Value::Null, "by how much tells a rival's bid");
    let told = explained(&operator, &reference).await;
    assert_eq!(told["candidates"].as_array().unwrap().len(), 2);
}

async fn explained(asker: &crate::common::Http, reference: &str) -> Value {
    loop {
        let reply = asker.get(&format!("/calls/{reference}/explain")).await;
        if reply.status != hyper::StatusCode::ACCEPTED {
            return reply.ok();
        }
    }
}

fn line(line: &Value) -> (&str, &str) {
    (line["kind"].as_str().unwrap(), line["amount"].as_str().unwrap())
}

async fn tell_by_quic(server: &dce_server::Server, call: CallId) {
    let address = server.address().to_string();
    let trust = || Trust::pem_file(server.certificate()).unwrap();
    let key = std::fs::read_to_string(server.operator_key()).unwrap();
    let operator = Client::connect(&address, trust(), &key).await.unwrap();
    let desk = operator.operator();
    let (web, listing) = (WireAccount(WEB), WireListing(1));
    let money = |text: &str| -> WireMoney { text.parse().unwrap() };
    let term = PayTerm::After { seconds: 90, from: dce_client::ClockStart::Connect };
    desk.open_seller(web, 0).await.unwrap();
    for buyer in [ACME, ZETA] {
        desk.open_buyer(WireAccount(buyer), 0, money("0")).await.unwrap();
        desk.deposit(WireAccount(buyer), WireMovement(call.0 + buyer), money("50")).await.unwrap();
    }
    let terms = NewListing::new(listing).pays_out(Payout::Fixed(1_750_000), term).margin_min(money("0.25"));
    desk.create_listing(web, &terms).await.unwrap();
    let connect = async |account, role| {
        let key = server.create_key(dce_engine::ids::AccountId(account), role).unwrap();
        Client::connect(&address, trust(), key.expose()).await.unwrap()
    };
    let (seller, acme, zeta) =
        (connect(WEB, Role::Seller).await, connect(ACME, Role::Buyer).await, connect(ZETA, Role::Buyer).await);
    for (buyer, id) in [(&acme, ACME), (&zeta, ZETA)] {
        let profile = NewProfile::new(WireProfile(1)).live().pays(term);
        let profile = profile.dial(format!("sip:{id}@example.com").as_bytes(), 25_000);
        buyer.bidder().create_profile(&profile).await.unwrap();
    }
    let (call, sells) = (WireCall(call.0), seller.seller());
    sells.register(&NewCall::new(call, listing)).await.unwrap();
    sells.open_auction(call, 30_000, Some(money("2"))).await.unwrap();
    let lot = dce_client::Lot { profile: WireProfile(1), seller: web, call };
    acme.bidder().bid(lot, money("5.50")).await.unwrap();
    zeta.bidder().bid(lot, money("6.25")).await.unwrap();
    sells.close_auction(call).await.unwrap();
    let leg = dce_client::LegOf::first(call);
    sells.ringing(leg, Clocks::default()).await.unwrap();
    sells.answered(leg, Clocks::default()).await.unwrap();
    let talked = Clocks { since_incoming_ms: 180_000, since_dial_ms: 180_000, since_connect_ms: 180_000 };
    sells.ended(leg, talked).await.unwrap();
}

/// Every event of a log but those of sessions, without the moments at which they happened.
fn events_of(dir: &Path) -> Vec<String> {
    let mut told = Vec::new();
    let each = &mut |step: Step<'_>| {
        if let Step::Replayed(replayed) = step {
            for event in replayed.events {
                if !matches!(event, Event::SessionOpened { .. } | Event::SessionClosed { .. }) {
                    told.push(without_moments(&format!("{event:?}")));
                }
            }
        }
        ControlFlow::Continue(())
    };
    replay(dir, None, each).unwrap();
    told
}

fn without_moments(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("Timestamp(") {
        kept.push_str(before);
        kept.push_str("Timestamp");
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    kept + rest
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_bidders_at_once_the_highest_wins() {
    let house = House::open();
    let (seller, buyers) = house.market(json!({}), 10).await;
    let call = seller.post("/calls", json!({ "listing_id": "1", "caller": "+12065550100" })).await.created();
    let reference = call["reference"].as_str().unwrap().to_owned();
    seller.post("/auctions", json!({ "call_id": reference, "duration": 30 })).await.created();
    let mut bids = Vec::new();
    for (nth, buyer) in buyers.iter().enumerate() {
        let (buyer, auction_id) = (buyer.clone(), reference.clone());
        // 3.07, 3.14, …: each its own, the highest in the middle of the crowd.
        let amount = format!("3.{:02}", (nth + 4) % 10 * 7);
        bids.push(tokio::spawn(async move {
            buyer.post("/bids", json!({ "auction_id": auction_id, "amount": amount })).await.created()
        }));
    }
    for bid in bids {
        bid.await.unwrap();
    }
    let closed = seller.post(&format!("/auctions/{reference}/complete"), json!({})).await.ok();
    assert_eq!((&closed["winner_id"], &closed["bids"]), (&json!("15"), &json!(10)));
    let at = closed["sequence"].as_u64().unwrap();
    let sold = house.operator().get(&format!("/calls/{reference}?min_sequence={at}")).await.ok();
    assert_eq!((&sold["price"], &sold["status"]), (&json!("3.63"), &json!("queued")));
    for (nth, buyer) in buyers.iter().enumerate() {
        let bids = buyer.get(&format!("/bids?min_sequence={at}")).await.ok();
        let expected = if nth == 5 { "won" } else { "lost" };
        assert_eq!(bids["items"][0]["status"], expected, "buyer {nth}");
    }
    house.server.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shown_is_shown_again_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let server = small(dir.path()).start().unwrap();
    let house = House::of(dir, server);
    let (seller, buyers) = house.market(json!({ "open": true, "withdrawable": true }), 2).await;
    let call = seller.post("/calls", json!({ "listing_id": "1" })).await.created();
    let reference = call["reference"].as_str().unwrap().to_owned();
    seller.post("/auctions", json!({ "call_id": reference, "duration": 60 })).await.created();
    let leads = buyers[0].post("/bids", json!({ "auction_id": reference, "amount": "2.00" })).await.created();
    assert_eq!(leads["status"], "winning");
    let bid = buyers[1].post("/bids", json!({ "auction_id": reference, "amount": "3.00" })).await.created();
    assert_eq!(bid["status"], "winning");
    let paths = ["/listings", "/bid-profiles", "/calls", "/auctions", "/bids", "/accounts"];
    let operator = house.operator();
    let mut before = Vec::new();
    for path in paths {
        before.push(operator.get(path).await.ok());
    }
    assert_eq!(before[4]["items"][0]["status"], "active", "another leads");
    let House { server, dir, .. } = house;
    server.stop().unwrap();
    let server = small(dir.path()).start().unwrap();
    let house = House::of(dir, server);
    let operator = house.operator();
    for (path, before) in paths.iter().zip(&before) {
        assert_eq!(&operator.get(path).await.ok(), before, "{path}");
    }
    let withdrawn = buyers_key(&house).delete(&format!("/bids/{}", bid["id"].as_str().unwrap())).await;
    assert_eq!(withdrawn.status, hyper::StatusCode::NO_CONTENT);
    house.server.stop().unwrap();
}

fn buyers_key(house: &House) -> crate::common::Http {
    house.key(ZETA, Role::Buyer)
}
