//! Metrics and the lines about calls, of a server that sells some.
#![cfg(feature = "rest")]
#![expect(clippy::unwrap_used, reason = "helpers of tests: what fails in them fails the test")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use dce_engine::prelude::*;
use dce_server::Server;
use dce_server::identity::{Role, Scopes};
use dce_server::metrics::routes;
use http_body_util::BodyExt;
use tower::ServiceExt;

const BUYER: AccountId = AccountId(10);
const SELLER: AccountId = AccountId(20);
const LISTING: ListingId = ListingId(1);
const BLOCKED: AttributeId = AttributeId(1);

struct House {
    server: Server,
    _dir: tempfile::TempDir,
}

impl House {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::builder().dir(dir.path()).listen(([127, 0, 0, 1], 0).into()).limits(Limits::small());
        Self { server: server.start().unwrap(), _dir: dir }
    }

    fn apply<'a>(&self, command: impl Into<Command<'a>>) {
        let answer = self.server.handle().submit(&command.into()).unwrap().wait();
        assert!(answer.result.is_ok(), "{:?}", answer.result);
    }

    /// One call sold and ended after three minutes, one that the law forbids, one that nobody wants.
    fn trade(&self) {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let now = Timestamp::from_seconds(since.as_secs());
        let call = |number| CallId::at(now, number);
        let leg = LegReport::first(Clocks::default());
        let stamp = |number| Stamp::new(SessionId(1), number);
        self.apply(DeclareAttribute::boolean(BLOCKED, "blocked"));
        self.apply(OpenAccount::buyer(BUYER).deposit(usd("100")));
        self.apply(OpenAccount::seller(SELLER));
        self.apply(OpenSession::new(SELLER, SessionId(1)));
        self.apply(CreateListing::of(SELLER, LISTING));
        self.apply(CreateProfile::of(BUYER, ProfileId(1)).bid(usd("5")).dial(b"desk", Millis(60_000)));
        let rule =
            ScreenRule::refuse(Reason::DoNotCallListed, Clause { attribute: BLOCKED, test: Test::Is { value: true } });
        self.apply(SetScreen::new(SELLER).rule(rule));
        self.apply(OfferCall::new(SELLER, call(1), LISTING));
        self.apply(ReportAnswered::new(SELLER, call(1), leg, stamp(1)));
        self.apply(ReportEnded::new(SELLER, call(1), leg, stamp(2)));
        self.apply(OfferCall::new(SELLER, call(2), LISTING).flag(BLOCKED, true));
        self.apply(OfferCall::new(SELLER, call(3), LISTING).reserve(usd("50")));
    }

    /// The page, once it says this: the meter is a thread of its own.
    fn page_with(&self, line: &str) -> String {
        let started = Instant::now();
        loop {
            let page = self.server.metrics().render();
            if page.lines().any(|known| known == line) {
                return page;
            }
            assert!(started.elapsed() < Duration::from_secs(20), "no `{line}` in:\n{page}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn what_happened_is_counted_and_what_did_not_is_absent() {
    let house = House::open();
    let before = house.server.metrics().render();
    assert!(before.contains("dce_compliance_violations_total{reason=\"DoNotCallListed\"} 0"), "{before}");
    // Reserved for what is not there: neither happened nor built.
    for absent in
        ["dce_routing_duration_seconds{", "dce_http_requests_total", "dce_history_", "grpc", "websocket", "sip"]
    {
        assert!(!before.contains(absent), "{absent}");
    }
    house.trade();
    house.page_with("dce_calls_closed_total{reason=\"NoCandidate\"} 1");
    // That page was made while others were still counted, and the picture of all this may be laid down a moment later.
    house.page_with("dce_sequence{stage=\"views\"} 12");
    let page = house.server.metrics().render();
    for line in [
        "dce_calls_total{outcome=\"offered\"} 3",
        "dce_calls_total{outcome=\"sold\"} 1",
        "dce_calls_total{outcome=\"unsold\"} 2",
        "dce_calls_total{outcome=\"ended\"} 1",
        "dce_compliance_violations_total{reason=\"DoNotCallListed\"} 1",
        "dce_compliance_violations_total{reason=\"ConsentMissing\"} 0",
        "dce_bids_total{outcome=\"won\"} 1",
        "dce_call_duration_seconds_count 1",
        "dce_routing_duration_seconds_count 3",
        "dce_commands_total{result=\"accepted\"} 12",
        "dce_ledger_revenue_micros_total{currency=\"USD\"} 5000000",
        "dce_connections{front=\"quic\"} 0",
        "dce_metrics_events_missed_total 0",
    ] {
        assert!(page.lines().any(|known| known == line), "no `{line}` in:\n{page}");
    }
    for metric in ["dce_routing_duration_seconds{quantile=\"0.99\"}", "dce_journal_disk_free_bytes", "process_open_fds"]
    {
        assert!(page.contains(metric), "no {metric} in:\n{page}");
    }
    // Every line is one that the page of documentation knows.
    for line in page.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let name = line.split(['{', ' ']).next().unwrap();
        let base = ["_bucket", "_sum"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        let known = |metric: &dce_server::metrics::Metric| {
            metric.name == base || name.strip_suffix("_count") == Some(metric.name)
        };
        assert!(dce_server::metrics::METRICS.iter().any(known), "{line}");
    }
    house.server.stop().unwrap();
}

#[test]
fn only_who_may_see_metrics_sees_them() {
    let house = House::open();
    house.server.metrics().http_request("GET", "/api/v1/calls/{id}", 200, Duration::from_millis(3));
    let router = routes(house.server.metrics(), house.server.authority());
    let key = |role, scopes: &str| {
        let account = if role == Role::Buyer { BUYER } else { AccountId::PLATFORM };
        house.server.create_scoped_key(account, role, Scopes::parse(scopes).unwrap()).unwrap()
    };
    let keys = [
        (None, StatusCode::UNAUTHORIZED),
        (Some("dce_nonsense".to_owned()), StatusCode::UNAUTHORIZED),
        (Some(key(Role::Buyer, "read").expose().to_owned()), StatusCode::FORBIDDEN),
        (Some(key(Role::Service, "read").expose().to_owned()), StatusCode::FORBIDDEN),
        (Some(key(Role::Operator, "calls").expose().to_owned()), StatusCode::FORBIDDEN),
        (Some(key(Role::Auditor, "read").expose().to_owned()), StatusCode::OK),
        (Some(key(Role::Admin, "read").expose().to_owned()), StatusCode::OK),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for (key, status) in keys {
            let mut request = Request::get("/metrics");
            if let Some(key) = &key {
                request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
            }
            let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(response.status(), status);
            let text = response.into_body().collect().await.unwrap().to_bytes();
            let shows = String::from_utf8_lossy(&text).contains("dce_http_requests_total{");
            assert_eq!(shows, status == StatusCode::OK);
        }
    });
    house.server.stop().unwrap();
}

#[test]
fn a_call_is_a_line_with_its_fields_and_without_anybodys_number() {
    use std::io::Write;
    use std::sync::Mutex;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let log = Log::default();
    let writer = log.clone();
    let filter = tracing_subscriber::filter::Targets::new().with_target("dce_server::calls", tracing::Level::DEBUG);
    // Of the whole process: the lines come from the meter's thread.
    use tracing_subscriber::Layer as _;
    use tracing_subscriber::layer::SubscriberExt as _;
    let lines = dce_server::logs::json_lines(move || writer.clone()).with_filter(filter);
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines)).unwrap();
    let house = House::open();
    house.trade();
    house.page_with("dce_calls_closed_total{reason=\"NoCandidate\"} 1");
    house.server.stop().unwrap();
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |msg: &str| lines.iter().find(|line| line["msg"] == msg).unwrap_or_else(|| panic!("{text}"));
    let (sold, ended) = (of("call sold"), of("call ended"));
    assert_eq!((&sold["buyer_id"], &sold["seller_id"], &sold["level"]), (&"10".into(), &"20".into(), &"debug".into()));
    assert_eq!(sold["call_id"], ended["call_id"]);
    assert!(sold["call_id"].as_str().is_some_and(|id| id.len() == 32) && ended["duration_ms"].is_u64());
    assert_eq!(of("call unsold")["reason"], Reason::DoNotCallListed.text());
}
