//! What is recorded: the request, its command, the stages the command passed, and its folding into what is read later.

use std::sync::Arc;
use std::time::Instant;

use dce_engine::Receipt;
use dce_engine::commands::Command;
use dce_engine::ids::CallId;
use dce_runtime::{Mark, Passage, Refusal};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use ring::rand::{SecureRandom, SystemRandom};

use super::queue::Queue;
use super::span::{Dates, Open, Parent, Place, number, text};

const MILLION: u128 = 1_000_000;
/// Routes that machines ask all day: traced when their sender wants it, and never drawn.
#[cfg(feature = "rest")]
const WATCHERS: [&str; 4] = ["/health", "/ready", "/startup", "/metrics"];

#[cfg(feature = "rest")]
tokio::task_local! {
    /// The request that this task answers, where it is traced.
    static REQUEST: Place;
}

/// Where spans go, if anywhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traces(Option<Arc<Recorder>>);

/// Records spans.
#[derive(Debug)]
pub(super) struct Recorder {
    pub(super) queue: Arc<Queue>,
    pub(super) sampled_per_million: u32,
}

/// A front's own part of a trace, from what was asked to what was answered.
#[derive(Debug)]
pub(crate) struct FrontSpan {
    recorder: Arc<Recorder>,
    /// Some until it has ended.
    open: Option<Box<Open>>,
}

/// A command on its way.
#[derive(Debug)]
pub(crate) struct CommandSpan {
    recorder: Arc<Recorder>,
    open: Box<Open>,
}

impl Traces {
    pub(super) const fn to(recorder: Arc<Recorder>) -> Self {
        Self(Some(recorder))
    }

    /// A request over HTTP, by its route. Its sender's word on whether it is traced is taken; without one it is drawn.
    #[cfg(feature = "rest")]
    pub(crate) fn request(
        &self,
        context: crate::http::TraceContext,
        method: &'static str,
        route: &str,
    ) -> Option<FrontSpan> {
        let recorder = self.0.as_ref()?;
        let (parent, is_sampled) = match context.sender {
            Some((span, is_sampled)) => (Parent::Remote(span), is_sampled),
            None if WATCHERS.iter().any(|watcher| route.ends_with(watcher)) => return None,
            None => (Parent::None, recorder.samples(context.trace)),
        };
        if !is_sampled {
            return None;
        }
        let attributes = vec![text("http.request.method", method), text("http.route", route)];
        let name = format!("{method} {route}");
        Some(recorder.front((context.trace, parent), name, attributes))
    }

    /// The opening of a session over QUIC.
    pub(crate) fn hello(&self) -> Option<FrontSpan> {
        let recorder = self.0.as_ref()?;
        let trace = recorder.drawn()?;
        Some(recorder.front((trace, Parent::None), "quic hello".to_owned(), Vec::new()))
    }

    /// A command that came by a frame of its own: its trace begins here, because a frame names none.
    pub(crate) fn command(&self, command: &Command<'_>) -> Option<CommandSpan> {
        let recorder = self.0.as_ref()?;
        let trace = recorder.drawn()?;
        let name = format!("quic {}", command.name());
        let open = open((trace, Parent::None), name, SpanKind::Server, of_command(command));
        Some(CommandSpan { recorder: Arc::clone(recorder), open })
    }

    /// A command of the request that this task answers, if that is traced.
    #[cfg(feature = "rest")]
    pub(crate) fn command_of_request(&self, command: &Command<'_>) -> Option<CommandSpan> {
        let recorder = self.0.as_ref()?;
        let place = REQUEST.try_with(|place| *place).ok()?;
        Some(recorder.command(place, command))
    }

    /// A traced command was folded into what is read later, and is shown from now on.
    #[cfg(feature = "rest")]
    pub(crate) fn folded(&self, mark: Mark, name: &'static str, begun: Instant) {
        let Some(recorder) = self.0.as_ref() else { return };
        let Place { trace, span } = of_mark(mark);
        let place = (trace, Parent::Local(span));
        let open = Open { begun, ..*open(place, name.to_owned(), SpanKind::Internal, Vec::new()) };
        let dates = Dates::now();
        recorder.queue.put([open.end(&dates, dates.instant(), None)]);
    }

    /// Spans that went out, and spans that were dropped; none where nobody takes any.
    #[cfg(feature = "rest")]
    pub(crate) fn counts(&self) -> Option<(u64, u64)> {
        self.0.as_ref().map(|recorder| recorder.queue.counts())
    }
}

impl Recorder {
    /// Whether a trace is one of those that are drawn: by its id, so that all who ask draw the same.
    fn samples(&self, trace: u128) -> bool {
        let drawn = ((trace & u128::from(u64::MAX)) * MILLION) >> 64;
        drawn < u128::from(self.sampled_per_million)
    }

    /// A new trace, if it is drawn.
    fn drawn(&self) -> Option<u128> {
        if self.sampled_per_million == 0 {
            return None;
        }
        let trace = u128::from_be_bytes(random());
        self.samples(trace).then_some(trace)
    }

    fn front(self: &Arc<Self>, place: (u128, Parent), name: String, attributes: Vec<KeyValue>) -> FrontSpan {
        let open = open(place, name, SpanKind::Server, attributes);
        FrontSpan { recorder: Arc::clone(self), open: Some(open) }
    }

    fn command(self: &Arc<Self>, place: Place, command: &Command<'_>) -> CommandSpan {
        let parent = (place.trace, Parent::Local(place.span));
        let open = open(parent, command.name().to_owned(), SpanKind::Internal, of_command(command));
        CommandSpan { recorder: Arc::clone(self), open }
    }
}

impl FrontSpan {
    /// A command that it needs.
    pub(crate) fn command(&self, command: &Command<'_>) -> Option<CommandSpan> {
        self.open.as_ref().map(|open| self.recorder.command(open.place, command))
    }

    /// Does the request's work: commands of it are found to belong to it.
    #[cfg(feature = "rest")]
    pub(crate) async fn around<F: Future>(of: Option<&Self>, work: F) -> F::Output {
        match of.and_then(|of| of.open.as_ref()) {
            Some(open) => REQUEST.scope(open.place, work).await,
            None => work.await,
        }
    }

    /// A request was answered.
    #[cfg(feature = "rest")]
    pub(crate) fn answered(mut self, status: u16) {
        // What the asker did wrong is no fault of this server.
        self.end(number("http.response.status_code", status.into()), (status >= 500).then_some("the request failed"));
    }

    /// A session was opened, or refused with this code.
    pub(crate) fn ended(mut self, refused: Option<u16>) {
        self.end(number("dce.code", refused.unwrap_or(0).into()), None);
    }

    fn end(&mut self, attribute: KeyValue, fault: Option<&'static str>) {
        let Some(mut open) = self.open.take() else { return };
        open.attributes.push(attribute);
        let dates = Dates::now();
        self.recorder.queue.put([open.end(&dates, dates.instant(), fault)]);
    }
}

/// Nobody waited for the answer.
impl Drop for FrontSpan {
    fn drop(&mut self) {
        self.end(text("dce.outcome", "abandoned"), Some("the asker left before it was answered"));
    }
}

impl CommandSpan {
    /// What the command carries, so that it is found again.
    pub(crate) fn mark(&self) -> Mark {
        let Place { trace, span } = self.open.place;
        let mut bytes = [0; 24];
        bytes[..16].copy_from_slice(&trace.to_be_bytes());
        bytes[16..].copy_from_slice(&span.to_be_bytes());
        Mark(bytes)
    }

    /// Its answer has come.
    pub(crate) fn answered(self, result: &Result<Receipt, Refusal>, passage: Option<Passage>) {
        let Self { recorder, mut open } = self;
        let (outcome, fault) = match result {
            Ok(receipt) => {
                open.attributes.push(number("dce.sequence", receipt.sequence.0));
                (if receipt.repeated { "repeated" } else { "accepted" }, None)
            }
            Err(refusal) => {
                open.attributes.push(number("dce.code", refusal.code().into()));
                // What the rules say no to is no fault of this server.
                ("refused", (!matches!(refusal, Refusal::Rejected(_))).then(|| refusal.text()))
            }
        };
        open.attributes.push(text("dce.outcome", outcome));
        let (dates, sequence) = (Dates::now(), result.as_ref().ok().map(|receipt| receipt.sequence.0));
        let stages = passage.map(|passage| stages(&open, &dates, passage, sequence));
        recorder.queue.put(stages.into_iter().flatten().chain([open.end(&dates, dates.instant(), fault)]));
    }
}

/// The stages that a command passed, one after the other, each a span below its own.
fn stages(of: &Open, dates: &Dates, passage: Passage, sequence: Option<u64>) -> Vec<Span> {
    let Passage { taken, judged, commit, released, .. } = passage;
    let mut spans = Vec::with_capacity(6);
    let mut stage = |name: &str, begun: Instant, ended: Instant| {
        let attributes = sequence.map(|sequence| number("dce.sequence", sequence)).into_iter().collect();
        let place = (of.place.trace, Parent::Local(of.place.span));
        let open = Open { begun, ..*open(place, name.to_owned(), SpanKind::Internal, attributes) };
        spans.push(open.end(dates, ended, None));
    };
    stage("ring", of.begun, taken);
    stage("engine apply", taken, judged);
    if let Some(commit) = commit {
        stage("journal wait", judged, commit.begun);
        stage("journal commit", commit.begun, commit.durable);
    }
    stage("publish", commit.map_or(judged, |commit| commit.durable), released);
    stage("answer", released, dates.instant());
    spans
}

fn open((trace, parent): (u128, Parent), name: String, kind: SpanKind, attributes: Vec<KeyValue>) -> Box<Open> {
    // Zero names no span.
    let span = u64::from_be_bytes(random()).max(1);
    Box::new(Open { place: Place { trace, span }, parent, name, kind, begun: Instant::now(), attributes })
}

#[cfg(feature = "rest")]
fn of_mark(Mark(bytes): Mark) -> Place {
    let [trace, span] =
        [&bytes[..16], &bytes[16..]].map(|part| part.iter().fold(0, |id, byte| id << 8 | u128::from(*byte)));
    Place { trace, span: span as u64 }
}

/// Without random numbers all ids are one: traces are told apart no more, and nothing else suffers.
fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut id = [1; BYTES];
    let _ = SystemRandom::new().fill(&mut id);
    id
}

/// What may be said of a command: which it is, and of which call.
fn of_command(command: &Command<'_>) -> Vec<KeyValue> {
    let mut attributes = vec![text("dce.command", command.name())];
    if let Some(CallId(call)) = call_of(command) {
        attributes.push(text("dce.call_id", format!("{call:032x}")));
    }
    attributes
}

fn call_of(command: &Command<'_>) -> Option<CallId> {
    macro_rules! of_calls {
        ($($name:ident),+) => {
            match command {
                $(Command::$name(said) => Some(said.call),)+
                _ => None,
            }
        };
    }
    of_calls!(
        RegisterCall,
        QuoteCall,
        ConfirmQuote,
        OfferCall,
        CancelCall,
        OpenAuction,
        CloseAuction,
        PlaceBid,
        WithdrawBid,
        NoBid,
        ReportRinging,
        ReportAnswered,
        ReportFailed,
        ReportEnded,
        ReportDropped,
        ReportRejected
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use dce_engine::commands::{OpenAccount, PlaceBid, Stamp};
    use dce_engine::ids::{AccountId, ProfileId, SessionId};
    use dce_engine::units::Money;

    fn traces(sampled_per_million: u32) -> (Traces, Arc<Queue>) {
        let queue = Arc::new(Queue::new(100));
        (Traces::to(Arc::new(Recorder { queue: Arc::clone(&queue), sampled_per_million })), queue)
    }

    fn open_account() -> Command<'static> {
        OpenAccount::buyer(AccountId(1)).into()
    }

    #[test]
    fn of_a_million_so_many_are_drawn_and_by_their_ids() {
        let (all, none) = (traces(1_000_000).0, traces(0).0);
        assert!(all.command(&open_account()).is_some() && none.command(&open_account()).is_none());
        assert!(Traces::default().command(&open_account()).is_none());
        let recorder = Recorder { queue: Arc::new(Queue::new(0)), sampled_per_million: 250_000 };
        let quarter = u64::MAX / 4;
        for (low, is_drawn) in [(0, true), (quarter - 1, true), (quarter + 1, false), (u64::MAX, false)] {
            assert_eq!(recorder.samples(7 << 64 | u128::from(low)), is_drawn, "{low}");
        }
    }

    #[cfg(feature = "rest")]
    #[test]
    fn whoever_watches_is_traced_when_asked_and_never_drawn() {
        let traces = traces(1_000_000).0;
        let is_traced =
            |sender, route| traces.request(crate::http::TraceContext { trace: 7, sender }, "GET", route).is_some();
        for route in ["/metrics", "/api/v1/metrics", "/api/v1/health"] {
            assert!(!is_traced(None, route) && is_traced(Some((1, true)), route), "{route}");
        }
        assert!(is_traced(None, "/api/v1/metrics/calls") && !is_traced(Some((1, false)), "/api/v1/metrics/calls"));
    }

    #[test]
    fn a_mark_names_the_span_that_put_it() {
        let (traces, _) = traces(1_000_000);
        let span = traces.command(&open_account()).unwrap();
        let Mark(bytes) = span.mark();
        let ids = (span.open.place.trace.to_be_bytes(), span.open.place.span.to_be_bytes());
        assert_eq!((&bytes[..16], &bytes[16..]), (&ids.0[..], &ids.1[..]));
        #[cfg(feature = "rest")]
        assert_eq!(of_mark(span.mark()), span.open.place);
    }

    #[test]
    fn a_command_that_never_was_on_its_way_is_not_told_and_one_without_a_passage_is() {
        let (traces, queue) = traces(1_000_000);
        drop(traces.command(&open_account()));
        assert_eq!(queue.take(), None);
        traces.command(&open_account()).unwrap().answered(&Err(Refusal::Stopping), None);
        let spans = queue.take().unwrap();
        let status = spans[0].status.as_ref().map(|status| status.code);
        assert_eq!((spans.len(), spans[0].name.as_str(), status), (1, "quic OpenAccount", Some(2)));
    }

    #[test]
    fn a_front_that_is_left_says_so() {
        let (traces, queue) = traces(1_000_000);
        drop(traces.hello());
        traces.hello().unwrap().ended(None);
        let spans = queue.take().unwrap();
        let faults: Vec<bool> = spans.iter().map(|span| span.status.is_some()).collect();
        assert_eq!(faults, [true, false]);
    }

    #[test]
    fn commands_about_a_call_say_which() {
        let bid = PlaceBid::new(
            (AccountId(1), ProfileId(1)),
            (AccountId(2), CallId(10)),
            Money::from_units(3),
            Stamp::new(SessionId(1), 1),
        );
        assert_eq!((call_of(&bid.into()), call_of(&open_account())), (Some(CallId(10)), None));
    }
}
