//! A reader in another language, written from the document alone, agrees on every vector.

use std::path::Path;
use std::process::Command;

#[test]
fn a_client_written_from_the_document_reads_and_writes_every_frame() {
    let peer = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peer/wire.py");
    match Command::new("python3").arg(&peer).output() {
        Ok(run) => {
            let said = String::from_utf8_lossy(&run.stderr);
            assert!(run.status.success(), "python3 {}: {said}", peer.display());
        }
        Err(error) => eprintln!("SKIPPED: tests/peer/wire.py (python3: {error})"),
    }
}
