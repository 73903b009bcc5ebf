//! A map whose copies share what they have in common: copying is one pointer, and a change copies one path.
//!
//! ```text
//!  root ── 16 branches ── 16 branches ── … ── leaves of a few entries        chosen by four bits of the key's hash each
//! ```
//!
//! The first change of a leaf after the map was copied clones the leaf and the branches above it; further changes find
//! them their own. The depth is fixed by the capacity, so nothing ever grows by a rehash that would pause somebody.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;

const FAN: usize = 16;
const FAN_LOG2: u32 = FAN.ilog2();
/// Entries a leaf holds on the average when the map is as full as was said.
const LEAF: usize = 16;

/// A map for many readers of old copies and one writer of the newest.
#[derive(Clone, Debug)]
pub(crate) struct Tree<K, V> {
    root: Arc<Node<K, V>>,
    len: usize,
    /// Keyed at random: ids come from outside, and nobody shall aim them at one leaf.
    hasher: RandomState,
}

#[derive(Clone, Debug)]
enum Node<K, V> {
    Branch([Arc<Self>; FAN]),
    Leaf(Vec<(K, V)>),
}

impl<K: Copy + Eq + Hash, V: Copy> Tree<K, V> {
    /// An empty map for about so many entries; more only make the leaves longer.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let mut depth = 0;
        while LEAF << (FAN_LOG2 * depth) < capacity {
            depth += 1;
        }
        // All branches start as the same one, so an empty map is small whatever its capacity.
        let leaf = Arc::new(Node::Leaf(Vec::new()));
        let root =
            (0..depth).fold(leaf, |below, _| Arc::new(Node::Branch(std::array::from_fn(|_| Arc::clone(&below)))));
        Self { root, len: 0, hasher: RandomState::new() }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let mut path = self.path(key);
        let mut node = &*self.root;
        loop {
            match node {
                Node::Branch(below) => node = &below[step(&mut path)],
                Node::Leaf(entries) => return entries.iter().find(|(known, _)| known == key).map(|(_, value)| value),
            }
        }
    }

    /// The value, to be changed.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.leaf_mut(key).iter_mut().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        let leaf = self.leaf_mut(&key);
        if let Some((_, kept)) = leaf.iter_mut().find(|(known, _)| *known == key) {
            *kept = value;
        } else {
            leaf.push((key, value));
            self.len += 1;
        }
    }

    pub(crate) fn remove(&mut self, key: &K) {
        let leaf = self.leaf_mut(key);
        if let Some(place) = leaf.iter().position(|(known, _)| known == key) {
            leaf.swap_remove(place);
            self.len -= 1;
        }
    }

    /// All entries, in no order that means anything.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let mut nodes = vec![&*self.root];
        let mut entries: std::slice::Iter<'_, (K, V)> = [].iter();
        std::iter::from_fn(move || {
            loop {
                if let Some((key, value)) = entries.next() {
                    return Some((key, value));
                }
                match nodes.pop()? {
                    Node::Branch(below) => nodes.extend(below.iter().map(|node| &**node)),
                    Node::Leaf(leaf) => entries = leaf.iter(),
                }
            }
        })
    }

    /// The leaf of a key, this map's own from now on.
    fn leaf_mut(&mut self, key: &K) -> &mut Vec<(K, V)> {
        let mut path = self.path(key);
        let mut node = Arc::make_mut(&mut self.root);
        loop {
            match node {
                Node::Branch(below) => node = Arc::make_mut(&mut below[step(&mut path)]),
                Node::Leaf(entries) => return entries,
            }
        }
    }

    fn path(&self, key: &K) -> u64 {
        self.hasher.hash_one(key)
    }
}

/// The branch to take, and the rest of the path.
const fn step(path: &mut u64) -> usize {
    let branch = *path as usize & (FAN - 1);
    *path >>= FAN_LOG2;
    branch
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn an_old_copy_stays_as_it_was() {
        let mut tree = Tree::with_capacity(10_000);
        for key in 0..1_000_u64 {
            tree.insert(key, key);
        }
        let old = tree.clone();
        for key in 0..1_000 {
            *tree.get_mut(&key).expect("it was put there") += 1;
        }
        tree.remove(&7);
        assert!((0..1_000).all(|key| old.get(&key) == Some(&key)));
        assert_eq!((tree.get(&7), tree.get(&8), tree.len(), old.len()), (None, Some(&9), 999, 1_000));
    }

    #[test]
    fn a_change_copies_a_path_and_shares_the_rest() {
        let mut tree = Tree::with_capacity(100_000);
        for key in 0..10_000_u64 {
            tree.insert(key, key);
        }
        let old = tree.clone();
        tree.insert(5, 0);
        let leaves = |tree: &Tree<u64, u64>| {
            let (mut nodes, mut leaves) = (vec![Arc::clone(&tree.root)], Vec::new());
            while let Some(node) = nodes.pop() {
                match &*node {
                    Node::Branch(below) => nodes.extend(below.iter().cloned()),
                    Node::Leaf(_) => leaves.push(Arc::as_ptr(&node) as usize),
                }
            }
            leaves
        };
        let (before, after) = (leaves(&old), leaves(&tree));
        let changed = before.iter().zip(&after).filter(|(before, after)| before != after).count();
        assert_eq!((before.len() > 1_000, changed), (true, 1));
    }

    proptest! {
        #[test]
        fn it_is_a_map(changes in prop::collection::vec((0..50_u8, prop::option::of(0..9_u32)), 0..400)) {
            let (mut tree, mut model, mut copies) = (Tree::with_capacity(40), BTreeMap::new(), Vec::new());
            for (key, value) in changes {
                if let Some(value) = value {
                    tree.insert(key, value);
                    model.insert(key, value);
                } else {
                    tree.remove(&key);
                    model.remove(&key);
                }
                if key == 0 {
                    copies.push((tree.clone(), model.clone()));
                }
            }
            copies.push((tree, model));
            for (tree, model) in copies {
                let all: BTreeMap<u8, u32> = tree.iter().map(|(key, value)| (*key, *value)).collect();
                prop_assert_eq!(&all, &model);
                prop_assert_eq!(tree.len(), model.len());
                prop_assert!((0..50).all(|key| tree.get(&key) == model.get(&key)));
            }
        }
    }
}
