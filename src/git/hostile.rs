//! Packs and loose objects as nobody honest writes them: each ends with a fault, none with a panic or without an end.

use super::object::{Fault, ObjectKind};
use super::{ObjectName, Store};
use crate::limits::MOST_OF_OBJECT;

fn name(number: usize) -> ObjectName {
    let mut bytes = [7; 20];
    bytes[..4].copy_from_slice(&(number as u32 + 1).to_be_bytes());
    ObjectName::new(&bytes).unwrap()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, 6)
}

/// The head of an entry: its kind, and the size that it claims.
fn head(kind: u8, size: u64) -> Vec<u8> {
    let (mut out, mut rest) = (vec![kind << 4 | (size & 15) as u8], size >> 4);
    while rest > 0 {
        *out.last_mut().unwrap() |= 0x80;
        out.push((rest & 0x7f) as u8);
        rest >>= 7;
    }
    out
}

fn whole(kind: u8, bytes: &[u8]) -> Vec<u8> {
    [head(kind, bytes.len() as u64), packed(bytes)].concat()
}

fn number(mut number: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
    out
}

/// A delta of a base and a result of these lengths, with these instructions, to the object of that number.
fn delta(base: usize, from: u64, to: u64, instructions: &[u8]) -> Vec<u8> {
    let delta = [number(from), number(to), instructions.to_vec()].concat();
    [head(7, delta.len() as u64), name(base).as_bytes().to_vec(), packed(&delta)].concat()
}

/// The same to what begins so many bytes before it.
fn delta_back(back: &[u8], delta: &[u8]) -> Vec<u8> {
    [head(6, delta.len() as u64), back.to_vec(), packed(delta)].concat()
}

/// A pack of these entries, and its index.
fn pack(entries: &[Vec<u8>]) -> (Vec<u8>, Vec<u8>) {
    let mut pack = b"PACK\0\0\0\x02".to_vec();
    pack.extend((entries.len() as u32).to_be_bytes());
    let mut places = Vec::new();
    for entry in entries {
        places.push(pack.len() as u32);
        pack.extend(entry);
    }
    pack.extend([9; 20]);
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..256 {
        let below = (0..entries.len()).filter(|&number| usize::from(name(number).as_bytes()[0]) <= first);
        index.extend((below.count() as u32).to_be_bytes());
    }
    index.extend((0..entries.len()).flat_map(|number| name(number).as_bytes().to_vec()));
    index.extend(vec![1; entries.len() * 4]);
    index.extend(places.iter().flat_map(|place| place.to_be_bytes()));
    index.extend([9; 40]);
    (pack, index)
}

fn store(entries: &[Vec<u8>]) -> Store {
    let mut store = Store::new(20, Box::new(|_| None));
    let (pack, index) = pack(entries);
    assert!(store.add(Box::new(pack), index));
    store
}

fn read(store: &Store, number: usize) -> Result<Vec<u8>, Fault> {
    let names: Vec<ObjectName> = (0..=number).map(name).collect();
    // To sort them must come to an end too, and lose none.
    let mut order: Vec<usize> = store.in_order(&names).into_iter().map(|(number, _)| number).collect();
    order.sort_unstable();
    assert_eq!(order, (0..=number).collect::<Vec<_>>());
    store.reader(1 << 20).read(&name(number)).map(|object| object.bytes.clone())
}

#[test]
fn entries_are_read_or_refused() {
    let text = b"hello, world";
    let hello = || whole(3, text);
    let length = text.len() as u64;
    let bomb = packed(&vec![0; 10 << 20]);
    type Case<'a> = (&'a str, Vec<Vec<u8>>, Result<&'a [u8], Fault>);
    #[rustfmt::skip]
    let table: Vec<Case> = vec![
        ("whole", vec![hello()], Ok(b"hello, world")),
        ("empty", vec![whole(3, b"")], Ok(b"")),
        ("a delta by name", vec![hello(), delta(0, length, 5, &[0x90, 5])], Ok(b"hello")),
        ("a delta of what comes later", vec![delta(1, length, 5, &[0x90, 5]), hello()], Ok(b"hello, world")),
        ("a delta by place", vec![hello(), delta_back(&[hello().len() as u8], &[12, 5, 0x90, 5])], Ok(b"hello")),
        ("a delta of a delta", vec![hello(), delta(0, length, 5, &[0x90, 5]), delta(1, 5, 2, &[0x90, 2])], Ok(b"he")),
        ("it says too little", vec![[head(3, 11), packed(text)].concat()], Err(Fault::Damaged)),
        ("it says too much", vec![[head(3, 13), packed(text)].concat()], Err(Fault::Damaged)),
        ("it is cut off", vec![[head(3, length), packed(text)[..9].to_vec()].concat()], Err(Fault::Damaged)),
        ("nothing is packed", vec![head(3, length)], Err(Fault::Damaged)),
        ("it is not packed", vec![[head(3, length), text.to_vec()].concat()], Err(Fault::Damaged)),
        ("its sum is wrong", vec![[head(3, length), packed(b"hello, worle")[..18].to_vec(), vec![0; 4]].concat()], Err(Fault::Damaged)),
        ("ten million zeros in twelve bytes", vec![[head(3, length), bomb.clone()].concat()], Err(Fault::Damaged)),
        ("a delta of ten million zeros", vec![hello(), [head(7, 4), name(0).as_bytes().to_vec(), bomb].concat()], Err(Fault::Damaged)),
        ("more than we read", vec![whole(3, &vec![0; MOST_OF_OBJECT + 1])], Err(Fault::Large)),
        ("as much as we read", vec![whole(3, b"x"), whole(3, &[1])], Ok(&[1])),
        ("it says a terabyte", vec![[head(3, 1 << 40), packed(text)].concat()], Err(Fault::Large)),
        ("a size without an end", vec![vec![0xff; 12]], Err(Fault::Damaged)),
        ("a delta that makes a terabyte", vec![hello(), delta(0, length, 1 << 40, &[0x90, 5])], Err(Fault::Large)),
        ("a delta that says a terabyte of itself", vec![hello(), [head(7, 1 << 40), name(0).as_bytes().to_vec()].concat()], Err(Fault::Damaged)),
        ("a delta of one that makes a terabyte", vec![hello(), delta(0, length, 1 << 40, &[0x90, 5]), delta(1, 1 << 40, 1, &[0x90, 1])], Err(Fault::Damaged)),
        ("a delta of one that is too large", vec![whole(3, &vec![0; MOST_OF_OBJECT + 1]), delta(0, MOST_OF_OBJECT as u64 + 1, 1, &[0x90, 1])], Err(Fault::Damaged)),
        ("a delta of another base", vec![hello(), delta(0, 11, 5, &[0x90, 5])], Err(Fault::Damaged)),
        ("a delta that reaches outside", vec![hello(), delta(0, length, 5, &[0x91, 10, 5])], Err(Fault::Damaged)),
        ("a delta of what is not there", vec![delta(7, length, 5, &[0x90, 5])], Err(Fault::Damaged)),
        ("a delta of itself", vec![delta(0, length, 5, &[0x90, 5])], Err(Fault::Endless)),
        ("a delta of itself, by place", vec![hello(), delta_back(&[0], &[12, 5, 0x90, 5])], Err(Fault::Damaged)),
        ("two deltas of each other", vec![delta(1, 5, 5, &[0x90, 5]), delta(0, 5, 5, &[0x90, 5])], Err(Fault::Endless)),
        ("a base before the pack", vec![hello(), delta_back(&[0xff, 0x7f], &[12, 5, 0x90, 5])], Err(Fault::Damaged)),
        ("a base at the head of the pack", vec![delta_back(&[12], &[12, 5, 0x90, 5])], Err(Fault::Damaged)),
        ("a base within an entry", vec![hello(), delta_back(&[hello().len() as u8 - 1], &[12, 5, 0x90, 5])], Err(Fault::Damaged)),
        ("a way back without an end", vec![hello(), delta_back(&[0xff; 20], &[12, 5, 0x90, 5])], Err(Fault::Damaged)),
        ("no kind", vec![whole(0, text)], Err(Fault::Damaged)),
        ("an unknown kind", vec![whole(5, text)], Err(Fault::Damaged)),
        ("an empty entry", vec![vec![], whole(3, b"x")], Ok(b"x")),
    ];
    for (case, entries, expected) in table {
        let number = if case == "a delta of what comes later" { 1 } else { entries.len() - 1 };
        assert_eq!(read(&store(&entries), number), expected.map(<[u8]>::to_vec), "{case}");
    }
}

#[test]
fn long_chains_are_read_and_longer_ones_refused() {
    let mut entries = vec![whole(3, b"hello")];
    for base in 0..4096 {
        entries.push(delta(base, 5, 5, &[0x90, 5]));
    }
    let store = store(&entries);
    assert_eq!(
        store.reader(1 << 20).read(&name(4095)).map(|object| object.bytes.clone()),
        Ok(b"hello".to_vec())
    );
    assert_eq!(store.reader(1 << 20).read(&name(4096)).map(|_| ()), Err(Fault::Endless));
    // From a link that is remembered the way is short.
    let mut reader = store.reader(1 << 20);
    assert!(reader.read(&name(4000)).is_ok());
    assert!(reader.read(&name(4096)).is_ok());
}

#[test]
fn a_chain_of_large_objects_is_refused() {
    let size = MOST_OF_OBJECT as u64;
    // 64 KiB at a time, always the first ones.
    let copies = [0x80].repeat(MOST_OF_OBJECT >> 16);
    let mut entries = vec![whole(3, &vec![0; MOST_OF_OBJECT])];
    for base in 0..70 {
        entries.push(delta(base, size, size, &copies));
    }
    let store = store(&entries);
    assert_eq!(store.reader(1 << 20).read(&name(3)).map(|object| object.bytes.len()), Ok(MOST_OF_OBJECT));
    assert_eq!(store.reader(1 << 20).read(&name(70)).map(|_| ()), Err(Fault::Endless));
}

#[test]
fn broken_files_are_refused() {
    let entries = [whole(3, b"one"), whole(1, b"two"), delta(0, 3, 2, &[0x90, 2])];
    let (pack, index) = pack(&entries);
    let taken = |pack: &[u8], index: &[u8]| {
        Store::new(20, Box::new(|_| None)).add(Box::new(pack.to_vec()), index.to_vec())
    };
    assert!(taken(&pack, &index));
    for end in 0..index.len() {
        assert!(!taken(&pack, &index[..end]), "index of {end} bytes");
    }
    let changed = |bytes: &[u8], at: usize, to: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[at..at + to.len()].copy_from_slice(to);
        bytes
    };
    let places = 8 + 1024 + 3 * 24;
    #[rustfmt::skip]
    let table = [
        ("a pack of another version", changed(&pack, 7, &[4]), index.clone()),
        ("no pack", changed(&pack, 0, b"K"), index.clone()),
        ("a pack without anything", Vec::new(), index.clone()),
        ("an index of another version", pack.clone(), changed(&index, 7, &[1])),
        ("more objects than there are", pack.clone(), changed(&index, 8 + 255 * 4, &[0, 0, 0, 4])),
        ("four billion objects", pack.clone(), changed(&index, 8 + 255 * 4, &[255; 4])),
        ("names out of order", pack.clone(), changed(&index, 8 + 1024, &[9; 20])),
    ];
    for (case, pack, index) in table {
        assert!(!taken(&pack, &index), "{case}");
    }
    // Where an object begins is only asked when it is wanted.
    #[rustfmt::skip]
    let table = [
        ("behind the pack", [0, 1, 0, 0], Fault::Damaged),
        ("in the checksum", [0, 0, 0, pack.len() as u8 - 20], Fault::Damaged),
        ("in the head", [0, 0, 0, 4], Fault::Damaged),
        ("a long place that is not there", [0x80, 0, 0, 0], Fault::Missing),
        ("a long place far behind", [0xff, 255, 255, 255], Fault::Missing),
    ];
    for (case, place, fault) in table {
        let mut store = Store::new(20, Box::new(|_| None));
        assert!(store.add(Box::new(pack.clone()), changed(&index, places, &place)), "{case}");
        assert_eq!(store.reader(1 << 20).read(&name(0)).map(|_| ()), Err(fault), "{case}");
        assert!(store.reader(1 << 20).read(&name(1)).is_ok(), "{case}");
    }
}

#[test]
fn no_change_of_a_byte_makes_a_panic() {
    let entries = [whole(3, b"one and two"), whole(2, b"three"), delta(0, 11, 3, &[0x90, 3])];
    let (pack, index) = pack(&entries);
    let mut seed = 7u64;
    let mut dice = |most: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % most
    };
    for _ in 0..2_000 {
        let (mut pack, mut index) = (pack.clone(), index.clone());
        for _ in 0..=dice(3) {
            if dice(2) == 0 {
                let at = dice(pack.len());
                pack[at] = dice(256) as u8;
            } else {
                // The counts are read once, and the places of the rest matter more.
                let at = 1024 + dice(index.len() - 1024);
                index[at] = dice(256) as u8;
            }
        }
        let mut store = Store::new(20, Box::new(|_| None));
        if store.add(Box::new(pack), index) {
            let names: Vec<ObjectName> = (0..4).map(name).collect();
            assert_eq!(store.in_order(&names).len(), 4);
            let mut reader = store.reader(1 << 20);
            for name in &names {
                let _ = reader.read(name);
            }
        }
    }
}

#[test]
fn loose_objects_are_read_or_refused() {
    let read = |bytes: &[u8]| {
        let bytes = bytes.to_vec();
        let store = Store::new(20, Box::new(move |_| Some(bytes.clone())));
        store.reader(1 << 20).read(&name(0)).map(|object| (object.kind, object.bytes.clone()))
    };
    let good = packed(b"blob 5\0hello");
    assert_eq!(read(&good), Ok((ObjectKind::Blob, b"hello".to_vec())));
    for end in 0..good.len() {
        assert_eq!(read(&good[..end]), Err(Fault::Damaged), "{end}");
    }
    #[rustfmt::skip]
    let table: &[(&str, &[u8], Fault)] = &[
        ("it says too little", b"blob 4\0hello", Fault::Damaged),
        ("it says too much", b"blob 6\0hello", Fault::Damaged),
        ("it says a terabyte", b"blob 1099511627776\0hello", Fault::Large),
        ("it says more than there are numbers", b"blob 99999999999999999999\0hello", Fault::Damaged),
        ("no number", b"blob x\0hello", Fault::Damaged),
        ("a sign", b"blob +5\0hello", Fault::Damaged),
        ("no kind", b"file 5\0hello", Fault::Damaged),
        ("no space", b"blob5\0hello", Fault::Damaged),
        ("no NUL", b"blob 5 hello, and so on for more than any head", Fault::Damaged),
        ("nothing", b"", Fault::Damaged),
    ];
    for (case, bytes, fault) in table {
        assert_eq!(read(&packed(bytes)), Err(*fault), "{case}");
    }
    let mut bomb = b"blob 5\0".to_vec();
    bomb.resize(10 << 20, 0);
    assert_eq!(read(&packed(&bomb)), Err(Fault::Damaged));
}
