//! Commands that take a credential as an argument: which word of which program it is. Knows words, no files.

use std::ops::Range;
use std::sync::OnceLock;

/// Where a command has its credential.
#[derive(Clone, Copy)]
enum How {
    /// The word behind a flag, or what is behind `=` in the same word.
    Behind(&'static [&'static str]),
    /// In the same word as a flag.
    Glued(&'static str),
    /// The word that is no flag, counted from behind the program.
    Nth(usize),
    /// The last word, if there are so many that are no flags.
    Last(usize),
    /// The value of every `name=value`.
    Pairs,
    /// The word behind one that is itself the name of a credential.
    Named,
    /// The last word, behind one that begins so.
    LastBehind(&'static str),
    /// What follows in any word that begins so.
    Prefixed(&'static str),
}

use How::{Behind, Glued, Last, LastBehind, Named, Nth, Pairs, Prefixed};

/// What a credential is, and what it opens.
pub(super) type What = (&'static str, &'static str);

/// A command that takes a credential as an argument.
pub(super) struct Command {
    programs: &'static [&'static str],
    /// Words that it must have, too.
    with: &'static [&'static str],
    /// A letter that must be among its short flags.
    letter: Option<char>,
    how: How,
    /// What is before the credential in its word: `user:password`.
    split: Option<char>,
    pub(super) what: What,
}

const fn command(programs: &'static [&'static str], how: How, what: What) -> Command {
    Command { programs, with: &[], letter: None, how, split: None, what }
}

impl Command {
    const fn with(self, with: &'static [&'static str]) -> Command {
        Command { with, ..self }
    }

    const fn split(self, sign: char) -> Command {
        Command { split: Some(sign), ..self }
    }

    const fn letter(self, letter: char) -> Command {
        Command { letter: Some(letter), ..self }
    }

    /// Whether its words have names of their own.
    pub(super) fn has_names(&self) -> bool {
        matches!(self.how, Pairs | Named)
    }
}

const MYSQL: &[&str] = &[
    "mysql",
    "mysqldump",
    "mysqladmin",
    "mysqlimport",
    "mysqlcheck",
    "mysqlshow",
    "mariadb",
    "mariadb-dump",
    "mariadb-admin",
];
const MONGO: &[&str] = &["mongosh", "mongo", "mongodump", "mongorestore", "mongoexport", "mongoimport"];
const LOGIN: &[&str] = &[
    "docker", "podman", "nerdctl", "buildah", "skopeo", "oras", "crane", "helm", "az", "oc", "argocd", "cf",
    "sops",
];
const LDAP: &[&str] = &["ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami", "ldappasswd"];
const SNMP: &[&str] = &["snmpwalk", "snmpget", "snmpset", "snmpbulkwalk"];
const DATABASE: What = ("password", "of a database");
const HTTP: What = ("password", "of an HTTP request");
const LOGGED: What = ("password", "of a login");
pub(super) const STORED: What = ("value", "of a Secret that a command makes");

#[rustfmt::skip]
const COMMANDS: &[Command] = &[
    command(&["curl"], Behind(&["-u", "--user", "--proxy-user", "-U"]), HTTP).split(':'),
    command(&["curl"], Glued("-u"), HTTP).split(':'),
    command(&["wget"], Behind(&["--password", "--http-password", "--ftp-password"]), HTTP),
    command(&["http", "https"], Behind(&["-a", "--auth"]), HTTP).split(':'),
    command(MYSQL, Behind(&["--password"]), DATABASE),
    command(MYSQL, Glued("-p"), DATABASE),
    command(&["mysqladmin", "mariadb-admin"], Named, DATABASE),
    command(&["redis-cli", "valkey-cli"], Behind(&["-a", "--pass"]), DATABASE),
    command(&["redis-server", "valkey-server"], Behind(&["--requirepass", "--masterauth"]), DATABASE),
    command(MONGO, Behind(&["-p", "--password"]), DATABASE),
    command(&["sqlcmd", "bcp", "influx"], Behind(&["-P", "--password"]), DATABASE),
    command(&["sshpass"], Behind(&["-p"]), ("password", "of an SSH login")),
    command(&["sshpass"], Glued("-p"), ("password", "of an SSH login")),
    command(&["htpasswd"], Last(2), ("password", "of a web user")).letter('b'),
    command(&["mosquitto_passwd"], Last(3), ("password", "of an MQTT user")).letter('b'),
    command(&["mosquitto_pub", "mosquitto_sub", "mosquitto_rr"], Behind(&["-P", "--pw"]), ("password", "of an MQTT user")),
    command(LOGIN, Behind(&["-p", "--password"]), ("password", "of a registry login")).with(&["login"]),
    command(&["kubectl", "oc"], Behind(&["--from-literal"]), STORED).split('='),
    command(&["vault", "bao"], Nth(2), ("token", "of a Vault")).with(&["login"]),
    command(&["vault", "bao"], Nth(3), ("key", "of a Vault")).with(&["operator", "unseal"]),
    command(&["vault", "bao"], Pairs, STORED).with(&["kv", "put"]),
    command(&["vault", "bao"], Pairs, STORED).with(&["kv", "patch"]),
    command(&["aws"], Named, ("key", "of an account")).with(&["configure", "set"]),
    command(&["aws"], Behind(&["--value"]), STORED).with(&["put-parameter", "SecureString"]),
    command(&["az"], Behind(&["--value"]), STORED).with(&["keyvault", "secret", "set"]),
    command(&["gh"], Behind(&["--body", "-b"]), STORED).with(&["secret", "set"]),
    command(&["npm", "yarn", "pulumi", "git", "pip"], Named, ("value", "of a setting")).with(&["config"]),
    command(&["setx"], Named, ("value", "of a variable")),
    command(&["openssl"], Prefixed("pass:"), ("passphrase", "of a key")),
    command(&["openssl"], Behind(&["-k"]), ("passphrase", "of a file")).with(&["enc"]),
    command(&["openssl"], Last(2), ("password", "of a Unix user")).with(&["passwd"]),
    command(&["keytool"], Behind(&["-storepass", "-keypass", "-deststorepass", "-srcstorepass"]), ("password", "of a keystore")),
    command(&["gpg", "gpg2"], Behind(&["--passphrase"]), ("passphrase", "of a key")),
    command(&["zip", "unzip"], Behind(&["-P"]), ("password", "of an archive")),
    command(&["7z", "7za", "7zr"], Glued("-p"), ("password", "of an archive")),
    command(LDAP, Behind(&["-w"]), ("password", "of a directory")),
    command(&["ldappasswd"], Behind(&["-s"]), ("password", "of a directory")),
    command(&["smbclient", "rpcclient"], Behind(&["-U"]), ("password", "of a share")).split('%'),
    command(&["lftp"], Behind(&["-u"]), LOGGED).split(','),
    command(&["net"], LastBehind("/user:"), ("password", "of a share")).with(&["use"]),
    command(SNMP, Behind(&["-A"]), ("passphrase", "of SNMP")),
    command(SNMP, Behind(&["-X"]), ("passphrase", "of SNMP")),
    command(&["ipmitool"], Behind(&["-P"]), ("password", "of a board")),
    command(&["rabbitmqctl"], Nth(3), ("password", "of a queue")).with(&["add_user"]),
    command(&["rabbitmqctl"], Nth(3), ("password", "of a queue")).with(&["change_password"]),
    command(&["mc"], Nth(6), ("key", "of an object store")).with(&["alias", "set"]),
    command(&["ConvertTo-SecureString"], Nth(1), ("password", "in plain text")).with(&["-AsPlainText"]),
];

/// Whether a word, quotes and folders aside, is the name of one of them.
pub(super) fn is_program(word: &str) -> bool {
    static PROGRAMS: OnceLock<Vec<&str>> = OnceLock::new();
    let name = word.trim_matches(['"', '\'']).rsplit('/').next().unwrap_or_default();
    PROGRAMS.get_or_init(programs).binary_search(&name).is_ok()
}

/// The names of all programs, once each and in order.
pub(super) fn programs() -> Vec<&'static str> {
    let mut all: Vec<&str> = COMMANDS.iter().flat_map(|command| command.programs.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A credential among the words of a command: which word, which of its bytes, and the word that names it.
pub(super) struct Given {
    pub(super) word: usize,
    pub(super) range: Range<usize>,
    pub(super) named: Option<(usize, Range<usize>)>,
    pub(super) command: &'static Command,
}

/// Every credential among the words of a command, the first of which is the program. `is_name` says whether a word is the
/// name of a credential.
pub(super) fn credentials(words: &[&str], is_name: &dyn Fn(&str) -> bool) -> Vec<Given> {
    let Some(program) = words.first().and_then(|word| word.rsplit('/').next()) else { return Vec::new() };
    let mut out: Vec<Given> = Vec::new();
    for command in COMMANDS.iter().filter(|command| command.programs.contains(&program)) {
        let has_words = command.with.iter().all(|needed| words.contains(needed));
        if has_words && command.letter.is_none_or(|letter| words.iter().any(|word| is_cluster(word, letter)))
        {
            command.find(words, is_name, &mut |given| {
                if !out.iter().any(|known| known.word == given.word && known.range == given.range) {
                    out.push(given);
                }
            });
        }
    }
    out
}

/// Whether a word is short flags together, and one of them is the letter: `-bBn`.
fn is_cluster(word: &str, letter: char) -> bool {
    word.len() <= 6 && word.starts_with('-') && !word.starts_with("--") && word.contains(letter)
}

impl Command {
    fn find(&'static self, words: &[&str], is_name: &dyn Fn(&str) -> bool, push: &mut dyn FnMut(Given)) {
        match self.how {
            Pairs => {
                for at in plain(words) {
                    if let Some(sign) = words[at].find('=').filter(|sign| *sign > 0) {
                        let range = super::tell::unquoted(words[at], sign + 1..words[at].len());
                        push(Given { word: at, range, named: Some((at, 0..sign)), command: self });
                    }
                }
            }
            Named => {
                let mut pairs = (1..words.len().saturating_sub(1)).filter(|at| is_name(words[*at]));
                if let Some(at) = pairs.next().filter(|at| !words[*at].starts_with('-')) {
                    let named = Some((at, 0..words[at].len()));
                    push(Given { word: at + 1, range: 0..words[at + 1].len(), named, command: self });
                }
            }
            _ => {
                for (word, start) in self.places(words) {
                    let text = words[word];
                    let skip = self.split.map_or(Some(0), |sign| text[start..].find(sign).map(|at| at + 1));
                    let Some(skip) = skip else { continue };
                    let range = super::tell::unquoted(text, start + skip..text.len());
                    let named = (self.split == Some('=')).then(|| (word, start..start + skip - 1));
                    push(Given { word, range, named, command: self });
                }
            }
        }
    }

    /// The words that hold the credential, and where in each it begins.
    fn places(&self, words: &[&str]) -> Vec<(usize, usize)> {
        let all = || 1..words.len();
        match self.how {
            Behind(flags) => all().filter_map(|at| behind(words, at, flags)).collect(),
            Glued(flag) => {
                let has = |at: &usize| words[*at].starts_with(flag) && words[*at].len() > flag.len();
                all().filter(has).map(|at| (at, flag.len())).collect()
            }
            Prefixed(start) => {
                all().filter(|at| words[*at].starts_with(start)).map(|at| (at, start.len())).collect()
            }
            // `-method=userpass username=bob`: nothing but names.
            Nth(count) => {
                let nth = plain(words).nth(count - 1).filter(|at| !is_pair(words[*at]));
                nth.into_iter().map(|at| (at, 0)).collect()
            }
            Last(least) => {
                let last = plain(words).last().filter(|_| plain(words).count() >= least);
                last.into_iter().map(|at| (at, 0)).collect()
            }
            LastBehind(start) => {
                let last = words.len().checked_sub(2).filter(|before| words[*before].starts_with(start));
                last.into_iter().map(|before| (before + 1, 0)).collect()
            }
            Pairs | Named => Vec::new(),
        }
    }
}

/// The words behind the program that are no flags.
fn plain(words: &[&str]) -> impl Iterator<Item = usize> {
    (1..words.len()).filter(|at| !words[*at].starts_with('-'))
}

/// What is behind one of the flags, if the word at `at` is one: the next word, or the rest of this one.
fn behind(words: &[&str], at: usize, flags: &[&str]) -> Option<(usize, usize)> {
    let word = words[at];
    if flags.contains(&word) {
        return (at + 1 < words.len()).then_some((at + 1, 0));
    }
    let is_flag = |flag: &&&str| {
        flag.starts_with("--") && word.strip_prefix(**flag).is_some_and(|rest| rest.starts_with('='))
    };
    flags.iter().find(is_flag).map(|flag| (at, flag.len() + 1))
}

/// `name=value`; the signs at the end of base64 are no pair.
fn is_pair(word: &str) -> bool {
    word.trim_end_matches('=').contains('=')
}
