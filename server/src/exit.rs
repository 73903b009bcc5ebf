//! What the exit code of `dce` says, so that a supervisor knows whether to start it again.

use dce_persistence::{ErrorKind, LogError};

/// Why the process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// As asked.
    Done = 0,
    /// Something nobody foresaw.
    Failed = 1,
    /// The command line, the configuration or a plan is wrong. Starting again does not help.
    Usage = 2,
    /// The directory or the address is in use.
    InUse = 3,
    /// The log is damaged, or needs a newer program. Nothing was changed; somebody must look.
    Damaged = 4,
    /// What was asked about does not exist.
    NotFound = 5,
    /// A check failed: two digests differ, or money does not add up.
    CheckFailed = 6,
    /// The machine failed: disk, memory or a thread. Nothing acknowledged is lost; start again once it works.
    Machine = 7,
    /// The host's clock disagrees with the log. Somebody must look at the clock.
    Clock = 8,
    /// A second signal cut the stop short. As safe as a kill.
    Forced = 9,
    /// A server refused the key, or something that was asked of it.
    Refused = 10,
    /// No server answered.
    Unreachable = 11,
}

impl Exit {
    /// Every code with its meaning, for `dce --help` and `docs/operations.md`.
    pub const ALL: &'static [(Self, &'static str)] = &[
        (Self::Done, "done as asked"),
        (Self::Failed, "something nobody foresaw; please report it"),
        (Self::Usage, "the command line, the configuration or a plan is wrong"),
        (Self::InUse, "the directory or the address is in use"),
        (Self::Damaged, "the log is damaged, or needs a newer program; look into it in a copy"),
        (Self::NotFound, "there is no such call, profile, key, file or directory"),
        (Self::CheckFailed, "a check failed: two digests differ, or money does not add up"),
        (Self::Machine, "disk, memory or a thread failed; nothing acknowledged is lost, start again once it works"),
        (Self::Clock, "the host's clock disagrees with the log; look at the clock first"),
        (Self::Forced, "a second signal, or one during the start, ended the process at once; as safe as a kill"),
        (Self::Refused, "a server refused the key or the request; the message says what, and where in the plan"),
        (Self::Unreachable, "no server answered; see that it runs, and do it again"),
    ];

    /// The number the process ends with.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The lines for `dce --help`.
    #[must_use]
    pub fn table() -> String {
        let line = |(exit, meaning): &(Self, &str)| format!("  {:<2} {meaning}\n", exit.code());
        format!("Exit codes:\n{}", Self::ALL.iter().map(line).collect::<String>())
    }
}

impl Exit {
    /// What the process ends with when a log cannot be opened.
    #[must_use]
    pub const fn of_log(error: &LogError) -> Self {
        match error.kind() {
            ErrorKind::InUse => Self::InUse,
            ErrorKind::Missing => Self::NotFound,
            ErrorKind::Damaged | ErrorKind::Newer => Self::Damaged,
            ErrorKind::Disagrees => Self::Usage,
            ErrorKind::System => Self::Machine,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_up_and_operations_names_each() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations.md");
        let page = std::fs::read_to_string(page).unwrap();
        for (place, (exit, meaning)) in Exit::ALL.iter().enumerate() {
            assert_eq!(usize::from(exit.code()), place);
            let row = format!("| {} | {meaning} |", exit.code());
            assert!(page.contains(&row), "docs/operations.md lacks the row: {row}");
        }
    }
}
