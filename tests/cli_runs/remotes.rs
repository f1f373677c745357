//! Which Applications deliver from here: by the remotes of git, by `repo-url`, and the same for every command.

use crate::stage::Stage;

fn application(name: &str, url: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: argocd}}\nspec:\n  \
         source: {{repoURL: '{url}', path: apps/{name}}}\n  destination: {{namespace: {name}}}\n"
    )
}

fn objects(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: {name}}}\nspec:\n  template:\n    spec:\n      \
         containers: [{{name: main, image: 'postgres:16'}}]\n  volumeClaimTemplates:\n    \
         - {{metadata: {{name: data}}, spec: {{storageClassName: fast}}}}\n"
    )
}

/// Two Applications of two addresses, and the folders of both.
fn repository() -> Stage {
    Stage::new(&[
        ("argocd/web.yaml", &application("web", "https://github.com/acme/fleet")),
        ("argocd/api.yaml", &application("api", "https://github.com/acme/other.git")),
        ("apps/web/web.yaml", &objects("web")),
        ("apps/api/api.yaml", &objects("api")),
    ])
}

/// The Applications that deliver from here, as the tree shows them.
fn delivered(stage: &Stage, folder: &str) -> Vec<&'static str> {
    let ran = stage.run(&["render", "--tree", "--root", folder]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let has = |name: &&str| {
        let mut lines = ran.out.lines();
        lines.any(|line| line.contains(&format!(" apps/{name} ")) && line.ends_with("1 object"))
    };
    ["web", "api"].into_iter().filter(has).collect()
}

#[test]
fn remotes_tell_which_applications_deliver_from_here() {
    let stage = repository();
    assert_eq!(delivered(&stage, "."), ["web", "api"], "nobody knows the address");
    if stage.git(&["init", "-q"]).is_none() {
        return;
    }
    assert_eq!(delivered(&stage, "."), ["web", "api"], "there is no remote");
    stage.git(&["remote", "add", "origin", "git@github.com:acme/other.git"]);
    assert_eq!(delivered(&stage, "."), ["api"]);
    stage.git(&["remote", "set-url", "origin", "https://user:token@GitHub.com:443/acme/fleet/"]);
    assert_eq!(delivered(&stage, "."), ["web"]);
    stage.git(&["remote", "add", "second", "ssh://git@github.com:22/acme/other"]);
    assert_eq!(delivered(&stage, "."), ["web", "api"]);
    stage.git(&["remote", "remove", "second"]);
    // A fork on a laptop: its remote is in no Application, and its name is the original's.
    stage.git(&["remote", "set-url", "origin", "git@github.com:me/fleet.git"]);
    assert_eq!(delivered(&stage, "."), ["web"], "the same as in CI");
    stage.write(".pintle.yaml", b"repo-url: ssh://git@github.com/acme/other\n");
    assert_eq!(delivered(&stage, "."), ["api"], "the configuration goes first");
    stage
        .write(".pintle.yaml", b"repo-url: [https://github.com/acme/other, https://github.com/acme/fleet]\n");
    assert_eq!(delivered(&stage, "."), ["web", "api"]);
}

#[test]
fn a_worktree_and_a_submodule_have_the_remotes_of_their_repository() {
    let stage = repository();
    if stage.git(&["init", "-q"]).is_none() {
        return;
    }
    stage.git(&["remote", "add", "origin", "https://github.com/acme/other"]);
    stage.git(&["add", "."]);
    stage.git(&["commit", "-q", "-m", "one"]);
    stage.git(&["worktree", "add", "-q", "beside"]);
    assert_eq!(delivered(&stage, "beside"), ["api"]);
    let outer = Stage::new(&[("a.txt", "a")]);
    outer.git(&["init", "-q"]);
    let from = stage.root.to_string_lossy().into_owned();
    outer.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &from, "inner"]);
    assert_eq!(delivered(&outer, "inner"), ["web", "api"], "the remote is a folder");
    outer.git(&["-C", "inner", "remote", "set-url", "origin", "https://github.com/acme/fleet"]);
    assert_eq!(delivered(&outer, "inner"), ["web"]);
}

#[test]
fn every_command_takes_the_same_address() {
    let stage = repository();
    if stage.git(&["init", "-q"]).is_none() {
        return;
    }
    stage.git(&["remote", "add", "origin", "https://github.com/acme/other"]);
    let told = |arguments: &[&str]| stage.run(arguments).out;
    for (arguments, here, elsewhere) in [
        (&["images", "--output", "json"][..], "StatefulSet/api/api", "StatefulSet/web/web"),
        (&["storage", "--output", "json"][..], "StatefulSet/api/api", "StatefulSet/web/web"),
        (&["lint", "--output", "json"][..], "\"objects\": 1", "\"objects\": 2"),
        (&["render"][..], "namespace: api", "namespace: web"),
    ] {
        let out = told(arguments);
        assert!(out.contains(here) && !out.contains(elsewhere), "{arguments:?}\n{out}");
    }
}
