//! What a session stands on: the key that its hello named, or the certificate that its connection showed.

use dce_protocol::Fault;

use crate::hub::Hub;
use crate::identity::{Fingerprint, Principal};

/// Who speaks, and by what it is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proof {
    pub(super) principal: Principal,
    /// The certificate, where no key was named.
    shown: Option<Fingerprint>,
}

impl Proof {
    /// By a key; where none is named, by the certificate. A key beside a certificate is what counts, and a wrong one is not
    /// mended by it.
    ///
    /// # Errors
    ///
    /// `KeyUnknown`, `CertificateUnknown`; `ServerFailed` where a certificate cannot be looked up.
    pub(super) fn of(hub: &Hub, key: &[u8], shown: Option<Fingerprint>) -> Result<Self, Fault> {
        match shown.filter(|_| key.is_empty()) {
            Some(shown) => Ok(Self { principal: hub.holders.holder(shown)?, shown: Some(shown) }),
            None => hub.keys.verify(key).map(|principal| Self { principal, shown: None }).ok_or(Fault::KeyUnknown),
        }
    }

    /// Whether it is still good for the same.
    ///
    /// # Errors
    ///
    /// What the session ends with.
    pub(super) fn look_again(&self, hub: &Hub) -> Result<(), Fault> {
        let (is_same, fault) = match self.shown {
            Some(shown) => (hub.holders.holder(shown)? == self.principal, Fault::CertificateUnknown),
            None => (hub.keys.is_valid(&self.principal), Fault::KeyUnknown),
        };
        if is_same { Ok(()) } else { Err(fault) }
    }
}
