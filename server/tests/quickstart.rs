//! `docs/quickstart.md`, every line of it: run by bash with curl, against the `dce` this was built with.

use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// A script that does not outlive its test, nor does the server it started.
struct Script(Option<Child>);

impl Script {
    fn output(mut self) -> Output {
        self.0.take().expect("it was started here").wait_with_output().expect("bash ends")
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn from_nothing_to_a_sold_call_as_the_page_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/quickstart.md");
    let page = std::fs::read_to_string(page).expect("docs/quickstart.md");
    let blocks: Vec<&str> =
        page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().expect("a block ends")).collect();
    assert!(blocks.len() > 6, "the page's blocks are found");
    // The page's ports may be in use here; whatever else it says is run as it stands.
    let (rest, quic) = (free_tcp(), free_udp());
    let script = blocks.concat().replace("8080", &rest.to_string()).replace("9443", &quic.to_string());
    let script = format!("set -euo pipefail\ntrap 'kill ${{server:-}} 2>/dev/null || true' EXIT\n{script}");
    let dir = tempfile::tempdir().expect("a directory");
    let dce = Path::new(env!("CARGO_BIN_EXE_dce")).parent().expect("it lies in a directory");
    let path = format!("{}:{}", dce.display(), std::env::var("PATH").unwrap_or_default());
    // The page waits until the server is ready, however long that takes; a test must end.
    let bash = Command::new("timeout")
        .args(["120", "bash", "-c", &script])
        .current_dir(dir.path())
        // What this test was started with is not the page's: `dce` refuses a DCE_… it does not know.
        .env_clear()
        .env("PATH", path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the page is run by bash and curl: install both");
    let ended = Script(Some(bash)).output();
    let (said, complained) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{script}\n--- said\n{said}\n--- complained\n{complained}");
    let answers: Vec<serde_json::Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let last = |name: &str| answers.iter().rev().find(|answer| answer.get(name).is_some()).expect(name);
    assert_eq!(last("duration_ms")["status"], "completed");
    assert_eq!(last("winner_id")["winner_id"], "11");
    let balances: Vec<&str> = answers.iter().filter_map(|answer| answer["balance"].as_str()).collect();
    assert!(balances.ends_with(&["43.75", "5.00", "1.25"]), "{balances:?}");
    let statement = last("closing");
    assert_eq!((&statement["opening"], &statement["closing"]), (&"0.00".into(), &"43.75".into()));
    assert!(said.contains(",,closing,,5.00,USD,,,"), "the seller's statement as lines: {said}");
    assert_eq!(last("candidates")["candidates"][0]["reason"]["name"], "LostToHigherBid");
    assert!(!said.contains("5550100") && !complained.contains("5550100"), "the caller's number is said nowhere");
}

fn free_tcp() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

fn free_udp() -> u16 {
    UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port()
}
