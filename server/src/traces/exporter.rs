//! The thread that sends spans away. What it cannot send it tries again a little, then drops and counts; nobody waits for it,
//! and a stop for so long and no longer.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::CollectorError;
use super::collector::{Client, Fault};
use super::queue::{BATCH, Queue};
use super::recording::{Recorder, Traces};
use super::span::text;
use crate::config::{Environment, TracesSettings};
use crate::limits::Limits;

/// How long spans wait for others to go with.
const SEND_EVERY: Duration = Duration::from_millis(500);
/// How long a batch that was not taken waits before it is tried again; after the last it is dropped.
const TRY_AGAIN_AFTER: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

/// The running thread.
#[derive(Debug)]
pub(crate) struct Exporter {
    thread: JoinHandle<()>,
    /// Until when it may go on, once it is to stop.
    until: watch::Sender<Option<Instant>>,
    farewell_time_max: Duration,
}

/// Why a batch was not sent.
enum Unsent {
    /// The collector.
    Fault(Fault),
    /// It took too long.
    Late,
    /// There is no more time.
    Over,
}

struct Work {
    client: Client,
    queue: Arc<Queue>,
    /// What all spans have in common.
    common: ExportTraceServiceRequest,
    until: watch::Receiver<Option<Instant>>,
    export_time_max: Duration,
    /// Where spans go, as it may be said.
    whither: String,
    /// Whether it was said that nobody takes them.
    is_told: bool,
}

impl Exporter {
    /// Starts the thread, and answers where to put spans.
    ///
    /// # Errors
    ///
    /// What is wrong with the settings; the system's, when it gives no thread.
    pub(crate) fn start(
        settings: &TracesSettings,
        environment: Environment,
        limits: &Limits,
    ) -> Result<io::Result<(Self, Traces)>, CollectorError> {
        let client = Client::new(settings)?;
        let queue = Arc::new(Queue::new(limits.trace_spans_max));
        let (until, heard) = watch::channel(None);
        let work = Work {
            client,
            queue: Arc::clone(&queue),
            common: common(settings, environment),
            until: heard,
            export_time_max: limits.trace_export_time_max,
            // Some carry a secret in the path.
            whither: format!("{}:{}", settings.collector.host, settings.collector.port),
            is_told: false,
        };
        let thread = std::thread::Builder::new().name("dce-traces".to_owned()).spawn(move || run(work));
        let recorder = Recorder { queue, sampled_per_million: settings.sampled_per_million };
        let farewell_time_max = limits.trace_farewell_time_max;
        Ok(thread.map(|thread| (Self { thread, until, farewell_time_max }, Traces::to(Arc::new(recorder)))))
    }

    /// Sends what waits, as far as there is time for it, and ends. Spans that come later go nowhere.
    pub(crate) fn stop(self) {
        self.until.send_replace(Some(Instant::now() + self.farewell_time_max));
        let _ = self.thread.join();
    }
}

fn run(work: Work) {
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "no traces are sent");
            return;
        }
    };
    runtime.block_on(work.go_on());
    // A name that is still being looked up is nobody's to wait for.
    runtime.shutdown_background();
}

impl Work {
    async fn go_on(mut self) {
        let (queue, mut until) = (Arc::clone(&self.queue), self.until.clone());
        let mut is_over = false;
        while !is_over {
            tokio::select! {
                () = sleep(SEND_EVERY) => {}
                () = queue.is_full.notified() => {}
                _ = until.wait_for(Option::is_some) => is_over = true,
            }
            while let Some(batch) = queue.take() {
                let is_whole = batch.len() == BATCH;
                let is_sent = self.deliver(batch).await;
                // What came meanwhile waits for others to go with; at the end nothing does.
                if is_over && !is_sent || !is_over && !is_whole {
                    break;
                }
            }
        }
        let left = queue.give_up();
        let (exported, dropped) = queue.counts();
        if dropped > 0 {
            tracing::warn!(exported, dropped, left, "spans of traces were dropped");
        }
    }

    /// Sends a batch, or drops it. Returns whether the collector has it.
    async fn deliver(&mut self, batch: Vec<Span>) -> bool {
        let count = batch.len() as u64;
        self.fill(batch);
        let mut pauses = TRY_AGAIN_AFTER.iter();
        let unsent = loop {
            let unsent = match self.send().await {
                Ok(rejected) => {
                    let rejected = rejected.min(count);
                    self.queue.sent(count - rejected);
                    self.queue.drop_some(rejected);
                    self.tell(None);
                    return true;
                }
                Err(unsent) => unsent,
            };
            let can_change = !matches!(unsent, Unsent::Over | Unsent::Fault(Fault::Refused(_)));
            match pauses.next().filter(|_| can_change && self.until.borrow().is_none()) {
                // A stop ends the pause, and the last try is made at once.
                Some(pause) => _ = timeout(*pause, self.until.wait_for(Option::is_some)).await.is_ok(),
                None => break unsent,
            }
        };
        self.queue.drop_some(count);
        self.tell(Some(&unsent));
        false
    }

    /// One try, bounded by its own time and by that of a stop.
    async fn send(&mut self) -> Result<u64, Unsent> {
        let Self { client, common, until, export_time_max, .. } = self;
        tokio::select! {
            sent = timeout(*export_time_max, client.send(common)) => match sent {
                Ok(sent) => sent.map_err(Unsent::Fault),
                Err(_) => Err(Unsent::Late),
            },
            () = over(until) => Err(Unsent::Over),
        }
    }

    fn fill(&mut self, batch: Vec<Span>) {
        let scope = self.common.resource_spans.first_mut().and_then(|spans| spans.scope_spans.first_mut());
        if let Some(scope) = scope {
            scope.spans = batch;
        }
    }

    /// Says once that spans do not arrive, and once that they do again.
    fn tell(&mut self, unsent: Option<&Unsent>) {
        let whither = &self.whither;
        match unsent {
            None if self.is_told => tracing::info!("traces are taken again by {whither}"),
            Some(unsent) if !self.is_told => {
                let why = match unsent {
                    Unsent::Fault(fault) => fault.to_string(),
                    Unsent::Late => "it does not answer in time".to_owned(),
                    Unsent::Over => "there was no more time".to_owned(),
                };
                tracing::warn!("traces are not taken by {whither}: {why}; what cannot be sent is dropped and counted");
            }
            _ => return,
        }
        self.is_told = unsent.is_some();
    }
}

/// Resolves when there is no more time.
async fn over(until: &mut watch::Receiver<Option<Instant>>) {
    let until = match until.wait_for(Option::is_some).await {
        Ok(until) => *until,
        // Nobody is left who could say so.
        Err(_) => None,
    };
    if let Some(until) = until {
        sleep_until(until).await;
    }
}

/// Who says it: the server, as OpenTelemetry's conventions have it.
fn common(settings: &TracesSettings, environment: Environment) -> ExportTraceServiceRequest {
    let environment = match environment {
        Environment::Development => "development",
        Environment::Production => "production",
    };
    let version = env!("CARGO_PKG_VERSION");
    let attributes = vec![
        text("service.name", settings.service_name.as_str()),
        text("service.version", version),
        text("deployment.environment.name", environment),
    ];
    let scope = InstrumentationScope { name: "dce".to_owned(), version: version.to_owned(), ..Default::default() };
    let scope = ScopeSpans { scope: Some(scope), ..ScopeSpans::default() };
    let resource = Resource { attributes, ..Resource::default() };
    let spans = ResourceSpans { resource: Some(resource), scope_spans: vec![scope], ..ResourceSpans::default() };
    ExportTraceServiceRequest { resource_spans: vec![spans] }
}
