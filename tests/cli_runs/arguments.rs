//! What one can say, and with which number a run ends.

use crate::stage::skipped::skipped;
use crate::stage::{BAD, GOOD, Stage};

/// Arguments, exit code, what standard output and standard error hold.
type Row = (&'static [&'static str], i32, &'static str, &'static str);

#[test]
fn runs_end_with_the_right_number() {
    let stage = Stage::new(&[("bad/pod.yaml", BAD), ("good/pod.yaml", GOOD), ("bad/other.txt", "nothing")]);
    let rows: &[Row] = &[
        (&["lint"], 1, "error    image-latest  `nginx:latest`", ""),
        (&["lint", "good"], 0, "✓ nothing found", ""),
        (&["lint", "bad"], 1, "[pod.yaml:7:20]", ""),
        (&["lint", "bad", "good/pod.yaml"], 1, "[bad/pod.yaml:7:20]", ""),
        (&["lint", "bad/other.txt"], 0, "✓ nothing found", ""),
        (&["lint", "good", "bad"], 1, "× 1 error in 1 file", ""),
        (&["lint", "--root", "bad"], 1, "[pod.yaml:7:20]", ""),
        (&["lint", "--root", "bad", "bad/other.txt"], 0, "2 files read", ""),
        (&["lint", "--root", "bad", "good"], 2, "", "good is not below bad"),
        (&["lint", "--fail-on", "never"], 0, "1 error", ""),
        (&["lint", "--fail-on", "error"], 1, "1 error", ""),
        (&["lint", "--ignore", "image-*"], 0, "nothing found", ""),
        (&["lint", "--select", "image-no-digest"], 0, "nothing found", ""),
        (&["lint", "--select", "image-latest", "--ignore", "image-untagged"], 1, "image-latest", ""),
        (&["lint", "--select", "image-lastest"], 2, "", "did you mean `image-latest`?"),
        (&["lint", "--quiet", "good"], 0, "", ""),
        (&["lint", "--jobs", "1"], 1, "image-latest", ""),
        (&["lint", "--jobs", "0"], 2, "", "invalid value '0'"),
        (&["lint", "--statistics"], 1, "1  error    image-latest", ""),
        (&["lint", "nowhere"], 2, "", "pintle: cannot read nowhere: no such file or directory"),
        (&["lint", "--config", "nowhere.yaml"], 2, "", "pintle: cannot read nowhere.yaml: no such file"),
        (&["lint", "--config", "x", "--no-config"], 2, "", "cannot be used with"),
        (&["lint", "--baseline", "nowhere"], 2, "", "cannot read the baseline nowhere"),
        (&["lint", "--output", "sarfi"], 2, "", "did you mean `sarif`?"),
        (&["lint", "--output", "json", "--output", "pretty"], 2, "", "json cannot share standard output"),
        (&["lint", "--output", "json=/nowhere/x"], 2, "", "cannot write /nowhere/x"),
        (&["lint", "-"], 2, "", "standard input has no name"),
        (&["lint", "--nonsense"], 2, "", "unexpected argument"),
        (&[], 2, "", "Usage: pintle"),
        (&["--version"], 0, concat!("pintle ", env!("CARGO_PKG_VERSION")), ""),
        (&["--help"], 0, "Exit codes: 0 nothing found, 1 findings, 2", ""),
        (&["lint", "--help"], 0, "checkstyle", ""),
        (&["explain", "image-latest"], 0, "image-latest · error · since", ""),
        (&["explain", "image-lastest"], 2, "", "did you mean `image-latest`?"),
        (&["rules"], 0, "image-latest", ""),
        (&["rules", "--json"], 0, "\"schema\": \"pintle/v1\"", ""),
        (&["schema", "config"], 0, "\"additionalProperties\": false", ""),
        (&["schema", "nothing"], 2, "", "invalid value"),
        (&["rules", "test"], 2, "", "cannot read .pintle/rules"),
        (&["completions", "bash"], 0, "complete -F", ""),
        (&["completions", "bash"], 0, "postgres-on-longhorn", ""),
        (&["completions", "zsh"], 0, "postgres-on-longhorn", ""),
        (&["completions", "fish"], 0, "sarif", ""),
        (&["completions", "powershell"], 0, "Register-ArgumentCompleter", ""),
        (&["completions", "nushell"], 0, "export extern", ""),
        (&["man"], 0, ".TH pintle", ""),
        (&["man", "lint"], 0, "pintle\\-lint", ""),
        (&["man", "lintt"], 2, "", "did you mean `lint`?"),
    ];
    for (arguments, code, out, err) in rows {
        let ran = stage.run(arguments);
        assert_eq!(ran.code, *code, "{arguments:?}: {ran:?}");
        assert!(ran.out.contains(out), "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(err), "{arguments:?}: {ran:?}");
        assert_eq!(ran.err.is_empty(), err.is_empty(), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn a_configuration_decides_and_a_broken_one_stops_the_run() {
    let stage = Stage::new(&[("pod.yaml", BAD)]);
    for (config, code, says) in [
        ("rules:\n  image-latest: off\n", 0, "nothing found"),
        ("rules:\n  image-latest: note\n", 0, "1 note"),
        ("exclude: pod.yaml\n", 0, "nothing found"),
        ("rules:\n  image-lastest: off\n", 2, "did you mean `image-latest`?"),
        ("rules: {\"image-*\": off}\n", 0, "nothing found"),
        ("rules: {\"image-*\": off, image-latest: warning}\n", 1, "warning  image-latest"),
        ("fail-on: never\n", 0, "1 error"),
        ("rules: {image-latest: note}\nfail-on: warning\n", 0, "1 note"),
        ("storage: {engines: [{engine: postgers, images: x}]}\n", 2, "did you mean `postgres`?"),
        ("rules: [\n", 2, "× pintle could not do its work"),
    ] {
        stage.write(".pintle.yaml", config.as_bytes());
        let ran = stage.run(&["lint"]);
        assert_eq!(ran.code, code, "{config}: {ran:?}");
        assert!(ran.out.contains(says), "{config}: {ran:?}");
    }
    assert_eq!(stage.run(&["lint", "--no-config"]).code, 1);
    let elsewhere =
        Stage::new(&[("mine.yaml", "rules:\n  image-latest: off\n"), ("broken.yaml", "nonsense: 1\n")]);
    let path = |name: &str| elsewhere.path(name).to_string_lossy().into_owned();
    assert_eq!(stage.run(&["lint", "--config", &path("mine.yaml")]).code, 0);
    let ran = stage.run(&["lint", "--config", &path("broken.yaml")]);
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("broken.yaml:1:1"), "{ran:?}");
}

#[test]
fn standard_input_stands_for_a_file_of_the_repository() {
    let stage = Stage::new(&[("apps/pod.yaml", GOOD), ("other.yaml", BAD)]);
    let ran = stage.run_with(&["lint", "-", "--stdin-filename", "apps/pod.yaml", "--output", "concise"], BAD);
    assert_eq!((ran.code, ran.out.lines().count()), (1, 1), "{ran:?}");
    assert!(ran.out.starts_with("apps/pod.yaml:7:20: error[image-latest]"), "{ran:?}");
    let ran = stage.run_with(&["lint", "--stdin-filename", "new/pod.yaml"], GOOD);
    assert_eq!(ran.code, 0, "a name that is not there yet, without `-`: {ran:?}");
    let ran = stage.run_with(&["lint", "-", "--stdin-filename", "../../outside.yaml"], BAD);
    assert!(ran.code == 2 && ran.err.contains("is not a file below"), "{ran:?}");
    let ran = stage.run_with(&["lint", "other.yaml", "--stdin-filename", "x"], BAD);
    assert!(ran.code == 2 && ran.err.contains("not with other paths"), "{ran:?}");
}

#[test]
fn a_baseline_silences_what_was_there() {
    let stage = Stage::new(&[("pod.yaml", BAD)]);
    let ran = stage.run(&["baseline"]);
    assert!(ran.code == 0 && ran.out.starts_with("1 findings written to"), "{ran:?}");
    let ran = stage.run(&["lint"]);
    assert!(ran.code == 0 && ran.out.contains("(1 in the baseline)"), "{ran:?}");
    stage.write("more.yaml", BAD.replace("nginx", "redis").as_bytes());
    assert_eq!(stage.run(&["lint"]).code, 1, "new findings count");
    stage.write("pod.yaml", format!("# a comment\n\n{BAD}").as_bytes());
    let ran = stage.run(&["lint", "pod.yaml"]);
    assert_eq!(ran.code, 0, "moved lines are no news: {ran:?}");
    stage.run(&["baseline", "--output", "other"]);
    assert_eq!(stage.run(&["lint", "--baseline", "other"]).code, 0);
}

#[test]
fn init_writes_what_lint_reads() {
    let stage = Stage::new(&[("pod.yaml", GOOD)]);
    let ran = stage.run(&["init"]);
    assert!(ran.code == 0 && ran.out.contains("- id: pintle"), "{ran:?}");
    assert_eq!(stage.run(&["lint"]).code, 0);
    let ran = stage.run(&["init"]);
    assert!(ran.code == 2 && ran.err.contains("is there already"), "{ran:?}");
}

#[test]
fn a_repository_tests_its_own_rules() {
    let page = "---\nid: no-nginx\ntitle: nginx is not used here\nseverity: error\nsince: 1.0.0\nabout: image\nwhen:\n  - repository: nginx\npoint: repository\n---\n# nginx is not used here\n\nWe use another server.\n\n```yaml bad file=pod.yaml\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n      image: nginx:1\n      #      ^^^^^\n```\n\n```yaml good file=pod.yaml\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n      image: caddy:1\n```\n";
    let stage = Stage::new(&[(".pintle/rules/no-nginx.md", page), ("pod.yaml", BAD)]);
    let ran = stage.run(&["rules", "test"]);
    assert!(ran.code == 0 && ran.out.contains("ok   .pintle/rules/no-nginx.md"), "{ran:?}");
    let ran = stage.run(&["lint", "--select", "no-nginx", "--output", "concise"]);
    assert_eq!(ran.out, "pod.yaml:7:14: error[no-nginx] nginx is not used here\n", "{ran:?}");
    assert!(stage.run(&["rules"]).out.contains("no-nginx"));
    stage.write(".pintle/rules/no-nginx.md", page.replace("caddy", "nginx").as_bytes());
    let ran = stage.run(&["rules", "test"]);
    assert!(ran.code == 1 && ran.out.contains("noisy (example at line"), "{ran:?}");
    stage.write(".pintle/rules/no-nginx.md", page.replace("when:", "whenn:").as_bytes());
    let ran = stage.run(&["lint"]);
    assert!(ran.code == 2 && ran.out.contains("no-nginx.md:7:1"), "{ran:?}");
}

#[test]
fn the_hooks_say_what_the_binary_understands() {
    let stage = Stage::new(&[("pod.yaml", GOOD)]);
    let hooks = include_str!("../../.pre-commit-hooks.yaml");
    let entries: Vec<&str> =
        hooks.lines().filter_map(|line| line.trim().strip_prefix("entry: pintle ")).collect();
    assert_eq!(entries.len(), 3);
    for entry in entries {
        let arguments: Vec<&str> = entry.split(' ').chain(["pod.yaml"]).collect();
        let ran = stage.run(&arguments);
        assert_eq!(ran.code, 0, "{entry}: {ran:?}");
    }
}

#[test]
fn the_action_says_what_the_binary_understands() {
    let stage = Stage::new(&[("pod.yaml", BAD), ("good.yaml", GOOD)]);
    let action = include_str!("../../action.yml");
    let script = crate::action::script(action, "lint");
    std::fs::create_dir_all(stage.path("temp/pintle/bin")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_pintle"), stage.path("temp/pintle/bin/pintle")).unwrap();
    stage.write("ours.yaml", b"exclude: pod.yaml\n");
    // Of a fork, or of one that is gone, the configuration of the change does not count; there is no base here.
    let (ours, fork, gone) = (("ours.yaml", "o/r"), ("ours.yaml", "s/r"), ("ours.yaml", ""));
    for (paths, (config, from), code, findings) in [
        ("pod.yaml", ("", ""), 1, 1),
        ("good.yaml\n\n", ("", ""), 0, 0),
        (".", ("", ""), 1, 1),
        (".", ours, 0, 0),
        (".", fork, 1, 1),
        (".", gone, 1, 1),
    ] {
        let _ = std::fs::remove_file(stage.path("temp/pintle/summary.md"));
        let mut command = std::process::Command::new("bash");
        command.arg("-c").arg(&script).current_dir(&stage.root).env("RUNNER_TEMP", stage.path("temp"));
        command.env("GITHUB_OUTPUT", stage.path("output")).env("GITHUB_STEP_SUMMARY", stage.path("summary"));
        command.envs([
            ("PATHS", paths),
            ("CONFIG", config),
            ("UNTRUSTED", "auto"),
            ("BASE", ""),
            ("FAIL_ON_BLIND", "true"),
            ("PULL_REQUEST", if config.is_empty() { "" } else { "1" }),
            ("HEAD_REPOSITORY", from),
            ("REPOSITORY", "o/r"),
            ("CHART_DIRS", ".\n\n"),
            ("FAIL_ON", if code == 0 { "" } else { "warning" }),
            ("SINCE", ""),
            ("SARIF", "p.sarif"),
        ]);
        stage.write("output", b"");
        let Ok(ran) = command.output() else {
            skipped("there is no bash here");
            return;
        };
        assert_eq!(ran.status.code(), Some(code), "{paths:?}: {ran:?}");
        let expected = format!("findings={findings}\nerrors={findings}\nsarif-file=p.sarif\n");
        assert_eq!(stage.read("output"), expected, "{paths:?}");
        assert!(stage.read("p.sarif").contains("2.1.0") && stage.read("summary").starts_with("## pintle:"));
    }
}
