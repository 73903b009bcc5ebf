//! How a candidate stands, what stopped it, and by how much.

use zerocopy::FromZeros;
use zerocopy::little_endian::{I64, U16, U64, U128};

use super::Verdict;
use crate::codes::{Measure, Standing};
use crate::fault::Fault;
use crate::list::Element;

/// How far a lost candidate was from passing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distance {
    /// What is counted.
    pub measure: Measure,
    /// How far.
    pub distance: i64,
    /// Of how many calls, or of which skill; 0 of everything else.
    pub most: u64,
}

impl Distance {
    /// There is none to tell.
    pub const NONE: Self = Self { measure: Measure::None, distance: 0, most: 0 };

    /// So much of what is not calls.
    #[must_use]
    pub const fn of(measure: Measure, distance: i64) -> Self {
        Self { measure, distance, most: 0 }
    }

    /// So many levels of a skill.
    #[must_use]
    pub fn levels(skill: u16, short: u8) -> Self {
        Self { measure: Measure::Levels, distance: short.into(), most: skill.into() }
    }

    /// So many calls of so many.
    #[must_use]
    pub fn calls(taken: u32, most: u32) -> Self {
        Self { measure: Measure::Calls, distance: taken.into(), most: most.into() }
    }
}

impl Verdict {
    const ATTRIBUTE: u8 = 1;

    /// A candidate that has won or may win.
    #[must_use]
    pub fn of(buyer: u128, profile: u128, standing: Standing) -> Self {
        let none = Self::new_zeroed();
        Self { buyer: U128::new(buyer), profile: U128::new(profile), standing: standing.code(), ..none }
    }

    /// A candidate that lost: for which reason, on which attribute's clause, how far from passing.
    #[must_use]
    pub fn lost(buyer: u128, profile: u128, reason: u16, attribute: Option<u16>, distance: Distance) -> Self {
        Self {
            present: if attribute.is_some() { Self::ATTRIBUTE } else { 0 },
            reason: U16::new(reason),
            attribute: U16::new(attribute.unwrap_or_default()),
            measure: distance.measure.code(),
            distance: I64::new(distance.distance),
            most: U64::new(distance.most),
            ..Self::of(buyer, profile, Standing::Lost)
        }
    }

    /// The buyer.
    #[must_use]
    pub const fn buyer(&self) -> u128 {
        self.buyer.get()
    }

    /// Its profile.
    #[must_use]
    pub const fn profile(&self) -> u128 {
        self.profile.get()
    }

    /// How it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing::from_code(self.standing).unwrap_or(Standing::Lost)
    }

    /// Why it lost; 0 when it did not.
    #[must_use]
    pub const fn reason(&self) -> u16 {
        self.reason.get()
    }

    /// The attribute whose clause did not accept.
    #[must_use]
    pub const fn attribute(&self) -> Option<u16> {
        if self.present & Self::ATTRIBUTE != 0 { Some(self.attribute.get()) } else { None }
    }

    /// How far from passing it was.
    #[must_use]
    pub fn distance(&self) -> Distance {
        let measure = Measure::from_code(self.measure).unwrap_or(Measure::None);
        Distance { measure, distance: self.distance.get(), most: self.most.get() }
    }
}

impl Element for Verdict {
    const NAME: &'static str = "Verdict";

    fn check(&self) -> Result<(), Fault> {
        let standing = Standing::from_code(self.standing).ok_or(Fault::CodeUnknown)?;
        if self.present & !Self::ATTRIBUTE != 0 {
            return Err(Fault::FlagUnknown);
        }
        let measure = Measure::from_code(self.measure).ok_or(Fault::CodeUnknown)?;
        let mut distance = self.distance();
        if measure == Measure::None {
            distance = Distance::NONE;
        } else if !matches!(measure, Measure::Calls | Measure::Levels) {
            distance.most = 0;
        }
        let (buyer, profile) = (self.buyer(), self.profile());
        let again = match standing {
            Standing::Lost => Self::lost(buyer, profile, self.reason(), self.attribute(), distance),
            Standing::Won | Standing::Eligible => Self::of(buyer, profile, standing),
        };
        if again == *self { Ok(()) } else { Err(Fault::ReservedNotZero) }
    }
}
