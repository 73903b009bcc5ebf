//! Client certificates over QUIC: the client's own library shows one, and is who the store says.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dce_client::{Certificate, Client, Error, Money, Options, ProfileId, Trust};
use dce_protocol::{ALPN, Down, Fault, Key, KeyRole, Split, Up, VERSION, split, up};
use dce_server::identity::Role;
use dce_server::limits::Limits;
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Endpoint};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use tokio::time::timeout;

use crate::certificates::{Own, Signer, fingerprint, house_with, set};
use crate::common::{House, PATIENCE};

/// What a client of the exchange holds.
fn held(own: &Own) -> Certificate {
    let pem =
        |name: &str, der: &[u8]| format!("-----BEGIN {name}-----\n{}\n-----END {name}-----\n", STANDARD.encode(der));
    Certificate::pem(pem("CERTIFICATE", &own.0).as_bytes(), pem("PRIVATE KEY", &own.1).as_bytes()).unwrap()
}

async fn connect(house: &House, own: &Own) -> Result<Client, Error> {
    let options = Options { connect_within: Duration::from_secs(2), ..Options::default() };
    let trust = Trust::pem_file(house.server.certificate()).unwrap();
    Client::connect_as(&house.server.address().to_string(), trust, &held(own), options).await
}

fn quick() -> Limits {
    Limits { heartbeat_every: Duration::from_millis(50), ..Limits::default() }
}

/// Asks until the session has ended. Answers the code it ended with.
async fn ended(client: &Client) -> u16 {
    let asked = async {
        loop {
            match client.bidder().set_bid(ProfileId(1), Some(Money::from_units(1))).await {
                Err(Error::Closed { code, .. }) => return code,
                Ok(_) | Err(Error::Refused { .. }) => tokio::time::sleep(Duration::from_millis(5)).await,
                Err(error) => panic!("{error}"),
            }
        }
    };
    timeout(PATIENCE, asked).await.expect("the session goes on")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_says_who_a_client_is_until_it_is_taken_out_or_is_another_s() {
    let signer = Signer::new();
    let house = house_with(&signer, quick());
    house.market(json!({}), 2).await;
    let admin = house.key(0, Role::Admin);
    let own = signer.sign(false);
    // Good, and nobody's.
    let error = connect(&house, &own).await.map(|_| ()).unwrap_err();
    assert_eq!(error.code(), Fault::CertificateUnknown.code(), "{error}");

    set(&admin, &own, "buyer", "10", None).await;
    let client = connect(&house, &own).await.unwrap();
    assert_eq!((client.account().0, client.role()), (10, KeyRole::Buyer));
    client.bidder().set_bid(ProfileId(1), Some(Money::from_units(3))).await.unwrap();
    // Another's money is not its.
    let error = client.balance(dce_client::AccountId(11)).await.unwrap_err();
    assert_eq!(error.code(), Fault::Forbidden.code(), "{error}");
    // Another certificate of the same signer is somebody else.
    let other = connect(&house, &signer.sign(false)).await.map(|_| ()).unwrap_err();
    assert_eq!(other.code(), Fault::CertificateUnknown.code(), "{other}");

    // It becomes another account's, and good for less: the session that stood on it ends, and a new one is that.
    set(&admin, &own, "buyer", "11", Some("read")).await;
    assert_eq!(ended(&client).await, Fault::CertificateUnknown.code());
    let client = connect(&house, &own).await.unwrap();
    assert_eq!(client.account().0, 11);
    let error = client.bidder().set_bid(ProfileId(1), Some(Money::from_units(3))).await.unwrap_err();
    assert_eq!(error.code(), Fault::Forbidden.code(), "{error}");

    admin
        .delete(&format!("/certificates/{}", fingerprint(&own).replace(':', "")))
        .await
        .with(hyper::StatusCode::NO_CONTENT);
    assert_eq!(ended(&client).await, Fault::CertificateUnknown.code());
    let error = connect(&house, &own).await.map(|_| ()).unwrap_err();
    assert_eq!(error.code(), Fault::CertificateUnknown.code(), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_another_signer_or_whose_time_is_over_does_not_pass_the_handshake() {
    let signer = Signer::new();
    let house = house_with(&signer, quick());
    house.market(json!({}), 1).await;
    let admin = house.key(0, Role::Admin);
    for wrong in [signer.sign(true), Signer::new().sign(false)] {
        // That the store knows it does not help.
        set(&admin, &wrong, "buyer", "10", None).await;
        let error = connect(&house, &wrong).await.map(|_| ()).unwrap_err();
        assert!(matches!(error, Error::Certificate { .. }), "{error}");
        assert_eq!(error.code(), 4008);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_signer_is_configured_no_certificate_counts() {
    let house = House::open();
    house.market(json!({}), 1).await;
    let own = Signer::new().sign(false);
    set(&house.key(0, Role::Admin), &own, "buyer", "10", None).await;
    let error = connect(&house, &own).await.map(|_| ()).unwrap_err();
    assert_eq!(error.code(), Fault::KeyUnknown.code(), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_account_has_as_many_sessions_as_any_other() {
    let signer = Signer::new();
    let house = house_with(&signer, Limits { sessions_per_account_max: 2, ..quick() });
    house.market(json!({}), 1).await;
    let own = signer.sign(false);
    set(&house.key(0, Role::Admin), &own, "buyer", "10", None).await;
    let (one, other) = (connect(&house, &own).await.unwrap(), connect(&house, &own).await.unwrap());
    let error = connect(&house, &own).await.map(|_| ()).unwrap_err();
    assert!(matches!(&error, Error::Unreachable { reason, .. } if reason.contains("3023")), "{error}");
    for client in [one, other] {
        client.bidder().set_bid(ProfileId(1), Some(Money::from_units(1))).await.unwrap();
    }
}

/// The code with which a hello of this key is refused on a connection that shows this certificate.
async fn refused(house: &House, own: &Own, key: &[u8]) -> u16 {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(house.server.certificate()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![own.0.clone()], PrivateKeyDer::try_from(own.1.clone()).unwrap())
        .unwrap();
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()));
    let endpoint = Endpoint::client(([127, 0, 0, 1], 0).into()).unwrap();
    let connection = endpoint.connect_with(config, house.server.address(), "localhost").unwrap().await.unwrap();
    let (mut send, mut receive) = connection.open_bi().await.unwrap();
    let hello = up::Hello { version: VERSION, session: 1, resume: None, key: Key::new(key).unwrap() };
    let (mut said, mut heard) = (Vec::new(), Vec::new());
    Up::from(hello).encode(0, &mut said);
    send.write_all(&said).await.unwrap();
    while let Ok(Some(chunk)) = receive.read_chunk(4_096, true).await {
        heard.extend_from_slice(&chunk.bytes);
    }
    let Split::Frame { frame, .. } = split(&heard) else { panic!("half a frame") };
    let Ok((_, Down::Closing(closing))) = Down::decode(frame) else { panic!("no closing") };
    closing.code
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_beside_a_certificate_is_what_counts_and_a_wrong_one_is_not_mended_by_it() {
    let signer = Signer::new();
    let house = house_with(&signer, quick());
    house.market(json!({}), 1).await;
    let own = signer.sign(false);
    set(&house.key(0, Role::Admin), &own, "buyer", "10", None).await;
    let heard = timeout(PATIENCE, refused(&house, &own, b"dce_nokey0000000_wrong")).await.unwrap();
    assert_eq!(heard, Fault::KeyUnknown.code());
    assert!(connect(&house, &own).await.is_ok(), "by itself it counts");
}
