//! Settings of identity: what signs tokens, who else may issue them, and how often one may ask.

use std::path::PathBuf;
use std::time::Duration;

use super::{ConfigError, Environment, Values, rule};

/// Makes a key that signs tokens.
const KEY_COMMAND: &str = if cfg!(feature = "rest") {
    "dce signing-key create --out jwt-key.pem"
} else {
    "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out jwt-key.pem"
};

/// How tokens are made and taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecuritySettings {
    /// Who set a symmetric secret, which is never used. What it was is not kept.
    pub symmetric_secret: Option<String>,
    /// The RSA key that signs tokens (PEM). In development, one is made when there is none.
    pub private_key: Option<PathBuf>,
    /// How long an access token is valid.
    pub token_expiry: Duration,
    /// How long a refresh token is valid.
    pub refresh_expiry: Duration,
    /// `iss` of our tokens; none for the address the REST front listens on.
    pub issuer: Option<String>,
    /// `aud` of our tokens, and of all that are taken.
    pub audience: String,
    /// Who else may issue tokens.
    pub issuers: Vec<Issuer>,
    /// Whether people may register themselves.
    pub registration: bool,
    /// How often one may ask.
    pub rate_limit: RateLimit,
}

/// Somebody else who issues tokens that are taken here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// `iss` of its tokens, letter by letter.
    pub url: String,
    /// Its key set (JWKS), as a file.
    pub keys: PathBuf,
}

/// Requests of one principal, and of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// A second, in the long run.
    pub requests_per_second: u32,
    /// At once.
    pub burst_size: u32,
}

impl SecuritySettings {
    pub(super) fn from_values(values: &Values, environment: Environment) -> Result<Self, ConfigError> {
        let given = |path| Some(values.text(path)).filter(|text| !text.is_empty());
        let private_key = given("security.jwt_private_key").map(PathBuf::from);
        let symmetric_secret = given("security.jwt_secret").map(|_| values.source("security.jwt_secret").to_string());
        if let (Some(source_name), Environment::Production, None) = (&symmetric_secret, environment, &private_key) {
            let source_name = source_name.clone();
            return Err(ConfigError::SymmetricSecret { source_name, command: KEY_COMMAND });
        }
        let length = |path| rule::duration(values.text(path)).ok_or_else(|| values.refuse(path));
        let number = |path| values.number(path).try_into().map_err(|_| values.refuse(path));
        Ok(Self {
            symmetric_secret,
            private_key,
            token_expiry: length("security.token_expiry")?,
            refresh_expiry: length("security.refresh_expiry")?,
            issuer: given("security.issuer").map(str::to_owned),
            audience: values.text("security.audience").to_owned(),
            issuers: issuers(values),
            registration: values.flag("security.registration"),
            rate_limit: RateLimit {
                requests_per_second: number("security.rate_limit.requests_per_second")?,
                burst_size: number("security.rate_limit.burst_size")?,
            },
        })
    }
}

fn issuers(values: &Values) -> Vec<Issuer> {
    let pairs = rule::list(values.text("security.issuers")).filter_map(rule::pair);
    pairs.map(|(url, keys)| Issuer { url: url.to_owned(), keys: PathBuf::from(keys) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    const SECRET: &str = "canary-2f1c9a";

    fn load(flags: &[(&str, &str)]) -> Result<SecuritySettings, ConfigError> {
        let flags: Vec<(&str, String)> = flags.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
        Settings::from_values(&Values::load(None, [], &flags)?).map(|settings| settings.security)
    }

    #[test]
    fn a_symmetric_secret_is_noticed_and_not_kept() {
        let settings = load(&[("security.jwt_secret", SECRET)]).unwrap();
        assert_eq!(settings.symmetric_secret.as_deref(), Some("from the command line"));
        assert!(!format!("{settings:?}").contains(SECRET));
    }

    #[test]
    fn production_stops_at_a_symmetric_secret_and_says_what_makes_a_key() {
        let production = ("environment", "production");
        let refused = load(&[production, ("security.jwt_secret", SECRET)]).unwrap_err().to_string();
        let words = ["security.jwt_secret", "from the command line", KEY_COMMAND, "security.jwt_private_key"];
        assert!(words.iter().all(|word| refused.contains(word)) && !refused.contains(SECRET), "{refused}");
        let with_key = [production, ("security.jwt_secret", SECRET), ("security.jwt_private_key", "key.pem")];
        assert!(load(&with_key).unwrap().symmetric_secret.is_some());
    }

    #[test]
    fn other_issuers_are_named_with_their_key_sets() {
        let settings = load(&[("security.issuers", "https://id.example.com/?a=b=/etc/dce/id.json")]).unwrap();
        let issuer = Issuer { url: "https://id.example.com/?a=b".to_owned(), keys: "/etc/dce/id.json".into() };
        assert_eq!(settings.issuers, [issuer]);
        for wrong in ["https://id.example.com", "=file", "https://id.example.com="] {
            let refused = load(&[("security.issuers", wrong)]).unwrap_err();
            assert!(matches!(refused, ConfigError::Value { path: "security.issuers", .. }), "{wrong}");
        }
    }

    #[test]
    fn lengths_of_time_end_at_their_bounds() {
        assert_eq!(load(&[("security.token_expiry", "24h")]).unwrap().token_expiry, Duration::from_secs(86_400));
        let refused = load(&[("security.token_expiry", "25h")]).unwrap_err().to_string();
        assert!(refused.contains("security.token_expiry") && refused.contains("86400 seconds"), "{refused}");
    }
}
