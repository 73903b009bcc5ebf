//! The one permission table: every command and every query, by role.
//!
//! Default deny: what has no row cannot be asked, and a test demands a row for each command of the engine and each
//! request of the protocol.

/// What a key may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Runs the exchange: sets up, moves money, and may act for everybody.
    Operator,
    /// Bids with the profiles of its account.
    Buyer,
    /// Offers the calls of its account, and reports what becomes of them.
    Seller,
}

/// How far a permission reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Not at all.
    No,
    /// For the key's own account.
    Own,
    /// For every account.
    Any,
}

macro_rules! table {
    ($($name:ident: $operator:ident, $buyer:ident, $seller:ident;)+) => {
        /// Something that can be asked: the commands by the engine's names, then the queries.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "commands are documented in dce-engine, queries in docs/protocol.md")]
        pub enum Action {
            $($name,)+
        }

        impl Action {
            /// Everything that can be asked.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its name, as in the engine and on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// What a role may ask of it.
            #[must_use]
            pub const fn granted_to(self, role: Role) -> Grant {
                match self {
                    $(Self::$name => match role {
                        Role::Operator => Grant::$operator,
                        Role::Buyer => Grant::$buyer,
                        Role::Seller => Grant::$seller,
                    },)+
                }
            }
        }
    };
}

table! {
    // command         operator  buyer seller
    DeclareAttribute:  Any,      No,   No;
    DefineValue:       Any,      No,   No;
    LoadValueSet:      Any,      No,   No;
    SetZone:           Any,      No,   No;
    OpenAccount:       Any,      No,   No;
    Deposit:           Any,      No,   No;
    Withdraw:          Any,      No,   No;
    // A trader's sessions are opened by its hello and closed by its goodbye, where they are counted.
    OpenSession:       Any,      No,   No;
    CloseSession:      Any,      No,   No;
    SetCalendar:       Any,      Own,  Own;
    SetDuplicates:     Any,      Own,  Own;
    SetFrequency:      Any,      No,   Own;
    SetSuppression:    Any,      Own,  Own;
    SetScreen:         Any,      No,   Own;
    SetQuota:          Any,      Own,  Own;
    SetGroup:          Any,      Own,  No;
    SetTogether:       Any,      Own,  No;
    // Terms are agreed between seller and operator; a buyer's tier is the operator's to give (`fronts/quic/permit.rs`).
    CreateListing:     Any,      No,   No;
    // What losers are told is the seller's to say.
    SetDisclosure:     Any,      No,   Own;
    SetWindow:         Any,      No,   Own;
    SetDeal:           Any,      No,   Own;
    SetPrivate:        Any,      No,   Own;
    SetDelivery:       Any,      No,   Own;
    // Within those terms the seller says who of the best tier is served.
    SetPolicy:         Any,      No,   Own;
    CreateProfile:     Any,      Own,  No;
    AlsoWants:         Any,      Own,  No;
    SetModifiers:      Any,      Own,  No;
    SetAnswering:      Any,      Own,  No;
    // As the tier: who graded itself would be the best.
    RankProfile:       Any,      No,   No;
    SetSkills:         Any,      No,   No;
    SetBid:            Any,      Own,  No;
    PauseProfile:      Any,      Own,  No;
    ResumeProfile:     Any,      Own,  No;
    CloseProfile:      Any,      Own,  No;
    // A firm quote keeps buyers' money from others: how many, the operator says.
    SetQuoting:        Any,      No,   No;
    QuoteCall:         Any,      No,   Own;
    ConfirmQuote:      Any,      No,   Own;
    RegisterCall:      Any,      No,   Own;
    OfferCall:         Any,      No,   Own;
    CancelCall:        Any,      No,   Own;
    OpenAuction:       Any,      No,   Own;
    PlaceBid:          Any,      Own,  No;
    WithdrawBid:       Any,      Own,  No;
    NoBid:             Any,      Own,  No;
    CloseAuction:      Any,      No,   Own;
    ReportRinging:     Any,      No,   Own;
    ReportAnswered:    Any,      No,   Own;
    ReportFailed:      Any,      No,   Own;
    ReportEnded:       Any,      No,   Own;
    ReportDropped:     Any,      No,   Own;
    ReportRejected:    Any,      No,   Own;
    // Time passes by itself: a tick is the sequencer's.
    Tick:              No,       No,   No;
    // query
    QueryBalance:      Any,      Own,  Own;
    // A buyer may look at the calls it bought.
    QueryCall:         Any,      Own,  Own;
    // A buyer hears of its own profiles. A seller would hear of its buyers' bids.
    QueryExplain:      Any,      Own,  No;
    QueryPosition:     Any,      Any,  Any;
    // Lists and single things of a read model: what an account made, moved, sold, bought or bid.
    QueryAccount:      Any,      Own,  Own;
    QueryMovements:    Any,      Own,  Own;
    QueryListing:      Any,      No,   Own;
    QueryProfile:      Any,      Own,  No;
    // A buyer sees the auctions that are open to it.
    QueryAuction:      Any,      Own,  Own;
    QueryBid:          Any,      Own,  No;
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[Self::Operator, Self::Buyer, Self::Seller];

    /// As it is written in files and flags.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Buyer => "buyer",
            Self::Seller => "seller",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.name()), Some(*role));
        }
        assert_eq!(Role::from_name("root"), None);
    }

    #[test]
    fn nobody_but_the_operator_moves_money_or_sets_up() {
        use Action::{
            CreateListing, DeclareAttribute, DefineValue, Deposit, LoadValueSet, OpenAccount, SetZone, Withdraw,
        };
        for action in
            [DeclareAttribute, DefineValue, LoadValueSet, SetZone, OpenAccount, Deposit, Withdraw, CreateListing]
        {
            assert_eq!(action.granted_to(Role::Buyer), Grant::No, "{}", action.name());
            assert_eq!(action.granted_to(Role::Seller), Grant::No, "{}", action.name());
        }
    }

    #[test]
    fn no_trader_may_act_for_another() {
        for action in Action::ALL.iter().filter(|action| **action != Action::QueryPosition) {
            assert_ne!(action.granted_to(Role::Buyer), Grant::Any, "{}", action.name());
            assert_ne!(action.granted_to(Role::Seller), Grant::Any, "{}", action.name());
        }
        assert!(Role::ALL.iter().all(|role| Action::Tick.granted_to(*role) == Grant::No));
    }
}
