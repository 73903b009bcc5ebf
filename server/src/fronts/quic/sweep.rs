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
        let version = (worker.hub.keys.version(), worker.hub.holders.version());
        let keys_changed = worker.keys_version.replace(version) != version;
        look_at_sessions(&worker, round, silence_rounds, keys_changed);
        worker.end_round();
    }
}

/// Judges each session by its silence and by what it stands on.
fn look_at_sessions(worker: &Worker, round: u32, silence_rounds: u32, keys_changed: bool) {
    let (sequence, at) = worker.position();
    for session in worker.sessions.borrow().values() {
        let Some(who) = session.who().filter(|_| session.is_joined.get()) else { continue };
        let looked_at = if keys_changed { who.proof.look_again(&worker.hub) } else { Ok(()) };
        if let Err(fault) = looked_at {
            session.kill.tell(fault.code());
        } else if round.wrapping_sub(session.heard.get()) >= silence_rounds {
            session.kill.tell(Fault::Idle.code());
        } else if round.wrapping_sub(session.said.get()) >= ROUNDS_A_HEARTBEAT {
            session.say(&down::Heartbeat { sequence: sequence.0, at: at.micros() }.into());
            worker.mark(session);
        }
    }
}
