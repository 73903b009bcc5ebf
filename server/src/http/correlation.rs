//! What ties the lines of a request together: the trace that its sender says it belongs to (W3C Trace Context), or one of
//! our own. It stands in every line that is logged on the request's behalf, as `correlation_id`.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use ring::rand::{SecureRandom, SystemRandom};
use tracing::Instrument;

/// Hexadecimal digits of a trace's id, and of its parent's.
const DIGITS: (usize, usize) = (32, 16);

/// Puts a request into a span with its trace's id.
pub(crate) async fn correlate(request: Request, next: Next) -> Response {
    let id = trace_of(request.headers()).unwrap_or_else(new_trace);
    let span = tracing::info_span!("request", correlation_id = %id);
    next.run(request).instrument(span).await
}

/// The trace that `traceparent` names, if there is one such header and it is whole. Whatever else it says is not ours to judge.
fn trace_of(headers: &HeaderMap) -> Option<String> {
    let mut said = headers.get_all("traceparent").iter();
    let (only, None) = (said.next()?.to_str().ok()?, said.next()) else { return None };
    let mut parts = only.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, digits: usize| {
        text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let is_named = |text: &str, digits| is_hex(text, digits) && text.bytes().any(|byte| byte != b'0');
    // Version 00 has four parts; a later one may have more, and `ff` is none.
    let is_whole =
        is_hex(version, 2) && version != "ff" && is_hex(flags, 2) && (version != "00" || parts.next().is_none());
    (is_whole && is_named(trace, DIGITS.0) && is_named(parent, DIGITS.1)).then(|| trace.to_owned())
}

/// A trace of our own. Without random numbers all such share one: lines are told apart less well, and nothing else suffers.
fn new_trace() -> String {
    let mut id = [0; 16];
    let _ = SystemRandom::new().fill(&mut id);
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        lines.iter().for_each(|line| _ = headers.append("traceparent", line.parse().unwrap()));
        trace_of(&headers)
    }

    #[test]
    fn a_trace_is_taken_where_it_is_whole_and_nothing_else_is() {
        const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
        let whole = format!("00-{TRACE}-00f067aa0ba902b7-01");
        assert_eq!(of(&[&whole]).as_deref(), Some(TRACE));
        assert_eq!(of(&[&format!("cc-{TRACE}-00f067aa0ba902b7-01-what-comes-later")]).as_deref(), Some(TRACE));
        for wrong in [
            "",
            TRACE,
            &whole.to_uppercase(),
            &whole.replace(TRACE, &"0".repeat(32)),
            &whole.replace("00f067aa0ba902b7", &"0".repeat(16)),
            &whole.replace("00-", "ff-"),
            &format!("{whole}-more"),
            &whole.replace("4bf9", "+120"),
            &whole[1..],
        ] {
            assert_eq!(of(&[wrong]), None, "{wrong}");
        }
        assert_eq!(of(&[&whole, &whole]), None, "two headers say nothing");
        assert_eq!(of(&[]), None);
        assert_ne!(new_trace(), new_trace());
    }
}
