//! Reading and writing frames allocates nothing, once the buffer they are written to has its size.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use dce_protocol::{Down, Up};

use crate::{Direction, samples};

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counting.
struct Counting;

#[expect(
    unsafe_code,
    reason = "only a global allocator sees every allocation; each call goes to the system's unchanged"
)]
// SAFETY: every method passes its arguments on to `System`, whose contract is the same; counting touches no memory of
// the heap, because the counter is a thread-local value with a constant initializer.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller upholds `alloc`'s contract, which is `System`'s.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `System`, as every one this allocator hands out.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn no_frame_allocates() {
    let samples = samples::all();
    let mut bytes = Vec::with_capacity(dce_protocol::FRAME_MAX);
    let before = ALLOCATIONS.get();
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
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert!(before > 0, "the allocator counts");
}
