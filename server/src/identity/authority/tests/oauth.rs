//! Programs that ask for tokens in their own name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::oauth::OAuthError as E;
use super::*;

fn ask(house: &House, pairs: &[(&str, &str)], basic: Option<(&str, &str)>) -> Result<TokenAnswer, E> {
    let said = basic.map(|(id, secret)| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))));
    house.authority.token(&form(pairs), said.as_deref(), NOW)
}

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

#[test]
fn a_client_gets_a_short_token_for_what_it_may_and_no_more() {
    let house = House::new();
    let (id, secret) = house.client(&[]);
    let token = ask(&house, &[GRANT], Some((&id, &secret))).unwrap();
    assert_eq!((token.expires_in, token.scope.as_str(), &token.refresh_token), (900, "calls read", &None));
    let principal = house.verify(&token).unwrap();
    assert_eq!((principal.role, principal.account), (Role::Service, AccountId(0)));
    assert_eq!(&principal.prefix, id.as_bytes());

    let posted = [GRANT, ("client_id", &id), ("client_secret", &secret), ("scope", "read")];
    assert_eq!(ask(&house, &posted, None).unwrap().scope, "read");
    for (pairs, basic, error) in [
        (&[GRANT, ("scope", "calls funds")][..], Some((id.as_str(), secret.as_str())), E::InvalidScope),
        (&[GRANT, ("scope", "openid")], Some((&id, &secret)), E::InvalidScope),
        (&[GRANT, ("scope", " ")], Some((&id, &secret)), E::InvalidScope),
        (&[GRANT], Some((&id, "dcs_wrong")), E::InvalidClient),
        (&[GRANT], Some((&id, "")), E::InvalidClient),
        (&[GRANT], Some(("nobody000000", &secret)), E::InvalidClient),
        (&[GRANT, ("client_id", &id)], None, E::InvalidClient),
        (&[GRANT, ("audience", "elsewhere")], Some((&id, &secret)), E::InvalidRequest("")),
        (&[GRANT, ("resource", "https://elsewhere")], Some((&id, &secret)), E::InvalidRequest("")),
        (&[GRANT, ("client_secret", &secret)], Some((&id, &secret)), E::InvalidRequest("")),
        (&[GRANT, ("client_id", "other0000000")], Some((&id, &secret)), E::InvalidRequest("")),
        (&[GRANT, GRANT], Some((&id, &secret)), E::InvalidRequest("")),
        (&[], Some((&id, &secret)), E::InvalidRequest("")),
        (&[("grant_type", "password")], Some((&id, &secret)), E::UnsupportedGrantType),
        (&[("grant_type", "implicit")], Some((&id, &secret)), E::UnsupportedGrantType),
    ] {
        let refused = ask(&house, pairs, basic).unwrap_err();
        assert_eq!(refused.code(), error.code(), "{pairs:?}: {refused}");
    }
    for said in ["Bearer x", "Basic", "Basic !!!", "Basic Og==", &format!("Basic {}", "A".repeat(2_000))] {
        assert_eq!(house.authority.token(&form(&[GRANT]), Some(said), NOW), Err(E::InvalidClient), "{said}");
    }
}

#[test]
fn a_client_that_is_taken_back_has_no_token_any_more() {
    let house = House::new();
    let (id, secret) = house.client(&[]);
    let token = ask(&house, &[GRANT], Some((&id, &secret))).unwrap();
    // Twice: the second time from what is remembered of the first.
    assert!(house.verify(&token).is_ok() && house.verify(&token).is_ok());
    house.authority.revoke_client(&house.admin, &id).unwrap();
    assert_eq!(house.verify(&token), Err(Denied::TokenInvalid));
    assert_eq!(ask(&house, &[GRANT], Some((&id, &secret))), Err(E::InvalidClient));
    assert!(house.authority.clients(&house.admin, "").unwrap()[0].revoked);
    assert_eq!(house.authority.revoke_client(&house.admin, "nobody000000"), Err(Denied::Unknown("client")));
}

#[test]
fn nobody_but_an_admin_makes_clients_and_what_is_asked_must_make_sense() {
    let house = House::new();
    house.person(EMAIL, "operator", Some("0"));
    let operator = house.verify(&house.login(EMAIL, PASSWORD).unwrap()).unwrap();
    let good = ClientRequest {
        name: "Console".to_owned(),
        role: "buyer".to_owned(),
        account: "10".to_owned(),
        scope: "read".to_owned(),
        redirect_uris: vec!["https://app.example.com/cb".to_owned()],
        confidential: false,
    };
    assert_eq!(house.authority.create_client(&operator, &good, NOW), Err(Denied::Forbidden));
    let made = house.authority.create_client(&house.admin, &good, NOW).unwrap();
    assert_eq!(made.client_secret, None, "a program that keeps no secret has none");
    let id = made.client_id;
    assert_eq!(ask(&house, &[GRANT, ("client_id", &id)], None), Err(E::UnauthorizedClient));
    assert_eq!(ask(&house, &[GRANT], Some((&id, ""))), Err(E::InvalidClient));
    for bad in [
        ClientRequest { name: String::new(), ..good.clone() },
        ClientRequest { name: "a\nb".to_owned(), ..good.clone() },
        ClientRequest { role: "root".to_owned(), ..good.clone() },
        ClientRequest { account: "ten".to_owned(), ..good.clone() },
        ClientRequest { scope: "all".to_owned(), ..good.clone() },
        ClientRequest { scope: String::new(), ..good.clone() },
        ClientRequest { redirect_uris: Vec::new(), ..good.clone() },
        ClientRequest { redirect_uris: vec!["http://app.example.com/".to_owned()], ..good.clone() },
        ClientRequest { redirect_uris: vec!["https://a.example/".to_owned(); 9], ..good },
    ] {
        let refused = house.authority.create_client(&house.admin, &bad, NOW).unwrap_err();
        assert!(matches!(refused, Denied::Field { .. }), "{bad:?}");
    }
}

#[test]
fn the_metadata_says_what_there_is() {
    let house = House::new();
    let document = serde_json::to_value(house.authority.metadata()).unwrap();
    assert_eq!(document["issuer"], ISSUER);
    assert_eq!(document["token_endpoint"], format!("{ISSUER}/oauth/token"));
    assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    assert_eq!(document["response_types_supported"], serde_json::json!(["code"]));
    let grants = document["grant_types_supported"].to_string();
    assert!(!grants.contains("implicit") && !grants.contains("password"), "{grants}");
}
