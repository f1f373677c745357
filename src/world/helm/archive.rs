//! Charts in archives: gzip and tar, read in memory, within bounds. What helm refuses is an error; what it takes and
//! nobody should pack is told.

use crate::limits::{MOST_CHART_FILES, MOST_OF_CHART, MOST_OF_CHART_FILE, MOST_RATIO};
use crate::text::{Str, Tar, TarEntry, gzip_header};
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};
use std::sync::Arc;

/// What an archive holds.
#[derive(Debug, Default)]
pub(super) struct Members {
    pub(super) files: Vec<Member>,
    /// Links: helm takes them for empty files.
    pub(super) links: Vec<Str>,
}

/// One file of an archive, by its name within the chart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Member {
    pub(super) name: Str,
    pub(super) bytes: Arc<[u8]>,
}

/// What is left to be unpacked for one chart, archives within archives included.
#[derive(Debug)]
pub(super) struct Budget {
    bytes: usize,
    files: usize,
}

/// Below this much nobody asks how well it was packed.
const SMALL: usize = 8 << 20;
const STEP: usize = 64 << 10;

impl Budget {
    /// Takes files off that were unpacked before.
    pub(super) fn take(&mut self, members: &[Member]) -> Result<(), String> {
        let bytes: usize = members.iter().map(|member| member.bytes.len()).sum();
        let left = self.bytes.checked_sub(bytes).zip(self.files.checked_sub(members.len()));
        (self.bytes, self.files) = left.ok_or_else(|| {
            format!(
                "with what it depends on it holds more than {MOST_CHART_FILES} files or {} MiB",
                MOST_OF_CHART >> 20
            )
        })?;
        Ok(())
    }
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { bytes: MOST_OF_CHART, files: MOST_CHART_FILES }
    }
}

/// The files of a packed chart.
pub(super) fn read(packed: &[u8], budget: &mut Budget) -> Result<Members, String> {
    let mut tar = Vec::new();
    let mut rest = packed;
    while !rest.is_empty() {
        rest = gunzip(rest, packed.len(), budget, &mut tar)?;
    }
    untar(&tar, budget)
}

/// Unpacks one gzip member, and gives what follows it.
fn gunzip<'p>(
    packed: &'p [u8],
    whole: usize,
    budget: &mut Budget,
    out: &mut Vec<u8>,
) -> Result<&'p [u8], String> {
    let mut rest = packed.get(gzip_header(packed).ok_or("it is not packed by gzip")?..).unwrap_or_default();
    let (from, mut state) = (out.len(), InflateState::new_boxed(DataFormat::Raw));
    loop {
        let at = out.len();
        out.resize(at + STEP, 0);
        let done = inflate(&mut state, rest, &mut out[at..], MZFlush::None);
        out.truncate(at + done.bytes_written);
        rest = &rest[done.bytes_consumed..];
        budget.bytes = budget.bytes.checked_sub(done.bytes_written).ok_or_else(|| {
            format!(
                "unpacked it is larger than the {} MiB that are unpacked for a chart",
                MOST_OF_CHART >> 20
            )
        })?;
        if out.len() > SMALL && out.len() / whole.max(1) > MOST_RATIO {
            return Err(format!("unpacked it is more than {MOST_RATIO} times as large: no chart is"));
        }
        match done.status {
            Ok(MZStatus::StreamEnd) => break,
            Ok(_) if done.bytes_written > 0 || done.bytes_consumed > 0 => {}
            Err(MZError::Buf) | Ok(_) => return Err("it ends too early".into()),
            Err(_) => return Err("it is damaged".into()),
        }
    }
    let (trailer, after) = rest.split_at_checked(8).ok_or("it ends too early")?;
    if trailer[..4] != crc32(&out[from..]).to_le_bytes() {
        return Err("it is damaged: its sum is another".into());
    }
    Ok(after)
}

fn crc32(bytes: &[u8]) -> u32 {
    let table: [u32; 256] = std::array::from_fn(|byte| {
        (0..8).fold(byte as u32, |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    });
    !bytes.iter().fold(!0, |sum, byte| sum >> 8 ^ table[(sum as u8 ^ byte) as usize])
}

fn untar(tar: &[u8], budget: &mut Budget) -> Result<Members, String> {
    let mut out = Members::default();
    for entry in Tar::new(tar) {
        let TarEntry { name, kind, bytes } = entry?;
        if kind == b'5' || name.ends_with('/') {
            continue;
        }
        budget.files = budget.files.checked_sub(1).ok_or_else(|| {
            format!("it holds more than the {MOST_CHART_FILES} files that are unpacked for a chart")
        })?;
        let own = within(&name)?;
        match kind {
            b'1' | b'2' => out.links.push(own),
            _ if bytes.len() > MOST_OF_CHART_FILE => {
                return Err(format!("`{own}` is larger than the {} MiB of a file", MOST_OF_CHART_FILE >> 20));
            }
            _ => out.files.push(Member { name: own, bytes: without_mark(bytes).into() }),
        }
    }
    if out.files.is_empty() { Err("it holds no files".into()) } else { Ok(out) }
}

/// The name of a file within the chart: the first folder is the chart's own.
fn within(name: &str) -> Result<Str, String> {
    let shown: String = name.chars().take(80).collect();
    let sign = if name.contains('\\') { '\\' } else { '/' };
    if name == "Chart.yaml" {
        return Err("`Chart.yaml` is in no folder".into());
    }
    let (_, rest) = name.split_once(sign).unwrap_or((name, ""));
    let rest = rest.replace(sign, "/");
    if rest.starts_with('/') {
        return Err(format!("`{shown}` is an absolute name"));
    }
    let mut parts = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => return Err(format!("`{shown}` leads out of the chart")),
            ".." => {}
            part => parts.push(part),
        }
    }
    let is_drive = rest.as_bytes().get(1..3) == Some(b":/") && rest.as_bytes()[0].is_ascii_alphabetic();
    match parts.join("/") {
        name if name.is_empty() => Err(format!("`{shown}` is not in the chart's folder")),
        _ if is_drive => Err(format!("`{shown}` is an absolute name")),
        name => Ok(name.into()),
    }
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}
