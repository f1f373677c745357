//! One pack: the bytes of its entries, and what the head of an entry says. Versions 2 and 3, which store alike.

use super::ObjectName;
use super::index::Index;
use super::inflate::SLACK;
use super::object::ObjectKind;
use std::sync::OnceLock;

/// The file of a pack, which somebody else has opened.
pub trait PackFile: Send + Sync {
    fn length(&self) -> u64;

    /// Fills all of `into` with the bytes from there on; nothing if that cannot be done.
    fn read_at(&self, at: u64, into: &mut [u8]) -> Option<()>;
}

/// A pack that somebody has read already.
impl PackFile for Vec<u8> {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> Option<()> {
        let at = usize::try_from(at).ok()?;
        into.copy_from_slice(self.get(at..at.checked_add(into.len())?)?);
        Some(())
    }
}

/// How many bytes are read at once.
const PIECE: u64 = 1 << 20;

/// Where the first entry begins: behind `PACK`, a version and a count.
const FIRST: u64 = 12;

/// A size of ten bytes and the name of a base, or how far back it is.
const LONGEST_HEAD: u64 = 48;

/// One pack and its index.
pub(super) struct Pack {
    file: Box<dyn PackFile>,
    pub(super) index: Index,
    hash: usize,
    /// Where the entries end: a checksum follows.
    end: u64,
    /// The pieces of the file that have been read; none if they are not kept.
    pieces: Vec<OnceLock<Option<Box<[u8]>>>>,
}

/// What the head of an entry says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Head {
    pub(super) form: Form,
    /// How long the content is, or the delta.
    pub(super) size: u64,
    /// Where in the entry the packed bytes begin.
    pub(super) start: usize,
}

/// How an entry holds its object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    Whole(ObjectKind),
    /// As a delta to the object that begins there, in the same pack.
    DeltaAt(u64),
    /// As a delta to the object of that name, in the same pack.
    DeltaTo(ObjectName),
}

impl Pack {
    /// Takes a pack and its index; nothing if one of them is none, or of a version that we do not know.
    pub(super) fn new(
        file: Box<dyn PackFile>,
        index: Vec<u8>,
        hash: usize,
        are_pieces_kept: bool,
    ) -> Option<Pack> {
        let mut start = [0; 8];
        file.read_at(0, &mut start)?;
        if start[..4] != *b"PACK" || !matches!(start[4..], [0, 0, 0, 2 | 3]) {
            return None;
        }
        let end = file.length().checked_sub(hash as u64)?;
        let index = Index::new(index, hash)?;
        let count = if are_pieces_kept { file.length().div_ceil(PIECE) } else { 0 };
        let pieces = (0..count).map(|_| OnceLock::new()).collect();
        Some(Pack { file, index, hash, end, pieces })
    }

    /// The packed bytes behind the head of an entry: as many as what they hold may need, and a few of the next entry. Where
    /// an entry ends, its stream alone says.
    pub(super) fn packed<'a>(&'a self, place: u64, head: Head, scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
        // Bytes that cannot be packed are stored in blocks with a head of their own.
        let most = head.size + head.size / 256 + 64;
        self.bytes(place.checked_add(head.start as u64)?, most + SLACK as u64, scratch)
    }

    /// The bytes from there on, at most so many: fewer at the end of the pack, none behind it.
    fn bytes<'a>(&'a self, place: u64, most: u64, scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
        let end = place.checked_add(most)?.min(self.end);
        let (piece, within) = (place / PIECE, (place % PIECE) as usize);
        if place < FIRST || place >= end {
            return None;
        }
        if !self.pieces.is_empty() && piece == (end - 1) / PIECE {
            return self.piece(piece)?.get(within..within + (end - place) as usize);
        }
        scratch.clear();
        if self.pieces.is_empty() {
            scratch.resize((end - place) as usize, 0);
            self.file.read_at(place, scratch)?;
        } else {
            for piece in piece..=(end - 1) / PIECE {
                let (first, bytes) = (piece * PIECE, self.piece(piece)?);
                let (from, to) = (place.max(first) - first, (end - first).min(PIECE));
                scratch.extend_from_slice(bytes.get(from as usize..to as usize)?);
            }
        }
        Some(scratch)
    }

    fn piece(&self, number: u64) -> Option<&[u8]> {
        let piece = self.pieces.get(number as usize)?.get_or_init(|| {
            let start = number * PIECE;
            let mut bytes = vec![0; PIECE.min(self.file.length().checked_sub(start)?) as usize];
            self.file.read_at(start, &mut bytes)?;
            Some(bytes.into())
        });
        piece.as_deref()
    }

    /// What the head of the entry that begins there says.
    pub(super) fn head(&self, place: u64, scratch: &mut Vec<u8>) -> Option<Head> {
        let entry = self.bytes(place, LONGEST_HEAD, scratch)?;
        let mut bytes = entry.iter();
        let mut byte = *bytes.next()?;
        let (kind, mut size, mut shift) = (byte >> 4 & 7, u64::from(byte & 15), 4);
        while byte & 0x80 != 0 {
            byte = *bytes.next()?;
            if shift > 53 {
                return None;
            }
            size |= u64::from(byte & 0x7f) << shift;
            shift += 7;
        }
        let form = match kind {
            6 => {
                byte = *bytes.next()?;
                let mut back = u64::from(byte & 0x7f);
                while byte & 0x80 != 0 {
                    byte = *bytes.next()?;
                    back = (back + 1).checked_mul(128)?.checked_add(u64::from(byte & 0x7f))?;
                }
                // A base lies before what is made of it, so these chains end.
                Form::DeltaAt(place.checked_sub(back).filter(|_| back > 0)?)
            }
            7 => {
                let name = bytes.as_slice().get(..self.hash)?;
                bytes = bytes.as_slice()[self.hash..].iter();
                Form::DeltaTo(ObjectName::new(name)?)
            }
            _ => Form::Whole(ObjectKind::of_pack(kind)?),
        };
        Some(Head { form, size, start: entry.len() - bytes.as_slice().len() })
    }

    /// Where the base of an entry begins; nothing if it holds its object whole.
    pub(super) fn base(&self, form: Form) -> Option<u64> {
        match form {
            Form::Whole(_) => None,
            Form::DeltaAt(place) => Some(place),
            Form::DeltaTo(name) => self.index.find(&name),
        }
    }
}
