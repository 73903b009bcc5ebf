//! Signed tokens at the level of the signature: RS256 and nothing else, with keys we were given and never with one that
//! a token names or brings.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hashbrown::HashMap;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;

use super::fault::TokenFault;

/// Bytes of a token at most.
pub(crate) const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// Bytes of a key set at most.
pub(crate) const KEY_SET_BYTES_MAX: u64 = 64 * 1024;
/// Keys of a set at most.
const KEYS_MAX: usize = 32;
const KID_BYTES_MAX: usize = 128;
const HEADER_BYTES_MAX: usize = 1_024;
/// Bits of a modulus.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;

/// A public key that checks signatures by RS256.
#[derive(Clone)]
pub(crate) struct PublicKey {
    key: DecodingKey,
}

/// Public keys by their `kid`.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeySet {
    keys: HashMap<String, PublicKey>,
}

/// Why a key, or a set of keys, is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// It is no key set in JSON, or larger than one may be.
    #[error("it is no key set (RFC 7517) of at most 64 KiB and 32 keys")]
    Malformed,
    /// A private key among keys that are published.
    #[error("it holds a private key: take it out, and make another, for this one may have been seen")]
    Private,
    /// The key is for another algorithm than RS256.
    #[error("it is not for RS256")]
    Algorithm,
    /// The key is not for checking signatures.
    #[error("it is not for checking signatures")]
    Use,
    /// The modulus or the exponent is not one of a key that is taken.
    #[error("its modulus must have 2048 to 8192 bits, and its exponent be odd and at least 65537")]
    Size,
    /// Two keys of one name.
    #[error("two of its keys have the same kid")]
    Repeated,
    /// No key of the set can be used.
    #[error("it holds no RSA key for RS256 with a kid")]
    Empty,
}

/// A key as JSON has it (RFC 7517). What is not named here does not matter to us.
#[derive(Deserialize)]
pub(crate) struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    n: Option<String>,
    e: Option<String>,
    d: Option<serde::de::IgnoredAny>,
    p: Option<serde::de::IgnoredAny>,
    q: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct JwkSet {
    keys: Vec<Jwk>,
}

/// What a token says about itself. Nothing in it is followed: `jku`, `x5u`, `jwk` and the like are not even read.
#[derive(Debug, Deserialize)]
pub(crate) struct Header {
    alg: String,
    pub(crate) kid: Option<String>,
    pub(crate) typ: Option<String>,
    crit: Option<serde::de::IgnoredAny>,
    b64: Option<serde::de::IgnoredAny>,
}

/// A token taken apart. Nothing of it may be believed before [`verify`](Self::verify).
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) header: Header,
    signed: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl PublicKey {
    /// Takes a key that is for checking signatures by RS256.
    pub(crate) fn from_jwk(jwk: &Jwk) -> Result<Self, KeyFault> {
        let (Some(n), Some(e), "RSA") = (&jwk.n, &jwk.e, jwk.kty.as_str()) else { return Err(KeyFault::Algorithm) };
        if jwk.alg.as_deref().is_some_and(|alg| alg != "RS256") {
            return Err(KeyFault::Algorithm);
        }
        let may_verify = |operations: &Vec<String>| operations.iter().any(|operation| operation == "verify");
        if jwk.usage.as_deref().is_some_and(|usage| usage != "sig") || !jwk.key_ops.as_ref().is_none_or(may_verify) {
            return Err(KeyFault::Use);
        }
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyFault::Size);
        let (modulus, exponent) = (decode(n)?, decode(e)?);
        let bits = modulus.len() * 8 - modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
        let exponent_is_good = match exponent.as_slice() {
            // 65537 and above, and odd; no larger than anybody's software takes.
            [rest @ .., last] => (2..=3).contains(&rest.len()) && rest[0] != 0 && last % 2 == 1,
            [] => false,
        };
        if !MODULUS_BITS.contains(&bits) || !exponent_is_good {
            return Err(KeyFault::Size);
        }
        Ok(Self { key: DecodingKey::from_rsa_raw_components(&modulus, &exponent) })
    }
}

/// A key is public, and long.
impl std::fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PublicKey")
    }
}

impl KeySet {
    /// Reads a key set. Keys for something else are passed over; there must be one for RS256.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, KeyFault> {
        if json.len() as u64 > KEY_SET_BYTES_MAX {
            return Err(KeyFault::Malformed);
        }
        let set: JwkSet = serde_json::from_slice(json).map_err(|_| KeyFault::Malformed)?;
        if set.keys.len() > KEYS_MAX {
            return Err(KeyFault::Malformed);
        }
        let mut keys = HashMap::new();
        for jwk in &set.keys {
            if jwk.d.is_some() || jwk.p.is_some() || jwk.q.is_some() {
                return Err(KeyFault::Private);
            }
            let kid = jwk.kid.as_ref().filter(|kid| (1..=KID_BYTES_MAX).contains(&kid.len()));
            if let (Some(kid), Ok(key)) = (kid, PublicKey::from_jwk(jwk))
                && keys.insert(kid.clone(), key).is_some()
            {
                return Err(KeyFault::Repeated);
            }
        }
        if keys.is_empty() { Err(KeyFault::Empty) } else { Ok(Self { keys }) }
    }

    /// The key of this name, letter by letter.
    pub(crate) fn get(&self, kid: &str) -> Option<&PublicKey> {
        self.keys.get(kid)
    }
}

impl<'a> Parts<'a> {
    /// Takes a token in compact form apart.
    pub(crate) fn of(token: &'a str) -> Result<Self, TokenFault> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenFault::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenFault::Malformed)?;
        if header.len() > HEADER_BYTES_MAX || payload.contains('.') {
            return Err(TokenFault::Malformed);
        }
        let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| TokenFault::Malformed)?;
        let header: Header = serde_json::from_slice(&header).map_err(|_| TokenFault::Malformed)?;
        if header.alg != "RS256" {
            return Err(TokenFault::Algorithm);
        }
        if header.crit.is_some() || header.b64.is_some() {
            return Err(TokenFault::Critical);
        }
        Ok(Self { header, signed, payload, signature })
    }

    /// The bytes that were signed as the payload, if they were signed with this key.
    pub(crate) fn verify(&self, key: &PublicKey) -> Result<Vec<u8>, TokenFault> {
        let is_right = crypto::verify(self.signature, self.signed.as_bytes(), &key.key, Algorithm::RS256);
        if is_right != Ok(true) {
            return Err(TokenFault::Signature);
        }
        URL_SAFE_NO_PAD.decode(self.payload).map_err(|_| TokenFault::Malformed)
    }
}
