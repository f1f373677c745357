//! Reads a table of cases.

/// One line of a case, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Line {
    /// Makes the repository.
    Setup(String),
    /// What is looked at.
    Run(String),
    Exit(i32),
    Sees(String),
    Never(String),
    Then(String),
}

#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) needs: Vec<String>,
    pub(crate) lines: Vec<Line>,
}

pub(crate) fn read(table: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for (number, line) in table.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix("== ") {
            cases.push(Case { name: name.to_owned(), needs: Vec::new(), lines: Vec::new() });
            continue;
        }
        let case = cases.last_mut().unwrap_or_else(|| panic!("line {}: no case yet", number + 1));
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.to_owned();
        case.lines.push(match word {
            "needs" => {
                case.needs.extend(rest.split(' ').map(str::to_owned));
                continue;
            }
            "|" => Line::Setup(rest),
            "$" => Line::Run(rest),
            "exit" => Line::Exit(rest.parse().unwrap()),
            "sees" => Line::Sees(rest),
            "never" => Line::Never(rest),
            "then" => Line::Then(rest),
            other => panic!("line {}: what is `{other}`?", number + 1),
        });
    }
    for case in &mut cases {
        let uses = |words: &[&str]| {
            case.lines.iter().any(|line| match line {
                Line::Setup(script) | Line::Run(script) | Line::Then(script) => {
                    words.iter().any(|word| script.contains(word))
                }
                _ => false,
            })
        };
        let (git, gnu) = (uses(&["git ", "commit"]), uses(&["sed -i", "sed 's", "stat -c"]));
        case.needs.extend(git.then(|| "git".to_owned()));
        case.needs.extend(gnu.then(|| "gnu".to_owned()));
        let is_claim = |line: &Line| !matches!(line, Line::Setup(_) | Line::Run(_));
        assert!(case.lines.iter().any(is_claim), "`{}` cannot fail", case.name);
    }
    cases
}
