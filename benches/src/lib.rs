//! A documented market, honest rivals, and what a decision costs beside them.
//!
//! | module | what it is |
//! |---|---|
//! | [`world`] | profiles and calls of a pay-per-call market, drawn from a fixed seed |
//! | [`wishes`] | one profile's targeting and one caller, as plain structs and as commands |
//! | [`vocabulary`] | the twenty attributes |
//! | [`market`] | an exchange with that world in it |
//! | [`traffic`] | calls that come, are answered and end, so that the exchange stays as full as it is |
//! | [`book`] | a market in plain words, for the rivals: heard from the engine's own commands |
//! | [`rivals`] | the two loops everybody writes first, roaring bitmaps, `a-tree`; all find the engine's very profiles |
//! | [`plan`] | a market from a plan's file, and calls drawn for it |
//! | [`random`] | luck from a seed |
//! | [`samples`], [`heap`] | times and what is said of them; memory, counted |
//! | [`scale`], [`picture`] | which worlds are measured when; cost against profiles, drawn |
//!
//! `cargo bench` measures each question, decision and command; `cargo run --release -p dce-benches --bin compare` prints the
//! engine beside its rivals, `--bin decisions` the table of the README.

pub mod book;
pub mod heap;
pub mod market;
pub mod picture;
pub mod plan;
pub mod random;
pub mod rivals;
pub mod samples;
pub mod scale;
pub mod traffic;
pub mod vocabulary;
pub mod wishes;
pub mod world;
