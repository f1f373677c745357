//! Tilt: the images that it builds while somebody develops, and what it hands to their cluster. Read by literals only: the
//! rest of a Tiltfile has to be run.

use super::builds::Place;
use super::dockerfile::Asked;
use super::worked_in::is_tiltfile;
use super::{Desk, Format, Read, builds, tell};
use crate::facts::Role;
use crate::syntax::starlark::{self, Call, Value};
use crate::text::{File, Origin, Part, Span, paths};

pub(super) const FORMAT: Format = Format { name: "tilt", words: &[], wants, read: Read::Text(read) };

/// The functions that build an image, those of Tilt's extensions among them.
const BUILDS: [&str; 4] =
    ["docker_build", "custom_build", "docker_build_with_restart", "custom_build_with_restart"];

fn wants(file: &File) -> bool {
    is_tiltfile(file.base())
}

fn read(desk: &mut Desk) {
    let calls = starlark::calls(desk.file.text);
    for call in calls.iter().filter(|call| BUILDS.contains(&call.name.as_str())) {
        let owner = tell::owner(desk, FORMAT.name, "tiltfile", "");
        let Some(name) = call.argument("ref", 0).and_then(|value| part(desk, value)) else { continue };
        tell::image(desk, &owner, call.name.as_str(), &name, Role::Built, None);
        if call.name.starts_with("docker_build") && call.named("dockerfile_contents").is_none() {
            let arguments = match call.named("build_args") {
                Some(Value::Map(pairs)) => pairs
                    .iter()
                    .filter_map(|(key, value)| Some((part(desk, key)?, part(desk, value)?)))
                    .collect(),
                _ => Vec::new(),
            };
            let is_literal = |name: &str| call.named(name).is_none_or(|one| matches!(one, Value::Text(_)));
            if !["dockerfile", "target"].into_iter().all(is_literal) {
                continue;
            }
            let stage = call.named("target").and_then(|value| part(desk, value));
            // A Dockerfile that is named is meant from here, and else it is the context's.
            let dockerfile = call.named("dockerfile").and_then(|value| part(desk, value));
            let context = call.argument("context", 1);
            let context = context.filter(|_| dockerfile.is_none()).and_then(|value| part(desk, value));
            if dockerfile.is_none() && context.is_none() {
                continue;
            }
            let place = Place { home: desk.file.directory(), context, dockerfile };
            builds::given(desk, &owner, &place, Asked { arguments, stage });
        }
    }
}

/// A literal with its place.
fn part(desk: &Desk, value: &Value) -> Option<Part> {
    let Value::Text(at) = value else { return None };
    Some(Part::new(&desk.file.text[at.clone()], Origin::verbatim(Span::new(desk.file.id, at.start, at.end))))
}

/// What a Tiltfile hands on, by names of files and folders of the repository.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Handed {
    /// Manifests, and the values of charts.
    pub files: Vec<String>,
    /// Folders of manifests.
    pub folders: Vec<String>,
    /// Folders of kustomizations.
    pub kustomizations: Vec<String>,
    /// Compose files, which people run themselves, too.
    pub compose: Vec<String>,
}

/// What a Tiltfile hands to a cluster.
pub fn handed(directory: &str, text: &str) -> Handed {
    let mut out = Handed::default();
    for call in starlark::calls(text) {
        match call.name.as_str() {
            "k8s_yaml" => out.files.extend(argument(&call, "yaml", directory, text)),
            "listdir" => out.folders.extend(argument(&call, "directory", directory, text)),
            "kustomize" => out.kustomizations.extend(argument(&call, "paths", directory, text)),
            "docker_compose" => out.compose.extend(argument(&call, "configPaths", directory, text)),
            "helm" | "helm_resource" => {
                let values = call.named("values").map(|value| names(value, directory, text));
                let flags = call.named("flags").map(|value| of_flags(value, directory, text));
                // What a chart brings is for everybody who takes it.
                let is_default = |name: &String| name.rsplit('/').next() == Some("values.yaml");
                let all = values.into_iter().chain(flags).flatten();
                out.files.extend(all.filter(|name| !is_default(name)));
            }
            _ => {}
        }
    }
    out
}

fn argument(call: &Call, name: &str, directory: &str, text: &str) -> Vec<String> {
    call.argument(name, 0).map_or_else(Vec::new, |value| names(value, directory, text))
}

/// The files that a literal or a list of them names.
fn names(value: &Value, directory: &str, text: &str) -> Vec<String> {
    let resolved = |at: &std::ops::Range<usize>| paths::resolve(directory, &text[at.clone()]);
    match value {
        Value::Text(at) => resolved(at).into_iter().map(String::from).collect(),
        Value::List(items) => items.iter().flat_map(|item| names(item, directory, text)).collect(),
        _ => Vec::new(),
    }
}

/// The files of values among the options for helm: `--values=dev.yaml`, or `-f` and the file behind it.
fn of_flags(value: &Value, directory: &str, text: &str) -> Vec<String> {
    let Value::List(items) = value else { return Vec::new() };
    let words = items.iter().map(|item| match item {
        Value::Text(at) => &text[at.clone()],
        _ => "",
    });
    let mut was_option = false;
    let mut out = Vec::new();
    for word in words {
        let joined = word.strip_prefix("--values=").or_else(|| word.strip_prefix("-f="));
        let file = joined.or_else(|| was_option.then_some(word)).filter(|file| !file.is_empty());
        was_option = matches!(word, "-f" | "--values");
        out.extend(file.and_then(|file| paths::resolve(directory, file)).map(String::from));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::images;

    #[test]
    fn images_that_tilt_builds() {
        let text = "docker_build('x/a', '.')\ncustom_build(\n  ref='x/b:dev',\n  command='make')\ndocker_build(c, '.')\ndocker_build_with_restart('x/d', '.', ['/d'])\n";
        assert_eq!(
            images(&FORMAT, "Tiltfile", text),
            [
                "tiltfile docker_build x/a (built)",
                "tiltfile custom_build x/b:dev (built)",
                "tiltfile docker_build_with_restart x/d (built)",
            ]
        );
    }

    #[test]
    fn what_tilt_hands_on() {
        let rows = [
            ("k8s_yaml('a.yaml')", "file w/a.yaml"),
            ("k8s_yaml(['a.yaml', '../b.yaml'])", "file w/a.yaml, file b.yaml"),
            ("k8s_yaml(yaml='a.yaml')", "file w/a.yaml"),
            ("k8s_yaml(kustomize('deploy'))", "kustomization w/deploy"),
            ("k8s_yaml([kustomize('./deploy/')])", "kustomization w/deploy"),
            ("y = kustomize('deploy')\nk8s_yaml(y)", "kustomization w/deploy"),
            ("k8s_yaml(listdir('k8s'))", "folder w/k8s"),
            ("k8s_yaml(helm('chart', values=['dev.yaml', 'chart/values.yaml']))", "file w/dev.yaml"),
            ("k8s_yaml(helm('chart', values='dev.yaml'))", "file w/dev.yaml"),
            (
                "helm_resource('x', 'chart', flags=['--values=a.yaml', '-f', 'b.yaml'])",
                "file w/a.yaml, file w/b.yaml",
            ),
            ("docker_compose('c.yaml')", "compose w/c.yaml"),
            ("docker_compose(['c.yaml', 'd.yaml'])", "compose w/c.yaml, compose w/d.yaml"),
            // What has to be run, or is elsewhere.
            ("k8s_yaml(blob('a.yaml'))", ""),
            ("k8s_yaml(local('make yaml'))", ""),
            ("k8s_yaml(path + '/a.yaml')", ""),
            ("k8s_yaml('../../a.yaml')", ""),
            ("read_file('a.yaml')", ""),
        ];
        for (text, wanted) in rows {
            let Handed { files, folders, kustomizations, compose } = handed("w", text);
            let all = [
                ("file", files),
                ("folder", folders),
                ("kustomization", kustomizations),
                ("compose", compose),
            ];
            let all =
                all.iter().flat_map(|(what, names)| names.iter().map(move |name| format!("{what} {name}")));
            assert_eq!(all.collect::<Vec<_>>().join(", "), wanted, "{text}");
        }
    }
}
