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
    /// There too, and never cut: terminals open places that they can read.
    Whole,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) head: &'static str,
    pub(super) cut: Cut,
    pub(super) home: Home,
}

/// One text of a row, and how it looks: the number of an SGR style, or empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Cell {
    text: String,
    style: &'static str,
}

impl Cell {
    /// A text from the repository, with nothing left in it that steers the terminal.
    pub(super) fn new(text: &str, style: &'static str) -> Cell {
        Cell { text: clean(text).replace('\t', " ").trim_end().to_owned(), style }
    }

    /// The same in another style.
    pub(super) fn styled(self, style: &'static str) -> Cell {
        Cell { style, ..self }
    }

    /// The same with more behind it.
    pub(super) fn behind(self, more: &str) -> Cell {
        Cell { text: self.text + more, ..self }
    }

    /// The same without its text.
    pub(super) fn blank(self) -> Cell {
        Cell { text: String::new(), ..self }
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
/// How much of its text anything must show beside a place that is whole.
const BESIDE: usize = 24;
/// The second line stands under the second column, if that is not too far in.
const INDENT: usize = 12;

/// Which column stands where, the same for all rows, so that several tables can stand in line.
#[derive(Clone, Debug)]
pub(super) struct Layout<'a> {
    columns: &'a [Column],
    /// The columns of the line, with their widths.
    line: Vec<(usize, usize)>,
    below: Vec<usize>,
    /// Where lines begin, and where what is below them does.
    indent: usize,
    hang: usize,
    width: usize,
    colour: Colour,
}

/// Draws a table no wider than `width`.
pub(super) fn draw(columns: &[Column], rows: &[Vec<Cell>], colour: Colour, width: usize) -> String {
    let layout = Layout::of(columns, rows.iter(), colour, width, 0);
    let rows = rows.iter().map(|row| layout.row(row));
    std::iter::once(layout.head()).chain(rows).collect()
}

impl<'a> Layout<'a> {
    /// Finds room for all rows, in lines that begin at `indent`.
    pub(super) fn of<'b>(
        columns: &'a [Column],
        rows: impl Iterator<Item = &'b Vec<Cell>> + Clone,
        colour: Colour,
        width: usize,
        indent: usize,
    ) -> Layout<'a> {
        let natural: Vec<usize> = (0..columns.len())
            .map(|at| {
                let cells = rows.clone().filter_map(|row| row.get(at)).map(|cell| measure(&cell.text)).max();
                cells.unwrap_or(0).max(if cells > Some(0) { measure(columns[at].head) } else { 0 })
            })
            .collect();
        // A column in which nothing stands is not shown.
        let shown = (0..columns.len()).filter(|&at| natural[at] > 0);
        let room = width.saturating_sub(indent);
        let (line, below) = parted(columns, &natural, shown.collect(), room);
        let whole = |at: &usize| columns[*at].home == Home::Whole;
        let kept: usize = line.iter().filter(|at| whole(at)).map(|&at| natural[at] + GAP).sum();
        let cuts: Vec<usize> = line.iter().copied().filter(|at| !whole(at)).collect();
        let wanted: Vec<usize> = cuts.iter().map(|&at| natural[at]).collect();
        let yields: Vec<bool> = cuts.iter().map(|&at| columns[at].home != Home::Line).collect();
        let mut given = share_yielding(&wanted, &yields, room.saturating_sub(kept)).into_iter();
        let width_of = |at: usize| if whole(&at) { natural[at] } else { given.next().unwrap_or(0) };
        let widths: Vec<usize> = line.iter().copied().map(width_of).collect();
        let hang = match widths.first() {
            Some(first) if line.len() > 1 && first + GAP <= INDENT => first + GAP,
            _ => GAP,
        };
        let line = line.into_iter().zip(widths).collect();
        Layout { columns, line, below, indent, hang: indent + hang, width, colour }
    }

    /// The headings.
    pub(super) fn head(&self) -> String {
        let heads = self.line.iter().map(|&(at, width)| (self.columns[at].head.to_owned(), BOLD, width));
        self.put(heads)
    }

    /// One row, with what is below its line.
    pub(super) fn row(&self, row: &[Cell]) -> String {
        let cells = self.line.iter().filter_map(|&(at, width)| {
            let cell = row.get(at)?;
            Some((cut(&cell.text, width, self.columns[at].cut), cell.style, width))
        });
        self.put(cells) + &self.under(row)
    }

    fn put(&self, cells: impl Iterator<Item = (String, &'static str, usize)>) -> String {
        let mut line = String::new();
        push_line(&mut line, cells, self.colour);
        if line.is_empty() { line } else { " ".repeat(self.indent) + &line }
    }

    /// What has no room in the line.
    fn under(&self, row: &[Cell]) -> String {
        let texts = |is_whole: bool| -> Vec<String> {
            let below = self.below.iter().map(|&at| (self.columns[at], row.get(at)));
            let of_kind = below.filter(|(column, _)| (column.home == Home::Whole) == is_whole);
            of_kind
                .filter_map(|(column, cell)| Some((column, cell?.text.as_str())))
                .filter(|(_, text)| !text.is_empty())
                .map(|(column, text)| match column.home {
                    Home::Told => format!("{} {text}", column.head.to_lowercase()),
                    _ => text.to_owned(),
                })
                .collect()
        };
        let (whole, others) = (texts(true), texts(false));
        let natural: Vec<usize> = others.iter().map(|text| measure(text)).collect();
        let taken: usize = whole.iter().map(|text| measure(text) + GAP).sum();
        let least: usize = natural.iter().map(|one| one.min(&BESIDE) + GAP).sum();
        let room = self.width.saturating_sub(self.hang);
        let fits = taken + least <= room + GAP;
        let widths = share(&natural, if fits { room.saturating_sub(taken) } else { room });
        let how = if whole.is_empty() { Cut::Start } else { Cut::Middle };
        let others = others.iter().zip(widths).map(|(text, width)| cut(text, width, how));
        let others: Vec<String> = others.collect();
        if fits {
            return self.hung(&[whole, others].concat(), self.hang);
        }
        let alone = |text: String| {
            let left = indented(&text, self.hang, self.width);
            self.hung(&[text], left)
        };
        whole.into_iter().map(alone).collect::<String>() + &self.hung(&others, self.hang)
    }

    /// A faint line of texts.
    fn hung(&self, texts: &[String], indent: usize) -> String {
        match texts {
            [] => String::new(),
            texts => format!("{}{}\n", " ".repeat(indent), styled(&texts.join("  "), FAINT, self.colour)),
        }
    }
}

/// Where a text begins that is never cut: at this indent if there is room, else where lines do.
pub(super) fn indented(text: &str, indent: usize, width: usize) -> usize {
    if indent + measure(text) <= width { indent } else { 0 }
}

/// Which columns stand in the line and which below: first all in it, then all but those that are never cut, and then
/// those that have no other home.
fn parted(columns: &[Column], natural: &[usize], shown: Vec<usize>, room: usize) -> (Vec<usize>, Vec<usize>) {
    let least = |at: usize| match columns[at].home {
        Home::Line => natural[at].min(SHOWN),
        Home::Whole => natural[at],
        Home::Below | Home::Told => natural[at].min(YIELD),
    };
    let fits = |line: &[usize]| line.iter().map(|&at| least(at) + GAP).sum::<usize>() <= room + GAP;
    let part = |stays: &dyn Fn(Home) -> bool| -> (Vec<usize>, Vec<usize>) {
        shown.iter().copied().partition(|&at| stays(columns[at].home))
    };
    let wide = part(&|_| true);
    let middle = part(&|home| home != Home::Whole);
    let narrow = part(&|home| home == Home::Line);
    [wide, middle].into_iter().find(|(line, _)| fits(line)).unwrap_or(narrow)
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

/// A sentence in lines of words, of which all but the first stand in two columns more. What stands in backticks is for
/// copying, and is not broken if it fits into a line.
pub(super) fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let room = width.saturating_sub(indent + 2);
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match words.last_mut() {
            Some(last) if last.matches('`').count() % 2 == 1 && measure(last) + 1 + measure(word) <= room => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    let (mut lines, mut line) = (Vec::new(), " ".repeat(indent));
    for (at, word) in words.iter().enumerate() {
        if at > 0 && measure(&line) + 1 + measure(word) > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent + 2)));
        } else if at > 0 {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join("\n") + "\n"
}

/// The text within `width` columns.
pub(super) fn cut(text: &str, width: usize, cut: Cut) -> String {
    if measure(text) <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let tail = match cut {
        Cut::Start => room,
        Cut::Middle => room / 2,
    };
    let end = last(text, tail);
    let end = match cut {
        Cut::Start => whole_pieces(end),
        Cut::Middle => end,
    };
    format!("{}…{end}", if cut == Cut::Start { "" } else { first(text, room - measure(end)) })
}

/// A text without the piece that it begins in the middle of, a folder or a word, if that is the smaller part.
fn whole_pieces(text: &str) -> &str {
    text.find(['/', ' ']).filter(|at| at * 2 < text.len()).map_or(text, |at| &text[at..])
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
            ("apps/media/web.yaml:3:1", 18, Cut::Start, "…/web.yaml:3:1"),
            ("apps/a-long-name.yaml:3:1 +2", 18, Cut::Start, "…-name.yaml:3:1 +2"),
            ("Job/media/one and Job/two", 18, Cut::Start, "…/one and Job/two"),
            ("漢字漢字", 5, Cut::Start, "…漢字"),
            ("漢字漢字", 4, Cut::Start, "…字"),
            ("abc", 1, Cut::Middle, "…"),
            ("abc", 0, Cut::Start, "…"),
        ] {
            assert_eq!(cut(text, width, how), expected, "{text} {width}");
        }
    }

    #[test]
    fn sentences_break_between_words_and_not_in_what_is_copied() {
        for (text, indent, width, expected) in [
            ("one two", 0, 20, "one two\n"),
            ("one two three", 2, 10, "  one two\n    three\n"),
            ("add `a: {b: c}` now", 0, 13, "add\n  `a: {b: c}`\n  now\n"),
            ("add `a: {b: c}` now", 0, 9, "add\n  `a: {b:\n  c}` now\n"),
            ("", 0, 10, "\n"),
        ] {
            assert_eq!(wrapped(text, indent, width), expected, "{text} {width}");
        }
    }

    #[test]
    fn what_is_whole_is_never_cut() {
        let columns = [
            Column { head: "NAME", cut: Cut::Middle, home: Home::Line },
            Column { head: "USED BY", cut: Cut::Middle, home: Home::Below },
            Column { head: "WHERE", cut: Cut::Start, home: Home::Whole },
        ];
        let place = "some/folder/of/it/file.yaml:12:9";
        let row = ["a-name", "Deployment/of-some-length", place].map(|text| Cell::new(text, "")).to_vec();
        for (width, expected) in [
            (80, format!("a-name  Deployment/of-some-length  {place}\n")),
            (64, format!("a-name  Deployment/of-some-length\n        {place}\n")),
            (40, format!("a-name  Deployment/of-some-length\n        {place}\n")),
            (34, format!("a-name  Deployment/of-some-length\n{place}\n")),
            (30, format!("a-name\n{place}\n  Deployment/of-some-length\n")),
            (20, format!("a-name\n{place}\n  Deploymen…e-length\n")),
        ] {
            let table = draw(&columns, std::slice::from_ref(&row), Colour::Plain, width);
            let (_, rows) = table.split_once('\n').unwrap();
            assert_eq!(rows, expected, "{width}");
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
