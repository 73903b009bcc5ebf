//! The rows of the surface table: a `match` without a last arm, so that a new command needs its row.

use super::Cell::{Frame, Later, Never, Routes};
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
const OWN_SESSIONS: Cell = Never("the front opens and closes its sessions by itself");
const OVER_HTTP: Cell = Never("identities and metrics are looked after over HTTP");
const EVERY_ANSWER: Cell = Never("every answer carries its `sequence`");

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

/// Looking after people, programs and the machine.
const fn keep(rest: Cell) -> Row {
    [OVER_HTTP, rest, OVER_HTTP, BIDS_ONLY, OFFERS_ONLY, CALLS_ONLY]
}

/// What REST was asked for and cannot give, and why.
pub const WANTED: &[(&str, &str)] = &[
    (
        "PATCH /accounts/{account_id} of its role",
        "a role is for good: what was sold and bought is of it; open another account",
    ),
    (
        "PATCH /listings/{listing_id} of its terms",
        "terms are for good: calls were sold under them; make another listing",
    ),
];

/// The row of a command or a query.
#[must_use]
pub const fn row(action: Action) -> Row {
    use Action as A;
    match action {
        A::DeclareAttribute => set_up("DeclareAttribute", Routes(&["PUT /attributes/{attribute_id}"])),
        A::DefineValue => set_up("DefineValue", Routes(&["PUT /attributes/{attribute_id}/values/{code}"])),
        A::LoadValueSet => set_up("LoadValueSet", Routes(&["PUT /value-sets/{value_set_id}"])),
        A::SetZone => set_up("SetZone", Routes(&["PUT /zones/{zone_id}"])),
        A::OpenAccount => set_up("OpenAccount", Routes(&["POST /accounts"])),
        A::SetHome => set_up("SetHome", Routes(&["PATCH /accounts/{account_id}"])),
        A::CloseAccount => set_up("CloseAccount", Routes(&["DELETE /accounts/{account_id}"])),
        A::Deposit => set_up("Deposit", Routes(&["POST /account/deposits"])),
        A::Withdraw => set_up("Withdraw", Routes(&["POST /account/withdrawals"])),
        A::OpenSession => set_up("OpenSession", OWN_SESSIONS),
        A::CloseSession => set_up("CloseSession", OWN_SESSIONS),
        A::SetCalendar => set_up("SetCalendar", Routes(&["PUT /calendars/{calendar_id}"])),
        A::SetDuplicates => set_up(
            "SetDuplicates",
            Routes(&[
                "PUT /account/duplicates",
                "DELETE /account/duplicates",
                "PUT /listings/{listing_id}/duplicates",
                "DELETE /listings/{listing_id}/duplicates",
                "PUT /bid-profiles/{profile_id}/duplicates",
                "DELETE /bid-profiles/{profile_id}/duplicates",
            ]),
        ),
        A::SetFrequency => set_up(
            "SetFrequency",
            Routes(&[
                "PUT /account/frequency",
                "DELETE /account/frequency",
                "PUT /listings/{listing_id}/frequency",
                "DELETE /listings/{listing_id}/frequency",
            ]),
        ),
        A::SetSuppression => set_up(
            "SetSuppression",
            Routes(&["POST /account/suppressions", "DELETE /account/suppressions/{subject_id}"]),
        ),
        A::SetScreen => set_up("SetScreen", Routes(&["PUT /account/screen", "PUT /listings/{listing_id}/screen"])),
        A::SetQuota => set_up(
            "SetQuota",
            Routes(&[
                "PUT /account/quota",
                "PUT /listings/{listing_id}/quota",
                "PUT /bid-profiles/{profile_id}/quota",
                "PUT /groups/{group_id}/quota",
            ]),
        ),
        A::SetGroup => set_up(
            "SetGroup",
            Routes(&["PUT /bid-profiles/{profile_id}/group", "DELETE /bid-profiles/{profile_id}/group"]),
        ),
        A::SetTogether => set_up("SetTogether", Routes(&["PUT /groups/{group_id}"])),
        A::CreateListing => set_up("CreateListing", Routes(&["POST /listings"])),
        A::Delist => set_up("Delist", Routes(&["DELETE /listings/{listing_id}"])),
        A::SetDisclosure => set_up("SetDisclosure", Routes(&["PATCH /listings/{listing_id}"])),
        A::SetWindow => set_up("SetWindow", Routes(&["PATCH /listings/{listing_id}"])),
        A::SetDeal => set_up(
            "SetDeal",
            Routes(&["PUT /listings/{listing_id}/deals/{buyer_id}", "DELETE /listings/{listing_id}/deals/{buyer_id}"]),
        ),
        A::SetPrivate => set_up("SetPrivate", Routes(&["PATCH /listings/{listing_id}"])),
        A::SetDelivery => set_up("SetDelivery", Routes(&["PATCH /listings/{listing_id}"])),
        A::SetPolicy => set_up("SetPolicy", Routes(&["PUT /listings/{listing_id}/policy"])),
        A::CreateProfile => set_up("CreateProfile", Routes(&["POST /bid-profiles"])),
        A::AlsoWants => set_up("AlsoWants", Routes(&["PUT /bid-profiles/{profile_id}/also/{nth}"])),
        A::SetModifiers => set_up("SetModifiers", Routes(&["PUT /bid-profiles/{profile_id}/modifiers"])),
        A::SetAnswering => set_up("SetAnswering", Routes(&["PATCH /bid-profiles/{profile_id}"])),
        A::RankProfile => set_up("RankProfile", Routes(&["PUT /bid-profiles/{profile_id}/rank"])),
        A::SetSkills => set_up("SetSkills", Routes(&["PUT /bid-profiles/{profile_id}/skills"])),
        A::SetBid => bid("SetBid", Routes(&["PATCH /bid-profiles/{profile_id}"])),
        A::PauseProfile => set_up("PauseProfile", Routes(&["PATCH /bid-profiles/{profile_id}"])),
        A::ResumeProfile => set_up("ResumeProfile", Routes(&["PATCH /bid-profiles/{profile_id}"])),
        A::CloseProfile => set_up("CloseProfile", Routes(&["DELETE /bid-profiles/{profile_id}"])),
        A::SetQuoting => set_up("SetQuoting", Routes(&["PUT /account/firm-quotes"])),
        A::QuoteCall => offer("QuoteCall", Routes(&["POST /quotes"])),
        A::ConfirmQuote => offer("ConfirmQuote", Routes(&["POST /quotes/{quote_id}/confirm"])),
        A::RegisterCall => offer("RegisterCall", Routes(&["POST /calls"])),
        A::OfferCall => offer("OfferCall", Routes(&["POST /calls", "POST /calls/{call_id}/route"])),
        A::CancelCall => offer("CancelCall", Routes(&["PATCH /calls/{call_id}/status"])),
        A::OpenAuction => set_up("OpenAuction", Routes(&["POST /auctions"])),
        A::PlaceBid => bid("PlaceBid", Routes(&["POST /bids", "PATCH /bids/{bid_id}"])),
        A::WithdrawBid => bid("WithdrawBid", Routes(&["DELETE /bids/{bid_id}"])),
        A::NoBid => bid("NoBid", Routes(&["POST /auctions/{auction_id}/pass"])),
        A::CloseAuction => set_up(
            "CloseAuction",
            Routes(&["POST /auctions/{auction_id}/close", "POST /auctions/{auction_id}/complete"]),
        ),
        A::ReportRinging => report("ReportRinging", Routes(&["PATCH /calls/{call_id}/status"])),
        A::ReportAnswered => report("ReportAnswered", Routes(&["PATCH /calls/{call_id}/status"])),
        A::ReportFailed => report("ReportFailed", Routes(&["PATCH /calls/{call_id}/status"])),
        A::ReportEnded => {
            report("ReportEnded", Routes(&["PATCH /calls/{call_id}/status", "POST /calls/{call_id}/complete"]))
        }
        A::ReportDropped => report("ReportDropped", Routes(&["POST /calls/{call_id}/complete"])),
        A::ReportRejected => report("ReportRejected", Routes(&["POST /calls/{call_id}/complete"])),
        A::Tick => [TIME; 6],
        A::QueryBalance => look(Frame("QueryBalance"), Routes(&["GET /account/balance"])),
        A::QueryCall => look(
            Frame("QueryCall"),
            Routes(&[
                "GET /calls",
                "GET /calls/{call_id}",
                "GET /calls/{call_id}/status",
                "GET /quotes/{quote_id}",
                "GET /metrics/calls",
            ]),
        ),
        A::QueryExplain => look(Frame("QueryExplain"), Routes(&["GET /calls/{call_id}/explain"])),
        A::QueryPosition => look(Frame("QueryPosition"), EVERY_ANSWER),
        A::QueryAccount => look(
            NO_LISTS,
            Routes(&[
                "GET /accounts",
                "GET /accounts/{account_id}",
                "GET /calendars/{calendar_id}",
                "GET /account/duplicates",
                "GET /account/frequency",
                "GET /account/screen",
                "GET /account/quota",
            ]),
        ),
        A::QueryMovements => look(
            NO_LISTS,
            Routes(&[
                "GET /account/transactions",
                "GET /account/deposits",
                "GET /account/withdrawals",
                "GET /account/statements",
            ]),
        ),
        A::QueryListing => look(
            NO_LISTS,
            Routes(&[
                "GET /listings",
                "GET /listings/{listing_id}",
                "GET /listings/{listing_id}/duplicates",
                "GET /listings/{listing_id}/frequency",
                "GET /listings/{listing_id}/screen",
                "GET /listings/{listing_id}/quota",
                "GET /listings/{listing_id}/policy",
                "GET /listings/{listing_id}/deals/{buyer_id}",
            ]),
        ),
        A::QueryProfile => look(
            NO_LISTS,
            Routes(&[
                "GET /bid-profiles",
                "GET /bid-profiles/{profile_id}",
                "GET /bid-profiles/{profile_id}/duplicates",
                "GET /bid-profiles/{profile_id}/quota",
                "GET /bid-profiles/{profile_id}/also/{nth}",
                "GET /bid-profiles/{profile_id}/modifiers",
                "GET /bid-profiles/{profile_id}/rank",
                "GET /bid-profiles/{profile_id}/skills",
                "GET /groups/{group_id}/quota",
            ]),
        ),
        A::QueryAuction => look(NO_LISTS, Routes(&["GET /auctions", "GET /auctions/{auction_id}"])),
        A::QueryBid => look(NO_LISTS, Routes(&["GET /bids", "GET /bids/{bid_id}", "GET /metrics/bids"])),
        A::ManageUsers => keep(Routes(&["GET /users", "PATCH /users/{id}"])),
        A::ManageClients => keep(Routes(&["GET /clients", "POST /clients", "DELETE /clients/{id}"])),
        A::ManageCertificates => {
            keep(Routes(&["GET /certificates", "POST /certificates", "DELETE /certificates/{fingerprint}"]))
        }
        A::ManageKeys => keep(Routes(&["GET /keys", "POST /keys", "DELETE /keys/{prefix}"])),
        A::QueryMetrics => keep(Routes(&["GET /metrics"])),
    }
}
