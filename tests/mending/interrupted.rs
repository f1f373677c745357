//! What happens to files while `pin` runs: others write, several run at once, somebody ends them. A file is what it was or
//! what it must become, and so is the lock.

use crate::registry::pod;
use crate::skipped::skipped;
use crate::stub::{DIGEST, Stub, digest};
use crate::{Folder, told};
use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

/// How often something is looked at that somebody else does, a hundred times a second.
const LOOKS: usize = 3_000;

fn image(number: usize) -> String {
    format!("ghcr.io/team/app-{number}:v1.2.3")
}

fn many(folder: &Folder, number: usize) {
    (0..number).for_each(|at| folder.write(&format!("{at}.yaml"), pod(&image(at)).as_bytes()));
}

fn lock(number: usize) -> String {
    let mut lines: Vec<String> =
        (0..number).map(|at| format!("image {} {DIGEST} - 2026-11-02\n", image(at))).collect();
    lines.sort();
    format!("pintle.lock 1\n{}", lines.concat())
}

fn is_pinned(folder: &Folder, at: usize) -> bool {
    let (text, was) = (folder.read(&format!("{at}.yaml")), pod(&image(at)));
    let pinned = format!("{}@{DIGEST}\n", was.trim_end());
    assert!(text == was || text == pinned, "a file is half of something: {text}");
    text == pinned
}

/// Starts a run and does not wait for it.
fn start(folder: &Folder, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pintle"));
    command.args(arguments).args(["--root", "."]).current_dir(&folder.0);
    for name in ["DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "CI"] {
        command.env_remove(name);
    }
    command.env("HOME", folder.0.join("nobody"));
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..LOOKS {
        if holds() {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("never: {what}");
}

/// Locks that are torn, merged badly or no files: nobody is asked, nothing is written, and the place is told.
#[test]
fn a_lock_that_cannot_be_read_ends_the_run() {
    let two = lock(1).replace(DIGEST, &format!("sha256:{}", "a".repeat(64)));
    let rows: [(&str, Vec<u8>, &str); 7] = [
        ("of another edition", b"pintle.lock 7\n".into(), "pintle.lock:1: "),
        ("in the middle of a merge", b"pintle.lock 1\n<<<<<<< ours\n".into(), "pintle.lock:2: a merge"),
        ("cut off", lock(2).trim_end().rsplit_once(' ').unwrap().0.into(), "pintle.lock:3: "),
        (
            "merged by taking both",
            (lock(1) + two.split_once('\n').unwrap().1).into(),
            "pintle.lock:3: the lock has two",
        ),
        (
            "a digest of others",
            b"pintle.lock 1\nimage a/b:1 sha256:abc - 2026-11-02\n".into(),
            "pintle.lock:2: ",
        ),
        ("empty", b"\n".into(), "pintle.lock:1: "),
        ("no text", b"pintle.lock 1\nimage \xff\xfe\n".into(), "pintle.lock"),
    ];
    for (name, text, says) in rows {
        let stub = Stub::start(|_, _| digest());
        let folder = Folder::new();
        many(&folder, 1);
        folder.write("pintle.lock", &text);
        let output = folder.run(&["pin", "--mirror", &format!("*={}", stub.address)]);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", told(&output));
        assert!(told(&output).contains(says), "{name}: {}", told(&output));
        assert!(!is_pinned(&folder, 0) && stub.asked().is_empty(), "{name}");
        assert_eq!(fs::read(folder.0.join("pintle.lock")).unwrap(), text, "{name}");
    }
}

/// What git's union of two branches makes, where both have asked for the same, is a lock.
#[test]
fn a_lock_with_a_line_twice_is_one() {
    let folder = Folder::new();
    many(&folder, 1);
    let twice = lock(1) + &lock(1).split_once('\n').unwrap().1.replace("11-02", "11-03");
    folder.write("pintle.lock", twice.as_bytes());
    let output = folder.run(&["pin", "--offline"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(is_pinned(&folder, 0));
    assert_eq!(folder.read("pintle.lock"), lock(1));
}

#[cfg(unix)]
#[test]
fn a_lock_that_is_no_file_is_left() {
    let folder = Folder::new();
    many(&folder, 1);
    fs::create_dir(folder.0.join("pintle.lock")).unwrap();
    let output = folder.run(&["pin", "--offline"]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    fs::remove_dir(folder.0.join("pintle.lock")).unwrap();
    // Nor is a link followed, wherever it leads.
    let elsewhere = Folder::new();
    elsewhere.write("lock", lock(1).as_bytes());
    std::os::unix::fs::symlink(elsewhere.0.join("lock"), folder.0.join("pintle.lock")).unwrap();
    let output = folder.run(&["pin", "--offline"]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(!is_pinned(&folder, 0));
    assert_eq!(elsewhere.read("lock"), lock(1));
}

/// Each run has images of its own; the lock has those of all.
#[test]
fn several_runs_at_once_lose_nothing() {
    const RUNS: usize = 8;
    let stub = Stub::start(|_, _| digest());
    let (folder, mirror) = (Folder::new(), format!("*={}", stub.address));
    many(&folder, RUNS);
    let globs: Vec<String> = (0..RUNS).map(|at| format!("ghcr.io/team/app-{at}")).collect();
    let run = |glob: &String| start(&folder, &["pin", "--mirror", &mirror, "--only", glob]);
    let children: Vec<Child> = globs.iter().map(run).collect();
    for mut child in children {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    assert!((0..RUNS).all(|at| is_pinned(&folder, at)));
    let text = folder.read("pintle.lock");
    let days: Vec<&str> = text.lines().skip(1).filter_map(|line| line.rsplit(' ').next()).collect();
    assert_eq!(days.len(), RUNS, "{text}");
    assert!((0..RUNS).all(|at| text.contains(&format!("image {} {DIGEST} - ", image(at)))), "{text}");
}

/// Two runs that do the same do it once, and neither complains.
#[test]
fn the_same_run_twice_at_once_is_one() {
    let stub = Stub::start(|_, _| digest());
    let (folder, mirror) = (Folder::new(), format!("*={}", stub.address));
    many(&folder, 12);
    let children = [(); 3].map(|()| start(&folder, &["pin", "--mirror", &mirror]));
    for mut child in children {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    assert!((0..12).all(|at| is_pinned(&folder, at)));
}

/// A registry that lets something happen before it answers.
fn meanwhile(act: impl Fn() + Send + Sync + 'static) -> Stub {
    Stub::start(move |_, _| {
        act();
        digest()
    })
}

/// What somebody writes while the registry is asked is not overwritten; the other files are written.
#[test]
fn a_file_that_changed_meanwhile_is_left() {
    let folder = Arc::new(Folder::new());
    many(&folder, 2);
    let theirs = pod("ghcr.io/team/app-0:v2.0.0");
    let (shared, text) = (folder.clone(), theirs.clone());
    let stub = meanwhile(move || shared.write("0.yaml", text.as_bytes()));
    let output = folder.run(&["pin", "--mirror", &format!("*={}", stub.address)]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(told(&output).contains("cannot write 0.yaml: it is not what was read"), "{}", told(&output));
    assert!(told(&output).contains("(1 of 2 files are written)"), "{}", told(&output));
    assert_eq!(folder.read("0.yaml"), theirs);
    assert!(is_pinned(&folder, 1));
}

/// What somebody puts into the lock meanwhile stays in it; and a lock that somebody tears meanwhile is left.
#[test]
fn a_lock_that_changed_meanwhile_keeps_both() {
    let others = format!("image ghcr.io/other/app:v1 {DIGEST} - 2026-11-02\n");
    for (text, code) in [(format!("pintle.lock 1\n{others}"), 0), ("pintle.lock 1\n<<<<<<< ours\n".into(), 2)]
    {
        let folder = Arc::new(Folder::new());
        many(&folder, 1);
        let (shared, theirs) = (folder.clone(), text.clone());
        let stub = meanwhile(move || shared.write("pintle.lock", theirs.as_bytes()));
        let output = folder.run(&["pin", "--mirror", &format!("*={}", stub.address)]);
        assert_eq!(output.status.code(), Some(code), "{}", told(&output));
        let lock = folder.read("pintle.lock");
        match code {
            0 => assert!(lock.contains(&others) && lock.contains(&image(0)), "{lock}"),
            _ => assert_eq!((lock, is_pinned(&folder, 0)), (text, false)),
        }
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_goes_or_becomes_a_link_meanwhile_is_left() {
    for link in [false, true] {
        let folder = Arc::new(Folder::new());
        many(&folder, 1);
        let elsewhere = Folder::new();
        elsewhere.write("pod.yaml", pod(&image(0)).as_bytes());
        let (shared, target) = (folder.clone(), elsewhere.0.join("pod.yaml"));
        let stub = meanwhile(move || {
            fs::remove_file(shared.0.join("0.yaml")).unwrap();
            if link {
                std::os::unix::fs::symlink(&target, shared.0.join("0.yaml")).unwrap();
            }
        });
        let output = folder.run(&["pin", "--mirror", &format!("*={}", stub.address)]);
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        assert!(told(&output).contains("cannot write 0.yaml"), "{}", told(&output));
        assert_eq!(folder.0.join("0.yaml").exists(), link);
        assert_eq!(elsewhere.read("pod.yaml"), pod(&image(0)));
    }
}

/// A folder that takes no new file; for root every folder does.
#[cfg(unix)]
#[test]
fn what_may_not_be_written_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    many(&folder, 1);
    folder.write("fixed/pod.yaml", pod(&image(1)).as_bytes());
    folder.write("pintle.lock", lock(2).as_bytes());
    let fixed = folder.0.join("fixed");
    fs::set_permissions(&fixed, fs::Permissions::from_mode(0o555)).unwrap();
    let is_kept = fs::write(fixed.join("new"), "").is_err();
    let output = folder.run(&["pin", "--offline"]);
    fs::set_permissions(&fixed, fs::Permissions::from_mode(0o755)).unwrap();
    if !is_kept {
        return skipped("mending: a folder that takes no new file: root writes everywhere");
    }
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(told(&output).contains("cannot write") && told(&output).contains("(1 of 2"), "{}", told(&output));
    assert_eq!(folder.read("fixed/pod.yaml"), pod(&image(1)));
    assert!(is_pinned(&folder, 0));
}

/// A file whose mode says that nobody writes it is replaced, and keeps its mode.
#[cfg(unix)]
#[test]
fn modes_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    many(&folder, 1);
    folder.write("pintle.lock", lock(1).as_bytes());
    let path = folder.0.join("0.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
    folder.run(&["pin", "--offline"]);
    assert!(is_pinned(&folder, 0));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o440);
}

/// Killed while a registry is asked, a run has written nothing.
#[test]
fn a_run_that_is_killed_while_it_asks_has_written_nothing() {
    let child: Arc<OnceLock<Mutex<Child>>> = Arc::default();
    let theirs = child.clone();
    let stub = Stub::start(move |_, _| {
        until("the run is known", || theirs.get().is_some());
        let _ = theirs.get().unwrap().lock().unwrap().kill();
        digest()
    });
    let folder = Folder::new();
    many(&folder, 1);
    let started = start(&folder, &["pin", "--mirror", &format!("*={}", stub.address)]);
    assert!(child.set(Mutex::new(started)).is_ok());
    until("it ends", || child.get().unwrap().lock().unwrap().try_wait().unwrap().is_some());
    assert_eq!(stub.asked().len(), 1);
    assert!(!is_pinned(&folder, 0) && !folder.0.join("pintle.lock").exists());
    let output = folder.run(&["pin", "--mirror", &format!("*={}", stub.address)]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(is_pinned(&folder, 0));
}

/// Killed while it writes: each file is as it was or pinned, and the next run does the rest and leaves nothing lying about.
#[test]
fn a_run_that_is_killed_while_it_writes_leaves_whole_files() {
    const FILES: usize = 60;
    let mut between = 0;
    for kill_at in [1, 7, 20, 40] {
        let folder = Folder::new();
        many(&folder, FILES);
        folder.write("pintle.lock", lock(FILES).as_bytes());
        let mut child = start(&folder, &["pin", "--offline"]);
        let mut ended = false;
        while !ended {
            let done = (0..FILES).filter(|at| is_pinned(&folder, *at)).count();
            ended = done >= kill_at || child.try_wait().unwrap().is_some();
        }
        let _ = child.kill();
        let _ = child.wait();
        let done = (0..FILES).filter(|at| is_pinned(&folder, *at)).count();
        between += usize::from(done < FILES);
        assert_eq!(folder.read("pintle.lock"), lock(FILES));
        let output = folder.run(&["pin", "--offline"]);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        assert!((0..FILES).all(|at| is_pinned(&folder, at)));
        let left: Vec<_> =
            fs::read_dir(&folder.0).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().contains("pintle-new")), "{left:?}");
    }
    assert!(between > 0, "no run was killed while it wrote");
}
