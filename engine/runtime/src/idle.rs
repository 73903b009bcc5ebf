//! How a thread waits for the next thing to do without being told: it looks again, at growing intervals.
//!
//! Nobody wakes the writer, so nobody needs a lock to do it. What it costs is the time until it looks again.
//!
//! ```text
//!  a core of its own   spin ……………………………………………………………………………………………
//!  shared cores        yield × 64 │ sleep 10 µs … 50 µs for 2 ms │ sleep 0.2 ms …
//! ```

use std::time::Duration;

/// Looks, each a yield of the processor, before the first sleep. With nothing else to run a yield takes under a
/// microsecond, so this covers what is just about to come.
const YIELDS: u32 = 64;
/// Sleeps while the last work is not long ago.
const SHORT_SLEEPS: u32 = 40;
const SHORT: Duration = Duration::from_micros(10);
const LONG: Duration = Duration::from_micros(200);

/// A wait in steps. `reset` when there was work, `wait` when there was none.
#[derive(Debug)]
pub(crate) struct Idle {
    waits: u32,
    spins: bool,
}

impl Idle {
    /// A thread that shares its core with others.
    pub(crate) const fn sharing() -> Self {
        Self { waits: 0, spins: false }
    }

    /// A thread that has a core of its own.
    pub(crate) const fn alone() -> Self {
        Self { waits: 0, spins: true }
    }

    /// There was work.
    pub(crate) const fn reset(&mut self) {
        self.waits = 0;
    }

    /// There was none.
    pub(crate) fn wait(&mut self) {
        if self.spins {
            std::hint::spin_loop();
            return;
        }
        match self.waits {
            0..YIELDS => host::yield_now(),
            YIELDS.. if self.waits < YIELDS + SHORT_SLEEPS => host::sleep(SHORT * (1 + (self.waits - YIELDS) / 8)),
            _ => host::sleep(LONG),
        }
        self.waits = self.waits.saturating_add(1);
    }
}

#[cfg(target_os = "linux")]
pub(crate) mod host {
    //! Plain system calls: no lock of the runtime or of the C library is on the way.

    use std::num::NonZeroU64;
    use std::time::Duration;

    use rustix::thread::{CpuSet, NanosleepRelativeResult, Timespec};

    pub(crate) fn yield_now() {
        rustix::thread::sched_yield();
    }

    pub(crate) fn sleep(length: Duration) {
        let request = Timespec { tv_sec: 0, tv_nsec: i64::from(length.subsec_nanos()) as _ };
        // Interrupted early is early enough: the caller looks again.
        let _: NanosleepRelativeResult = rustix::thread::nanosleep(&request);
    }

    /// Short sleeps of this thread end when asked, not up to 50 µs later.
    pub(crate) fn wake_on_time() {
        // Where it cannot be set, sleeps are a little longer.
        let _ = rustix::thread::set_current_timer_slack(NonZeroU64::new(1));
    }

    pub(crate) fn pin_to(core: usize) -> std::io::Result<()> {
        if core >= CpuSet::MAX_CPU {
            return Err(rustix::io::Errno::INVAL.into());
        }
        let mut set = CpuSet::new();
        set.set(core);
        Ok(rustix::thread::sched_setaffinity(None, &set)?)
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) mod host {
    //! What the standard library has. Pinning is Linux only.

    use std::time::Duration;

    pub(crate) fn yield_now() {
        std::thread::yield_now();
    }

    pub(crate) fn sleep(length: Duration) {
        std::thread::sleep(length);
    }

    pub(crate) fn wake_on_time() {}

    pub(crate) fn pin_to(_core: usize) -> std::io::Result<()> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}
