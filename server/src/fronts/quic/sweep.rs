//! What has to be done every so often: heartbeats, silence, keys and certificates that were taken back.

use std::rc::Rc;
use std::time::Duration;

use dce_protocol::{Fault, down};
use tokio::time::{MissedTickBehavior, interval};

use super::worker::Worker;

/// Rounds between two heartbeats: time is told no finer than this.
const ROUNDS_A_HEARTBEAT: u32 = 5;

/// Goes round for as long as the worker lives.
pub(super) async fn sweep(worker: Rc<Worker>) {
    let limits = &worker.hub.limits;
    let round_length = (limits.heartbeat_every / ROUNDS_A_HEARTBEAT).max(Duration::from_millis(1));
    let silence_rounds =
        u32::try_from(limits.silence_max.as_nanos().div_ceil(round_length.as_nanos())).unwrap_or(u32::MAX);
    let mut rounds = interval(round_length);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        let round = worker.round.get().wrapping_add(1);
        worker.round.set(round);
        go_round(&worker, round, silence_rounds);
        worker.end_round();
    }
}

/// Looks at every session; at what each stands on where keys or certificates have changed since that was last seen whole.
fn go_round(worker: &Worker, round: u32, silence_rounds: u32) {
    // Before anything is looked up: what changes meanwhile is another version, and looked at in the next round.
    let version = (worker.hub.keys.version(), worker.hub.holders.version());
    let has_changed = worker.keys_version.get() != version;
    let has_seen_all = look_at_sessions(worker, round, silence_rounds, has_changed);
    if has_seen_all {
        worker.keys_version.set(version);
    }
}

/// Judges each session by its silence and by what it stands on. Answers whether all that had to be looked up was: a session
/// whose certificate the store cannot say anything about at the moment is kept, and looked at again.
fn look_at_sessions(worker: &Worker, round: u32, silence_rounds: u32, has_changed: bool) -> bool {
    let (sequence, at) = worker.position();
    let mut has_seen_all = true;
    for session in worker.sessions.borrow().values() {
        let Some(who) = session.who().filter(|_| session.is_joined.get()) else { continue };
        let looked_at = if has_changed { who.proof.look_again(&worker.hub) } else { Ok(()) };
        has_seen_all &= looked_at != Err(Fault::ServerFailed);
        if let Err(fault) = looked_at.or_else(unless_unknown) {
            session.kill.tell(fault.code());
        } else if round.wrapping_sub(session.heard.get()) >= silence_rounds {
            session.kill.tell(Fault::Idle.code());
        } else if round.wrapping_sub(session.said.get()) >= ROUNDS_A_HEARTBEAT {
            session.say(&down::Heartbeat { sequence: sequence.0, at: at.micros() }.into());
            worker.mark(session);
        }
    }
    has_seen_all
}

/// That nothing could be looked up says nothing against a session.
const fn unless_unknown(fault: Fault) -> Result<(), Fault> {
    if matches!(fault, Fault::ServerFailed) { Ok(()) } else { Err(fault) }
}

#[cfg(all(test, feature = "rest"))]
mod tests {
    use super::super::proof::Proof;
    use super::super::session::{Session, Who};
    use super::super::worker::tests::Stand;
    use super::*;
    use crate::identity::Fingerprint;
    use crate::identity::authority::tests::House;
    use dce_engine::ids::SessionId;
    use std::sync::Arc;

    #[test]
    fn a_certificate_that_cannot_be_looked_up_once_keeps_its_session_and_one_taken_out_ends_it() {
        let house = House::new();
        let shown = Fingerprint::of(b"a certificate");
        house.certificate(&shown.to_string(), "buyer", "10");
        let stand = Stand::with(house.authority.clone().into());
        let worker = &stand.worker;
        let proof = Proof::of(&worker.hub, b"", Some(shown)).unwrap();
        let session = Rc::new(Session::writing_to(None, (0, 0)));
        let key = (proof.principal.account, SessionId(1));
        let live = worker.hub.registry.take(key, Arc::clone(&session.kill), Fault::SessionTaken.code());
        session.introduce(Who { proof, session: key.1, _live: live });
        worker.sessions.borrow_mut().insert(session.id, Rc::clone(&session));
        worker.join(&session);
        let judged_in = |round| {
            go_round(worker, round, 1_000);
            session.kill.code()
        };

        assert_eq!(judged_in(1), 0);
        // The row is there and cannot be read: twice, so that a second failure ends it no more than the first.
        let kept = house.damage_certificate(&shown.to_string());
        assert_eq!((judged_in(2), judged_in(3)), (0, 0));
        assert_eq!(Proof::of(&worker.hub, b"", Some(shown)).unwrap_err(), Fault::ServerFailed, "nobody new comes in");
        house.mend_certificate(&shown.to_string(), Some(kept));
        assert_eq!(judged_in(4), 0);
        // Taken out while nothing can be read: it is looked for again without another change.
        house.damage_certificate(&shown.to_string());
        assert_eq!(judged_in(5), 0);
        house.mend_certificate(&shown.to_string(), None);
        assert_eq!(judged_in(6), Fault::CertificateUnknown.code());
    }
}
