//! The kinds of record, by the codes that stand in every log.

macro_rules! kinds {
    ($($name:ident = $code:literal,)+) => {
        /// What a record holds. A command's kind has the command's name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Kind {
            $($name = $code,)+
        }

        impl Kind {
            /// The kind with this code.
            #[inline]
            pub(super) const fn of(code: u8) -> Option<Self> {
                match code {
                    $($code => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    };
}

// A code never changes its meaning and is never used again. Each area has ten; a new command takes the next of its own.
kinds! {
    Genesis = 1,

    DeclareAttribute = 10,
    DefineValue = 11,
    LoadValueSet = 12,
    SetZone = 13,
    SetCalendar = 14,

    OpenAccount = 20,
    Deposit = 21,
    Withdraw = 22,
    CloseAccount = 23,
    SetHome = 24,

    OpenSession = 30,
    CloseSession = 31,

    CreateListing = 40,
    Delist = 41,

    CreateProfile = 50,
    SetBid = 51,
    PauseProfile = 52,
    ResumeProfile = 53,
    CloseProfile = 54,

    RegisterCall = 60,
    OfferCall = 61,
    CancelCall = 62,

    OpenAuction = 70,
    PlaceBid = 71,
    WithdrawBid = 72,
    CloseAuction = 73,
    NoBid = 74,

    ReportRinging = 80,
    ReportAnswered = 81,
    ReportFailed = 82,
    ReportEnded = 83,

    Tick = 90,

    SetDisclosure = 140,

    SetWindow = 150,
    SetDeal = 151,
    SetPrivate = 152,
    AlsoWants = 153,
    SetModifiers = 154,

    SetQuoting = 160,
    QuoteCall = 161,
    ConfirmQuote = 162,

    SetDuplicates = 130,
    SetFrequency = 131,
    SetSuppression = 132,
    SetScreen = 133,

    SetDelivery = 120,
    SetAnswering = 121,
    ReportDropped = 122,
    ReportRejected = 123,

    SetQuota = 100,
    SetGroup = 101,
    SetTogether = 102,

    SetPolicy = 110,
    RankProfile = 111,
    SetSkills = 112,
}

impl Kind {
    /// As it stands in a record's second byte.
    pub(super) const fn code(self) -> u8 {
        self as u8
    }
}
