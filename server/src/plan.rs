//! A market in a file: `dce plan check` reads it and names every mistake with its place, `dce plan load` carries it out.
//!
//! | module | what it holds |
//! |---|---|
//! | `text` | YAML as a tree in which every node knows its line and column; bounded |
//! | `names` | the nearest name that would have been right |
//! | `keys` | every key there is, as `docs/plan.md` shows them |
//! | `fields`, `scalars` | the keys of a map, and what their values look like |
//! | `model` | the plan: the steps to take, in order, each with its place |
//! | `schema`, `market`, `hours`, `callers`, `groups`, `policies`, `besides`, `delivery`, `quotas` | how the sections become steps |
//! | `check` | every step taken by an exchange of the plan's own; `blame` finds the key a refusal speaks of |
//! | `load` | every step sent to a server |
//! | `json`, `part` | a part of a plan by itself, as JSON: the words in which the REST front takes rules; with `rest` |
//!
//! **No rule of the market is written here.** What may be is asked of the engine, by taking the steps on a scratch
//! exchange with the capacities of the real one; so a plan that checks is refused only for what stands there already.

mod fields;
mod keys;
mod mistakes;
mod names;
mod scalars;
mod text;

mod besides;
mod callers;
mod delivery;
mod groups;
mod hours;
mod market;
mod model;
mod policies;
mod quotas;
mod schema;

mod blame;
mod check;
mod load;

#[cfg(feature = "rest")]
mod json;
#[cfg(feature = "rest")]
mod part;

pub use check::{check, check_and_tell};
pub use keys::{Key, SECTIONS, Section};
pub use load::{LoadError, Loaded, load};
pub use mistakes::{MISTAKES_MAX, Mistake, Mistakes};
pub use model::Plan;
pub use text::{FILE_BYTES_MAX, Place};

#[cfg(feature = "rest")]
pub(crate) use json::Json;
#[cfg(feature = "rest")]
pub(crate) use part::{Hold, Of, Part, Shape};
#[cfg(feature = "rest")]
pub(crate) use scalars::moment;

#[cfg(test)]
mod page;
