//! Credentials in HTTP headers, wherever headers stand: requests, proxies, commands, dashboards.

use super::context::Context;
use super::decode;
use super::found::Found;
use super::judge::Setting;
use super::stops::{Reader, Stops};
use super::tell::{Told, tell};
use super::writing;
use crate::facts::{Evidence, SecretKind, SecretPlace};
use crate::text::File;
use std::ops::Range;

/// What comes before the credential.
pub(super) const SCHEMES: [&str; 7] =
    ["Bearer ", "bearer ", "Basic ", "basic ", "uthorization: token ", "PRIVATE-TOKEN: ", "X-Api-Key: "];
/// No credential in a header is shorter.
const SHORTEST: usize = 8;
const LONGEST: usize = 2048;

/// Every credential of a header.
pub(super) fn find(file: &File, context: &Context, stops: &Stops, push: &mut impl FnMut(Found)) {
    let bytes = file.text.as_bytes();
    for hit in stops.of(Reader::Headers) {
        let is_word = hit.start.checked_sub(1).is_some_and(|at| bytes[at].is_ascii_alphanumeric());
        let scheme = hit.word;
        if is_word && !scheme.starts_with("uthor") {
            continue;
        }
        let range = credential(bytes, hit.end());
        let Some(text) = file.text.get(range.clone()).filter(|text| !text.is_empty()) else { continue };
        if text.len() < SHORTEST && !scheme.eq_ignore_ascii_case("basic ") {
            continue;
        }
        let found = match scheme {
            "Basic " | "basic " => basic(file, context, range, text),
            _ => tell(file, context, told(range, "token")),
        };
        // A sentence speaks of bearer tokens and basic authentication.
        found.into_iter().filter(|found| found.evidence != Evidence::Doubtful).for_each(&mut *push);
    }
}

fn credential(bytes: &[u8], from: usize) -> Range<usize> {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
    let length = bytes[from..].iter().take(LONGEST).take_while(is_part).count();
    // What goes on with a form is put together elsewhere.
    let is_form = matches!(bytes.get(from + length), Some(b'$' | b'{' | b'<' | b'%' | b'(' | b'*' | b'['));
    if is_form { from..from } else { from..from + length }
}

/// A user and a password in base64, or with a blank between them as clients for requests write them.
fn basic(file: &File, context: &Context, range: Range<usize>, text: &str) -> Option<Found> {
    if let Some(plain) = decode::text(text).filter(|plain| plain.contains(':')) {
        let (_, password) = plain.split_once(':')?;
        let copy = File { text: password, ..*file };
        let mut found = tell(&copy, context, told(0..password.len(), "password"))?;
        if matches!(found.evidence, Evidence::Weak(_)) && writing::is_prose(file) {
            return None;
        }
        found.value = super::found::part(file, range);
        found.decoded = vec!["base64".into()];
        return Some(found);
    }
    // `Basic user password`, as clients that read requests from files take it.
    let is_request = [".http", ".rest"].iter().any(|end| file.base().ends_with(end));
    let bytes = &file.text.as_bytes()[range.end..];
    let length =
        bytes.iter().take(LONGEST).position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(bytes.len());
    let is_password = is_request && length <= LONGEST && bytes.starts_with(b" ");
    let password = range.end + 1..range.end + length.max(1);
    is_password.then(|| tell(file, context, told(password, "password")))?
}

fn told(range: Range<usize>, name: &'static str) -> Told<'static> {
    Told {
        range,
        name,
        named: None,
        setting: Setting::Given,
        kind: SecretKind::Assigned,
        place: SecretPlace::Text,
        what: name,
        goes: "in an HTTP header",
    }
}
