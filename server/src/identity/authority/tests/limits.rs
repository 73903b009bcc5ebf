//! One more than there may be, and whatever else a stranger may send.

use proptest::prelude::*;

use super::super::form::Form;
use super::super::jws::{KeySet, Parts};
use super::super::oauth::OAuthError;
use super::super::store::{CLIENTS_MAX, PEOPLE_MAX};
use super::*;

#[test]
fn one_person_and_one_client_more_than_there_may_be_are_refused() {
    let house = House::new();
    house.authority.store.alone().people = PEOPLE_MAX;
    let request =
        RegisterRequest { email: Hidden::new(EMAIL), password: Hidden::new(PASSWORD), role: None, account: None };
    assert_eq!(house.authority.register(&request, None, NOW), Err(Denied::Full { what: "people", max: PEOPLE_MAX }));
    house.authority.store.alone().people = PEOPLE_MAX - 1;
    assert!(house.authority.register(&request, None, NOW).is_ok());
    house.authority.store.alone().clients = CLIENTS_MAX;
    let client = ClientRequest {
        name: "App".to_owned(),
        role: "buyer".to_owned(),
        account: "10".to_owned(),
        scope: "read".to_owned(),
        redirect_uris: Vec::new(),
        confidential: true,
    };
    let refused = house.authority.create_client(&house.admin, &client, NOW);
    assert_eq!(refused, Err(Denied::Full { what: "clients", max: CLIENTS_MAX }));
}

#[test]
fn one_api_key_more_than_there_may_be_is_refused() {
    let house = House::new();
    let request = KeyRequest { role: None, account: None, scope: None };
    let made = (0..64).take_while(|_| house.authority.create_key(&house.admin, &request).is_ok()).count();
    assert_eq!(made, 63, "with the admin's own");
    assert_eq!(house.authority.create_key(&house.admin, &request), Err(Denied::Full { what: "keys", max: 64 }));
}

#[test]
fn one_parameter_more_or_a_form_too_long_is_refused() {
    let names: Vec<String> = (0..33).map(|number| format!("n{number}")).collect();
    let pairs: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "v")).collect();
    assert!(Form::read(&form(&pairs[..32])).is_ok());
    assert!(matches!(Form::read(&form(&pairs)), Err(OAuthError::InvalidRequest(_))));
    let long = "x".repeat(16 * 1024 - 2);
    assert!(Form::read(format!("n={long}").as_bytes()).is_ok());
    assert!(Form::read(format!("n={long}x").as_bytes()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_sent_makes_anything_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = Parts::of(&text);
        let _ = KeySet::parse(&bytes);
        let _ = Form::read(&bytes);
        let _ = Claims::read(&bytes);
        let _ = token::login_of(&text);
    }

    #[test]
    fn nothing_that_has_the_shape_of_a_token_makes_anything_panic(
        header in "\\{\"alg\":\"RS256\"(,\"kid\":\"[a-z]{0,8}\")?(,\"typ\":\"at\\+jwt\")?\\}",
        payload in proptest::collection::vec(any::<u8>(), 0..100),
        signature in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        use base64::Engine as _;
        let encode = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        let token = format!("{}.{}.{}", encode(header.as_bytes()), encode(&payload), encode(&signature));
        let parts = Parts::of(&token).unwrap();
        let set = keys();
        prop_assert!(parts.verify(set.get("a").unwrap()).is_err());
    }
}

/// A key set with one key, read once.
fn keys() -> &'static KeySet {
    static KEYS: OnceLock<KeySet> = OnceLock::new();
    KEYS.get_or_init(|| {
        let key = jsonwebtoken::EncodingKey::from_rsa_pem(pem().as_bytes()).unwrap();
        let mut jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&key, jsonwebtoken::Algorithm::RS256).unwrap();
        jwk.common.key_id = Some("a".to_owned());
        KeySet::parse(serde_json::json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap()
    })
}
