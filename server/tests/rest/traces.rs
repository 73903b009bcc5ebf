//! Traces: every hop of a request and of a frame, in one trace and below one another, at a collector in this process; and
//! what happens where there is none.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dce_client::{Client, ListingId, NewCall, Trust};
use dce_runtime::Durability;
use dce_server::config::{Settings, TracesSettings, Values};
use dce_server::identity::Role;
use dce_server::limits::Limits;
use hyper::StatusCode;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;

use crate::collector::{Collecting, Seen};
use crate::common::{ACME, House, PATIENCE, WEB, small};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SENDER: &str = "00f067aa0ba902b7";
const CALLER: &str = "+12065550142";

/// The hops of a command that changes something and is synced, in their order.
const STAGES: [&str; 6] = ["ring", "engine apply", "journal wait", "journal commit", "publish", "answer"];

/// Settings of traces, read as a start would.
fn settings(pairs: &[(&str, &str)]) -> TracesSettings {
    let flags: Vec<(&str, String)> = pairs.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    Settings::from_values(&Values::load(None, [], &flags).unwrap()).unwrap().traces.unwrap()
}

fn to(url: &str) -> TracesSettings {
    settings(&[("traces.otlp_endpoint", url)])
}

fn house(traces: TracesSettings, limits: Limits) -> House {
    let dir = tempfile::tempdir().unwrap();
    let server = small(dir.path()).durability(Durability::Always).front_limits(limits).traces(traces).start().unwrap();
    House::of(dir, server)
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|nth| u8::from_str_radix(&hex[2 * nth..2 * nth + 2], 16).unwrap()).collect()
}

fn traceparent(flags: &str) -> String {
    format!("00-{TRACE}-{SENDER}-{flags}")
}

/// The spans of one trace that hang from one span, by name.
fn below<'a>(spans: &'a BTreeMap<Vec<u8>, Seen>, parent: &Seen) -> BTreeMap<&'a str, &'a Seen> {
    let of =
        |seen: &&Seen| seen.span.parent_span_id == parent.span.span_id && seen.span.trace_id == parent.span.trace_id;
    spans.values().filter(of).map(|seen| (seen.span.name.as_str(), seen)).collect()
}

fn named<'a>(spans: &'a BTreeMap<Vec<u8>, Seen>, name: &str) -> Option<&'a Seen> {
    spans.values().find(|seen| seen.span.name == name)
}

/// Insists that the stages follow one another without a gap, inside of the command.
fn follow_one_another(command: &Seen, stages: &BTreeMap<&str, &Seen>, sequence: &str) {
    let mut at = command.span.start_time_unix_nano;
    for name in STAGES {
        let stage = stages.get(name).unwrap_or_else(|| panic!("no `{name}` in {:?}", stages.keys()));
        assert_eq!(stage.span.start_time_unix_nano, at, "{name}");
        assert!(stage.span.end_time_unix_nano >= at, "{name}");
        assert_eq!(stage.says("dce.sequence").as_deref(), Some(sequence), "{name}");
        at = stage.span.end_time_unix_nano;
    }
    assert_eq!(at, command.span.end_time_unix_nano);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_offered_over_rest_is_one_trace_with_every_hop_and_without_its_caller() {
    let collector = Collecting::start(None).await;
    let house = house(
        settings(&[
            ("traces.otlp_endpoint", &collector.url()),
            ("traces.service_name", "market"),
            ("traces.otlp_headers", "x-token=a%20b"),
        ]),
        Limits::default(),
    );
    let (seller, _) = house.market(json!({}), 1).await;
    let call = json!({ "listing_id": "1", "caller": CALLER, "route": true });
    let headers = [("traceparent", traceparent("01"))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let called = seller.ask("POST", "/calls", Some(call), &headers).await.created();
    let sequence = called["sequence"].to_string();

    let ours = |spans: &BTreeMap<Vec<u8>, Seen>| {
        let of = |seen: &&Seen| seen.span.trace_id == bytes(TRACE);
        spans.values().filter(of).count()
    };
    // Request, command, its stages, and two read models.
    let spans = collector.spans_with("the whole trace", |spans| ours(spans) >= 2 + STAGES.len() + 2).await;
    assert_eq!(ours(&spans), 2 + STAGES.len() + 2, "and nothing more");
    let root = spans.values().find(|seen| seen.span.parent_span_id == bytes(SENDER)).unwrap();
    assert_eq!((root.span.trace_id.clone(), root.span.kind), (bytes(TRACE), 2), "a server's");
    assert_eq!(root.span.name, "POST /api/v1/calls");
    assert_eq!(root.says("http.route").as_deref(), Some("/api/v1/calls"));
    assert_eq!(root.says("http.response.status_code").as_deref(), Some("201"));
    assert_eq!(root.source("service.name").as_deref(), Some("market"));
    let commands = below(&spans, root);
    assert_eq!(commands.keys().copied().collect::<Vec<_>>(), ["OfferCall"]);
    let command = commands["OfferCall"];
    assert_eq!(
        (command.says("dce.sequence"), command.says("dce.outcome")),
        (Some(sequence.clone()), Some("accepted".into()))
    );
    let id = called["id"].as_str().unwrap().replace('-', "");
    assert_eq!(command.says("dce.call_id"), Some(id), "{called}");
    let stages = below(&spans, command);
    follow_one_another(command, &stages, &sequence);
    for fold in ["catalog fold", "history fold"] {
        assert!(stages[fold].span.start_time_unix_nano >= stages["journal commit"].span.end_time_unix_nano, "{fold}");
    }
    assert!(root.span.start_time_unix_nano <= command.span.start_time_unix_nano);
    assert!(root.span.end_time_unix_nano >= command.span.end_time_unix_nano);

    assert_eq!(collector.header("x-token"), "a b");
    assert_eq!(collector.header("content-type"), "application/x-protobuf");
    let raw = collector.raw();
    for canary in [CALLER, &CALLER[1..], &CALLER[2..]] {
        assert!(!raw.windows(canary.len()).any(|window| window == canary.as_bytes()), "{canary}");
    }
    let page = house.server.metrics().render();
    assert!(page.contains("dce_trace_spans_total{result=\"dropped\"} 0"), "{page}");
    house.server.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_its_sender_does_not_record_is_not_and_what_is_refused_says_so() {
    let collector = Collecting::start(None).await;
    let house = house(to(&collector.url()), Limits::default());
    let operator = house.operator();
    let silent = [("traceparent", traceparent("00"))];
    let silent = silent.each_ref().map(|(name, value)| (*name, value.as_str()));
    let account = json!({ "id": ACME.to_string(), "role": "buyer" });
    operator.ask("POST", "/accounts", Some(account), &silent).await.created();
    let withdrawal = json!({ "id": "1", "account_id": ACME.to_string(), "amount": "5.00" });
    let refused = operator.post("/account/withdrawals", withdrawal).await;
    assert!(refused.status.is_client_error(), "{}", refused.body);
    let code = refused.body["code"].to_string();
    house.server.stop().unwrap();

    let spans = collector.spans();
    assert!(spans.values().all(|seen| seen.span.trace_id != bytes(TRACE)), "its sender does not record it");
    let root = named(&spans, "POST /api/v1/account/withdrawals").unwrap();
    assert!(root.span.parent_span_id.is_empty() && root.span.status.is_none(), "the asker's fault, not the server's");
    assert_eq!(root.says("http.response.status_code"), Some(refused.status.as_u16().to_string()));
    let command = below(&spans, root)["Withdraw"];
    assert_eq!((command.says("dce.outcome"), command.says("dce.code")), (Some("refused".into()), Some(code)));
    let stages = below(&spans, command);
    assert_eq!(stages.keys().copied().collect::<Vec<_>>(), ["answer", "engine apply", "publish", "ring"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_over_quic_is_a_trace_of_its_own_and_so_is_a_session() {
    let collector = Collecting::start(None).await;
    let house = house(to(&collector.url()), Limits::default());
    house.market(json!({}), 1).await;
    let key = house.server.create_key(dce_engine::ids::AccountId(WEB), Role::Seller).unwrap();
    let trust = Trust::pem_file(house.server.certificate()).unwrap();
    let seller = Client::connect(&house.server.address().to_string(), trust, key.expose()).await.unwrap();
    seller.seller().offer(&NewCall::new(seller.new_call(), ListingId(1))).await.unwrap();
    seller.close().await.unwrap();
    // A stop sends what waits.
    house.server.stop().unwrap();

    let spans = collector.spans();
    let offer = named(&spans, "quic OfferCall").unwrap();
    assert!(offer.span.parent_span_id.is_empty() && offer.span.kind == 2, "it begins its trace");
    let sequence = offer.says("dce.sequence").unwrap();
    follow_one_another(offer, &below(&spans, offer), &sequence);
    let hello = named(&spans, "quic hello").unwrap();
    assert_eq!(hello.says("dce.code").as_deref(), Some("0"));
    let opened = below(&spans, hello)["OpenSession"];
    assert!(opened.says("dce.sequence").is_some() && below(&spans, opened).contains_key("journal commit"));
    assert!(named(&spans, "quic CloseSession").is_some(), "the goodbye");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_none_in_a_million_none_is_traced_but_those_whose_sender_records_them() {
    let collector = Collecting::start(None).await;
    let none = [("traces.otlp_endpoint", collector.url()), ("traces.sampled_per_million", "0".to_owned())];
    let house = house(settings(&none.each_ref().map(|(path, text)| (*path, text.as_str()))), Limits::default());
    house.market(json!({}), 1).await;
    let traced = [("traceparent", traceparent("01"))];
    let traced = traced.each_ref().map(|(name, value)| (*name, value.as_str()));
    house.operator().ask("GET", "/accounts/10", None, &traced).await.ok();
    house.server.stop().unwrap();
    let names: Vec<_> = collector.spans().into_values().map(|seen| seen.span.name).collect();
    assert_eq!(names, ["GET /api/v1/accounts/{account_id}"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_over_tls_that_is_busy_gets_them_a_moment_later() {
    let dir = tempfile::tempdir().unwrap();
    let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (pem, key) = (signed.cert.pem(), signed.signing_key.serialize_der());
    let file = dir.path().join("collector.pem");
    std::fs::write(&file, &pem).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let chain = vec![CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()];
    let tls = tls.with_no_client_auth().with_single_cert(chain, PrivateKeyDer::try_from(key).unwrap()).unwrap();
    let collector = Collecting::start(Some(Arc::new(tls))).await;
    collector.be_busy(2);
    let file = file.to_str().unwrap().to_owned();
    let to = settings(&[("traces.otlp_endpoint", &collector.url()), ("traces.otlp_certificate", &file)]);
    let house = house(to, Limits::default());
    house.operator().get("/accounts/0").await.ok();
    collector.spans_with("a request", |spans| named(spans, "GET /api/v1/accounts/{account_id}").is_some()).await;
    house.server.stop().unwrap();
}

/// Takes connections, and never says a word on them.
fn deaf() -> (TcpListener, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

/// Calls are offered and answered; answers how many spans were dropped, once some were.
async fn drops(house: &House) -> u64 {
    let (seller, _) = house.market(json!({}), 1).await;
    for _ in 0..5 {
        let call = json!({ "listing_id": "1", "caller": CALLER, "route": true });
        seller.post("/calls", call).await.with(StatusCode::CREATED);
    }
    let until = Instant::now() + PATIENCE;
    loop {
        let page = house.server.metrics().render();
        let counted = |result: &str| {
            let name = format!("dce_trace_spans_total{{result=\"{result}\"}} ");
            page.lines().find_map(|line| line.strip_prefix(&name)?.parse::<u64>().ok()).unwrap()
        };
        assert_eq!(counted("exported"), 0);
        if counted("dropped") > 0 {
            return counted("dropped");
        }
        assert!(Instant::now() < until, "nothing is dropped");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_collector_is_calls_go_on_and_what_it_would_have_got_is_counted() {
    let (listener, url) = deaf();
    drop(listener);
    let house = house(to(&url), Limits::default());
    drops(&house).await;
    house.server.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_never_answers_delays_nobody_and_what_it_does_not_take_is_counted() {
    let (_listener, url) = deaf();
    let limits = Limits { trace_export_time_max: Duration::from_millis(50), ..Limits::default() };
    let house = house(to(&url), limits);
    drops(&house).await;
    house.server.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn more_spans_than_may_wait_are_dropped_and_delay_nobody() {
    let (_listener, url) = deaf();
    let hour = Duration::from_secs(3_600);
    let farewell = Duration::from_millis(50);
    let limits = Limits {
        trace_spans_max: 20,
        trace_export_time_max: hour,
        trace_farewell_time_max: farewell,
        ..Limits::default()
    };
    let house = house(to(&url), limits);
    assert!(drops(&house).await > 20, "far more than there was room for");
    house.server.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_a_collector_that_never_answers() {
    let (_listener, url) = deaf();
    let limits = Limits {
        trace_export_time_max: Duration::from_secs(3_600),
        trace_farewell_time_max: Duration::from_millis(50),
        ..Limits::default()
    };
    let house = house(to(&url), limits);
    house.market(json!({}), 1).await;
    let House { server, dir: _dir, .. } = house;
    let stopped = tokio::task::spawn_blocking(move || server.stop().map(drop));
    tokio::time::timeout(PATIENCE, stopped).await.expect("it waits").unwrap().unwrap();
}
