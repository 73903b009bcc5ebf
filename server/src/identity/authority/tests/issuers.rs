//! Other issuers: believed about who somebody is, and about nothing else.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::super::issuers::KnownIssuer;
use super::super::jws::{KeyFault, KeySet};
use super::*;

const ELSEWHERE: &str = "https://id.example.com/realm";

fn their_pem() -> &'static str {
    static PEM: OnceLock<String> = OnceLock::new();
    PEM.get_or_init(|| super::super::signing::generate().unwrap())
}

fn jwk(pem: &str, kid: &str) -> Value {
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
    let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap()).unwrap();
    jwk["kid"] = kid.into();
    jwk["use"] = "sig".into();
    jwk
}

fn token(pem: &str, kid: &str, issuer: &str, subject: &str) -> String {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(kid.to_owned());
    let claims = json!({"iss": issuer, "sub": subject, "aud": ["dce", "x"], "exp": NOW + 3_600, "scope": "openid",
        "role": "admin", "account": "0"});
    encode(&header, &claims, &EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()).unwrap()
}

fn write(path: &Path, keys: &[Value]) {
    std::fs::write(path, json!({ "keys": keys }).to_string()).unwrap();
}

fn house(files: &[(&str, &Path)]) -> House {
    let issuers = files.iter().map(|(url, keys)| Issuer { url: (*url).to_owned(), keys: (*keys).to_owned() });
    House::with(SecuritySettings { issuers: issuers.collect(), ..security() })
}

fn link(house: &House, id: &str, issuer: &str, subject: &str) -> Result<PersonAnswer, Denied> {
    let link = Some(Link { issuer: issuer.to_owned(), subject: subject.to_owned() });
    house.authority.change_person(&house.admin, id, &PersonChange { link, ..PersonChange::default() })
}

#[test]
fn who_somebody_is_they_say_and_what_it_may_we_do() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("id.json");
    write(&file, &[jwk(their_pem(), "a"), json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "b"})]);
    let house = house(&[(ELSEWHERE, &file)]);
    let id = house.person(EMAIL, "seller", Some("20"));
    let good = token(their_pem(), "a", ELSEWHERE, "subject-7");
    assert_eq!(house.authority.verify(&good, NOW), Err(Denied::TokenInvalid), "nobody said who that is");
    let unknown = link(&house, &id, "https://unknown.example.com", "subject-7");
    assert!(matches!(unknown, Err(Denied::Field { field: "link", .. })));
    link(&house, &id, ELSEWHERE, "subject-7").unwrap();
    let principal = house.authority.verify(&good, NOW).unwrap();
    assert_eq!((principal.role, principal.account), (Role::Seller, AccountId(20)), "not what the token claims");
    assert_eq!(house.authority.verify(&good, NOW + 3_700), Err(Denied::TokenExpired));
    for (wrong, why) in [
        (token(their_pem(), "a", ISSUER, "subject-7"), "as if we had issued it"),
        (token(their_pem(), "a", "https://id.example.com", "subject-7"), "another realm"),
        (token(their_pem(), "a", ELSEWHERE, "subject-8"), "somebody else"),
        (token(their_pem(), "c", ELSEWHERE, "subject-7"), "a key that is not theirs"),
        (token(pem(), "a", ELSEWHERE, "subject-7"), "our key under their name"),
        (token(their_pem(), "a", ISSUER, &format!("user:{id}")), "a person of ours"),
    ] {
        assert_eq!(house.authority.verify(&wrong, NOW), Err(Denied::TokenInvalid), "{why}");
    }
    let closed = PersonChange { closed: Some(true), ..PersonChange::default() };
    house.authority.change_person(&house.admin, &id, &closed).unwrap();
    assert_eq!(house.authority.verify(&good, NOW), Err(Denied::TokenInvalid));
}

#[test]
fn one_issuer_cannot_speak_for_another_even_with_a_key_of_the_same_name() {
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (dir.path().join("one.json"), dir.path().join("other.json"));
    let third = super::super::signing::generate().unwrap();
    write(&one, &[jwk(their_pem(), "a")]);
    write(&other, &[jwk(&third, "a")]);
    let house = house(&[("https://one.example.com", &one), ("https://other.example.com", &other)]);
    let id = house.person(EMAIL, "seller", Some("20"));
    link(&house, &id, "https://one.example.com", "jo").unwrap();
    let verify = |token: &str| house.authority.verify(token, NOW);
    assert!(verify(&token(their_pem(), "a", "https://one.example.com", "jo")).is_ok());
    assert_eq!(verify(&token(&third, "a", "https://one.example.com", "jo")), Err(Denied::TokenInvalid));
    assert_eq!(verify(&token(&third, "a", "https://other.example.com", "jo")), Err(Denied::TokenInvalid));
    link(&house, &id, "https://other.example.com", "jo").unwrap();
    assert!(verify(&token(&third, "a", "https://other.example.com", "jo")).is_ok());
}

#[test]
fn a_new_key_is_found_a_poisoned_file_changes_nothing_and_looks_are_rare() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("id.json");
    write(&file, &[jwk(their_pem(), "a")]);
    let known = KnownIssuer::open(&Issuer { url: ELSEWHERE.to_owned(), keys: file.clone() }).unwrap();
    let has = |kid: &str| known.with_key(kid, |_| Ok(())).is_ok();
    write(&file, &[jwk(their_pem(), "a"), jwk(pem(), "b")]);
    assert!(has("a") && !has("b"), "it was looked at a moment ago");
    known.look_again(Duration::ZERO);
    assert!(has("b"));
    let mut private = jwk(pem(), "c");
    private["d"] = "AQAB".into();
    for poison in [
        json!({"keys": [private]}).to_string(),
        json!({"keys": []}).to_string(),
        "{}".to_owned(),
        String::new(),
        format!("{}{}", json!({"keys": [jwk(pem(), "c")]}), " ".repeat(70_000)),
    ] {
        std::fs::write(&file, poison).unwrap();
        known.look_again(Duration::ZERO);
        assert!(has("a") && has("b") && !has("c"));
    }
    std::fs::remove_file(&file).unwrap();
    known.look_again(Duration::ZERO);
    assert!(has("a"));
    let refused = KnownIssuer::open(&Issuer { url: ELSEWHERE.to_owned(), keys: file }).unwrap_err().to_string();
    assert!(refused.contains("security.issuers") && refused.contains(ELSEWHERE), "{refused}");
}

#[test]
fn of_a_key_set_only_what_checks_rs256_is_taken() {
    let good = jwk(pem(), "good");
    let parse = |keys: Value| KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).map(|_| ());
    assert_eq!(parse(json!([good])), Ok(()));
    let bent = |name: &str, value: Value| {
        let mut key = good.clone();
        key[name] = value;
        json!([key])
    };
    for (name, value) in [
        ("kty", json!("oct")),
        ("kty", json!("EC")),
        ("alg", json!("HS256")),
        ("alg", json!("RS512")),
        ("alg", json!("RSA-OAEP")),
        ("use", json!("enc")),
        ("key_ops", json!(["sign"])),
        ("key_ops", json!([])),
        ("kid", json!("")),
        ("kid", json!(null)),
        ("kid", json!("k".repeat(129))),
        ("e", json!("AQ")),
        ("e", json!("Aw")),
        ("e", json!("AQAA")),
        ("e", json!("AAEAAQ")),
        ("e", json!("")),
        ("e", json!("AQAB==")),
        ("n", json!("AQAB")),
        ("n", json!("not base64!")),
        ("n", json!(null)),
    ] {
        assert_eq!(parse(bent(name, value.clone())), Err(KeyFault::Empty), "{name} {value}");
    }
    assert_eq!(parse(bent("d", json!("AQAB"))), Err(KeyFault::Private));
    assert_eq!(parse(json!([good, good])), Err(KeyFault::Repeated));
    assert_eq!(parse(Value::Array(vec![good.clone(); 33])), Err(KeyFault::Malformed));
    assert_eq!(parse(json!("keys")), Err(KeyFault::Malformed));
    assert_eq!(parse(json!([7])), Err(KeyFault::Malformed));
    // What is for something else is passed over.
    let secret = json!({"kty": "oct", "k": "AAAA", "kid": "good", "alg": "HS256"});
    assert_eq!(parse(json!([secret, good])), Ok(()));
}
