//! The files of `server/deploy`, checked without a cluster, a container engine or a network: against a schema of our own,
//! against the settings and metrics there are, and against one another.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what fails in them fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dce_server::config::{Key, Settings, Values};
use yaml_rust2::{Yaml, YamlLoader};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy")
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn load(text: &str) -> Vec<Yaml> {
    YamlLoader::load_from_str(text).unwrap()
}

fn schema(name: &str) -> Yaml {
    load(&read("schema.yaml"))[0][name].clone()
}

/// What in a document is not as the schema has it, with its place.
fn faults(place: &str, value: &Yaml, schema: &Yaml) -> Vec<String> {
    match (schema, value) {
        (Yaml::String(kind), _) => {
            judge(kind, value).then(Vec::new).unwrap_or_else(|| vec![format!("{place}: {kind}")])
        }
        (Yaml::Array(of), Yaml::Array(items)) => {
            let item = |(number, item)| faults(&format!("{place}[{number}]"), item, &of[0]);
            items.iter().enumerate().flat_map(item).collect()
        }
        (Yaml::Hash(_), Yaml::Hash(fields)) => {
            let rules = rules(schema);
            let rule = |name: &str| {
                let named = |(known, _): &&(String, Yaml)| known.trim_end_matches('!') == name || known == "*";
                rules.iter().find(named).map(|(_, rule)| rule)
            };
            let mut found: Vec<String> = Vec::new();
            for (name, value) in fields {
                let name = name.as_str().unwrap_or("?");
                let place = format!("{place}.{name}");
                match rule(name) {
                    Some(rule) => found.extend(faults(&place, value, rule)),
                    None => found.push(format!("{place}: no such field")),
                }
            }
            let must = rules.iter().filter_map(|(name, _)| name.strip_suffix('!'));
            found.extend(must.filter(|name| value[*name].is_badvalue()).map(|name| format!("{place}.{name}: missing")));
            found
        }
        _ => vec![format!("{place}: of another kind")],
    }
}

/// The rules of a mapping; `<<` brings those of another one.
fn rules(schema: &Yaml) -> Vec<(String, Yaml)> {
    let Yaml::Hash(fields) = schema else { return Vec::new() };
    let mut rules = Vec::new();
    for (name, rule) in fields {
        match name.as_str().unwrap() {
            "<<" => rules.extend(self::rules(rule)),
            name => rules.push((name.to_owned(), rule.clone())),
        }
    }
    rules
}

fn judge(kind: &str, value: &Yaml) -> bool {
    let number_with = |text: &str, units: &[&str]| {
        let digits = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
        digits.len() < text.len() && units.contains(&digits)
    };
    match kind {
        "any" => true,
        "text" => value.as_str().is_some_and(|text| !text.is_empty()),
        "int" => value.as_i64().is_some(),
        "flag" => value.as_bool().is_some(),
        "port" => value.as_i64().is_some() || value.as_str().is_some(),
        "quantity" => value.as_str().is_some_and(|text| number_with(text, &["", "m", "Mi", "Gi", "Ti"])),
        "duration" => value.as_str().is_some_and(|text| number_with(text, &["s", "m", "h"])),
        "map" => match value {
            Yaml::Hash(fields) => fields.iter().all(|(name, text)| name.as_str().is_some() && text.as_str().is_some()),
            _ => false,
        },
        words => {
            let words = words.strip_prefix('=').unwrap_or_else(|| panic!("the schema says `{words}`"));
            words.split('|').any(|word| value.as_str() == Some(word))
        }
    }
}

fn manifests() -> Vec<Yaml> {
    load(&read("kubernetes/dce.yaml"))
}

fn manifest(kind: &str) -> Yaml {
    manifests().into_iter().find(|manifest| manifest["kind"].as_str() == Some(kind)).unwrap()
}

fn kubernetes_faults(manifests: &[Yaml]) -> Vec<String> {
    let schema = schema("kubernetes");
    let judge = |manifest: &Yaml| {
        let kind = manifest["kind"].as_str().unwrap_or("?");
        faults(kind, manifest, &schema[kind])
    };
    manifests.iter().flat_map(judge).collect()
}

#[test]
fn manifests_and_the_files_of_compose_keep_the_schema() {
    assert_eq!(kubernetes_faults(&manifests()), Vec::<String>::new());
    for (file, name) in [
        ("compose.yaml", "compose"),
        ("prometheus/prometheus.yml", "prometheus"),
        ("prometheus/alerts.yml", "alerts"),
        ("grafana/datasources.yml", "datasources"),
        ("grafana/dashboards.yml", "dashboards"),
    ] {
        let documents = load(&read(file));
        assert_eq!(documents.len(), 1, "{file}");
        assert_eq!(faults(file, &documents[0], &schema(name)), Vec::<String>::new());
    }
}

#[test]
fn the_schema_finds_what_is_misspelt_misplaced_missing_or_of_another_kind() {
    let whole = read("kubernetes/dce.yaml");
    for (from, to, found) in [
        ("readinessProbe:", "readinesProbe:", "readinesProbe: no such field"),
        ("readinessProbe:", "readinesProbe:", "readinessProbe: missing"),
        ("replicas: 1", "replicas: \"1\"", "replicas: int"),
        ("runAsNonRoot: true", "runAsNonRoot: \"yes\"", "runAsNonRoot: flag"),
        ("memory: 2Gi", "memory: 2 GB", "memory: quantity"),
        ("protocol: UDP", "protocol: QUIC", "protocol: =TCP|UDP"),
        ("DCE_SERVER_PORT: \"8080\"", "DCE_SERVER_PORT: 8080", "ConfigMap.data: map"),
        ("kind: StatefulSet", "kind: Deployment", "Deployment: of another kind"),
        ("  serviceName: dce-backend\n", "", "serviceName: missing"),
    ] {
        assert!(whole.contains(from), "{from}");
        let bent = load(&whole.replacen(from, to, 1));
        let faults = kubernetes_faults(&bent);
        assert!(faults.iter().any(|fault| fault.contains(found)), "{to}: {faults:?}");
    }
}

#[test]
fn there_is_one_writer_and_the_manifests_agree_with_one_another() {
    let set = manifest("StatefulSet");
    let spec = &set["spec"];
    assert_eq!(spec["replicas"].as_i64(), Some(1));
    assert!(read("kubernetes/dce.yaml").contains("ONE replica"), "and it is said");
    for manifest in manifests().iter().filter(|manifest| manifest["kind"].as_str() != Some("Namespace")) {
        assert_eq!(manifest["metadata"]["namespace"].as_str(), Some("dce-backend"));
    }
    let labels = &spec["template"]["metadata"]["labels"];
    assert_eq!(&spec["selector"]["matchLabels"], labels);
    assert_eq!(&manifest("Service")["spec"]["selector"], labels);
    assert_eq!(&manifest("NetworkPolicy")["spec"]["podSelector"]["matchLabels"], labels);
    let pod = &spec["template"]["spec"];
    let container = &pod["containers"][0];
    let names = |list: &Yaml| -> BTreeSet<String> {
        list.as_vec().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    let mut volumes = names(&pod["volumes"]);
    volumes.insert(spec["volumeClaimTemplates"][0]["metadata"]["name"].as_str().unwrap().to_owned());
    assert_eq!(names(&container["volumeMounts"]), volumes);
    assert_eq!(names(&container["ports"]), names(&manifest("Service")["spec"]["ports"]));
    let drain = manifest("ConfigMap")["data"]["DCE_SERVER_DRAIN_SECONDS"].as_str().unwrap().parse::<i64>().unwrap();
    assert!(pod["terminationGracePeriodSeconds"].as_i64().unwrap() > drain);
}

#[test]
fn the_settings_of_every_deployment_are_settings_and_agree() {
    let of_map = |map: &Yaml| -> Vec<(String, String)> {
        let fields = map.as_hash().unwrap().iter();
        fields.map(|(name, text)| (name.as_str().unwrap().to_owned(), text.as_str().unwrap().to_owned())).collect()
    };
    let compose = load(&read("compose.yaml"))[0]["services"]["dce"]["environment"].clone();
    for settings in [of_map(&manifest("ConfigMap")["data"]), of_map(&compose)] {
        let values = Values::load(None, settings.clone(), &[]).unwrap();
        Settings::from_values(&values).unwrap();
        assert!(settings.iter().all(|(name, _)| Key::find_variable(name).is_some()));
    }
    for file in ["Dockerfile", "systemd/dce.service"] {
        for word in read(file).split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')) {
            if word.starts_with("DCE_") {
                assert!(Key::find_variable(word).is_some(), "{file}: {word}");
            }
        }
    }
}

#[test]
fn the_image_is_small_nobodys_and_made_of_what_is_here() {
    let text = read("Dockerfile");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let last = lines.iter().rposition(|line| line.starts_with("FROM ")).unwrap();
    assert!(lines.iter().filter(|line| line.starts_with("FROM ")).count() == 2 && lines[last].contains("distroless"));
    assert!(lines[last..].contains(&"USER nonroot"));
    assert!(!text.contains("ADD ") && text.contains("--locked") && text.contains("--features full"));
    let repository = folder().join("../..");
    for line in lines[last..].iter().filter(|line| line.starts_with("COPY ") && !line.contains("--from")) {
        let source = line.split(' ').nth(1).unwrap();
        assert!(repository.join(source).exists(), "{line}");
    }
    // Every crate of the workspace is let in: cargo reads all of their manifests.
    let ignore = read("Dockerfile.dockerignore");
    let workspace = fs::read_to_string(repository.join("Cargo.toml")).unwrap();
    let members = workspace.lines().find(|line| line.starts_with("members")).unwrap();
    for member in members.split('"').skip(1).step_by(2) {
        let top = member.split('/').next().unwrap();
        assert!(
            ignore.lines().any(|line| line.starts_with(&format!("!{top}"))),
            "{member} is not in the image's context"
        );
    }
}

#[test]
fn alerts_and_dashboard_ask_for_metrics_that_exist() {
    let page = fs::read_to_string(folder().join("../../docs/metrics.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let known: BTreeSet<&str> = rows.collect();
    let mut expressions: Vec<String> = Vec::new();
    for rule in load(&read("prometheus/alerts.yml"))[0]["groups"][0]["rules"].as_vec().unwrap() {
        let expression = rule["expr"].as_str().unwrap();
        // Series with other labels never meet: what compares two of them does so of sums.
        let compares = expression.matches("rate(").count() > 1;
        assert!(
            !compares || expression.matches("rate(").count() == expression.matches("sum(rate(").count(),
            "{expression}"
        );
        expressions.push(expression.to_owned());
    }
    let dashboard: serde_json::Value = serde_json::from_str(&read("grafana/dce.json")).unwrap();
    assert_eq!(dashboard["uid"], "dce");
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<i64> = panels.iter().map(|panel| panel["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    for panel in panels {
        for target in panel["targets"].as_array().unwrap() {
            expressions.push(target["expr"].as_str().unwrap().to_owned());
        }
    }
    assert!(expressions.len() > 20);
    for expression in expressions {
        let words = expression.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
        for word in words.filter(|word| word.starts_with("dce_") || word.starts_with("process_")) {
            let base = word.strip_suffix("_bucket").unwrap_or(word);
            assert!(known.contains(base), "{word} in {expression}");
        }
        let open = |one: char, other: char| expression.matches(one).count() == expression.matches(other).count();
        assert!(open('(', ')') && open('{', '}') && open('[', ']'), "{expression}");
    }
}

/// By Prometheus' own tool, where it is.
#[test]
fn alerts_that_compare_fire_when_they_should_and_not_else() {
    let rules = folder().join("prometheus/alerts.test.yml");
    match Command::new("promtool").args(["test", "rules"]).arg(rules).output() {
        Ok(said) => assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr)),
        Err(_) => eprintln!("SKIPPED: alerts are not tried: there is no promtool"),
    }
}

#[test]
fn the_unit_of_systemd_has_sections_and_directives_that_exist() {
    let known = [
        ("Unit", &["Description", "Documentation", "Wants", "After"][..]),
        (
            "Service",
            &[
                "Type",
                "DynamicUser",
                "StateDirectory",
                "StateDirectoryMode",
                "Environment",
                "EnvironmentFile",
                "ExecStart",
                "KillSignal",
                "TimeoutStopSec",
                "Restart",
                "RestartPreventExitStatus",
                "RestartSec",
                "LimitNOFILE",
                "NoNewPrivileges",
                "ProtectSystem",
                "ProtectHome",
                "PrivateTmp",
                "PrivateDevices",
                "ProtectKernelTunables",
                "ProtectKernelModules",
                "ProtectControlGroups",
                "ProtectClock",
                "RestrictAddressFamilies",
                "RestrictNamespaces",
                "RestrictRealtime",
                "LockPersonality",
                "MemoryDenyWriteExecute",
                "SystemCallArchitectures",
                "CapabilityBoundingSet",
                "UMask",
            ],
        ),
        ("Install", &["WantedBy"]),
    ];
    let text = read("systemd/dce.service");
    let mut section = "";
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = known.iter().find(|(known, _)| *known == name).unwrap().0;
            continue;
        }
        let (name, _) = line.split_once('=').unwrap();
        let allowed = known.iter().find(|(known, _)| *known == section).unwrap().1;
        assert!(allowed.contains(&name), "[{section}] {name}");
    }
    // What a supervisor must leave to a person, as the exit codes say.
    for code in [2_u8, 4, 8] {
        let line = text.lines().find(|line| line.starts_with("RestartPreventExitStatus=")).unwrap();
        assert!(line.split(['=', ' ']).any(|word| word == code.to_string()), "{code}");
    }
}
