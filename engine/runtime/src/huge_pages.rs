//! Huge pages, asked for after the fact.
//!
//! The exchange claims its tables from the global allocator, which knows nothing of pages. So the process's memory map is
//! read, and for every large private anonymous mapping the kernel is advised to back it with huge pages
//! (`madvise(MADV_HUGEPAGE)`).
//!
//! What it does: pages first touched from then on come huge, and `khugepaged` joins the small ones that are there, in its
//! own time. What it cannot: promise any of it. With `/sys/kernel/mm/transparent_hugepage/enabled` at `never`, or memory
//! in pieces, nothing changes. Memory claimed later, in mappings of its own, is not covered: advise after the exchange is
//! made, as [`Runtime::spawn`](crate::Runtime::spawn) does.

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
    #[cfg(target_os = "linux")]
    fn memory_keeps_its_contents() {
        let mut memory = vec![7_u8; 16 * HUGE];
        advise();
        memory[1] = 8;
        assert!(memory.iter().skip(2).all(|byte| *byte == 7));
    }
}
