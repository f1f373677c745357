//! Files for those who develop: what they build goes nowhere from there, and says nothing of what others build.

/// Whether a file is one of a development container or of Tilt.
pub(super) fn is_worked_in(name: &str) -> bool {
    let (folders, base) = name.rsplit_once('/').unwrap_or(("", name));
    let is_container = folders.split('/').any(|folder| folder == ".devcontainer");
    is_container || is_tiltfile(base) || base.ends_with(".tilt")
}

/// `Tiltfile`, `Tiltfile.dev`, `web.tiltfile`.
pub fn is_tiltfile(base: &str) -> bool {
    base == "Tiltfile" || base.starts_with("Tiltfile.") || base.ends_with(".tiltfile")
}
