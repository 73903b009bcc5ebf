//! What values an attribute takes.

/// The kind of an attribute. It decides which facts and which clauses fit, and how the index tells values apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of a vocabulary: a state, a language.
    Category {
        /// The highest code a value may have; 1 to 65,535.
        values_max: u32,
    },
    /// Any number of a vocabulary at once: tags.
    Set {
        /// The highest code a value may have; 1 to 65,535.
        values_max: u32,
    },
    /// A whole number, with decimals implied: an age, a predicted rate.
    Integer {
        /// How many of the digits stand behind the point, 0 to 9.
        decimals: u8,
        /// Where most values begin. Below `high`.
        low: i64,
        /// Where most values end.
        high: i64,
    },
    /// Yes or no.
    Boolean,
    /// A place on the earth.
    Point,
}
