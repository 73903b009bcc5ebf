//! An allocator that counts, so that "allocates nothing" and "so many bytes" are measured and not said.

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicU64, Ordering};

use dce_runtime::huge_pages::HugePages;

/// The allocator of every bench: it asks for huge pages, which `dce` does only if told to and after its tables are made, and
/// counts what was asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static ASKED: AtomicU64 = AtomicU64::new(0);
static GIVEN: AtomicU64 = AtomicU64::new(0);
static RETURNED: AtomicU64 = AtomicU64::new(0);

/// How often memory was asked for so far, growing included.
#[must_use]
pub fn asked() -> u64 {
    ASKED.load(Ordering::Relaxed)
}

/// How many bytes are in use.
#[must_use]
pub fn bytes() -> u64 {
    GIVEN.load(Ordering::Relaxed) - RETURNED.load(Ordering::Relaxed)
}

fn note(given: usize) {
    ASKED.fetch_add(1, Ordering::Relaxed);
    GIVEN.fetch_add(given as u64, Ordering::Relaxed);
}

#[expect(unsafe_code, reason = "an allocator is unsafe by its trait; every call is passed on as it came")]
// SAFETY: each method hands its arguments to another allocator unchanged, so what holds for that holds here.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { HugePages.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { HugePages.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        RETURNED.fetch_add(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { HugePages.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        RETURNED.fetch_add(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { HugePages.realloc(memory, layout, size) }
    }
}
