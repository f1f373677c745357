//! Whether a text is well-formed XML, of the few constructs that our outputs use.

/// Says what is wrong.
pub fn well_formed(text: &str) -> Result<(), String> {
    if let Some(letter) = text.chars().find(|&letter| !is_letter(letter)) {
        return Err(format!("{letter:?} may be in no XML"));
    }
    let mut rest = text.strip_prefix("<?xml").map_or(Ok(text), |rest| {
        rest.split_once("?>").map(|(_, rest)| rest).ok_or("the head is not closed")
    })?;
    let (mut open, mut roots): (Vec<&str>, usize) = (Vec::new(), 0);
    while let Some((words, after)) = rest.split_once('<') {
        references(words)?;
        if open.is_empty() && !words.trim().is_empty() {
            return Err(format!("text outside: {words:?}"));
        }
        if let Some(data) = after.strip_prefix("![CDATA[") {
            rest = data.split_once("]]>").ok_or("CDATA without end")?.1;
            continue;
        }
        let (tag, after) = tag(after)?;
        rest = after;
        match tag.strip_prefix('/') {
            Some(name) => {
                let last = open.pop();
                if last != Some(name.trim_end()) {
                    return Err(format!("</{name}> closes {last:?}"));
                }
            }
            None => {
                roots += usize::from(open.is_empty());
                let (tag, is_closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
                let name = tag.split([' ', '\n']).next().unwrap_or("");
                if name.is_empty()
                    || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
                {
                    return Err(format!("a tag <{tag}>"));
                }
                attributes(&tag[name.len()..])?;
                if !is_closed {
                    open.push(name);
                }
            }
        }
    }
    match (open.last(), roots, rest.trim()) {
        (None, 1, "") => Ok(()),
        (last, roots, rest) => Err(format!("{last:?} is open, {roots} roots, {rest:?} at the end")),
    }
}

fn is_letter(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// A tag up to its end, which is in no quotes.
fn tag(text: &str) -> Result<(&str, &str), String> {
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (None, '>') => return Ok((&text[..at], &text[at + 1..])),
            (_, '<') => return Err("< within a tag".into()),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
    }
    Err("a tag without end".into())
}

fn attributes(text: &str) -> Result<(), String> {
    let (mut rest, mut names) = (text.trim_start(), Vec::new());
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").ok_or_else(|| format!("no attribute: {rest:?}"))?;
        let (value, after) = after.split_once('"').ok_or("a value without end")?;
        if names.contains(&name)
            || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || ":-_".contains(letter))
        {
            return Err(format!("the attribute {name:?}"));
        }
        references(value)?;
        names.push(name);
        rest = after.trim_start();
    }
    Ok(())
}

/// Every `&` begins a reference that XML knows.
fn references(text: &str) -> Result<(), String> {
    for piece in text.split('&').skip(1) {
        let name = piece.split_once(';').map(|(name, _)| name).ok_or_else(|| format!("&{piece}"))?;
        let is_number = |digits: &str, base| {
            u32::from_str_radix(digits, base).ok().and_then(char::from_u32).is_some_and(is_letter)
        };
        let is_known = ["amp", "lt", "gt", "quot", "apos"].contains(&name)
            || match name.strip_prefix("#x") {
                Some(digits) => is_number(digits, 16),
                None => name.strip_prefix('#').is_some_and(|digits| is_number(digits, 10)),
            };
        if !is_known {
            return Err(format!("&{name};"));
        }
    }
    Ok(())
}
