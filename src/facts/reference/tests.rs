//! The torture table of references: text, parts, fault, pin.

use super::*;
use crate::facts::Moves;
use crate::text::{Hole, Reason, SourceId, Span};

/// `text => registry | repository | tag | digest | pin | part of the fault`; `-` is nothing, `''` is empty.
/// `{d}` stands for a sha256 digest, `{h}` for its hex, `{H}` for that in upper case, `{5}` for a sha512
/// digest, `{tN}` and `{nN}` for N letters. Holes stand between `‹` and `›`.
const TORTURE: &str = r"
nginx => - | nginx | - | - | untagged | -
nginx:latest => - | nginx | latest | - | latest | -
nginx:1.25.3 => - | nginx | 1.25.3 | - | tag | -
nginx:1.25 => - | nginx | 1.25 | - | may-move | -
nginx:1 => - | nginx | 1 | - | moving | -
nginx:stable => - | nginx | stable | - | may-move | -
nginx:alpine => - | nginx | alpine | - | may-move | -
nginx:1.25.3-alpine3.18 => - | nginx | 1.25.3-alpine3.18 | - | tag | -
nginx:1.25-alpine3.18 => - | nginx | 1.25-alpine3.18 | - | may-move | -
nginx:Latest => - | nginx | Latest | - | may-move | -
nginx:latest-alpine => - | nginx | latest-alpine | - | may-move | -
nginx@{d} => - | nginx | - | {d} | digest-only | -
nginx:1.25@{d} => - | nginx | 1.25 | {d} | pinned | -
nginx:latest@{d} => - | nginx | latest | {d} | pinned | -
library/nginx:1.2.3 => - | library/nginx | 1.2.3 | - | tag | -
docker.io/nginx => docker.io | nginx | - | - | untagged | -
docker.io/library/nginx:1.2.3 => docker.io | library/nginx | 1.2.3 | - | tag | -
index.docker.io/library/nginx:1.2.3 => index.docker.io | library/nginx | 1.2.3 | - | tag | -
owner/app:v1.2.3 => - | owner/app | v1.2.3 | - | tag | -
a/b/c/d/e:1.2.3 => - | a/b/c/d/e | 1.2.3 | - | tag | -
ghcr.io/owner/app:v2.0.1@{d} => ghcr.io | owner/app | v2.0.1 | {d} | pinned | -
quay.io/prometheus/node-exporter:v1.7.0 => quay.io | prometheus/node-exporter | v1.7.0 | - | tag | -
registry.k8s.io/pause:3.9 => registry.k8s.io | pause | 3.9 | - | may-move | -
localhost/app:1.2.3 => localhost | app | 1.2.3 | - | open | -
localhost:5000/app => localhost:5000 | app | - | - | untagged | -
localhost:5000/app:1.2.3 => localhost:5000 | app | 1.2.3 | - | tag | -
localhost:5000 => - | localhost | 5000 | - | may-move | -
registry:5000/app => registry:5000 | app | - | - | untagged | -
registry:5000/app@{d} => registry:5000 | app | - | {d} | digest-only | -
10.0.0.1:5000/app:1.2.3 => 10.0.0.1:5000 | app | 1.2.3 | - | tag | -
10.0.0.1/app:1.2.3 => 10.0.0.1 | app | 1.2.3 | - | tag | -
[::1]:5000/app:1.2.3 => [::1]:5000 | app | 1.2.3 | - | tag | -
[2001:db8::1]/owner/app:1.2.3 => [2001:db8::1] | owner/app | 1.2.3 | - | tag | -
[fe80::1%25eth0]:5000/app:1.2.3 => [fe80::1%25eth0]:5000 | app | 1.2.3 | - | malformed | no IPv6 address
[::1:5000/app => [::1:5000 | app | - | - | malformed | not closed
[]:5000/app => []:5000 | app | - | - | malformed | no IPv6 address
[::1]x/app => [::1]x | app | - | - | malformed | no host name
[::1]:5000 => - | [ | :1]:5000 | - | malformed | no tag may hold
host.name:65536/app => host.name:65536 | app | - | - | malformed | port
host.name:/app => host.name: | app | - | - | malformed | port
host.name:x/app => host.name:x | app | - | - | malformed | port
host.name:+80/app => host.name:+80 | app | - | - | malformed | port
host..name/app => host..name | app | - | - | malformed | no host name
-host.name/app => -host.name | app | - | - | malformed | no host name
host-.name/app => host-.name | app | - | - | malformed | no host name
.host/app => .host | app | - | - | malformed | no host name
ho_st.name/app => ho_st.name | app | - | - | malformed | no host name
HOST.NAME/app:1.2.3 => HOST.NAME | app | 1.2.3 | - | tag | -
under_score/app:1.2.3 => - | under_score/app | 1.2.3 | - | tag | -
Owner/app:1.2.3 => - | Owner/app | 1.2.3 | - | malformed | upper-case
owner/App:1.2.3 => - | owner/App | 1.2.3 | - | malformed | upper-case
NGINX => - | NGINX | - | - | malformed | upper-case
ghcr.io/Owner/app => ghcr.io | Owner/app | - | - | malformed | upper-case
x: => - | x | '' | - | malformed | no tag behind
x:@{d} => - | x | '' | {d} | malformed | no tag behind
x@ => - | x | - | '' | malformed | no digest behind
x:1@ => - | x | 1 | '' | malformed | no digest behind
x@latest => - | x | - | latest | malformed | algorithm:hex
x:1@latest => - | x | 1 | latest | malformed | algorithm:hex
x@1.2.3 => - | x | - | 1.2.3 | malformed | algorithm:hex
x@{h} => - | x | - | {h} | malformed | algorithm:hex
x@:{h} => - | x | - | :{h} | malformed | without an algorithm
x@sha256: => - | x | - | sha256: | malformed | empty
x@sha256:abc123 => - | x | - | sha256:abc123 | malformed | too short
x@sha256:{h}0 => - | x | - | sha256:{h}0 | malformed | too long
x@sha256:{H} => - | x | - | sha256:{H} | malformed | upper case
x@SHA256:{h} => - | x | - | SHA256:{h} | malformed | algorithm in upper case
x@md5:{h} => - | x | - | md5:{h} | malformed | do not know
x@sha1:{h} => - | x | - | sha1:{h} | malformed | do not know
x@{5} => - | x | - | {5} | digest-only | -
x:1@{5} => - | x | 1 | {5} | pinned | -
x@sha512:{h} => - | x | - | sha512:{h} | malformed | too short
x@sha384:{h} => - | x | - | sha384:{h} | malformed | too short
x@blake3:{h} => - | x | - | blake3:{h} | digest-only | -
x@{d}@{d} => - | x | - | {d}@{d} | malformed | more than one
x@{d}:1.2 => - | x | - | {d}:1.2 | malformed | else than hex
x@sha256:g{h} => - | x | - | sha256:g{h} | malformed | else than hex
x@sha256:NEW_DIGEST_HERE => - | x | - | sha256:NEW_DIGEST_HERE | placeholder-digest | else than hex
x:1.2@sha256:<digest> => - | x | 1.2 | sha256:<digest> | placeholder-digest | else than hex
x@sha256:xxxxxxxx => - | x | - | sha256:xxxxxxxx | placeholder-digest | else than hex
x@sha256:0000000000000000000000000000000000000000000000000000000000000000 => - | x | - | sha256:0000000000000000000000000000000000000000000000000000000000000000 | placeholder-digest | -
x@sha256:1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef => - | x | - | sha256:1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef | placeholder-digest | -
{h} => - | {h} | - | - | malformed | bare image id
owner/{h} => - | owner/{h} | - | - | untagged | -
{d} => - | sha256 | {h} | - | malformed | without a name
{t128} => - | {t128} | - | - | untagged | -
x:{t128} => - | x | {t128} | - | may-move | -
x:{t129} => - | x | {t129} | - | malformed | 128 characters
{n255}:1.2.3 => - | {n255} | 1.2.3 | - | tag | -
{n256}:1.2.3 => - | {n256} | 1.2.3 | - | malformed | 255 characters
x:_1.2.3 => - | x | _1.2.3 | - | tag | -
x:-1.2.3 => - | x | -1.2.3 | - | malformed | does not begin
x:.1 => - | x | .1 | - | malformed | does not begin
x:1.2.3+build => - | x | 1.2.3+build | - | malformed | no tag may hold
x:1.2:3 => - | x | 1.2:3 | - | malformed | no tag may hold
x:1.2.3~rc1 => - | x | 1.2.3~rc1 | - | malformed | no tag may hold
x:ünï => - | x | ünï | - | malformed | no tag may hold
ünï:1 => - | ünï | 1 | - | malformed | no name may hold
x:<tag> => - | x | <tag> | - | placeholder | no tag may hold
x:* => - | x | * | - | malformed | no tag may hold
x:1.2% => - | x | 1.2% | - | malformed | no tag may hold
x%20y:1 => - | x%20y | 1 | - | malformed | no name may hold
x:1.2.3,y => - | x | 1.2.3,y | - | malformed | no tag may hold
x!:1 => - | x! | 1 | - | malformed | no name may hold
x,y => - | x,y | - | - | malformed | no name may hold
a b => - | a b | - | - | malformed | blank
a:1 b => - | a | 1 b | - | malformed | blank
a-b:1.2.3 => - | a-b | 1.2.3 | - | tag | -
a--b:1.2.3 => - | a--b | 1.2.3 | - | tag | -
a---b:1.2.3 => - | a---b | 1.2.3 | - | tag | -
a_b:1.2.3 => - | a_b | 1.2.3 | - | tag | -
a__b:1.2.3 => - | a__b | 1.2.3 | - | tag | -
a___b:1.2.3 => - | a___b | 1.2.3 | - | malformed | side by side
a.b:1.2.3 => - | a.b | 1.2.3 | - | tag | -
a..b:1.2.3 => - | a..b | 1.2.3 | - | malformed | side by side
a.-b:1.2.3 => - | a.-b | 1.2.3 | - | malformed | side by side
a-_b:1.2.3 => - | a-_b | 1.2.3 | - | malformed | side by side
-a:1.2.3 => - | -a | 1.2.3 | - | malformed | begins or ends
a-:1.2.3 => - | a- | 1.2.3 | - | malformed | begins or ends
a/-b:1.2.3 => - | a/-b | 1.2.3 | - | malformed | begins or ends
a/b_/c:1.2.3 => - | a/b_/c | 1.2.3 | - | malformed | begins or ends
/a => - | /a | - | - | malformed | empty part
a/ => - | a/ | - | - | malformed | empty part
a//b => - | a//b | - | - | malformed | empty part
ghcr.io/ => ghcr.io | '' | - | - | malformed | empty part
ghcr.io//a:1 => ghcr.io | /a | 1 | - | malformed | empty part
:1.2.3 => - | '' | 1.2.3 | - | malformed | empty part
@{d} => - | '' | - | {d} | malformed | empty part
./app => . | app | - | - | malformed | no host name
../app:1 => .. | app | 1 | - | malformed | no host name
docker://nginx:1.2.3 => docker: | /nginx | 1.2.3 | - | malformed | scheme
https://ghcr.io/a/b:1.2.3 => https: | /ghcr.io/a/b | 1.2.3 | - | malformed | scheme
oci://ghcr.io/a/b => oci: | /ghcr.io/a/b | - | - | malformed | scheme
ghcr.io/a/b:1.2.3/c => ghcr.io | a/b:1.2.3/c | - | - | malformed | no name may hold
a:80/b => a:80 | b | - | - | untagged | -
a:80/b:90/c => a:80 | b:90/c | - | - | malformed | no name may hold
123:1.2.3 => - | 123 | 1.2.3 | - | tag | -
1.2.3 => - | 1.2.3 | - | - | untagged | -
app:abc1234 => - | app | abc1234 | - | build | -
app:sha-9f8e7d6 => - | app | sha-9f8e7d6 | - | build | -
app:16-9f8e7d6c5b4a => - | app | 16-9f8e7d6c5b4a | - | build | -
app:1.2.3-g9f8e7d6 => - | app | 1.2.3-g9f8e7d6 | - | build | -
app:defaced => - | app | defaced | - | may-move | -
app:v1 => - | app | v1 | - | moving | -
app:v1.2 => - | app | v1.2 | - | may-move | -
app:1.2.3.4 => - | app | 1.2.3.4 | - | tag | -
app:8u392-jre => - | app | 8u392-jre | - | tag | -
app:2024.10.1 => - | app | 2024.10.1 | - | tag | -
app:1.x => - | app | 1.x | - | moving | -
app:server-cuda => - | app | server-cuda | - | may-move | -
app:pg16-v0.7.0 => - | app | pg16-v0.7.0 | - | tag | -
app:pg16 => - | app | pg16 | - | may-move | -
‹${IMAGE}› => - | ${IMAGE} | - | - | unknown | -
‹$IMAGE› => - | $IMAGE | - | - | unknown | -
‹${IMAGE}›:latest => - | ${IMAGE} | latest | - | latest | -
‹${IMAGE}›:1.2.3 => - | ${IMAGE} | 1.2.3 | - | tag | -
‹${IMAGE}›@{d} => - | ${IMAGE} | - | {d} | digest-only | -
‹${REG}›/app => ${REG} | app | - | - | untagged | -
‹${REG}›/app:latest => ${REG} | app | latest | - | latest | -
‹${REG}›/App:1.2.3 => ${REG} | App | 1.2.3 | - | malformed | upper-case
‹${REG}›/‹${APP}› => ${REG} | ${APP} | - | - | unknown | -
‹${REG:-ghcr.io}›/app:1.2.3 => ${REG:-ghcr.io} | app | 1.2.3 | - | tag | -
‹${REG}›app:1.2.3 => - | ${REG}app | 1.2.3 | - | tag | -
‹${REG}›.io/app:1.2.3 => ${REG}.io | app | 1.2.3 | - | tag | -
‹${HOST}›:5000/app:1.2.3 => ${HOST}:5000 | app | 1.2.3 | - | tag | -
my‹${X}›/app:1.2.3 => - | my${X}/app | 1.2.3 | - | tag | -
ghcr.io/‹${OWNER}›/app:1.2.3 => ghcr.io | ${OWNER}/app | 1.2.3 | - | tag | -
ghcr.io/owner/app‹${SUFFIX}› => ghcr.io | owner/app${SUFFIX} | - | - | unknown | -
app:‹${TAG}› => - | app | ${TAG} | - | unknown | -
app:‹${TAG:-latest}› => - | app | ${TAG:-latest} | - | unknown | -
app:v‹${TAG}›-alpine => - | app | v${TAG}-alpine | - | unknown | -
app:‹$TAG› => - | app | $TAG | - | unknown | -
app:‹${TAG}›@{d} => - | app | ${TAG} | {d} | pinned | -
app:1.2@‹${DIGEST}› => - | app | 1.2 | ${DIGEST} | unknown | -
app:1.2@sha256:‹${HEX}› => - | app | 1.2 | sha256:${HEX} | unknown | -
app:1.2‹${D:+@${D}}› => - | app | 1.2${D:+@${D}} | - | unknown | -
App:‹${TAG}› => - | App | ${TAG} | - | malformed | upper-case
app:‹${TAG› => - | app | ${TAG | - | unknown | -
app:‹$(TAG)› => - | app | $(TAG) | - | unknown | -
app:‹${{ github.sha }}› => - | app | ${{ github.sha }} | - | unknown | -
app:‹$[[ inputs.tag ]]› => - | app | $[[ inputs.tag ]] | - | unknown | -
app:‹<< parameters.tag >>› => - | app | << parameters.tag >> | - | unknown | -
‹{{ .Values.image }}› => - | {{ .Values.image }} | - | - | unknown | -
‹{{ .Values.repo }}›:‹{{ .Values.tag | default 'x:y/z' }}› => - | {{ .Values.repo }} | {{ .Values.tag | default 'x:y/z' }} | - | unknown | -
‹{{ reg }}›/app:latest => {{ reg }} | app | latest | - | latest | -
ghcr.io/‹{{ a }}›/b:1.2.3 => ghcr.io | {{ a }}/b | 1.2.3 | - | tag | -
‹{{ a }}›‹{{ b }}›/c => - | {{ a }}{{ b }}/c | - | - | untagged | -
‹[[ env.image ]]›:1.2.3 => - | [[ env.image ]] | 1.2.3 | - | tag | -
app:‹<%= tag %>› => - | app | <%= tag %> | - | unknown | -
app:‹#{tag}› => - | app | #{tag} | - | unknown | -
app:‹%{tag}› => - | app | %{tag} | - | unknown | -
app:‹%(tag)s› => - | app | %(tag)s | - | unknown | -
app:‹%TAG%› => - | app | %TAG% | - | unknown | -
‹%s›/app:‹%s› => %s | app | %s | - | unknown | -
$:1 => - | $ | 1 | - | malformed | no name may hold
$‹$TAG›:1.2.3 => - | $$TAG | 1.2.3 | - | tag | -
app:${TAG} => - | app | ${TAG} | - | malformed | no tag may hold
{{ a }}/app:1.2.3 => - | {{ a }}/app | 1.2.3 | - | malformed | blank
'' => - | - | - | - | malformed | is empty
";

fn filled(text: &str) -> String {
    let hex = "9d6b58feebd2dbd3c56ab5853333d627cc6e281011cfd6050fa4bcf2072c9496";
    let mut out = text
        .replace("{d}", &format!("sha256:{hex}"))
        .replace("{h}", hex)
        .replace("{H}", &hex.to_uppercase())
        .replace("{5}", &format!("sha512:{hex}{hex}"));
    for len in [128, 129, 255, 256] {
        out = out
            .replace(&format!("{{t{len}}}"), &"t".repeat(len))
            .replace(&format!("{{n{len}}}"), &"n".repeat(len));
    }
    out
}

/// A text that stands at `start`, with what is between `‹` and `›` as holes.
fn at(text: &str, start: usize) -> Part {
    let (mut plain, mut holes) = (String::new(), Vec::new());
    for (number, piece) in text.split(['‹', '›']).enumerate() {
        if number % 2 == 1 {
            holes.push((plain.len()..plain.len() + piece.len(), Hole::new(Reason::Variable, "")));
        }
        plain.push_str(piece);
    }
    let origin = Origin::verbatim(Span::new(SourceId(0), start, start + plain.len()));
    Part::new(plain, origin).with_holes(&holes)
}

#[test]
fn torture() {
    let moves = Moves::default();
    let (mut count, mut wrong) = (0, Vec::new());
    for row in TORTURE.lines().filter(|row| !row.is_empty()) {
        let row = filled(row);
        let (text, expected) = row.rsplit_once(" => ").unwrap();
        let text = if text == "''" { "" } else { text };
        let whole = at(text, 7);
        let (image, text) = (parse(&whole), whole.text.as_str());
        let shown = |part: &Option<Part>| match part {
            None => "-".to_string(),
            Some(part) if part.text.is_empty() => "''".to_string(),
            Some(part) => {
                // Every part is a piece of the text, and knows which.
                let range = part.origin.editable().unwrap().range();
                assert_eq!(&text[range.start - 7..range.end - 7], part.text, "{text}");
                part.text.to_string()
            }
        };
        let parts = [&image.registry, &image.repository, &image.tag, &image.digest].map(shown).join(" | ");
        let fault = image.fault.as_ref();
        let wanted = expected.rsplit(" | ").next().unwrap();
        let says = match fault {
            Some(fault) if wanted != "-" && fault.says.contains(wanted) => wanted,
            Some(fault) => fault.says,
            None => "-",
        };
        let got = format!("{parts} | {} | {says}", moves.pin(&image).name());
        if got != expected {
            wrong.push(format!("{text}\n  expected {expected}\n  got      {got}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 150, "{count}");
}

#[test]
fn faults_stand_where_they_are() {
    for (text, expected) in [
        ("x:1@latest", "latest"),
        ("ghcr.io/Owner/app:1", "Owner"),
        ("a b", " "),
        ("x:1.2+3", "1.2+3"),
        ("x:", ":"),
        ("x:1@", "@"),
        ("x@sha256:abc", "abc"),
        ("x@SHA256:abc", "SHA256"),
        ("host:99999/x", "host:99999"),
        ("docker://x", "docker://"),
        ("a//b", "a//b"),
        ("ok/a..b:1", "a..b"),
    ] {
        let span = parse(&at(text, 0)).fault.unwrap().at.span();
        assert_eq!(&text[span.range()], expected, "{text}");
    }
}

#[test]
fn parts_from_many_places_join() {
    let hex = filled("{h}");
    let digest = filled("{d}");
    let tagged = format!("1.2@{digest}");
    for (registry, repository, tag, own, expected) in [
        (
            "ghcr.io",
            "owner/app",
            "1.2",
            "",
            "ghcr.io/owner/app:1.2 = ghcr.io + owner/app + 1.2 + -".to_string(),
        ),
        ("", "ghcr.io/owner/app", "1.2", "", "ghcr.io/owner/app:1.2 = ghcr.io + owner/app + 1.2 + -".into()),
        ("ghcr.io/", "app", "", "", "ghcr.io/app = ghcr.io + app + - + -".into()),
        ("ghcr.io/owner", "app", "1", "", "ghcr.io/owner/app:1 = ghcr.io + owner/app + 1 + -".into()),
        ("", "app", "1.2", &digest, format!("app:1.2@{digest} = - + app + 1.2 + {digest}")),
        ("", "app", &tagged, "", format!("app:{tagged} = - + app + 1.2 + {digest}")),
        ("", "app", &tagged, &digest, format!("app:{tagged} = - + app + 1.2 + {digest}")),
        ("", "app", "1.2", &hex, format!("app:1.2@{digest} = - + app + 1.2 + {digest}")),
        ("", "app", &digest, "", format!("app@{digest} = - + app + - + {digest}")),
        ("", "app:1.2", "", "", "app:1.2 = - + app + 1.2 + -".into()),
        ("", "", "1.2", "", "1.2 = - + - + 1.2 + - (tag-only)".into()),
        ("", "", &tagged, "", format!("{tagged} = - + - + 1.2 + {digest} (tag-only)")),
        ("", "", "", &digest, format!("{digest} = - + - + - + {digest} (tag-only)")),
        ("", "App", "1", "", "App:1 = - + App + 1 + - has upper-case letters in its name".into()),
        ("‹${R}›", "app", "‹${T}›", "", "${R}/app:${T} = ${R} + app + ${T} + -".into()),
        ("ghcr.io", "", "1", "", "ghcr.io:1 = - + ghcr.io + 1 + -".into()),
    ] {
        // One after the other in one text, with a blank between.
        let source = format!("{registry} {repository} {tag} {own}").replace(['‹', '›'], "");
        let mut start = 0;
        let [registry, repository, tag, own] = [registry, repository, tag, own].map(|text| {
            let part = at(text, start);
            start += part.text.len() + 1;
            Some(part)
        });
        let whole = Origin::spelled(Span::new(SourceId(0), 0, source.len()));
        let image = join(registry, repository, tag, own, &whole);
        let parts = [&image.registry, &image.repository, &image.tag, &image.digest].map(|part| {
            let Some(part) = part else { return "-".to_string() };
            if let Some(span) = part.origin.editable() {
                assert_eq!(&source[span.range()], part.text);
            }
            part.text.to_string()
        });
        let role = if image.role == Role::Pull { String::new() } else { format!(" ({})", image.role.name()) };
        let fault = image.fault.map_or(String::new(), |fault| format!(" {}", fault.says));
        assert_eq!(format!("{} = {}{role}{fault}", image.text, parts.join(" + ")), expected);
    }
}
