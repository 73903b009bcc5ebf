//! Secrets and e-mails are where they belong and nowhere else: not in what is logged, not in what is kept.

use std::fs;
use std::io::Write;
use std::sync::Mutex;

use tracing_subscriber::fmt::MakeWriter;

use super::super::cards::holds_card_number;
use super::*;

/// Everything that is logged, however little it matters.
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

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn holders(dir: &Path, needle: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holders(&path, needle));
        } else if fs::read(&path).unwrap().windows(needle.len()).any(|window| window == needle.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// Everything in a folder as text, byte by byte.
fn everything(dir: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text.push_str(&everything(&path));
        } else {
            text.extend(fs::read(&path).unwrap().into_iter().map(char::from));
            text.push('.');
        }
    }
    text
}

#[test]
fn a_card_number_is_kept_nowhere_wherever_it_is_typed() {
    const CARD: &str = "4111111111111111";
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let house = tracing::subscriber::with_default(subscriber, || {
        let house = House::new();
        let id = house.person(EMAIL, "buyer", Some("10"));
        let register = |email: &str, password: &str| {
            let (email, password) = (Hidden::new(email), Hidden::new(password));
            house.authority.register(&RegisterRequest { email, password, role: None, account: None }, None, NOW)
        };
        assert!(register(&format!("{CARD}@example.com"), PASSWORD).is_err());
        assert!(register("card@example.com", &format!("{CARD}{CARD}")).is_ok(), "a password is kept as a hash");
        assert!(house.login(CARD, CARD).is_err());
        let client = |name: &str, uri: &str| {
            let request = ClientRequest {
                name: name.to_owned(),
                role: "buyer".to_owned(),
                account: "10".to_owned(),
                scope: "read".to_owned(),
                redirect_uris: vec![uri.to_owned()],
                confidential: true,
            };
            house.authority.create_client(&house.admin, &request, NOW)
        };
        assert!(client("4111 1111 1111 1111", "https://app.example.com/").is_err());
        assert!(client("App", &format!("https://app.example.com/{CARD}")).is_err());
        let link = Some(Link { issuer: ISSUER.to_owned(), subject: CARD.to_owned() });
        assert!(
            house
                .authority
                .change_person(&house.admin, &id, &PersonChange { link, ..PersonChange::default() })
                .is_err()
        );
        assert!(house.authority.verify(CARD, NOW).is_err());
        let key = KeyRequest { role: Some(CARD.to_owned()), account: None, scope: Some(CARD.to_owned()) };
        assert!(house.authority.create_key(&house.admin, &key).is_err());
        assert!(house.authority.token(&form(&[("client_id", CARD), ("grant_type", CARD)]), None, NOW).is_err());
        house
    });
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(!holds_card_number(&logged), "{logged}");
    // A hash in hexadecimal may have any digits in a row; whoever finds a card in it has made it up.
    let kept = everything(house.dir.path());
    let is_hex = |letter: char| letter.is_ascii_digit() || ('a'..='f').contains(&letter);
    let words = kept.split_inclusive(|letter| !is_hex(letter));
    let kept: String = words.filter(|word| word.trim_end_matches(|letter| !is_hex(letter)).len() != 64).collect();
    assert!(kept.contains(EMAIL) && !holds_card_number(&kept));
}

#[test]
fn no_secret_is_logged_or_kept_and_an_e_mail_lies_in_the_store_only() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let mut said = String::new();
    let (dir, secrets) = tracing::subscriber::with_default(subscriber, || {
        let house = House::new();
        let id = house.person(EMAIL, "seller", Some("20"));
        let token = house.login(EMAIL, PASSWORD).unwrap();
        let next = house.refresh(&token).unwrap();
        let (client, secret) = house.client(&["https://app.example.com/cb"]);
        let pairs = [("grant_type", "client_credentials"), ("client_id", &*client), ("client_secret", &*secret)];
        let machine = house.authority.token(&form(&pairs), None, NOW).unwrap();
        let key = house.authority.create_key(&house.admin, &KeyRequest { role: None, account: None, scope: None });
        let key = key.unwrap();
        // What goes wrong is logged as well, and said.
        for wrong in [
            house.login(EMAIL, "wrong canary-password").unwrap_err().to_string(),
            house.refresh(&token).unwrap_err().to_string(),
            format!("{:?}", house.authority.verify("canary.token.x", NOW)),
            format!("{:?}", house.authority.token(&form(&[("client_secret", "canary-secret")]), None, NOW)),
            format!("{token:?} {next:?} {machine:?} {key:?} {:?}", house.authority),
            format!("{:?}", house.authority.profile(next.access_token.expose(), NOW)),
            format!("{:?}", LoginRequest { email: Hidden::new(EMAIL), password: Hidden::new(PASSWORD) }),
            format!("{:?}", house.authority.people(&house.admin, "")),
        ] {
            said.push_str(&wrong);
        }
        fs::write(house.folder().join("000009.pem"), "canary-pem").unwrap();
        house.authority.refresh_files(0);
        fs::remove_file(house.folder().join("000009.pem")).unwrap();
        let secrets = [
            PASSWORD.to_owned(),
            house.admin_key[17..].to_owned(),
            key.key.unwrap().expose()[17..].to_owned(),
            secret[4..].to_owned(),
            token.access_token.expose().to_owned(),
            token.refresh_token.unwrap().expose()[17..].to_owned(),
            next.refresh_token.unwrap().expose()[17..].to_owned(),
            machine.access_token.expose().to_owned(),
            "canary-password".to_owned(),
            "canary-secret".to_owned(),
            "canary.token".to_owned(),
            "canary-pem".to_owned(),
        ];
        assert_eq!(id.len(), 12);
        (house.dir, secrets)
    });
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for secret in &secrets {
        assert!(!logged.contains(secret) && !said.contains(secret), "logged or said: {secret}");
        assert_eq!(holders(dir.path(), secret), Vec::<String>::new(), "{secret}");
    }
    assert!(!logged.contains(EMAIL) && !said.contains(EMAIL), "{said}");
    let holders = holders(dir.path(), EMAIL);
    assert!(!holders.is_empty() && holders.iter().all(|path| path.contains("identity/people/")), "{holders:?}");
}
