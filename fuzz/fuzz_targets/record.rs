//! Any bytes, read as a record: see `record` in the crate.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dce_fuzz::record::run(bytes));
