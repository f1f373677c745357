//! Sums, and what is another text every time: keys, certificates, passwords. Those are holes of the right shape.

use super::table::{Arity::*, Function};
use crate::template::host::Call;
use crate::template::place::Place;
use crate::template::rope::{Rope, Text};
use crate::template::stop::fits;
use crate::template::value::{Given, Int, Object, Value};
use crate::text::{Reason, Sha256, Str};
use std::collections::BTreeMap;
use std::rc::Rc;

pub const FUNCTIONS: &[Function] = &[
    ("sha256sum", Is(1), |call| {
        let mut sum = Sha256::default();
        sum.update(call.text(0)?.as_str().as_bytes());
        Ok(call.made(hex(&sum.finish()), 0))
    }),
    ("sha1sum", Is(1), |call| Ok(call.made(hex(&sha1(call.text(0)?.as_str().as_bytes())), 0))),
    ("adler32sum", Is(1), |call| {
        let (mut a, mut b) = (1u32, 0u32);
        for byte in call.text(0)?.as_str().bytes() {
            a = (a + u32::from(byte)) % 65_521;
            b = (b + a) % 65_521;
        }
        Ok(call.made((b << 16 | a).to_string(), 0))
    }),
    ("randAlphaNum", Is(1), |call| random(call, "x")),
    ("randAlpha", Is(1), |call| random(call, "x")),
    ("randAscii", Is(1), |call| random(call, "x")),
    ("randNumeric", Is(1), |call| random(call, "0")),
    ("randBytes", Is(1), |call| Ok(generated(call, "generated"))),
    ("randInt", Is(2), |call| {
        let place = call.places().hole(Reason::Runtime, call.name, call.at);
        Ok(Value::Int(Int { number: call.int(0)?, is_wide: false, place }))
    }),
    ("shuffle", Is(1), |call| Ok(generated(call, call.text(0)?.as_str()))),
    ("uuidv4", Is(0), |call| Ok(generated(call, "00000000-0000-4000-8000-000000000000"))),
    ("bcrypt", Is(1), |call| Ok(generated(call, "generated"))),
    ("htpasswd", Is(2), |call| {
        let mut rope = Rope::default();
        rope.push(&call.text(0)?);
        rope.push_made(":", call.at);
        rope.push(&Text::new("generated", hole(call)));
        Ok(Value::Text(rope.finish()))
    }),
    ("derivePassword", Is(5), |call| Ok(generated(call, "generated"))),
    ("encryptAES", Is(2), |call| Ok(generated(call, "generated"))),
    ("genPrivateKey", Is(1), |call| Ok(generated(call, "generated"))),
    ("genCA", Is(2), |call| Ok(certificate(call))),
    ("genCAWithKey", Is(3), |call| Ok(certificate(call))),
    ("genSelfSignedCert", Is(4), |call| Ok(certificate(call))),
    ("genSelfSignedCertWithKey", Is(5), |call| Ok(certificate(call))),
    ("genSignedCert", Is(5), |call| Ok(certificate(call))),
    ("genSignedCertWithKey", Is(6), |call| Ok(certificate(call))),
    ("buildCustomCert", Is(2), |call| Ok(certificate(call))),
    ("getHostByName", Is(1), |call| Ok(call.made("", 0))),
];

fn hole(call: &Call) -> Place {
    call.places().hole(Reason::Runtime, call.name, call.at)
}

fn generated(call: &Call, text: &str) -> Value {
    Value::generated(text.into(), call.name, call.at, call.places())
}

fn random(call: &Call, letter: &str) -> Given {
    let count = usize::try_from(call.int(0)?).unwrap_or(0);
    fits(count)?;
    Ok(generated(call, &letter.repeat(count)))
}

fn certificate(call: &Call) -> Value {
    let fields = ["Cert", "Key"].map(|name| (Str::from(name), generated(call, "generated")));
    let fields = BTreeMap::from(fields);
    Value::Object(Rc::new(Object::new("sprig.certificate", fields)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A SHA-1 (FIPS 180-4), for checksums of charts that still use it.
fn sha1(bytes: &[u8]) -> [u8; 20] {
    let mut state = [0x6745_2301u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    let mut whole = bytes.to_vec();
    whole.push(0x80);
    whole.resize(whole.len().next_multiple_of(64) + if whole.len() % 64 > 56 { 64 } else { 0 } - 8, 0);
    whole.extend((bytes.len() as u64 * 8).to_be_bytes());
    for block in whole.as_chunks::<64>().0 {
        let mut words = [0u32; 80];
        for (word, four) in words.iter_mut().zip(block.as_chunks::<4>().0) {
            *word = u32::from_be_bytes(*four);
        }
        for at in 16..80 {
            words[at] = (words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16]).rotate_left(1);
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (at, word) in words.iter().enumerate() {
            let (mix, constant) = match at / 20 {
                0 => ((b & c) | (!b & d), 0x5a82_7999),
                1 => (b ^ c ^ d, 0x6ed9_eba1),
                2 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6),
            };
            let next = a.rotate_left(5).wrapping_add(mix).wrapping_add(e);
            let next = next.wrapping_add(constant).wrapping_add(*word);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        for (own, add) in state.iter_mut().zip([a, b, c, d, e]) {
            *own = own.wrapping_add(add);
        }
    }
    let mut out = [0; 20];
    for (four, word) in out.chunks_exact_mut(4).zip(state) {
        four.copy_from_slice(&word.to_be_bytes());
    }
    out
}
