//! How a candidate stands, and what stopped it.

use zerocopy::FromZeros;
use zerocopy::little_endian::{I64, U16, U64, U128};

use super::Verdict;
use crate::codes::Standing;
use crate::fault::Fault;
use crate::list::Element;

impl Verdict {
    const ATTRIBUTE: u8 = 1;
    const SHORT_BY: u8 = 2;
    const OPENS_AT: u8 = 4;
    const SKILL: u8 = 8;

    /// A candidate that has won or may win.
    #[must_use]
    pub fn of(buyer: u128, profile: u128, standing: Standing) -> Self {
        let none = Self::new_zeroed();
        Self { buyer: U128::new(buyer), profile: U128::new(profile), standing: standing.code(), ..none }
    }

    /// A candidate that lost: for which reason, on which attribute's clause, missing how many micro-units.
    #[must_use]
    pub fn lost(buyer: u128, profile: u128, reason: u16, attribute: Option<u16>, short_by: Option<i64>) -> Self {
        let mut present = 0;
        if attribute.is_some() {
            present |= Self::ATTRIBUTE;
        }
        if short_by.is_some() {
            present |= Self::SHORT_BY;
        }
        Self {
            present,
            reason: U16::new(reason),
            attribute: U16::new(attribute.unwrap_or_default()),
            short_by: I64::new(short_by.unwrap_or_default()),
            ..Self::of(buyer, profile, Standing::Lost)
        }
    }

    /// The same, of one that is closed: it opens next at this moment, in microseconds since 1970.
    #[must_use]
    pub const fn opens_at(mut self, at: u64) -> Self {
        self.present |= Self::OPENS_AT;
        self.opens_at = U64::new(at);
        self
    }

    /// When it opens next, in microseconds since 1970, where it is closed and will open.
    #[must_use]
    pub const fn opening(&self) -> Option<u64> {
        if self.present & Self::OPENS_AT != 0 { Some(self.opens_at.get()) } else { None }
    }

    /// The same, of one that lacks a skill: by so many levels.
    #[must_use]
    pub fn lacks(mut self, skill: u16, levels: u8) -> Self {
        self.present |= Self::SKILL | Self::SHORT_BY;
        self.skill = U16::new(skill);
        self.short_by = I64::new(i64::from(levels));
        self
    }

    /// The skill that is missing, and by how many levels.
    #[must_use]
    pub fn lacking(&self) -> Option<(u16, u8)> {
        if self.present & Self::SKILL == 0 {
            return None;
        }
        Some((self.skill.get(), u8::try_from(self.short_by.get()).unwrap_or(u8::MAX)))
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

    /// How many micro-units were missing.
    #[must_use]
    pub const fn short_by(&self) -> Option<i64> {
        if self.present & (Self::SHORT_BY | Self::SKILL) == Self::SHORT_BY { Some(self.short_by.get()) } else { None }
    }
}

impl Element for Verdict {
    const NAME: &'static str = "Verdict";

    fn check(&self) -> Result<(), Fault> {
        let standing = Standing::from_code(self.standing).ok_or(Fault::CodeUnknown)?;
        if self.present & !(Self::ATTRIBUTE | Self::SHORT_BY | Self::OPENS_AT | Self::SKILL) != 0 {
            return Err(Fault::FlagUnknown);
        }
        let (buyer, profile) = (self.buyer(), self.profile());
        let again = match standing {
            Standing::Lost => {
                let lost = Self::lost(buyer, profile, self.reason(), self.attribute(), self.short_by());
                let lost = self.lacking().map_or(lost, |(skill, levels)| lost.lacks(skill, levels));
                self.opening().map_or(lost, |at| lost.opens_at(at))
            }
            Standing::Won | Standing::Eligible => Self::of(buyer, profile, standing),
        };
        if again == *self { Ok(()) } else { Err(Fault::ReservedNotZero) }
    }
}
