//! `.pintle.yaml`. Every value keeps its place, so a verdict can point at the line of configuration behind it.

/// What the repository's owners decided.
#[derive(Debug, Default)]
pub struct Config {}
