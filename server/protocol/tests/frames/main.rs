//! What the wire promises, frame by frame: the kept vectors, the document, damage, limits, and that nothing allocates.

mod damage;
mod document;
mod limits;
mod malformed;
mod no_alloc;
mod peer;
mod quotes;
mod round_trip;
mod samples;
mod tables;
mod vectors;

use dce_protocol::{Down, Fault, Up};

/// Where a frame goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

impl Direction {
    const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    /// Reads a frame of this direction and writes it again.
    fn again(self, frame: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        match self {
            Self::Up => Up::decode(frame).map(|(number, up)| up.encode(number, &mut bytes))?,
            Self::Down => Down::decode(frame).map(|(number, down)| down.encode(number, &mut bytes))?,
        };
        Ok(bytes)
    }
}

/// A frame, and what it shows.
struct Sample {
    name: &'static str,
    direction: Direction,
    bytes: Vec<u8>,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file of the repository that is made from the code: it must be `made`, or is written when that is asked for.
fn kept(path: &str, made: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if std::env::var_os("DCE_WRITE_PROTOCOL").is_some() {
        std::fs::write(&path, made).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if let Some(line) = kept.lines().zip(made.lines()).position(|(kept, made)| kept != made) {
        panic!(
            "{}:{}: differs from the code; look at the difference that \
             `DCE_WRITE_PROTOCOL=1 cargo test -p dce-protocol` makes, for it changes the protocol",
            path.display(),
            line + 1
        );
    }
    assert!(kept == made, "{} is shorter or longer than the code says", path.display());
}
