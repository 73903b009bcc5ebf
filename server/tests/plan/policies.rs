//! Policies, ranks and skills in a plan: what is said of mistakes in them, and what they do to calls.

use dce_client::{Distance, ProfileId, Reason};

use super::*;

/// A listing of which this is said, in a plan with skills; on line 14.
fn listing_with(said: &str) -> String {
    listing(said).replace("zones:", "skills: [spanish, medicare]\nzones:")
}

/// A profile of which this is said, in a plan with skills; on line 14.
fn profile_with(said: &str) -> String {
    profile(said).replace("zones:", "skills: [spanish, medicare]\nzones:")
}

#[test]
fn everything_that_may_be_said_of_policies_checks() {
    for kind in ["highest score", "weighted share", "round robin", "skill", "cost and quality", "expected value"] {
        assert_eq!(told(&listing_with(&format!("policy: {{ kind: {kind}, price: 25.00 }}"))), Vec::<String>::new());
    }
    // As it is without, too.
    assert_eq!(told(&listing_with("policy: {}")), Vec::<String>::new());
    let expected =
        "policy: { kind: expected value, segment: state, explore: 5 %, requires: { medicare: 1, spanish: 100 } }";
    assert_eq!(told(&listing_with(expected)), Vec::<String>::new());
    let graded = "rank: { weight: 10000, quality: 92.5 %, prior: [3, 4] }, skills: { medicare: 50 }";
    assert_eq!(told(&profile_with(graded)), Vec::<String>::new());
    assert_eq!(told(&profile_with("rank: {}, skills: {}")), Vec::<String>::new());
}

#[test]
fn a_mistake_in_a_policy_is_said_with_its_place() {
    let out_of_range = "is refused: 1102 ValueOutOfRange: a field is outside its documented range";
    let mismatch = "is refused: 1519 PricingMismatch: a listing sold at second price takes the highest score and no fixed \
                    price";
    let broken = [
        (
            listing_with("policy: { kind: round-robin }"),
            "14:21: `kind` is `round-robin`: it takes highest score, weighted share, round robin, skill, cost and quality or \
             expected value; did you mean `round robin`?"
                .to_owned(),
        ),
        (
            listing_with("policy: { kind: skill, explore: 5 % }"),
            "14:28: `explore` means nothing for `policy` of listing `web/l`: it is for expected value".to_owned(),
        ),
        (
            listing_with("policy: { kind: expected value, explore: 101 % }"),
            format!("14:46: `explore` of policy `web/l` {out_of_range}"),
        ),
        (
            listing_with("policy: { kind: expected value, segment: age }"),
            "14:46: `segment` of policy `web/l` is refused: 1303 AttributeKindMismatch: the value does not fit the attribute's \
             kind"
            .to_owned(),
        ),
        (
            listing_with("policy: { kind: expected value, segment: stat }"),
            "14:46: no attribute is called `stat`; did you mean `state`?".to_owned(),
        ),
        (
            listing_with("policy: { price: 0 }"),
            "14:22: `price` of policy `web/l` is refused: 1101 AmountOutOfRange: the amount must be above zero and at most \
             Money::AMOUNT_MAX"
                .to_owned(),
        ),
        (
            listing_with("pricing: second price, policy: { kind: skill }"),
            format!("14:44: `kind` of policy `web/l` {mismatch}"),
        ),
        (
            listing_with("pricing: second price, policy: { price: 25 }"),
            format!("14:45: `price` of policy `web/l` {mismatch}"),
        ),
        (
            listing_with("policy: { requires: { spanihs: 50 } }"),
            "14:27: no skill is called `spanihs`; did you mean `spanish`?".to_owned(),
        ),
        (
            listing_with("policy: { requires: { spanish: 101 } }"),
            format!("14:36: `requires` of policy `web/l` {out_of_range}"),
        ),
        (
            profile_with("rank: { weight: 0, quality: 90 % }"),
            format!("14:21: `weight` of rank `acme/p` {out_of_range}"),
        ),
        (
            profile_with("rank: { prior: [5, 4] }"),
            format!("14:13: `prior` of rank `acme/p` {out_of_range}"),
        ),
        (
            profile_with("rank: { prior: [5] }"),
            "14:20: `prior` takes two numbers such as [3, 4], up to 10000".to_owned(),
        ),
        (
            profile_with("skills: { medicare: 50, spanish: 0 }"),
            format!("14:38: `skills` of skills `acme/p` {out_of_range}"),
        ),
    ];
    for (text, wanted) in broken {
        assert_eq!(told(&text), [wanted], "of\n{text}");
    }
}

const MARKET: &str = "\
plan: 1
skills: [spanish]
sellers:
  web:
    id: 2001
    listings:
      turns: { policy: { kind: round robin, price: 5 } }
      skilled: { policy: { requires: { spanish: 50 } } }
buyers:
  acme:
    id: 1001
    deposit: 100
    profiles:
      first: { bid: 9, dial: [{ to: a, ring: 1s }] }
      second: { bid: 8, rank: { weight: 3 }, skills: { spanish: 40 }, dial: [{ to: b, ring: 1s }] }
";

#[test]
fn calls_go_in_turn_at_the_fixed_price_and_nobody_is_skilled_enough_until_the_plan_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = Server::builder().dir(dir.path()).listen(any_port).limits(Limits::small());
    let server = server.durability(Durability::Always).start().unwrap();
    let address = server.address().to_string();
    let place = ["--dir", dir.path().to_str().unwrap(), "--server", &address];
    let file = dir.path().join("market.yaml");
    let load_it = |text: &str, created: &str| {
        fs::write(&file, text).unwrap();
        let (status, out, err) = load(&file, &place);
        assert_eq!(status, code(Exit::Done), "{err}");
        assert!(out.contains(created), "{out}");
    };
    load_it(MARKET, "loaded; 10 created, 0 there already");
    load_it(MARKET, "loaded; 0 created, 10 there already");

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (seller, buyer) = (AccountId(2001), AccountId(1001));
    let profiles = ["first", "second"].map(|name| ProfileId(id_of(&format!("profile:acme/{name}"))));
    let listing = |name: &str| ListingId(id_of(&format!("listing:web/{name}")));
    let connected = || async {
        let key = fs::read_to_string(server.operator_key()).unwrap();
        Client::connect(&address, Trust::pem_file(server.certificate()).unwrap(), &key).await.unwrap()
    };
    runtime.block_on(async {
        let client = connected().await;
        let web = client.seller_for(seller).await.unwrap();
        for turn in [0, 1, 0, 1] {
            let sold = web.offer(&NewCall::new(client.new_call(), listing("turns"))).await.unwrap();
            let sale = sold.sale().unwrap();
            assert_eq!((sale.profile, sale.price), (profiles[turn], Some(Money::from_units(5))));
        }
        let call = client.new_call();
        let unsold = web.offer(&NewCall::new(call, listing("skilled"))).await.unwrap();
        assert_eq!(unsold.unsold().map(Reason::name), Some("NoCandidate"));
        let explained = client.explain(seller, call, Some((buyer, profiles[1]))).await.unwrap();
        let lost = explained.verdicts[0];
        let short = Distance::Levels { skill: 0, short: 10 };
        assert_eq!((lost.reason.map(Reason::name), lost.distance), (Some("SkillMissing"), Some(short)));
        client.close().await.unwrap();
    });

    load_it(&MARKET.replace("spanish: 40", "spanish: 50"), "loaded; 1 created, 9 there already");
    runtime.block_on(async {
        let client = connected().await;
        let web = client.seller_for(seller).await.unwrap();
        let sold = web.offer(&NewCall::new(client.new_call(), listing("skilled"))).await.unwrap();
        assert_eq!(sold.sale().unwrap().profile, profiles[1]);
        client.close().await.unwrap();
    });
    server.stop().unwrap();
}
