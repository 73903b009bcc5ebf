//! Groups in a plan: what is said of mistakes in them, and how their calls are dialled.

use dce_client::{CallId, ProfileId, Reason};

use super::*;

const NOTHING: Vec<String> = Vec::new();

/// A buyer with these groups, on line 13, and a profile of which this is said, on line 14.
fn grouped(groups: &str, said: &str) -> String {
    format!(
        "{SOUND}buyers:\n  acme:\n    groups: {{ {groups} }}\n    profiles: {{ p: {{ {said}, dial: [{{ to: a, ring: 1s }}] }} }}\n"
    )
}

#[test]
fn everything_that_may_be_said_of_groups_checks() {
    assert_eq!(told(&grouped("desks: {}", "group: desks")), NOTHING);
    assert_eq!(told(&grouped("desks:, others: { id: 7, together: no }", "group: others")), NOTHING);
    assert_eq!(told(&grouped("desks: { together: yes }", "bid: 5")), NOTHING);
    assert_eq!(told(&grouped("desks: { quota: { rules: [{ live: 5 }] } }", "group: desks")), NOTHING);
}

#[test]
fn a_mistake_in_a_group_is_said_with_its_place() {
    let broken = [
        (grouped("desks: {}", "group: desk"), "14:29: no group of `acme` is called `desk`; did you mean `desks`?"),
        (grouped("desks: { together: both }", "bid: 5"), "13:34: `together` is `both`"),
        (grouped("desks: { with: yes }", "bid: 5"), "13:24: group `acme/desks` has no key `with`"),
        (
            grouped("desks: { quota: { rule: [] } }", "bid: 5"),
            "13:33: `quota` of `acme/desks` has no key `rule`; did you mean `rules`?",
        ),
        (
            grouped("desks: { id: 7 }, others: { id: 7 }", "bid: 5"),
            "13:47: group `acme/others` has an id that another one before it has",
        ),
    ];
    for (text, expected) in broken {
        let told = told(&text);
        assert!(told.len() == 1 && told[0].starts_with(expected), "{text}\nsays {told:#?}\nand not {expected}");
    }
}

const MARKET: &str = "plan: 1
sellers:
  web:
    id: 20
    listings: { l: { payout: 1.00 } }
buyers:
  acme:
    id: 10
    deposit: 100
    groups: { desks: { together: yes, quota: { rules: [{ live: 2 }] } } }
    profiles:
      one: { group: desks, bid: 5, dial: [{ to: desk one, ring: 9s }] }
      two: { group: desks, bid: 4, dial: [{ to: desk two, ring: 9s }] }
      three: { bid: 3, dial: [{ to: desk three, ring: 9s }] }
";

#[test]
fn the_desks_of_a_group_ring_together_and_share_its_quota() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("market.yaml");
    fs::write(&file, MARKET).unwrap();
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = Server::builder().dir(dir.path()).listen(any_port).limits(Limits::small());
    let server = server.durability(Durability::Always).start().unwrap();
    let address = server.address().to_string();
    let place = ["--dir", dir.path().to_str().unwrap(), "--server", &address];
    for _ in 0..2 {
        let (status, _, err) = load(&file, &place);
        assert_eq!(status, code(Exit::Done), "{err}");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let key = fs::read_to_string(server.operator_key()).unwrap();
        let trust = Trust::pem_file(server.certificate()).unwrap();
        let client = Client::connect(&address, trust, &key).await.unwrap();
        let (seller, listing) = (AccountId(20), ListingId(id_of("listing:web/l")));
        let selling = client.seller_for(seller).await.unwrap();
        let call: CallId = client.new_call();
        let sold = selling.offer(&NewCall::new(call, listing)).await.unwrap();
        let legs: Vec<_> = sold.routes().map(|route| (route.attempt, route.destination.to_vec())).collect();
        assert_eq!(legs, [(1, b"desk one".to_vec()), (2, b"desk two".to_vec())]);
        for (profile, reason) in [("one", None), ("two", None), ("three", Some("LostToHigherBid"))] {
            let candidate = (AccountId(10), ProfileId(id_of(&format!("profile:acme/{profile}"))));
            let told = client.explain(seller, call, Some(candidate)).await.unwrap();
            assert_eq!(told.verdicts[0].reason.map(Reason::name), reason, "{profile}");
        }
        let account = client.balance_at(AccountId(10), sold.sequence).await.unwrap();
        assert_eq!(account.held, Money::from_units(9));
        // The group has its two calls: the next one is for who is not of it.
        let second: CallId = client.new_call();
        let sold = selling.offer(&NewCall::new(second, listing)).await.unwrap();
        let legs: Vec<_> = sold.routes().map(|route| route.destination.to_vec()).collect();
        assert_eq!(legs, [b"desk three".to_vec()]);
        let candidate = (AccountId(10), ProfileId(id_of("profile:acme/one")));
        let told = client.explain(seller, second, Some(candidate)).await.unwrap();
        assert_eq!(told.verdicts[0].reason.map(Reason::name), Some("GroupQuotaReached"));
        client.close().await.unwrap();
    });
    server.stop().unwrap();
}
