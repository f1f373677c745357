//! The formats of texts that a JSON Schema can ask for. Those that no chart asks for fit anything.

use crate::text::{Date, patterns};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether a text has a format.
pub(super) fn fits(format: &str, text: &str) -> bool {
    match format {
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "hostname" => is_host(text),
        "email" => text.rsplit_once('@').is_some_and(|(name, host)| !name.is_empty() && is_host(host)),
        "date" => text.len() == 10 && Date::parse(text).is_some(),
        "uri" | "iri" => is_uri(text),
        "uuid" => is_uuid(text),
        "regex" => patterns::regex(text).is_ok(),
        _ => true,
    }
}

fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let host = text.strip_suffix('.').unwrap_or(text);
    host.len() <= 253 && host.split('.').all(is_label)
}

fn is_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    })
}

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}
