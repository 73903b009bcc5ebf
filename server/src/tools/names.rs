//! What accounts and profiles are called, where somebody wrote it down: `names.tsv` in the data directory.
//!
//! The exchange knows ids alone. The file is for people: one line for each name, its fields parted by tabs, the name
//! last. Without it, or without a line, ids are shown.
//!
//! ```text
//! account  1001     Blue Harbor Senior Benefits
//! profile  1001  1  FL GA
//! ```

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::ids;

/// The file's name.
const FILE: &str = "names.tsv";

/// Names by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    accounts: HashMap<u128, String>,
    profiles: HashMap<(u128, u128), String>,
}

impl Names {
    /// The names in this data directory; none where there is no such file. A line that says nothing known is skipped.
    pub(crate) fn read(directory: &Path) -> Self {
        std::fs::read_to_string(directory.join(FILE)).map_or_else(|_| Self::default(), |text| Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let mut names = Self::default();
        for line in text.lines() {
            match line.split('\t').collect::<Vec<_>>()[..] {
                ["account", account, name] => {
                    if let Ok(account) = ids::parse(account) {
                        names.name_account(account, name);
                    }
                }
                ["profile", buyer, profile, name] => {
                    if let (Ok(buyer), Ok(profile)) = (ids::parse(buyer), ids::parse(profile)) {
                        names.name_profile(buyer, profile, name);
                    }
                }
                _ => {}
            }
        }
        names
    }

    /// Writes the file into this data directory.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn write(&self, directory: &Path) -> io::Result<()> {
        let mut accounts: Vec<_> = self.accounts.iter().collect();
        let mut profiles: Vec<_> = self.profiles.iter().collect();
        accounts.sort_unstable();
        profiles.sort_unstable();
        let mut text = String::new();
        // Writing to a string cannot fail.
        for (account, name) in accounts {
            let _ = writeln!(text, "account\t{}\t{name}", ids::text(*account));
        }
        for ((buyer, profile), name) in profiles {
            let _ = writeln!(text, "profile\t{}\t{}\t{name}", ids::text(*buyer), ids::text(*profile));
        }
        std::fs::write(directory.join(FILE), text)
    }

    /// `account` is called `name`.
    pub(crate) fn name_account(&mut self, account: u128, name: &str) {
        self.accounts.insert(account, plain(name));
    }

    /// `profile` of `buyer` is called `name`.
    pub(crate) fn name_profile(&mut self, buyer: u128, profile: u128, name: &str) {
        self.profiles.insert((buyer, profile), plain(name));
    }

    /// `Blue Harbor Senior Benefits`, or `account 1001`.
    pub(crate) fn account(&self, account: u128) -> String {
        self.accounts.get(&account).cloned().unwrap_or_else(|| format!("account {}", ids::text(account)))
    }

    /// `FL GA`, or `profile 1`.
    pub(crate) fn profile(&self, buyer: u128, profile: u128) -> String {
        let name = self.profiles.get(&(buyer, profile));
        name.cloned().unwrap_or_else(|| format!("profile {}", ids::text(profile)))
    }
}

/// A name from a file may hold anything; what reaches the terminal is text on one line.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let mut names = Names::default();
        names.name_account(1_001, "Blue Harbor\tBenefits\x1b[31m");
        names.name_profile(1_001, 1, "FL GA");
        names.write(directory.path()).unwrap();
        let read = Names::read(directory.path());
        assert_eq!(read, names);
        assert_eq!(read.account(1_001), "Blue HarborBenefits[31m", "no tab and no escape reaches the terminal");
        assert_eq!(read.profile(1_001, 1), "FL GA");
    }

    #[test]
    fn without_a_name_there_is_the_id() {
        let names = Names::parse("account\tnonsense\tX\nwhat is this\n");
        assert_eq!(names, Names::default());
        assert_eq!((names.account(7), names.profile(7, 2)), ("account 7".to_owned(), "profile 2".to_owned()));
    }
}
