//! Functions over paths and addresses.

use super::table::{Arity::*, Function};
use crate::template::host::Call;
use crate::template::rope::Text;
use crate::template::stop::Stop;
use crate::template::value::{Entries, Given, Map, Value};

pub const FUNCTIONS: &[Function] = &[
    ("base", Is(1), base),
    ("osBase", Is(1), base),
    ("dir", Is(1), dir),
    ("osDir", Is(1), dir),
    ("clean", Is(1), |call| {
        let text = call.text(0)?;
        let cleaned = clean(text.as_str());
        Ok(if cleaned == text.as_str() { Value::Text(text) } else { call.made(cleaned, 0) })
    }),
    ("osClean", Is(1), |call| Ok(call.made(clean(call.text(0)?.as_str()), 0))),
    ("ext", Is(1), ext),
    ("osExt", Is(1), ext),
    ("isAbs", Is(1), |call| Ok(Value::bool(call.text(0)?.as_str().starts_with('/')))),
    ("osIsAbs", Is(1), |call| Ok(Value::bool(call.text(0)?.as_str().starts_with('/')))),
    ("urlParse", Is(1), url_parse),
    ("urlJoin", Is(1), url_join),
];

fn base(call: &Call) -> Given {
    let text = call.text(0)?;
    let source = text.as_str();
    if source.is_empty() {
        return Ok(call.made(".", 0));
    }
    let end = source.trim_end_matches('/').len();
    if end == 0 {
        return Ok(Value::Text(text.slice(0..1)));
    }
    let start = source[..end].rfind('/').map_or(0, |at| at + 1);
    Ok(Value::Text(text.slice(start..end)))
}

fn dir(call: &Call) -> Given {
    let text = call.text(0)?;
    let source = text.as_str();
    let end = source.rfind('/').map_or(0, |at| at + 1);
    let cleaned = clean(&source[..end]);
    if source.starts_with(&cleaned) {
        Ok(Value::Text(text.slice(0..cleaned.len())))
    } else {
        Ok(call.made(cleaned, 0))
    }
}

fn ext(call: &Call) -> Given {
    let text = call.text(0)?;
    let source = text.as_str();
    let name = source.rfind('/').map_or(0, |at| at + 1);
    let start = source[name..].rfind('.').map_or(source.len(), |at| name + at);
    Ok(Value::Text(text.slice(start..source.len())))
}

/// A path without what leads nowhere.
fn clean(path: &str) -> String {
    let is_rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_rooted => {}
            part => parts.push(part),
        }
    }
    match (is_rooted, parts.join("/")) {
        (true, path) => format!("/{path}"),
        (false, path) if path.is_empty() => ".".into(),
        (false, path) => path,
    }
}

const PARTS: [&str; 8] = ["scheme", "userinfo", "host", "hostname", "path", "opaque", "query", "fragment"];

/// The parts of an address. Each keeps its place.
fn url_parse(call: &Call) -> Given {
    let text = call.text(0)?;
    let source = text.as_str();
    let (rest, fragment) =
        source.split_once('#').map_or((source, source.len()), |(rest, _)| (rest, rest.len() + 1));
    let (front, query) =
        rest.split_once('?').map_or((rest.len(), rest.len()), |(front, _)| (front.len(), front.len() + 1));
    let front = &source[..front];
    let is_scheme = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    let scheme = front.find(':').filter(|at| is_scheme(&front[..*at])).unwrap_or(0);
    let start = if scheme > 0 { scheme + 1 } else { 0 };
    let (authority, path) = if front[start..].starts_with("//") {
        let end = front[start + 2..].find('/').map_or(front.len(), |at| start + 2 + at);
        (start + 2..end, end..front.len())
    } else {
        (0..0, start..front.len())
    };
    let user = front[authority.clone()].rfind('@').map_or(0, |at| at + 1);
    let host = authority.start + user..authority.end;
    let port = front[host.clone()].rfind(':').filter(|at| !front[host.start + at..].contains(']'));
    let hostname = host.start..port.map_or(host.end, |at| host.start + at);
    let userinfo = authority.start..(authority.start + user).saturating_sub(1).max(authority.start);
    let (is_opaque, empty) =
        (scheme > 0 && !front[path.clone()].starts_with('/') && authority.is_empty(), 0..0);
    let (path, opaque) = if is_opaque { (empty, path) } else { (path, 0..0) };
    let ranges = [
        0..scheme,
        userinfo,
        host,
        hostname,
        path,
        opaque,
        query.min(rest.len())..rest.len(),
        fragment..source.len(),
    ];
    let entry = |(name, range): (&str, std::ops::Range<usize>)| {
        (Text::new(name, call.at), Value::Text(text.slice(range)))
    };
    let entries: Entries = PARTS.into_iter().zip(ranges).map(entry).collect();
    Ok(Value::Map(Map::new(entries, call.place(0))))
}

fn url_join(call: &Call) -> Given {
    let map = call.map(0)?;
    let part = |name: &str| {
        map.get(name)
            .and_then(|value| value.as_text().cloned())
            .map_or(String::new(), |text| text.as_str().into())
    };
    let [scheme, user, host, _, path, opaque, query, fragment] = PARTS.map(part);
    if scheme.is_empty() && host.is_empty() && path.is_empty() && opaque.is_empty() {
        return Stop::refused("an address of nothing");
    }
    let mut out = String::new();
    if !scheme.is_empty() {
        out += &format!("{scheme}:");
    }
    if !opaque.is_empty() {
        out += &opaque;
    } else {
        if !scheme.is_empty() || !host.is_empty() || !user.is_empty() {
            out += "//";
        }
        if !user.is_empty() {
            out += &format!("{user}@");
        }
        out += &host;
        if !path.is_empty() && !path.starts_with('/') && !host.is_empty() {
            out += "/";
        }
        out += &path;
    }
    if !query.is_empty() {
        out += &format!("?{query}");
    }
    if !fragment.is_empty() {
        out += &format!("#{fragment}");
    }
    Ok(call.made(out, 0))
}
