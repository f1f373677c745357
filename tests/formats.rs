//! Every format reads its sample, and holds its promises on the sample and on broken copies of it: no panic, every
//! span inside the text and on character boundaries, every part that says where it stands stands there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

#[path = "properties/hold/mod.rs"]
mod hold;
#[path = "yaml_support/mod.rs"]
mod support;

use hold::formats::read;
use hold::samples::SAMPLES;
use pintle::testing::FORMATS;

#[test]
fn every_format_reads_its_sample() {
    for format in FORMATS {
        let samples: Vec<_> = SAMPLES.iter().filter(|(name, ..)| *name == format.name).collect();
        assert!(!samples.is_empty(), "{} has no sample", format.name);
        for (_, name, text) in samples {
            let facts =
                read(format, name, text).unwrap_or_else(|| panic!("{} does not want {name}", format.name));
            assert!(!facts.is_empty(), "{} says nothing of its sample", format.name);
        }
    }
    for (name, ..) in SAMPLES {
        assert!(FORMATS.iter().any(|format| format.name == *name), "there is no format {name}");
    }
}

#[test]
fn broken_samples_break_no_promise() {
    let mut chance = support::Chance(7);
    let (mut tried, mut told) = (0, 0);
    for (_, name, text) in SAMPLES {
        for _ in 0..400 {
            let broken = support::mutate(text, &mut chance);
            for format in FORMATS {
                if let Some(facts) = read(format, name, &broken) {
                    tried += 1;
                    told += usize::from(!facts.is_empty());
                }
            }
        }
    }
    eprintln!("{tried} broken texts read, {told} of them still told something");
    assert!(told > 1_000, "{told} of {tried}: the texts are broken too much to try anything");
}
