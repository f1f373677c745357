//! What rules may ask of a credential, and how it is called in a sentence: what it is, which one, and where it goes. Never
//! its value.

use super::{Ask, Evidence, Fact, MASK, Secret, SecretKind, SecretPlace, name_words};
use crate::text::{Origin, Str};

/// How names end, and what people call such a thing; the longest ending counts.
#[rustfmt::skip]
const NOUNS: &[(&str, &str)] = &[
    ("personalaccesstoken", "personal access token"), ("registrationtoken", "registration token"), ("refreshtoken", "refresh token"),
    ("accesstoken", "access token"), ("apitoken", "API token"), ("authtoken", "auth token"), ("bearertoken", "bearer token"),
    ("bottoken", "bot token"), ("sessiontoken", "session token"), ("tokens", "token"), ("token", "token"), ("bearer", "token"),
    ("clientsecret", "client secret"), ("webhooksecret", "webhook secret"), ("sharedsecret", "shared secret"),
    ("jwtsecret", "JWT secret"), ("cookiesecret", "cookie secret"), ("sessionsecret", "session secret"), 
    ("secrets", "secret"), ("secret", "secret"), ("secretkeybase", "secret key base"), ("secretaccesskey", "secret access key"), ("apikey", "API key"),
    ("accesskey", "access key"), ("secretkey", "secret key"), ("privatekey", "private key"), ("privkey", "private key"),
    ("encryptionkey", "encryption key"), ("signingkey", "signing key"), ("masterkey", "master key"), ("accountkey", "account key"),
    ("storagekey", "storage key"), ("licensekey", "license key"), ("licencekey", "license key"), ("sessionkey", "session key"),
    ("deploykey", "deploy key"), ("sshkey", "SSH key"), ("hmackey", "HMAC key"), ("appkey", "app key"), ("picklekey", "pickle key"),
    ("authkey", "auth key"), ("presharedkey", "pre-shared key"), ("sharedkey", "shared key"), ("psk", "pre-shared key"),
    ("enrollkey", "enroll key"), ("passkey", "passkey"), ("keys", "key"), ("key", "key"), ("passphrase", "passphrase"),
    ("passcode", "passcode"), ("passwords", "password"), ("password", "password"), ("passwort", "password"),
    ("kennwort", "password"), ("contrasena", "password"), ("passwd", "password"), ("pswd", "password"), ("psw", "password"),
    ("pwd", "password"), ("pass", "password"), ("pw", "password"), ("masterauth", "password"), ("pat", "personal access token"),
    ("pin", "PIN"), ("credential", "credential"), ("credentials", "credential"), ("creds", "credential"), ("cred", "credential"),
    ("dsn", "connection string"), ("connstr", "connection string"), ("connectionstring", "connection string"),
    ("authorization", "login"), ("auth", "login"), ("salt", "salt"), ("pepper", "pepper"), ("cookie", "cookie"), ("seed", "seed"),
    ("hmac", "HMAC key"), ("jwt", "web token"), ("otp", "one-time password"), ("sas", "shared access signature"),
    ("license", "license"), ("licence", "license"), ("nonce", "nonce"), ("webhook", "webhook"),
];

impl Ask for Fact<Secret> {
    const ABOUT: &'static str = "secret";
    const FIELDS: &'static [(&'static str, &'static str)] = &[
        ("what", "what kind of credential it is"),
        ("credential", "what it is, which one, and where it goes"),
        ("weakness", "why anybody guesses it"),
        ("name", "the name it goes by"),
        ("place", "text, manifest, env, args, values, compose, script, file"),
        ("precision", "low, medium or high"),
        ("masked", "what is shown in the place of the value"),
        ("reasons", "why we believe it"),
    ];

    fn field(&self, name: &str) -> Option<Str> {
        let secret = &self.says;
        match name {
            "what" => Some(secret.what.clone()),
            "credential" => Some(credential(self).into()),
            "weakness" => match secret.evidence {
                Evidence::Weak(weakness) => Some(Str::new_static(weakness.says())),
                _ => None,
            },
            "name" => secret.name.as_ref().map(|name| name.text.clone()),
            "place" => Some(Str::new_static(secret.place.name())),
            "precision" => Some(Str::new_static(secret.evidence.precision().name())),
            "masked" => Some(Str::new_static(MASK)),
            "reasons" => Some(secret.reasons.join(", ").into()),
            _ => None,
        }
    }

    fn place(&self, name: &str) -> Option<&Origin> {
        match name {
            "masked" | "what" | "credential" => Some(&self.says.value.origin),
            "name" => self.says.name.as_ref().map(|name| &name.origin),
            _ => None,
        }
    }
}

/// What a name calls its value: `DB_PASS` is a password, `GH_PAT` a personal access token. `words` are its telling words.
pub fn noun(words: &[String]) -> &'static str {
    let whole = words.concat();
    let whole = whole.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let known = NOUNS.iter().filter(|(end, _)| whole.ends_with(end));
    known.max_by_key(|(end, _)| end.len()).map_or("credential", |(_, noun)| noun)
}

/// The credential in a sentence: ``password `admin-password` in Secret/media/grafana``, ``password of `postgresql` in
/// HelmRelease/keycloak``. A name that says what it is and no more is left out; what holds it tells more then.
pub(super) fn credential(fact: &Fact<Secret>) -> String {
    let Secret { what, goes, name, kind, .. } = &fact.says;
    let mut out = what.to_string();
    if !goes.is_empty() {
        out.push(' ');
        out.push_str(goes);
    }
    let name = name.as_ref().map(|name| name.text.as_str()).filter(|name| is_showable(name, fact));
    // A login has its names in where it goes.
    let name = name.filter(|name| {
        !matches!(kind, SecretKind::DockerAuth | SecretKind::Kubeconfig)
            && !goes.contains(&format!("`{name}`"))
            && !goes.contains(&format!("\"{name}\""))
    });
    let (service, place) = (service(fact), owner(fact));
    // The name is that of the URL, not of the password in it.
    let is_in_text = goes.starts_with("in ");
    let more = name.filter(|name| !says_no_more(name, what));
    let holder = holder(fact).filter(|holder| !place.split(['/', '`']).any(|step| step == *holder));
    match (name, more) {
        (Some(flag), _) if flag.starts_with('-') => out.push_str(&format!(" after `{flag}`")),
        (_, Some(name)) if is_in_text => out.push_str(&format!(" of `{name}`")),
        (_, Some(name)) => out.insert_str(what.len(), &format!(" `{name}`")),
        _ if service.is_some() || !goes.is_empty() => {}
        (name, None) => match holder {
            Some(holder) => out.push_str(&format!(" of `{holder}`")),
            // Nothing else says which one it is, but that its name is spelled in another way.
            None if place.is_empty() => {
                let other = name.filter(|name| !name.eq_ignore_ascii_case(what));
                out.push_str(&other.map_or(String::new(), |name| format!(" `{name}`")));
            }
            None => {}
        },
    }
    if let Some(service) = service {
        out.push_str(&format!(" of service `{service}`"));
    }
    out.push_str(&place);
    out
}

/// Whether a name may be shown: it is one, and neither the credential itself nor a piece of something drawn.
fn is_showable(name: &str, fact: &Fact<Secret>) -> bool {
    /// Longer names are generated.
    const LONGEST: usize = 80;
    /// With more digits a name is likely drawn.
    const LONGEST_NUMBER: usize = 8;
    /// What is drawn is longer; a shorter value may be a word of its own name.
    const DRAWN: usize = 12;
    let Secret { value, evidence, .. } = &fact.says;
    let value = value.text.as_str();
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_guessed = matches!(evidence, Evidence::Weak(_) | Evidence::Doubtful);
    let holds_value = !is_guessed && value.len() >= DRAWN && name.contains(value);
    !name.trim().is_empty()
        && name.len() <= LONGEST
        && digits <= LONGEST_NUMBER
        && !name.contains(['\n', '`'])
        && !holds_value
}

/// Whether a name says nothing that the sentence does not say already: `password` of a password, `apiKey` of an API key.
fn says_no_more(name: &str, what: &str) -> bool {
    let said = name_words(what);
    let is_said = |word: &String| {
        said.contains(word) || {
            let own = name_words(noun(std::slice::from_ref(word)));
            NOUNS.iter().any(|(end, _)| end == word) && own.iter().all(|word| said.contains(word))
        }
    };
    name_words(name).iter().all(is_said)
}

/// Steps of a path that are there in every file, and so tell nothing.
#[rustfmt::skip]
const PLAIN_STEPS: &[&str] = &[
    "data", "stringdata", "spec", "template", "metadata", "value", "values", "env", "environment", "envvars", "extraenv", "auth",
    "config", "configuration", "conf", "settings", "options", "params", "parameters", "args", "command", "with", "set", "inputs",
    "variables", "vars", "containers", "initcontainers", "global", "literals", "content", "secret", "secrets", "credentials",
    "credential", "existing", "security", "user", "users", "login", "configmaps", "configmap", "controllers", "main", "yaml", "yml",
    "json", "toml", "ini", "properties", "defaults", "annotations", "labels", "app", "string", "script", "steps", "attrs",
    "modules", "entries", "self", "configsecret", "params", "headers", "httpheaders", "requestheaders", "headerparameters",
    "queryparameters", "bodyparameters", "nodes",
];

/// What holds the value, by the nearest step of its path that tells something.
fn holder(fact: &Fact<Secret>) -> Option<&str> {
    let steps = fact.path.split(['.', '[', ']']).filter(|step| !step.is_empty());
    let mut steps: Vec<&str> = steps.collect();
    let own = fact.says.name.as_ref().map(|name| name.text.as_str());
    if steps.last().copied() == own {
        steps.pop();
    }
    let tells = |step: &&&str| {
        let lower = step.to_ascii_lowercase();
        step.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && step.len() > 1
            && step.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && !PLAIN_STEPS.contains(&lower.as_str())
            && Some(**step) != own
            && !says_no_more(step, &fact.says.what)
            && is_showable(step, fact)
    };
    steps.iter().rev().find(tells).copied()
}

/// The service of a compose file.
fn service(fact: &Fact<Secret>) -> Option<&str> {
    let is_compose = matches!(fact.says.place, SecretPlace::Compose | SecretPlace::Args | SecretPlace::Env);
    let rest = fact.path.strip_prefix("services.").filter(|_| is_compose && fact.owner.kind.is_empty())?;
    rest.split('.').next().filter(|name| is_showable(name, fact))
}

/// The object that it is in, or that a generator makes of it.
fn owner(fact: &Fact<Secret>) -> String {
    for generator in ["secretGenerator", "configMapGenerator"] {
        let rest = fact.path.strip_prefix(generator).and_then(|rest| rest.strip_prefix('['));
        if let Some((name, _)) = rest.and_then(|rest| rest.split_once(']')) {
            return format!(" in {generator} `{name}`");
        }
    }
    let owner = &fact.owner;
    if owner.kind.is_empty() {
        return String::new();
    }
    let label = owner.label();
    if owner.name.is_empty() { format!(" in a {}", owner.kind) } else { format!(" in {label}") }
}

#[cfg(test)]
mod tests {
    use super::super::Resource;
    use super::*;
    use crate::text::{Part, SourceId, Span};
    use std::sync::Arc;

    #[test]
    fn names_call_their_values_as_people_do() {
        let table = [
            (
                "password",
                "pass PASSWORD DB_PASS POSTGRES_PW VNC_PW ADMIN_USER_PWD rootPassword WEBPASSWORD 1Password passwort",
            ),
            ("API key", "api_key apiKey APIKEY SONARR__APIKEY"),
            ("key", "local_external_dns_key KEY"),
            ("secret access key", "AWS_SECRET_ACCESS_KEY secretAccessKey"),
            ("pre-shared key", "VPN_IPSEC_PSK presharedKey"),
            ("secret key base", "SECRET_KEY_BASE"),
            ("API token", "apitoken CF_DNS_API_TOKEN"),
            ("personal access token", "GH_PAT"),
            ("credential", "TURN_SERVER_CREDENTIAL homeassistant"),
            ("token", "token2 VIKUNJA_TOKEN"),
        ];
        for (expected, names) in table {
            for name in names.split(' ') {
                assert_eq!(noun(&name_words(name)), expected, "{name}");
            }
        }
    }

    /// A kind of place and its sentence: what it is, where it goes, its name, its path, its owner; and what is said.
    const CASES: &str = "\
In a Secret
password | | admin-password | stringData.admin-password | Secret media grafana | password `admin-password` in Secret/media/grafana
password | | password | data.password | Secret  db | password in Secret/db
value | | homeassistant | stringData.homeassistant | Secret  all | value `homeassistant` in Secret/all
password | | password | data.password | Secret | password in a Secret
client secret | | client-secret | secretGenerator[oauth2-proxy].literals[client-secret] | Kustomization | client secret in secretGenerator `oauth2-proxy`
In values
password | | password | spec.values.postgresql.auth.password | HelmRelease  keycloak | password of `postgresql` in HelmRelease/keycloak
password | | adminPassword | spec.values.adminPassword | HelmRelease  x | password `adminPassword` in HelmRelease/x
secret key | | secretKey | identities[forgejo].credentials[0].secretKey | | secret key of `forgejo`
password | | pass | spec.values.config.data.rclone.conf.pass | HelmRelease backup rclone | password in HelmRelease/backup/rclone
password | | pass | spec.values.rclone.conf.pass | HelmRelease backup rclone-retro | password of `rclone` in HelmRelease/backup/rclone-retro
password | | password | config.defaults.password | | password
password | | pass | modules.default.pass | | password of `default`
In an environment
password | | POSTGRES_PASSWORD | spec.template.spec.containers[db].env[POSTGRES_PASSWORD] | Deployment shop db | password `POSTGRES_PASSWORD` in Deployment/shop/db
API key | | APIKEY | spec.template.spec.containers[exportarr].env[APIKEY] | Deployment  a | API key of `exportarr` in Deployment/a
password | | MYSQL_PASSWORD | services.db.environment.MYSQL_PASSWORD | | password `MYSQL_PASSWORD` of service `db`
token | | TOKEN | services.chrome.environment[TOKEN] | | token of service `chrome`
In a text
password | | password | password | | password
password | | pass | pass | | password `pass`
API token | | API_TOKEN | API_TOKEN | | API token `API_TOKEN`
password | of `variable \"db_password\"` | db_password | db_password | | password of `variable \"db_password\"`
On a command line
password | | --requirepass | spec.containers[redis].args[--requirepass] | Pod  r | password after `--requirepass` in Pod/r
password | of a registry login | | | | password of a registry login
client secret | of a Secret that a command makes | client-secret | | | client secret of a Secret that a command makes
password | of a Secret that a command makes | db-pass | | | password `db-pass` of a Secret that a command makes
By its form
GitHub personal access token | | token | data.token | Secret  git | GitHub personal access token in Secret/git
GitHub personal access token | | GITHUB_TOKEN | GITHUB_TOKEN | | GitHub personal access token `GITHUB_TOKEN`
GitHub personal access token | | REPO_TOKEN | REPO_TOKEN | | GitHub personal access token `REPO_TOKEN`
2048-bit RSA private key | | tls.key | stringData.tls.key | Secret  tls | 2048-bit RSA private key `tls.key` in Secret/tls
password | in a URL (`mysql`) | DATABASE_URL | spec.x.env[DATABASE_URL] | Deployment  a | password in a URL (`mysql`) of `DATABASE_URL` in Deployment/a
registry login | for `ghcr.io` | ghcr.io | auths[ghcr.io] | Secret  pull | registry login for `ghcr.io` in Secret/pull
Without a name, or with one that is the credential itself
password | | | | | password
password | | h0rse-Staple-77 | h0rse-Staple-77 | | password
";

    #[test]
    fn a_sentence_says_what_it_is_and_where_it_goes() {
        let mut told = 0;
        for line in CASES.lines() {
            let row: Vec<&str> = line.split('|').map(str::trim).collect();
            let [what, goes, name, path, owner, expected] = row[..] else { continue };
            assert_eq!(credential(&fact(what, goes, name, path, owner)), expected, "{line}");
            told += 1;
        }
        assert!(told > 25, "{told} rows");
    }

    fn fact(what: &str, goes: &str, name: &str, path: &str, owner: &str) -> Fact<Secret> {
        let part = |text: &str| Part::new(text, Origin::verbatim(Span::new(SourceId(0), 0, 0)));
        let mut owner = owner.split(' ').map(Str::from);
        let mut next = || owner.next().unwrap_or_default();
        let (kind, namespace, owner) = (next(), next(), next());
        let kind_of = match () {
            _ if what == "registry login" => SecretKind::DockerAuth,
            _ => SecretKind::Assigned,
        };
        let place = if path.starts_with("services") { SecretPlace::Compose } else { SecretPlace::Text };
        Fact {
            origin: part("").origin,
            path: path.into(),
            owner: Arc::new(Resource {
                format: "text",
                source: SourceId(0),
                kind,
                api: Str::default(),
                namespace,
                name: owner,
                scene: None,
            }),
            says: Secret {
                kind: kind_of,
                vendor: Str::default(),
                what: what.into(),
                goes: goes.into(),
                value: part("h0rse-Staple-77"),
                name: Some(part(name)).filter(|name| !name.text.is_empty()),
                place,
                evidence: Evidence::Human,
                softer: None,
                reasons: Vec::new(),
                decoded: Vec::new(),
            },
        }
    }
}
