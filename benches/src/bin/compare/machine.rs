//! What it was measured on, as far as the machine says.

use std::fs;

/// The processor, how many of it, and its second-level cache.
pub(crate) fn describe() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let value = |key: &str| {
        let line = text.lines().find(|line| line.split(':').next().is_some_and(|name| name.trim() == key));
        line.and_then(|line| line.split_once(':')).map_or("unknown", |(_, value)| value.trim())
    };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let cache = fs::read_to_string("/sys/devices/system/cpu/cpu0/cache/index2/size").unwrap_or_default();
    let cache = if cache.trim().is_empty() { "unknown" } else { cache.trim() };
    let (name, family, model) = (value("model name"), value("cpu family"), value("model"));
    let wide = ["avx512f", "avx2"].into_iter().find(|feature| value("flags").split(' ').any(|flag| flag == *feature));
    let wide = wide.unwrap_or("no wide registers");
    format!("{cores} cores of {name} (family {family}, model {model}), {wide}, second-level cache {cache}")
}
