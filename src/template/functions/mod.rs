//! The functions of Go's templates, of sprig and of helm, by name. What is unknown is told when it is called, not before.

mod cases;
mod crypto;
mod dates;
mod encodings;
mod helmfile;
mod lists;
mod logic;
mod maps;
mod numbers;
mod paths;
mod patterns;
mod table;
mod texts;
mod versions;

use super::host::Call;
use super::numbers::Numbers;
use super::stop::Stop;
use super::tool::Tool;
use super::value::Given;
use std::collections::HashMap;
use std::sync::LazyLock;
use table::Arity::{Between, From, Is};
use table::Function;

static FUNCTIONS: LazyLock<HashMap<&str, &Function, Numbers>> = LazyLock::new(|| {
    let groups: [&[Function]; 12] = [
        logic::FUNCTIONS,
        texts::FUNCTIONS,
        cases::FUNCTIONS,
        lists::FUNCTIONS,
        maps::FUNCTIONS,
        numbers::FUNCTIONS,
        encodings::FUNCTIONS,
        crypto::FUNCTIONS,
        dates::FUNCTIONS,
        paths::FUNCTIONS,
        patterns::FUNCTIONS,
        versions::FUNCTIONS,
    ];
    groups.iter().flat_map(|group| group.iter().map(|function| (function.0, function))).collect()
});

/// What is told of a function that is not there.
pub fn unknown(name: &str) -> Stop {
    Stop::Unknown(format!("function \"{name}\" is not known here"))
}

/// Functions that the sets of Argo CD have, and that are not executed here.
const UNREAD: [&str; 7] =
    ["slugify", "durationRound", "must_date_modify", "abbrevboth", "sha512sum", "b32dec", "decryptAES"];

/// What is told of a function that a tool does not have. In the sets of Argo CD a bare name is most often a value, as it is
/// written without `goTemplate`; a call with arguments may be of a newer version.
fn missing(call: &Call) -> Stop {
    let is_value = matches!(call.host.tool, Tool::ArgoCd { .. }) && call.len() == 0;
    match call.name {
        name if is_value && !UNREAD.contains(&name) => {
            Stop::Refused(format!("`{name}` is no function: with `goTemplate` a value is written `.{name}`"))
        }
        name => unknown(name),
    }
}

/// Calls a function.
pub fn call(call: &Call) -> Given {
    let own = if call.host.tool == Tool::Helmfile { helmfile::find(call.name) } else { None };
    let Some((name, arity, function)) = own.or_else(|| FUNCTIONS.get(call.name).copied()) else {
        return Err(missing(call));
    };
    let (fits, wanted) = match *arity {
        Is(count) => (call.len() == count, count.to_string()),
        From(least) => (call.len() >= least, format!("at least {least}")),
        Between(least, most) => ((least..=most).contains(&call.len()), format!("{least} to {most}")),
    };
    if !fits {
        return Stop::refused(format!("wrong number of args for {name}: want {wanted} got {}", call.len()));
    }
    function(call)
}
