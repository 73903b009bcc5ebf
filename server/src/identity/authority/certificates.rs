//! Client certificates: whose each is, set by an admin by its fingerprint. TLS says that a certificate is good, and of
//! somebody who has its key; the store says who that is.

use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Authority;
use super::fault::Denied;
use super::people::{account, role};
use super::store::{CERTIFICATES_MAX, CertificateRecord, Kept};
use crate::identity::{Action, Fingerprint, Grant, Principal, Scopes};

/// Certificates of a page at most.
const PAGE_MAX: usize = 100;
/// Hexadecimal digits of a fingerprint.
const DIGITS: usize = 64;

/// Whose a certificate is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateRequest {
    /// SHA-256 of the whole certificate (DER): 64 hexadecimal digits, with or without colons, as `openssl x509
    /// -fingerprint -sha256` prints them.
    pub fingerprint: String,
    /// What its holder may do.
    pub role: String,
    /// The account it acts for.
    pub account: String,
    /// What it is good for: scopes with blanks between them. Left out, all that the role may.
    pub scope: Option<String>,
}

/// A certificate, as an admin sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CertificateAnswer {
    /// Its fingerprint, without colons.
    pub fingerprint: String,
    /// Its role.
    pub role: &'static str,
    /// Its account.
    pub account: String,
    /// Its scopes.
    pub scope: String,
}

impl Authority {
    /// Sets whose a certificate is, for an admin; it may have been somebody else's.
    ///
    /// # Errors
    ///
    /// `Forbidden`, a field against its rule, `Full`.
    pub fn set_certificate(
        &self,
        by: &Principal,
        request: &CertificateRequest,
        now: u64,
    ) -> Result<CertificateAnswer, Denied> {
        must(by)?;
        let fingerprint = read(&request.fingerprint)?;
        let (role, account) = (role(&request.role)?, account(&request.account)?);
        let scopes = request.scope.as_deref().map_or(Ok(Scopes::ALL), Scopes::parse);
        let scopes = scopes.map_err(|error| Denied::field("scope", error.to_string()))?;
        if scopes.is_empty() {
            return Err(Denied::field("scope", format!("some of: {}", Scopes::ALL)));
        }
        let record = CertificateRecord { role: Kept(role), account: Kept(account), scopes: Kept(scopes), made_at: now };
        let mut counts = self.store.alone();
        let is_new = self.store.certificate(&fingerprint)?.is_none();
        if is_new && counts.certificates >= CERTIFICATES_MAX {
            return Err(Denied::Full { what: "certificates", max: CERTIFICATES_MAX });
        }
        self.store.put_certificate(&fingerprint, &record)?;
        self.certificates_changed();
        counts.certificates += usize::from(is_new);
        Ok(shown(fingerprint, &record))
    }

    /// Certificates after a fingerprint, in order, for an admin.
    ///
    /// # Errors
    ///
    /// `Forbidden`.
    pub fn certificates(&self, by: &Principal, after: &str) -> Result<Vec<CertificateAnswer>, Denied> {
        must(by)?;
        let found = self.store.certificates(after, PAGE_MAX)?;
        Ok(found.into_iter().map(|(fingerprint, record)| shown(fingerprint, &record)).collect())
    }

    /// Takes a certificate out, for an admin: from now on it is nobody's.
    ///
    /// # Errors
    ///
    /// `Forbidden`, `Unknown`.
    pub fn remove_certificate(&self, by: &Principal, fingerprint: &str) -> Result<(), Denied> {
        must(by)?;
        let fingerprint = read(fingerprint).map_err(|_| Denied::Unknown("certificate"))?;
        let mut counts = self.store.alone();
        self.store.certificate(&fingerprint)?.ok_or(Denied::Unknown("certificate"))?;
        self.store.remove_certificate(&fingerprint)?;
        self.certificates_changed();
        counts.certificates = counts.certificates.saturating_sub(1);
        Ok(())
    }

    /// How often it was said whose certificates are: who keeps a session looks again when it has changed.
    pub(crate) fn certificates_version(&self) -> u64 {
        self.certificates_version.load(Ordering::Acquire)
    }

    pub(super) fn certificates_changed(&self) {
        self.certificates_version.fetch_add(1, Ordering::AcqRel);
    }

    /// Whose a certificate is that a client showed.
    ///
    /// # Errors
    ///
    /// `CertificateUnknown`.
    pub fn verify_certificate(&self, fingerprint: Fingerprint) -> Result<Principal, Denied> {
        let text = fingerprint.to_string();
        let record = self.store.certificate(&text)?.ok_or(Denied::CertificateUnknown)?;
        let prefix = super::prefix(text.get(..12).unwrap_or_default())?;
        Ok(Principal { account: record.account.0, role: record.role.0, scopes: record.scopes.0, prefix })
    }
}

fn must(by: &Principal) -> Result<(), Denied> {
    if by.grant(Action::ManageCertificates) == Grant::Any { Ok(()) } else { Err(Denied::Forbidden) }
}

/// A fingerprint as somebody wrote it, as it is kept.
fn read(text: &str) -> Result<String, Denied> {
    // Longer ones are not looked at.
    let digits: String = text.chars().take(3 * DIGITS).filter(|letter| *letter != ':').collect();
    let is_whole = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let rule = "the SHA-256 of the certificate: 64 hexadecimal digits, with or without colons";
    if is_whole { Ok(digits.to_ascii_lowercase()) } else { Err(Denied::field("fingerprint", rule)) }
}

fn shown(fingerprint: String, record: &CertificateRecord) -> CertificateAnswer {
    let (role, account) = (record.role.0.name(), record.account.0.0.to_string());
    CertificateAnswer { fingerprint, role, account, scope: record.scopes.0.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_reads_back_however_it_was_written() {
        let text = Fingerprint::of(b"certificate").to_string();
        let pairs: Vec<&str> = (0..32).map(|nth| &text[2 * nth..2 * nth + 2]).collect();
        for written in [text.clone(), text.to_uppercase(), pairs.join(":").to_uppercase()] {
            assert_eq!(read(&written).unwrap(), text);
        }
        for wrong in ["", &text[1..], &format!("{text}0"), &text.replace(|c: char| c.is_ascii_digit(), "g")] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
