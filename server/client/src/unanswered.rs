//! The requests without an answer, in order: what is resent, and in which order, after a connection is lost.
//!
//! Numbers rise by one and are given once. An answered number is never written again; an unanswered one is written again
//! under the same number, in order, on each new connection: the exchange knows it for what it is.

use std::collections::VecDeque;

/// Frames kept for reuse, and the largest worth keeping.
const SPARE_MAX: usize = 256;
const SPARE_BYTES_MAX: usize = 512;

/// Requests from the oldest unanswered one on. `R` is whatever waits for the answer.
#[derive(Debug)]
pub(crate) struct Unanswered<R> {
    requests: VecDeque<Request<R>>,
    /// The next number to give.
    next: u64,
    /// How many of `requests`, from the front, this connection has been given.
    written: usize,
    /// How many numbers of these have no answer yet: what credit is spent on.
    in_flight: usize,
    /// How many numbers have no answer, written or not.
    open: usize,
    spare: Vec<Vec<u8>>,
}

/// One frame. A batch takes a number, and an answer, for each of its elements.
#[derive(Debug)]
struct Request<R> {
    first: u64,
    frame: Vec<u8>,
    waiting: Waiting<R>,
}

#[derive(Debug)]
enum Waiting<R> {
    One(Option<R>),
    Many(Vec<Option<R>>),
}

impl<R> Waiting<R> {
    fn numbers(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(waiting) => waiting.len(),
        }
    }

    fn place(&mut self, offset: usize) -> Option<&mut Option<R>> {
        match self {
            Self::One(waiting) => Some(waiting).filter(|_| offset == 0),
            Self::Many(waiting) => waiting.get_mut(offset),
        }
    }

    /// How many elements, from the first on, have been answered.
    fn answered(&self) -> usize {
        match self {
            Self::One(waiting) => usize::from(waiting.is_none()),
            Self::Many(waiting) => waiting.iter().take_while(|waiting| waiting.is_none()).count(),
        }
    }
}

impl<R> Unanswered<R> {
    /// Nothing asked yet. The first number is 1.
    pub(crate) fn new() -> Self {
        Self { requests: VecDeque::new(), next: 1, written: 0, in_flight: 0, open: 0, spare: Vec::new() }
    }

    /// The number the next request has.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// How many answers are still to come.
    pub(crate) fn len(&self) -> usize {
        self.open
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.open == 0
    }

    /// An empty frame to encode into.
    pub(crate) fn frame(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }

    /// A frame that has [`next`](Self::next) as its number.
    pub(crate) fn push(&mut self, frame: Vec<u8>, waiting: R) {
        self.queue(frame, Waiting::One(Some(waiting)));
    }

    /// A batch: its elements are numbered from [`next`](Self::next) on.
    pub(crate) fn push_batch(&mut self, frame: Vec<u8>, waiting: impl IntoIterator<Item = R>) {
        self.queue(frame, Waiting::Many(waiting.into_iter().map(Some).collect()));
    }

    fn queue(&mut self, frame: Vec<u8>, waiting: Waiting<R>) {
        let numbers = waiting.numbers();
        self.requests.push_back(Request { first: self.next, frame, waiting });
        self.next += numbers as u64;
        self.open += numbers;
    }

    /// Whether something waits to be written, and credit allows it.
    pub(crate) fn can_write(&self, credit: usize) -> bool {
        self.requests.get(self.written).is_some_and(|request| self.fits(request, credit))
    }

    /// A batch larger than all the credit goes out when nothing else is in flight.
    fn fits(&self, request: &Request<R>, credit: usize) -> bool {
        let numbers = request.waiting.numbers() - request.waiting.answered();
        self.in_flight == 0 || self.in_flight + numbers <= credit
    }

    /// Gives what credit allows to `write`, in order: each frame, and how many of its elements have been answered
    /// already and must not be sent again.
    pub(crate) fn write(&mut self, credit: usize, mut write: impl FnMut(&[u8], usize)) {
        while let Some(request) = self.requests.get(self.written) {
            if !self.fits(request, credit) {
                break;
            }
            let answered = request.waiting.answered();
            let open = request.waiting.numbers() - answered;
            if open > 0 {
                write(&request.frame, answered);
            }
            self.in_flight += open;
            self.written += 1;
        }
    }

    /// A new connection knows of nothing: all that is unanswered will be written again.
    pub(crate) fn rewind(&mut self) {
        self.written = 0;
        self.in_flight = 0;
    }

    /// Who waits for the answer to `number`; `None` when it was answered before or not sent by this connection.
    pub(crate) fn answer(&mut self, number: u64) -> Option<R> {
        let place = match self.requests.front() {
            Some(front) if number == front.first => 0,
            _ => self.requests.partition_point(|request| request.first <= number).checked_sub(1)?,
        };
        if place >= self.written {
            return None;
        }
        let request = &mut self.requests[place];
        let offset = usize::try_from(number.checked_sub(request.first)?).ok()?;
        let waiting = request.waiting.place(offset)?.take()?;
        self.in_flight -= 1;
        self.open -= 1;
        self.forget();
        Some(waiting)
    }

    /// Everybody who waits, for when no answer will come.
    pub(crate) fn drain(&mut self) -> Vec<R> {
        self.rewind();
        self.open = 0;
        let mut all = Vec::new();
        for request in self.requests.drain(..) {
            match request.waiting {
                Waiting::One(waiting) => all.extend(waiting),
                Waiting::Many(waiting) => all.extend(waiting.into_iter().flatten()),
            }
        }
        all
    }

    fn forget(&mut self) {
        while let Some(front) = self.requests.front() {
            if front.waiting.answered() < front.waiting.numbers() {
                break;
            }
            if let Some(Request { mut frame, .. }) = self.requests.pop_front() {
                self.written -= 1;
                if self.spare.len() < SPARE_MAX && frame.capacity() <= SPARE_BYTES_MAX {
                    frame.clear();
                    self.spare.push(frame);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(number: u64) -> Vec<u8> {
        vec![number as u8]
    }

    fn asked(count: u64) -> Unanswered<u64> {
        let mut requests = Unanswered::new();
        for _ in 0..count {
            let number = requests.next();
            requests.push(frame(number), number);
        }
        requests
    }

    fn written(requests: &mut Unanswered<u64>, credit: usize) -> Vec<u8> {
        let mut all = Vec::new();
        requests.write(credit, |frame, answered| {
            assert_eq!(answered, 0);
            all.extend_from_slice(frame);
        });
        all
    }

    #[test]
    fn credit_holds_the_rest_back_until_answers_come() {
        let mut requests = asked(5);
        assert_eq!(written(&mut requests, 3), [1, 2, 3]);
        assert!(!requests.can_write(3));
        assert_eq!(requests.answer(2), Some(2));
        assert_eq!(written(&mut requests, 3), [4]);
        assert_eq!(requests.answer(1), Some(1));
        assert_eq!(requests.answer(3), Some(3));
        assert_eq!(written(&mut requests, 3), [5]);
        assert_eq!(requests.len(), 2);
    }

    #[test]
    fn after_a_loss_only_what_is_unanswered_is_written_again_in_order() {
        let mut requests = asked(4);
        assert_eq!(written(&mut requests, 64), [1, 2, 3, 4]);
        assert_eq!(requests.answer(1), Some(1));
        requests.rewind();
        assert_eq!(written(&mut requests, 64), [2, 3, 4]);
        for number in 2..=4 {
            assert_eq!(requests.answer(number), Some(number));
        }
        requests.rewind();
        assert!(written(&mut requests, 64).is_empty());
        assert!(requests.is_empty());
    }

    #[test]
    fn an_answer_counts_once_and_only_for_what_was_written() {
        let mut requests = asked(2);
        assert_eq!(requests.answer(1), None, "not written yet");
        assert_eq!(written(&mut requests, 1), [1]);
        assert_eq!(requests.answer(2), None, "beyond the credit");
        assert_eq!(requests.answer(1), Some(1));
        assert_eq!(requests.answer(1), None, "answered");
        assert_eq!(requests.answer(0), None);
        assert_eq!(requests.answer(u64::MAX), None);
    }

    #[test]
    fn an_answer_out_of_order_is_remembered_over_a_loss() {
        let mut requests = asked(3);
        assert_eq!(written(&mut requests, 64), [1, 2, 3]);
        assert_eq!(requests.answer(2), Some(2));
        requests.rewind();
        let mut again = Vec::new();
        requests.write(64, |frame, answered| again.push((frame[0], answered)));
        assert_eq!(again, [(1, 0), (3, 0)], "the second is answered: nothing of it is sent");
    }

    #[test]
    fn a_batch_has_an_answer_for_each_element_and_is_resent_from_the_first_unanswered() {
        let mut requests = Unanswered::new();
        requests.push_batch(frame(1), 1..=3);
        requests.push(frame(4), 4);
        assert_eq!(requests.next(), 5);
        assert_eq!(requests.len(), 4);
        assert_eq!(written(&mut requests, 3), [1]);
        assert_eq!(requests.answer(1), Some(1));
        assert_eq!(written(&mut requests, 3), [4]);
        requests.rewind();
        let mut again = Vec::new();
        requests.write(64, |frame, answered| again.push((frame[0], answered)));
        assert_eq!(again, [(1, 1), (4, 0)]);
        for number in 2..=4 {
            assert_eq!(requests.answer(number), Some(number));
        }
        assert!(requests.is_empty() && requests.requests.is_empty());
    }

    #[test]
    fn everybody_is_told_when_no_answer_will_come() {
        let mut requests = asked(2);
        requests.push_batch(frame(3), 3..=4);
        assert_eq!(written(&mut requests, 64), [1, 2, 3]);
        assert_eq!(requests.answer(1), Some(1));
        assert_eq!(requests.drain(), [2, 3, 4]);
        assert!(requests.is_empty());
        assert_eq!(requests.next(), 5, "numbers are never given again");
    }
}
