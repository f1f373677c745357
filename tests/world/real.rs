//! Kustomize itself: installed once below the target directory, run without a network.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::cases::{Case, Outcome, objects};
use pintle::testing::world::Reach;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The version whose quirks are the specification.
pub(crate) const VERSION: &str = "5.8.1";

/// The program; nothing if it cannot be had.
pub(crate) fn tool() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("PINTLE_KUSTOMIZE") {
        return Some(named.into());
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("kustomize-{VERSION}"));
    let binary = folder.join(format!("kustomize{}", std::env::consts::EXE_SUFFIX));
    if !binary.is_file() {
        let module = format!("sigs.k8s.io/kustomize/kustomize/v5@v{VERSION}");
        let mut go = Command::new("go");
        // Not in the module of a project that the test may be run in.
        go.args(["install", &module])
            .env("GOBIN", &folder)
            .env("GOFLAGS", "")
            .current_dir(std::env::temp_dir());
        let done = go.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
        done.success().then_some(())?;
    }
    Some(binary)
}

/// Helm, which it runs for charts; nothing if nobody names it.
pub(crate) fn helm() -> Option<PathBuf> {
    std::env::var_os("PINTLE_HELM").map(PathBuf::from)
}

/// Builds a case with the tool.
pub(crate) fn build(tool: &Path, case: &Case) -> Outcome {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!(
        "world-{}-{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    ));
    for (name, text) in &case.files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let nowhere = "http://127.0.0.1:9";
    let mut command = Command::new(tool);
    command.arg("build").arg(if case.folder.is_empty() { "." } else { &case.folder }).current_dir(&folder);
    if case.reach == Reach::Anywhere {
        command.args(["--load-restrictor", "LoadRestrictionsNone"]);
    }
    if let Some(helm) = helm().filter(|_| case.takes_charts()) {
        command.arg("--enable-helm").arg("--helm-command").arg(helm);
    }
    command.env("HTTP_PROXY", nowhere).env("HTTPS_PROXY", nowhere).env("GIT_ALLOW_PROTOCOL", "none");
    let done = command.stdin(Stdio::null()).output().unwrap();
    let complaints = String::from_utf8_lossy(&done.stderr).into_owned();
    let outcome = match done.status.success() {
        true => Outcome::Objects(objects(&String::from_utf8_lossy(&done.stdout), &case.name)),
        false => Outcome::Refused(complaints),
    };
    std::fs::remove_dir_all(&folder).unwrap();
    outcome
}
