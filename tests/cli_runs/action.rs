//! The step of the action that comments on a pull request, against a stand-in for the forge on the loopback.
#![allow(clippy::disallowed_types)]

use crate::stage::{BAD, Stage};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

/// What a step of the action runs.
pub fn script(action: &str, step: &str) -> String {
    let step = action.split(&format!("- id: {step}\n")).nth(1).unwrap();
    let lines = step.split("run: |\n").nth(1).unwrap().lines();
    let own = lines.take_while(|line| line.is_empty() || line.starts_with("        "));
    own.map(|line| line.strip_prefix("        ").unwrap_or("").to_owned() + "\n").collect()
}

/// What a forge knows of one pull request.
#[derive(Default)]
struct Forge {
    comments: Vec<(u64, String)>,
    /// Every request, as method and path, and whether it carried the token.
    asked: Vec<(String, bool)>,
}

/// A forge that answers until the test ends; its address.
fn forge(forge: Arc<Mutex<Forge>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream, &mut forge.lock().unwrap());
        }
    });
    format!("http://{address}")
}

fn answer(stream: TcpStream, forge: &mut Forge) {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length, mut has_token) = (String::new(), 0, false);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        length = line.strip_prefix("content-length: ").map_or(length, |number| number.parse().unwrap());
        has_token |= line == "authorization: bearer made-up";
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let text = || serde_json::from_slice::<Value>(&body).unwrap()["body"].as_str().unwrap().to_owned();
    let words: Vec<&str> = first.split(' ').collect();
    let (method, path) = (words[0], words[1]);
    forge.asked.push((format!("{method} {path}"), has_token));
    let (status, told) = match path.strip_prefix("/repos/o/r/issues/").unwrap() {
        "7/comments" if method == "POST" => {
            let id = forge.comments.len() as u64 + 1;
            forge.comments.push((id, text()));
            ("201 Created", json!({ "id": id }))
        }
        rest if method == "PATCH" => {
            let id: u64 = rest.strip_prefix("comments/").unwrap().parse().unwrap();
            forge.comments[id as usize - 1].1 = text();
            ("200 OK", json!({ "id": id }))
        }
        rest => {
            let page: usize = rest.strip_prefix("7/comments?per_page=100&page=").unwrap().parse().unwrap();
            let all = forge.comments.iter().skip((page - 1) * 100).take(100);
            ("200 OK", all.map(|(id, body)| json!({ "id": id, "body": body })).collect())
        }
    };
    let told = told.to_string();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", told.len());
    reader.into_inner().write_all((head + &told).as_bytes()).unwrap();
}

/// Runs the step for a pull request from some repository.
fn run(stage: &Stage, address: &str, diff: &str, from: &str) -> Output {
    stage.write("summary", b"");
    let mut command = Command::new("bash");
    command.arg("-c").arg(script(include_str!("../../action.yml"), "diff")).current_dir(&stage.root);
    command.env("RUNNER_TEMP", stage.path("temp")).env("GITHUB_STEP_SUMMARY", stage.path("summary"));
    command.envs([
        ("DIFF", diff),
        ("CONFIG", ""),
        ("CHART_DIRS", ""),
        ("BASE", "HEAD~1"),
        ("PULL_REQUEST", "7"),
        ("HEAD_REPOSITORY", from),
        ("REPOSITORY", "o/r"),
        ("API", address),
        ("TOKEN", "made-up"),
        ("no_proxy", "127.0.0.1"),
    ]);
    command.output().unwrap()
}

/// Whether everything is here that the runner of a forge has.
fn has_tools() -> bool {
    let is_there = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    let missing = ["bash", "curl", "jq", "git"].into_iter().find(|name| !is_there(name));
    if let Some(name) = missing {
        eprintln!("SKIPPED: there is no {name} here");
    }
    missing.is_none()
}

/// A repository of two commits, of which the second changes an image.
fn stage() -> Stage {
    let stage = Stage::new(&[("prod/kustomization.yaml", "resources: [pod.yaml]\n"), ("prod/pod.yaml", BAD)]);
    let commit = |says: &str| {
        stage.git(&["add", "-A", "prod"]).unwrap();
        stage.git(&["commit", "-qm", says]).unwrap();
    };
    stage.git(&["init", "-q"]).unwrap();
    commit("first");
    stage.write("prod/pod.yaml", BAD.replace("nginx:latest", "nginx:1.27").as_bytes());
    commit("second");
    std::fs::create_dir_all(stage.path("temp/pintle/bin")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_pintle"), stage.path("temp/pintle/bin/pintle")).unwrap();
    stage
}

#[test]
fn a_pull_request_gets_one_comment_which_is_updated() {
    if !has_tools() {
        return;
    }
    let (stage, known) = (stage(), Arc::new(Mutex::new(Forge::default())));
    // What others wrote fills the first page, and one of them speaks of the mark.
    let others = (1..=120).map(|id| (id, format!("comment {id}: <!-- pintle diff --> is a mark")));
    known.lock().unwrap().comments = others.collect();
    let address = forge(known.clone());
    let ran = run(&stage, &address, "comment", "o/r");
    assert!(ran.status.success(), "{ran:?}");
    let told = |at: usize| known.lock().unwrap().comments[at].1.clone();
    assert!(told(120).starts_with("<!-- pintle diff -->\n### pintle: ") && told(120).contains("1.27"));
    assert_eq!(stage.read("summary"), told(120), "the summary has it, too");
    stage.write("prod/pod.yaml", BAD.replace("nginx:latest", "nginx:1.28").as_bytes());
    stage.git(&["commit", "-qam", "another"]).unwrap();
    stage.git(&["reset", "-q", "--soft", "HEAD~2"]).unwrap();
    stage.git(&["commit", "-qm", "both"]).unwrap();
    assert!(run(&stage, &address, "comment", "o/r").status.success());
    assert!(told(120).contains("1.28") && !told(120).contains("1.27"), "{}", told(120));
    let forge = known.lock().unwrap();
    assert_eq!(forge.comments.len(), 121, "no second comment");
    let changing: Vec<&str> = forge
        .asked
        .iter()
        .map(|(asked, _)| asked.as_str())
        .filter(|asked| !asked.starts_with("GET"))
        .collect();
    assert_eq!(changing, ["POST /repos/o/r/issues/7/comments", "PATCH /repos/o/r/issues/comments/121"]);
    assert!(forge.asked.iter().all(|(_, has_token)| *has_token));
    assert!(!stage.path("temp/pintle/authorization").exists(), "the token does not stay on the disk");
}

#[test]
fn nothing_is_asked_for_a_fork_or_a_summary() {
    if !has_tools() {
        return;
    }
    let (stage, known) = (stage(), Arc::new(Mutex::new(Forge::default())));
    let address = forge(known.clone());
    for (diff, from) in [("comment", "stranger/r"), ("comment", ""), ("summary", "o/r")] {
        let ran = run(&stage, &address, diff, from);
        assert!(ran.status.success(), "{diff} {from}: {ran:?}");
        assert!(stage.read("summary").contains("1.27"), "{diff} {from}");
    }
    let ran = run(&stage, &address, "comments", "o/r");
    assert_eq!(ran.status.code(), Some(2), "a word that is none of the two: {ran:?}");
    assert!(known.lock().unwrap().asked.is_empty(), "{:?}", known.lock().unwrap().asked);
}
