//! People's passwords: Argon2id with the installation's pepper, a few at a time, and the same time whether a person
//! exists or not.

use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use parking_lot::{Condvar, Mutex};

use super::fault::Denied;

/// Letters of a password; NIST SP 800-63B asks for 8, and for nothing about their kind.
pub(super) const LETTERS_MIN: usize = 12;
/// Bytes of a password at most, so that nobody makes us hash a book.
pub(super) const BYTES_MAX: usize = 256;
/// Memory of one hash in KiB, passes and lanes: OWASP's first choice.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Hashes under way: each takes its memory and a core for some tens of milliseconds.
const AT_ONCE_MAX: usize = 2;
/// How long one may wait for its turn.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// Hashes passwords.
pub(super) struct Passwords {
    pepper: Vec<u8>,
    /// What a stranger's password is compared with, so that it takes as long.
    nobody: String,
    under_way: Mutex<usize>,
    one_done: Condvar,
}

impl Passwords {
    /// With the installation's pepper.
    pub(super) fn new(pepper: &[u8]) -> Result<Self, Denied> {
        let mut passwords =
            Self { pepper: pepper.to_vec(), nobody: String::new(), under_way: Mutex::new(0), one_done: Condvar::new() };
        passwords.nobody = passwords.hash("nobody's password is this")?;
        Ok(passwords)
    }

    /// A hash to keep, in PHC form with its salt.
    pub(super) fn hash(&self, password: &str) -> Result<String, Denied> {
        self.in_turn(|| {
            let hashed = self.argon()?.hash_password(password.as_bytes());
            hashed.map(|hash| hash.to_string()).map_err(|_| Denied::Store)
        })
    }

    /// Whether this is the password that was hashed; of nobody, it never is.
    pub(super) fn is_right(&self, password: &str, hash: Option<&str>) -> Result<bool, Denied> {
        // What is longer than any password is none, and is not hashed either.
        if password.len() > BYTES_MAX {
            return Ok(false);
        }
        self.in_turn(|| {
            let kept = PasswordHash::new(hash.unwrap_or(&self.nobody)).map_err(|_| Denied::Store)?;
            let is_right = self.argon()?.verify_password(password.as_bytes(), &kept).is_ok();
            Ok(is_right && hash.is_some())
        })
    }

    fn argon(&self) -> Result<Argon2<'_>, Denied> {
        let (memory, passes, lanes) = COST;
        let params = Params::new(memory, passes, lanes, None).map_err(|_| Denied::Store)?;
        Argon2::new_with_secret(&self.pepper, Algorithm::Argon2id, Version::V0x13, params).map_err(|_| Denied::Store)
    }

    fn in_turn<T>(&self, work: impl FnOnce() -> Result<T, Denied>) -> Result<T, Denied> {
        {
            let mut under_way = self.under_way.lock();
            let full = |under_way: &mut usize| *under_way >= AT_ONCE_MAX;
            if self.one_done.wait_while_for(&mut under_way, full, WAIT_MAX).timed_out() && full(&mut under_way) {
                return Err(Denied::TooMany { after: WAIT_MAX });
            }
            *under_way += 1;
        }
        let done = work();
        *self.under_way.lock() -= 1;
        self.one_done.notify_one();
        done
    }
}

/// Without the pepper.
impl std::fmt::Debug for Passwords {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Passwords").finish_non_exhaustive()
    }
}

/// Whether a new password may be one.
pub(super) fn judge(password: &str, email: &str) -> Result<(), Denied> {
    let letters = password.chars().count();
    let is_the_email = password.to_lowercase().contains(&email.to_lowercase());
    if letters < LETTERS_MIN || password.len() > BYTES_MAX || is_the_email {
        let rule = format!("of at least {LETTERS_MIN} letters and at most {BYTES_MAX} bytes, without the e-mail in it");
        return Err(Denied::field("password", rule));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_as_argon2id_with_a_salt_and_checked_with_the_pepper() {
        let passwords = Passwords::new(b"pepper").unwrap();
        let (one, other) = (passwords.hash("correct horse").unwrap(), passwords.hash("correct horse").unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && one != other, "{one}");
        assert_eq!(passwords.is_right("correct horse", Some(&one)), Ok(true));
        assert_eq!(passwords.is_right("correct horsf", Some(&one)), Ok(false));
        let elsewhere = Passwords::new(b"another pepper").unwrap();
        assert_eq!(elsewhere.is_right("correct horse", Some(&one)), Ok(false));
    }

    #[test]
    fn nobody_has_a_password() {
        let passwords = Passwords::new(b"pepper").unwrap();
        assert_eq!(passwords.is_right("nobody's password is this", None), Ok(false));
        assert_eq!(passwords.is_right(&"x".repeat(BYTES_MAX + 1), None), Ok(false));
    }

    #[test]
    fn a_password_is_long_enough_and_not_the_address() {
        assert_eq!(judge("twelve lettr", "a@b.c"), Ok(()));
        for wrong in ["eleven lett", &"x".repeat(BYTES_MAX + 1), "Jo@Example.COM is me"] {
            assert!(matches!(judge(wrong, "jo@example.com"), Err(Denied::Field { .. })), "{wrong}");
        }
    }

    #[test]
    fn no_more_are_hashed_at_once_than_may_be() {
        let passwords = Passwords::new(b"pepper").unwrap();
        *passwords.under_way.lock() = AT_ONCE_MAX;
        assert!(matches!(passwords.hash("correct horse"), Err(Denied::TooMany { .. })));
        *passwords.under_way.lock() = AT_ONCE_MAX - 1;
        assert!(passwords.hash("correct horse").is_ok());
    }
}
