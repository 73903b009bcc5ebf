//! Canaries: callers' numbers, their names, and every kind of secret, in a whole story over REST and QUIC and in all that
//! goes wrong in it; then looked for, in several writings, in what the server logged (JSON, at debug), measured, traced and kept.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use dce_client::{Client, ListingId, NewCall, SubjectId, Trust};
use serde_json::{Value, json};

use crate::common::{Http, PATIENCE};

/// A caller of the North American plan, one of elsewhere, and one who is suppressed.
const NUMBERS: [&str; 3] = ["+12065550142", "+442079460191", "+13035550173"];
const NAME: &str = "Zebedee Quillfeather";
const EMAIL: &str = "zebedee@canary.example";
const PASSWORD: &str = "quokka-lantern-58-mistral";
const WRONG_PASSWORD: &str = "walrus-lantern-58-mistral";

/// `dce serve` as an operator starts it, and everything it says.
struct Serving {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Serving {
    fn start(dir: &Path, collector: &str) -> Self {
        let set = ["exchange.size=small", "log.format=json", "log.level=debug", collector];
        let mut command = Command::new(env!("CARGO_BIN_EXE_dce"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--rest", "127.0.0.1:0", "--dir"]).arg(dir);
        set.iter().for_each(|set| _ = command.args(["--set", set]));
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (mut stderr, said) = (child.stderr.take().unwrap(), Arc::<Mutex<String>>::default());
        let heard = Arc::clone(&said);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = stderr.read(&mut bytes) {
                heard.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..length]));
            }
        });
        Self { child, said }
    }

    fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// The address that is said between these words, once it is.
    async fn address(&self, before: &str, after: &str) -> SocketAddr {
        let until = Instant::now() + PATIENCE;
        loop {
            let said = self.said();
            let found = said.split(before).skip(1).find_map(|rest| rest.split(after).next()?.parse().ok());
            if let Some(address) = found {
                return address;
            }
            assert!(Instant::now() < until, "it listens nowhere: {said}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn stop(mut self) -> String {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
        // The reader's thread ends with the pipe.
        std::thread::sleep(Duration::from_millis(200));
        self.said()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What must be found nowhere, by what it is.
#[derive(Default)]
struct Secrets(BTreeMap<String, String>);

impl Secrets {
    fn add(&mut self, what: &str, secret: &str) {
        assert!(secret.len() > 8, "too short to be told from chance: {what}");
        self.0.insert(what.to_owned(), secret.to_owned());
    }

    /// The secret half of a key or token of ours: the other half names it, and may be seen.
    fn add_key(&mut self, what: &str, key: &Value) {
        let key = key.as_str().unwrap();
        self.add(what, key.rsplit('_').next().unwrap());
    }

    /// The signature and the claims of a token.
    fn add_token(&mut self, what: &str, token: &Value) {
        for (part, name) in token.as_str().unwrap().split('.').zip(["header", "claims", "signature"]).skip(1) {
            self.add(&format!("{name} of {what}"), part);
        }
    }
}

/// The writings in which something may lie about.
fn writings(secret: &str) -> Vec<Vec<u8>> {
    let mut all = vec![secret.as_bytes().to_vec()];
    let digits: String = secret.chars().filter(char::is_ascii_digit).collect();
    if secret.starts_with('+') {
        let number: u64 = digits.parse().unwrap();
        all.extend([digits.clone().into_bytes(), number.to_le_bytes().to_vec(), number.to_be_bytes().to_vec()]);
        if let Some(national) = digits.strip_prefix('1') {
            let (area, exchange, line) = (&national[..3], &national[3..6], &national[6..]);
            all.push(national.as_bytes().to_vec());
            all.push(format!("{area}-{exchange}-{line}").into_bytes());
            all.push(format!("({area}) {exchange}-{line}").into_bytes());
        }
        // Binary coded, two digits a byte.
        let pairs: Vec<u8> =
            digits.as_bytes().chunks_exact(2).map(|pair| ((pair[0] - b'0') << 4) | (pair[1] - b'0')).collect();
        all.push(pairs);
    }
    let plain = all.clone();
    for bytes in &plain {
        if std::str::from_utf8(bytes).is_err() {
            continue;
        }
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        all.extend([hex.to_uppercase().into_bytes(), hex.into_bytes()]);
        all.push(bytes.iter().flat_map(|byte| [*byte, 0]).collect());
        all.push(form_urlencoded::byte_serialize(bytes).collect::<String>().into_bytes());
        // In base64 it depends on what stands before it: of three beginnings, what is the same whatever stands around.
        for before in 0..3 {
            let padded = [&vec![0; before][..], bytes].concat();
            for encoded in [STANDARD.encode(&padded), URL_SAFE.encode(&padded)] {
                let (from, to) = ((before * 4).div_ceil(3), padded.len() / 3 * 4);
                all.push(encoded.as_bytes()[from..to].to_vec());
            }
        }
    }
    all.retain(|writing| writing.len() >= 6);
    all
}

fn holds(text: &[u8], secret: &str) -> bool {
    writings(secret).iter().any(|needle| text.windows(needle.len()).any(|window| window == needle))
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn the_search_finds_every_writing_of_what_it_looks_for() {
    for secret in [NUMBERS[0], NAME, PASSWORD] {
        for before in ["", "a", "ab", "abc"] {
            let around = format!("{before}{secret} and more");
            assert!(holds(around.as_bytes(), secret));
            assert!(holds(STANDARD.encode(&around).as_bytes(), secret), "{before}{secret}");
            assert!(holds(URL_SAFE.encode(&around).as_bytes(), secret));
        }
        assert!(!holds(b"nothing of the kind, 2065550199, Zebedee Quill", secret));
    }
    assert!(holds(b"(206) 555-0142", NUMBERS[0]) && holds(&12_065_550_142_u64.to_le_bytes(), NUMBERS[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_number_name_or_secret_is_logged_measured_or_kept() {
    let dir = tempfile::tempdir().unwrap();
    #[cfg(feature = "otel")]
    let collector = crate::collector::Collecting::start(None).await;
    #[cfg(feature = "otel")]
    let serving = Serving::start(dir.path(), &format!("traces.otlp_endpoint={}", collector.url()));
    #[cfg(not(feature = "otel"))]
    let serving = Serving::start(dir.path(), "traces.otlp_endpoint=");
    let rest = serving.address("listening on https://", "/api/v1").await;
    let quic = serving.address("listening on ", " (QUIC").await;
    let certificate = dir.path().join("identity/certificate.pem");
    let operator_key = fs::read_to_string(dir.path().join("identity/operator.key")).unwrap().trim().to_owned();
    let asker = |key: Option<&str>| Http::at(&certificate, rest, key);
    let mut secrets = Secrets::default();

    let operator = asker(Some(&operator_key));
    let admin_key = admin_key(dir.path(), &asker).await;
    secrets.add("an admin's key", admin_key.rsplit('_').next().unwrap());
    let admin = asker(Some(&admin_key));
    let keys = tell_by_rest((&operator, &admin), &asker, &mut secrets).await;
    tell_by_quic(quic, &certificate, &keys).await;
    go_wrong(&operator, &asker, quic, &certificate).await;
    let traced = [("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")];
    operator.ask("GET", "/accounts/10", None, &traced).await.ok();
    let metrics = operator.get("/metrics").await.ok().as_str().unwrap().to_owned();
    assert!(metrics.contains("dce_calls_total"), "{metrics}");
    let logged = serving.stop();
    assert!(logged.lines().filter(|line| line.starts_with('{')).count() > 3, "there is something to look at: {logged}");

    // What a request's lines are tied together by is its sender's trace; the route is named, not the path.
    let lines: Vec<Value> = logged.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let of_trace = |line: &&Value| line["correlation_id"] == "4bf92f3577b34da6a3ce929d0e0e4736";
    let answered = lines.iter().filter(of_trace).find(|line| line["msg"] == "answered").expect(&logged);
    assert_eq!((&answered["route"], &answered["status"]), (&json!("/api/v1/accounts/{account_id}"), &json!(200)));
    let all = || lines.iter().filter(|line| line["msg"] == "answered");
    assert!(all().count() > 10 && all().all(|line| line["correlation_id"].is_string()));

    #[cfg(feature = "otel")]
    let traced = collector.raw();
    #[cfg(not(feature = "otel"))]
    let traced = Vec::new();
    assert_eq!(cfg!(feature = "otel"), traced.len() > 10_000, "there are traces to look at");
    for (number, secret) in NUMBERS.iter().enumerate() {
        secrets.add(&format!("number {number}"), secret);
    }
    secrets.add("name", NAME);
    secrets.add("password", PASSWORD);
    secrets.add("wrong password", WRONG_PASSWORD);
    secrets.add("the operator's key", operator_key.rsplit('_').next().unwrap());
    let kept: Vec<(PathBuf, Vec<u8>)> =
        files(dir.path()).into_iter().map(|path| (path.clone(), fs::read(&path).unwrap())).collect();
    for (what, secret) in &secrets.0 {
        assert!(!holds(logged.as_bytes(), secret), "logged: {what}");
        assert!(!holds(metrics.as_bytes(), secret), "measured: {what}");
        assert!(!holds(&traced, secret), "traced: {what}");
        let holders: Vec<_> = kept.iter().filter(|(_, bytes)| holds(bytes, secret)).map(|(path, _)| path).collect();
        // The one file that is there to hold its secret.
        let allowed = what == "the operator's key";
        assert!(holders.iter().all(|path| allowed && path.ends_with("operator.key")), "{what} lies in {holders:?}");
        assert!(!allowed || holders.len() == 1);
    }
    for told in [logged.as_bytes(), metrics.as_bytes(), &traced] {
        assert!(!holds(told, EMAIL), "an e-mail was logged, measured or traced");
    }
    let holders: Vec<_> = kept.iter().filter(|(_, bytes)| holds(bytes, EMAIL)).map(|(path, _)| path).collect();
    let people = dir.path().join("identity/people");
    assert!(!holders.is_empty() && holders.iter().all(|path| path.starts_with(&people)), "{holders:?}");
}

/// A market, a person, a program, keys; calls that are sold, refused and suppressed. Answers a seller's and a buyer's key.
async fn tell_by_rest(
    (operator, admin): (&Http, &Http),
    asker: &dyn Fn(Option<&str>) -> Http,
    secrets: &mut Secrets,
) -> [String; 2] {
    operator.post("/accounts", json!({ "id": "20", "role": "seller" })).await.created();
    operator.post("/accounts", json!({ "id": "10", "role": "buyer", "deposit": "100.00" })).await.created();
    operator.post("/listings", json!({ "id": "1", "seller_id": "20" })).await.created();
    for (id, attribute) in [
        (0, json!({ "name": "area_code", "kind": "category", "values_max": 9, "values": ["206"] })),
        (1, json!({ "name": "caller_name", "kind": "category", "values_max": 9, "values": ["unknown"] })),
    ] {
        operator.ask("PUT", &format!("/attributes/{id}"), Some(attribute), &[]).await.ok();
    }
    let profile =
        json!({ "id": "1", "buyer_id": "10", "bid": "5.00", "destinations": [{ "address": "sip:desk@example.com" }] });
    operator.post("/bid-profiles", profile).await.created();

    let person = json!({ "email": EMAIL, "password": PASSWORD, "role": "seller", "account": "20" });
    // Who runs the market is not who says who is who.
    operator.post("/auth/register", person.clone()).await.with(hyper::StatusCode::FORBIDDEN);
    admin.post("/auth/register", person).await.created();
    let stranger = asker(None);
    let login = json!({ "email": EMAIL, "password": PASSWORD });
    let first = stranger.post("/auth/login", login).await.ok();
    secrets.add_token("a person's token", &first["access_token"]);
    secrets.add_key("a refresh token", &first["refresh_token"]);
    let next = stranger.post("/auth/refresh", json!({ "refresh_token": first["refresh_token"] })).await.ok();
    secrets.add_token("the next token", &next["access_token"]);
    secrets.add_key("the next refresh token", &next["refresh_token"]);
    let seller = asker(next["access_token"].as_str());
    let key = seller.post("/keys", json!({})).await.created();
    secrets.add_key("a seller's key", &key["key"]);
    let buyer = admin.post("/keys", json!({ "role": "buyer", "account": "10" })).await.created();
    secrets.add_key("a buyer's key", &buyer["key"]);
    let client =
        json!({ "name": "dialer", "role": "service", "account": "0", "scope": "calls read", "confidential": true });
    let client = admin.post("/clients", client).await.created();
    secrets.add_key("a client's secret", &client["client_secret"]);
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", client["client_id"].as_str().unwrap())
        .append_pair("client_secret", client["client_secret"].as_str().unwrap())
        .finish();
    let media = [("content-type", "application/x-www-form-urlencoded")];
    let token = stranger.ask_raw("POST", "/oauth/token", form.as_bytes(), &media).await.ok();
    secrets.add_token("a program's token", &token["access_token"]);

    let suppress = json!({ "caller": NUMBERS[2], "until": "2099-01-01T00:00:00Z" });
    seller.post("/account/suppressions", suppress).await.created();
    for (number, status) in [(NUMBERS[0], "queued"), (NUMBERS[1], "queued"), (NUMBERS[2], "failed")] {
        let facts = json!({ "caller_name": NAME });
        let call = json!({ "listing_id": "1", "caller": number, "facts": facts, "route": true });
        let call = seller.post("/calls", call).await.created();
        assert_eq!(call["status"], status, "{call}");
        if status == "queued" {
            let complete = format!("/calls/{}/complete", call["id"].as_str().unwrap());
            let status = format!("/calls/{}/status", call["id"].as_str().unwrap());
            seller.patch(&status, json!({ "status": "in_progress" })).await.ok();
            seller.post(&complete, json!({ "duration_seconds": 60 })).await.ok();
        }
    }
    let again = json!({ "refresh_token": next["refresh_token"] });
    stranger.post("/auth/logout", again).await.with(hyper::StatusCode::NO_CONTENT);
    [&key, &buyer].map(|key| key["key"].as_str().unwrap().to_owned())
}

/// An admin's key, made by the binary beside the running server, once that knows it.
async fn admin_key(dir: &Path, asker: &dyn Fn(Option<&str>) -> Http) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dce"));
    command.args(["key", "create", "--account", "0", "--role", "admin", "--dir"]).arg(dir).env_clear();
    let key = String::from_utf8(command.output().unwrap().stdout).unwrap().trim().to_owned();
    let until = Instant::now() + PATIENCE;
    while asker(Some(&key)).get("/users").await.status != hyper::StatusCode::OK {
        assert!(Instant::now() < until, "the key is never known");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    key
}

/// A call of a caller whom the seller's own switch named, sold to a session that holds a key.
async fn tell_by_quic(address: SocketAddr, certificate: &Path, [seller, buyer]: &[String; 2]) {
    let trust = || Trust::pem_file(certificate).unwrap();
    let seller = Client::connect(&address.to_string(), trust(), seller).await.unwrap();
    let buyer = Client::connect(&address.to_string(), trust(), buyer).await.unwrap();
    let call =
        NewCall::new(seller.new_call(), ListingId(1)).subject(SubjectId(0x5eed_0000_0000_0000_0000_0000_0000_0042));
    assert!(seller.seller().offer(&call).await.unwrap().sale().is_some());
    let _ = buyer.balance(buyer.account()).await.unwrap();
    seller.close().await.unwrap();
    buyer.close().await.unwrap();
}

/// Everything that is refused with something in it that nobody may see.
async fn go_wrong(operator: &Http, asker: &dyn Fn(Option<&str>) -> Http, quic: SocketAddr, certificate: &Path) {
    let stranger = asker(None);
    let wrong = json!({ "email": EMAIL, "password": WRONG_PASSWORD });
    stranger.post("/auth/login", wrong.clone()).await.with(hyper::StatusCode::UNAUTHORIZED);
    let mut odd = wrong;
    odd[WRONG_PASSWORD] = json!(1);
    stranger.post("/auth/login", odd).await.with(hyper::StatusCode::UNPROCESSABLE_ENTITY);
    for number in NUMBERS {
        for body in [
            json!({ "seller_id": "20", "listing_id": "1", "caller": format!("{number}x") }),
            json!({ "seller_id": "20", "listing_id": number, "caller": number }),
            json!({ "seller_id": "20", "listing_id": { "of": number }, "caller": [number, NAME] }),
            json!({ "seller_id": "20", "listing_id": "1", "facts": { NAME: number } }),
            json!({ "seller_id": "20", "listing_id": "1", "caller": number, number: NAME }),
        ] {
            assert!(operator.post("/calls", body).await.status.is_client_error());
        }
        let encoded = number.replace('+', "%2B");
        for path in [format!("/calls/{encoded}"), format!("/calls?caller={encoded}"), format!("/{encoded}/calls")] {
            assert!(operator.get(&path).await.status.is_client_error(), "{path}");
        }
        let headers = [("idempotency-key", number), ("user-agent", NAME), ("x-caller", number)];
        let reply = operator.ask("POST", "/calls", Some(json!({ "listing_id": "1" })), &headers).await;
        assert!(reply.status.is_client_error());
        asker(Some(number)).get("/calls").await.with(hyper::StatusCode::UNAUTHORIZED);
    }
    asker(Some(&format!("dce_{PASSWORD}"))).get("/calls").await.with(hyper::StatusCode::UNAUTHORIZED);
    let trust = Trust::pem_file(certificate).unwrap();
    assert!(Client::connect(&quic.to_string(), trust, PASSWORD).await.is_err());
}
