//! The binary `dce`: the command line is read and carried out in `dce_server::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    dce_server::cli::main()
}
