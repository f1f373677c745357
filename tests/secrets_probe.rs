//! A probe of the secret scan in the shapes that GitOps repositories have: every shape that leaks with every kind of
//! value, and the same shapes with every kind of reference, which must be silent. Values are made when it runs.

use pintle::testing::secrets::{Context, Promises, SecretKind, Trees, creation_rules, expand, read, rule_of};
use pintle::testing::{Fact, File, Secret, yaml};
use pintle::{Book, SourceId};

/// A place where a credential may stand: the file, the rule that reports it, and the text with `@` for the value.
struct Shape {
    file: &'static str,
    rule: &'static str,
    text: &'static str,
}

const fn shape(file: &'static str, rule: &'static str, text: &'static str) -> Shape {
    Shape { file, rule, text }
}

#[rustfmt::skip]
const SHAPES: &[Shape] = &[
    shape("secret.yaml", "secret-in-manifest", "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: '@'\n"),
    shape("secret.yaml", "secret-in-manifest", "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  a: '@'\n"),
    shape("secret.yaml", "secret-in-manifest", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  annotations:\n    a: b\n    c: d\n    e: f\n    g: h\n    i: j\n    k: l\n    m: n\ndata:\n  value: {b64:@}\n"),
    shape("secret.yaml", "secret-in-manifest", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: db}\ndata:\n  one: {b64:@}\n"),
    shape("secret.json", "secret-in-manifest", "{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"metadata\": {\"name\": \"x\"}, \"stringData\": {\"k\": \"@\"}}\n"),
    shape("list.yaml", "secret-in-manifest", "apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Secret\n    metadata: {name: x}\n    stringData:\n      thing: '@'\n"),
    shape("deploy.yaml", "secret-in-env", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: a/b:1\n          env:\n            - name: DB_PASSWORD\n              value: '@'\n"),
    shape("deploy.yaml", "secret-in-args", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: a/b:1\n          args: ['--requirepass', '@']\n"),
    shape("deploy.yaml", "secret-in-args", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: a/b:1\n          args:\n            - '--admin-password=@'\n"),
    shape("cm.yaml", "secret-in-configmap", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  SMTP_PASSWORD: '@'\n"),
    shape("cm.yaml", "secret-in-configmap", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  app.yaml: |\n    smtp:\n      password: '@'\n"),
    shape("cm.yaml", "secret-in-configmap", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  app.ini: |\n    [db]\n    password = @\n"),
    shape("values.yaml", "secret-in-values", "auth:\n  rootPassword: '@'\n"),
    shape("release.yaml", "secret-in-values", "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: x}\nspec:\n  values:\n    postgresql:\n      auth:\n        password: '@'\n"),
    shape("app.yaml", "secret-in-values", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec:\n  source:\n    helm:\n      parameters:\n        - name: postgresql.auth.password\n          value: '@'\n"),
    shape("app.yaml", "secret-in-values", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec:\n  source:\n    helm:\n      values: |\n        auth:\n          password: '@'\n"),
    shape("app.yaml", "secret-in-values", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec:\n  source:\n    helm:\n      valuesObject:\n        auth:\n          adminPassword: '@'\n"),
    shape("compose.yaml", "secret-in-compose", "services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: '@'\n"),
    shape("compose.yaml", "secret-in-compose", "services:\n  db:\n    image: postgres:16\n    environment:\n      - 'POSTGRES_PASSWORD=@'\n"),
    shape("compose.yaml", "secret-in-compose", "services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: ${DB_PASSWORD:-@}\n"),
    shape("compose.yaml", "secret-in-args", "services:\n  cache:\n    image: redis:7\n    command: [redis-server, --requirepass, '@']\n"),
    shape("kustomization.yaml", "secret-in-manifest", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nsecretGenerator:\n  - name: db\n    literals:\n      - 'password=@'\n"),
    shape("group_vars/all.yml", "secret-in-values", "ansible_become_pass: '@'\n"),
    shape(".github/workflows/ci.yaml", "secret-in-env", "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    env:\n      API_TOKEN: '@'\n    steps: []\n"),
    shape(".env", "secret-generic", "DB_PASSWORD=@\n"),
    shape("prod.tfvars", "secret-generic", "db_password = \"@\"\n"),
    shape("app.ini", "secret-generic", "[db]\npassword = @\n"),
    shape("run.sh", "secret-generic", "export DB_PASSWORD='@'\n"),
    shape("settings.py", "secret-generic", "DATABASE_PASSWORD = '@'\n"),
    shape("deploy.sh", "secret-in-script", "docker login -u bot -p '@' registry.corp.net\n"),
    shape("deploy.sh", "secret-in-script", "kubectl create secret generic db --from-literal=password='@'\n"),
    shape("deploy.sh", "secret-in-script", "sshpass -p '@' ssh root@10.0.0.1\n"),
    shape("kubeconfig.yaml", "secret-kubeconfig", "apiVersion: v1\nkind: Config\nclusters: []\nusers:\n  - name: admin\n    user:\n      password: '@'\n"),
    shape("sealed.yaml", "sealed-secret-plaintext", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: x}\nspec:\n  template:\n    stringData:\n      password: '@'\n"),
    shape("external.yaml", "external-secret-literal", "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: x}\nspec:\n  target:\n    template:\n      data:\n        password: '@'\n"),
    shape("x.sops.yaml", "sops-plaintext-leaf", "apiVersion: v1\nkind: Secret\nstringData:\n  password: '@'\n  other: {sops}\nsops:\n  encrypted_regex: ^(data|stringData)$\n  mac: {mac}\n  version: 3.9.0\n"),
    shape("url.txt", "secret-connection-string", "DATABASE=postgres://app:@@db.prod.svc:5432/app\n"),
    shape("remote.txt", "secret-basic-auth-url", "origin https://bot:@@git.corp.net/infra.git\n"),
];

/// Values that people and generators make; each is drawn anew for every shape.
const VALUES: &[&str] =
    &["Tr{digits*1}ub{lower*2}dor-{digits*2}-Kite", "{base62*14}{digits*2}", "{hex*32}", "Qz{base62*20}9x"];

/// What stands in the same places when nothing leaks.
const REFERENCES: &[&str] = &[
    "${DB_PASSWORD}",
    "{{ .Values.db.password }}",
    "op://homelab/db/password",
    "<path:secret/data/db#password>",
    "ref+vault://secret/db#/password",
    "<password>",
];

/// Whole files that look like secrets and are none.
#[rustfmt::skip]
const CLEAN: &[(&str, &str)] = &[
    ("sealed.yaml", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: x}\nspec:\n  encryptedData:\n    password: {kubeseal}\n    token: {kubeseal}\n"),
    ("x.sops.yaml", "apiVersion: v1\nkind: Secret\nstringData:\n  password: {sops}\nsops:\n  age:\n    - recipient: age1{base36*58}\n  mac: {mac}\n  encrypted_regex: ^(data|stringData)$\n  version: 3.9.0\n"),
    ("secrets.env", "DB_PASSWORD={sops}\nsops_mac={mac}\n"),
    ("external.yaml", "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: x}\nspec:\n  secretStoreRef: {name: vault, kind: ClusterSecretStore}\n  target:\n    name: db-secret\n    template:\n      data:\n        password: '{{ .password }}'\n        username: app\n        url: 'postgres://app:{{ .password }}@db/app'\n  data:\n    - secretKey: password\n      remoteRef: {key: db, property: password}\n"),
    ("store.yaml", "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: {name: vault}\nspec:\n  provider:\n    vault:\n      server: https://vault.corp.net\n      auth:\n        tokenSecretRef: {name: vault-token, key: token}\n"),
    ("deploy.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  template:\n    metadata:\n      annotations:\n        checksum/secret: {hex*64}\n    spec:\n      containers:\n        - name: web\n          image: a/b@sha256:{hex*64}\n          env:\n            - name: DB_PASSWORD\n              valueFrom:\n                secretKeyRef: {name: db-credentials, key: password}\n            - name: TOKEN_TTL\n              value: 3600s\n"),
    ("ca.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: ca}\ndata:\n  ca.crt: {b64:-----BEGIN CERTIFICATE-----{lf}MII{base64*600}{lf}-----END CERTIFICATE-----{lf}}\n"),
    ("kubeconfig.yaml", "apiVersion: v1\nkind: Config\nclusters:\n  - name: prod\n    cluster:\n      server: https://k.corp.net:6443\n      certificate-authority-data: {b64:-----BEGIN CERTIFICATE-----{lf}MII{base64*300}{lf}-----END CERTIFICATE-----{lf}}\nusers:\n  - name: oidc\n    user:\n      exec:\n        command: kubelogin\n        args: [get-token, --client-id, kubernetes]\n"),
    (".env.example", "DB_PASSWORD=\nAPI_TOKEN=your-token\nSECRET_KEY=change-me\n"),
    ("values.yaml", "auth:\n  existingSecret: app-credentials\n  secretName: app-db\n  passwordKey: admin-password\n  secretKeys:\n    adminPasswordKey: postgres-password\n"),
    ("values.yaml", "config: &db\n  password: *pgpass\n"),
    ("vault.yaml", "db_password: !vault |\n  {ansible:2}\n"),
    ("vault.yml", "{ansible:0}\n"),
    ("user.yml", "- hosts: all\n  tasks:\n    - name: user\n      user:\n        name: deploy\n        update_password: on_create\n        password: \"{{ deploy_password | password_hash('sha512') }}\"\n"),
    ("rbac.yaml", "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: secret-reader}\nrules:\n  - apiGroups: ['']\n    resources: [secrets, serviceaccounts/token]\n    verbs: [get]\n"),
    ("run.sh", "mysql --password=\"$(cat /run/secrets/db)\"\nexport TOKEN=$(vault read -field=token secret/x)\n"),
    ("go.sum", "github.com/a/b v1.2.3 h1:{base64*43}=\ngithub.com/a/b v1.2.3/go.mod h1:{base64*43}=\n"),
    ("package-lock.json", "{\"lockfileVersion\": 3, \"packages\": {\"\": {\"integrity\": \"sha512-{base64*86}==\"}}}\n"),
    ("release.yaml", "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: x}\nspec:\n  valuesFrom:\n    - kind: Secret\n      name: app-values\n      valuesKey: token\n  values:\n    adminUser: admin\n    existingSecret: grafana-admin\n    tokenUrl: https://auth.corp.net/token\n    tls:\n      secretName: wildcard-tls\n"),
    ("commits.md", "Fixed in {hex*40}, image sha256:{hex*64}, id {uuid}.\n"),
    ("crd.yaml", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\nspec:\n  versions:\n    - schema:\n        openAPIV3Schema:\n          properties:\n            password: {type: string, default: 'Qz81hsdKq72jd', description: 'The password'}\n"),
    ("argocd.yaml", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: repo\n  labels: {argocd.argoproj.io/secret-type: repository}\nstringData:\n  type: git\n  url: https://github.com/acme/infra.git\n  name: infra\n"),
    ("compose.yaml", "services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD_FILE: /run/secrets/db\n      POSTGRES_USER: app\n    secrets: [db]\nsecrets:\n  db:\n    file: ./db.txt\n"),
    ("esphome.yaml", "wifi:\n  ssid: !secret wifi_ssid\n  password: !secret wifi_password\n"),
    ("app.py", "password = os.environ['DB_PASSWORD']\ntoken = get_token(client)\nsecret: str = Field(...)\n"),
    ("main.tf", "variable \"db_password\" {\n  type = string\n  sensitive = true\n}\nresource \"x\" \"y\" {\n  password = var.db_password\n  secret_arn = aws_secretsmanager_secret.db.arn\n}\n"),
    ("id.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5{base64*43} me@host\n"),
    ("public.pem", "-----BEGIN PUBLIC KEY-----\n{base64*64}\n{base64*64}\n-----END PUBLIC KEY-----\n"),
    ("policy.yaml", "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: x}\nspec:\n  rules:\n    - validate:\n        pattern:\n          data:\n            password: '?*'\n"),
    ("sa.yaml", "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: x}\nautomountServiceAccountToken: false\nsecrets:\n  - name: x-token-abcde\n"),
    ("cert.yaml", "apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: le}\nspec:\n  acme:\n    privateKeySecretRef: {name: letsencrypt-production}\n    solvers:\n      - dns01:\n          cloudflare:\n            apiTokenSecretRef: {name: cloudflare-api-token, key: api-token}\n"),
    ("bcrypt.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n  admin.password: $2y$10${base62*53}\n"),
];

/// Leaks of one shape each; the bytes that the finding must mark stand between `«` and `»`.
#[rustfmt::skip]
const SINGLE: &[(&str, &str, &str)] = &[
    ("secret.yaml", "secret-in-manifest", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata:\n  password: «{b64:a7-Kes}»\n"),
    ("secret.yaml", "secret-in-manifest", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n  one: &shared «{base62*20}»\n"),
    ("secret.yaml", "secret-in-manifest", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n  app.properties: |\n    user=app\n    db.password=«{base62*20}»\n"),
    ("secret.yaml", "secret-in-manifest", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n  config.yaml: |\n    smtp:\n      password: «{base62*20}»\n      host: mail.corp.net\n"),
    ("secret.yaml", "secret-docker-auth", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ntype: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: «{b64:{\"auths\":{\"reg.corp.net\":{\"auth\":\"{b64:bot:{base62*20}}\"}}}}»\n"),
    ("secret.yaml", "secret-docker-auth", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n  .dockerconfigjson: '{\"auths\":{\"reg.corp.net\":{\"auth\":\"«{b64:bot:{base62*20}}»\"}}}'\n"),
    ("secret.yaml", "secret-kubeconfig", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata:\n  value: «{b64:apiVersion: v1{lf}kind: Config{lf}clusters: []{lf}users:{lf}- name: a{lf}  user:{lf}    token: {base62*40}{lf}}»\n"),
    ("secret.yaml", "secret-private-key", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata:\n  tls.crt: {b64:-----BEGIN CERTIFICATE-----{lf}MII{base64*200}{lf}-----END CERTIFICATE-----{lf}}\n  tls.key: «{b64:-----BEGIN RSA PRIV{hex*0}ATE KEY-----{lf}MII{base64*200}{lf}-----END RSA PRIV{hex*0}ATE KEY-----{lf}}»\n"),
    ("secret.yaml", "secret-github-token", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata:\n  anything: «{b64:ghp_{base62*30}{crc32-base62}}»\n"),
    ("secret.yaml", "secret-connection-string", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata:\n  uri: «{b64:postgres://app:{base62*20}@db.prod.svc/app}»\n"),
    ("deploy.yaml", "secret-github-token", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n    - name: web\n      env:\n        - name: GITHUB_TOKEN\n          value: «ghp_{base62*30}{crc32-base62}»\n"),
    ("sealed.yaml", "sealed-secret-plaintext", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: x\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: '{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"stringData\":{\"password\":\"«{base62*20}»\"}}'\nspec:\n  encryptedData: {}\n"),
    ("sealed.yaml", "sealed-secret-plaintext", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: x}\nspec:\n  encryptedData:\n    password: «{base62*20}»\n"),
    ("x.sops.yaml", "sops-without-mac", "stringData:\n  a: {sops}\n«sops»:\n  version: 3.9.0\n"),
    ("terraform.tfstate", "secret-in-values", "{\"version\": 4, \"resources\": [{\"type\": \"random_password\", \"name\": \"db\", \"instances\": [{\"attributes\": {\"length\": 20, \"result\": \"«{base62*20}»\"}}]}]}\n"),
    ("variables.tf", "secret-generic", "variable \"db_password\" {\n  type    = string\n  default = \"«{base62*20}»\"\n}\n"),
    (".netrc", "secret-generic", "machine git.corp.net login bot password «{base62*20}»\n"),
    ("user-data.yaml", "secret-generic", "#cloud-config\nchpasswd:\n  list: |\n    root:«{base62*20}»\n  expire: false\n"),
    ("hosts.ini", "secret-generic", "[all:vars]\nansible_become_pass=«{base62*20}»\n"),
    ("Dockerfile", "secret-generic", "FROM a:1\nENV API_TOKEN=«{base62*24}»\n"),
    ("app.conf", "secret-connection-string", "dsn = \"host=db user=app password=«{base62*20}» sslmode=disable\"\n"),
    ("compose.yaml", "secret-weak-default", "services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: ${DB_PASSWORD:-«postgres»}\n"),
    ("values.yaml", "secret-weak-default", "auth:\n  password: «admin»\n"),
    ("values.yaml", "secret-in-values", "auth:\n  password: >-\n    «{base62*20}»\n"),
    ("kustomization.yaml", "secret-in-configmap", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nconfigMapGenerator:\n  - name: app\n    literals:\n      - SMTP_PASSWORD=«{base62*20}»\n"),
    ("config.json", "secret-docker-auth", "{\"auths\": {\"reg.corp.net\": {\"auth\": \"«{b64:bot:{base62*20}}»\"}}}\n"),
    (".npmrc", "secret-npm-token", "//registry.npmjs.org/:_authToken=«npm_{base62*30}{crc32-base62}»\n"),
    ("key.txt", "secret-age-key", "# created: today\n«{bech32:age-secret-key-:52}»\n"),
    ("ha.yaml", "secret-jwt-token", "token: «eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3Mi{base64url*60}.{base64url*43}»\n"),
    ("notify.yaml", "secret-slack-token", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  url: https://hooks.slack.com/services/«T{BASE36*10}/B{BASE36*10}/{base62*24}»\n"),
];

struct Outcome {
    facts: Vec<(String, String)>,
}

fn run(name: &str, text: &str, book: &Book) -> Outcome {
    let file = File { id: SourceId(0), name, text };
    let unread = || yaml::read(file.id, text);
    let context = Context { keeping: book.places().of(name), ..Context::new(&book.tables) };
    let facts = read(&file, Trees::Unread(&unread), &context).facts;
    // That such a file is here at all is a table of its own.
    let facts = facts.into_iter().filter(|fact| !fact.says.kind.is_of_file());
    let told =
        |fact: Fact<Secret>| (rule_of(&fact.says).to_owned(), text[fact.origin.span().range()].to_string());
    Outcome { facts: facts.map(told).collect() }
}

#[test]
fn every_leak_is_found_once_at_its_bytes() {
    let (book, _) = Book::built_in();
    let (mut tried, mut faults) = (0, Vec::new());
    for (at, shape) in SHAPES.iter().enumerate() {
        for (seed, recipe) in VALUES.iter().enumerate() {
            let value = expand(recipe, (at * 31 + seed) as u64);
            let recipe = shape.text.replacen('@', &value, 1);
            let text = expand(&recipe, 1);
            let encoded = recipe.contains("{b64:").then(|| expand(&format!("{{b64:{value}}}"), 1));
            let expected = (shape.rule.to_string(), encoded.unwrap_or(value));
            let found = run(shape.file, &text, &book).facts;
            tried += 1;
            if found.len() != 1 || found[0] != expected {
                faults.push(format!("{} expected {expected:?}, found {found:?} in\n{text}", shape.file));
            }
        }
    }
    assert!(tried >= 150, "{tried} leaks");
    assert!(faults.is_empty(), "{} of {tried} leaks\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn leaks_of_one_shape_each_are_found_once_at_their_bytes() {
    let (book, _) = Book::built_in();
    let mut faults = Vec::new();
    for (file, rule, recipe) in SINGLE {
        for seed in 0..3 {
            let marked = expand(recipe, seed);
            let (open, close) = (marked.find('«').unwrap(), marked.find('»').unwrap());
            let expected = (rule.to_string(), marked[open + 2..close].to_string());
            let text = marked.replace(['«', '»'], "");
            let found = run(file, &text, &book).facts;
            if found != [expected.clone()] {
                faults.push(format!("{file} expected {expected:?}, found {found:?} in\n{text}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn nothing_is_found_where_nothing_leaks() {
    let (book, _) = Book::built_in();
    let (mut tried, mut faults) = (0, Vec::new());
    let mut check = |file: &str, text: &str| {
        let found = run(file, text, &book).facts;
        tried += 1;
        if !found.is_empty() {
            faults.push(format!("{file}: {found:?} in\n{text}"));
        }
    };
    for shape in SHAPES.iter().filter(|shape| !shape.text.contains("sops:")) {
        for reference in REFERENCES {
            // A default inside a variable is a literal by construction; the rest of a URL cannot hold a slash.
            let unfit = shape.text.contains(":-@") || shape.text.contains(":@@") && reference.contains('/');
            if !unfit {
                check(shape.file, &expand(&shape.text.replacen('@', reference, 1), 1));
            }
        }
    }
    for (file, recipe) in CLEAN {
        for seed in 0..3 {
            check(file, &expand(recipe, seed));
        }
    }
    assert!(tried >= 250, "{tried} clean files");
    assert!(faults.is_empty(), "{} of {tried} clean files\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn files_that_should_not_be_there_are_told_by_name() {
    let (book, _) = Book::built_in();
    let table = [
        ("a/terraform.tfstate", "{}", true),
        (".env", "DB_PASSWORD=Kx7-w0mbat-Lime\n", true),
        (".env", "DB_PASSWORD=changeme\nUSER=x\n", false),
        (".env.example", "DB_PASSWORD=Kx7-w0mbat-Lime\n", false),
        ("keys/id_ed25519", "x", true),
        ("id_ed25519.pub", "x", false),
        ("store.jks", "", true),
        ("truststore.jks", "", false),
        (".vault_pass", "x", true),
        ("values.yaml", "a: b", false),
        ("kubeconfig", "client-key-data: x", true),
    ];
    for (name, text, expected) in table {
        let file = File { id: SourceId(0), name, text };
        let facts = read(&file, Trees::Read(&[]), &Context::new(&book.tables)).facts;
        let found = facts.iter().any(|fact| fact.says.kind == SecretKind::Committed);
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn creation_rules_are_held_against_the_files_they_cover() {
    let (book, _) = Book::built_in();
    let parsed = |text: &str| yaml::read(SourceId(0), text).documents;
    let config = "creation_rules:\n  - path_regex: (kube|apps)/.*\\.ya?ml\n    encrypted_regex: ^(data|stringData)$\n  - age: age1xyz\n";
    let documents = parsed(config);
    let mut promises = Promises::default();
    promises.creations =
        creation_rules(&File { id: SourceId(0), name: ".sops.yaml", text: config }, &documents);
    let secret = |key: &str, value: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\nstringData:\n  {key}: '{value}'\n")
    };
    let sealed = "apiVersion: v1\nkind: Secret\nstringData:\n  a: ENC[AES256_GCM,data:aa,iv:bb,tag:cc,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:aa,iv:bb,tag:cc,type:str]\n";
    let table = [
        ("kube/db.sops.yaml", secret("host", "db-of-acme"), true),
        ("kube/db.yaml", secret("password", "kestrel-lime-otter"), true),
        ("kube/db.yaml", secret("driver", "cloudflare"), false),
        ("kube/db.yaml", secret("password", "${DB_PASSWORD}"), false),
        ("kube/db.sops.yaml", sealed.to_string(), false),
        ("other/db.sops.yaml", secret("password", "kestrel-lime-otter"), false),
        ("kube/deploy.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n".into(), false),
    ];
    for (name, text, expected) in table {
        let documents = parsed(&text);
        let file = File { id: SourceId(0), name, text: &text };
        let context = Context { promises: &promises, ..Context::new(&book.tables) };
        let facts = read(&file, Trees::Read(&documents), &context).facts;
        let found = facts.iter().any(|fact| fact.says.kind == SecretKind::NotEncrypted);
        assert_eq!(found, expected, "{name}\n{text}");
    }
}
