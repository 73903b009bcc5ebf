//! Client certificates: who shows one that the configured authority signed is who the store says, and nobody else is.

use dce_engine::ids::AccountId;
use dce_server::identity::Role;
use dce_server::identity::authority::Fingerprint;
use dce_server::limits::Limits;
use hyper::StatusCode;
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::common::{House, Http, PATIENCE, small};

/// Who signs certificates.
pub(crate) struct Signer {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

pub(crate) type Own = (CertificateDer<'static>, Vec<u8>);

impl Signer {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A client's certificate, and its key; its time may be over.
    pub(crate) fn sign(&self, is_over: bool) -> Own {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        if is_over {
            params.not_before = rcgen::date_time_ymd(2019, 1, 1);
            params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.der().clone(), key.serialize_der())
    }
}

/// As `openssl x509 -fingerprint -sha256` prints it.
pub(crate) fn fingerprint(own: &Own) -> String {
    let digits = Fingerprint::of(&own.0).to_string().to_uppercase();
    (0..digits.len() / 2).map(|nth| &digits[2 * nth..2 * nth + 2]).collect::<Vec<_>>().join(":")
}

fn house(signer: &Signer) -> House {
    house_with(signer, Limits::default())
}

/// A server that takes what this one signed.
pub(crate) fn house_with(signer: &Signer, limits: Limits) -> House {
    let dir = tempfile::tempdir().unwrap();
    let ca = dir.path().join("clients.pem");
    std::fs::write(&ca, &signer.pem).unwrap();
    let server =
        small(dir.path()).durability(dce_runtime::Durability::None).front_limits(limits).client_ca(ca).start().unwrap();
    House::of(dir, server)
}

pub(crate) async fn set(admin: &Http, own: &Own, role: &str, account: &str, scope: Option<&str>) -> Value {
    let mut body = json!({ "fingerprint": fingerprint(own), "role": role, "account": account });
    if let Some(scope) = scope {
        body["scope"] = json!(scope);
    }
    admin.post("/certificates", body).await.created()
}

/// Whether somebody who shows this gets any answer at all.
async fn is_heard(house: &House, own: &Own) -> bool {
    let Ok(mut stream) = house.showing(own).dial_from([127, 0, 0, 1]).await else { return false };
    let _ = stream.write_all(b"GET /api/v1/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let mut heard = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut heard)).await.unwrap();
    heard.starts_with(b"HTTP/1.1 200")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_says_who_somebody_is_until_it_is_taken_out() {
    let signer = Signer::new();
    let house = house(&signer);
    house.market(json!({}), 1).await;
    let admin = house.key(0, Role::Admin);
    let own = signer.sign(false);
    let asker = house.showing(&own);
    // Good, and nobody's.
    asker.get("/account/balance").await.refused(StatusCode::UNAUTHORIZED, 4040);
    let kept = set(&admin, &own, "buyer", "10", Some("read bids")).await;
    assert_eq!((&kept["account"], &kept["role"], &kept["scope"]), (&json!("10"), &json!("buyer"), &json!("bids read")));
    assert_eq!(asker.get("/account/balance").await.ok()["balance"], "100.00");
    assert_eq!(asker.get("/profile").await.ok()["account"], "10");
    // No further than its scopes, its role and its account.
    let profile = json!({ "destinations": [{ "address": "x" }] });
    asker.post("/bid-profiles", profile).await.refused(StatusCode::FORBIDDEN, 4011);
    asker.get("/listings").await.refused(StatusCode::FORBIDDEN, 4011);
    asker.get("/account/balance?account_id=20").await.refused(StatusCode::FORBIDDEN, 4011);
    // Another one of the same signer is somebody else.
    let other = signer.sign(false);
    house.showing(&other).get("/account/balance").await.refused(StatusCode::UNAUTHORIZED, 4040);
    // A key beside it is what counts; a wrong one is not mended by it.
    let key = house.server.create_key(AccountId(20), Role::Seller).unwrap();
    assert_eq!(asker.saying(key.expose()).get("/profile").await.ok()["account"], "20");
    asker.saying("dce_none").get("/profile").await.refused(StatusCode::UNAUTHORIZED, 4010);
    assert_eq!(admin.get("/certificates").await.ok()["items"].as_array().unwrap().len(), 1);
    let path = format!("/certificates/{}", kept["fingerprint"].as_str().unwrap());
    admin.delete(&path).await.with(StatusCode::NO_CONTENT);
    asker.get("/account/balance").await.refused(StatusCode::UNAUTHORIZED, 4040);
    admin.delete(&path).await.refused(StatusCode::NOT_FOUND, 4012);
    let nothing = json!({ "fingerprint": "ab", "role": "buyer", "account": "10" });
    let problem = admin.post("/certificates", nothing).await.refused(StatusCode::UNPROCESSABLE_ENTITY, 4004);
    assert_eq!(problem["field"], "fingerprint");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_signer_or_whose_time_is_over_is_not_heard() {
    let (signer, stranger) = (Signer::new(), Signer::new());
    let house = house(&signer);
    let admin = house.key(0, Role::Admin);
    let good = signer.sign(false);
    assert!(is_heard(&house, &good).await);
    for wrong in [stranger.sign(false), signer.sign(true)] {
        // That the store knows it does not help.
        set(&admin, &wrong, "admin", "0", None).await;
        assert!(!is_heard(&house, &wrong).await);
    }
    // Who shows none is served, and says by a key who it is.
    house.stranger().get("/health").await.ok();
    house.stranger().get("/account/balance").await.refused(StatusCode::UNAUTHORIZED, 4009);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_signer_is_configured_no_certificate_counts() {
    let signer = Signer::new();
    let house = House::open();
    let own = signer.sign(false);
    set(&house.key(0, Role::Admin), &own, "admin", "0", None).await;
    house.showing(&own).get("/users").await.refused(StatusCode::UNAUTHORIZED, 4009);
}

#[test]
fn a_file_that_holds_no_signer_ends_the_start_with_words() {
    let dir = tempfile::tempdir().unwrap();
    let ca = dir.path().join("clients.pem");
    for text in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        std::fs::write(&ca, text).unwrap();
        let error = small(&dir.path().join("data")).client_ca(&ca).start().map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("clients.pem"), "{error}");
    }
}
