//! What is set of a market and of those who trade in it: in a plan's words, told by field what is wrong, and in force.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::common::{ACME, House, Http, WEB};

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

async fn put(asker: &Http, path: &str, body: Value) -> crate::common::Reply {
    asker.ask("PUT", path, Some(body), &[]).await
}

/// A market in which callers have a state and may be litigators.
async fn vocabulary(operator: &Http) {
    let state = json!({ "name": "state", "kind": "category", "values_max": 60, "values": ["CA", "TX"] });
    put(operator, "/attributes/0", state).await.ok();
    put(operator, "/attributes/1", json!({ "name": "litigator", "kind": "boolean" })).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_of_the_document_is_taken_and_taken_again() {
    let house = House::open();
    house.market(json!({}), 1).await;
    let operator = house.operator();
    vocabulary(&operator).await;
    let document = operator.get("/openapi.json").await.ok();
    let (mut sent, mut told_back) = (0, 0);
    for (path, item) in document["paths"].as_object().unwrap() {
        let schema = item["put"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str();
        let Some(name) = schema.and_then(|schema| schema.rsplit('/').next()) else { continue };
        let example = &document["components"]["schemas"][name]["examples"][0];
        if example.is_null() {
            continue;
        }
        let path = path.strip_prefix("/api/v1").unwrap();
        let of_a_buyer = ["/bid-profiles", "/groups", "/calendars", "/account/duplicates", "/account/quota"];
        let owner = if of_a_buyer.iter().any(|start| path.starts_with(start)) { ACME } else { WEB };
        let filled: Vec<&str> = path
            .split('/')
            .map(|part| match part {
                "{buyer_id}" => "10",
                "{nth}" => "2",
                "{attribute_id}" | "{value_set_id}" => "0",
                part if part.starts_with('{') => "1",
                plain => plain,
            })
            .collect();
        let path = format!("{}?account_id={owner}", filled.join("/"));
        let first = put(&operator, &path, example.clone()).await.ok();
        let again = put(&operator, &path, example.clone()).await.ok();
        assert!(first["sequence"].as_u64().unwrap() > 0, "{path}: {first}");
        assert_eq!(again["repeated"], true, "{path}: {again}");
        sent += 1;
        if item["get"].is_null() {
            continue;
        }
        // What is answered says the same: whoever sends it back changes nothing.
        let told = operator.get(&format!("{path}&min_sequence={}", first["sequence"])).await;
        assert_eq!(told.headers["etag"].to_str().unwrap(), format!("\"{}\"", first["sequence"]), "{path}");
        let told = told.ok();
        let back = put(&operator, &path, told.clone()).await.ok();
        assert_eq!(back["repeated"], true, "{path}: {told}");
        told_back += 1;
    }
    assert!(sent >= 21 && told_back >= 18, "{sent} had examples, {told_back} were told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_the_field_and_what_was_probably_meant() {
    let house = House::open();
    let (seller, buyers) = house.market(json!({}), 1).await;
    vocabulary(&house.operator()).await;
    let quota = |rule: Value| json!({ "rules": [{ "live": 3 }, rule] });
    for (asker, path, body, field, words) in [
        (&seller, "/account/quota", quota(json!({ "money": "2.50" })), "rules[1]", "lacks `per`"),
        (&seller, "/account/quota", json!({ "rulse": [] }), "rulse", "did you mean `rules`?"),
        (
            &seller,
            "/account/quota",
            quota(json!({ "attempts": "many", "per": "day" })),
            "rules[1].attempts",
            "a number",
        ),
        (&seller, "/listings/1/policy", json!({ "kind": "rond robin" }), "kind", "did you mean `round robin`?"),
        (
            &seller,
            "/listings/1/screen",
            json!([{ "refuse": "LitigatorListed", "when": { "litigater": true } }]),
            "[0].when.litigater",
            "did you mean `litigator`?",
        ),
        (
            &seller,
            "/listings/1/screen",
            json!([{ "refuse": "LitigatorListed", "when": { "state": "TQ" } }]),
            "[0].when.state",
            "no value of `state`",
        ),
        (&buyers[0], "/calendars/1", json!({ "open": { "mon": "9-17" } }), "open.mon", "9-17"),
        (
            &buyers[0],
            "/bid-profiles/1/modifiers",
            json!({ "modifiers": { "state": { "is": "TX" } } }),
            "modifiers.state",
            "takes `times` or `plus`",
        ),
        (&buyers[0], "/bid-profiles/1/quota", json!({ "spacing": 5 }), "spacing", "not a length"),
    ] {
        let problem = put(asker, path, body).await.refused(UNPROCESSABLE, 4004);
        assert_eq!(problem["field"], field, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
    }
    let missing = put(&house.operator(), "/attributes/5", json!({ "kind": "boolean" })).await;
    assert_eq!(missing.refused(UNPROCESSABLE, 4003)["field"], "name");
    let fraction = put(&seller, "/account/quota", quota(json!({ "money": 2.5, "per": "day" }))).await;
    assert_eq!(fraction.refused(UNPROCESSABLE, 4004)["field"], "rules[1].money");
    let twice = br#"{"spacing":"1s","spacing":"2s"}"#;
    seller.ask_raw("PUT", "/api/v1/account/quota", twice, &[]).await.refused(UNPROCESSABLE, 4004);
    // What no form decides, the exchange does, with its own code.
    put(&seller, "/listings/9/policy", json!({})).await.refused(StatusCode::NOT_FOUND, 1402);
    put(&seller, "/listings/none/policy", json!({})).await.refused(StatusCode::NOT_FOUND, 4012);
    put(&seller, "/listings/1/frequency", json!({ "calls": 16, "window": "24h" })).await.refused(UNPROCESSABLE, 1102);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_is_in_force_until_it_is_lifted() {
    let house = House::open();
    let (seller, buyers) = house.market(json!({}), 1).await;
    vocabulary(&house.operator()).await;
    buyers[0].patch("/bid-profiles/1", json!({ "bid": "5.00" })).await.ok();
    let offer =
        |facts: Value, caller: &str| json!({ "listing_id": "1", "route": true, "facts": facts, "caller": caller });
    let status = async |facts: Value, caller: &str| {
        seller.post("/calls", offer(facts, caller)).await.created()["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status(json!({}), "+12065550100").await, "queued");

    let screen = json!([{ "refuse": "LitigatorListed", "when": { "litigator": true } }]);
    put(&seller, "/account/screen", screen).await.ok();
    assert_eq!(status(json!({ "litigator": true }), "+12065550101").await, "failed");
    assert_eq!(status(json!({ "litigator": false }), "+12065550102").await, "queued");
    put(&seller, "/account/screen", json!([])).await.ok();
    assert_eq!(status(json!({ "litigator": true }), "+12065550103").await, "queued");

    put(&seller, "/listings/1/frequency", json!({ "calls": 1, "window": "24h" })).await.ok();
    assert_eq!(status(json!({}), "+12065550104").await, "queued");
    assert_eq!(status(json!({}), "+12065550104").await, "failed");
    seller.delete("/listings/1/frequency").await.ok();
    assert_eq!(status(json!({}), "+12065550104").await, "queued");

    let suppressed = json!({ "caller": "+1 206 555 0105", "until": "2099-01-01T00:00:00Z" });
    let subject = seller.post("/account/suppressions", suppressed).await.created()["subject_id"].clone();
    assert_eq!(status(json!({}), "+12065550105").await, "failed");
    seller.delete(&format!("/account/suppressions/{}", subject.as_str().unwrap())).await.ok();
    assert_eq!(status(json!({}), "+12065550105").await, "queued");

    put(&buyers[0], "/bid-profiles/1/quota", json!({ "rules": [{ "attempts": 0, "per": "day" }] })).await.ok();
    assert_eq!(status(json!({}), "+12065550106").await, "failed");
    put(&buyers[0], "/bid-profiles/1/quota", json!({})).await.ok();
    assert_eq!(status(json!({}), "+12065550107").await, "queued");

    let none = json!({ "modifiers": { "state": { "is": "TX", "times": 0 } } });
    put(&buyers[0], "/bid-profiles/1/modifiers", none).await.ok();
    assert_eq!(status(json!({ "state": "TX" }), "+12065550108").await, "failed");
    assert_eq!(status(json!({ "state": "CA" }), "+12065550109").await, "queued");
    put(&buyers[0], "/bid-profiles/1/modifiers", json!({})).await.ok();
    assert_eq!(status(json!({ "state": "TX" }), "+12065550110").await, "queued");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_is_changed_by_who_knows_what_it_is() {
    let house = House::open();
    let (seller, buyers) = house.market(json!({}), 1).await;
    vocabulary(&house.operator()).await;
    let (path, failed) = ("/listings/1/deals/10", StatusCode::PRECONDITION_FAILED);
    seller.get(path).await.refused(StatusCode::NOT_FOUND, 4012);
    let deal = |floor: &str| Some(json!({ "floor": floor }));
    seller.ask("PUT", path, deal("1.00"), &[("if-match", "*")]).await.refused(failed, 4013);
    let made = put(&seller, path, json!({ "floor": "1.00" })).await.ok();
    let read = seller.get(&format!("{path}?min_sequence={}", made["sequence"])).await;
    let etag = read.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(read.ok(), json!({ "floor": "1.00" }));
    buyers[0].get(path).await.refused(StatusCode::FORBIDDEN, 4011);
    let held = [("if-match", etag.as_str())];
    seller.ask("PUT", path, deal("2.00"), &held).await.ok();
    seller.ask("PUT", path, deal("3.00"), &held).await.refused(failed, 4013);
    seller.ask("DELETE", path, None, &held).await.refused(failed, 4013);
    let lifted = seller.ask("DELETE", path, None, &[("if-match", "*")]).await.ok();
    let gone = seller.get(&format!("{path}?min_sequence={}", lifted["sequence"])).await;
    gone.refused(StatusCode::NOT_FOUND, 4012);

    // In the words of a plan, whatever words it was set with.
    let modifiers = json!({ "max_bid": "9.5", "modifiers": { "state": { "is": "TX", "times": "1.20" } } });
    let set = put(&buyers[0], "/bid-profiles/1/modifiers", modifiers).await.ok();
    let told = buyers[0].get(&format!("/bid-profiles/1/modifiers?min_sequence={}", set["sequence"])).await.ok();
    let expected = json!({ "max_bid": "9.50", "modifiers": { "state": [{ "is": "TX", "times": "1.2" }] } });
    assert_eq!(told, expected);
    let open = json!({ "open": { "mon-tue": "09:00-17:00" }, "holidays": [{ "on": "2026-12-25" }] });
    let set = put(&buyers[0], "/calendars/1", open).await.ok();
    let told = buyers[0].get(&format!("/calendars/1?min_sequence={}", set["sequence"])).await.ok();
    assert_eq!(told["open"], json!({ "mon": ["09:00-17:00"], "tue": ["09:00-17:00"] }));
    // With the profile goes what was set of it.
    buyers[0].delete("/bid-profiles/1").await;
    let gone = async {
        while buyers[0].get("/bid-profiles/1/modifiers").await.status != StatusCode::NOT_FOUND {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(crate::common::PATIENCE, gone).await.unwrap();
}
