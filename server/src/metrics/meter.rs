//! Counts what only events tell, on a thread that nobody waits for, and says of each call how it went.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use ::metrics::{Counter, Histogram};
use dce_engine::event::Event;
use dce_engine::reason::Reason;
use dce_runtime::{Handle, Port};
use hashbrown::HashMap;

use super::Metrics;

/// How long the thread sleeps when nothing comes.
const WAIT: Duration = Duration::from_millis(500);
/// How long what is published gathers before it is counted: a thread that wakes for each command takes the processor from
/// those that answer it. Far less than anybody asks for numbers, or a port keeps.
const GATHERS: Duration = Duration::from_millis(10);

/// The thread.
#[derive(Debug)]
pub(crate) struct Meter {
    thread: JoinHandle<()>,
}

/// Counters, looked up once.
struct Counts {
    metrics: Arc<Metrics>,
    duration: Histogram,
    missed: Counter,
    by_outcome: HashMap<&'static str, Counter>,
    by_reason: HashMap<(&'static str, Reason), Counter>,
}

impl Meter {
    /// Counts what comes to a port, until the runtime ends.
    pub(crate) fn start(metrics: &Arc<Metrics>, handle: Handle, port: Port) -> io::Result<Self> {
        let mut counts = Counts::new(Arc::clone(metrics));
        let thread =
            std::thread::Builder::new().name("dce-meter".to_owned()).spawn(move || counts.follow(&handle, port))?;
        Ok(Self { thread })
    }

    /// Waits for its end, which is the runtime's.
    pub(crate) fn join(self) {
        let _ = self.thread.join();
    }
}

impl Counts {
    fn new(metrics: Arc<Metrics>) -> Self {
        let (duration, missed) = (
            metrics.histogram("dce_call_duration_seconds", &[]),
            metrics.counter("dce_metrics_events_missed_total", &[]),
        );
        let mut counts = Self { metrics, duration, missed, by_outcome: HashMap::new(), by_reason: HashMap::new() };
        // A rate needs a zero to begin with, and nobody should have to guess what there may be.
        for reason in Reason::ALL {
            if reason.is_compliance() {
                counts.reason("dce_compliance_violations_total", *reason).increment(0);
            }
            if reason.is_fraud() {
                counts.reason("dce_fraud_suspected_total", *reason).increment(0);
            }
        }
        counts.missed.increment(0);
        counts
    }

    fn follow(&mut self, handle: &Handle, mut port: Port) {
        loop {
            port.wait_any(WAIT);
            let mut came = false;
            while let Some(delivery) = port.poll() {
                came = true;
                self.missed.increment(delivery.missed.into());
                delivery.events.iter().for_each(|event| self.count(event));
            }
            if !came && handle.has_ended() {
                return;
            }
            if came {
                std::thread::sleep(GATHERS);
            }
        }
    }

    fn count(&mut self, event: &Event) {
        match *event {
            Event::AuctionOpened { .. } => self.simple("dce_auctions_opened_total").increment(1),
            Event::AuctionClosed { .. } => self.simple("dce_auctions_closed_total").increment(1),
            Event::BidWithdrawn { .. } => self.bid("withdrawn"),
            Event::BidDeclined { .. } => self.bid("passed"),
            Event::BidLost { reason, .. } => {
                self.bid("lost");
                self.reason("dce_bids_lost_total", reason).increment(1);
            }
            Event::CallSold { seller, call, buyer, attempt, .. } => {
                self.bid("won");
                let (call_id, seller_id, buyer_id) = (format!("{:032x}", call.0), seller.0, buyer.0);
                tracing::debug!(target: "dce_server::calls", call_id, %seller_id, %buyer_id, attempt, "call sold");
            }
            Event::QuoteDeclined { reason, .. } => self.declined(reason),
            Event::CallUnsold { seller, call, reason } => {
                self.declined(reason);
                self.reason("dce_calls_closed_total", reason).increment(1);
                let (call_id, seller_id, reason) = (format!("{:032x}", call.0), seller.0, reason.text());
                tracing::debug!(target: "dce_server::calls", call_id, %seller_id, reason, "call unsold");
            }
            Event::AttemptFailed { reason, .. } => self.reason("dce_attempts_failed_total", reason).increment(1),
            Event::CallEnded { seller, call, reason, connected, .. } => {
                self.reason("dce_calls_closed_total", reason).increment(1);
                self.duration.record(Duration::from_millis(connected.0.into()).as_secs_f64());
                let (call_id, seller_id, reason) = (format!("{:032x}", call.0), seller.0, reason.text());
                let duration_ms = u64::from(connected.0);
                tracing::debug!(target: "dce_server::calls", call_id, %seller_id, duration_ms, reason, "call ended");
            }
            _ => {}
        }
    }

    fn declined(&mut self, reason: Reason) {
        if reason.is_compliance() {
            self.reason("dce_compliance_violations_total", reason).increment(1);
        }
        if reason.is_fraud() {
            self.reason("dce_fraud_suspected_total", reason).increment(1);
        }
    }

    fn bid(&mut self, outcome: &'static str) {
        let metrics = &self.metrics;
        let counter = || metrics.counter("dce_bids_total", &[("outcome", outcome)]);
        self.by_outcome.entry(outcome).or_insert_with(counter).increment(1);
    }

    fn simple(&mut self, name: &'static str) -> &Counter {
        let metrics = &self.metrics;
        self.by_outcome.entry(name).or_insert_with(|| metrics.counter(name, &[]))
    }

    fn reason(&mut self, name: &'static str, reason: Reason) -> &Counter {
        let metrics = &self.metrics;
        let counter = || metrics.counter(name, &[("reason", &format!("{reason:?}"))]);
        self.by_reason.entry((name, reason)).or_insert_with(counter)
    }
}
