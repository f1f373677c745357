//! What a run of `pin` did, for people at a terminal: what was moved, held back, left and not told.

use super::{Pins, ago};
use crate::redact::clean;

pub(crate) fn table(pins: &Pins) -> String {
    let rows: Vec<[String; 4]> = pins
        .pins
        .iter()
        .filter_map(|pin| {
            let (old, new) = pin.sides()?;
            // Where the tag stays it is part of the name.
            let name = if pin.is_raised() { pin.name.clone() } else { pin.reference() };
            Some([name, old, new, pin.age.map_or("-".into(), ago)])
        })
        .map(|row| row.map(|cell| clean(&cell).into_owned()))
        .collect();
    let mut out = String::new();
    let widest = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths = [widest(0), widest(1), widest(2)];
    if !rows.is_empty() {
        out.push_str("moved:\n");
    }
    for [name, old, new, age] in &rows {
        let [first, second, third] = widths;
        out.push_str(&format!("  {name:first$}  {old:second$} → {new:third$}  {age}\n"));
    }
    for (name, why) in &pins.held {
        out.push_str(&format!("held back: {}: {}\n", clean(name), clean(why)));
    }
    for (why, places) in &pins.left {
        out.push_str(&format!("left, for {why}:\n"));
        for spot in places {
            out.push_str(&format!("  {}:{} {}\n", clean(&spot.file), spot.line, clean(&spot.name)));
        }
    }
    for (name, why) in &pins.missing {
        out.push_str(&format!("missing: {} ({})\n", clean(name), clean(why)));
    }
    out
}
