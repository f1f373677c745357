//! Bytes of archives to the files in them: what zip, tar and gzip write, within bounds. Knows no chart and no secret.

use miniz_oxide::inflate::decompress_to_vec_with_limit;
use std::ops::Range;

/// A file, a folder or a link of a tar archive.
#[derive(Debug)]
pub struct TarEntry<'t> {
    pub name: String,
    /// `5` is a folder, `1` and `2` are links.
    pub kind: u8,
    pub bytes: &'t [u8],
}

/// The entries of a tar archive, up to where it is damaged.
#[derive(Debug)]
pub struct Tar<'t> {
    bytes: &'t [u8],
    at: usize,
}

/// A file of a zip archive, still packed.
#[derive(Debug)]
pub struct ZipEntry<'z> {
    pub name: String,
    packed: &'z [u8],
    is_stored: bool,
}

const BLOCK: usize = 512;

impl<'t> Tar<'t> {
    pub fn new(bytes: &'t [u8]) -> Tar<'t> {
        Tar { bytes, at: 0 }
    }

    /// Whether bytes are a tar archive.
    pub fn is(bytes: &[u8]) -> bool {
        bytes.get(..BLOCK).is_some_and(|block| block.iter().any(|byte| *byte != 0) && has_its_sum(block))
    }

    fn header(&mut self) -> Option<Result<TarEntry<'t>, &'static str>> {
        // What a header before says of the next one.
        let (mut long_name, mut long_size) = (None, None);
        loop {
            let block = self.bytes.get(self.at..self.at + BLOCK)?;
            self.at += BLOCK;
            if block.iter().all(|byte| *byte == 0) {
                return None;
            }
            let size = long_size.take().or_else(|| number(&block[124..136])).filter(|_| has_its_sum(block));
            let Some(size) = size else { return Some(Err("it is no tar archive")) };
            let bytes = self.at.checked_add(size).and_then(|end| self.bytes.get(self.at..end));
            let Some(bytes) = bytes else { return Some(Err("it ends too early")) };
            self.at += size.div_ceil(BLOCK) * BLOCK;
            match block[156] {
                b'L' => long_name = Some(lossy(bytes)),
                b'x' => (long_name, long_size) = extended(bytes, long_name),
                b'K' | b'g' => {}
                kind => {
                    let name = long_name.take().unwrap_or_else(|| name_of(block));
                    return Some(Ok(TarEntry { name, kind, bytes }));
                }
            }
        }
    }
}

impl<'t> Iterator for Tar<'t> {
    type Item = Result<TarEntry<'t>, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.header();
        if matches!(next, Some(Err(_))) {
            self.at = self.bytes.len();
        }
        next
    }
}

/// The length of gzip's header; nothing if these bytes are not packed by it.
pub fn gzip_header(packed: &[u8]) -> Option<usize> {
    let (flags, mut at) = (*packed.get(3)?, 10);
    if !packed.starts_with(&[0x1f, 0x8b, 8]) {
        return None;
    }
    if flags & 4 != 0 {
        at += 2 + usize::from(*packed.get(at)?) + (usize::from(*packed.get(at + 1)?) << 8);
    }
    // A name, and a comment.
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += packed.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
        }
    }
    Some(at + if flags & 2 != 0 { 2 } else { 0 })
}

/// What gzip packed, up to so many bytes of it, and whether that is all. Sums are not asked for.
pub fn gunzip(packed: &[u8], most: usize) -> Option<(Vec<u8>, bool)> {
    Some(inflated(packed.get(gzip_header(packed)?..)?, most))
}

fn inflated(packed: &[u8], most: usize) -> (Vec<u8>, bool) {
    match decompress_to_vec_with_limit(packed, most) {
        Ok(bytes) => (bytes, true),
        Err(error) => (error.output, false),
    }
}

/// The files of a zip archive by its own list of them; nothing if it has none. What is encrypted, or packed in a way that
/// is not read here, has no bytes.
pub fn zip(bytes: &[u8]) -> Option<Vec<ZipEntry<'_>>> {
    const END: &[u8] = b"PK\x05\x06";
    const ENTRY: &[u8] = b"PK\x01\x02";
    const LONGEST_COMMENT: usize = 0xffff;
    let tail = bytes.len().saturating_sub(22 + LONGEST_COMMENT);
    let end = tail + memchr::memmem::rfind(&bytes[tail..], END)?;
    let list = bytes.get(end..end + 22)?;
    let (count, mut at) = (short(list, 10)?, long(list, 16)?);
    let mut out = Vec::new();
    for _ in 0..count {
        let head = bytes.get(at..at.checked_add(46)?)?;
        if !head.starts_with(ENTRY) {
            return None;
        }
        let lengths = [28, 30, 32].map(|field| short(head, field).unwrap_or(0));
        let name = String::from_utf8_lossy(bytes.get(at + 46..at + 46 + lengths[0])?).into_owned();
        let (is_locked, method) = (short(head, 8)? & 1 != 0, short(head, 10)?);
        let packed = packed_at(bytes, long(head, 42)?, long(head, 20)?);
        if !name.ends_with('/') {
            let packed = packed.filter(|_| !is_locked && matches!(method, 0 | 8)).unwrap_or_default();
            out.push(ZipEntry { name, packed, is_stored: method == 0 });
        }
        at += 46 + lengths.iter().sum::<usize>();
    }
    Some(out)
}

/// The packed bytes of a file of a zip archive, behind the header that stands before them.
fn packed_at(bytes: &[u8], at: usize, size: usize) -> Option<&[u8]> {
    let head = bytes.get(at..at.checked_add(30)?).filter(|head| head.starts_with(b"PK\x03\x04"))?;
    let start = at + 30 + short(head, 26)? + short(head, 28)?;
    bytes.get(start..start.checked_add(size)?)
}

impl ZipEntry<'_> {
    /// The bytes of the file, up to so many of them, and whether those are all.
    pub fn bytes(&self, most: usize) -> (Vec<u8>, bool) {
        if self.is_stored {
            return (self.packed[..self.packed.len().min(most)].to_vec(), self.packed.len() <= most);
        }
        inflated(self.packed, most)
    }
}

fn short(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?)))
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?) as usize)
}

fn has_its_sum(block: &[u8]) -> bool {
    const SUM: Range<usize> = 148..156;
    let own = |at: usize| if SUM.contains(&at) { b' ' } else { block[at] };
    let sum: usize = (0..BLOCK).map(|at| usize::from(own(at))).sum();
    number(&block[SUM]) == Some(sum)
}

/// A number in octal digits, or in binary with a mark.
fn number(field: &[u8]) -> Option<usize> {
    if field[0] & 0x80 != 0 {
        let start = usize::from(field[0] & 0x7f);
        return field[1..]
            .iter()
            .try_fold(start, |all, byte| Some(all.checked_mul(256)? + usize::from(*byte)));
    }
    let text = lossy(field);
    let digits = text.trim_matches([' ', '\0']);
    if digits.is_empty() { Some(0) } else { usize::from_str_radix(digits, 8).ok() }
}

fn name_of(block: &[u8]) -> String {
    let (name, prefix) = (lossy(&block[..100]), lossy(&block[345..500]));
    let is_posix = &block[257..263] == b"ustar\0";
    if is_posix && !prefix.is_empty() { format!("{prefix}/{name}") } else { name }
}

/// The text before the first zero.
fn lossy(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// The records of an extended header: `30 path=a/b`, with the length of each before it.
fn extended(bytes: &[u8], before: Option<String>) -> (Option<String>, Option<usize>) {
    let (mut name, mut size, mut rest) = (before, None, bytes);
    while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
        let len: Option<usize> = std::str::from_utf8(&rest[..space]).ok().and_then(|text| text.parse().ok());
        let Some(len) = len.filter(|len| (space + 1..=rest.len()).contains(len)) else { break };
        let record = lossy(&rest[space + 1..len]);
        match record.trim_end_matches('\n').split_once('=') {
            Some(("path", path)) => name = Some(path.into()),
            Some(("size", digits)) => size = digits.parse().ok(),
            _ => {}
        }
        rest = &rest[len..];
    }
    (name, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A zip archive of one file, as its specification has it: header, bytes, list, end.
    fn zipped(name: &str, packed: &[u8], method: u8, flags: u8) -> Vec<u8> {
        let mut out = b"PK\x03\x04\x14\0".to_vec();
        let sizes = [0u32, packed.len() as u32, 0];
        let mut head = vec![flags, 0, method, 0, 0, 0, 0, 0];
        head.extend(sizes.iter().flat_map(|size| size.to_le_bytes()));
        head.extend((name.len() as u16).to_le_bytes());
        head.extend([0, 0]);
        out.extend(&head);
        out.extend(name.bytes());
        out.extend(packed);
        let list = out.len() as u32;
        out.extend(b"PK\x01\x02\x14\0\x14\0");
        out.extend(&head);
        out.extend([0; 14]);
        out.extend(name.bytes());
        let length = out.len() as u32 - list;
        out.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
        out.extend(length.to_le_bytes());
        out.extend(list.to_le_bytes());
        out.extend([0, 0]);
        out
    }

    #[test]
    fn a_zip_archive_is_read_by_its_list() {
        let text = "relay ".repeat(50);
        let packed = miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 6);
        let table: &[(&[u8], u8, u8, &str)] = &[
            (text.as_bytes(), 0, 0, &text),
            (&packed, 8, 0, &text),
            (&packed, 8, 1, ""),
            (&packed, 12, 0, ""),
        ];
        for (bytes, method, flags, expected) in table {
            let archive = zipped("a/b.txt", bytes, *method, *flags);
            let entries = zip(&archive).unwrap();
            assert_eq!(entries[0].name, "a/b.txt");
            assert_eq!(
                String::from_utf8(entries[0].bytes(1 << 20).0).unwrap(),
                *expected,
                "{method} {flags}"
            );
            for end in 0..archive.len() {
                assert!(zip(&archive[..end]).is_none(), "{end}");
            }
        }
        assert_eq!(
            zip(&zipped("a", text.as_bytes(), 0, 0)).unwrap()[0].bytes(10),
            (b"relay rela".to_vec(), false)
        );
    }

    #[test]
    fn broken_archives_never_panic() {
        let good = zipped("a/b.txt", b"some bytes", 0, 0);
        let mut dice = 7u64;
        for _ in 0..20_000 {
            let mut bytes = good.clone();
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (dice >> 33) as usize % bytes.len();
            bytes[at] = (dice >> 24) as u8;
            for entry in zip(&bytes).unwrap_or_default() {
                let _ = entry.bytes(100);
            }
            let _ = Tar::new(&bytes).count();
        }
    }
}
