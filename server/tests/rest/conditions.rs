//! Reading and changing: pages, places of the log, conditions, and that what QUIC did is shown here too.

use dce_engine::commands::PauseProfile;
use dce_engine::ids::{AccountId, ProfileId};
use dce_server::identity::Role;
use hyper::StatusCode;
use serde_json::{Value, json};

use crate::common::{ACME, House};

#[tokio::test(flavor = "multi_thread")]
async fn a_change_based_on_what_is_no_longer_so_is_refused() {
    let house = House::open();
    let (_, buyers) = house.market(json!({}), 1).await;
    let buyer = &buyers[0];
    let read = buyer.get("/bid-profiles/1").await;
    let etag = read.headers["etag"].to_str().unwrap().to_owned();
    let bid = |amount: &str| Some(json!({ "bid": amount }));
    let path = "/bid-profiles/1";
    let changed = buyer.ask("PATCH", path, bid("3.00"), &[("if-match", &etag)]).await;
    let newer = changed.headers["etag"].to_str().unwrap().to_owned();
    assert_ne!(etag, newer);
    assert_eq!(changed.ok()["bid"], "3.00");
    let stale = [("if-match", etag.as_str())];
    buyer.ask("PATCH", path, bid("4.00"), &stale).await.refused(StatusCode::PRECONDITION_FAILED, 4013);
    buyer.ask("DELETE", path, None, &stale).await.refused(StatusCode::PRECONDITION_FAILED, 4013);
    for wrong in ["7", "\"x\"", "W/\"7\""] {
        let wrong = [("if-match", wrong)];
        buyer.ask("PATCH", path, bid("4.00"), &wrong).await.refused(StatusCode::BAD_REQUEST, 4014);
    }
    let taken = buyer.ask("PATCH", path, Some(json!({ "bid": null })), &[("if-match", "*")]).await.ok();
    assert_eq!(taken["bid"], Value::Null);
    let two = Some(json!({ "paused": true, "bid": "1.00" }));
    buyer.ask("PATCH", path, two, &[]).await.refused(StatusCode::UNPROCESSABLE_ENTITY, 4004);
    assert_eq!(buyer.patch(path, json!({ "paused": true })).await.ok()["paused"], true);

    // Of many who hold the same ETag, one wins.
    let etag = buyer.get(path).await.headers["etag"].to_str().unwrap().to_owned();
    let mut tries = Vec::new();
    for nth in 1..=8 {
        let (buyer, etag) = (buyer.clone(), etag.clone());
        tries.push(tokio::spawn(async move {
            let body = json!({ "bid": format!("{nth}.00") });
            buyer.ask("PATCH", path, Some(body), &[("if-match", &etag)]).await.status
        }));
    }
    let mut won = 0;
    for tried in tries {
        won += usize::from(tried.await.unwrap() == StatusCode::OK);
    }
    assert_eq!(won, 1);
    assert_eq!(buyer.delete(path).await.status, StatusCode::NO_CONTENT);
    let gone = async {
        while buyer.get(path).await.status != StatusCode::NOT_FOUND {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(crate::common::PATIENCE, gone).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_is_changed_part_by_part_and_shown_whole() {
    let house = House::open();
    let terms = json!({ "pricing": "second_price", "increment": "0.10", "reserve_price": "1.00", "open": true,
        "payout": { "share_basis_points": 8_000 }, "duration_max_seconds": 600, "withdrawable": true });
    let (seller, _) = house.market(terms.clone(), 0).await;
    let read = seller.get("/listings/1").await.ok();
    for (name, value) in terms.as_object().unwrap() {
        assert_eq!(&read[name], value, "{name}");
    }
    for change in [
        json!({ "window": { "early_close": true, "answer_within_ms": 400 } }),
        json!({ "private": true }),
        json!({ "tells_price_to_win": true }),
        json!({ "delivery": { "recover_below_seconds": 20, "recoveries_max": 2,
            "fallback": { "address": "sip:back@example.com", "ring_seconds": 20 } } }),
    ] {
        let shown = seller.patch("/listings/1", change.clone()).await.ok();
        let (name, value) = change.as_object().unwrap().iter().next().unwrap();
        assert_eq!(&shown[name], value, "{name}");
    }
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    seller.patch("/listings/1", json!({})).await.refused(unprocessable, 4004);
    seller.patch("/listings/1", json!({ "reserve_price": "2.00" })).await.refused(unprocessable, 4002);
    let both = json!({ "id": "2", "seller_id": "20", "payout": { "fixed": "1.00", "share_basis_points": 1 } });
    house.operator().post("/listings", both).await.refused(unprocessable, 4004);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_walked_in_pages_and_what_others_did_is_in_them() {
    let house = House::open();
    let (seller, buyers) = house.market(json!({}), 1).await;
    let (mut made, mut at) = (Vec::new(), 0);
    for _ in 0..7 {
        let call = seller.post("/calls", json!({ "listing_id": "1" })).await.created();
        made.push(call["id"].clone());
        at = call["sequence"].as_u64().unwrap();
    }
    let (mut seen, mut path) = (Vec::new(), format!("/calls?limit=3&min_sequence={at}"));
    let mut pages = 0;
    loop {
        let page = seller.get(&path).await.ok();
        pages += 1;
        seen.extend(page["items"].as_array().unwrap().iter().map(|call| call["id"].clone()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/calls?limit=3&cursor={cursor}");
    }
    let sorted = |ids: &[Value]| {
        let mut ids: Vec<String> = ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!((pages, sorted(&seen)), (3, sorted(&made)));

    for nth in 0..3 {
        let deposit = json!({ "account_id": ACME.to_string(), "amount": format!("{}.00", nth + 1) });
        let deposited = house.operator().post("/account/deposits", deposit).await.created();
        at = deposited["sequence"].as_u64().unwrap();
    }
    let (mut lines, mut path) = (0, format!("/account/transactions?limit=1&min_sequence={at}"));
    loop {
        let page = buyers[0].get(&path).await.ok();
        lines += page["items"].as_array().unwrap().len();
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/account/transactions?limit=1&cursor={cursor}");
    }
    assert_eq!(lines, 4, "the first deposit came with the account");

    // A command that came another way, and a read that waits for it.
    let pause = PauseProfile { buyer: AccountId(ACME), profile: ProfileId(1) };
    let paused = house.server.handle().submit(&pause.into()).unwrap().wait();
    let path = format!("/bid-profiles/1?min_sequence={}", paused.sequence.0);
    let shown = buyers[0].get(&path).await.ok();
    assert!(shown["paused"] == true && shown["sequence"].as_u64().unwrap() >= paused.sequence.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_auctions_waits_until_there_is_one_and_a_stop_does_not_wait_for_it() {
    let house = House::open();
    let (seller, buyers) = house.market(json!({}), 1).await;
    let waiting = buyers[0].clone();
    let waiting = tokio::spawn(async move { waiting.get("/auctions?wait=20").await.ok() });
    let call = seller.post("/calls", json!({ "listing_id": "1" })).await.created();
    seller.post("/auctions", json!({ "call_id": call["id"], "duration_ms": 30_000 })).await.created();
    assert_eq!(waiting.await.unwrap()["items"][0]["id"], call["reference"]);
    assert_eq!(house.key(30, Role::Seller).get("/auctions?wait=0").await.ok()["items"], json!([]));

    let idle = house.key(31, Role::Seller);
    let waiting = tokio::spawn(async move { idle.get("/auctions?wait=20").await.ok() });
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let House { server, dir, .. } = house;
    let stopped = tokio::task::spawn_blocking(move || server.stop());
    stopped.await.unwrap().unwrap();
    assert_eq!(waiting.await.unwrap()["items"], json!([]), "it was answered");
    drop(dir);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_served_and_so_is_its_page() {
    let house = House::open();
    let document = house.stranger().get("/openapi.json").await.ok();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"].as_object().unwrap().len() > 20);
    assert!(document["components"]["schemas"]["Problem"].is_object());
    let page = house.stranger().ask_raw("GET", "/swagger/", b"", &[]).await.ok();
    assert!(page.as_str().unwrap().contains("swagger-ui"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_offer_is_answered_with_is_what_is_read_of_it() {
    let house = House::open();
    let (seller, buyers) = house.market(json!({}), 1).await;
    let fallback = json!({ "recover_below_seconds": 0, "recoveries_max": 0,
        "fallback": { "address": "sip:back@example.com", "ring_seconds": 20 } });
    let standing = json!({ "id": "2", "bid": "4.00", "caps": { "concurrency": 1 },
        "destinations": [{ "address": "sip:two@example.com" }] });
    buyers[0].post("/bid-profiles", standing).await.created();
    let mut statuses = Vec::new();
    for (route, change) in [(false, None), (true, None), (true, None), (true, Some(fallback))] {
        if let Some(fallback) = change {
            seller.patch("/listings/1", json!({ "delivery": fallback })).await.ok();
        }
        let said = seller.post("/calls", json!({ "listing_id": "1", "route": route })).await.created();
        let (id, at) = (said["id"].as_str().unwrap(), said["sequence"].as_u64().unwrap());
        let mut read = seller.get(&format!("/calls/{id}?min_sequence={at}")).await.ok();
        read["sequence"] = said["sequence"].clone();
        assert_eq!(said, read);
        statuses.push(said["status"].as_str().unwrap().to_owned());
        let again = seller.post("/calls", json!({ "id": id, "listing_id": "1", "route": route })).await.created();
        assert_eq!(again["status"], said["status"]);
    }
    assert_eq!(statuses, ["pending", "queued", "failed", "queued"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_closed_once_it_has_no_profiles_and_begins_nothing_then() {
    let house = House::open();
    let (_, buyers) = house.market(json!({}), 1).await;
    let (buyer, operator) = (&buyers[0], house.operator());
    let path = format!("/accounts/{ACME}");
    let read = operator.get(&path).await;
    let etag = read.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(read.ok()["status"], "active");
    let held = [("if-match", etag.as_str())];
    operator.delete(&path).await.refused(StatusCode::CONFLICT, 1208);
    buyer.delete(&path).await.refused(StatusCode::FORBIDDEN, 4011);
    assert_eq!(buyer.delete("/bid-profiles/1").await.status, StatusCode::NO_CONTENT);
    assert_eq!(operator.ask("DELETE", &path, None, &held).await.status, StatusCode::NO_CONTENT);
    operator.ask("DELETE", &path, None, &held).await.refused(StatusCode::PRECONDITION_FAILED, 4013);
    assert_eq!(operator.delete(&path).await.status, StatusCode::NO_CONTENT, "closing twice is closing once");
    assert_eq!(operator.get(&path).await.ok()["status"], "closed");
    let more = json!({ "account_id": ACME.to_string(), "amount": "1.00" });
    operator.post("/account/deposits", more).await.refused(StatusCode::CONFLICT, 1207);
    operator.delete("/accounts/0").await.refused(StatusCode::UNPROCESSABLE_ENTITY, 1103);
    assert_eq!(operator.delete("/accounts/999").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_moves_to_a_zone_that_is_set_and_its_etag_with_it() {
    let house = House::open();
    let (_, buyers) = house.market(json!({}), 1).await;
    let (buyer, operator) = (&buyers[0], house.operator());
    let path = format!("/accounts/{ACME}");
    let read = operator.get(&path).await;
    let etag = read.headers["etag"].to_str().unwrap().to_owned();
    let held = [("if-match", etag.as_str())];
    operator.patch(&path, json!({ "zone": 3 })).await.refused(StatusCode::UNPROCESSABLE_ENTITY, 1310);
    operator.patch(&path, json!({ "role": "seller" })).await.refused(StatusCode::UNPROCESSABLE_ENTITY, 4002);
    operator.patch(&path, json!({})).await.refused(StatusCode::UNPROCESSABLE_ENTITY, 4003);
    buyer.patch(&path, json!({ "zone": 0 })).await.refused(StatusCode::FORBIDDEN, 4011);
    let zone = json!([{ "from": "2020-01-01T00:00:00Z", "offset": "+12:00" }]);
    operator.ask("PUT", "/zones/3", Some(zone), &[]).await.ok();
    let moved = operator.ask("PATCH", &path, Some(json!({ "zone": 3 })), &held).await;
    let newer = moved.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(moved.ok()["zone"], 3);
    assert_ne!(newer, etag);
    operator
        .ask("PATCH", &path, Some(json!({ "zone": 0 })), &held)
        .await
        .refused(StatusCode::PRECONDITION_FAILED, 4013);
    operator.ask("DELETE", &path, None, &held).await.refused(StatusCode::PRECONDITION_FAILED, 4013);
    let again = operator.patch(&path, json!({ "zone": 3 })).await;
    assert_eq!(again.headers["etag"].to_str().unwrap(), newer, "moving there again is no change");
    assert_eq!(buyer.get(&path).await.ok()["zone"], 3);
    operator.patch("/accounts/999", json!({ "zone": 0 })).await.refused(StatusCode::NOT_FOUND, 4012);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_off_the_market_has_its_calls_and_no_new_ones() {
    let house = House::open();
    let (seller, buyers) = house.market(json!({}), 1).await;
    let call = seller.post("/calls", json!({ "listing_id": "1" })).await.created();
    let read = seller.get("/listings/1").await;
    let etag = read.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(read.ok()["status"], "active");
    seller.patch("/listings/1", json!({ "private": false })).await.ok();
    seller.patch("/listings/1", json!({ "tells_price_to_win": true })).await.ok();
    let stale = [("if-match", etag.as_str())];
    seller.ask("DELETE", "/listings/1", None, &stale).await.refused(StatusCode::PRECONDITION_FAILED, 4013);
    buyers[0].delete("/listings/1").await.refused(StatusCode::FORBIDDEN, 4011);
    assert_eq!(seller.delete("/listings/9").await.status, StatusCode::NOT_FOUND);
    assert_eq!(seller.delete("/listings/1").await.status, StatusCode::NO_CONTENT);
    assert_eq!(seller.delete("/listings/1").await.status, StatusCode::NO_CONTENT, "twice is once");
    seller.post("/calls", json!({ "listing_id": "1" })).await.refused(StatusCode::CONFLICT, 1406);
    seller.patch("/listings/1", json!({ "private": true })).await.refused(StatusCode::CONFLICT, 1406);
    let deal = Some(json!({ "floor": "1.00" }));
    seller.ask("PUT", "/listings/1/deals/10", deal, &[]).await.refused(StatusCode::CONFLICT, 1406);
    let auction = json!({ "call_id": call["reference"], "duration": 60 });
    let auction = seller.post("/auctions", auction).await.created();
    let bid = json!({ "auction_id": auction["id"], "amount": "2.00" });
    buyers[0].post("/bids", bid).await.created();
    let listed = seller.get("/listings").await.ok();
    assert_eq!(listed["items"][0]["status"], "delisted");
}
