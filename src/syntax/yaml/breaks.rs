//! Line breaks of YAML 1.1 (U+0085, U+2028, U+2029): the reader of the cluster's tools ends a line there, and no editor does.
//! They are put out of sight byte for byte, as template actions are, so that what follows stands where it is read.

/// A text in which these breaks are line breaks of everybody, and where they stood.
pub(super) struct Broken {
    pub(super) bytes: Vec<u8>,
    pub(super) breaks: Vec<(u32, u32)>,
}

/// Puts a line break in the place of each; nothing if there is none. `seen` is the text as it is to be read otherwise.
pub(super) fn broken(text: &str, seen: &[u8]) -> Option<Broken> {
    if text.is_ascii() {
        return None;
    }
    let mut out: Option<Broken> = None;
    for (at, letter) in text.match_indices(['\u{85}', '\u{2028}', '\u{2029}']) {
        let broken = out.get_or_insert_with(|| Broken { bytes: seen.to_vec(), breaks: Vec::new() });
        let end = at + letter.len();
        // Blanks at the end of a line say nothing.
        broken.bytes[at..end].fill(b' ');
        broken.bytes[end - 1] = b'\n';
        broken.breaks.push((at as u32, end as u32));
    }
    out
}
