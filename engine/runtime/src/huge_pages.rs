//! Huge pages, asked for when memory is claimed, or after the fact.
//!
//! A decision reads about a hundred cache lines all over the exchange's tables. With pages of 4 KiB nearly each of them
//! is also a search for the page; with huge ones the processor knows them all. Whoever owns the program makes
//! [`HugePages`] its global allocator: then every piece of memory large enough to hold a huge page is advised to be backed
//! by them (`madvise(MADV_HUGEPAGE)`) before anybody touches it.
//!
//! Whoever does not, can [`advise`] after the exchange is made, as [`Runtime::spawn`](crate::Runtime::spawn) does if told
//! to: the process's memory map is read, and the same advice given for every large private anonymous mapping. Pages first
//! touched from then on come huge, and `khugepaged` joins the small ones that are there, in its own time.
//!
//! Neither is a promise. With `/sys/kernel/mm/transparent_hugepage/enabled` at `never`, or memory in pieces, nothing
//! changes.

use std::alloc::{GlobalAlloc, Layout, System};

/// What was advised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Advised {
    /// Mappings the kernel took the advice for.
    pub mappings: u32,
    /// Bytes of them.
    pub bytes: u64,
}

/// Advises the kernel to back the large memory of this process with huge pages. Returns what it took the advice for:
/// nothing, where it has no such pages.
#[cfg(target_os = "linux")]
pub fn advise() -> Advised {
    let mut advised = Advised::default();
    let Ok(map) = std::fs::read_to_string("/proc/self/maps") else { return advised };
    for (start, end) in map.lines().filter_map(large_anonymous) {
        if advise_range(start, end) {
            advised.mappings += 1;
            advised.bytes += (end - start) as u64;
        }
    }
    tracing::info!(mappings = advised.mappings, mebibytes = advised.bytes >> 20, "huge pages asked for");
    advised
}

/// Elsewhere there is nothing to advise.
#[cfg(not(target_os = "linux"))]
pub fn advise() -> Advised {
    Advised::default()
}

/// The usual size of a huge page. Mappings below it cannot hold one.
#[cfg(any(target_os = "linux", test))]
const HUGE: usize = 2 * 1_024 * 1_024;

/// The whole huge pages inside a mapping that is private, writable and of no file; the heap is one.
#[cfg(any(target_os = "linux", test))]
fn large_anonymous(line: &str) -> Option<(usize, usize)> {
    let mut fields = line.split_ascii_whitespace();
    let (range, rights, _offset, _device, inode) =
        (fields.next()?, fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let is_memory = fields.next().is_none_or(|name| name == "[heap]" || name.starts_with("[anon:"));
    if rights != "rw-p" || inode != "0" || !is_memory {
        return None;
    }
    let (start, end) = range.split_once('-')?;
    let start = usize::from_str_radix(start, 16).ok()?.next_multiple_of(HUGE);
    let end = usize::from_str_radix(end, 16).ok()? / HUGE * HUGE;
    (start < end).then_some((start, end))
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "madvise takes an address; no safe interface gives advice on memory one did not map")]
fn advise_range(start: usize, end: usize) -> bool {
    use rustix::mm::{Advice, madvise};

    let address = std::ptr::with_exposed_provenance_mut::<std::ffi::c_void>(start);
    // SAFETY: MADV_HUGEPAGE changes how pages are backed, never what they hold, so no reference into the range can see a
    // difference, whoever owns it. Should the mapping have gone since the map was read, the kernel answers ENOMEM; should
    // another have taken its place, the advice is as harmless there.
    unsafe { madvise(address, end - start, Advice::LinuxHugepage) }.is_ok()
}

/// The system's allocator, asking for huge pages wherever one fits.
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: dce_runtime::huge_pages::HugePages = dce_runtime::huge_pages::HugePages;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct HugePages;

impl HugePages {
    /// Advises the whole huge pages inside a piece of memory just claimed, if it has any.
    fn ask(memory: *mut u8, bytes: usize) {
        #[cfg(target_os = "linux")]
        if bytes >= 2 * HUGE && !memory.is_null() {
            let start = memory.expose_provenance();
            // It is advice: where it is not taken, the memory is as good.
            let _ = advise_range(start.next_multiple_of(HUGE), (start + bytes) / HUGE * HUGE);
        }
        #[cfg(not(target_os = "linux"))]
        let _ = (memory, bytes);
    }
}

#[expect(unsafe_code, reason = "an allocator is unsafe by its trait; every call is passed on as it came")]
// SAFETY: each method hands its arguments to the system's allocator unchanged and returns what that returns; the advice in
// between changes nothing that memory holds.
unsafe impl GlobalAlloc for HugePages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let memory = unsafe { System.alloc(layout) };
        Self::ask(memory, layout.size());
        memory
    }

    // Passed on as well: the system's own leaves untouched pages unclaimed, and tables of a market are large.
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let memory = unsafe { System.alloc_zeroed(layout) };
        Self::ask(memory, layout.size());
        memory
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let memory = unsafe { System.realloc(memory, layout, size) };
        Self::ask(memory, size);
        memory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_large_private_memory_is_chosen_and_only_whole_huge_pages_of_it() {
        let choose = |line| large_anonymous(line).map(|(start, end)| (start / HUGE, end / HUGE));
        assert_eq!(choose("200001000-200801000 rw-p 00000000 00:00 0"), Some((0x1001, 0x1004)));
        assert_eq!(choose("200000000-200400000 rw-p 00000000 00:00 0                 [heap]"), Some((0x1000, 0x1002)));
        assert_eq!(choose("200000000-200800000 r--p 00000000 00:00 0"), None);
        assert_eq!(choose("200000000-200800000 rw-p 00000000 fe:00 1234      /usr/lib/libc.so"), None);
        assert_eq!(choose("200000000-200800000 rw-p 00000000 00:00 0         [stack]"), None);
        assert_eq!(choose("200001000-200201000 rw-p 00000000 00:00 0"), None);
        assert_eq!(choose("nonsense"), None);
    }

    #[test]
    #[expect(unsafe_code, reason = "an allocator is asked for memory by an unsafe function")]
    fn an_allocator_that_asks_for_huge_pages_gives_what_was_asked_for() {
        for bytes in [1, HUGE, 2 * HUGE, 5 * HUGE + 3] {
            let layout = Layout::from_size_align(bytes, 128).expect("a layout");
            // SAFETY: the layout has a size; the memory is read and written inside it, and given back as it was had.
            unsafe {
                let memory = HugePages.alloc_zeroed(layout);
                assert!(!memory.is_null() && (0..bytes).step_by(4_096).all(|byte| *memory.add(byte) == 0));
                memory.add(bytes - 1).write(7);
                let memory = HugePages.realloc(memory, layout, bytes + 4 * HUGE);
                assert_eq!(*memory.add(bytes - 1), 7);
                HugePages.dealloc(memory, Layout::from_size_align(bytes + 4 * HUGE, 128).expect("a layout"));
            }
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn memory_keeps_its_contents() {
        let mut memory = vec![7_u8; 16 * HUGE];
        advise();
        memory[1] = 8;
        assert!(memory.iter().skip(2).all(|byte| *byte == 7));
    }
}
