//! An allocator that counts, so that "allocates nothing" and "so many bytes" are measured and not said.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

/// The system's allocator, with a count of what was asked of it. A program makes it its own by `#[global_allocator]`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counting;

static ASKED: AtomicU64 = AtomicU64::new(0);
static GIVEN: AtomicU64 = AtomicU64::new(0);
static RETURNED: AtomicU64 = AtomicU64::new(0);

/// How often memory was asked for so far, growing included.
#[must_use]
pub fn asked() -> u64 {
    ASKED.load(Ordering::Relaxed)
}

/// How many bytes are in use: 0 in a program that counts nothing.
#[must_use]
pub fn bytes() -> u64 {
    GIVEN.load(Ordering::Relaxed) - RETURNED.load(Ordering::Relaxed)
}

fn note(given: usize) {
    ASKED.fetch_add(1, Ordering::Relaxed);
    GIVEN.fetch_add(given as u64, Ordering::Relaxed);
}

#[expect(unsafe_code, reason = "an allocator is unsafe by its trait; every call is passed on as it came")]
// SAFETY: each method hands its arguments to the system's allocator unchanged, so what holds for that holds here.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    // Passed on as well: the system's own leaves untouched pages unclaimed, and tables of a market are large.
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        RETURNED.fetch_add(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        RETURNED.fetch_add(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(memory, layout, size) }
    }
}
