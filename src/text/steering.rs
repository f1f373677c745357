//! What in a text steers whoever shows it: a terminal, a log, a reader. Draws nothing.

/// What runners take for the beginning of a command, anywhere in a line of a log: `##[add-mask]` of GitHub, `##vso[task.x]` of
/// Azure, `##teamcity[x]`.
const SIGN: &str = "##";

/// Whether what is before a bracket makes it the beginning of a command.
pub fn is_command(before: &str) -> bool {
    before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '-').ends_with(SIGN)
}

/// Whether a text holds the beginning of a command.
pub fn has_command(text: &str) -> bool {
    text.contains(SIGN) && text.match_indices('[').any(|(at, _)| is_command(&text[..at]))
}

/// Whether a terminal would act on the character, or show nothing for it.
pub fn is_hidden(c: char) -> bool {
    match c {
        '\t' => false,
        ' '..='~' => false,
        _ => {
            c.is_control()
                || matches!(c,
                    '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}'
                    | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                    | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
                    | '\u{e0000}'..='\u{e007f}')
        }
    }
}

/// Whether a text would be a command to GitHub's runner where it begins a line, or where one of its lines does.
pub fn begins_command(text: &str) -> bool {
    text.contains("::") && text.lines().any(|line| line.trim_start().starts_with("::"))
}
