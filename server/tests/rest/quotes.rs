//! Quotes: asked, confirmed, arrived at and taken back; and who may see what of them.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::common::House;

const CALLER: &str = "+12065550100";

#[tokio::test(flavor = "multi_thread")]
async fn a_firm_quote_keeps_a_buyer_until_its_caller_arrives() {
    let house = House::open();
    let (seller, buyers) = house.market(json!({ "payout": { "share_basis_points": 8_000 } }), 2).await;
    let operator = house.operator();
    buyers[0].patch("/bid-profiles/1", json!({ "bid": "5.00" })).await.ok();
    let ask = json!({ "listing_id": "1", "caller": CALLER, "firm": true });
    seller.post("/quotes", ask.clone()).await.refused(StatusCode::TOO_MANY_REQUESTS, 1922);
    buyers[0].post("/quotes", ask.clone()).await.refused(StatusCode::FORBIDDEN, 4011);
    let allowed = Some(json!({ "firm_quotes": 1 }));
    operator.ask("PUT", "/account/firm-quotes?account_id=20", allowed, &[]).await.ok();
    let quote = seller.post("/quotes", ask.clone()).await.created();
    let told = [&quote["status"], &quote["buyer_id"], &quote["payout"], &quote["price"]];
    assert_eq!(told, [&json!("firm"), &json!("10"), &json!("4.00"), &Value::Null], "{quote}");
    assert!(quote["expires_at"].is_string());
    let again = seller.post("/quotes", ask).await.created();
    assert_eq!(again["id"], quote["id"], "the same caller and facts have the same quote");

    let (id, reference) = (quote["id"].as_str().unwrap(), quote["reference"].as_str().unwrap());
    let path = format!("/quotes/{reference}");
    assert_eq!(seller.get(&format!("/quotes/{id}")).await.ok()["status"], "firm");
    assert_eq!(operator.get(&path).await.ok()["price"], "5.00");
    let kept = buyers[0].get(&path).await.ok();
    assert_eq!((&kept["price"], &kept["payout"]), (&json!("5.00"), &Value::Null));
    buyers[1].get(&path).await.refused(StatusCode::NOT_FOUND, 4012);
    assert_eq!(seller.get(&format!("/calls/{id}")).await.ok()["status"], "pending");

    let route = format!("/calls/{id}/route");
    let conflict = StatusCode::CONFLICT;
    seller.post(&route, json!({ "caller": "+12065550199" })).await.refused(conflict, 1521);
    seller.ask("POST", &route, None, &[]).await.refused(conflict, 1521);
    let routed = seller.post(&route, json!({ "caller": CALLER })).await.ok();
    assert_eq!((&routed["status"], &routed["payout"]), (&json!("queued"), &json!("4.00")));
    let arrived = seller.get(&format!("{path}?min_sequence={}", routed["sequence"])).await.ok();
    assert_eq!((&arrived["status"], &arrived["buyer_id"]), (&json!("arrived"), &Value::Null));
    seller.post(&format!("{path}/confirm"), json!({})).await.refused(conflict, 1503);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_indicative_quote_binds_nobody_until_it_is_confirmed() {
    let house = House::open();
    let (seller, buyers) = house.market(json!({}), 1).await;
    let operator = house.operator();
    let declined = seller.post("/quotes", json!({ "listing_id": "1" })).await.created();
    assert_eq!((&declined["status"], &declined["reason"]["code"]), (&json!("declined"), &json!(530)), "{declined}");

    buyers[0].patch("/bid-profiles/1", json!({ "bid": "5.00" })).await.ok();
    let quote = seller.post("/quotes", json!({ "listing_id": "1", "subject_id": "7" })).await.created();
    assert_eq!((&quote["status"], &quote["payout"]), (&json!("indicative"), &json!("5.00")));
    assert_eq!((&quote["buyer_id"], &quote["price"]), (&Value::Null, &Value::Null));
    let path = format!("/quotes/{}", quote["reference"].as_str().unwrap());
    buyers[0].get(&path).await.refused(StatusCode::NOT_FOUND, 4012);
    let confirm = format!("{path}/confirm");
    seller.post(&confirm, json!({})).await.refused(StatusCode::TOO_MANY_REQUESTS, 1922);
    let allowed = Some(json!({ "firm_quotes": 1 }));
    operator.ask("PUT", "/account/firm-quotes?account_id=20", allowed, &[]).await.ok();
    let firm = seller.ask("POST", &confirm, None, &[]).await.ok();
    assert_eq!((&firm["status"], &firm["buyer_id"]), (&json!("firm"), &json!("10")));
    assert_eq!(seller.ask("POST", &confirm, None, &[]).await.ok()["expires_at"], firm["expires_at"]);

    let status = format!("/calls/{}/status", quote["id"].as_str().unwrap());
    let taken = seller.patch(&status, json!({ "status": "canceled" })).await.ok();
    let over = seller.get(&format!("{path}?min_sequence={}", taken["sequence"])).await.ok();
    assert_eq!(over["status"], "canceled");
    let route = format!("/calls/{}/route", quote["id"].as_str().unwrap());
    seller.post(&route, json!({ "subject_id": "7" })).await.refused(StatusCode::CONFLICT, 1522);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_quote_may_not_say_is_refused_by_field() {
    let house = House::open();
    let (seller, _) = house.market(json!({}), 0).await;
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let ask = |more: Value| {
        let mut body = json!({ "listing_id": "1" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for life in [0, 601] {
        let refused = seller.post("/quotes", ask(json!({ "life_seconds": life }))).await.refused(unprocessable, 4004);
        assert_eq!(refused["field"], "life_seconds");
    }
    let both = ask(json!({ "caller": CALLER, "subject_id": "7" }));
    assert_eq!(seller.post("/quotes", both).await.refused(unprocessable, 4004)["field"], "subject_id");
    seller.post("/quotes", ask(json!({ "window": 5 }))).await.refused(unprocessable, 4002);
    // A call that was registered was never quoted.
    let call = seller.post("/calls", json!({ "listing_id": "1" })).await.created();
    let path = format!("/quotes/{}", call["reference"].as_str().unwrap());
    seller.get(&path).await.refused(StatusCode::NOT_FOUND, 4012);
    seller.post(&format!("{path}/confirm"), json!({})).await.refused(StatusCode::CONFLICT, 1524);
}
