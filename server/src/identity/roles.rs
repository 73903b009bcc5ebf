//! The one permission table: every command and every query, by role.
//!
//! Default deny: what has no row cannot be asked, and a test demands a row for each command of the engine and each
//! request of the protocol.

use super::scope::Scope;

/// What a key, a person or a program may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Does what an operator does, and says who may do what.
    Admin,
    /// Runs the exchange: sets up, moves money, and may act for everybody.
    Operator,
    /// Bids with the profiles of its account.
    Buyer,
    /// Offers the calls of its account, and reports what becomes of them.
    Seller,
    /// Reads everything and changes nothing.
    Auditor,
    /// A program of the exchange's own, such as telephony: offers calls and reports on them for every seller.
    Service,
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
    ($($name:ident: $scope:ident, $admin:ident, $operator:ident, $buyer:ident, $seller:ident, $auditor:ident, $service:ident;)+) => {
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
                        Role::Admin => Grant::$admin,
                        Role::Operator => Grant::$operator,
                        Role::Buyer => Grant::$buyer,
                        Role::Seller => Grant::$seller,
                        Role::Auditor => Grant::$auditor,
                        Role::Service => Grant::$service,
                    },)+
                }
            }

            /// What a key or a token must be good for to ask it.
            #[must_use]
            pub const fn scope(self) -> Scope {
                match self { $(Self::$name => Scope::$scope,)+ }
            }
        }
    };
}

table! {
    // command         scope     admin  operator  buyer  seller  auditor  service
    DeclareAttribute: Setup,    Any,   Any,      No,    No,     No,      No;
    DefineValue:      Setup,    Any,   Any,      No,    No,     No,      No;
    LoadValueSet:     Setup,    Any,   Any,      No,    No,     No,      No;
    SetZone:          Setup,    Any,   Any,      No,    No,     No,      No;
    OpenAccount:      Accounts, Any,   Any,      No,    No,     No,      No;
    // A buyer that moves itself ever eastward begins its day anew, and with it the quotas others set it.
    SetHome:          Accounts, Any,   Any,      No,    No,     No,      No;
    CloseAccount:     Accounts, Any,   Any,      No,    No,     No,      No;
    Deposit:          Funds,    Any,   Any,      No,    No,     No,      No;
    Withdraw:         Funds,    Any,   Any,      No,    No,     No,      No;
    // A trader's sessions are opened by its hello and closed by its goodbye, where they are counted.
    OpenSession:      Accounts, Any,   Any,      No,    No,     No,      Any;
    CloseSession:     Accounts, Any,   Any,      No,    No,     No,      Any;
    SetCalendar:      Rules,    Any,   Any,      Own,   Own,    No,      No;
    SetDuplicates:    Rules,    Any,   Any,      Own,   Own,    No,      No;
    SetFrequency:     Rules,    Any,   Any,      No,    Own,    No,      No;
    SetSuppression:   Rules,    Any,   Any,      Own,   Own,    No,      No;
    SetScreen:        Rules,    Any,   Any,      No,    Own,    No,      No;
    SetQuota:         Rules,    Any,   Any,      Own,   Own,    No,      No;
    SetGroup:         Rules,    Any,   Any,      Own,   No,     No,      No;
    SetTogether:      Rules,    Any,   Any,      Own,   No,     No,      No;
    // Terms are agreed between seller and operator; a buyer's tier is the operator's to give (`fronts/quic/permit.rs`).
    CreateListing:    Listings, Any,   Any,      No,    No,     No,      No;
    // Nobody is made to go on selling.
    Delist:           Listings, Any,   Any,      No,    Own,    No,      No;
    // What losers are told is the seller's to say.
    SetDisclosure:    Listings, Any,   Any,      No,    Own,    No,      No;
    SetWindow:        Listings, Any,   Any,      No,    Own,    No,      No;
    SetDeal:          Listings, Any,   Any,      No,    Own,    No,      No;
    SetPrivate:       Listings, Any,   Any,      No,    Own,    No,      No;
    SetDelivery:      Listings, Any,   Any,      No,    Own,    No,      No;
    // Within those terms the seller says who of the best tier is served.
    SetPolicy:        Listings, Any,   Any,      No,    Own,    No,      No;
    CreateProfile:    Profiles, Any,   Any,      Own,   No,     No,      No;
    AlsoWants:        Profiles, Any,   Any,      Own,   No,     No,      No;
    SetModifiers:     Profiles, Any,   Any,      Own,   No,     No,      No;
    SetAnswering:     Profiles, Any,   Any,      Own,   No,     No,      No;
    // As the tier: who graded itself would be the best.
    RankProfile:      Profiles, Any,   Any,      No,    No,     No,      No;
    SetSkills:        Profiles, Any,   Any,      No,    No,     No,      No;
    SetBid:           Profiles, Any,   Any,      Own,   No,     No,      No;
    PauseProfile:     Profiles, Any,   Any,      Own,   No,     No,      No;
    ResumeProfile:    Profiles, Any,   Any,      Own,   No,     No,      No;
    CloseProfile:     Profiles, Any,   Any,      Own,   No,     No,      No;
    // A firm quote keeps buyers' money from others: how many, the operator says.
    SetQuoting:       Listings, Any,   Any,      No,    No,     No,      No;
    QuoteCall:        Calls,    Any,   Any,      No,    Own,    No,      Any;
    ConfirmQuote:     Calls,    Any,   Any,      No,    Own,    No,      Any;
    RegisterCall:     Calls,    Any,   Any,      No,    Own,    No,      Any;
    OfferCall:        Calls,    Any,   Any,      No,    Own,    No,      Any;
    CancelCall:       Calls,    Any,   Any,      No,    Own,    No,      Any;
    OpenAuction:      Calls,    Any,   Any,      No,    Own,    No,      Any;
    PlaceBid:         Bids,     Any,   Any,      Own,   No,     No,      No;
    WithdrawBid:      Bids,     Any,   Any,      Own,   No,     No,      No;
    NoBid:            Bids,     Any,   Any,      Own,   No,     No,      No;
    CloseAuction:     Calls,    Any,   Any,      No,    Own,    No,      Any;
    ReportRinging:    Calls,    Any,   Any,      No,    Own,    No,      Any;
    ReportAnswered:   Calls,    Any,   Any,      No,    Own,    No,      Any;
    ReportFailed:     Calls,    Any,   Any,      No,    Own,    No,      Any;
    ReportEnded:      Calls,    Any,   Any,      No,    Own,    No,      Any;
    ReportDropped:    Calls,    Any,   Any,      No,    Own,    No,      Any;
    ReportRejected:   Calls,    Any,   Any,      No,    Own,    No,      Any;
    // Time passes by itself: a tick is the sequencer's.
    Tick:             Calls,    No,    No,       No,    No,     No,      No;
    // identity
    ManageUsers:      Identity, Any,   No,       No,    No,     No,      No;
    ManageClients:    Identity, Any,   No,       No,    No,     No,      No;
    ManageCertificates: Identity, Any, No,    No,    No,     No,      No;
    // Everybody may have keys for programs of its own, never for more than it may itself.
    ManageKeys:       Identity, Any,   Own,      Own,   Own,    No,      No;
    // query
    QueryBalance:     Read,     Any,   Any,      Own,   Own,    Any,     No;
    // A buyer may look at the calls it bought.
    QueryCall:        Read,     Any,   Any,      Own,   Own,    Any,     Any;
    // A buyer hears of its own profiles. A seller would hear of its buyers' bids.
    QueryExplain:     Read,     Any,   Any,      Own,   No,     Any,     No;
    QueryPosition:    Read,     Any,   Any,      Any,   Any,    Any,     Any;
    // What the machine is doing, for whoever runs it.
    QueryMetrics:     Read,     Any,   Any,      No,    No,     Any,     No;
    // Lists and single things of a read model: what an account made, moved, sold, bought or bid.
    QueryAccount:     Read,     Any,   Any,      Own,   Own,    Any,     No;
    QueryMovements:   Read,     Any,   Any,      Own,   Own,    Any,     No;
    QueryListing:     Read,     Any,   Any,      No,    Own,    Any,     No;
    QueryProfile:     Read,     Any,   Any,      Own,   No,     Any,     No;
    // A buyer sees the auctions that are open to it.
    QueryAuction:     Read,     Any,   Any,      Own,   Own,    Any,     No;
    QueryBid:         Read,     Any,   Any,      Own,   No,     Any,     No;
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] =
        &[Self::Admin, Self::Operator, Self::Buyer, Self::Seller, Self::Auditor, Self::Service];

    /// As it is written in files and flags.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Buyer => "buyer",
            Self::Seller => "seller",
            Self::Auditor => "auditor",
            Self::Service => "service",
        }
    }

    /// Whether it trades for one account, instead of looking after all of them.
    #[must_use]
    pub const fn is_trader(self) -> bool {
        matches!(self, Self::Buyer | Self::Seller)
    }

    /// Whether it runs the market: grades buyers, and sets what binds others.
    #[must_use]
    pub const fn runs_the_market(self) -> bool {
        matches!(self, Self::Admin | Self::Operator)
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

    #[test]
    fn an_admin_may_what_an_operator_may_and_an_auditor_changes_nothing() {
        for action in Action::ALL {
            if action.granted_to(Role::Operator) == Grant::Any {
                assert_eq!(action.granted_to(Role::Admin), Grant::Any, "{}", action.name());
            }
            let changes = action.scope() != Scope::Read;
            assert!(!changes || action.granted_to(Role::Auditor) == Grant::No, "{}", action.name());
        }
    }

    #[test]
    fn a_service_offers_and_reports_and_touches_neither_money_nor_terms() {
        for action in Action::ALL.iter().filter(|action| action.granted_to(Role::Service) != Grant::No) {
            let may = [Scope::Calls, Scope::Read, Scope::Accounts].contains(&action.scope());
            assert!(may && *action != Action::OpenAccount, "{}", action.name());
        }
    }
}
