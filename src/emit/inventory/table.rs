//! Tables for a terminal: columns that share the width there is, texts cut where they say least. Knows no row.

use crate::emit::Colour;
use crate::redact::clean;

/// Where a text that is too long is cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cut {
    /// Its end says most: `…/app/helmrelease.yaml:12:9`.
    Start,
    /// Both ends say something: `ghcr.io/home-…/app:1.2`.
    Middle,
}

/// Where a column stands when lines are too short for all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Home {
    /// In the line, and cut last.
    Line,
    /// On a second line, under the others.
    Below,
    /// There too, behind its heading: a bare number would say nothing.
    Told,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) head: &'static str,
    pub(super) cut: Cut,
    pub(super) home: Home,
}

/// One text of a row, and how it looks: the number of an SGR style, or empty.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    text: String,
    style: &'static str,
}

impl Cell {
    /// A text from the repository, with nothing left in it that steers the terminal.
    pub(super) fn new(text: &str, style: &'static str) -> Cell {
        Cell { text: clean(text).replace('\t', " ").trim_end().to_owned(), style }
    }
}

/// Faint, for what only explains.
pub(super) const FAINT: &str = "2";
pub(super) const BOLD: &str = "1";

const GAP: usize = 2;
/// How much of its text a column of the line must show, or the others go below.
const SHOWN: usize = 44;
/// How far columns with a home below give way before those of the line do.
const YIELD: usize = 28;
/// The second line stands under the second column, if that is not too far in.
const INDENT: usize = 12;

/// Draws a table no wider than `width`.
pub(super) fn draw(columns: &[Column], rows: &[Vec<Cell>], colour: Colour, width: usize) -> String {
    let natural: Vec<usize> = (0..columns.len())
        .map(|at| {
            let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| measure(&cell.text)).max();
            cells.unwrap_or(0).max(if cells > Some(0) { columns[at].head.len() } else { 0 })
        })
        .collect();
    // A column in which nothing stands is not shown.
    let shown: Vec<usize> = (0..columns.len()).filter(|&at| natural[at] > 0).collect();
    let least = |at: usize| natural[at].min(if columns[at].home == Home::Line { SHOWN } else { YIELD });
    let stacked = shown.iter().map(|&at| least(at) + GAP).sum::<usize>() > width + GAP;
    let (line, below): (Vec<usize>, Vec<usize>) =
        shown.into_iter().partition(|&at| !stacked || columns[at].home == Home::Line);
    let wanted: Vec<usize> = line.iter().map(|&at| natural[at]).collect();
    let yields: Vec<bool> = line.iter().map(|&at| columns[at].home != Home::Line).collect();
    let widths = share_yielding(&wanted, &yields, width);

    let mut out = String::new();
    let heads = line.iter().zip(&widths).map(|(&at, &width)| (columns[at].head.to_owned(), BOLD, width));
    push_line(&mut out, heads, colour);
    let indent = match widths.first() {
        Some(first) if line.len() > 1 && first + GAP <= INDENT => first + GAP,
        _ => GAP,
    };
    for row in rows {
        let cells = line.iter().zip(&widths).filter_map(|(&at, &width)| {
            let cell = row.get(at)?;
            Some((cut(&cell.text, width, columns[at].cut), cell.style, width))
        });
        push_line(&mut out, cells, colour);
        let under: Vec<String> = below
            .iter()
            .filter_map(|&at| Some((columns[at], row.get(at)?.text.as_str())))
            .filter(|(_, text)| !text.is_empty())
            .map(|(column, text)| match column.home {
                Home::Told => format!("{} {text}", column.head.to_lowercase()),
                Home::Line | Home::Below => text.to_owned(),
            })
            .collect();
        if !under.is_empty() {
            let room = width.saturating_sub(indent);
            let each = share(&under.iter().map(|text| measure(text)).collect::<Vec<_>>(), room);
            let said: Vec<String> =
                under.iter().zip(each).map(|(text, width)| cut(text, width, Cut::Start)).collect();
            out.push_str(&" ".repeat(indent));
            out.push_str(&styled(&said.join("  "), FAINT, colour));
            out.push('\n');
        }
    }
    out
}

/// A text in a style, if there are colours.
pub(super) fn styled(text: &str, style: &str, colour: Colour) -> String {
    match colour {
        Colour::Ansi | Colour::Links if !style.is_empty() && !text.is_empty() => {
            format!("\u{1b}[{style}m{text}\u{1b}[0m")
        }
        _ => text.to_owned(),
    }
}

fn push_line(out: &mut String, cells: impl Iterator<Item = (String, &'static str, usize)>, colour: Colour) {
    let start = out.len();
    let mut pad = 0;
    for (text, style, width) in cells {
        // The padding is written before the next text, so that no line ends in blanks.
        if !text.is_empty() {
            out.push_str(&" ".repeat(pad));
            pad = 0;
        }
        out.push_str(&styled(&text, style, colour));
        pad += width.saturating_sub(measure(&text)) + GAP;
    }
    if out.len() > start {
        out.push('\n');
    }
}

/// Widths for columns of these natural widths: those that yield do so first, and only then the others.
fn share_yielding(natural: &[usize], yields: &[bool], width: usize) -> Vec<usize> {
    let gaps = GAP * natural.len().saturating_sub(1);
    let pick = |which: bool| -> Vec<usize> {
        let one = natural.iter().zip(yields).filter(|(_, yields)| **yields == which);
        one.map(|(&natural, _)| natural).collect()
    };
    let (firm, soft) = (pick(false), pick(true));
    let floor: usize = soft.iter().map(|&one| one.min(YIELD)).sum();
    let room = width.saturating_sub(gaps);
    if soft.is_empty() || firm.is_empty() || floor + firm.len() * YIELD / 2 > room {
        return share(natural, width);
    }
    let given = |texts: usize, columns: usize| texts + GAP * columns.saturating_sub(1);
    let firm_widths = share(&firm, given(room - floor, firm.len()));
    let left = room - firm_widths.iter().sum::<usize>();
    let soft_widths = share(&soft, given(left, soft.len()));
    let (mut firm_widths, mut soft_widths) = (firm_widths.into_iter(), soft_widths.into_iter());
    let next = |&soft: &bool| if soft { soft_widths.next() } else { firm_widths.next() };
    yields.iter().filter_map(next).collect()
}

/// Widths for columns of these natural widths: those above a common level are cut down to it.
fn share(natural: &[usize], width: usize) -> Vec<usize> {
    let room = width.saturating_sub(GAP * natural.len().saturating_sub(1));
    let used = |level: usize| natural.iter().map(|&one| one.min(level)).sum::<usize>();
    let widest = natural.iter().copied().max().unwrap_or(0);
    let level = (1..=widest).rev().find(|&level| used(level) <= room).unwrap_or(1);
    let mut spare = room.saturating_sub(used(level));
    let grow = |&one: &usize| {
        let more = usize::from(one > level && spare > 0);
        spare -= more;
        one.min(level) + more
    };
    natural.iter().map(grow).collect()
}

/// The text within `width` columns.
fn cut(text: &str, width: usize, cut: Cut) -> String {
    if measure(text) <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let tail = match cut {
        Cut::Start => room,
        Cut::Middle => room / 2,
    };
    let end = last(text, tail);
    format!("{}…{end}", first(text, room - measure(end)))
}

/// As much of the beginning as fits.
fn first(text: &str, width: usize) -> &str {
    let mut taken = 0;
    let over = text.char_indices().find(|(_, c)| {
        taken += columns_of(*c);
        taken > width
    });
    &text[..over.map_or(text.len(), |(at, _)| at)]
}

/// As much of the end as fits.
fn last(text: &str, width: usize) -> &str {
    let mut taken = 0;
    let over = text.char_indices().rev().find(|(_, c)| {
        taken += columns_of(*c);
        taken > width
    });
    &text[over.map_or(0, |(at, c)| at + c.len_utf8())..]
}

/// The columns that a text takes on a terminal.
pub(super) fn measure(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// Two for the scripts and pictures that terminals draw wide, none for marks that sit on another character.
fn columns_of(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_where_they_say_least() {
        for (text, width, how, expected) in [
            ("abc", 3, Cut::Start, "abc"),
            ("abcd", 3, Cut::Start, "…cd"),
            ("abcdefgh", 5, Cut::Middle, "ab…gh"),
            ("abcdefgh", 6, Cut::Middle, "abc…gh"),
            ("漢字漢字", 5, Cut::Start, "…漢字"),
            ("漢字漢字", 4, Cut::Start, "…字"),
            ("abc", 1, Cut::Middle, "…"),
            ("abc", 0, Cut::Start, "…"),
        ] {
            assert_eq!(cut(text, width, how), expected, "{text} {width}");
        }
    }

    #[test]
    fn the_widest_columns_give_way_first() {
        for (natural, width, expected) in [
            (&[6, 20, 10][..], 40, &[6, 20, 10][..]),
            (&[6, 40, 30], 60, &[6, 25, 25]),
            (&[6, 40, 12], 42, &[6, 20, 12]),
            (&[30, 30], 10, &[4, 4]),
            (&[5, 5, 5], 3, &[1, 1, 1]),
        ] {
            assert_eq!(share(natural, width), expected, "{natural:?} {width}");
        }
    }

    #[test]
    fn columns_with_a_home_below_give_way_before_the_others() {
        for (natural, yields, width, expected) in [
            (&[6, 60, 50, 50][..], &[false, false, true, true][..], 132, &[6, 60, 30, 30][..]),
            (&[6, 60, 50, 50], &[false, false, true, true], 112, &[6, 44, 28, 28]),
            (&[6, 60, 50, 10], &[false, false, true, true], 200, &[6, 60, 50, 10]),
            (&[6, 60, 50], &[false, false, true], 30, &[6, 10, 10]),
            (&[60], &[true], 10, &[10]),
        ] {
            assert_eq!(share_yielding(natural, yields, width), expected, "{natural:?} {width}");
        }
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let columns = [
            Column { head: "PIN", cut: Cut::Middle, home: Home::Line },
            Column { head: "IMAGE", cut: Cut::Middle, home: Home::Line },
            Column { head: "WHERE", cut: Cut::Start, home: Home::Below },
        ];
        let rows = vec![
            vec![
                Cell::new("digest", "32"),
                Cell::new(&"漢x/".repeat(40), ""),
                Cell::new(&"a/".repeat(80), FAINT),
            ],
            vec![Cell::new("tag", ""), Cell::new("short\u{1b}[31m\n\t", ""), Cell::new("b", "")],
        ];
        for width in [20, 40, 79, 80, 99, 100, 120, 200] {
            let plain = draw(&columns, &rows, Colour::Plain, width);
            let widest = plain.lines().map(measure).max();
            assert!(widest <= Some(width), "{widest:?} of {width}:\n{plain}");
            assert_eq!(plain.lines().count(), if width < 82 { 5 } else { 3 }, "{plain}");
            assert!(plain.lines().all(|line| line.trim_end() == line), "{plain}");
            let coloured = draw(&columns, &rows, Colour::Ansi, width);
            assert_eq!(coloured.matches("\u{1b}[").count(), 2 * coloured.matches("\u{1b}[0m").count());
        }
    }
}
