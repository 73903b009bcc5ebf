//! Any bytes, read as commands: see the crate.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dce_fuzz::run(bytes));
