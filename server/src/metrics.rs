//! What the exchange is doing, as Prometheus reads it. Built with the feature `rest`; what is not built has no metric.
//!
//! Two sources. Most numbers are counted anyway, by the thread that does the work (`dce_runtime::Gauges`, `Views`), and are
//! read when somebody asks. What only events tell, reasons first of all, is counted by a thread of its own that follows
//! them (`meter`) and that nobody waits for: what it misses it says.
//!
//! Every metric is one row of [`METRICS`]; `docs/metrics.md` names them all, and a test compares.

mod meter;
mod page;
mod web;

pub(crate) use meter::Meter;
pub use web::routes;

use std::path::PathBuf;
use std::sync::Arc;

use ::metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, Recorder, Unit};
use dce_runtime::Handle;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use crate::history::Archive;
use crate::registry::Registry;
use crate::traces::Traces;

/// What kind of number a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, from 0 at the start of the process.
    Counter,
    /// It is what it is at the moment.
    Gauge,
    /// Durations by bucket.
    Histogram,
}

/// One metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Its labels, with blanks between them.
    pub labels: &'static str,
    /// What it says.
    pub help: &'static str,
}

const fn metric(name: &'static str, kind: Kind, labels: &'static str, help: &'static str) -> Metric {
    Metric { name, kind, labels, help }
}

/// Every metric there is.
pub const METRICS: &[Metric] = &[
    metric("dce_build_info", Kind::Gauge, "version features", "1; what runs"),
    metric(
        "dce_calls_total",
        Kind::Counter,
        "outcome",
        "calls offered, sold, unsold, answered, ended, canceled, fallen back",
    ),
    metric(
        "dce_calls_closed_total",
        Kind::Counter,
        "reason",
        "calls that came to their end or that nobody got, by reason",
    ),
    metric("dce_call_duration_seconds", Kind::Histogram, "", "how long caller and buyer talked, of calls that ended"),
    metric("dce_attempts_failed_total", Kind::Counter, "reason", "deliveries that came to nothing, by reason"),
    metric(
        "dce_bids_total",
        Kind::Counter,
        "outcome",
        "live bids placed and withdrawn, candidates that won or lost, invitations passed on",
    ),
    metric("dce_bids_lost_total", Kind::Counter, "reason", "candidates that lost, by reason"),
    metric("dce_auctions_opened_total", Kind::Counter, "", "auctions opened"),
    metric("dce_auctions_closed_total", Kind::Counter, "", "auctions closed"),
    metric("dce_quotes_total", Kind::Counter, "outcome", "quotes given, reserved, declined, lapsed"),
    metric(
        "dce_compliance_violations_total",
        Kind::Counter,
        "reason",
        "calls and quotes declined because of the law, by reason",
    ),
    metric(
        "dce_fraud_suspected_total",
        Kind::Counter,
        "reason",
        "calls and quotes declined because of deceit, by reason",
    ),
    metric(
        "dce_routing_duration_seconds",
        Kind::Gauge,
        "quantile",
        "from a command's bytes to its events, for decisions; since the start",
    ),
    metric("dce_routing_duration_seconds_count", Kind::Counter, "", "decisions it is taken from"),
    metric("dce_commands_total", Kind::Counter, "result", "commands accepted, repeated, refused"),
    metric("dce_ticks_total", Kind::Counter, "", "ticks applied because something fell due"),
    metric(
        "dce_commands_unanswered",
        Kind::Gauge,
        "",
        "commands judged whose answer has not left: how far the writer is ahead of the journal",
    ),
    metric("dce_sequence", Kind::Gauge, "stage", "the place of the last command applied, published, shown in views"),
    metric(
        "dce_deliveries_missed_total",
        Kind::Counter,
        "",
        "deliveries that front threads missed because they did not poll",
    ),
    metric("dce_journal_commits_total", Kind::Counter, "", "batches that the journal took"),
    metric("dce_journal_bytes_total", Kind::Counter, "", "bytes of them"),
    metric(
        "dce_journal_commit_duration_seconds",
        Kind::Gauge,
        "quantile",
        "how long the journal takes for a batch; since the start",
    ),
    metric("dce_journal_commit_duration_seconds_count", Kind::Counter, "", "batches it is taken from"),
    metric("dce_journal_disk_free_bytes", Kind::Gauge, "", "free on the disk of the log"),
    metric("dce_journal_disk_reserve_bytes", Kind::Gauge, "", "below this much free, commands are refused"),
    metric("dce_history_commands_behind", Kind::Gauge, "", "commands published that the history does not show yet"),
    metric(
        "dce_history_stopped",
        Kind::Gauge,
        "",
        "1 once the history cannot be written any more; the log above says why",
    ),
    metric("dce_clock_steps_total", Kind::Counter, "", "times the host's date moved by more than a second"),
    metric("dce_clock_offset_microseconds", Kind::Gauge, "", "the host's date less log time"),
    metric("dce_ledger_revenue_micros_total", Kind::Counter, "currency", "what buyers paid, in millionths"),
    metric("dce_ledger_payout_micros_total", Kind::Counter, "currency", "what sellers were paid, in millionths"),
    metric("dce_ledger_platform_balance_micros", Kind::Gauge, "currency", "the exchange's own balance, in millionths"),
    metric("dce_accounts", Kind::Gauge, "", "accounts"),
    metric("dce_connections", Kind::Gauge, "front", "connections now"),
    metric(
        "dce_http_requests_total",
        Kind::Counter,
        "method route status",
        "requests of HTTP, by the route that took them",
    ),
    metric("dce_http_request_duration_seconds", Kind::Histogram, "method route", "how long they took"),
    metric(
        "dce_metrics_events_missed_total",
        Kind::Counter,
        "",
        "commands whose events were not counted because the meter was too slow",
    ),
    metric(
        "dce_trace_spans_total",
        Kind::Counter,
        "result",
        "spans of traces that a collector took, and those that were dropped",
    ),
    metric("process_resident_memory_bytes", Kind::Gauge, "", "memory of the process"),
    metric("process_open_fds", Kind::Gauge, "", "descriptors of the process"),
    metric("process_start_time_seconds", Kind::Gauge, "", "when it started, since 1970"),
];

/// Ends of the buckets of calls, and of requests.
const CALL_BUCKETS: [f64; 10] = [1.0, 10.0, 30.0, 60.0, 90.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0];
const REQUEST_BUCKETS: [f64; 10] = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];

static METADATA: Metadata<'static> = Metadata::new("dce", Level::INFO, Some("dce_server"));

/// The metrics of a server.
pub struct Metrics {
    recorder: PrometheusRecorder,
    text: PrometheusHandle,
    sources: Sources,
}

/// Where numbers are read when somebody asks.
#[derive(Debug)]
pub(crate) struct Sources {
    pub(crate) handle: Handle,
    /// The history, where one is kept.
    pub(crate) archive: Option<Archive>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) dir: PathBuf,
    pub(crate) disk_reserve_bytes: u64,
    pub(crate) currency: String,
    pub(crate) started_at: u64,
    pub(crate) traces: Traces,
}

impl Metrics {
    pub(crate) fn new(sources: Sources) -> Arc<Self> {
        let buckets = |builder: PrometheusBuilder, name: &str, ends: &[f64]| {
            let with = builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), ends);
            with.expect("Invariant: there are buckets")
        };
        let builder = buckets(PrometheusBuilder::new(), "dce_call_duration_seconds", &CALL_BUCKETS);
        let recorder = buckets(builder, "dce_http_request_duration_seconds", &REQUEST_BUCKETS).build_recorder();
        for metric in METRICS {
            let (name, help) = (KeyName::from_const_str(metric.name), metric.help.into());
            match metric.kind {
                Kind::Counter => recorder.describe_counter(name, None::<Unit>, help),
                Kind::Gauge => recorder.describe_gauge(name, None::<Unit>, help),
                Kind::Histogram => recorder.describe_histogram(name, None::<Unit>, help),
            }
        }
        Arc::new(Self { text: recorder.handle(), recorder, sources })
    }

    /// Everything, as Prometheus reads it.
    #[must_use]
    pub fn render(&self) -> String {
        self.read_sources();
        self.text.run_upkeep();
        self.text.render()
    }

    /// Counts a request of HTTP: by the route that took it, never by its path, of which there is no end.
    pub fn http_request(&self, method: &'static str, route: &str, status: u16, took: std::time::Duration) {
        let labels = [("method", method), ("route", route), ("status", &status.to_string())];
        self.counter("dce_http_requests_total", &labels).increment(1);
        self.histogram("dce_http_request_duration_seconds", &labels[..2]).record(took.as_secs_f64());
    }

    fn counter(&self, name: &'static str, labels: &[(&'static str, &str)]) -> Counter {
        self.recorder.register_counter(&key(name, labels), &METADATA)
    }

    fn gauge(&self, name: &'static str, labels: &[(&'static str, &str)]) -> Gauge {
        self.recorder.register_gauge(&key(name, labels), &METADATA)
    }

    fn histogram(&self, name: &'static str, labels: &[(&'static str, &str)]) -> Histogram {
        self.recorder.register_histogram(&key(name, labels), &METADATA)
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Metrics").finish_non_exhaustive()
    }
}

fn key(name: &'static str, labels: &[(&'static str, &str)]) -> Key {
    debug_assert!(METRICS.iter().any(|metric| metric.name == name), "{name} has no row");
    let labels: Vec<Label> = labels.iter().map(|(name, value)| Label::new(*name, (*value).to_owned())).collect();
    Key::from_parts(name, labels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_page_names_every_metric_with_its_labels_and_no_other() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md");
        let page = std::fs::read_to_string(page).unwrap();
        let row = |metric: &Metric| {
            let kind = format!("{:?}", metric.kind).to_lowercase();
            let labels: Vec<String> = metric.labels.split_whitespace().map(|label| format!("`{label}`")).collect();
            format!("| `{}` | {kind} | {} | {} |", metric.name, labels.join(", "), metric.help)
        };
        let wanted: Vec<String> = METRICS.iter().map(row).collect();
        let found: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(found, wanted, "write these rows into docs/metrics.md:\n{}", wanted.join("\n"));
    }

    #[test]
    fn names_are_unique_and_say_what_they_count() {
        let names: BTreeSet<_> = METRICS.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), METRICS.len());
        for metric in METRICS {
            let is_total = metric.name.ends_with("_total") || metric.name.ends_with("_count");
            assert_eq!(is_total, metric.kind == Kind::Counter, "{}", metric.name);
        }
    }
}
