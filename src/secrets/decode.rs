//! What stands behind an encoding: base64 and base64 again, hexadecimal digits, percent signs, escapes of JSON, gzip in
//! base64. Strict, so that noise is not taken for a text, and bounded, so that a small text cannot become a large one.

use super::simd::{LONG, is_token};
use super::stops::Stops;
use crate::limits::{DEEPEST_ENCODING, MOST_DECODED, MOST_DECODED_OF_FILE};
use crate::text::{Str, first_of_base64, from_base64};
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use std::ops::Range;

/// Decodes base64 whose content is printable text.
pub(super) fn text(encoded: &str) -> Option<String> {
    let text = String::from_utf8(from_base64(encoded)?).ok()?;
    let printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    text.chars().all(printable).then_some(text)
}

/// Shorter runs of letters hide no credential: twenty letters are twenty-seven in base64, forty in hexadecimal digits.
const SHORTEST_RUN: usize = LONG;
/// What percent signs and escapes are looked for in: a word, and no more of it.
const LONGEST_WORD: usize = 16 << 10;
/// Encoders break lines at 64 or 76 letters.
const SHORTEST_LINE: usize = 60;

/// A text that was behind an encoding.
#[derive(Debug)]
pub(super) struct Behind<'t> {
    /// Where the outermost encoding is.
    pub(super) place: &'t Range<usize>,
    pub(super) text: &'t str,
    /// The names of the encodings, outermost first.
    pub(super) road: &'t [Str],
}

/// Calls `visit` with every text that is behind an encoding in this one, of which `stops` are the places worth a look. Gives
/// how many bytes were decoded.
pub(super) fn each(text: &str, stops: &Stops, visit: &mut dyn FnMut(Behind)) -> usize {
    let mut ladder = Ladder { left: MOST_DECODED_OF_FILE, road: Vec::new(), visit };
    let mut done = 0;
    for run in stops.runs.iter().map(|run| run.start as usize..run.end as usize) {
        if run.start >= done {
            done = ladder.run(text, run, None);
        }
    }
    let escapes = || stops.escapes.iter().map(|at| *at as usize);
    ladder.escapes(text, None, (escapes(), escapes()));
    MOST_DECODED_OF_FILE - ladder.left
}

struct Ladder<'v> {
    left: usize,
    road: Vec<Str>,
    visit: &'v mut dyn FnMut(Behind),
}

impl Ladder<'_> {
    /// Everything behind an encoding in a text that itself was behind the one at `outer`.
    fn climb(&mut self, text: &str, outer: Option<&Range<usize>>) {
        if self.road.len() >= DEEPEST_ENCODING || self.left == 0 {
            return;
        }
        let mut done = 0;
        while let Some(run) = next_run(text.as_bytes(), done) {
            done = self.run(text, run, outer);
        }
        let all = |sign: u8| {
            let signs = memchr::memchr_iter(sign, text.as_bytes());
            signs.filter(|at| begins_escape(text.as_bytes(), *at))
        };
        self.escapes(text, outer, (all(b'%'), all(b'\\')));
    }

    /// What a run of token characters holds, and the lines that go on with it. Gives where it ends.
    fn run(&mut self, text: &str, run: Range<usize>, outer: Option<&Range<usize>>) -> usize {
        let bytes = text.as_bytes();
        let (mut start, mut done) = (run.start, run.end);
        while start + SHORTEST_RUN <= run.end {
            // The two that no encoding has.
            let other = memchr::memchr2(b'.', b'~', &bytes[start..run.end]);
            let end = other.map_or(run.end, |length| start + length);
            if end - start >= SHORTEST_RUN {
                let letters = start..whole_end(bytes, start, end);
                done = done.max(letters.end);
                let place = outer.cloned().unwrap_or(letters.clone());
                if let Some((how, bytes)) = opened(&text[letters]) {
                    self.step(how, bytes, &place);
                }
            }
            start = end + 1;
        }
        done
    }

    /// What words with escapes in them hold: those with percent signs, then those with backslashes.
    fn escapes(
        &mut self,
        text: &str,
        outer: Option<&Range<usize>>,
        (percents, slashes): (impl Iterator<Item = usize>, impl Iterator<Item = usize>),
    ) {
        self.words(text, outer, percents.filter(|at| text.as_bytes()[*at] == b'%'), "URL encoding", percent);
        self.words(text, outer, slashes.filter(|at| text.as_bytes()[*at] == b'\\'), "JSON", unescaped);
    }

    /// One rung: what was decoded, unpacked if it is packed.
    fn step(&mut self, how: &'static str, bytes: Vec<u8>, place: &Range<usize>) {
        let depth = self.road.len();
        self.road.push(Str::new_static(how));
        let bytes = match body_of_gzip(&bytes) {
            Some(packed) => {
                self.road.push(Str::new_static("gzip"));
                let most = MOST_DECODED.min(self.left);
                decompress_to_vec_with_limit(packed, most).unwrap_or_else(|error| error.output)
            }
            None => bytes,
        };
        self.left = self.left.saturating_sub(bytes.len());
        if let Some(text) = readable(bytes) {
            (self.visit)(Behind { place, text: &text, road: &self.road });
            self.climb(&text, Some(place));
        }
        self.road.truncate(depth);
    }

    /// Words in which escapes begin at these places.
    fn words(
        &mut self,
        text: &str,
        outer: Option<&Range<usize>>,
        places: impl Iterator<Item = usize>,
        how: &'static str,
        decode: fn(&str) -> Option<String>,
    ) {
        let mut floor = 0;
        for at in places {
            if at < floor {
                continue;
            }
            let word = word_around(text, at, floor);
            floor = word.end;
            let place = outer.cloned().unwrap_or(word.clone());
            if let Some(plain) = text.get(word).filter(|word| word.len() >= 24).and_then(decode) {
                self.step(how, plain.into_bytes(), &place);
            }
        }
    }
}

/// The letters of base64, of either alphabet; hexadecimal digits are among them.
const LETTERS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let letter = byte as u8;
        table[byte] = letter.is_ascii_alphanumeric() || matches!(letter, b'+' | b'/' | b'-' | b'_');
        byte += 1;
    }
    table
};

/// The next run of token characters that is long enough. Looks at the last one first that a run beginning here must have: of
/// words, that is all it sees.
fn next_run(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let mut start = from;
    loop {
        let window = bytes.get(start..start + SHORTEST_RUN)?;
        let Some(bad) = window.iter().rposition(|&byte| !is_token(byte)) else {
            let rest = bytes[start + SHORTEST_RUN..].iter().take_while(|&&byte| is_token(byte)).count();
            return Some(start..start + SHORTEST_RUN + rest);
        };
        start += bad + 1;
    }
}

/// Where letters from `start` to `end` are whole: with the lines that go on with them, and the padding.
fn whole_end(bytes: &[u8], start: usize, end: usize) -> usize {
    let end = if end - start >= SHORTEST_LINE { with_lines(bytes, start, end) } else { end };
    end + bytes[end..].iter().take(2).take_while(|&&byte| byte == b'=').count()
}

/// Where the lines end that are as long as the first one, and the shorter one behind them.
fn with_lines(bytes: &[u8], start: usize, mut end: usize) -> usize {
    let width = end - start;
    loop {
        let rest = &bytes[end..];
        let gap = match rest {
            [b'\\', b'n', ..] => 2,
            [b'\r', b'\n', ..] | [b'\n', ..] => {
                let blank = |byte: &&u8| byte.is_ascii_whitespace();
                rest.iter().take(64).take_while(blank).count()
            }
            _ => return end,
        };
        let line = rest[gap..].iter().take(width + 1).take_while(|&&byte| LETTERS[usize::from(byte)]).count();
        let next = rest.get(gap + line);
        let is_whole = line > 0 && line <= width && next.is_none_or(|next| b"=\r\n\\\"' ".contains(next));
        if !is_whole {
            return end;
        }
        end += gap + line;
        if line < width {
            return end;
        }
    }
}

/// What a run of letters decodes to, if it begins as something to read: most runs are names, digests and keys, and
/// their first bytes say so.
fn opened(run: &str) -> Option<(&'static str, Vec<u8>)> {
    let body = run.trim_end_matches('=');
    let is_hex = body.len() == run.len()
        && body.len().is_multiple_of(2)
        && body.bytes().take(SHORTEST_RUN).all(|byte| byte.is_ascii_hexdigit());
    if is_hex && let Some(bytes) = hex(body.get(..body.len().min(2 * MOST_DECODED))?) {
        return begins_well(&bytes).then_some(("hexadecimal digits", bytes));
    }
    if !may_be_text(body.as_bytes()) || !begins_well(&first_of_base64(body.as_bytes())?) {
        return None;
    }
    let mut letters: String = body.get(..body.len().min(MOST_DECODED))?.replace("\\n", "\n");
    letters.retain(|letter| !letter.is_ascii_whitespace());
    // A last letter alone is no byte.
    letters.truncate(letters.len() - usize::from(letters.len() % 4 == 1));
    Some(("base64", from_base64(&letters)?))
}

/// Whether letters of base64 may be those of text, or of something packed: the first of four letters has the upper six bits of
/// a byte. Paths and names, which most runs are, fail at the first or the second.
fn may_be_text(body: &[u8]) -> bool {
    let is_text = |letter: &u8| matches!(letter, b'A' | b'C' | b'D' | b'I'..=b'Z' | b'a'..=b'f');
    body.starts_with(b"H4") || body.iter().step_by(4).take(4).all(is_text)
}

/// Whether bytes begin as text, as text of two bytes a letter, or as something packed.
fn begins_well(bytes: &[u8]) -> bool {
    let is_text = |byte: &u8| (0x20..0x7f).contains(byte) || matches!(byte, b'\n' | b'\r' | b'\t');
    let head = &bytes[..bytes.len().min(12)];
    body_of_gzip(bytes).is_some()
        || head.len() == 12
            && (head.iter().all(is_text) || head.chunks(2).all(|pair| is_text(&pair[0]) && pair[1] == 0))
}

/// What is packed, behind the header of gzip; headers with names in them are not made for this.
fn body_of_gzip(bytes: &[u8]) -> Option<&[u8]> {
    match bytes {
        [0x1f, 0x8b, 8, 0, _, _, _, _, _, _, rest @ ..] => Some(rest),
        _ => None,
    }
}

/// The text that bytes are, or as much of it as is one.
fn readable(bytes: Vec<u8>) -> Option<String> {
    if bytes.len() >= 12 && bytes[..12].chunks(2).all(|pair| pair[1] == 0) {
        let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        return String::from_utf16(&units.collect::<Vec<_>>()).ok();
    }
    let text = String::from_utf8(bytes).or_else(|error| {
        let end = error.utf8_error().valid_up_to();
        let mut bytes = error.into_bytes();
        bytes.truncate(end);
        String::from_utf8(bytes)
    });
    text.ok().filter(|text| text.len() >= 16)
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    let value = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    digits.as_bytes().chunks_exact(2).map(|pair| Some(value(pair[0])? << 4 | value(pair[1])?)).collect()
}

/// Whether an escape that can hide letters begins at a percent sign or a backslash.
fn begins_escape(bytes: &[u8], at: usize) -> bool {
    match bytes[at..] {
        [b'%', high, low, ..] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        [b'\\', b'u', b'0', b'0', ..] | [b'\\', b'/', ..] => true,
        _ => false,
    }
}

/// The word around a byte, from `floor` on: what has no blank, quote or bracket in it.
fn word_around(text: &str, at: usize, floor: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`');
    let floor = floor.max(at.saturating_sub(LONGEST_WORD));
    let start = bytes[floor..at].iter().rposition(is_end).map_or(floor, |found| floor + found + 1);
    let ceiling = bytes.len().min(at + LONGEST_WORD);
    let end = bytes[at..ceiling].iter().position(is_end).map_or(ceiling, |found| at + found);
    start..end
}

/// A text with its percent signs resolved.
pub(super) fn percent(word: &str) -> Option<String> {
    let (mut out, mut rest) = (Vec::with_capacity(word.len()), word.as_bytes());
    while let [first, after @ ..] = rest {
        let escape = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok()).and_then(hex);
        match (first, escape) {
            (b'%', Some(byte)) => {
                out.extend(byte);
                rest = &after[2..];
            }
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(out).ok()
}

/// A text with the escapes of JSON resolved: `\/`, `\u002f`, `\n`.
fn unescaped(word: &str) -> Option<String> {
    let (mut out, mut rest) = (String::with_capacity(word.len()), word);
    while let Some(sign) = rest.find('\\') {
        out.push_str(&rest[..sign]);
        let escape = &rest[sign + 1..];
        let letter = escape.chars().next()?;
        rest = &escape[letter.len_utf8()..];
        match letter {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'u' => {
                let digits = rest.get(..4)?;
                out.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
                rest = &rest[4..];
            }
            other => out.push(other),
        }
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::tables::Tables;
    use crate::secrets::walk::{Depth, walk};

    fn stops(text: &str) -> Stops {
        let mut stops = Stops::default();
        walk(text, &Tables::default(), Depth::Forms, &mut stops);
        stops
    }
    use crate::secrets::recipe::expand;

    #[test]
    fn only_texts_are_taken() {
        assert_eq!(text("aHVudGVyMg=="), Some("hunter2".into()));
        assert_eq!(text("aHVu\n  dGVyMg"), Some("hunter2".into()));
        for not in ["", "a", "hunter2!", "abcde", "AAEC"] {
            assert_eq!(text(not), None, "{not}");
        }
    }

    /// The words of every text behind an encoding, with the road to each.
    fn behind(recipe: &str) -> Vec<String> {
        let mut out = Vec::new();
        let text = expand(recipe, 1);
        each(&text, &stops(&text), &mut |behind| {
            assert!(text.get(behind.place.clone()).is_some(), "{behind:?}");
            out.push(format!("{}: {}", behind.road.join(", "), behind.text.trim()));
        });
        out
    }

    #[test]
    fn every_rung_is_climbed() {
        let plain = "kestrel lime otter, kestrel lime otter";
        let table = [
            (format!("a {{b64:{plain}}} b"), vec!["base64"]),
            (format!("a={{b64:{plain}}}"), vec!["base64"]),
            (format!("v1.2.{{b64:{plain}}}.3~{{base62*44}}~{{b64:{plain}}}"), vec!["base64", "base64"]),
            (format!("{{b64:{{b64:{plain}}}}}"), vec!["base64", "base64, base64"]),
            (format!("{{hexed:{plain}}}"), vec!["hexadecimal digits"]),
            (format!("\"{{urled:{plain}}}\""), vec!["URL encoding"]),
            (format!("{{gz:{plain}}}"), vec!["base64, gzip"]),
            (format!("{{b64:{{gz:{plain}}}}}"), vec!["base64", "base64, base64, gzip"]),
            (format!("{plain} {{base64*80}} {{hex*64}}"), vec![]),
        ];
        for (recipe, roads) in table {
            let found = behind(&recipe);
            let told: Vec<&str> =
                found.iter().filter_map(|one| one.split_once(": ")).map(|(road, _)| road).collect();
            assert_eq!(told, roads, "{recipe}");
            assert!(found.is_empty() || found.last().is_some_and(|last| last.ends_with(plain)), "{found:?}");
        }
    }

    #[test]
    fn what_is_decoded_is_bounded() {
        let deep = (0..9).fold("kestrel lime otter, kestrel lime otter".to_string(), |text, _| {
            crate::text::base64(text.as_bytes())
        });
        let mut depth = 0;
        each(&deep, &stops(&deep), &mut |behind| depth = depth.max(behind.road.len()));
        assert_eq!(depth, DEEPEST_ENCODING);
        // A megabyte of a's in a kilobyte, a hundred times.
        let bomb = expand("{gz:{same*8000000}}", 1);
        assert!(bomb.len() < 60_000, "{}", bomb.len());
        let mut longest = 0;
        let bombs = format!("{bomb}\n").repeat(50);
        let decoded = each(&bombs, &stops(&bombs), &mut |behind| longest = longest.max(behind.text.len()));
        assert!(longest <= MOST_DECODED && decoded <= MOST_DECODED_OF_FILE, "{longest} {decoded}");
        // One line of base64, of which only the beginning is read.
        let line = crate::text::base64("kestrel lime otter ".repeat(600_000).as_bytes());
        let mut count = 0;
        let decoded = each(&line, &stops(&line), &mut |_| count += 1);
        assert!(line.len() > 15_000_000 && count == 1 && decoded <= MOST_DECODED, "{count} {decoded}");
        // Near-misses cost nothing.
        let misses = format!("{} ", "a1B2".repeat(20)).repeat(100_000);
        assert_eq!(each(&misses, &stops(&misses), &mut |_| {}), 0);
    }
}
