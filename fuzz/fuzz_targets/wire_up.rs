//! Any bytes, read as frames of a client: see `wire` in the crate.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dce_fuzz::wire::up(bytes));
