//! Modifiers by hand: every line of `docs/market/vectors/modifiers.txt`, asked of a profile whose bid is so modified.

use dce_engine::prelude::*;

const VECTORS: &str = include_str!("../../docs/market/vectors/modifiers.txt");
const NOW: Timestamp = Timestamp::from_seconds(1_764_000_000);
const ACME: AccountId = AccountId(1);
const WEB: AccountId = AccountId(2);
const PROFILE: ProfileId = ProfileId(1);
const STATE: AttributeId = AttributeId(0);
const NEEDS: AttributeId = AttributeId(1);
const AGE: AttributeId = AttributeId(2);
const OWNER: AttributeId = AttributeId(3);

struct Market(Exchange);

impl Market {
    fn new() -> Self {
        let exchange = Exchange::new(Genesis::new(Limits::small(), 7, USD)).expect("the limits are possible");
        let mut market = Self(exchange);
        market.apply(DeclareAttribute::category(STATE, "state", 9));
        market.apply(DeclareAttribute::set(NEEDS, "needs", 9));
        market.apply(DeclareAttribute::integer(AGE, "age", 0, 0, 120));
        market.apply(DeclareAttribute::boolean(OWNER, "owner"));
        for (code, [state, needs]) in (1..).zip([["CA", "tax"], ["TX", "debt"], ["NV", "loan"]]) {
            market.apply(DefineValue::new(STATE, ValueCode(code), state));
            market.apply(DefineValue::new(NEEDS, ValueCode(code), needs));
        }
        market.apply(OpenAccount::buyer(ACME));
        market.apply(OpenSession::new(ACME, SessionId(1)));
        market.apply(OpenAccount::seller(WEB));
        market.apply(CreateListing::of(WEB, ListingId(1)));
        market.apply(CreateProfile::of(ACME, PROFILE).dial(b"desk", Millis(9_000)));
        market
    }

    fn apply<'a>(&mut self, command: impl Into<Command<'a>>) {
        self.0.apply(NOW, &command.into(), &mut Events::new()).expect("the file is right");
    }

    /// What the profile's standing bid comes to.
    fn amount(&self, offer: &OfferCall<'_>) -> Option<Money> {
        let mut amounts = Vec::new();
        self.0.explain_offer(NOW, offer, &mut |candidate| amounts.push(candidate.amount)).expect("the facts fit");
        let [amount] = amounts[..] else { panic!("one profile, and so many: {amounts:?}") };
        amount
    }
}

fn code(market: &Market, attribute: AttributeId, name: &str) -> ValueCode {
    market.0.value_code(attribute, name).unwrap_or_else(|| panic!("no value {name}"))
}

fn attribute(name: &str) -> AttributeId {
    [STATE, NEEDS, AGE, OWNER][["state", "needs", "age", "owner"].iter().position(|known| *known == name).expect(name)]
}

fn money(text: &str) -> Money {
    text.parse().unwrap_or_else(|_| panic!("{text} is no amount"))
}

fn modifier(market: &Market, word: &str) -> Modifier {
    let (name, rest) = word.split_once('=').expect("<attribute>=…");
    let (value, change) = rest.split_once(':').expect("<value>:<change>");
    let attribute = attribute(name);
    let value = match (value.split_once(".."), value) {
        (Some((low, high)), _) => {
            ModifierValue::Range { low: low.parse().expect("a number"), high: high.parse().expect("a number") }
        }
        (None, "yes" | "no") => ModifierValue::Flag(value == "yes"),
        (None, name) => ModifierValue::Code(code(market, attribute, name)),
    };
    let change = match change.strip_prefix('x') {
        Some(factor) => Change::Multiply((money(factor).micros() / 100) as u32),
        None => Change::Add(money(change.trim_start_matches('+'))),
    };
    Modifier { attribute, value, change }
}

fn fact(market: &Market, word: &str) -> Fact {
    let (name, value) = word.split_once('=').expect("<attribute>=<value>");
    let attribute = attribute(name);
    match value {
        "yes" | "no" => Fact::flag(attribute, value == "yes"),
        number if attribute == AGE => Fact::number(attribute, number.parse().expect("a number")),
        name => Fact::value(attribute, code(market, attribute, name)),
    }
}

#[test]
fn every_bid_of_the_file_comes_to_what_it_says() {
    let mut market = Market::new();
    let mut asked = 0;
    for line in VECTORS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (question, expected) = line.split_once(" -> ").or_else(|| line.split_once("->")).expect("… -> <amount>");
        let (bid, facts) = question.split_once('|').expect("<bid> … | <facts>");
        let mut words = bid.split_whitespace();
        let bid = money(words.next().expect("a bid"));
        let words: Vec<&str> = words.collect();
        let (max, words): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| word.starts_with("max="));
        let max = max.first().map(|word| money(&word["max=".len()..]));
        let modifiers: Vec<Modifier> = words.iter().map(|word| modifier(&market, word)).collect();
        let facts: Vec<Fact> = facts.split_whitespace().map(|word| fact(&market, word)).collect();
        asked += 1;
        market.apply(SetBid::new(ACME, PROFILE, Some(bid), Stamp::new(SessionId(1), asked)));
        market.apply(SetModifiers { max, ..SetModifiers::of(ACME, PROFILE).modifiers(&modifiers) });
        let offer = OfferCall::new(WEB, CallId::at(NOW, 1), ListingId(1)).facts(&facts);
        let expected = (expected.trim() != "none").then(|| money(expected.trim()));
        assert_eq!(market.amount(&offer), expected, "{line}");
        assert_eq!(market.0.check(), Ok(()), "{line}");
    }
    assert!(asked >= 40, "the file has more lines");
}
