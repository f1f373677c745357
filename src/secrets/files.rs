//! Files that should not be in a repository whatever stands in them. Knows names, and a look at the first lines.

use super::found::{Found, part};
use super::value::{self, Kind};
use crate::facts::{Evidence, Names, Promise, SecretKind, SecretPlace, Weakness};
use crate::syntax::sealed;
use crate::text::{File, Origin, Part, Span};

/// The fact that a file is here at all, if its name says that it holds credentials. For a binary file the text is
/// empty and only its name is judged.
pub(super) fn committed(file: &File, names: &Names) -> Option<Found> {
    let what = by_name(file.base(), file.text, names)?;
    let first = file.text.lines().next().map_or(0, |line| line.trim_end().len()).min(200);
    let value = match file.text.get(..first).filter(|line| !line.is_empty()) {
        Some(_) => part(file, 0..first),
        None => Part::new("", Origin::verbatim(Span::new(file.id, 0, 0))),
    };
    let mut found = Found::new(SecretKind::Committed, what, value)
        .because("such a file is for one machine, not for a repository");
    found.place = SecretPlace::File;
    found.evidence = Evidence::Weak(Weakness::Known);
    found.path = file.name.into();
    Some(found)
}

/// What such a file holds; the text is asked last, for hardly any file has such a name.
fn by_name(base: &str, text: &str, names: &Names) -> Option<&'static str> {
    let lower = base.to_ascii_lowercase();
    let what = whole_name(&lower, text).or_else(|| ending(&lower)).or_else(|| {
        let is_env = lower == ".env"
            || lower.starts_with(".env.")
            || lower.ends_with(".env") && !lower.starts_with("stack");
        (is_env && holds_values(text, names)).then_some("environment file with credentials")
    })?;
    let is_shown = [
        "example", "sample", "template", "dist", "default", "tpl", "tmpl", ".enc", ".sops", ".age", ".gpg",
        ".j2",
    ];
    let is_meant = !is_shown.iter().any(|word| lower.contains(word));
    (is_meant && !sealed::holds_sops(text) && sealed::whole(text).is_none()).then_some(what)
}

/// A name that says what is in the file.
fn whole_name(lower: &str, text: &str) -> Option<&'static str> {
    match lower {
        "id_rsa" | "id_ed25519" | "id_ecdsa" | "id_dsa" => Some("SSH private key file"),
        ".vault_pass" | ".vault-pass" | ".vault_password" | "vault_pass.txt" | ".vault_pass.txt" => {
            (!text.trim().is_empty()).then_some("Ansible vault password file")
        }
        ".netrc" | "_netrc" => text.contains("password").then_some("login file for curl and git"),
        ".pgpass" | "pgpass.conf" => Some("PostgreSQL password file"),
        ".git-credentials" => Some("git login file"),
        ".htpasswd" => Some("web password file"),
        "age.key" | "keys.txt" | "age-key.txt" => {
            text.to_ascii_uppercase().contains("AGE-SECRET-KEY-").then_some("age key file")
        }
        "terraform.tfstate.backup" => Some("Terraform state, which holds every value in plain text"),
        "kubeconfig" | "admin.conf" | "kubeconfig.yaml" => {
            (text.contains("client-key-data:") || text.contains("token:")).then_some("kubeconfig with a key")
        }
        _ => None,
    }
}

/// An ending that says it.
fn ending(lower: &str) -> Option<&'static str> {
    if [".jks", ".p12", ".pfx", ".keystore", ".keytab", ".kdbx", ".ppk"]
        .iter()
        .any(|end| lower.ends_with(end))
    {
        return (!lower.contains("truststore") && !lower.contains("cacerts")).then_some("keystore");
    }
    lower.ends_with(".tfstate").then_some("Terraform state, which holds every value in plain text")
}

/// Whether an environment file sets a credential to something.
fn holds_values(text: &str, names: &Names) -> bool {
    text.lines().any(|line| {
        let line = line.trim().strip_prefix("export ").unwrap_or(line.trim());
        let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else {
            return false;
        };
        let value = value.trim().trim_matches(['"', '\'']);
        names.promise(name.trim()) == Promise::Strong
            && value.len() >= 6
            && value::kind(value) == Kind::Literal
            && value::shape(value).is_none()
            && !value::is_plain_words(value)
    })
}
