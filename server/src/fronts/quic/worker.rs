//! One thread of the front: its way to the exchange, its sessions, and the round in which answers and events go out.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;

use dce_engine::commands::Command;
use dce_engine::ids::{AccountId, Sequence};
use dce_engine::units::Timestamp;
use dce_protocol::{EventFrame, Fault, down, event as wire};
use dce_runtime::{Busy, Delivery, Port, Refusal, Ticket};
use hashbrown::HashMap;
use tokio::sync::{Notify, oneshot};

use super::commands::Scratch;
use super::events::{Terms, Viewer, audience, seen_by, wire_event, wire_facts};
use super::session::Session;
use crate::hub::Hub;
use crate::tail::OfferTerms;
use crate::traces::CommandSpan;

/// Deliveries handled before the other tasks of the thread have a turn.
const TURN: usize = 512;

/// One front thread's state. Nothing in here is shared with other threads but the hub.
pub(super) struct Worker {
    pub(super) hub: Arc<Hub>,
    port: RefCell<Port>,
    pending: RefCell<VecDeque<Pending>>,
    pub(super) sessions: RefCell<HashMap<u64, Rc<Session>>>,
    by_account: RefCell<HashMap<AccountId, Vec<Rc<Session>>>>,
    dirty: RefCell<Vec<Rc<Session>>>,
    pub(super) scratch: RefCell<Scratch>,
    facts: RefCell<Vec<dce_protocol::Fact>>,
    position: Cell<(Sequence, Timestamp)>,
    /// Rounds of the sweep so far: the clock by which silence is judged.
    pub(super) round: Cell<u32>,
    /// Which reading of the keys the sessions were judged by last.
    pub(super) keys_version: Cell<(u64, u64)>,
    /// One worker keeps the tail and the list of open sessions for all.
    keeps_tail: bool,
    next_id: Cell<u64>,
    /// Deliveries were handled: there may be room for a command, and the position may have moved.
    pub(super) moved: Notify,
}

/// A command whose answer has not come.
struct Pending {
    ticket: Ticket,
    asker: Asker,
    span: Option<CommandSpan>,
}

/// Who waits for an answer.
pub(super) enum Asker {
    /// A request of a session.
    Request(Rc<Session>, u64),
    /// A session whose client has said goodbye.
    Leaving(Rc<Session>),
    /// The front itself, as a session is opened.
    Front(oneshot::Sender<Result<Sequence, Refusal>>),
    /// Nobody.
    Nobody,
}

impl Worker {
    pub(super) fn new(hub: Arc<Hub>, port: Port, at: Timestamp, keeps_tail: bool) -> Rc<Self> {
        let position = (port.since(), at);
        Rc::new(Self {
            hub,
            port: RefCell::new(port),
            pending: RefCell::default(),
            sessions: RefCell::default(),
            by_account: RefCell::default(),
            dirty: RefCell::default(),
            scratch: RefCell::default(),
            facts: RefCell::default(),
            position: Cell::new(position),
            round: Cell::new(0),
            keys_version: Cell::new((0, 0)),
            keeps_tail,
            next_id: Cell::new(0),
            moved: Notify::new(),
        })
    }

    /// How far the events of this worker's sessions have come.
    pub(super) fn position(&self) -> (Sequence, Timestamp) {
        self.position.get()
    }

    pub(super) fn next_id(&self) -> u64 {
        self.next_id.replace(self.next_id.get() + 1)
    }

    /// Sends a command; its answer goes to `asker`. The exchange hears of it at the end of the round at the latest.
    ///
    /// # Errors
    ///
    /// Which bound of the runtime was hit; nothing was sent then.
    pub(super) fn submit(&self, command: &Command<'_>, asker: impl FnOnce() -> Asker) -> Result<(), Busy> {
        self.submit_traced(command, &mut self.hub.traces.command(command), asker)
    }

    /// The same of a command that belongs to a trace, or to none; its span is taken once it is on its way.
    ///
    /// # Errors
    ///
    /// Which bound of the runtime was hit; nothing was sent then.
    pub(super) fn submit_traced(
        &self,
        command: &Command<'_>,
        span: &mut Option<CommandSpan>,
        asker: impl FnOnce() -> Asker,
    ) -> Result<(), Busy> {
        let mark = span.as_ref().map(CommandSpan::mark);
        let ticket = self.port.borrow_mut().enqueue_marked(command, mark)?;
        self.pending.borrow_mut().push_back(Pending { ticket, asker: asker(), span: span.take() });
        Ok(())
    }

    /// From now on the session hears the events of its account.
    pub(super) fn join(&self, session: &Rc<Session>) {
        session.is_joined.set(true);
        if let Some(who) = session.who().filter(|_| !session.is_operator()) {
            let mut by_account = self.by_account.borrow_mut();
            by_account.entry(who.proof.principal.account).or_default().push(Rc::clone(session));
        }
    }

    /// Forgets a session. Answers still under way find nobody.
    pub(super) fn leave(&self, session: &Rc<Session>) {
        self.sessions.borrow_mut().remove(&session.id);
        let Some(who) = session.who() else { return };
        let mut by_account = self.by_account.borrow_mut();
        if let Some(sessions) = by_account.get_mut(&who.proof.principal.account) {
            sessions.retain(|other| !Rc::ptr_eq(other, session));
            if sessions.is_empty() {
                by_account.remove(&who.proof.principal.account);
            }
        }
    }

    /// Hands out answers and events for as long as the runtime runs.
    pub(super) async fn pump(self: Rc<Self>) {
        loop {
            poll_fn(|context| self.port.borrow_mut().ready(context)).await;
            let handled = self.handle_deliveries();
            self.end_round();
            self.moved.notify_waiters();
            if handled == 0 {
                // Ready with nothing: the runtime has said its last word.
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Marks a session whose frames are to be written at the end of the round.
    pub(super) fn mark(&self, session: &Rc<Session>) {
        if !session.is_dirty.replace(true) {
            self.dirty.borrow_mut().push(Rc::clone(session));
        }
        session.said.set(self.round.get());
    }

    /// Wakes the exchange once for all that was submitted, and writes what is waiting, one write a session.
    pub(super) fn end_round(&self) {
        self.port.borrow().wake_writer();
        for session in self.dirty.borrow_mut().drain(..) {
            session.is_dirty.set(false);
            session.flush();
        }
    }

    fn handle_deliveries(&self) -> usize {
        let mut port = self.port.borrow_mut();
        let mut handled = 0;
        while handled < TURN {
            let Some(delivery) = port.poll() else { break };
            handled += 1;
            let pending = delivery.ticket.and_then(|ticket| self.pending_of(ticket));
            let (asker, span) = pending.map_or((Asker::Nobody, None), |pending| (pending.asker, pending.span));
            self.deliver(&delivery, &asker);
            self.answer(&delivery, asker);
            if let Some(span) = span {
                span.answered(&delivery.result, delivery.passage);
            }
        }
        handled
    }

    fn pending_of(&self, ticket: Ticket) -> Option<Pending> {
        // Answers come in the order of submission.
        self.pending.borrow_mut().pop_front_if(|first| first.ticket == ticket)
    }

    /// Tells the events of an accepted command: the asker's own before its answer, the others' as they concern them.
    fn deliver(&self, delivery: &Delivery<'_>, asker: &Asker) {
        if let Asker::Request(session, _) = asker {
            session.events_told.set(0);
        }
        let Ok(receipt) = delivery.result else { return };
        if !receipt.repeated {
            self.keep(delivery);
        }
        if delivery.events.is_empty() {
            return;
        }
        let by_account = self.by_account.borrow();
        let asker = match asker {
            Asker::Request(session, _) => Some(session),
            Asker::Leaving(_) | Asker::Front(_) | Asker::Nobody => None,
        };
        if asker.is_none() && by_account.is_empty() {
            return;
        }
        let mut facts = self.facts.borrow_mut();
        let terms = delivery.invitation.map(|invitation| {
            wire_facts(invitation.facts, &mut facts);
            invitation.listing
        });
        let terms = terms.map(|listing| Terms { listing, facts: &facts });
        for (index, event) in delivery.events.iter().enumerate() {
            let Some(event) = wire_event(event, terms) else { continue };
            let frame = EventFrame {
                sequence: receipt.sequence.0,
                index: u16::try_from(index).unwrap_or(u16::MAX),
                at: delivery.at.micros(),
                again: receipt.repeated,
                event,
            };
            match asker {
                Some(session) if session.is_operator() => self.tell(session, &frame, Viewer::Operator),
                Some(session) if receipt.repeated => {
                    let own = session.who().map(|who| who.proof.principal.account);
                    if let Some(account) = audience(&event).find(|account| Some(*account) == own) {
                        self.tell(session, &frame, Viewer::Party(account));
                    }
                }
                _ => {}
            }
            if !receipt.repeated {
                for account in audience(&event) {
                    for session in by_account.get(&account).into_iter().flatten() {
                        self.tell(session, &frame, Viewer::Party(account));
                    }
                }
            }
        }
    }

    fn tell(&self, session: &Rc<Session>, frame: &EventFrame<'_>, viewer: Viewer) {
        let event: wire::Event<'_> = seen_by(frame.event, viewer);
        session.tell(&EventFrame { event, ..*frame });
        session.events_told.set(session.events_told.get().saturating_add(1));
        self.mark(session);
    }

    fn answer(&self, delivery: &Delivery<'_>, asker: Asker) {
        match asker {
            Asker::Request(session, number) => {
                match delivery.result {
                    Ok(receipt) => {
                        let accepted = down::Accepted {
                            sequence: receipt.sequence.0,
                            at: delivery.at.micros(),
                            events: session.events_told.get(),
                            repeated: receipt.repeated,
                        };
                        session.answer(number, &accepted.into());
                    }
                    // Not a refusal but the end: the client finds out about it after the restart, by sending it again.
                    Err(refusal @ (Refusal::Stopping | Refusal::JournalFailed)) => {
                        session.settle(1);
                        session.kill.tell(end_of(refusal).code());
                    }
                    Err(refusal) => session.refuse(number, refusal.code(), refusal.is_transient()),
                }
                self.mark(&session);
            }
            Asker::Leaving(session) => session.settle(1),
            Asker::Front(reply) => {
                let _ = reply.send(delivery.result.map(|receipt| receipt.sequence));
            }
            Asker::Nobody => {}
        }
    }

    /// Notes how far the log is, for those who come back.
    fn keep(&self, delivery: &Delivery<'_>) {
        let (before, _) = self.position.replace((delivery.sequence, delivery.at));
        let gap = delivery.sequence.0 != before.0 + 1;
        if self.keeps_tail {
            self.hub.registry.follow(delivery.events);
            let mut tail = self.hub.tail.lock();
            if gap {
                tail.skip_to(Sequence(delivery.sequence.0 - 1));
            }
            let offer = || {
                let invitation = delivery.invitation?;
                Some(OfferTerms { listing: invitation.listing, facts: invitation.facts.to_vec() })
            };
            tail.push(delivery.sequence, delivery.at, delivery.events, offer);
        }
        if gap {
            self.drop_all_joined();
        }
    }

    /// This thread was so late that it has missed events: its sessions are cut off before they hear of anything later,
    /// so that they come back to where they were. An operator's own answers are never missed.
    fn drop_all_joined(&self) {
        tracing::warn!(
            "a front thread fell behind the exchange and drops its sessions: they come back and resume, or begin anew"
        );
        let code = Fault::TooSlow.code();
        for session in self.by_account.borrow_mut().drain().flat_map(|(_, sessions)| sessions) {
            session.reset(code);
            session.kill.tell(code);
        }
    }
}

/// What a session is told when the exchange ends.
pub(super) const fn end_of(refusal: Refusal) -> Fault {
    match refusal {
        Refusal::JournalFailed => Fault::ServerFailed,
        _ => Fault::ServerStopping,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::explain::Explainer;
    use crate::hub::Phase;
    use crate::identity::{Holders, KeyStore, Keys, identity_dir};
    use crate::limits::Limits;
    use crate::registry::Registry;
    use crate::tail::Tail;
    use dce_engine::commands::Deposit;
    use dce_engine::genesis::USD;
    use dce_engine::ids::MovementId;
    use dce_engine::limits::Limits as EngineLimits;
    use dce_engine::units::Money;
    use dce_persistence::{NewLog, OpenOptions, open};
    use dce_runtime::{Durability, Options, PortOptions, Runtime};
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    /// A worker before an exchange of its own, without an endpoint.
    pub(crate) struct Stand {
        pub(crate) worker: Rc<Worker>,
        pub(crate) hub: Arc<Hub>,
        runtime: Runtime,
        explainer: crate::explain::ExplainThread,
        _dir: tempfile::TempDir,
    }

    impl Stand {
        pub(crate) fn with(holders: Holders) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let engine_limits = EngineLimits { movements_max: 100_000, ..EngineLimits::small() };
            let opened = open(dir.path(), &OpenOptions::new(NewLog::new(engine_limits, USD)), &mut |_| ()).unwrap();
            let (explainer, thread) = Explainer::start(opened.journal.reader(), 1).unwrap();
            let limits = Limits { delivery_events_max: 1, ..Limits::default() };
            let options = Options {
                durability: Durability::None,
                delivery_events: limits.delivery_events_max,
                subscribers: 1,
                ..Options::default()
            };
            let runtime = Runtime::spawn(opened.exchange, opened.journal, options).unwrap();
            let store = KeyStore::open(&identity_dir(dir.path()), 1).unwrap();
            let hub = Arc::new(Hub {
                stream: opened.recovery.log,
                tail: parking_lot::Mutex::new(Tail::new(limits.tail_events_max, Sequence(0))),
                limits,
                handle: runtime.handle(),
                keys: Keys::load(store).unwrap(),
                holders,
                registry: Arc::<Registry>::default(),
                explainer,
                phase: tokio::sync::watch::Sender::new(Phase::Serving),
                traces: crate::traces::Traces::default(),
                #[cfg(feature = "rest")]
                shelf: Arc::new(crate::catalog::Shelf::new(crate::catalog::Catalog::default())),
            });
            let port = runtime.port(PortOptions { subscribe: true });
            let worker = Worker::new(Arc::clone(&hub), port, Timestamp::default(), true);
            Self { worker, hub, runtime, explainer: thread, _dir: dir }
        }

        fn end(self) {
            let Self { worker, hub, runtime, explainer, _dir } = self;
            explainer.stop();
            drop((worker, hub));
            runtime.shutdown().unwrap();
        }
    }

    #[test]
    fn a_thread_that_fell_behind_drops_its_sessions_and_says_where_it_goes_on() {
        let stand = Stand::with(Holders::default());
        let Stand { worker, hub, .. } = &stand;

        // Far more than the thread is kept while it does not look.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_micros();
        let now = Timestamp::from_micros(u64::try_from(now).unwrap());
        let mut last = Sequence(0);
        for counter in 0..5_000 {
            let deposit = Deposit::new(AccountId::PLATFORM, MovementId::at(now, counter), Money::from_micros(1));
            last = hub.handle.submit(&deposit.into()).unwrap().wait().sequence;
        }
        // Once it looks again, what was dropped is noticed by the next that is delivered.
        while worker.position().0 < last {
            worker.handle_deliveries();
            let deposit = Deposit::new(AccountId::PLATFORM, MovementId::at(now, 5_000 + last.0), Money::from_micros(1));
            last = hub.handle.submit(&deposit.into()).unwrap().wait().sequence;
            worker.handle_deliveries();
        }
        let from_the_start = crate::tail::Position { sequence: Sequence(0), index: 0 };
        let copied = hub.tail.lock().copy(from_the_start, last, 9, |_| true, &mut Vec::new());
        assert_eq!(copied, Err(crate::tail::TooOld), "the gap is not passed over in silence");
        stand.end();
    }
}
