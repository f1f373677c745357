//! What the fuzz targets hold, tried with broken copies of their seeds: the same ones in each run.
//!
//! `PINTLE_STEPS=20` tries twenty times as many; `PINTLE_SEEDS=FOLDER` writes the seeds of each target, and a dictionary, for
//! the fuzzer.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

mod hold;
#[path = "../yaml_support/mod.rs"]
mod support;

use hold::{TARGETS, Target};
use support::Chance;

/// No text that is tried is longer, as with the fuzzer.
const LONGEST: usize = 4096;

fn try_all(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty(), "{name}");
    seeds.iter().for_each(|seed| held(target, seed));
    let times: usize = std::env::var("PINTLE_STEPS").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    let mut chance = Chance(14);
    for _ in 0..target.steps * times {
        held(target, &broken(target, &seeds, &mut chance));
    }
    eprintln!("{name}: {} seeds, {} broken texts", seeds.len(), target.steps * times);
}

/// What the fuzzer found, in its smallest form.
const FOUND: &[(&str, &str)] = &[
    // Two folders, the mode of one of which is no number.
    ("git", "\u{2}\u{1}\u{1}\0\u{18}! a\0xxxxxxxxxxxxxxxxxxxx\u{1}\u{1}\0\u{18}1 a\0xxxxxxxxxxxxxxxxxxxx"),
    ("dockerfile", "FROM a\nUSER [\"ü\"]\n"),
    // A value in the place of a key, in a file that says of itself that it is encrypted.
    ("secrets", " sops:\n  mac: x\n : PLANTED1= mac: x\n : y\n"),
    // Tokens that are parts of longer words: of the name of a host, of the scheme of an address.
    ("secrets", "//:S/6@PrPLANTED3cr.io\n#PLANTED3 cr.io\n"),
    (
        "secrets",
        "<<use\nkghp_twin:rin://kn:/i:k/:rni:k\0\0\0%///:/ggta::=ultAhG/g://gta::\0\0\0SSSSSSSSSSSSSSSSSSSSSSS/kghgAakgkgqp_tirn:rni:k/:6@PrPLANTED3cr.io\n#ioPrPLADT.io\n#io\n\t#PLANTED3 cr.io\n#io\n\t#rghcar\0\0\0%AO\\\n",
    ),
    (
        "outputs",
        "===! Dockerfile\nARG T=PLANTED0s://x/PLANTED3\n=== po{namehttps://x/PLANTadata: atest (x)\n\u{f}    PLANTED1}\n    voTED3\n",
    ),
    // A password in an address, in a file with a NUL, on the line of a token.
    (
        "outputs",
        "=== a.yaml\nx\0: 1\nenv: [{name: A, value: PLANTED0}, {name: URL, password: value: PLANTED2}]\n",
    ),
    (
        "outputs",
        "=== <a>&\".yaml\n\"'}\nspec:\n  containers:\n    - name: c # pintle: allow image-latkst (x)\n      image: a/b:latest\n  v1\nkind: Pod\nmetadat\0: {name: 'a<b>&\"'}\nspec:\n  containers:\n  FROM   - name: c # pintle: allow image-latest (x)\n     \u{16} image: a/b:latest\n      env: [{     env: [{name: DB_PASSWORD, value: PLANTED0}, {name: URL, password: value: PLANTED2}]\n",
    ),
    ("hcl", "=== Jenkinsfile\nimage: \u{feff}efault'x'\n"),
    (
        "outputs",
        "=== Dockerfi\u{fffe}le\nFROM nginx:latest\n=== a.yaml\nkind: Pod\napiVersion: v1\nspec: {containers: [{name: a, image: \"b\u{fffe}:c\"}]}\n",
    ),
];

#[test]
fn what_was_found_holds() {
    for (name, text) in FOUND {
        held(TARGETS.iter().find(|target| target.name == *name).unwrap(), text.as_bytes());
    }
}

/// What breaks a promise is told with the text that does.
fn held(target: &Target, bytes: &[u8]) {
    let ran = std::panic::catch_unwind(|| hold::hold(target.name, bytes));
    assert!(ran.is_ok(), "{}: {:?}", target.name, String::from_utf8_lossy(bytes));
}

/// A seed, or two that are put together, broken at a few places.
fn broken(target: &Target, seeds: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut out = seeds[chance.below(seeds.len())].clone();
    if chance.below(4) == 0 {
        let other = &seeds[chance.below(seeds.len())];
        out.truncate(chance.below(out.len() + 1));
        out.extend_from_slice(&other[chance.below(other.len() + 1)..]);
    }
    for _ in 0..1 + chance.below(5) {
        let from = chance.below(out.len() + 1);
        let to = (from + chance.below(24)).min(out.len());
        match chance.below(6) {
            0 => drop(out.drain(from..to)),
            1 => {
                let piece = out[from..to].to_vec();
                out.splice(to..to, piece);
            }
            2 if from < out.len() => out[from] ^= 1 << chance.below(8),
            3 => {
                // Lines trade places.
                let piece: Vec<u8> = out.drain(from..to).collect();
                let at = chance.below(out.len() + 1);
                out.splice(at..at, piece);
            }
            _ => {
                let word = match target.words {
                    [] => vec![chance.below(256) as u8],
                    words => words[chance.below(words.len())].as_bytes().to_vec(),
                };
                out.splice(from..from, word);
            }
        }
    }
    out.truncate(LONGEST);
    if target.words.is_empty() { out } else { String::from_utf8_lossy(&out).into_owned().into_bytes() }
}

#[test]
fn seeds_are_handed_to_the_fuzzer() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(seeds.iter().all(|seed| seed.len() <= 2 * LONGEST), "{}", target.name);
        let Some(folder) = std::env::var_os("PINTLE_SEEDS").map(std::path::PathBuf::from) else { continue };
        std::fs::create_dir_all(folder.join(target.name)).unwrap();
        for (at, seed) in seeds.iter().enumerate() {
            std::fs::write(folder.join(target.name).join(format!("seed-{at}")), seed).unwrap();
        }
        let word = |word: &&str| {
            let bytes: String = word.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
            format!("\"{bytes}\"\n")
        };
        let words: String = target.words.iter().map(word).collect();
        std::fs::write(folder.join(format!("{}.dict", target.name)), words).unwrap();
    }
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                try_all(stringify!($name));
            }
        )*

        #[test]
        fn every_target_is_tried_and_fuzzed() {
            let tried = [$(stringify!($name)),*];
            assert_eq!(TARGETS.iter().map(|target| target.name).collect::<Vec<_>>(), tried);
            let manifest = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/Cargo.toml")).unwrap();
            for name in tried {
                assert!(manifest.contains(&format!("name = \"{name}\"")), "fuzz/Cargo.toml lacks {name}");
            }
        }
    };
}

targets!(yaml dockerfile hcl references kustomize templates pages configuration compose secrets outputs git);
