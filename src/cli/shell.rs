//! Completion scripts and the manual pages, both made from the arguments.

use super::args::{Arguments, Language};
use super::{End, Failure, said, terminal};
use crate::emit::OUTPUTS;
use crate::emit::inventory::{IMAGES, STORAGE};
use crate::rules::Book;
use crate::text::nearest;
use clap::builder::PossibleValuesParser;
use clap::{Command, CommandFactory};
use clap_complete::{Shell, generate};
use clap_complete_nushell::Nushell;

pub(super) fn completions(shell: Language) -> Result<End, Failure> {
    let (mut command, mut out) = (known(Arguments::command()), Vec::new());
    match shell {
        Language::Bash => generate(Shell::Bash, &mut command, "pintle", &mut out),
        Language::Elvish => generate(Shell::Elvish, &mut command, "pintle", &mut out),
        Language::Fish => generate(Shell::Fish, &mut command, "pintle", &mut out),
        Language::Nushell => generate(Nushell, &mut command, "pintle", &mut out),
        Language::PowerShell => generate(Shell::PowerShell, &mut command, "pintle", &mut out),
        Language::Zsh => generate(Shell::Zsh, &mut command, "pintle", &mut out),
    }
    print(out)
}

/// The arguments, with what may stand for them where the program itself says it: rules, and names of outputs.
fn known(command: Command) -> Command {
    let book = Book::built_in().0;
    let rules: Vec<String> = book.ids().into_iter().map(str::to_owned).collect();
    let outputs = |names: Vec<&'static str>| PossibleValuesParser::new(names);
    let rule = || PossibleValuesParser::new(rules.clone());
    command
        .mut_subcommand("explain", |explain| explain.mut_arg("rule", |arg| arg.value_parser(rule())))
        .mut_subcommand("lint", |lint| {
            let names = OUTPUTS.iter().map(|output| output.name).collect();
            lint.mut_arg("select", |arg| arg.value_parser(rule()))
                .mut_arg("ignore", |arg| arg.value_parser(rule()))
                .mut_arg("output", |arg| arg.value_parser(outputs(names)))
        })
        .mut_subcommand("images", |images| {
            let names = IMAGES.iter().map(|listing| listing.name).collect();
            images.mut_arg("output", |arg| arg.value_parser(outputs(names)))
        })
        .mut_subcommand("storage", |storage| {
            let names = STORAGE.iter().map(|listing| listing.name).collect();
            storage.mut_arg("output", |arg| arg.value_parser(outputs(names)))
        })
}

/// The manual page of the program, or of one of its commands.
pub(super) fn man(wanted: Option<&str>) -> Result<End, Failure> {
    let mut command = Arguments::command();
    command.build();
    let page = match wanted {
        None => command,
        Some(name) => {
            let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
            let near = nearest(name, &names).map_or_else(
                || "`pintle --help` lists them".into(),
                |near| format!("did you mean `{near}`?"),
            );
            let missing = || Failure::new(format!("there is no command `{name}`")).hint(near);
            command.find_subcommand(name).cloned().ok_or_else(missing)?
        }
    };
    let mut out = Vec::new();
    let failed = |error: std::io::Error| Failure::new(format!("cannot write the manual: {error}"));
    clap_mangen::Man::new(page).render(&mut out).map_err(failed)?;
    print(out)
}

fn print(bytes: Vec<u8>) -> Result<End, Failure> {
    terminal::print(&said(String::from_utf8_lossy(&bytes).into_owned())).map_err(Failure::new)?;
    Ok(End::Clean)
}
