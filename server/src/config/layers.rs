//! The layers: defaults, file, environment, flags. The last one that speaks is heard.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use config::{FileFormat, ValueKind};

use super::keys::{KEYS, Key};
use super::rule::Rule;

/// Files larger than this are not settings.
const FILE_BYTES_MAX: u64 = 1 << 20;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// As it was written.
    pub text: String,
    /// By whom.
    pub source: Source,
}

/// A checked value for every key.
#[derive(Clone, Debug)]
pub struct Values {
    values: BTreeMap<&'static str, Value>,
}

/// Why settings are not taken. Nothing was started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there, or not readable, or no YAML.
    #[error("cannot read the configuration {path}: {cause}; correct it, or start without --config")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system or the parser said.
        cause: String,
    },
    /// A key nobody knows.
    #[error(
        "unknown key `{name}` in {place}; did you mean `{nearest}`? The keys are listed in server/configs/config.yaml"
    )]
    Unknown {
        /// The key.
        name: String,
        /// Where it stands.
        place: String,
        /// The known name most like it.
        nearest: String,
    },
    /// A value that breaks its key's rule.
    #[error("{path} is `{text}` ({source_name}): it must be {rule}")]
    Value {
        /// The key.
        path: &'static str,
        /// What was given.
        text: String,
        /// Where.
        source_name: String,
        /// The rule.
        rule: Rule,
    },
    /// Two keys that only make sense together.
    #[error("{first} and {second} belong together: set both or neither")]
    Pair {
        /// The one.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// Capacities no exchange can have.
    #[error("exchange.limits.{name} is outside its range, or contradicts another capacity: see `Limits` in dce-engine")]
    EngineLimit {
        /// Which.
        name: &'static str,
    },
}

impl Values {
    /// Nothing but defaults.
    #[must_use]
    pub fn defaults() -> Self {
        let default = |key: &Key| (key.path, Value { text: key.default.to_owned(), source: Source::Default });
        Self { values: KEYS.iter().map(default).collect() }
    }

    /// Lays `file`, the `DCE_` variables of `environment` and `flags` (path and value) over the defaults.
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
                let known = KEYS.iter().find(|key| key.path == name);
                let known =
                    known.ok_or_else(|| unknown(&name, &path.display().to_string(), KEYS.iter().map(path_of)))?;
                values.put(known, text, Source::File(path.to_owned()));
            }
        }
        for (name, text) in environment {
            if !name.starts_with("DCE_") || is_service_link(&name, &text) {
                continue;
            }
            let known = KEYS.iter().find(|key| key.variable() == name || key.variable_by_level() == name);
            let known = known.ok_or_else(|| unknown(&name, "the environment", KEYS.iter().map(Key::variable)))?;
            values.put(known, text, Source::Environment(name));
        }
        for (name, text) in flags {
            let known = KEYS.iter().find(|key| key.path == *name);
            let known = known.ok_or_else(|| unknown(name, "--set", KEYS.iter().map(path_of)))?;
            values.put(known, text.clone(), Source::Flag);
        }
        for key in KEYS {
            if !key.rule.holds(values.text(key.path)) {
                return Err(values.refuse(key.path));
            }
        }
        Ok(values)
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
        let key = KEYS.iter().find(|key| key.path == path).expect("Invariant: only known keys are looked at");
        let Value { text, source } = &self.values[path];
        ConfigError::Value { path: key.path, text: text.clone(), source_name: source.to_string(), rule: key.rule }
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

/// The leaves of a YAML file, by their path.
fn read_file(path: &Path) -> Result<Vec<(String, String)>, ConfigError> {
    let fault = |cause: String| ConfigError::File { path: path.to_owned(), cause };
    let size = std::fs::metadata(path).map_err(|error| fault(error.to_string()))?.len();
    if size > FILE_BYTES_MAX {
        return Err(fault(format!("{size} bytes are more than settings need ({FILE_BYTES_MAX})")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    let file = config::File::from_str(&text, FileFormat::Yaml);
    let tree = config::Config::builder().add_source(file).build().map_err(|error| fault(error.to_string()))?;
    let mut leaves = Vec::new();
    flatten("", &tree.cache, &mut leaves);
    leaves.sort();
    Ok(leaves)
}

fn flatten(path: &str, value: &config::Value, leaves: &mut Vec<(String, String)>) {
    match &value.kind {
        ValueKind::Table(table) => {
            let deeper = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            table.iter().for_each(|(name, value)| flatten(&deeper(name), value, leaves));
        }
        ValueKind::Nil => leaves.push((path.to_owned(), String::new())),
        _ => leaves.push((path.to_owned(), value.to_string())),
    }
}

/// What Kubernetes puts into every container's environment for a service named `dce…`.
fn is_service_link(name: &str, text: &str) -> bool {
    let is_link = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| text.starts_with(scheme));
    is_link || name.ends_with("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || {
        let protocols = ["_TCP", "_UDP", "_SCTP"];
        name.contains("_PORT_") && protocols.iter().any(|protocol| name.contains(protocol))
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
