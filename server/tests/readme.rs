//! The README's doors, walked through: its bidder against `dce demo --serve` as printed, and its operator's commands.
//!
//! The third door, five lines of embedding, is walked through by `tests/tests/examples.rs`.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

fn dce() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_dce"))
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the repository")
}

/// The blocks of this language in the README, in order.
fn blocks(language: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("README.md");
    let opening = format!("```{language}\n");
    let block = |rest: &str| rest.split("```").next().expect("a block ends").to_owned();
    readme.split(&opening).skip(1).map(block).collect()
}

/// A child that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn end(&mut self) -> i32 {
        let process = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &process]).status().expect("there is a kill").success());
        self.0.wait().expect("it was started here").code().expect("it ends by itself, not by the signal")
    }
}

/// Reads lines until one says `word`; all of them.
fn read_until(lines: &mut impl BufRead, word: &str) -> Vec<String> {
    let (mut read, started) = (Vec::new(), Instant::now());
    while !read.last().is_some_and(|line: &String| line.contains(word)) {
        assert!(started.elapsed() < PATIENCE, "`{word}` did not come: {read:#?}");
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).expect("programs print text"), 0, "`{word}` did not come: {read:#?}");
        read.push(line.trim_end().to_owned());
    }
    read
}

#[test]
fn the_bidder_of_the_readme_is_the_example() {
    let example = std::fs::read_to_string(repository().join("server/examples/bid.rs")).unwrap();
    let (_, code) = example.split_once("\n\n").expect("the module's own lines come first");
    assert!(code.lines().count() <= 16, "fifteen lines or so:\n{code}");
    assert!(
        blocks("rust").iter().any(|block| block == code),
        "README.md does not show server/examples/bid.rs:\n{code}"
    );
}

#[test]
fn the_bidder_wins_calls_of_a_demo_as_printed_and_the_printed_commands_work_after_the_stop() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Command::new(dce());
    demo.args(["demo", "--serve", "--calls", "60", "--dir"]).arg(folder.path().join("demo"));
    let mut demo = Running(demo.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap());
    let mut said = BufReader::new(demo.0.stdout.take().unwrap());
    let lines = read_until(&mut said, "log replay");
    let commands: Vec<&String> = lines.iter().filter(|line| line.starts_with("  ") && line.contains("/dce ")).collect();

    let refused = shell(commands.last().unwrap(), &[]).output().unwrap();
    let why = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(3), "{why}");
    assert!(why.contains(&format!("in use by process {}", demo.0.id())), "{why}");

    let exports: Vec<&str> = lines.iter().filter_map(|line| line.trim().strip_prefix("export ")).collect();
    assert_eq!(exports.len(), 3, "{lines:#?}");
    assert!(lines.iter().any(|line| line.trim() == "cargo run --release --example bid"), "{lines:#?}");
    let mut bidder = Running(
        shell(&format!("exec {}", built_example().display()), &exports).stdout(Stdio::piped()).spawn().unwrap(),
    );
    let mut heard = BufReader::new(bidder.0.stdout.take().unwrap());
    read_until(&mut heard, "won call");
    read_until(&mut heard, "paid ");
    drop(bidder);

    assert_eq!(demo.end(), 0);
    for command in commands {
        let output = shell(command, &[]).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The bidder, built as `dce` was. Cargo builds examples beside all tests, but not beside this one alone.
fn built_example() -> PathBuf {
    let folder = dce().parent().expect("programs lie in a folder").to_owned();
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        None | Some("debug") => "dev",
        Some(name) => name,
    };
    let mut words = vec!["build", "--quiet", "--profile", profile, "--example", "bid"];
    if cfg!(feature = "rest") {
        // As `make test` builds, over the whole workspace: features that only some of it asks for would have the server
        // built once more.
        words.extend(["--workspace", "--features", "dce-server/full"]);
    } else {
        words.extend(["-p", "dce-server"]);
    }
    let mut cargo = Command::new(env!("CARGO"));
    // What cargo tells a test about its package would make build scripts that read it run again, and all that hangs on
    // them be built anew: ring's is one.
    for (name, _) in std::env::vars_os() {
        if ["CARGO_MANIFEST_", "CARGO_PKG_"].iter().any(|prefix| name.as_encoded_bytes().starts_with(prefix.as_bytes()))
        {
            cargo.env_remove(name);
        }
    }
    let built = cargo.current_dir(repository()).args(&words).status().expect("cargo runs");
    assert!(built.success(), "the example cannot be built");
    folder.join("examples").join("bid")
}

fn shell(command: &str, exports: &[&str]) -> Command {
    let mut shell = Command::new("sh");
    let exports: String = exports.iter().map(|export| format!("export {export}\n")).collect();
    shell.args(["-euc", &format!("{exports}{command}")]);
    shell
}

/// The operator's block, line by line as a person types it: the next line when the last one has done what it says.
#[test]
fn the_operators_commands_work_in_the_order_they_stand() {
    let block = blocks("sh").into_iter().find(|block| block.contains("dce serve &")).expect("the README has the door");
    let folder = tempfile::tempdir().unwrap();
    let path = format!("{}:{}", dce().parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("bash");
    shell.arg("-eu").current_dir(folder.path());
    // What this test was started with is not the page's: `dce` refuses a DCE_… it does not know.
    shell.env_clear().env("PATH", path).env("DCE_SERVER_QUIC_LISTEN", "127.0.0.1:0");
    let mut shell = Running(shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let mut typed = shell.0.stdin.take().unwrap();
    let mut told = BufReader::new(shell.0.stderr.take().unwrap());
    for line in block.lines() {
        writeln!(typed, "{line}").unwrap();
        if line.starts_with("dce serve") {
            read_until(&mut told, "listening on");
        }
    }
    drop(typed);
    let mut answered = String::new();
    shell.0.stdout.take().unwrap().read_to_string(&mut answered).unwrap();
    let mut complained = String::new();
    told.read_to_string(&mut complained).unwrap();
    assert!(shell.0.wait().unwrap().success(), "{complained}{answered}");
    assert!(answered.contains("dce_"), "a key is printed: {answered}");
    assert!(answered.contains("whole, sequences"), "{answered}");
    assert!(answered.contains("ledger sum  $0.00"), "{answered}");
}
