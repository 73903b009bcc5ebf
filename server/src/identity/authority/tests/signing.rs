//! Keys that sign: made, rotated, published, and refused when they are none.

use super::super::signing::{Signing, create, generate, rotate, usual_folder};
use super::*;

#[test]
fn a_rotated_key_signs_and_tokens_of_the_one_before_stay_good() {
    let house = House::new();
    house.person(EMAIL, "buyer", Some("10"));
    let before = house.login(EMAIL, PASSWORD).unwrap();
    let (path, removed) = rotate(&house.folder()).unwrap();
    assert!(path.ends_with("000002.pem") && removed == 0);
    house.authority.refresh_files(NOW);
    let after = house.login(EMAIL, PASSWORD).unwrap();
    assert!(house.verify(&before).is_ok() && house.verify(&after).is_ok());
    let kid = |token: &TokenAnswer| jsonwebtoken::decode_header(token.access_token.expose()).unwrap().kid.unwrap();
    assert_ne!(kid(&before), kid(&after));
    let published: serde_json::Value = serde_json::from_slice(&house.authority.jwks()).unwrap();
    let keys = published["keys"].as_array().unwrap();
    let kids: Vec<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!(kids, [kid(&before), kid(&after)]);
    for key in keys {
        assert_eq!((&key["kty"], &key["use"], &key["alg"]), (&"RSA".into(), &"sig".into(), &"RS256".into()));
        assert!(["d", "p", "q", "dp", "dq", "qi"].iter().all(|part| key.get(part).is_none()), "nothing private");
    }
    // Once its file is gone, what it signed is good for nothing.
    std::fs::remove_file(house.folder().join("000001.pem")).unwrap();
    house.authority.refresh_files(NOW);
    assert_eq!(house.verify(&before), Err(Denied::TokenInvalid));
    assert!(house.verify(&after).is_ok());
}

#[test]
fn a_key_is_taken_out_when_its_successor_has_signed_for_long_enough() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("signing");
    std::fs::create_dir(&folder).unwrap();
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(3 * 86_400);
    for name in ["000001.pem", "000002.pem"] {
        std::fs::write(folder.join(name), pem()).unwrap();
        std::fs::File::open(folder.join(name)).unwrap().set_modified(long_ago).unwrap();
    }
    let (path, removed) = rotate(&folder).unwrap();
    assert!(path.ends_with("000003.pem") && removed == 1 && !folder.join("000001.pem").exists());
    let (_, removed) = rotate(&folder).unwrap();
    assert_eq!(removed, 0, "000002 was replaced a moment ago");
}

#[test]
fn a_broken_file_beside_a_running_server_leaves_the_known_keys_known() {
    let house = House::new();
    house.person(EMAIL, "buyer", Some("10"));
    std::fs::write(house.folder().join("000009.pem"), "nonsense").unwrap();
    house.authority.refresh_files(NOW);
    let token = house.login(EMAIL, PASSWORD).unwrap();
    assert!(house.verify(&token).is_ok());
}

#[test]
fn what_is_no_rsa_key_of_2048_bits_does_not_sign() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("key.pem");
    let elliptic = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let cut = pem()[..pem().len() / 2].to_owned();
    for text in ["", "nonsense", &elliptic, &cut] {
        std::fs::write(&file, text).unwrap();
        let refused = Signing::open(file.clone()).unwrap_err().to_string();
        assert!(refused.contains("key.pem") && refused.contains("dce signing-key create"), "{refused}");
    }
    assert!(matches!(Signing::open(dir.path().join("missing.pem")), Err(SigningError::Files(_))));
    let empty = dir.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    assert!(matches!(Signing::open(empty), Err(SigningError::Empty(_))));
}

#[test]
fn a_key_is_made_once_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jwt-key.pem");
    create(&file).unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(create(&file), Err(SigningError::Exists(_))));
    assert!(Signing::open(file).is_ok());
    assert!(generate().unwrap().lines().all(|line| line.len() <= 64));
}

#[test]
fn development_makes_the_first_key_and_production_asks_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let security = security();
    let open = |environment| {
        let opening = Opening { identity_dir: dir.path(), security: &security, environment, address: String::new() };
        opening.prepare().map(|prepared| prepared.made)
    };
    let missing = open(Environment::Production).unwrap_err().to_string();
    assert!(missing.contains("dce signing-key create") && missing.contains("security.jwt_private_key"), "{missing}");
    let made = open(Environment::Development).unwrap().unwrap();
    assert!(made.starts_with(usual_folder(dir.path())));
    assert_eq!(open(Environment::Development).unwrap(), None, "once");
    assert_eq!(open(Environment::Production).unwrap(), None, "and it is there then");
}
