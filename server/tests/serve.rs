//! The binary as an operator meets it: what it says, what it makes, and the code it ends with.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what fails in them fails the test")]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use dce_server::exit::Exit;

fn dce(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dce"));
    command.args(args).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ended(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn code(exit: Exit) -> Option<i32> {
    Some(exit.code().into())
}

/// A server on a small log in `dir`; everything it said until it listened.
struct Serving {
    child: Child,
    said: String,
    rest: BufReader<ChildStderr>,
}

impl Serving {
    fn start(dir: &Path) -> Self {
        let dir = dir.to_str().unwrap();
        let mut child =
            dce(&["serve", "--dir", dir, "--listen", "127.0.0.1:0", "--set", "exchange.size=small"]).spawn().unwrap();
        let mut rest = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("listening on ") {
            assert!(rest.read_line(&mut said).unwrap() > 0, "it ended: {said}");
        }
        Self { child, said, rest }
    }

    /// Sends a signal and sees the process to its end.
    fn signal(mut self, signal: rustix::process::Signal) -> (Option<i32>, String) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
        let status = self.child.wait().unwrap();
        self.rest.read_to_string(&mut self.said).unwrap();
        (status.code(), self.said.clone())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_first_start_makes_what_is_missing_and_says_so_without_a_secret() {
    let dir = tempfile::tempdir().unwrap();
    let serving = Serving::start(dir.path());
    let made = dce(&["key", "create", "--account", "10", "--role", "buyer", "--dir", dir.path().to_str().unwrap()]);
    let made = { made }.output().unwrap();
    assert_eq!(made.status.code(), code(Exit::Done));
    let secret = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let operator = fs::read_to_string(dir.path().join("identity/operator.key")).unwrap().trim().to_owned();
    let (status, said) = serving.signal(rustix::process::Signal::TERM);
    assert_eq!(status, code(Exit::Done), "{said}");
    for path in ["identity/certificate.pem", "identity/operator.key"] {
        assert!(said.contains(dir.path().join(path).to_str().unwrap()), "{said}");
    }
    assert!(said.contains("stopped; the log ends at 0, digest "), "{said}");
    for secret in [&secret, &operator] {
        assert!(secret.starts_with("dce_") && secret.len() == 57);
        assert!(!said.contains(&secret[17..]), "a secret on stderr");
        let holders = files_with(dir.path(), &secret.as_bytes()[17..]);
        let allowed = usize::from(*secret == operator);
        assert_eq!(holders.len(), allowed, "a secret at rest: {holders:?}");
    }

    let second = Serving::start(dir.path());
    assert!(!second.said.contains("made"), "{}", second.said);
    assert!(second.said.contains("log replayed: 0 commands"), "{}", second.said);
    assert_eq!(second.signal(rustix::process::Signal::INT).0, code(Exit::Done));
}

#[test]
fn a_directory_or_an_address_in_use_ends_with_its_code() {
    let dir = tempfile::tempdir().unwrap();
    let serving = Serving::start(dir.path());
    let again = dce(&["serve", "--dir", dir.path().to_str().unwrap(), "--listen", "127.0.0.1:0"]).output().unwrap();
    let (status, said) = ended(&again);
    assert_eq!(status, code(Exit::InUse), "{said}");
    assert!(said.contains(&serving.child.id().to_string()), "the process that has it is named: {said}");

    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let other = tempfile::tempdir().unwrap();
    let refused = dce(&["serve", "--dir", other.path().to_str().unwrap(), "--listen", &address]).output().unwrap();
    let (status, said) = ended(&refused);
    assert_eq!(status, code(Exit::InUse), "{said}");
    assert!(said.contains(&address) && said.contains("--listen"), "{said}");
}

#[test]
fn wrong_settings_end_with_the_key_the_rule_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().to_str().unwrap();
    for (args, words) in [
        (&["serve", "--dir", dir, "--durability", "sometimes"][..], ["data.durability", "always"]),
        (&["serve", "--dir", dir, "--set", "server.quic.worker=2"], ["server.quic.worker", "server.quic.workers"]),
        (&["serve", "--dir", dir, "--config", "/not/there"], ["/not/there", "--config"]),
        (&["serve", "--dir", dir, "--set", "environment=production"], ["production", "server.quic.certificate"]),
        (&["serve", "--frobnicate"], ["--frobnicate", "Usage"]),
    ] {
        let (status, said) = ended(&dce(args).output().unwrap());
        assert_eq!(status, code(Exit::Usage), "{said}");
        assert!(words.iter().all(|word| said.contains(word)), "{said}");
    }
    let refused = dce(&["serve", "--dir", dir]).env("DCE_SERVER_QUIC_WORKERS", "many").output().unwrap();
    assert_eq!(ended(&refused).0, code(Exit::Usage));
}

#[test]
fn a_log_that_disagrees_or_is_damaged_is_refused_with_its_code() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Serving::start(dir.path()).signal(rustix::process::Signal::TERM).0, code(Exit::Done));
    let path = dir.path().to_str().unwrap();
    let args = ["serve", "--dir", path, "--listen", "127.0.0.1:0", "--set", "exchange.limits.profiles_max=7"];
    let (status, said) = ended(&dce(&args).output().unwrap());
    assert_eq!(status, code(Exit::Usage), "{said}");
    assert!(said.contains("1024") && said.contains(" 7 "), "both values are named: {said}");

    fs::remove_file(dir.path().join("anchor")).unwrap();
    let (status, said) = ended(&dce(&["serve", "--dir", path, "--listen", "127.0.0.1:0"]).output().unwrap());
    assert_eq!(status, code(Exit::Damaged), "{said}");
}

#[test]
fn keys_are_listed_and_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    let key = |args: &[&str]| dce(&[&["key"], args, &["--dir", path]].concat()).output().unwrap();
    let made = key(&["create", "--account", "20", "--role", "seller"]);
    let secret = String::from_utf8(made.stdout).unwrap();
    let prefix = &secret[4..16];
    let listed = String::from_utf8(key(&["list"]).stdout).unwrap();
    assert!(listed.contains(prefix) && listed.contains("seller") && listed.contains("account 20"), "{listed}");
    let file = dir.path().join("prometheus.key");
    let into = ["create", "--account", "0", "--role", "auditor", "--scope", "read", "--out", file.to_str().unwrap()];
    for _ in 0..2 {
        assert_eq!(key(&into).status.code(), code(Exit::Done), "again changes nothing");
    }
    assert!(fs::read_to_string(&file).unwrap().starts_with("dce_"));
    let listed = String::from_utf8(key(&["list"]).stdout).unwrap();
    assert_eq!(listed.matches("for read").count(), 1, "{listed}");
    assert_eq!(key(&["revoke", prefix]).status.code(), code(Exit::Done));
    assert!(String::from_utf8(key(&["list"]).stdout).unwrap().contains("revoked"));
    assert_eq!(key(&["revoke", "000000000000"]).status.code(), code(Exit::NotFound));
}

#[test]
fn help_names_every_exit_code() {
    let help = String::from_utf8(dce(&["--help"]).output().unwrap().stdout).unwrap();
    for (exit, meaning) in Exit::ALL {
        assert!(help.contains(&format!("{:<2} {meaning}", exit.code())), "{help}");
    }
}

/// The files under `dir` that hold these bytes.
fn files_with(dir: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, bytes));
        } else if fs::read(&path).unwrap().windows(bytes.len()).any(|window| window == bytes) {
            found.push(path.display().to_string());
        }
    }
    found
}
