//! The only room with doors to the outside: arguments, disk, environment, terminal. Knows no format and no rule.
//!
//! One file per subcommand; `args` says what there is, `work` turns arguments into a job for the engine, `disk`
//! is the repository as it lies on a disk, `git` what git knows of it, `terminal` whoever is reading. Only `door` opens,
//! lists and writes files; only `run_git` runs a program.

mod abort;
mod allow;
mod args;
mod asker;
mod base;
mod baseline;
mod blind;
mod changed;
mod charts;
mod clock;
mod diff;
mod disk;
mod door;
mod end;
mod explain;
mod fetch;
mod first_look;
mod fix;
mod git;
mod ignores;
mod init;
mod inventory;
mod lint;
mod mend;
mod names;
mod objects;
mod past;
mod pin;
mod pin_args;
mod provenance;
mod reason;
mod registry;
mod remotes;
mod render;
mod revision;
mod rules;
mod run_git;
mod schema;
mod secrets;
mod shell;
mod staged;
mod tags;
mod terminal;
mod verify;
mod work;
mod write;

use clap::Parser;
use end::{End, Failure, said};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// Parses the arguments, runs the subcommand and says how it ended.
pub fn main() -> ExitCode {
    abort::ends_with_a_word();
    std::panic::set_hook(Box::new(|info| terminal::complain_of_bug(info.location())));
    let arguments = match args::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors to clap, but they are printed the same way.
            if !error.use_stderr() {
                let _ = error.print();
                return ExitCode::from(End::Clean as u8);
            }
            terminal::refuse(&said(error.render().to_string()));
            return ExitCode::from(End::Failed as u8);
        }
    };
    let end = catch_unwind(AssertUnwindSafe(|| run(arguments))).unwrap_or(Ok(End::Failed));
    let end = end.unwrap_or_else(|failure| {
        terminal::complain(&said(failure));
        End::Failed
    });
    ExitCode::from(end as u8)
}

fn run(arguments: args::Arguments) -> Result<End, Failure> {
    use args::Command;
    match arguments.command {
        Command::Lint(lint) => lint::run(&lint),
        Command::Secrets(secrets) => secrets::run(&secrets),
        Command::Fix(fix) => fix::run(&fix),
        Command::Pin(pin) => pin::run(&pin),
        Command::Charts { what: args::Charts::Fetch(fetch) } => fetch::run(&fetch),
        Command::Verify(verify) => verify::run(&verify),
        Command::Images(images) => inventory::images(&images),
        Command::Storage(storage) => inventory::storage(&storage),
        Command::Diff(diff) => diff::run(&diff),
        Command::Render(render) => render::run(&render),
        Command::Explain { rule, color } => explain::run(&rule, color),
        Command::Rules(rules) => rules::run(&rules),
        Command::Schema { of } => schema::run(of),
        Command::Baseline(baseline) => baseline::run(&baseline),
        Command::Allow(allow) => allow::run(&allow),
        Command::Init { folder } => init::run(&folder),
        Command::Completions { shell } => shell::completions(shell),
        Command::Man { command } => shell::man(command.as_deref()),
    }
}
