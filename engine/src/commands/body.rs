//! The fingerprint of a command's body: what tells a retry from another command under the same id.
//!
//! 64 bits keyed by the genesis seed: nobody outside can aim at a collision, and by chance one in 2⁶⁴ pairs collides.

use crate::collections::Mixer;
use crate::ids::ChainNode;
use crate::terms::{Clause, Fact, FactValue, Leg, PayTerm, Test};
use crate::units::{GeoPoint, Money};

/// Fields go in one after the other, always in the same order and with their presence marked.
pub(crate) struct Body(Mixer);

impl Body {
    pub(crate) fn new(seed: u128, verb: u64) -> Self {
        Self(Mixer::new(seed)).word(verb)
    }

    pub(crate) fn word(mut self, word: impl Into<u64>) -> Self {
        self.0.word(word.into());
        self
    }

    pub(crate) fn wide(mut self, word: u128) -> Self {
        self.0.word((word >> 64) as u64);
        self.0.word(word as u64);
        self
    }

    pub(crate) fn money(self, money: Money) -> Self {
        self.word(money.micros() as u64)
    }

    pub(crate) fn optional(self, value: Option<u64>) -> Self {
        match value {
            None => self.word(0_u64),
            Some(value) => self.word(1_u64).word(value),
        }
    }

    pub(crate) fn optional_wide(self, value: Option<u128>) -> Self {
        match value {
            None => self.word(0_u64),
            Some(value) => self.word(1_u64).wide(value),
        }
    }

    pub(crate) fn optional_money(self, money: Option<Money>) -> Self {
        self.optional(money.map(|money| money.micros() as u64))
    }

    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.word(bytes.len() as u64);
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0.word(u64::from_le_bytes(word));
        }
        self
    }

    pub(crate) fn term(self, term: PayTerm) -> Self {
        match term {
            PayTerm::OnConnect => self.word(0_u64),
            PayTerm::After { seconds, from } => self.word(1 + from as u64).word(seconds.0),
        }
    }

    pub(crate) fn leg(self, leg: Leg) -> Self {
        self.word(leg as u64)
    }

    fn point(self, point: GeoPoint) -> Self {
        self.word(packed(point))
    }

    pub(crate) fn facts(self, facts: &[Fact]) -> Self {
        let mut body = self.word(facts.len() as u64);
        facts.iter().for_each(|fact| body.add_fact(fact));
        body
    }

    pub(crate) fn fact(mut self, fact: &Fact) -> Self {
        self.add_fact(fact);
        self
    }

    #[inline]
    fn add_fact(&mut self, fact: &Fact) {
        // The attribute and the kind of value share a word: one multiplication less for each fact.
        let head = u64::from(fact.attribute.0) << 8;
        let (kind, value) = match fact.value {
            FactValue::Code(code) => return self.0.word(head << 32 | u64::from(code.0)),
            FactValue::Flag(flag) => return self.0.word((head | 1) << 32 | u64::from(flag)),
            FactValue::Number(number) => (2, number as u64),
            FactValue::Place(place) => (3, packed(place)),
        };
        self.0.word((head | kind) << 32);
        self.0.word(value);
    }

    /// Nothing for a call that came from its own publisher.
    pub(crate) fn chain(self, nodes: &[ChainNode]) -> Self {
        nodes.iter().fold(self, |body, node| body.wide(node.0))
    }

    pub(crate) fn clauses(self, clauses: &[Clause]) -> Self {
        clauses.iter().fold(self.word(clauses.len() as u64), |body, clause| {
            let body = body.word(clause.attribute.0);
            match clause.test {
                Test::AnyOf { count } => body.word(0_u64).word(count),
                Test::NoneOf { count } => body.word(1_u64).word(count),
                Test::InSet { set } => body.word(2_u64).word(set.0),
                Test::NotInSet { set } => body.word(3_u64).word(set.0),
                Test::Range { low, high } => body.word(4_u64).word(low as u64).word(high as u64),
                Test::Is { value } => body.word(5_u64).word(u64::from(value)),
                Test::Near { centre, radius } => body.word(6_u64).point(centre).word(radius.0),
            }
        })
    }

    pub(crate) fn finish(self) -> u64 {
        self.0.finish()
    }
}

fn packed(point: GeoPoint) -> u64 {
    u64::from(point.latitude_micro as u32) << 32 | u64::from(point.longitude_micro as u32)
}
