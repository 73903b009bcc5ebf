//! The front over QUIC, asked by real clients on loopback: sessions, hellos, readers that stop, attacks, bounds.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what fails in them fails the test")]

#[path = "front/common.rs"]
mod common;

#[path = "front/attack.rs"]
mod attack;
#[path = "front/hellos.rs"]
mod hellos;
#[path = "front/limits.rs"]
mod limits;
#[path = "front/readers.rs"]
mod readers;
#[path = "front/sessions.rs"]
mod sessions;
