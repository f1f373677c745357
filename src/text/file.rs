//! One file with its name and text, as it is read. Knows no format but what an ending tells.

use super::SourceId;

/// One file of the repository: what formats and the secret scan are given.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    pub id: SourceId,
    /// Relative to the root, with `/`.
    pub name: &'a str,
    pub text: &'a str,
}

impl<'a> File<'a> {
    /// `values.yaml` of `apps/web/values.yaml`.
    pub fn base(&self) -> &'a str {
        memchr::memrchr(b'/', self.name.as_bytes()).map_or(self.name, |at| &self.name[at + 1..])
    }

    /// `apps/web` of `apps/web/values.yaml`; empty at the root.
    pub fn directory(&self) -> &'a str {
        memchr::memrchr(b'/', self.name.as_bytes()).map_or("", |at| &self.name[..at])
    }

    pub fn is_yaml(&self) -> bool {
        self.name.ends_with(".yaml") || self.name.ends_with(".yml") || self.name.ends_with(".json")
    }

    /// Whether it is YAML that something fills, or that people copy: `web.yaml.tmpl`, `web.yml.example`.
    pub fn is_yaml_of_template(&self) -> bool {
        const ENDS: [&str; 12] = [
            "tpl", "j2", "template", "tmpl", "gotmpl", "in", "example", "sample", "bak", "jinja", "jinja2",
            "dist",
        ];
        let stem = self.name.rsplit_once('.').filter(|(_, end)| ENDS.contains(end)).map(|(stem, _)| stem);
        stem.is_some_and(|stem| stem.ends_with(".yaml") || stem.ends_with(".yml"))
    }

    /// The first line of YAML that says something: what is behind comments, directives and the mark of a document.
    pub fn first_line(&self) -> &'a str {
        let is_said = |line: &&str| !line.is_empty() && !line.starts_with(['#', '%']) && *line != "---";
        self.text.lines().map(str::trim_end).find(is_said).unwrap_or_default()
    }

    /// Whether the text holds a needle: the cheap question before any parsing.
    pub fn has(&self, needle: &str) -> bool {
        memchr::memmem::find(self.text.as_bytes(), needle.as_bytes()).is_some()
    }
}
