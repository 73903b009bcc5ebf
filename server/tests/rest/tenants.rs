//! Who may ask what: every route of the document, by every role, and with another account's things.

use dce_server::identity::{Action, Grant, Role};
use dce_server::surface;
use hyper::StatusCode;
use serde_json::{Value, json};

use crate::common::{ACME, House, Http, WEB, ZETA};

const ROLES: [Role; 6] = [Role::Operator, Role::Buyer, Role::Seller, Role::Admin, Role::Auditor, Role::Service];

/// What a route asks for, with a body that is refused for its form before anything is done: the permission is judged first.
fn request(route: &str, named: &str) -> (String, String, Option<Value>) {
    let (method, path) = route.split_once(' ').unwrap();
    let mut filled = String::new();
    for part in path.split('/').skip(1) {
        filled.push('/');
        filled.push_str(if part.starts_with('{') { named } else { part });
    }
    let body = matches!(method, "POST" | "PUT" | "PATCH").then(|| json!({ "no_such_field": true }));
    (method.to_owned(), filled, body)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_for_the_roles_of_the_table_and_for_no_other() {
    let house = House::open();
    let of_nobody = [Role::Admin, Role::Auditor, Role::Service].map(|role| house.key(0, role));
    let traders = [house.operator(), house.key(ACME, Role::Buyer), house.key(WEB, Role::Seller)];
    let askers: Vec<Http> = traders.into_iter().chain(of_nobody).collect();
    let mut routes: Vec<&str> = surface::routes().map(|(_, route)| route).collect();
    routes.sort_unstable();
    routes.dedup();
    assert!(routes.len() > 70);
    for route in routes {
        let actions: Vec<Action> = surface::routes().filter(|(_, of)| *of == route).map(|(action, _)| action).collect();
        for (role, asker) in ROLES.iter().zip(&askers) {
            let may = actions.iter().any(|action| action.granted_to(*role) != Grant::No);
            let (method, path, body) = request(route, "77");
            let reply = asker.ask(&method, &path, body.clone(), &[]).await;
            let is_forbidden = reply.status == StatusCode::FORBIDDEN && reply.body["code"] == 4011;
            assert_eq!(is_forbidden, !may, "{route} as {}: {}", role.name(), reply.body);
            assert!(!reply.status.is_server_error(), "{route}: {}", reply.body);
            // Nobody gets that far without a key.
            let reply = house.stranger().ask(&method, &path, body, &[]).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{route}");
        }
    }
}

/// Asks for a thing of another account and for a thing nobody has, and insists that the answers cannot be told apart.
async fn is_as_nothing(asker: &Http, method: &str, theirs: &str, nobodys: &str, body: Option<Value>) {
    let theirs_reply = asker.ask(method, theirs, body.clone(), &[]).await;
    let nobodys_reply = asker.ask(method, nobodys, body, &[]).await;
    assert_eq!(
        (theirs_reply.status, &theirs_reply.body),
        (nobodys_reply.status, &nobodys_reply.body),
        "{method} {theirs}"
    );
    assert!(theirs_reply.status.is_client_error(), "{method} {theirs}: {}", theirs_reply.body);
}

/// What a path or a body may name, as it is of somebody else and as it is of nobody.
struct Names {
    call: [String; 2],
    bid: [String; 2],
    key: [String; 2],
    person: [String; 2],
    client: [String; 2],
}

impl Names {
    /// What stands for a part of a path: `which` is 0 for what is another's, 1 for what is nobody's.
    fn part(&self, part: &str, which: usize, owner: &str) -> String {
        match part {
            "{call_id}" | "{auction_id}" | "{quote_id}" => self.call[which].clone(),
            "{bid_id}" => self.bid[which].clone(),
            "{prefix}" => self.key[which].clone(),
            "{fingerprint}" => "ab".repeat(32),
            "{account_id}" | "{buyer_id}" => owner.to_owned(),
            "{listing_id}" | "{profile_id}" | "{calendar_id}" | "{group_id}" | "{subject_id}" => "1".to_owned(),
            "{attribute_id}" | "{value_set_id}" | "{zone_id}" | "{code}" | "{nth}" => "2".to_owned(),
            _ if part.starts_with('{') => panic!("{part}: say here what is another's and what is nobody's"),
            plain => plain.to_owned(),
        }
    }

    /// A body that would be taken of whoever may send it.
    fn body(&self, route: &str, document: &Value, which: usize, owner: &str) -> Option<Value> {
        let (method, path) = route.split_once(' ').unwrap();
        let described = &document["paths"][format!("/api/v1{path}")][method.to_lowercase()]["requestBody"];
        let schema = described["content"]["application/json"]["schema"]["$ref"].as_str()?;
        let schema = &document["components"]["schemas"][schema.rsplit('/').next().unwrap()];
        let example = schema["examples"][0].clone();
        Some(match route {
            "POST /accounts" => json!({ "id": owner, "role": "buyer" }),
            "PATCH /accounts/{account_id}" => json!({ "zone": 0 }),
            "POST /account/deposits" | "POST /account/withdrawals" => json!({ "amount": "1.00" }),
            "POST /account/suppressions" => json!({ "subject_id": "77" }),
            "PUT /account/firm-quotes" => json!({ "firm_quotes": 1 }),
            "PUT /attributes/{attribute_id}/values/{code}" => json!({ "name": "TX" }),
            "PUT /groups/{group_id}" => json!({ "together": true }),
            "PUT /bid-profiles/{profile_id}/group" => json!({ "group": "1" }),
            "POST /listings" => json!({ "seller_id": owner }),
            "PATCH /listings/{listing_id}" => json!({ "private": true }),
            "POST /bid-profiles" => json!({ "buyer_id": owner, "destinations": [{ "address": "x" }] }),
            "PATCH /bid-profiles/{profile_id}" => json!({ "paused": true }),
            "POST /calls" => json!({ "seller_id": owner, "listing_id": "1" }),
            "POST /quotes" => json!({ "seller_id": owner, "listing_id": "1" }),
            "POST /calls/{call_id}/route" => json!({}),
            "PATCH /calls/{call_id}/status" => json!({ "status": "canceled" }),
            "POST /calls/{call_id}/complete" => json!({ "duration_seconds": 5 }),
            "POST /auctions" => json!({ "call_id": self.call[which], "duration": 5 }),
            "POST /auctions/{auction_id}/close" | "POST /auctions/{auction_id}/complete" => json!({}),
            "POST /auctions/{auction_id}/pass" => json!({ "buyer_id": owner }),
            "POST /bids" => json!({ "auction_id": self.call[which], "amount": "2.00" }),
            "PATCH /bids/{bid_id}" => json!({ "amount": "9.00" }),
            "POST /keys" => json!({ "account": owner }),
            "POST /clients" => json!({
                "name": "x", "role": "service", "account": owner, "scope": "read", "confidential": true
            }),
            "POST /certificates" => json!({ "fingerprint": "ab".repeat(32), "role": "buyer", "account": owner }),
            "PATCH /users/{id}" => json!({ "closed": true }),
            _ if example.is_null() => panic!("{route}: give it a body here, or an example in the document"),
            _ => example,
        })
    }
}

/// Generated from the surface's table: whoever adds a route adds it here, or is told so.
#[tokio::test(flavor = "multi_thread")]
async fn no_route_tells_another_accounts_things_from_nothing() {
    let house = House::open();
    let (seller, buyers) = house.market(json!({}), 1).await;
    let operator = house.operator();
    for (id, role) in [("21", "seller"), ("31", "buyer")] {
        operator.post("/accounts", json!({ "id": id, "role": role })).await.created();
    }
    let strangers = [house.key(21, Role::Seller), house.key(31, Role::Buyer)];
    // Invited are those with a deal only: what others see of an open auction they may see.
    seller.patch("/listings/1", json!({ "private": true })).await.ok();
    seller.ask("PUT", "/listings/1/deals/10", Some(json!({ "floor": "1.00" })), &[]).await.ok();
    let call = seller.post("/calls", json!({ "listing_id": "1" })).await.created();
    let reference = call["reference"].as_str().unwrap().to_owned();
    seller.post("/auctions", json!({ "call_id": reference, "duration": 60 })).await.created();
    let bid = buyers[0].post("/bids", json!({ "auction_id": reference, "amount": "2.00" })).await.created();
    let bid = bid["id"].as_str().unwrap().to_owned();
    let admin = house.key(0, Role::Admin);
    let person = json!({ "email": "jo@example.com", "password": "correct horse battery", "account": "10" });
    let person = admin.post("/auth/register", person).await.created()["id"].as_str().unwrap().to_owned();
    let client = json!({ "name": "x", "role": "service", "account": "10", "scope": "read", "confidential": true });
    let client = admin.post("/clients", client).await.created()["client_id"].as_str().unwrap().to_owned();
    let key = buyers[0].post("/keys", json!({})).await.created()["prefix"].as_str().unwrap().to_owned();
    let id = call["id"].as_str().unwrap();
    let gone = if id.ends_with('0') { id.replace('0', "1") } else { format!("{}0", &id[..id.len() - 1]) };
    let nobody = "zzzzzzzzzzzz".to_owned();
    let names = Names {
        call: [reference, format!("20.{gone}")],
        bid: [bid.clone(), bid.replace(id, &gone)],
        key: [key, nobody.clone()],
        person: [person, nobody.clone()],
        client: [client, nobody],
    };
    let document = house.stranger().get("/openapi.json").await.ok();
    let before = operator.get("/accounts/10").await.ok();
    let mut routes: Vec<&str> = surface::routes().map(|(_, route)| route).collect();
    routes.sort_unstable();
    routes.dedup();
    for route in routes {
        let (method, path) = route.split_once(' ').unwrap();
        for asker in &strangers {
            for owner in ["10", "20"] {
                let mut replies = Vec::new();
                for (which, owner) in [owner, "99"].into_iter().enumerate() {
                    let mut filled = String::new();
                    for part in path.split('/').skip(1) {
                        filled.push('/');
                        filled.push_str(&match (part, path) {
                            ("{id}", _) if path.starts_with("/users") => names.person[which].clone(),
                            ("{id}", _) => names.client[which].clone(),
                            _ => names.part(part, which, owner),
                        });
                    }
                    let body = names.body(route, &document, which, owner);
                    let reply = asker.ask(method, &format!("{filled}?account_id={owner}"), body, &[]).await;
                    replies.push((reply.status, reply.body));
                }
                let [theirs, nobodys] = &replies[..] else { unreachable!("two were asked") };
                assert_eq!((theirs.0, &theirs.1), (nobodys.0, &nobodys.1), "{route} of {owner}");
                let names_somebody = path.contains('{');
                assert!(!names_somebody || theirs.0.is_client_error(), "{route} of {owner}: {}", theirs.1);
            }
        }
    }
    let after = operator.get("/accounts/10").await.ok();
    assert_eq!((&before["role"], &before["balance"]), (&after["role"], &after["balance"]));
    assert_eq!(buyers[0].get("/keys").await.ok()["items"].as_array().unwrap().len(), 2);
    let placed = buyers[0].get(&format!("/bids/{bid}")).await.ok();
    assert_eq!(placed["amount"], "2.00", "{placed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_accounts_things_are_as_if_they_were_not_there() {
    let house = House::open();
    let (seller, buyers) = house.market(json!({}), 2).await;
    let operator = house.operator();
    operator.post("/accounts", json!({ "id": "21", "role": "seller" })).await.created();
    let other = house.key(21, Role::Seller);
    let call = seller.post("/calls", json!({ "listing_id": "1" })).await.created();
    let reference = call["reference"].as_str().unwrap().to_owned();
    seller.post("/auctions", json!({ "call_id": reference, "duration": 60 })).await.created();
    let bid = buyers[0].post("/bids", json!({ "auction_id": reference, "amount": "2.00" })).await.created();
    let bid = bid["id"].as_str().unwrap().to_owned();
    let id = call["id"].as_str().unwrap();
    let gone = id.replace('7', "6");
    let (nowhere, nobid) = (format!("20.{gone}"), bid.replace(id, &gone));

    for (asker, is_seller) in [(&other, true), (&buyers[1], false)] {
        is_as_nothing(asker, "GET", &format!("/calls/{reference}"), &format!("/calls/{nowhere}"), None).await;
        let (status, none) = (format!("/calls/{reference}/status"), format!("/calls/{nowhere}/status"));
        is_as_nothing(asker, "GET", &status, &none, None).await;
        is_as_nothing(asker, "GET", "/accounts/20", "/accounts/99", None).await;
        for path in ["/account/balance", "/account/transactions", "/calls", "/auctions"] {
            let (theirs, nobodys) = (format!("{path}?account_id=10"), format!("{path}?account_id=99"));
            is_as_nothing(asker, "GET", &theirs, &nobodys, None).await;
        }
        if is_seller {
            is_as_nothing(asker, "PATCH", &status, &none, Some(json!({ "status": "canceled" }))).await;
            let (route, none) = (format!("/calls/{reference}/route"), format!("/calls/{nowhere}/route"));
            is_as_nothing(asker, "POST", &route, &none, None).await;
            let (close, none) = (format!("/auctions/{reference}/close"), format!("/auctions/{nowhere}/close"));
            is_as_nothing(asker, "POST", &close, &none, None).await;
            is_as_nothing(asker, "GET", &format!("/auctions/{reference}"), &format!("/auctions/{nowhere}"), None).await;
            is_as_nothing(asker, "GET", "/listings/1", "/listings/99", None).await;
            let change = Some(json!({ "private": true }));
            is_as_nothing(asker, "PATCH", "/listings/1?account_id=20", "/listings/1?account_id=99", change).await;
            let auction = |call: &str| Some(json!({ "call_id": call, "duration": 5 }));
            let theirs = asker.ask("POST", "/auctions", auction(&reference), &[]).await;
            let nobodys = asker.ask("POST", "/auctions", auction(&nowhere), &[]).await;
            assert_eq!((theirs.status, theirs.body), (nobodys.status, nobodys.body));
        } else {
            is_as_nothing(asker, "GET", &format!("/bids/{bid}"), &format!("/bids/{nobid}"), None).await;
            is_as_nothing(asker, "DELETE", &format!("/bids/{bid}"), &format!("/bids/{nobid}"), None).await;
            let raise = Some(json!({ "amount": "9.00" }));
            is_as_nothing(asker, "PATCH", &format!("/bids/{bid}"), &format!("/bids/{nobid}"), raise).await;
            let theirs = "/bid-profiles/1?account_id=10";
            is_as_nothing(asker, "GET", theirs, "/bid-profiles/1?account_id=99", None).await;
            is_as_nothing(asker, "DELETE", theirs, "/bid-profiles/1?account_id=99", None).await;
        }
    }
    assert_eq!(other.get("/calls").await.ok()["items"], json!([]));
    assert_eq!(other.get("/auctions").await.ok()["items"], json!([]));
    assert_eq!(buyers[1].get("/bids").await.ok()["items"], json!([]));
    assert_eq!(buyers[1].get("/accounts").await.ok()["items"].as_array().unwrap().len(), 1);
    // A tier is the operator's to give, and nobody opens a profile for another.
    let profile = |extra: Value| {
        let mut body = json!({ "id": "5", "destinations": [{ "address": "x" }] });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    let forbidden = StatusCode::FORBIDDEN;
    buyers[1].post("/bid-profiles", profile(json!({ "tier": 2 }))).await.refused(forbidden, 4011);
    buyers[1].post("/bid-profiles", profile(json!({ "buyer_id": "10" }))).await.refused(forbidden, 4011);
    // What a buyer may know of a call it bought: its price, not the payout, nor where others' calls go.
    seller.post(&format!("/auctions/{reference}/close"), json!({})).await.ok();
    let at = seller.get("/calls").await.ok()["sequence"].as_u64().unwrap();
    let bought = buyers[0].get(&format!("/calls/{reference}?min_sequence={at}")).await.ok();
    assert_eq!((&bought["price"], &bought["payout"]), (&json!("2.00"), &Value::Null));
    assert_eq!((&bought["destination"], &bought["reserve_price"]), (&Value::Null, &Value::Null));
    assert_eq!(buyers[0].get("/calls").await.ok()["items"].as_array().unwrap().len(), 1);
    let _ = ZETA;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_a_profile_bids_through_its_default_open_one() {
    let house = House::open();
    let (seller, buyers) = house.market(json!({}), 1).await;
    let operator = house.operator();
    let bare = json!({ "id": "30", "role": "buyer", "deposit": "20.00" });
    operator.post("/accounts", bare).await.created();
    let open = json!({ "id": "31", "role": "buyer", "deposit": "20.00", "destination": "sip:open@example.com" });
    operator.post("/accounts", open.clone()).await.created();
    operator.post("/accounts", open).await.created();
    let call = seller.post("/calls", json!({ "listing_id": "1" })).await.created();
    let reference = call["reference"].as_str().unwrap().to_owned();
    seller.post("/auctions", json!({ "call_id": reference, "duration": 60 })).await.created();
    let (bare, open) = (house.key(30, Role::Buyer), house.key(31, Role::Buyer));
    let found = bare.get("/auctions?wait=20").await.ok();
    assert_eq!(found["items"][0]["id"], reference.as_str(), "where anybody may bid, one without a profile may look");
    let bid = |amount: &str| json!({ "auction_id": reference, "amount": amount });
    bare.post("/bids", bid("5.00")).await.refused(StatusCode::CONFLICT, 4022);
    let placed = open.post("/bids", bid("6.00")).await.created();
    assert_eq!(placed["profile_id"], "defa0000-0000-0000-0000-000000000000");
    let passed = buyers[0].post(&format!("/auctions/{reference}/pass"), json!({})).await.ok();
    assert_eq!(passed["profile_id"], "1");
    buyers[0].post("/bids", bid("7.00")).await.refused(StatusCode::CONFLICT, 1515);
    let closed = seller.post(&format!("/auctions/{reference}/close"), json!({})).await.ok();
    assert_eq!(closed["winner_id"], "31");
}
