//! The rows of the surface table: a `match` without a last arm, so that a new command needs its row.

use super::Cell::{Frame, Later, Never};
use super::{Cell, Row};
use crate::identity::Action;

const GRPC: Cell = Later("the gRPC front is not built yet");
const WEB_SOCKET: Cell = Later("the WebSocket front is not built yet");
const PING_POST: Cell = Later("the ping-post front is not built yet");
const SIP: Cell = Later("the SIP front is not built yet");
const BIDS_ONLY: Cell = Never("the bidders' line bids, and nothing else");
const OFFERS_ONLY: Cell = Never("pings and posts offer calls and answer them");
const CALLS_ONLY: Cell = Never("a telephone call offers itself and reports how it goes");
const TIME: Cell = Never("time passes by itself: a tick is the sequencer's");
const NO_LISTS: Cell = Later("the protocol has no frames for lists: a client keeps what its events told it");
const REST: Cell = Later("the REST front is not built yet");

/// Setting up: by whom the market is run, and by its parties for themselves.
const fn set_up(frame: &'static str, rest: Cell) -> Row {
    [Frame(frame), rest, GRPC, BIDS_ONLY, OFFERS_ONLY, CALLS_ONLY]
}

/// Bidding.
const fn bid(frame: &'static str, rest: Cell) -> Row {
    [Frame(frame), rest, GRPC, WEB_SOCKET, PING_POST, CALLS_ONLY]
}

/// Offering a call.
const fn offer(frame: &'static str, rest: Cell) -> Row {
    [Frame(frame), rest, GRPC, BIDS_ONLY, PING_POST, SIP]
}

/// Saying how a call goes.
const fn report(frame: &'static str, rest: Cell) -> Row {
    [Frame(frame), rest, GRPC, BIDS_ONLY, OFFERS_ONLY, SIP]
}

/// Looking.
const fn look(quic: Cell, rest: Cell) -> Row {
    [quic, rest, GRPC, WEB_SOCKET, OFFERS_ONLY, CALLS_ONLY]
}

/// What REST was asked for and cannot give, and why.
pub const WANTED: &[(&str, &str)] = &[];

/// The row of a command or a query.
#[must_use]
pub const fn row(action: Action) -> Row {
    use Action as A;
    match action {
        A::DeclareAttribute => set_up("DeclareAttribute", REST),
        A::DefineValue => set_up("DefineValue", REST),
        A::LoadValueSet => set_up("LoadValueSet", REST),
        A::SetZone => set_up("SetZone", REST),
        A::OpenAccount => set_up("OpenAccount", REST),
        A::Deposit => set_up("Deposit", REST),
        A::Withdraw => set_up("Withdraw", REST),
        A::OpenSession => set_up("OpenSession", REST),
        A::CloseSession => set_up("CloseSession", REST),
        A::SetCalendar => set_up("SetCalendar", REST),
        A::SetDuplicates => set_up("SetDuplicates", REST),
        A::SetFrequency => set_up("SetFrequency", REST),
        A::SetSuppression => set_up("SetSuppression", REST),
        A::SetScreen => set_up("SetScreen", REST),
        A::SetQuota => set_up("SetQuota", REST),
        A::SetGroup => set_up("SetGroup", REST),
        A::SetTogether => set_up("SetTogether", REST),
        A::CreateListing => set_up("CreateListing", REST),
        A::SetDisclosure => set_up("SetDisclosure", REST),
        A::SetWindow => set_up("SetWindow", REST),
        A::SetDeal => set_up("SetDeal", REST),
        A::SetPrivate => set_up("SetPrivate", REST),
        A::SetDelivery => set_up("SetDelivery", REST),
        A::SetPolicy => set_up("SetPolicy", REST),
        A::CreateProfile => set_up("CreateProfile", REST),
        A::AlsoWants => set_up("AlsoWants", REST),
        A::SetModifiers => set_up("SetModifiers", REST),
        A::SetAnswering => set_up("SetAnswering", REST),
        A::RankProfile => set_up("RankProfile", REST),
        A::SetSkills => set_up("SetSkills", REST),
        A::SetBid => bid("SetBid", REST),
        A::PauseProfile => set_up("PauseProfile", REST),
        A::ResumeProfile => set_up("ResumeProfile", REST),
        A::CloseProfile => set_up("CloseProfile", REST),
        A::SetQuoting => set_up("SetQuoting", REST),
        A::QuoteCall => offer("QuoteCall", REST),
        A::ConfirmQuote => offer("ConfirmQuote", REST),
        A::RegisterCall => offer("RegisterCall", REST),
        A::OfferCall => offer("OfferCall", REST),
        A::CancelCall => offer("CancelCall", REST),
        A::OpenAuction => set_up("OpenAuction", REST),
        A::PlaceBid => bid("PlaceBid", REST),
        A::WithdrawBid => bid("WithdrawBid", REST),
        A::NoBid => bid("NoBid", REST),
        A::CloseAuction => set_up("CloseAuction", REST),
        A::ReportRinging => report("ReportRinging", REST),
        A::ReportAnswered => report("ReportAnswered", REST),
        A::ReportFailed => report("ReportFailed", REST),
        A::ReportEnded => report("ReportEnded", REST),
        A::ReportDropped => report("ReportDropped", REST),
        A::ReportRejected => report("ReportRejected", REST),
        A::Tick => [TIME; 6],
        A::QueryBalance => look(Frame("QueryBalance"), REST),
        A::QueryCall => look(Frame("QueryCall"), REST),
        A::QueryExplain => look(Frame("QueryExplain"), REST),
        A::QueryPosition => look(Frame("QueryPosition"), REST),
        A::QueryAccount | A::QueryMovements | A::QueryListing | A::QueryProfile | A::QueryAuction | A::QueryBid => {
            look(NO_LISTS, REST)
        }
    }
}
