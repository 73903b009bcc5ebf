//! Settings as operators bring them: the files and variables of earlier installations, `.env.example`, and what the
//! binary says of them.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what fails in them fails the test")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use dce_server::exit::Exit;

/// What operators already have, as a file.
const FILE: &str = "\
server:
  port: 8080
  grpc:
    port: 9090
database:
  url: postgres://dce:canary-database@localhost:5432/dce?sslmode=disable
  max_open_conns: 25
  max_idle_conns: 5
redis:
  url: localhost:6379
  db: 0
telephony:
  sip_proxy: sip.example.com:5060
  stun_servers:
    - stun1.example.com:3478
    - stun2.example.com:3478
compliance:
  tcpa_enabled: true
  gdpr_enabled: true
";

/// What they already have, as variables.
const VARIABLES: [(&str, &str); 9] = [
    ("DCE_ENVIRONMENT", "development"),
    ("DCE_LOG_LEVEL", "debug"),
    ("DCE_DATABASE_URL", "postgres://dce:canary-database@localhost:5432/dce?sslmode=disable"),
    ("DCE_REDIS_URL", "redis://:canary-redis-url@localhost:6379/0"),
    ("DCE_REDIS_PASSWORD", "canary-redis"),
    ("DCE_SECURITY_JWT_SECRET", "canary-jwt"),
    ("DCE_SECURITY_TOKEN_EXPIRY", "24h"),
    ("DCE_SECURITY_RATE_LIMIT_REQUESTS_PER_SECOND", "100"),
    ("DCE_SECURITY_RATE_LIMIT_BURST_SIZE", "200"),
];

fn dce(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dce"));
    command.args(args).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn code(exit: Exit) -> Option<i32> {
    Some(exit.code().into())
}

/// Everything the server says until it listens, or until it ends.
fn start(mut command: Command) -> (bool, String) {
    let mut child = command.spawn().unwrap();
    let (mut lines, mut said) = (BufReader::new(child.stderr.take().unwrap()), String::new());
    let mut listens = false;
    while !listens && lines.read_line(&mut said).unwrap() > 0 {
        listens = said.contains("listening on ");
    }
    if listens {
        child.kill().unwrap();
    }
    child.wait().unwrap();
    (listens, said)
}

fn serve(dir: &Path) -> Command {
    let flags = ["serve", "--listen", "127.0.0.1:0", "--set", "exchange.size=small", "--set", "server.port=0", "--dir"];
    dce(&[&flags[..], &[dir.to_str().unwrap()]].concat())
}

/// The line of `dce config show` about one key.
fn line<'a>(shown: &'a str, path: &str) -> &'a str {
    shown.lines().find(|line| line.split_whitespace().next() == Some(path)).unwrap()
}

#[test]
fn the_variables_of_earlier_installations_are_accepted_by_name() {
    for separator in ["_", "__"] {
        let named = VARIABLES.map(|(name, value)| match name.strip_prefix("DCE_SECURITY_RATE_LIMIT_") {
            Some(last) => (format!("DCE_SECURITY{separator}RATE_LIMIT{separator}{last}"), value),
            None => (name.to_owned(), value),
        });
        let shown = dce(&["config", "show"]).envs(named).output().unwrap();
        let shown = said(&shown);
        for (path, value) in [
            ("environment", "development"),
            ("log.level", "debug"),
            ("database.url", "postgres://***@localhost:5432/dce?***"),
            ("redis.url", "redis://***@localhost:6379/0"),
            ("redis.password", "***"),
            ("security.jwt_secret", "***"),
            ("security.token_expiry", "24h"),
            ("security.rate_limit.requests_per_second", "100"),
            ("security.rate_limit.burst_size", "200"),
        ] {
            let line = line(&shown, path);
            assert!(line.contains(value) && line.contains("from the variable DCE_"), "{line}");
        }
        assert!(!shown.contains("canary"), "{shown}");
    }
}

#[test]
fn the_file_of_earlier_installations_loads_and_says_what_has_no_effect() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.yaml");
    fs::write(&file, FILE).unwrap();
    let file = file.to_str().unwrap();
    let shown = said(&dce(&["config", "show", "--config", file]).output().unwrap());
    assert!(line(&shown, "telephony.stun_servers").contains("stun1.example.com:3478,stun2.example.com:3478"));
    assert!(line(&shown, "compliance.tcpa_enabled").contains(file));
    assert!(line(&shown, "redis.db").contains("not built: redis"));

    let mut command = serve(dir.path());
    command.args(["--config", file]).env("DCE_SECURITY_JWT_SECRET", "canary-jwt");
    let (listens, told) = start(command);
    assert!(listens, "{told}");
    for (feature, keys) in [
        ("grpc", &["server.grpc.port"][..]),
        ("postgres", &["database.url", "database.max_open_conns", "database.max_idle_conns"]),
        ("redis", &["redis.url", "redis.db"]),
        ("sip", &["telephony.sip_proxy", "telephony.stun_servers"]),
        ("compliance", &["compliance.tcpa_enabled", "compliance.gdpr_enabled"]),
    ] {
        let line = told.lines().find(|line| line.contains(&format!("`{feature}` is not built"))).unwrap();
        assert!(keys.iter().all(|key| line.contains(&format!("{key} (from {file})"))), "{line}");
    }
    assert!(told.contains("security.jwt_secret (from the variable DCE_SECURITY_JWT_SECRET)"), "{told}");
    assert!(told.contains("never used"), "{told}");
    assert!(!told.contains("canary") && !shown.contains("canary"), "{told}");
}

#[test]
fn the_names_that_opentelemetry_has_are_read_and_headers_are_not_shown() {
    let standard = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=canary-header"),
        ("OTEL_SERVICE_NAME", "market"),
        ("OTEL_TRACES_SAMPLER", "nobody reads it"),
    ];
    let shown = dce(&["config", "show"]).envs(standard).env("DCE_TRACES_SERVICE_NAME", "exchange").output().unwrap();
    let shown = said(&shown);
    let endpoint = line(&shown, "traces.otlp_endpoint");
    assert!(
        endpoint.contains("http://127.0.0.1:4318") && endpoint.contains("OTEL_EXPORTER_OTLP_ENDPOINT"),
        "{endpoint}"
    );
    assert!(line(&shown, "traces.otlp_headers").contains("***") && !shown.contains("canary"), "{shown}");
    assert!(
        line(&shown, "traces.service_name").contains("from the variable DCE_TRACES_SERVICE_NAME"),
        "ours lie above"
    );
    assert_eq!(endpoint.contains("not built: otel"), !cfg!(feature = "otel"));

    let dir = tempfile::tempdir().unwrap();
    let mut command = serve(dir.path());
    command.envs(standard);
    let (listens, told) = start(command);
    assert!(listens && !told.contains("canary"), "{told}");
    let wanted = if cfg!(feature = "otel") {
        "traces go to http://127.0.0.1:4318/v1/traces"
    } else {
        "traces.otlp_endpoint (from the variable OTEL_EXPORTER_OTLP_ENDPOINT)"
    };
    assert!(told.contains(wanted), "{told}");
}

#[test]
fn production_stops_at_a_symmetric_secret_and_prints_what_makes_a_key() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = serve(dir.path());
    command.env("DCE_ENVIRONMENT", "production").env("DCE_SECURITY_JWT_SECRET", "canary-jwt");
    let ended = command.output().unwrap();
    let said = said(&ended);
    assert_eq!(ended.status.code(), code(Exit::Usage), "{said}");
    let make = if cfg!(feature = "rest") { "dce signing-key create" } else { "openssl genpkey" };
    assert!(said.contains("DCE_SECURITY_JWT_SECRET") && said.contains(make), "{said}");
    assert!(!said.contains("canary"), "{said}");
    assert!(fs::read_dir(dir.path()).unwrap().next().is_none(), "nothing was begun");
}

/// `docker run --env-file`: comments at the start of a line only, a value is what follows the first `=`, as it stands.
fn env_file(path: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once('=').unwrap()).map(|(name, value)| (name.into(), value.into())).collect()
}

#[test]
fn the_example_of_an_env_file_starts_a_server() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/.env.example");
    let variables = env_file(&path);
    assert!(VARIABLES.iter().all(|(name, _)| variables.iter().any(|(known, _)| known == name)));
    let dir = tempfile::tempdir().unwrap();
    let mut command = serve(dir.path());
    command.envs(variables.clone());
    let (listens, told) = start(command);
    assert!(listens, "{told}");
    let shown = said(&dce(&["config", "show"]).envs(variables.clone()).output().unwrap());
    for (name, value) in variables {
        let line = shown.lines().find(|line| line.contains(&format!("from the variable {name}")));
        assert!(line.is_some_and(|line| line.contains(&value)), "{name}");
    }
}

#[test]
fn the_usual_file_is_read_where_it_lies_and_flags_lie_over_it() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("server/configs")).unwrap();
    fs::write(dir.path().join("server/configs/config.yaml"), "log:\n  level: warn\n  format: json\n").unwrap();
    let shown = dce(&["config", "show", "--set", "log.format=text"]).current_dir(dir.path()).output().unwrap();
    let shown = said(&shown);
    let level = line(&shown, "log.level");
    assert!(level.contains("warn") && level.contains("from server/configs/config.yaml"), "{level}");
    let format = line(&shown, "log.format");
    assert!(format.contains("text") && format.contains("from the command line"), "{format}");
    assert!(line(&shown, "data.dir").contains("the default"));
}

#[test]
fn the_shipped_file_is_shown_without_complaint() {
    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let shown = dce(&["config", "show"]).current_dir(repository).output().unwrap();
    assert_eq!(shown.status.code(), code(Exit::Done), "{}", said(&shown));
}

#[test]
fn every_refusal_names_the_key_the_rule_and_what_to_do() {
    for (args, variable, words) in [
        (&["--set", "server.prot=1"][..], None, &["server.prot", "did you mean `server.port`"][..]),
        (&[], Some(("DCE_SECURITY_TOKEN_EXPIRE", "1h")), &["DCE_SECURITY_TOKEN_EXPIRE", "`DCE_SECURITY_TOKEN_EXPIRY`"]),
        (
            &[],
            Some(("DCE_SERVER_PORT", "99999")),
            &["server.port", "DCE_SERVER_PORT", "must be a whole number from 0 to"],
        ),
        (&[], Some(("DCE_SECURITY_TOKEN_EXPIRY", "soon")), &["security.token_expiry", "such as 90s, 15m"]),
        (&["--set", "compliance.tcpa_enabled=yes"], None, &["compliance.tcpa_enabled", "true, false, or empty"]),
        (&["--set", "server.host=localhost"], None, &["server.host", "an IP address, such as 127.0.0.1"]),
        (
            &["--set", "server.host=0.0.0.0", "--set", "server.tls=false"],
            None,
            &["server.host", "plaintext is for loopback only", "set server.tls to"],
        ),
        (&["--set", "security.issuers=https://id.example.com"], None, &["security.issuers", "URL=FILE"]),
        (&["--set", "traces.otlp_endpoint=jaeger:4317"], None, &["traces.otlp_endpoint", "http://HOST:PORT"]),
        (&[], Some(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://me:pass@jaeger")), &["traces.otlp_endpoint", "***@jaeger"]),
        (&["--set", "server.quic.certificate=a.pem"], None, &["server.quic.private_key", "set both or neither"]),
        (&["--set", "exchange.limits.calls_max=10"], None, &["exchange.limits.calls_live_max", "leave it out"]),
    ] {
        let output = dce(&[&["config", "show"], args].concat()).envs(variable).output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), code(Exit::Usage), "{said}");
        assert!(words.iter().all(|word| said.contains(word)), "{words:?}: {said}");
    }
}

#[test]
fn a_variable_that_is_no_text_is_refused_and_nothing_panics() {
    use std::os::unix::ffi::OsStrExt;
    let bytes = std::ffi::OsStr::from_bytes(b"\xff\xfe");
    let refused = dce(&["config", "show"]).env("DCE_LOG_LEVEL", bytes).output().unwrap();
    assert_eq!(refused.status.code(), code(Exit::Usage));
    assert!(said(&refused).contains("DCE_LOG_LEVEL must be UTF-8"), "{}", said(&refused));
    let taken = dce(&["config", "show"]).env("SOMEBODY_ELSES", bytes).output().unwrap();
    assert_eq!(taken.status.code(), code(Exit::Done));
}
