//! Which facts keep a call from being sold.

use zerocopy::little_endian::U16;

use super::{Clause, ScreenRule};
use crate::codes::Leg;
use crate::fault::Fault;
use crate::list::Element;
use crate::scalar::yes_or_no;

impl ScreenRule {
    /// Refuses calls on this leg, or on any, for this reason: those that the clause accepts or, with `unless`, those it
    /// does not.
    #[must_use]
    pub fn new(leg: Option<Leg>, clause: Clause, unless: bool, reason: u16) -> Self {
        let leg = leg.map_or(0, |leg| leg.code() + 1);
        let Clause { attribute, kind, reserved, value } = clause;
        Self { leg, unless: u8::from(unless), reason: U16::new(reason), attribute, kind, reserved, value }
    }

    /// The leg, if it is about one only.
    #[must_use]
    pub const fn leg(&self) -> Option<Leg> {
        match self.leg.checked_sub(1) {
            Some(code) => Leg::from_code(code),
            None => None,
        }
    }

    /// What it asks.
    #[must_use]
    pub const fn clause(&self) -> Clause {
        let Self { attribute, kind, reserved, value, .. } = *self;
        Clause { attribute, kind, reserved, value }
    }

    /// Whether it refuses what the clause does not accept.
    #[must_use]
    pub const fn unless(&self) -> bool {
        self.unless == 1
    }

    /// The reason's code.
    #[must_use]
    pub const fn reason(&self) -> u16 {
        self.reason.get()
    }
}

impl Element for ScreenRule {
    const NAME: &'static str = "ScreenRule";

    fn check(&self) -> Result<(), Fault> {
        if usize::from(self.leg) > Leg::ALL.len() {
            return Err(Fault::CodeUnknown);
        }
        yes_or_no(self.unless)?;
        self.clause().check()
    }
}
