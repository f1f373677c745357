//! How much is read of what, in bytes. What is larger is told and not read, but for sources, which are read in parts.

/// A larger file of the repository is read in parts, and for secrets alone.
pub(super) const SOURCE: u64 = 16 << 20;
/// An ignore file: a machine of hundreds of times that size is made of it.
pub(super) const IGNORES: u64 = 256 << 10;
/// The ignore files of a folder and of those above it, together.
pub(super) const IGNORES_ABOVE: usize = 1 << 20;
/// A baseline: some half a million findings.
pub(super) const BASELINE: u64 = 64 << 20;
/// A configuration, or a page of rules, wherever it is. Of what they say, less is taken: see `config` and `rules/page.rs`.
pub(super) const CONFIGURATION: u64 = 4 << 20;
/// Git's index: some five million files.
pub(super) const INDEX: u64 = 512 << 20;
/// Git's small files: HEAD, its configuration, a reference.
pub(super) const GIT_FILE: u64 = 4 << 20;
/// Git's packed references.
pub(super) const PACKED_REFERENCES: u64 = 64 << 20;
/// All staged files together that are larger than a source: git gives them whole, and they are kept while they are read.
pub(super) const STAGED: u64 = 512 << 20;
/// Files of credentials for registries.
pub(super) const LOGINS: u64 = 4 << 20;
/// The certificates that a machine believes.
pub(super) const CERTIFICATES: u64 = 16 << 20;
/// A manifest, as registries take them, and other answers of theirs.
pub(super) const MANIFEST: u64 = 4 << 20;
/// The references of a repository of git, where its server lists them all.
pub(super) const REFERENCES: u64 = 64 << 20;
/// `pintle.lock`: some hundred thousand images.
pub(super) const LOCK: u64 = 16 << 20;
