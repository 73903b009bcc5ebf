//! The kept corpus, and a stream of chance, on any compiler: `cargo test --no-default-features`.

use std::fs;
use std::path::Path;

#[test]
fn the_kept_corpus_leaves_the_exchange_whole() {
    replay("corpus/commands", dce_fuzz::run);
}

#[test]
fn the_kept_records_are_told_or_come_back() {
    replay("corpus/record", dce_fuzz::record::run);
}

#[test]
fn the_kept_frames_are_refused_or_come_back() {
    replay("corpus/wire_up", dce_fuzz::wire::up);
    replay("corpus/wire_down", dce_fuzz::wire::down);
}

#[test]
fn chance_leaves_the_exchange_whole() {
    let mut state = 1_u64;
    for _ in 0..40 {
        let bytes: Vec<u8> = (0..2_000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 56) as u8
            })
            .collect();
        dce_fuzz::run(&bytes);
    }
}

fn replay(corpus: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(corpus);
    let mut read = 0;
    for entry in fs::read_dir(folder).expect("the corpus is part of the repository") {
        let path = entry.expect("its files can be listed").path();
        run(&fs::read(path).expect("and read"));
        read += 1;
    }
    assert!(read > 0, "the corpus is empty");
}
