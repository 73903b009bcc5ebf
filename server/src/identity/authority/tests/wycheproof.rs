//! Project Wycheproof's vectors for JSON Web Signatures, at the level of the signature: `DCE_WYCHEPROOF` names the folder
//! with `json_web_signature_test.json`, from <https://github.com/C2SP/wycheproof>.

use serde_json::Value;

use super::super::fault::TokenFault;
use super::super::jws::{Jwk, KeyFault, Parts, PublicKey};

/// What became of a vector.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Accepted,
    /// Key or token are for another algorithm than RS256.
    AnotherAlgorithm,
    Refused,
}

fn judge(key: &Value, token: &str) -> Outcome {
    let Ok(jwk) = serde_json::from_value::<Jwk>(key.clone()) else { return Outcome::Refused };
    let key = match PublicKey::from_jwk(&jwk) {
        Ok(key) => key,
        Err(KeyFault::Algorithm) => return Outcome::AnotherAlgorithm,
        Err(_) => return Outcome::Refused,
    };
    match Parts::of(token).and_then(|parts| parts.verify(&key)) {
        Ok(_) => Outcome::Accepted,
        Err(TokenFault::Algorithm) => Outcome::AnotherAlgorithm,
        Err(_) => Outcome::Refused,
    }
}

#[test]
fn every_vector_is_judged_as_it_is_labelled() {
    let Some(folder) = std::env::var_os("DCE_WYCHEPROOF") else {
        eprintln!("SKIPPED: Wycheproof's signature vectors: DCE_WYCHEPROOF names no folder");
        return;
    };
    let path = std::path::Path::new(&folder).join("json_web_signature_test.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let (mut invalid, mut valid, mut others) = (0, 0, 0);
    let mut wrong = Vec::new();
    for group in vectors["testGroups"].as_array().unwrap() {
        let key = group.get("public").or_else(|| group.get("private")).unwrap();
        for test in group["tests"].as_array().unwrap() {
            let outcome = judge(key, test["jws"].as_str().unwrap());
            let is_ours = key["alg"] == "RS256";
            let expected = match (test["result"].as_str().unwrap(), is_ours) {
                ("valid", true) => {
                    valid += 1;
                    outcome == Outcome::Accepted
                }
                ("valid", false) => {
                    others += 1;
                    outcome == Outcome::AnotherAlgorithm
                }
                _ => {
                    invalid += 1;
                    outcome != Outcome::Accepted
                }
            };
            if !expected {
                wrong.push(format!("{} {}: {outcome:?}", test["tcId"], test["comment"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!((invalid, valid, others), (355, 8, 38));
    eprintln!(
        "Wycheproof: {invalid} invalid refused, {valid} valid RS256 accepted, {others} valid refused by algorithm"
    );
}
