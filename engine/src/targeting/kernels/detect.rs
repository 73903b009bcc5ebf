//! What the processor can do, asked of itself: without the standard library there is nobody else to ask.
//!
//! Built for a target without vector registers, such as the inside of an operating system, the engine uses none, whatever the
//! processor has: who interrupts it there may not save them.

#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2", not(miri))))]
pub(super) const fn has_avx2() -> bool {
    false
}

#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2", not(miri))))]
pub(super) const fn has_avx512() -> bool {
    false
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
pub(super) use x86_64::{has_avx2, has_avx512};

/// Intel's manual, volume 1, section 14.3 (AVX2) and 15.2 (AVX-512): first whether the system saves the registers, then
/// whether the processor has the instructions.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2", not(miri)))]
mod x86_64 {
    use core::arch::x86_64::{__cpuid, __cpuid_count, _xgetbv};

    /// Leaf 1, ECX: the system has turned XSAVE on; AVX.
    const OSXSAVE: u32 = 1 << 27;
    const AVX: u32 = 1 << 28;
    /// Leaf 7, EBX.
    const AVX2: u32 = 1 << 5;
    const AVX512: u32 = 1 << 16 | 1 << 17 | 1 << 30 | 1 << 31;
    /// What the system saves: the halves of 256-bit registers; then masks, and all of the 512-bit ones.
    const YMM: u64 = 0b110;
    const ZMM: u64 = 0b1110_0110;

    pub(crate) fn has_avx2() -> bool {
        saves(YMM) && features() & AVX2 != 0
    }

    pub(crate) fn has_avx512() -> bool {
        saves(ZMM) && features() & (AVX2 | AVX512) == AVX2 | AVX512
    }

    fn features() -> u32 {
        if __cpuid(0).eax < 7 { 0 } else { __cpuid_count(7, 0).ebx }
    }

    fn saves(registers: u64) -> bool {
        if __cpuid(1).ecx & (OSXSAVE | AVX) != OSXSAVE | AVX {
            return false;
        }
        // SAFETY: `xgetbv` may be asked where OSXSAVE says that the system uses it, which was just seen.
        let saved = unsafe { _xgetbv(0) };
        saved & registers == registers
    }
}
