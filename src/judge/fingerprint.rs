//! Names for findings that outlive moved lines: rule, file, owner and path inside it, and the owner's own file; never a
//! line, and nothing of a value: they are published.

use crate::finding::Finding;
use crate::redact::Redactor;
use crate::text::Sources;
use std::collections::BTreeMap;

/// Gives each finding its fingerprint. Equal ones are numbered in the order of the file.
pub fn seal(findings: &mut [Finding], sources: &Sources, redactor: &Redactor) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let names = findings.iter().map(|finding| (finding.owner.clone(), finding.path.clone()));
    let names = redactor.show(names.collect::<Vec<_>>());
    for (finding, (owner, path)) in findings.iter_mut().zip(names.iter()) {
        let file = sources.name(finding.origin.span().source);
        // The last part is nothing: without it every baseline would have to be written anew.
        let base = hash(&[&finding.rule, file, owner, path, ""]);
        let count = seen.entry(base.clone()).or_insert(0);
        *count += 1;
        let numbered = |base: String, count: usize| match count {
            1 => base,
            _ => hash(&[&base, &count.to_string()]),
        };
        let Some(home) = finding.home else {
            finding.fingerprint = numbered(base, *count);
            continue;
        };
        finding.former = Some(numbered(base.clone(), *count));
        let base = hash(&[&base, sources.name(home)]);
        let count = seen.entry(base.clone()).or_insert(0);
        *count += 1;
        finding.fingerprint = numbered(base, *count);
    }
}

/// A stable 128-bit hash of parts, in hex. It is no lock: whoever can guess a value can see that it fits, so no secret is
/// hashed by it.
pub fn hash(parts: &[&str]) -> String {
    let (mut a, mut b) = (0xcbf2_9ce4_8422_2325_u64, 0x9e37_79b9_7f4a_7c15_u64);
    for part in parts {
        for &byte in part.as_bytes().iter().chain(&[0xff]) {
            a = (a ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            b = (b.rotate_left(5) ^ u64::from(byte)).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }
    let mix = |mut x: u64| {
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    };
    format!("{:016x}{:016x}", mix(a), mix(b ^ a.rotate_left(32)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_knows_where_parts_end() {
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_eq!(hash(&["ab", "c"]), hash(&["ab", "c"]));
        assert_eq!(hash(&["x"]).len(), 32);
    }
}
