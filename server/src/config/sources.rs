//! Where values come from beside the defaults and flags: a YAML file, and the environment.

use std::path::{Path, PathBuf};

use config::{FileFormat, ValueKind};

use super::{ConfigError, Key};

/// Read when no other file is named, if it is there: relative to the working directory.
const USUAL_FILE: &str = "server/configs/config.yaml";
/// Files larger than this are not settings.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The file of settings: the one that was named, else the usual one below the working directory, if it is there.
#[must_use]
pub fn file(named: Option<&Path>) -> Option<PathBuf> {
    let usual = || Some(PathBuf::from(USUAL_FILE)).filter(|path| path.is_file());
    named.map_or_else(usual, |path| Some(path.to_owned()))
}

/// The `DCE_` variables of this process, and those of OpenTelemetry that stand for a setting.
///
/// # Errors
///
/// When one of them is no text.
pub fn environment() -> Result<Vec<(String, String)>, ConfigError> {
    let ours = std::env::vars_os().filter(|(name, _)| {
        let is_standard = || name.to_str().is_some_and(|name| Key::find_standard(name).is_some());
        name.as_encoded_bytes().starts_with(b"DCE_") || is_standard()
    });
    ours.map(|(name, text)| match (name.to_str(), text.to_str()) {
        (Some(name), Some(text)) => Ok((name.to_owned(), text.to_owned())),
        _ => Err(ConfigError::NotText { name: name.to_string_lossy().into_owned() }),
    })
    .collect()
}

/// The leaves of a YAML file, by their path.
pub(super) fn read_file(path: &Path) -> Result<Vec<(String, String)>, ConfigError> {
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
        ValueKind::Array(items) => {
            let items: Vec<String> = items.iter().map(ToString::to_string).collect();
            leaves.push((path.to_owned(), items.join(",")));
        }
        ValueKind::Nil => leaves.push((path.to_owned(), String::new())),
        _ => leaves.push((path.to_owned(), value.to_string())),
    }
}

/// What Kubernetes puts into every container's environment for a service named `dce…`.
pub(super) fn is_service_link(name: &str, text: &str) -> bool {
    let is_link = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| text.starts_with(scheme));
    is_link || name.ends_with("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || {
        let protocols = ["_TCP", "_UDP", "_SCTP"];
        name.contains("_PORT_") && protocols.iter().any(|protocol| name.contains(protocol))
    }
}
