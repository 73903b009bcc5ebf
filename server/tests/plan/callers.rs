//! Rules about callers in a plan: what is said of mistakes in them, and what becomes of a caller.

use dce_client::{FactValue, Leg, NewCall, Reason, SubjectId};

use super::*;

/// A buyer with a duplicate rule of which only this is said, on line 13.
fn duplicates(said: &str) -> String {
    format!("{SOUND}buyers:\n  acme: {{ duplicates: {{\n    {said} }} }}\n")
}

/// A seller with a frequency rule of which only this is said, on line 13.
fn frequency(said: &str) -> String {
    format!("{SOUND}sellers:\n  web: {{ frequency: {{\n    {said} }} }}\n")
}

/// A seller with a screen whose one rule says only this, on line 13.
fn screen(said: &str) -> String {
    format!("{SOUND}sellers:\n  web: {{ screen: [{{\n    {said} }}] }}\n")
}

#[test]
fn a_mistake_in_a_rule_about_callers_is_said_with_its_place() {
    let range = "1102 ValueOutOfRange: a field is outside its documented range";
    let broken = [
        (duplicates("window: 9601h"), format!("13:13: duplicates `acme` is refused: {range}")),
        (duplicates("window: 0s"), "13:13: `window` is no time at all: it takes a length from 1s to 9600h".to_owned()),
        (
            duplicates("window: 1h, on: ringing"),
            "13:21: `on` is `ringing`: it takes incoming, connect or convert".to_owned(),
        ),
        (
            duplicates("on: connect"),
            "12:11: `duplicates` of `acme` lacks `window`: a length from 1s to 9600h".to_owned(),
        ),
        (frequency("calls: 16, window: 1h"), format!("13:12: frequency `web` is refused: {range}")),
        (frequency("calls: 3, window: 9601h"), format!("13:23: frequency `web` is refused: {range}")),
        (
            screen("refuse: LitigatorListet, when: { owner: yes }"),
            "13:13: `refuse` is `LitigatorListet`: it takes the name of a reason, such as LitigatorListed or \
             FraudSuspected; did you mean `LitigatorListed`?"
                .to_owned(),
        ),
        (
            screen("refuse: LitigatorListed, when: { owner: yes, age: { from: 20 } }"),
            "13:36: the test of a rule of `screen` of `web` must be about one attribute".to_owned(),
        ),
        (
            screen("refuse: LitigatorListed, when: { age: { from: 30, below: 20 } }"),
            format!("12:19: screen `web` is refused: {range}"),
        ),
    ];
    for (plan, wanted) in broken {
        assert_eq!(told(&plan), [wanted], "{plan}");
    }
    let neither = told(&screen("refuse: LitigatorListed"));
    assert!(neither[0].ends_with("a rule of `screen` of `web` must say either `when` or `unless`"), "{neither:?}");
    let two = "refuse: ConsentMissing, leg: transfer, unless: { owner: yes } }, { refuse: FraudSuspected, when: { \
               state: { in: south } }";
    assert_eq!(told(&screen(two)), Vec::<String>::new());
}

#[test]
fn callers_are_screened_and_counted_as_the_example_says() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), Limits::small());
    let address = server.address().to_string();
    let (status, _, err) = load(&example(), &["--dir", dir.path().to_str().unwrap(), "--server", &address]);
    assert_eq!(status, code(Exit::Done), "{err}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let key = fs::read_to_string(server.operator_key()).unwrap();
        let client = Client::connect(&address, Trust::pem_file(server.certificate()).unwrap(), &key).await.unwrap();
        let seller = client.seller_for(AccountId(2001)).await.unwrap();
        let listing = ListingId(id_of("listing:Bright Leads/medicare inbound"));
        let call = |from: u128| {
            let call = NewCall::new(client.new_call(), listing).code(0, 3).code(2, 1).number(4, 70);
            call.subject(SubjectId(from))
        };
        let unsold = |sold: dce_client::Accepted| sold.unsold().map(Reason::name).unwrap_or_default();
        assert!(seller.offer(&call(7)).await.unwrap().route().is_some());
        assert_eq!(unsold(seller.offer(&call(7)).await.unwrap()), "DuplicateCaller");
        assert_eq!(unsold(seller.offer(&call(8).fact(8, FactValue::Flag(true))).await.unwrap()), "LitigatorListed");
        assert_eq!(unsold(seller.offer(&call(9).leg(Leg::OutboundTransfer)).await.unwrap()), "ConsentMissing");
        assert_eq!(unsold(seller.offer(&call(7)).await.unwrap()), "DuplicateCaller");
        assert_eq!(unsold(seller.offer(&call(7)).await.unwrap()), "FrequencyReached");
        seller.suppress(SubjectId(10), None).await.unwrap();
        assert_eq!(unsold(seller.offer(&call(10)).await.unwrap()), "CallerSuppressed");
        client.close().await.unwrap();
    });
    server.stop().unwrap();
}
