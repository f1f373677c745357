//! Why a value that the judge does not hold for a credential is none. Asked only then, and says only why.

use super::issued;
use super::judge::{Question, Setting};
use super::value::{self, Kind};
use crate::facts::{Excuse, Exempt, Fact, Promise, Secret, name_words};
use crate::limits::MOST_EXCUSED;
use crate::syntax::sealed;
use crate::text::{Span, Str};

/// Why it is none; nothing where nobody would take it for one.
pub(super) fn excuse(question: &Question) -> Option<Excuse> {
    let Question { names, name, value, setting, .. } = *question;
    let (value, is_secret) = (value.trim(), setting == Setting::Secret);
    let is_named = names.promise(name) == Promise::Strong;
    if value.is_empty() || !is_named && !is_secret || setting == Setting::Prose {
        return None;
    }
    Some(match value::kind(value) {
        Kind::Reference => Excuse::Reference,
        Kind::Sealed => of_sealed(value),
        _ if is_secret && !is_named => Excuse::Setting,
        Kind::Nothing => return None,
        Kind::Placeholder if value::is_published(value) => Excuse::Example,
        Kind::Placeholder => Excuse::Placeholder,
        Kind::Weak | Kind::Literal if issued::is_gap(&name_words(name), value) => Excuse::Placeholder,
        Kind::Weak | Kind::ToChange => Excuse::Sample,
        Kind::Literal if value.starts_with("eyJ") => Excuse::Example,
        Kind::Literal if value::shape(value).is_some() => Excuse::Form,
        Kind::Literal => Excuse::Words,
    })
}

fn of_sealed(value: &str) -> Excuse {
    const PUBLIC: [&str; 5] = ["ssh-", "ecdsa-", "sk-ssh-", "age1", "MII"];
    match () {
        () if sealed::whole(value).is_some() => Excuse::Encrypted,
        () if value.contains("PUBLIC") || value.contains("CERTIFICATE") => Excuse::Public,
        () if value.starts_with("LS0t") || PUBLIC.iter().any(|start| value.starts_with(start)) => {
            Excuse::Public
        }
        () => Excuse::Hashed,
    }
}

/// Leaves out what somebody else holds for a credential, and what was told before; of many in one file the rest is counted.
pub(super) fn settle(exempts: &mut Vec<Exempt>, facts: &[Fact<Secret>]) {
    if exempts.is_empty() {
        return;
    }
    let mut held: Vec<Span> = facts.iter().map(|fact| fact.origin.span()).collect();
    held.sort();
    // Up to where anything reaches that begins before.
    let mut reach = 0;
    let ends: Vec<u32> = held
        .iter()
        .map(|span| {
            reach = reach.max(span.end);
            reach
        })
        .collect();
    exempts.retain(|exempt| {
        let before = held.partition_point(|span| span.start < exempt.at.end);
        before.checked_sub(1).is_none_or(|last| ends[last] <= exempt.at.start)
    });
    exempts.sort();
    exempts.dedup_by_key(|exempt| exempt.at);
    if exempts.len() > MOST_EXCUSED {
        let rest = exempts.split_off(MOST_EXCUSED);
        for why in Excuse::ALL {
            let of: Vec<&Exempt> = rest.iter().filter(|exempt| exempt.why == why).collect();
            if let Some(first) = of.first() {
                let (name, object) = (Str::default(), Str::default());
                exempts.push(Exempt { at: first.at, why, name, object, times: of.len() as u32 });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Names;

    #[test]
    fn what_is_no_credential_says_why() {
        let mut names = Names::default();
        for words in ["password", "token", "secret", "secret access key", "ssh key"] {
            names.add_words(words, &[], Promise::Strong);
        }
        let table = [
            ("password", "${DB_PASSWORD}", Setting::Given, Some(Excuse::Reference)),
            ("password", "{{ .Values.password }}", Setting::Values, Some(Excuse::Reference)),
            ("password", "<password>", Setting::Given, Some(Excuse::Placeholder)),
            (
                "aws_secret_access_key",
                "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
                Setting::Given,
                Some(Excuse::Example),
            ),
            ("password", "$2y$10$kestrel", Setting::Given, Some(Excuse::Hashed)),
            ("sshKey", "ssh-ed25519 AAAAkestrel", Setting::Given, Some(Excuse::Public)),
            ("password", "changeme", Setting::Program, Some(Excuse::Sample)),
            ("token", "https://kestrel.corp.net/token", Setting::Given, Some(Excuse::Form)),
            ("secret", "kestrel-tls", Setting::Values, Some(Excuse::Words)),
            ("WHISPER_MODEL", "small", Setting::Secret, Some(Excuse::Setting)),
            ("LOG_LEVEL", "true", Setting::Secret, Some(Excuse::Setting)),
            ("plex_token", "gfdgfdgfdgfd", Setting::Given, Some(Excuse::Placeholder)),
            ("password", "", Setting::Given, None),
            ("password", "true", Setting::Given, None),
            ("replicas", "three", Setting::Given, None),
            ("password", "see above", Setting::Prose, None),
        ];
        for (name, value, setting, expected) in table {
            let question = Question { names: &names, name, value, setting, keeping: None };
            assert_eq!(excuse(&question), expected, "{name}: {value}");
        }
    }
}
