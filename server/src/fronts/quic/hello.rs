//! The first frame of a stream: whose key, which session, and what it has missed while it was away.

use std::rc::Rc;
use std::time::Duration;

use dce_engine::commands::{CloseSession, Command, OpenSession};
use dce_engine::ids::{LogId, Sequence, SessionId};
use dce_engine::units::Timestamp;
use dce_protocol::{CREDIT, EventFrame, FRAME_MAX, Fault, KeyRole, Resume, Up, VERSION, down, up};
use dce_runtime::{Busy, Refusal};
use tokio::sync::oneshot;

use super::events::{Terms, Viewer, audience, seen_by, wire_event, wire_facts};
use super::proof::Proof;
use super::session::{Session, Who};
use super::stream::{End, Inbound};
use super::worker::{Asker, Worker, end_of};
use crate::identity::{Fingerprint, Principal, Role};
use crate::registry::Room;
use crate::tail::{Kept, Position};
use crate::traces::FrontSpan;

/// Events copied from the tail at once.
const PIECE: usize = 512;
/// A piece follows once at most so many bytes of the last ones wait to be read.
const PIECE_WAITS_BYTES: usize = 256 * 1_024;
/// How often a place that another thread is about to reach is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// Reads the hello, opens the session, sends what was missed, and lets the session hear what happens from then on.
pub(super) async fn greet(
    worker: &Rc<Worker>,
    session: &Rc<Session>,
    inbound: &mut Inbound,
    shown: Option<Fingerprint>,
) -> Result<(), End> {
    let place = loop {
        match inbound.frame().map_err(refused)? {
            Some(place) => break place,
            None => inbound.more().await?,
        }
    };
    let (proof, wanted, resume) = read_hello(worker, place.bytes(inbound), shown).map_err(refused)?;
    let principal = proof.principal;
    inbound.drop_frame(place);
    let (account, kill) = (principal.account, std::sync::Arc::clone(&session.kill));
    let live = worker.hub.registry.take((account, wanted), kill, Fault::SessionTaken.code());
    session.introduce(Who { proof, session: wanted, _live: live });
    let span = worker.hub.traces.hello();
    let from = let_in(worker, session, principal, (wanted, resume), span.as_ref()).await;
    // Of a client that left meanwhile nothing is said but that it was let go.
    if let Some(span) = span.filter(|_| !matches!(from, Err(End::Gone))) {
        span.ended(from.as_ref().err().and_then(End::code));
    }
    if let Some(from) = from?.filter(|_| principal.role.is_trader()) {
        catch_up(worker, session, principal, from).await?;
    }
    worker.join(session);
    worker.end_round();
    // It may have been taken back while the session was being opened; from now on the sweep looks.
    proof.look_again(&worker.hub).map_err(refused)
}

/// Opens the session and says so. Answers what the client has missed, if it comes back.
async fn let_in(
    worker: &Rc<Worker>,
    session: &Rc<Session>,
    principal: Principal,
    (wanted, resume): (SessionId, Option<Resume>),
    span: Option<&FrontSpan>,
) -> Result<Option<Position>, End> {
    if principal.role.is_trader() {
        open_session(worker, principal, wanted, span).await?;
    }
    let from = match resume {
        Some(resume) => Some(judge_resume(worker, resume).await.map_err(refused)?),
        None => None,
    };
    welcome(worker, session, principal);
    Ok(from)
}

fn read_hello(
    worker: &Worker,
    frame: &[u8],
    shown: Option<Fingerprint>,
) -> Result<(Proof, SessionId, Option<Resume>), Fault> {
    let Up::Hello(up::Hello { version, session, resume, key, .. }) = Up::decode(frame)?.1 else {
        return Err(Fault::HelloExpected);
    };
    if version != VERSION {
        return Err(Fault::VersionUnsupported);
    }
    Ok((Proof::of(&worker.hub, key.expose(), shown)?, SessionId(session), resume))
}

/// Opens the session in the log, where the account has room for it.
async fn open_session(
    worker: &Rc<Worker>,
    principal: Principal,
    session: SessionId,
    span: Option<&FrontSpan>,
) -> Result<(), End> {
    let account = principal.account;
    match worker.hub.registry.room_for(account, session, &worker.hub.limits) {
        Room::Open => return Ok(()),
        Room::Free => {}
        Room::Close(oldest) => {
            // Answered before the opening is; whether it is gone or was already is the same to us.
            drop(submit(worker, &CloseSession::new(account, oldest).into(), span).await?);
        }
        Room::None => return Err(refused(Fault::ConnectionsFull)),
    }
    let answer = submit(worker, &OpenSession::new(account, session).into(), span).await?;
    match answer.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(refusal)) => {
            worker.hub.registry.forget(account, session);
            let ends = matches!(refusal, Refusal::Stopping | Refusal::JournalFailed);
            Err(End::Code(if ends { end_of(refusal).code() } else { refusal.code() }))
        }
        Err(_) => Err(refused(Fault::ServerStopping)),
    }
}

/// Submits a command of the front's own, waiting for room as long as the hello may take.
pub(super) async fn submit(
    worker: &Rc<Worker>,
    command: &Command<'_>,
    span: Option<&FrontSpan>,
) -> Result<oneshot::Receiver<Result<Sequence, Refusal>>, End> {
    let (reply, answer) = oneshot::channel();
    let (mut reply, mut span) = (Some(reply), span.and_then(|span| span.command(command)));
    loop {
        match worker.submit_traced(command, &mut span, || reply.take().map_or(Asker::Nobody, Asker::Front)) {
            Ok(()) => {
                worker.end_round();
                return Ok(answer);
            }
            Err(Busy::RingFull { .. } | Busy::InFlightFull { .. }) => worker.moved.notified().await,
            Err(Busy::TooLarge { .. } | Busy::Stopping) => return Err(refused(Fault::ServerStopping)),
        }
    }
}

/// Whether the place is one of this log, and not ahead of it; waits for this thread to reach it.
async fn judge_resume(worker: &Worker, resume: Resume) -> Result<Position, Fault> {
    let position = Position { sequence: Sequence(resume.sequence), index: resume.index };
    let hub = &worker.hub;
    if LogId(resume.log) != hub.stream || position.sequence > hub.handle.gauges().published().max(worker.position().0) {
        return Err(Fault::ResumeElsewhere);
    }
    while worker.position().0 < position.sequence {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(position)
}

fn welcome(worker: &Worker, session: &Rc<Session>, principal: Principal) {
    let ((sequence, at), limits) = (worker.position(), &worker.hub.limits);
    let millis = |length: Duration| u32::try_from(length.as_millis()).unwrap_or(u32::MAX);
    let welcome = down::Welcome {
        version: VERSION,
        account: principal.account.0,
        role: match principal.role {
            Role::Operator => KeyRole::Operator,
            Role::Buyer => KeyRole::Buyer,
            Role::Seller => KeyRole::Seller,
            Role::Admin => KeyRole::Admin,
            Role::Auditor => KeyRole::Auditor,
            Role::Service => KeyRole::Service,
        },
        credit: CREDIT,
        frame_max: FRAME_MAX as u32,
        heartbeat: millis(limits.heartbeat_every),
        idle: millis(limits.silence_max),
        log: worker.hub.stream.0,
        sequence: sequence.0,
        at: at.micros(),
    };
    session.say(&welcome.into());
    worker.mark(session);
}

/// Sends the events after `from`, in pieces, until the session has caught up with this thread. It joins in the same
/// moment: nothing is lost between the two, and nothing is said twice.
async fn catch_up(
    worker: &Rc<Worker>,
    session: &Rc<Session>,
    principal: Principal,
    mut from: Position,
) -> Result<(), End> {
    let concerns = |event: &_| {
        wire_event(event, None).is_some_and(|event| audience(&event).any(|account| account == principal.account))
    };
    let (mut copies, mut facts) = (Vec::new(), Vec::new());
    loop {
        let up_to = worker.position().0;
        copies.clear();
        let reached = {
            let tail = worker.hub.tail.lock();
            if tail.last() < up_to {
                // Another thread fills the tail, and is about to.
                None
            } else {
                let copied = tail.copy(from, up_to, PIECE, concerns, &mut copies);
                Some(copied.map_err(|_| refused(Fault::ResumeTooOld))?)
            }
        };
        for kept in &copies {
            tell_again(session, principal, kept, &mut facts);
        }
        worker.mark(session);
        match reached {
            Some(reached) => {
                from = reached;
                if from >= Position::end_of(up_to) {
                    return Ok(());
                }
                worker.end_round();
                session.drained_to(PIECE_WAITS_BYTES).await;
                // Others have their turn between two pieces, whether anything had to be written or not.
                tokio::task::yield_now().await;
            }
            None => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}

fn tell_again(session: &Session, principal: Principal, kept: &Kept, facts: &mut Vec<dce_protocol::Fact>) {
    let Kept { sequence, index, at, event, offer } = kept;
    let terms = offer.as_ref().map(|offer| {
        wire_facts(&offer.facts, facts);
        Terms { listing: offer.listing, facts }
    });
    if let Some(event) = wire_event(event, terms) {
        let event = seen_by(event, Viewer::Party(principal.account));
        let at = Timestamp::micros(*at);
        session.tell(&EventFrame { sequence: sequence.0, index: *index, at, again: false, event });
    }
}

const fn refused(fault: Fault) -> End {
    End::Code(fault.code())
}
