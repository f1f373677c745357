//! Versions of one file: whatever is changed in a text that holds nothing, the quick look at a next version never calls
//! quiet what the whole of it is not.

use pintle::testing::secrets::{Calm, Context, Dice, Trees, expand, read};
use pintle::testing::{File, yaml};
use pintle::{Book, SourceId};

/// Documents that hold nothing: names of secrets, arguments, pairs, images.
const TEXTS: [&str; 6] = [
    "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: relay\nspec:\n  secretStoreRef:\n    kind: ClusterSecretStore\n    name: store\n  data:\n    - secretKey: RELAY_PASSWORD\n      remoteRef:\n        key: relay\n",
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: relay\nspec:\n  values:\n    image:\n      repository: ghcr.io/example/relay\n      tag: 1.2.3\n    env:\n      TZ: Etc/UTC\n      RELAY_TOKEN_FILE: /run/token\n    envFrom:\n      - secretRef:\n          name: relay-secret\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: relay\nspec:\n  template:\n    spec:\n      containers:\n        - name: relay\n          image: ghcr.io/example/relay:1.2.3\n          args:\n            - --password\n            - $(PASSWORD)\n          env:\n            - name: RELAY_PASSWORD\n              valueFrom:\n                secretKeyRef:\n                  name: relay\n                  key: password\n",
    "image: ghcr.io/example/relay:1.2.3\nreplicas: 2\npersistence:\n  size: 10Gi\nresources:\n  cpu: 100m\n",
    "# a comment\npassword:\n\n# another one\nuser: relay\nversion: 1.2.3\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: relay\ndata:\n  app.yaml: |\n    version: 1.2.3\n    user: relay\n",
];

/// Lines that somebody puts in, in any place: most of them harmless, some not.
const LINES: [&str; 28] = [
    "version: 1.2.4",
    "tag: 1.2.4",
    "image: ghcr.io/example/relay:1.2.4",
    "replicas: 3",
    "url: https://relay:{base62*14}@db.internal/x",
    "password: {letters*2}{base62*14}{digits*2}",
    "  {letters*2}{base62*14}{digits*2}",
    "token: {base62*32}",
    "value: {letters*2}{base62*14}{digits*2}",
    "- {letters*2}{base62*14}{digits*2}",
    "- name: RELAY_PASSWORD",
    "name: relay",
    "- --password={base62*16}",
    "kind: Secret",
    "kind: ConfigMap",
    "apiVersion: v1",
    "---",
    "stringData:",
    "data:",
    "  relay: {letters*2}{base62*14}{digits*2}",
    "sops:",
    "# password: {base62*16}",
    "# renovate: depName=relay",
    "args: [--password, {base62*16}]",
    "password: >-",
    "password: |",
    "password: \"${PASSWORD}\"",
    "{b64:password={base62*30}}",
];

fn file(text: &str) -> File<'_> {
    File { id: SourceId(0), name: "apps/relay.yaml", text }
}

#[test]
fn a_version_that_is_called_quiet_is_quiet() {
    let (book, _) = Book::built_in();
    let context = Context::new(&book.tables);
    let whole = |text: &str| {
        let unread = || yaml::read(SourceId(0), text);
        read(&file(text), Trees::Unread(&unread), &context)
    };
    let mut dice = Dice::new(13);
    let (mut quick, mut loud) = (0, 0);
    for round in 0..12_000 {
        let first = TEXTS[dice.below(TEXTS.len())];
        let mut lines: Vec<String> = first.lines().map(str::to_owned).collect();
        let answer = whole(first);
        let mut known = Calm::of(&file(first), &answer, &context).map(|calm| (first.to_owned(), calm));
        // Versions go on from each other, as those of a history do.
        for step in 0..3 {
            let at = dice.below(lines.len());
            let indent = lines[at].len() - lines[at].trim_start().len();
            let line = expand(LINES[dice.below(LINES.len())], round * 3 + step);
            let line = format!("{}{line}", " ".repeat(indent));
            match dice.below(4) {
                0 => lines.insert(at + 1, line),
                1 if lines.len() > 2 => drop(lines.remove(at)),
                _ => lines[at] = line,
            }
            let text = lines.join("\n") + "\n";
            let answer = whole(&text);
            let next = known.as_ref().and_then(|(before, calm)| calm.of_next(before, &file(&text), &context));
            quick += usize::from(next.is_some());
            loud += usize::from(!answer.facts.is_empty());
            assert!(
                next.is_none() || answer.facts.is_empty(),
                "{:?} after\n{}\nis not quiet:\n{text}",
                answer.facts.iter().map(|fact| &fact.path).collect::<Vec<_>>(),
                known.map(|known| known.0).unwrap_or_default(),
            );
            let calm = next.or_else(|| Calm::of(&file(&text), &answer, &context));
            known = calm.map(|calm| (text, calm));
        }
    }
    assert!(quick > 6_000 && loud > 4_000, "{quick} were called quiet, {loud} are not");
}
