//! A market in a file, as an operator meets it: what is said of mistakes, what is loaded, and what a call goes for then.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what fails in them fails the test")]

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dce_client::{AccountId, Client, ListingId, Money, NewCall, Trust};
use dce_engine::Limits;
use dce_runtime::Durability;
use dce_server::Server;
use dce_server::exit::Exit;
use dce_server::identity::Role;
use dce_server::plan;
use proptest::prelude::*;

#[path = "plan/besides.rs"]
mod besides;
#[path = "plan/callers.rs"]
mod callers;
#[path = "plan/delivery.rs"]
mod delivery;
#[path = "plan/groups.rs"]
mod groups;
#[path = "plan/hours.rs"]
mod hours;
#[path = "plan/policies.rs"]
mod policies;
#[path = "plan/quotas.rs"]
mod quotas;

/// The example of the documentation.
fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/market/plan.yaml")
}

/// What is said of a plan.
fn told(text: &str) -> Vec<String> {
    match plan::check(text.as_bytes(), Limits::small()) {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes.list().iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_example_checks() {
    let text = fs::read(example()).unwrap();
    let plan = plan::check(&text, Limits::small()).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    assert_eq!((plan.accounts().count(), plan.profiles().count()), (6, 10));
}

/// What every broken plan below begins with: ten lines.
const SOUND: &str = "\
plan: 1
verticals: [medicare, auto]
attributes:
  state: { kind: category, values: [TX, FL] }
  age: { kind: integer, low: 18, high: 90 }
  owner: { kind: boolean }
  place: { kind: point }
value_sets: { south: { attribute: state, values: [TX] } }
zones:
  NY: [{ from: 2026-03-08T07:00:00Z, offset: -04:00 }]
";

/// A profile of which only this is said, on line 13.
fn profile(said: &str) -> String {
    format!(
        "{SOUND}buyers:\n  acme: {{ deposit: 5, profiles: {{ p: {{\n    {said}, dial: [{{ to: a, ring: 1s }}] }} }} }}\n"
    )
}

/// A listing of which only this is said, on line 13.
fn listing(said: &str) -> String {
    format!("{SOUND}sellers:\n  web: {{ listings: {{ l: {{\n    {said} }} }} }}\n")
}

#[test]
fn what_the_broken_plans_begin_with_is_sound() {
    assert_eq!(told(SOUND), Vec::<String>::new());
    assert_eq!(told(&profile("bid: 5")), Vec::<String>::new());
    assert_eq!(told(&listing("reserve: 5")), Vec::<String>::new());
}

#[test]
fn a_mistake_is_said_with_its_line_its_column_and_what_was_meant() {
    let sound = |more: &str| format!("{SOUND}{more}");
    let out_of_range = "1102 ValueOutOfRange: a field is outside its documented range; it takes";
    let amount = "1101 AmountOutOfRange: the amount must be above zero and at most Money::AMOUNT_MAX";
    let broken = [
        ("plan: 2\n".to_owned(), "1:7: this program reads plans of version 1, and this one is of 2".to_owned()),
        (String::new(), "1:1: there is nothing in this file".to_owned()),
        ("- a\n".to_owned(), "1:1: a plan must be a map: `key: value` lines".to_owned()),
        ("verticals: [a]\n".to_owned(), "1:1: a plan lacks `plan`: 1".to_owned()),
        (sound("buyer: {}\n"), "11:1: a plan has no key `buyer`; did you mean `buyers`?".to_owned()),
        (sound("buyers:\n  a: {}\n  a: {}\n"), "13:3: `a` was given before, on line 12".to_owned()),
        (sound("buyers:\n  a: { zone: NZ }\n"), "12:14: no zone is called `NZ`; did you mean `NY`?".to_owned()),
        (sound("buyers:\n  a: { deposit: -5 }\n"), format!("12:17: account `a` is refused: {amount}")),
        (
            sound("buyers:\n  a: { id: 0 }\n"),
            "12:12: account `a` is refused: 1103 AccountReserved: this account id is the exchange's own".to_owned(),
        ),
        (
            sound("buyers:\n  a: { id: 7 }\nsellers:\n  b: { id: 7 }\n"),
            "12:12: account `a` has an id that another one before it has".to_owned(),
        ),
        (profile("tier: 0"), format!("13:11: `tier` of profile `acme/p` is refused: {out_of_range} 1 to 255")),
        (profile("tier: 256"), "13:11: `tier` is `256`: not a number that can be; it takes 1 to 255".to_owned()),
        (
            profile("bid: 5.0000001"),
            "13:10: `bid` is `5.0000001`: more than six decimals: the smallest amount is 0.000001; it takes an amount \
             such as 32.50"
                .to_owned(),
        ),
        (
            profile("bid: 2000000000"),
            format!("13:10: `bid` of profile `acme/p` is refused: {amount}; it takes an amount such as 32.50"),
        ),
        (
            profile("caps: { dayly: 3 }"),
            "13:13: `caps` of profile `acme/p` has no key `dayly`; did you mean `daily`?".to_owned(),
        ),
        (
            profile("caps: { hourly: 3, daily: 0 }"),
            format!("13:31: `daily` of profile `acme/p` is refused: {out_of_range} a number of calls, 1 or more"),
        ),
        (profile("vertical: medicar"), "13:15: no vertical is called `medicar`; did you mean `medicare`?".to_owned()),
        (profile("wants: { stat: TX }"), "13:14: no attribute is called `stat`; did you mean `state`?".to_owned()),
        (profile("wants: { state: [TX, FLA] }"), "13:26: `FLA` is no value of `state`; did you mean `FL`?".to_owned()),
        (
            profile("wants: { state: { in: suoth } }"),
            "13:27: no value set is called `suoth`; did you mean `south`?".to_owned(),
        ),
        (profile("wants: { age: 50 }"), "13:19: `age` is an integer: write { from: 50, below: 65 }".to_owned()),
        (
            profile("wants: { age: { from: 65, below: 50 } }"),
            format!("13:14: `age` of profile `acme/p` is refused: {out_of_range} {{ from: 50, below: 65 }}"),
        ),
        (
            profile("wants: { place: { near: [91, 0], within: 5 km } }"),
            format!(
                "13:14: `place` of profile `acme/p` is refused: {out_of_range} a place on the globe, and at most \
                 500 km around it"
            ),
        ),
        (profile("wants: { owner: maybe }"), "13:21: `owner` is `maybe`: it takes yes or no".to_owned()),
        (
            profile("excludes: { owner: yes }"),
            "13:17: `owner` cannot be excluded: only categories and sets can; say what is wanted".to_owned(),
        ),
        (
            profile("pays: 90s from answer"),
            "13:11: `pays` is `90s from answer`: not a term: write `on connect`, or `90s from connect`, `from dial` or \
             `from incoming`; it takes `on connect`, or a length from a clock: `90s from connect`, `from dial`, `from \
             incoming`"
                .to_owned(),
        ),
        (
            listing("pricing: secnd price"),
            "13:14: `pricing` is `secnd price`: it takes first price or second price; did you mean `second price`?"
                .to_owned(),
        ),
        (
            listing("increment: 0.5"),
            "13:16: `increment` means nothing for listing `web/l`, sold at first price".to_owned(),
        ),
        (
            listing("payout: 120 %"),
            format!(
                "13:13: `payout` of listing `web/l` is refused: {out_of_range} a share such as 80 % or 8000 bp, or an \
                 amount such as 25.00"
            ),
        ),
        (
            listing("margin_min: 1"),
            "13:17: `margin_min` of listing `web/l` is refused: 1108 TermsImpossible: with this share no price leaves \
             the minimum margin; it takes an amount such as 32.50"
                .to_owned(),
        ),
        (
            sound("  far: [{ from: 2026-03-08, offset: -04:00 }, { from: 2026-03-07, offset: -04:00 }]\n"),
            "11:47: zone `far` is refused: 1311 TransitionsNotAscending: transitions must rise in time".to_owned(),
        ),
    ];
    for (text, wanted) in broken {
        assert_eq!(told(&text), [wanted], "of\n{text}");
    }
}

#[test]
fn every_mistake_is_found_at_once() {
    let told =
        told(&profile("tier: 0, bid: -1, caps: { daily: 0 }, wants: { state: [XX], age: { from: 5, below: 5 } }"));
    let places: Vec<&str> = told.iter().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(places, ["13:11", "13:19", "13:38", "13:60", "13:65"], "{told:#?}");
}

#[test]
fn schema_faults_point_at_the_key_and_do_not_multiply() {
    let text = "plan: 1\nattributes:\n  a: { kind: integer, low: 9, high: 1 }\n  b: { kind: integer, decimals: 10, low: 0, \
                high: 1 }\n  c: { kind: category, values_max: 1, values: [x, y] }\n  d: { kind: set, values: [x, x] }\n  \
                e: { kind: catgory }\nbuyers:\n  acme:\n    profiles:\n      p: { wants: { a: { from: 1 }, e: x }, dial: [{ to: \
                a, ring: 1s }] }\n";
    let told = told(text);
    let places: Vec<&str> = told.iter().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(places, ["3:37", "4:33", "5:51", "6:31", "7:14"], "{told:#?}");
}

#[test]
fn capacities_are_the_exchanges_own() {
    let text = fs::read(example()).unwrap();
    let limits = Limits { profiles_max: 4, ..Limits::small() };
    let mistakes = plan::check(&text, limits).unwrap_err();
    assert_eq!(mistakes.count(), 6);
    assert!(mistakes.list()[0].what.contains("`Lone Star Auto/rest of texas` is refused: 1904 ProfilesFull"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_damage_of_a_plan_is_more_than_a_mistake(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 1..6),
        end in any::<prop::sample::Index>(),
    ) {
        let mut text = fs::read(example()).unwrap();
        for (place, byte, edit) in edits {
            let place = place.index(text.len());
            match edit {
                0 => text[place] = byte,
                1 => text.insert(place, b" \n:-[]{}&*#'\"!|>%@,?"[usize::from(byte) % 20]),
                2 => text[place] = text[text.len() - 1 - place],
                _ => text.truncate(end.index(text.len()).max(1)),
            }
        }
        let _ = plan::check(&text, Limits::small());
    }

    #[test]
    fn no_bytes_are_more_than_a_mistake(text in prop::collection::vec(prop::sample::select(b" \n\t:-[]{}&*#'\"!|>%@,?a1\xff\xc3".to_vec()), 0..200)) {
        let _ = plan::check(&text, Limits::small());
    }
}

/// A server on a directory of its own.
fn serve(dir: &Path, limits: Limits) -> Server {
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    Server::builder().dir(dir).listen(any_port).limits(limits).durability(Durability::None).start().unwrap()
}

/// `dce plan load` of this file, with what more is said; the code, stdout and stderr.
fn load(file: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dce"));
    command.args(["plan", "load"]).arg(file).args(args).env_clear().stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn code(exit: Exit) -> Option<i32> {
    Some(exit.code().into())
}

/// As `docs/plan.md` says ids are made of names.
fn id_of(text: &str) -> u128 {
    let hash = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    u128::from_be_bytes(hash.as_ref()[..16].try_into().unwrap())
}

#[test]
fn a_plan_is_loaded_twice_and_a_call_goes_for_what_it_says() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), Limits::small());
    let address = server.address().to_string();
    let place = ["--dir", dir.path().to_str().unwrap(), "--server", &address];
    let (status, out, err) = load(&example(), &place);
    assert_eq!(status, code(Exit::Done), "{err}");
    assert!(out.contains("calendar          2 created        0 there already"), "{out}");
    assert!(out.contains("duplicates        2 created        0 there already"), "{out}");
    assert!(out.contains("screen            1 created        0 there already"), "{out}");
    assert!(out.contains("profile          10 created        0 there already"), "{out}");
    for what in ["window  ", "deal  ", "conjunction", "modifiers", "delivery", "answering", "quota"] {
        assert!(out.contains(what), "{what} in {out}");
    }
    let (status, out, err) = load(&example(), &place);
    assert_eq!(status, code(Exit::Done), "{err}");
    assert!(out.contains("loaded; 0 created, 81 there already"), "{out}");

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let key = fs::read_to_string(server.operator_key()).unwrap();
        let trust = Trust::pem_file(server.certificate()).unwrap();
        let client = Client::connect(&address, trust, &key).await.unwrap();
        let (seller, buyer) = (AccountId(2001), AccountId(1001));
        assert_eq!(client.balance(buyer).await.unwrap().balance, Money::from_units(5_000));
        // Florida, English, seventy years: Blue Harbor's 32.50 before 21.00 of the same tier, at second price.
        let listing = ListingId(id_of("listing:Bright Leads/medicare inbound"));
        let call = NewCall::new(client.new_call(), listing).code(0, 3).code(2, 1).number(4, 70);
        let sold = client.seller_for(seller).await.unwrap().offer(&call).await.unwrap();
        assert!(sold.route().is_some(), "{sold:?}");
        let account = client.balance_at(buyer, sold.sequence).await.unwrap();
        assert_eq!(account.held, "21.25".parse().unwrap());
        client.close().await.unwrap();
    });

    let changed = dir.path().join("changed.yaml");
    let text = fs::read_to_string(example()).unwrap();
    fs::write(&changed, text.replace("bid: 14.00", "bid: 14.50")).unwrap();
    let line = 1 + text.lines().position(|line| line.contains("rest of texas:")).unwrap();
    let (status, _, err) = load(&changed, &place);
    assert_eq!(status, code(Exit::Refused), "{err}");
    let wanted = format!("changed.yaml:{line}:7: profile `Lone Star Auto/rest of texas` is there already, and differs");
    assert!(err.contains(&wanted), "{err}");
    server.stop().unwrap();
}

#[test]
fn a_server_without_room_refuses_with_the_line() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), Limits { profiles_max: 4, ..Limits::small() });
    let address = server.address().to_string();
    let (status, out, err) = load(&example(), &["--dir", dir.path().to_str().unwrap(), "--server", &address]);
    assert_eq!(status, code(Exit::Refused), "{out}");
    let text = fs::read_to_string(example()).unwrap();
    let line = 1 + text.lines().position(|line| line.contains("rest of texas:")).unwrap();
    assert!(err.contains(&format!("plan.yaml:{line}:7: ")) && err.contains("1904 ProfilesFull"), "{err}");
}

#[test]
fn a_key_that_may_not_or_is_not_known_and_no_server_are_said() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), Limits::small());
    let address = server.address().to_string();
    let keys = ["buyer.key", "nobody.key"].map(|name| dir.path().join(name));
    let buyer = server.create_key(dce_engine::ids::AccountId(1001), Role::Buyer).unwrap();
    fs::write(&keys[0], buyer.expose()).unwrap();
    fs::write(&keys[1], "dce_nobody").unwrap();
    let dir = dir.path().to_str().unwrap();
    // A key of an account that is not there opens no session at all.
    let (status, _, err) = load(&example(), &["--dir", dir, "--server", &address]);
    assert_eq!(status, code(Exit::Done), "{err}");
    for (key, word) in keys.iter().zip(["3101 Forbidden", "KeyUnknown"]) {
        let args = ["--dir", dir, "--server", &address, "--key-file", key.to_str().unwrap()];
        let (status, _, err) = load(&example(), &args);
        assert_eq!(status, code(Exit::Refused), "{err}");
        assert!(err.contains(word), "{err}");
    }
    server.stop().unwrap();
    let (status, _, err) = load(&example(), &["--dir", dir, "--server", &address]);
    assert_eq!(status, code(Exit::Unreachable), "{err}");
    assert!(err.contains("no server for") && err.contains("nothing was sent"), "{err}");
    let (status, _, err) = load(&example(), &["--dir", "./nowhere"]);
    assert_eq!(status, code(Exit::NotFound), "{err}");
    assert!(err.contains("--key-file"), "{err}");
}

#[test]
fn a_dry_run_and_a_broken_plan_send_nothing() {
    let (status, out, _) = load(&example(), &["--dry-run"]);
    assert_eq!(status, code(Exit::Done));
    assert!(out.contains("no mistakes; 81 steps, nothing sent"), "{out}");
    let dir = tempfile::tempdir().unwrap();
    let broken = dir.path().join("broken.yaml");
    fs::write(&broken, "plan: 1\nbuyer: {}\n").unwrap();
    let (status, _, err) = load(&broken, &["--server", "127.0.0.1:1"]);
    assert_eq!(status, code(Exit::Usage), "{err}");
    assert!(err.contains("broken.yaml:2:1: a plan has no key `buyer`; did you mean `buyers`?"), "{err}");
    assert!(err.contains("1 mistake; nothing was sent"), "{err}");
    let (status, _, err) = load(Path::new("not/there.yaml"), &[]);
    assert_eq!(status, code(Exit::NotFound), "{err}");
}
