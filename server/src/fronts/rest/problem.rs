//! Refusals as RFC 9457 has them: a stable code and name, a sentence, and the field it is about.
//!
//! Codes from 1001 are the engine's, from 2001 the runtime's, as on the wire; the front's own begin at 4001.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dce_engine::reject::Reject;
use dce_runtime::{Busy, Refusal};
use serde::Serialize;
use utoipa::openapi::{self, ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $status:ident => $text:literal,)+) => {
        /// What the front itself refuses. Codes never change meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Fault {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Fault {
            /// Every fault, in order of code.
            #[cfg(test)]
            pub(super) const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code.
            pub(super) const fn code(self) -> u16 {
                match self { $(Self::$name => $code,)+ }
            }

            /// Its name.
            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// The status it is answered with.
            pub(super) const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }

            /// What is wrong and what to do, in one sentence.
            pub(super) const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

faults! {
    /// The body is no JSON.
    BodyMalformed = 4001, BAD_REQUEST => "the body is not the JSON this request takes",
    /// A field nobody knows.
    FieldUnknown = 4002, UNPROCESSABLE_ENTITY => "the request has no such field; the document at /api/v1/openapi.json lists them",
    /// A field that must be there.
    FieldMissing = 4003, UNPROCESSABLE_ENTITY => "this field must be given",
    /// A field of another form.
    FieldMalformed = 4004, UNPROCESSABLE_ENTITY => "the field has another form than this",
    /// More bytes than a body may have.
    BodyTooLarge = 4005, PAYLOAD_TOO_LARGE => "the body is longer than 64 KiB",
    /// Something else than JSON.
    MediaTypeUnsupported = 4006, UNSUPPORTED_MEDIA_TYPE => "send the body as Content-Type: application/json",
    /// No such path.
    RouteUnknown = 4007, NOT_FOUND => "there is no such path; see /api/v1/openapi.json",
    /// The path takes other methods.
    MethodNotAllowed = 4008, METHOD_NOT_ALLOWED => "the path does not take this method; see /api/v1/openapi.json",
    /// No key.
    CredentialsMissing = 4009, UNAUTHORIZED => "send Authorization: Bearer and an API key or a token",
    /// A key that is none, or was taken back.
    CredentialsWrong = 4010, UNAUTHORIZED => "no such key or token, or it is no longer good",
    /// The role has no such permission, or not for this account.
    Forbidden = 4011, FORBIDDEN => "this key's role may not ask this, or not for that account",
    /// No such thing, or not the asker's.
    NotFound = 4012, NOT_FOUND => "there is no such thing, or it is not yours",
    /// It has changed since.
    PreconditionFailed = 4013, PRECONDITION_FAILED => "it has changed since; read it again and decide anew",
    /// A condition that is none.
    PreconditionMalformed = 4014, BAD_REQUEST => "a condition is an ETag as it was answered, in quotes, or *",
    /// A key that is no UUIDv7.
    IdempotencyKeyMalformed = 4015, BAD_REQUEST => "an Idempotency-Key is a UUIDv7: it becomes the id of what the request makes",
    /// A key, and another id in the body.
    IdempotencyKeyConflict = 4016, UNPROCESSABLE_ENTITY => "the Idempotency-Key and the body's id name two things; leave one out",
    /// The place does not come.
    SequenceNotReached = 4017, CONFLICT => "the log did not reach min_sequence in time; ask with a sequence that was answered",
    /// No room in time.
    ServerBusy = 4018, SERVICE_UNAVAILABLE => "the exchange had no room for the command in time; send it again",
    /// A cursor that is none.
    CursorMalformed = 4019, BAD_REQUEST => "a cursor is what next_cursor was, unchanged",
    /// The events are no longer kept.
    HistoryGone = 4020, GONE => "what happened then is no longer kept; ask from a later moment on",
    /// No caller's number.
    CallerMalformed = 4021, UNPROCESSABLE_ENTITY => "a caller is a number in E.164, such as +12065550100",
    /// No profile to bid with.
    ProfileNeeded = 4022, CONFLICT => "the account has several profiles or none to bid with here; name one with profile_id, or create one",
    /// The status cannot be reached from here.
    StatusUnreachable = 4023, CONFLICT => "the call cannot come to this status from where it is",
    /// The body did not come.
    BodyTooSlow = 4024, REQUEST_TIMEOUT => "the body did not arrive in time; send it again",
    /// Nothing was decided yet, or ever.
    ExplainUnknown = 4025, NOT_FOUND => "nothing was decided about this call",
    /// As many explanations wait as may.
    ExplainBusy = 4026, TOO_MANY_REQUESTS => "an explanation of yours is being made, or too many are; ask again in a while",
    /// The log could not be read.
    ExplainFailed = 4027, SERVICE_UNAVAILABLE => "the log could not be read; the server's own log says why",
    /// It is about to stop.
    ServerStopping = 4028, SERVICE_UNAVAILABLE => "the server is stopping, or not ready yet; ask again in a while",
    /// As many sessions as there may be.
    SessionsFull = 4029, TOO_MANY_REQUESTS => "the account has as many live sessions as it may; close a connection",
    /// An attribute the market does not have.
    AttributeUnknown = 4030, UNPROCESSABLE_ENTITY => "the market has no attribute of this name",
    /// Too often, from there or by it.
    TooManyRequests = 4031, TOO_MANY_REQUESTS => "too many requests from this address or by whoever this is; ask again in a while",
    /// The store of identities failed.
    IdentityUnavailable = 4032, SERVICE_UNAVAILABLE => "keys and tokens cannot be checked at the moment; ask again in a while",
    /// The database beside the log failed.
    HistoryUnavailable = 4033, SERVICE_UNAVAILABLE => "the history cannot be read; the server's own log says why",
}

/// A refusal.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:dce:problem:BidNotRaised", "title": "BidNotRaised", "status": 409, "code": 1506,
    "detail": "a new bid must be above the one it replaces"
}))]
pub(super) struct Problem {
    /// `urn:dce:problem:` and the name.
    #[serde(rename = "type")]
    kind: String,
    /// The name of the rule.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// The stable code: 1001 and up are the engine's, 2001 the runtime's, 4001 the front's.
    code: u16,
    /// What is wrong, and what to do.
    detail: String,
    /// The field of the request it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip)]
    is_transient: bool,
}

/// The media type of a problem.
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
/// Seconds after which what may pass by itself is worth asking again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

impl Problem {
    fn of(status: StatusCode, code: u16, title: &'static str, detail: &str) -> Self {
        let kind = format!("urn:dce:problem:{title}");
        let (detail, status) = (detail.to_owned(), status.as_u16());
        Self { kind, title, status, code, detail, field: None, is_transient: false }
    }

    /// About this field.
    pub(super) fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// With more words.
    pub(super) fn because(mut self, words: &str) -> Self {
        self.detail = format!("{}: {words}", self.detail);
        self
    }

    /// A field that must be given.
    pub(super) fn missing(field: &str) -> Self {
        Self::from(Fault::FieldMissing).field(field)
    }

    /// A field whose value cannot be.
    pub(super) fn malformed(field: &str, words: &str) -> Self {
        Self::from(Fault::FieldMalformed).field(field).because(words)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let mut problem = Self::of(fault.status(), fault.code(), fault.name(), fault.text());
        problem.is_transient = matches!(
            fault,
            Fault::ServerBusy
                | Fault::ServerStopping
                | Fault::ExplainBusy
                | Fault::SequenceNotReached
                | Fault::TooManyRequests
                | Fault::IdentityUnavailable
        );
        problem
    }
}

impl From<Reject> for Problem {
    fn from(reject: Reject) -> Self {
        // The engine's variants have no names at run time; the protocol's table has them as they stand on the wire.
        let name = dce_protocol::name_of(reject.code()).map_or("Refused", |named| named.name);
        let mut problem = Self::of(status_of(reject), reject.code(), name, reject.text());
        problem.is_transient = reject.is_transient();
        problem
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Rejected(reject) => reject.into(),
            Refusal::JournalFull | Refusal::Stopping | Refusal::JournalFailed => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                Self { is_transient: true, ..Self::of(status, refusal.code(), refusal.name(), refusal.text()) }
            }
            Refusal::Quarantined | Refusal::Unreadable => {
                Self::of(StatusCode::UNPROCESSABLE_ENTITY, refusal.code(), refusal.name(), refusal.text())
            }
        }
    }
}

impl From<Busy> for Problem {
    fn from(busy: Busy) -> Self {
        match busy {
            Busy::RingFull { .. } | Busy::InFlightFull { .. } => Fault::ServerBusy.into(),
            Busy::TooLarge { .. } => Reject::CommandTooLarge.into(),
            Busy::Stopping => Fault::ServerStopping.into(),
        }
    }
}

/// By the band of the code: fields, unknown things, conflicts, and what is full.
const fn status_of(reject: Reject) -> StatusCode {
    match reject {
        Reject::AccountUnknown
        | Reject::ListingUnknown
        | Reject::ProfileUnknown
        | Reject::CallUnknown
        | Reject::CalendarUnknown
        | Reject::BidUnknown => StatusCode::NOT_FOUND,
        Reject::StampReused => StatusCode::UNPROCESSABLE_ENTITY,
        _ => match reject.code() / 100 {
            10 | 11 | 13 => StatusCode::UNPROCESSABLE_ENTITY,
            19 if reject.is_transient() => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::CONFLICT,
        },
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (is_transient, asks_for_key) = (self.is_transient, status == StatusCode::UNAUTHORIZED);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, PROBLEM_JSON);
        if is_transient {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        if asks_for_key {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Refusals as the document has them: of any status, with a problem.
pub(super) struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
        let response = ResponseBuilder::new()
            .description("Refused: the code says by which rule, the detail what to do")
            .content("application/problem+json", content)
            .build();
        BTreeMap::from([("default".to_owned(), response.into())])
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_codes_count_up_from_4001_and_every_one_says_what_to_do() {
        for (fault, code) in Fault::ALL.iter().zip(4001..) {
            assert_eq!(fault.code(), code, "{}", fault.name());
            assert!(fault.text().len() > 20, "{} says too little", fault.name());
        }
    }

    #[test]
    fn no_rule_of_the_engine_is_the_servers_fault() {
        for reject in Reject::ALL {
            let problem = Problem::from(*reject);
            assert!((400..500).contains(&problem.status), "{reject:?}");
            assert_eq!((problem.code, problem.title), (reject.code(), format!("{reject:?}").as_str()));
        }
    }
}
