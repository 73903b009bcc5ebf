//! What a piece of work asks of the heap: an allocator that counts, for tests that install it.
//!
//! ```
//! use dce_tests::heap::{Counting, requests};
//!
//! #[global_allocator]
//! static ALLOCATOR: Counting = Counting;
//!
//! assert_eq!(requests(|| 1 + 1), (2, 0));
//! assert!(requests(|| vec![1]).1 > 0);
//! ```

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static MEASURING: Cell<bool> = const { Cell::new(false) };
    static REQUESTS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counting while this thread measures.
#[derive(Clone, Copy, Debug)]
pub struct Counting;

/// What the work came to, and how often it asked for memory, gave some back or had it moved. Zero, too, where the
/// allocator is not [`Counting`].
pub fn requests<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = REQUESTS.get();
    MEASURING.set(true);
    let done = work();
    MEASURING.set(false);
    (done, REQUESTS.get() - before)
}

impl Counting {
    fn count() {
        if MEASURING.get() {
            REQUESTS.set(REQUESTS.get() + 1);
        }
    }
}

#[expect(
    unsafe_code,
    reason = "only a global allocator sees every allocation; each call goes to the system's unchanged"
)]
// SAFETY: every method passes its arguments on to `System`, whose contract is the same; counting touches no memory of
// the heap, because the counters are thread-local values with constant initializers.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count();
        // SAFETY: the caller upholds `alloc`'s contract, which is `System`'s.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        Self::count();
        // SAFETY: the pointer came from `System`, as every one this allocator hands out.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count();
        // SAFETY: the pointer came from `System`, as every one this allocator hands out.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
