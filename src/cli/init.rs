//! `pintle init`: a first configuration, and the lines that other tools need.

use super::door::is_there;
use super::{End, Failure, said, terminal, write};
use crate::config::{self, NAMES};
use std::path::Path;

pub(super) fn run(folder: &Path) -> Result<End, Failure> {
    let path = folder.join(NAMES[0]);
    if NAMES.iter().any(|name| is_there(&folder.join(name))) {
        return Err(Failure::new(format!("{} is there already", path.display())).hint("it was left as it is"));
    }
    write::new(&path, &said(config::template()))?;
    let says = format!("{} written; everything in it is commented out\n{}", path.display(), lines());
    terminal::print(&said(says)).map_err(Failure::new)?;
    Ok(End::Clean)
}

fn lines() -> String {
    let (home, version) = (env!("CARGO_PKG_REPOSITORY"), env!("CARGO_PKG_VERSION"));
    let slug = home.trim_start_matches("https://github.com/");
    format!(
        "
For pre-commit, in .pre-commit-config.yaml:

  - repo: {home}
    rev: v{version}
    hooks:
      - id: pintle

For GitHub Actions, as a step behind the checkout:

  - uses: {slug}@v{version}

For any other CI:

  pintle lint --output pretty --output sarif=pintle.sarif

Findings that are there today can wait: `pintle baseline` writes them down.
"
    )
}
