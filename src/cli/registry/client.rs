//! The client: heads of manifests, by the rules of the distribution specification.
#![allow(clippy::disallowed_types)] // the one place that asks the network

use super::address::{is_local, origin, turned};
use super::challenge::{Challenge, in_address};
use super::login::Logins;
use super::name::{Mirror, Name, is_loopback};
use crate::cli::door::{Opened, open_named, variable};
use crate::limits::{CERTIFICATES, MANIFEST, REFERENCES};
use crate::text::{Sha256, is_digest};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;
use ureq::http::{Response, StatusCode};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

/// What a manifest may be, in both families of names.
const INDEXES: [&str; 2] =
    ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];
const IMAGES: [&str; 2] =
    ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];

/// How many questions one registry is asked at once.
const AT_ONCE: usize = 6;
/// How many registries are asked at once.
const HOSTS: usize = 8;
/// How often a registry is asked that has no time, or too many questions.
const TRIES: u32 = 3;
/// The longest that is waited for it, each time. Who wants more is asked no more.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest that is waited for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// After so many questions in a row without any answer a registry is asked no more.
const SILENT: usize = 3;
/// How often an answer may be elsewhere.
const TURNS: usize = 5;

/// What a registry says of a tag.
pub(in crate::cli) type Answer = Result<String, Missed>;

/// Why there is no digest.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::cli) enum Missed {
    /// The registry knows no such tag.
    Gone,
    /// It wants other credentials, or any.
    Refused,
    /// It is there, and no chart.
    NoChart,
    /// Nobody knows now: no network, no time, an answer that is none.
    Unknown(String),
}

impl Missed {
    pub(in crate::cli) fn says(&self) -> String {
        match self {
            Missed::Gone => "there is no such tag".into(),
            Missed::Refused => "whoever has it wants a login that it takes".into(),
            Missed::NoChart => "what is there is no chart".into(),
            Missed::Unknown(why) => format!("not known now: {why}"),
        }
    }
}

/// Every registry that is asked in one run.
#[derive(Debug)]
pub(in crate::cli) struct Registries {
    agent: Agent,
    logins: Logins,
    /// How long an answer may take, of a registry or of what holds logins.
    patience: Duration,
    pub(super) mirrors: Vec<Mirror>,
    /// What was given to be sent along, by registry and repository.
    tokens: Mutex<HashMap<(String, String), String>>,
    hosts: Mutex<HashMap<String, Host>>,
    /// The tags of each repository that somebody asked for, by registry and repository.
    pub(super) tags: Mutex<HashMap<(String, String), Tags>>,
    pub(in crate::cli) asked: AtomicUsize,
}

/// The tags of a repository.
pub(super) type Tags = Arc<Vec<String>>;

/// How a host has behaved so far.
#[derive(Debug, Default)]
struct Host {
    /// Questions in a row that it has not answered.
    silent: usize,
    /// Why it is asked no more.
    closed: Option<Missed>,
}

impl Registries {
    /// `patience` is how long one answer may take.
    pub(in crate::cli) fn new(mirrors: &[Mirror], patience: Duration) -> Registries {
        let tls = TlsConfig::builder().root_certs(authorities()).build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(patience))
            .timeout_connect(Some(patience.min(CONNECT)))
            .user_agent(concat!("pintle/", env!("CARGO_PKG_VERSION")))
            .build();
        let (agent, logins) = (config.new_agent(), Logins::read());
        let (mirrors, asked) = (mirrors.to_vec(), AtomicUsize::new(0));
        let (tokens, hosts, tags) = (Mutex::default(), Mutex::default(), Mutex::default());
        Registries { agent, logins, patience, mirrors, tokens, hosts, tags, asked }
    }

    /// Does something for each of these hosts, several at once and not too many for any of them; gives what came of it, in
    /// their order.
    pub(super) fn each<T: Send + Sync>(
        &self,
        hosts: &[Option<String>],
        ask: impl Fn(usize) -> T + Sync,
    ) -> Vec<T> {
        let answers: Vec<OnceLock<T>> = hosts.iter().map(|_| OnceLock::new()).collect();
        let mut by_host: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
        for (at, host) in hosts.iter().enumerate() {
            by_host.entry(host.as_deref()).or_default().push(at);
        }
        let hosts: Vec<Vec<usize>> = by_host.into_values().collect();
        let one = |at: usize| {
            let answer = ask(at);
            self.asked.fetch_add(1, Ordering::Relaxed);
            answer
        };
        share(&hosts, HOSTS, |own| share(own, AT_ONCE, |at| _ = answers[*at].set(one(*at))));
        // Every place was filled above; asked again it would be by nobody else.
        answers
            .into_iter()
            .enumerate()
            .map(|(at, answer)| answer.into_inner().unwrap_or_else(|| one(at)))
            .collect()
    }

    /// The digest of a tag. Who does not tell it in the head is asked for the whole, which is hashed.
    pub(super) fn digest(&self, name: &Name) -> Answer {
        match self.told(name)? {
            (Some(digest), _) => Ok(digest),
            _ => self.whole(name).map(|(head, _)| head.digest),
        }
    }

    /// What a tag or a digest is, without its manifest where the registry tells enough.
    pub(super) fn head(&self, name: &Name) -> Result<Head, Missed> {
        match self.told(name)? {
            (Some(digest), Some(_)) if is_digest(&name.tag) && digest != name.tag => Err(false_digest()),
            (Some(digest), Some(family)) => Ok(Head { digest, family }),
            _ => self.whole(name).map(|(head, _)| head),
        }
    }

    /// What the head says: it may leave out either.
    fn told(&self, name: &Name) -> Result<(Option<String>, Option<Family>), Missed> {
        let answer = self.ask(name, &name.manifest(), Way::Head)?;
        let family = match header(&answer, "content-type").map(family) {
            // The head of what is no manifest says nothing of one: portals answer so, too.
            Some(None) => return Ok((None, None)),
            family => family.flatten(),
        };
        Ok((told_digest(&answer), family))
    }

    /// What a tag or a digest is, with its manifest.
    pub(super) fn whole(&self, name: &Name) -> Result<(Head, Value), Missed> {
        let mut answer = self.ask(name, &name.manifest(), Way::Whole)?;
        let (digest, value) = hashed(&mut answer, name)?;
        // Manifests of the first edition are pulled by no runtime any more.
        if value.get("schemaVersion").and_then(Value::as_u64) != Some(2) {
            return Err(Missed::Unknown("the answer is no manifest".into()));
        }
        let family = if value.get("manifests").is_some() { Family::Index } else { Family::Image };
        Ok((Head { digest, family }, value))
    }

    /// What is there under a digest, if it is a small text in JSON.
    pub(super) fn blob(&self, name: &Name) -> Result<Value, Missed> {
        let mut answer = self.ask(name, &name.blob(), Way::Whole)?;
        Ok(hashed(&mut answer, name)?.1)
    }

    /// What refers to a digest, by the second edition of the specification.
    pub(super) fn referrers(&self, name: &Name) -> Result<Value, Missed> {
        let mut answer = self.ask(name, &name.referrers(), Way::Whole)?;
        let bytes = answer.body_mut().with_config().limit(MANIFEST).read_to_vec().map_err(unknown)?;
        serde_json::from_slice(&bytes).map_err(|_| Missed::Unknown("the answer is no list".into()))
    }

    /// Asks until there is an answer: with a token if one is wanted, and again if the registry has no time.
    pub(super) fn ask(&self, name: &Name, address: &str, way: Way) -> Result<Response<Body>, Missed> {
        let mut was_refused = false;
        let mut tries = 0;
        loop {
            let (answer, is_home) = self.follow(name, address, way)?;
            match answer.status() {
                status if status.is_success() => return Ok(answer),
                StatusCode::NOT_FOUND => return Err(Missed::Gone),
                StatusCode::METHOD_NOT_ALLOWED if way == Way::Head => {
                    return self.ask(name, address, Way::Whole);
                }
                // Whoever an answer leads to may not say where the login goes.
                StatusCode::UNAUTHORIZED if !was_refused && is_home => {
                    was_refused = true;
                    self.introduce(name, &answer)?;
                }
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(Missed::Refused),
                status if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
                    tries += 1;
                    if tries == TRIES {
                        return Err(Missed::Unknown(format!("the registry answers {}", status.as_u16())));
                    }
                    thread::sleep(self.wait(&name.host, &answer, tries)?);
                }
                status => return Err(Missed::Unknown(format!("the registry answers {}", status.as_u16()))),
            }
        }
    }

    /// One question, wherever it leads; says whether the registry itself has answered. What is said to the registry is said
    /// to nobody else.
    fn follow(&self, name: &Name, address: &str, way: Way) -> Result<(Response<Body>, bool), Missed> {
        self.is_open(&name.host)?;
        let mut address = address.to_owned();
        let home = origin(&address).map(str::to_owned);
        for _ in 0..TURNS {
            let mut request = match way {
                Way::Head => self.agent.head(&address),
                Way::Whole => self.agent.get(&address),
            };
            request = request.header("accept", [INDEXES, IMAGES].concat().join(", "));
            let is_home = origin(&address).is_some() && origin(&address) == home.as_deref();
            if let Some(token) = self.token(name).filter(|_| is_home) {
                request = request.header("authorization", token);
            }
            let answer = request.call();
            if is_home {
                self.note(&name.host, answer.is_ok());
            }
            let answer = answer.map_err(unknown)?;
            if !answer.status().is_redirection() {
                return Ok((answer, is_home));
            }
            let to = header(&answer, "location");
            address = to.and_then(|to| turned(&address, to)).ok_or_else(|| {
                Missed::Unknown("the registry leads to an address that is not followed".into())
            })?;
        }
        Err(Missed::Unknown("the registry leads on and on".into()))
    }

    /// One question to a server of git, without anybody's credentials; gives the answer, and the address that gave it. It is
    /// asked again, and followed, as registries are.
    pub(super) fn git(&self, address: &str, body: Option<&[u8]>) -> Result<(Vec<u8>, String), Missed> {
        self.anybody(address, REFERENCES, |address| match body {
            None => self.agent.get(address).header("git-protocol", "version=2").call(),
            Some(body) => {
                let request = self.agent.post(address).header("git-protocol", "version=2");
                request.header("content-type", "application/x-git-upload-pack-request").send(body)
            }
        })
    }

    /// What a site has under an address, for anybody; gives the address that gave it, too.
    pub(super) fn page(&self, address: &str, most: u64) -> Result<(Vec<u8>, String), Missed> {
        self.anybody(address, most, |address| self.agent.get(address).call())
    }

    /// Asks until there is an answer, without anybody's credentials.
    fn anybody(
        &self,
        address: &str,
        most: u64,
        ask: impl Fn(&str) -> Result<Response<Body>, ureq::Error>,
    ) -> Result<(Vec<u8>, String), Missed> {
        let host = origin(address).unwrap_or_default().to_owned();
        self.is_open(&host)?;
        let (mut address, mut tries) = (address.to_owned(), 0);
        for _ in 0..TURNS + TRIES as usize {
            let answer = ask(&address);
            self.note(&host, answer.is_ok());
            let mut answer = answer.map_err(unknown)?;
            match answer.status() {
                status if status.is_success() => {
                    let body = answer.body_mut().with_config().limit(most);
                    return Ok((body.read_to_vec().map_err(unknown)?, address));
                }
                StatusCode::NOT_FOUND => return Err(Missed::Gone),
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(Missed::Refused),
                status if status.is_redirection() => {
                    let to = header(&answer, "location");
                    address = to.and_then(|to| turned(&address, to)).ok_or_else(|| {
                        Missed::Unknown("the server leads to an address that is not followed".into())
                    })?;
                }
                status if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
                    tries += 1;
                    if tries == TRIES {
                        return Err(Missed::Unknown(format!("the server answers {}", status.as_u16())));
                    }
                    thread::sleep(self.wait(&host, &answer, tries)?);
                }
                status => return Err(Missed::Unknown(format!("the server answers {}", status.as_u16()))),
            }
        }
        Err(Missed::Unknown("the server leads on and on".into()))
    }

    /// The bytes under a digest, which they have to have.
    pub(super) fn bytes(&self, name: &Name, most: u64) -> Result<Vec<u8>, Missed> {
        let mut answer = self.ask(name, &name.blob(), Way::Whole)?;
        let bytes = answer.body_mut().with_config().limit(most).read_to_vec().map_err(unknown)?;
        if digest_of(&bytes) == name.tag { Ok(bytes) } else { Err(false_digest()) }
    }

    /// Whether a host is still asked.
    fn is_open(&self, host: &str) -> Result<(), Missed> {
        let hosts = self.hosts.lock().ok();
        let closed = hosts.and_then(|hosts| hosts.get(host)?.closed.clone());
        closed.map_or(Ok(()), Err)
    }

    /// Notes whether a host has answered. One that is down or swallows everything would else be waited for as often as there
    /// are questions.
    fn note(&self, host: &str, has_answered: bool) {
        let Ok(mut hosts) = self.hosts.lock() else { return };
        let host = hosts.entry(host.to_owned()).or_default();
        host.silent = if has_answered { 0 } else { host.silent + 1 };
        if host.silent == SILENT {
            let why = format!("not asked for, as it had no answer for {SILENT} others");
            host.closed.get_or_insert(Missed::Unknown(why));
        }
    }

    /// How long a host wants to be left alone. For more than is waited it is asked no more.
    fn wait(&self, host: &str, answer: &Response<Body>, tries: u32) -> Result<Duration, Missed> {
        let told = header(answer, "retry-after").and_then(|wait| wait.parse().ok());
        let wait = told.map_or(Duration::from_millis(500) * tries, Duration::from_secs);
        if wait <= PATIENCE {
            return Ok(wait);
        }
        let why = Missed::Unknown(format!("it wants to be asked again in {} seconds", wait.as_secs()));
        if let Ok(mut hosts) = self.hosts.lock() {
            hosts.entry(host.to_owned()).or_default().closed = Some(why.clone());
        }
        Err(why)
    }

    fn token(&self, name: &Name) -> Option<String> {
        let tokens = self.tokens.lock().ok()?;
        tokens.get(&(name.host.clone(), name.repository.clone())).cloned()
    }

    /// Gets what the registry wants to be told.
    fn introduce(&self, name: &Name, answer: &Response<Body>) -> Result<(), Missed> {
        let login = self.logins.of(name, self.patience).map(|login| format!("Basic {login}"));
        let headers = answer.headers().get_all("www-authenticate").iter();
        let challenge = headers.filter_map(|header| Challenge::read(header.to_str().ok()?)).next();
        let token = match challenge.ok_or(Missed::Refused)? {
            Challenge::Basic => login.ok_or(Missed::Refused)?,
            Challenge::Bearer { realm, service, scope } => {
                let scope = scope.unwrap_or_else(|| format!("repository:{}:pull", name.repository));
                self.bearer(name, &realm, service.as_deref(), &scope, login)?
            }
        };
        if let Ok(mut tokens) = self.tokens.lock() {
            tokens.insert((name.host.clone(), name.repository.clone()), token);
        }
        Ok(())
    }

    fn bearer(
        &self,
        name: &Name,
        realm: &str,
        service: Option<&str>,
        scope: &str,
        login: Option<String>,
    ) -> Result<String, Missed> {
        let is_safe = origin(realm).is_some()
            && (realm.starts_with("https://") || is_loopback(&name.host) && is_local(realm));
        if !is_safe {
            return Err(Missed::Unknown(
                "the registry sends its visitors to an address without encryption".into(),
            ));
        }
        let sign = if realm.contains('?') { '&' } else { '?' };
        let service = service.map_or(String::new(), |service| format!("service={}&", in_address(service)));
        let address = format!("{realm}{sign}{service}scope={}", in_address(scope));
        let mut request = self.agent.get(&address);
        if let Some(login) = login {
            request = request.header("authorization", login);
        }
        let mut answer = request.call().map_err(unknown)?;
        if !answer.status().is_success() {
            return Err(Missed::Refused);
        }
        let text = answer.body_mut().with_config().limit(MANIFEST).read_to_string().map_err(unknown)?;
        let value: Value = serde_json::from_str(&text)
            .map_err(|_| Missed::Unknown("what gives tokens answered something else".into()))?;
        let token = ["token", "access_token"].iter().find_map(|key| value.get(key)?.as_str());
        token.map(|token| format!("Bearer {token}")).ok_or(Missed::Refused)
    }
}

/// How much is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    Head,
    Whole,
}

/// What a manifest is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Head {
    pub(super) digest: String,
    pub(super) family: Family,
}

/// Whether a manifest is for one platform or for several.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Family {
    Image,
    Index,
}

fn family(kind: &str) -> Option<Family> {
    let kind = kind.split(';').next().unwrap_or(kind).trim();
    if INDEXES.contains(&kind) {
        return Some(Family::Index);
    }
    IMAGES.contains(&kind).then_some(Family::Image)
}

/// The digest of an answer, and what it says; where it was asked for by its digest, it has to be that.
fn hashed(answer: &mut Response<Body>, name: &Name) -> Result<(String, Value), Missed> {
    let bytes = answer.body_mut().with_config().limit(MANIFEST).read_to_vec().map_err(unknown)?;
    let digest = digest_of(&bytes);
    let is_other = |told: &str| told != digest;
    if is_digest(&name.tag) && is_other(&name.tag) || told_digest(answer).as_deref().is_some_and(is_other) {
        return Err(false_digest());
    }
    let value = serde_json::from_slice(&bytes);
    Ok((digest, value.map_err(|_| Missed::Unknown("the answer is no manifest".into()))?))
}

pub(in crate::cli) fn digest_of(bytes: &[u8]) -> String {
    let mut hash = Sha256::default();
    hash.update(bytes);
    format!("sha256:{}", hash.finish().map(|byte| format!("{byte:02x}")).concat())
}

fn false_digest() -> Missed {
    Missed::Unknown("the registry answers with something else than the digest says".into())
}

pub(super) fn no_name() -> Missed {
    Missed::Unknown("it is no name that a registry has".into())
}

/// Does something with each of these on up to `most` threads.
fn share<T: Sync>(all: &[T], most: usize, work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..all.len().min(most) {
            scope.spawn(|| {
                while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(one);
                }
            });
        }
    });
}

/// Errors of the network hold addresses and nothing secret, but may be long.
pub(super) fn unknown(error: ureq::Error) -> Missed {
    Missed::Unknown(error.to_string().chars().take(120).collect())
}

pub(super) fn header<'a>(answer: &'a Response<Body>, key: &str) -> Option<&'a str> {
    answer.headers().get(key).and_then(|value| value.to_str().ok())
}

/// What an answer says that its digest is.
fn told_digest(answer: &Response<Body>) -> Option<String> {
    header(answer, "docker-content-digest").filter(|digest| is_digest(digest)).map(str::to_owned)
}

/// Whom certificates are believed: whom this machine believes, or whom browsers do.
fn authorities() -> RootCerts {
    let named = variable("SSL_CERT_FILE").map(PathBuf::from);
    let usual =
        ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
    for path in named.into_iter().chain(usual.map(PathBuf::from)) {
        let Ok(bytes) = open_named(None, &path, CERTIFICATES).and_then(Opened::bytes) else { continue };
        let items = parse_pem(&bytes).filter_map(Result::ok);
        let certificates: Vec<_> = items
            .filter_map(|item| match item {
                PemItem::Certificate(certificate) => Some(certificate),
                _ => None,
            })
            .collect();
        if !certificates.is_empty() {
            return RootCerts::new_with_certs(&certificates);
        }
    }
    RootCerts::WebPki
}
