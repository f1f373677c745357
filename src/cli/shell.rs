//! Completion scripts and the manual page, both made from the arguments.

use super::args::Arguments;
use super::{End, Failure, said, terminal};
use clap::CommandFactory;

pub(super) fn completions(shell: clap_complete::Shell) -> Result<End, Failure> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "pintle", &mut out);
    print(out)
}

pub(super) fn man() -> Result<End, Failure> {
    let mut out = Vec::new();
    let failed = |error: std::io::Error| Failure::new(format!("cannot write the manual: {error}"));
    clap_mangen::Man::new(Arguments::command()).render(&mut out).map_err(failed)?;
    print(out)
}

fn print(bytes: Vec<u8>) -> Result<End, Failure> {
    terminal::print(&said(String::from_utf8_lossy(&bytes).into_owned())).map_err(Failure::new)?;
    Ok(End::Clean)
}
