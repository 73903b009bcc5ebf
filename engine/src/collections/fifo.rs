//! A queue with room for a fixed number of values: a ring, so that nothing moves when the oldest leaves.
//!
//! Invariant: the `len` places from `head` on, counted round the end, hold a value, and no other place does.

use alloc::boxed::Box;

/// A queue of at most `capacity` values.
#[derive(Debug, Clone)]
pub(crate) struct Fifo<T> {
    ring: Box<[Option<T>]>,
    /// The place of the oldest value.
    head: u32,
    len: u32,
}

impl<T> Fifo<T> {
    /// Claims memory for `capacity` values.
    pub(crate) fn new(capacity: u32) -> Self {
        Self { ring: (0..capacity).map(|_| None).collect(), head: 0, len: 0 }
    }

    /// Adds a value as the newest; hands it back when the queue is full.
    pub(crate) fn push(&mut self, value: T) -> Result<(), T> {
        if self.is_full() {
            return Err(value);
        }
        let place = self.place(self.len);
        self.ring[place] = Some(value);
        self.len += 1;
        Ok(())
    }

    /// The oldest value.
    pub(crate) fn front(&self) -> Option<&T> {
        self.ring.get(self.head as usize)?.as_ref()
    }

    /// Takes the oldest value out.
    pub(crate) fn pop(&mut self) -> Option<T> {
        let value = self.ring.get_mut(self.head as usize)?.take()?;
        // The place after the head is below capacity, which is a u32.
        self.head = self.place(1) as u32;
        self.len -= 1;
        Some(value)
    }

    /// How many values wait.
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// How many values there is room for.
    pub(crate) fn capacity(&self) -> u32 {
        // Made from a u32 in `new`, and never resized.
        self.ring.len() as u32
    }

    /// Whether the next push would be refused.
    pub(crate) fn is_full(&self) -> bool {
        self.len == self.capacity()
    }

    /// The values, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        let (wrapped, oldest) = self.ring.split_at(self.head as usize);
        oldest.iter().chain(wrapped).flatten()
    }

    /// Verifies the invariant of this queue.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.len > self.capacity() {
            return Err("fifo: more values than capacity");
        }
        if self.head > 0 && self.head >= self.capacity() {
            return Err("fifo: the head is outside the ring");
        }
        if (0..self.len).any(|offset| self.ring[self.place(offset)].is_none()) {
            return Err("fifo: a value is missing between the oldest and the newest");
        }
        if self.iter().count() == self.len as usize { Ok(()) } else { Err("fifo: a value lies outside the queue") }
    }

    /// The place so many after the head. Widened first: the sum of two u32 may not fit into one.
    fn place(&self, offset: u32) -> usize {
        let place = self.head as usize + offset as usize;
        if place < self.ring.len() { place } else { place - self.ring.len() }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    #[test]
    fn full_queue_hands_the_value_back() {
        let mut fifo = Fifo::new(2);
        assert_eq!((fifo.push(1), fifo.push(2), fifo.push(3)), (Ok(()), Ok(()), Err(3)));
        assert_eq!((fifo.pop(), fifo.push(4)), (Some(1), Ok(())));
        assert!(fifo.is_full());
        assert!(fifo.iter().eq(&[2, 4]));
        assert_eq!(fifo.check(), Ok(()));
    }

    #[test]
    fn queue_without_room_refuses() {
        let mut fifo = Fifo::new(0);
        assert_eq!((fifo.push(1), fifo.pop(), fifo.front()), (Err(1), None, None));
        assert_eq!((fifo.iter().count(), fifo.check()), (0, Ok(())));
    }

    #[test]
    fn churn_when_full_keeps_the_order() {
        // Miri is slow, and finds its faults in small tables too.
        const CAPACITY: u32 = if cfg!(miri) { 61 } else { 1_000 };
        let mut fifo = Fifo::new(CAPACITY);
        for number in 0..CAPACITY {
            assert_eq!(fifo.push(number), Ok(()));
        }
        for number in CAPACITY..21 * CAPACITY {
            assert_eq!(fifo.push(number), Err(number));
            assert_eq!(fifo.pop(), Some(number - CAPACITY));
            assert_eq!(fifo.push(number), Ok(()));
            assert_eq!(fifo.len(), CAPACITY);
        }
        assert!(fifo.iter().copied().eq(20 * CAPACITY..21 * CAPACITY));
        assert_eq!(fifo.check(), Ok(()));
    }

    proptest! {
        #[test]
        fn agrees_with_a_deque(capacity in 0..9u32, steps in prop::collection::vec(any::<bool>(), 0..200)) {
            let mut fifo = Fifo::new(capacity);
            let mut model = VecDeque::new();
            for (number, pushes) in steps.into_iter().enumerate() {
                if !pushes {
                    prop_assert_eq!(fifo.pop(), model.pop_front());
                } else if model.len() < capacity as usize {
                    prop_assert_eq!(fifo.push(number), Ok(()));
                    model.push_back(number);
                } else {
                    prop_assert_eq!(fifo.push(number), Err(number));
                }
                prop_assert!(fifo.iter().eq(&model));
                prop_assert_eq!(fifo.front(), model.front());
                prop_assert_eq!((fifo.len() as usize, fifo.capacity()), (model.len(), capacity));
                prop_assert_eq!(fifo.check(), Ok(()));
                prop_assert_eq!(fifo.clone().pop(), model.front().copied());
            }
        }
    }
}
