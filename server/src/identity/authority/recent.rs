//! What tokens are judged by again and again, in memory: who their programs and people are, and which signatures were found
//! right.
//!
//! The store is asked once for each and after each change, and a signature is computed once for each token: the rest of a
//! token (when it ends, whom it is for, whether its program or its person is still good for it) is judged each time it
//! comes. sled has one lock for all databases of a process, which whoever writes a batch holds: a request is not to wait
//! for the history.

use std::hash::Hash;
use std::sync::Arc;

use hashbrown::HashMap;
use parking_lot::RwLock;
use ring::digest::{SHA256, digest};

use super::claims::Claims;
use super::fault::Denied;

/// What is remembered at a time; one more, and all is looked for again.
const KEPT_MAX: usize = 4_096;

/// Rows of the store as they were last read.
#[derive(Debug)]
pub(super) struct Recent<K, T>(RwLock<HashMap<K, Arc<T>>>);

impl<K, T> Default for Recent<K, T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Hash + Eq, T> Recent<K, T> {
    /// What is known under a key, or else what `load` finds. That nothing is there is not remembered.
    pub(super) fn get<Q>(
        &self,
        key: &Q,
        load: impl FnOnce() -> Result<Option<T>, Denied>,
    ) -> Result<Option<Arc<T>>, Denied>
    where
        Q: Hash + hashbrown::Equivalent<K> + ToOwned<Owned = K> + ?Sized,
    {
        if let Some(known) = self.0.read().get(key) {
            return Ok(Some(Arc::clone(known)));
        }
        // Held while the store is read: what is forgotten meanwhile is forgotten after it was remembered.
        let mut kept = self.0.write();
        let Some(loaded) = load()?.map(Arc::new) else { return Ok(None) };
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(key.to_owned(), Arc::clone(&loaded));
        Ok(Some(loaded))
    }

    /// A key's row was changed: called when the store has it, before anybody is told.
    pub(super) fn forget<Q: Hash + hashbrown::Equivalent<K> + ?Sized>(&self, key: &Q) {
        self.0.write().remove(key);
    }
}

/// Tokens of our own whose signature was found right, by their hashes: nobody reads a token out of memory.
#[derive(Debug, Default)]
pub(super) struct Signed(RwLock<HashMap<[u8; 32], Arc<SignedToken>>>);

/// What such a token says.
#[derive(Debug)]
pub(super) struct SignedToken {
    pub(super) claims: Claims,
    /// Which reading of the keys found it right: with other keys it is looked at again.
    keys: u64,
}

impl Signed {
    /// What a token says, if its signature was found right with these keys.
    pub(super) fn find(&self, hash: &[u8; 32], keys: u64) -> Option<Arc<SignedToken>> {
        self.0.read().get(hash).filter(|token| token.keys == keys).cloned()
    }

    /// Its signature was found right with these keys.
    pub(super) fn remember(&self, hash: [u8; 32], claims: Claims, keys: u64, now: u64) -> Arc<SignedToken> {
        let token = Arc::new(SignedToken { claims, keys });
        let mut kept = self.0.write();
        if kept.len() >= KEPT_MAX {
            kept.retain(|_, token| token.keys == keys && token.claims.exp > now);
        }
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(hash, Arc::clone(&token));
        token
    }
}

/// By what a token is remembered.
pub(super) fn hash_of(token: &str) -> [u8; 32] {
    let hash = digest(&SHA256, token.as_bytes());
    hash.as_ref().try_into().expect("Invariant: SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn a_row_is_read_once_and_again_after_a_change_and_never_are_there_too_many() {
        let (recent, reads) = (Recent::<String, u32>::default(), Cell::new(0));
        let load = |found| {
            reads.set(reads.get() + 1);
            Ok(found)
        };
        assert_eq!(recent.get("a", || load(None)).unwrap(), None);
        for _ in 0..3 {
            assert_eq!(recent.get("a", || load(Some(7))).unwrap().as_deref(), Some(&7));
        }
        assert_eq!(reads.get(), 2, "that it was not there is asked again");
        recent.forget("a");
        assert_eq!(recent.get("a", || load(Some(8))).unwrap().as_deref(), Some(&8));
        assert!(recent.get("b", || Err(Denied::Store)).is_err());
        for number in 0..2 * KEPT_MAX {
            recent.get(number.to_string().as_str(), || Ok(Some(0))).unwrap();
        }
        assert!(recent.0.read().len() <= KEPT_MAX);
    }
}
