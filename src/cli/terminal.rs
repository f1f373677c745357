//! Whoever is reading: colours, width, a progress line, and pipes that close early.

use super::Failure;
use super::args::Color;
use super::door::{standard_error, standard_output, variable, variable_text};
pub(super) use super::reason::reason;
use crate::emit::{Colour, Drawing, Reader, SCREEN};
use crate::redact::{Shown, clean};
use std::io::{ErrorKind, IsTerminal, Write};
use std::panic::Location;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Colours for standard output.
pub(super) fn colour(wish: Color) -> Colour {
    let terminal = standard_output().is_terminal();
    let dumb = variable("TERM").is_some_and(|term| term == "dumb");
    let coloured = match wish {
        Color::Always => true,
        Color::Never => false,
        // Whatever it holds, even `0`: see no-color.org.
        Color::Auto if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
        Color::Auto if is_set("CLICOLOR_FORCE") || is_set("FORCE_COLOR") => true,
        Color::Auto => terminal && !dumb,
    };
    match coloured {
        false => Colour::Plain,
        true if terminal && opens_links() => Colour::Links,
        true => Colour::Ansi,
    }
}

/// Set, and neither empty nor `0`.
fn is_set(name: &str) -> bool {
    variable(name).is_some_and(|value| !value.is_empty() && value != "0")
}

/// Whether the terminal is one of those that are known to open links; others may print them as rubbish.
fn opens_links() -> bool {
    let is = |name: &str, values: &[&str]| {
        variable_text(name).is_some_and(|value| values.contains(&value.as_str()))
    };
    is("TERM_PROGRAM", &["iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper"])
        || is("TERM", &["xterm-kitty", "xterm-ghostty", "alacritty", "foot"])
        || is_set("WT_SESSION")
        || variable_text("VTE_VERSION")
            .is_some_and(|version| version.parse().is_ok_and(|version: u32| version >= 5000))
}

/// The columns of the terminal; 100 where there is none.
pub(super) fn width() -> usize {
    let told =
        variable_text("COLUMNS").and_then(|columns| columns.parse().ok()).filter(|&columns| columns > 0);
    told.or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))).unwrap_or(100)
}

/// The rows of the terminal.
pub(super) fn height() -> usize {
    terminal_size::terminal_size().map_or(SCREEN, |(_, height)| usize::from(height.0)).max(FEWEST_ROWS)
}

/// Less is too little to say anything on.
const FEWEST_ROWS: usize = 24;

/// Who reads standard output.
pub(super) fn reader() -> Reader {
    if standard_output().is_terminal() { Reader::Terminal } else { Reader::Pipe }
}

/// Whether standard output shows more than ASCII: everywhere but where somebody has said that it does not.
pub(super) fn drawing() -> Drawing {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| variable_text(name).filter(|value| !value.is_empty()));
    let is_plain = said.is_some_and(|said| {
        let said = said.to_lowercase();
        let is_wide = said.contains("utf-8") || said.contains("utf8");
        !is_wide && (said == "c" || said == "posix" || said.contains('.'))
    });
    if is_plain { Drawing::Ascii } else { Drawing::Unicode }
}

/// Writes to standard output.
pub(super) fn print(text: &Shown<String>) -> Result<(), String> {
    write(text.for_a_log().as_bytes())
}

/// The same for a text whose lines are commands.
pub(super) fn print_commands(text: &Shown<String>) -> Result<(), String> {
    write(text.as_bytes())
}

/// A reader that has gone away has seen enough.
fn write(bytes: &[u8]) -> Result<(), String> {
    let mut out = standard_output().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("cannot write: {}", reason(&error)))
        }
        _ => Ok(()),
    }
}

/// Says on standard error what is wrong, and what to do about it.
pub(super) fn complain(failure: &Shown<Failure>) {
    let hint = failure.hint.as_ref().map_or(String::new(), |hint| format!("  {}\n", lines(hint)));
    tell(&format!("pintle: {}\n{hint}", lines(&failure.says)));
}

/// Says what is wrong with the arguments.
pub(super) fn refuse(says: &Shown<String>) {
    tell(&format!("{}\n", lines(says.trim_end())));
}

/// Reports a bug in pintle and its place in our sources, without the message of the panic: that may hold a piece of a file.
pub(super) fn complain_of_bug(at: Option<&Location>) {
    let place = at.map_or(String::new(), |at| format!(" at {}:{}", at.file(), at.line()));
    tell(&format!("pintle: internal error{place}: this is a bug of pintle\n"));
}

fn tell(text: &str) {
    // If standard error is closed there is nobody left to tell.
    let _ = standard_error().lock().write_all(text.as_bytes());
}

/// A text of several lines that cannot steer the terminal.
fn lines(text: &str) -> String {
    // A line that begins with two colons is a command to GitHub's runner.
    let line = |line| match clean(line) {
        line if line.trim_start().starts_with("::") => format!("> {line}"),
        line => line.into_owned(),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n  ")
}

/// Does some work; if it takes longer than a second and somebody watches, shows how far it is.
pub(super) fn with_progress<T>(
    watch: Watch,
    progress: impl Fn() -> String + Sync,
    work: impl FnOnce() -> T,
) -> T {
    if watch == Watch::Nobody || !standard_error().is_terminal() {
        return work();
    }
    let progress = &progress;
    thread::scope(|scope| {
        // Dropping the sender, also by a panic, ends the progress line.
        let (done, waits) = channel::<()>();
        scope.spawn(move || {
            let mut wait = Duration::from_secs(1);
            let mut shown = false;
            while let Err(RecvTimeoutError::Timeout) = waits.recv_timeout(wait) {
                let _ = write!(standard_error().lock(), "\r\u{1b}[2K{}", progress());
                (wait, shown) = (Duration::from_millis(100), true);
            }
            if shown {
                let _ = write!(standard_error().lock(), "\r\u{1b}[2K");
            }
        });
        let result = work();
        drop(done);
        result
    })
}

/// Whether anybody wants to see a progress line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Watch {
    Nobody,
    Somebody,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_steers_the_terminal() {
        assert_eq!(lines("a\u{1b}[31m\nb\n ::error::c"), "a␛[31m\n  b\n  >  ::error::c");
    }
}
