//! How a kind of file writes values, as its name tells. Knows no value.

use super::judge::Setting;
use super::markup;
use crate::text::File;

/// How a kind of file writes values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Writing {
    /// Everything after the sign: `.env`, ini, properties, Dockerfile, shell.
    Bare,
    /// A literal stands in quotes, and something is configured with it: HCL.
    Quoted,
    /// A literal stands in quotes, and a program does what it likes with it.
    Program,
    /// People explain things.
    Prose,
    /// A document whose tree says more: only its comments are read here.
    Tree,
    /// Names and values are between tags.
    Markup,
    /// Generated, minified or a list of translations: nothing in it was assigned by a person.
    Nothing,
}

impl Writing {
    pub(super) fn setting(self) -> Setting {
        match self {
            Writing::Program => Setting::Program,
            Writing::Prose => Setting::Prose,
            _ => Setting::Given,
        }
    }

    /// Whether commands stand in such a file: everywhere but in programs, those of shells aside, and in what nobody wrote.
    pub(super) fn may_hold_commands(self, file: &File) -> bool {
        let is_shell = file.name.ends_with(".ps1");
        is_shell || !matches!(self, Writing::Nothing | Writing::Program | Writing::Markup)
    }
}

/// Whether values stand in lines of a file: `.env`, INI and their like.
pub(super) fn has_lines(file: &File) -> bool {
    writing(file) == Writing::Bare
}

/// How a file writes values.
pub(super) fn writing(file: &File) -> Writing {
    let base = file.base().to_ascii_lowercase();
    let extension = base.rsplit_once('.').map_or("", |(_, extension)| extension);
    #[rustfmt::skip]
    const LOCKS: &[&str] = &[
        "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "cargo.lock", "go.sum", "poetry.lock",
        "gemfile.lock", "composer.lock", "flake.lock", "uv.lock", "pipfile.lock", "chart.lock",
        ".terraform.lock.hcl",
    ];
    if LOCKS.contains(&base.as_str())
        || base.ends_with(".min.js")
        || base.ends_with(".map")
        || is_catalogue(file.name)
    {
        return Writing::Nothing;
    }
    if markup::is_markup(file) {
        return Writing::Markup;
    }
    if base.starts_with(".env")
        || base.ends_with(".env")
        || base.as_bytes().windows(5).any(|five| five == b".env.")
        || base.starts_with("dockerfile")
        || base.ends_with("dockerfile")
    {
        return Writing::Bare;
    }
    const PROGRAMS: [&str; 7] =
        ["tiltfile", "jenkinsfile", "vagrantfile", "rakefile", "gemfile", "brewfile", "fastfile"];
    if PROGRAMS.contains(&base.as_str()) {
        return Writing::Program;
    }
    match extension {
        "yaml" | "yml" | "json" | "tfstate" => Writing::Tree,
        "env" | "ini" | "cfg" | "conf" | "cnf" | "properties" | "netrc" | "npmrc" | "pypirc" | "envrc"
        | "bash" | "sh" | "zsh" | "toml" | "config" | "service" | "credentials" | "rc" | "j2" | "tpl"
        | "tmpl" | "" | "bak" | "example" | "sample" | "dist" | "template" | "gotmpl" | "key" | "mk"
        | "nix" | "list" | "inc" | "zshrc" | "bashrc" | "profile" | "kdl" | "container" | "network"
        | "fish" | "http" | "rest" | "bat" | "cmd" | "exp" | "netdev" | "nmconnection" | "psk" | "acl"
        | "users" | "cf" | "s3cfg" | "pgpass" | "htpasswd" | "smbcredentials" | "authinfo" | "tftpl"
        | "bu" => Writing::Bare,
        // Files of settings of programs in somebody's home.
        _ if base.starts_with('.') && base.ends_with("rc") => Writing::Bare,
        "tf" | "tfvars" | "hcl" | "nomad" => Writing::Quoted,
        "md" | "txt" | "rst" | "adoc" | "html" | "org" | "mdx" => Writing::Prose,
        "svg" | "css" | "po" | "sum" | "lock" | "snap" | "csv" | "ipynb" | "xsd" | "pem" | "crt" | "asc" => {
            Writing::Nothing
        }
        _ => Writing::Program,
    }
}

/// Whether people explain things in such a file.
pub(super) fn is_prose(file: &File) -> bool {
    writing(file) == Writing::Prose
}

/// Whether a file holds what programs say in other languages: `Password` is `Passwort` there.
pub(super) fn is_catalogue(name: &str) -> bool {
    const FOLDERS: [&str; 9] =
        ["locale", "locales", "i18n", "l10n", "lang", "langs", "languages", "translations", "translation"];
    const ENDS: [&str; 9] = [".po", ".pot", ".arb", ".resx", ".xlf", ".xliff", ".strings", ".ftl", ".lang"];
    let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
    let may_be = |step: &str| matches!(step.as_bytes().first(), Some(b'l' | b'i' | b't'));
    folder.split('/').any(|step| may_be(step) && FOLDERS.contains(&step))
        || ENDS.iter().any(|end| base.ends_with(end))
        || base.starts_with("messages") && base.ends_with(".properties")
}
