//! Words that stand where somebody is to put a name, a tag or a digest.

use super::Image;
use crate::text::Part;

/// Words that say it anywhere in a name or a tag.
const TELLING: [&str; 9] = [
    "placeholder",
    "changeme",
    "change-me",
    "change_me",
    "replaceme",
    "replace-me",
    "replace_me",
    "replacethis",
    "replace-this",
];

/// Whose or what, behind `my` and `your`. Private images are called `myapp`, so that is none.
const OWNED: [&str; 13] = [
    "registry",
    "repo",
    "repository",
    "org",
    "organization",
    "company",
    "project",
    "namespace",
    "account",
    "user",
    "username",
    "image",
    "image-name",
];

/// What owners are called who are none.
const OWNERS: [&str; 11] = [
    "user",
    "username",
    "org",
    "organization",
    "owner",
    "namespace",
    "account",
    "project",
    "company",
    "registry",
    "example",
];

/// What images are called that are none.
const NAMES: [&str; 7] = ["image", "image-name", "image_name", "imagename", "repo", "repository", "name"];

/// How keys begin that somebody strikes in a row, and what is within reach of the hand.
const KEYS: &str = "asdf";
const ROW: &[u8] = b"asdfghjklqwertzuiopyxcv";

/// What tags are called that are none.
const TAGS: [&str; 15] = [
    "tag",
    "image-tag",
    "image_tag",
    "imagetag",
    "your-tag",
    "your_tag",
    "yourtag",
    "my-tag",
    "mytag",
    "x.y.z",
    "vx.y.z",
    "todo",
    "tbd",
    "dontpull",
    "dont-pull",
];

/// Words in capitals that a script looks for.
const CAPITALS: [&str; 22] = [
    "ACCOUNT",
    "APP",
    "COMMIT",
    "DIGEST",
    "HASH",
    "HOST",
    "IMAGE",
    "NAME",
    "NAMESPACE",
    "ORG",
    "OWNER",
    "PROJECT",
    "REGION",
    "REGISTRY",
    "REPO",
    "REPOSITORY",
    "SHA",
    "TAG",
    "URL",
    "USER",
    "VERSION",
    "YOUR",
];

/// Domains that are kept for examples.
const EXAMPLES: [&str; 5] = ["example", "example.com", "example.net", "example.org", "invalid"];

/// What people call what is none, and the domains of the registries that they make up of it: `eu.foo.io`.
const MADE_UP: [&str; 4] = ["foo", "bar", "baz", "foobar"];
const TOPS: [&str; 4] = ["io", "com", "org", "net"];

/// The part of an image that is to be replaced, as fields of facts are called: the name or its host, or the tag where no digest
/// is given; the whole text where marks in it belong to no part.
pub(super) fn placeholder(image: &Image) -> Option<&'static str> {
    let (registry, repository) = (known(&image.registry), known(&image.repository));
    let is_host = registry.is_some_and(|host| {
        let host = host.split(':').next().unwrap_or(host);
        is_word(host) || is_example(host) || is_owned_host(host)
    });
    // GitHub's registry has no images without an owner.
    let is_ownerless = |name: &str| registry == Some("ghcr.io") && !name.is_empty() && !name.contains('/');
    let is_name = image.is_made_up
        || repository.is_some_and(|name| is_name(name, image.registry.is_some()) || is_ownerless(name));
    let is_tag = known(&image.tag).filter(|_| image.digest.is_none()).is_some_and(is_tag);
    let found =
        [(is_tag, "tag"), (is_name, "repository"), (is_host, "registry"), (has_mark(&image.text), "text")];
    found.into_iter().find_map(|(is_one, part)| is_one.then_some(part))
}

/// `@PROJECT@`, as configure scripts replace it.
fn has_mark(text: &str) -> bool {
    let is_of_mark = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let mut pieces = text.split('@');
    // What is before the first sign and behind the last is in no mark.
    pieces.next();
    pieces.next_back();
    pieces.any(|piece| piece.len() > 1 && piece.chars().all(is_of_mark))
}

fn known(part: &Option<Part>) -> Option<&str> {
    part.as_ref().filter(|part| part.is_known()).map(|part| part.text.as_str())
}

/// Whether a whole name is one: `your-org/app`, `user/image`, `IMAGE_URL`.
fn is_name(name: &str, has_registry: bool) -> bool {
    let lower = name.to_ascii_lowercase();
    let mut parts = lower.split('/');
    let (first, last) = (parts.next().unwrap_or_default(), lower.rsplit('/').next().unwrap_or_default());
    let is_alone = !lower.contains('/');
    name.split('/').any(is_word)
        || lower.split('/').any(is_owned)
        || !is_alone
            && (matches!(first, "username" | "example") || OWNERS.contains(&first) && NAMES.contains(&last))
        || is_alone && !has_registry && (NAMES.contains(&last) || is_invented(last))
}

/// Names that nobody publishes under: `dummyimagename`, `my-known-image`, keys that somebody struck in a row. Without an owner
/// they would be official images of Docker Hub, which are called by what is in them.
fn is_invented(name: &str) -> bool {
    let is_dummy = name.strip_prefix("dummy").is_some_and(|what| {
        let what = what.strip_prefix(['-', '_']).unwrap_or(what);
        what.is_empty() || NAMES.contains(&what)
    });
    let is_somebodys = name.starts_with("my") && name.ends_with("image");
    let is_struck =
        name.len() > KEYS.len() && name.starts_with(KEYS) && name.bytes().all(|b| ROW.contains(&b));
    is_dummy || is_somebodys || is_struck
}

/// Whether a tag is one: `IMAGE_TAG`, `replacethistag`, `x.y.z`.
fn is_tag(tag: &str) -> bool {
    TAGS.contains(&tag.to_ascii_lowercase().as_str()) || tag == "version" || is_word(tag)
}

/// A word that tells by itself that it is to be replaced.
fn is_word(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    TELLING.iter().any(|telling| lower.contains(telling))
        || word.contains('<') && word.contains('>')
        || word.len() > 4 && word.starts_with("__") && word.ends_with("__")
        || is_in_capitals(word)
}

fn is_in_capitals(word: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    let is_variable =
        word.contains('_') && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') && word.len() > 2;
    word.bytes().all(is_plain) && (is_variable || word.split(['_', '-']).any(|part| CAPITALS.contains(&part)))
}

/// `your-org`, `my_registry`, `yourimage`.
fn is_owned(word: &str) -> bool {
    let behind = ["your", "my"].iter().find_map(|whose| word.strip_prefix(whose));
    behind.is_some_and(|what| OWNED.contains(&what.strip_prefix(['-', '_', '.']).unwrap_or(what)))
}

/// `my-registry:5000` and `myregistry.azurecr.io`; `mycompany.io` and `myregistry.home.lan` may well be somebody's.
fn is_owned_host(host: &str) -> bool {
    let (label, domain) = host.split_once('.').unwrap_or((host, ""));
    let is_somebody =
        label.strip_prefix("my").is_some_and(|what| !what.contains("regis") && !what.contains("repo"));
    is_owned(label) && !is_somebody && matches!(domain, "" | "io" | "com" | "azurecr.io")
}

fn is_example(host: &str) -> bool {
    let is_below =
        |name: &str| host.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    let mut labels = host.rsplit('.');
    let is_made_up = labels.next().is_some_and(|top| TOPS.contains(&top))
        && labels.next().is_some_and(|name| MADE_UP.contains(&name));
    is_made_up || EXAMPLES.iter().any(|name| is_below(name))
}

/// Whether a digest is one that nobody computed: words in capitals, one letter repeated, the keys in a row.
pub(super) fn is_made_up(digest: &Part) -> bool {
    let Some((algorithm, hex)) = digest.text.split_once(':') else { return false };
    if !algorithm.eq_ignore_ascii_case("sha256") && !algorithm.eq_ignore_ascii_case("sha512") {
        return false;
    }
    if hex.is_empty() || !digest.is_known() {
        return false;
    }
    let lower = hex.to_ascii_lowercase();
    let says_so = ["digest", "placeholder", "replace", "todo", "changeme", "example", "your"];
    if hex.contains(['<', '>', '_', '…'])
        || hex.contains("...")
        || says_so.iter().any(|word| lower.contains(word))
        || lower.bytes().all(|b| b == b'x')
    {
        return true;
    }
    if lower.len() < 32 || !lower.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    let bytes = lower.as_bytes();
    // A true digest of 64 digits uses nearly all of them, and never repeats itself.
    let distinct = bytes.iter().fold(0u64, |seen, b| seen | 1 << (b & 63)).count_ones();
    distinct <= 4 || (1..=20).any(|period| bytes.chunks(period).all(|chunk| bytes.starts_with(chunk)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::parse_reference;
    use crate::text::{Hole, Origin, Reason, SourceId, Span};

    fn part(text: &str) -> Part {
        Part::new(text, Origin::verbatim(Span::new(SourceId(0), 0, text.len())))
    }

    #[test]
    fn placeholders_are_told_from_names() {
        let digest =
            format!("@sha256:{}", "9d6b58feebd2dbd3c56ab5853333d627cc6e281011cfd6050fa4bcf2072c9496");
        for (images, expected) in [
            (
                "REGISTRY_PLACEHOLDER/app:1.2.3 registry.example.com/app:1.2.3 example.com/a/b registry.example:5000/a \
                 ghcr.io/your-org/app:1.2.3 your-registry/app your_registry:5000/app:1 myregistry.azurecr.io/app:1.2.3 \
                 myorg/myimage:TAG user/image:tag username/app:1.2.3 ghcr.io/OWNER/app:1.2.3 IMAGE_URL WEB_FRONT PLACEHOLDER \
                 <your-image> ghcr.io/<owner>/app:1.2.3 app:<version> app:IMAGE_TAG app:TAG app:CHANGEME app:replacethistag \
                 app:x.y.z app:__VERSION__ app:your-tag my-image:1.0 app:dontpull ghcr.io/busybox:1.35 ghcr.io/busybox \
                 eu.foo.io/app bar.io/acme/app:1.2.3 \
                 gcr.io/PROJECT_ID/app:1.2.3 example/app:1.0 placeholder:latest image:1.2.3 gcr.io/my-project/app:v1 dummyimagename \
                 dummy dummy-image:1.0 dummy_repo myknownimage my-known-image:latest asdfeasdfasada:latest asdfgh",
                true,
            ),
            (
                "nginx:1.27.3 NGINX ghcr.io/Owner/app:1.2.3 registry:2 ghcr.io/acme/image:1.2.3 yourls:1.9 app:RELEASE \
                 myapp:1.0 mycompany.io/app:1.2.3 registry.home.lan/app:1 myregistry.home.lan/app:1 user/app:1.2.3 \
                 owner/app:v1.2.3 acme/repo-server:1.2.3 app:STABLE app:V2 ghcr.io/acme/user:1.2.3 my-app:1.2.3 \
                 examples.com/app:1.2.3 foo.bar.dev/app:1.2.3 foo/app:1.2.3 quay.io/app:1.2.3 acme/example:1.2.3 dummy-server:1.2.3 acme/dummyimage:1.2.3 mypy:1.2 \
                 ghcr.io/acme/my-known-image:1.2.3 imagemagick:7 asdf:0.14 asdf-vm:1.2.3 app:version-1.2.3 minio/minio:RELEASE.2024-08-29T01-40-52Z",
                false,
            ),
        ] {
            for image in images.split_whitespace() {
                assert_eq!(placeholder(&parse_reference(&part(image))).is_some(), expected, "{image}");
            }
        }
        // The digest decides, so that the tag is decoration; the name is none.
        assert_eq!(placeholder(&parse_reference(&part(&format!("app:TAG{digest}")))), None);
        let named = parse_reference(&part(&format!("your-org/app{digest}")));
        assert_eq!(placeholder(&named), Some("repository"));
        let hole = Hole::new(Reason::Variable, "TAG");
        assert_eq!(placeholder(&parse_reference(&part("app:TAG").with_holes(&[(4..7, hole)]))), None);
    }

    #[test]
    fn the_part_that_is_to_be_replaced_is_named() {
        for (image, expected) in [
            ("app:TAG", "tag"),
            ("placeholder:latest", "repository"),
            ("ghcr.io/your-org/app:1.2.3", "repository"),
            ("your-org/app:TAG", "tag"),
            ("registry.example.com/app:1.2.3", "registry"),
            ("gcr.io/@PROJECT@/app", "text"),
        ] {
            assert_eq!(placeholder(&parse_reference(&part(image))), Some(expected), "{image}");
        }
    }

    #[test]
    fn made_up_digests_are_told_from_true_ones() {
        for (hex, expected) in [
            ("NEW_DIGEST_HERE", true),
            ("REPLACEME", true),
            ("<digest>", true),
            ("xxxx", true),
            ("", false),
            ("abc123", false),
            ("abc123...", true),
            ("abc.d", false),
            ("1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef", true),
            ("0000000000000000000000000000000000000000000000000000000000000000", true),
            ("deadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef", true),
            ("9d6b58feebd2dbd3c56ab5853333d627cc6e281011cfd6050fa4bcf2072c9496", false),
        ] {
            let text = format!("sha256:{hex}");
            assert_eq!(is_made_up(&part(&text)), expected, "{hex}");
            let hole = Hole::new(Reason::Variable, "X");
            assert!(!is_made_up(&part(&text).with_holes(&[(7..text.len(), hole)])), "{hex}");
        }
    }
}
