//! What a run of `pin` did, as the message of a commit: a first line that fits its subject, and a line for each name.

use super::{Pin, Pins, ago, short};
use crate::emit::markdown::escape;
use crate::emit::words::count;
use crate::redact::clean;

pub(crate) fn markdown(pins: &Pins) -> String {
    let mut out = subject(pins);
    let mut list = |title: &str, lines: Vec<String>| {
        if lines.is_empty() {
            return;
        }
        out.push('\n');
        if !title.is_empty() {
            out.push_str(&format!("{title}:\n\n"));
        }
        lines.iter().for_each(|line| out.push_str(&format!("- {line}\n")));
    };
    list("", pins.pins.iter().map(line).collect());
    let named = |(name, why): &(String, String)| format!("{}: {}", code(name), escape(why));
    list("Held back", pins.held.iter().map(named).collect());
    let left = pins.left.iter();
    list(
        "Left as they are",
        left.map(|(why, places)| format!("{}: {}", count(places.len(), "place"), escape(why))).collect(),
    );
    list("Not known", pins.missing.iter().map(named).collect());
    out
}

/// `Pin 3 images and move 2 pins`
fn subject(pins: &Pins) -> String {
    let (moved, new): (Vec<&Pin>, Vec<&Pin>) = pins.pins.iter().partition(|pin| pin.from.is_some());
    let what = if new.iter().all(|pin| pin.kind == "image") { "image" } else { "name" };
    match (new.len(), moved.len()) {
        (0, 0) => "Nothing to pin\n".into(),
        (0, moved) => format!("Move {}\n", count(moved, "pin")),
        (new, 0) => format!("Pin {}\n", count(new, what)),
        (new, moved) => format!("Pin {} and move {}\n", count(new, what), count(moved, "pin")),
    }
}

fn line(pin: &Pin) -> String {
    let age = pin.age.map(|age| format!("{} old", ago(age)));
    let digest = code(&short(&pin.digest));
    match pin.sides() {
        None => format!("{}: {digest}", code(&pin.reference())),
        Some((old, new)) if pin.is_raised() => {
            let more: Vec<String> = [Some(digest), age].into_iter().flatten().collect();
            format!("{}: {} → {} ({})", code(&pin.name), code(&old), code(&new), more.join(", "))
        }
        Some((old, new)) => {
            let age = age.map_or(String::new(), |age| format!(" ({age})"));
            format!("{}: {} → {}{age}", code(&pin.reference()), code(&old), code(&new))
        }
    }
}

/// A text that is nothing but that.
fn code(text: &str) -> String {
    let text = clean(text);
    if text.contains('`') { escape(&text) } else { format!("`{text}`") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::pins::tests::sample;

    #[test]
    fn a_message_is_written() {
        let out = markdown(&sample());
        let want = "Pin 1 image and move 2 pins\n\n- `ghcr.io/acme/new:1.0.0`: `9d6b58feebd2`\n- `ghcr.io/acme/web`: `v1.9.0` → `v1.10.0` (`4f1c0d9e8b7a`, 12 days old)\n- `docker.io/library/nginx:1.27`: `0b1c2d3e4f50` → `4f1c0d9e8b7a`\n\nHeld back:\n\n- `ghcr.io/acme/web:v1.9.0`: v1.11.0 &#40;made 5 hours ago&#41;\n\nLeft as they are:\n\n- 2 places: a command names it&#58; nothing declares it\n\nNot known:\n\n- `ghcr.io/acme/gone:1`: there is no such tag\n";
        assert_eq!(out, want);
        assert!(out.lines().next().is_some_and(|subject| subject.len() <= 72));
        assert_eq!(markdown(&Pins::default()), "Nothing to pin\n");
        assert_eq!(code("a`b"), "a&#96;b");
    }
}
