//! One frame after the other: what it asks, whether its key may, and the way to the exchange or to a query.

use std::rc::Rc;

use dce_engine::commands::{CloseSession, Stamp};
use dce_engine::ids::{AccountId, SessionId};
use dce_engine::reject::Reject;
use dce_protocol::{Fault, Up, up};
use dce_runtime::Busy;

use super::commands::{command, set_bid};
use super::permit::permit;
use super::query::query;
use super::session::{Session, Who};
use super::stream::End;
use super::worker::{Asker, Worker};

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is on its way, or was answered.
    Done,
    /// The exchange has no room for it: the same frame is to be tried again.
    Wait,
    /// It ends the stream.
    End(End),
}

/// Takes a whole frame.
pub(super) fn take(worker: &Rc<Worker>, session: &Rc<Session>, frame: &[u8]) -> Taken {
    let Some(who) = session.who() else { return end(Fault::HelloExpected) };
    let (number, up) = match Up::decode(frame) {
        Ok(read) => read,
        Err(fault) => return end(fault),
    };
    match up {
        Up::Hello(_) => return end(Fault::HelloRepeated),
        Up::Heartbeat(_) => return Taken::Done,
        Up::Goodbye(_) => return goodbye(worker, session, who),
        _ => {}
    }
    if !session.is_waiting(number) {
        if let Err(fault) = session.count(number, up.answers()) {
            return end(fault);
        }
        if let Err(fault) = permit(&who.proof.principal, &up) {
            refuse_all(session, number, &up, fault.code(), fault.is_transient());
            worker.mark(session);
            return Taken::Done;
        }
    }
    let stamp = Stamp::new(who.session, number);
    let taken = match &up {
        Up::SetBids(batch) => take_batch(worker, session, stamp, batch),
        up => take_one(worker, session, stamp, up),
    };
    session.set_waiting((taken == Taken::Wait).then_some(number));
    let done = u16::try_from(session.batch_done.get()).unwrap_or(u16::MAX);
    session.set_unsent(if taken == Taken::Done { 0 } else { up.answers().saturating_sub(done) });
    taken
}

/// Refuses what could not be taken in time; a goodbye is one all the same.
///
/// # Errors
///
/// The end of the stream.
pub(super) fn give_up(worker: &Worker, session: &Rc<Session>, frame: &[u8]) -> Result<(), End> {
    match Up::decode(frame) {
        Ok((_, Up::Goodbye(_))) | Err(_) => Err(End::Code(0)),
        Ok((number, up)) => {
            session.set_waiting(None);
            session.set_unsent(0);
            refuse_all(session, number, &up, Fault::ServerBusy.code(), true);
            worker.mark(session);
            Ok(())
        }
    }
}

fn take_one(worker: &Rc<Worker>, session: &Rc<Session>, stamp: Stamp, up: &Up<'_>) -> Taken {
    let number = stamp.number;
    let submitted = {
        let mut scratch = worker.scratch.borrow_mut();
        match command(up, stamp, &mut scratch) {
            Ok(Some(command)) => worker.submit(&command, || Asker::Request(Rc::clone(session), number)),
            Ok(None) => {
                query(worker, session, number, up);
                return Taken::Done;
            }
            Err(reject) => {
                session.refuse(number, reject.code(), reject.is_transient());
                worker.mark(session);
                return Taken::Done;
            }
        }
    };
    match submitted {
        Ok(()) => {
            if let Up::OpenSession(said) = up {
                session.hold(worker.hub.registry.hold((AccountId(said.account), SessionId(said.session))));
            }
            Taken::Done
        }
        Err(busy) => not_taken(worker, session, number, busy),
    }
}

/// Each bid of a batch is a command of its own; those that were taken before are not taken again.
fn take_batch(worker: &Rc<Worker>, session: &Rc<Session>, stamp: Stamp, batch: &up::SetBids<'_>) -> Taken {
    let bids = batch.bids.as_slice();
    while let Some(bid) = bids.get(session.batch_done.get()) {
        let number = stamp.number + session.batch_done.get() as u64;
        let command = set_bid(batch.buyer, bid.profile(), bid.amount(), Stamp { number, ..stamp });
        if let Err(busy) = worker.submit(&command, || Asker::Request(Rc::clone(session), number)) {
            let taken = not_taken(worker, session, number, busy);
            if taken != Taken::Done {
                return taken;
            }
        }
        session.batch_done.set(session.batch_done.get() + 1);
    }
    session.batch_done.set(0);
    Taken::Done
}

fn not_taken(worker: &Worker, session: &Rc<Session>, number: u64, busy: Busy) -> Taken {
    match busy {
        Busy::RingFull { .. } | Busy::InFlightFull { .. } => Taken::Wait,
        Busy::TooLarge { .. } => {
            session.refuse(number, Reject::CommandTooLarge.code(), false);
            worker.mark(session);
            Taken::Done
        }
        // Not answered: the client sends it again after the restart.
        Busy::Stopping if worker.hub.handle.failure().is_some() => end(Fault::ServerFailed),
        Busy::Stopping => end(Fault::ServerStopping),
    }
}

/// Refuses a request, or every bid of a batch that has no answer yet.
fn refuse_all(session: &Rc<Session>, number: u64, up: &Up<'_>, code: u16, transient: bool) {
    for place in session.batch_done.take() as u64..u64::from(up.answers()) {
        session.refuse(number + place, code, transient);
    }
}

/// The client will not come back: its session is closed in the log, and the stream ends once all is answered.
fn goodbye(worker: &Rc<Worker>, session: &Rc<Session>, who: &Who) -> Taken {
    if who.proof.principal.role.is_trader() {
        let command = CloseSession::new(who.proof.principal.account, who.session).into();
        match worker.submit(&command, || Asker::Leaving(Rc::clone(session))) {
            Ok(()) => {
                session.count_silent();
                worker.hub.registry.forget(who.proof.principal.account, who.session);
            }
            Err(Busy::RingFull { .. } | Busy::InFlightFull { .. }) => return Taken::Wait,
            // The session stays open in the log, and is closed when the account needs its place.
            Err(Busy::TooLarge { .. } | Busy::Stopping) => {}
        }
    }
    Taken::End(End::Code(0))
}

const fn end(fault: Fault) -> Taken {
    Taken::End(End::Code(fault.code()))
}
