//! The doors to what git stores: opens its packs and loose objects for `git`, and asks the `git` binary for what is not
//! there or cannot be read, such as what a partial clone left out.

use super::door::{Opened, list, open_gits};
use super::git::Checkout;
use super::run_git::command;
use crate::git::{Fault, Object, ObjectKind, ObjectName, PackFile, Reader, Store};
use crate::limits::GIT_FILE;
use crate::limits::{MOST_ALTERNATES, MOST_DEATHS, MOST_OF_OBJECT, MOST_OF_PACK_INDEX, MOST_STORES};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};

/// What a repository stores.
pub(super) struct Objects {
    store: Store,
    fallback: Mutex<Fallback>,
}

/// Reads objects, for one thread.
pub(super) struct ObjectReader<'a> {
    objects: &'a Objects,
    reader: Reader<'a>,
}

impl Objects {
    pub(super) fn open(root: &Path, checkout: &Checkout) -> Objects {
        let mut stores = Vec::new();
        find_stores(&checkout.common.join("objects"), 0, &mut stores);
        let folders = stores.clone();
        let loose = move |name: &ObjectName| folders.iter().find_map(|folder| loose(folder, name));
        let mut store = Store::new(checkout.hash(), Box::new(loose));
        for folder in stores {
            for (pack, index) in packs(&folder.join("pack")) {
                // One that we cannot read, git may.
                store.add(Box::new(pack), index);
            }
        }
        Objects { store, fallback: Mutex::new(Fallback { root: root.to_owned(), child: None, deaths: 0 }) }
    }

    /// As [`Store::reader`].
    pub(super) fn reader(&self, most_remembered: usize) -> ObjectReader<'_> {
        ObjectReader { objects: self, reader: self.store.reader(most_remembered) }
    }

    /// As [`Store::in_order`].
    pub(super) fn in_order(&self, names: &[ObjectName]) -> Vec<(usize, usize)> {
        self.store.in_order(names)
    }
}

impl ObjectReader<'_> {
    pub(super) fn read(&mut self, name: &ObjectName) -> Result<Rc<Object>, Fault> {
        match self.reader.read(name) {
            Err(fault @ (Fault::Missing | Fault::Damaged)) => {
                let mut fallback = self.objects.fallback.lock().unwrap_or_else(PoisonError::into_inner);
                // Git calls missing what is there and cannot be unpacked.
                let read = fallback.read(name);
                Ok(Rc::new(read.map_err(|other| if other == Fault::Missing { fault } else { other })?))
            }
            read => read,
        }
    }
}

/// The folder of objects, and those it borrows from.
fn find_stores(folder: &Path, level: usize, stores: &mut Vec<PathBuf>) {
    if level > MOST_ALTERNATES || stores.len() >= MOST_STORES || stores.iter().any(|store| store == folder) {
        return;
    }
    stores.push(folder.to_owned());
    let Ok(alternates) = open_gits(folder, "info/alternates", GIT_FILE).and_then(Opened::text) else {
        return;
    };
    for line in alternates.lines().filter(|line| !line.starts_with('#')) {
        // A quoted path has signs that ours would not find; git is asked for what is there.
        if !line.is_empty() {
            find_stores(&folder.join(line), level + 1, stores);
        }
    }
}

/// The packs of a folder with their indexes, sorted by name.
fn packs(folder: &Path) -> impl Iterator<Item = (PackOnDisk, Vec<u8>)> {
    let entries = list(folder).flatten().map(|entry| PathBuf::from(entry.file_name()));
    let mut indexes: Vec<PathBuf> =
        entries.filter(|name| name.extension().is_some_and(|ending| ending == "idx")).collect();
    indexes.sort();
    indexes.into_iter().filter_map(|name| {
        let index = open_gits(folder, &name, MOST_OF_PACK_INDEX).and_then(Opened::bytes).ok()?;
        let pack = open_gits(folder, name.with_extension("pack"), u64::MAX).ok()?;
        Some((PackOnDisk { file: Mutex::new(pack.file), length: pack.size }, index))
    })
}

/// The file of a loose object. One that is longer than any we read is cut off, and then its size is all that is seen.
fn loose(folder: &Path, name: &ObjectName) -> Option<Vec<u8>> {
    let hex = name.hex();
    let (first, rest) = hex.split_at_checked(2)?;
    let file = open_gits(folder, Path::new(first).join(rest), u64::MAX).ok()?.file;
    let mut bytes = Vec::new();
    file.take(2 * MOST_OF_OBJECT as u64 + 1).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

struct PackOnDisk {
    file: Mutex<File>,
    length: u64,
}

impl PackFile for PackOnDisk {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> Option<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at)).ok()?;
        file.read_exact(into).ok()
    }
}

/// A `git cat-file` that is started when it is first needed.
struct Fallback {
    root: PathBuf,
    child: Option<CatFile>,
    deaths: usize,
}

struct CatFile {
    child: Child,
    /// Nothing once it is closed, which ends the child.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Fallback {
    fn read(&mut self, name: &ObjectName) -> Result<Object, Fault> {
        if self.deaths >= MOST_DEATHS {
            return Err(Fault::Damaged);
        }
        if self.child.is_none() {
            self.child = CatFile::start(&self.root);
        }
        match self.child.as_mut().and_then(|child| child.read(name)) {
            Some(read) => read,
            // It ends over what it cannot unpack.
            None => {
                self.child = None;
                self.deaths += 1;
                Err(Fault::Damaged)
            }
        }
    }
}

impl CatFile {
    fn start(root: &Path) -> Option<CatFile> {
        let mut command = command(root, &["--no-replace-objects", "cat-file", "--batch"]);
        // A clone that holds only some objects would fetch the others, one by one.
        command.env("GIT_NO_LAZY_FETCH", "1");
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take()?));
        Some(CatFile { child, input, output })
    }

    /// The answer is `NAME blob SIZE`, the content and a line break, or `NAME missing`; nothing if there is none.
    fn read(&mut self, name: &ObjectName) -> Option<Result<Object, Fault>> {
        let input = self.input.as_mut()?;
        // One question at a time: the pipe might not hold more.
        writeln!(input, "{}", name.hex()).and_then(|()| input.flush()).ok()?;
        let mut header = String::new();
        if self.output.read_line(&mut header).ok()? == 0 {
            return None;
        }
        let mut words = header.split_ascii_whitespace().skip(1);
        let (Some(kind), Some(size)) = (words.next().and_then(ObjectKind::of_word), words.next()) else {
            return Some(Err(Fault::Missing));
        };
        let size: u64 = size.parse().ok()?;
        if size > MOST_OF_OBJECT as u64 {
            std::io::copy(&mut (&mut self.output).take(size + 1), &mut std::io::sink()).ok()?;
            return Some(Err(Fault::Large));
        }
        let mut bytes = vec![0; size as usize + 1];
        self.output.read_exact(&mut bytes).ok()?;
        bytes.pop();
        Some(Ok(Object { kind, bytes }))
    }
}

impl Drop for CatFile {
    fn drop(&mut self) {
        drop(self.input.take());
        // It has nothing left to say, and how it ends changes nothing.
        _ = self.child.wait();
    }
}
