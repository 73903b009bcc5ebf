//! How often somebody may ask: by principal, by address, and by e-mail where passwords are tried.
//!
//! An address is what the connection says, never a header. Of IPv6 the first 64 bits count: who has one has them all.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::fault::Denied;
use crate::config::RateLimit;

/// Keys that are remembered at a time. Those that have not asked for a while are forgotten first; when all have, the
/// others are counted together.
const KEYS_MAX: usize = 65_536;
/// Wrong passwords for one e-mail, at once and then one every so often.
const TRIES: (u32, Duration) = (5, Duration::from_secs(10));

type Counts<K> =
    RateLimiter<Option<K>, HashMapStateStore<Option<K>>, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

/// The limits of an installation.
#[derive(Debug)]
pub struct Limiter {
    principals: Counted<[u8; 12]>,
    addresses: Counted<IpAddr>,
    tries: Counted<[u8; 32]>,
}

#[derive(Debug)]
struct Counted<K: Hash + Eq + Clone> {
    counts: Counts<K>,
    keys_max: usize,
}

impl Limiter {
    /// With the configured rates.
    pub(super) fn new(rate: RateLimit) -> Self {
        let of = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(of(rate.requests_per_second)).allow_burst(of(rate.burst_size));
        let tries = Quota::with_period(TRIES.1).unwrap_or(quota).allow_burst(of(TRIES.0));
        Self {
            principals: Counted::new(quota, KEYS_MAX),
            addresses: Counted::new(quota, KEYS_MAX),
            tries: Counted::new(tries, KEYS_MAX),
        }
    }

    /// Counts a request of a principal, named by its public part.
    ///
    /// # Errors
    ///
    /// When it asks too often, with when it may again.
    pub fn principal(&self, prefix: [u8; 12]) -> Result<(), Denied> {
        self.principals.count(prefix)
    }

    /// Counts a request from an address, before anybody knows who it is.
    ///
    /// # Errors
    ///
    /// When it asks too often, with when it may again.
    pub fn address(&self, address: IpAddr) -> Result<(), Denied> {
        self.addresses.count(network(address))
    }

    /// Counts a try of a password for an e-mail, named by its hash.
    pub(super) fn password(&self, email: [u8; 32]) -> Result<(), Denied> {
        self.tries.count(email)
    }

    /// Forgets who has not asked for a while; called now and then.
    pub(super) fn forget(&self) {
        self.principals.counts.retain_recent();
        self.addresses.counts.retain_recent();
        self.tries.counts.retain_recent();
    }
}

impl<K: Hash + Eq + Clone> Counted<K> {
    fn new(quota: Quota, keys_max: usize) -> Self {
        Self { counts: RateLimiter::new(quota, HashMapStateStore::default(), MonotonicClock), keys_max }
    }

    fn count(&self, key: K) -> Result<(), Denied> {
        if self.counts.len() >= self.keys_max {
            self.counts.retain_recent();
        }
        // With as many keys as there may be, newcomers share one.
        let key = (self.counts.len() < self.keys_max).then_some(key);
        let clock = MonotonicClock;
        self.counts.check_key(&key).map_err(|not| Denied::TooMany { after: not.wait_time_from(clock.now()) })
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(burst_size: u32) -> Limiter {
        Limiter::new(RateLimit { requests_per_second: 1, burst_size })
    }

    #[test]
    fn one_more_than_the_burst_is_refused_and_others_are_unharmed() {
        let limiter = limiter(3);
        let (mine, theirs): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        for _ in 0..3 {
            assert_eq!(limiter.address(mine), Ok(()));
        }
        assert!(matches!(limiter.address(mine), Err(Denied::TooMany { after }) if after <= Duration::from_secs(1)));
        assert_eq!(limiter.address(theirs), Ok(()));
        assert_eq!(limiter.principal(*b"4j9m2x7k0q8w"), Ok(()));
    }

    #[test]
    fn a_network_of_ipv6_and_a_mapped_address_count_as_one() {
        let limiter = limiter(1);
        assert_eq!(limiter.address("2001:db8:1:2::1".parse().unwrap()), Ok(()));
        assert!(limiter.address("2001:db8:1:2:ffff::9".parse().unwrap()).is_err());
        assert_eq!(limiter.address("2001:db8:1:3::1".parse().unwrap()), Ok(()));
        assert_eq!(limiter.address("::ffff:10.0.0.1".parse().unwrap()), Ok(()));
        assert!(limiter.address([10, 0, 0, 1].into()).is_err());
    }

    #[test]
    fn newcomers_share_one_place_when_all_are_taken() {
        let quota = Quota::per_hour(NonZeroU32::MIN);
        let counted = Counted::new(quota, 2);
        assert!(counted.count(1_u32).is_ok() && counted.count(2).is_ok());
        assert!(counted.count(3).is_ok(), "the shared place");
        assert!(counted.count(4).is_err() && counted.count(5).is_err());
        assert!(counted.counts.len() <= 3);
    }
}
