//! Parameters of OAuth requests: each at most once (RFC 6749, 3.1), and no more than any request needs.

use hashbrown::HashMap;

use super::oauth::OAuthError;

const BYTES_MAX: usize = 16 * 1024;
const PARAMETERS_MAX: usize = 32;

/// Parameters by name.
#[derive(Debug)]
pub(super) struct Form(HashMap<String, String>);

impl Form {
    /// Reads a query, or a body of the same form. A parameter without a value counts as left out.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, OAuthError> {
        if bytes.len() > BYTES_MAX {
            return Err(OAuthError::InvalidRequest("too long"));
        }
        let mut form = HashMap::new();
        for (name, value) in form_urlencoded::parse(bytes) {
            if form.len() >= PARAMETERS_MAX {
                return Err(OAuthError::InvalidRequest("too many parameters"));
            }
            if form.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(OAuthError::InvalidRequest("a parameter is there twice"));
            }
        }
        form.retain(|_, value: &mut String| !value.is_empty());
        Ok(Self(form))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn must(&self, name: &'static str, missing: &'static str) -> Result<&str, OAuthError> {
        self.get(name).ok_or(OAuthError::InvalidRequest(missing))
    }
}
