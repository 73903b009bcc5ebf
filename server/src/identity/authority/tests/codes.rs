//! Authorization codes: a person agrees, its client gets tokens, and nobody else does.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::oauth::OAuthError as E;
use super::*;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// RFC 7636, appendix B: the challenge of that verifier.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const PLACE: &str = "https://app.example.com/cb?tenant=7";

/// A house with a person, and a client that sends people to it.
struct Scene {
    house: House,
    client: String,
    secret: String,
}

impl Scene {
    fn new() -> Self {
        let house = House::new();
        house.person(EMAIL, "buyer", Some("10"));
        let (client, secret) = house.client(&[PLACE, "http://127.0.0.1/cb", "com.example.app:/cb"]);
        Self { house, client, secret }
    }

    /// The question, with some of it changed; an empty value leaves a parameter out.
    fn question(&self, changes: &[(&str, &str)]) -> Vec<u8> {
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", self.client.as_str()),
            ("redirect_uri", PLACE),
            ("scope", "read"),
            ("state", "a&b=c d"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            pairs.retain(|(known, _)| known != name);
            pairs.push((name, value));
        }
        form(&pairs)
    }

    fn agree(&self, changes: &[(&str, &str)]) -> Result<String, Refused> {
        let answers = [&self.question(changes)[..], b"&", &form(&[("email", EMAIL), ("password", PASSWORD)])].concat();
        self.house.authority.agree(&answers, NOW)
    }

    fn code(&self) -> String {
        parameter(&self.agree(&[]).unwrap(), "code")
    }

    fn redeem(&self, code: &str, changes: &[(&str, &str)], now: u64) -> Result<TokenAnswer, E> {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.client.as_str()),
            ("client_secret", self.secret.as_str()),
            ("code", code),
            ("redirect_uri", PLACE),
            ("code_verifier", VERIFIER),
        ];
        for (name, value) in changes {
            pairs.retain(|(known, _)| known != name);
            pairs.push((name, value));
        }
        self.house.authority.token(&form(&pairs), None, now)
    }
}

fn parameter(place: &str, name: &str) -> String {
    let (_, query) = place.split_once('?').unwrap();
    let found = form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name);
    found.map_or_else(String::new, |(_, value)| value.into_owned())
}

#[test]
fn a_person_agrees_and_the_client_acts_for_it_until_told_otherwise() {
    let scene = Scene::new();
    let asked = scene.house.authority.asked(&scene.question(&[])).unwrap();
    assert_eq!((asked.name.as_str(), asked.scope.as_str()), ("Dialer <b>", "read"));
    let place = scene.agree(&[]).unwrap();
    assert!(place.starts_with("https://app.example.com/cb?tenant=7&code="), "{place}");
    assert_eq!((parameter(&place, "state"), parameter(&place, "iss")), ("a&b=c d".to_owned(), ISSUER.to_owned()));

    let token = scene.redeem(&parameter(&place, "code"), &[], NOW + 59).unwrap();
    let principal = scene.house.verify(&token).unwrap();
    // The person's role and account, and as much of it as was agreed to.
    assert_eq!((principal.role, principal.account), (Role::Buyer, AccountId(10)));
    assert_eq!(principal.scopes.to_string(), "read");

    let refresh = token.refresh_token.as_ref().unwrap().expose().to_owned();
    let again = [("grant_type", "refresh_token"), ("client_id", &scene.client), ("client_secret", &scene.secret)];
    let next = scene.house.authority.token(&form(&[&again[..], &[("refresh_token", &refresh)]].concat()), None, NOW);
    let next = next.unwrap();
    assert_eq!(next.scope, "read", "no more than was agreed to");
    assert_eq!(scene.house.refresh(&next), Err(Denied::RefreshInvalid), "it is the client's, not anybody's");
    let token = ("token", next.refresh_token.as_ref().unwrap().expose());
    let revoke = form(&[("client_id", &scene.client), ("client_secret", &scene.secret), token]);
    assert_eq!(scene.house.authority.revoke(&revoke, None), Ok(()));
    assert_eq!(scene.house.authority.revoke(&revoke, None), Ok(()), "what is unknown is no error");
    let gone = form(&[&again[..], &[("refresh_token", token.1)]].concat());
    assert_eq!(scene.house.authority.token(&gone, None, NOW), Err(E::InvalidGrant));
}

#[test]
fn a_code_is_good_once_for_a_minute_for_its_client_its_place_and_its_verifier() {
    let long = "x".repeat(129);
    let padded = format!("{VERIFIER}=");
    for changes in [
        &[("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl")][..],
        &[("code_verifier", CHALLENGE)],
        &[("code_verifier", "short")],
        &[("code_verifier", &long)],
        &[("code_verifier", &padded)],
        &[("redirect_uri", "https://app.example.com/cb")],
        &[("redirect_uri", "http://127.0.0.1/cb")],
    ] {
        // A scene of its own each: passwords are tried a few times only.
        let scene = Scene::new();
        let code = scene.code();
        assert_eq!(scene.redeem(&code, changes, NOW), Err(E::InvalidGrant), "{changes:?}");
        assert_eq!(scene.redeem(&code, &[], NOW), Err(E::InvalidGrant), "one try");
    }
    let scene = Scene::new();
    let (other, other_secret) = scene.house.client(&[PLACE]);
    let code = scene.code();
    let stolen = [("client_id", other.as_str()), ("client_secret", &other_secret)];
    assert_eq!(scene.redeem(&code, &stolen, NOW), Err(E::InvalidGrant));
    assert_eq!(scene.redeem(&code, &[], NOW), Err(E::InvalidGrant));
    let code = scene.code();
    assert_eq!(scene.redeem(&code, &[("code_verifier", "")], NOW).unwrap_err().code(), "invalid_request");
    assert_eq!(scene.redeem(&code, &[], NOW + 60), Err(E::InvalidGrant), "a minute is over");
    assert_eq!(scene.redeem("0", &[], NOW), Err(E::InvalidGrant));

    let code = scene.code();
    let token = scene.redeem(&code, &[], NOW).unwrap();
    assert_eq!(scene.redeem(&code, &[], NOW), Err(E::InvalidGrant));
    let refresh = token.refresh_token.as_ref().unwrap().expose();
    let again = [("grant_type", "refresh_token"), ("client_id", &*scene.client), ("client_secret", &*scene.secret)];
    let again = form(&[&again[..], &[("refresh_token", refresh)]].concat());
    assert_eq!(scene.house.authority.token(&again, None, NOW), Err(E::InvalidGrant), "the code was in two hands");
}

#[test]
fn without_pkce_as_it_must_be_there_is_no_code() {
    let scene = Scene::new();
    let plain = URL_SAFE_NO_PAD.encode([0; 31]);
    for (changes, error) in [
        (&[("code_challenge_method", "plain")][..], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge_method", "s256")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge", &plain)], "invalid_request"),
        (&[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM")], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("response_type", "code token")], "unsupported_response_type"),
        (&[("scope", "funds")], "invalid_scope"),
    ] {
        for told in [scene.house.authority.asked(&scene.question(changes)).map(|_| String::new()), scene.agree(changes)]
        {
            let Err(Refused::Redirect(place)) = told else { panic!("{changes:?}: {told:?}") };
            assert!(place.starts_with(PLACE), "{place}");
            assert_eq!(parameter(&place, "error"), error, "{changes:?}");
            assert_eq!((parameter(&place, "state"), parameter(&place, "code")), ("a&b=c d".into(), String::new()));
        }
    }
}

#[test]
fn nobody_is_sent_to_a_place_that_is_not_the_clients() {
    let scene = Scene::new();
    for changes in [
        ("redirect_uri", "https://evil.example.com/cb"),
        ("redirect_uri", "https://app.example.com/cb"),
        ("redirect_uri", "https://app.example.com/cb?tenant=7&x=1"),
        ("redirect_uri", "https://app.example.com.evil.example/cb?tenant=7"),
        ("redirect_uri", "http://127.0.0.1:1234/other"),
        ("redirect_uri", "http://localhost/cb"),
        ("redirect_uri", ""),
        ("client_id", "nobody000000"),
        ("client_id", "../../people"),
        ("client_id", ""),
    ] {
        let told = scene.agree(&[changes]);
        assert!(matches!(told, Err(Refused::Page(_))), "{changes:?}: {told:?}");
    }
    // The port of a program on the person's own machine is the system's to choose (RFC 8252, 7.3).
    let place = scene.agree(&[("redirect_uri", "http://127.0.0.1:51234/cb")]).unwrap();
    assert!(place.starts_with("http://127.0.0.1:51234/cb?code="), "{place}");
    scene.house.authority.revoke_client(&scene.house.admin, &scene.client).unwrap();
    assert!(matches!(scene.agree(&[]), Err(Refused::Page(_))));
}

#[test]
fn a_wrong_password_gives_no_code_and_the_tries_are_counted() {
    let scene = Scene::new();
    for tried in 0..6 {
        let answers = [&scene.question(&[])[..], b"&", &form(&[("email", EMAIL), ("password", "wrong")])].concat();
        let Err(Refused::Page(why)) = scene.house.authority.agree(&answers, NOW) else { panic!("a code") };
        assert_eq!(why.contains("Too many"), tried == 5, "{why}");
    }
}
