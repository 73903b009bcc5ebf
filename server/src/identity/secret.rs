//! An API key as its owner holds it: `dce_`, a public prefix that finds it, `_`, and the secret.

use std::fmt;

use ring::rand::{SecureRandom, SystemRandom};

/// Letters of the public part: 60 bits.
pub(super) const PREFIX_LETTERS: usize = 12;
/// Letters of the secret part: 200 bits, so a fast hash of it is enough.
const SECRET_LETTERS: usize = 40;
const MARK: &str = "dce_";
const LENGTH: usize = MARK.len() + PREFIX_LETTERS + 1 + SECRET_LETTERS;
/// Thirty-two letters and digits that cannot be taken for one another.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// An API key with its secret. Shown once; `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// The text is no API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an API key: one reads dce_, twelve letters, _, forty letters; make one with `dce key create`")]
pub struct SecretError;

impl Secret {
    /// A new one from the system's random numbers.
    ///
    /// # Errors
    ///
    /// When the system has none.
    pub fn generate() -> Result<Self, SecretError> {
        let (prefix, secret) = (letters::<PREFIX_LETTERS>()?, letters::<SECRET_LETTERS>()?);
        Ok(Self(format!("{MARK}{prefix}_{secret}")))
    }

    /// Reads one, blanks around it ignored.
    ///
    /// # Errors
    ///
    /// When it has another shape.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        prefix_of(text.as_bytes()).map(|_| Self(text.to_owned()))
    }

    /// The whole text, as a client sends it. Handle with care.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The public part.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.0[MARK.len()..MARK.len() + PREFIX_LETTERS]
    }
}

/// Never the secret itself, so that no log can hold it.
impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secret({MARK}{}_…)", self.prefix())
    }
}

/// So many random letters, of five bits each.
pub(super) fn letters<const N: usize>() -> Result<String, SecretError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| SecretError)?;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
}

/// Whether a text is so many of them.
#[cfg(feature = "rest")]
pub(super) fn is_letters(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// The public part of what a client sent, if it has the shape of a key at all.
pub(super) fn prefix_of(key: &[u8]) -> Result<&str, SecretError> {
    let rest = key.strip_prefix(MARK.as_bytes()).filter(|_| key.len() == LENGTH).ok_or(SecretError)?;
    let (prefix, secret) = rest.split_at(PREFIX_LETTERS);
    let secret = secret.strip_prefix(b"_").ok_or(SecretError)?;
    let known = |bytes: &[u8]| bytes.iter().all(|byte| ALPHABET.contains(byte));
    if known(prefix) && known(secret) { std::str::from_utf8(prefix).map_err(|_| SecretError) } else { Err(SecretError) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_reads_back_and_no_two_are_the_same() {
        let (one, two) = (Secret::generate().unwrap(), Secret::generate().unwrap());
        assert_ne!(one, two);
        assert_eq!(Secret::parse(&format!(" {}\n", one.expose())).unwrap(), one);
        assert_eq!(one.expose().len(), LENGTH);
    }

    #[test]
    fn debug_shows_the_prefix_only() {
        let key = Secret::generate().unwrap();
        let shown = format!("{key:?}");
        assert!(shown.contains(key.prefix()));
        assert!(!shown.contains(&key.expose()[LENGTH - SECRET_LETTERS..]));
    }

    #[test]
    fn what_has_another_shape_is_no_key() {
        let key = Secret::generate().unwrap();
        let key = key.expose();
        for wrong in ["", "dce_", &key[..LENGTH - 1], &format!("{key}0"), &key.replacen("dce", "abc", 1)] {
            assert_eq!(Secret::parse(wrong), Err(SecretError), "{wrong}");
        }
        assert_eq!(prefix_of(&[0xff; LENGTH]), Err(SecretError));
        let mut upper = key.as_bytes().to_vec();
        upper[LENGTH - 1] = b'U';
        assert_eq!(prefix_of(&upper), Err(SecretError));
    }
}
