//! The test kit: a slow twin of the exchange, a generator of aimed command streams, and a runner for stories.
//!
//! | module | what it is |
//! |---|---|
//! | [`twin`] | the exchange a second time, written from `docs/rules.md`, slow and obvious |
//! | [`bridge`] | the twin's words into the engine's and back |
//! | [`pair`] | both side by side, compared at every step |
//! | [`workload`] | seeded command streams that aim at every refusal and every reason |
//! | [`heap`] | an allocator that counts |
//! | [`story`] | tables of commands and expected events, for people |
//!
//! The tests themselves are in `tests/tests/`, one file per promise.

pub mod bridge;
pub mod heap;
pub mod pair;
pub mod story;
pub mod twin;
pub mod workload;
