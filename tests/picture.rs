//! The picture of the terminal in the README: drawn from a run over a fixture, so that it shows what the program says.
//!
//! `PINTLE_BLESS=1 cargo test --test picture` draws it anew.
#![allow(clippy::disallowed_methods)] // a test runs the binary and reads the picture

use regex::Regex;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

const COLUMNS: usize = 98;
/// A character of a monospaced font, in units of the picture.
const WIDE: f64 = 8.4;
const HIGH: usize = 19;
const MARGIN: usize = 18;
const BAR: usize = 34;

/// The colours of a dark terminal, by the numbers of SGR.
const COLOURS: [(&str, &str); 6] = [
    ("31", "#ff7b72"),
    ("32", "#7ee787"),
    ("33", "#e3b341"),
    ("34", "#79c0ff"),
    ("35", "#d2a8ff"),
    ("36", "#76e3ea"),
];

#[test]
fn the_picture_in_the_readme_shows_what_the_program_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let run = Command::new(env!("CARGO_BIN_EXE_pintle"))
        .args(["lint", "--root", "fixtures/flux-cluster/repo", "--color", "always", "--fail-on", "never"])
        .env("COLUMNS", COLUMNS.to_string())
        .env("LC_ALL", "C.UTF-8")
        .env_remove("CI")
        .current_dir(root)
        .output()
        .expect("the binary runs");
    let said = String::from_utf8(run.stdout).expect("it writes UTF-8");
    assert!(said.contains("postgres-on-longhorn"), "{said}");
    // How long it took is another thing each time.
    let said = Regex::new(r"in [0-9.]+ m?s").unwrap().replace(&said, "in 3 ms");
    let drawn = svg("pintle lint", &said);
    let path = root.join("docs/screen.svg");
    if std::env::var_os("PINTLE_BLESS").is_some() {
        std::fs::write(&path, &drawn).expect("the picture can be written");
    }
    let held = std::fs::read_to_string(&path).unwrap_or_default().replace('\r', "");
    assert!(
        held == drawn,
        "docs/screen.svg is out of date: PINTLE_BLESS=1 cargo test --test picture draws it anew"
    );
}

#[test]
fn text_is_drawn_as_it_stands() {
    let drawn = svg("a", "\u{1b}[1;31mx <b> &\u{1b}[0m y\n\u{1b}[2mfaint\u{1b}[0m\n");
    assert!(drawn.contains("fill=\"#ff7b72\" font-weight=\"bold\">x &lt;b&gt; &amp;</tspan>"), "{drawn}");
    assert!(drawn.contains("opacity=\"0.6\">faint</tspan>"), "{drawn}");
    assert_eq!(drawn.matches("<text").count(), 3, "the prompt and two lines");
}

/// A terminal in which a command was typed, and what it said.
fn svg(command: &str, said: &str) -> String {
    let prompt = format!("\u{1b}[32m$\u{1b}[0m \u{1b}[1m{command}\u{1b}[0m");
    let lines: Vec<&str> = std::iter::once(prompt.as_str()).chain(said.trim_end().lines()).collect();
    let wide = (COLUMNS as f64 * WIDE) as usize + 2 * MARGIN;
    let high = BAR + lines.len() * HIGH + MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} {high}\" width=\"{wide}\" height=\"{high}\" \
         font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\">\n\
         <rect width=\"{wide}\" height=\"{high}\" rx=\"10\" fill=\"#0d1117\"/>\n"
    );
    for (at, colour) in ["#ff5f57", "#febc2e", "#28c840"].into_iter().enumerate() {
        let _ = writeln!(out, "<circle cx=\"{}\" cy=\"17\" r=\"6\" fill=\"{colour}\"/>", 20 + at * 20);
    }
    for (at, line) in lines.iter().enumerate() {
        let y = BAR + (at + 1) * HIGH - 4;
        let _ = write!(out, "<text x=\"{MARGIN}\" y=\"{y}\" fill=\"#c9d1d9\" xml:space=\"preserve\">");
        out.push_str(&pieces(line));
        out.push_str("</text>\n");
    }
    out + "</svg>\n"
}

/// The pieces of a line between its escapes, each in its style.
fn pieces(line: &str) -> String {
    let (mut out, mut style) = (String::new(), String::new());
    for (at, piece) in line.split("\u{1b}[").enumerate() {
        let text = match piece.split_once('m') {
            Some((codes, text)) if at > 0 => {
                style = styled(codes);
                text
            }
            _ => piece,
        };
        if !text.is_empty() {
            let _ = write!(out, "<tspan{style}>{}</tspan>", escaped(text));
        }
    }
    out
}

fn styled(codes: &str) -> String {
    let codes: Vec<&str> = codes.split(';').collect();
    let mut style = String::new();
    if let Some((_, colour)) = COLOURS.iter().find(|(code, _)| codes.contains(code)) {
        let _ = write!(style, " fill=\"{colour}\"");
    }
    if codes.contains(&"1") {
        style.push_str(" font-weight=\"bold\"");
    }
    if codes.contains(&"2") {
        style.push_str(" opacity=\"0.6\"");
    }
    style
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
