//! Once they have warmed up, the writer, the journal's thread and a port ask for no memory, whatever is applied. Only the
//! publisher does, for the parts of its pictures that change.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI32, AtomicU64, AtomicUsize, Ordering};

use dce_engine::prelude::*;
use dce_persistence::record::RecordCodec;
use dce_runtime::{Durability, ManualClock, MemoryJournal, Options, PortOptions, Runtime};

const NOON: Timestamp = Timestamp::from_seconds(1_764_000_000);
const THREADS: usize = 64;

/// Requests of each thread, by the place it took when it first asked.
static ASKED: [AtomicU64; THREADS] = [const { AtomicU64::new(0) }; THREADS];
static TAKEN: AtomicUsize = AtomicUsize::new(0);
/// Who took it.
static TAKERS: [AtomicI32; THREADS] = [const { AtomicI32::new(0) }; THREADS];

thread_local! {
    static PLACE: usize = take_place();
}

fn take_place() -> usize {
    let place = TAKEN.fetch_add(1, Ordering::Relaxed) % THREADS;
    TAKERS[place].store(rustix::thread::gettid().as_raw_nonzero().get(), Ordering::Relaxed);
    place
}

/// The system's allocator, counting by thread.
struct Counting;

impl Counting {
    fn count() {
        // A thread that is being taken down has no place any more.
        let _ = PLACE.try_with(|place| ASKED[*place].fetch_add(1, Ordering::Relaxed));
    }
}

#[expect(
    unsafe_code,
    reason = "only a global allocator sees every allocation; each call goes to the system's unchanged"
)]
// SAFETY: every method passes its arguments on to `System`, whose contract is the same; counting touches no memory of
// the heap: a static array, and a thread-local number without a destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count();
        // SAFETY: the caller upholds `alloc`'s contract, which is `System`'s.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `System`, as every one this allocator hands out.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count();
        // SAFETY: the pointer came from `System`, as every one this allocator hands out.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Requests so far of the threads that are alive, by name.
fn asked() -> BTreeMap<String, u64> {
    let mut asked = BTreeMap::new();
    for place in 0..TAKEN.load(Ordering::Relaxed) {
        let comm = format!("/proc/self/task/{}/comm", TAKERS[place].load(Ordering::Relaxed));
        if let Ok(name) = std::fs::read_to_string(comm) {
            *asked.entry(name.trim().to_owned()).or_default() += ASKED[place].load(Ordering::Relaxed);
        }
    }
    asked
}

#[test]
fn only_pictures_ask_for_memory() {
    let clock = Box::new(ManualClock::at(NOON));
    let options = Options { durability: Durability::Always, clock, ..Options::default() };
    let genesis = Genesis::new(Limits::small(), 7, USD);
    let exchange = Exchange::new(genesis).expect("the limits are possible");
    let journal = MemoryJournal::forgetful(RecordCodec::default());
    let runtime = Runtime::spawn(exchange, journal, options).expect("it starts");
    let mut port = runtime.port(PortOptions { subscribe: true });
    let (seller, buyer, listing, session) = (AccountId(1), AccountId(2), ListingId(1), SessionId(1));
    let profile = CreateProfile::of(buyer, ProfileId(1)).bid(usd("10")).live().dial(b"+18005550100", Millis(20_000));
    let mut submit = |command: &Command<'_>| {
        let ticket = port.submit(command).expect("there is room");
        loop {
            match port.poll() {
                Some(delivery) if delivery.ticket == Some(ticket) => {
                    assert!(delivery.result.is_ok(), "{:?}: {command:?}", delivery.result);
                    break;
                }
                // A subscriber's others are ticks, and nothing is due here.
                Some(_) => unreachable!("nobody else submits"),
                None => std::thread::yield_now(),
            }
        }
    };
    submit(&OpenAccount::seller(seller).into());
    submit(&OpenAccount::buyer(buyer).deposit(usd("1000000")).into());
    submit(&OpenSession::new(seller, session).into());
    submit(&OpenSession::new(buyer, session).into());
    submit(&CreateListing::of(seller, listing).into());
    submit(&profile.into());

    let (mut call, mut number) = (0, 0);
    let mut churn = |rounds: u64| {
        for _ in 0..rounds {
            call += 1;
            let sold = CallId::at(NOON, call);
            submit(&OfferCall::new(seller, sold, listing).window(Millis(50)).into());
            number += 1;
            let bid = PlaceBid::new((buyer, ProfileId(1)), (seller, sold), usd("20"), Stamp::new(session, number));
            submit(&bid.into());
            submit(&CloseAuction::new(seller, sold).into());
            let answered = LegReport::first(Clocks::new(Millis(4_000), Millis(3_500), Millis(0)));
            submit(&ReportAnswered::new(seller, sold, answered, Stamp::new(session, 2 * call)).into());
            let ended = LegReport::first(Clocks::new(Millis(9_000), Millis(8_500), Millis(5_000)));
            submit(&ReportEnded::new(seller, sold, ended, Stamp::new(session, 2 * call + 1)).into());
        }
    };
    churn(200);
    let before = asked();
    let views = runtime.gauges().views();
    // This thread's own requests are those of looking, which come before and after.
    let own = own_asked();
    churn(1_000);
    assert_eq!(own_asked(), own, "submitting and polling");
    let after = asked();
    for name in ["dce-writer", "dce-journal"] {
        assert_eq!(after[name], before[name], "{name}");
    }
    let pictures = (after["dce-publish"] - before["dce-publish"], runtime.gauges().views() - views);
    assert!(pictures.0 > 0 && pictures.1 > 0, "{pictures:?}");
    assert_eq!(runtime.gauges().accepted(), 6 + 5 * 1_200);
}

fn own_asked() -> u64 {
    PLACE.with(|place| ASKED[*place].load(Ordering::Relaxed))
}
