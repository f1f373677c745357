//! What git stores, from bytes of which none can be believed: packs, their indexes, loose objects, folders and commits.

use pintle::testing::git::{ObjectName, Store, Walk};

/// The length of a name.
const HASH: usize = 20;

/// What is remembered while objects are read.
const REMEMBERED: usize = 1 << 16;

/// The first byte says how the others are taken: an index and a pack as they are, a loose object, or entries of which a pack
/// is made.
pub fn git(bytes: &[u8]) {
    let Some((way, bytes)) = bytes.split_first() else { return };
    match way % 3 {
        0 => {
            let cut = bytes.first_chunk().map_or(0, |length| usize::from(u16::from_be_bytes(*length)) + 2);
            let (index, pack) = bytes.split_at(cut.min(bytes.len()));
            let names: Vec<ObjectName> = index
                .get(1034..)
                .unwrap_or(&[])
                .chunks_exact(HASH)
                .filter_map(ObjectName::new)
                .take(40)
                .collect();
            read(pack.to_vec(), index.get(2..).unwrap_or(&[]).to_vec(), &names, bytes);
        }
        1 => read(Vec::new(), Vec::new(), &[name(0)], bytes),
        _ => {
            let made = Made::of(bytes);
            let names: Vec<ObjectName> = (0..made.places.len()).map(|at| name(at as u8)).collect();
            read(made.pack, index(&made.places), &names, bytes);
        }
    }
}

fn name(at: u8) -> ObjectName {
    ObjectName::new(&[at.saturating_add(1); HASH]).expect("a name has that many bytes")
}

/// Reads all objects, in the order of the store and in that of the names, and walks from each to each.
fn read(pack: Vec<u8>, index: Vec<u8>, names: &[ObjectName], loose: &[u8]) {
    let loose = loose.to_vec();
    let mut store = Store::new(HASH, Box::new(move |_| Some(loose.clone())));
    store.add(Box::new(pack), index);
    let mut order: Vec<usize> = store.in_order(names).into_iter().map(|(number, _)| number).collect();
    let mut reader = store.reader(REMEMBERED);
    let first: Vec<_> = order.iter().map(|&at| (at, reader.read(&names[at]))).collect();
    order.sort_unstable();
    assert!(order.iter().copied().eq(0..names.len()), "every name is told once");
    let mut reader = store.reader(0);
    for (at, object) in &first {
        // What was remembered changes no object.
        assert_eq!(object.is_ok(), reader.read(&names[*at]).is_ok());
    }
    for pair in names.windows(2).take(4) {
        let mut walk = Walk {
            read: &mut |name| reader.read(name),
            enter: &mut |_| true,
            hash: HASH,
            most_entries: 200,
            unread: 0,
        };
        let mut paths = 0;
        walk.changes(pair[0], &pair[1..], &mut |_| paths += 1);
        assert!(paths <= 1_000);
    }
}

/// A pack that is made of instructions, so that what is packed is packed rightly and what it says need not be right.
struct Made {
    pack: Vec<u8>,
    places: Vec<u32>,
}

impl Made {
    /// For each entry: its kind, a size to be added to the right one, which base, how many bytes, and those.
    fn of(mut bytes: &[u8]) -> Made {
        let mut made = Made { pack: b"PACK\0\0\0\x02\0\0\0\x09".to_vec(), places: Vec::new() };
        while let Some((&[kind, more, base, length], rest)) = bytes.split_first_chunk() {
            let (content, rest) = rest.split_at(usize::from(length).min(rest.len()));
            made.entry(kind, content, i64::from(more as i8), base);
            bytes = rest;
            if made.places.len() == 40 {
                break;
            }
        }
        made.pack.extend([0; HASH]);
        made
    }

    fn entry(&mut self, kind: u8, content: &[u8], more: i64, base: u8) {
        let place = self.pack.len() as u32;
        let kind = [1, 2, 3, 4, 6, 7, 6, 7][usize::from(kind) % 8];
        let mut size = (content.len() as i64 + if more % 16 == 0 { more } else { 0 }).unsigned_abs();
        let mut byte = (size & 15) as u8 | kind << 4;
        size >>= 4;
        while size > 0 {
            self.pack.push(byte | 128);
            byte = (size & 127) as u8;
            size >>= 7;
        }
        self.pack.push(byte);
        match kind {
            6 => {
                let back = match self.places.get(usize::from(base)) {
                    Some(at) => place - at,
                    None => u32::from(base),
                };
                // As git writes how far back it is: each byte but the last is one less than it says.
                let mut far = vec![(back & 127) as u8];
                let mut left = back >> 7;
                while left > 0 {
                    left -= 1;
                    far.push((left & 127) as u8 | 128);
                    left >>= 7;
                }
                self.pack.extend(far.iter().rev());
            }
            7 => self.pack.extend(name(base).as_bytes()),
            _ => {}
        }
        self.pack.extend(zlib(content));
        self.places.push(place);
    }
}

/// A stream of zlib whose blocks are stored as they are.
fn zlib(content: &[u8]) -> Vec<u8> {
    let length = content.len() as u16;
    let mut out = vec![0x78, 1, 1];
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(content);
    let (mut low, mut high) = (1u32, 0u32);
    for &byte in content {
        low = (low + u32::from(byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    out.extend((high << 16 | low).to_be_bytes());
    out
}

/// The index over entries at these places, whose names are their numbers.
fn index(places: &[u32]) -> Vec<u8> {
    let mut out = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=255_usize {
        out.extend((places.len().min(first + 1) as u32).to_be_bytes());
    }
    (0..places.len()).for_each(|at| out.extend([(at as u8).saturating_add(1); HASH]));
    out.extend(std::iter::repeat_n(0, places.len() * 4));
    places.iter().for_each(|place| out.extend(place.to_be_bytes()));
    out.extend([0; HASH * 2]);
    out
}

/// A folder over a blob, a delta by place and one by name; a folder within itself; a loose object; a pack as it is.
pub fn seeds() -> Vec<Vec<u8>> {
    let entry =
        |kind: u8, base: u8, content: &[u8]| [&[kind, 1, base, content.len() as u8][..], content].concat();
    let folder = |mode: &str, below: u8| {
        let mut out = format!("{mode} a").into_bytes();
        out.push(0);
        out.extend([below; HASH]);
        out
    };
    // A copy of the first five bytes, and two new ones.
    let delta = [10, 7, 0x90, 5, 2, b'x', b'y'];
    let made = [
        entry(2, 0, b"0123456789"),
        entry(1, 0, &folder("100644", 0)),
        entry(4, 0, &delta),
        entry(5, 0, &delta),
        entry(1, 0, &folder("40000", 1)),
        entry(1, 0, &folder("40000", 5)),
        entry(0, 0, b"tree 0101010101010101010101010101010101010101\nauthor a <a> 1 +0000\n\nx\n"),
    ]
    .concat();
    let raw = Made::of(&made);
    let names = index(&raw.places);
    vec![
        [&[2][..], &made].concat(),
        [&[1][..], &zlib(b"blob 3\0abc")].concat(),
        [&[0][..], &(names.len() as u16).to_be_bytes(), &names, &raw.pack].concat(),
    ]
}
