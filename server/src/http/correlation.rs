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

/// The trace that a request belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TraceContext {
    /// Its id.
    pub(crate) trace: u128,
    /// The sender's span, and whether the sender records it; none in a trace of our own.
    pub(crate) sender: Option<(u64, bool)>,
}

/// Puts a request into a span with its trace's id.
pub(crate) async fn correlate(mut request: Request, next: Next) -> Response {
    let context = TraceContext::of(request.headers()).unwrap_or_else(TraceContext::begin);
    request.extensions_mut().insert(context);
    let span = tracing::info_span!("request", correlation_id = %format_args!("{:032x}", context.trace));
    next.run(request).instrument(span).await
}

impl TraceContext {
    /// The trace that `traceparent` names, if there is one such header and it is whole. Whatever else it says is not ours to
    /// judge.
    fn of(headers: &HeaderMap) -> Option<Self> {
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
        if !(is_whole && is_named(trace, DIGITS.0) && is_named(parent, DIGITS.1)) {
            return None;
        }
        let is_sampled = u8::from_str_radix(flags, 16).ok()? & 1 == 1;
        let sender = (u64::from_str_radix(parent, 16).ok()?, is_sampled);
        Some(Self { trace: u128::from_str_radix(trace, 16).ok()?, sender: Some(sender) })
    }

    /// A trace of our own. Without random numbers all such share one: lines are told apart less well, and nothing else suffers.
    fn begin() -> Self {
        let mut id = [0; 16];
        let _ = SystemRandom::new().fill(&mut id);
        Self { trace: u128::from_be_bytes(id).max(1), sender: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> Option<TraceContext> {
        let mut headers = HeaderMap::new();
        lines.iter().for_each(|line| _ = headers.append("traceparent", line.parse().unwrap()));
        TraceContext::of(&headers)
    }

    #[test]
    fn a_trace_is_taken_where_it_is_whole_and_nothing_else_is() {
        const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
        let whole = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let said = |is_sampled| {
            let (trace, parent) = (0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736, 0x00f0_67aa_0ba9_02b7);
            Some(TraceContext { trace, sender: Some((parent, is_sampled)) })
        };
        assert_eq!(of(&[&whole]), said(true));
        assert_eq!(of(&[&whole.replace("b7-01", "b7-02")]), said(false));
        assert_eq!(of(&[&format!("cc-{TRACE}-00f067aa0ba902b7-03-what-comes-later")]), said(true));
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
        assert_ne!(TraceContext::begin().trace, TraceContext::begin().trace);
    }
}
