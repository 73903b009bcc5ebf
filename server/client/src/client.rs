//! One connection, and what one can be on it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dce_protocol::{KeyRole, Up, up};
use tokio::sync::oneshot;

use crate::answer::{Pending, Reply};
use crate::bidder::Bidder;
use crate::certificate::Certificate;
use crate::endpoint::Dialer;
use crate::error::Error;
use crate::event::Event;
use crate::ids::{AccountId, CallId, MovementId, ProfileId, Sequence};
use crate::inbox::Inbox;
use crate::link::{Greeting, Link, Secret, Terms, new_session};
use crate::operator::Operator;
use crate::query::{AccountView, CallView, Explanation, Position};
use crate::seller::Seller;
use crate::shared::Shared;
use crate::stream::{FromEvent, Stream};
use crate::trust::Trust;
use crate::units::Timestamp;

/// How patient a client is, and how much it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long [`Client::connect`] tries: 10 seconds.
    pub connect_within: Duration,
    /// How long a lost connection is tried again before everybody who waits is told: a minute.
    pub reconnect_within: Duration,
    /// Requests that may wait for an answer, sent or not: 4,096. More are [`Error::Busy`].
    pub requests_max: usize,
    /// Items a stream keeps for a slow reader before it drops the oldest: 65,536.
    pub events_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_within: Duration::from_secs(10),
            reconnect_within: Duration::from_secs(60),
            requests_max: 4_096,
            events_max: 65_536,
        }
    }
}

/// A session with an exchange. Cloning gives another handle of the same one; when the last is dropped, what was asked is
/// still sent, and then the session ends.
///
/// A lost connection is dialled again and resumed by itself, for as long as [`Options::reconnect_within`] says: requests
/// without an answer are sent again, in order and under the same numbers, so that none is lost and none is carried out
/// twice; events that were missed follow, each once.
#[derive(Clone, Debug)]
pub struct Client {
    handle: Arc<Handle>,
}

#[derive(Debug)]
struct Handle {
    shared: Arc<Shared>,
    account: AccountId,
    role: KeyRole,
    session: u64,
    /// Accounts, not the key's own, that a session was opened for.
    acted_for: Mutex<Vec<AccountId>>,
}

impl Client {
    /// Connects to `address` (`host:port`) and greets it with `key`, as `dce key create` printed it.
    ///
    /// # Errors
    ///
    /// [`Error::Address`], [`Error::Trust`], [`Error::Unreachable`] after ten seconds, or [`Error::Closed`] with the
    /// server's reason, such as an unknown key.
    pub async fn connect(address: &str, trust: Trust, key: &str) -> Result<Self, Error> {
        Self::connect_with(address, trust, key, Options::default()).await
    }

    /// As [`connect`](Self::connect), with other patience and room.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub async fn connect_with(address: &str, trust: Trust, key: &str, options: Options) -> Result<Self, Error> {
        let dialer = Dialer::new(address, &trust, None)?;
        Self::open(dialer, Secret(key.trim().to_owned()), options).await
    }

    /// As [`connect_with`](Self::connect_with), known by a certificate of its own in place of a key.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), and [`Error::Certificate`] when the server does not take it. One that it takes, but
    /// nobody has said whose it is, ends with [`Error::Closed`] and `CertificateUnknown`.
    pub async fn connect_as(
        address: &str,
        trust: Trust,
        certificate: &Certificate,
        options: Options,
    ) -> Result<Self, Error> {
        let dialer = Dialer::new(address, &trust, Some(certificate))?;
        Self::open(dialer, Secret(String::new()), options).await
    }

    async fn open(dialer: Dialer, key: Secret, options: Options) -> Result<Self, Error> {
        let greeting = Greeting {
            key,
            session: new_session(),
            connect_within: options.connect_within,
            reconnect_within: options.reconnect_within,
        };
        let shared = Arc::new(Shared::new(options.requests_max, options.events_max));
        let link = Link { dialer, greeting, shared: Arc::clone(&shared), inbox: Inbox::default() };
        let (welcomed, welcome) = oneshot::channel();
        tokio::spawn(link.run(welcomed));
        let Terms { account, role, session, .. } = welcome.await.map_err(|_| Error::Ended)??;
        let handle = Handle { shared, account: AccountId(account), role, session, acted_for: Mutex::new(Vec::new()) };
        Ok(Self { handle: Arc::new(handle) })
    }

    /// Bids for the key's own account.
    #[must_use]
    pub fn bidder(&self) -> Bidder {
        Bidder { client: self.clone(), buyer: self.account() }
    }

    /// Sells for the key's own account.
    #[must_use]
    pub fn seller(&self) -> Seller {
        Seller { client: self.clone(), seller: self.account() }
    }

    /// Sets the market up, with an operator's key.
    #[must_use]
    pub fn operator(&self) -> Operator {
        Operator { client: self.clone() }
    }

    /// Bids for any account, with an operator's key.
    ///
    /// # Errors
    ///
    /// The refusal of the session that is opened for the account.
    pub async fn bidder_for(&self, buyer: AccountId) -> Result<Bidder, Error> {
        self.act_for(buyer).await?;
        Ok(Bidder { client: self.clone(), buyer })
    }

    /// Sells for any account, with an operator's key.
    ///
    /// # Errors
    ///
    /// The refusal of the session that is opened for the account.
    pub async fn seller_for(&self, seller: AccountId) -> Result<Seller, Error> {
        self.act_for(seller).await?;
        Ok(Seller { client: self.clone(), seller })
    }

    /// What the server sends this key, from now on: for a buyer or a seller, all events its account is party to; for an
    /// operator, those of its own requests.
    #[must_use]
    pub fn events(&self) -> Stream<Event> {
        self.stream()
    }

    /// What an account has: the key's own, or any with an operator's key.
    pub fn balance(&self, account: AccountId) -> Pending<AccountView> {
        self.balance_at(account, Sequence(0))
    }

    /// As [`balance`](Self::balance), from a state that contains `min`, such as an answer's sequence.
    pub fn balance_at(&self, account: AccountId, min: Sequence) -> Pending<AccountView> {
        let query = up::QueryBalance { account: account.0, min_sequence: min.0 };
        self.shared().ask(&query.into(), Reply::account)
    }

    /// How far a call has come, from a state that contains `min`; `Sequence(0)` for any.
    pub fn call(&self, seller: AccountId, call: CallId, min: Sequence) -> Pending<CallView> {
        let query = up::QueryCall { seller: seller.0, call: call.0, min_sequence: min.0 };
        self.shared().ask(&query.into(), Reply::call)
    }

    /// Why a call went to whom it went, or to nobody: all candidates the key may see, or the one named.
    pub fn explain(
        &self,
        seller: AccountId,
        call: CallId,
        candidate: Option<(AccountId, ProfileId)>,
    ) -> Pending<Explanation> {
        let candidate =
            candidate.map(|(buyer, profile)| dce_protocol::Candidate { buyer: buyer.0, profile: profile.0 });
        let query = up::QueryExplain { seller: seller.0, call: call.0, candidate };
        self.shared().ask(&query.into(), Reply::explained)
    }

    /// How far the log has come; with `min` above 0, once it has come that far.
    pub fn position(&self, min: Sequence) -> Pending<Position> {
        self.shared().ask(&up::QueryPosition { min_sequence: min.0 }.into(), Reply::position)
    }

    /// The account the key belongs to.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.handle.account
    }

    /// What the key may do.
    #[must_use]
    pub fn role(&self) -> KeyRole {
        self.handle.role
    }

    /// The session: what the exchange tells this client's requests from others' by.
    #[must_use]
    pub fn session(&self) -> u64 {
        self.handle.session
    }

    /// The server's time, as its last answer and this machine's clock tell.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared().lock().clock.now()
    }

    /// An id for a new call: nobody has had it before.
    #[must_use]
    pub fn new_call(&self) -> CallId {
        CallId(self.shared().ids.next(self.now()))
    }

    /// An id for a new deposit or withdrawal.
    #[must_use]
    pub fn new_movement(&self) -> MovementId {
        MovementId(self.shared().ids.next(self.now()))
    }

    /// Waits for the answers still to come, ends the session, and says how that went. Nothing can be asked any more.
    ///
    /// # Errors
    ///
    /// Why the client ended before, if it did.
    pub async fn close(self) -> Result<(), Error> {
        for account in self.acted_for().drain(..) {
            self.command(up::CloseSession { account: account.0, session: self.session() }).forget();
        }
        self.shared().close();
        match self.ended().await {
            Error::Ended => Ok(()),
            error => Err(error),
        }
    }

    /// Resolves when the client has ended, with the reason: [`Error::Ended`] when it was closed.
    pub async fn ended(&self) -> Error {
        let mut ended = self.shared().ended.subscribe();
        match ended.wait_for(Option::is_some).await {
            Ok(error) => error.clone().unwrap_or(Error::Ended),
            Err(_) => Error::Ended,
        }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.handle.shared
    }

    pub(crate) fn command<'a>(&self, frame: impl Into<Up<'a>>) -> Pending {
        self.shared().ask(&frame.into(), Reply::accepted)
    }

    pub(crate) fn stream<T: FromEvent>(&self) -> Stream<T> {
        self.shared().lock().streams.open(self.shared().events_max)
    }

    /// Requests with a number need a session of the account they are made for.
    async fn act_for(&self, account: AccountId) -> Result<(), Error> {
        if account == self.account() || self.acted_for().contains(&account) {
            return Ok(());
        }
        self.operator().open_session(account, self.session()).await?;
        self.acted_for().push(account);
        Ok(())
    }

    fn acted_for(&self) -> std::sync::MutexGuard<'_, Vec<AccountId>> {
        self.handle.acted_for.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.close();
    }
}
