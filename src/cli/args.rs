//! What can be said on the command line. Nothing is done here.

use super::pin_args::{PinOutput, Update, age};
use super::registry::Mirror;
use crate::config::Routine;
use crate::emit::inventory::{IMAGES, Listing, STORAGE};
use crate::emit::{Compared, DELTAS, OUTPUTS, Output};
use crate::finding::Severity;
use crate::inventory::{ImageStock, StorageStock, WORDS};
use crate::text::nearest;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// A linter for GitOps repositories: what will really run, where the data will live, did a secret slip in
#[derive(Debug, Parser)]
#[command(name = "pintle", version, styles = STYLES, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = "Exit codes: 0 nothing found, 1 findings, 2 pintle could not do its work.")]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check a repository
    Lint(Lint),
    /// Look for credentials only, in every text file, or in all that git remembers
    Secrets(Secrets),
    /// Mend one finding, however sure its fix is
    Fix(Fix),
    /// Write the digest of each image behind its tag, and the commit of each action, as pintle.lock or who has it says
    Pin(Pin),
    /// Get charts that are not in the repository
    Charts {
        #[command(subcommand)]
        what: Charts,
    },
    /// Ask registries what they have of each pinned image, and tell what is otherwise
    Verify(Box<Verify>),
    /// List every image that runs: how it is pinned, where that is decided, who uses it
    Images(Images),
    /// List every database and every claim: the storage class under it, and where that is decided
    Storage(Storage),
    /// Show what a change does to clusters: images, databases, claims, Secrets' keys, charts, and what else is set
    Diff(Diff),
    /// Show what clusters get: the YAML of builds, the tree of deliveries, the road of one value
    Render(Render),
    /// Show the page of a rule: what, why, what to do
    Explain {
        /// The rule's id, such as image-latest
        rule: String,
        #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
        color: Color,
    },
    /// List the rules, or test your own
    Rules(Rules),
    /// Print the JSON Schema of what pintle reads or writes
    Schema {
        #[arg(value_enum)]
        of: Schema,
    },
    /// Write the findings of today into a file, so that only new ones count
    Baseline(Baseline),
    /// Write into .pintle.yaml that a finding is meant to be
    Allow(Allow),
    /// Look at the repository, and write a .pintle.yaml, a hook and a workflow
    Init {
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// Print a completion script
    Completions {
        #[arg(value_enum)]
        shell: Language,
    },
    /// Print the manual page, or that of a command, in roff
    Man { command: Option<String> },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Language {
    Bash,
    Elvish,
    Fish,
    Nushell,
    #[value(name = "powershell")]
    PowerShell,
    Zsh,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Schema {
    /// `.pintle.yaml`, with the rules that there are
    Config,
    /// What `lint --output json` writes
    Report,
    /// What `diff --output json` writes
    Diff,
    /// What `images --output json` writes
    Images,
    /// What `storage --output json` writes
    Storage,
    /// What `pin --output json` writes
    Pin,
    /// The front matter of a rule page
    Rule,
}

#[derive(Debug, Args)]
pub(super) struct Lint {
    /// Files and folders to report on; the repository around them is read all the same. `-` reads one file from
    /// standard input
    #[arg(default_value = ".")]
    pub(super) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) work: Work,

    /// How to tell, and where to: repeat it for several
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = target, long_help = outputs_help())]
    pub(super) output: Vec<Target>,

    /// The mildest finding that makes the exit code 1 [default: as `fail-on` of the configuration says, or warning]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(super) fail_on: Option<FailOn>,

    /// Findings that are in this file do not count [default: .pintle/baseline, if it is there]
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,

    /// Only findings that touch lines changed since this revision count; everything is read all the same
    #[arg(long, value_name = "REVISION", conflicts_with_all = ["staged", "stdin_filename"])]
    pub(super) since: Option<String>,

    /// Check what the next commit holds, and count only findings that touch lines it changes
    #[arg(long, conflicts_with = "stdin_filename")]
    pub(super) staged: bool,

    /// Tell what the change since this revision silences [default: that of --since, the last commit with --staged]
    #[arg(long, value_name = "REVISION", conflicts_with = "stdin_filename")]
    pub(super) base: Option<String>,

    /// The change is a stranger's: configuration, ignore files, rules, allows and baseline are those of the base
    #[arg(long, conflicts_with_all = ["stdin_filename", "no_config", "fix", "diff"])]
    pub(super) untrusted: bool,

    /// The name of the file that standard input holds, relative to here
    #[arg(long, value_name = "NAME")]
    pub(super) stdin_filename: Option<PathBuf>,

    /// Show findings only
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,

    /// Show every finding in full, those that were silenced, and what was not seen, by name
    #[arg(short, long)]
    pub(super) verbose: bool,

    /// Mend in the files what has one right answer, and tell what is left
    #[arg(long, conflicts_with_all = ["staged", "stdin_filename"])]
    pub(super) fix: bool,

    /// Show as a diff what --fix would change, and write nothing
    #[arg(long, conflicts_with_all = ["staged", "stdin_filename", "fix"])]
    pub(super) diff: bool,

    /// With --fix or --diff: also what may change what runs, and is to be looked at
    #[arg(long = "unsafe")]
    pub(super) with_unsafe: bool,

    /// Count findings by rule
    #[arg(long)]
    pub(super) statistics: bool,

    /// Tell what was not read, and where it stands
    #[arg(long)]
    pub(super) explain_skips: bool,

    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

#[derive(Debug, Args)]
pub(super) struct Secrets {
    #[command(flatten)]
    pub(super) lint: Lint,

    /// Look through the commits of this range (such as main..HEAD) for credentials that are gone from the files
    /// [default: every commit that a branch, a tag or a stash reaches]
    #[arg(long, value_name = "RANGE", num_args = 0..=1)]
    #[arg(conflicts_with_all = ["since", "staged", "stdin_filename", "archives"])]
    pub(super) history: Option<Option<String>>,

    /// List every file that is meant to be encrypted instead: what says so, and how much of it is. Outputs are pretty
    /// and json
    #[arg(long, conflicts_with_all = ["history", "since", "staged", "stdin_filename", "baseline", "statistics", "archives"])]
    pub(super) sealed: bool,
}

/// Which repository is read, and how.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Repository {
    /// Take this folder for the whole repository [default: the top level of git around the paths]
    #[arg(long, value_name = "FOLDER")]
    pub(super) root: Option<PathBuf>,

    /// Read this configuration instead of .pintle.yaml at the root
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(super) config: Option<PathBuf>,

    /// Read no configuration
    #[arg(long)]
    pub(super) no_config: bool,

    /// Take charts that are not in the repository from this folder, by name and version: repeat it for several
    #[arg(long, value_name = "FOLDER")]
    pub(super) chart_dir: Vec<PathBuf>,

    /// Take such charts from helm's cache, too; it differs from machine to machine
    #[arg(long)]
    pub(super) helm_cache: bool,

    /// End with 2 where a file could not be read [default: true where CI is set in the environment]
    #[arg(long, value_name = "WHETHER", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(super) fail_on_blind: Option<bool>,

    /// How many threads to use [default: one per processor]
    #[arg(short, long, value_name = "NUMBER")]
    pub(super) jobs: Option<std::num::NonZeroUsize>,
}

/// What every command that checks a repository understands.
#[derive(Debug, Default, Args)]
pub(super) struct Work {
    /// Only these rules; a trailing * takes all that begin so
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub(super) select: Vec<String>,

    /// Not these rules
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,

    /// Look for secrets in archives, too: zip, tar and gzip, also one within another
    #[arg(long)]
    pub(super) archives: bool,

    #[command(flatten)]
    pub(super) repository: Repository,
}

#[derive(Debug, Args)]
pub(super) struct Images {
    #[command(flatten)]
    pub(super) stock: Stock,

    /// How to tell, and where to: repeat it for several
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = |text: &str| listed(IMAGES, text))]
    #[arg(long_help = listings_help(IMAGES))]
    pub(super) output: Vec<Listed<ImageStock>>,

    /// Only images that no digest pins
    #[arg(long)]
    pub(super) unpinned: bool,

    /// Only images that stand on these rungs, as the table calls them
    #[arg(long, value_name = "PIN", value_delimiter = ',')]
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(WORDS))]
    pub(super) only: Vec<String>,

    /// What the table begins with, in a pipe; at a terminal it ends with that
    #[arg(long, value_enum, value_name = "ORDER", default_value = "attention")]
    pub(super) sort: Sort,

    /// Group the table by registry
    #[arg(long)]
    pub(super) tree: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Sort {
    /// What is to be mended
    Attention,
    /// The first name
    Name,
}

#[derive(Debug, Args)]
pub(super) struct Storage {
    #[command(flatten)]
    pub(super) stock: Stock,

    /// How to tell, and where to: repeat it for several
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = |text: &str| listed(STORAGE, text))]
    #[arg(long_help = listings_help(STORAGE))]
    pub(super) output: Vec<Listed<StorageStock>>,
}

#[derive(Debug, Args)]
pub(super) struct Diff {
    /// A revision: where this branch left it is the side before. Or a folder, beside another one
    #[arg(default_value = "HEAD")]
    pub(super) base: String,

    /// The side after: a revision, or a folder [default: the files as they are on the disk]
    pub(super) head: Option<String>,

    /// The side after is the next commit, as it is staged
    #[arg(long, conflicts_with = "head")]
    pub(super) staged: bool,

    /// How to tell, and where to: repeat it for several
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = |text: &str| listed(DELTAS, text))]
    #[arg(long_help = listings_help(DELTAS))]
    pub(super) output: Vec<Listed<Compared>>,

    /// The mildest new finding that makes the exit code 1
    #[arg(long, value_enum, value_name = "SEVERITY", default_value = "never")]
    pub(super) fail_on: FailOn,

    /// End with 1 unless everything is routine: what `routine` of the configuration before the change says, or these,
    /// with commas between them: image-digest, image-patch, image-minor, unpinned-images, chart-patch, chart-minor, labels
    #[arg(long, value_name = "KINDS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    #[arg(value_parser = wanted)]
    pub(super) routine: Option<Wanted>,

    /// Tell every row, every object and what is resolved
    #[arg(short, long)]
    pub(super) verbose: bool,

    #[command(flatten)]
    pub(super) repository: Repository,

    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

#[derive(Debug, Args)]
pub(super) struct Render {
    /// A folder, a delivery or a cluster [default: everything that is delivered]
    pub(super) what: Option<String>,

    /// Show clusters, deliveries and what nothing delivers instead
    #[arg(long, conflicts_with = "explain")]
    pub(super) tree: bool,

    /// The tree as JSON
    #[arg(long, requires = "tree")]
    pub(super) json: bool,

    /// Show where a value comes from, and what it was chosen over: Deployment/shop/web:image
    #[arg(long, value_name = "KIND/NAME[:PATH]", conflicts_with = "what")]
    pub(super) explain: Option<String>,

    #[command(flatten)]
    pub(super) repository: Repository,

    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

/// What every inventory understands.
#[derive(Debug, Args)]
pub(super) struct Stock {
    /// Files and folders to list; the repository around them is read all the same
    #[arg(default_value = ".")]
    pub(super) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) repository: Repository,

    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Rules {
    #[command(subcommand)]
    pub(super) test: Option<RulesCommand>,

    /// Only rules that these words are in: their name or title, a severity, a vendor, what they are about
    pub(super) words: Vec<String>,

    /// The rules about tokens of vendors, too, each on its line
    #[arg(long)]
    pub(super) all: bool,

    /// How to tell
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(super) output: RulesOutput,

    /// As JSON, as `--output json`
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum RulesOutput {
    Table,
    Markdown,
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// Run the examples of your own rule pages
    Test {
        #[arg(default_value = ".pintle/rules")]
        folder: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct Baseline {
    #[arg(default_value = ".")]
    pub(super) folder: PathBuf,

    #[command(flatten)]
    pub(super) work: Work,

    /// Where to write it [default: .pintle/baseline at the root]
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Allow {
    /// Its place as concise output tells it, path:line or path:line:rule, or the beginning of its fingerprint,
    /// which `--output json` shows
    pub(super) finding: String,

    /// Why it is allowed
    #[arg(long, value_name = "TEXT", default_value = "no reason given")]
    pub(super) reason: String,

    /// It is one of those that `pintle secrets --history` tells
    #[arg(long)]
    pub(super) history: bool,

    /// The last day on which it is allowed, as 2026-11-20 [default: for ever]
    #[arg(long, value_name = "DATE")]
    pub(super) until: Option<String>,

    #[command(flatten)]
    pub(super) work: Work,
}

#[derive(Debug, Args)]
pub(super) struct Pin {
    /// Files and folders in which images are pinned; the repository around them is read all the same
    #[arg(default_value = ".")]
    pub(super) paths: Vec<PathBuf>,

    /// Only what has a full name that fits: docker.io/library/*, github.com/actions/*
    #[arg(long, value_name = "GLOB")]
    pub(super) only: Option<String>,

    /// Ask again for what the lock has, and move digests to what their tags are today; minor and patch move tags, too,
    /// to newer ones that are written alike [default: digest]
    #[arg(long, value_name = "HOW", num_args = 0..=1, default_missing_value = "digest", hide_default_value = true)]
    #[arg(conflicts_with = "offline")]
    pub(super) update: Option<Update>,

    /// Move nothing to what was made less than so long ago: 3d, 12h, 2w
    #[arg(long, value_name = "AGE", value_parser = age, requires = "update")]
    pub(super) min_age: Option<i64>,

    /// Ask this address instead of a registry (`*` for all): repeat it for several
    #[arg(long, value_name = "REGISTRY=ADDRESS", value_parser = Mirror::read)]
    pub(super) mirror: Vec<Mirror>,

    /// How many seconds one answer of a registry may take
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub(super) timeout: u16,

    /// Ask no registry: what the lock has is written
    #[arg(long)]
    pub(super) offline: bool,

    /// How to tell what was done
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub(super) output: PinOutput,

    /// Show the changes as a diff, and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Write pintle.lock and nothing else
    #[arg(long, conflicts_with = "dry_run")]
    pub(super) lock_only: bool,

    #[command(flatten)]
    pub(super) work: Work,

    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

#[derive(Debug, Subcommand)]
pub(super) enum Charts {
    /// Fetch the charts that are asked for, and write their digests into pintle.lock: from then on every run sees what they hold
    Fetch(Fetch),
}

#[derive(Debug, Args)]
pub(super) struct Fetch {
    /// Charts that these files and folders ask for; the repository around them is read all the same
    pub(super) paths: Vec<PathBuf>,

    /// Ask again for what the lock has, and take the highest version that fits today
    #[arg(long)]
    pub(super) update: bool,

    /// Ask this address instead of a registry (`*` for all): repeat it for several
    #[arg(long, value_name = "REGISTRY=ADDRESS", value_parser = Mirror::read)]
    pub(super) mirror: Vec<Mirror>,

    /// List what would be fetched, and ask nobody
    #[arg(long)]
    pub(super) dry_run: bool,

    #[command(flatten)]
    pub(super) work: Work,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    pub(super) lint: Lint,

    /// Only images whose full name fits: docker.io/library/*
    #[arg(long, value_name = "GLOB")]
    pub(super) only: Option<String>,

    /// Ask this address instead of a registry (`*` for all): repeat it for several
    #[arg(long, value_name = "REGISTRY=ADDRESS", value_parser = Mirror::read)]
    pub(super) mirror: Vec<Mirror>,

    /// How many seconds one answer of a registry may take
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub(super) timeout: u16,

    /// Ask no registry: what pintle.lock has is held against the files
    #[arg(long)]
    pub(super) offline: bool,

    /// Tell which images have a signature of cosign; a question more for each
    #[arg(long, conflicts_with = "offline")]
    pub(super) signatures: bool,
}

#[derive(Debug, Args)]
pub(super) struct Fix {
    /// Its place as concise output tells it, path:line or path:line:rule, or the beginning of its fingerprint,
    /// which `--output json` shows
    pub(super) finding: String,

    /// Show the change as a diff, and write nothing
    #[arg(long)]
    pub(super) diff: bool,

    #[command(flatten)]
    pub(super) work: Work,

    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum FailOn {
    Error,
    Warning,
    Note,
    Never,
}

impl FailOn {
    pub(super) fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Note => Some(Severity::Note),
            FailOn::Never => None,
        }
    }
}

/// An output, and the file it goes to; nothing means standard output.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) output: &'static Output,
    pub(super) file: Option<PathBuf>,
}

fn target(text: &str) -> Result<Target, String> {
    let names: Vec<&str> = OUTPUTS.iter().map(|output| output.name).collect();
    let (at, file) = named(&names, text)?;
    Ok(Target { output: &OUTPUTS[at], file })
}

/// An output of an inventory, and the file it goes to; nothing means standard output.
#[derive(Debug)]
pub(super) struct Listed<Stock: 'static> {
    pub(super) listing: &'static Listing<Stock>,
    pub(super) file: Option<PathBuf>,
}

// Derived, it would ask the same of the stock, which only the listing's function ever sees.
impl<Stock> Clone for Listed<Stock> {
    fn clone(&self) -> Self {
        Listed { listing: self.listing, file: self.file.clone() }
    }
}

fn listed<Stock>(listings: &'static [Listing<Stock>], text: &str) -> Result<Listed<Stock>, String> {
    let names: Vec<&str> = listings.iter().map(|listing| listing.name).collect();
    let (at, file) = named(&names, text)?;
    Ok(Listed { listing: &listings[at], file })
}

/// What standard output is called.
const STANDARD: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// Reads `NAME[=FILE]`: which of the names it is, and the file.
fn named(names: &[&str], text: &str) -> Result<(usize, Option<PathBuf>), String> {
    let (name, file) = match text.split_once('=') {
        Some((name, file)) if STANDARD.contains(&file) => (name, None),
        Some((name, file)) if !file.is_empty() => (name, Some(PathBuf::from(file))),
        Some((name, _)) => return Err(format!("a file name is missing behind `{name}=`")),
        None => (text, None),
    };
    let known = names.iter().position(|known| *known == name).ok_or_else(|| {
        let near = nearest(name, names).map_or(String::new(), |near| format!(", did you mean `{near}`?"));
        format!("there is no output `{name}`{near} There are {}", names.join(", "))
    });
    Ok((known?, file))
}

/// What is to count as routine; nothing where the configuration says it.
#[derive(Clone, Debug)]
pub(super) struct Wanted(pub(super) Option<Vec<Routine>>);

fn wanted(text: &str) -> Result<Wanted, String> {
    if text.is_empty() { Ok(Wanted(None)) } else { Ok(Wanted(Some(Routine::list(text)?))) }
}

fn listings_help<Stock>(listings: &[Listing<Stock>]) -> String {
    let list = listings.iter().map(|listing| format!("\n- {:10} {}", listing.name, listing.about));
    format!("How to tell, and where to: repeat it for several [default: table]\n{}", list.collect::<String>())
}

fn outputs_help() -> String {
    let list = OUTPUTS.iter().map(|output| format!("\n- {:10} {}", output.name, output.about));
    format!(
        "How to tell, and where to: repeat it for several [default: pretty]\n{}",
        list.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_hold_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn outputs_are_read_with_their_file() {
        let read = |text: &str| target(text).map(|target| (target.output.name, target.file));
        assert_eq!(read("sarif=out/p.sarif"), Ok(("sarif", Some(PathBuf::from("out/p.sarif")))));
        assert_eq!(read("json=a=b"), Ok(("json", Some(PathBuf::from("a=b")))));
        assert_eq!(read("concise"), Ok(("concise", None)));
        assert!(read("sarfi").unwrap_err().contains("did you mean `sarif`?"));
        assert!(read("json=").is_err());
    }
}
