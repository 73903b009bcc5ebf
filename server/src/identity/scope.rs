//! What a key or a token is good for: never more than its role may, and less where its owner says so.

use std::fmt;

macro_rules! scopes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// A part of what can be asked. Every action of the permission table belongs to one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Scope {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Scope {
            /// Every scope.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// As it is written in flags, files and tokens.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

scopes! {
    /// Attributes, vocabularies, zones.
    Setup = "setup",
    /// Accounts and their sessions.
    Accounts = "accounts",
    /// Deposits and withdrawals.
    Funds = "funds",
    /// Calendars, quotas, groups and rules about callers.
    Rules = "rules",
    /// Listings and their terms.
    Listings = "listings",
    /// Buyers' profiles and standing bids.
    Profiles = "profiles",
    /// Offering calls, and reporting on them.
    Calls = "calls",
    /// Bidding in auctions.
    Bids = "bids",
    /// Looking.
    Read = "read",
    /// People, clients and keys.
    Identity = "identity",
}

/// A set of scopes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scopes(u16);

/// A word that is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no scope; they are: {list}", list = Scopes::ALL)]
pub struct ScopeUnknown(pub String);

impl Scopes {
    /// None.
    pub const NONE: Self = Self(0);
    /// All: as far as the role reaches.
    pub const ALL: Self = Self((1 << Scope::ALL.len()) - 1);

    /// Whether it is in the set.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// Whether all of the other are in the set.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// What is in both.
    #[must_use]
    pub const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The set with one more.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        Self(self.0 | 1 << scope as u8)
    }

    /// Whether there is none in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Reads names with blanks or commas between them.
    ///
    /// # Errors
    ///
    /// The first that is no scope.
    pub fn parse(text: &str) -> Result<Self, ScopeUnknown> {
        let words = text.split([' ', ',']).filter(|word| !word.is_empty());
        words.into_iter().try_fold(Self::NONE, |set, word| {
            let scope = Scope::ALL.iter().find(|scope| scope.name() == word);
            // What a stranger sent is cut short before it is said again.
            scope.map(|scope| set.with(*scope)).ok_or_else(|| ScopeUnknown(word.chars().take(32).collect()))
        })
    }

    /// Its members, in order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(move |scope| self.has(*scope))
    }
}

/// Names with blanks between them, as OAuth writes them.
impl fmt::Display for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, scope) in self.iter().enumerate() {
            let blank = if place == 0 { "" } else { " " };
            write!(formatter, "{blank}{}", scope.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Scopes({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_a_stranger_is_refused() {
        assert_eq!(Scopes::parse(&Scopes::ALL.to_string()), Ok(Scopes::ALL));
        assert_eq!(Scopes::parse("calls,read"), Ok(Scopes::NONE.with(Scope::Calls).with(Scope::Read)));
        assert_eq!(Scopes::parse(""), Ok(Scopes::NONE));
        let refused = Scopes::parse("read everything").unwrap_err().to_string();
        assert!(refused.contains("`everything`") && refused.contains("setup accounts funds"), "{refused}");
    }

    #[test]
    fn a_set_covers_what_is_in_it() {
        let some = Scopes::parse("calls read").unwrap();
        assert!(Scopes::ALL.covers(some) && !some.covers(Scopes::ALL) && some.covers(some));
        assert_eq!(some.both(Scopes::parse("read bids").unwrap()).to_string(), "read");
        assert!(some.has(Scope::Calls) && !some.has(Scope::Bids) && Scopes::NONE.is_empty());
    }
}
