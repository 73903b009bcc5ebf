//! Tokens that attackers make: of another algorithm, with keys they bring or name, changed, borrowed, or out of time.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::*;

/// A token of the house's own making, to be bent.
struct Forge {
    house: House,
    header: Value,
    claims: Value,
}

fn part(text: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap())
}

impl Forge {
    fn new() -> Self {
        let house = House::new();
        house.person(EMAIL, "buyer", Some("10"));
        let token = house.login(EMAIL, PASSWORD).unwrap();
        let parts: Vec<&str> = token.access_token.expose().split('.').collect();
        let (header, claims) = (part(parts[0]), part(parts[1]));
        Self { house, header, claims }
    }

    /// Signs any header and claims with the house's own key: what is refused then is refused for what it says.
    fn signed(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", encoded(header), encoded(claims));
        let key = EncodingKey::from_rsa_pem(pem().as_bytes()).unwrap();
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::RS256).unwrap();
        format!("{signed}.{signature}")
    }

    fn with_header(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut header = self.header.clone();
        change(&mut header);
        self.signed(&header, &self.claims)
    }

    fn with_claims(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = self.claims.clone();
        change(&mut claims);
        self.signed(&self.header, &claims)
    }

    fn verify(&self, token: &str) -> Result<Principal, Denied> {
        self.house.authority.verify(token, NOW)
    }

    fn refused(&self, token: &str, why: &str) {
        assert_eq!(self.verify(token), Err(Denied::TokenInvalid), "{why}");
    }
}

#[test]
fn a_token_as_it_was_made_is_taken_and_says_nothing_about_its_person() {
    let forge = Forge::new();
    assert!(forge.verify(&forge.signed(&forge.header, &forge.claims)).is_ok());
    assert_eq!(forge.header["alg"], "RS256");
    assert_eq!(forge.header["typ"], "at+jwt");
    let mut names: Vec<&String> = forge.claims.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "nbf", "scope", "sub", "ver"]);
    assert!(!forge.claims.to_string().contains(EMAIL));
}

#[test]
fn no_other_algorithm_is_taken_whatever_it_is_signed_with() {
    let forge = Forge::new();
    for alg in
        ["none", "None", "NONE", "nOnE", "", "HS256", "HS384", "RS384", "RS512", "PS256", "ES256", "EdDSA", "rs256"]
    {
        forge.refused(&forge.with_header(|header| header["alg"] = alg.into()), alg);
        let mut header = forge.header.clone();
        header["alg"] = alg.into();
        forge.refused(&format!("{}.{}.", encoded(&header), encoded(&forge.claims)), alg);
    }
    forge.refused(&forge.with_header(|header| header["alg"] = json!(["RS256"])), "a list");
    forge.refused(&forge.with_header(|header| drop(header.as_object_mut().unwrap().remove("alg"))), "none named");
    // The confusion itself: what everybody may know as the secret of an HMAC.
    let jwks = forge.house.authority.jwks();
    let set: Value = serde_json::from_slice(&jwks).unwrap();
    let modulus = set["keys"][0]["n"].as_str().unwrap().to_owned();
    for secret in
        [jwks, modulus.clone().into_bytes(), URL_SAFE_NO_PAD.decode(modulus).unwrap(), pem().into(), Vec::new()]
    {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some("at+jwt".to_owned());
        header.kid = forge.header["kid"].as_str().map(str::to_owned);
        let token = encode(&header, &forge.claims, &EncodingKey::from_secret(&secret)).unwrap();
        forge.refused(&token, "a public key as a secret");
    }
}

#[test]
fn a_key_is_found_by_its_name_and_nothing_a_token_says_is_followed() {
    let forge = Forge::new();
    let long = "k".repeat(10_000);
    for kid in [
        "",
        " ",
        "unknown",
        "../../../../dev/null",
        "/etc/passwd",
        "file:///etc/passwd",
        "http://127.0.0.1:1/jwks",
        "' OR '1'='1",
        "'; DROP TABLE keys; --",
        "$(touch owned)",
        "\u{0}",
        "%00",
        &long,
    ] {
        forge.refused(&forge.with_header(|header| header["kid"] = kid.into()), kid);
    }
    forge.refused(&forge.with_header(|header| header["kid"] = json!(null)), "null");
    forge.refused(&forge.with_header(|header| header["kid"] = json!(1)), "a number");
    forge.refused(&forge.with_header(|header| drop(header.as_object_mut().unwrap().remove("kid"))), "no kid");

    // A key of the attacker's own, brought along or named: the signature is checked with ours.
    let theirs = super::super::signing::generate().unwrap();
    let key = EncodingKey::from_rsa_pem(theirs.as_bytes()).unwrap();
    let jwk = serde_json::to_value(jsonwebtoken::jwk::Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap()).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    for (name, value) in [("jwk", jwk), ("jku", json!(url)), ("x5u", json!(url)), ("x5c", json!(["MIIB"]))] {
        let mut header = forge.header.clone();
        header[name] = value;
        let signed = format!("{}.{}", encoded(&header), encoded(&forge.claims));
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::RS256).unwrap();
        forge.refused(&format!("{signed}.{signature}"), name);
    }
    assert!(listener.accept().is_err(), "nobody came for the key");
}

#[test]
fn a_token_of_another_type_or_with_demands_is_no_access_token() {
    let forge = Forge::new();
    for typ in [json!("JWT"), json!("jwt"), json!("id+jwt"), json!("logout+jwt"), json!(null), json!("")] {
        forge.refused(&forge.with_header(|header| header["typ"] = typ.clone()), &typ.to_string());
    }
    forge.refused(&forge.with_header(|header| header["crit"] = json!(["exp"])), "crit");
    forge.refused(&forge.with_header(|header| header["b64"] = json!(false)), "b64");
    let header = format!(r#"{{"alg":"none",{}"#, &forge.header.to_string()[1..]);
    let twice = format!("{}.{}.", URL_SAFE_NO_PAD.encode(header), encoded(&forge.claims));
    forge.refused(&twice, "alg twice");
}

#[test]
fn whatever_is_changed_is_noticed() {
    let forge = Forge::new();
    let good = forge.signed(&forge.header, &forge.claims);
    let parts: Vec<&str> = good.split('.').collect();
    // That it was found right before makes nothing else right.
    assert!(forge.verify(&good).is_ok());
    for (place, byte) in good.bytes().enumerate() {
        let mut changed = good.clone().into_bytes();
        changed[place] = if byte == b'A' { b'B' } else { b'A' };
        forge.refused(&String::from_utf8(changed).unwrap(), &format!("letter {place}"));
    }
    for wrong in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}="),
        format!("{good} "),
        format!("{}.{}.{}.{}", parts[0], parts[1], parts[1], parts[2]),
        good.replace('.', ".."),
        format!("{}{}", good, "A".repeat(9_000)),
        "A".repeat(1 << 20),
        format!("{}.{}.{}", "A".repeat(2_000), parts[1], parts[2]),
    ] {
        forge.refused(&wrong, &wrong[..wrong.len().min(40)]);
    }
}

#[test]
fn a_token_that_was_taken_before_is_taken_until_its_end() {
    let house = House::new();
    house.person(EMAIL, "buyer", Some("10"));
    let token = house.login(EMAIL, PASSWORD).unwrap();
    let at = |now| house.authority.verify(token.access_token.expose(), now).map(|who| who.account);
    for now in [NOW, NOW + 899, NOW] {
        assert_eq!(at(now), Ok(AccountId(10)));
    }
    // And the minute by which clocks may be apart.
    assert_eq!(at(NOW + 900 + 60), Err(Denied::TokenExpired));
    assert_eq!(at(NOW - 61), Err(Denied::TokenInvalid), "not yet");
    assert_eq!(at(NOW), Ok(AccountId(10)));
}

#[test]
fn claims_are_judged_and_only_an_end_is_told() {
    let forge = Forge::new();
    assert_eq!(forge.verify(&forge.with_claims(|claims| claims["exp"] = (NOW - 61).into())), Err(Denied::TokenExpired));
    for (name, value) in [
        ("iss", json!("https://elsewhere.example.com")),
        ("aud", json!("another")),
        ("aud", json!(["another"])),
        ("exp", json!(u64::MAX)),
        ("exp", json!(1e300)),
        ("exp", json!("9999999999")),
        ("exp", json!(null)),
        ("nbf", json!(NOW + 3_600)),
        ("iat", json!(NOW + 3_600)),
        ("sub", json!("user:000000000000")),
        ("sub", json!("client:000000000000")),
        ("sub", json!("user:../../people")),
        ("sub", json!("admin")),
        ("ver", json!(1)),
        ("ver", json!(null)),
        ("scope", json!("everything")),
        ("scope", json!(7)),
    ] {
        forge.refused(&forge.with_claims(|claims| claims[name] = value.clone()), &format!("{name}: {value}"));
    }
    let narrowed = forge.verify(&forge.with_claims(|claims| claims["scope"] = "read".into())).unwrap();
    assert_eq!(narrowed.scopes.to_string(), "read");
}

#[test]
fn a_token_of_another_installation_is_none_here() {
    let (one, other) = (House::new(), House::new());
    one.person(EMAIL, "admin", Some("0"));
    other.person(EMAIL, "admin", Some("0"));
    // Even with the same key: nobody has this id here.
    let token = one.login(EMAIL, PASSWORD).unwrap();
    assert!(one.verify(&token).is_ok());
    assert_eq!(other.verify(&token), Err(Denied::TokenInvalid));
}
