//! What the server says, frame by frame: each answer to whoever waits for it, each event once to every reader.
//!
//! No I/O here: bytes go in. The position of the last event survives the connection, so that the next one resumes there.

use std::collections::VecDeque;

use dce_protocol::{Down, INDEX_ALL, Resume, Split, down, split};

use crate::answer::{Accepted, Reply};
use crate::error::Error;
use crate::event::{Event, What};
use crate::ids::Sequence;
use crate::query::{AccountView, CallView, Explanation, Position};
use crate::shared::State;
use crate::stop::Stop;
use crate::units::Timestamp;

/// Events kept for answers that are still to come. After a resume, all that was missed comes before the first answer.
const UNCLAIMED_MAX: usize = 16_384;

/// Everything that is remembered of what was heard.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    /// The last event heard.
    position: Option<Resume>,
    /// Events of which it is not known yet whether they belong to an answer. Sequences rise.
    unclaimed: VecDeque<Event>,
    /// Events that repeat, for the answer that follows them.
    again: Vec<Event>,
    /// Explanations that have more to come, by the request's number.
    explaining: Vec<(u64, Explanation)>,
    /// What a chunk left of a frame.
    rest: Vec<u8>,
    /// Frames read, over all connections.
    heard: u64,
    /// The server's time, as the last acceptance of a chunk said it; 0 when there was none.
    freshest: u64,
}

impl Inbox {
    /// Where to resume.
    pub(crate) const fn position(&self) -> Option<Resume> {
        self.position
    }

    /// How many frames were read so far, welcomes not counted.
    pub(crate) const fn heard(&self) -> u64 {
        self.heard
    }

    /// A new connection was welcomed.
    pub(crate) fn welcome(&mut self, welcome: &down::Welcome, state: &mut State) {
        state.requests.rewind();
        state.clock.at_least(welcome.at);
        if self.position.is_none() {
            self.position = Some(Resume { log: welcome.log, sequence: welcome.sequence, index: INDEX_ALL });
        }
    }

    /// The connection is gone, with what it had begun to say.
    pub(crate) fn lost(&mut self) {
        self.again.clear();
        self.explaining.clear();
        self.rest.clear();
    }

    /// What was missed cannot be had: begin from now.
    pub(crate) fn forget(&mut self, state: &State) {
        self.position = None;
        self.unclaimed.clear();
        state.streams.gap();
    }

    /// Reads `bytes` as far as they are whole frames.
    pub(crate) fn read(&mut self, bytes: &[u8], state: &mut State) -> Result<(), Stop> {
        let result = self.read_on(bytes, state);
        // Our clock is looked at once a chunk, not once a frame.
        match std::mem::take(&mut self.freshest) {
            0 => {}
            at => state.clock.set(at),
        }
        result
    }

    fn read_on(&mut self, bytes: &[u8], state: &mut State) -> Result<(), Stop> {
        if self.rest.is_empty() {
            let left = self.read_whole(bytes, state)?;
            self.rest.extend_from_slice(left);
            return Ok(());
        }
        let mut all = std::mem::take(&mut self.rest);
        all.extend_from_slice(bytes);
        let left = self.read_whole(&all, state)?.len();
        all.drain(..all.len() - left);
        self.rest = all;
        Ok(())
    }

    fn read_whole<'a>(&mut self, mut bytes: &'a [u8], state: &mut State) -> Result<&'a [u8], Stop> {
        loop {
            match split(bytes) {
                Split::Frame { frame, rest } => {
                    let (number, frame) = Down::decode(frame).map_err(Stop::misread)?;
                    self.heard += 1;
                    self.take(number, &frame, state)?;
                    bytes = rest;
                }
                Split::Need(_) => return Ok(bytes),
                Split::Malformed(fault) => return Err(Stop::misread(fault)),
            }
        }
    }

    fn take(&mut self, number: u64, frame: &Down<'_>, state: &mut State) -> Result<(), Stop> {
        match frame {
            Down::Event(event) => self.event(&event.into(), event.again, state),
            Down::Accepted(accepted) => self.accepted(number, accepted, state),
            Down::Refused(refused) => {
                let error = Error::Refused { code: refused.code, transient: refused.transient };
                answer(number, Err(error), state);
            }
            Down::Balance(balance) => answer(number, Ok(Reply::Account(AccountView::from(balance))), state),
            Down::Call(call) => answer(number, Ok(Reply::Call(CallView::from(call))), state),
            Down::Position(position) => answer(number, Ok(Reply::Position(Position::from(position))), state),
            Down::Explained(part) => self.explained(number, part, state),
            Down::Heartbeat(heartbeat) => {
                state.clock.at_least(heartbeat.at);
                self.advance(heartbeat.sequence, INDEX_ALL);
            }
            Down::Closing(closing) => return Err(Stop::closed(closing.code, &closing.reason)),
            Down::Welcome(_) => return Err(Stop::Fatal(Error::protocol("a second welcome"))),
            _ => return Err(Stop::Fatal(Error::protocol("a frame this client does not know"))),
        }
        Ok(())
    }

    /// Moves the position on; false when that is behind us: heard already.
    fn advance(&mut self, sequence: u64, index: u16) -> bool {
        let Some(position) = &mut self.position else { return true };
        let ahead = (sequence, index) > (position.sequence, position.index);
        if ahead {
            (position.sequence, position.index) = (sequence, index);
        }
        ahead
    }

    fn event(&mut self, event: &Event, again: bool, state: &State) {
        if again {
            self.again.push(event.clone());
            return;
        }
        if !self.advance(event.sequence.0, event.index) {
            return;
        }
        state.streams.hear(event);
        // Without a request underway no answer can ask for it.
        if !state.requests.is_empty() {
            if self.unclaimed.len() >= UNCLAIMED_MAX {
                self.unclaimed.pop_front();
            }
            self.unclaimed.push_back(event.clone());
        }
    }

    fn accepted(&mut self, number: u64, accepted: &down::Accepted, state: &mut State) {
        let Some(waiter) = state.requests.answer(number) else {
            self.again.clear();
            return;
        };
        if !accepted.repeated {
            self.freshest = accepted.at;
        }
        let events = self.claim(accepted.sequence, accepted.repeated);
        let accepted = Accepted {
            sequence: Sequence(accepted.sequence),
            at: Timestamp::from_micros(accepted.at),
            repeated: accepted.repeated,
            events,
        };
        // Who no longer waits does not want to know.
        let _ = waiter.send(Ok(Reply::Accepted(accepted)));
        if state.requests.is_empty() {
            self.unclaimed.clear();
        }
    }

    /// The events that belong to an answer.
    fn claim(&mut self, sequence: u64, repeated: bool) -> Vec<Event> {
        let again = std::mem::take(&mut self.again);
        if !repeated {
            // Answers come in the order of the log: what lies before belongs to none that is still to come.
            while self.unclaimed.front().is_some_and(|event| event.sequence.0 < sequence) {
                self.unclaimed.pop_front();
            }
        }
        let begin = self.unclaimed.partition_point(|event| event.sequence.0 < sequence);
        let end = self.unclaimed.partition_point(|event| event.sequence.0 <= sequence);
        let holds = |what: &What| self.unclaimed.range(begin..end).any(|event| event.what == *what);
        // The answer to a repeat can bear the sequence of a later command of the same call: then the events of that
        // sequence are another's. What the server says again tells the two apart.
        if again.iter().all(|event| holds(&event.what)) { self.unclaimed.drain(begin..end).collect() } else { again }
    }

    fn explained(&mut self, number: u64, part: &down::Explained<'_>, state: &mut State) {
        let place = self.explaining.iter().position(|(known, _)| *known == number);
        let mut explanation = match place {
            Some(place) => self.explaining.swap_remove(place).1,
            None => Explanation::begin(part),
        };
        explanation.extend(part);
        if part.more {
            self.explaining.push((number, explanation));
        } else {
            answer(number, Ok(Reply::Explained(explanation)), state);
        }
    }
}

fn answer(number: u64, reply: Result<Reply, Error>, state: &mut State) {
    if let Some(waiter) = state.requests.answer(number) {
        // Who no longer waits does not want to know.
        let _ = waiter.send(reply);
    }
}
