//! A registry of the test's own on loopback: it answers each question as the test says, and keeps what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the kindest of registries says of every tag.
pub(crate) const DIGEST: &str = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

/// A question: its first line and its headers, names in small letters.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Question {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// How an answer gets to whoever asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Manner {
    Whole,
    /// The connection ends after so many bytes of all that was to be sent.
    Torn(usize),
    /// A byte at a time, with a pause after each.
    Dripping(Duration),
    /// A body that goes on until nobody takes it, or so many bytes are sent.
    Endless(usize),
}

/// An answer: the line of its status, headers, body.
pub(crate) struct Reply {
    pub(crate) status: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    pub(crate) manner: Manner,
}

impl Reply {
    pub(crate) fn new(status: &'static str) -> Reply {
        Reply { status, headers: Vec::new(), body: String::new(), manner: Manner::Whole }
    }

    pub(crate) fn sent(self, manner: Manner) -> Reply {
        Reply { manner, ..self }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn body(self, body: &str) -> Reply {
        Reply { body: body.into(), ..self }
    }
}

pub(crate) fn digest() -> Reply {
    Reply::new("200 OK").with("docker-content-digest", DIGEST)
}

/// The commit that every tag of every repository is.
pub(crate) const COMMIT: &str = "1f2e3d4c5b6a79881726354453627180090a0b0c";

pub(crate) fn says_of_all(question: &Question, _: usize) -> Reply {
    if question.path.starts_with("/v2/") {
        return digest();
    }
    // Every release says something, and has this commit behind it; of branches there is one.
    git(question, |name| match name {
        "refs/heads/master" => Some(format!("{COMMIT} {name}")),
        _ => name.starts_with("refs/tags/v").then(|| format!("{} {name} peeled:{COMMIT}", "7".repeat(40))),
    })
}

/// A server of git that speaks the second edition of its protocol; `tells` makes a line of each name that is asked for.
pub(crate) fn git(question: &Question, tells: impl Fn(&str) -> Option<String>) -> Reply {
    let packet = |line: &str| format!("{:04x}{line}\n", line.len() + 5);
    if question.header("git-protocol") != Some("version=2") {
        return Reply::new("400 Bad Request");
    }
    if question.path.ends_with("/info/refs?service=git-upload-pack") && question.method == "GET" {
        let service = packet("# service=git-upload-pack");
        return Reply::new("200 OK").body(&format!(
            "{service}0000{}{}0000",
            packet("version 2"),
            packet("ls-refs=unborn")
        ));
    }
    if !question.path.ends_with("/git-upload-pack") || !question.body.contains("command=ls-refs") {
        return Reply::new("404 Not Found");
    }
    let names = question.body.split("ref-prefix ").skip(1).filter_map(|rest| rest.lines().next());
    let told: String = names.filter_map(tells).map(|line| packet(&line)).collect();
    Reply::new("200 OK").body(&format!("{told}0000"))
}

/// A registry that lives as long as the test; its threads end with the process.
pub(crate) struct Stub {
    /// `127.0.0.1:40001`
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Question>>>,
    sent: Arc<AtomicUsize>,
}

impl Stub {
    /// `answer` is given the question, and how many came before it.
    pub(crate) fn start(answer: impl Fn(&Question, usize) -> Reply + Send + Sync + 'static) -> Stub {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked: Arc<Mutex<Vec<Question>>> = Arc::default();
        let sent: Arc<AtomicUsize> = Arc::default();
        let (log, count, answer) = (asked.clone(), sent.clone(), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, count, answer) = (log.clone(), count.clone(), answer.clone());
                thread::spawn(move || {
                    let _ = serve(&stream, &log, &count, &*answer);
                });
            }
        });
        Stub { address, asked, sent }
    }

    /// How many bytes of endless answers somebody took.
    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    pub(crate) fn asked(&self) -> Vec<Question> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(
    stream: &TcpStream,
    log: &Mutex<Vec<Question>>,
    count: &AtomicUsize,
    answer: &(dyn Fn(&Question, usize) -> Reply + Send + Sync),
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let mut words = first.split_whitespace().map(str::to_owned);
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut question = Question { method, path, headers, body: String::new() };
        let length = question.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        question.body = String::from_utf8_lossy(&body).into_owned();
        let before = {
            let mut log = log.lock().unwrap();
            log.push(question.clone());
            log.len() - 1
        };
        let reply = answer(&question, before);
        let mut out = format!("HTTP/1.1 {}\r\n", reply.status);
        for (name, value) in &reply.headers {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
        match reply.manner {
            Manner::Endless(_) => out.push_str("transfer-encoding: chunked\r\n\r\n"),
            _ => out.push_str(&format!("content-length: {}\r\n\r\n", reply.body.len())),
        }
        if question.method != "HEAD" {
            out.push_str(&reply.body);
        }
        let mut stream = stream;
        match reply.manner {
            Manner::Whole => stream.write_all(out.as_bytes())?,
            Manner::Torn(bytes) => return stream.write_all(&out.as_bytes()[..bytes.min(out.len())]),
            Manner::Dripping(pause) => {
                for byte in out.bytes() {
                    stream.write_all(&[byte])?;
                    thread::sleep(pause);
                }
            }
            Manner::Endless(most) => {
                stream.write_all(out.as_bytes())?;
                let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
                while question.method != "HEAD" && count.fetch_add(chunk.len(), Ordering::Relaxed) < most {
                    stream.write_all(chunk.as_bytes())?;
                }
                return Ok(());
            }
        }
    }
}
