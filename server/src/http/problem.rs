//! Refusals as RFC 9457 has them: a stable code and name, a sentence, and the field it is about.
//!
//! Codes from 1001 are the engine's, from 2001 the runtime's, as on the wire; those of HTTP begin at 4001, whether a
//! resource of the market or a route of identities refuses. `docs/problems.md` is all of them, written by the test below.

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
        /// What is refused before the exchange is asked. Codes never change meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Fault {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Fault {
            /// Every fault, in order of code.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code.
            pub(crate) const fn code(self) -> u16 {
                match self { $(Self::$name => $code,)+ }
            }

            /// Its name.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// The status it is answered with.
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }

            /// What is wrong and what to do, in one sentence.
            pub(crate) const fn text(self) -> &'static str {
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
    BodyTooLarge = 4005, PAYLOAD_TOO_LARGE => "the body is longer than a body of this request may be",
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
    IdentityUnavailable = 4032, SERVICE_UNAVAILABLE => "identities cannot be read or written at the moment; ask again in a while",
    /// The database beside the log failed.
    HistoryUnavailable = 4033, SERVICE_UNAVAILABLE => "the history cannot be read; the server's own log says why",
    /// A token that was good once.
    TokenExpired = 4034, UNAUTHORIZED => "the token has expired: get another from auth/refresh or auth/login",
    /// E-mail or password; which, is not said.
    PasswordWrong = 4035, UNAUTHORIZED => "e-mail or password is wrong",
    /// A refresh token that is none, or was used before.
    RefreshTokenWrong = 4036, UNAUTHORIZED => "the refresh token is not valid: log in again",
    /// A person that belongs to no account.
    AccountNeeded = 4037, FORBIDDEN => "this person belongs to no account yet: an admin has to give it one",
    /// Nobody may register by itself.
    RegistrationClosed = 4038, FORBIDDEN => "registration is closed: an admin has to register people, or set security.registration",
    /// As many people, clients or keys as there may be.
    IdentitiesFull = 4039, CONFLICT => "there are as many of these as there may be; take back one that is not needed",
    /// A client certificate that is nobody's.
    CertificateUnknown = 4040, UNAUTHORIZED => "this client certificate is nobody's: an admin sets whose it is, by its fingerprint",
}

/// A refusal.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:dce:problem:BidNotRaised", "title": "BidNotRaised", "status": 409, "code": 1506,
    "detail": "a new bid must be above the one it replaces"
}))]
pub(crate) struct Problem {
    /// `urn:dce:problem:` and the name.
    #[serde(rename = "type")]
    kind: String,
    /// The name of the rule.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// The stable code: 1001 and up are the engine's, 2001 the runtime's, 4001 those of HTTP.
    code: u16,
    /// What is wrong, and what to do.
    detail: String,
    /// The field of the request it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// Seconds after which it is worth asking again, where that may help.
    #[serde(skip)]
    retry_after: Option<u64>,
}

/// The media type of a problem.
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
/// Seconds after which what may pass by itself is worth asking again.
const RETRY_AFTER_SECONDS: u64 = 1;

impl Problem {
    fn of(status: StatusCode, code: u16, title: &'static str, detail: &str) -> Self {
        let kind = format!("urn:dce:problem:{title}");
        let (detail, status) = (detail.to_owned(), status.as_u16());
        Self { kind, title, status, code, detail, field: None, retry_after: None }
    }

    /// About this field.
    pub(crate) fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// With more words.
    pub(crate) fn because(mut self, words: &str) -> Self {
        self.detail = format!("{}: {words}", self.detail);
        self
    }

    /// Worth asking again after so many seconds.
    pub(crate) fn after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds.max(1));
        self
    }

    /// Whether it says something of what was asked about, and not of who asks, how, or when.
    pub(crate) const fn is_about_what_was_asked(&self) -> bool {
        matches!(self.status, 404 | 409 | 422)
    }

    /// A field that must be given.
    pub(crate) fn missing(field: &str) -> Self {
        Self::from(Fault::FieldMissing).field(field)
    }

    /// A field whose value cannot be.
    pub(crate) fn malformed(field: &str, words: &str) -> Self {
        Self::from(Fault::FieldMalformed).field(field).because(words)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let problem = Self::of(fault.status(), fault.code(), fault.name(), fault.text());
        let is_transient = matches!(
            fault,
            Fault::ServerBusy
                | Fault::ServerStopping
                | Fault::ExplainBusy
                | Fault::SequenceNotReached
                | Fault::TooManyRequests
                | Fault::IdentityUnavailable
        );
        if is_transient { problem.after(RETRY_AFTER_SECONDS) } else { problem }
    }
}

impl From<Reject> for Problem {
    fn from(reject: Reject) -> Self {
        // The engine's variants have no names at run time; the protocol's table has them as they stand on the wire.
        let name = dce_protocol::name_of(reject.code()).map_or("Refused", |named| named.name);
        let problem = Self::of(status_of(reject), reject.code(), name, reject.text());
        if reject.is_transient() { problem.after(RETRY_AFTER_SECONDS) } else { problem }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Rejected(reject) => reject.into(),
            Refusal::JournalFull | Refusal::Stopping | Refusal::JournalFailed => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                Self::of(status, refusal.code(), refusal.name(), refusal.text()).after(RETRY_AFTER_SECONDS)
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
        let (retry_after, code) = (self.retry_after, self.code);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, PROBLEM_JSON);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            // RFC 6750, 3: who sent nothing is told no error.
            let is_missing = code == Fault::CredentialsMissing.code();
            let challenge = if is_missing { "Bearer" } else { "Bearer error=\"invalid_token\"" };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

/// Refusals as the document has them: of any status, with a problem.
pub(crate) struct Problems;

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
    use std::fmt::Write as _;

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

    fn row(page: &mut String, problem: &Problem) {
        let Problem { code, title, status, detail, .. } = problem;
        writeln!(page, "| {code} | `{title}` | {status} | {detail} |").unwrap();
    }

    fn page() -> String {
        let mut page = String::from(
            "# Problems\n\n\
             Every refusal over HTTP is a problem (RFC 9457, `application/problem+json`): `type` is `urn:dce:problem:` and the\n\
             name, `title` the name, `code` the number, `detail` what is wrong and what to do, `field` the field it is about\n\
             where there is one. `Retry-After` is there where the same request may pass by itself. Codes and names never change\n\
             meaning. `/oauth/…` alone speaks as its standard does (RFC 6749, 5.2). Generated from `server/src/http/problem.rs`:\n\
             `DCE_WRITE_SURFACE=1 cargo test -p dce-server --features full --lib http::problem` writes this page.\n",
        );
        let head = "\n| code | name | status | what it says |\n|---|---|---|---|\n";
        write!(page, "\n## Before the exchange is asked\n{head}").unwrap();
        Fault::ALL.iter().for_each(|fault| row(&mut page, &Problem::from(*fault)));
        write!(page, "\n## Rules of the exchange\n{head}").unwrap();
        Reject::ALL.iter().for_each(|reject| row(&mut page, &Problem::from(*reject)));
        write!(page, "\n## Of the runtime\n{head}").unwrap();
        Refusal::OWN.iter().for_each(|refusal| row(&mut page, &Problem::from(*refusal)));
        page
    }

    #[test]
    fn the_page_is_the_table() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/problems.md");
        let page = page();
        if std::env::var_os("DCE_WRITE_SURFACE").is_some() {
            std::fs::write(&path, page).unwrap();
            return;
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == page, "docs/problems.md is not the table; see its head for what writes it");
    }

    #[test]
    fn who_asks_too_often_is_told_when_to_come_back() {
        let response = Problem::from(Fault::TooManyRequests).after(7).into_response();
        assert_eq!(response.headers()[header::RETRY_AFTER], "7");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        let response = Fault::CredentialsMissing.into_response();
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
        let response = Fault::TokenExpired.into_response();
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer error=\"invalid_token\"");
    }
}
