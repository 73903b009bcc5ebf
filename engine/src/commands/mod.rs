//! Everything that may change the exchange: one verb a file, with its struct, its checks in order, and its effects.
//!
//! Commands borrow their lists from the frame they came in, or carry short ones inline (see [`List`]), so nothing is
//! allocated on the way to [`Exchange::apply`](crate::Exchange::apply).

mod body;
mod settings;
mod stamp;

mod declare_attribute;
mod define_value;
mod load_value_set;
mod set_zone;

mod close_session;
mod deposit;
mod open_account;
mod open_session;
mod set_home;
mod withdraw;

mod set_calendar;

mod create_listing;
mod delist;
mod set_deal;
mod set_delivery;
mod set_disclosure;
mod set_policy;
mod set_private;
mod set_window;

mod also_wants;
mod close_profile;
mod create_profile;
mod pause_profile;
mod rank_profile;
mod resume_profile;
mod set_answering;
mod set_bid;
mod set_modifiers;

mod set_duplicates;
mod set_frequency;
mod set_screen;
mod set_suppression;

mod set_group;
mod set_quota;
mod set_skills;
mod set_together;

mod cancel_call;
mod confirm_quote;
mod offer_call;
mod quote_call;
mod register_call;
mod set_quoting;
mod told;

mod close_account;
mod close_auction;
mod no_bid;
mod open_auction;
mod place_bid;
mod withdraw_bid;

mod report;
mod report_answered;
mod report_dropped;
mod report_ended;
mod report_failed;
mod report_rejected;
mod report_ringing;

mod tick;

pub use also_wants::AlsoWants;
pub use cancel_call::CancelCall;
pub use close_account::CloseAccount;
pub use close_auction::CloseAuction;
pub use close_profile::CloseProfile;
pub use close_session::CloseSession;
pub use confirm_quote::ConfirmQuote;
pub use create_listing::CreateListing;
pub use create_profile::CreateProfile;
pub use declare_attribute::DeclareAttribute;
pub use define_value::DefineValue;
pub use delist::Delist;
pub use deposit::Deposit;
pub use load_value_set::LoadValueSet;
pub use no_bid::NoBid;
pub use offer_call::OfferCall;
pub use open_account::OpenAccount;
pub use open_auction::OpenAuction;
pub use open_session::OpenSession;
pub use pause_profile::PauseProfile;
pub use place_bid::PlaceBid;
pub use quote_call::QuoteCall;
pub use rank_profile::RankProfile;
pub use register_call::RegisterCall;
pub use report_answered::ReportAnswered;
pub use report_dropped::ReportDropped;
pub use report_ended::ReportEnded;
pub use report_failed::ReportFailed;
pub use report_rejected::ReportRejected;
pub use report_ringing::ReportRinging;
pub use resume_profile::ResumeProfile;
pub use set_answering::SetAnswering;
pub use set_bid::SetBid;
pub use set_calendar::SetCalendar;
pub use set_deal::SetDeal;
pub use set_delivery::SetDelivery;
pub use set_disclosure::SetDisclosure;
pub use set_duplicates::SetDuplicates;
pub use set_frequency::SetFrequency;
pub use set_group::SetGroup;
pub use set_home::SetHome;
pub use set_modifiers::SetModifiers;
pub use set_policy::SetPolicy;
pub use set_private::SetPrivate;
pub use set_quota::SetQuota;
pub use set_quoting::SetQuoting;
pub use set_screen::SetScreen;
pub use set_skills::SetSkills;
pub use set_suppression::SetSuppression;
pub use set_together::SetTogether;
pub use set_window::SetWindow;
pub use set_zone::SetZone;
pub use stamp::Stamp;
pub use tick::Tick;
pub use withdraw::Withdraw;
pub use withdraw_bid::WithdrawBid;

pub use crate::collections::List;

/// One command. Built from any of the structs in [`commands`](self) with `.into()`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant is documented at its struct")]
#[expect(clippy::large_enum_variant, reason = "commands are passed by reference; short lists live inline on purpose")]
pub enum Command<'a> {
    DeclareAttribute(DeclareAttribute<'a>),
    DefineValue(DefineValue<'a>),
    LoadValueSet(LoadValueSet<'a>),
    SetZone(SetZone<'a>),
    OpenAccount(OpenAccount),
    SetHome(SetHome),
    CloseAccount(CloseAccount),
    Deposit(Deposit),
    Withdraw(Withdraw),
    OpenSession(OpenSession),
    CloseSession(CloseSession),
    SetCalendar(SetCalendar<'a>),
    CreateListing(CreateListing),
    Delist(Delist),
    SetDisclosure(SetDisclosure),
    SetWindow(SetWindow),
    SetDeal(SetDeal),
    SetPrivate(SetPrivate),
    SetDelivery(SetDelivery),
    SetPolicy(SetPolicy<'a>),
    CreateProfile(CreateProfile<'a>),
    AlsoWants(AlsoWants<'a>),
    SetModifiers(SetModifiers<'a>),
    SetAnswering(SetAnswering),
    RankProfile(RankProfile),
    SetSkills(SetSkills<'a>),
    SetBid(SetBid),
    PauseProfile(PauseProfile),
    ResumeProfile(ResumeProfile),
    CloseProfile(CloseProfile),
    SetDuplicates(SetDuplicates),
    SetFrequency(SetFrequency),
    SetSuppression(SetSuppression),
    SetScreen(SetScreen<'a>),
    SetQuota(SetQuota<'a>),
    SetGroup(SetGroup),
    SetQuoting(SetQuoting),
    QuoteCall(QuoteCall<'a>),
    ConfirmQuote(ConfirmQuote),
    SetTogether(SetTogether),
    RegisterCall(RegisterCall<'a>),
    OfferCall(OfferCall<'a>),
    CancelCall(CancelCall),
    OpenAuction(OpenAuction),
    PlaceBid(PlaceBid),
    WithdrawBid(WithdrawBid),
    NoBid(NoBid),
    CloseAuction(CloseAuction),
    ReportRinging(ReportRinging),
    ReportAnswered(ReportAnswered),
    ReportFailed(ReportFailed),
    ReportEnded(ReportEnded),
    ReportDropped(ReportDropped),
    ReportRejected(ReportRejected),
    Tick(Tick),
}

const _: () = assert!(size_of::<Command<'_>>() <= 4_096);

/// Calls a macro of yours with the name of every command there is, each with its lifetime `<'a>` where it has one.
///
/// [`Command`] may grow, so a `match` outside this crate needs a last arm; a table made with this macro misses no command
/// all the same: what it needs for each of them, it needs for the new one too, or does not compile.
///
/// ```
/// macro_rules! names {
///     ($($name:ident $(<$life:lifetime>)?),+) => { [$(stringify!($name)),+] };
/// }
/// let names = dce_engine::each_command!(names);
/// assert_eq!((names[0], names.last()), ("DeclareAttribute", Some(&"Tick")));
/// ```
#[macro_export]
macro_rules! each_command {
    ($table:ident) => {
        $table! {
            DeclareAttribute<'a>,
            DefineValue<'a>,
            LoadValueSet<'a>,
            SetZone<'a>,
            OpenAccount,
            SetHome,
            CloseAccount,
            Deposit,
            Withdraw,
            OpenSession,
            CloseSession,
            SetCalendar<'a>,
            CreateListing,
            Delist,
            SetDisclosure,
            SetWindow,
            SetDeal,
            SetPrivate,
            SetDelivery,
            SetPolicy<'a>,
            CreateProfile<'a>,
            AlsoWants<'a>,
            SetModifiers<'a>,
            SetAnswering,
            RankProfile,
            SetSkills<'a>,
            SetBid,
            PauseProfile,
            ResumeProfile,
            CloseProfile,
            SetDuplicates,
            SetFrequency,
            SetSuppression,
            SetScreen<'a>,
            SetQuota<'a>,
            SetGroup,
            SetQuoting,
            QuoteCall<'a>,
            ConfirmQuote,
            SetTogether,
            RegisterCall<'a>,
            OfferCall<'a>,
            CancelCall,
            OpenAuction,
            PlaceBid,
            WithdrawBid,
            NoBid,
            CloseAuction,
            ReportRinging,
            ReportAnswered,
            ReportFailed,
            ReportEnded,
            ReportDropped,
            ReportRejected,
            Tick
        }
    };
}

macro_rules! from_structs {
    ($($name:ident $(<$life:lifetime>)?),+) => {
        $(impl<'a> From<$name $(<$life>)?> for Command<'a> {
            fn from(command: $name $(<$life>)?) -> Self {
                Self::$name(command)
            }
        })+

        impl Command<'_> {
            /// The name of the command, as its struct has it.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name),)+
                }
            }
        }
    };
}

each_command!(from_structs);
