//! What a token says, and whether that is acceptable now (RFC 7519, RFC 8725, RFC 9068).

use serde::{Deserialize, Serialize};

use super::fault::TokenFault;

/// How far clocks may be apart.
const SKEW_SECONDS: u64 = 60;
/// The longest life of a token of our own, and of one that somebody else issued.
const LIFE_SECONDS_MAX: (u64, u64) = (86_400, 7 * 86_400);
const AUDIENCES_MAX: usize = 16;

/// Claims of an access token, as we make and as we take them. A date is a whole number of seconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: String,
    pub(super) aud: Audience,
    pub(super) exp: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) iat: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) nbf: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) jti: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) client_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<String>,
    /// How often its person has taken back all tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ver: Option<u32>,
}

/// One audience, or several.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Claims {
    /// Reads claims; one that is given twice, or of another kind, is a fault.
    pub(super) fn read(payload: &[u8]) -> Result<Self, TokenFault> {
        serde_json::from_slice(payload).map_err(|_| TokenFault::Claims)
    }

    /// Judges them at a moment.
    pub(super) fn judge(&self, issuer: &str, audience: &str, is_ours: bool, now: u64) -> Result<(), TokenFault> {
        if self.iss != issuer {
            return Err(TokenFault::Issuer);
        }
        let is_for_us = match &self.aud {
            Audience::One(one) => one == audience,
            Audience::Several(several) => several.len() <= AUDIENCES_MAX && several.iter().any(|one| one == audience),
        };
        if !is_for_us {
            return Err(TokenFault::Audience);
        }
        let soon = now.saturating_add(SKEW_SECONDS);
        if self.exp.saturating_add(SKEW_SECONDS) <= now {
            return Err(TokenFault::Expired);
        }
        if self.nbf.is_some_and(|nbf| nbf > soon) || self.iat.is_some_and(|iat| iat > soon) {
            return Err(TokenFault::NotYet);
        }
        let life = if is_ours { LIFE_SECONDS_MAX.0 } else { LIFE_SECONDS_MAX.1 };
        if self.exp > soon.saturating_add(life) {
            return Err(TokenFault::Lifetime);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_764_000_000;

    fn judge(change: impl FnOnce(&mut serde_json::Value)) -> Result<(), TokenFault> {
        let mut claims = serde_json::json!({
            "iss": "https://here", "sub": "user:4j9m2x7k0q8w", "aud": "dce", "exp": NOW + 900, "iat": NOW, "nbf": NOW,
        });
        change(&mut claims);
        Claims::read(&serde_json::to_vec(&claims).unwrap())?.judge("https://here", "dce", true, NOW)
    }

    #[test]
    fn what_is_right_is_taken_and_clocks_may_be_a_minute_apart() {
        assert_eq!(judge(|_| {}), Ok(()));
        assert_eq!(judge(|claims| claims["exp"] = (NOW - 59).into()), Ok(()));
        assert_eq!(judge(|claims| claims["nbf"] = (NOW + 60).into()), Ok(()));
        assert_eq!(judge(|claims| claims["aud"] = serde_json::json!(["other", "dce"])), Ok(()));
        assert_eq!(judge(|claims| claims["unknown"] = serde_json::json!({"a": [1, 2]})), Ok(()));
    }

    #[test]
    fn each_claim_that_is_wrong_is_a_fault_of_its_own() {
        use TokenFault::{Audience, Expired, Issuer, Lifetime, NotYet};
        for (name, value, fault) in [
            ("exp", serde_json::json!(NOW - 60), Expired),
            ("exp", serde_json::json!(0), Expired),
            ("nbf", serde_json::json!(NOW + 61), NotYet),
            ("iat", serde_json::json!(NOW + 61), NotYet),
            ("exp", serde_json::json!(NOW + 86_400 + 61), Lifetime),
            ("exp", serde_json::json!(u64::MAX), Lifetime),
            ("iss", serde_json::json!("https://there"), Issuer),
            ("iss", serde_json::json!("https://here/"), Issuer),
            ("aud", serde_json::json!("dc"), Audience),
            ("aud", serde_json::json!([]), Audience),
            ("aud", serde_json::json!(vec!["dce"; AUDIENCES_MAX + 1]), Audience),
        ] {
            assert_eq!(judge(|claims| claims[name] = value.clone()), Err(fault), "{name} {value}");
        }
    }

    #[test]
    fn a_claim_of_another_kind_or_none_is_no_claim() {
        for (name, value) in [
            ("exp", serde_json::json!(null)),
            ("exp", serde_json::json!("1764000900")),
            ("exp", serde_json::json!(-1)),
            ("exp", serde_json::json!(1.5)),
            ("nbf", serde_json::json!("0")),
            ("nbf", serde_json::json!([0])),
            ("iat", serde_json::json!(true)),
            ("sub", serde_json::json!(7)),
            ("aud", serde_json::json!({"dce": 1})),
        ] {
            assert_eq!(judge(|claims| claims[name] = value.clone()), Err(TokenFault::Claims), "{name} {value}");
        }
        for missing in ["iss", "sub", "aud", "exp"] {
            let without = judge(|claims| drop(claims.as_object_mut().unwrap().remove(missing)));
            assert_eq!(without, Err(TokenFault::Claims), "{missing}");
        }
        let twice = br#"{"iss":"a","sub":"b","aud":"dce","exp":1,"exp":99999999999}"#;
        assert_eq!(Claims::read(twice).unwrap_err(), TokenFault::Claims);
        let huge = format!(r#"{{"iss":"a","sub":"b","aud":"dce","exp":1{}}}"#, "0".repeat(400));
        assert_eq!(Claims::read(huge.as_bytes()).unwrap_err(), TokenFault::Claims);
        assert_eq!(Claims::read(b"[]").unwrap_err(), TokenFault::Claims);
    }
}
