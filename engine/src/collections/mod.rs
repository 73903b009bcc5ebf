//! Bounded containers: the only room that asks for memory, and it asks once.
//!
//! Every table claims all its memory in `new(capacity)`. From then on it neither grows nor shrinks: when it
//! is full it says so, and the caller turns that into a refusal with a name. A clone claims the same amount
//! again, so a copied table is as free of allocation as the first one.
//!
//! Invariant: what a container answers is a pure function of the operations applied to it. No clock, no
//! chance, no address in memory and no hash order decides anything, so the same log gives the same slots.
//! Nothing in this room knows what it holds; a word of the domain in here is a mistake.
//!
//! | file          | type         | question it answers                                     |
//! |---------------|--------------|---------------------------------------------------------|
//! | `slab`        | `Slab`       | where does a record live, and which slot is free next?  |
//! | `fixed_index` | `FixedIndex` | which slot belongs to this id of this owner?            |
//! | `tagged_index` | `TaggedIndex` | the same, where the record is looked at anyway         |
//! | `mixer`       | `Mixer`      | is this body the same as the one before?                |
//! | `deadlines`   | `Deadlines`  | what is due first?                                      |
//! | `fifo`        | `Fifo`       | what has waited longest?                                |
//! | `expiring`    | `Expiring`   | what is kept under this key, and is it still?           |
//! | `chains`      | `Chains`     | where is a list of any length, and is there room for it? |
//! | `list`        | `List`       | which few values does a command carry?                  |
//! | `top`         | `Top`        | which few of a long stream are best?                    |
//! | `recent`      | `Recent`     | what was said of this last, if not too long ago?        |
//!
//! Each has a `check` that verifies its own invariant, for tests, fuzzers and debug builds to call after
//! every step.

#![forbid(unsafe_code)]

pub(crate) mod slab;

pub(crate) mod fixed_index;

pub(crate) mod tagged_index;

pub(crate) mod mixer;

pub(crate) mod deadlines;

pub(crate) mod fifo;

pub(crate) mod expiring;

pub(crate) mod chains;

pub(crate) mod list;

pub(crate) mod top;

pub(crate) mod recent;

pub(crate) use chains::{Chains, Words};
pub(crate) use deadlines::Deadlines;
pub(crate) use expiring::{ENDLESS, Expiring};
pub(crate) use fifo::Fifo;
pub(crate) use fixed_index::{FixedIndex, Key};
pub use list::List;
pub(crate) use mixer::Mixer;
pub(crate) use recent::Recent;
pub(crate) use slab::Slab;
pub(crate) use tagged_index::TaggedIndex;
pub(crate) use top::{Keyed, Top};
