//! How ports come in: a new port's ends are made here and handed to the writer and the publisher.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use rtrb::Producer;

use crate::codec::Codec;
use crate::delivery::delivery;
use crate::handle::Hub;
use crate::port::{Port, PortOptions, Sender};
use crate::ring::{FrameWriter, byte_ring};
use crate::shared::Shared;
use crate::sinks::{Sink, Way};
use crate::writer::Inlet;

/// What it takes to let a new port in.
pub(crate) struct Gates {
    pub(crate) maker: Box<dyn MakeSender>,
    pub(crate) inlets: Producer<Inlet>,
    pub(crate) sinks: Producer<Sink>,
    pub(crate) next_port: u32,
    /// Subscribed ports that were there from the start and nobody has taken yet.
    pub(crate) waiting: VecDeque<Port>,
    pub(crate) ring_bytes: usize,
    pub(crate) in_flight_max: u32,
    pub(crate) delivery_events: usize,
}

impl Gates {
    pub(crate) fn open(&mut self, options: PortOptions, shared: &Arc<Shared>) -> Port {
        if options.subscribe
            && let Some(port) = self.waiting.pop_front()
        {
            return port;
        }
        let (port, inlet, sink) = self.make(options, shared);
        // The publisher first: it must know the port before the port's first answer.
        let (mut sink, mut inlet) = (Some(sink), Some(inlet));
        while !shared.is_released() {
            sink = sink.and_then(|sink| self.sinks.push(sink).err().map(|rtrb::PushError::Full(sink)| sink));
            if sink.is_none() {
                inlet = inlet.and_then(|inlet| self.inlets.push(inlet).err().map(|rtrb::PushError::Full(inlet)| inlet));
            }
            shared.bells.publisher.ring();
            shared.bells.writer.ring();
            if inlet.is_none() && port.is_registered() {
                break;
            }
            std::thread::sleep(Duration::from_micros(50));
        }
        port
    }

    pub(crate) fn make(&mut self, options: PortOptions, shared: &Arc<Shared>) -> (Port, Inlet, Sink) {
        let (sender, inlet) = self.make_sender();
        let (outlet, inbox) = delivery(self.in_flight_max as usize, self.delivery_events);
        let sink = Sink { port: inlet.port, subscribes: options.subscribe, way: Way::Port(outlet) };
        (Port::new(sender, inbox, Arc::clone(shared), self.in_flight_max), inlet, sink)
    }

    pub(crate) fn make_hub(&mut self, shared: &Arc<Shared>) -> (Arc<Hub>, Inlet, Sink) {
        let (sender, inlet) = self.make_sender();
        let hub = Arc::new(Hub::new(sender, self.in_flight_max, Arc::clone(shared)));
        let sink = Sink { port: inlet.port, subscribes: false, way: Way::Handle(Arc::clone(&hub)) };
        (hub, inlet, sink)
    }

    fn make_sender(&mut self) -> (Sender, Inlet) {
        let (writer, frames) = byte_ring(self.ring_bytes);
        let port = self.next_port;
        self.next_port += 1;
        (self.maker.make(writer), Inlet { port, frames })
    }
}

impl std::fmt::Debug for Gates {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Gates").field("ports", &self.next_port).finish_non_exhaustive()
    }
}

/// Makes senders without saying for which codec.
pub(crate) trait MakeSender: Send {
    fn make(&self, ring: FrameWriter) -> Sender;
}

pub(crate) struct Maker<C>(pub(crate) C);

impl<C: Codec> MakeSender for Maker<C> {
    fn make(&self, ring: FrameWriter) -> Sender {
        Sender::new(self.0.clone(), ring)
    }
}
