//! The front over HTTP, asked by a real client over TLS on loopback: the story, ten bidders, refusals, tenants, bounds.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what fails in them fails the test")]

#[path = "rest/common.rs"]
mod common;

#[path = "rest/attacks.rs"]
mod attacks;
#[path = "rest/bounds.rs"]
mod bounds;
#[path = "rest/canary.rs"]
mod canary;
#[path = "rest/certificates.rs"]
mod certificates;
#[cfg(feature = "otel")]
#[path = "rest/collector.rs"]
mod collector;
#[path = "rest/conditions.rs"]
mod conditions;
#[path = "rest/past.rs"]
mod past;
#[path = "rest/quic_certificates.rs"]
mod quic_certificates;
#[path = "rest/quotes.rs"]
mod quotes;
#[path = "rest/refusals.rs"]
mod refusals;
#[path = "rest/rules.rs"]
mod rules;
#[path = "rest/story.rs"]
mod story;
#[path = "rest/tenants.rs"]
mod tenants;
#[cfg(feature = "otel")]
#[path = "rest/traces.rs"]
mod traces;
