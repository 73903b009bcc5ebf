//! The binary `dce`.

fn main() {}
