//! What a plan sets besides: what is said of mistakes in it, and what becomes of calls then.

use dce_client::{CallId, CallState, ProfileId, Reason, Standing, SubjectId};
use dce_engine::Reject;

use super::*;

const NOTHING: Vec<String> = Vec::new();

#[test]
fn windows_deals_conjunctions_and_modifiers_are_said_beside() {
    assert_eq!(told(&listing("window: { early_close: yes, answer_within: 2s }")), NOTHING);
    assert_eq!(told(&listing("window: {}")), NOTHING);
    assert_eq!(told(&listing("private: yes")), NOTHING);
    assert_eq!(told(&seller("firm_quotes: 5")), NOTHING);
    assert_eq!(told(&seller("firm_quotes: 0")), NOTHING);
    assert_eq!(told(&deals("acme: { floor: 0 }")), NOTHING);
    assert_eq!(told(&deals("acme:")), NOTHING);
    assert_eq!(told(&profile("also: [{ wants: { state: [TX, FL] } }, { excludes: { state: TX } }, {}]")), NOTHING);
    assert_eq!(told(&profile("bid: 5, max_bid: 6")), NOTHING);
    let modifiers = "{ state: [{ is: TX, times: 1.25 }, { is: FL, times: 0 }], age: { from: 50, plus: -0.50 } }";
    assert_eq!(told(&profile(&format!("bid: 5, modifiers: {modifiers}"))), NOTHING);
}

#[test]
fn a_mistake_in_them_is_said_with_its_place() {
    let broken = [
        (seller("firm_quotes: 65536"), "11:32: `firm_quotes` is `65536`: not a number that can be"),
        (seller("firm_quote: 5"), "11:19: seller `web` has no key `firm_quote`; did you mean `firm_quotes`?"),
        (listing("window: { early: yes }"), "13:15: `window` of web/l has no key `early`"),
        (listing("window: { answer_within: 61s }"), "13:30: window `web/l` is refused: 1102 ValueOutOfRange"),
        (deals("acm: {}"), "14:5: no buyer is called `acm`; did you mean `acme`?"),
        (
            deals("acme: { floor: 5, fixed: 6 }"),
            "14:30: the deal of `acme` on `web/l` takes `floor` or `fixed`, not both",
        ),
        (deals("acme: { fixed: 0 }"), "14:20: deal `web/l with acme` is refused: 1101 AmountOutOfRange"),
        (profile("also: [{ wants: { stat: TX } }]"), "13:23: no attribute is called `stat`; did you mean `state`?"),
        (
            profile("also: [{}, { wants: { age: { from: 65, below: 50 } } }]"),
            "13:27: `age` of conjunction `acme/p #3` is refused: 1102 ValueOutOfRange",
        ),
        (
            profile("also: [{}, {}, {}, {}, {}, {}, {}, {}]"),
            "13:40: conjunction `acme/p #9` is refused: 1102 ValueOutOfRange",
        ),
        (profile("max_bid: 0"), "13:14: modifiers `acme/p` is refused: 1101 AmountOutOfRange"),
        (profile("modifiers: { state: { is: TX } }"), "13:25: a modifier of `state` takes `times` or `plus`"),
        (profile("modifiers: { state: { times: 2 } }"), "13:25: a modifier of `state` takes `is`"),
        (
            profile("modifiers: { state: { is: TXX, times: 2 } }"),
            "13:31: `TXX` is no value of `state`; did you mean `TX`?",
        ),
        (
            profile("modifiers: { age: { from: 50, times: 100.0001 } }"),
            "13:23: modifiers `acme/p` is refused: 1102 ValueOutOfRange",
        ),
        (profile("modifiers: { age: { is: 50, times: 2 } }"), "13:23: a modifier of `age` takes `from` and `below`"),
    ];
    for (text, expected) in broken {
        let told = told(&text);
        assert!(told.len() == 1 && told[0].starts_with(expected), "{text}\nsays {told:#?}\nand not {expected}");
    }
}

/// A seller of whom this is said, on line 11.
fn seller(said: &str) -> String {
    format!("{SOUND}sellers: {{ web: {{ {said} }} }}\n")
}

/// A listing whose deals are these, on line 14, and a buyer.
fn deals(said: &str) -> String {
    format!(
        "{SOUND}buyers:\n  acme: {{}}\nsellers: {{ web: {{ listings: {{ l: {{ deals: {{\n    {said} }} }} }} }} }}\n"
    )
}

const MARKET: &str = "plan: 1
attributes:
  state: { kind: category, values: [TX, FL, NV] }
sellers:
  web:
    id: 20
    firm_quotes: 1
    listings:
      l: { private: yes, reserve: 10, deals: { acme: { fixed: 4 } } }
buyers:
  acme:
    id: 10
    deposit: 100
    profiles:
      p:
        bid: 3
        wants: { state: TX }
        also: [{ wants: { state: FL } }]
        modifiers: { state: { is: FL, times: 2 } }
        dial: [{ to: here, ring: 9s }]
  zen:
    id: 11
    deposit: 100
    profiles:
      p: { bid: 50, dial: [{ to: there, ring: 9s }] }
";

#[test]
fn a_call_goes_by_what_was_set() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("market.yaml");
    fs::write(&file, MARKET).unwrap();
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    // An explanation reads the log: with answers that do not wait for it, the call might not be in there yet.
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
        let (acme, zen) = (ProfileId(id_of("profile:acme/p")), ProfileId(id_of("profile:zen/p")));
        let selling = client.seller_for(seller).await.unwrap();
        // Texas: 3.00 is below the fixed price, and the other buyer has no deal.
        let call: CallId = client.new_call();
        let texas = NewCall::new(call, listing).code(0, 1);
        let unsold = selling.offer(&texas).await.unwrap();
        assert!(unsold.route().is_none(), "{unsold:?}");
        for (buyer, profile, reason) in [(AccountId(10), acme, "BelowDealFloor"), (AccountId(11), zen, "NotInvited")] {
            let told = client.explain(seller, call, Some((buyer, profile))).await.unwrap();
            assert_eq!(told.verdicts[0].reason.map(Reason::name), Some(reason));
        }
        // Florida: the second conjunction accepts it, the bid is twice as much, and the deal's price is paid.
        let florida = NewCall::new(client.new_call(), listing).code(0, 2);
        let sold = selling.offer(&florida).await.unwrap();
        assert!(sold.route().is_some(), "{sold:?}");
        let account = client.balance_at(AccountId(10), sold.sequence).await.unwrap();
        assert_eq!(account.held, Money::from_units(4));
        // Another one from there is asked about, and the buyer's money kept for it; there is no second firm quote.
        let caller = SubjectId(7);
        let asked = NewCall::new(client.new_call(), listing).subject(caller).code(0, 2);
        let answer = selling.quote_firm(&asked, 60_000).await.unwrap();
        let quote = answer.quote().expect("somebody buys it");
        assert_eq!((quote.payout, quote.kept_for), (Some(Money::from_units(4)), Some((AccountId(10), acme))));
        let another = NewCall::new(client.new_call(), listing).subject(SubjectId(8)).code(0, 2);
        assert_eq!(selling.quote_firm(&another, 60_000).await.unwrap_err().code(), Reject::FirmQuotesFull.code());
        let again = NewCall::new(client.new_call(), listing).subject(caller).code(0, 2);
        let again = selling.quote_firm(&again, 1_000).await.unwrap();
        assert!(again.repeated && again.quote() == Some(quote), "{again:?}");
        let account = client.balance_at(AccountId(10), answer.sequence).await.unwrap();
        assert_eq!(account.held, Money::from_units(8));
        let view = client.call(seller, quote.call, answer.sequence).await.unwrap();
        assert_eq!((view.state, view.profile), (CallState::Quoted, Some(acme)));
        let told = client.explain(seller, quote.call, Some((AccountId(10), acme))).await.unwrap();
        assert_eq!((told.sequence, told.verdicts[0].standing), (answer.sequence, Standing::Won));
        let stranger = NewCall::new(quote.call, listing).subject(SubjectId(8));
        assert_eq!(selling.arrive(&stranger).await.unwrap_err().code(), Reject::CallerMismatch.code());
        let arrived = selling.arrive(&NewCall::new(quote.call, listing).subject(caller)).await.unwrap();
        assert!(arrived.route().is_some() && arrived.sale().is_some_and(|sale| sale.profile == acme), "{arrived:?}");
        client.close().await.unwrap();
    });
    server.stop().unwrap();
}
