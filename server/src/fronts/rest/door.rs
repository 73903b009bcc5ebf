//! The way of a command to the exchange and of its answer back: the same runtime QUIC's commands go to.

use std::sync::atomic::Ordering;
use std::time::Duration;

use dce_engine::commands::Command;
use dce_engine::event::Event;
use dce_engine::ids::Sequence;
use dce_engine::units::Timestamp;
use dce_runtime::{Answer, Busy, PendingTicket};
use tokio::time::{Instant, sleep};

use super::App;
use super::problem::Problem;
use crate::traces::CommandSpan;

/// How often a command that found no room is tried again.
const TRY_EVERY: Duration = Duration::from_millis(1);

/// What became of an accepted command.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) sequence: Sequence,
    pub(super) at: Timestamp,
    /// It was accepted before, at `sequence`, and changed nothing now.
    pub(super) repeated: bool,
    pub(super) events: Vec<Event>,
}

/// A command on its way.
#[derive(Debug)]
pub(super) struct Entered {
    ticket: PendingTicket,
    span: Option<CommandSpan>,
}

impl Entered {
    /// What became of it.
    pub(super) async fn answer(self) -> Answer {
        let answer = self.ticket.await;
        if let Some(span) = self.span {
            span.answered(&answer.result, answer.passage);
        }
        answer
    }
}

impl App {
    /// Sends a command and waits for its answer, which leaves when it is as durable as the server promises.
    ///
    /// # Errors
    ///
    /// The rule that refused it.
    pub(super) async fn submit(&self, command: &Command<'_>) -> Result<Done, Problem> {
        let answer = self.enter(command).await?.answer().await;
        self.done(answer)
    }

    /// The last place of the log that anybody can know of: published, or answered by this front a moment before.
    pub(super) fn newest(&self) -> Sequence {
        let answered = Sequence(self.0.answered.load(Ordering::Acquire));
        self.hub().handle.gauges().published().max(answered)
    }

    /// From the runtime's answer.
    ///
    /// # Errors
    ///
    /// The rule that refused the command.
    pub(super) fn done(&self, answer: Answer) -> Result<Done, Problem> {
        let Answer { at, result, events, .. } = answer;
        let receipt = result?;
        self.0.answered.fetch_max(receipt.sequence.0, Ordering::AcqRel);
        Ok(Done { sequence: receipt.sequence, at, repeated: receipt.repeated, events })
    }

    /// Sends a command, waiting for room as long as the limits say.
    ///
    /// # Errors
    ///
    /// `ServerBusy`, `ServerStopping`, or `CommandTooLarge`.
    pub(super) async fn enter(&self, command: &Command<'_>) -> Result<Entered, Problem> {
        let span = self.hub().traces.command_of_request(command);
        let mark = span.as_ref().map(CommandSpan::mark);
        let until = Instant::now() + self.hub().limits.submit_wait_max;
        loop {
            match self.hub().handle.submit_marked(command, mark) {
                Ok(ticket) => return Ok(Entered { ticket, span }),
                Err(Busy::RingFull { .. } | Busy::InFlightFull { .. }) if Instant::now() < until => {
                    sleep(TRY_EVERY).await;
                }
                Err(busy) => return Err(busy.into()),
            }
        }
    }
}
