//! The commands that pull images, as data: which word of each is the image, and which of their options take a value.
//! Written from the tools' own documentation.

/// A command of a tool.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) tools: &'static [&'static str],
    /// Any of these, as the words behind the tool and its own options.
    pub(super) verbs: &'static [&'static str],
    pub(super) takes: Takes,
    pub(super) options: Options,
}

/// Where a command has its images.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Takes {
    First,
    All,
    /// Operands with this scheme, the first of them.
    Scheme,
    /// Behind these options.
    Options(&'static [&'static str]),
    /// `name=image`, as every operand.
    Named,
    /// Values of a chart: `--set image.tag=…`.
    Values,
    /// Arguments of a build whose names speak of images; and it names what it gives.
    Build,
    /// The second operand is what it gives.
    Gives,
}

/// Which options take the next word as their value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Options {
    /// All but these.
    AllBut(&'static [&'static str]),
    Only(&'static [&'static str]),
}

/// Options of `docker run`, `podman run` and `nerdctl run` that take no value.
const RUN: &[&str] = &[
    "-d",
    "-i",
    "-t",
    "-P",
    "-q",
    "-h",
    "--detach",
    "--interactive",
    "--tty",
    "--rm",
    "--rmi",
    "--init",
    "--privileged",
    "--publish-all",
    "--read-only",
    "--read-only-tmpfs",
    "--no-healthcheck",
    "--oom-kill-disable",
    "--sig-proxy",
    "--quiet",
    "--disable-content-trust",
    "--replace",
    "--tls-verify",
    "--env-host",
    "--http-proxy",
    "--no-hosts",
    "--no-hostname",
    "--passwd",
    "--help",
    "--use-api-socket",
    "--init-path",
];
const PULL: &[&str] =
    &["-a", "-q", "--all-tags", "--quiet", "--disable-content-trust", "--tls-verify", "--help", "--wait"];
const SERVICE: &[&str] = &[
    "-d",
    "-q",
    "-t",
    "--detach",
    "--quiet",
    "--init",
    "--read-only",
    "--tty",
    "--no-healthcheck",
    "--with-registry-auth",
    "--no-resolve-image",
    "--help",
];
const KUBECTL: &[&str] =
    &["-n", "--namespace", "-f", "-l", "-o", "--context", "--kubeconfig", "--overrides", "--override-type"];
const REGISTRIES: &[&str] = &[
    "--platform",
    "-p",
    "--creds",
    "--auth",
    "-a",
    "--annotation",
    "--pod-config",
    "-n",
    "--name",
    "--authfile",
    "--src-creds",
    "--dest-creds",
    "--src-authfile",
    "--dest-authfile",
    "--format",
    "-f",
    "--retry-times",
    "--sign-by",
    "--encryption-key",
    "--decryption-key",
    "--src-cert-dir",
    "--dest-cert-dir",
    "--multi-arch",
    "-u",
    "--user",
    "--snapshotter",
    "--label",
    "--hosts-dir",
    "--platforms",
    "-c",
    "--cache_path",
    "-o",
    "--output",
    "--pull-timeout",
    "-t",
    "--cert-dir",
    "--arch",
    "--os",
    "--bind",
    "-B",
    "--env",
    "--mount",
];
const HELM: &[&str] = &[
    "-n",
    "--namespace",
    "-f",
    "--values",
    "--version",
    "--repo",
    "--set",
    "--set-string",
    "--set-file",
    "--set-json",
    "--set-literal",
    "--timeout",
    "--description",
    "--kube-context",
    "--kubeconfig",
    "--username",
    "--password",
    "--post-renderer",
    "--history-max",
    "--name-template",
    "-o",
    "--output",
    "--ca-file",
    "--cert-file",
    "--key-file",
    "--keyring",
    "-l",
    "--labels",
    "-a",
    "--api-versions",
    "--kube-version",
    "-s",
    "--show-only",
];
const BUILD: &[&str] = &[
    "--build-arg",
    "-t",
    "--tag",
    "-f",
    "--file",
    "--target",
    "--platform",
    "--progress",
    "--secret",
    "--ssh",
    "--cache-from",
    "--cache-to",
    "--label",
    "--network",
    "--builder",
    "--output",
    "-o",
    "--build-context",
    "--iidfile",
    "--metadata-file",
    "--add-host",
    "--memory",
    "-m",
];
const ENGINES: &[&str] = &["docker", "podman", "nerdctl", "finch"];
/// Any verb that no row before names.
pub(super) const ANY: &str = "*";
const KUBE: &[&str] = &["kubectl", "oc"];

/// Every command that is known.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        tools: ENGINES,
        verbs: &["run", "create", "container run", "container create"],
        takes: Takes::First,
        options: Options::AllBut(RUN),
    },
    Command {
        tools: ENGINES,
        verbs: &["pull", "image pull"],
        takes: Takes::All,
        options: Options::AllBut(PULL),
    },
    Command {
        tools: &["docker"],
        verbs: &["service create"],
        takes: Takes::First,
        options: Options::AllBut(SERVICE),
    },
    Command {
        tools: &["docker"],
        verbs: &["service update"],
        takes: Takes::Options(&["--image"]),
        options: Options::AllBut(SERVICE),
    },
    Command {
        tools: &["docker", "podman", "nerdctl", "finch", "buildah"],
        verbs: &["build", "buildx build", "image build", "builder build", "bud"],
        takes: Takes::Build,
        options: Options::Only(BUILD),
    },
    Command {
        tools: &["docker", "podman", "nerdctl", "finch", "buildah"],
        verbs: &["tag", "image tag", "commit"],
        takes: Takes::Gives,
        options: Options::Only(&["-m", "-a", "-c", "-f"]),
    },
    Command {
        tools: &["buildah"],
        verbs: &["from", "pull"],
        takes: Takes::First,
        options: Options::Only(REGISTRIES),
    },
    Command {
        tools: KUBE,
        verbs: &["run", "create deployment", "create deploy", "create job", "create cronjob", "debug"],
        takes: Takes::Options(&["--image"]),
        options: Options::Only(KUBECTL),
    },
    Command { tools: KUBE, verbs: &["set image"], takes: Takes::Named, options: Options::Only(KUBECTL) },
    Command {
        tools: &["kustomize"],
        verbs: &["edit set image"],
        takes: Takes::Named,
        options: Options::Only(&[]),
    },
    // A plugin: `kubectl browse-pvc --image a/b:1`.
    Command {
        tools: KUBE,
        verbs: &[ANY],
        takes: Takes::Options(&["--image"]),
        options: Options::Only(KUBECTL),
    },
    Command { tools: &["crictl"], verbs: &["pull"], takes: Takes::First, options: Options::Only(REGISTRIES) },
    Command {
        tools: &["ctr"],
        verbs: &["images pull", "image pull", "i pull", "run"],
        takes: Takes::First,
        options: Options::Only(REGISTRIES),
    },
    Command {
        tools: &["skopeo"],
        verbs: &["copy"],
        takes: Takes::Scheme,
        options: Options::Only(REGISTRIES),
    },
    Command {
        tools: &["apptainer", "singularity"],
        verbs: &["pull", "run", "exec", "shell", "build"],
        takes: Takes::Scheme,
        options: Options::Only(REGISTRIES),
    },
    Command {
        tools: &["crane", "gcrane", "oras"],
        verbs: &["copy", "cp", "pull", "export"],
        takes: Takes::First,
        options: Options::Only(REGISTRIES),
    },
    Command {
        tools: &["regctl"],
        verbs: &["image copy", "image cp", "image export"],
        takes: Takes::First,
        options: Options::Only(REGISTRIES),
    },
    Command {
        tools: &["helm"],
        verbs: &["install", "upgrade", "template"],
        takes: Takes::Values,
        options: Options::Only(HELM),
    },
    Command {
        tools: &["kind"],
        verbs: &["create cluster"],
        takes: Takes::Options(&["--image"]),
        options: Options::Only(&["--name", "-n", "--config", "--wait", "--kubeconfig"]),
    },
    Command {
        tools: &["k3d"],
        verbs: &["cluster create", "node create"],
        takes: Takes::Options(&["--image", "-i"]),
        options: Options::Only(&["-a", "-s", "-p", "-v", "-c", "--agents", "--servers"]),
    },
    Command {
        tools: &["talosctl"],
        verbs: &["upgrade", "gen config", "cluster create"],
        takes: Takes::Options(&["--image", "-i", "--install-image"]),
        options: Options::Only(&["-n", "--nodes", "-e", "--endpoints", "--talosconfig"]),
    },
];

/// Commands that only ask a registry about an image: nothing is pulled.
pub(super) const ASKING: &[(&[&str], &[&str])] = &[
    (&["crane", "gcrane"], &["digest", "manifest", "config", "ls"]),
    (&["skopeo"], &["inspect", "list-tags"]),
    (&["docker", "podman", "nerdctl"], &["manifest inspect", "buildx imagetools inspect"]),
    (&["oras"], &["resolve", "manifest fetch"]),
    (&["regctl"], &["image digest", "image inspect", "image manifest", "manifest get", "manifest head"]),
];

/// Options of tools themselves, before their verb, that take a value.
pub(super) const OF_TOOLS: &[&str] = &[
    "-n",
    "--namespace",
    "--context",
    "-c",
    "--config",
    "-H",
    "--host",
    "-l",
    "--log-level",
    "--tlscacert",
    "--tlscert",
    "--tlskey",
    "--root",
    "--runroot",
    "--connection",
    "--url",
    "--identity",
    "--storage-driver",
    "--kubeconfig",
    "--cluster",
    "--user",
    "-s",
    "--server",
    "--token",
    "--as",
    "--kube-context",
    "-a",
    "--address",
    "-r",
    "--runtime-endpoint",
    "-i",
    "--image-endpoint",
    "--snapshotter",
    "--nodes",
    "-e",
    "--endpoints",
    "--talosconfig",
    "--connect-timeout",
    "--cgroup-manager",
];

/// What runs the command behind it: its options that take a value, and how many operands it has of its own.
pub(super) const RUNNERS: &[(&str, &[&str], usize)] = &[
    ("if", &[], 0),
    ("then", &[], 0),
    ("else", &[], 0),
    ("elif", &[], 0),
    ("do", &[], 0),
    ("while", &[], 0),
    ("until", &[], 0),
    ("!", &[], 0),
    ("{", &[], 0),
    ("time", &[], 0),
    ("exec", &["-a"], 0),
    ("command", &[], 0),
    ("builtin", &[], 0),
    ("nohup", &[], 0),
    ("sudo", &["-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "-U"], 0),
    ("doas", &["-u", "-C"], 0),
    ("env", &["-u", "-C", "-S"], 0),
    ("timeout", &["-k", "-s", "--signal", "--kill-after"], 1),
    ("nice", &["-n"], 0),
    ("ionice", &["-c", "-n", "-p"], 0),
    ("xargs", &["-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E"], 0),
    ("stdbuf", &["-i", "-o", "-e"], 0),
    ("flock", &["-w", "-E"], 1),
    ("watch", &["-n"], 0),
    ("chroot", &[], 1),
    ("nsenter", &["-t", "-S", "-G", "--target"], 0),
    (
        "ssh",
        &[
            "-i", "-p", "-o", "-l", "-F", "-J", "-L", "-R", "-D", "-b", "-c", "-E", "-e", "-I", "-m", "-O",
            "-S", "-W", "-w", "-B",
        ],
        1,
    ),
    ("k3s", &[], 0),
    ("microk8s", &[], 0),
    ("minikube", &["-p"], 0),
];

/// Words in the names of functions that run what they are given: `retry 3 docker pull …`.
pub(super) const RUNNING: [&str; 6] = ["retry", "try", "run", "exec", "quiet", "spin"];

/// Words in the names of variables that hold options.
pub(super) const OPTIONAL: [&str; 8] = ["opt", "arg", "flag", "param", "extra", "env", "mount", "volume"];

/// The tools, as a text must hold one of them before it is read.
pub(super) const NEEDLES: [&str; 15] = [
    "docker",
    "podman",
    "nerdctl",
    "crictl",
    "ctr ",
    "skopeo",
    "crane",
    "buildah",
    "regctl",
    "apptainer",
    "singularity",
    "finch",
    "talosctl",
    "k3d",
    "oras ",
];

/// Tools that pull nothing without the word `image`, or an object that is handed to them.
pub(super) const OF_CLUSTERS: [&str; 5] = ["kubectl", "oc ", "helm", "kind ", "kustomize"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_command_is_kept_from_the_reader() {
        for command in COMMANDS {
            let has_word = match command.takes {
                Takes::Options(names) => names.iter().all(|name| name.contains("image")),
                Takes::Values => true,
                _ => command.verbs.iter().all(|verb| verb.contains("image")),
            };
            for tool in command.tools {
                let is_in = |list: &[&str]| list.iter().any(|needle| tool.contains(needle.trim_end()));
                assert!(is_in(&NEEDLES) || is_in(&OF_CLUSTERS) && has_word, "{tool} {:?}", command.verbs);
            }
        }
    }
}
