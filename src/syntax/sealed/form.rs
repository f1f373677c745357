//! Who encrypted something, by name.

/// Who encrypted something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Form {
    Sops,
    AnsibleVault,
    Age,
    Pgp,
    GitCrypt,
    OpenSsl,
    SealedSecret,
    Jasypt,
    Eyaml,
    Ejson,
    VaultTransit,
    Fernet,
    CloudKms,
}

impl Form {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Form::Sops => "SOPS",
            Form::AnsibleVault => "Ansible Vault",
            Form::Age => "age",
            Form::Pgp => "PGP",
            Form::GitCrypt => "git-crypt",
            Form::OpenSsl => "OpenSSL",
            Form::SealedSecret => "kubeseal",
            Form::Jasypt => "Jasypt",
            Form::Eyaml => "eyaml",
            Form::Ejson => "ejson",
            Form::VaultTransit => "Vault transit",
            Form::Fernet => "Fernet",
            Form::CloudKms => "a cloud's key service",
        }
    }
}
