//! A documented market, two honest rivals, and what a decision costs beside them.
//!
//! | module | what it is |
//! |---|---|
//! | [`world`] | profiles and calls of a pay-per-call market, drawn from a fixed seed |
//! | [`wishes`] | one profile's targeting and one caller, as plain structs and as commands |
//! | [`vocabulary`] | the twenty attributes |
//! | [`market`] | an exchange with that world in it |
//! | [`traffic`] | calls that come, are answered and end, so that the exchange stays as full as it is |
//! | [`rivals`] | the two loops everybody writes first; both find the engine's very winner and price |
//! | [`random`] | luck from a seed |
//!
//! `cargo bench` measures single commands; `cargo run --release -p dce-benches --bin decisions` prints the table of the
//! README.

pub mod market;
pub mod random;
pub mod rivals;
pub mod traffic;
pub mod vocabulary;
pub mod wishes;
pub mod world;
