//! Refusals: problem details with stable codes, which name the field and say what to do; and keys that name repeats.

use dce_server::identity::Role;
use hyper::StatusCode;
use serde_json::{Value, json};

use crate::common::{ACME, House, WEB};

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
/// A UUIDv7 that is too old for anything.
const OLD: &str = "01800000-0000-7000-8000-000000000001";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_body_is_said_of_its_field() {
    let house = House::open();
    let operator = house.operator();
    let account = |extra: Value| {
        let mut body = json!({ "id": "7", "role": "buyer" });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    for (extra, code, field) in [
        (json!({ "colour": "red" }), 4002, json!("colour")),
        (json!({ "deposit": 5 }), 4004, json!("deposit")),
        (json!({ "deposit": "5,00" }), 4004, json!("deposit")),
        (json!({ "deposit": "0.0000001" }), 4004, json!("deposit")),
        (json!({ "role": "king" }), 4004, json!("role")),
        (json!({ "zone": 70_000 }), 4004, json!("zone")),
        (json!({ "id": "seven" }), 4004, json!("id")),
        (json!({ "vertical": 1 }), 4003, json!("destination")),
        (json!({ "zone": 9 }), 1310, Value::Null),
        (json!({ "id": "0" }), 1103, Value::Null),
        (json!({ "deposit": "-1" }), 1101, Value::Null),
    ] {
        let reply = operator.post("/accounts", account(extra.clone())).await;
        let problem = reply.refused(UNPROCESSABLE, code);
        assert_eq!(problem["field"], field, "{extra}");
        assert!(problem["detail"].as_str().unwrap().len() > 15, "{problem}");
    }
    operator.post("/accounts", json!({ "id": "7" })).await.refused(UNPROCESSABLE, 4003);
    let nested = json!({ "id": "1", "destinations": [{ "address": "x", "ring": 3 }] });
    let problem = operator.post("/bid-profiles", nested).await.refused(UNPROCESSABLE, 4002);
    assert_eq!(problem["field"], "ring");
    for (body, headers, status, code) in [
        (&b"{"[..], &[][..], StatusCode::BAD_REQUEST, 4001),
        (b"{} {}", &[], UNPROCESSABLE, 4003),
        (b"\xff", &[], StatusCode::BAD_REQUEST, 4001),
        (b"a=b", &[("content-type", "application/x-www-form-urlencoded")], StatusCode::UNSUPPORTED_MEDIA_TYPE, 4006),
        (b"{}", &[("idempotency-key", "mine")], StatusCode::BAD_REQUEST, 4015),
        (b"{}", &[("idempotency-key", "7")], StatusCode::BAD_REQUEST, 4015),
    ] {
        operator.ask_raw("POST", "/api/v1/accounts", body, headers).await.refused(status, code);
    }
    for (path, status, code) in [
        ("/accounts?limit=0", UNPROCESSABLE, 4004),
        ("/accounts?limit=201", UNPROCESSABLE, 4004),
        ("/accounts?limit=many", UNPROCESSABLE, 4004),
        ("/accounts?page=2", UNPROCESSABLE, 4002),
        ("/accounts?cursor=xyz", StatusCode::BAD_REQUEST, 4019),
        ("/accounts?min_sequence=99999999", StatusCode::CONFLICT, 4017),
        ("/accounts/7", StatusCode::NOT_FOUND, 4012),
        ("/accounts/not-an-id", StatusCode::NOT_FOUND, 4012),
        ("/auctions?wait=31", UNPROCESSABLE, 4004),
        ("/nothing", StatusCode::NOT_FOUND, 4007),
    ] {
        operator.get(path).await.refused(status, code);
    }
    let far =
        json!({ "id": "77", "role": "buyer", "deposit": "5.00", "destination": "sip:a@b.example", "vertical": 9 });
    let problem = operator.post("/accounts", far).await.refused(UNPROCESSABLE, 4004);
    assert_eq!(problem["field"], "vertical");
    operator.get("/accounts/77").await.refused(StatusCode::NOT_FOUND, 4012);
    assert_eq!(operator.ask("HEAD", "/accounts", None, &[]).await.status, StatusCode::OK);
    operator.delete("/calls/7").await.refused(StatusCode::METHOD_NOT_ALLOWED, 4008);
    assert_eq!(operator.get("/accounts").await.ok()["items"].as_array().unwrap().len(), 2, "nothing changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_and_with_a_wrong_or_a_revoked_one_nothing_is_answered() {
    let house = House::open();
    let reply = house.stranger().get("/accounts").await;
    assert_eq!(reply.headers["www-authenticate"], "Bearer");
    reply.refused(StatusCode::UNAUTHORIZED, 4009);
    house.with_key("dce_nothing").get("/accounts").await.refused(StatusCode::UNAUTHORIZED, 4010);
    let stranger = house.stranger();
    let basic = [("authorization", "Basic YTpi")];
    stranger.ask("GET", "/accounts", None, &basic).await.refused(StatusCode::UNAUTHORIZED, 4009);
    for probe in ["/health", "/ready", "/startup"] {
        assert_eq!(stranger.get(probe).await.ok(), json!({ "status": "ok" }));
    }
    let secret = house.server.create_key(dce_engine::ids::AccountId(ACME), Role::Buyer).unwrap();
    let buyer = house.with_key(secret.expose());
    buyer.get("/bids").await.ok();
    let store = dce_server::identity::KeyStore::open(&dce_server::identity::identity_dir(house.dir.path()), 99);
    store.unwrap().revoke(secret.prefix()).unwrap();
    let revoked = async {
        while buyer.get("/bids").await.status != StatusCode::UNAUTHORIZED {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(crate::common::PATIENCE, revoked).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_with_the_same_key_changes_nothing_and_another_body_is_refused() {
    let house = House::open();
    let (seller, buyers) = house.market(json!({}), 1).await;
    let operator = house.operator();
    let call = seller.post("/calls", json!({ "listing_id": "1" })).await.created();
    // A call's id is a UUIDv7 of this moment: so is a key.
    let id = call["id"].as_str().unwrap();
    let key = [("idempotency-key", id)];
    let deposit = json!({ "account_id": ACME.to_string(), "amount": "7.00" });
    let first = operator.ask("POST", "/account/deposits", Some(deposit.clone()), &key).await.created();
    let again = operator.ask("POST", "/account/deposits", Some(deposit), &key).await.created();
    assert_eq!((&first["id"], &first["repeated"], &again["repeated"]), (&json!(id), &json!(false), &json!(true)));
    assert_eq!(first["sequence"], again["sequence"]);
    let other = json!({ "account_id": ACME.to_string(), "amount": "8.00" });
    operator.ask("POST", "/account/deposits", Some(other), &key).await.refused(StatusCode::CONFLICT, 1401);
    let two = json!({ "id": "1", "account_id": ACME.to_string(), "amount": "7.00" });
    operator.ask("POST", "/account/deposits", Some(two), &key).await.refused(UNPROCESSABLE, 4016);
    let old = json!({ "id": OLD, "account_id": ACME.to_string(), "amount": "7.00" });
    operator.post("/account/deposits", old).await.refused(UNPROCESSABLE, 1106);
    let balance = format!("/account/balance?min_sequence={}", again["sequence"]);
    assert_eq!(buyers[0].get(&balance).await.ok()["balance"], "107.00");

    // A bid's stamp is chosen by the key: the repeat is known, another amount under it is refused.
    let reference = call["reference"].as_str().unwrap();
    seller.post("/auctions", json!({ "call_id": reference, "duration": 60 })).await.created();
    let bid = |amount: &str| Some(json!({ "auction_id": reference, "amount": amount }));
    let placed = buyers[0].ask("POST", "/bids", bid("3.00"), &key).await.created();
    let repeat = buyers[0].ask("POST", "/bids", bid("3.00"), &key).await.created();
    assert_eq!(placed["placed_at"], repeat["placed_at"]);
    buyers[0].ask("POST", "/bids", bid("4.00"), &key).await.refused(UNPROCESSABLE, 1205);
    buyers[0].ask("POST", "/bids", bid("4.00"), &key).await.refused(UNPROCESSABLE, 1205);
    buyers[0].ask("POST", "/bids", bid("3.00"), &[]).await.refused(StatusCode::CONFLICT, 1506);
    // Withdrawing is for withdrawable listings.
    let path = format!("/bids/{}", placed["id"].as_str().unwrap());
    buyers[0].delete(&path).await.refused(StatusCode::CONFLICT, 1505);
    buyers[0].patch(&path, json!({ "amount": "2.00" })).await.refused(StatusCode::CONFLICT, 1506);
    assert_eq!(buyers[0].patch(&path, json!({ "amount": "5.00" })).await.ok()["amount"], "5.00");
}

/// The answer to a report was lost, and it is sent again: by then the next destination rings.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_repeated_is_of_the_leg_it_was_of() {
    let house = House::open();
    let (seller, buyers) = house.market(json!({}), 1).await;
    let desks = [json!({ "address": "sip:one@example.com" }), json!({ "address": "sip:two@example.com" })];
    let profile = json!({ "id": "2", "bid": "4.00", "destinations": desks });
    buyers[0].post("/bid-profiles", profile).await.created();
    let call = seller.post("/calls", json!({ "listing_id": "1", "route": true })).await.created();
    let key = [("idempotency-key", call["id"].as_str().unwrap())];
    let path = format!("/calls/{}/status", call["reference"].as_str().unwrap());
    for _ in 0..3 {
        let busy = seller.ask("PATCH", &path, Some(json!({ "status": "busy" })), &key).await.ok();
        assert_eq!(busy["destination"], "sip:two@example.com");
        assert_eq!(seller.get(&path).await.ok()["destination_index"], 1);
    }
    let another = Some(json!({ "status": "no_answer" }));
    seller.ask("PATCH", &path, another, &key).await.refused(UNPROCESSABLE, 1205);
    assert_eq!(seller.patch(&path, json!({ "status": "in_progress" })).await.ok()["status"], "in_progress");

    // An operator sees the same call whichever of its parties it names.
    for party in [ACME, WEB] {
        let listed = house.operator().get(&format!("/calls?account_id={party}")).await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{party}");
    }
    house.operator().get("/auctions?status=canceled&wait=1").await.refused(UNPROCESSABLE, 4004);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callers_number_becomes_a_subject_and_facts_and_is_kept_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let server = crate::common::small(dir.path()).start().unwrap();
    let house = House::of(dir, server);
    let (seller, buyers) = house.market(json!({}), 1).await;
    // The market learns of area codes, and a buyer wants one of them.
    let declare = |command: &dce_engine::commands::Command<'_>| {
        house.server.handle().submit(command).unwrap().wait().result.unwrap().sequence.0
    };
    let area = dce_engine::ids::AttributeId(0);
    let kind = dce_engine::terms::Kind::Category { values_max: 100 };
    declare(&dce_engine::commands::DeclareAttribute { attribute: area, kind, name: "area_code" }.into());
    let known = declare(&dce_engine::commands::DefineValue::new(area, dce_engine::ids::ValueCode(1), "206").into());
    // An answer by the handle leaves before it is counted as published, which is as far as a name is waited for.
    house.operator().get(&format!("/listings?min_sequence={known}")).await.ok();
    let wants = json!({
        "id": "2", "bid": "4.00", "targeting": [{ "attribute": "area_code", "any_of": ["206"] }],
        "destinations": [{ "address": "sip:two@example.com" }],
    });
    let shown = buyers[0].post("/bid-profiles", wants.clone()).await.created();
    assert_eq!(shown["targeting"], wants["targeting"]);
    let wrong = json!({ "listing_id": "1", "caller": "a canary 5550134" });
    let problem = seller.post("/calls", wrong).await.refused(UNPROCESSABLE, 4021);
    assert!(!problem.to_string().contains("5550134") && problem["field"] == "caller");
    let astray = json!({ "listing_id": "1", "subject_id": "+12065550134" });
    assert!(!seller.post("/calls", astray).await.body.to_string().contains("5550134"));
    let number = json!({ "listing_id": "1", "caller": 12_065_550_134_u64 });
    assert!(!seller.post("/calls", number).await.body.to_string().contains("5550134"));

    let route = |caller: &str| json!({ "listing_id": "1", "caller": caller, "route": true });
    let sold = seller.post("/calls", route("+1 (206) 555-0134")).await.created();
    assert_eq!((&sold["status"], &sold["profile_id"]), (&json!("queued"), &json!("2")));
    assert_eq!(sold["destination"], "sip:two@example.com");
    let unsold = seller.post("/calls", route("+1 (312) 555-0134")).await.created();
    assert_eq!((&unsold["status"], &unsold["reason"]["name"]), (&json!("failed"), &json!("NoCandidate")));
    let unknown = json!({ "listing_id": "1", "facts": { "shoe_size": "9" } });
    let problem = seller.post("/calls", unknown).await.refused(UNPROCESSABLE, 4030);
    assert_eq!(problem["field"], "facts.shoe_size");

    let House { server, dir, .. } = house;
    server.stop().unwrap();
    for (path, bytes) in files_of(dir.path()) {
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!holds(b"5550134") && !holds(b"555-0134"), "{}", path.display());
    }
    assert!(dir.path().join("identity/caller.key").exists());
}

fn files_of(dir: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let (mut found, mut folders) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                found.push((path, bytes));
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_cannot_be_reached_is_refused_and_the_call_stays_as_it_was() {
    let house = House::open();
    let (seller, buyers) = house.market(json!({}), 1).await;
    let standing = json!({ "id": "2", "bid": "4.00", "destinations": [{ "address": "sip:two@example.com" }] });
    buyers[0].post("/bid-profiles", standing).await.created();
    let call = seller.post("/calls", json!({ "listing_id": "1" })).await.created();
    let path = format!("/calls/{}", call["id"].as_str().unwrap());
    let status = format!("{path}/status");
    let conflict = StatusCode::CONFLICT;
    seller.patch(&status, json!({ "status": "completed", "duration_seconds": 9 })).await.refused(conflict, 4023);
    seller.patch(&status, json!({ "status": "queued" })).await.refused(conflict, 4023);
    seller.patch(&status, json!({ "status": "ringing" })).await.refused(conflict, 1509);
    let routed = seller.post(&format!("{path}/route"), json!({})).await.ok();
    assert_eq!((&routed["status"], &routed["attempt"]), (&json!("queued"), &json!(1)));
    seller.post(&format!("{path}/complete"), json!({ "duration_seconds": 9 })).await.refused(conflict, 4023);
    seller.patch(&status, json!({ "status": "in_progress" })).await.ok();
    seller.patch(&status, json!({ "status": "completed" })).await.refused(UNPROCESSABLE, 4003);
    let both = json!({ "status": "completed", "duration_seconds": 9, "since_connect_ms": 9 });
    seller.patch(&status, both).await.refused(UNPROCESSABLE, 4004);
    let late = json!({ "status": "busy", "attempt": 3 });
    seller.patch(&status, late).await.refused(conflict, 1511);
    seller.patch(&status, json!({ "status": "canceled" })).await.refused(conflict, 1510);
    let ended = seller.patch(&status, json!({ "status": "completed", "duration_seconds": 9 })).await.ok();
    assert_eq!((&ended["status"], &ended["reason"]["name"]), (&json!("completed"), &json!("Completed")));

    // Busy, and nobody else: the call fails as it was reported.
    let call = seller.post("/calls", json!({ "listing_id": "1", "route": true })).await.created();
    let status = format!("/calls/{}/status", call["id"].as_str().unwrap());
    let busy = seller.patch(&status, json!({ "status": "busy" })).await.ok();
    assert!(["busy", "failed"].contains(&busy["status"].as_str().unwrap()), "{busy}");
    let call = seller.post("/calls", json!({ "listing_id": "1" })).await.created();
    let status = format!("/calls/{}/status", call["id"].as_str().unwrap());
    assert_eq!(seller.patch(&status, json!({ "status": "canceled" })).await.ok()["status"], "canceled");
    assert_eq!(house.key(WEB, Role::Seller).get("/calls").await.ok()["items"].as_array().unwrap().len(), 3);
}
