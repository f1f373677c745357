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

fn by_name(base: &str, text: &str, names: &Names) -> Option<&'static str> {
    let lower = base.to_ascii_lowercase();
    if [
        "example", "sample", "template", "dist", "default", "tpl", "tmpl", ".enc", ".sops", ".age", ".gpg",
        ".j2",
    ]
    .iter()
    .any(|word| lower.contains(word))
    {
        return None;
    }
    if sealed::whole(text).is_some() || sealed::holds_sops(text) {
        return None;
    }
    let ends = |list: &[&str]| list.iter().any(|end| lower.ends_with(end));
    match lower.as_str() {
        "id_rsa" | "id_ed25519" | "id_ecdsa" | "id_dsa" => return Some("SSH private key file"),
        ".vault_pass" | ".vault-pass" | ".vault_password" | "vault_pass.txt" | ".vault_pass.txt" => {
            return (!text.trim().is_empty()).then_some("Ansible vault password file");
        }
        ".netrc" | "_netrc" => return text.contains("password").then_some("login file for curl and git"),
        ".pgpass" | "pgpass.conf" => return Some("PostgreSQL password file"),
        ".git-credentials" => return Some("git login file"),
        ".htpasswd" => return Some("web password file"),
        "age.key" | "keys.txt" | "age-key.txt" => {
            return text.to_ascii_uppercase().contains("AGE-SECRET-KEY-").then_some("age key file");
        }
        "terraform.tfstate" | "terraform.tfstate.backup" => {
            return Some("Terraform state, which holds every value in plain text");
        }
        "kubeconfig" | "admin.conf" | "kubeconfig.yaml" => {
            return (text.contains("client-key-data:") || text.contains("token:"))
                .then_some("kubeconfig with a key");
        }
        _ => {}
    }
    if ends(&[".jks", ".p12", ".pfx", ".keystore", ".keytab", ".kdbx", ".ppk"]) {
        return (!lower.contains("truststore") && !lower.contains("cacerts")).then_some("keystore");
    }
    if ends(&[".tfstate"]) {
        return Some("Terraform state, which holds every value in plain text");
    }
    let is_env =
        lower == ".env" || lower.starts_with(".env.") || ends(&[".env"]) && !lower.starts_with("stack");
    (is_env && holds_values(text, names)).then_some("environment file with credentials")
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
