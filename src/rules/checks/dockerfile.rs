//! What a Dockerfile gives: who it runs as, what it carries along, what it tells in its history.

use super::super::{Case, Page};
use crate::finding::Finding;

/// The last stage ends as root.
pub(super) fn root_user(case: &Case, page: &Page) -> Vec<Finding> {
    let mut out = Vec::new();
    for fact in case.facts.stages.iter().filter(|fact| fact.says.last) {
        let stage = &fact.says;
        let (place, says) = match (&stage.user, &stage.base) {
            (Some(user), _) => {
                let name = user.text.split(':').next().unwrap_or("");
                if !matches!(name, "root" | "0") {
                    continue;
                }
                (user, format!("the image runs as `{}`", user.text))
            }
            (None, Some(base)) => {
                // These bases are built to run as somebody else, or hold nothing that could run as root.
                const QUIET: [&str; 4] = ["nonroot", "scratch", "chainguard", "rootless"];
                let own = case.facts.stages.iter().find(|other| {
                    other.owner == fact.owner
                        && other.says.name.as_ref().is_some_and(|name| name.text == base.text)
                });
                let inherits = own.is_some_and(|other| {
                    other.says.user.as_ref().is_some_and(|user| user.text != "root" && user.text != "0")
                });
                if inherits || QUIET.iter().any(|word| base.text.contains(word)) {
                    continue;
                }
                (
                    base,
                    format!(
                        "nothing says who the image runs as, so it is whoever `{}` runs as: mostly root",
                        base.text
                    ),
                )
            }
            _ => continue,
        };
        out.push(case.finding(page, fact, place.origin.clone(), says));
    }
    out
}

/// A compiler that is installed in the stage that ships.
pub(super) fn single_stage_toolchain(case: &Case, page: &Page) -> Vec<Finding> {
    let shipped = case.facts.stages.iter().filter(|fact| fact.says.last && fact.says.number == 0);
    let first = shipped.filter_map(|fact| fact.says.toolchain.first().map(|tool| (fact, tool)));
    first
        .map(|(fact, tool)| {
            case.finding(
                page,
                fact,
                tool.origin.clone(),
                format!("`{}` is installed in the stage that ships: build in a stage of its own", tool.text),
            )
        })
        .collect()
}

/// A secret that goes through `ARG` or `ENV`, and so into the image's history.
pub(super) fn secret_arg(case: &Case, page: &Page) -> Vec<Finding> {
    let mut out = Vec::new();
    for fact in &case.facts.stages {
        for argument in &fact.says.arguments {
            let name = argument.name.text.to_ascii_lowercase();
            let words: Vec<&str> = name.split(['_', '-', '.']).collect();
            let telling = words.iter().any(|word| {
                matches!(*word, "password" | "passwd" | "secret" | "token" | "apikey" | "pat" | "credentials")
            }) || name.ends_with("api_key")
                || name.ends_with("private_key")
                || name.ends_with("access_key");
            // A file, an address or a name that belongs to a secret is none.
            let about = words.last().is_some_and(|word| {
                matches!(*word, "file" | "path" | "url" | "dir" | "name" | "id" | "header" | "ttl" | "length")
            });
            let value = argument.value.as_ref().map_or("", |value| value.text.as_str());
            let is_env = argument.instruction.eq_ignore_ascii_case("env");
            let empty = value.is_empty() || !crate::facts::holes(value).is_empty();
            if telling && !about && !(is_env && empty && value.is_empty()) {
                let says = format!(
                    "`{}` goes through {} and stays in the image's history",
                    argument.name.text,
                    argument.instruction.to_ascii_uppercase()
                );
                out.push(case.finding(page, fact, argument.name.origin.clone(), says));
            }
        }
    }
    out
}
