//! Which page tells of a secret. Knows no value.

use crate::facts::{Secret, SecretKind};

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
        SecretKind::Committed => "secret-file-committed",
        SecretKind::NotEncrypted => "sops-not-encrypted",
    }
}
