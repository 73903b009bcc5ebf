//! How a thread of the runtime waits for something to do, and how it is told: without a lock and without a futex.
//!
//! ```text
//!  nothing to do ──► look again, yielding, for half a millisecond ──► say "I sleep", look once more, sleep on the bell
//!  something to do for somebody ──► publish it ──► does it sleep? then ring (one write)
//! ```
//!
//! A thread that is awake costs those who have work for it one load. A bell is an event descriptor: ringing is a `write`,
//! sleeping a `ppoll`, so whoever rings never waits for a lock, and nobody who sleeps misses what was published before.

use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::time::{Duration, Instant};

/// How long a thread looks again before it sleeps: longer than a round trip on the local network, because waking a
/// processor that has gone to sleep costs more than everything else on the way there.
const AWAKE: Duration = Duration::from_micros(500);
/// A yield that takes longer has let a stranger run for its whole turn: the machine is busy, and sleeping is better. Our
/// own threads and those of the fronts give way long before.
const SWIFT: Duration = Duration::from_millis(1);
/// Waits without yielding after such a one.
const BUSY_WAITS: u32 = 64;

/// What wakes one thread.
#[derive(Debug)]
pub(crate) struct Bell {
    is_asleep: AtomicBool,
    host: host::Bell,
}

impl Bell {
    /// # Errors
    ///
    /// When the system gives no descriptor.
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self { is_asleep: AtomicBool::new(false), host: host::Bell::new()? })
    }

    /// Wakes the thread if it sleeps. Publish first what it shall find.
    pub(crate) fn ring(&self) {
        // Paired with the one in `sleep`: either we see that it sleeps, or it sees what we published.
        fence(Ordering::SeqCst);
        if self.is_asleep.load(Ordering::Relaxed) && self.is_asleep.swap(false, Ordering::Relaxed) {
            self.host.ring();
        }
    }

    /// Sleeps until rung, or for so long, unless there is something to do after all.
    fn sleep(&self, timeout: Duration, has_work: impl FnOnce() -> bool) {
        self.is_asleep.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        if !has_work() {
            self.host.sleep(timeout);
        }
        self.is_asleep.store(false, Ordering::Relaxed);
    }
}

/// One thread's waiting: `reset` when there was work, `wait` when there was none.
#[derive(Debug)]
pub(crate) struct Idle {
    since: Option<Instant>,
    busy_waits: u32,
    spins: bool,
}

impl Idle {
    /// A thread that shares its core with others.
    pub(crate) const fn sharing() -> Self {
        Self { since: None, busy_waits: 0, spins: false }
    }

    /// A thread that has a core of its own: it spins and is never told.
    pub(crate) const fn alone() -> Self {
        Self { since: None, busy_waits: 0, spins: true }
    }

    /// There was work.
    pub(crate) const fn reset(&mut self) {
        self.since = None;
    }

    /// There was none: returns when there may be, after `timeout` at the latest.
    pub(crate) fn wait(&mut self, bell: &Bell, timeout: Duration, has_work: impl FnOnce() -> bool) {
        if self.spins {
            std::hint::spin_loop();
            return;
        }
        let now = Instant::now();
        if self.busy_waits == 0 && now - *self.since.get_or_insert(now) < AWAKE {
            host::yield_now();
            if now.elapsed() > SWIFT {
                self.busy_waits = BUSY_WAITS;
            }
            return;
        }
        self.busy_waits = self.busy_waits.saturating_sub(1);
        bell.sleep(timeout, has_work);
    }
}

#[cfg(target_os = "linux")]
pub(crate) mod host {
    //! Plain system calls: no lock of the C library is on the way.

    use std::num::NonZeroU64;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
    use rustix::thread::{CpuSet, Timespec};

    #[derive(Debug)]
    pub(crate) struct Bell(OwnedFd);

    impl Bell {
        pub(crate) fn new() -> std::io::Result<Self> {
            Ok(Self(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?))
        }

        pub(crate) fn ring(&self) {
            // It can only fail when it has been rung 2⁶⁴ times and nobody listened.
            let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
        }

        pub(crate) fn sleep(&self, timeout: Duration) {
            let timeout = Timespec { tv_sec: timeout.as_secs().cast_signed(), tv_nsec: timeout.subsec_nanos().into() };
            // Interrupted early is early enough: whoever sleeps looks again.
            if poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&timeout)).is_ok_and(|ready| ready > 0) {
                let _ = rustix::io::read(&self.0, &mut [0_u8; 8]);
            }
        }
    }

    pub(crate) fn yield_now() {
        rustix::thread::sched_yield();
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
    //! What the standard library has: naps in place of bells, and no pinning.

    use std::time::Duration;

    const NAP: Duration = Duration::from_micros(200);

    #[derive(Debug)]
    pub(crate) struct Bell;

    impl Bell {
        pub(crate) fn new() -> std::io::Result<Self> {
            Ok(Self)
        }

        pub(crate) fn ring(&self) {}

        pub(crate) fn sleep(&self, timeout: Duration) {
            std::thread::sleep(timeout.min(NAP));
        }
    }

    pub(crate) fn yield_now() {
        std::thread::yield_now();
    }

    pub(crate) fn wake_on_time() {}

    pub(crate) fn pin_to(_core: usize) -> std::io::Result<()> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;

    #[test]
    fn nothing_that_was_published_before_the_ring_is_slept_through() {
        const ROUNDS: u64 = 20_000;
        let (bell, work) = (Arc::new(Bell::new().expect("a descriptor")), Arc::new(AtomicU64::new(0)));
        let (theirs, their_work) = (Arc::clone(&bell), Arc::clone(&work));
        let sleeper = std::thread::spawn(move || {
            let (mut idle, mut done) = (Idle::sharing(), 0);
            while done < ROUNDS {
                if their_work.load(Ordering::Acquire) > done {
                    done += 1;
                    idle.reset();
                } else {
                    // Were a ring missed, this would take a minute.
                    idle.wait(&theirs, Duration::from_secs(60), || their_work.load(Ordering::Acquire) > done);
                }
            }
        });
        for round in 1..=ROUNDS {
            work.store(round, Ordering::Release);
            bell.ring();
            if round % 97 == 0 {
                std::thread::sleep(Duration::from_micros(round % 150));
            }
        }
        sleeper.join().expect("no panic");
    }

    #[test]
    fn a_sleep_ends_by_itself() {
        let bell = Bell::new().expect("a descriptor");
        bell.sleep(Duration::from_millis(1), || false);
        assert!(!bell.is_asleep.load(Ordering::Relaxed));
    }
}
