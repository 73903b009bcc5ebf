//! Any bytes, read as a stream of frames: each is refused with a code, or is written again byte for byte.
//!
//! The bytes are read twice: as they come, and, since chance seldom guesses a length, as one frame whose length is right.

use dce_protocol::{Down, FRAME_MAX, Fault, FrameBuffer, Split, Up, split};

/// From a client.
///
/// # Panics
///
/// When a frame is read as something that is written otherwise: that is what a fuzzer looks for.
pub fn up(bytes: &[u8]) {
    read(bytes, |frame, again| {
        let (number, up) = Up::decode(frame)?;
        up.encode(number, again);
        assert_eq!(up.is_request(), number > 0, "{up:?}");
        assert!(up.answers() <= dce_protocol::CREDIT, "{up:?}");
        Ok(())
    });
}

/// From a server.
///
/// # Panics
///
/// When a frame is read as something that is written otherwise: that is what a fuzzer looks for.
pub fn down(bytes: &[u8]) {
    read(bytes, |frame, again| {
        let (number, down) = Down::decode(frame)?;
        down.encode(number, again);
        if let Down::Event(event) = down {
            assert_eq!(event.sequence, number, "{down:?}");
            assert!(event.event.parties().len() == 2);
        }
        Ok(())
    });
}

fn read(bytes: &[u8], decode: impl Fn(&[u8], &mut FrameBuffer) -> Result<(), Fault>) {
    let mut again = FrameBuffer::new();
    let mut check = |frame: &[u8]| {
        again.clear();
        match decode(frame, &mut again) {
            Ok(()) => assert_eq!(again.as_slice(), frame, "a frame has one way to be written"),
            Err(fault) => assert!((3_001..=3_009).contains(&fault.code()), "{fault:?} says nothing of a frame"),
        }
    };
    let mut rest = bytes;
    loop {
        match split(rest) {
            Split::Frame { frame, rest: after } => {
                check(frame);
                rest = after;
            }
            Split::Need(size) => {
                assert!(size > rest.len() && size <= FRAME_MAX, "{size} bytes are needed and {} are there", rest.len());
                break;
            }
            Split::Malformed(fault) => {
                assert_eq!(fault, Fault::LengthOutOfRange);
                break;
            }
        }
    }
    let mut relabelled = bytes[..bytes.len().min(FRAME_MAX)].to_vec();
    if let Some(length) = relabelled.len().checked_sub(4).and_then(|length| u32::try_from(length).ok()) {
        relabelled[..4].copy_from_slice(&length.to_le_bytes());
    }
    check(&relabelled);
}
