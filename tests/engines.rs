//! What the data pages know of images, classes and operators, held in rows.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use pintle::testing::{ClassName, Parameters, Str};
use pintle::{Book, Config, Job, MemoryRepo, SourceId, survey};

/// The rows of a table: what is behind its first paragraph, but for remarks.
fn rows(table: &str) -> impl Iterator<Item = &str> {
    let rows = table.split_once("\n\n").unwrap().1.lines().map(str::trim_end);
    rows.filter(|row| !row.is_empty() && !row.starts_with('#'))
}

fn hold(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn images_are_servers_or_not() {
    let (book, problems) = Book::built_in();
    assert_eq!(problems, []);
    let mut wrong = Vec::new();
    for row in rows(include_str!("engines/images.txt")) {
        let (image, told) = match row.rsplit_once("}}/") {
            // A template has spaces.
            Some((head, rest)) => {
                rest.split_once(' ').map(|(tail, told)| (format!("{head}}}}}/{tail}"), told))
            }
            None => row.split_once(' ').map(|(image, told)| (image.to_owned(), told)),
        }
        .unwrap();
        let found = book.engines().of_image(&image).map_or("-".to_owned(), |found| {
            let major = found.engine.major.map_or("-".to_owned(), |major| major.to_string());
            let family = found.family.map_or("-", |family| &family.name);
            let folder = found.family.and_then(|family| family.folder(found.engine.major));
            let folder = folder.map_or("-".into(), |folder| folder.path_in(found.engine.major));
            format!("{} {major} {family} {folder}", found.engine.name)
        });
        if found != told.trim() {
            wrong.push(format!("{image}: expected {}, got {found}", told.trim()));
        }
    }
    hold(wrong);
}

#[test]
fn classes_are_what_their_provisioner_says() {
    let book = Book::built_in().0;
    let mut wrong = Vec::new();
    for row in rows(include_str!("engines/provisioners.txt")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [class, provisioner, parameters, told] = cells[..] else { panic!("{row}") };
        let given: Vec<(&str, &str)> =
            parameters.split(", ").filter_map(|parameter| parameter.rsplit_once('=')).collect();
        let of = |name: &str| given.iter().find(|(key, _)| *key == name).map(|(_, value)| Str::from(*value));
        let pool = |name: &str| match name {
            "one-copy" => Some(1),
            "two-copies" => Some(2),
            _ => None,
        };
        let provisioner = Some(provisioner).filter(|name| !name.is_empty());
        let kind = book.provisioners().kind(class, provisioner, &Parameters { of: &of, pool: &pool });
        let mut found = kind.standing.name().to_owned();
        found += if kind.shared { " shared" } else { "" };
        kind.copies.iter().for_each(|copies| found += &format!(" {copies}"));
        found += if kind.says.is_some() { " says" } else { "" };
        if found != told {
            wrong.push(format!("{row}: got {found}"));
        }
    }
    hold(wrong);
}

/// Rows of `group/version Kind {spec}`, and a line for each database of it and for each claim that is no database's.
#[test]
fn resources_of_operators_are_read_by_their_layouts() {
    let (book, config) = (Book::built_in().0, Config::default());
    let mut wrong = Vec::new();
    let mut lines = rows(include_str!("engines/resources.txt")).peekable();
    while let Some(row) = lines.next() {
        let mut told = Vec::new();
        while let Some(line) = lines.next_if(|line| line.starts_with("=>")) {
            told.push(line.trim_start_matches("=>").trim().to_owned());
        }
        let mut words = row.splitn(3, ' ');
        let (api, kind, spec) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let text = format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n");
        let repo = MemoryRepo::new([("x.yaml", text.as_str())]);
        let (report, _) = survey(&Job::new(&repo, &config, &book));
        let facts = &report.facts;
        let class = |class: &ClassName| match class {
            ClassName::Named(part) | ClassName::Unknown(part) => part.text.to_string(),
            ClassName::Omitted(origin) => {
                let span = origin.span();
                assert_eq!(span.source, SourceId(0));
                format!("? at {}", text[span.range()].chars().take(12).collect::<String>().trim())
            }
            ClassName::Existing(part) => format!("={}", part.text),
        };
        let mut found: Vec<String> = facts
            .databases
            .iter()
            .map(|fact| {
                let says = &fact.says;
                let major = says.engine.major.map_or(String::new(), |major| format!(" {major}"));
                let servers = says.instances.as_ref().and_then(|part| part.text.parse::<u32>().ok());
                let servers = servers.map_or("?".to_owned(), |first| (first + says.primaries).to_string());
                let image = says.image.as_ref().map_or(String::new(), |image| format!(" {}", image.text));
                let claims = says.claims.iter().map(|(what, claim)| {
                    let size = claim.size.as_ref().map_or(String::new(), |size| format!(" {}", size.text));
                    format!("; {what} {}{size}", class(&claim.class))
                });
                format!("{}{major} x{servers}{image}{}", says.engine.name, claims.collect::<String>())
            })
            .collect();
        found.extend(
            facts.claims.iter().map(|fact| format!("apart {} {}", fact.says.name, class(&fact.says.class))),
        );
        if found != told {
            wrong.push(format!("{row}\nexpected {told:#?}\ngot {found:#?}\n"));
        }
    }
    hold(wrong);
}

const OWN: &str = "---\nid: ours\ntitle: Ours\nseverity: off\nsince: 0.1.0\nabout: data\n";

#[test]
fn a_page_of_ones_own_adds_to_the_lists() {
    let mut book = Book::built_in().0;
    let page = OWN.to_owned()
        + "data:\n  engines:\n    - name: postgres\n      families:\n        - {name: ours, images: [acme/db], data: [{path: /srv/pg, writes: /srv/pg/data}], version: none}\n\
           \x20   - {name: acmedb, words: [acmedb], replicates: true}\n\
           \x20 resources:\n    - {api: acme.example, kind: Store, engine: acmedb, because: Acme store, instances: spec.size, claims: [{what: data, at: spec.disk}]}\n\
           \x20 classes:\n    - {standing: local, names: [nfs-but-local]}\n---\n# Ours\n\nOurs.\n";
    assert_eq!(book.add(SourceId(0), "rules/ours.md", &page), []);
    let found = book.engines().of_image("registry.acme.example/acme/db:3").unwrap();
    assert_eq!(found.engine.name, "postgres");
    assert_eq!(found.family.unwrap().folder(None).unwrap().path_in(None), "/srv/pg");
    assert_eq!(book.engines().of_image("acme/acmedb:7").unwrap().engine.major, Some(7));
    assert_eq!(book.engines().of_image("postgres:16").unwrap().engine.major, Some(16));
    let nothing = Parameters { of: &|_| None, pool: &|_| None };
    assert_eq!(book.provisioners().kind("nfs-but-local", None, &nothing).standing.name(), "local");
    assert_eq!(book.provisioners().kind("nfs", None, &nothing).standing.name(), "network");
    let store = "apiVersion: acme.example/v1\nkind: Store\nmetadata: {name: s}\nspec: {size: 2, disk: {storageClassName: a}}\n";
    let compose =
        "services:\n  db:\n    image: acme/db:3\n    volumes: ['data:/srv/db']\nvolumes:\n  data:\n";
    let repo = MemoryRepo::new([("s.yaml", store), ("compose.yaml", compose)]);
    let config = Config::default();
    let (_, joined) = survey(&Job::new(&repo, &config, &book));
    assert_eq!(joined.homeless.iter().map(|one| &*one.home).collect::<Vec<_>>(), ["/srv/pg/data"]);
    assert_eq!(
        joined.seats.iter().map(|seat| &*seat.engine.name).collect::<Vec<_>>(),
        ["acmedb", "postgres"]
    );
}

/// A mistake is told at its place, and the rest of the page holds.
#[test]
fn what_cannot_be_read_on_a_page_has_its_place() {
    for (data, at, says) in [
        (
            "engines: [{name: a, ports: 1}, {name: b, words: [bdb]}]",
            "ports",
            "there is no key `ports` here, did you mean `port`?",
        ),
        ("engines: [{words: [x]}, {name: b, words: [bdb]}]", "{words: [x]}", "the entry lacks `name`"),
        ("engines: [{name: a, port: many}, {name: b, words: [bdb]}]", "many", "a number is expected here"),
        (
            "engines: [{name: a, cache: often}, {name: b, words: [bdb]}]",
            "often",
            "`true` or `false` is expected here",
        ),
        ("engines: [a, {name: b, words: [bdb]}]", "a", "a map is expected here"),
        ("engines: [{name: a, words: [{}]}, {name: b, words: [bdb]}]", "{}", "a text is expected here"),
        (
            "engines: [{name: b, words: [bdb], families: [{name: f, version: tags}]}]",
            "tags",
            "one of tag, word, last, named, name and none is expected here",
        ),
        (
            "engines: [{name: b, words: [bdb], families: [{name: f, data: [{path: data}]}]}]",
            "data",
            "a folder such as `/data` is expected here",
        ),
        (
            "engines: [{name: b, words: [bdb], families: [{name: f, data: [{path: /d, writes: d}]}]}]",
            "d",
            "a folder such as `/data` is expected here",
        ),
        (
            "engines: [{name: b, words: [bdb], families: [{name: f, data: [{path: /d, from: 3, below: 3}]}]}]",
            "{path: /d, from: 3, below: 3}",
            "no version is at or above `from` and below `below`",
        ),
        (
            "engines: [{name: b, words: [bdb], families: [{name: f, data: [{path: /d, declares: /d}]}]}]",
            "{path: /d, declares: /d}",
            "`declares` is the volume of the image that holds what is at `writes`",
        ),
        (
            "engines: [{name: b, words: [bdb], families: [{name: f, data: [{path: /d, writes: /d, declares: /d/e}]}]}]",
            "{path: /d, writes: /d, declares: /d/e}",
            "`declares` is the volume of the image that holds what is at `writes`",
        ),
        (
            "engines: [{name: b, words: [bdb], families: [{name: f, newest: maybe}]}]",
            "maybe",
            "`true` or `false` is expected here",
        ),
        (
            "engines: [{name: b, words: [bdb]}]\n  resources: [{api: a, kind: K, engine: c, because: x}]",
            "c",
            "there is no engine `c` on the pages",
        ),
        (
            "engines: [{name: b, words: [bdb]}]\n  resources: [{api: a, kind: K, because: x}]",
            "{api: a, kind: K, because: x}",
            "the entry lacks `engine`",
        ),
        (
            "engines: [{name: b, words: [bdb]}]\n  resources: [{api: a, kind: K, engine: b, because: x, instances: 'a..b'}]",
            "a..b",
            "a path such as `spec.instances[].replicas` is expected here",
        ),
        (
            "engines: [{name: b, words: [bdb]}]\n  resources: [{api: a, kind: K, engine: b, because: x, claims: [{what: d, at: s, class: 'x[].y'}]}]",
            "x[].y",
            "a path such as `pvc.storageClass` is expected here",
        ),
        (
            "engines: [{name: b, words: [bdb]}]\n  provisioners: [{names: [x], standing: near}]",
            "near",
            "one of longhorn, replicated, local, network, cloud and unknown is expected here",
        ),
        (
            "engines: [{name: b, words: [bdb]}]\n  provisioners: [{names: [x]}]",
            "{names: [x]}",
            "the entry lacks `standing`",
        ),
        (
            "engines: [{name: b, words: [bdb]}]\n  classes: [{standing: local, names: ['a*b']}]",
            "a*b",
            "a name of a class, open at an end or not is expected here",
        ),
        ("engines: [{name: b, words: [bdb]}]\n  motors: [x]", "x", "`motors` is no list of a data page"),
    ] {
        let mut book = Book::built_in().0;
        let page = format!("{OWN}data:\n  {data}\n---\n# Ours\n\nOurs.\n");
        let problems = book.add(SourceId(0), "rules/ours.md", &page);
        let told: Vec<(&str, &str)> = problems
            .iter()
            .map(|problem| (&page[problem.at.unwrap().range()], problem.says.as_str()))
            .collect();
        assert_eq!(told, [(at, says)], "{data}");
    }
}
