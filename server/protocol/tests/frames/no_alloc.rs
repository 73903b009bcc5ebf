//! Reading and writing frames allocates nothing, once the buffer they are written to has its size.

use dce_protocol::{Down, Up};
use dce_tests::heap::{Counting, requests};

use crate::{Direction, samples};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn no_frame_allocates() {
    let samples = samples::all();
    let mut bytes = Vec::with_capacity(dce_protocol::FRAME_MAX);
    let ((), counted) = requests(|| {
        for sample in &samples {
            bytes.clear();
            match sample.direction {
                Direction::Up => {
                    let (number, up) = Up::decode(&sample.bytes).expect("a sample decodes");
                    up.encode(number, &mut bytes);
                }
                Direction::Down => {
                    let (number, down) = Down::decode(&sample.bytes).expect("a sample decodes");
                    down.encode(number, &mut bytes);
                }
            }
            assert_eq!(bytes, sample.bytes);
        }
    });
    assert_eq!(counted, 0);
    assert!(requests(|| vec![0_u8]).1 > 0, "the allocator counts");
}
