//! The layers: defaults, file, environment, flags. The last one that speaks is heard.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::ConfigError;
use super::keys::{KEYS, Key};
use super::sources::{is_service_link, read_file};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody said otherwise.
    Default,
    /// This file.
    File(PathBuf),
    /// This variable.
    Environment(String),
    /// The command line.
    Flag,
}

/// A value and where it came from.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    /// As it was written; it may be a secret.
    pub text: String,
    /// By whom.
    pub source: Source,
}

/// Who wrote it, not what: it may be a secret.
impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Value").field("source", &self.source).finish_non_exhaustive()
    }
}

/// A checked value for every key.
#[derive(Clone, Debug)]
pub struct Values {
    values: BTreeMap<&'static str, Value>,
}

impl Values {
    /// Nothing but defaults.
    #[must_use]
    pub fn defaults() -> Self {
        let default = |key: &Key| (key.path, Value { text: key.default.to_owned(), source: Source::Default });
        Self { values: KEYS.iter().map(default).collect() }
    }

    /// Lays `file`, the `DCE_` variables of `environment`, which lie over those that OpenTelemetry names, and `flags` (path and value) over the defaults.
    ///
    /// # Errors
    ///
    /// An unreadable file, an unknown key, a value against its rule: the first of them, in that order.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &[(&str, String)],
    ) -> Result<Self, ConfigError> {
        let mut values = Self::defaults();
        if let Some(path) = file {
            for (name, text) in read_file(path)? {
                let known = Key::find(&name);
                let known =
                    known.ok_or_else(|| unknown(&name, &path.display().to_string(), KEYS.iter().map(path_of)))?;
                values.put(known, text, Source::File(path.to_owned()));
            }
        }
        let (ours, others): (Vec<_>, Vec<_>) = environment.into_iter().partition(|(name, _)| name.starts_with("DCE_"));
        for (name, text) in others {
            // OpenTelemetry's names, for which empty is as good as unset.
            if let Some(key) = Key::find_standard(&name).filter(|_| !text.is_empty()) {
                values.put(key, text, Source::Environment(name));
            }
        }
        for (name, text) in ours {
            match Key::find_variable(&name) {
                // A service named `dce-server` gives the pod a DCE_SERVER_PORT=tcp://… of its own.
                Some(key) if is_service_link(&name, &text) && !key.rule.holds(&text) => {}
                Some(key) => values.put_variable(key, name, text)?,
                None if is_service_link(&name, &text) => {}
                None => return Err(unknown(&name, "the environment", KEYS.iter().map(Key::variable))),
            }
        }
        for (name, text) in flags {
            let known = Key::find(name).ok_or_else(|| unknown(name, "--set", KEYS.iter().map(path_of)))?;
            values.put(known, text.clone(), Source::Flag);
        }
        for key in KEYS {
            if !key.rule.holds(values.text(key.path)) {
                return Err(values.refuse(key.path));
            }
        }
        Ok(values)
    }

    /// The text of a known key as far as it may be shown.
    #[must_use]
    pub fn shown(&self, key: &Key) -> String {
        key.rule.shown(self.text(key.path))
    }

    /// Every key's value, in the order of paths.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.values.iter().map(|(path, value)| (*path, value))
    }

    /// The text of a known key.
    #[must_use]
    pub fn text(&self, path: &str) -> &str {
        &self.values[path].text
    }

    /// Where the value of a known key came from.
    #[must_use]
    pub fn source(&self, path: &str) -> &Source {
        &self.values[path].source
    }

    pub(super) fn number(&self, path: &str) -> u64 {
        self.optional_number(path).unwrap_or_default()
    }

    pub(super) fn optional_number(&self, path: &str) -> Option<u64> {
        self.text(path).parse().ok()
    }

    pub(super) fn flag(&self, path: &str) -> bool {
        self.text(path) == "true"
    }

    /// The error that says which rule the value of a known key breaks.
    pub(super) fn refuse(&self, path: &str) -> ConfigError {
        let key = Key::find(path).expect("Invariant: only known keys are looked at");
        let Value { text, source } = &self.values[path];
        let text = key.rule.shown(text);
        ConfigError::Value { path: key.path, text, source_name: source.to_string(), rule: key.rule }
    }

    /// One key has two names in the environment; they may not say different things, because it has no order.
    fn put_variable(&mut self, key: &Key, name: String, text: String) -> Result<(), ConfigError> {
        if let Value { text: before, source: Source::Environment(first) } = &self.values[key.path]
            && first.starts_with("DCE_")
            && *before != text
        {
            let mut names = [first.clone(), name];
            names.sort();
            let [first, second] = names;
            return Err(ConfigError::Twice { path: key.path, first, second });
        }
        self.put(key, text, Source::Environment(name));
        Ok(())
    }

    fn put(&mut self, key: &Key, text: String, source: Source) {
        self.values.insert(key.path, Value { text, source });
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("the default"),
            Self::File(path) => write!(formatter, "from {}", path.display()),
            Self::Environment(name) => write!(formatter, "from the variable {name}"),
            Self::Flag => formatter.write_str("from the command line"),
        }
    }
}

fn path_of(key: &Key) -> String {
    key.path.to_owned()
}

fn unknown(name: &str, place: &str, known: impl Iterator<Item = String>) -> ConfigError {
    let nearest = known.min_by_key(|known| distance(known, name)).unwrap_or_default();
    ConfigError::Unknown { name: name.to_owned(), place: place.to_owned(), nearest }
}

/// How many letters must be changed, added or left out to make one text of the other.
pub(crate) fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, letter) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (place, other) in other.bytes().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(yaml: &str, environment: &[(&str, &str)], flags: &[(&str, String)]) -> Result<Values, ConfigError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), yaml).unwrap();
        let environment = environment.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Values::load(Some(file.path()), environment, flags)
    }

    #[test]
    fn each_layer_lies_over_the_one_before() {
        let yaml = "server:\n  quic:\n    workers: 2\n    listen: 127.0.0.1:1\ndata:\n  dir: /from/file\n";
        let environment = [("DCE_SERVER_QUIC_WORKERS", "3"), ("DCE_DATA__DIR", "/from/environment"), ("HOME", "/")];
        let flags = [("server.quic.workers", "4".to_owned())];
        let values = load(yaml, &environment, &flags).unwrap();
        assert_eq!(values.text("server.quic.workers"), "4");
        assert_eq!(values.source("server.quic.workers"), &Source::Flag);
        assert_eq!(values.text("data.dir"), "/from/environment");
        assert_eq!(values.source("data.dir"), &Source::Environment("DCE_DATA__DIR".to_owned()));
        assert!(matches!(values.source("server.quic.listen"), Source::File(_)));
        assert_eq!(values.source("log.level"), &Source::Default);
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest_name() {
        let refused = load("server:\n  quic:\n    worker: 2\n", &[], &[]).unwrap_err().to_string();
        assert!(refused.contains("`server.quic.worker`") && refused.contains("`server.quic.workers`"), "{refused}");
        let refused = load("{}", &[("DCE_DATA_DIRR", "x")], &[]).unwrap_err().to_string();
        assert!(refused.contains("`DCE_DATA_DIR`"), "{refused}");
        let refused = load("{}", &[], &[("log.levle", String::new())]).unwrap_err().to_string();
        assert!(refused.contains("`log.level`"), "{refused}");
    }

    #[test]
    fn a_value_against_its_rule_is_refused_with_key_place_and_rule() {
        let refused = load("{}", &[("DCE_SERVER_QUIC_WORKERS", "65")], &[]).unwrap_err().to_string();
        assert_eq!(
            refused,
            "server.quic.workers is `65` (from the variable DCE_SERVER_QUIC_WORKERS): it must be a whole number from 1 to 64"
        );
    }

    #[test]
    fn what_kubernetes_adds_for_a_service_is_not_ours() {
        let environment = [
            ("DCE_BACKEND_SERVICE_HOST", "10.0.0.1"),
            ("DCE_BACKEND_SERVICE_PORT_QUIC", "9443"),
            ("DCE_BACKEND_PORT", "udp://10.0.0.1:9443"),
            ("DCE_BACKEND_PORT_9443_UDP_ADDR", "10.0.0.1"),
        ];
        assert!(load("", &environment, &[]).is_ok());
        // A service named `dce-server`: its link has the name of a key of ours, and no value of it.
        let values = load("", &[("DCE_SERVER_PORT", "tcp://10.0.0.1:8080")], &[]).unwrap();
        assert_eq!(values.source("server.port"), &Source::Default);
    }

    #[test]
    fn two_variables_of_one_key_may_not_differ() {
        let twice = [("DCE_DATA__DIR", "/one"), ("DCE_DATA_DIR", "/two")];
        let refused = load("", &twice, &[]).unwrap_err().to_string();
        assert_eq!(refused, "data.dir is set by DCE_DATA_DIR and, differently, by DCE_DATA__DIR: unset one of them");
        assert!(load("", &[("DCE_DATA__DIR", "/one"), ("DCE_DATA_DIR", "/one")], &[]).is_ok());
    }

    #[test]
    fn a_list_is_a_sequence_in_the_file_and_commas_elsewhere() {
        let yaml = "telephony:\n  stun_servers: [stun1.example.com:3478, stun2.example.com:3478]\n";
        let values = load(yaml, &[], &[]).unwrap();
        assert_eq!(values.text("telephony.stun_servers"), "stun1.example.com:3478,stun2.example.com:3478");
    }

    #[test]
    fn no_secret_is_shown_where_its_value_is_refused_or_printed() {
        let environment =
            [("DCE_REDIS_PASSWORD", "hunter2"), ("DCE_DATABASE_URL", "postgres://dce:hunter2@db/x y?password=hunter2")];
        let refused = load("", &environment, &[]).unwrap_err();
        assert!(matches!(refused, ConfigError::Value { path: "database.url", .. }));
        assert!(!format!("{refused} {refused:?}").contains("hunter2"), "{refused}");
        let values = load("", &environment[..1], &[]).unwrap();
        assert!(!format!("{values:?}").contains("hunter2"));
        assert_eq!(values.shown(Key::find("redis.password").unwrap()), "***");
    }

    #[test]
    fn a_file_that_is_no_yaml_or_not_there_is_said() {
        assert!(matches!(load("a: [", &[], &[]), Err(ConfigError::File { .. })));
        assert!(matches!(Values::load(Some(Path::new("/not/there")), [], &[]), Err(ConfigError::File { .. })));
        let refused = load("server: 3\n", &[], &[]).unwrap_err();
        assert!(matches!(refused, ConfigError::Unknown { .. }), "{refused}");
    }

    #[test]
    fn the_shipped_file_names_every_key_with_its_default() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/config.yaml");
        let leaves = read_file(&path).unwrap();
        for key in KEYS {
            let shipped = leaves.iter().find(|(name, _)| name == key.path);
            assert_eq!(shipped.map(|(_, text)| text.as_str()), Some(key.default), "{}", key.path);
        }
        assert_eq!(leaves.len(), KEYS.len());
    }
}
