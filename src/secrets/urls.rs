//! Passwords in URLs: `scheme://user:password@host`. A database's URL is a connection string, the rest basic auth.

use super::found::{Found, part};
use super::stops::Stops;
use super::value::{self, Kind};
use super::{drawn, filler};
use crate::facts::{Evidence, SecretKind, Weakness};
use crate::text::File;
use std::ops::Range;

/// Every URL with a password in it; the span is the password.
pub(super) fn find(file: &File, stops: &Stops, push: &mut impl FnMut(Found)) {
    find_at(file.text, stops.urls.iter().map(|at| *at as usize), |range| part(file, range), push);
    for at in stops.oracles.iter().map(|at| *at as usize) {
        let url = Url { scheme: "jdbc", user: "", host: "oracle", is_cut: false };
        let window =
            file.text[at..].char_indices().take(LONGEST_URL).last().map_or(at, |(last, _)| at + last);
        let found = of_oracle(&file.text[..window], at)
            .and_then(|password| judge(file.text, &url, password, |range| part(file, range)));
        found.into_iter().for_each(&mut *push);
    }
}

/// `jdbc:oracle:thin:user/password@host`: no scheme before two slashes, but the same.
fn of_oracle(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text[at..].split([' ', '"', '\'', '\n', '<']).next().unwrap_or_default();
    let start = rest.find('/')?;
    let end = rest.find('@').filter(|end| *end > start + 1)?;
    Some(at + start + 1..at + end)
}

/// The same in a text that is not a file: a decoded value, a scalar with its own place.
pub(super) fn find_in(
    text: &str,
    part: impl Fn(Range<usize>) -> crate::text::Part,
    push: &mut impl FnMut(Found),
) {
    find_at(text, memchr::memmem::find_iter(text.as_bytes(), b"://"), part, push);
}

fn find_at(
    text: &str,
    places: impl Iterator<Item = usize>,
    part: impl Fn(Range<usize>) -> crate::text::Part,
    push: &mut impl FnMut(Found),
) {
    for at in places {
        if let Some((url, password)) = password(text, at)
            && let Some(found) = judge(text, &url, password, &part)
        {
            push(found);
        }
    }
}

/// Whether a text is a URL that holds a password of its own; so that others need not report it whole.
pub(super) fn holds_password(text: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), b"://").any(|at| password(text, at).is_some())
}

/// No address of a database is longer.
const LONGEST_URL: usize = 300;

/// The parts of a URL that matter here.
struct Url<'a> {
    scheme: &'a str,
    user: &'a str,
    host: &'a str,
    /// Another `@` follows: what looks like a host may be a piece of the password.
    is_cut: bool,
}

/// Schemes of databases and queues, whose URLs people call connection strings.
#[rustfmt::skip]
const DATABASES: &[&str] = &[
    "postgres", "postgresql", "mysql", "mariadb", "mongodb", "redis", "rediss", "amqp", "amqps", "mssql",
    "sqlserver", "cockroachdb", "clickhouse", "cassandra", "influxdb", "couchdb", "neo4j", "bolt", "nats",
    "kafka", "ldap", "ldaps", "smtp", "smtps", "imap", "imaps", "mqtt", "mqtts", "jdbc", "oracle", "db2",
    "memcached", "etcd", "valkey", "rabbitmq", "stomp", "sftp", "ftp", "ftps", "pgsql", "psql", "timescaledb",
    "dragonfly",
];

fn password(text: &str, at: usize) -> Option<(Url<'_>, Range<usize>)> {
    let bytes = text.as_bytes();
    let length = bytes[..at]
        .iter()
        .rev()
        .take(24)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-'))
        .count();
    let scheme = &text[at - length..at];
    let start = at + 3;
    let window = &bytes[start..bytes.len().min(start + 512)];
    let stop = window
        .iter()
        .position(|byte| {
            byte.is_ascii_whitespace()
                || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b',' | b'\\' | b'|')
        })
        .unwrap_or(window.len());
    // A password may hold a slash or a question mark, but then it holds the last `@` of the URL too.
    let authority = window[..stop].iter().position(|&byte| byte == b'/').unwrap_or(stop);
    let sign = memchr::memrchr(b'@', &window[..authority]).or_else(|| {
        let end = window[..stop].iter().position(|byte| matches!(byte, b'?' | b'#' | b')')).unwrap_or(stop);
        memchr::memrchr(b'@', &window[..end]).filter(|&sign| {
            memchr::memchr(b':', &window[..authority.min(sign)]).is_some()
                && is_password_before_slash(&window[..authority])
        })
    })?;
    let colon = memchr::memchr(b':', &window[..sign])?;
    let (from, to) = (start + colon + 1, start + sign);
    let user = text.get(start..start + colon)?;
    let host_end = window[sign + 1..stop]
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?' | b'#'))
        .map_or(stop, |end| sign + 1 + end);
    let host = text.get(to + 1..start + host_end)?;
    (from < to && text.get(from..to).is_some() && !scheme.is_empty())
        .then(|| (Url { scheme, user, host, is_cut: window[sign + 1..stop].contains(&b'@') }, from..to))
}

/// Whether an authority that a slash cut short was cut inside a password, not after a host and its port.
fn is_password_before_slash(cut: &[u8]) -> bool {
    let port = memchr::memrchr(b':', cut).map_or(&[][..], |colon| &cut[colon + 1..]);
    !cut.contains(&b'.') && !port.iter().all(u8::is_ascii_digit)
}

fn judge(
    text: &str,
    url: &Url,
    range: Range<usize>,
    part: impl Fn(Range<usize>) -> crate::text::Part,
) -> Option<Found> {
    let secret = &text[range.clone()];
    // Patterns, formats and documentation.
    if secret.len() < 3
        || secret.contains(['(', ')', '{', '}', '[', ']', '*', '<'])
        || url.host.is_empty()
        || url.host.starts_with(['/', ':'])
    {
        return None;
    }
    if secret.starts_with('%') && !secret[1..].starts_with(|c: char| c.is_ascii_hexdigit())
        || secret.starts_with('$')
    {
        return None;
    }
    let is_database = database(url).is_some();
    let lower = secret.to_ascii_lowercase();
    let is_dummy = [
        "password", "pass", "passwd", "pwd", "secret", "token", "pw", "user", "username", "port", "mypass",
        "pass123", "p",
    ]
    .contains(&lower.as_str());
    let host = url.host.to_ascii_lowercase();
    let is_elsewhere =
        ["example.", "example:", "domain.", "yourhost", "your-"].iter().any(|word| host.contains(word))
            || host == "host"
            || host == "hostname"
            || host == "server";
    if is_dummy && (is_elsewhere || !is_database) {
        return None;
    }
    // Weak passwords in comments and for a user called `user` explain the form of a URL.
    let line = super::found::line_around(text.as_bytes(), range.start, 400);
    let is_explained = matches!(url.user, "user" | "username" | "login" | "name" | "myuser")
        || text[line.start..].trim_start().starts_with(['#', '/', ';']);
    if matches!(value::kind(secret), Kind::Weak | Kind::ToChange)
        && (is_explained || is_dummy && is_elsewhere)
    {
        return None;
    }
    let because = "a password stands between the user and the host";
    let is_own_name = secret == url.user;
    let kind = match value::kind(secret) {
        Kind::Weak => SecretKind::Weak,
        Kind::ToChange if is_database => SecretKind::Weak,
        Kind::Literal if is_own_name || filler::is_described(secret) => SecretKind::Weak,
        Kind::Literal if is_database => SecretKind::ConnectionString,
        Kind::Literal => SecretKind::BasicAuth,
        _ => return None,
    };
    let mut found = Found::new(kind, "password", part(range)).going(goes(url));
    let weakness = match value::kind(secret) {
        _ if is_own_name => Weakness::User,
        Kind::Literal => Weakness::Described,
        _ => value::weakness(secret),
    };
    found = found.because(if kind == SecretKind::Weak { weakness.says() } else { because });
    let is_near = host.starts_with("localhost") || host.starts_with("127.");
    found.evidence = match kind {
        SecretKind::Weak => Evidence::Weak(weakness),
        _ if drawn::is_drawn(secret) => Evidence::Random,
        _ if is_elsewhere || is_near => Evidence::Likely,
        _ => Evidence::Human,
    };
    Some(found)
}

/// The scheme of a URL, as databases and queues call theirs.
fn database(url: &Url) -> Option<&'static str> {
    let is_part = |scheme: &str| url.scheme.split('+').any(|part| part.eq_ignore_ascii_case(scheme));
    DATABASES.iter().copied().find(|scheme| is_part(scheme))
}

/// Which URL it is: by its scheme, or by its host where that is plainly one, and no rest of a password.
fn goes(url: &Url) -> String {
    let is_name = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let host = url.host.split(':').next().unwrap_or_default();
    let top = host.rsplit('.').next().unwrap_or_default();
    let is_host = host.contains('.')
        && host.split('.').all(is_name)
        && (2..=6).contains(&top.len())
        && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    match database(url) {
        Some(scheme) => format!("in a URL (`{scheme}`)"),
        None if is_host && !url.is_cut => format!("in a URL of `{host}`"),
        None => "in a URL".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tables::Tables;
    use super::super::walk::{Depth, walk};
    use super::*;
    use crate::text::SourceId;

    #[test]
    fn passwords_in_urls_are_found_at_their_bytes() {
        let table = [
            (
                "DATABASE_URL=postgres://app:%PW%@db:5432/app",
                Some((SecretKind::ConnectionString, "w0mbat-7-%40")),
            ),
            ("url: https://bot:%PW%@git.corp.net/x.git", Some((SecretKind::BasicAuth, "w0mbat-7-%40"))),
            ("redis://:%PW%@cache:6379/0", Some((SecretKind::ConnectionString, "w0mbat-7-%40"))),
            (
                "mongodb+srv://root:%PW%@cluster0.x.net/?retry=true",
                Some((SecretKind::ConnectionString, "w0mbat-7-%40")),
            ),
            ("jdbc:mysql://root:%WEAK%@db/x", Some((SecretKind::Weak, "admin"))),
            ("postgres://app:kestrel-db-password@db/x", Some((SecretKind::Weak, "kestrel-db-password"))),
            ("https://user:pass@example.com", None),
            ("https://user@host/x", None),
            ("https://${USER}:${PASS}@host/", None),
            ("http://localhost:8080/@scope/pkg", None),
            ("https://a.b/c:d@e", None),
            ("see https://x.org: mail me@x.org", None),
            ("postgres://app:{{ .Values.password }}@db/x", None),
        ];
        for (text, expected) in table {
            let text = &text.replace("%PW%", "w0mbat-7-%40").replace("%WEAK%", "admin");
            let (mut out, mut stops) = (Vec::new(), Stops::default());
            walk(text, &Tables::default(), Depth::Forms, &mut stops);
            find(&File { id: SourceId(0), name: "x", text }, &stops, &mut |found| out.push(found));
            let got = out.first().map(|found| (found.kind, found.value.text.as_str()));
            assert_eq!(got, expected, "{text}");
        }
    }

    #[test]
    fn what_is_before_one_may_be_long_and_of_any_letters() {
        for blanks in 0..4 {
            let text = &format!("{}{}redis://:admin@cache/0", "\u{feff}".repeat(200), " ".repeat(blanks));
            let (mut out, mut stops) = (0, Stops::default());
            walk(text, &Tables::default(), Depth::Forms, &mut stops);
            find(&File { id: SourceId(0), name: "x", text }, &stops, &mut |_| out += 1);
            assert_eq!(out, 1, "{blanks}");
        }
    }
}
