//! Cases in rows: `=== ` and a name, `@@ ` and a file, then its text; each `=> ` line is a finding, in the order of the
//! text.

use super::{Row, hold};

#[test]
fn what_sops_files_and_their_comments_hold() {
    hold(&rows(include_str!("sops.txt")), 30);
}

#[test]
fn forms_are_believed_for_the_whole_of_them() {
    hold(&rows(include_str!("forms.txt")), 40);
}

#[test]
fn what_sops_files_say_is_held_against_their_rule() {
    hold(&rows(include_str!("differs.txt")), 14);
}

#[test]
fn encodings_are_looked_through() {
    hold(&rows(include_str!("ladder.txt")), 30);
}

#[test]
fn keys_are_parsed() {
    hold(&rows(include_str!("keys.txt")), 30);
}

fn rows(text: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            rows.push(Row { name: name.into(), files: Vec::new(), expected: Vec::new() });
            continue;
        }
        let Some(row) = rows.last_mut() else { continue };
        if let Some(name) = line.strip_prefix("@@ ") {
            row.files.push((name.into(), String::new()));
        } else if let Some((rule, severity)) = line.strip_prefix("=> ").and_then(|told| told.split_once(' '))
        {
            row.expected.push((rule.into(), severity.into()));
        } else if let Some((_, text)) = row.files.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    rows
}
