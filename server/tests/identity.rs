//! Keys that sign tokens, as an operator makes and rotates them with the binary.
#![cfg(feature = "rest")]
#![expect(clippy::unwrap_used, reason = "helpers of tests: what fails in them fails the test")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use dce_server::exit::Exit;

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

/// What a start says until it listens or ends, and which of the two.
fn start(dir: &Path, settings: &[&str]) -> (bool, String) {
    let mut args =
        vec!["serve", "--listen", "127.0.0.1:0", "--set", "exchange.size=small", "--dir", dir.to_str().unwrap()];
    args.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    let mut child = dce(&args).spawn().unwrap();
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

#[test]
fn a_key_is_made_into_a_file_once_and_a_rotated_one_comes_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jwt-key.pem");
    let create = ["signing-key", "create", "--out", file.to_str().unwrap()];
    let made = dce(&create).output().unwrap();
    assert_eq!(made.status.code(), code(Exit::Done), "{}", said(&made));
    assert!(!said(&made).contains("PRIVATE KEY"), "{}", said(&made));
    let again = dce(&create).output().unwrap();
    assert_eq!(again.status.code(), code(Exit::Usage));
    assert!(said(&again).contains("there already") && said(&again).contains("name another file"), "{}", said(&again));

    let rotate = ["signing-key", "rotate", "--dir", dir.path().to_str().unwrap()];
    for name in ["000001.pem", "000002.pem"] {
        let rotated = dce(&rotate).output().unwrap();
        assert_eq!(rotated.status.code(), code(Exit::Done), "{}", said(&rotated));
        let path = String::from_utf8(rotated.stdout).unwrap();
        assert!(path.trim_end().ends_with(&format!("identity/signing/{name}")), "{path}");
    }
}

#[test]
fn development_makes_a_key_and_says_so_and_production_asks_for_one_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let (listens, told) = start(dir.path(), &[]);
    assert!(listens && told.contains("RSA key made that signs tokens (a secret)"), "{told}");
    let (listens, told) = start(dir.path(), &[]);
    assert!(listens && !told.contains("RSA key made"), "{told}");

    let fresh = tempfile::tempdir().unwrap();
    let certificate = format!("server.quic.certificate={}", dir.path().join("identity/certificate.pem").display());
    let private_key = format!("server.quic.private_key={}", dir.path().join("identity/certificate-key.pem").display());
    let production = ["environment=production", certificate.as_str(), &private_key];
    let (listens, told) = start(fresh.path(), &production);
    assert!(!listens && told.contains("dce signing-key create") && told.contains("security.jwt_private_key"), "{told}");
    assert!(!fresh.path().join("log-000001").exists(), "before the log is begun");
    let key = format!("security.jwt_private_key={}", dir.path().join("identity/signing").display());
    let (listens, told) = start(fresh.path(), &[&production[..], &[&key]].concat());
    assert!(listens, "{told}");
    let wrong = fresh.path().join("wrong.pem");
    fs::write(&wrong, "nonsense").unwrap();
    let (listens, told) = start(fresh.path(), &[&format!("security.jwt_private_key={}", wrong.display())]);
    assert!(!listens && told.contains("wrong.pem") && told.contains("no RSA private key"), "{told}");
    let (listens, told) = start(fresh.path(), &["security.issuers=https://id.example.com=/not/there.json"]);
    assert!(!listens && told.contains("security.issuers") && told.contains("/not/there.json"), "{told}");
}
