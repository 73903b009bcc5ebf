//! What an offer, a quote and a registration tell of a call in the same words: its facts, whose hands it came through, who
//! calls.

use super::{OfferCall, QuoteCall, RegisterCall};
use crate::collections::List;
use crate::ids::{AttributeId, ChainNode, SubjectId, ValueCode};
use crate::terms::Fact;
use crate::units::GeoPoint;

macro_rules! tell_of_a_call {
    ($($command:ident),*) => {$(
        impl<'a> $command<'a> {
            /// With a category's value, or one element of a set.
            #[must_use]
            pub fn with(mut self, attribute: AttributeId, value: ValueCode) -> Self {
                self.facts.push(Fact::value(attribute, value));
                self
            }

            /// With a number.
            #[must_use]
            pub fn number(mut self, attribute: AttributeId, value: i64) -> Self {
                self.facts.push(Fact::number(attribute, value));
                self
            }

            /// With a yes or no.
            #[must_use]
            pub fn flag(mut self, attribute: AttributeId, value: bool) -> Self {
                self.facts.push(Fact::flag(attribute, value));
                self
            }

            /// With a place.
            #[must_use]
            pub fn place(mut self, attribute: AttributeId, value: GeoPoint) -> Self {
                self.facts.push(Fact::place(attribute, value));
                self
            }

            /// With these facts, borrowed instead of copied, in place of those given so far: what a front end does.
            #[must_use]
            pub fn facts(mut self, facts: &'a [Fact]) -> Self {
                self.facts = List::borrowed(facts);
                self
            }

            /// Through these hands too, after those given so far.
            #[must_use]
            pub fn via(mut self, node: ChainNode) -> Self {
                self.chain.push(node);
                self
            }

            /// From this caller.
            #[must_use]
            pub fn subject(mut self, subject: SubjectId) -> Self {
                self.subject = subject;
                self
            }
        }
    )*};
}

tell_of_a_call!(OfferCall, QuoteCall, RegisterCall);
