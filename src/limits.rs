//! How much is read, copied, built and compiled, and how deep: every bound of pintle. Below each heading of
//! docs/limits.md are the rows of one heading here; a test holds both against each other.

// Substitution

/// Bytes that a value may grow to. No tool takes more: an object of Kubernetes has 1.5 MiB at the most.
pub(crate) const MOST_OF_VALUE: usize = 1 << 20;
/// Bytes that are put into the texts of one file.
pub(crate) const MOST_OF_FILE: usize = 16 << 20;
/// Bytes that are put into all objects of one build.
pub(crate) const MOST_OF_BUILD: usize = 64 << 20;
/// Values that ask for one another in a row.
pub(crate) const MOST_ASKING: usize = 64;
/// Steps behind a value: for each variable, one on its road and one for what is woven around it.
pub(crate) const MOST_ON_ROAD: usize = 2 * MOST_ASKING;
/// Defaults within one another, as in `${A:-${B:-c}}`.
pub(crate) const DEEPEST_EXPANSION: usize = 32;
/// Forms of Flux within forms; what is deeper stays as written.
pub(crate) const DEEPEST_ENVSUBST: usize = 64;
/// Longer values are not trimmed by patterns: every end of them would be tried. In bytes.
pub(crate) const MOST_TRIMMED: usize = 4_096;
/// No expression that people write is as long; reading one takes time that grows faster than it does. In bytes.
pub(crate) const MOST_OF_JINJA: usize = 4096;
/// Stages that are asked, from the last one back, whether a name with a variable in it may be theirs.
pub(crate) const MOST_ASKED_STAGES: usize = 1_000;
/// Variables of a Taskfile that ask for one another in a row.
pub(crate) const MOST_ASKING_TASKS: usize = 16;
/// How deep values of Tekton may ask for parameters of what is around them: no deeper than objects have parts.
pub(crate) const DEEPEST_PARAMETERS: usize = 8;

// YAML, and what is read of it

/// Collections within collections. Real files stay below 60.
pub(crate) const DEEPEST_YAML: usize = 256;
/// Nodes that the aliases of one text may copy before they become holes.
pub(crate) const MOST_ALIASED_NODES: usize = 200_000;
/// Bytes that they may copy.
pub(crate) const MOST_ALIASED_BYTES: usize = 16 << 20;
/// Maps in which claims are looked for; nobody nests deeper.
pub(crate) const DEEPEST_SHAPE: usize = 40;
/// Values of charts inside of charts.
pub(crate) const DEEPEST_SUBCHART: usize = 6;
/// Steps of a test within steps.
pub(crate) const DEEPEST_TEST: usize = 16;
/// Calls and lists of a Tiltfile within one another.
pub(crate) const DEEPEST_STARLARK: usize = 32;
/// YAML in a text in YAML in a text.
pub(crate) const DEEPEST_SETTING: usize = 8;
/// Characters that deceive, told of one file.
pub(crate) const MOST_LETTERS_TOLD: usize = 100;

// Pipelines and compose files

/// Callers of a workflow that are asked.
pub(crate) const MOST_CALLERS: usize = 256;
/// Jobs that a matrix may make of one: GitHub's own limit.
pub(crate) const MOST_MATRIX_JOBS: usize = 256;
/// Jobs that a matrix may make of one: GitLab's own limit, and Woodpecker's is less.
pub(crate) const MOST_PARALLEL_JOBS: usize = 200;
/// Files of a pipeline of GitLab that are read.
pub(crate) const MOST_INCLUDED_PIPELINES: usize = 64;
/// Files of tasks that are looked through for one file of a role's variables.
pub(crate) const MOST_TASKS: usize = 64;
/// Services that extend one another in a row.
pub(crate) const DEEPEST_EXTENDS: usize = 16;
/// Targets of bake that inherit from one another in a row.
pub(crate) const DEEPEST_INHERITS: usize = 16;
/// Files of groups that are read for one file of Ansible.
pub(crate) const MOST_GROUPS: usize = 64;

// Commands

/// Substitutions and defaults of a shell within one another.
pub(crate) const DEEPEST_SHELL: usize = 40;
/// Scripts that are quoted within scripts: each level is read once more.
pub(crate) const DEEPEST_QUOTED: usize = 4;
/// A script in a script in a script is not followed.
pub(crate) const DEEPEST_SCRIPT: usize = 3;
/// Variables of a script that are followed: no script that people write has more.
pub(crate) const MOST_SHELL_NAMES: usize = 10_000;
/// Variables of a script that ask for one another in a row.
pub(crate) const MOST_SHELL_ASKING: usize = 32;

// Templates

/// Steps of one template.
pub(crate) const MOST_TEMPLATE_STEPS: usize = 1_000_000;
/// Bytes that one template makes, those included that it throws away.
pub(crate) const MOST_TEMPLATE_BYTES: usize = 256 << 20;
/// Bytes of one text that a template makes.
pub(crate) const MOST_OF_TEXT: usize = 32 << 20;
/// Levels of a template that fit on the stack of any thread.
pub(crate) const DEEPEST_FLAT: usize = 250;
/// What helm's own bound on templates that include themselves takes, and more, on a stack of `DEEP_STACK`.
pub(crate) const DEEPEST_TEMPLATE: usize = 10_000;
/// Bytes of that stack. Most of them nobody ever touches.
pub(crate) const DEEP_STACK: usize = 256 << 20;
/// Steps of all templates of one set: many small ones, each within its bound, would go on for days.
pub(crate) const MOST_SET_STEPS: usize = 20_000_000;
/// Bytes that all of them make.
pub(crate) const MOST_SET_BYTES: usize = 1 << 30;
/// Bytes that all of them write, which others then read.
pub(crate) const MOST_WRITTEN: usize = 16 << 20;
/// Steps of a template of a set of Applications.
pub(crate) const MOST_APPLICATION_STEPS: usize = 1 << 19;
/// Steps of a template of a helmfile.
pub(crate) const MOST_HELMFILE_STEPS: usize = 1 << 17;
/// Bytes that a template of either makes.
pub(crate) const MOST_SMALL_BYTES: usize = 1 << 24;
/// Values of a list, and of anything that is copied or compared.
pub(crate) const MOST_VALUES: usize = 1 << 20;
/// Values that hold each other.
pub(crate) const DEEPEST_VALUE: usize = 64;
/// Blocks and parentheses within each other.
pub(crate) const DEEPEST_BLOCK: usize = 100;
/// Conditions that follow each other with `else if`.
pub(crate) const MOST_ELSE: usize = 1_000;
/// Helm lets a template include itself so often, by name: a thousand, and it counts from the second on.
pub(crate) const MOST_INCLUDED: usize = 1_001;
/// The width of a format of `printf`.
pub(crate) const WIDEST: usize = 1_000;
/// Expressions that are kept compiled, of templates, of schemas and of SOPS each.
pub(crate) const MOST_PATTERNS_KEPT: usize = 64;

// Charts

/// Bytes of the files of a chart; helm takes as much, and no chart that people use comes near this.
pub(crate) const MOST_OF_CHART: usize = 100 << 20;
/// Bytes of a file of a chart, as helm has it.
pub(crate) const MOST_OF_CHART_FILE: usize = 5 << 20;
/// Files of a chart.
pub(crate) const MOST_CHART_FILES: usize = 20_000;
/// How well a chart may be packed: text packs to a thirtieth, rarely to a hundredth; zeros to a thousandth.
pub(crate) const MOST_RATIO: usize = 300;
/// Charts within charts.
pub(crate) const DEEPEST_CHART: usize = 32;
/// Charts that are looked for because a chart asks for them and does not hold them.
pub(crate) const MOST_CHARTS_ADDED: usize = 1_000;
/// Copies of charts that are used under many names.
pub(crate) const MOST_CHARTS: usize = 2_000;
/// Steps of a schema for the values of one chart.
pub(crate) const MOST_SCHEMA_STEPS: usize = 500_000;
/// References of a schema within each other.
pub(crate) const DEEPEST_SCHEMA: usize = 200;
/// Single values that a release gives (`--set`). Each of them is looked up among those before it.
pub(crate) const MOST_SET_VALUES: usize = 10_000;
/// Items of a list that such a value makes.
pub(crate) const MOST_SET_ITEMS: usize = 65_536;
/// Parts of the name of such a value.
pub(crate) const DEEPEST_SET: usize = 30;
/// Entries of a folder of charts that are looked at.
#[cfg(feature = "cli")]
pub(crate) const MOST_CHART_ENTRIES: usize = 100_000;
/// How deep below a folder charts are looked for: `DIR/NAME/VERSION/NAME` and a little more.
#[cfg(feature = "cli")]
pub(crate) const DEEPEST_CHART_FOLDER: usize = 8;

// Builds

/// Kustomizations within kustomizations.
pub(crate) const DEEPEST_KUSTOMIZATION: usize = 200;
/// Folders that load each other in circles are built on every way through them, but not more often than this.
pub(crate) const MOST_CIRCLING: usize = 1_000;
/// Copies that a build makes of objects that it has already.
pub(crate) const MOST_COPIES: usize = 10_000;
/// Items of a list behind these are not set. The tool takes 65,536, all of which it makes.
pub(crate) const MOST_ITEMS_SET: usize = 1_000;
/// Deliveries of one repository.
pub(crate) const MOST_DELIVERIES: usize = 20_000;
/// Deliveries within deliveries: one may deliver itself under ever new names.
pub(crate) const DEEPEST_DELIVERY: usize = 100;
/// How often all is built again, because definitions decide what charts deliver and so which definitions there are.
pub(crate) const MOST_ROUNDS: usize = 3;
/// Applications of one set, and sets of values of one generator.
pub(crate) const MOST_APPLICATIONS: usize = 5_000;
/// Sets of values of all generators of a set, with those that others leave out.
pub(crate) const MOST_COMPUTED: usize = 50_000;
/// Helmfiles within each other.
pub(crate) const DEEPEST_HELMFILE: usize = 20;
/// Helmfiles that are read for all environments of one: each may name a hundred others.
pub(crate) const MOST_HELMFILES: usize = 2_000;
/// Templates that a release inherits, each as often as it is asked for.
pub(crate) const MOST_INHERITED: usize = 200;
/// How often expressions of a release are executed again, until nothing changes.
pub(crate) const MOST_TURNS: usize = 6;
/// Plans of one subject that are told: the product of a thousand things and a thousand plans of the same name in no
/// known namespace has no end.
pub(crate) const MOST_PLANS: usize = 32;

// Patterns

/// A longer glob nobody wrote by hand. In bytes.
pub(crate) const LONGEST_GLOB: usize = 4096;
/// Alternatives within alternatives of a glob: each takes some of the stack.
pub(crate) const DEEPEST_GLOB: usize = 8;
/// Bytes of the machine of one expression.
pub(crate) const MOST_OF_MACHINE: usize = 1 << 20;
/// Bytes of an ignore file: a machine of hundreds of times that size is made of it.
#[cfg(feature = "cli")]
pub(crate) const IGNORES: u64 = 256 << 10;
/// Bytes of the ignore files of a folder and of those above it.
#[cfg(feature = "cli")]
pub(crate) const IGNORES_ABOVE: usize = 1 << 20;

// What you write for pintle

/// Bytes of all texts of a configuration, its aliases included: machines are made of many of them.
pub(crate) const MOST_OF_CONFIGURATION: usize = 256 << 10;
/// Bytes of a page of rules of a repository.
pub(crate) const MOST_OF_PAGE: usize = 256 << 10;
/// Bytes of all texts of its front matter: machines are made of many of them.
pub(crate) const MOST_OF_FRONT: usize = 64 << 10;
/// Bytes of a page's sentence: each of its slots may take a value.
pub(crate) const MOST_OF_SENTENCE: usize = 1_000;
/// Bytes of a value in a sentence; nobody reads a longer one.
pub(crate) const LONGEST_SAID: usize = 4096;
/// Conditions and tokens of all pages of a repository: each may be an expression of a megabyte.
pub(crate) const MOST_OWN_PATTERNS: usize = 500;
/// Bytes that are read of what a comment like an allow comment says: a line may hold many.
pub(crate) const LONGEST_REMARK: usize = 1_000;

// Secrets

/// Encodings within encodings that are followed: a release of helm has three, and a file in it one more.
pub(crate) const DEEPEST_ENCODING: usize = 5;
/// Bytes that are read behind one encoding.
pub(crate) const MOST_DECODED: usize = 4 << 20;
/// Bytes that are read behind all encodings of a file.
pub(crate) const MOST_DECODED_OF_FILE: usize = 32 << 20;
/// Documents in texts in documents: file, base64, JSON, base64.
pub(crate) const DEEPEST_EMBEDDED: usize = 4;
/// Blocks of HCL within each other.
pub(crate) const DEEPEST_HCL: usize = 64;
/// Attributes of a block in which a value is beside its name.
pub(crate) const MOST_ATTRIBUTES: usize = 200;
/// Archives in archives that are opened: a chart in a release, packed once more.
pub(crate) const DEEPEST_ARCHIVE: usize = 2;
/// Bytes that are unpacked of one archive, those in it included.
pub(crate) const MOST_OF_ARCHIVE: usize = 64 << 20;
/// Files of one archive.
pub(crate) const MOST_ARCHIVED: usize = 10_000;
/// Bytes of a file that holds something and is read in parts: it is then read as a whole, and places in a file are
/// told by 32 bits.
pub(crate) const MOST_OF_LONG: u64 = 1 << 30;
/// Values that are told of one file because they are no credentials.
pub(crate) const MOST_EXCUSED: usize = 40;
/// Credentials of one file that are sought at other places of it, and places of each that are looked at.
pub(crate) const MOST_SOUGHT: usize = 16;
pub(crate) const MOST_REPEATS: usize = 32;

// Outputs

/// Results of SARIF, the worst first: code scanning refuses a run with more.
pub(crate) const MOST_RESULTS: usize = 25_000;
/// Places of a result of SARIF besides its own: code scanning shows no more of one.
pub(crate) const MOST_RELATED: usize = 100;
/// Bytes of a line that the context of a result shows.
pub(crate) const LONGEST_LINE: usize = 500;
/// Places of one rule in Markdown: a job summary of GitHub may hold 1 MiB.
pub(crate) const MOST_PLACES_OF_RULE: usize = 50;
/// Places of all rules in Markdown.
pub(crate) const MOST_PLACES: usize = 2_000;
/// Values that are told one by one as no credentials, and whose texts are kept for it; the rest is counted.
pub(crate) const MOST_EXEMPTS: usize = 500;
/// Things that were not seen for one reason, and are named.
pub(crate) const MOST_UNSEEN: usize = 200;

// Files, and git

/// A larger file of the repository is read in parts, and for secrets alone.
#[cfg(feature = "cli")]
pub(crate) const SOURCE: u64 = 16 << 20;
/// A configuration, or a page of rules, wherever it is. Of what they say, less is taken.
#[cfg(feature = "cli")]
pub(crate) const CONFIGURATION: u64 = 4 << 20;
/// A baseline: some half a million findings.
#[cfg(feature = "cli")]
pub(crate) const BASELINE: u64 = 64 << 20;
/// `pintle.lock`: some hundred thousand images.
#[cfg(feature = "cli")]
pub(crate) const LOCK: u64 = 16 << 20;
/// Git's index: some five million files.
#[cfg(feature = "cli")]
pub(crate) const INDEX: u64 = 512 << 20;
/// Git's small files: HEAD, its configuration, a reference.
#[cfg(feature = "cli")]
pub(crate) const GIT_FILE: u64 = 4 << 20;
/// Git's packed references.
#[cfg(feature = "cli")]
pub(crate) const PACKED_REFERENCES: u64 = 64 << 20;
/// All staged files together that are larger than a source: git gives them whole, and they are kept while they are
/// read.
#[cfg(feature = "cli")]
pub(crate) const STAGED: u64 = 512 << 20;
/// Files whose past `pintle init` asks for, and commits that it looks back.
#[cfg(feature = "cli")]
pub(crate) const MOST_ASKED_FILES: usize = 500;
#[cfg(feature = "cli")]
pub(crate) const MOST_EARLIER: usize = 400;
/// What git prints for one question: the names of some five million files.
#[cfg(feature = "cli")]
pub(crate) const MOST_PRINTED: u64 = 512 << 20;
/// The index of a pack; what is in the pack of a larger one git is asked for.
#[cfg(feature = "cli")]
pub(crate) const MOST_OF_PACK_INDEX: u64 = 1 << 30;
/// An object in a pack that is unpacked.
#[cfg(feature = "cli")]
pub(crate) const MOST_OF_OBJECT: usize = 16 << 20;
/// Bytes that are made on the way to one object.
#[cfg(feature = "cli")]
pub(crate) const MOST_OBJECT_WORK: usize = 64 * MOST_OF_OBJECT;
/// Deltas of deltas: git makes 50 of them unless told otherwise, and at most this many.
#[cfg(feature = "cli")]
pub(crate) const MOST_DELTAS: usize = 4095;
/// Folders in folders of git. Git itself goes down as far where stacks are small, and no path of a system is longer.
#[cfg(feature = "cli")]
pub(crate) const DEEPEST_FOLDER: usize = 512;
/// Files and folders that are looked at for one commit: more than the largest repositories have.
#[cfg(feature = "cli")]
pub(crate) const MOST_CHANGED: usize = 20_000_000;
/// Bytes of packs that are kept in memory, piece by piece as they are read.
#[cfg(feature = "cli")]
pub(crate) const MOST_PACK_KEPT: u64 = 256 << 20;
/// Stores that borrow from stores: git itself follows five.
#[cfg(feature = "cli")]
pub(crate) const MOST_ALTERNATES: usize = 5;
/// All stores together, lest two lists that name each other many times never come to an end.
#[cfg(feature = "cli")]
pub(crate) const MOST_STORES: usize = 100;
/// How often git may end over an object before it is no longer asked.
#[cfg(feature = "cli")]
pub(crate) const MOST_DEATHS: usize = 100;

// Registries

/// A manifest, as registries take them, and other answers of theirs.
#[cfg(feature = "cli")]
pub(crate) const MANIFEST: u64 = 4 << 20;
/// The index of a site of charts: the largest that people use are half of it.
#[cfg(feature = "cli")]
pub(crate) const CHART_INDEX: u64 = 64 << 20;
/// Tags of a repository, where newer ones or versions of a chart are looked for.
#[cfg(feature = "cli")]
pub(crate) const MOST_TAGS: usize = 50_000;
/// Pages on which a registry tells them.
#[cfg(feature = "cli")]
pub(crate) const MOST_TAG_PAGES: usize = 500;
/// The references of a repository of git, where its server lists them all.
#[cfg(feature = "cli")]
pub(crate) const REFERENCES: u64 = 64 << 20;
/// Files of credentials for registries.
#[cfg(feature = "cli")]
pub(crate) const LOGINS: u64 = 4 << 20;
/// What a program answers that holds logins.
#[cfg(feature = "cli")]
pub(crate) const HELPER: u64 = 64 << 10;
/// The certificates that a machine believes.
#[cfg(feature = "cli")]
pub(crate) const CERTIFICATES: u64 = 16 << 20;
