//! Who is connected: connections by address, live sessions, and the sessions each account has open in the log.
//!
//! Everything in here is counted, and nothing of it decides an outcome of the exchange.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use dce_engine::event::Event;
use dce_engine::ids::{AccountId, SessionId};
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::limits::Limits;

/// Counts of connections and the sessions they carry, shared by all front workers.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    connections: usize,
    by_front: [usize; Front::ALL.len()],
    by_address: HashMap<IpAddr, usize>,
    handshakes: usize,
    live: HashMap<(AccountId, SessionId), Arc<Kill>>,
    open: HashMap<AccountId, Vec<OpenSession>>,
}

/// A session of an account, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OpenSession {
    session: SessionId,
    /// The log says so; otherwise its opening is under way.
    is_logged: bool,
}

/// By what a connection came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    Quic,
    Rest,
}

impl Front {
    pub(crate) const ALL: [Self; 2] = [Self::Quic, Self::Rest];

    /// As metrics have it.
    #[cfg(feature = "rest")]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Quic => "quic",
            Self::Rest => "rest",
        }
    }
}

/// Whether a newcomer may come in.
#[derive(Debug)]
pub(crate) enum Admission {
    /// It may, and is counted until both permits are dropped.
    Welcome(HandshakePermit, ConnectionPermit),
    /// First it has to show that its address is its own.
    ProveAddress,
    /// There are as many as there may be.
    Full,
}

/// A connection that is counted.
#[derive(Debug)]
pub(crate) struct ConnectionPermit {
    registry: Arc<Registry>,
    front: Front,
    address: IpAddr,
}

/// A handshake that is counted.
#[derive(Debug)]
pub(crate) struct HandshakePermit {
    registry: Arc<Registry>,
}

/// Ends a session from another thread.
#[derive(Debug, Default)]
pub(crate) struct Kill {
    code: AtomicU16,
    told: Notify,
}

/// A session that is live; dropping it makes room for the next.
#[derive(Debug)]
pub(crate) struct LiveSession {
    registry: Arc<Registry>,
    key: (AccountId, SessionId),
    kill: Arc<Kill>,
}

/// What opening one more session takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// Nothing at all: it is open.
    Open,
    /// Nothing else.
    Free,
    /// This one, the oldest without a connection, is to be closed first.
    Close(SessionId),
    /// All are connected.
    None,
}

impl Registry {
    /// Judges a newcomer from `address` whose address is `validated` or not.
    pub(crate) fn admit(
        self: &Arc<Self>,
        (front, address): (Front, IpAddr),
        validated: bool,
        limits: &Limits,
    ) -> Admission {
        let address = network_of(address);
        let mut inner = self.inner.lock();
        let from_there = inner.by_address.get(&address).copied().unwrap_or_default();
        if inner.connections >= limits.connections_max
            || from_there >= limits.connections_per_address_max
            || inner.handshakes >= limits.handshakes_max
        {
            return Admission::Full;
        }
        if !validated && inner.handshakes >= limits.handshakes_unvalidated_max {
            return Admission::ProveAddress;
        }
        inner.connections += 1;
        inner.by_front[front as usize] += 1;
        inner.handshakes += 1;
        *inner.by_address.entry(address).or_default() += 1;
        let handshake = HandshakePermit { registry: Arc::clone(self) };
        Admission::Welcome(handshake, ConnectionPermit { registry: Arc::clone(self), front, address })
    }

    /// Connections now.
    pub(crate) fn connections(&self) -> usize {
        self.inner.lock().connections
    }

    /// Those of them that came by this front.
    #[cfg(any(test, feature = "rest"))]
    pub(crate) fn connections_by(&self, front: Front) -> usize {
        self.inner.lock().by_front[front as usize]
    }

    /// Makes a session live, to be ended by `kill`. Another stream that has it is told to end with `code`.
    pub(crate) fn take(self: &Arc<Self>, key: (AccountId, SessionId), kill: Arc<Kill>, code: u16) -> LiveSession {
        let before = self.inner.lock().live.insert(key, Arc::clone(&kill));
        if let Some(before) = before {
            before.tell(code);
        }
        LiveSession { registry: Arc::clone(self), key, kill }
    }

    /// What it takes for `account` to open `session`. Its place is taken from now on: [`forget`](Self::forget) it if the
    /// opening fails.
    pub(crate) fn room_for(&self, account: AccountId, session: SessionId, limits: &Limits) -> Room {
        let Inner { open, live, .. } = &mut *self.inner.lock();
        let open = open.entry(account).or_default();
        if let Some(known) = open.iter().find(|known| known.session == session) {
            return if known.is_logged { Room::Open } else { Room::Free };
        }
        let mut room = Room::Free;
        if open.len() >= limits.sessions_per_account_max {
            let Some(idle) = open.iter().position(|open| !live.contains_key(&(account, open.session))) else {
                return Room::None;
            };
            room = Room::Close(open.remove(idle).session);
        }
        open.push(OpenSession { session, is_logged: false });
        room
    }

    /// The session is closed, or was not opened.
    pub(crate) fn forget(&self, account: AccountId, session: SessionId) {
        let mut inner = self.inner.lock();
        if let Some(open) = inner.open.get_mut(&account) {
            open.retain(|open| open.session != session);
            if open.is_empty() {
                inner.open.remove(&account);
            }
        }
    }

    /// Notes that somebody uses a session of an account on another's connection.
    pub(crate) fn hold(self: &Arc<Self>, key: (AccountId, SessionId)) -> Option<LiveSession> {
        let kill = Arc::new(Kill::default());
        match self.inner.lock().live.entry(key) {
            Entry::Occupied(_) => return None,
            Entry::Vacant(place) => place.insert(Arc::clone(&kill)),
        };
        Some(LiveSession { registry: Arc::clone(self), key, kill })
    }

    /// Follows what the log says of sessions. Told once for each event, in order.
    pub(crate) fn follow(&self, events: &[Event]) {
        for event in events {
            match *event {
                Event::SessionOpened { account, session } => {
                    let mut inner = self.inner.lock();
                    let open = inner.open.entry(account).or_default();
                    match open.iter_mut().find(|known| known.session == session) {
                        Some(known) => known.is_logged = true,
                        None => open.push(OpenSession { session, is_logged: true }),
                    }
                }
                Event::SessionClosed { account, session } => self.forget(account, session),
                _ => {}
            }
        }
    }
}

impl Kill {
    /// Says that the session is to end, and why. The first word counts.
    pub(crate) fn tell(&self, code: u16) {
        let _ = self.code.compare_exchange(0, code, Ordering::AcqRel, Ordering::Acquire);
        self.told.notify_one();
    }

    /// The code, if somebody told one; else 0.
    pub(crate) fn code(&self) -> u16 {
        self.code.load(Ordering::Acquire)
    }

    /// Resolves with the code once somebody told.
    pub(crate) async fn told(&self) -> u16 {
        loop {
            let code = self.code();
            if code != 0 {
                return code;
            }
            self.told.notified().await;
        }
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut inner = self.registry.inner.lock();
        inner.connections -= 1;
        inner.by_front[self.front as usize] -= 1;
        if let Some(count) = inner.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                inner.by_address.remove(&self.address);
            }
        }
    }
}

impl Drop for HandshakePermit {
    fn drop(&mut self) {
        self.registry.inner.lock().handshakes -= 1;
    }
}

impl Drop for LiveSession {
    fn drop(&mut self) {
        let mut inner = self.registry.inner.lock();
        // Whoever took the session over keeps it.
        if inner.live.get(&self.key).is_some_and(|live| Arc::ptr_eq(live, &self.kill)) {
            inner.live.remove(&self.key);
        }
    }
}

/// What counts as one address: an IPv6 host owns a whole /64.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const ACME: AccountId = AccountId(10);

    fn limits() -> Limits {
        Limits {
            connections_max: 3,
            connections_per_address_max: 2,
            handshakes_max: 3,
            handshakes_unvalidated_max: 1,
            sessions_per_account_max: 2,
            ..Limits::default()
        }
    }

    fn welcome(admission: Admission) -> Option<(HandshakePermit, ConnectionPermit)> {
        match admission {
            Admission::Welcome(handshake, connection) => Some((handshake, connection)),
            Admission::ProveAddress | Admission::Full => None,
        }
    }

    #[test]
    fn one_connection_more_than_the_limit_is_refused_and_a_closed_one_gives_room() {
        let (registry, limits) = (Arc::new(Registry::default()), limits());
        let (_, first) = welcome(registry.admit((Front::Quic, HERE), true, &limits)).unwrap();
        let _second = welcome(registry.admit((Front::Quic, HERE), true, &limits)).unwrap();
        assert!(matches!(registry.admit((Front::Quic, HERE), true, &limits), Admission::Full), "two from one address");
        let _third = welcome(registry.admit((Front::Rest, THERE), true, &limits)).unwrap();
        assert!(matches!(registry.admit((Front::Rest, THERE), true, &limits), Admission::Full), "three in all");
        drop(first);
        assert!(welcome(registry.admit((Front::Quic, HERE), true, &limits)).is_some());
        assert_eq!(registry.connections(), 2, "what was let in and dropped counts no more");
        assert_eq!([Front::Quic, Front::Rest].map(|front| registry.connections_by(front)), [1, 1]);
    }

    #[test]
    fn above_a_few_handshakes_an_address_must_be_proven_and_above_many_nobody_comes_in() {
        let (registry, limits) = (Arc::new(Registry::default()), Limits { handshakes_max: 2, ..limits() });
        let (first, _connection) = welcome(registry.admit((Front::Quic, HERE), false, &limits)).unwrap();
        assert!(matches!(registry.admit((Front::Rest, THERE), false, &limits), Admission::ProveAddress));
        let _second = welcome(registry.admit((Front::Rest, THERE), true, &limits)).unwrap();
        assert!(matches!(registry.admit((Front::Rest, THERE), true, &limits), Admission::Full));
        drop(first);
        assert!(welcome(registry.admit((Front::Rest, THERE), true, &limits)).is_some());
    }

    #[test]
    fn an_ipv6_host_is_its_whole_network() {
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        assert_eq!(network_of(one), network_of("2001:db8::ffff:1".parse().unwrap()));
        assert_ne!(network_of(one), network_of("2001:db8:0:1::1".parse().unwrap()));
        assert_eq!(network_of("::ffff:127.0.0.1".parse().unwrap()), HERE);
    }

    #[tokio::test]
    async fn a_taken_session_is_told_and_stays_with_the_taker() {
        let registry = Arc::new(Registry::default());
        let first = registry.take((ACME, SessionId(1)), Arc::default(), 3015);
        let second = registry.take((ACME, SessionId(1)), Arc::default(), 3015);
        assert_eq!(first.kill.told().await, 3015);
        drop(first);
        assert_eq!(registry.inner.lock().live.len(), 1);
        drop(second);
        assert!(registry.inner.lock().live.is_empty());
    }

    #[test]
    fn the_oldest_session_without_a_connection_makes_room() {
        let (registry, limits) = (Arc::new(Registry::default()), limits());
        let opened = |session| Event::SessionOpened { account: ACME, session: SessionId(session) };
        registry.follow(&[opened(1), opened(2), opened(2)]);
        let first = registry.take((ACME, SessionId(1)), Arc::default(), 3015);
        assert_eq!(registry.room_for(ACME, SessionId(2), &limits), Room::Open);
        assert_eq!(registry.room_for(ACME, SessionId(3), &limits), Room::Close(SessionId(2)));
        assert_eq!(registry.room_for(ACME, SessionId(3), &limits), Room::Free, "it is being opened");
        let third = registry.hold((ACME, SessionId(3))).unwrap();
        assert!(registry.hold((ACME, SessionId(3))).is_none(), "it is held once");
        assert_eq!(registry.room_for(ACME, SessionId(4), &limits), Room::None);
        drop(first);
        assert_eq!(registry.room_for(ACME, SessionId(4), &limits), Room::Close(SessionId(1)));
        registry.forget(ACME, SessionId(4));
        assert_eq!(registry.room_for(ACME, SessionId(5), &limits), Room::Free);
        drop(third);
    }

    #[test]
    fn hellos_that_come_together_do_not_open_more_sessions_than_there_may_be() {
        let (registry, limits) = (Arc::new(Registry::default()), limits());
        let rooms: Vec<Room> = (1..=20)
            .map(|session| {
                let live = registry.take((ACME, SessionId(session)), Arc::default(), 3015);
                std::mem::forget(live);
                registry.room_for(ACME, SessionId(session), &limits)
            })
            .collect();
        assert_eq!(rooms[..3], [Room::Free, Room::Free, Room::None]);
        assert!(rooms[2..].iter().all(|room| *room == Room::None));
    }
}
