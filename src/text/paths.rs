//! Names of files as other files write them. Reads no file, and knows
//! a format only by the name of its file.

use super::Str;

/// The names under which a directory's kustomization is found.
pub const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// A path, resolved against the folder it is written in; nothing for what stands outside the repository.
pub fn local(directory: &str, path: &str) -> Option<Str> {
    let is_remote = path.contains("://") || path.contains("?ref=") || path.starts_with("git@");
    if is_remote || path.starts_with('/') || path.starts_with("github.com/") {
        return None;
    }
    resolve(directory, path)
}

/// A relative path, resolved against a folder; nothing if it leaves the repository.
pub fn resolve(directory: &str, path: &str) -> Option<Str> {
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/").into())
}
