//! What is wanted of one place: a digest, or a commit, and where it goes.

use crate::lock::Kind;
use crate::text::{Edit, Span};

/// What a tag is that nobody wrote.
pub(super) const LATEST: &str = "latest";

/// One place that decides which image is pulled, and has no digest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wish {
    pub kind: Kind,
    /// The tag; the name if there is none.
    pub at: Span,
    /// The bytes that are the tag and nothing else, and that of this image alone.
    pub tag_at: Option<Span>,
    /// `docker.io/library/nginx`; empty if nobody here says it.
    pub name: String,
    /// `1.27.3`
    pub tag: String,
    pub way: Result<Slot, Left>,
}

impl Wish {
    /// What registries and the lock call it: `docker.io/library/nginx:1.27.3`, `github.com/actions/checkout@v4`.
    pub fn reference(&self) -> String {
        self.reference_with(&self.tag)
    }

    /// The same with another tag.
    pub fn reference_with(&self, tag: &str) -> String {
        let sign = if self.kind == Kind::Action { '@' } else { ':' };
        format!("{}{sign}{tag}", self.name)
    }

    /// The edits that write this digest there.
    pub fn edits(&self, digest: &str) -> Vec<Edit> {
        match &self.way {
            Ok(slot) => slot.edits(self, digest),
            Err(_) => Vec::new(),
        }
    }

    /// The edits that write another tag and its digest there: both or none.
    pub fn raised(&self, tag: &str, digest: &str) -> Vec<Edit> {
        let Some(span) = self.tag_at else { return Vec::new() };
        let mut edits = self.edits(digest);
        if edits.is_empty() {
            return edits;
        }
        // What goes right behind the tag goes into the same edit.
        let is_behind = |edit: &&mut Edit| {
            edit.span.range().is_empty() && edit.span.start == span.end && edit.span.source == span.source
        };
        match edits.iter_mut().find(is_behind) {
            Some(behind) => *behind = Edit { span, text: format!("{tag}{}", behind.text) },
            None => edits.push(Edit { span, text: tag.to_owned() }),
        }
        edits
    }
}

/// Where a digest goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Slot {
    /// Behind the tag.
    Behind,
    /// Behind the name, which has no tag: `latest` is written, too.
    BehindName,
    /// Into the value of the key beside it, which is empty. The text is what stands around the digest.
    Into { at: Span, before: &'static str, after: &'static str, bare: bool },
    /// On a line of its own, or behind a comma, as an entry beside the tag.
    Beside { at: Span, before: String },
    /// In place of the reference; the text goes there, behind it, so that people can read the tag.
    Instead { remark: Option<(Span, String)> },
}

impl Slot {
    fn edits(&self, wish: &Wish, digest: &str) -> Vec<Edit> {
        let end = Span::new(wish.at.source, wish.at.end as usize, wish.at.end as usize);
        let (span, text) = match self {
            Slot::Behind => (end, format!("@{digest}")),
            Slot::BehindName => (end, format!(":{LATEST}@{digest}")),
            Slot::Into { at, before, after, bare } => {
                let digest = if *bare { digest.trim_start_matches("sha256:") } else { digest };
                (*at, format!("{before}{digest}{after}"))
            }
            Slot::Beside { at, before } => (*at, format!("{before}digest: {digest}")),
            Slot::Instead { remark } => {
                let remark = remark.iter().map(|(span, text)| Edit { span: *span, text: text.clone() });
                let commit = Edit { span: wish.at, text: digest.to_owned() };
                return std::iter::once(commit).chain(remark).collect();
            }
        };
        vec![Edit { span, text }]
    }
}

/// Why no digest is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Left {
    /// Its name or its tag has a piece that nobody here knows.
    Unknown,
    /// Several images take their tag from there.
    Shared,
    /// Only the chart knows whose tag it is, or which registry is put before the name.
    Chart,
    /// No rendered object shows how the chart joins tag and digest.
    Unseen,
    /// A setter of Flux writes the tag, and would drop the digest or leave it behind.
    Setter,
    /// The version of a chart's application, which is more than a tag.
    Application,
    /// A variable that may be used elsewhere, too.
    Variable,
    /// A command names it.
    Command,
    /// It is written nowhere as it is.
    Unwritten,
    /// The server that runs the workflow decides where an action comes from.
    Server,
    /// Behind the reference there is no end of a line for a comment.
    Crowded,
}

impl Left {
    pub fn says(self) -> &'static str {
        match self {
            Left::Unknown => "a variable decides what is pulled, and nothing here gives it a value",
            Left::Shared => "several images take their tag from here: name each where it is used",
            Left::Chart => "only the chart knows which image this tag is for",
            Left::Unseen => "the chart is not at hand, so it is not known how it takes a digest",
            Left::Setter => "a setter of Flux writes this tag: let its ImagePolicy reflect digests",
            Left::Application => "it is the `appVersion` of a chart: give the digest in its values",
            Left::Variable => "it is a variable that is used elsewhere, or may be",
            Left::Command => "a command names it: nothing declares it",
            Left::Unwritten => "no line says it as it is",
            Left::Server => "the server that runs the workflow decides where this action comes from",
            Left::Crowded => "there is no room behind it for a comment that tells the tag",
        }
    }
}

/// An image without its digest, and who pulls it.
pub type Pulled = (String, String, String);
