//! Defaults of Ansible's roles that the repository's own variables set to something else: nothing of the repository takes them.

use super::encoding::text;
use super::read::Around;
use crate::facts::{Evidence, Fact, Facts, Secret, Softer};
use crate::text::{SourceId, Str};
use std::collections::BTreeMap;

/// Tells of the defaults of roles which file of variables sets another value.
pub(super) fn note(around: Around, names: &[&str], facts: &mut Facts) {
    let Around { job, sources, .. } = around;
    let is_default = |fact: &Fact<Secret>| {
        let is_made_up = matches!(fact.says.evidence, Evidence::Human | Evidence::Weak(_));
        is_made_up && fact.says.softer.is_none() && is_of_role(sources.name(fact.origin.span().source))
    };
    let mut defaults: BTreeMap<Str, Vec<usize>> = BTreeMap::new();
    for (at, fact) in facts.secrets.iter().enumerate().filter(|(_, fact)| is_default(fact)) {
        let name = fact.says.name.as_ref().map_or(Str::default(), |name| name.text.clone());
        defaults.entry(name).or_default().push(at);
    }
    if defaults.is_empty() {
        return;
    }
    let mut buffer = Vec::new();
    for (at, name) in names.iter().enumerate().filter(|(_, name)| is_of_variables(name)) {
        let id = SourceId(at as u32);
        if !job.config.takes(name) || job.repo.read(id, &mut buffer).is_err() {
            continue;
        }
        let Some(text) = text(id, &buffer, &mut Vec::new()) else { continue };
        for (key, value) in text.lines().filter_map(variable) {
            for at in defaults.get(key).map(Vec::as_slice).unwrap_or_default() {
                let secret = &mut facts.secrets[*at].says;
                if secret.softer.is_none() && value != secret.value.text {
                    secret.softer = Some(Softer::Overridden);
                    secret.reasons.push(format!("{name} sets another").into());
                }
            }
        }
    }
}

/// Whether a file has the defaults of a role.
fn is_of_role(name: &str) -> bool {
    let mut steps = name.split('/');
    steps.any(|step| step == "roles") && steps.any(|step| step == "defaults")
}

/// Whether a file has variables of groups or hosts.
fn is_of_variables(name: &str) -> bool {
    name.split('/').any(|step| matches!(step, "group_vars" | "host_vars"))
}

/// The variable that a line sets, and to what.
fn variable(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let value = value.trim();
    (is_name && !value.starts_with('#')).then(|| (name, value.trim_matches(['"', '\''])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_of_a_role_and_a_variable_of_a_group() {
        assert!(
            is_of_role("roles/web/defaults/main.yml") && is_of_role("a/roles/custom/web/defaults/main.yml")
        );
        assert!(!is_of_role("roles/web/vars/main.yml") && !is_of_role("web/defaults/main.yml"));
        assert!(is_of_variables("group_vars/servers") && is_of_variables("inventory/host_vars/web/vars.yml"));
        assert!(!is_of_variables("roles/web/vars/main.yml"));
        assert_eq!(variable("web_password: \"{{ other }}\""), Some(("web_password", "{{ other }}")));
        assert_eq!(variable("  web_password: x"), None);
        assert_eq!(variable("# web_password: x"), None);
        assert_eq!(variable("web_password: # none"), None);
    }
}
