//! A file that may be read, and why another one may not.

use crate::cli::reason::reason;
use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read};

/// A file that may be read: its size is known, and it is within the limit.
#[derive(Debug)]
pub(in crate::cli) struct Opened {
    /// For who reads only parts of it.
    pub(in crate::cli) file: File,
    pub(in crate::cli) size: u64,
    limit: u64,
}

impl Opened {
    /// Takes a file whose kind is known to be good.
    pub(super) fn sized(file: File, size: u64, limit: u64) -> Result<Opened, Refused> {
        if size > limit {
            return Err(Refused::TooLarge { size, limit });
        }
        Ok(Opened { file, size, limit })
    }

    /// Takes a file if it is one: no folder, FIFO, socket or device.
    pub(super) fn regular(file: File, limit: u64) -> Result<Opened, Refused> {
        let metadata = file.metadata().map_err(Refused::System)?;
        if !metadata.is_file() {
            return Err(Refused::NoFile(kind(&metadata)));
        }
        Opened::sized(file, metadata.len(), limit)
    }

    /// Puts all of it behind what is in the buffer.
    pub(in crate::cli) fn read(self, buffer: &mut Vec<u8>) -> Result<(), Refused> {
        let (before, limit) = (buffer.len(), self.limit);
        buffer.reserve(self.size as usize + 1);
        // To stop at the size spares a question for each file. Some files of the system say that they are empty.
        let most = if self.size == 0 { limit.saturating_add(1) } else { self.size };
        self.file.take(most).read_to_end(buffer).map_err(Refused::System)?;
        let size = (buffer.len() - before) as u64;
        if size > limit {
            return Err(Refused::TooLarge { size, limit });
        }
        Ok(())
    }

    pub(in crate::cli) fn bytes(self) -> Result<Vec<u8>, Refused> {
        let mut bytes = Vec::new();
        self.read(&mut bytes)?;
        Ok(bytes)
    }

    /// Its text; what is not Unicode in it is replaced.
    pub(in crate::cli) fn text(self) -> Result<String, Refused> {
        Ok(String::from_utf8_lossy(&self.bytes()?).into_owned())
    }
}

/// Why a file is not read.
#[derive(Debug)]
pub(in crate::cli) enum Refused {
    /// Its name does not lead to a place below the folder.
    Name,
    /// It is a link, or behind one.
    Link,
    /// It is no file, but this.
    NoFile(&'static str),
    TooLarge {
        size: u64,
        limit: u64,
    },
    System(io::Error),
}

impl Refused {
    /// Whether there is nothing of that name.
    pub(in crate::cli) fn is_missing(&self) -> bool {
        matches!(self, Refused::System(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Refused::Name => out.write_str("its name leads out of the folder"),
            Refused::Link => out.write_str("it is a link, or behind one, and links are not followed"),
            Refused::NoFile(kind) => write!(out, "it is {kind} and no file"),
            Refused::TooLarge { size, limit } => {
                write!(out, "{} are over the limit of {}", shown(*size), shown(*limit))
            }
            Refused::System(error) => out.write_str(&reason(error)),
        }
    }
}

/// A size for people.
fn shown(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..0x10_0000 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

/// What something is that is no file.
pub(super) fn kind(metadata: &Metadata) -> &'static str {
    if metadata.is_dir() {
        return "a folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return "a FIFO";
        }
        if kind.is_socket() {
            return "a socket";
        }
    }
    "a device"
}
