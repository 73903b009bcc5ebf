//! What a program can ask of the callgrind it runs under, and the files that answers.
//!
//! A request is a sequence of instructions that does nothing on a processor and that Valgrind looks for (`valgrind.h`,
//! "client requests"; the numbers are those of `callgrind.h`). Without Valgrind each is a handful of rotations.

use std::fs;
use std::path::{Path, PathBuf};

/// `VG_USERREQ_TOOL_BASE('C', 'T')`, from which callgrind's requests are counted.
const BASE: u64 = (b'C' as u64) << 24 | (b'T' as u64) << 16;
const DUMP_STATS: u64 = BASE;
const ZERO_STATS: u64 = BASE + 1;
const START_INSTRUMENTATION: u64 = BASE + 4;

/// Looks at every instruction from here on.
pub(crate) fn start_instrumentation() {
    request(START_INSTRUMENTATION);
}

/// Forgets what was counted.
pub(crate) fn zero() {
    request(ZERO_STATS);
}

/// Writes what was counted since the last dump to a file of its own.
pub(crate) fn dump() {
    request(DUMP_STATS);
}

#[cfg(target_arch = "x86_64")]
#[expect(
    unsafe_code,
    reason = "a request to Valgrind is a sequence of instructions, and there is no other way to make one"
)]
fn request(number: u64) {
    let arguments = [number, 0, 0, 0, 0, 0];
    // SAFETY: on a processor the four rotations add up to 128 bits and leave `rdi` as it was, and `xchg rbx, rbx` does
    // nothing; Valgrind reads the six words at `rax`, which outlive the block, and writes its answer to `rdx` alone. The
    // flags are the block's to change.
    unsafe {
        std::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") arguments.as_ptr(),
            inout("rdx") 0_u64 => _,
            out("rdi") _,
            options(nostack),
        );
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn request(_: u64) {}

/// The files that dumps are written to: `DUMPS.1`, `DUMPS.2` and so on.
#[derive(Debug)]
pub(crate) struct Dumps {
    file: PathBuf,
    count: u64,
}

impl Dumps {
    pub(crate) fn new(file: &Path) -> Self {
        Self { file: file.to_path_buf(), count: 0 }
    }

    /// What the next dump says was counted; its file is removed.
    pub(crate) fn next_counts(&mut self) -> Result<Counts, String> {
        self.count += 1;
        let file = self.file.with_extension(self.count.to_string());
        let text = fs::read_to_string(&file)
            .map_err(|error| format!("no dump at {}: {error}; is this run by callgrind?", file.display()))?;
        fs::remove_file(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        Counts::read(&text).ok_or_else(|| format!("{}: no lines `events: …` and `totals: …`", file.display()))
    }
}

/// What one dump counted, event by event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counts(Vec<(String, u64)>);

impl Counts {
    fn read(text: &str) -> Option<Self> {
        let of = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
        let counts = of("totals: ")?.split_whitespace().map(str::parse::<u64>);
        let named = of("events: ")?.split_whitespace().map(str::to_owned);
        // Events that were never seen at the end are left out of the totals.
        let counts = counts.map(|count| count.unwrap_or(0)).chain(std::iter::repeat(0));
        Some(Self(named.zip(counts).collect()))
    }

    /// The sum of these events; those that were not asked for count nothing.
    pub(crate) fn sum(&self, events: &[&str]) -> u64 {
        self.0.iter().filter(|(name, _)| events.contains(&name.as_str())).map(|(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_says_what_was_counted() {
        let counts = Counts::read("version: 1\nevents: Ir Dr Dw\nfn=(1)\n1 7 2\ntotals: 9612 4000\n").unwrap();
        assert_eq!((counts.sum(&["Ir"]), counts.sum(&["Dr", "Dw"]), counts.sum(&["D1mr"])), (9_612, 4_000, 0));
        assert_eq!(Counts::read("version: 1\n"), None);
    }
}
