//! Helm itself, which executes a template that prints all scopes.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::cases::Case;
use crate::values;
use pintle::testing::world::helm::Helm;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

/// The version whose quirks are the specification.
pub(crate) const VERSION: &str = "3.22.0";

/// Whether a case is one that the command answers: it refuses charts of which something is absent, and an archive
/// cannot be given a template.
pub(crate) fn can_say(case: &Case) -> bool {
    let is_absent = case.told.iter().any(|line| line.starts_with("absent: "));
    let is_left_out = case.settings.iter().any(|line| line == "not asked of helm");
    case.helm == Helm::Three && !is_absent && !is_left_out && !case.folder.ends_with(".tgz")
}

/// The lines of values, or what the tool complains about.
pub(crate) fn says(tool: &Path, case: &Case) -> Result<Vec<String>, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("charts-{}", std::process::id()));
    for (name, bytes) in &case.files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let dump = folder.join(&case.folder).join("templates/a/a/a/a/a/a/a/zz-dump.yaml");
    std::fs::create_dir_all(dump.parent().unwrap()).unwrap();
    std::fs::write(dump, include_str!("dump.tpl")).unwrap();
    let mut command = Command::new(tool);
    command.args(["template", "release-name"]).arg(if case.folder.is_empty() { "." } else { &case.folder });
    command.args(["--kube-version", case.setting("kube").unwrap_or("v1.34.0")]).current_dir(&folder);
    for line in &case.settings {
        let (key, text) = line.split_once(' ').unwrap();
        if key == "values" || key.starts_with("set") {
            command.arg(format!("--{key}")).arg(text);
        }
    }
    let done = command.stdin(Stdio::null()).output().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let dumped = text.lines().find(|line| line.starts_with('{')).ok_or("it prints nothing")?;
    let scope: Value = serde_json::from_str(dumped).unwrap();
    let mut out = Vec::new();
    values(&scope, "", &mut out);
    Ok(out)
}
