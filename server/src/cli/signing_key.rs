//! `dce signing-key`: the RSA keys that sign tokens, made beside a running server.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::key::Place;
use super::{Refusal, answer, say};
use crate::exit::Exit;
use crate::identity::authority::{SigningError, create_signing_key, rotate_signing_keys, signing_folder};
use crate::identity::identity_dir;

#[derive(Debug, Args)]
pub(super) struct SigningKeyArgs {
    #[command(subcommand)]
    command: SigningKeyCommand,
}

#[derive(Debug, Subcommand)]
enum SigningKeyCommand {
    /// Make an RSA key for security.jwt_private_key
    Create {
        /// The file, which must not be there yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Add a key to those of an installation, and take out those whose tokens have expired; a running server signs with it
    /// within a second
    Rotate {
        /// The folder of keys that security.jwt_private_key names [default: identity/signing of the installation]
        #[arg(long, value_name = "FOLDER")]
        folder: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
}

pub(super) fn signing_key(args: &SigningKeyArgs) -> Result<Exit, Refusal> {
    match &args.command {
        SigningKeyCommand::Create { out } => {
            create_signing_key(out)?;
            say(&format!("RSA key made, readable by its owner only; keep it secret: {}", out.display()));
        }
        SigningKeyCommand::Rotate { folder, place } => {
            let folder =
                folder.clone().map_or_else(|| Ok(signing_folder(&identity_dir(&place.dir()?))), Ok::<_, Refusal>)?;
            let (path, removed) = rotate_signing_keys(&folder)?;
            answer(&path.display().to_string())?;
            say(&format!("this key signs from now on; taken out, because no token of theirs is valid: {removed}"));
        }
    }
    Ok(Exit::Done)
}

impl From<SigningError> for Refusal {
    fn from(error: SigningError) -> Self {
        let exit = if matches!(error, SigningError::Files(_)) { Exit::Machine } else { Exit::Usage };
        Self { exit, text: error.to_string() }
    }
}
