//! Stores × covers × mistakes: every store of SOPS, with every setting that says what is encrypted, with everything
//! that people get wrong.

use super::{Row, hold};

/// A setting, a key that it covers and one that it does not.
struct Cover {
    setting: Option<(&'static str, &'static str)>,
    inside: &'static str,
    outside: &'static str,
}

#[rustfmt::skip]
const COVERS: &[Cover] = &[
    Cover { setting: None, inside: "login", outside: "login_unencrypted" },
    Cover { setting: Some(("encrypted_regex", "^(login|data)$")), inside: "login", outside: "host" },
    Cover { setting: Some(("unencrypted_regex", "^host$")), inside: "login", outside: "host" },
    Cover { setting: Some(("encrypted_suffix", "_sealed")), inside: "login_sealed", outside: "host" },
    Cover { setting: Some(("unencrypted_suffix", "_plain")), inside: "login", outside: "host_plain" },
];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Yaml,
    Json,
    Dotenv,
    Ini,
}

const STORES: [(Kind, &str); 4] = [
    (Kind::Yaml, "app/login.sops.yaml"),
    (Kind::Json, "app/login.sops.json"),
    (Kind::Dotenv, "app/login.sops.env"),
    (Kind::Ini, "app/login.sops.ini"),
];

/// Entries by whether the cover is for them, their values as they are written, and the findings.
struct Mistake {
    name: &'static str,
    /// `(is covered, value)`; a key gets a number behind it from the second on.
    values: &'static [(bool, &'static str)],
    mac: Option<&'static str>,
    expected: &'static [(&'static str, &'static str)],
}

/// A vendor's token, which is a credential under any name.
const TOKEN: &str = "ghp_{base62*30}{crc32-base62}";
const LEAF: (&str, &str) = ("sops-plaintext-leaf", "error");
const MAC: (&str, &str) = ("sops-without-mac", "warning");

#[rustfmt::skip]
const MISTAKES: &[Mistake] = &[
    Mistake { name: "none", values: &[(true, "{sops}"), (true, "{sops:int:2}"), (false, "db.corp.net")], mac: Some("{mac}"), expected: &[] },
    Mistake { name: "a leaf that nobody encrypted", values: &[(true, "{sops}"), (true, "«kestrel-lime-otter»")], mac: Some("{mac}"), expected: &[LEAF] },
    Mistake { name: "a number that nobody encrypted", values: &[(true, "{sops}"), (true, "«48151623»")], mac: Some("{mac}"), expected: &[LEAF] },
    Mistake { name: "an empty value stays empty", values: &[(true, "{sops}"), (true, "")], mac: Some("{mac}"), expected: &[] },
    Mistake { name: "ciphertext without its end", values: &[(true, "«ENC[AES256_GCM,data:{base64*24},iv:{base64*43}=,tag:{base64*22}==»"), (true, "{sops}")], mac: Some("{mac}"), expected: &[LEAF] },
    Mistake { name: "ciphertext with a short iv", values: &[(true, "«ENC[AES256_GCM,data:{base64*24},iv:{base64*16},tag:{base64*22}==,type:str]»"), (true, "{sops}")], mac: Some("{mac}"), expected: &[LEAF] },
    Mistake { name: "ciphertext that does not decode", values: &[(true, "«ENC[AES256_GCM,data:kestrel!,iv:{base64*43}=,tag:{base64*22}==,type:str]»"), (true, "{sops}")], mac: Some("{mac}"), expected: &[LEAF] },
    Mistake { name: "no checksum", values: &[(true, "{sops}")], mac: None, expected: &[MAC] },
    Mistake { name: "a checksum that is too short", values: &[(true, "{sops}")], mac: Some("«{sops}»"), expected: &[MAC] },
    Mistake { name: "a checksum in plain text", values: &[(true, "{sops}")], mac: Some("«0123456789»"), expected: &[MAC] },
    Mistake { name: "no checksum, and a plain leaf", values: &[(true, "{sops}"), (true, "«kestrel-lime-otter»")], mac: None, expected: &[LEAF, MAC] },
    Mistake { name: "nothing is covered, and nothing is secret", values: &[(false, "db.corp.net")], mac: Some("{mac}"), expected: &[("sops-nothing-encrypted", "warning")] },
    Mistake { name: "nothing is covered, and one is a credential", values: &[(false, "«{token}»")], mac: Some("{mac}"), expected: &[("secret-github-token", "error"), ("sops-nothing-encrypted", "error")] },
    Mistake { name: "a credential beside the cover", values: &[(true, "{sops}"), (false, "«{token}»")], mac: Some("{mac}"), expected: &[("secret-github-token", "error")] },
];

#[test]
fn every_store_with_every_cover_and_every_mistake() {
    let mut rows = Vec::new();
    for (kind, file) in STORES {
        for cover in COVERS {
            for mistake in MISTAKES {
                rows.push(row(kind, file, cover, mistake));
            }
        }
    }
    hold(&rows, 280);
}

fn row(kind: Kind, file: &str, cover: &Cover, mistake: &Mistake) -> Row {
    let setting = cover.setting.unwrap_or(("unencrypted_suffix", "_unencrypted"));
    let entries: Vec<(String, String)> = mistake
        .values
        .iter()
        .enumerate()
        .map(|(at, (is_inside, value))| {
            let key = if *is_inside { cover.inside } else { cover.outside };
            let is_suffix = setting.0.ends_with("suffix");
            let key = if at > 0 && is_suffix { format!("k{at}_{key}") } else { key.to_string() };
            (key, value.replace("{token}", TOKEN))
        })
        .collect();
    let is_nothing = mistake.expected.iter().any(|(rule, _)| *rule == "sops-nothing-encrypted");
    let mut meta: Vec<(String, String)> = vec![("lastmodified".into(), "2026-01-02T03:04:05Z".into())];
    let written = if is_nothing { format!("«{}»", setting.1) } else { setting.1.to_string() };
    meta.push((setting.0.into(), written));
    meta.extend(mistake.mac.map(|mac| ("mac".into(), mac.into())));
    meta.push(("version".into(), "3.9.4".into()));
    let has_no_mac = mistake.mac.is_none();
    let text = match kind {
        Kind::Yaml => yaml(&entries, &meta, has_no_mac),
        Kind::Json => json(&entries, &meta, has_no_mac),
        Kind::Dotenv => dotenv(&entries, &meta, has_no_mac),
        Kind::Ini => ini(&entries, &meta, has_no_mac),
    };
    Row {
        name: format!("{file}, {}: {}", setting.0, mistake.name),
        files: vec![(file.into(), text)],
        expected: mistake
            .expected
            .iter()
            .map(|(rule, severity)| (rule.to_string(), severity.to_string()))
            .collect(),
    }
}

/// The metadata's own name, marked where a finding about the checksum stands at it.
fn marked(name: &str, is_marked: bool) -> String {
    if is_marked { format!("«{name}»") } else { name.into() }
}

/// Entries below maps of their own, so that a key may be there twice.
fn yaml(entries: &[(String, String)], meta: &[(String, String)], has_no_mac: bool) -> String {
    let mut out = String::new();
    for (at, (key, value)) in entries.iter().enumerate() {
        let quoted = if value.is_empty() { "\"\"" } else { value };
        out += &format!("part{at}:\n  {key}: {quoted}\n  none: null\n");
    }
    out += &format!("{}:\n", marked("sops", has_no_mac));
    meta.iter().for_each(|(key, value)| out += &format!("  {key}: {}\n", quoted(value)));
    out
}

fn json(entries: &[(String, String)], meta: &[(String, String)], has_no_mac: bool) -> String {
    let part = |(at, (key, value)): (usize, &(String, String))| {
        let is_number = value.trim_matches(['«', '»']).parse::<u64>().is_ok();
        let value = if is_number { value.clone() } else { quoted(value) };
        format!("\t\"part{at}\": {{\"{key}\": {value}, \"none\": null}},\n")
    };
    let parts: String = entries.iter().enumerate().map(part).collect();
    let meta: Vec<String> =
        meta.iter().map(|(key, value)| format!("\t\t\"{key}\": {}", quoted(value))).collect();
    format!("{{\n{parts}\t\"{}\": {{\n{}\n\t}}\n}}\n", marked("sops", has_no_mac), meta.join(",\n"))
}

fn quoted(value: &str) -> String {
    let inside = value.trim_start_matches('«').trim_end_matches('»');
    if inside == value { format!("\"{value}\"") } else { format!("\"«{inside}»\"") }
}

fn dotenv(entries: &[(String, String)], meta: &[(String, String)], has_no_mac: bool) -> String {
    let mut out: String = entries.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
    for (at, (key, value)) in meta.iter().enumerate() {
        out += &format!("{}={value}\n", marked(&format!("sops_{key}"), has_no_mac && at == 0));
    }
    out
}

fn ini(entries: &[(String, String)], meta: &[(String, String)], has_no_mac: bool) -> String {
    let section = |(at, (key, value)): (usize, &(String, String))| format!("[part{at}]\n{key} = {value}\n\n");
    let mut out: String = entries.iter().enumerate().map(section).collect();
    out += "[sops]\n";
    for (at, (key, value)) in meta.iter().enumerate() {
        out += &format!("{} = {value}\n", marked(key, has_no_mac && at == 0));
    }
    out
}
