//! A value that is, or looks like, a credential in plain text.

use super::Keeping;
use crate::text::{Part, Str};

/// How sure a fact is. Only secrets that were guessed from their surroundings are less than high.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Precision {
    Low,
    Medium,
    #[default]
    High,
}

impl Precision {
    pub fn name(self) -> &'static str {
        match self {
            Precision::Low => "low",
            Precision::Medium => "medium",
            Precision::High => "high",
        }
    }
}

/// Why a value is believed to be a credential; the surest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Evidence {
    /// The whole form of a vendor's token, of a key, of a login.
    Form,
    /// A telling name, and no person made the value up.
    Random,
    /// A telling name, and somebody made the value up.
    Human,
    /// The name or the value says less.
    Likely,
    /// The whole form of what was one: it says itself that its time is over.
    Expired,
    /// Anybody guesses it, and why.
    Weak(Weakness),
    /// A telling name, and a value that may be a word for something else.
    Doubtful,
}

impl Evidence {
    pub fn precision(self) -> Precision {
        match self {
            Evidence::Form | Evidence::Random => Precision::High,
            Evidence::Human | Evidence::Likely | Evidence::Expired | Evidence::Weak(_) => Precision::Medium,
            Evidence::Doubtful => Precision::Low,
        }
    }
}

/// Why anybody guesses a credential.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Weakness {
    Known,
    /// `abcdefg`, `abababab`
    Pattern,
    Short,
    /// `password: password`
    OwnName,
    /// `forgejo_database_password: forgejo`
    WordOfName,
    ToChange,
    /// `my-secret-password`
    Described,
    /// `gitea` in `gitea/compose.yaml`
    Place,
    /// `postgres://app:app@db`
    User,
    /// It comes with a product.
    Everybodys,
}

impl Weakness {
    /// What is said of the credential, after what it is called.
    pub fn says(self) -> &'static str {
        match self {
            Weakness::Known => "is a default that everybody tries first",
            Weakness::Pattern => "follows a pattern, and is soon guessed",
            Weakness::Short => "is too short to keep anybody out",
            Weakness::OwnName => "repeats its own name",
            Weakness::WordOfName => "is of words of its own name",
            Weakness::ToChange => "is still the one that was to be changed",
            Weakness::Described => "says what it is, and nothing else",
            Weakness::Place => "is the name of what it opens",
            Weakness::User => "is the name of its user, too",
            Weakness::Everybodys => "comes with a product, so everybody has it",
        }
    }
}

/// How sure it is that a key of a Secret holds a credential.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sureness {
    Sure,
    Weak,
    Likely,
}

impl Evidence {
    pub fn sureness(self) -> Sureness {
        match self {
            Evidence::Form | Evidence::Random | Evidence::Human => Sureness::Sure,
            Evidence::Weak(_) => Sureness::Weak,
            Evidence::Likely | Evidence::Expired | Evidence::Doubtful => Sureness::Likely,
        }
    }
}

/// Where what people make up is less likely to open anything.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Softer {
    /// The file is kept for something else than a cluster.
    Kept(Keeping),
    /// The cluster that gets it is made on somebody's own machine, and thrown away.
    Throwaway,
    /// It is a default, and the repository sets another value.
    Overridden,
    /// A text, or a comment, says it to people.
    Prose,
    /// A line of a sample or of a text for people that is commented out.
    Commented,
}

/// One credential. Its value is never printed: `Part::text` is for judging and hashing only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Secret {
    pub kind: SecretKind,
    /// The page of the vendor whose form it has; empty for all but [`SecretKind::Token`].
    pub vendor: Str,
    /// What it is, for the message: `GitHub personal access token`, `password`.
    pub what: Str,
    /// Where it goes, if that is known by more than its name: ``for `ghcr.io` ``, `of an SSH login`.
    pub goes: Str,
    pub value: Part,
    /// The name it goes by, if it has one: the key, the variable, the flag.
    pub name: Option<Part>,
    pub place: Place,
    pub evidence: Evidence,
    pub softer: Option<Softer>,
    /// Why we believe it, told in the finding: `checksum is right`, `the name says password, 3.9 bits a character`.
    pub reasons: Vec<Str>,
    /// How the value was reached: `base64`, `json .auths`, outermost first.
    pub decoded: Vec<Str>,
}

/// What was found. The order is the rank: what knows more of a credential comes first, and tells it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SecretKind {
    /// A vendor's form.
    Token,
    PrivateKey,
    DockerAuth,
    Kubeconfig,
    /// A value that the file's own SOPS settings say is encrypted.
    SopsLeaf,
    SopsWithoutMac,
    SealedPlaintext,
    ExternalLiteral,
    ConnectionString,
    BasicAuth,
    Manifest,
    ConfigMap,
    Env,
    Args,
    Values,
    Compose,
    Script,
    /// A name, a sign and a value, in any text.
    Assigned,
    /// Soon guessed: a default, words that say nothing, a pattern.
    Weak,
    /// It may be one.
    Doubtful,
    /// The file itself, whatever is in it.
    Committed,
    /// A file that a creation rule of SOPS covers.
    NotEncrypted,
    /// A file of SOPS whose settings cover nothing.
    NothingEncrypted,
    /// A file of SOPS whose own settings or keys are not those of `.sops.yaml`.
    SopsDiffers,
}

impl SecretKind {
    /// Whether what it points at is no secret: a setting, the head of metadata.
    pub fn is_open(self) -> bool {
        use SecretKind::{NothingEncrypted, SopsDiffers, SopsWithoutMac};
        matches!(self, NothingEncrypted | SopsDiffers | SopsWithoutMac)
    }

    /// Whether it is about a whole file, and not about a value in it.
    pub fn is_of_file(self) -> bool {
        self >= SecretKind::Committed
    }
}

/// In what kind of place a credential stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Place {
    Text,
    Manifest,
    Env,
    Args,
    Values,
    Compose,
    Script,
    File,
}

impl Place {
    pub fn name(self) -> &'static str {
        match self {
            Place::Text => "text",
            Place::Manifest => "manifest",
            Place::Env => "env",
            Place::Args => "args",
            Place::Values => "values",
            Place::Compose => "compose",
            Place::Script => "script",
            Place::File => "file",
        }
    }
}

impl Secret {
    /// Whether it is held for a credential: what only may be one is covered where it is told, and nowhere else.
    pub fn is_believed(&self) -> bool {
        self.kind != SecretKind::Doubtful
    }

    /// Whether it is soon guessed.
    pub fn is_default(&self) -> bool {
        self.kind == SecretKind::Weak
    }
}

/// A secret as it may be shown: nothing of it, nor how long it is.
pub const MASK: &str = "****";
