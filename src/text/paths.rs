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

/// Whether a file is there for people to copy, by its folder and its name: `config/samples/db.yaml`, `db.sample.yaml`.
pub fn is_sample(folder: &str, base: &str) -> bool {
    const FOLDERS: [&str; 5] = ["sample", "samples", "example", "examples", "docs"];
    let is_folder =
        |part: &str| FOLDERS.contains(&part) || part.starts_with('{') && part.contains("cookiecutter");
    folder.split('/').any(is_folder) || base.contains(".sample.") || base.contains(".example.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_told_by_their_names() {
        let rows = [
            ("config/samples", "db.yaml", true),
            ("examples/a/b", "db.yaml", true),
            ("docs", "compose.yaml", true),
            ("deploy", "db.sample.yaml", true),
            ("deploy", "compose.example.yml", true),
            ("{{ cookiecutter.name }}/k8s", "db.yaml", true),
            ("{{cookiecutter.name}}", "db.yaml", true),
            ("", "db.yaml", false),
            ("apps/resampler", "sample.yaml", false),
            ("apps/example.com", "db.yaml", false),
            ("apps/docs-site", "db.yaml", false),
            ("charts/a/templates", "db.yaml", false),
        ];
        for (folder, base, want) in rows {
            assert_eq!(is_sample(folder, base), want, "{folder}/{base}");
        }
    }
}
