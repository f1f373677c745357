//! Each wall is seen to refuse: small houses of a few lines, and what is said of them.

use crate::sources::Sources;
use crate::walls::{Room, open_rooms, refused_imports, unused_grants, wrong_circles, wrong_floors};

const fn room(floor: u32, name: &'static str, may: &'static [&'static str]) -> Room {
    Room { floor, name, may, tests: &[] }
}

/// Three floors: `low` sees nothing, `middle` sees `low`, `high` sees `middle` but not `low`.
const ROOMS: &[Room] = &[room(1, "low", &[]), room(2, "middle", &["low"]), room(3, "high", &["middle"])];

const LIB: (&str, &str) = ("src/lib.rs", "mod low; mod middle; mod high;");

/// What is refused when `text` is the file `src/low/inner.rs`.
fn said_of_low(text: &str) -> Vec<String> {
    refused_imports(
        &Sources::parse([
            LIB,
            ("src/low/mod.rs", "mod inner;"),
            ("src/low/inner.rs", text),
            ("src/middle.rs", "pub struct Middle; pub fn middle() {}"),
            ("src/high/mod.rs", "pub mod inner; pub struct High;"),
            ("src/high/inner.rs", "pub struct Inner; pub fn inner() {}"),
        ]),
        ROOMS,
    )
}

#[test]
fn an_upward_import_is_refused_however_it_is_written() {
    for text in [
        "use crate::high::High;",
        "use crate::{\n    low,\n    high::{\n        // why\n        inner::{self, Inner},\n    },\n};",
        "use super::super::high::High;",
        "use super::super::{low, high};",
        "mod deeper { use super::super::super::high::High; }",
        "use crate as house; fn f() { house::high::inner::inner(); }",
        "use crate::high as other;",
        "use crate::*; fn f() { high::inner::inner(); }",
        "pub use crate::high::High;",
        "fn f() { use crate::high::inner; }",
        "fn f() { crate::high::inner::inner(); }",
        "fn f() { super::super::high::inner::inner(); }",
        "fn f(high: &crate::high::High) {}",
        "fn f() -> Vec<Option<crate::high::High>> { Vec::new() }",
        "fn f(any: Any) { if let crate::high::High = any {} }",
        "impl crate::high::High {}",
        "fn f() { println!(\"{}\", [1, { crate::high::inner::inner() }]); }",
        "fn f() { vec![crate :: high :: High]; }",
        "macro_rules! m { () => { $crate::high::High }; }",
        "#[arg(value_parser = crate::high::inner::inner)] struct S;",
    ] {
        let said = said_of_low(text);
        assert!(!said.is_empty(), "not refused: {text}");
        assert!(said.iter().all(|one| one.ends_with("`low` may not import `high`")), "{text}: {said:?}");
    }
    assert_eq!(
        said_of_low("\n\nuse crate::high::High;"),
        ["src/low/inner.rs:3: `low` may not import `high`"]
    );
}

#[test]
fn what_only_looks_like_an_import_is_none() {
    for text in [
        "// use crate::high::High;",
        "/* crate::high */ /// See [`crate::high::High`].\nfn f() {}",
        "const A: &str = \"crate::high::High\"; const B: &str = r#\"use crate::high;\"#;",
        "fn f() { println!(\"crate::high::High\"); }",
        "pub(in crate::low) fn f() {}",
        "use regex::high::High; fn f() { other::high::g(); ::high::g(); }",
        "fn f(high: S) { high.high(); println!(\"{}\", high.high.crate_high); }",
        "use super::super::low; use crate::low::inner as again;",
    ] {
        assert_eq!(said_of_low(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_re_export_opens_no_wall() {
    let house = Sources::parse([
        LIB,
        ("src/low/mod.rs", "mod inner; pub use inner::Inner;"),
        ("src/low/inner.rs", "pub struct Inner;"),
        ("src/middle.rs", "pub use crate::low::Inner as Thing; pub use crate::low::*; pub struct Own;"),
        (
            "src/high.rs",
            "use crate::middle::Own;\nuse crate::middle::Thing;\nuse crate::middle::*;\nfn f(inner: Inner) {}",
        ),
    ]);
    let said = refused_imports(&house, ROOMS);
    assert_eq!(
        said,
        ["src/high.rs:2: `high` may not import `low`", "src/high.rs:4: `high` may not import `low`"]
    );
}

#[test]
fn a_room_that_is_not_in_the_table_is_refused() {
    let house = Sources::parse([LIB, ("src/low.rs", ""), ("src/attic.rs", "use crate::low;")]);
    assert_eq!(refused_imports(&house, ROOMS), ["src/attic.rs:1: the room `attic` is not in the table"]);
}

#[test]
fn tests_have_grants_of_their_own() {
    let rooms = &[
        room(1, "low", &[]),
        room(2, "middle", &[]),
        Room { tests: &["middle"], ..room(3, "high", &["low"]) },
    ];
    let table = [
        ("use crate::low; #[cfg(test)] mod tests { use crate::middle; }", "", ""),
        ("use crate::low; #[cfg(all(test, unix))] use crate::middle;", "", ""),
        ("use crate::low; #[test] fn t() { crate::middle::m(); }", "", ""),
        (
            "use crate::low; fn f() { crate::middle::m(); }",
            "src/high.rs:1: `high` may not import `middle`",
            "the tests of `high` need no grant of their own for `middle`",
        ),
        (
            "#[cfg(test)] mod tests { use crate::middle; use crate::low; }",
            "",
            "`high` does not import `low`: the grant is unused",
        ),
    ];
    for (text, refused, unused) in table {
        let house = Sources::parse([LIB, ("src/low.rs", ""), ("src/middle.rs", ""), ("src/high.rs", text)]);
        assert_eq!(refused_imports(&house, rooms).join("\n"), refused, "{text}");
        assert_eq!(unused_grants(&house, rooms).join("\n"), unused, "{text}");
    }
    let house = Sources::parse([
        LIB,
        ("src/low.rs", ""),
        ("src/middle.rs", "#[cfg(test)] mod samples;"),
        ("src/middle/samples.rs", "use crate::low;"),
        ("src/high.rs", ""),
    ]);
    assert_eq!(
        refused_imports(&house, rooms),
        ["src/middle/samples.rs:1: a test of `middle` may not import `low`"],
        "a file that only tests are compiled with"
    );
}

#[test]
fn a_grant_that_nobody_uses_is_refused() {
    let said = |middle: &str, high: &str| {
        let files =
            [LIB, ("src/low.rs", "pub struct Low;"), ("src/middle.rs", middle), ("src/high.rs", high)];
        unused_grants(&Sources::parse(files), ROOMS)
    };
    assert_eq!(said("use crate::low::Low;", "use crate::middle;"), Vec::<String>::new());
    assert_eq!(
        said("// use crate::low::Low;", "use crate::middle;"),
        ["`middle` does not import `low`: the grant is unused"]
    );
    let without = Sources::parse([LIB, ("src/low.rs", ""), ("src/middle.rs", "use crate::low;")]);
    assert_eq!(
        unused_grants(&without, ROOMS),
        ["there is no room `high`", "`high` does not import `middle`: the grant is unused"]
    );
}

#[test]
fn a_room_that_is_not_private_is_refused() {
    for (lib, said) in [
        ("mod low; pub use low::Low; pub mod testing { pub use crate::low::Low; }", ""),
        ("/// pub mod low;\nmod low; mod middle; mod high;", ""),
        ("#[cfg(unix)]\npub  mod low; mod middle; mod high;", "the room `low` is not private"),
        ("pub(crate) mod low { pub mod high {} }", "the room `low` is not private"),
    ] {
        assert_eq!(open_rooms(&Sources::parse([("src/lib.rs", lib)]), ROOMS).join("\n"), said, "{lib}");
    }
}

#[test]
fn a_table_that_leads_up_or_round_is_refused() {
    assert_eq!(wrong_floors(ROOMS), Vec::<String>::new());
    let up = &[room(1, "low", &["high"]), room(2, "high", &["attic"])];
    assert_eq!(
        wrong_floors(up),
        [
            "`low` is granted `high`, which is a floor above it",
            "`high` is granted `attic`, which is not in the table"
        ]
    );
    let round = &[room(1, "a", &["b"]), room(1, "b", &["c"]), room(1, "c", &["a"])];
    assert_eq!(wrong_floors(round), ["a circle of rooms: a, b, c"]);
}

/// What is said of the circles of one room, given by its files.
fn circles(files: &[(&str, &str)], known: &[&[&str]]) -> Vec<String> {
    let root = ("src/lib.rs", "mod room;");
    wrong_circles(&Sources::parse([root].into_iter().chain(files.iter().copied())), known)
}

#[test]
fn a_circle_of_files_is_refused() {
    let parent = "mod child; struct Own; fn f() { child::g(); }";
    for (parent, child) in [
        (parent, "use super::Own; pub fn g() {}"),
        (parent, "pub fn g() { let _: super::Own; }"),
        (parent, "use super::*; pub fn g() {}"),
        (parent, "pub fn g() { drop(vec![super::Own]); }"),
        (parent, "use crate::room::Own as Other; pub fn g() {}"),
        ("mod child; use child::g; struct Own; fn f() { g(); }", "use super::Own; pub fn g() {}"),
        ("mod child; use child as c; struct Own; fn f() { c::g(); }", "use super::{\n    Own,\n};"),
        ("mod child; struct Own; static T: &[fn()] = &[child::g];", "use super::Own; pub fn g() {}"),
    ] {
        let said = circles(&[("src/room/mod.rs", parent), ("src/room/child.rs", child)], &[]);
        assert_eq!(
            said.first().map(String::as_str),
            Some("a circle of files: src/room/child.rs, src/room/mod.rs"),
            "{parent} {child}"
        );
    }
    let beside = [
        ("src/room.rs", "mod a; mod b; mod c;"),
        ("src/room/a.rs", "use super::b::B; pub struct A;"),
        ("src/room/b.rs", "pub struct B; fn f() { super::c::c(); }"),
        ("src/room/c.rs", "\nuse crate::room::a::A; pub fn c() {}"),
    ];
    assert_eq!(
        circles(&beside, &[]),
        [
            "a circle of files: src/room/a.rs, src/room/b.rs, src/room/c.rs",
            "  src/room/a.rs:1 needs src/room/b.rs",
            "  src/room/b.rs:1 needs src/room/c.rs",
            "  src/room/c.rs:2 needs src/room/a.rs",
        ]
    );
}

#[test]
fn what_a_parent_only_hands_on_is_no_circle() {
    for (parent, child) in [
        ("mod child; mod own; pub use child::g; pub use own::Own;", "use super::Own; pub fn g() {}"),
        ("mod child; mod own; use child::g; use own::Own;", "use super::Own; pub fn g() {}"),
        ("mod child; mod own; pub use child::*; pub use own::*;", "use super::own::Own; pub fn g() {}"),
        ("mod child; mod own; use own::Own; fn f() { child::g(); }", "use super::Own; pub fn g() {}"),
        ("mod child; mod own; struct Mine;", "use super::Mine;"),
        (
            "mod child; mod own; struct Mine; #[cfg(test)] mod tests { fn t() { super::child::g(); } }",
            "use super::Mine; pub fn g() {}",
        ),
    ] {
        let files = [
            ("src/room/mod.rs", parent),
            ("src/room/child.rs", child),
            ("src/room/own.rs", "pub struct Own;"),
        ];
        assert_eq!(circles(&files, &[]), Vec::<String>::new(), "{parent} {child}");
    }
}

#[test]
fn the_list_of_known_circles_is_exact() {
    let round = [
        ("src/room/mod.rs", "mod child; struct Own; fn f() { child::g(); }"),
        ("src/room/child.rs", "use super::Own; pub fn g() {}"),
    ];
    let known: &[&str] = &["src/room/child.rs", "src/room/mod.rs"];
    assert_eq!(circles(&round, &[known]), Vec::<String>::new());
    let straight = [("src/room/mod.rs", "mod child;"), ("src/room/child.rs", "")];
    assert_eq!(
        circles(&straight, &[known]),
        ["no circle any more, take it from the list: src/room/child.rs, src/room/mod.rs"]
    );
    let larger: &[&str] = &["src/room/child.rs", "src/room/mod.rs", "src/room/third.rs"];
    assert_eq!(circles(&round, &[larger]).len(), 4, "a circle, its two steps, and an entry that is none");
}
