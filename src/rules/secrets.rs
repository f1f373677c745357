//! Which page tells of a secret, how severe it is, and what is said of the evidence. Knows no value.

use crate::facts::{Evidence, Fact, Keeping, Secret, SecretKind, Softer};
use crate::finding::{Row, Severity};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The id of the rule that reports a secret.
pub fn rule_of(secret: &Secret) -> &str {
    match secret.kind {
        SecretKind::Token => &secret.vendor,
        SecretKind::PrivateKey => "secret-private-key",
        SecretKind::DockerAuth => "secret-docker-auth",
        SecretKind::Kubeconfig => "secret-kubeconfig",
        SecretKind::SopsLeaf => "sops-plaintext-leaf",
        SecretKind::SopsWithoutMac => "sops-without-mac",
        SecretKind::SealedPlaintext => "sealed-secret-plaintext",
        SecretKind::ExternalLiteral => "external-secret-literal",
        SecretKind::ConnectionString => "secret-connection-string",
        SecretKind::BasicAuth => "secret-basic-auth-url",
        SecretKind::Manifest => "secret-in-manifest",
        SecretKind::ConfigMap => "secret-in-configmap",
        SecretKind::Env => "secret-in-env",
        SecretKind::Args => "secret-in-args",
        SecretKind::Values => "secret-in-values",
        SecretKind::Compose => "secret-in-compose",
        SecretKind::Script => "secret-in-script",
        SecretKind::Assigned => "secret-generic",
        SecretKind::Weak => "secret-weak-default",
        SecretKind::Doubtful => "secret-doubtful",
        SecretKind::Committed => "secret-file-committed",
        SecretKind::NotEncrypted => "sops-not-encrypted",
        SecretKind::NothingEncrypted => "sops-nothing-encrypted",
        SecretKind::SopsDiffers => "sops-rule-differs",
    }
}

/// How severe a secret is: the page says how severe its rule is at most, and evidence steps down from there. What people
/// made up is less likely to open anything in a sample, a test or a text; a whole form and a random value are what they
/// are wherever they lie.
pub fn severity(strongest: Severity, secret: &Secret) -> Severity {
    // What is commented out of what people copy or read is twice removed from what runs.
    let (random, human) = match secret.softer {
        None => (0, 0),
        Some(Softer::Kept(_) | Softer::Throwaway | Softer::Overridden) => (0, 1),
        Some(Softer::Prose) => (1, 1),
        Some(Softer::Commented) => (2, 2),
    };
    let steps = match secret.evidence {
        Evidence::Form => 0,
        Evidence::Random => random,
        Evidence::Human | Evidence::Weak(_) => human,
        Evidence::Likely | Evidence::Expired => 1 + human,
        Evidence::Doubtful => 0,
    };
    (0..steps).fold(strongest, |severity, _| match severity {
        Severity::Error => Severity::Warning,
        Severity::Warning | Severity::Note => Severity::Note,
        Severity::Off => Severity::Off,
    })
}

/// What a screen tells a secret together with: the Secret that it is a key of, or its value elsewhere.
pub(super) fn row_of(fact: &Fact<Secret>) -> Row {
    let secret = &fact.says;
    if secret.kind.is_of_file() || secret.kind.is_open() {
        return Row::Sentence;
    }
    let generated = fact.path.strip_prefix("secretGenerator[").and_then(|rest| {
        ["].literals[", "].envs[", "].files["].iter().find_map(|list| rest.split_once(list))
    });
    let of_object = ["data.", "stringData."].iter().find_map(|list| fact.path.strip_prefix(list));
    let (object, key) = match (generated, of_object) {
        (Some((name, key)), _) => (format!("secretGenerator/{name}"), key.trim_end_matches(']')),
        (None, Some(key)) if fact.owner.kind == "Secret" => (fact.owner.label(), key),
        _ => {
            let mut hasher = DefaultHasher::new();
            secret.value.text.hash(&mut hasher);
            return Row::Value(hasher.finish());
        }
    };
    Row::Key { object, key: key.to_owned(), sure: secret.evidence.sureness() }
}

/// The evidence, as a message tells it after its sentence.
pub(super) fn told(secret: &Secret) -> String {
    let evidence = match secret.evidence {
        _ if secret.kind.is_of_file() => "",
        Evidence::Form | Evidence::Weak(_) | Evidence::Doubtful => "",
        Evidence::Random => "random",
        Evidence::Human => "made up by a person",
        Evidence::Likely => "not sure to be one",
        Evidence::Expired => "expired",
    };
    let softer = match secret.softer {
        // It is as bad there.
        _ if secret.evidence == Evidence::Form => "",
        None => "",
        Some(Softer::Prose) => "in a text for people",
        Some(Softer::Commented) => "in a line that is commented out",
        Some(Softer::Overridden) => "a default that the repository overrides",
        Some(Softer::Throwaway) => "in a cluster that is thrown away",
        Some(Softer::Kept(Keeping::Collection)) => "in a repository of samples",
        Some(Softer::Kept(Keeping::Samples)) => "in a sample",
        Some(Softer::Kept(Keeping::Docs)) => "in documentation",
        Some(Softer::Kept(Keeping::Tests)) => "kept for tests",
        Some(Softer::Kept(Keeping::Vendored)) => "taken over from others",
    };
    let parts: Vec<&str> = [evidence, softer].into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}
