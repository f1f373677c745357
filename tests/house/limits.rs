//! Every bound is a row of the page about limits, with its value, and no bound is declared elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The bounds in a source: name and value as it is written.
fn bounds(source: &str) -> BTreeMap<&str, &str> {
    let constant = |line: &'_ str| -> Option<(usize, usize, usize)> {
        let name = line.find("const ")? + "const ".len();
        let (colon, sign) = (name + line[name..].find(": ")?, line.find(" = ")?);
        Some((name, colon, sign))
    };
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines
        .filter_map(|line| {
            let (name, colon, sign) = constant(line)?;
            Some((&line[name..colon], line[sign + 3..].trim_end_matches(';')))
        })
        .collect()
}

/// What a value of the few forms that are in use comes to.
fn value(text: &str, all: &BTreeMap<&str, &str>) -> u64 {
    if let Some((left, right)) = text.split_once(" << ") {
        return value(left, all) << value(right, all);
    }
    if let Some((left, right)) = text.split_once(" * ") {
        return value(left, all) * value(right, all);
    }
    let number = text.replace('_', "").parse();
    number.unwrap_or_else(|_| value(all.get(text).unwrap_or_else(|| panic!("what is `{text}`?")), all))
}

/// What a page says for it: `16 MiB` or `5,000`.
fn told(text: &str) -> Option<u64> {
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    let number: u64 = number.replace(',', "").parse().ok()?;
    Some(match unit {
        "GiB" => number << 30,
        "MiB" => number << 20,
        "KiB" => number << 10,
        "bytes" | "" => number,
        _ => return None,
    })
}

#[test]
fn the_page_about_limits_tells_each_with_its_value() {
    let source = fs::read_to_string(root().join("src/limits.rs")).unwrap();
    let page = fs::read_to_string(root().join("docs/limits.md")).unwrap();
    let bounds = bounds(&source);
    assert!(bounds.len() > 100, "the constants are found");
    let (mut wrong, mut rows) = (Vec::new(), BTreeMap::new());
    for line in page.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [.., at_most, name] = cells.as_slice() else { panic!("{line}") };
        if rows.insert(name.trim_matches('`'), told(at_most)).is_some() {
            wrong.push(format!("{name} has two rows"));
        }
    }
    for (name, text) in &bounds {
        match rows.get(name) {
            None => wrong.push(format!("{name} has no row")),
            Some(told) if *told != Some(value(text, &bounds)) => {
                wrong.push(format!("{name} is {text}, and the page says {told:?}"));
            }
            Some(_) => {}
        }
    }
    wrong.extend(rows.keys().filter(|name| !bounds.contains_key(*name)).map(|name| format!("no {name}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A bound is called `MOST_…` or `DEEPEST_…`, and what is called so is a bound.
#[test]
fn no_bound_is_declared_elsewhere() {
    let mut wrong = Vec::new();
    visit(&root().join("src"), &mut |path, source| {
        let is_bound =
            |name: &&str| ["MOST", "DEEPEST"].iter().any(|word| name.split('_').next() == Some(*word));
        let own = bounds(source);
        wrong.extend(
            own.keys().filter(|name| is_bound(name)).map(|name| format!("{}: {name}", path.display())),
        );
    });
    wrong.retain(|place| !place.contains("src/limits.rs"));
    assert!(wrong.is_empty(), "these belong into src/limits.rs:\n{}", wrong.join("\n"));
}

fn visit(folder: &Path, each: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).expect("the folder of the sources") {
        let path = entry.expect("an entry of it").path();
        if path.is_dir() {
            visit(&path, each);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            each(&path, &fs::read_to_string(&path).expect("a source"));
        }
    }
}

#[test]
fn values_are_read_as_they_are_meant() {
    let source = "pub(crate) const A: usize = 16 << 20;\n// const B: usize = 1;\n    const C: u64 = 2 * A;\nconst D: usize = 4_096;\n";
    let all = bounds(source);
    let values: Vec<(&str, u64)> = all.iter().map(|(name, text)| (*name, value(text, &all))).collect();
    assert_eq!(values, [("A", 16 << 20), ("C", 32 << 20), ("D", 4096)]);
    let texts = [
        ("4 KiB", Some(4096)),
        ("5,000", Some(5000)),
        ("500 bytes", Some(500)),
        ("4 apples", None),
        ("a", None),
    ];
    assert!(texts.iter().all(|(text, expected)| told(text) == *expected));
}
