//! The data page about what files are there for, read into [`Places`]. Knows no folder itself.

use super::entry::Entry;
use crate::facts::{Keeping, Places};
use crate::finding::Problem;
use crate::syntax::Front;

/// Reads the list of names.
pub(super) fn fill(places: &mut Places, list: &Front, problems: &mut Vec<Problem>) {
    for item in list.items() {
        let mut entry = Entry::read(item, &["as", "folders", "files"], problems);
        let keeping = entry.one("as", "one of samples, docs, tests and vendored", Keeping::named);
        entry.must_have("as");
        let (folders, files) = (entry.texts("folders"), entry.texts("files"));
        let Some(keeping) = keeping else { continue };
        folders.into_iter().for_each(|pattern| places.add_folder(pattern, keeping));
        files.into_iter().for_each(|pattern| places.add_file(pattern, keeping));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{Node, yaml};
    use crate::text::SourceId;

    fn filled(front: Node) -> (Places, Vec<Problem>) {
        let (mut places, mut problems) = (Places::default(), Vec::new());
        let list = Front::Read(front).get("data").and_then(|data| data.get("places")).unwrap();
        fill(&mut places, &list, &mut problems);
        (places, problems)
    }

    #[test]
    fn the_page_says_what_files_are_there_for() {
        let text = include_str!("../../rules/data/places.md");
        let read = yaml::read(SourceId(0), text.split("---\n").nth(1).unwrap());
        assert_eq!(read.problems, []);
        let (places, problems) = filled(read.documents[0].root.clone());
        assert_eq!(problems, []);
        let rows = [
            ("config/samples/db.yaml", Some("samples")),
            ("examples/a/b/db.yaml", Some("samples")),
            ("deploy/db.sample.yaml", Some("samples")),
            ("deploy/compose.example.yml", Some("samples")),
            (".env.example", Some("samples")),
            ("{{ cookiecutter.name }}/k8s/db.yaml", Some("samples")),
            ("{{cookiecutter.name}}/db.yaml", Some("samples")),
            ("docs/compose.yaml", Some("docs")),
            ("docs/examples/compose.yaml", Some("docs")),
            ("pkg/testdata/pod.yaml", Some("tests")),
            ("tests/pod.yaml", Some("tests")),
            ("e2e/pod.yaml", Some("tests")),
            ("examples/tests/pod.yaml", Some("tests")),
            ("roles/db/molecule/default/converge.yml", Some("tests")),
            ("vendor/github.com/a/b/Dockerfile", Some("vendored")),
            ("docs/node_modules/a/compose.yml", Some("vendored")),
            ("third_party/a/Dockerfile", Some("vendored")),
            ("collections/ansible_collections/a/b/tests/x.yml", Some("vendored")),
            ("db.yaml", None),
            ("apps/resampler/sample.yaml", None),
            ("apps/example.com/db.yaml", None),
            ("apps/docs-site/db.yaml", None),
            // It is an environment as often as a test.
            ("clusters/test/db.yaml", None),
            ("test/db.yaml", None),
            ("pkg/db_test.go", Some("tests")),
            ("web/login.spec.ts", Some("tests")),
            ("scripts/test_login.py", Some("tests")),
            ("mocks/server.js", Some("tests")),
            ("charts/a/templates/tests/pod.yaml", Some("tests")),
            ("charts/a/templates/pod.yaml", None),
            ("apps/vendors/pod.yaml", None),
        ];
        for (name, want) in rows {
            assert_eq!(places.of(name).map(Keeping::name), want, "{name}");
        }
        assert_eq!(places.of_folder("a/vendor/b"), Some((Keeping::Vendored, "a/vendor")));
    }

    #[test]
    fn what_cannot_be_read_has_its_place() {
        let text = "data:\n  places:\n    - {as: spare, folders: [a]}\n    - {folders: [b]}\n    - {as: docs, folder: [c]}\n    - 3\n";
        let (places, problems) = filled(yaml::read(SourceId(0), text).documents[0].root.clone());
        let at: Vec<&str> = problems.iter().map(|problem| &text[problem.at.unwrap().range()]).collect();
        assert_eq!(at, ["spare", "{folders: [b]}", "folder", "3"]);
        assert_eq!(places.of_folder("c"), None);
    }
}
